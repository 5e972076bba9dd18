"""Writing it down: documents in formats that other tools read. Nothing here asks or decides."""
