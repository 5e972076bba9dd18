"""What the names of a bundle stand for as far as its own statements say: declarations, modules, tables of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from provenly.verify.tracing.index import Index
from provenly.verify.tracing.match import Matched
from provenly.verify.tracing.prints import WRAPPER, RefKind
from provenly.verify.tracing.resolve import BUNDLER, Entity, Key


def numbered(
    name: str, bundles: Iterable[Matched], known: Mapping[str, Mapping[int, tuple[Key, ...]]]
) -> tuple[set[str], list[tuple[Matched, int]]]:
    """Return what a module with a number may be in the files of a bundle: modules outside of it, and functions in it.

    :param known: the modules of each file that come from somewhere.
    """
    files = list(bundles)
    outside = {module for one in files for other, module in one.prints.raw["externals"] if other == name}
    inside = [(one, number) for one in files for number in known[one.path] if one.prints.refs[number].name == name]
    return outside, inside


def dropped(bundle: Matched) -> set[int]:
    """Return the statements that only declare what has lost its value, as long as nothing uses it."""
    units = bundle.prints.units
    if not bundle.prints.raw["dropped"]:
        return set()
    used = Counter(ref for unit in bundle.prints.outer if unit.top for ref in unit.refs)
    used.update(number for numbers in bundle.prints.exported.values() for number in numbers)
    return {number for number in bundle.prints.raw["dropped"] if all(used[ref] == 1 for ref in units[number].defines)}


def members(bundle: Matched) -> Mapping[int, Mapping[str, int]]:
    """Return what the names are that the modules of webpack have in their tables."""
    renaming = set(bundle.prints.raw["renaming"])
    found: dict[int, dict[str, int]] = {}
    for number, names in bundle.prints.raw["tables"]:
        holder, *refs = bundle.prints.units[number].refs
        if holder in renaming:
            given = dict(zip(names, refs, strict=True))
            known = found.setdefault(holder, {})
            # What a module gives under a name cannot be given again.
            known.update((name, ref) for name, ref in given.items() if name not in known)
    return found


def declared(bundle: Matched, index: Index, copies: Mapping[str, int]) -> Iterator[tuple[int, Entity]]:
    """Yield the names of the bundle's own declarations, with what they are in the source.

    What is declared without a value has no statement that could be matched: it is what most of those who use it mean.
    """
    used: dict[int, Counter[tuple[Key, str]]] = {}
    taken: Counter[Entity] = Counter()
    settled: set[int] = set()
    local = {number for number, ref in enumerate(bundle.prints.refs) if ref.kind is RefKind.LOCAL}
    for statement in bundle.statements:
        if statement.chosen is None:
            continue
        prints = index.prints(statement.chosen.file)
        source = prints.units[statement.chosen.unit]
        key = index.files[statement.chosen.file].key
        names = dict(zip(statement.unit.refs, source.refs, strict=False))
        for number, other in names.items():
            if number in local and number not in settled and (ref := prints.refs[other]).kind is RefKind.LOCAL:
                used.setdefault(number, Counter())[key, ref.name] += 1
        for number in statement.unit.defines:
            there = names.get(number)
            if there in source.defines:
                used.pop(number, None)
                settled.add(number)
                entity = Entity(key, "", prints.refs[there].name)
                taken[entity] += 1
                yield number, entity
    # A variable of the source is one variable of the bundle: what is written to one is not read from another.
    for number, meant in sorted(used.items(), key=lambda one: -one[1].total()):
        if number in settled:
            continue
        file, name = meant.most_common(1)[0][0]
        entity = Entity(file, "", name)
        taken[entity] += 1
        yield number, entity if taken[entity] <= copies.get(file[0], 1) else Entity(None, "", name)


def modules(bundle: Matched, index: Index) -> Iterator[tuple[int, tuple[Key, ...]]]:
    """Yield the names that are modules as a whole, with the files that most of the module comes from."""
    inside: dict[int, Counter[Key]] = {}
    equal: dict[int, set[Key]] = {}
    for statement in bundle.statements:
        place = statement.chosen
        if place is None or index.files[place.file].owner == BUNDLER:
            continue
        key = index.files[place.file].key
        inside.setdefault(statement.unit.parent, Counter())[key] += 1
        keys = {index.files[one.file].key for one in statement.places}
        equal[statement.unit.parent] = equal.get(statement.unit.parent, keys) & keys
    for unit in bundle.prints.outer:
        if unit.kind == WRAPPER and unit.refs and unit.number in inside:
            first = inside[unit.number].most_common(1)[0][0]
            yield unit.refs[0], (first, *sorted(equal[unit.number] - {first}))
