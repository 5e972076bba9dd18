"""What is said of a bundle that was traced: the shares, what comes from nowhere, and the words that nothing else has.

Nowhere is it said that a bundle was reproduced: tracing is about its statements, not about the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.evidence import ForeignWord, Trace
from provenly.trust.text import plural, show
from provenly.verify.comparison import said
from provenly.verify.explain.traced.outcome import Outcome
from provenly.verify.tracing.result import Reason, Traced, Untraced

MAX_PIECES: Final = 200
"""Pieces that are shown; nobody reads more, and the sizes count all."""

MAX_LINES: Final = 60
"""Lines of one piece that are shown."""

MAX_WORDS: Final = 1_000
"""Foreign words that are kept, the hosts, addresses and variables first."""

MAX_ALL_WORDS: Final = 5_000
"""Foreign words of all bundles of a package."""

MAX_DIFF: Final = 4 * 1024 * 1024
"""Characters of what is shown of all bundles of a package, as of the diffs of other files."""

MAX_NAMES: Final = 500
"""Packages that are named for one bundle. A server with all cloud clients in it has some five hundred."""

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


@dataclass(slots=True)
class Room:
    """What there is room for in the evidence of one package, however many bundles it has.

    :param diff: characters of pieces that are shown.
    :param words: foreign words.
    """

    diff: int = MAX_DIFF
    words: int = MAX_ALL_WORDS


def trace_of(found: Traced, rewritten: str, room: Room) -> Trace:
    """Return the shares of a bundle for evidence and reports.

    :param rewritten: the release of esbuild that both sides were rewritten with, or empty.
    :param room: what there is room for; what is taken of it is gone.
    """
    words = [_word(word.text, word.line) for word in found.words]
    order = {"host": 0, "address": 1, "environment": 2, "word": 3}
    words.sort(key=lambda word: (order[word.kind], word.line, word.text))
    words = words[: min(MAX_WORDS, room.words)]
    room.words -= len(words)
    return Trace(
        sources=found.sources,
        files=len(found.files),
        dependencies=_largest(found.dependencies),
        glue=found.glue,
        untraced=found.untraced,
        pieces=len(found.pieces),
        rewritten=rewritten,
        missing=found.missing[:MAX_NAMES],
        words=tuple(words),
    )


def _largest(sizes: Mapping[str, int]) -> Mapping[str, int]:
    """Return the sizes of the packages that have most of a bundle, and of all others together."""
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    rest = names[MAX_NAMES:]
    found = {name: sizes[name] for name in sorted(names[:MAX_NAMES])}
    return {**found, f"{plural(len(rest), 'other')}": sum(sizes[name] for name in rest)} if rest else found


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


def versions(found: Traced, version: str) -> list[str]:
    """Return that the version which was published stands where the commit has another, if it does."""
    if not found.versions:
        return []
    lines = ", ".join(f"{line:,}" for line in sorted(set(found.versions))[:NAMED])
    more = len(set(found.versions)) - NAMED
    where = f"line {lines}{f' and {more:,} more' if more > 0 else ''}"
    text = f"the published version {show(version, limit=80)} stands where the commit has another, or a variable"
    return [f"{text} ({where})"]


def lacking(outcome: Outcome, trace: Trace) -> list[str]:
    """Return which dependencies could not be had, where what comes from nowhere may be theirs."""
    names = trace.missing[:NAMED]
    parts = [f"{name} could not be had: {outcome.missing.get(name, 'it is not there')}" for name in names]
    if len(trace.missing) > len(names):
        parts.append(f"nor could {len(trace.missing) - len(names):,} more")
    return [*parts, *([outcome.lock] if outcome.lock else [])]


def diff_of(path: str, pieces: Sequence[Untraced], commit: str, rewritten: str, room: Room) -> str:
    """Return the pieces that come from nowhere, in the form of a unified diff: each is a hunk of its own.

    The lines are those of the packed file. The text is verbatim, or as esbuild writes it where it has rewritten both
    sides, which the last line says.

    :param rewritten: the release of esbuild that has, or empty.
    :param room: what there is room for; what is taken of it is gone.
    """
    if not pieces:
        return ""
    rows = [f"--- a/sources and locked dependencies@{commit[:12]}", f"+++ b/{path}"]
    shown = 0
    for piece in pieces[:MAX_PIECES]:
        lines = piece.text.split("\n")
        hunk = [f"@@ -0,0 +{piece.first},{piece.last - piece.first + 1} @@ {_why(piece)}"]
        hunk += [f"+{line}" for line in lines[:MAX_LINES]]
        if len(lines) > MAX_LINES:
            hunk.append(f"\\ {plural(len(lines) - MAX_LINES, 'more line')} of this piece")
        size = sum(map(len, hunk))
        if size > room.diff:
            break
        room.diff -= size
        rows += hunk
        shown += 1
    if len(pieces) > shown:
        rows.append(f"\\ {plural(len(pieces) - shown, 'more piece')} of this file")
    if rewritten:
        rows.append(f"\\ as esbuild {rewritten} writes it; the lines are those of the packed file")
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
