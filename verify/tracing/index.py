"""Digest → places: the files of the sources and of the dependencies, taken apart once and kept."""

from __future__ import annotations

import posixpath
from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias

from provenly.trust.errors import Error
from provenly.verify.network.cache import Cache
from provenly.verify.tracing.entries import ENDINGS, entries, leading
from provenly.verify.tracing.isolates import File, Tracers
from provenly.verify.tracing.namespaces import Namespaces
from provenly.verify.tracing.prints import DIGEST, Entry, Prints, RefKind
from provenly.verify.tracing.shelf import Kept, Shelf

CODE: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".json")
"""What is taken apart, less declarations."""

TEXT: Final = (".sql", ".md", ".txt", ".html", ".css", ".graphql", ".yaml", ".yml", ".xml", ".svg", ".py", ".sh")
"""What bundlers can make a string of."""

_DECLARATIONS: Final = (".d.ts", ".d.mts", ".d.cts")

MAX_KEPT: Final = 400_000
"""Units of files whose whole prints are in memory at once: each takes some five hundred bytes."""

FEW: Final = 4
"""Statements of a file that does little but pass names on."""

ABOUT_FILES: Final = frozenset({"TRACE_SYNTAX", "TRACE_SIZE"})
"""The codes of errors that a file has on every machine. What takes too long on one need not on another."""

Rewrite: TypeAlias = Callable[[Mapping[str, bytes]], Mapping[str, bytes]]
"""Makes other texts of files, by their paths and in their order."""


