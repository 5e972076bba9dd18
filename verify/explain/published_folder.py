"""Packages that are published from the folder of their build: ``npm publish dist``.

The manifest in such a folder is written by a script (nx, Angular's packager, generators of API clients): the one of the
source, with paths that begin where the folder does. ``./dist/index.js`` has become ``./index.js``, and may have got its
types beside it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from provenly.trust.strict_json import Json
from provenly.verify.comparison.kinds import is_declaration
from provenly.verify.comparison.manifest import FieldChange
from provenly.verify.explain.scene import Scene

MEMBERS: Final = ("main", "module", "browser", "types", "typings", "bin", "exports", "imports", "typesVersions")
"""Members of a manifest whose values are paths of files in the package."""

MAX_PATHS: Final = 4_000
"""Paths in these members; a client with an entry point for each of its modules has some hundred."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedFolder:
    """The folder that a package was published from.

    :param name: its path from the package's directory; empty where the package was published from that itself.
    """

    name: str
    _scene: Scene

    @classmethod
    def of(cls, scene: Scene, source: Mapping[str, Json], packed: Mapping[str, Json]) -> Self:
        """Return the folder that tells the paths of two manifests apart, all of them; else one without a name.

        :param source: the manifest at the commit.
        :param packed: the manifest in the package.
        """
        before, after = (
            [posixpath.normpath(text) for member in MEMBERS for text in _texts(manifest.get(member))][:MAX_PATHS]
            for manifest in (source, packed)
        )
        folders = {path.partition("/")[0] for path in before if "/" in path and not path.startswith("..")}
        for folder in sorted(folders):
            inside = f"{folder}/"
            if any(path.startswith(inside) for path in (*after, *scene.artifact.contents)):
                continue
            return cls(name=folder, _scene=scene)
        return cls(name="", _scene=scene)

    def explains(self, change: FieldChange) -> bool:
        """Whether a difference is that a path begins in this folder, and nothing else.

        The packed path must not be that of another file of the source: then it would lead to that one.
        """
        if not self.name or change.keys[0] not in MEMBERS:
            return False
        before, after = change.before, change.after
        if isinstance(before, str) and isinstance(after, Mapping) and set(after) == {"types", "default"}:
            types, after = after["types"], after["default"]
            if not isinstance(types, str) or not is_declaration(types):
                return False
        if not isinstance(before, str) or not isinstance(after, str):
            return False
        path = posixpath.normpath(after)
        return posixpath.normpath(before) == f"{self.name}/{path}" and self._scene.beside(path) not in self._scene.files


def _texts(value: Json) -> Iterator[str]:
    waiting, count = [value], 0
    while waiting and count < MAX_PATHS:
        item = waiting.pop()
        count += 1
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, tuple):
            waiting.extend(item)
