"""What the ranges stand for that only a repository's own tools understand: ``workspace:``, ``catalog:``, ``file:``.

The rules are those of pnpm (workspaces, catalogs), Yarn (workspaces) and Bun; they all replace such ranges when they
pack: ``workspace:*`` becomes the version, ``workspace:^`` and ``workspace:~`` put that sign before it, and anything
else after ``workspace:`` is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.explain.scene import Scene

MAX_MANIFESTS: Final = 400
"""Manifests of a repository that are read for their names and versions; large monorepos have some hundred packages."""

_OTHERS: Final = frozenset(
    {"node_modules", "fixtures", "__fixtures__", "test", "tests", "__tests__", "examples", "templates"}
)
"""Folders whose manifests are no packages of the repository."""

MAX_YAML: Final = 256 * 1024
"""Bytes of a pnpm-workspace.yaml that are read. Large ones have some ten kilobytes."""


class WorkspaceVersions:
    """The packages and catalogs of a repository, read when they are first asked for.

    :param scene: whose source is read.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._versions: Mapping[str, str] | None = None
        self._catalogs: Mapping[tuple[str, str], str] | None = None

    def version(self, name: str) -> str:
        """Return the version of the repository's package ``name``, or an empty string.

        :raises UnavailableError: the source could not be read.
        """
        if self._versions is None:
            self._versions = dict(self._read_versions())
        return self._versions.get(name, "")

    def catalog(self, catalog: str, name: str) -> str:
        """Return the range that ``name`` has in a catalog, or an empty string; the default catalog is ``default``.

        :raises UnavailableError: the source could not be read.
        """
        if self._catalogs is None:
            self._catalogs = dict(self._read_catalogs())
        return self._catalogs.get((catalog, name), "")

    def _read_versions(self) -> Iterator[tuple[str, str]]:
        paths = [
            path for path in self._scene.by_name.get("package.json", ()) if not _OTHERS & set(path.split("/")[:-1])
        ]
        for path, data in self._scene.read(paths[:MAX_MANIFESTS]).items():
            manifest = _load(data, path)
            name, version = manifest.get("name"), manifest.get("version")
            if isinstance(name, str) and isinstance(version, str):
                yield name, version

    def _read_catalogs(self) -> Iterator[tuple[tuple[str, str], str]]:
        found = self._scene.read(["package.json", "pnpm-workspace.yaml"])
        root = _load(found["package.json"], "package.json") if "package.json" in found else {}
        workspaces = root.get("workspaces")
        for holder in (root, workspaces if isinstance(workspaces, Mapping) else {}):
            yield from _entries("default", holder.get("catalog"))
            catalogs = holder.get("catalogs")
            for name, ranges in catalogs.items() if isinstance(catalogs, Mapping) else ():
                yield from _entries(name, ranges)
        yield from _yaml_catalogs(found.get("pnpm-workspace.yaml", b"")[:MAX_YAML].decode("utf-8", "replace"))


def _load(data: bytes, path: str) -> Mapping[str, Json]:
    """Read a manifest; one that cannot be read names no package. Nothing is taken from it, so nothing is excused."""
    try:
        return load(data, path)
    except MalformedError:
        return {}


def _entries(catalog: str, ranges: Json) -> Iterator[tuple[tuple[str, str], str]]:
    for name, wanted in ranges.items() if isinstance(ranges, Mapping) else ():
        if isinstance(wanted, str):
            yield (catalog, name), wanted


def _yaml_catalogs(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Read ``catalog`` and ``catalogs`` of a pnpm-workspace.yaml: nested mappings of plain strings, nothing else.

    A line that is not understood is passed over: the range that it may hold is then not known, and excuses nothing.
    """
    above: list[tuple[int, str]] = []
    for line in text.splitlines():
        body = line.lstrip(" ")
        key, value = _yaml_member(body)
        if not key:
            continue
        depth = len(line) - len(body)
        while above and above[-1][0] >= depth:
            above.pop()
        path = tuple(name for _, name in above)
        if value and path == ("catalog",):
            yield ("default", key), value
        elif value and len(path) == 2 and path[0] == "catalogs":  # noqa: PLR2004 - catalogs, then the catalog's name
            yield (path[1], key), value
        elif not value:
            above.append((depth, key))


def _yaml_member(text: str) -> tuple[str, str]:
    """Return the key and the plain or quoted value of ``text``, both empty where it is no member of a mapping."""
    if text[:1] in {'"', "'"}:
        key, _, rest = text[1:].partition(text[0])
        colon, value = rest.lstrip(" ")[:1], rest.lstrip(" ")[1:]
    else:
        key, colon, value = text.partition(":")
    if colon != ":" or key.startswith(("#", "-", "?")) or (value and value[0] not in " \t\r"):
        return "", ""
    value = value.strip()
    if value[:1] in {'"', "'"}:
        return key.strip(), value[1:].partition(value[0])[0]
    return key.strip(), value.partition(" #")[0].strip() if not value.startswith("#") else ""


def replaces(after: str, before: str, name: str, versions: WorkspaceVersions, *, own_version: Json) -> bool:
    """Whether the packed range ``after`` is what the source's range ``before`` stands for.

    :param after: the range in the package.
    :param before: the range in the source.
    :param name: the dependency that both are for.
    :param versions: what the repository holds.
    :param own_version: the version of the package itself. Packages of one repository are often released together, under
        a version that is never committed: then the dependency has it too.
    """
    kind, _, rest = before.partition(":")
    if kind == "catalog":
        return bool(rest := versions.catalog(rest or "default", name)) and after == rest
    if kind not in {"workspace", "file", "link", "portal"}:
        return False
    if kind == "workspace" and rest not in {"*", "^", "~"} and not rest.startswith((".", "/")):
        target, _, wanted = rest.rpartition("@")
        return after in ({f"npm:{target}@{form}" for form in _forms(wanted, versions, target)} if target else {rest})
    if not versions.version(name):
        return False
    allowed = {versions.version(name), own_version} if isinstance(own_version, str) else {versions.version(name)}
    signs = {"*": ("",), "^": ("^",), "~": ("~",)}.get(rest, ("", "^", "~")) if kind == "workspace" else ("", "^", "~")
    return any(after == f"{sign}{version}" for sign in signs for version in allowed)


def _forms(wanted: str, versions: WorkspaceVersions, target: str) -> set[str]:
    version = versions.version(target)
    return {f"{wanted}{version}" if wanted in {"^", "~"} else version if wanted == "*" else wanted}
