"""The files of a package as a tree of folders that open and close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Child, Html, code, tag, text
from provenly.report.html.picture import MEANING, UNCHECKED, Share, bar, key
from provenly.report.read import Members
from provenly.report.words import size
from provenly.trust.evidence import FileClass
from provenly.trust.text import plural

MAX_FILES: Final = 3_000
"""Files on a page; browsers lay these out at once. What nothing explains goes first, the rest is counted by folder."""

MAX_FOLDER: Final = 300
"""Files of one folder that the source explains."""

MAX_DEPTH: Final = 12
"""Folders inside each other; what lies deeper is listed by its whole path there."""

MAX_OPEN: Final = 200
"""Files of a package whose folders are all open; of a larger one only those with something unexplained."""

MAX_NAME: Final = 256
"""Characters of a name, which is as long as file systems let them be; what lies too deep has a path for one."""

MAX_WHY: Final = 160
"""Characters of the reason beside a file that nothing explains; the whole reason stands with its diff."""

BAD: Final = frozenset({FileClass.VOCABULARY.value, FileClass.UNEXPLAINED.value, UNCHECKED})

_ORDER: Final = tuple(MEANING)


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    path: str
    size: int
    kind: str
    source: str
    detail: str
    executable: bool


@dataclass(kw_only=True, slots=True)
class _Folder:
    """A folder: what is in it, and the bytes and files of each class in it and below."""

    folders: dict[str, _Folder] = field(default_factory=dict)
    files: list[tuple[str, _File]] = field(default_factory=list)
    sizes: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)


def section(document: Members) -> Iterator[Html]:
    """Yield the tree, and how many files are not in it."""
    files = read.mapping(document, "files")
    listed = _files(files)
    if not listed:
        said = "This document does not list the files; the ones that nothing explains are above."
        yield tag("p", said if files else "Nothing was compared, and files are listed as they were compared.")
        return
    root = _Folder()
    for file in listed:
        _add(root, file)
    room = _Room(left=MAX_FILES - sum(file.kind in BAD for file in listed))
    yield tag("ul", _inside(root, room, everything=len(listed) <= MAX_OPEN), class_="tree")
    unlisted = read.number(files, "total") - len(listed)
    if room.left_out or unlisted > 0:
        yield tag(
            "p",
            f"{plural(room.left_out + max(0, unlisted), 'file')} are not listed here one by one; ",
            "the JSON document has those that it has room for.",
        )


@dataclass(kw_only=True, slots=True)
class _Room:
    """How many more files that the source explains can be shown, and how many were not."""

    left: int
    bad: int = MAX_FILES
    left_out: int = 0

    def take(self, file: _File, shown: int) -> bool:
        """Whether a file is shown, of whose folder ``shown`` are."""
        if file.kind in BAD:
            self.bad -= 1
            fits = self.bad >= 0
        else:
            fits = self.left > 0 and shown < MAX_FOLDER
            self.left -= fits
        self.left_out += not fits
        return fits


def _files(files: Members) -> list[_File]:
    unlooked = {read.text(one, "path") for one in read.mappings(files, "unexplained") if read.text(one, "unchecked")}
    return [
        _File(
            path=read.text(one, "path"),
            size=read.number(one, "size"),
            kind=UNCHECKED if read.text(one, "path") in unlooked else read.text(one, "class"),
            source=read.text(one, "source"),
            detail=read.text(one, "detail"),
            executable=read.flag(one, "executable"),
        )
        for one in read.mappings(files, "entries")
    ]


def _add(root: _Folder, file: _File) -> None:
    folder = root
    *folders, name = file.path.split("/", MAX_DEPTH)
    for step in (None, *folders):
        if step is not None:
            folder = folder.folders.setdefault(step, _Folder())
        folder.sizes[file.kind] += file.size
        folder.counts[file.kind] += 1
    folder.files.append((name, file))


def _inside(folder: _Folder, room: _Room, *, everything: bool) -> Iterator[Html]:
    for name in sorted(folder.folders):
        yield _folder(name, folder.folders[name], room, everything=everything)
    rest: Counter[str] = Counter()
    shown = 0
    for name, file in sorted(folder.files, key=lambda one: (one[1].kind not in BAD, one[0])):
        if room.take(file, shown):
            shown += 1
            yield tag("li", _file(name, file))
        else:
            rest[file.kind] += 1
    if rest:
        yield tag("li", tag("div", f"and {_said(rest)} more", class_="file soft"))


def _folder(name: str, folder: _Folder, room: _Room, *, everything: bool) -> Html:
    while len(folder.folders) == 1 and not folder.files:
        [(inner, folder)] = folder.folders.items()
        name = f"{name}/{inner}"
    if room.left <= 0 and not _bad(folder):
        # A folder of which nothing would be shown is one line, not an empty drawer.
        room.left_out += folder.counts.total()
        return tag("li", tag("div", _head(name, folder), class_="folder"))
    inside = tag("ul", _inside(folder, room, everything=everything))
    return tag("li", tag("details", tag("summary", _head(name, folder)), inside, open=everything or _bad(folder)))


def _bad(folder: _Folder) -> bool:
    return any(folder.counts[kind] for kind in BAD)


def _head(name: str, folder: _Folder) -> Child:
    shares: list[Share] = [(kind, folder.sizes[kind]) for kind in _ORDER]
    about = f" {_said(folder.counts)}, {size(folder.sizes.total())}"
    return [tag("span", code(f"{name}/", limit=MAX_NAME), tag("span", about, class_="soft")), bar(shares)]


def _file(name: str, file: _File) -> Html:
    came: Child = None
    if file.source and file.source.rpartition("/")[2] != name:
        came = tag("span", " ← ", code(file.source, limit=MAX_NAME), class_="soft")
    why = tag("div", text(file.detail, limit=MAX_WHY), class_="why") if file.detail and file.kind in BAD else None
    return tag(
        "div",
        tag("span", code(name, limit=MAX_NAME), came),
        key(file.kind),
        tag("span", size(file.size), class_="n"),
        why,
        class_="file",
    )


def _said(counts: Counter[str]) -> str:
    """Return how many files of each class there are, the strongest first."""
    known: Iterable[str] = (kind for kind in (*_ORDER, *sorted(set(counts) - set(_ORDER))) if counts[kind])
    return ", ".join(f"{counts[kind]:,} {kind}" for kind in known)
