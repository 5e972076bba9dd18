"""The registry's word about a package: npm's documents, names, versions and settings."""
