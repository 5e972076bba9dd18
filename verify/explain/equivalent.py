"""Equivalent: the source has the file at its place, and it says the same to every reader.

Tolerated are line endings (CRLF for LF), one final newline, a byte order mark, and for JSON the white space between
its tokens. That is safe for code where the language says so:

* JavaScript and TypeScript: CRLF is one line terminator, and in template literals, raw ones too, it *is* LF
  (ECMA-262, 12.9.6, TV and TRV of LineTerminatorSequence). A lone CR is compared as it is.
* HTML: parsers turn CRLF into LF before anything else (HTML, 13.2.3.5).
* JSON: parsed strictly, the order of keys kept, since what runs may depend on it.
* Prose (Markdown, plain text), even where something may run it: CRLF for LF changes nothing for those that read it.

A byte order mark before ``#!`` is never tolerated: with it a file is no script for the kernel, and whoever started it
runs it as a shell script, in which a line that JavaScript takes for a comment (``//bin/…``) is a command.

Shell and batch scripts, Python and native code are no such languages: for them only the very bytes will do.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import MalformedError
from provenly.trust.evidence import Explanation, FileClass
from provenly.trust.strict_json import loads, thaw
from provenly.verify.comparison.kinds import JAVASCRIPT, MARKUP, PROSE
from provenly.verify.explain.identical import is_document
from provenly.verify.explain.scene import Scene

MAX_JSON: Final = 8 * 1024 * 1024
"""Bytes of a JSON file that is compared as data. Source maps and OpenAPI documents reach some megabytes."""

_BOM: Final = b"\xef\xbb\xbf"
_NAMES: Final = frozenset({".json", ".map", ".webmanifest", ".jsonld", ".geojson"})
_TOLERANT: Final = JAVASCRIPT | MARKUP | PROSE | _NAMES
_STRING_OR_MINUS_ZERO: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|(-0(?![.\deE]))')


@dataclass(frozen=True, slots=True)
class Equivalent:
    """The explainer; see the module."""

    name: str = "equivalent"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield an explanation for each file that differs from its source in nothing that a reader sees."""
        places = {entry.path: place for entry in left if (place := _place(scene, entry.path))}
        sources = scene.read(places.values())
        for entry in left:
            place = places.get(entry.path, "")
            if place not in sources:
                continue
            detail = tolerated(entry.path, scene.content(entry), sources[place], code=_is_code(scene, entry.path))
            if detail:
                elsewhere = place != scene.beside(entry.path)
                yield scene.explanation(
                    entry, FileClass.EQUIVALENT, self.name, source=place, elsewhere=elsewhere, detail=detail
                )


def _place(scene: Scene, path: str) -> str:
    """Return the source file that a packed file is compared with: the one at its place, or the root's document."""
    beside = scene.beside(path)
    if beside in scene.files:
        return beside
    root = posixpath.basename(path)
    return root if is_document(path) and root in scene.files else ""


def _is_code(scene: Scene, path: str) -> bool:
    return path in scene.surface.executable


def tolerated(path: str, packed: bytes, source: bytes, *, code: bool) -> str:
    """Return what tells ``packed`` from ``source`` if no reader sees it, else an empty string.

    :param path: the packed path; its ending says which language the file is in.
    :param code: whether the file can run.
    """
    suffix = posixpath.splitext(path)[1].lower()
    if not code or suffix in _TOLERANT:
        difference = _layout(packed, source)
        if difference:
            return difference
    if suffix in _NAMES and (value := _as_data(path, packed)) and value == _as_data(path, source):
        return "the same JSON with other white space"
    return ""


def _layout(packed: bytes, source: bytes) -> str:
    """Name what differs between two texts: line endings, a byte order mark, a final newline; or nothing of the kind."""
    if not (_is_text(packed) and _is_text(source)):
        return ""
    found = []
    if packed.startswith(_BOM) != source.startswith(_BOM):
        found.append("a byte order mark")
    packed, source = packed.removeprefix(_BOM), source.removeprefix(_BOM)
    if found and packed.startswith(b"#!"):
        return ""
    if packed.endswith(b"\n") != source.endswith(b"\n"):
        found.append("the final newline")
        packed, source = _without_final_newline(packed), _without_final_newline(source)
    if packed != source:
        found.append(f"line endings ({_endings(packed)} in the package, {_endings(source)} in the source)")
    return " and ".join(found) if packed.replace(b"\r\n", b"\n") == source.replace(b"\r\n", b"\n") else ""


def _without_final_newline(text: bytes) -> bytes:
    return text[:-1].removesuffix(b"\r") if text.endswith(b"\n") else text


def _endings(text: bytes) -> str:
    crlf = text.count(b"\r\n")
    return "LF" if not crlf else "CRLF" if crlf == text.count(b"\n") else "both"


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_data(path: str, data: bytes) -> str:
    """Return JSON with one spelling for each value and its keys in their order; empty where it cannot be trusted."""
    try:
        value = loads(data, what=path, max_bytes=MAX_JSON, allow_bom=True)
    except MalformedError:
        # Two readers may disagree about such a file; it stays unexplained.
        return ""
    # JavaScript tells -0 from 0, Python's integers do not.
    zero = any(match[1] for match in _STRING_OR_MINUS_ZERO.finditer(data.decode("utf-8")))
    return "" if zero else json.dumps(thaw(value), ensure_ascii=False)
