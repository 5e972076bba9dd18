"""Both sides of a comparison rewritten by esbuild in the same way, so that what its minifier changes is the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from provenly.trust.errors import Error, UnavailableError
from provenly.trust.text import show
from provenly.verify.esbuild.esbuild import Esbuild, Transform
from provenly.verify.esbuild.releases import Release
from provenly.verify.tracing.index import is_code
from provenly.verify.tracing.isolates import File, Tracers
from provenly.verify.tracing.lines import Lines, split, without_map

FLAGS: Final = ("--minify-syntax", "--ignore-annotations", "--legal-comments=none", "--log-level=silent")
"""Names are left alone, and nothing is bundled. A comment that calls a call *pure* must not make esbuild leave it out:
whoever wrote the bundle wrote the comment."""


_LABEL: Final = re.compile(rb"^(?://|//#region) ([^\s:*?\"<>|]+\.(?:[cm]?[jt]sx?|json))[ \t]*$", re.MULTILINE)
"""The comment in which a bundler names a file. Within a string it is not one: then the string is another one on one
side, and its statement is not traced."""

_DECLARES: Final = re.compile(rb"\b(?:var|let|const)\b")


_OF_MACHINES: Final = frozenset({"ESBUILD_TIMEOUT", "ESBUILD_MEMORY", "ESBUILD_CRASH", "ESBUILD_FAILURES"})
"""The codes of errors that say nothing of a file on another machine."""


class Prepass:
    """Rewrites files with one release of esbuild.

    :param flags: further flags: the target that the bundle was made for.
    :param tracers: put variables that are used once in place of their names before, which esbuild does with some of
        them only; without them, esbuild has to do.
    """

    def __init__(
        self, esbuild: Esbuild, release: Release, flags: tuple[str, ...] = (), tracers: Tracers | None = None
    ) -> None:
        self._esbuild = esbuild
        self._release = release
        self._flags = flags
        self._tracers = tracers

    def using(self, tracers: Tracers) -> Prepass:
        """Return the same with what takes files apart."""
        return Prepass(self._esbuild, self._release, self._flags, tracers)

    @property
    def mode(self) -> str:
        """What tells files that were rewritten so from others."""
        return " ".join((self._release.version, *FLAGS, *self._flags, *(("inlined",) if self._tracers else ())))

    def bundles(self, files: Mapping[str, bytes]) -> tuple[Mapping[str, bytes], Mapping[str, Lines]]:
        """Return bundles as esbuild writes them, and where their lines are in the bundles as they were published.

        The comments that name files stay, which esbuild would remove.
        """
        named = {path: _LABEL.sub(rb"/*! \1 */", without_map(data)) for path, data in files.items()}
        flags = ("--legal-comments=inline", "--sourcemap=inline", "--sources-content=false")
        first, lines = _without_maps(self._written(named, flags), named)
        if self._tracers is None:
            return first, lines
        inlined, moved = self._inlined(first, bundle=True)
        before = {path: _through(moved.get(path), lines.get(path)) for path in inlined}
        # What esbuild writes, it writes a little differently when it reads it again: so both sides are read twice.
        texts, found = _without_maps(self._written(inlined, flags), inlined, before)
        return texts, {**lines, **found}

    def rewritten(self, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Return files as esbuild writes them; those that it cannot read, and no code, are left as they are."""
        first = self._written(files, ())
        return first if self._tracers is None else self._written(self._inlined(first, bundle=False)[0], ())

    def _inlined(
        self, files: Mapping[str, bytes], *, bundle: bool
    ) -> tuple[Mapping[str, bytes], Mapping[str, Sequence[int]]]:
        """Put the values of variables that are used once in their place; return where each line was, too, from 0."""
        if self._tracers is None:
            return files, {}
        asked = [
            File(path=path, data=data, bundle=bundle, plain=True, inline=True)
            for path, data in files.items()
            if is_code(path) and not path.endswith(".json") and _DECLARES.search(data)
        ]
        found = dict(files)
        lines: dict[str, Sequence[int]] = {}
        for file, answer in zip(asked, self._tracers.prints(asked), strict=True):
            if not isinstance(answer, Error) and "text" in answer:
                found[file.path] = answer["text"].encode("utf-8", "replace")
                lines[file.path] = answer["lines"]
        return found, lines

    def _written(self, files: Mapping[str, bytes], further: tuple[str, ...]) -> Mapping[str, bytes]:
        flags = (*FLAGS, *self._flags, *further)
        items = [
            Transform(path=path, source=data, arguments=flags)
            for path, data in files.items()
            if is_code(path) and not path.endswith(".json")
        ]
        found = dict(files)
        for item, answer in zip(items, self._esbuild.transform(self._release, items), strict=True):
            if not isinstance(answer, Error):
                found[item.path] = answer
            elif answer.code in _OF_MACHINES:
                # As it is, it would be compared with what was rewritten; on another machine it might not be.
                message = f"esbuild could not rewrite {show(item.path, limit=200)}: {answer.message}"
                raise UnavailableError(message, code=answer.code) from answer
        return found


def _without_maps(
    written: Mapping[str, bytes], given: Mapping[str, bytes], before: Mapping[str, Callable[[int], int]] | None = None
) -> tuple[dict[str, bytes], dict[str, Lines]]:
    """Return what esbuild wrote without its source maps, and these; what it could not read has none."""
    texts: dict[str, bytes] = {}
    lines: dict[str, Lines] = {}
    for path, data in written.items():
        texts[path], found = split(data, (before or {}).get(path)) if data is not given[path] else (data, None)
        if found is not None:
            lines[path] = found
    return texts, lines


def _through(moved: Sequence[int] | None, lines: Lines | None) -> Callable[[int], int]:
    """Return what says which line, from 1, of the published file a line, from 0, of the inlined text comes from."""

    def line(number: int) -> int:
        at = number if moved is None else moved[min(number, len(moved) - 1)]
        return lines.line(at, 0) if lines else at + 1

    return line
