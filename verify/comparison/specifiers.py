"""What a JavaScript text may load, without parsing it: every string in it, and every doubt about it.

A parser can be fooled (D15 of our threat model) and is slow on hostile input. These are linear scans that take too
much rather than too little: a file that we wrongly call reachable is only shown earlier, one that we wrongly call
unreachable would be forgiven.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_LITERAL: Final = 300
"""Characters of a string that may be a path. It also bounds how far each scan looks ahead."""

_BODY: Final = r"(?:[^{quote}\\\n\r]|\\[\s\S]){{0,300}}+"

_QUOTED: Final = "|".join(
    (
        '"' + _BODY.format(quote='"') + '"',
        "'" + _BODY.format(quote="'") + "'",
        r"`(?:[^`\\$]|\\[\s\S]|\$(?!\{)){0,300}+`",
    )
)
"""A string with one value: a template with a substitution has none."""

_BETWEEN_QUOTES: Final = re.compile(r"""["'`]((?:[^"'`\\\n\r]|\\[\s\S]){1,300}+)(?=["'`])""")
"""Whatever stands between two quotes that follow each other. It finds every string, even where an apostrophe in a
comment or a quote in a regular expression would mislead a scanner that pairs them."""

# The patterns below start with a word and look behind it afterwards: `re` then searches for the word, which is an order
# of magnitude faster than looking behind at every character.
_LOADS: Final = (
    re.compile(rf"from(?<![\w$]from)\s*+({_QUOTED})"),
    re.compile(rf"import(?<![\w$]import)\s*+(?:\(\s*+)?({_QUOTED})"),
    re.compile(rf"require(?<![\w$]require)\s*+(?:\.\s*+resolve\s*+)?\(\s*+({_QUOTED})"),
)
"""A string that is certainly a module specifier: of ``import``, ``export … from``, ``import()`` or ``require()``."""

_CALLS: Final = (
    re.compile(r"import(?<![\w$]import)\s*+\("),
    re.compile(r"require(?<![\w$]require)\s*+(?:\.\s*+resolve\s*+)?\("),
)
_ONE_STRING: Final = re.compile(rf"\s*+(?:{_QUOTED})\s*+[,)]")
_VALUE: Final = re.compile(r"require\b(?!\.(?:main|resolve)\b)\s*+(?:[;,)\]}:?&|.\[]|$)", re.MULTILINE)
_BEFORE_VALUE: Final = re.compile(r"(?:[=(,?:\[&|]|\breturn)\s*$")
_LOOK_BACK: Final = 32
"""Characters before a word in which we look for the operator that it follows."""

_CREATE: Final = re.compile(r"createRequire(?<![\w$]createRequire)\s*+(?:\(|as\b|:)")
_NAMED: Final = re.compile(r"(?:const|let|var)\s+require\s*=\s*(?:[\w$]{1,64}\.)?$")

_LETTER: Final = r"\\u(?:00[4-7]|\{0{0,5}[4-7])[0-9a-fA-F]\}?"

_WORDS: Final = (
    ("calls eval", "eval", re.compile(r"eval(?<![\w$]eval)\s*+\(|eval(?<=[\s=(,\[\"'`]eval)[\"'`]?+\s*+[;,)\]]")),
    ("makes functions of text", "Function", re.compile(r"Function(?<![\w$]Function)\s*+\(")),
    *(
        ("loads code through the module loader or the virtual machine", word, re.compile(re.escape(word)))
        for word in (
            *("importScripts", "dlopen", "runInThisContext", "runInNewContext", "runInContext", "compileFunction"),
            *("Module._load", "._compile(", "SourceTextModule", "registerHooks", "_resolveFilename"),
            *("process.binding", "require.extensions", "mainModule.require", "module.require"),
        )
    ),
    (
        "has an identifier written with escapes",
        "\\u",
        re.compile(rf"{_LETTER}(?:[\w$(]|(?<=[\w$.]\\u....)|(?<=[\w$.]\\u\{{..\}}))"),
    ),
)
"""What raises a doubt: the phrase, a text without which the pattern cannot match, and the pattern."""

_STARTER_WORDS: Final = ("child_process", "worker_threads", "cluster", "Worker")
_STARTERS: Final = re.compile(r"[\"'`](?:node:)?(?:child_process|worker_threads|cluster)[\"'`]|new\s++Worker\s*+\(")
_OWN_PLACES: Final = (
    "__dirname",
    "__filename",
    "import.meta",
    "process.argv",
    "mainModule",
    "require.main",
    "require.resolve",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """What a text may load.

    :param literals: every string in it that may be a path, unescaped.
    :param loaded: those of them that are certainly module specifiers.
    :param doubts: why more may be loaded than ``literals`` say: one phrase each, "calls eval".
    """

    literals: frozenset[str]
    loaded: frozenset[str]
    doubts: tuple[str, ...]


def read(text: str) -> Script:
    """Return what ``text``, a JavaScript or TypeScript file, may load. It takes time linear in the text's length."""
    loaded = {quoted for pattern in _LOADS for quoted in pattern.findall(text)}
    return Script(
        literals=frozenset(map(_unescape, set(_BETWEEN_QUOTES.findall(text)))),
        loaded=frozenset(_unescape(quoted[1:-1]) for quoted in loaded),
        doubts=tuple(dict.fromkeys(_doubts(text))),
    )


def _doubts(text: str) -> Iterator[str]:
    if any(_ONE_STRING.match(text, call.end()) is None for pattern in _CALLS for call in pattern.finditer(text)):
        yield "loads a module whose name is computed"
    for found in _VALUE.finditer(text):
        if _BEFORE_VALUE.search(text[max(0, found.start() - _LOOK_BACK) : found.start()]):
            yield "passes require on as a value"
            break
    for why, word, pattern in _WORDS:
        if word in text and pattern.search(text):
            yield why
    for created in _CREATE.finditer(text):
        # Of the usual `const require = createRequire(…)` every use is seen like that of any other require.
        if not _NAMED.search(text[max(0, created.start() - 2 * _LOOK_BACK) : created.start()]):
            yield "makes a require of its own"
            break
    starts = any(word in text for word in _STARTER_WORDS) and _STARTERS.search(text)
    if starts and any(place in text for place in _OWN_PLACES):
        yield "starts processes or workers and computes paths from its own place"


_ESCAPE: Final = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r\n|[\s\S]))"
)
_SINGLE: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r": "", "\r\n": ""}
_MAX_CODE_POINT: Final = 0x10FFFF


def _unescape(text: str) -> str:
    """Return the value of a string literal's body (ECMA-262, 12.9.4), legacy octal escapes included."""
    return _ESCAPE.sub(_value, text) if "\\" in text else text


def _value(match: re.Match[str]) -> str:
    braced, four, two, octal, single = match.groups()
    if single is not None:
        return _SINGLE.get(single, single)
    point = int(octal, 8) if octal else int(braced or four or two, 16)
    return chr(point) if point <= _MAX_CODE_POINT else "\ufffd"
