"""Bundled: esbuild makes the very bundle of the sources at the commit, called as the repository calls it."""

from provenly.verify.explain.bundled.explainer import Bundled

__all__ = ["Bundled"]
