"""The explainers: why a packed file may differ from the source, one reason a module."""
