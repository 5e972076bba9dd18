"""Every packed file against the source: what can run, what differs, and where."""
