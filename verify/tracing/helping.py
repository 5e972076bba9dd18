"""What bundlers' helpers are called: a call is one of a helper only where the very text of that helper is called.

The program in V8 goes by what a helper looks like, for that decides how calls are written. So a function that only
looks like one, out of some dependency, could stand in for it. Here the declaration has to show that it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from types import MappingProxyType
from typing import Final

from provenly.verify.tracing.index import Index, Place
from provenly.verify.tracing.match import Matched, Statement
from provenly.verify.tracing.prints import Prints, RefKind
from provenly.verify.tracing.resolve import BUNDLER

KINDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "commonjs": frozenset({"__commonJS", "__commonJSMin"}),
        "esm": frozenset({"__esm", "__esmMin"}),
        "export": frozenset({"__export", "__exportAll"}),
        "require": frozenset({"__require"}),
        "toCommonJS": frozenset({"__toCommonJS"}),
        "toESM": frozenset({"__toESM"}),
        "defaultOf": frozenset({"getDefaultExportFromCjs"}),
        "augmented": frozenset({"getAugmentedNamespace"}),
        "merged": frozenset({"_mergeNamespaces"}),
        "global": frozenset({"commonjsGlobal"}),
        "webpack": frozenset({"__webpack_require__"}),
        "webpackScope": frozenset({"__webpack_require__"}),
    }
)
"""What each kind of helper (``wrappers.js``) is called in ``helpers/``."""

MAX_STEPS: Final = 20
"""Helpers that call each other, and bundles that pass on what others export."""


def given(path: str, prints: Prints, bundles: Mapping[str, Prints]) -> Mapping[str, Mapping[str, str]]:
    """Return what helpers and modules other bundles give to one: specifier → name → what that is."""
    found = {}
    for specifier in {specifier for specifier, _ in prints.raw["imports"]}:
        other = bundles.get(normpath(join(dirname(path), specifier))) if specifier.startswith(".") else None
        if other is not None and other.raw["gives"]:
            found[specifier] = dict(other.raw["gives"])
    return found


def unproven(bundle: Matched, bundles: Mapping[str, Matched], index: Index) -> Iterator[tuple[int, str]]:
    """Yield the statements that declare what is called as a helper of a bundler and is none."""
    for number, kind in bundle.prints.raw["helpers"]:
        if kind == "webpackScope":
            yield from _unproven_scope(bundle, number, index)
        elif not _proven(bundle, number, KINDS[kind], bundles, index, 0):
            name = bundle.prints.refs[number].name
            for unit in bundle.prints.outer:
                if unit.top and number in (*unit.defines, *unit.refs):
                    yield unit.number, f"{name} is called as a helper of a bundler"
                    break


def _unproven_scope(bundle: Matched, number: int, index: Index) -> Iterator[tuple[int, str]]:
    """Yield the statements that put into an object of helpers what is none."""
    for statement in bundle.statements:
        place = statement.chosen
        if number in statement.unit.refs and place is not None and index.files[place.file].owner != BUNDLER:
            yield statement.unit.number, f"{bundle.prints.refs[number].name} is called as a helper of a bundler"


def _proven(  # noqa: PLR0913, PLR0917 - all that a helper is judged by
    bundle: Matched,
    number: int,
    names: frozenset[str],
    bundles: Mapping[str, Matched],
    index: Index,
    steps: int,
) -> bool:
    """Whether a name of a bundle is one of the named helpers: by its only declaration, and all that this calls."""
    if steps > MAX_STEPS:
        return False
    ref = bundle.prints.refs[number]
    if ref.kind is RefKind.IMPORTED:
        other = bundles.get(normpath(join(dirname(bundle.path), ref.module)))
        there = other.prints.exported.get(ref.name, ()) if other else ()
        return other is not None and len(there) == 1 and _proven(other, there[0], names, bundles, index, steps + 1)
    declaring = [statement for statement in bundle.statements if number in statement.unit.defines]
    if len(declaring) != 1:
        return False
    (statement,) = declaring
    return any(
        _same(bundle, statement, place, names, bundles, index, steps)
        for place in index.places(statement.unit.digest)
        if index.files[place.file].owner == BUNDLER
    )


def _same(  # noqa: PLR0913, PLR0917 - as above
    bundle: Matched,
    statement: Statement,
    place: Place,
    names: frozenset[str],
    bundles: Mapping[str, Matched],
    index: Index,
    steps: int,
) -> bool:
    """Whether a statement is the declaration of a named helper that is at a place."""
    prints = index.prints(place.file)
    source = prints.units[place.unit]
    if len(source.refs) != len(statement.unit.refs) or not {prints.refs[one].name for one in source.defines} <= names:
        return False
    for here, there in zip(statement.unit.refs, source.refs, strict=True):
        if there in source.defines:
            continue
        ref, wanted = bundle.prints.refs[here], prints.refs[there]
        if wanted.kind is RefKind.IMPORTED:
            same = ref.kind is RefKind.IMPORTED and (ref.module.removeprefix("node:"), ref.name) == (
                wanted.module,
                wanted.name,
            )
            if not same:
                return False
        elif not any(there in unit.defines for unit in prints.outer):
            # A variable that is only declared.
            if any(here in one.unit.defines for one in bundle.statements) or ref.kind is not RefKind.LOCAL:
                return False
        elif not _proven(bundle, here, frozenset({wanted.name}), bundles, index, steps + 1):
            return False
    return True
