"""Compilers of other languages, run over sources in memory: nothing of a package is installed, built or executed."""
