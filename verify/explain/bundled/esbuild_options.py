"""esbuild's options, as its JavaScript interface and its command line take them, as a :class:`Build`.

Source: https://esbuild.github.io/api/ and ``flagsForBuildOptions`` in esbuild's lib/shared/common.ts, which makes flags
of a table of options just as this does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from provenly.verify.explain.bundled.builds import Build, placed, relative
from provenly.verify.explain.bundled.values import UNKNOWN, Table, Unknown, Value, holds_unknown, table, text, texts

_SWITCHES: Final = {
    "bundle": "bundle",
    "ignoreAnnotations": "ignore-annotations",
    "jsxDev": "jsx-dev",
    "jsxSideEffects": "jsx-side-effects",
    "keepNames": "keep-names",
    "minify": "minify",
    "minifyIdentifiers": "minify-identifiers",
    "minifySyntax": "minify-syntax",
    "minifyWhitespace": "minify-whitespace",
    "preserveSymlinks": "preserve-symlinks",
    "splitting": "splitting",
}
_TEXTS: Final = {
    "assetNames": "asset-names",
    "charset": "charset",
    "chunkNames": "chunk-names",
    "entryNames": "entry-names",
    "format": "format",
    "globalName": "global-name",
    "jsx": "jsx",
    "jsxFactory": "jsx-factory",
    "jsxFragment": "jsx-fragment",
    "jsxImportSource": "jsx-import-source",
    "legalComments": "legal-comments",
    "lineLimit": "line-limit",
    "packages": "packages",
    "platform": "platform",
    "publicPath": "public-path",
    "sourceRoot": "source-root",
}
_PATHS: Final = {"outfile": "outfile", "outdir": "outdir", "outbase": "outbase", "tsconfig": "tsconfig"}
_JOINED: Final = {
    "conditions": "conditions",
    "dropLabels": "drop-labels",
    "mainFields": "main-fields",
    "resolveExtensions": "resolve-extensions",
    "target": "target",
}
_EITHER: Final = {"treeShaking": "tree-shaking", "sourcesContent": "sources-content"}
_LISTS: Final = {"drop": "drop", "external": "external", "pure": "pure"}
_PAIRS: Final = {
    "banner": "banner",
    "define": "define",
    "footer": "footer",
    "loader": "loader",
    "outExtension": "out-extension",
    "supported": "supported",
}
_SILENT: Final = frozenset(
    {
        *("write", "metafile", "logLevel", "logLimit", "logOverride", "color", "absWorkingDir", "entryPoints"),
        *("alias", "allowOverwrite", "incremental", "inject", "plugins", "sourcemap", "tsconfigRaw", "watch"),
    }
)
_EXTERNALS: Final = "node-externals"
"""The plugin esbuild-node-externals: every package stays outside."""

_ASIDE: Final = ("--watch", "--serve", "--servedir", "--analyze", "--metafile", "--color", "--log-", "--clean")
_BARE: Final = frozenset({"--watch", "--analyze", "--serve"})


def from_table(options: Table, directory: str, origin: str) -> Build | None:
    """Return the build that a table of options describes; ``None`` where it does not say of what, or where to.

    :param options: as given to ``build``.
    :param directory: where the script runs, in the repository.
    :param origin: what :attr:`Build.origin` is to be.
    """
    if "absWorkingDir" in options:
        if not (stated := text(options["absWorkingDir"])):
            return None
        directory = placed(stated, directory)
    arguments = list(_entries(options.get("entryPoints", ()), directory))
    single = text(options.get("outfile"))
    out = single or text(options.get("outdir"))
    if not arguments or not out:
        return None
    flags, left_out = flags_of(options, directory)
    return Build(
        tool="esbuild",
        origin=origin,
        directory=directory,
        arguments=(*arguments, *flags),
        out=placed(out, directory),
        single=bool(single),
        left_out=tuple(left_out),
    )


def flags_of(options: Table, directory: str) -> tuple[list[str], list[str]]:
    """Return the flags for a table of options, and the names of members that are not in them."""
    flags: list[str] = []
    left_out = [name for name in options if not _is_known(name)]
    for name, value in options.items():
        if holds_unknown(value):
            left_out.append(name)
        if isinstance(value, Unknown):
            continue
        flags.extend(_flags(name, value, directory))
    if plugins := options.get("plugins"):
        names = [text(table(plugin).get("name")) for plugin in plugins] if isinstance(plugins, tuple) else [""]
        if _EXTERNALS in names:
            flags.append("--packages=external")
        if any(name != _EXTERNALS for name in names):
            left_out.append("plugins")
    return flags, list(dict.fromkeys(left_out))


def _is_known(name: str) -> bool:
    return any(name in group for group in (_SWITCHES, _TEXTS, _PATHS, _JOINED, _EITHER, _LISTS, _PAIRS, _SILENT))


def _flags(name: str, value: Value, directory: str) -> Iterator[str]:
    """Yield the flags for one member, by the kind of its value."""
    if name in _SWITCHES and value is True:
        yield f"--{_SWITCHES[name]}"
    elif name in _EITHER and isinstance(value, bool):
        yield f"--{_EITHER[name]}={str(value).lower()}"
    elif name in _TEXTS and isinstance(value, str | int) and not isinstance(value, bool):
        yield f"--{_TEXTS[name]}={value}"
    elif name in _PATHS and (stated := text(value)):
        yield f"--{_PATHS[name]}={relative(stated, directory)}"
    elif name in _JOINED and isinstance(value, str | tuple):
        yield f"--{_JOINED[name]}={','.join(texts(value))}"
    elif name in _PAIRS:
        known = ((key, item) for key, item in table(value).items() if not holds_unknown(item))
        yield from (f"--{_PAIRS[name]}:{key}={_plain(item)}" for key, item in known)
    else:
        yield from _listed(name, value, directory)


def _listed(name: str, value: Value, directory: str) -> Iterator[str]:
    """Yield the flags for a member of which each item is a flag, or that is written in a way of its own."""
    if name in {"external", "inject"}:
        yield from (f"--{name}:{relative(item, directory)}" for item in texts(value))
    elif name in _LISTS:
        yield from (f"--{_LISTS[name]}:{item}" for item in texts(value))
    elif name == "alias":
        for key, item in table(value).items():
            place = relative(text(item), directory)
            # What was an absolute path must not become the name of a package.
            yield f"--alias:{key}={place if place == item or place.startswith('.') else f'./{place}'}"
    elif name == "sourcemap" and value is not False:
        yield "--sourcemap" if value is True else f"--sourcemap={text(value)}"
    elif name == "tsconfigRaw":
        yield f"--tsconfig-raw={value if isinstance(value, str) else json.dumps(_jsonable(value))}"


def _plain(value: Value) -> str:
    """Return a value as esbuild's own JavaScript makes a text of it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(_jsonable(value))


