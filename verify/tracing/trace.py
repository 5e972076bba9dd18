"""The one door to tracing: bundles, their sources and what is locked in; out comes where each statement is from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from provenly.trust.errors import Error, MalformedError
from provenly.verify.compiler.sources import decoded
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.network.cache import Cache
from provenly.verify.tracing.glue import helpers
from provenly.verify.tracing.helping import given, unproven
from provenly.verify.tracing.index import Index
from provenly.verify.tracing.isolates import File, Tracers
from provenly.verify.tracing.labels import Labels, owner_of
from provenly.verify.tracing.lines import Lines
from provenly.verify.tracing.links import Links
from provenly.verify.tracing.match import Matched, match
from provenly.verify.tracing.namespaces import flat
from provenly.verify.tracing.packages import Files, Load, Packages
from provenly.verify.tracing.prepass import Prepass
from provenly.verify.tracing.prints import Prints
from provenly.verify.tracing.report import Report
from provenly.verify.tracing.resolve import BUNDLER
from provenly.verify.tracing.result import Traced
from provenly.verify.tracing.surface import exchanged, redeclared
from provenly.verify.tracing.versioned import with_version

ROUNDS: Final = 3
"""How often bundles are taken apart to learn what helpers they give to each other."""


class Tracing:
    """One tracing of the bundles of a package.

    :param tracers: take files apart.
    :param prepass: rewrites both sides where the bundles are minified; ``None`` where they are not.
    :param cache: where the digests of packages are kept.
    :ivar problems: why packages were not read, where it is not for the one who gets their files to say so.
    :ivar hindered: which file could not be taken apart within the limits of this machine, and why; else empty.
    :ivar size: bytes of the code of packages that were looked at.
    """

    def __init__(self, tracers: Tracers, cache: Cache | None = None, prepass: Prepass | None = None) -> None:
        self._tracers = tracers
        self._prepass = prepass.using(tracers) if prepass else None
        self._cache = cache
        self.problems: Mapping[str, str] = {}
        self.hindered = ""
        self.size = 0

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
        tables = any(one.raw["tables"] for one in prints.values())
        mode = self._prepass.mode if self._prepass else ""
        index = Index(self._tracers, self._cache, mode=mode, flat=flat(bundle, tables=tables))
        index.add_fixed(BUNDLER, helpers(), self._rewritten)
        index.add("", self._rewritten(sources))
        known = len(index.files)
        index.add("", self._rewritten(with_version(sources, directory, version)))
        index.versioned = frozenset(range(known, len(index.files)))
        # Bundlers that give modules numbers name only some of the files in comments.
        naming = () if any(one.raw["unlabelled"] for one in prints.values()) else sorted(written)
        late = frozenset() if naming else frozenset(package for package in packages if package.dev)
        corpus = Packages(index, load, self._rewritten, packages)
        corpus.add([one for one in packages if one not in late], labels, naming)
        index.lost = frozenset(owner.rpartition("@")[0] for owner in corpus.missing)
        corpus.add_late([one for one in packages if one in late], prints.values())
        self.problems, self.hindered, self.size = corpus.problems, index.hindered, corpus.size
        keys = labels.keys(written)
        matched: dict[str, Matched] = {}
        for path, one in prints.items():
            try:
                matched[path] = match(path, texts[path], one, index, keys, lines.get(path))
            except MalformedError as error:
                failed[path] = error
        copies = Counter(owner_of(package) for package in packages)
        copies[""] = 1
        links = Links(matched, index, copies)
        reports: dict[str, Traced | Error] = dict(failed)
        for path, bound in matched.items():
            words = {bytes.fromhex(digest): text for text, _, digest in bound.prints.raw["words"]}
            report = Report(
                bound,
                index,
                linked={statement.unit.number: wrong for statement, wrong in links.check(bound)}
                | links.tables[path]
                | dict(unproven(bound, matched, index))
                | dict(redeclared(bound, index))
                | dict(exchanged(bound, matched, index, links)),
                links=links,
                copies=copies,
                foreign=frozenset(index.foreign(words)),
                bundles=matched,
                minified=self._prepass is not None,
                missing=tuple(corpus.missing),
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
        prints: dict[str, Prints] = {}
        failed = dict(self._doubtful(bundle)) if self._prepass else {}
        paths = sorted(bundle.keys() - failed.keys())
        files = [File(path=path, data=data[path], bundle=True, plain=True) for path in paths]
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

    def _doubtful(self, bundle: Files) -> Iterator[tuple[str, Error]]:
        """Yield the bundles that esbuild may read otherwise than Node.js, with why they are refused.

        Where nothing is imported or exported, esbuild takes what follows ``<!--`` for a comment, as in a script. In a
        module, Node.js runs it.
        """
        files = [File(path=path, data=bundle[path], plain=True) for path in sorted(bundle) if b"<!--" in bundle[path]]
        for file, answer in zip(files, self._tracers.prints(files), strict=True):
            if isinstance(answer, Error):
                yield file.path, answer
