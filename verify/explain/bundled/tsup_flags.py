"""The command line of tsup, as the options that it stands for.

Source: ``src/cli-main.ts`` of tsup, versions 6 to 8, and the package ``cac``, which reads it: names are written with
hyphens or in camel case, ``--no-NAME`` is false, ``--NAME.KEY VALUE`` is a member of a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from provenly.verify.explain.bundled.values import Value

_WITH_VALUE: Final = frozenset(
    {
        *("outDir", "format", "target", "ignoreWatch", "onSuccess", "inject", "external", "globalName", "jsxFactory"),
        *("jsxFragment", "pure", "platform", "loader", "tsconfig", "config", "killSignal"),
    }
)
_PERHAPS: Final = frozenset({"minify", "dts", "experimentalDts", "sourcemap", "watch", "treeshake", "publicDir"})
"""Options whose value may be left out."""

_LISTED: Final = frozenset({"format", "external", "inject", "target", "loader"})
_SHORT: Final = {"d": "outDir"}
_HYPHEN: Final = re.compile(r"-([a-z])")


def options(words: Sequence[str]) -> Mapping[str, Value]:
    """Return the options that the words behind ``tsup`` give. They win over those of a configuration."""
    found: dict[str, Value] = {}
    files: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            break
        if not word.startswith("-"):
            files.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name.startswith("no-"):
            found[_name(name[3:])] = False
            continue
        name = _name(name)
        following = words[at] if at < len(words) and not words[at].startswith("-") else ""
        if not equals and following and _takes(name, following):
            value = following
            at += 1
        _add(found, name, value)
    if files:
        found.setdefault("entry", tuple(files))
    return found


def _name(text: str) -> str:
    head, dot, rest = text.partition(".")
    head = _SHORT.get(head, _HYPHEN.sub(lambda match: match[1].upper(), head))
    return f"{head}{dot}{rest}"


def _takes(name: str, following: str) -> bool:
    """Whether the next word is the value of an option: a file behind ``--minify`` is taken as its value by cac, too."""
    del following
    return name in _WITH_VALUE or name in _PERHAPS or "." in name


def _add(found: dict[str, Value], name: str, value: str) -> None:
    head, dot, key = name.partition(".")
    if dot:
        known = found.get(head)
        members: Mapping[str, Value] = known if isinstance(known, Mapping) else {}
        found[head] = {**members, key: value}
    elif name in _LISTED:
        items = tuple(value.split(","))
        known = found.get(name)
        if name == "loader":
            found[name] = {one.partition("=")[0]: one.partition("=")[2] for one in items}
        else:
            found[name] = (*(known if isinstance(known, tuple) else ()), *items)
    elif name == "clean":
        found[name] = True
    else:
        found[name] = value or True
