"""What was looked at and what was seen: the statuses, the classes of files, and the evidence of one check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from provenly.trust.model import nothing
from provenly.trust.strict_json import Json


class Status(StrEnum):
    """How a check came out. There are four answers, and no output may drop one."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    """We looked, and there is none."""
    UNCHECKED = "unchecked"
    """We could not look."""


class FileClass(StrEnum):
    """How the source explains a packed file, the strongest first."""

    IDENTICAL = "identical"
    MANIFEST = "manifest"
    EQUIVALENT = "equivalent"
    RECOMPILED = "recompiled"
    REBUILT = "rebuilt"
    TRACED = "traced"
    VOCABULARY = "vocabulary"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The outcome of one check.

    :param check: the id of the check; stable, never renamed.
    :param status: one of four.
    :param summary: one sentence that names what was found and where.
    :param expected: what would have passed.
    :param actual: what was found instead, or the same.
    :param hint: what to do next; empty where there is nothing to do.
    :param strength: how strong the proof is where several kinds would do (``version``, ``tag``, ``workflow`` …).
    :param facts: details for machines.
    :param consulted: what was read for it: URLs, digests, commits.
    """

    check: str
    status: Status
    summary: str
    expected: str = ""
    actual: str = ""
    hint: str = ""
    strength: str = ""
    facts: Mapping[str, Json] = field(default_factory=nothing)
    consulted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignWord:
    """A string or a name in a bundle that no source and no dependency has. It is a cue for readers, and no finding.

    :param kind: ``host``, ``address``, ``environment`` or ``word``.
    :param text: what it is, cut off where it is long.
    :param line: the line on which it first stands, from 1; 0 where that is not known.
    """

    kind: str
    text: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Where the statements of a bundle come from. Sizes are characters of code, without spaces and comments between.

    :param sources: what comes from the repository.
    :param files: how many files of the repository something comes from.
    :param dependencies: what comes from each locked package, by ``name@version``.
    :param glue: imports, exports and what bundlers add.
    :param untraced: what comes from nowhere.
    :param pieces: how many pieces that is.
    :param rewritten: the release of esbuild that both sides were rewritten with before; empty for none.
    :param missing: the locked packages that the bundle may hold and that could not be read.
    :param words: what occurs in no source and no dependency; hosts, addresses and variables first.
    """

    sources: int
    files: int
    dependencies: Mapping[str, int]
    glue: int
    untraced: int
    pieces: int
    rewritten: str = ""
    missing: tuple[str, ...] = ()
    words: tuple[ForeignWord, ...] = ()

    @property
    def size(self) -> int:
        """All that was looked at."""
        return self.sources + sum(self.dependencies.values()) + self.glue + self.untraced


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """How one packed file is explained.

    :param path: of the packed file.
    :param size: of the packed file in bytes.
    :param file_class: the class; :attr:`FileClass.UNEXPLAINED` where nothing explains it.
    :param executable: whether the file can be run, as opposed to being read as data.
    :param reachable: whether an entry point or install script leads to it, as far as can be told; doubt says yes.
    :param explainer: the name of the explainer that answered.
    :param source: the path in the source that explains it, or that comes nearest; empty for none.
    :param elsewhere: whether ``source`` is not where the package's own directory would have the file.
    :param detail: one sentence: what was tolerated, or why nothing explains the file.
    :param lines: first and last line (from 1) of each run of packed lines that nothing explains.
    :param diff: a unified diff from the nearest source to the packed file; empty where it would not help.
    :param unchecked: why the file could not be looked at, where that is why nothing explains it: with a compiler that
        can be fetched it may be explained. Empty for all other files.
    :param expected: the bytes of the nearest source, or what was made of it: the left side of ``diff``; ``None`` where
        there is none, and for files that are explained.
    :param trace: where the statements of a bundle come from, for files that were traced; ``None`` for all others.
    """

    path: str
    size: int
    file_class: FileClass
    executable: bool
    reachable: bool
    explainer: str = ""
    source: str = ""
    elsewhere: bool = False
    detail: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    diff: str = field(default="", repr=False)
    unchecked: str = ""
    expected: bytes | None = field(default=None, repr=False)
    trace: Trace | None = field(default=None, repr=False)


UNEXPLAINED_CLASSES: Final = frozenset({FileClass.UNEXPLAINED, FileClass.VOCABULARY})
"""The classes of files that nothing explains. Words that are all known say little of what is done with them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Every packed file with its explanation.

    :param files: sorted by path; never empty.
    """

    files: tuple[Explanation, ...]

    def count(self, file_class: FileClass) -> int:
        """Return how many files have this class."""
        return sum(file.file_class is file_class for file in self.files)

    def size(self, file_class: FileClass) -> int:
        """Return how many bytes the files of this class have."""
        return sum(file.size for file in self.files if file.file_class is file_class)

    @property
    def unexplained(self) -> tuple[Explanation, ...]:
        """The files that nothing explains: executable and reachable ones first, then by path.

        Those that could not be looked at are among them; nobody knows whether the source would explain them. So are
        those of which only the vocabulary is known.
        """
        left = [file for file in self.files if file.file_class in UNEXPLAINED_CLASSES]
        return tuple(sorted(left, key=lambda file: (not file.executable, not file.reachable, file.path)))

    @property
    def traced(self) -> tuple[Explanation, ...]:
        """The files whose statements were traced, with or without something left, by path."""
        return tuple(file for file in self.files if file.trace is not None)

    @property
    def unchecked(self) -> tuple[Explanation, ...]:
        """The files that could not be looked at, in the order of :attr:`unexplained`, of which they are a part."""
        return tuple(file for file in self.unexplained if file.unchecked)
