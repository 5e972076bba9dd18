"""Patches as git writes and reads them: ``git apply`` makes the right side of the left, byte for byte.

The format is that of git-diff(1), "generating patch text with -p". Text becomes hunks; what is no text, or has
characters that would act on a terminal or mislead a reader, becomes a binary patch, which only git reads. Nothing is
cut here: a patch is for programs.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from provenly.trust.text import show
from provenly.verify.comparison.line_diff import MAX_STEPS, Block, Budget, blocks, hunks

MAX_TEXT: Final = 16 * 1024 * 1024
"""Bytes of a file that becomes hunks; a larger one becomes a binary patch."""

_NONE: Final = "/dev/null"
_NULL_ID: Final = "0" * 40
_EXECUTABLE_BITS: Final = 0o111
_LINE: Final = 52
"""Bytes in a line of a binary patch (git's ``emit_binary_diff_body``)."""

_SHORT: Final = 26
"""Lengths up to which a line begins with a capital letter, which says its length."""

Content = tuple[bytes, int]
"""Bytes, and permission bits."""


def applies(path: str) -> bool:
    """Whether git applies a patch to ``path``: it refuses what would change its own folder (``verify_path``)."""
    return not any(part.lower().rstrip(". ") in {".git", "git~1", ""} for part in path.split("/"))


def patch(before: str, path: str, old: Content | None, new: Content | None) -> Iterator[str]:
    """Yield the lines of a patch for one file, without their ends.

    :param before: its path on the left side.
    :param path: its path on the right side.
    :param old: the left side; ``None`` where it is new.
    :param new: the right side; ``None`` where it is removed.
    """
    left, right = before if old else path, path if new else before
    yield f"diff --git {quoted(f'a/{left}')} {quoted(f'b/{right}')}"
    yield from _modes(old, new)
    if old and new and left != right:
        yield f"rename from {quoted(left)}"
        yield f"rename to {quoted(right)}"
    a, b = old[0] if old else b"", new[0] if new else b""
    if a == b and old and new:
        return
    lines = hunk_lines(a, b)
    full = lines is None
    yield f"index {_id(old, full=full)}..{_id(new, full=full)}" + (
        f" {_mode(new)}" if old and new and _same(old, new) else ""
    )
    if lines is None:
        yield from _binary(a, b)
    elif lines:
        yield f"--- {_header(f'a/{left}') if old else _NONE}"
        yield f"+++ {_header(f'b/{right}') if new else _NONE}"
        yield from lines


def hunk_lines(old: bytes, new: bytes) -> list[str] | None:
    """Return the hunks between two texts; ``None`` where they have to be a binary patch."""
    if len(old) > MAX_TEXT or len(new) > MAX_TEXT or b"\0" in old or b"\0" in new:
        return None
    try:
        left, right = (text.decode("utf-8").split("\n") for text in (old, new))
    except UnicodeDecodeError:
        return None
    # A last line without its end is another line than the same with one. No text that gets here has a NUL.
    keys = [_keyed(lines) for lines in (left, right)]
    changed = blocks(keys[0], keys[1], Budget(MAX_STEPS))
    found = list(_hunks(keys[0], keys[1], changed))
    return found if all(_harmless(line) for line in found) else None


def _keyed(lines: Sequence[str]) -> list[str]:
    return [*lines[:-1], *([f"{lines[-1]}\0"] if lines[-1] else [])]


def _hunks(left: Sequence[str], right: Sequence[str], changed: Sequence[Block]) -> Iterator[str]:
    for line in hunks(left, right, changed):
        if line.endswith("\0"):
            yield line[:-1]
            yield "\\ No newline at end of file"
        else:
            yield line


def _harmless(line: str) -> bool:
    r"""Whether a line can be written as it is, to a log of a build service too; one may end with ``\r\n``."""
    line = line.removesuffix("\r")
    if "##[" in line or line.lstrip().startswith("::"):
        return False
    return (line.isascii() and line.isprintable()) or show(line, limit=len(line), keep="\t") == line


def _modes(old: Content | None, new: Content | None) -> Iterator[str]:
    if new and not old:
        yield f"new file mode {_mode(new)}"
    elif old and not new:
        yield f"deleted file mode {_mode(old)}"
    elif not _same(old, new):
        yield f"old mode {_mode(old)}"
        yield f"new mode {_mode(new)}"


def _same(old: Content | None, new: Content | None) -> bool:
    return _mode(old) == _mode(new)


def _mode(content: Content | None) -> str:
    return "100755" if content and content[1] & _EXECUTABLE_BITS else "100644"


def _id(content: Content | None, *, full: bool) -> str:
    """Return git's id of the content; a binary patch needs the whole of it, and is checked against it."""
    if content is None:
        return _NULL_ID if full else _NULL_ID[:12]
    digest = hashlib.sha1(b"blob %d\0" % len(content[0]), usedforsecurity=False)
    digest.update(content[0])
    return digest.hexdigest() if full else digest.hexdigest()[:12]


def quoted(path: str) -> str:
    r"""Return a path as git quotes it (``core.quotePath``): in C's manner where it has anything but plain ASCII."""
    data = path.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in data):  # noqa: PLR2004 - printable ASCII
        return path
    return '"' + "".join(_quoted_byte(byte) for byte in data) + '"'


def _quoted_byte(byte: int) -> str:
    named = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
    if byte in named:
        return f"\\{named[byte]}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"  # noqa: PLR2004 - printable ASCII


def _header(path: str) -> str:
    """Return a path for a header line; a tab ends one with spaces, as readers would take a date for what follows."""
    name = quoted(path)
    return f"{name}\t" if " " in name and not name.startswith('"') else name


def _binary(old: bytes, new: bytes) -> Iterator[str]:
    """Yield a binary patch, forwards and backwards."""
    yield "GIT binary patch"
    for data in (new, old):
        yield f"literal {len(data)}"
        packed = zlib.compress(data, 9)
        for start in range(0, len(packed), _LINE):
            piece = packed[start : start + _LINE]
            length = chr(ord("A") + len(piece) - 1) if len(piece) <= _SHORT else chr(ord("a") + len(piece) - _SHORT - 1)
            yield length + base64.b85encode(piece, pad=True).decode("ascii")
        yield ""
