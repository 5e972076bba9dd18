"""What a file says: hosts, addresses, variables of the environment, calls, sentences, and what it offers to a model.

Hosts and addresses are words of the text; calls are counted by name; sentences are paragraphs of prose files and
strings of code. Strings are read as the program would have them: escapes resolved, and those put together of pieces by
``+``, ``join``, ``fromCharCode`` or written in base64 or hexadecimal as one. Nothing else is computed.

Every pattern here takes linear time, and every count has a bound, since a stranger wrote the text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from provenly.verify.comparison import script_tokens, tools
from provenly.verify.comparison.kinds import PROSE, suffix
from provenly.verify.comparison.script_tokens import Script
from provenly.verify.comparison.tools import Offer

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
"""The part of letters, digits and spaces in prose."""

MAX_PLACES: Final = 64
"""Places of one call in one file that are told apart; the others are counted."""

MAX_ENCODED: Final = 8_000
"""Characters of an encoded string that is decoded; a host or an address in one is short."""

LEAST_ENCODED: Final = 12
"""Characters of the shortest string that is tried as base64 or hexadecimal."""


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
    TOOL = "tool"
    PROMPT = "prompt"
    UNREAD = "unread"
    """A file that is no text, or too large: what it says is not known."""


_HOST: Final = re.compile(
    r"\b(?:https?|wss?|ftps?|smtps?|ssh|tcp|udp|git|mongodb(?:\+srv)?|postgres(?:ql)?|mysql|rediss?|amqps?|ldaps?)://"
    r"(?:[^\s/@'\"`<>\\]{1,100}@)?([A-Za-z0-9\[][A-Za-z0-9.:\[\]_-]{0,260})",
    re.IGNORECASE,
)
_BARE_HOST: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}"
    r"(?:com|net|org|io|ai|dev|app|club|xyz|site|online|top|info|biz|ru|cn|tk|ml|ga|cf|gq|pw|gg|us|uk|de|eu|fr|nl|cloud"
    r"|page|link|live|store|tech|space|website|fun|icu|life|world|today|email|mail|systems|network|onion)"
    r"(?=[:/?#]|$)",
    re.IGNORECASE,
)
"""A string that is a host without a scheme, under one of the usual top-level domains; endings of files are not among
them."""
_ADDRESS: Final = re.compile(
    r"\b(?P<mail>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})\b"
    r"|(?<![\w.])(?P<ip>(?:\d{1,3}\.){3}\d{1,3})(?![\w.])"
    r"|\b(?P<coin>0x[0-9a-fA-F]{40}|bc1[0-9a-z]{25,60})\b"
)
_ENVIRONMENT: Final = re.compile(
    r"\b(?:process|import\.meta)(?:\.|\?\.)env(?:\??\.([A-Za-z_$][\w$]{0,100})|(?:\?\.)?\[\s{0,3}['\"]([^'\"\n]{1,100})['\"])"
    r"|\b(?:Deno|Bun)\.env(?:\.get\(\s{0,3}['\"])?\.?([A-Za-z_$][\w$]{0,100})"
    r"|\b(?:process|import\.meta)\.env\b(?P<whole>)"
)
_TAKEN_APART: Final = re.compile(r"\{([^{}]{1,600})\}\s{0,3}=\s{0,3}(?:process|import\.meta)\.env\b(?!\s{0,3}[.\[])")
_INDEXED: Final = re.compile(r"\benv\s{0,3}(?:\?\.)?\[\s{0,3}\Z")
CALLS: Final[Mapping[Kind, re.Pattern[str]]] = {
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
_PIECED: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("child_process", "exec", "execSync", "spawn", "spawnSync", "worker_threads"), Kind.PROCESS),
    **dict.fromkeys(
        ("http", "https", "http2", "net", "tls", "dns", "dgram", "fetch", "axios", "request"), Kind.NETWORK
    ),
    **dict.fromkeys(("eval", "Function", "constructor", "require", "atob"), Kind.COMPUTED_CODE),
    **dict.fromkeys(("writeFile", "writeFileSync", "appendFile", "appendFileSync"), Kind.FILE_SYSTEM),
}
"""Names of modules and functions that nobody writes in pieces but to keep them from being found."""

_CHARACTER_CODES: Final = re.compile(
    r"\bfrom(?:CharCode|CodePoint)\s{0,3}\(((?:\s{0,3}(?:0x[0-9a-fA-F]{1,6}|\d{1,7}),?){1,2000})"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
_PARAGRAPH: Final = re.compile(r"\S[^\n]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Uses:
    """Where a file says a word.

    :param line: the line, from 1, of the first place.
    :param count: how often.
    :param places: for a call, the line of each of its first places with the code around it.
    """

    line: int
    count: int
    places: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a file says.

    :param words: (kind, word) → where.
    :param offers: tools, prompts and resources, each with its line from 1.
    """

    words: Mapping[tuple[Kind, str], Uses]
    offers: tuple[tuple[Offer, int], ...] = field(default=())


