"""What a reader of a package.json should know before trusting the package: one pass, one note for each thing seen."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from provenly.trust.model import Note
from provenly.trust.strict_json import Json

KNOWN_KEYS: Final = frozenset(
    {
        *("name", "version", "description", "keywords", "homepage", "bugs", "license", "author"),
        *("contributors", "funding", "files", "exports", "imports", "main", "module", "browser"),
        *("bin", "man", "directories", "repository", "scripts", "gypfile", "config", "dependencies"),
        *("devDependencies", "peerDependencies", "peerDependenciesMeta", "bundleDependencies"),
        *("bundledDependencies", "optionalDependencies", "overrides", "engines", "os", "cpu", "libc"),
        *("private", "publishConfig", "workspaces", "type", "types", "typings"),
    }
)
"""The members that npm, Node.js and TypeScript read (npm, package.json; Node.js, packages)."""

TOOLS: Final = frozenset(
    {
        *("node", "npm", "npx", "corepack", "yarn", "yarnpkg", "pnpm", "pnpx", "bun", "bunx", "deno"),
        *("git", "ssh", "scp", "curl", "wget", "sh", "bash", "zsh", "cmd", "powershell", "pwsh"),
        *("python", "python3", "pip", "pip3", "pipx", "uv", "uvx", "ruby", "gem", "perl", "cargo"),
        *("go", "make", "gcc", "cc", "docker", "kubectl", "sudo", "su", "env", "cat", "ls", "cp"),
        *("mv", "rm", "cd", "echo", "kill", "ps", "tar", "unzip", "open", "claude", "cursor", "code"),
    }
)
"""Commands that people and scripts expect to be something else than a package's command of the same name."""

_PROTO_KEYS: Final = ("__proto__", "constructor", "prototype")

_DEPENDENCIES: Final = ("dependencies", "optionalDependencies", "peerDependencies")

_REGISTRY_PROTOCOLS: Final = ("npm:", "workspace:", "catalog:")

_BY_LOWER: Final[Mapping[str, str]] = MappingProxyType({key.lower(): key for key in KNOWN_KEYS})


def examine(manifest: Mapping[str, Json], paths: Collection[str]) -> tuple[Note, ...]:
    """Return what is unusual about a package's manifest, together with its files.

    Where the manifest claims its source is not looked at here: :mod:`~provenly.verify.sources.source_url` does; what
    shows in the bytes of files, :mod:`~provenly.verify.comparison.surface` reports.

    :param manifest: the package.json, as :func:`~provenly.verify.comparison.manifest.load` read it.
    :param paths: of every packed file.
    :returns: notes in the order of their codes' appearance in this module, each with the path or member it is about.
    """
    return tuple(note for look in _LOOKS for note in look(manifest, paths))


def _keys(manifest: Mapping[str, Json], _paths: Collection[str]) -> Iterator[Note]:
    """Report keys that another reader may take for known ones, or that change JavaScript objects."""
    for key in manifest:
        known = _BY_LOWER.get(key.lower(), key)
        if known != key and key not in _BY_LOWER.values():
            text = f"the key {key!r} differs from {known!r} only in case; some readers take one for the other"
            yield Note(code="MANIFEST_CASE_KEY", text=text, where=key)
    for path, key in _all_keys((), manifest):
        if key == "__proto__" or (key in _PROTO_KEYS and not path):
            where = ".".join((*path, key))
            yield Note(code="MANIFEST_PROTO_KEY", text=f"the key {key!r} can change what other keys are", where=where)


