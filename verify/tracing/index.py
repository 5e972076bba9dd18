"""Digest → places: the files of the sources and of the dependencies, taken apart once and kept."""

from __future__ import annotations

import json
import posixpath
import re
from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

from provenly.trust.errors import Error, MalformedError
from provenly.verify.compiler.results import Results
from provenly.verify.network.cache import Cache
from provenly.verify.tracing.entries import ENDINGS, entries, leading
from provenly.verify.tracing.isolates import RELEASE, File, Tracers
from provenly.verify.tracing.prints import DIGEST, Entry, Prints, RefKind
from provenly.verify.tracing.program import version

SCHEMA: Final = 3
"""Changes whenever kept entries would be read otherwise."""

CODE: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".json")
"""What is taken apart, less declarations."""

TEXT: Final = (".sql", ".md", ".txt", ".html", ".css", ".graphql", ".yaml", ".yml", ".xml", ".svg", ".py", ".sh")
"""What bundlers can make a string of."""

_DECLARATIONS: Final = (".d.ts", ".d.mts", ".d.cts")

MAX_KEPT: Final = 400_000
"""Units of files whose whole prints are in memory at once: each takes some five hundred bytes."""

FEW: Final = 4
"""Statements of a file that does little but pass names on."""

_NUMBER: Final = 4
_PROPERTY: Final = re.compile(rb"\bconstructor\s*\([^)]*\b(?:private|public|protected|readonly|override)\b")
_MANIFEST: Final = "manifest"


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


class Index:
    """The corpus of one match.

    :param tracers: take files apart.
    :param cache: where the entries of packages are kept, or ``None`` to keep none.
    :param mode: what was done to the files before, for the keys of what is kept.
    """

    def __init__(self, tracers: Tracers, cache: Cache | None, *, mode: str = "") -> None:
        self._tracers = tracers
        self._results = Results(cache)
        self._mode = mode
        self.files: list[Indexed] = []
        self.refused: list[tuple[str, str, Error]] = []
        self.by_path: dict[tuple[str, str], list[int]] = {}
        self._tops: dict[bytes, list[Place]] = {}
        self._held = 0
        self.versioned: frozenset[int] = frozenset()
        self.manifests: dict[str, Mapping[str, object]] = {}
        self._prints: OrderedDict[int, Prints] = OrderedDict()

    def add(self, owner: str, files: Mapping[str, bytes]) -> None:
        """Take files apart and add them; those that cannot be read are only noted."""
        for path, entry in self.entries(_readings(files)):
            if isinstance(entry, Error):
                self.refused.append((owner, path, entry))
            else:
                self.insert(Indexed(owner=owner, path=path, entry=entry))

    def add_kept(self, owner: str, integrity: str, wanted: Collection[str] | None) -> bool:
        """Add the files of a package that were taken apart before; return whether all that is wanted was.

        :param integrity: what tells its archive from every other; nothing is kept of one that has none.
        :param wanted: paths in the package, or ``None`` for all of its code.
        """
        if not integrity or self._results.get(self._key(integrity, _asked(wanted))) is None:
            return False
        data = self._results.get(self._key(integrity))
        manifest = self._results.get(self._key(integrity, _MANIFEST))
        entries = _unpacked(data) if data is not None and manifest is not None else {}
        if manifest is None or (wanted is not None and not entries.keys() >= set(wanted)):
            return False
        self.manifests[owner] = json.loads(manifest)
        for path, entry in entries.items():
            self.insert(Indexed(owner=owner, path=path, entry=entry))
        return True

    def add_package(
        self,
        owner: str,
        integrity: str,
        files: Mapping[str, bytes],
        wanted: Collection[str] | None,
        rewritten: Callable[[Mapping[str, bytes]], Mapping[str, bytes]],
    ) -> None:
        """Add files of a package, with those that they import from it, and keep what is found in them.

        :param files: its code.
        :param rewritten: what is done to files before they are taken apart.
        """
        data = self._results.get(self._key(integrity)) if integrity else None
        found = _unpacked(data) if data is not None else {}
        kept = len(found)
        todo = set(files) if wanted is None else (set(wanted) | set(entries(files))) & files.keys()
        seen = set(todo)
        while todo:
            new = {path: files[path] for path in sorted(todo - found.keys())}
            found.update((path, one) for path, one in self.entries(_readings(rewritten(new))) if isinstance(one, Entry))
            near = (
                _near(path, found[path], files)
                for path in todo
                if path in found and _follows(path, found[path], wanted)
            )
            todo = {one for some in near for one in some}
            todo -= seen
            seen |= todo
        self.manifests[owner] = leading(files)
        if integrity:
            self._results.put(self._key(integrity, _MANIFEST), json.dumps(self.manifests[owner]).encode())
            if len(found) > kept:
                self._results.put(self._key(integrity), _packed(found))
            self._results.put(self._key(integrity, _asked(wanted)), b"+")
        for path, entry in found.items():
            self.insert(Indexed(owner=owner, path=path, entry=entry))

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

    def _key(self, *parts: object) -> str:
        whole = [SCHEMA, "tracing", version(), RELEASE.integrity, self._mode, *parts]
        return sha256(json.dumps(whole).encode()).hexdigest()


def is_code(path: str) -> bool:
    """Whether a file can be a module."""
    return path.endswith(CODE) and not path.endswith(_DECLARATIONS)


def _readings(files: Mapping[str, bytes]) -> list[File]:
    """Return files as they are to be read: TypeScript's twice where classes have fields, with and without them."""
    found = []
    for path in sorted(files):
        if not is_code(path) and not path.endswith(TEXT):
            continue
        found.append(File(path=path, data=files[path]))
        if path.endswith((".ts", ".tsx", ".mts", ".cts")) and b"class" in files[path]:
            found.append(File(path=path, data=files[path], fields=False))
            if _PROPERTY.search(files[path]):
                found.append(File(path=path, data=files[path], properties=False))
    return found


def _packed(entries: Mapping[str, Entry]) -> bytes:
    """Return entries as bytes: a line of JSON that says how long each piece is, and the pieces."""
    parts = [(path, _pieces(entry)) for path, entry in entries.items()]
    head = json.dumps([[path, *map(len, pieces)] for path, pieces in parts], separators=(",", ":"))
    return b"\n".join((head.encode(), b"".join(piece for _, pieces in parts for piece in pieces)))


def _pieces(entry: Entry) -> tuple[bytes, ...]:
    return entry.tops, entry.numbers.tobytes(), entry.inner, entry.words, entry.packed, bytes([entry.esm])


def _unpacked(data: bytes) -> dict[str, Entry]:
    head, _, rest = data.partition(b"\n")
    found: dict[str, Entry] = {}
    at = 0
    for path, *sizes in json.loads(head):
        pieces = []
        for size in sizes:
            pieces.append(rest[at : at + size])
            at += size
        tops, numbers, inner, words, packed, esm = pieces
        if len(numbers) * DIGEST != len(tops) * _NUMBER:
            raise MalformedError("an entry of the cache is damaged", code="TRACE_CACHE")
        found[path] = Entry(
            tops=tops, numbers=array("I", numbers), inner=inner, words=words, packed=packed, esm=esm == b"\x01"
        )
    return found


def _asked(wanted: Collection[str] | None) -> object:
    return "all" if wanted is None else sorted(wanted)


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
