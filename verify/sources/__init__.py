"""From the claims of a package to the commit that it is compared with, and back: who owns up to it."""
