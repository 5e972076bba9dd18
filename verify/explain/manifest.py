"""Manifest: package.json, member by member, tolerating only what npm or a release tool rewrites.

Every tolerated member is named with both values and the reason. Whatever else differs (a script, a dependency, a
command, an entry point) leaves the file unexplained, with the members that did it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import MalformedError
from provenly.trust.evidence import Explanation, FileClass
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import ABSENT, FieldChange, differences, load, normalise
from provenly.verify.explain.published_folder import PublishedFolder
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.workspace_versions import WorkspaceVersions, replaces

PACKAGE_JSON: Final = "package.json"

WRITTEN_BY_NPM: Final = frozenset(
    {
        *("gitHead", "_id", "_from", "_resolved", "_integrity", "_nodeVersion", "_npmVersion", "_npmUser", "_shasum"),
        *("_npmOperationalInternal", "_hasShrinkwrap", "dist", "readme", "readmeFilename", "gypfile"),
    }
)
"""Members that npm and its predecessors write into the file, and that decide nothing for a user."""

WRITTEN_BY_COREPACK: Final = "packageManager"
"""What corepack and pnpm write into the manifest on the machine of whoever publishes. It is read where the package is
developed, never where it is installed."""

FOR_DEVELOPERS: Final = frozenset(
    {
        *(
            "devDependencies",
            "scripts",
            "private",
            "packageManager",
            "devEngines",
            "workspaces",
            "volta",
            "publishConfig",
        ),
        *("overrides", "resolutions", "pnpm", "lint-staged", "husky", "simple-git-hooks", "pre-commit", "commitlint"),
        *("eslintConfig", "eslintIgnore", "prettier", "stylelint", "babel", "browserslist", "jest", "vitest", "mocha"),
        *(
            "ava",
            "nyc",
            "c8",
            "tap",
            "xo",
            "standard",
            "release",
            "release-it",
            "semantic-release",
            "np",
            "nx",
            "lerna",
        ),
        *("turbo", "wireit", "tsup", "tshy", "unbuild", "size-limit", "bundlesize", "config", "files", "clean-publish"),
        *("changesets", "auto", "standard-version", "renovate", "knip", "ts-node", "tsd", "nodemonConfig", "tsc-alias"),
    }
)
"""Members that publishing tools remove: they serve whoever works on the package. Only their removal is tolerated, whole
or in part: less can run, not more."""

PUBLISHED_INSTEAD: Final = frozenset(
    {
        *("main", "module", "browser", "exports", "types", "typings", "bin", "type", "imports", "cpu", "os", "engines"),
        *("typesVersions", "umd:main", "unpkg", "es2015", "esnext", "libc"),
    }
)
"""Members for which pnpm and Yarn publish what ``publishConfig`` says (pnpm, package.json: publishConfig)."""

_SHORT: Final = re.compile(r"(?:github:)?(?P<name>[\w.\-]{1,100}/[\w.\-]{1,100})", re.ASCII)
_GITHUB: Final = re.compile(r"\A(?:git://|ssh://git@|git@|http://|https://)(?:www\.)?github\.com[/:]")
"""Spellings of a repository at GitHub (npm, package.json: repository)."""

DEPENDENCIES: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")

INSTALLED_WITH_IT: Final = ("dependencies", "optionalDependencies", "peerDependencies")
"""What is installed beside the package. Who bundles dependencies removes them here: less is installed, not more."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The explainer; see the module."""

    name: str = "manifest"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield an explanation of package.json, or the reason why there is none."""
        for entry in left:
            if entry.path == PACKAGE_JSON and (path := scene.beside(PACKAGE_JSON)) in scene.files:
                file_class, detail = self._judge(scene, entry, path)
                yield scene.explanation(entry, file_class, self.name, source=path, detail=detail)

    def _judge(self, scene: Scene, entry: FileEntry, path: str) -> tuple[FileClass, str]:
        data = scene.read([path]).get(path)
        if data is None:
            return FileClass.UNEXPLAINED, f"{path} is over the size limit of the source"
        try:
            source = load(data, path)
        except MalformedError as error:
            return FileClass.UNEXPLAINED, f"the source's own manifest cannot be read: {error.message}"
        packed = load(scene.content(entry), PACKAGE_JSON)
        changes = differences(source, packed)
        if not changes:
            return FileClass.MANIFEST, "the same members in another layout"
        versions = WorkspaceVersions(scene)
        folder = PublishedFolder.of(scene, source, packed)
        reasons = [(change, tolerated(change, source, packed, versions, folder)) for change in changes]
        if "binding.gyp" in scene.artifact.contents:
            reasons = [(change, "" if _lets_gyp_run(change) else reason) for change, reason in reasons]
        refused = [change.text for change, reason in reasons if not reason]
        if refused:
            return FileClass.UNEXPLAINED, f"the source's manifest says otherwise: {'; '.join(refused)}"
        return FileClass.MANIFEST, "; ".join(f"{change.text} ({reason})" for change, reason in reasons)


def tolerated(
    change: FieldChange,
    source: Mapping[str, Json],
    packed: Mapping[str, Json],
    versions: WorkspaceVersions,
    folder: PublishedFolder,
) -> str:
    """Return why a difference between the source's manifest and the packed one is harmless; empty if it is not.

    :param change: from the source to the package.
    :param source: the manifest at the commit.
    :param packed: the manifest in the package.
    :param versions: what the packages of the same repository are called and which versions they have.
    :param folder: from which folder the package was published.
    """
    member = change.keys[0]
    if reason := _written(change) or _for_others(change):
        return reason
    if member in PUBLISHED_INSTEAD and _is_published_instead(member, source, packed):
        return "publishConfig in the source says so"
    if member in {"bin", "main", "repository"} and _same_normalised(member, source, packed):
        return "another spelling of the same"
    if folder.explains(change):
        return f"the package is published from the folder {folder.name}"
    own = member in DEPENDENCIES and _replaced(change, versions, packed)
    return "the repository's own range, written out" if own else ""


def _lets_gyp_run(change: FieldChange) -> bool:
    """Whether a script is gone whose absence makes npm run ``node-gyp rebuild`` of its own accord."""
    if change.keys[0] != "scripts":
        return False
    gone = change.keys[1:] or (tuple(change.before) if isinstance(change.before, Mapping) else ())
    return bool({"install", "preinstall"} & set(gone))


def _written(change: FieldChange) -> str:
    """Return who writes a member of its own accord, or an empty string."""
    if change.keys == ("version",) and isinstance(change.after, str):
        return "written at release"
    if change.keys == (WRITTEN_BY_COREPACK,) and isinstance(change.after, str):
        return "written by corepack; it is not read where the package is installed"
    # Lerna writes its gitHead over one that was committed.
    new = change.before is ABSENT or change.keys == ("gitHead",)
    return "written by npm" if len(change.keys) == 1 and new and change.keys[0] in WRITTEN_BY_NPM else ""


def _for_others(change: FieldChange) -> str:
    """Return why a change means nothing to whoever installs the package, or an empty string."""
    member = change.keys[0]
    if member == "devDependencies":
        return "never installed with the package"
    if member in INSTALLED_WITH_IT and change.after is ABSENT:
        return "removed at release; nothing more is installed"
    if member in FOR_DEVELOPERS and _is_removal(change):
        return "removed at release; it serves developers only"
    return ""


def _is_removal(change: FieldChange) -> bool:
    if isinstance(change.before, tuple) and isinstance(change.after, tuple):
        return set(map(str, change.after)) < set(map(str, change.before))
    return change.after is ABSENT or (change.keys == ("private",) and change.after is False)


def _is_published_instead(member: str, source: Mapping[str, Json], packed: Mapping[str, Json]) -> bool:
    config = source.get("publishConfig")
    return (
        isinstance(config, Mapping)
        and member in config
        and not differences({member: config[member]}, {member: packed.get(member)})
    )


def _same_normalised(member: str, source: Mapping[str, Json], packed: Mapping[str, Json]) -> bool:
    """Whether npm's own normalisation makes a member equal: a command as a string, a leading ``./``, a bare URL.

    Of a repository it also makes ``git+https://github.com/a/b.git`` of any other spelling (``npm pkg fix``).
    """
    if member == "repository":
        address = _repository(source.get(member))
        return bool(address[0]) and address == _repository(packed.get(member))
    name = packed.get("name", "")
    left = normalise({"name": name, member: source.get(member)})
    right = normalise({"name": name, member: packed.get(member)})
    return not differences(left, right)


def _repository(value: Json) -> tuple[str, str]:
    """Return the address of a repository in one spelling, and the directory in it; empty where there is no address."""
    stated: Mapping[str, Json] = value if isinstance(value, Mapping) else {"url": value}
    url, directory = stated.get("url"), stated.get("directory")
    if not isinstance(url, str) or set(stated) - {"type", "url", "directory"} or stated.get("type", "git") != "git":
        return "", ""
    if short := _SHORT.fullmatch(url):
        url = f"https://github.com/{short['name']}"
    url = url.removeprefix("git+").removesuffix("/").removesuffix(".git")
    url = _GITHUB.sub("https://github.com/", url)
    return url, directory if isinstance(directory, str) else ""


def _replaced(change: FieldChange, versions: WorkspaceVersions, packed: Mapping[str, Json]) -> bool:
    """Whether a range that only the repository's own tools understand was replaced by what it stands for there."""
    before, after = change.before, change.after
    if len(change.keys) != 2 or not isinstance(before, str) or not isinstance(after, str):  # noqa: PLR2004 - member and name
        return False
    return replaces(after, before, change.keys[1], versions, own_version=packed.get("version"))