_Word = tuple[Kind, str, int]
"""A kind, a word, and its position in the text."""


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
    script = script_tokens.scan(text) if executable else None
    offers = tuple(tools.offers(script)) if script else ()
    places: dict[tuple[Kind, str], list[int]] = {}
    count: Counter[tuple[Kind, str]] = Counter()
    for kind, word, position in _words(path, text, script):
        count[kind, word] += 1
        known = places.setdefault((kind, word), [])
        if len(known) < (MAX_PLACES if kind in CALLS else 1):
            known.append(position)
    lines = _lines(text, {*(one.position for one in offers), *(place for found in places.values() for place in found)})
    return Said(
        words={
            key: Uses(
                line=lines[min(found)],
                count=count[key],
                places=tuple((lines[place], _around(text, place)) for place in found) if key[0] in CALLS else (),
            )
            for key, found in places.items()
        },
        offers=tuple((offer, lines[offer.position]) for offer in offers),
    )


def addressed(value: str) -> Kind | None:
    """Return whether a string by itself names a host or an address; ``None`` where it does neither."""
    kinds = (kind for kind, _, _ in _hidden(value, 0))
    return next((kind for kind in kinds if kind in {Kind.HOST, Kind.ADDRESS}), None)


def _around(text: str, position: int) -> str:
    """Return the code from a call on, by which it is known again in another version."""
    return text[position : position + 60].partition("\n")[0]


def _lines(text: str, positions: set[int]) -> dict[int, int]:
    """Return the line of each position; the text is gone through once."""
    lines: dict[int, int] = {}
    line, at = 1, 0
    for position in sorted(positions):
        line += text.count("\n", at, position)
        at = position
        lines[position] = line
    return lines


def _words(path: str, text: str, script: Script | None) -> Iterator[_Word]:
    yield from _addressed(text, 0)
    if script is not None:
        yield from _code(text)
        yield from _strings(script, prose=not path.endswith(("package.json", ".map")))
    elif suffix(path) in PROSE:
        for found in _PARAGRAPH.finditer(text):
            yield Kind.PROMPT, found[0].strip()[:MAX_PROSE], found.start()


def _addressed(text: str, at: int | None) -> Iterator[_Word]:
    """Yield hosts and addresses.

    :param at: what is added to a position; ``None`` where the text stands nowhere as it is, so that the caller knows.
    """
    for found in _HOST.finditer(text):
        yield Kind.HOST, found[1].rstrip(".:").lower()[:MAX_WORD], found.start() + (at or 0)
    for found in _ADDRESS.finditer(text):
        yield Kind.ADDRESS, found[0][:MAX_WORD], found.start() + (at or 0)


def _code(text: str) -> Iterator[_Word]:
    for found in _ENVIRONMENT.finditer(text):
        yield Kind.ENVIRONMENT, found[1] or found[2] or found[3] or "the whole environment", found.start()
    for found in _TAKEN_APART.finditer(text):
        for name in re.findall(r"(?:^|,)\s*([A-Za-z_$][\w$]{0,100})", found[1]):
            yield Kind.ENVIRONMENT, name, found.start()
    for kind, pattern in CALLS.items():
        for found in pattern.finditer(text):
            word = next(group for group in found.groups() if group)
            yield kind, _CALL_WORD.get(word, word), found.start()
    for found in _CHARACTER_CODES.finditer(text):
        codes = [int(code, 0) for code in re.findall(r"0x[0-9a-fA-F]{1,6}|[1-9]\d{0,6}", found[1])]
        yield from _hidden("".join(chr(code) for code in codes if code <= 0x10FFFF), found.start())  # noqa: PLR2004


def _strings(script: Script, *, prose: bool) -> Iterator[_Word]:
    """Yield what strings say, and what they say once they are put together or decoded."""
    text = script.text
    for start, _, value, otherwise in script_tokens.strings(script):
        if host := _BARE_HOST.match(value):
            yield Kind.HOST, host[0].lower(), start
        if otherwise:
            yield from _hidden(value, start)
            if _INDEXED.search(text[max(0, start - 20) : start]):
                yield Kind.ENVIRONMENT, value[:MAX_WORD], start
        if LEAST_ENCODED <= len(value) <= MAX_ENCODED:
            for decoded in _decoded(value):
                yield from _hidden(decoded, start)
        if prose and _is_prose(value):
            yield Kind.PROMPT, value, start


def _hidden(value: str, position: int) -> Iterator[_Word]:
    """Yield what a string says that does not stand in the text as it is."""
    for kind, word, _ in _addressed(value, None):
        yield kind, word, position
    if host := _BARE_HOST.match(value):
        yield Kind.HOST, host[0].lower(), position
    word = value.removeprefix("node:")
    if word in _PIECED:
        yield _PIECED[word], word, position


def _decoded(value: str) -> Iterator[str]:
    """Yield what a string is in base64 and hexadecimal, where it is anything that can be read."""
    if _HEXADECIMAL.fullmatch(value):
        yield from _readable(bytes.fromhex(value))
    if _BASE64.fullmatch(value):
        padded = value.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield from _readable(base64.b64decode(padded + "=" * (-len(padded) % 4)))
        except (binascii.Error, ValueError):
            return


def _readable(data: bytes) -> Iterator[str]:
    text = data.decode("latin-1")
    if text.isascii() and text.replace("\n", "").isprintable():
        yield text


def _is_prose(string: str) -> bool:
    if not LEAST_PROSE <= len(string) <= MAX_PROSE or string.count(" ") < LEAST_SPACES:
        return False
    return sum(letter.isalnum() or letter.isspace() for letter in string) >= LEAST_LETTERS * len(string)
