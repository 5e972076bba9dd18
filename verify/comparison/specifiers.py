"""What a JavaScript text may load, without parsing it: every string in it, and every doubt about it.

A parser can be fooled (D15 of our threat model) and is slow on hostile input. These are linear scans that take too
much rather than too little: a file that we wrongly call reachable is only shown earlier, one that we wrongly call
unreachable would be forgiven.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

MAX_LITERAL: Final = 300
"""Characters of a string that may be a path. It also bounds how far each scan looks ahead."""

MAX_DOUBTS: Final = 3
"""Doubts that are found in one file: each is as good as all, and looking for them takes time."""

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
_OPENS: Final = tuple(re.compile(rf"{word}(?<![\w$]{word})\s*+(?=[\"'`])") for word in ("from", "import"))
_COMPLETE: Final = re.compile(_QUOTED)
_VALUE: Final = re.compile(r"require\b(?!\.(?:main|resolve)\b)\s*+(?:[;,)\]}:?&|.\[]|$)", re.MULTILINE)
_BEFORE_VALUE: Final = re.compile(r"(?:[=(,?:\[&|{>!]|\.\.\.|\b(?:return|yield|await|void))\s*$")
_LOOK_BACK: Final = 32
"""Characters before a word in which we look for the operator that it follows."""

_CREATE: Final = re.compile(
    r"createRequire(?<![\w$]createRequire)"
    r"(?:\s*+(?:\(|as\b|[:)\];.?])|(?<=[(\[=]createRequire)|(?<== createRequire)|(?=[\"'`]\s*+[\]:]))"
)
_NAMED: Final = re.compile(r"(?:const|let|var)\s+require\s*=\s*(?:[\w$]{1,64}\.)?$")

_LETTER: Final = r"\\u(?:00[4-7]|\{0{0,5}[4-7])[0-9a-fA-F]\}?"

_COMPUTED: Final = r"(?!\s*+(?:[\"'`][^\"'`\n]{0,100}+[\"'`]\s*+\]|\d|Symbol))"
"""What follows a bracket that holds neither one string nor a number."""

_WORDS: Final = (
    (
        "calls eval",
        "eval",
        re.compile(
            r"eval(?<![\w$]eval)\s*+(?:\(|\?\.|\.\s*+(?:call|apply|bind)\b|:)"
            r"|eval(?<=[\s=(,\[{>\"'`]eval)[\"'`]?+\s*+[;,)\]}]"
        ),
    ),
    (
        "makes functions of text",
        "Function",
        re.compile(
            r"Function(?<![\w$]Function)\s*+(?:\(|\.\s*+(?:call|apply|bind)\b)|(?:Async|Generator)Function\s*+\("
            r"|Function(?:(?<=[=(,\[{>]Function)|(?<=[=(,\[{>] Function))\s*+[;,)\]}]"
        ),
    ),
    (
        "makes functions of text",
        "constructor",
        re.compile(r"constructor(?:(?<=[)}\]]\.constructor)|(?<=\.constructor)(?=\s*+(?:\(|\.\s*+constructor)))"),
    ),
    *(
        ("loads code through the module loader or the virtual machine", word, re.compile(re.escape(word)))
        for word in (
            *("importScripts", "dlopen", "runInThisContext", "runInNewContext", "runInContext", "compileFunction"),
            *("._load", "._compile(", "SourceTextModule", "registerHooks", "_resolveFilename", "getBuiltinModule"),
            *("process.binding", "require.extensions", "mainModule.require", "module.require", "process.execve"),
            *("WebAssembly.compile", "WebAssembly.instantiate", "WebAssembly.Module", "ShadowRealm", "arguments[1]"),
        )
    ),
    *(
        ("loads code through the virtual machine", word, re.compile(rf"{word}[\"'`](?<=[\"'`:]{word}[\"'`])"))
        for word in ("vm", "repl", "inspector", "inspector/promises")
    ),
    (
        "uses require otherwise than by calling it",
        "require",
        re.compile(r"require(?<![\w$]require)\s*+(?:\?\.|\.\s*+(?:call|apply|bind)\b|\[)"),
    ),
    *(
        ("has a comment where the name of a module is expected", word, re.compile(rf"{word}(?<![\w$]{word})\s*+/[*/]"))
        for word in ("require", "import", "from")
    ),
    *(
        ("reaches for a loader by its name as a text", word, re.compile(rf"{word}[\"'`](?<=[\"'`]{word}[\"'`])\s*+\]"))
        for word in ("require", "createRequire", "eval", "Function", "constructor", "mainModule", "binding")
    ),
    *(
        ("reaches for a loader by a computed name", word, re.compile(rf"{word}(?<![\w$.]{word})\s*+\[{_COMPUTED}"))
        for word in ("globalThis", "global", "process", "module")
    ),
    (
        "has an identifier written with escapes",
        "\\u",
        re.compile(rf"{_LETTER}(?:[\w$(]|(?<=[\w$.]\\u....)|(?<=[\w$.]\\u\{{..\}}))"),
    ),
)
"""What raises a doubt: the phrase, a text without which the pattern cannot match, and the pattern."""

_RUN: Final = (
    *(
        (word, re.compile(rf"{word}(?<![\w$]{word})(?:File|Sync|FileSync|a)?\s*+\("))
        for word in ("eval", "exec", "spawn", "fork", "Worker", "Script")
    ),
    ("runIn", re.compile(r"runIn\w{1,20}+\s*+\(")),
    *(
        (word, re.compile(rf"{word}(?:\W{{0,20}}?|\.(?:call|apply|bind))\("))
        for word in ("Function", "constructor", "_load", "_compile")
    ),
    ("require", re.compile(r"require(?=[^\s(\w])(?:\W{0,20}?|\.(?:call|apply|bind))\(")),
)
"""Calls that run a text, a file or a command: a word without which there is none, and the pattern."""

_RUN_WINDOW: Final = 160
"""Characters after a call that runs something in which strings are taken for the files that it runs."""

_STARTERS: Final = (
    *(
        (word, re.compile(rf"{re.escape(word)}[\"'`](?<=[\"'`:]{re.escape(word)}[\"'`])"))
        for word in (
            *("child_process", "worker_threads", "cluster", "execa", "cross-spawn", "zx", "shelljs", "nano-spawn"),
            *("tinyexec", "node-pty", "python-shell", "piscina", "workerpool", "tinypool", "jest-worker", "jiti"),
            *("ts-node", "import-fresh", "require-from-string", "isolated-vm", "vm2"),
        )
    ),
    ("Worker", re.compile(r"Worker(?<=\bnew\sWorker)\s*+\(")),
    *((word, re.compile(re.escape(word))) for word in ("Bun.spawn", "Bun.$", "Deno.Command", "tsx/")),
)
"""What starts processes or workers: Node.js's own modules, and packages that are made for it."""

