"""What tsup asks of esbuild, and what it does with the output, as a function of its options.

Read from tsup's source at its versions 6.7 to 8.5 (``src/index.ts``, ``src/esbuild``, ``src/plugin.ts``,
``src/plugins``; https://github.com/egoist/tsup):

* the names of ``dependencies`` and ``peerDependencies`` stay outside, unless ``noExternal`` names them;
* ``node:`` is taken off the names of Node.js' modules, for CommonJS always before 8.2, for all formats since 8.5;
* the target is that of the tsconfig.json, else ``node16``;
* source maps are written again by ``JSON.stringify``, and their line stands right behind the last one;
* with ``splitting``, CommonJS is made of ES modules by sucrase; with ``treeshake``, rollup writes the output anew;
  types for decorators and the target ES5 come from swc. None of those is done here.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from provenly.trust.strict_json import Json
from provenly.verify.explain.bundled.builds import BUILTIN, Build, placed, relative
from provenly.verify.explain.bundled.esbuild_options import flags_of
from provenly.verify.explain.bundled.values import Function, Pattern, Table, Unknown, Value, covers, table, text, texts

CONFIGS: Final = tuple(f"tsup.config.{ending}" for ending in ("ts", "cts", "mts", "js", "cjs", "mjs", "json"))
"""Where tsup looks for its options, before the member ``tsup`` of package.json."""

_FILES: Final = (
    *("aac", "css", "eot", "flac", "gif", "jpeg", "jpg", "mp3", "mp4", "ogg", "otf", "png", "svg", "ttf", "wav"),
    *("webm", "webp", "woff", "woff2", "node"),
)
"""What tsup has esbuild copy, unless its options say otherwise."""

_PREFIXED: Final = frozenset({"sea", "sqlite", "test"})
"""Modules that Node.js has under their names with ``node:`` only."""

_PASSED: Final = frozenset(
    {"minifyWhitespace", "minifyIdentifiers", "minifySyntax", "keepNames", "globalName", "jsxFactory", "jsxFragment"}
)
_KNOWN: Final = _PASSED | {
    *("entry", "entryPoints", "format", "outDir", "target", "minify", "splitting", "bundle", "platform", "sourcemap"),
    *("external", "noExternal", "skipNodeModulesBundle", "removeNodeProtocol", "define", "env", "banner", "footer"),
    *("loader", "inject", "shims", "tsconfig", "treeshake", "cjsInterop", "outExtension", "esbuildOptions", "pure"),
    *("legacyOutput", "replaceNodeEnv"),
    *("clean", "dts", "experimentalDts", "watch", "ignoreWatch", "onSuccess", "silent", "metafile", "name", "config"),
    *("publicDir", "killSignal", "plugins", "terserOptions"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Surrounding:
    """What tsup sees of the package.

    :param directory: the directory that it runs in.
    :param manifest: the package.json there.
    :param version: the version of tsup, three numbers; empty where it is not known.
    :param target: the target of the tsconfig.json, or empty.
    :param tsconfig: the path of the tsconfig.json in the repository, or empty.
    :param entries: entry points in the orders in which tsup may have found them, patterns replaced.
    """

    directory: str
    manifest: Mapping[str, Json] = field(repr=False)
    version: str = ""
    target: str = ""
    tsconfig: str = ""


def formats(options: Table) -> tuple[str, ...]:
    """Return the module formats that are built; CommonJS where none is named."""
    return texts(options.get("format", ())) or ("cjs",)


def refusals(options: Table, format_: str) -> tuple[str, ...]:
    """Return why a format cannot be built by esbuild alone; empty where it can."""
    found = []
    if options.get("treeshake") not in (None, False):
        found.append("`treeshake` has rollup write the output anew")
    if options.get("minify") == "terser":
        found.append("terser minifies the output")
    if format_ == "cjs" and options.get("splitting") is True:
        found.append("CommonJS with `splitting` goes through sucrase")
    if text(options.get("target")).lower() in {"es3", "es5"}:
        found.append("swc writes ES5")
    return tuple(found)


def build(options: Table, format_: str, entries: Sequence[str], around: Surrounding, origin: str) -> Build | None:
    """Return what tsup asks of esbuild for one format; ``None`` where it cannot be known what it is made of.

    :param options: those of a configuration with those of the command line on top.
    :param entries: entry points as words: paths, or ``output=path``.
    :param origin: what :attr:`Build.origin` is to be.
    """
    out = text(options.get("outDir", "dist"))
    if not entries or not out:
        return None
    given = _esbuild_options(options, format_, around, out)
    flags, left_out = flags_of(given, around.directory)
    flags.extend(_outside(options, format_, around))
    if format_ == "iife":
        flags = [flag for flag in flags if not flag.startswith("--external:")]
    left_out += [name for name, value in options.items() if name not in _KNOWN or isinstance(value, Unknown)]
    left_out += [name for name in ("plugins", "esbuildPlugins") if options.get(name)]
    inline = options.get("sourcemap") == "inline"
    mapped = bool(options.get("sourcemap"))
    return Build(
        tool="tsup",
        origin=origin,
        directory=around.directory,
        arguments=(*(relative(entry, around.directory) for entry in entries), *flags),
        out=placed(text(given["outdir"]), around.directory),
        map_line="inline" if inline else "file" if mapped else "",
        plain_maps=mapped,
        interop=options.get("cjsInterop") is True and format_ == "cjs",
        left_out=tuple(dict.fromkeys(left_out)),
        shims=_shims(options, format_),
    )


def _esbuild_options(options: Table, format_: str, around: Surrounding, out: str) -> dict[str, Value]:
    """Return the options that tsup hands to esbuild, but for what stays outside."""
    platform = text(options.get("platform")) or "node"
    splitting = options.get("splitting")
    given: dict[str, Value] = {name: options[name] for name in _PASSED if name in options}
    given |= {
        "format": format_,
        "bundle": options.get("bundle") is not False,
        "platform": platform,
        "target": texts(options.get("target", ())) or (around.target.lower() or "node16",),
        "loader": {**{f".{name}": "file" for name in _FILES}, **table(options.get("loader"))},
        "mainFields": ("module", "main") if platform == "node" else ("browser", "module", "main"),
        "define": _definitions(options, format_),
        "outdir": posixpath.join(out, format_) if options.get("legacyOutput") is True and format_ != "cjs" else out,
        "splitting": format_ != "iife" and (splitting if isinstance(splitting, bool) else format_ == "esm"),
        "minify": options.get("minify") is True,
        "inject": texts(options.get("inject", ())),
        "pure": texts(options.get("pure", ())),
    }
    if around.tsconfig:
        given["tsconfig"] = posixpath.relpath(around.tsconfig, around.directory or ".")
    if options.get("sourcemap"):
        given["sourcemap"] = "external"
    for name in ("banner", "footer"):
        if name in options:
            given[name] = _answered(options[name], format_)
    if options.get("legacyOutput") is not True:
        given["outExtension"] = {".js": _extension(options, format_, around)}
    for name, value in table(_answered(options.get("esbuildOptions"), format_)).items():
        known = given.get(name)
        given[name] = {**known, **value} if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return given


def _answered(value: Value, format_: str) -> Value:
    return value.answers.get(format_) if isinstance(value, Function) else value


def _extension(options: Table, format_: str, around: Surrounding) -> str:
    stated = text(table(_answered(options.get("outExtension"), format_)).get("js"))
    if stated:
        return stated
    if format_ == "iife":
        return ".global.js"
    module = around.manifest.get("type") == "module"
    return ".js" if module == (format_ == "esm") else ".mjs" if format_ == "esm" else ".cjs"


def _definitions(options: Table, format_: str) -> dict[str, Value]:
    env = dict(table(options.get("env")))
    if options.get("replaceNodeEnv") is True:
        env["NODE_ENV"] = "production" if options.get("minify") or options.get("minifyWhitespace") else "development"
    defined: dict[str, Value] = {"TSUP_FORMAT": json.dumps(format_)}
    if format_ == "cjs" and options.get("shims") is True:
        defined["import.meta.url"] = "importMetaUrl"
    defined |= table(options.get("define"))
    for name, value in env.items():
        if isinstance(value, str | int | float | bool):
            said = json.dumps(value, ensure_ascii=False)
            defined |= {f"process.env.{name}": said, f"import.meta.env.{name}": said}
    return {name: value for name, value in defined.items() if isinstance(value, str)}


def _shims(options: Table, format_: str) -> str:
    if options.get("shims") is not True:
        return ""
    node = (text(options.get("platform")) or "node") == "node"
    return "assets/cjs_shims.js" if format_ == "cjs" else "assets/esm_shims.js" if format_ == "esm" and node else ""


def _outside(options: Table, format_: str, around: Surrounding) -> Iterator[str]:
    """Yield the flags for what is not bundled."""
    if options.get("bundle") is False:
        return
    if options.get("skipNodeModulesBundle") is True and not options.get("noExternal"):
        yield "--packages=external"
    inside = options.get("noExternal", ())
    for name in (*_dependencies(around.manifest), *_named(options, around.manifest)):
        if not _matches(inside, name):
            yield f"--external:{name}"
    if options.get("removeNodeProtocol", True) is not False and takes_protocol(format_, around.version):
        for name in BUILTIN:
            yield f"--alias:node:{name}={name}"
            if "/" in name or name in _PREFIXED:
                # esbuild does not know all of these without the prefix.
                yield f"--external:{name}"


def takes_protocol(format_: str, version: str) -> bool:
    """Whether a version of tsup takes ``node:`` off for a format, where nothing says otherwise."""
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return format_ == "cjs" or not numbers or numbers >= (8, 5)


def _dependencies(manifest: Mapping[str, Json]) -> tuple[str, ...]:
    tables = (manifest.get(member) for member in ("dependencies", "peerDependencies"))
    return tuple(dict.fromkeys(name for found in tables if isinstance(found, Mapping) for name in found))


def _named(options: Table, manifest: Mapping[str, Json]) -> Iterator[str]:
    """Yield the names that ``external`` gives; of a pattern those packages that the manifest names at all."""
    stated = options.get("external", ())
    development = manifest.get("devDependencies")
    for item in stated if isinstance(stated, tuple) else (stated,):
        if isinstance(item, str):
            yield item
        elif isinstance(item, Pattern) and isinstance(development, Mapping):
            yield from (name for name in development if covers(item, name))


def _matches(patterns: Value, name: str) -> bool:
    for item in patterns if isinstance(patterns, tuple) else (patterns,):
        if isinstance(item, Pattern) and covers(item, name):
            return True
        if isinstance(item, str) and (name == item or name.startswith(f"{item}/")):
            return True
    return False
