"""Recompiled: the TypeScript compiler makes the very bytes of the sources at the commit."""
