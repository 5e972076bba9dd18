"""Compiling single files with the options of a project, and with variants of these that builds use besides.

Some builds compile a source twice, to ES modules and to CommonJS, with options that stand in a script or a tool's own
configuration (tshy, dual builds). So each file is tried with the project's options, then with other module formats and
targets. Only equal bytes count, so that no variant can explain what no compiler made of the source.

`nodenext` with a package.json of type `commonjs` is how a ``.cts`` file compiles: CommonJS that keeps ``import()``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from provenly.trust.artifact import FileEntry
from provenly.trust.strict_json import Json
from provenly.verify.explain.projects import Project
from provenly.verify.explain.recompiled.formats import Formats
from provenly.verify.explain.scene import Expected, Scene

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers, Transpile
    from provenly.verify.compiler.releases import Release

MAX_SOURCE: Final = 600_000
"""Bytes of a file that is compiled by itself, as in the survey."""

MAX_BASES: Final = 3
"""Projects whose options are tried; those of one package differ in little else than where they write to."""

SAMPLE: Final = 3
"""Files by which it is seen whether a variant is that of this package; the others are compiled only if it is."""

MAX_SECONDS: Final = 240.0
"""Seconds after which no further variant is tried. All of them take a few seconds for packages that people wrote."""

_TARGETS: Final = ("es2022", "esnext", "es2020", "es2021", "es2023", "es2019", "es2018")
_LEFT_OUT: Final = frozenset(
    {
        *(
            "outDir",
            "rootDir",
            "declarationDir",
            "baseUrl",
            "paths",
            "types",
            "typeRoots",
            "lib",
            "plugins",
            "rootDirs",
        ),
        *("declaration", "declarationMap", "emitDeclarationOnly", "composite", "incremental", "tsBuildInfoFile"),
        *("noEmit", "sourceRoot", "mapRoot", "outFile", "moduleResolution", "resolveJsonModule", "customConditions"),
        *("allowImportingTsExtensions", "ignoreDeprecations", "inlineSources"),
    }
)
"""Options that say nothing about the JavaScript of one file, or that need others which a single file has not."""

_ENDINGS: Final[tuple[tuple[str, Mapping[str, Json], str], ...]] = (
    (".mjs", {"module": "esnext"}, "as an ES module"),
    (".cjs", {"module": "commonjs"}, "as CommonJS"),
)
"""Endings that say which format a module has, and how it is compiled to that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Variant:
    """A way to compile.

    :param options: compiler options, but for source maps, which the packed file itself tells.
    :param format: the ``type`` of the nearest package.json; ``None`` for the one that the source has.
    :param said: how it differs from the project, for people.
    """

    options: Mapping[str, Json]
    format: str | None
    said: str


