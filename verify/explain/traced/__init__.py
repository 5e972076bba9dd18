"""Traced: each statement of a bundle comes from the sources at the commit, or from a dependency that is locked."""
