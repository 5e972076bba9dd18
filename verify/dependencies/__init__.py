"""What a lockfile locks, and the bytes of it."""
