"""What npm makes of a tar archive, faults and all: the other reader, for comparing our strict one with.

The behaviour is that of node-tar 7.5.22 with the options of pacote 21 on Linux, as observed and checked against it in
``tests/property``. It is as lenient as npm is; nothing in provenly uses it. Folders are left out, and so is what only
refuses an archive.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MAX_META: Final = 1 << 20
"""Bytes of an extended header beyond which npm passes over it."""

MAX_DEPTH: Final = 1024
MAX_INTEGER: Final = 2**53 - 1

FILES: Final = ("0", "", "7")
DESCRIBED_BY_PAX: Final = ("0", "", "1", "2", "3", "4", "5", "6", "7", "D")
KNOWN: Final = (*DESCRIBED_BY_PAX, "g", "x", "A", "I", "K", "L", "M", "N", "S", "V", "X")
META: Final = ("g", "x", "X", "L", "N", "K")

_AFTER_NUL: Final = re.compile("\0[^\n\r\u2028\u2029]*")
_OCTAL: Final = re.compile(r"[+-]?[0-7]+")
_NUMBER_OF_LINE: Final = re.compile(r"\s*[+-]?[0-9]+")
_ROOT: Final = re.compile(r"[a-zA-Z]:[\\/]?|[\\/]")


class InvalidError(Exception):
    """npm drops this header and takes the next block for one."""


@dataclass(slots=True)
class _Header:
    path: str
    kind: str
    size: int


@dataclass(slots=True)
class Model:
    """The state of npm's reader.

    :ivar files: what is installed, by path below the package's folder.
    """

    raw: bytes
    at: int = 0
    pax: dict[str, str] = field(default_factory=dict)
    pax_global: dict[str, str] = field(default_factory=dict)
    ignores: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)

    def run(self) -> dict[str, bytes]:
        """Read everything and return the files."""
        zeros = 0
        for block in self._blocks():
            if _is_null(block):
                zeros += 1
                if zeros == 2:
                    break
                continue
            zeros = 0
            try:
                header = self._header(block)
            except InvalidError:
                continue
            start, self.at = self.at, self.at + -(-header.size // 512) * 512
            content = self.raw[start : start + header.size]
            if header.kind in META:
                self._meta(header, content)
            else:
                self.pax = {}
                if header.kind in FILES and self.at <= len(self.raw):
                    self._install(header.path, content)
        return self.files

    def _blocks(self) -> Iterator[bytes]:
        while len(block := self.raw[self.at : self.at + 512]) == 512:
            self.at += 512
            yield block

    def _header(self, block: bytes) -> _Header:
        letter = _text(block[156:157])
        pax, both = ({}, {}) if letter not in DESCRIBED_BY_PAX else (self.pax, self.pax_global)
        path = pax.get("path", _text(block[:100]))
        for at, length in ((100, 8), (108, 8), (116, 8), (136, 12)):
            _number(block[at : at + length])
        size = _number(block[124:136]) if "size" not in pax and "size" not in both else None
        if "size" in both or "size" in pax:
            size = int(pax.get("size", both.get("size", "0")))
        size = size if size is not None and size >= 0 else 0
        kind = letter if letter in KNOWN else "?"
        if letter in FILES[:2] and path.endswith("/"):
            kind = "5"
        if kind == "5":
            size = 0
        link = _text(block[157:257])
        if block[257:265] == b"ustar\x0000":
            path = self._prefixed(block, path)
        if _number(block[148:160]) != sum(block) - sum(block[148:156]) + 256 or not path:
            raise InvalidError
        if (kind in ("1", "2")) != bool(link) and kind not in ("x", "g"):
            raise InvalidError
        return _Header(pax.get("path", path), kind, size)

    def _prefixed(self, block: bytes, path: str) -> str:
        numbers = [(329, 8), (337, 8)]
        length = 155
        if block[475] == 0:
            numbers += [(476, 12), (488, 12)]
            length = 130
        for at, width in numbers:
            _number(block[at : at + width])
        prefix = _text(block[345 : 345 + length])
        return f"{prefix}/{path}" if prefix or block[475] else path

    def _meta(self, header: _Header, content: bytes) -> None:
        if header.size > MAX_META or not header.size:
            return
        text = content.decode("utf-8", "replace")
        if header.kind in ("x", "X"):
            self.pax = {**self.pax, **_records(text)}
        elif header.kind == "g":
            self.pax_global = {**self.pax_global, **_records(text)}
        elif header.kind in ("L", "N"):
            self.pax = {**self.pax, "path": _AFTER_NUL.sub("", text, count=1)}

    def _install(self, path: str, content: bytes) -> None:
        base = path.rstrip("/").rpartition("/")[2]
        if base == ".npmignore":
            self.ignores.add(path)
        elif base == ".gitignore":
            path = re.sub(r"\.gitignore$", ".npmignore", path)
            if path in self.ignores:
                return
        parts = path.split("/")[1:]
        stripped = "/".join(parts)
        while root := _ROOT.match(stripped):
            stripped = stripped[root.end() :]
        if len(parts) > MAX_DEPTH or ".." in stripped.replace("\\", "/").split("/"):
            return
        final = posixpath.normpath(stripped) if stripped else "."
        if final != ".":
            self.files[final] = content


def npm_installs(raw: bytes) -> dict[str, bytes]:
    """Return the files that npm puts on disk for an uncompressed archive, by path below the package's folder."""
    return Model(raw).run()


def _is_null(block: bytes) -> bool:
    return not any(block[:148]) and not any(block[156:]) and _number(block[148:160]) is None


def _text(data: bytes) -> str:
    return _AFTER_NUL.sub("", data.decode("utf-8", "replace"), count=1)


def _number(data: bytes) -> int | None:
    if data[0] & 0x80:
        if data[0] == 0x80:
            value = int.from_bytes(data[1:], "big")
        elif data[0] == 0xFF:
            value = int.from_bytes(data, "big", signed=True)
        else:
            raise InvalidError
        if abs(value) > MAX_INTEGER:
            raise InvalidError
        return value
    digits = _OCTAL.match(data.decode("utf-8", "replace").partition("\0")[0].strip())
    return int(digits[0], 8) if digits else None


def _records(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n"):
        digits = _NUMBER_OF_LINE.match(line)
        number = int(digits[0]) if digits else None
        if number != len(line.encode("utf-8", "surrogatepass")) + 1:
            continue
        key, _, value = line[len(str(number)) + 1 :].partition("=")
        value = _AFTER_NUL.sub("", value, count=1)
        if key == "path":
            found[key] = value
        elif key == "size" and (size := _javascript_number(value)) is not None and size >= 0:
            found[key] = str(int(size))
    return found


def _javascript_number(text: str) -> float | None:
    """Return what JavaScript makes of a string where a number is wanted; ``None`` for NaN."""
    text = text.strip()
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        return int(text, 16)
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
        return float(text) if len(text) < 300 else None
    return 0 if not text else None
