"""Which module format a source has by the manifest above it."""

from __future__ import annotations

import posixpath

from provenly.trust.errors import MalformedError
from provenly.verify.comparison.manifest import load
from provenly.verify.explain.scene import Scene


class Formats:
    """Looks up the ``type`` of the nearest package.json, once for each folder.

    :param scene: the package and its source.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known: dict[str, str] = {}

    def of(self, source: str) -> str:
        """Return ``module``, ``commonjs``, or nothing where the nearest manifest does not say, or there is none."""
        return self._folder(posixpath.dirname(source))

    def _folder(self, folder: str) -> str:
        if folder not in self._known:
            path = posixpath.join(folder, "package.json")
            if path in self._scene.files:
                self._known[folder] = self._stated(path)
            else:
                self._known[folder] = self._folder(posixpath.dirname(folder)) if folder else ""
        return self._known[folder]

    def _stated(self, path: str) -> str:
        try:
            stated = load(self._scene.read([path]).get(path, b"{}"), path).get("type")
        except MalformedError:
            stated = None
        return str(stated) if stated in {"module", "commonjs"} else ""
