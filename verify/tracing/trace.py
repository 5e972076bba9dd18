"""The one door to tracing: bundles, their sources and what is locked in; out comes where each statement is from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from provenly.trust.errors import Error
from provenly.verify.compiler.sources import decoded
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.network.cache import Cache
from provenly.verify.tracing.entries import leading
from provenly.verify.tracing.glue import helpers
from provenly.verify.tracing.helping import given, unproven
from provenly.verify.tracing.index import Index, is_code
from provenly.verify.tracing.isolates import File, Tracers
from provenly.verify.tracing.labels import Labels, owner_of
from provenly.verify.tracing.lines import Lines
from provenly.verify.tracing.links import Links
from provenly.verify.tracing.match import match
from provenly.verify.tracing.prepass import Prepass
from provenly.verify.tracing.prints import Prints
from provenly.verify.tracing.report import Report
from provenly.verify.tracing.resolve import BUNDLER
from provenly.verify.tracing.result import Traced
from provenly.verify.tracing.versioned import with_version

Files: TypeAlias = Mapping[str, bytes]
Load: TypeAlias = Callable[[Iterable[LockedPackage]], Iterable[tuple[LockedPackage, Files | Error]]]
"""Gets the files of packages: :meth:`provenly.verify.dependencies.fetch.Dependencies.each`."""


ROUNDS: Final = 3
"""How often bundles are taken apart to learn what helpers they give to each other."""


MIN_WORD: Final = 5
"""Characters of a word that says something about where it is from."""

MAX_WORDS: Final = 500
"""Words that are searched for in packages for development."""


class Tracing:
    """One tracing of the bundles of a package.

    :param tracers: take files apart.
    :param prepass: rewrites both sides where the bundles are minified; ``None`` where they are not.
    :param cache: where the digests of packages are kept.
    """

    def __init__(self, tracers: Tracers, cache: Cache | None = None, prepass: Prepass | None = None) -> None:
        self._tracers = tracers
        self._prepass = prepass
        self._cache = cache

    def run(  # noqa: PLR0913 - all that a bundle is made of
        self,
        bundle: Files,
        sources: Files,
        packages: Sequence[LockedPackage],
        load: Load,
        *,
        directory: str = "",
        version: str = "",
    ) -> Mapping[str, Traced | Error]:
        """Trace bundles, and return for each where it comes from, or why that cannot be said.

        :param bundle: the bundles by their paths in the package; they may import each other.
        :param sources: the files of the repository by path.
        :param packages: what the lockfile locks, as far as it can be in the bundles.
        :param load: gets the files of packages.
        :param directory: the folder of the repository that the bundler ran in.
        :param version: the version that was published, which builds may set only after the commit.
        :raises UnavailableError: ``COMPILER_UNAVAILABLE``, ``COMPILER_START``, and those of esbuild.
        """
        prints, texts, lines, failed = self._bundles(bundle)
        written = {label for one in prints.values() for _, label, _ in one.raw["labels"]}
        labels = Labels(sources, packages, directory)
        index = Index(self._tracers, self._cache, mode=self._prepass.mode if self._prepass else "")
        index.add(BUNDLER, self._rewritten(helpers()))
        index.add("", self._rewritten(sources))
        known = len(index.files)
        index.add("", self._rewritten(with_version(sources, directory, version)))
        index.versioned = frozenset(range(known, len(index.files)))
        late = [] if written else [package for package in packages if package.dev]
        missing = self._add_packages(index, labels, written, [one for one in packages if one not in set(late)], load)
        missing += self._add_late(index, prints.values(), late, load)
        keys = labels.keys(written)
        matched = {path: match(path, texts[path], one, index, keys, lines.get(path)) for path, one in prints.items()}
        copies = Counter(owner_of(package) for package in packages)
        copies[""] = 1
        links = Links(matched, index, copies)
        reports: dict[str, Traced | Error] = dict(failed)
        for path, one in matched.items():
            words = {bytes.fromhex(digest): text for text, _, digest in one.prints.raw["words"]}
            report = Report(
                one,
                index,
                linked={statement.unit.number: wrong for statement, wrong in links.check(one)}
                | links.tables[path]
                | dict(unproven(one, matched, index)),
                links=links,
                copies=copies,
                foreign=frozenset(index.foreign(words)),
                bundles=matched,
                minified=self._prepass is not None,
                missing=missing,
            )
            reports[path] = report.made()
        return reports

    def _rewritten(self, files: Files) -> Files:
        return self._prepass.rewritten(files) if self._prepass else files

    def _bundles(
        self, bundle: Files
    ) -> tuple[dict[str, Prints], dict[str, str], Mapping[str, Lines], dict[str, Error]]:
        """Take the bundles apart; return them, their texts, their lines, and why there is none of some."""
        data, lines = self._prepass.bundles(bundle) if self._prepass else (bundle, {})
        files = [File(path=path, data=data[path], bundle=True, plain=True) for path in sorted(bundle)]
        prints: dict[str, Prints] = {}
        failed: dict[str, Error] = {}
        for _ in range(ROUNDS):
            for file, answer in zip(files, self._tracers.prints(files), strict=True):
                if isinstance(answer, Error):
                    failed[file.path] = answer
                    prints.pop(file.path, None)
                else:
                    prints[file.path] = Prints(answer)
            known = {path: given(path, one, prints) for path, one in prints.items()}
            files = [
                replace(file, given=known[file.path])
                for file in files
                if known.get(file.path, file.given) != file.given
            ]
            if not files:
                break
        return prints, {path: decoded(data[path]) for path in prints}, lines, failed

    def _add_packages(
        self, index: Index, labels: Labels, written: Iterable[str], packages: Sequence[LockedPackage], load: Load
    ) -> tuple[str, ...]:
        """Add the packages that comments name, or all where there is no comment; return those that cannot be had."""
        named: dict[LockedPackage, set[str]] = {}
        for label in written:
            found = labels.package(label)
            if found is not None:
                named.setdefault(found[0], set()).add(found[1])
        wanted: dict[LockedPackage, set[str] | None] = dict(named)
        if not any(True for _ in written):
            wanted = dict.fromkeys(packages)
        return tuple(self._added(index, wanted, load))

    def _add_late(
        self, index: Index, prints: Iterable[Prints], packages: Sequence[LockedPackage], load: Load
    ) -> tuple[str, ...]:
        """Add those packages for development that have words of the bundles that nothing else has.

        They are many and large, and few bundles have anything of them; but a lockfile calls a package so only for what
        its own project does with it.
        """
        words = {bytes.fromhex(digest): text for one in prints for text, _, digest in one.raw["words"]}
        foreign = sorted(word for word in index.foreign(words) if len(word) >= MIN_WORD)[:MAX_WORDS]
        if not packages or not foreign:
            return ()
        wanted = re.compile(b"|".join(re.escape(word.encode("utf-8", "replace")) for word in foreign))

        def having(asked: Iterable[LockedPackage]) -> Iterator[tuple[LockedPackage, Files | Error]]:
            for package, files in load(asked):
                if isinstance(files, Error):
                    continue
                if any(is_code(path) and wanted.search(data) for path, data in files.items()):
                    yield package, files

        return tuple(self._added(index, dict.fromkeys(packages), having))

    def _added(self, index: Index, wanted: Mapping[LockedPackage, set[str] | None], load: Load) -> Iterator[str]:
        """Add packages, or of each the wanted files with what they pass names on from; yield what cannot be had."""
        paths: dict[str, set[str] | None] = {}
        for package, some in wanted.items():
            known = paths.setdefault(owner_of(package), set())
            paths[owner_of(package)] = None if some is None or known is None else known | some
        asked = []
        for package in {(owner_of(package), package.integrity): package for package in wanted}.values():
            owner = owner_of(package)
            if not index.add_kept(owner, package.integrity, paths[owner]):
                asked.append(package)
        for package, files in load(asked):
            owner = owner_of(package)
            if isinstance(files, Error):
                yield owner
            else:
                code: Files = {path: data for path, data in files.items() if is_code(path)}
                if paths[owner] is None:
                    code = _built(code)
                index.add_package(owner, package.integrity, code, paths[owner], self._rewritten)


def _built(code: Files) -> Files:
    """Leave out the TypeScript of a package that has JavaScript, and packages inside of one that it does not bundle.

    Bundlers take what package.json names. Copies of other packages get into archives by mistake, with tests.
    """
    manifest = leading(code)
    if not manifest.get("bundled"):
        code = {path: data for path, data in code.items() if "node_modules/" not in path}
    built = {path: data for path, data in code.items() if not path.endswith((".ts", ".tsx", ".mts", ".cts"))}
    return built if any(path.endswith((".js", ".mjs", ".cjs")) for path in built) else code
