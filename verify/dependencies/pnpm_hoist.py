"""The links that pnpm makes for packages that ask for what they do not declare.

``node_modules/.pnpm/node_modules`` has every package once, under its name: so pnpm's ``hoist`` setting has it, of old
and by default. Which of several versions is chosen follows from the order in which pnpm walks the lockfile: what is
nearer to the packages of the repository first, then by dependency path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

Needs: TypeAlias = Mapping[str, str]
"""What a package asks for: alias → dependency path."""

PUBLIC: Final = ("eslint", "prettier")
"""What pnpm 7 to 9 also linked into the root's own ``node_modules``: every name that has one of these in it."""


def hoisted(direct: Sequence[tuple[str, str]], packages: Mapping[str, Needs], root: frozenset[str]) -> Needs:
    """Return the dependency path that each name is linked to.

    :param direct: the aliases and dependency paths that the packages of the repository ask for, in their order.
    :param packages: what each dependency path asks for.
    :param root: the aliases that the root asks for: these have their link in its own ``node_modules``.
    """
    first: dict[str, str] = {}
    for alias, key in direct:
        first.setdefault(alias, key)
    walked = sorted(_walk(tuple(key for _, key in direct), packages), key=lambda item: item[:2])
    taken = set(root)  # as they are: pnpm compares them with names in lower case
    chosen: dict[str, str] = {}
    for needs in (first, *(packages[key] for _, key in walked)):
        for alias, key in needs.items():
            if alias.lower() not in taken and key in packages:
                taken.add(alias.lower())
                chosen[alias] = key
    return chosen


def _walk(start: Sequence[str], packages: Mapping[str, Needs]) -> Iterator[tuple[int, str]]:
    """Yield each dependency path with the depth at which pnpm's walk comes to it.

    All that one step leads to is taken before the walk goes on below the first of it: this is no plain breadth first.
    """
    seen: set[str] = set()
    steps = [(0, _step(start, packages, seen))]
    while steps:
        depth, step = steps.pop()
        yield from ((depth, key) for key in step)
        below = [(depth + 1, _step(tuple(packages[key].values()), packages, seen)) for key in step]
        steps.extend(reversed(below))


def _step(keys: Sequence[str], packages: Mapping[str, Needs], seen: set[str]) -> tuple[str, ...]:
    found = []
    for key in keys:
        if key in packages and key not in seen:
            seen.add(key)
            found.append(key)
    return tuple(found)