class Place(NamedTuple):
    """A top unit of the corpus: the number of its file, and its own in that."""

    file: int
    unit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexed:
    """A file of the corpus.

    :param owner: ``name@version`` of the package that it belongs to; empty for the sources, ``*`` for bundlers.
    :param path: its path in the package, or in the repository.
    :param entry: what was found in it.
    """

    owner: str
    path: str
    entry: Entry = field(repr=False)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other file: two ways to read one file have the same."""
        return self.owner, self.path


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A package whose files are to be taken apart.

    :param owner: ``name@version``.
    :param integrity: what tells its archive from every other, or empty.
    :param files: its code.
    :param wanted: paths of files, or ``None`` for all.
    """

    owner: str
    integrity: str
    files: Mapping[str, bytes] = field(repr=False)
    wanted: frozenset[str] | None = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the files that are asked for."""
        paths = self.files.keys() if self.wanted is None else self.wanted & self.files.keys()
        return sum(len(self.files[path]) for path in paths)


class Index:
    """The corpus of one match.

    :param tracers: take files apart.
    :param cache: where the entries of packages are kept, or ``None`` to keep none.
    :param mode: what was done to the files before, for the keys of what is kept.
    :param flat: whether what ``export * as x`` gives is read as bundles have it that have no object for ``x``.
    :ivar lost: the names of packages of which a version could not be had.
    :ivar hindered: which file could not be taken apart within the limits of this machine, and why; else empty.
    """

    def __init__(self, tracers: Tracers, cache: Cache | None, *, mode: str = "", flat: bool = False) -> None:
        self._tracers = tracers
        self._flat = flat
        self.shelf = Shelf(cache, f"{mode} flat" if flat else mode)
        self.hindered = ""
        self.files: list[Indexed] = []
        self.refused: list[tuple[str, str, Error]] = []
        self.by_path: dict[tuple[str, str], list[int]] = {}
        self._tops: dict[bytes, list[Place]] = {}
        self._held = 0
        self.versioned: frozenset[int] = frozenset()
        self.lost: frozenset[str] = frozenset()
        self.manifests: dict[str, Mapping[str, object]] = {}
        self._prints: OrderedDict[int, Prints] = OrderedDict()

    def add(self, owner: str, files: Mapping[str, bytes]) -> None:
        """Take files apart and add them; those that cannot be read are only noted."""
        for path, entry in self.entries(_readings(files, Namespaces(files if self._flat else {}))):
            if isinstance(entry, Error):
                self.refused.append((owner, path, entry))
            else:
                self.insert(Indexed(owner=owner, path=path, entry=entry))

    def add_fixed(self, owner: str, files: Mapping[str, bytes], rewritten: Rewrite) -> None:
        """Add files that are the same for every bundle: what is found in them is kept like a package's.

        :param rewritten: what is done to the files before they are taken apart.
        """
        integrity = sha256(repr(sorted(files.items())).encode()).hexdigest()
        kept = self.shelf.get(owner, integrity, None)
        if kept is None:
            before = len(self.files)
            self.add(owner, rewritten(files))
            entries = {one.path: one.entry for one in self.files[before:]}
            if len(entries) == len(files):
                found = Kept(entries=entries, manifest={}, size=sum(map(len, files.values())))
                self.shelf.put(owner, integrity, None, found, entries)
            return
        for path, entry in kept.entries.items():
            self.insert(Indexed(owner=owner, path=path, entry=entry))

    def add_kept(self, owner: str, kept: Kept) -> None:
        """Add files of a package that were taken apart before."""
        self.manifests[owner] = kept.manifest
        for path, entry in kept.entries.items():
            self.insert(Indexed(owner=owner, path=path, entry=entry))

    def taken_apart(self, packages: Sequence[Wanted], rewritten: Rewrite) -> Iterator[Kept]:
        """Take files of packages apart, all of these at once, with those that they import from their package.

        What is found is kept for the next time, unless that it was not all was the machine's fault.

        :param rewritten: what is done to files before they are taken apart.
        """
        works = [_Work(one, self.shelf.entries(one.owner, one.integrity), flat=self._flat) for one in packages]
        while todo := [(work, path) for work in works for path in work.new()]:
            names = {f"{number}/{path}": work.of.files[path] for number, (work, path) in enumerate(todo)}
            texts = dict(zip(todo, rewritten(names).values(), strict=True))
            files = [(work, one) for work, path in todo for one in _readings({path: texts[work, path]}, work.spaces)]
            answers = self.entries([one for _, one in files])
            for (work, file), (_, entry) in zip(files, answers, strict=True):
                if isinstance(entry, Entry):
                    work.found[file.path] = entry
                elif entry.code not in ABOUT_FILES:
                    self.hindered = self.hindered or f"{work.of.owner}/{file.path}: {entry.message}"
                    work.whole = False
            for work in works:
                work.follow()
        for work in works:
            kept = work.kept()
            if work.whole:
                self.shelf.put(work.of.owner, work.of.integrity, work.of.wanted, kept, work.changed())
            yield kept

    def entries(self, files: Sequence[File]) -> Iterator[tuple[str, Entry | Error]]:
        """Take files apart, and yield the entry of each."""
        for file, answer in zip(files, self._tracers.prints(files), strict=True):
            yield file.path, answer if isinstance(answer, Error) else Entry.of(answer)

    def insert(self, file: Indexed) -> None:
        """Add a file."""
        number = len(self.files)
        self.files.append(file)
        self.by_path.setdefault(file.key, []).append(number)
        tops = file.entry.tops
        for at, unit in enumerate(file.entry.numbers):
            self._tops.setdefault(tops[DIGEST * at : DIGEST * (at + 1)], []).append(Place(number, unit))

    def places(self, digest: bytes) -> Sequence[Place]:
        """Return the top units with a digest."""
        return self._tops.get(digest, ())

    def is_lost(self, number: int) -> bool:
        """Whether another version of the package of a file could not be had."""
        return self.files[number].owner.rpartition("@")[0] in self.lost

    def prints(self, number: int) -> Prints:
        """Return all that is known of a file."""
        found = self._prints.get(number)
        if found is None:
            found = self._prints[number] = Prints.loads(self.files[number].entry.packed)
            self._held += len(found.units)
            while self._held > MAX_KEPT and len(self._prints) > 1:
                self._held -= len(self._prints.popitem(last=False)[1].units)
        else:
            self._prints.move_to_end(number)
        return found

    def holding(self, digests: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """Return which files have units inside of others with given digests."""
        wanted = {int.from_bytes(digest[:8], "little"): digest for digest in digests}
        found: dict[bytes, list[int]] = {}
        for number, file in enumerate(self.files):
            if self.is_lost(number):
                continue
            numbers = array("Q", file.entry.inner)
            for hit in wanted.keys() & set(numbers):
                found.setdefault(wanted[hit], []).append(number)
        return found

    def foreign(self, words: Mapping[bytes, str]) -> set[str]:
        """Return those of ``words``, which are by their eight bytes, that no file of the corpus has."""
        left = {int.from_bytes(digest, "little"): word for digest, word in words.items()}
        for file in self.files:
            for hit in left.keys() & set(array("Q", file.entry.words)):
                del left[hit]
        return set(left.values())


def is_code(path: str) -> bool:
    """Whether a file can be a module."""
    return path.endswith(CODE) and not path.endswith(_DECLARATIONS)


def _readings(files: Mapping[str, bytes], spaces: Namespaces) -> list[File]:
    """Return files as they are to be read: TypeScript's twice where classes have fields, with and without them."""
    found = []
    for path in sorted(files):
        if not is_code(path) and not path.endswith(TEXT):
            continue
        file = File(path=path, data=files[path], given=spaces.of(path, files[path]))
        found.append(file)
        if path.endswith((".ts", ".tsx", ".mts", ".cts")) and b"class" in files[path]:
            found.append(replace(file, fields=False))
    return found


