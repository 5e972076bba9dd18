"""Cues: what a new version of a package says that the one before did not, and a reviewer wants to see first.

What a file says is :mod:`~provenly.verify.comparison.said`'s to tell. All of it is read, not understood: a cue is no
finding, and code that computes its words says none of them. What it says in their place is a cue of its own (``eval``,
``atob``, a computed ``import``), and the line itself is in the diff.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from provenly.verify.comparison.line_diff import Budget
from provenly.verify.comparison.said import Kind, Said, Uses
from provenly.verify.comparison.tools import Offer

PACKAGE_WIDE: Final = frozenset({Kind.HOST, Kind.ADDRESS, Kind.ENVIRONMENT, Kind.PROMPT})
"""What is new only where no file of the same sort, code or data, said it before: bundlers move code about."""

MAX_PAIRED: Final = 300
"""Sentences that went from one file, and are held against each new one of it."""

MAX_PAIRS: Final = 200_000
"""Pairs of sentences that are held against each other, about half a second; what is left is shown without a pair."""

ALIKE: Final = 0.5
"""The part of their words that two sentences share where one is taken for the other, changed."""

MAX_NAMES: Final = 5
"""Tools that are named where many changed in the same way."""

MAX_WORDS: Final = 400
"""Words of a schema that are named in one cue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """One thing that deserves a look.

    :param kind: what it is about.
    :param text: the word that is new, or a sentence.
    :param path: the packed file that it stands in: of the later version, or of the earlier one where it is gone.
    :param line: the line, from 1; 0 where the file as a whole is meant.
    :param was: what stood in its place before, or empty.
    :param was_path: the packed file of the earlier version in which that was, or empty.
    :param was_line: its line, from 1; 0 where there is none.
    :param reached: whether anything leads to the file, as far as can be told; doubt says yes.
    """

    kind: Kind
    text: str
    path: str
    line: int = 0
    was: str = ""
    was_path: str = ""
    was_line: int = 0
    reached: bool = True


def new(
    before: Mapping[str, Said],
    after: Mapping[str, Said],
    code: frozenset[str],
    moved: Mapping[str, str] | None = None,
) -> Iterator[Cue]:
    """Yield what the files of one version say that those of another did not.

    Words count as known where any file of the same sort said them; calls are compared file by file, by how often they
    are made: a second ``fetch`` in a file that has one is new.

    :param before: what each file of the earlier version says.
    :param after: what each file of the later version says.
    :param code: the paths, of both versions, that are code.
    :param moved: the earlier path of each file that is at another one now.
    """
    yield from _offers(before, after)
    told = {text for said in after.values() for offer, _ in said.offers for text in offer.says}
    known: dict[bool, set[tuple[Kind, str]]] = {
        is_code: {key for path, said in before.items() if (path in code) is is_code for key in said.words}
        for is_code in (True, False)
    }
    seen: set[tuple[bool, Kind, str]] = set()
    budget = Budget(MAX_PAIRS)
    gone = {key for said in after.values() for key in said.words if key[0] is Kind.PROMPT}
    for path in _ordered(after, code):
        is_code, place = path in code, (moved or {}).get(path, path)
        old = before[place].words if place in before else {}
        sentences: list[tuple[str, int]] = []
        for (kind, word), uses in after[path].words.items():
            if kind in PACKAGE_WIDE:
                if (kind, word) in known[is_code] or (is_code, kind, word) in seen:
                    continue
                seen.add((is_code, kind, word))
                if kind is Kind.PROMPT:
                    sentences.append((word, uses.line))
                else:
                    yield Cue(kind=kind, text=word, path=path, line=uses.line)
            else:
                yield from _more(kind, word, uses, old.get((kind, word)), path)
        went = {
            word: uses.line for (kind, word), uses in old.items() if kind is Kind.PROMPT and (kind, word) not in gone
        }
        yield from _sentences([one for one in sentences if one[0] not in told], went, (path, place), budget)


def _more(kind: Kind, word: str, uses: Uses, old: Uses | None, path: str) -> Iterator[Cue]:
    """Yield a cue where a file makes a call more often than before, at the first place that was not there before."""
    if old is None:
        yield Cue(kind=kind, text=word, path=path, line=uses.line)
    elif uses.count > old.count:
        there = {around for _, around in old.places}
        line = next((line for line, around in uses.places if around not in there), 0)
        yield Cue(kind=kind, text=f"{word} (now {uses.count}, before {old.count})", path=path, line=line)


