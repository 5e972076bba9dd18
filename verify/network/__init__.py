"""What the transport stands on: addresses, one request on the wire, and the cache."""
