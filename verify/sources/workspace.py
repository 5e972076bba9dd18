"""Where a package lives inside its repository: the manifest that carries its name, at one commit or another.

Of the packages that do not live at the root of their repository fewer than a third say where
(``repository.directory``), and some say something else; so a claimed directory is only a hint, and the manifest's name
decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.model import NOTHING, Note
from provenly.trust.source import TreeEntry
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.context import Repository
from provenly.verify.sources.folders import is_doubtful, is_no_source

MANIFEST: Final = "package.json"

MAX_MANIFESTS: Final = 400
"""Manifests of one tree that are read. The largest monorepos of the survey have some hundred packages."""

MAX_MANIFEST: Final = 1024 * 1024
"""Bytes of a manifest in the source; real ones have some kilobytes, and hundreds of them may be read."""

BATCH: Final = 50
"""Manifests that are asked for at once: one request to the forge for each batch."""

_WORKSPACES: Final = frozenset(
    {"packages", "src", "apps", "libs", "servers", "plugins", "modules", "crates", "js", "npm"}
)
"""Folders in which monorepos keep their packages."""

REGULAR: Final = frozenset({"100644", "100755"})
"""The modes of files that have contents of their own: neither symbolic links nor submodules."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A manifest that carries the package's name, in one commit.

    :param directory: the package's directory, ``""`` for the root.
    :param blob: the manifest's object id.
    :param manifest: the manifest.
    """

    directory: str
    blob: str
    manifest: Mapping[str, Json] = field(repr=False)

    @property
    def path(self) -> str:
        """The path of the manifest."""
        return f"{self.directory}/{MANIFEST}" if self.directory else MANIFEST

    @property
    def version(self) -> str:
        """The version that it carries, or empty."""
        version = self.manifest.get("version")
        return version if isinstance(version, str) else ""

    @property
    def private(self) -> bool:
        """Whether it says that npm must refuse to publish it; any value but false does so to npm."""
        return bool(self.manifest.get("private"))


class Workspace:
    """Reads manifests out of one repository, each blob once.

    :param repository: the repository; what it raises goes on up.
    :param name: the name of the package that is looked for.
    """

    def __init__(self, repository: Repository, name: str) -> None:
        self.repository = repository
        self.name = name
        self.notes: list[Note] = []
        self._manifests: dict[str, Mapping[str, Json] | None] = {}
        self._versions: dict[str, Json] = {}

    def locate(self, tree: Mapping[str, TreeEntry], hint: str) -> Place | None:
        """Return the manifest that carries the name: in the hinted directory, at the root, or the shallowest.

        Manifests among examples and copies come after the others (see :mod:`~provenly.verify.sources.folders`), and
        private ones last: npm cannot have published them as they are.

        :param tree: every file of the commit by path.
        :param hint: the directory that is claimed or was right at another commit.
        """
        paths = self._paths(tree, hint)
        if len(paths) > MAX_MANIFESTS:
            self._note("SOURCE_MANIFESTS", f"{len(paths)} manifests are in the source; {MAX_MANIFESTS} were read")
        private: Place | None = None
        # The hint and the root answer nearly always, so they are asked for before the rest.
        bounds = (0, *range(2, min(len(paths), MAX_MANIFESTS), BATCH), MAX_MANIFESTS)
        for first, last in pairwise(bounds):
            group = paths[first:last]
            self.read(tree[path].blob for path in group)
            for path in group:
                place = self._place(path, tree[path].blob)
                if place is not None and not place.private:
                    return place
                private = private or place
        return private

    def unsure(self, tree: Mapping[str, TreeEntry], hint: str) -> str:
        """Return why it says nothing that :meth:`locate` found no manifest; empty where that is an answer."""
        paths = self._paths(tree, hint)
        if len(paths) > MAX_MANIFESTS:
            return f"{len(paths):,} manifests are in the source, and only {MAX_MANIFESTS} of them were read"
        likely = dict.fromkeys((f"{hint}/{MANIFEST}" if hint else MANIFEST, MANIFEST))
        unread = [path for path in likely if path in paths and self._manifests.get(tree[path].blob, {}) is None]
        return f"{unread[0]} of the source cannot be read" if unread else ""

    def others(self, tree: Mapping[str, TreeEntry], hint: str) -> frozenset[str]:
        """Return the versions of the other packages of the source, private ones and its root among them."""
        paths = self._paths(tree, hint)[:MAX_MANIFESTS]
        self.read(tree[path].blob for path in paths)
        versions = (self._versions.get(tree[path].blob) for path in paths)
        return frozenset(version for version in versions if isinstance(version, str))

    def read(self, blobs: Iterable[str]) -> Mapping[str, Mapping[str, Json]]:
        """Return the manifests with these object ids; one that carries another name is returned empty.

        A blob that is no manifest that can be read is left out, with a note.
        """
        wanted = tuple(dict.fromkeys(blobs))
        missing = [blob for blob in wanted if blob not in self._manifests]
        found = self.repository.blobs(missing) if missing else {}
        for blob in missing:
            self._manifests[blob] = self._parsed(blob, found.get(blob))
        known = {blob: self._manifests[blob] for blob in wanted}
        return {blob: manifest for blob, manifest in known.items() if manifest is not None}

    def _parsed(self, blob: str, data: bytes | None) -> Mapping[str, Json] | None:
        if data is None or len(data) > MAX_MANIFEST:
            self._note("SOURCE_MANIFEST_UNREAD", "a manifest in the source is too large to be read", blob)
            return None
        try:
            manifest = load(data, f"the manifest {blob[:12]} of the source")
        except MalformedError as error:
            self._note("SOURCE_MANIFEST_UNREAD", f"a manifest in the source cannot be read: {error.message}", blob)
            return None
        if manifest.get("name") == self.name:
            return manifest
        self._versions[blob] = manifest.get("version")
        return NOTHING

    def _place(self, path: str, blob: str) -> Place | None:
        manifest = self._manifests[blob]
        if not manifest:
            return None
        return Place(directory=path.removesuffix(MANIFEST).removesuffix("/"), blob=blob, manifest=manifest)

    def _paths(self, tree: Mapping[str, TreeEntry], hint: str) -> list[str]:
        """Return the paths of the manifests that may be the package's, the likeliest first."""
        hinted = f"{hint}/{MANIFEST}" if hint else MANIFEST
        likely = self.name.rpartition("/")[2]

        def order(path: str) -> tuple[bool, bool, bool, bool, int, bool, str]:
            parts = path.split("/")[:-1]
            named = bool(parts) and parts[-1] in likely
            doubtful = is_doubtful(path, self.name)
            return (path != hinted, bool(parts), doubtful, not named, len(parts), not _WORKSPACES & set(parts), path)

        found = [
            path
            for path, entry in tree.items()
            if path.rpartition("/")[2] == MANIFEST
            and entry.mode in REGULAR
            and (path == hinted or not is_no_source(path))
        ]
        return sorted(found, key=order)

    def _note(self, code: str, text: str, where: str = "") -> None:
        note = Note(code=code, text=text, where=where)
        if note not in self.notes:
            self.notes.append(note)
