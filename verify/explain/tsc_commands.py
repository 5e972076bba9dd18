"""Which TypeScript projects a manifest's scripts build, read from their text; no script is run.

Read are calls of ``tsc`` in a script's words: ``tsc``, ``tsc -p X``, ``tsc --project X``, ``tsc -b X Y``, with options
behind them (``--outDir``, ``--module`` …; https://www.typescriptlang.org/docs/handbook/compiler-options.html) and a
``cd X`` before them, in ``scripts`` and in the commands of wireit (its README, "Configuration"). What a shell would
make of variables or substitutions is not known, and such words are passed over.

``tspc``, ``tsgo`` and ``vue-tsc`` are read as ``tsc``: their options are the same, and so is what they write where no
plugin changes it. Only equal bytes count in the end.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from provenly.trust.model import nothing
from provenly.trust.strict_json import Json

MAX_SCRIPT: Final = 4_096
"""Characters of one script."""

MAX_CALLS: Final = 24
"""Calls of the compiler in one manifest."""

_COMPILER: Final = re.compile(r"(?:.*/)?(?:tsc|tspc|tsgo|vue-tsc)(?:\.js)?")
_BREAKS: Final = re.compile(r"(&&|\|\||[;|&\n()])")
_QUOTED: Final = re.compile(r"""\"[^\"]*\"|'[^']*'""")
_TEXT_OPTIONS: Final = {
    name.lower(): name
    for name in (
        *("outDir", "rootDir", "module", "moduleResolution", "target", "jsx", "declarationDir", "newLine", "baseUrl"),
        *("importsNotUsedAsValues", "sourceRoot", "mapRoot", "jsxFactory", "jsxImportSource", "moduleDetection"),
    )
}
_SWITCHES: Final = {
    name.lower(): name
    for name in (
        *("declaration", "declarationMap", "sourceMap", "inlineSourceMap", "inlineSources", "removeComments", "noEmit"),
        *("emitDeclarationOnly", "esModuleInterop", "importHelpers", "downlevelIteration", "stripInternal", "allowJs"),
        *("isolatedModules", "preserveConstEnums", "resolveJsonModule", "noEmitHelpers", "experimentalDecorators"),
        *("verbatimModuleSyntax", "useDefineForClassFields", "noImplicitUseStrict", "emitDecoratorMetadata"),
    )
}
_NO_BUILD: Final = frozenset({"clean", "dry", "init", "showconfig", "listfilesonly", "help", "h", "version", "all"})
"""Options with which the compiler compiles nothing."""

_SHORT: Final = {"d": "declaration", "m": "module", "t": "target"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A call of the compiler.

    :param script: the name of the script.
    :param config: the project that it names, from the manifest's directory; ``tsconfig.json`` where it names none.
    :param directory: where it is run, from the manifest's directory; empty for that itself.
    :param build: whether it is a ``-b``, which builds what the project refers to as well.
    :param options: compiler options of the command line, as they would stand in the project.
    """

    script: str
    config: str
    directory: str = ""
    build: bool = False
    options: Mapping[str, Json] = field(default_factory=nothing)


def calls(manifest: Mapping[str, Json]) -> tuple[Call, ...]:
    """Return the calls in a manifest's scripts, those that lead to a release first."""
    scripts = _commands(manifest)
    found: list[Call] = []
    for name in sorted(scripts, key=_rank):
        text = scripts[name]
        if len(text) <= MAX_SCRIPT and "ts" in text:
            found.extend(_calls(name, text))
    return tuple(found[:MAX_CALLS])


def _commands(manifest: Mapping[str, Json]) -> dict[str, str]:
    """Return the commands of a manifest by their names; wireit's stand in for the scripts that only call it."""
    scripts, wired = manifest.get("scripts"), manifest.get("wireit")
    found: dict[str, str] = {}
    for name, task in wired.items() if isinstance(wired, Mapping) else ():
        if isinstance(task, Mapping) and isinstance(command := task.get("command"), str):
            found[name] = command
    for name, text in scripts.items() if isinstance(scripts, Mapping) else ():
        if isinstance(text, str) and (text != "wireit" or name not in found):
            found[name] = text
    return found


def _rank(name: str) -> tuple[int, str]:
    likely = ("build", "prepack", "prepare", "prepublish", "compile", "release", "bundle")
    return next((at for at, start in enumerate(likely) if name.startswith(start)), len(likely)), name


def _unquoted(match: re.Match[str]) -> str:
    """Return quoted text as a command of its own where it has several words, as `concurrently` takes them."""
    inner = match[0][1:-1]
    return f";{inner};" if " " in inner else inner


def _calls(script: str, text: str) -> Iterator[Call]:
    directory = ""
    for part in _BREAKS.split(_QUOTED.sub(_unquoted, text)):
        if part == ")":
            # What was begun in parentheses ends with them.
            directory = ""
        try:
            words = shlex.split(part, comments=False)
        except ValueError:
            # An open quote or a lone backslash: what a shell would read there is not known.
            continue
        at = next((index for index, word in enumerate(words) if _COMPILER.fullmatch(word)), -1)
        if at >= 0:
            yield from _call(script, directory, words[at + 1 :])
        elif len(words) == 2 and words[0] == "cd":  # noqa: PLR2004 - the command and its argument
            where = posixpath.normpath(posixpath.join(directory, words[1]))
            directory = "" if where == "." else where


def _call(script: str, directory: str, words: Sequence[str]) -> Iterator[Call]:  # noqa: C901 - a branch for each word
    options: dict[str, Json] = {}
    projects: list[str] = []
    build = files = False
    at = 0
    while at < len(words):
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        at += 1
        name = word.lstrip("-").lower()
        if word.startswith("-") and name in _NO_BUILD:
            return
        if not word.startswith("-"):
            if build:
                projects.append(word)
            else:
                # Files on the command line: tsc then reads no project.
                files = True
        elif name in {"p", "project"}:
            projects.append(following)
            at += 1
        elif name in {"b", "build"}:
            build = True
        elif (option := _TEXT_OPTIONS.get(_SHORT.get(name, name).lower())) and following:
            options[option] = following
            at += 1
        elif option := _SWITCHES.get(_SHORT.get(name, name).lower()):
            options[option] = following.lower() != "false"
            at += following.lower() in {"true", "false"}
        elif following and not following.startswith("-") and name not in {"w", "watch", "force", "f", "v", "verbose"}:
            at += 0 if build else 1
    if files or options.get("noEmit") is True or any("$" in str(item) for item in (*projects, *options.values())):
        return
    for project in projects or [""]:
        path = posixpath.normpath(posixpath.join(directory, project or "."))
        config = path if path.endswith(".json") else posixpath.normpath(posixpath.join(path, "tsconfig.json"))
        yield Call(script=script, config=config, directory=directory, build=build, options=options)
