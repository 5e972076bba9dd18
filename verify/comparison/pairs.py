"""Which file of an earlier version a file of a later one was, where its path is not the same."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.model import Note

MAX_NAMESAKES: Final = 50
"""Files of one name that went, among which the earlier place of one that came is looked for."""


def moved(old: Mapping[str, FileEntry], young: Mapping[str, FileEntry]) -> dict[str, str]:
    """Return the earlier path of each file that came where one of the same name went, nearest folders first."""
    went: dict[str, list[str]] = {}
    for path in sorted(old.keys() - young.keys()):
        went.setdefault(posixpath.basename(path), []).append(path)
    pairs: dict[str, str] = {}
    for path in sorted(young.keys() - old.keys()):
        near = went.get(posixpath.basename(path), [])[:MAX_NAMESAKES]
        same = [place for place in near if old[place].digest == young[path].digest]
        best = max(same or near, key=lambda place: _shared(place, path), default="")
        if best:
            pairs[path] = best
            went[posixpath.basename(path)].remove(best)
    return pairs


def _shared(path: str, other: str) -> int:
    """Return how many parts, from the end, two paths have in common, a dot before a folder's name apart."""
    parts = zip(path.split("/")[::-1], other.split("/")[::-1], strict=False)
    return next((number for number, (a, b) in enumerate(parts) if a.lstrip(".") != b.lstrip(".")), 1_000)


def renamed_by_case(old: Iterable[str], young: Iterable[str]) -> Iterator[Note]:
    """Yield a note for each later path that the earlier side has with other capitals only."""
    spelled = {path.casefold(): path for path in old}
    for path in sorted(young):
        other = spelled.get(path.casefold(), path)
        if other != path:
            text = f"{path} differs from {other} of the other side by capital letters only"
            yield Note(code="PATH_CASE", text=text, where=path)
