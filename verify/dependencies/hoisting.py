"""Where an installation puts packages of which a lockfile says only who asks for whom.

Yarn's lockfiles leave it to Yarn. What is done here is what all package managers with flat trees do: each package comes
to lie as high as it can without hiding another version from anybody. Which of several versions comes to lie at the top
is Yarn's own affair, and follows from the order in which it looks at them: a place can differ from that of a real
installation where a package is there in several versions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from provenly.verify.dependencies.build import Builder
from provenly.verify.dependencies.model import LockedPackage

Edges: TypeAlias = Sequence[tuple[str, str, str]]
"""What a package asks for: the name, or alias, the key of the package that it gets, and by what its turn is decided
among all that are as far from the repository's packages as it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """Who asks for whom.

    :param folders: what the packages of the repository ask for, by folder; ``""`` is that of the lockfile.
    :param packages: what packages ask for, by key.
    :param make: makes the package of a key for a place.
    :param peers: what packages expect to be there, by key.
    :param top: what is put into the top ``node_modules`` before all else, by name.
    """

    folders: Mapping[str, Edges]
    packages: Mapping[str, Edges]
    make: Callable[[str, str], LockedPackage]
    peers: Mapping[str, Iterable[str]] = field(default_factory=dict)
    top: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class _Level:
    """A folder with a ``node_modules``.

    :ivar above: the level that is looked through next, ``None`` at the top.
    :ivar held: the key at each name.
    :ivar passed: the names that were looked for here and found above: a package of that name here would hide those.
    """

    place: str
    above: _Level | None
    held: dict[str, str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)

    def chain(self) -> Iterator[_Level]:
        level: _Level | None = self
        while level is not None:
            yield level
            level = level.above

    def at(self, name: str) -> str:
        return f"{self.place}/node_modules/{name}" if self.place else f"node_modules/{name}"


def place(builder: Builder, graph: Graph) -> Mapping[str, str]:
    """Add the packages of a graph to a lock, each where it comes to lie.

    :returns: the first place of each key.
    :raises MalformedError: ``LOCKFILE_LIMIT``, ``LOCKFILE_PLACE``: there would be too many, or nested too deep.
        Versions that exclude one another can be chosen so that a few lines need millions of copies.
    """
    top = _Level(place="", above=None)
    turn: list[tuple[_Level, tuple[str, str, str]]] = []
    first: dict[str, str] = {}

    def put(level: _Level, name: str, key: str) -> None:
        level.held[name] = key
        where = level.at(name)
        if where in builder:  # a link to a package of the repository
            return
        builder.package(graph.make(key, where))
        first.setdefault(key, where)
        edges = graph.packages.get(key, ())
        builder.need(where, (*(name for name, _, _ in edges), *graph.peers.get(key, ())))
        below = _Level(place=where, above=level)
        turn.extend((below, edge) for edge in edges)

    for folder, edges in graph.folders.items():
        level = _Level(place=folder, above=top) if folder else top
        turn.extend((level, edge) for edge in edges)
    for name, key in graph.top.items():
        put(top, name, key)
    while turn:
        now, turn = sorted(turn, key=lambda item: item[1][2]), []
        for level, (name, key, _) in now:
            room = _room(level, name, key)
            if room is not None:
                put(room, name, key)
    return first


def popular(folders: Mapping[str, Edges], packages: Mapping[str, Edges]) -> Mapping[str, str]:
    """Return the package of each name that the root asks for, else the most of the repository's packages, else most.

    Of those that as many ask for it is the one that comes first on the way from the root down.
    """
    counts: dict[str, Counter[str]] = {}
    inside: dict[str, Counter[str]] = {}
    for edges in folders.values():
        for name, key, _ in edges:
            inside.setdefault(name, Counter())[key] += 1
    waiting = [edge for edges in reversed([*folders.values()]) for edge in reversed(edges)]
    seen = set()
    while waiting:
        name, key, _ = waiting.pop()
        counts.setdefault(name, Counter())[key] += 1
        if key not in seen:
            seen.add(key)
            waiting.extend(reversed(packages.get(key, ())))
    # Counter.most_common keeps the order among equals.
    chosen = {name: count.most_common(1)[0][0] for name, count in (counts | inside).items()}
    return chosen | {name: key for name, key, _ in folders.get("", ())}


def _room(start: _Level, name: str, key: str) -> _Level | None:
    """Return the level at which a package is to be put so that ``start`` finds it.

    :returns: ``None`` where it finds it already, or asks for two packages of one name.
    """
    free = start
    passed: list[_Level] = []
    for level in start.chain():
        if name in level.held:
            if level.held[name] == key or level is start:
                for between in passed:
                    between.passed.add(name)
                return None
            break
        passed.append(level)
    for level in reversed(passed):
        if name not in level.passed:
            free = level
            break
    for between in start.chain():
        if between is free:
            break
        between.passed.add(name)
    return free