class _Work:
    """A package that is being taken apart.

    :ivar found: what was found in its files, by path.
    :ivar whole: whether no file is missing for a reason that another machine may not have.
    """

    def __init__(self, of: Wanted, found: dict[str, Entry], *, flat: bool) -> None:
        self.of = of
        self.spaces = Namespaces(of.files if flat else {})
        self.found = found
        self.whole = True
        self._before = len(found)
        self._todo = set(of.files) if of.wanted is None else (of.wanted | set(entries(of.files))) & of.files.keys()
        self._seen = set(self._todo)

    def new(self) -> list[str]:
        """Return what is to be taken apart next."""
        return sorted(self._todo - self.found.keys())

    def follow(self) -> None:
        """Go on to the files that those which were just taken apart import."""
        near: set[str] = set()
        while self._todo:
            for path in self._todo:
                if path in self.found and _follows(path, self.found[path], self.of.wanted):
                    near.update(_near(path, self.found[path], self.of.files))
            self._todo = near - self._seen
            self._seen |= self._todo
            if self.new():
                break
            near = set()

    def kept(self) -> Kept:
        """Return what was found in all that was asked for."""
        found = {path: self.found[path] for path in sorted(self._seen & self.found.keys())}
        return Kept(entries=found, manifest=leading(self.of.files), size=self.of.size)

    def changed(self) -> Mapping[str, Entry] | None:
        """Return all that is known of the package, where that is more than before."""
        return self.found if len(self.found) > self._before else None


def _follows(path: str, entry: Entry, wanted: Collection[str] | None) -> bool:
    """Whether what a file imports is looked at, too: where the file is wanted, or does little but pass names on."""
    return wanted is not None and (path in wanted or len(entry.tops) <= FEW * DIGEST)


def _near(path: str, entry: Entry, files: Collection[str]) -> Iterator[str]:
    """Yield the files of a package that one imports: names may lead through them, though they have no statement."""
    prints = Prints.loads(entry.packed)
    modules = {ref.module for ref in prints.refs if ref.kind is RefKind.IMPORTED}
    modules.update(module for _, module, _ in prints.raw["passed"])
    for module in modules:
        if module.startswith("."):
            base = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
            for ending in ENDINGS:
                if base + ending in files:
                    yield base + ending
                    break
