"""Which packed files are traced: what bundlers write, where it is not known what should have come out.

Tracing says less than any explainer before it: it does not see a statement that was left out. So a file is not traced
where its expected output is known: its diff against that shows what is missing too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.twins import TYPED, UNTYPED, twin

CODE: Final = (".js", ".mjs", ".cjs")

ALIKE: Final = 0.75
"""The part of all lines that a file and what was expected have in common, from which on the latter is its base. What a
bundler with other options makes shares fewer; one altered statement, or a hundred, leaves more."""

MUCH_LARGER: Final = 1.5
"""How many times the size of its source a compiled file has at most: types go, helpers come."""

MAX_ALTOGETHER: Final = 48 * 1024 * 1024
"""Bytes of the bundles of one package, with those that they import. The largest server of our survey has 7 MB."""

LONG: Final = 500
"""Characters of a line that nobody writes: a bundle with most of its code in such lines is minified."""

_LABEL: Final = re.compile(
    rb"^(?://|//#region|/\*!?) [^\s:*?\"<>|]+\.(?:[cm]?[jt]sx?|json)(?: \*/)?[ \t]*$|^/\*\*\*/ \"?\.?\.?/", re.MULTILINE
)
"""The comments in which bundlers name files: esbuild, rollup's successors, and webpack."""

_HELPER: Final = re.compile(
    rb"\b(?:__webpack_require__|__nccwpck_require__|__commonJS|__commonJSMin|__toESM|__toCommonJS|__esm|__export"
    rb"|__copyProps|__reExport|getDefaultExportFromCjs|Dynamic require of)\b"
)
"""Names and words of the helpers that bundlers put into their output."""

_IMPORT: Final = re.compile(rb"""["'](\.{1,2}/[^"'\\\n]{1,300})["']""")


def bundles(scene: Scene, left: Sequence[FileEntry]) -> list[FileEntry]:
    """Return the files of ``left`` that are traced."""
    return [
        entry
        for entry in left
        if entry.path.endswith(CODE)
        and entry.path in scene.surface.executable
        and "node_modules" not in entry.path.split("/")
        and _is_bundle(scene, entry)
        and not _is_known(scene, entry)
    ]


def passes_on(scene: Scene, entry: FileEntry) -> bool:
    """Whether a file imports packed code: then it may be a bundle without a statement of its own."""
    return next(_imports(scene, entry.path, scene.content(entry)), None) is not None


def is_labelled(data: bytes) -> bool:
    """Whether comments in a bundle name the files that it is made of."""
    return _LABEL.search(data) is not None


def is_minified(data: bytes) -> bool:
    """Whether most of a file is in lines that nobody writes."""
    return 2 * sum(len(line) for line in data.split(b"\n") if len(line) > LONG) > len(data)


def is_marked(data: bytes) -> bool:
    """Whether a bundler must have written a file: it names its parts, has helpers in it, or is minified."""
    return is_labelled(data) or _HELPER.search(data) is not None or is_minified(data)


def imported(scene: Scene, wanted: Sequence[FileEntry]) -> Mapping[str, bytes]:
    """Return files with the packed code that they import, and that imports in turn; no more where it is too much."""
    contents = scene.artifact.contents
    found = {entry.path: contents[entry.path] for entry in wanted}
    waiting = list(found)
    size = sum(map(len, found.values()))
    while waiting:
        path = waiting.pop()
        for named in _imports(scene, path, found[path]):
            if named not in found:
                size += len(contents[named])
                if size > MAX_ALTOGETHER:
                    return found
                found[named] = contents[named]
                waiting.append(named)
    return found


def _is_bundle(scene: Scene, entry: FileEntry) -> bool:
    """Whether a file looks like what a bundler writes: labels, helpers, or much more code than its source has.

    A file without a source is one only where the package leads to it: else a build has left it behind, and what stands
    in it has moved to other files since.
    """
    data = scene.content(entry)
    if is_marked(data):
        return True
    sources = _twins(scene, entry.path)
    if not sources:
        return entry.path in scene.surface.reachable
    if _has_chunks(scene, entry.path, data):
        return True
    texts = scene.read(sources)
    return all(len(data) > MUCH_LARGER * len(text) for text in texts.values())


def _twins(scene: Scene, path: str) -> list[str]:
    """Return the sources that a compiled file of this path may be made of."""
    return [source for kinds in (TYPED, UNTYPED) if (source := twin(scene, path, kinds))]


def _has_chunks(scene: Scene, path: str, data: bytes) -> bool:
    """Whether a file imports packed code that no source is the origin of: what bundlers share between their outputs."""
    return any(not _twins(scene, named) for named in _imports(scene, path, data))


def _imports(scene: Scene, path: str, data: bytes) -> Iterator[str]:
    """Yield the packed code that a file imports by a relative path."""
    for specifier in dict.fromkeys(_IMPORT.findall(data)):
        named = posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier.decode("utf-8", "replace")))
        if named in scene.artifact.contents and named.endswith(CODE):
            yield named


def _is_known(scene: Scene, entry: FileEntry) -> bool:
    """Whether the file is nearly what the sources are known to give: a compiler's output, a build's, or one of them."""
    packed = scene.content(entry)
    expected = scene.expectations.get(entry.path)
    bases = [expected.data] if expected is not None else []
    if source := twin(scene, entry.path, UNTYPED):
        bases.extend(scene.read([source]).values())
    return any(_share(packed, base) >= ALIKE for base in bases)


def _share(packed: bytes, base: bytes) -> float:
    """Return the part of the lines of two files that both have; spaces, comments and the order do not count."""
    mine, other = _lines(packed), _lines(base)
    return len(mine & other) / max(1, len(mine | other))


def _lines(data: bytes) -> set[bytes]:
    # Long lines are cut where statements end, so that one altered statement of a minified file is one line of many.
    parts = (part for line in data.split(b"\n") for part in (line.split(b";") if len(line) > LONG else [line]))
    plain = (b"".join(part.split()) for part in parts)
    return {part for part in plain if part and not part.startswith((b"//", b"*", b"/*"))}