def _sentences(
    found: list[tuple[str, int]], went: Mapping[str, int], paths: tuple[str, str], budget: Budget
) -> Iterator[Cue]:
    """Yield new sentences, each with the one that went in its place, if one is alike.

    :param paths: of the file in the later version and in the earlier one.
    """
    path, place = paths
    left = {word: _bag(word) for word in list(went)[:MAX_PAIRED]}
    for word, line in found:
        mine = _bag(word) if budget.spend(len(left)) else frozenset()
        best = max(left, key=lambda other: _share(mine, left[other]), default="")
        if best and _share(mine, left[best]) >= ALIKE:
            del left[best]
            yield Cue(kind=Kind.PROMPT, text=word, path=path, line=line, was=best, was_path=place, was_line=went[best])
        else:
            yield Cue(kind=Kind.PROMPT, text=word, path=path, line=line)


def _bag(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


def _share(mine: frozenset[str], other: frozenset[str]) -> float:
    return len(mine & other) / max(1, len(mine | other))


_Place = tuple[Offer, str, int]
"""An offer, the packed file that it is in, and its line from 1."""


def _offers(before: Mapping[str, Said], after: Mapping[str, Said]) -> Iterator[Cue]:
    """Yield the tools, prompts and resources that are new, gone, or say or take something else than before."""
    old, young = _listed(before), _listed(after)
    for key in (key for key in young if key not in old):
        offer, path, line = young[key]
        text = f"{_called(offer)} is new: {' — '.join(offer.says)}".removesuffix(": ")
        yield Cue(kind=Kind.TOOL, text=text, path=path, line=line)
    for key in (key for key in old if key not in young):
        offer, path, line = old[key]
        yield Cue(kind=Kind.TOOL, text=f"{_called(offer)} is gone", path=path, was_path=path, was_line=line)
    both = [(young[key], old[key]) for key in young if key in old]
    for (offer, path, line), (other, place, number) in both:
        if offer.says != other.says:
            came, went = _apart(offer.says, other.says), _apart(other.says, offer.says)
            text = f"{_called(offer)} says: {' — '.join(came) or 'the same in another order, or less'}"
            yield _tool(text, (path, line), " — ".join(went), (place, number))
    # A library that writes one more word into each schema is one thing to look at, not thirty.
    taken: dict[tuple[str, str], list[tuple[_Place, _Place]]] = {}
    for now, then in both:
        if now[0].shape != then[0].shape:
            came, went = _apart(now[0].shape, then[0].shape), _apart(then[0].shape, now[0].shape)
            taken.setdefault((_words(came), _words(went)), []).append((now, then))
    for (words, lost), found in taken.items():
        (offer, path, line), (_, place, number) = found[0]
        names = ", ".join(_called(now[0]) for now, _ in found[:MAX_NAMES])
        more = f" and {len(found) - MAX_NAMES:,} more" if len(found) > MAX_NAMES else ""
        text = f"{names}{more} {'takes' if len(found) == 1 else 'take'}: {words or 'less, or in another order'}"
        yield _tool(text, (path, line), lost, (place, number))


def _tool(text: str, now: tuple[str, int], was: str, then: tuple[str, int]) -> Cue:
    return Cue(kind=Kind.TOOL, text=text, path=now[0], line=now[1], was=was, was_path=then[0], was_line=then[1])


def _called(offer: Offer) -> str:
    return offer.name if offer.kind == "tool" else f"{offer.kind} {offer.name}"


def _listed(files: Mapping[str, Said]) -> dict[tuple[str, str, int], _Place]:
    """Return every offer by its kind, its name, and the how-manieth of that name it is; with its place."""
    found: dict[tuple[str, str, int], _Place] = {}
    times: Counter[tuple[str, str]] = Counter()
    for path in sorted(files):
        for offer, line in files[path].offers:
            times[offer.kind, offer.name] += 1
            found[offer.kind, offer.name, times[offer.kind, offer.name]] = offer, path, line
    return found


def _apart(mine: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Return the words that only one side has; all of them where the two have the same words in another order."""
    known = set(other)
    return tuple(dict.fromkeys(word for word in mine if word not in known))


def _words(words: tuple[str, ...]) -> str:
    rest = f" and {len(words) - MAX_WORDS:,} more" if len(words) > MAX_WORDS else ""
    return f"{' '.join(words[:MAX_WORDS])}{rest}"


def _ordered(paths: Iterable[str], code: frozenset[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path not in code, path))


_SPACE: Final = re.compile(r"\s+")


def around(text: str, other: str, room: int) -> str:
    """Return a text cut to what sets it apart from another, with some of what is common on both sides.

    :param other: the text that it is compared with; empty for none.
    :param room: characters of the answer, about.
    """
    text, other = _SPACE.sub(" ", text).strip(), _SPACE.sub(" ", other).strip()
    if len(text) <= room:
        return text
    same = next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    start = max(0, min(same - room // 4, len(text) - room)) if other else 0
    end = start + room
    rest = f" … ({len(text) - end} more characters)" if end < len(text) else ""
    return f"{'… ' if start else ''}{text[start:end]}{rest}"
