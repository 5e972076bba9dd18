"""Puts the packages that may be in bundles into the index: those that comments name, or all that are locked.

How much is taken apart is counted in bytes, in an order that is always the same, so that every machine looks at the
same packages, whatever it has kept of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from provenly.trust.errors import Error
from provenly.trust.text import plural
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.tracing.entries import leading
from provenly.verify.tracing.index import Index, Rewrite, Wanted, is_code
from provenly.verify.tracing.labels import Labels, owner_of
from provenly.verify.tracing.prints import Prints
from provenly.verify.tracing.shelf import Kept

Files: TypeAlias = Mapping[str, bytes]
Load: TypeAlias = Callable[[Iterable[LockedPackage]], Iterable[tuple[LockedPackage, Files | Error]]]
"""Gets the files of packages: :meth:`provenly.verify.dependencies.fetch.Dependencies.each`."""

MAX_CORPUS: Final = 128_000_000
"""Bytes of the code of packages that are taken apart for one bundle. The interface of the largest server of our survey
has 70 million in its dependencies."""

GROUP: Final = 6_000_000
"""Bytes of code that are taken apart together: some for each process."""

MIN_WORD: Final = 5
"""Characters of a word that says something about where it is from."""

MAX_WORDS: Final = 500
"""Words that are searched for in packages for development."""


class Packages:
    """Adds packages to an index.

    :param load: gets the files of packages.
    :param rewritten: what is done to files before they are taken apart.
    :ivar missing: ``name@version`` of those that could not be had, or are more than is taken apart.
    :ivar problems: why, where it is not ``load`` that says so.
    :ivar size: bytes of code that were asked for so far.
    """

    def __init__(self, index: Index, load: Load, rewritten: Rewrite, packages: Sequence[LockedPackage]) -> None:
        self._index = index
        self._load = load
        self._rewritten = rewritten
        # What the repository changes is not what the registry has, and one copy is not told from another.
        self._changed = frozenset(owner_of(package) for package in packages if package.patched)
        self.missing: dict[str, None] = {}
        self.problems: dict[str, str] = {}
        self.size = 0

    def add(self, packages: Sequence[LockedPackage], labels: Labels, written: Iterable[str]) -> None:
        """Add the packages that comments name, or all where there is no comment."""
        named: dict[LockedPackage, set[str] | None] = {}
        for label in (labelled := list(written)):
            found = labels.package(label)
            if found is not None:
                paths = named.setdefault(found[0], set())
                assert paths is not None  # noqa: S101 - only sets are put there
                paths.add(found[1])
        self._add(named if labelled else dict.fromkeys(packages), self._load)

    def add_late(self, packages: Sequence[LockedPackage], prints: Iterable[Prints]) -> None:
        """Add those packages for development that have words of the bundles that nothing else has.

        They are many and large, and few bundles have anything of them; but a lockfile calls a package so only for what
        its own project does with it. None of them is said to be missing.
        """
        words = {bytes.fromhex(digest): text for one in prints for text, _, digest in one.raw["words"]}
        foreign = sorted(word for word in self._index.foreign(words) if len(word) >= MIN_WORD)[:MAX_WORDS]
        if not packages or not foreign:
            return
        wanted = re.compile(b"|".join(re.escape(word.encode("utf-8", "replace")) for word in foreign))

        def having(asked: Iterable[LockedPackage]) -> Iterator[tuple[LockedPackage, Files | Error]]:
            for package, files in self._load(asked):
                if isinstance(files, Error):
                    continue
                if any(is_code(path) and wanted.search(data) for path, data in files.items()):
                    yield package, files

        self._add(dict.fromkeys(packages), having, fresh=True)

    def _add(self, wanted: Mapping[LockedPackage, set[str] | None], load: Load, *, fresh: bool = False) -> None:
        """Add packages, or of each the wanted files with what they pass names on from.

        :param fresh: whether all are read, even those of which all is kept: ``load`` may leave some out.
        """
        paths: dict[str, frozenset[str] | None] = {}
        for package, some in wanted.items():
            known = paths.setdefault(owner_of(package), frozenset())
            paths[owner_of(package)] = None if some is None or known is None else known | some
        packages = list({(owner_of(package), package.integrity): package for package in wanted}.values())
        kept: dict[LockedPackage, Kept] = {}
        for package in packages if not fresh else ():
            found = self._index.shelf.get(owner_of(package), package.integrity, paths[owner_of(package)])
            if found is not None and owner_of(package) not in self._changed:
                kept[package] = found
        group: list[tuple[str, Kept | Wanted]] = []
        for number, (package, one) in enumerate(self._each(packages, kept, load, paths)):
            owner = owner_of(package)
            if isinstance(one, Error) or owner in self._changed:
                self.missing[owner] = None
            elif self.size + one.size > MAX_CORPUS:
                more = plural(len(packages) - number - 1, "package")
                self.missing[owner] = None
                self.problems[owner] = f"it and {more} after it are more than {MAX_CORPUS:,} bytes of code"
                break
            else:
                self.size += one.size
                group.append((owner, one))
                if sum(each.size for _, each in group if isinstance(each, Wanted)) > GROUP:
                    self._flush(group)
        self._flush(group)

    def _each(
        self,
        packages: Iterable[LockedPackage],
        kept: Mapping[LockedPackage, Kept],
        load: Load,
        paths: Mapping[str, frozenset[str] | None],
    ) -> Iterator[tuple[LockedPackage, Kept | Wanted | Error]]:
        """Yield packages in their order, taken apart already, or with the code that is to be."""
        source = list(packages)
        loaded = iter(load([package for package in source if package not in kept]))
        following = next(loaded, None)
        for package in source:
            if package in kept:
                yield package, kept[package]
            elif following is not None and following[0] == package:
                files = following[1]
                yield package, files if isinstance(files, Error) else _wanted(package, files, paths[owner_of(package)])
                following = next(loaded, None)

    def _flush(self, group: list[tuple[str, Kept | Wanted]]) -> None:
        """Take a group of packages apart, and add all of it in its order."""
        new = self._index.taken_apart([one for _, one in group if isinstance(one, Wanted)], self._rewritten)
        for owner, one in group:
            self._index.add_kept(owner, next(new) if isinstance(one, Wanted) else one)
        group.clear()


def _wanted(package: LockedPackage, files: Files, wanted: frozenset[str] | None) -> Wanted:
    code: Files = {path: data for path, data in files.items() if is_code(path)}
    if wanted is None:
        code = _built(code)
    return Wanted(owner=owner_of(package), integrity=package.integrity, files=code, wanted=wanted)


def _built(code: Files) -> Files:
    """Leave out the TypeScript of a package that has JavaScript, and packages inside of one that it does not bundle.

    Bundlers take what package.json names. Copies of other packages get into archives by mistake, with tests.
    """
    manifest = leading(code)
    if not manifest.get("bundled"):
        code = {path: data for path, data in code.items() if "node_modules/" not in path}
    built = {path: data for path, data in code.items() if not path.endswith((".ts", ".tsx", ".mts", ".cts"))}
    return built if any(path.endswith((".js", ".mjs", ".cjs")) for path in built) else code
