"""The demonstration: an attack like postmark-mcp, made and caught on this machine, with no network."""
