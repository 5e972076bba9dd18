"""Sigstore bundles: from bytes to a payload, who signed it, and when."""
