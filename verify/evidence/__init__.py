"""Evidence folders: recording what a verification consulted, and replaying it."""
