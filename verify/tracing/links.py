"""Checks that names lead where they lead in the sources.

Names themselves are not compared: bundlers rename. So a call could be exchanged for a call of another function, and the
statement would look the same. But each name of the bundle is declared somewhere in it, by a statement that comes from
somewhere: what the name stands for there, it must stand for in every statement that uses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from posixpath import dirname, join, normpath
from typing import Final

from provenly.verify.tracing.index import Index, Place
from provenly.verify.tracing.match import Matched, Statement
from provenly.verify.tracing.prints import WRAPPER, Ref, RefKind, Unit
from provenly.verify.tracing.resolve import BUNDLER, WHOLE, Entity, Key, Resolver, builtin

ROUNDS: Final = 12
"""How often places are chosen anew. Each round settles what depends on the one before; chains are short."""


class Links:
    """What the names of bundles that belong together stand for.

    :param bundles: the bundles by path: one imports what another exports.
    :param copies: how often each package may be in a bundle.
    """

    def __init__(self, bundles: Mapping[str, Matched], index: Index, copies: Mapping[str, int]) -> None:
        self._bundles = bundles
        self._copies = copies
        self._index = index
        self._resolver = Resolver(index)
        self._declared: dict[str, dict[int, Entity]] = {}
        self._modules: dict[str, dict[int, tuple[Key, ...]]] = {}
        self._narrowed: dict[tuple[str, int], frozenset[Key]] = {}
        self.tables: dict[str, dict[int, str]] = {}
        self._guessed: dict[tuple[str, int], frozenset[Entity]] = {}
        self._look()
        # Equal statements may first have been taken for each other; what their names lead to tells them apart.
        for _ in range(ROUNDS):
            before = [statement.chosen for bundle in bundles.values() for statement in bundle.statements]
            for bundle in bundles.values():
                for _ in self.check(bundle):
                    pass
            self._look()
            if before == [statement.chosen for bundle in bundles.values() for statement in bundle.statements]:
                break

    def _look(self) -> None:
        copies = self._copies
        self._guessed.clear()
        self._narrowed.clear()
        self._declared = {path: dict(_declared(bundle, self._index, copies)) for path, bundle in self._bundles.items()}
        self._modules = {path: dict(_modules(bundle, self._index)) for path, bundle in self._bundles.items()}
        self.tables = {path: dict(self._tables(bundle)) for path, bundle in self._bundles.items()}

    def _tables(self, bundle: Matched) -> Iterator[tuple[int, str]]:
        """Find the file of each table of exports; yield the tables that are those of no file, with what is wrong.

        A table stands for a module as a whole, so each of its names must be what that module gives under it.
        """
        for number, names in bundle.prints.raw["tables"]:
            unit = bundle.prints.units[number]
            given = {
                name: entity
                for name, ref in zip(names, unit.refs[1:], strict=True)
                if (entity := self.entity(bundle, ref)) is not None
            }
            label = bundle.label(unit)
            owners = Counter(entity.file[0] for entity in given.values() if entity.file)
            if label is not None and label in self._index.by_path:
                files = [label]
            elif owners:
                owner = owners.most_common(1)[0][0]
                files = [file for file in self._index.by_path if file[0] == owner]
            else:
                continue
            wrong = ""
            fitting = []
            for file in files:
                other = next((name for name, one in given.items() if one not in self._resolver.gives(file, name)), "")
                if not other:
                    fitting.append(file)
                wrong = wrong or other
            if fitting:
                self._modules[bundle.path][unit.refs[0]] = tuple(fitting)
            else:
                yield number, wrong

    def check(self, bundle: Matched) -> Iterator[tuple[Statement, str]]:
        """Yield the statements with a name that leads elsewhere, and which; the others get the place that fits."""
        taken = Counter(statement.chosen for statement in bundle.statements)
        for statement in bundle.statements:
            if statement.chosen is None:
                continue
            first = ""
            taken[statement.chosen] -= 1
            fits = False
            for place in self._alternatives(statement):
                # Of equal statements each comes from another place, as long as there are as many.
                owner = self._index.files[place.file].owner
                spent = owner != BUNDLER and taken[place] >= self._copies.get(owner, 1)
                if spent and (fits or place != statement.chosen):
                    continue
                wrong = self._wrong(bundle, statement.unit, place, {})
                if not wrong:
                    fits = True
                    if not spent:
                        statement.chosen = place
                        break
                first = first or wrong
            taken[statement.chosen] += 1
            if not fits:
                yield statement, first

    def _alternatives(self, statement: Statement) -> Iterator[Place]:
        assert statement.chosen is not None  # noqa: S101 - the caller has looked
        yield statement.chosen
        yield from (place for place in statement.places if place != statement.chosen)

    def part(self, bundle: Matched, unit: Unit, places: Sequence[Place], inner: dict[int, int]) -> str:
        """Return what is wrong with a part of a statement that is known, wherever it may come from; else nothing.

        :param inner: what the names of the statement's functions are called in the source, as far as other parts have
            shown; what this part shows is added.
        """
        first = ""
        for place in places:
            names = dict(inner)
            wrong = self._wrong(bundle, unit, place, names)
            if not wrong:
                inner.update(names)
                return ""
            first = first or wrong
        return first

    def _wrong(self, bundle: Matched, unit: Unit, place: Place, inner: dict[int, int]) -> str:
        """Return what a unit would have to refer to if it came from a place, and does not; else nothing."""
        prints = self._index.prints(place.file)
        source = prints.units[place.unit]
        key = self._index.files[place.file].key
        if len(source.refs) != len(unit.refs):
            return "another number of names"
        for here, there in zip(unit.refs, source.refs, strict=True):
            if there in source.defines:
                continue
            ref = prints.refs[there]
            if RefKind.INNER in {ref.kind, bundle.prints.refs[here].kind}:
                # A name of a function is one name in all parts of it.
                if inner.setdefault(here, there) != there or list(inner.values()).count(there) > 1:
                    return f"{bundle.prints.refs[here].name} instead of {ref.name}"
                continue
            if not self._may_mean(bundle, here, key, ref):
                return f"{bundle.prints.refs[here].name} instead of {ref.name}"
        return ""

    def _may_mean(self, bundle: Matched, here: int, key: Key, ref: Ref) -> bool:
        """Whether a name of a bundle can stand for what a name of a source file does, and so far does for all."""
        several = self._several(bundle, here)
        if len(several) > 1:
            # Files that are equal as far as they are in the bundle: then one of them must be what all mean.
            fitting = frozenset(one.file for one in several if one.file and self._resolver.fits(one, key, ref))
            if fitting:
                self._narrowed[bundle.path, self._module_of(bundle, here)] = fitting
            return bool(fitting)
        if several:
            return self._resolver.fits(several[0], key, ref)
        # Nothing says what it is: then at least everyone must mean the same by it.
        meant = self._resolver.meanings(key, ref)
        common = self._guessed.setdefault((bundle.path, here), meant) & meant
        if common:
            self._guessed[bundle.path, here] = common
        return bool(common)

    def entity(self, bundle: Matched, number: int, steps: int = 0) -> Entity | None:
        """Return what a name of a bundle stands for; ``None`` where nothing says so."""
        several = self._several(bundle, number, steps)
        return several[0] if several else None

    def _several(self, bundle: Matched, number: int, steps: int = 0) -> Sequence[Entity]:
        """Return what a name of a bundle may stand for: more than one where files are equal; nothing where none is."""
        ref = bundle.prints.refs[number]
        if ref.kind is RefKind.LOCAL:
            modules = self._allowed(bundle, number)
            declared = self._declared[bundle.path].get(number)
            if modules:
                return [Entity(module, "", WHOLE) for module in modules]
            return (declared,) if declared else ()
        if ref.kind is RefKind.WRAPPED:
            return self._wrapped(bundle, ref, steps)
        if ref.kind is RefKind.IMPORTED and ref.module.startswith("."):
            entity = self._chunk(bundle, ref, steps)
            return (entity,) if entity else ()
        return (Entity(None, builtin(ref.module), ref.name),) if ref.kind is RefKind.IMPORTED else ()

    def _wrapped(self, bundle: Matched, ref: Ref, steps: int) -> Sequence[Entity]:
        """Return what a module that is a function of the bundle, or a member of it, is in the source."""
        wrapper = bundle.prints.refs[ref.wrapper]
        if wrapper.kind is RefKind.IMPORTED:
            other = self._bundles.get(normpath(join(dirname(bundle.path), wrapper.module)))
            given = other.prints.exported.get(wrapper.name, ()) if other else ()
            if other is None or len(given) != 1 or steps > len(self._bundles):
                return ()
            return self._wrapped(other, Ref(RefKind.WRAPPED, ref.name, wrapper=given[0]), steps + 1)
        modules = self._allowed(bundle, ref.wrapper)
        if ref.name == WHOLE:
            return [Entity(module, "", WHOLE) for module in modules]
        return [Entity(module, "exports", ref.name) for module in modules]

    def _allowed(self, bundle: Matched, number: int) -> Sequence[Key]:
        """Return the files that a module of a bundle may be, as far as its users have not settled it."""
        modules = self._modules[bundle.path].get(number, ())
        narrowed = self._narrowed.get((bundle.path, number))
        return modules if narrowed is None else [module for module in modules if module in narrowed]

    @staticmethod
    def _module_of(bundle: Matched, number: int) -> int:
        """Return the name of the module that a name is, or is a member of."""
        ref = bundle.prints.refs[number]
        return ref.wrapper if ref.kind is RefKind.WRAPPED else number

    def _chunk(self, bundle: Matched, ref: Ref, steps: int) -> Entity | None:
        """Return what a name that another bundle exports stands for there."""
        other = self._bundles.get(normpath(join(dirname(bundle.path), ref.module)))
        if other is None or steps > len(self._bundles):
            return Entity(None, ref.module, ref.name)
        given = other.prints.exported.get(ref.name, ())
        return self.entity(other, given[0], steps + 1) if given else None


def _declared(bundle: Matched, index: Index, copies: Mapping[str, int]) -> Iterator[tuple[int, Entity]]:
    """Yield the names of the bundle's own declarations, with what they are in the source.

    What is declared without a value has no statement that could be matched: it is what most of those who use it mean.
    """
    used: dict[int, Counter[Entity]] = {}
    taken: Counter[Entity] = Counter()
    settled: set[int] = set()
    for statement in bundle.statements:
        if statement.chosen is None:
            continue
        prints = index.prints(statement.chosen.file)
        source = prints.units[statement.chosen.unit]
        key = index.files[statement.chosen.file].key
        names = dict(zip(statement.unit.refs, source.refs, strict=False))
        for number, other in names.items():
            local = bundle.prints.refs[number].kind is RefKind.LOCAL and prints.refs[other].kind is RefKind.LOCAL
            if local and number not in settled:
                used.setdefault(number, Counter())[Entity(key, "", prints.refs[other].name)] += 1
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
        entity = meant.most_common(1)[0][0]
        assert entity.file is not None  # noqa: S101 - it is a declaration of a source
        taken[entity] += 1
        yield number, entity if taken[entity] <= copies.get(entity.file[0], 1) else Entity(None, "", entity.name)


def _modules(bundle: Matched, index: Index) -> Iterator[tuple[int, tuple[Key, ...]]]:
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
    for unit in bundle.prints.units:
        if unit.kind == WRAPPER and unit.refs and unit.number in inside:
            first = inside[unit.number].most_common(1)[0][0]
            yield unit.refs[0], (first, *sorted(equal[unit.number] - {first}))
