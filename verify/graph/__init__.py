"""The tree of dependencies that a user would install: resolved by npm's own resolver, looked at one by one."""
