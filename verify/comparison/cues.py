"""Cues: what a new version of a package says that the one before did not, and a reviewer wants to see first.

Hosts, addresses and environment variables are words of the text; process, network and file-system calls are counted by
name in each file; prompts are the prose of Markdown files and of strings. All of it is read, not understood: a cue is
no finding, and code that builds its words from pieces says none of them. What it says in their place is a cue of its
own (``eval``, ``atob``, a computed ``import``), and the line itself is in the diff.

Every pattern here takes linear time, and every count has a bound, since a stranger wrote the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from provenly.verify.comparison.kinds import PROSE, suffix

MAX_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a file that are searched; the largest bundle of our survey has seven million. Larger files say so."""

MAX_WORD: Final = 300
"""Characters of a word that is shown: a host has at most 253 (RFC 1035, 2.3.4)."""

MAX_PROSE: Final = 4_000
"""Characters of a string that counts as prose; more is data."""

LEAST_PROSE: Final = 40
"""Characters of the shortest string that counts as prose: a sentence to a language model is longer."""

LEAST_SPACES: Final = 4
"""Spaces in the shortest prose: what has fewer is an identifier, a path or a query."""

LEAST_LETTERS: Final = 0.75
"""The part of letters, digits and spaces in prose: after an unpaired quote, code is not taken for it."""


class Kind(StrEnum):
    """What a cue is about, what a reader wants to see first comes first."""

    INSTALL_SCRIPT = "install-script"
    BIN = "bin"
    DEPENDENCY = "dependency"
    ENTRY_POINT = "entry-point"
    HOST = "host"
    ADDRESS = "address"
    ENVIRONMENT = "environment"
    PROCESS = "process"
    NETWORK = "network"
    FILE_SYSTEM = "file-system"
    COMPUTED_CODE = "computed-code"
    PROMPT = "prompt"
    UNREAD = "unread"
    """A file that is no text, or too large: what it says is not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """One thing that deserves a look.

    :param kind: what it is about.
    :param text: the word that is new, or a sentence.
    :param path: the packed file that it stands in.
    :param line: the line, from 1; 0 where the file as a whole is meant.
    """

    kind: Kind
    text: str
    path: str
    line: int = 0


_HOST: Final = re.compile(
    r"\b(?:https?|wss?|ftps?|smtps?|ssh|tcp|udp|git|mongodb(?:\+srv)?|postgres(?:ql)?|mysql|rediss?|amqps?|ldaps?)://"
    r"(?:[^\s/@'\"`<>\\]{1,100}@)?([A-Za-z0-9\[][A-Za-z0-9.:\[\]_-]{0,260})"
)
_ADDRESS: Final = re.compile(
    r"\b(?P<mail>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})\b"
    r"|(?<![\w.])(?P<ip>(?:\d{1,3}\.){3}\d{1,3})(?![\w.])"
    r"|\b(?P<coin>0x[0-9a-fA-F]{40}|bc1[0-9a-z]{25,60})\b"
)
_ENVIRONMENT: Final = re.compile(
    r"\b(?:process|import\.meta)\.env(?:\.([A-Za-z_$][\w$]{0,100})|\[\s{0,3}['\"]([^'\"\n]{1,100})['\"])"
    r"|\b(?:Deno|Bun)\.env(?:\.get\(\s{0,3}['\"])?\.?([A-Za-z_$][\w$]{0,100})"
    r"|\b(?:process|import\.meta)\.env\b(?P<whole>)"
)
_CALLS: Final[Mapping[Kind, re.Pattern[str]]] = {
    Kind.PROCESS: re.compile(
        r"\b(child_process|execSync|execFileSync|execFile|spawnSync|spawn|fork|execa|node-pty|worker_threads|"
        r"process\.binding|process\.dlopen|process\.kill|exec)\b(?=\s{0,3}[('\"`])"
    ),
    Kind.NETWORK: re.compile(
        r"\b(fetch|https?\.request|https?\.get|https?\.createServer|net\.connect|net\.createConnection|tls\.connect|"
        r"dgram\.createSocket|dns\.(?:lookup|resolve\w{0,6})|sendBeacon|WebSocket|XMLHttpRequest|EventSource|axios|"
        r"nodemailer|sendMail|undici|node-fetch|\.listen|net|dgram|tls|dns|https?|http2)\b(?=\s{0,3}['\"(.`])"
    ),
    Kind.FILE_SYSTEM: re.compile(
        r"\b(appendFile(?:Sync)?|writeFile(?:Sync)?|readFile(?:Sync)?|createWriteStream|createReadStream|unlink(?:Sync)?|"
        r"rmSync|chmod(?:Sync)?|symlink(?:Sync)?|copyFile(?:Sync)?|rename(?:Sync)?|readdir(?:Sync)?|homedir|tmpdir)\b"
        r"(?=\s{0,3}\()"
    ),
    Kind.COMPUTED_CODE: re.compile(
        r"\b(eval|new Function|Function|runInThisContext|runInNewContext|runInContext|atob|fromCharCode|fromCodePoint|"
        r"unescape|WebAssembly|createRequire|_load|_compile)\b(?=\s{0,3}[.(])"
        r"|\b(import|require)\((?=\s{0,3}[^\s'\"`)])"
        r"|['\"](base64|hex)['\"]"
    ),
}
_CALL_WORD: Final = {"import": "import(…)", "require": "require(…)"}
_STRING: Final = re.compile(
    r'"((?:[^"\\\n]|\\.)*)"' r"|'((?:[^'\\\n]|\\.)*)'" r"|`((?:[^`\\]|\\.)*)`",
    re.DOTALL,
)
_PARAGRAPH: Final = re.compile(r"\S[^\n]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a file says: each word with the place at which it stands first, and how often.

    :param words: (kind, word) → (line, how often).
    """

    words: Mapping[tuple[Kind, str], tuple[int, int]]


