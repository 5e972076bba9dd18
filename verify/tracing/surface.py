"""What a bundle's names are beside what its statements use of them: what it exports, and what is declared twice.

Statements that use a name are held to what it stands for (:mod:`~provenly.verify.tracing.links`). Nobody in the bundle
need use what it exports; and of two declarations of a name the last one is what runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath

from provenly.verify.tracing.index import Index, Place
from provenly.verify.tracing.links import Links
from provenly.verify.tracing.match import Matched, Statement
from provenly.verify.tracing.prints import IMPORT, WRAPPER, RefKind
from provenly.verify.tracing.resolve import Entity


def exchanged(bundle: Matched, bundles: Mapping[str, Matched], index: Index, links: Links) -> Iterator[tuple[int, str]]:
    """Yield the export statements that give something else under a name than every source that exports this name.

    What other bundles import of this one is between them, and held to what they use it for.
    """
    asked = set(_asked(bundle, bundles))
    names = {*bundle.prints.exported, *(name for name, _, _ in bundle.prints.raw["passed"])} - asked - {"*"}
    sources = _exporting(index, names)
    for name in sorted(names & sources.keys()):
        entity = links.given(bundle, name)
        if entity is None or any(entity in links.resolver.gives(file, name) for file in sources[name]):
            continue
        yield _statement(bundle, name), f"{entity.name} is exported as {name}"


def redeclared(bundle: Matched, index: Index) -> Iterator[tuple[int, str]]:
    """Yield the statements that declare a name anew which something else declares: the last one is what runs."""
    yield from ((unit, f"{name} is declared twice") for unit, name in bundle.prints.raw["twice"])
    declaring: dict[int, list[Statement | int]] = {}
    for statement in bundle.statements:
        if statement.chosen is not None:
            for number in statement.unit.defines:
                declaring.setdefault(number, []).append(statement)
    for unit in bundle.prints.outer:
        if unit.kind == WRAPPER and unit.refs:
            declaring.setdefault(unit.refs[0], []).append(unit.number)
    for number, several in declaring.items():
        if len(several) == 1:
            continue
        meant = [_meanings(one, number, index) for one in several]
        if not frozenset.intersection(*meant):
            name = bundle.prints.refs[number].name
            for one in several:
                yield one if isinstance(one, int) else one.unit.number, f"{name} is declared twice"


def _meanings(one: Statement | int, number: int, index: Index) -> frozenset[object]:
    """Return what a name may be as one statement declares it; a function that is a module is only itself."""
    if isinstance(one, int):
        return frozenset({one})
    found: set[object] = set()
    for place in {one.chosen, *one.places}:
        assert isinstance(place, Place)  # noqa: S101 - only statements that come from somewhere are asked
        prints = index.prints(place.file)
        source = prints.units[place.unit]
        for here, there in zip(one.unit.refs, source.refs, strict=False):
            if here == number and there in source.defines:
                found.add(Entity(index.files[place.file].key, "", prints.refs[there].name))
    return frozenset(found)


def _asked(bundle: Matched, bundles: Mapping[str, Matched]) -> Iterator[str]:
    """Yield the names that other bundles import from one, or pass on."""
    for path, other in bundles.items():
        if path == bundle.path:
            continue
        wanted = [(ref.module, ref.name) for ref in other.prints.refs if ref.kind is RefKind.IMPORTED]
        wanted += [(module, there) for _, module, there in other.prints.raw["passed"]]
        for module, name in wanted:
            if module.startswith(".") and normpath(join(dirname(path), module)) == bundle.path:
                yield name


def _exporting(index: Index, names: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Return for each name the sources that export it under that name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, numbers in index.by_path.items() if names else ():
        if key[0]:
            continue
        prints = index.prints(numbers[0])
        for name in names & {*prints.exported, *(name for name, _, _ in prints.raw["passed"])}:
            found.setdefault(name, []).append(key)
    return found


def _statement(bundle: Matched, name: str) -> int:
    """Return the unit in which a name is exported: the shortest of those that could be."""
    fitting = [
        unit
        for unit in bundle.prints.outer
        if unit.top and name in bundle.piece(unit.start, unit.end) and _exports(bundle, unit.start)
    ]
    glue = [unit for unit in fitting if unit.kind == IMPORT] or fitting
    return min(glue or bundle.prints.units, key=lambda unit: unit.end - unit.start).number


def _exports(bundle: Matched, start: int) -> bool:
    return "export" in bundle.piece(max(0, start - len("export default ")), start + len("export"))