def _jsonable(value: Value) -> object:
    if isinstance(value, Mapping):
        return {name: _jsonable(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_jsonable(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else None


def _entries(value: Value, directory: str) -> Iterator[str]:
    """Yield entry points as words: a list of paths, of ``{in, out}``, or a table of outputs and their sources."""
    if isinstance(value, Mapping):
        for output, source in value.items():
            if isinstance(source, str):
                yield f"{output}={relative(source, directory)}"
        return
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, str):
            yield relative(item, directory)
        elif isinstance(item, Mapping) and (source := text(item.get("in"))):
            yield f"{text(item.get('out'))}={relative(source, directory)}"


def variants(options: Table) -> tuple[Table, ...]:
    """Return options with members that are not known set to what they may be; what is left is tried left out."""
    found = [dict(options)]
    for name in ("minify", "sourcemap"):
        if options.get(name) is UNKNOWN:
            found = [{**one, name: value} for one in found for value in (True, False)]
    return tuple(found)


def from_words(words: Sequence[str], directory: str, origin: str) -> Build | None:
    """Return the build that a command line of esbuild describes; ``None`` where it is none.

    :param words: what follows ``esbuild``.
    """
    kept = [word for word in words if not word.startswith(_ASIDE) and word not in _BARE]
    entries = [word for word in kept if not word.startswith("-") and word not in {">", "<", "2>&1"}]
    flags = [word for word in kept if word.startswith("--")]
    single, out = (_value(flags, name) for name in ("--outfile=", "--outdir="))
    if not entries or not (single or out):
        return None
    return Build(
        tool="esbuild",
        origin=origin,
        directory=directory,
        arguments=(*entries, *flags),
        out=placed(single or out, directory),
        single=bool(single),
    )


def _value(flags: Sequence[str], start: str) -> str:
    return next((flag.removeprefix(start) for flag in reversed(flags) if flag.startswith(start)), "")
