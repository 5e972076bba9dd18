"""What bundlers add to a bundle: the helpers of each, compared like any other source.

The files are data to compare with, and never run: what esbuild, rolldown and bun (each under the MIT licence) write at
the head of what they make, as it stands in published bundles. Every byte of them decides what counts as a helper, so
they are neither formatted nor reworded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def helpers() -> Mapping[str, bytes]:
    """Return the texts of the helpers, one file for each bundler and form."""
    folder = resources.files("provenly.verify.tracing").joinpath("helpers")
    files = sorted(folder.iterdir(), key=lambda one: one.name)
    return {one.name: one.read_bytes() for one in files if one.name.endswith(".js")}
