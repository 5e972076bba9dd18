"""A bundle that was made, and what it was made of."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenly.trust.text import plural

if TYPE_CHECKING:
    from provenly.verify.dependencies.model import LockedPackage
    from provenly.verify.esbuild.esbuild import Built


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A build that was made.

    :param built: what esbuild made.
    :param how: what was done, to follow the path of a source.
    :param tool: what made it, and who called that.
    :param places: the folder of each locked package that was there, in the repository.
    :param version: the version that took the place of the repository's, or empty.
    """

    built: Built
    how: str
    tool: str
    places: Mapping[str, LockedPackage] = field(repr=False)
    version: str = ""

    def origin(self, output: str) -> str:
        """Return the entry point that an output is made for, else its first source of the repository, else nothing."""
        stem = output.removesuffix(".map")
        entry = self.built.entries.get(stem, "")
        own = (path for path in (entry, *self.built.inputs.get(stem, ())) if path and not self._package(path))
        return next(own, "")

    def sentence(self, output: str) -> str:
        """Return what an output is made of, for people."""
        inputs = self.built.inputs.get(output.removesuffix(".map"), ())
        packages = {place for path in inputs if (place := self._package(path))}
        sources = sum(not self._package(path) for path in inputs)
        text = f"bundled by {self.tool} from {plural(sources, 'source')}"
        if packages:
            text += f" and {plural(len(packages), 'locked package')}"
        return f"{text}, with the version {self.version} of the package in package.json" if self.version else text

    def _package(self, path: str) -> str:
        """Return the folder of the locked package that a path lies in, or an empty string."""
        folder = posixpath.dirname(path)
        while folder and folder not in self.places:
            folder = posixpath.dirname(folder)
        return folder