def read(path: str, data: bytes, *, executable: bool) -> Said | None:
    """Return what a file says, or ``None`` for one that is no text or is too large.

    :param path: its path, which says whether it is prose.
    :param data: its bytes.
    :param executable: whether it is code. Calls and environment variables are looked for in code only.
    """
    if len(data) > MAX_BYTES or b"\0" in data:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    first: dict[tuple[Kind, str], int] = {}
    count: Counter[tuple[Kind, str]] = Counter()
    for kind, word, position in _words(path, text, executable=executable):
        key = (kind, word)
        first.setdefault(key, position)
        count[key] += 1
    lines = _lines(text, first)
    return Said(words={key: (lines[key], count[key]) for key in first})


def _lines(text: str, places: Mapping[tuple[Kind, str], int]) -> dict[tuple[Kind, str], int]:
    """Return the line of each place; the text is gone through once."""
    lines: dict[tuple[Kind, str], int] = {}
    line, at = 1, 0
    for key, position in sorted(places.items(), key=lambda item: item[1]):
        line += text.count("\n", at, position)
        at = position
        lines[key] = line
    return lines


def _words(path: str, text: str, *, executable: bool) -> Iterator[tuple[Kind, str, int]]:
    for found in _HOST.finditer(text):
        yield Kind.HOST, found[1].rstrip(".:").lower()[:MAX_WORD], found.start()
    for found in _ADDRESS.finditer(text):
        yield Kind.ADDRESS, found[0][:MAX_WORD], found.start()
    if executable:
        yield from _code(text)
    elif suffix(path) in PROSE:
        for found in _PARAGRAPH.finditer(text):
            yield Kind.PROMPT, found[0].strip()[:MAX_PROSE], found.start()


def _code(text: str) -> Iterator[tuple[Kind, str, int]]:
    for found in _ENVIRONMENT.finditer(text):
        yield Kind.ENVIRONMENT, found[1] or found[2] or found[3] or "the whole environment", found.start()
    for kind, pattern in _CALLS.items():
        for found in pattern.finditer(text):
            word = next(group for group in found.groups() if group)
            yield kind, _CALL_WORD.get(word, word), found.start()
    for found in _STRING.finditer(text):
        string = found[1] or found[2] or found[3] or ""
        if _is_prose(string):
            yield Kind.PROMPT, string, found.start()


def _is_prose(string: str) -> bool:
    if not LEAST_PROSE <= len(string) <= MAX_PROSE or string.count(" ") < LEAST_SPACES:
        return False
    return sum(letter.isalnum() or letter.isspace() for letter in string) >= LEAST_LETTERS * len(string)


PACKAGE_WIDE: Final = frozenset({Kind.HOST, Kind.ADDRESS, Kind.ENVIRONMENT, Kind.PROMPT})
"""What is new only where no file of the same sort, code or data, said it before: bundlers move code about."""


def new(before: Mapping[str, Said], after: Mapping[str, Said], code: frozenset[str]) -> Iterator[Cue]:
    """Yield what the files of one version say that those of another did not.

    Words count as known where any file of the same sort said them; calls are compared file by file, by how often they
    are made: a second ``fetch`` in a file that has one is new.

    :param before: what each file of the earlier version says.
    :param after: what each file of the later version says.
    :param code: the paths, of both versions, that are code.
    """
    known: dict[bool, set[tuple[Kind, str]]] = {
        is_code: {key for path, said in before.items() if (path in code) is is_code for key in said.words}
        for is_code in (True, False)
    }
    seen: set[tuple[bool, Kind, str]] = set()
    for path in _ordered(after, code):
        is_code = path in code
        old = before[path].words if path in before else {}
        for (kind, word), (line, count) in after[path].words.items():
            if kind in PACKAGE_WIDE:
                if (kind, word) in known[is_code] or (is_code, kind, word) in seen:
                    continue
                seen.add((is_code, kind, word))
                yield Cue(kind=kind, text=word, path=path, line=line)
            elif count > (had := old.get((kind, word), (0, 0))[1]):
                more = f"{word} (now {count}, before {had})" if had else word
                yield Cue(kind=kind, text=more, path=path, line=0 if had else line)


def _ordered(paths: Iterable[str], code: frozenset[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path not in code, path))
