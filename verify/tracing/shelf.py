"""What was found in the files of packages before, kept by the integrity of their archives.

Three things are kept of a package in one way of reading it: its files, taken apart; its manifest; and for each set of
files that was asked for, which of the files those lead to. All are checked when they are read: what does not fit is
taken for nothing, and made anew.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.verify.compiler.results import Results
from provenly.verify.network.cache import Cache
from provenly.verify.tracing.isolates import RELEASE
from provenly.verify.tracing.prints import DIGEST, Entry
from provenly.verify.tracing.program import version

SCHEMA: Final = 4
"""Changes whenever kept entries would be read otherwise."""

MAX_MANIFEST: Final = 4_000_000
"""Bytes of a list of paths, or of a manifest: of packages with 30,000 files."""

_NUMBER: Final = 4
_PIECES: Final = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Files of a package that were taken apart.

    :param entries: what was found, by path.
    :param manifest: what its package.json says of where it begins.
    :param size: bytes of what was asked for.
    """

    entries: Mapping[str, Entry] = field(repr=False)
    manifest: Mapping[str, object] = field(repr=False)
    size: int


class Shelf:
    """Keeps what was found in packages.

    :param cache: where; ``None`` to keep nothing.
    :param mode: what was done to the files before they were taken apart.
    """

    def __init__(self, cache: Cache | None, mode: str) -> None:
        self._results = Results(cache)
        self._mode = mode

    def get(self, owner: str, integrity: str, wanted: Collection[str] | None) -> Kept | None:
        """Return what was found in a package, or ``None`` where not all that is asked for is there.

        :param integrity: what tells its archive from every other; nothing is kept of one that has none.
        :param wanted: paths in the package, or ``None`` for all of its code.
        """
        answer = self._get(owner, integrity, _asked(wanted))
        manifest = self._get(owner, integrity, "manifest")
        if answer is None or manifest is None or max(len(answer), len(manifest)) > MAX_MANIFEST:
            return None
        try:
            size, paths = json.loads(answer)
            leads = json.loads(manifest)
        except (ValueError, TypeError, RecursionError):
            return None
        if not isinstance(size, int) or not isinstance(paths, list) or not isinstance(leads, dict):
            return None
        entries = self.entries(owner, integrity)
        if not all(isinstance(path, str) and path in entries for path in paths):
            return None
        return Kept(entries={path: entries[path] for path in paths}, manifest=leads, size=size)

    def entries(self, owner: str, integrity: str) -> dict[str, Entry]:
        """Return whatever was found in a package for anyone who asked."""
        data = self._get(owner, integrity, "entries")
        if data is None:
            return {}
        try:
            return dict(_unpacked(data))
        except (MalformedError, ValueError, TypeError, RecursionError):
            return {}

    def put(
        self,
        owner: str,
        integrity: str,
        wanted: Collection[str] | None,
        kept: Kept,
        entries: Mapping[str, Entry] | None,
    ) -> None:
        """Keep what was found.

        :param kept: what was asked for.
        :param entries: all that is known of the package, where that is more than was kept before.
        """
        if not integrity:
            return
        if entries is not None:
            self._put(owner, integrity, "entries", _packed(entries))
        self._put(owner, integrity, "manifest", json.dumps(dict(kept.manifest)).encode())
        self._put(owner, integrity, _asked(wanted), json.dumps([kept.size, list(kept.entries)]).encode())

    def _get(self, owner: str, integrity: str, what: object) -> bytes | None:
        return self._results.get(self._key(owner, integrity, what)) if integrity else None

    def _put(self, owner: str, integrity: str, what: object, data: bytes) -> None:
        self._results.put(self._key(owner, integrity, what), data)

    def _key(self, *parts: object) -> str:
        whole = [SCHEMA, "tracing", version(), RELEASE.integrity, self._mode, *parts]
        return sha256(json.dumps(whole).encode()).hexdigest()


def _asked(wanted: Collection[str] | None) -> object:
    return "all" if wanted is None else sorted(wanted)


def _packed(entries: Mapping[str, Entry]) -> bytes:
    """Return entries as bytes: a line of JSON that says how long each piece is, and the pieces."""
    parts = [(path, _pieces(entry)) for path, entry in entries.items()]
    head = json.dumps([[path, *map(len, pieces)] for path, pieces in parts], separators=(",", ":"))
    return b"\n".join((head.encode(), b"".join(piece for _, pieces in parts for piece in pieces)))


def _pieces(entry: Entry) -> tuple[bytes, ...]:
    return entry.tops, entry.numbers.tobytes(), entry.inner, entry.words, entry.packed, bytes([entry.esm])


def _unpacked(data: bytes) -> Iterator[tuple[str, Entry]]:
    head, _, rest = data.partition(b"\n")
    at = 0
    for path, *sizes in json.loads(head):
        pieces = []
        for size in sizes:
            pieces.append(rest[at : at + size])
            at += size
        if len(pieces) != _PIECES or len(pieces[1]) * DIGEST != len(pieces[0]) * _NUMBER or not isinstance(path, str):
            raise MalformedError("an entry of the cache is damaged", code="TRACE_CACHE")
        tops, numbers, inner, words, packed, esm = pieces
        yield (
            path,
            Entry(tops=tops, numbers=array("I", numbers), inner=inner, words=words, packed=packed, esm=esm == b"\x01"),
        )
