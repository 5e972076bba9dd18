"""What is said of a bundle that was traced: the shares, what comes from nowhere, and the words that nothing else has.

Nowhere is it said that a bundle was reproduced: tracing is about its statements, not about the program.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from provenly.trust.evidence import ForeignWord, Trace
from provenly.trust.text import plural, show
from provenly.verify.comparison import said
from provenly.verify.tracing.result import Reason, Traced, Untraced

MAX_PIECES: Final = 200
"""Pieces that are shown; nobody reads more, and the sizes count all."""

MAX_LINES: Final = 60
"""Lines of one piece that are shown."""

MAX_WORDS: Final = 1_000
"""Foreign words that are kept, the hosts, addresses and variables first."""

MAX_WORD: Final = 300
"""Characters of one of them."""

NAMED: Final = 3
"""Foreign words, and missing packages, that a sentence names."""

SAID: Final = {
    Reason.UNKNOWN: "nothing like it is in the sources or the dependencies",
    Reason.CHANGED: "something like it is there, but not this",
    Reason.LINK: "it is there, but a name in it stands for something else here",
    Reason.COPY: "it is there, but not as often",
    Reason.IMPORT: "no source imports this module",
    Reason.ORDER: "it is there, but in another order",
}
"""Why a piece comes from nowhere, in words."""

_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_WINDOW: Final = 24
"""Characters by which a piece is found in a file that esbuild has not rewritten."""


def trace_of(found: Traced, rewritten: str, lines: Sequence[int]) -> Trace:
    """Return the shares of a bundle for evidence and reports.

    :param rewritten: the release of esbuild that both sides were rewritten with, or empty.
    :param lines: for each of the bundle's words the line on which it stands.
    """
    words = [_word(word.text, line) for word, line in zip(found.words, lines, strict=True)]
    order = {"host": 0, "address": 1, "environment": 2, "word": 3}
    words.sort(key=lambda word: (order[word.kind], word.line, word.text))
    return Trace(
        sources=found.sources,
        files=len(found.files),
        dependencies=found.dependencies,
        glue=found.glue,
        untraced=found.untraced,
        pieces=len(found.pieces),
        rewritten=rewritten,
        missing=found.missing,
        words=tuple(words[:MAX_WORDS]),
    )


def _word(text: str, line: int) -> ForeignWord:
    return ForeignWord(kind=kind_of(text), text=text[:MAX_WORD], line=line)


def kind_of(text: str) -> str:
    """Return what a word is: what a reader of code of strangers looks for first."""
    if named := said.addressed(text):
        return named.value
    return "environment" if _VARIABLE.fullmatch(text) else "word"


def sentence(trace: Trace) -> str:
    """Return where a bundle comes from, in one phrase."""
    parts = []
    if trace.sources:
        parts.append(f"{_share(trace.sources, trace)} to {plural(trace.files, 'source file')}")
    if trace.dependencies:
        count = plural(len(trace.dependencies), "locked dependency", "locked dependencies")
        parts.append(f"{_share(sum(trace.dependencies.values()), trace)} to {count}")
    if trace.glue:
        parts.append(f"{_share(trace.glue, trace)} is the bundler's glue")
    text = f"traced, not reproduced: {', '.join(parts)}" if parts else "nothing of it could be traced"
    if trace.rewritten:
        text += f" (both sides rewritten by esbuild {trace.rewritten})"
    if trace.pieces:
        text += f"; {_share(trace.untraced, trace)} in {plural(trace.pieces, 'piece')} comes from nowhere"
    return text


def vocabulary(trace: Trace) -> str:
    """Return what is said of the words that nothing else has; empty where there are none."""
    if not trace.words:
        return ""
    first = ", ".join(f"“{show(word.text, limit=80)}”" for word in trace.words[:NAMED])
    more = f" and {len(trace.words) - NAMED:,} more" if len(trace.words) > NAMED else ""
    return f"in no source and no dependency: {first}{more}"


def _share(size: int, trace: Trace) -> str:
    """Return a part of a bundle in percent, never rounded to nothing or to all."""
    part = 100 * size / max(1, trace.size)
    if part > 99.9 and size < trace.size:  # noqa: PLR2004 - a hundred is said of all only
        return "99.9 %"
    if part < 0.1:  # noqa: PLR2004 - nothing is said of nothing only
        return "under 0.1 %"
    return f"{part:.0f} %" if part >= 10 or part == round(part) else f"{part:.1f} %"  # noqa: PLR2004 - two digits


def diff_of(path: str, pieces: Sequence[Untraced], places: Sequence[tuple[int, int]], commit: str) -> str:
    """Return the pieces that come from nowhere, verbatim, in the form of a unified diff: each is a hunk of its own.

    :param places: for each piece its lines in the packed file.
    """
    if not pieces:
        return ""
    rows = [f"--- a/sources and locked dependencies@{commit[:12]}", f"+++ b/{path}"]
    for piece, (first, last) in list(zip(pieces, places, strict=True))[:MAX_PIECES]:
        rows.append(f"@@ -0,0 +{first},{last - first + 1} @@ {_why(piece)}")
        lines = piece.text.split("\n")
        rows += [f"+{line}" for line in lines[:MAX_LINES]]
        if len(lines) > MAX_LINES:
            rows.append(f"\\ {plural(len(lines) - MAX_LINES, 'more line')} of this piece")
    if len(pieces) > MAX_PIECES:
        rows.append(f"\\ {plural(len(pieces) - MAX_PIECES, 'more piece')} of this file")
    return "\n".join(rows) + "\n"


def _why(piece: Untraced) -> str:
    text = SAID.get(piece.reason, "it is there, but otherwise")
    if piece.detail:
        text += f" ({show(piece.detail, limit=120)})"
    return f"{text}; the nearest is {show(piece.nearest, limit=200)}" if piece.nearest else text


def runs(places: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return lines in order, those that touch or overlap as one run."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(places):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


class Places:
    """Finds where in a packed file that is, which esbuild has rewritten.

    :param text: the packed file.
    """

    def __init__(self, text: str) -> None:
        self._count = max(1, text.count("\n") + (not text.endswith("\n")))
        self._ends: list[int] = []
        parts: list[str] = []
        size = 0
        for line in text.split("\n"):
            bare = _bare(line)
            parts.append(bare)
            size += len(bare)
            self._ends.append(size)
        self._text = "".join(parts)

    def of(self, pieces: Sequence[Untraced]) -> list[tuple[int, int]]:
        """Return the lines of pieces that are in their order; one that is not found is between its neighbours."""
        found = [self._lines(piece) for piece in pieces]
        places = []
        before = 1
        for number, lines in enumerate(found):
            after = next((later[0] for later in found[number:] if later), self._count)
            places.append(lines or (before, max(before, after)))
            before = lines[1] if lines else before
        return places

    def _lines(self, piece: Untraced) -> tuple[int, int] | None:
        hits = [self._line(at) for window in _windows(_bare(piece.text)) if (at := self._only(window)) >= 0]
        if not hits:
            return None
        # A part of the piece may stand elsewhere too, once: only what is around most of its parts counts.
        middle, reach = sorted(hits)[len(hits) // 2], 2 * piece.text.count("\n") + 2
        near = [line for line in hits if abs(line - middle) <= reach]
        return min(near), max(near)

    def word(self, text: str) -> int:
        """Return the first line on which a word stands; 0 for none."""
        at = self._text.find(_bare(text))
        return self._line(at) if at >= 0 else 0

    def _only(self, window: str) -> int:
        """Return where a text is, if it is in one place; else -1."""
        at = self._text.find(window)
        return at if at >= 0 and self._text.find(window, at + 1) < 0 else -1

    def _line(self, at: int) -> int:
        return bisect_right(self._ends, at) + 1


def _bare(text: str) -> str:
    """Return a text without what esbuild may write otherwise: spaces, quotes and semicolons."""
    return re.sub(r"[\s\"'`;]+", "", text)


def _windows(text: str) -> Iterator[str]:
    """Yield parts of a text, a bounded number of them."""
    if len(text) <= _WINDOW:
        yield text
        return
    step = max(_WINDOW // 2, len(text) // 40)
    yield from (text[at : at + _WINDOW] for at in range(0, len(text) - _WINDOW + 1, step))
