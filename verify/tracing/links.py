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

from provenly.verify.tracing.given import Given
from provenly.verify.tracing.index import Index, Place
from provenly.verify.tracing.match import Matched, Statement
from provenly.verify.tracing.meant import declared, dropped, members, modules, numbered
from provenly.verify.tracing.prints import Ref, RefKind, Unit
from provenly.verify.tracing.resolve import BUNDLER, DEFAULT, WHOLE, Entity, Key, Resolver, builtin

ROUNDS: Final = 12
"""How often places are chosen anew. Each round settles what depends on the one before; chains are short."""

NUMBERED: Final = "webpack:"
"""What the names of modules begin with that webpack gives a number or a path (``webpack.js``)."""

NOWHERE: Final = Entity(None, "", "nothing that a module gives")
"""What no name of any source stands for."""


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
        self._given: dict[str, Given] = {}
        self._found: dict[str, dict[int, tuple[Key, ...]]] = {}
        self._seen: dict[str, list[Place | None]] = {}
        self._members = {path: members(bundle) for path, bundle in bundles.items()}
        self._other_names: set[tuple[str, int]] = set()
        self.spaces: dict[str, set[int]] = {}
        self._look()
        # Equal statements may first have been taken for each other; what their names lead to tells them apart.
        for _ in range(ROUNDS):
            before = self._seen
            for bundle in bundles.values():
                list(self.check(bundle))  # settles where statements come from
            self._look()
            if before == self._seen:
                break

    def _look(self) -> None:
        self._guessed.clear()
        self._narrowed.clear()
        self._other_names.clear()
        self.spaces = {path: dropped(bundle) for path, bundle in self._bundles.items()}
        chosen = {path: [one.chosen for one in bundle.statements] for path, bundle in self._bundles.items()}
        for path, bundle in self._bundles.items():
            if chosen[path] == self._seen.get(path):
                continue  # what follows from the places is what it was
            self._given[path] = Given(bundle, self._index, self._bundles.values())
            self._declared[path] = dict(declared(bundle, self._index, self._copies))
            self._found[path] = dict(modules(bundle, self._index))
        self._seen = chosen
        self._modules = {path: dict(found) for path, found in self._found.items()}
        self.tables = {path: dict(self._tables(bundle)) for path, bundle in self._bundles.items()}

    def _tables(self, bundle: Matched) -> Iterator[tuple[int, str]]:
        """Find the file of each table of exports; yield the tables that are those of no file, with what is wrong.

        A table stands for a module as a whole, so each of its names must be what that module gives under it. Only
        webpack writes other names, for modules that nobody uses as a whole.
        """
        found = {statement.unit.number for statement in bundle.statements if statement.chosen is not None}
        frozen = [(number, names, refs) for number, names, refs in bundle.prints.raw["spaces"] if number not in found]
        tables = [(number, names, bundle.prints.units[number].refs) for number, names in bundle.prints.raw["tables"]]
        for number, names, (holder, *refs) in (*tables, *frozen):
            unit = bundle.prints.units[number]
            given = {
                name: entity
                for name, ref in zip(names, refs, strict=True)
                if (entity := self.entity(bundle, ref)) is not None
            }
            label = bundle.label(unit)
            owners = Counter(entity.file[0] for entity in given.values() if entity.file)
            if label is not None and label in self._index.by_path:
                files = [label]
            elif holder in self._members[bundle.path] and holder in self._modules[bundle.path]:
                files = list(self._modules[bundle.path][holder])
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
                self._modules[bundle.path][holder] = tuple(fitting)
                self.spaces.setdefault(bundle.path, set()).add(number)
            elif holder in self._members[bundle.path]:
                self._other_names.add((bundle.path, holder))
            elif number not in {one for one, _, _ in frozen}:
                yield number, wrong

    def check(self, bundle: Matched) -> Iterator[tuple[Statement, str]]:
        """Yield the statements with a name that leads elsewhere, and which; the others get the place that fits."""
        taken = Counter(statement.chosen for statement in bundle.statements)
        for statement in bundle.statements:
            if statement.chosen is None:
                continue
            first, fits = "", False
            taken[statement.chosen] -= 1
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
        mine = bundle.prints.refs[here]
        if RefKind.GIVEN in {mine.kind, ref.kind}:
            return mine.kind is ref.kind and self._given[bundle.path].fits(mine.wrapper, mine.name, ref.name)
        here = self._meant(bundle, here)
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
        other = self._whole(bundle, here)
        if other is not None:
            meant = frozenset(one for one in meant if one.file is None or self._stands_for(other, one.file))
        common = self._guessed.setdefault((bundle.path, here), meant) & meant
        if common:
            self._guessed[bundle.path, here] = common
        return bool(common)

    def _whole(self, bundle: Matched, number: int) -> Matched | None:
        """Return the bundle that a name is as a whole: what ``import()`` gives where bundles are split."""
        ref = bundle.prints.refs[number]
        if ref.kind is not RefKind.IMPORTED or ref.name != WHOLE or not ref.module.startswith("."):
            return None
        return self._bundles.get(normpath(join(dirname(bundle.path), ref.module)))

    def _stands_for(self, other: Matched, file: Key) -> bool:
        """Whether a bundle exports what a file does: one of its names at least, and no name of it for another thing."""
        found = [(self.given(other, name), self._resolver.gives(file, name)) for name in other.prints.exported]
        known = [(entity, given) for entity, given in found if entity is not None]
        # A file gives each name as a member of what it exports, too, whether it has that or not.
        if any(entity not in given and len(given) > 1 for entity, given in known):
            return False
        return not known or any(entity in given for entity, given in known)

    def _meant(self, bundle: Matched, number: int) -> int:
        """Return the name that a member of a module with a table of names is."""
        for _ in range(ROUNDS):
            ref = bundle.prints.refs[number]
            there = (
                self._members[bundle.path].get(ref.wrapper, {}).get(ref.name) if ref.kind is RefKind.WRAPPED else None
            )
            if there is None:
                break
            number = there
        return number

    def entity(self, bundle: Matched, number: int, steps: int = 0) -> Entity | None:
        """Return what a name of a bundle stands for; ``None`` where nothing says so."""
        return next(iter(self._several(bundle, number, steps)), None)

    def _several(self, bundle: Matched, number: int, steps: int = 0) -> Sequence[Entity]:
        """Return what a name of a bundle may stand for: more than one where files are equal; nothing where none is."""
        ref = bundle.prints.refs[number]
        if ref.kind is RefKind.LOCAL:
            return self._local(bundle, number)
        if ref.kind is RefKind.WRAPPED:
            return self._wrapped(bundle, ref, steps)
        if ref.kind is RefKind.IMPORTED and ref.module.startswith("."):
            entity = self._chunk(bundle, ref, steps)
            return (entity,) if entity else ()
        return (Entity(None, builtin(ref.module), ref.name),) if ref.kind is RefKind.IMPORTED else ()

    def _local(self, bundle: Matched, number: int) -> Sequence[Entity]:
        """Return what a name may stand for that a bundle declares."""
        if (bundle.path, number) in self._other_names:
            return [NOWHERE]
        if files := self._allowed(bundle, number):
            return [Entity(file, "", WHOLE) for file in files]
        found = self._declared[bundle.path].get(number)
        if found and found.file and found.file[1].endswith(".json") and found.name == DEFAULT:
            return (found, Entity(found.file, "", WHOLE))  # data is imported in either way
        return (found,) if found else ()

    def _wrapped(self, bundle: Matched, ref: Ref, steps: int) -> Sequence[Entity]:
        """Return what a module that is a function of the bundle, or a member of it, is in the source."""
        wrapper = bundle.prints.refs[ref.wrapper]
        if wrapper.kind is RefKind.IMPORTED:
            other = self._bundles.get(normpath(join(dirname(bundle.path), wrapper.module)))
            given = other.prints.exported.get(wrapper.name, ()) if other else ()
            if other is None or len(given) != 1 or steps > len(self._bundles):
                return ()
            return self._wrapped(other, Ref(RefKind.WRAPPED, ref.name, wrapper=given[0]), steps + 1)
        if wrapper.name.startswith(NUMBERED) and ref.wrapper not in self._modules[bundle.path]:
            return self._numbered(bundle, ref, wrapper.name, steps)
        members = self._members[bundle.path].get(ref.wrapper)
        if members and ref.name != WHOLE:
            there = members.get(ref.name)
            return [NOWHERE] if there is None or steps > ROUNDS else self._several(bundle, there, steps + 1)
        modules = self._allowed(bundle, ref.wrapper)
        if ref.name == WHOLE:
            renamed = (bundle.path, ref.wrapper) in self._other_names
            return [NOWHERE] if renamed else [Entity(module, "", WHOLE) for module in modules]
        name = self._given[bundle.path].name(ref.wrapper, ref.name)
        return [Entity(module, "exports", name) for module in modules] if name else [NOWHERE]

    def _numbered(self, bundle: Matched, ref: Ref, name: str, steps: int) -> Sequence[Entity]:
        """Return what a module with a number is that another file of the bundle has: no two files have the same."""
        outside, others = numbered(name, self._bundles.values(), self._modules)
        if len(outside) == 1 and not others:
            return [Entity(None, builtin(outside.pop()), ref.name)]
        others = [(other, number) for other, number in others if other is not bundle]
        if len(others) != 1 or steps > ROUNDS:
            return [NOWHERE]
        ((other, number),) = others
        return self._wrapped(other, Ref(RefKind.WRAPPED, ref.name, wrapper=number), steps + 1)

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

    @property
    def resolver(self) -> Resolver:
        """Follows the names of the sources."""
        return self._resolver

    def given(self, bundle: Matched, name: str) -> Entity | None:
        """Return what a bundle exports under a name; ``None`` where nothing says so."""
        numbers = bundle.prints.exported.get(name, ())
        return self.entity(bundle, numbers[0]) if numbers else self._passed(bundle, name, 0)

    def _chunk(self, bundle: Matched, ref: Ref, steps: int) -> Entity | None:
        """Return what a name that another bundle exports stands for there."""
        other = self._bundles.get(normpath(join(dirname(bundle.path), ref.module)))
        if other is None or steps > len(self._bundles):
            return Entity(None, ref.module, ref.name)
        given = other.prints.exported.get(ref.name, ())
        if given:
            return self.entity(other, given[0], steps + 1)
        return self._passed(other, ref.name, steps + 1) if ref.name != WHOLE else None

    def _passed(self, bundle: Matched, name: str, steps: int) -> Entity | None:
        """Return what a name stands for that a bundle only passes on from another, or of which it says nothing."""
        for exported, module, there in bundle.prints.raw["passed"]:
            if exported not in {name, WHOLE} or name == WHOLE:
                continue
            wanted = there if exported == name else name
            if not module.startswith("."):
                return Entity(None, builtin(module), wanted)
            found = self._chunk(bundle, Ref(RefKind.IMPORTED, wanted, module), steps)
            if exported == name or (found is not None and found.module != module):
                return found
        return Entity(None, bundle.path, name)