def _all_keys(path: tuple[str, ...], value: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield path, key
            yield from _all_keys((*path, key), member)
    elif isinstance(value, tuple):
        for index, member in enumerate(value):
            yield from _all_keys((*path, str(index)), member)


def _gyp(manifest: Mapping[str, Json], paths: Collection[str]) -> Iterator[Note]:
    """Report what npm builds without being told to: it runs node-gyp where a .gyp file lies and no script is named."""
    scripts = manifest.get("scripts")
    declared = isinstance(scripts, Mapping) and ("install" in scripts or "preinstall" in scripts)
    if declared or manifest.get("gypfile") is False:
        return
    for path in sorted(paths):
        if "/" not in path and path.lower().endswith(".gyp"):
            text = f"npm runs `node-gyp rebuild` because {path} is there, though no install script is declared"
            yield Note(code="INSTALL_IMPLICIT_GYP", text=text, where=path)


def _commands(manifest: Mapping[str, Json], _paths: Collection[str]) -> Iterator[Note]:
    """Report commands that point out of the package, have a path for a name, or hide a tool of that name."""
    declared = manifest.get("bin")
    if isinstance(declared, str):
        declared = {posixpath.basename(str(manifest.get("name", ""))): declared}
    for command, target in declared.items() if isinstance(declared, Mapping) else ():
        where = f"bin.{command}"
        if isinstance(target, str) and climbs(target):
            text = f"the command {command!r} is a file outside the package: {target!r}"
            yield Note(code="MANIFEST_PATH_ESCAPE", text=text, where=where)
        if command in {"", ".", ".."} or any(mark in command for mark in "/\\:"):
            yield Note(code="MANIFEST_PATH_ESCAPE", text=f"the command name {command!r} is a path", where=where)
        if posixpath.basename(command).lower() in TOOLS:
            text = f"the command {command!r} stands where a tool of that name is expected"
            yield Note(code="BIN_SHADOWS_TOOL", text=text, where=where)
    directories = manifest.get("directories")
    folder = directories.get("bin") if isinstance(directories, Mapping) else None
    if folder is not None:
        text = f"every file in {folder!r} becomes a command (directories.bin)"
        yield Note(code="BIN_DIRECTORY", text=text, where="directories.bin")
        if isinstance(folder, str) and climbs(folder):
            text = f"directories.bin is outside the package: {folder!r}"
            yield Note(code="MANIFEST_PATH_ESCAPE", text=text, where="directories.bin")


def climbs(path: str) -> bool:
    """Whether ``path``, as a manifest writes it, is absolute or leads out of the package."""
    path = path.replace("\\", "/")
    normal = posixpath.normpath(path)
    return path.startswith("/") or normal == ".." or normal.startswith("../") or path[1:2] == ":"


def _nested(manifest: Mapping[str, Json], paths: Collection[str]) -> Iterator[Note]:
    """Report other packages inside this one: no integrity of their own covers them."""
    bundled = manifest.get("bundleDependencies", manifest.get("bundledDependencies"))
    names: set[str] = set()
    if bundled is True and isinstance(wanted := manifest.get("dependencies"), Mapping):
        names = set(wanted)
    elif isinstance(bundled, (tuple, Mapping)):
        names = {str(name) for name in bundled}
    for name in sorted(names):
        text = f"{name} is packed into this archive, where its own integrity and signature do not cover it"
        yield Note(code="BUNDLED_DEPENDENCY", text=text, where=name)
    inside = {owner for path in paths if (owner := _owner(path))}
    for name in sorted(inside - names):
        text = f"node_modules/{name} is packed into this archive without being declared as bundled"
        yield Note(code="NESTED_NODE_MODULES", text=text, where=f"node_modules/{name}")


def _owner(path: str) -> str:
    """Return the package below the first ``node_modules`` of ``path``, or an empty string where there is none."""
    parts = path.split("/")
    if "node_modules" not in parts[:-1]:
        return ""
    rest = parts[parts.index("node_modules") + 1 :]
    return "/".join(rest[:2]) if rest[0].startswith("@") else rest[0]


def _imports(manifest: Mapping[str, Json], _paths: Collection[str]) -> Iterator[Note]:
    """Report import maps that lead to a URL."""
    for member in ("imports", "exports"):
        for path, target in _strings((member,), manifest.get(member)):
            if "://" in target or target.lower().startswith("data:"):
                text = f"{'.'.join(path)} loads code from {target!r}"
                yield Note(code="MANIFEST_REMOTE_IMPORT", text=text, where=".".join(path))


def _strings(path: tuple[str, ...], value: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _strings((*path, key), member)
    elif isinstance(value, tuple):
        for index, member in enumerate(value):
            yield from _strings((*path, str(index)), member)


def _dependencies(manifest: Mapping[str, Json], paths: Collection[str]) -> Iterator[Note]:
    """Report dependencies that are installed under another name, or from somewhere else than a registry."""
    for member in _DEPENDENCIES:
        wanted = manifest.get(member)
        for name, specifier in wanted.items() if isinstance(wanted, Mapping) else ():
            where = f"{member}.{name}"
            if not isinstance(specifier, str):
                continue
            if specifier.startswith("npm:"):
                text = f"the dependency {name!r} is really {specifier[4:]!r}"
                yield Note(code="DEP_ALIAS", text=text, where=where)
            elif (":" in specifier or "/" in specifier) and not specifier.startswith(_REGISTRY_PROTOCOLS):
                text = f"the dependency {name!r} comes from {specifier!r}, not from a registry"
                yield Note(code="DEP_NOT_REGISTRY", text=text, where=where)
            elif specifier.startswith(("workspace:", "catalog:")):
                text = f"the dependency {name!r} has the specifier {specifier!r}, which npm cannot install"
                yield Note(code="DEP_UNRESOLVED", text=text, where=where)
    if "npm-shrinkwrap.json" in paths:
        text = "npm-shrinkwrap.json decides which dependencies are installed, whatever package.json says"
        yield Note(code="SHRINKWRAP", text=text, where="npm-shrinkwrap.json")


def _start(manifest: Mapping[str, Json], paths: Collection[str]) -> Iterator[Note]:
    scripts = manifest.get("scripts")
    if "server.js" in paths and not (isinstance(scripts, Mapping) and "start" in scripts):
        text = "`npm start` runs server.js, because no start script is declared"
        yield Note(code="IMPLICIT_START", text=text, where="server.js")


_LOOKS: Final[tuple[Callable[[Mapping[str, Json], Collection[str]], Iterator[Note]], ...]] = (
    _keys,
    _gyp,
    _commands,
    _nested,
    _imports,
    _dependencies,
    _start,
)
