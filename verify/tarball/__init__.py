"""The package as bytes: the archive reader, and the names that npm gives to what is in it."""
