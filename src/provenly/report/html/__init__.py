"""Reports as web pages: self-contained, without scripts, under a policy that lets nothing be loaded."""
