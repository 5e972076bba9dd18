"""Both sides of a comparison rewritten by esbuild in the same way, so that what its minifier changes is the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from provenly.trust.errors import Error
from provenly.verify.esbuild.esbuild import Esbuild, Transform
from provenly.verify.esbuild.releases import Release
from provenly.verify.tracing.index import is_code
from provenly.verify.tracing.lines import Lines, split, without_map

FLAGS: Final = ("--minify-syntax", "--legal-comments=none", "--log-level=silent")
"""Names are left alone, and nothing is bundled."""


_LABEL: Final = re.compile(rb"^(?://|//#region) ([^\s:*?\"<>|]+\.(?:[cm]?[jt]sx?|json))[ \t]*$", re.MULTILINE)
"""The comment in which a bundler names a file. Within a string it is not one: then the string is another one on one
side, and its statement is not traced."""


class Prepass:
    """Rewrites files with one release of esbuild.

    :param flags: further flags: the target that the bundle was made for.
    """

    def __init__(self, esbuild: Esbuild, release: Release, flags: tuple[str, ...] = ()) -> None:
        self._esbuild = esbuild
        self._release = release
        self._flags = (*FLAGS, *flags)

    @property
    def mode(self) -> str:
        """What tells files that were rewritten so from others."""
        return " ".join((self._release.version, *self._flags))

    def bundles(self, files: Mapping[str, bytes]) -> tuple[Mapping[str, bytes], Mapping[str, Lines]]:
        """Return bundles as esbuild writes them, and where their lines are in the bundles as they were published.

        The comments that name files stay, which esbuild would remove.
        """
        named = {path: _LABEL.sub(rb"/*! \1 */", without_map(data)) for path, data in files.items()}
        flags = ("--legal-comments=inline", "--sourcemap=inline", "--sources-content=false")
        texts: dict[str, bytes] = {}
        lines: dict[str, Lines] = {}
        for path, data in self._written(named, flags).items():
            texts[path], found = split(data) if data is not named[path] else (data, None)
            if found is not None:
                lines[path] = found
        return texts, lines

    def rewritten(self, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Return files as esbuild writes them; those that it cannot read, and no code, are left as they are."""
        return self._written(files, ())

    def _written(self, files: Mapping[str, bytes], further: tuple[str, ...]) -> Mapping[str, bytes]:
        flags = (*self._flags, *further)
        items = [
            Transform(path=path, source=data, arguments=flags)
            for path, data in files.items()
            if is_code(path) and not path.endswith(".json")
        ]
        found = dict(files)
        for item, answer in zip(items, self._esbuild.transform(self._release, items), strict=True):
            if not isinstance(answer, Error):
                found[item.path] = answer
        return found
