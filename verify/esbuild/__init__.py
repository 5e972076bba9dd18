"""esbuild, run over sources as a filter: a pinned native binary in a limited process that writes nothing."""