_OWN_PLACES: Final = (
    *("__dirname", "__filename", "import.meta", "process.argv", "mainModule", "require.main", "require.resolve"),
    *("module.filename", "module.path", "npm_package_json"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """What a text may load.

    :param literals: every string in it that may be a path, unescaped.
    :param loaded: those of them that are certainly module specifiers.
    :param run: strings that stand close behind a call which runs text, a file or a command.
    :param doubts: why more may be loaded than ``literals`` say: one phrase each, "calls eval".
    :param starts: whether it may start processes or workers; not looked at where there are doubts already.
    :param places: whether it looks up where its own file is, as code does that starts or reads its neighbours; as
        ``starts``.
    """

    literals: frozenset[str]
    loaded: frozenset[str]
    run: frozenset[str]
    doubts: tuple[str, ...]
    starts: bool
    places: bool


def read(text: str) -> Script:
    """Return what ``text``, a JavaScript or TypeScript file, may load. It takes time linear in the text's length."""
    loaded = {quoted for pattern in _LOADS for quoted in pattern.findall(text)}
    doubts = tuple(islice(_distinct(_doubts(text)), MAX_DOUBTS))
    run = {quoted for window in _windows(text) for quoted in _BETWEEN_QUOTES.findall(window)}
    return Script(
        literals=frozenset(map(_unescape, set(_BETWEEN_QUOTES.findall(text)))),
        loaded=frozenset(_unescape(quoted[1:-1]) for quoted in loaded),
        run=frozenset(map(_unescape, run)),
        doubts=doubts,
        starts=not doubts and any(word in text and pattern.search(text) for word, pattern in _STARTERS),
        places=not doubts and any(place in text for place in _OWN_PLACES),
    )


def _windows(text: str) -> Iterator[str]:
    """Yield what stands on the line behind each call that runs something; windows that overlap come as one."""
    starts = sorted(call.end() - 1 for word, calls in _RUN if word in text for call in calls.finditer(text))
    begin = end = 0
    for start in starts:
        if start > end:
            yield text[begin:end]
            begin = start
        line_end = text.find("\n", start, start + _RUN_WINDOW)
        end = max(end, start + _RUN_WINDOW if line_end < 0 else line_end)
    yield text[begin:end]


def _distinct(phrases: Iterator[str]) -> Iterator[str]:
    """Yield each phrase once, looking no further than asked."""
    seen: set[str] = set()
    for phrase in phrases:
        if phrase not in seen:
            seen.add(phrase)
            yield phrase


def _doubts(text: str) -> Iterator[str]:
    if any(_ONE_STRING.match(text, call.end()) is None for pattern in _CALLS for call in pattern.finditer(text)):
        yield "loads a module whose name is computed"
    if any(_COMPLETE.match(text, found.end()) is None for pattern in _OPENS for found in pattern.finditer(text)):
        yield f"loads a module whose name has more than {MAX_LITERAL} characters, or no end"
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


_ESCAPE: Final = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3][0-7]{0,2}|[4-7][0-7]?)|(\r\n|[\s\S]))"
)
_SINGLE: Final = {
    **dict(zip("ntrbfv", "\n\t\r\b\f\v", strict=True)),
    **dict.fromkeys(("\n", "\r", "\r\n", "\u2028", "\u2029"), ""),
}
"""What a backslash and one character stand for; before the end of a line, nothing."""

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
