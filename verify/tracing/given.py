"""What the names mean that CommonJS modules of a bundle give: webpack writes others where it knows all users.

``exports.parse = …`` may be ``exports.qg = …`` in a bundle, and each use of it ``x.qg``. The statements that come from
the module's own file show which name stands for which; each of the names must be another one, and no module that is
used as a whole can have other names than its source has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from provenly.verify.tracing.index import Index
from provenly.verify.tracing.match import Matched
from provenly.verify.tracing.prints import RefKind
from provenly.verify.tracing.resolve import WHOLE

UNUSED: Final = ""
"""What stands for all names of a module that nothing uses: webpack assigns their values to one variable."""


class Given:
    """The names that the modules of one bundle give.

    :param bundle: with the statements that were found for it.
    """

    def __init__(self, bundle: Matched, index: Index, bundles: Iterable[Matched]) -> None:
        self._names: dict[int, dict[str, str]] = {}
        self._asked: dict[int, set[str]] = {}
        self._whole: set[int] = set()
        renaming = set(bundle.prints.raw["renaming"])
        if not renaming:
            return
        for other in bundles:
            self._use(bundle, other)
        votes: dict[int, Counter[tuple[str, str]]] = {}
        for wrapper, name, source in _pairs(bundle, index):
            if wrapper in renaming:
                votes.setdefault(wrapper, Counter())[name, source] += 1
        for wrapper, pairs in votes.items():
            if wrapper not in self._whole:
                self._names[wrapper] = _one_to_one(pairs, self._asked.get(wrapper, set()))

    def _use(self, bundle: Matched, other: Matched) -> None:
        """Note which modules a file uses as a whole, and the names that it asks of each."""
        numbers = {bundle.prints.refs[number].name: number for number in bundle.prints.raw["renaming"]}
        used = {ref for statement in other.statements for ref in statement.unit.refs}
        for number, names in other.prints.raw["tables"]:
            used.update(other.prints.units[number].refs[1:] if names else ())
        for number in used:
            ref = other.prints.refs[number]
            if ref.kind not in {RefKind.WRAPPED, RefKind.GIVEN} or ref.wrapper < 0:
                continue
            wrapper = ref.wrapper if other is bundle else numbers.get(other.prints.refs[ref.wrapper].name, -1)
            if ref.kind is RefKind.WRAPPED and ref.name == WHOLE:
                self._whole.add(wrapper)
            elif ref.name != UNUSED:
                self._asked.setdefault(wrapper, set()).add(ref.name)

    def name(self, wrapper: int, name: str) -> str:
        """Return what the source calls a name of a module; the empty text where no name of it can be that."""
        names = self._names.get(wrapper)
        if names is None or name in names:
            return names[name] if names else name
        # A name that the module does not give, while another stands for it there.
        return name if name not in names.values() else ""

    def fits(self, wrapper: int, name: str, source: str) -> bool:
        """Whether a name of a module is what its source calls ``source``."""
        if name == UNUSED:
            given = self._names.get(wrapper, {}).values()
            return wrapper not in self._whole and source not in {*given, *self._asked.get(wrapper, ())}
        return self.name(wrapper, name) == source


def _pairs(bundle: Matched, index: Index) -> Iterator[tuple[int, str, str]]:
    """Yield each name that a module gives, with what the statement's source has in its place."""
    for statement in bundle.statements:
        if statement.chosen is None:
            continue
        prints = index.prints(statement.chosen.file)
        for here, there in zip(statement.unit.refs, prints.units[statement.chosen.unit].refs, strict=False):
            ref, source = bundle.prints.refs[here], prints.refs[there]
            if ref.kind is RefKind.GIVEN and source.kind is RefKind.GIVEN:
                yield ref.wrapper, ref.name, source.name


def _one_to_one(pairs: Mapping[tuple[str, str], int], asked: set[str]) -> dict[str, str]:
    """Return what each name stands for, as most statements have it; no two stand for the same."""
    found: dict[str, str] = {}
    unused = {source for name, source in pairs if name == UNUSED}
    for (name, source), _ in sorted(pairs.items(), key=lambda one: (-one[1], one[0])):
        if name != UNUSED and name not in found and source not in found.values() and source not in unused:
            found[name] = source
    for name in asked & unused:
        found.setdefault(name, "")
    return found
