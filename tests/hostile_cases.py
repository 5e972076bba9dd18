"""What a hostile archive is in these tests: its defect, how to build it, and what must become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tests.tar_builder import END, file, gzip


class Outcome(StrEnum):
    CLEAN = "clean"
    NOTE = "note"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """An archive and what must become of it.

    :param name: the defect.
    :param outcome: read without a remark, read with the remark ``code``, or refused with ``code``.
    :param files: what npm installs, for an archive that is read.
    :param build: makes the archive.
    """

    name: str
    outcome: Outcome
    code: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    build: Callable[[], bytes] = field(repr=False)


MANIFEST: Final = b'{"name": "hostile", "version": "1.0.0", "main": "index.js"}\n'
GOOD: Final = b"export const answer = 42;\n"
EVIL: Final = b"export const answer = 666;\n"
INDEX: Final = b"package/index.js"
START: Final = file(b"package/package.json", MANIFEST)
HONEST: Final = {"package.json": MANIFEST, "index.js": GOOD}
GOOD_INDEX: Final = file(INDEX, GOOD)
EVIL_INDEX: Final = file(INDEX, EVIL)


class Cases(list[Case]):
    """A list of cases with short ways to add one. Every archive begins with the manifest where nothing else is said."""

    def raw(
        self, name: str, outcome: Outcome, code: str, build: Callable[[], bytes], files: Mapping[str, bytes]
    ) -> None:
        """Add a case whose archive is given as it is."""
        self.append(Case(name=name, outcome=outcome, code=code, build=build, files=files))

    def clean(self, name: str, *members: bytes, **files: bytes) -> None:
        """Add an archive that is read without a remark; ``files`` beside the manifest by path, ``__`` for a dot."""
        self.raw(name, Outcome.CLEAN, "", lambda: gzip(START + b"".join(members) + END), _named(files))

    def note(self, name: str, code: str, *members: bytes, **files: bytes) -> None:
        """Add an archive that is read with a remark."""
        self.raw(name, Outcome.NOTE, code, lambda: gzip(START + b"".join(members) + END), _named(files))

    def refused(self, name: str, code: str, *members: bytes) -> None:
        """Add an archive that is refused."""
        self.raw(name, Outcome.REFUSED, code, lambda: gzip(START + b"".join(members) + END), {})

    def exact(self, name: str, code: str, build: Callable[[], bytes]) -> None:
        """Add an archive, given as it is, that is refused."""
        self.raw(name, Outcome.REFUSED, code, build, {})


def _named(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {"package.json": MANIFEST, **{path.replace("__", "."): content for path, content in files.items()}}
