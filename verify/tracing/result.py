"""What tracing says of a bundle: how much of it comes from where, and what comes from nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why a piece of a bundle is not traced."""

    UNKNOWN = "unknown"
    """Nothing like it is in the sources or the dependencies."""
    CHANGED = "changed"
    """Something like it is there; this piece of it is different, or something between its pieces is missing."""
    LINK = "link"
    """It is there, but a name in it stands for something else here than there."""
    COPY = "copy"
    """It is there, but more often here than there."""
    ORDER = "order"
    """It is there, but before what it comes after here, or after what it comes before."""
    IMPORT = "import"
    """It imports a module that no source imports."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Untraced:
    """A piece of a bundle that comes from nowhere.

    :param first: its first line in the published file, from 1.
    :param last: its last line.
    :param text: the piece, cut off where it is long.
    :param reason: why it is here.
    :param nearest: where the most similar piece of the sources is, ``path:line``, or empty.
    :param detail: what is different, in words: which name, which module.
    """

    first: int
    last: int
    text: str = field(repr=False)
    reason: Reason
    nearest: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A string or a name that occurs in no source and no dependency.

    :param text: what it is, cut off where it is long.
    :param line: where it first occurs.
    """

    text: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Traced:
    """Where a bundle comes from. All sizes are in characters, spaces and comments between statements not counted.

    :param sources: what comes from the repository.
    :param dependencies: what comes from each package, by ``name@version``.
    :param glue: imports, exports and what bundlers add.
    :param untraced: what comes from nowhere.
    :param files: the files of the repository that something comes from.
    :param units: how many statements were looked at.
    :param pieces: what comes from nowhere, in order.
    :param words: the vocabulary that is nowhere else.
    :param minified: whether both sides were rewritten by esbuild before.
    :param versions: the lines of statements that have the published version of the package where the sources have
        another, or a variable of the environment; they are counted as glue.
    :param missing: packages that the bundle names and that could not be read.
    """

    sources: int
    dependencies: Mapping[str, int]
    glue: int
    untraced: int
    files: tuple[str, ...] = field(repr=False)
    units: int
    pieces: tuple[Untraced, ...] = field(repr=False)
    words: tuple[Word, ...] = field(repr=False)
    minified: bool
    missing: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """All that was looked at."""
        return self.sources + sum(self.dependencies.values()) + self.glue + self.untraced

    @property
    def share(self) -> float:
        """The part that is not traced, from 0 to 1."""
        return self.untraced / self.size if self.size else 0.0