class Dialects:
    """Compiles single files.

    :param projects: the package's projects, the likeliest first.
    """

    def __init__(self, scene: Scene, compilers: Compilers, release: Release, projects: Sequence[Project]) -> None:
        self._scene = scene
        self._compilers = compilers
        self._release = release
        self._bases = list(_bases(projects))
        self._formats = Formats(scene)

    def compiled(
        self, left: Mapping[str, FileEntry], sources: Mapping[str, str]
    ) -> Iterator[tuple[str, Expected, bool]]:
        """Yield what single files compile to: the packed path, what is expected there, and whether it is that.

        :param left: the packed files that nothing explains yet, by path.
        :param sources: the source of each.
        """
        texts = {path: data for path, data in self._scene.read(sources.values()).items() if len(data) <= MAX_SOURCE}
        waiting = {path: entry for path, entry in left.items() if sources[path] in texts}
        self._scene.tools.progress.step("Compiling single files")
        until = self._scene.tools.end(MAX_SECONDS)
        made = next(self._variants())
        for variant in self._variants():
            if not waiting or time.monotonic() > until:
                break
            before = len(waiting)
            first = not variant.said
            tried = list(waiting) if first else sorted(waiting, key=lambda path: waiting[path].size)[-SAMPLE:]
            for path, data, equal in self._tried(variant, tried, sources, texts):
                if equal or first:
                    yield path, self._expected(variant, sources[path], data), equal
                if equal:
                    del waiting[path]
            rest = [path for path in waiting if path not in tried]
            if not first and len(tried) > sum(path in waiting for path in tried):
                for path, data, equal in self._tried(variant, rest, sources, texts):
                    yield path, self._expected(variant, sources[path], data), equal
                    if equal:
                        del waiting[path]
            if len(waiting) < before:
                made = variant
        yield from self._other_forms(made, waiting, sources, texts)

    def _other_forms(
        self,
        variant: _Variant,
        waiting: Mapping[str, FileEntry],
        sources: Mapping[str, str],
        texts: Mapping[str, bytes],
    ) -> Iterator[tuple[str, Expected, bool]]:
        """Yield what modules whose ending says their format are, but for what a tool does to them later.

        tsc-multi writes each source as ``.js`` and as ``.mjs``, and makes the specifiers of those name ``.mjs``: what
        is expected of one form says nothing about the other.

        :param variant: the last one that made anything of this package.
        """
        for ending, options, said in _ENDINGS:
            form = replace(variant, options={**variant.options, **options}, format=None, said=said)
            paths = [path for path in waiting if path.endswith(ending)]
            for path, data, equal in self._tried(form, paths, sources, texts):
                yield path, self._expected(form, sources[path], data), equal

    def _expected(self, variant: _Variant, source: str, data: bytes) -> Expected:
        said = f" {variant.said}" if variant.said else ""
        return Expected(
            source=source, data=data, how=f"compiles to by itself with TypeScript {self._release.version}{said}"
        )

    def _tried(
        self, variant: _Variant, paths: Sequence[str], sources: Mapping[str, str], texts: Mapping[str, bytes]
    ) -> list[tuple[str, bytes, bool]]:
        contents = self._scene.artifact.contents
        items = [self._item(variant, sources[path], texts[sources[path]], contents[path]) for path in paths]
        answers = self._compilers.transpile(self._release, items) if items else ()
        return [
            (path, answer, answer == contents[path])
            for path, answer in zip(paths, answers, strict=True)
            if isinstance(answer, bytes)
        ]

    def _item(self, variant: _Variant, source: str, text: bytes, packed: bytes) -> Transpile:
        from provenly.verify.compiler.compilers import Transpile

        last = packed.rstrip(b"\n").rpartition(b"\n")[2]
        maps = {
            "sourceMap": last.startswith(b"//# sourceMappingURL=") and not last[21:].startswith(b"data:"),
            "inlineSourceMap": False,
        }
        module_format = self._formats.of(source) if variant.format is None else variant.format
        return Transpile(path=source, source=text, options={**variant.options, **maps}, module_format=module_format)

    def _variants(self) -> Iterator[_Variant]:
        """Yield ways to compile, the likeliest first; those of the projects themselves say nothing about themselves."""
        bases = self._bases or [{"target": "es2022", "module": "esnext"}]
        for base in bases:
            yield _Variant(options=base, format=None, said="")
        base = bases[0]
        modules: tuple[tuple[str, Mapping[str, Json], str | None], ...] = (
            ("as CommonJS with import()", {"module": "nodenext"}, "commonjs"),
            ("as an ES module", {"module": "nodenext"}, "module"),
            ("as CommonJS", {"module": "commonjs"}, "commonjs"),
            ("as an ES module", {"module": "esnext"}, None),
        )
        for said, options, module_format in modules:
            yield _Variant(options={**base, **options}, format=module_format, said=said)
        for target in _TARGETS:
            yield _Variant(options={**base, "target": target}, format=None, said=f"for {target}")
            for said, options, module_format in modules:
                together = {**base, **options, "target": target}
                yield _Variant(options=together, format=module_format, said=f"{said} for {target}")


def _bases(projects: Sequence[Project]) -> Iterator[Mapping[str, Json]]:
    seen: list[Mapping[str, Json]] = []
    for project in projects:
        options = {name: value for name, value in project.effective.items() if name not in _LEFT_OUT}
        if options not in seen and len(seen) < MAX_BASES:
            seen.append(options)
            yield options
