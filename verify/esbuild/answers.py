"""What esbuild answers, read with suspicion: which outputs there are, and that nothing came from outside of the tree.

The binary is what we think it is, but whoever wrote the sources had a hand in every name and text here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from provenly.trust import strict_json
from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.text import show
from provenly.verify.esbuild.confinement import through
from provenly.verify.esbuild.protocol import Value

MAX_METAFILE: Final = 64 * 1024 * 1024
"""Bytes of esbuild's account of a build: some 200 for each file that it read, and as many for each import."""

MAX_MESSAGES: Final = 50
"""Errors and warnings that are kept."""

_MADE_UP: Final = ("<define:", "<runtime>", "<data:", "(disabled):")
"""How inputs begin that are no files: definitions, esbuild's helpers, modules written out in an import, and those that
a ``browser`` field turns into nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """What a build makes.

    :param outputs: path → bytes, paths as in the repository.
    :param inputs: output path → the paths of the sources that went into it.
    :param entries: output path → the entry point that it is made for; other outputs are not in it.
    :param warnings: what esbuild warned of, the first 50.
    """

    outputs: Mapping[str, bytes] = field(repr=False)
    inputs: Mapping[str, tuple[str, ...]] = field(repr=False)
    entries: Mapping[str, str] = field(repr=False)
    warnings: tuple[str, ...]


class Reader:
    """Reads the answer to a build.

    :param folder: where the tree was.
    :param directory: where in the tree esbuild ran.
    :param tree: what was in it.
    :param links: the symbolic links in it.
    """

    def __init__(self, folder: Path, directory: str, tree: Mapping[str, bytes], links: Mapping[str, str]) -> None:
        self._root = f"{folder}/"
        self._directory = directory
        self._tree = tree
        self._links = links

    def read(self, answer: Value) -> Built:
        """Return what was built.

        :raises MalformedError: ``ESBUILD_SOURCE``: it found errors; ``ESBUILD_OUTSIDE``: it read or would write what is
            not in the tree.
        :raises UnavailableError: ``ESBUILD_CRASH``: it is no answer to a build.
        """
        refuse_errors(answer)
        try:
            given = _members(answer)
            metafile = _text(given["metafile"])
            outputs = dict(self._outputs(given["outputFiles"]))
            warnings = tuple(_messages(given["warnings"]))
            whole = strict_json.loads(
                metafile.encode(), what="esbuild's account of a build", max_bytes=MAX_METAFILE, max_depth=64
            )
            return self._found(whole, outputs, warnings)
        except (KeyError, TypeError, ValueError) as error:
            message = f"esbuild gave no account of what it built: {error!r}"
            raise UnavailableError(message, code="ESBUILD_CRASH") from error

    def _outputs(self, given: Value) -> Iterator[tuple[str, bytes]]:
        for output in _list(given):
            path, contents = output["path"], output["contents"]
            if not isinstance(path, str) or not isinstance(contents, bytes):
                raise TypeError(path)
            if not path.startswith(self._root) or ".." in path.split("/"):
                raise _outside(f"an output goes to {show(path, limit=200)}")
            yield path[len(self._root) :], contents

    def _found(self, whole: strict_json.Json, outputs: Mapping[str, bytes], warnings: tuple[str, ...]) -> Built:
        if not isinstance(whole, Mapping):
            raise TypeError(whole)
        read, made = whole["inputs"], whole["outputs"]
        if not isinstance(read, Mapping) or not isinstance(made, Mapping):
            raise TypeError(whole)
        sources = {name: self._source(name) for name in read}
        inputs: dict[str, tuple[str, ...]] = {}
        entries: dict[str, str] = {}
        for name, about in made.items():
            path = self._inside(name)
            if path not in outputs or not isinstance(about, Mapping) or not isinstance(about["inputs"], Mapping):
                raise ValueError(name)
            inputs[path] = tuple(sorted({source for name in about["inputs"] if (source := sources[name])}))
            if isinstance(entry := about.get("entryPoint"), str) and (source := self._source(entry)):
                entries[path] = source
        if len(inputs) != len(outputs):
            raise ValueError("an output of which it says nothing")
        # It names none for the files beside an output: its source map, and the comments of licences.
        for path, of in inputs.items():
            inputs[path] = of or inputs.get(path.removesuffix(".map").removesuffix(".LEGAL.txt"), ())
        return Built(
            outputs=MappingProxyType(dict(outputs)),
            inputs=MappingProxyType(inputs),
            entries=MappingProxyType(entries),
            warnings=warnings,
        )

    def _source(self, name: str) -> str:
        """Return the path of an input in the tree; empty for one that is no file.

        :raises MalformedError: ``ESBUILD_OUTSIDE``: it is not in the tree.
        """
        if name.startswith(_MADE_UP):
            return ""
        path = self._inside(name)
        # Where symbolic links are preserved it names the links.
        path = path if path in self._tree else through(path, self._links)
        # What comes behind ? or # in an import stays in the name, so that the module is there once for each.
        for found in (path, path.partition("?")[0].partition("#")[0]):
            if found in self._tree:
                return found
        raise _outside(f"{show(name, limit=200)} is read")

    def _inside(self, name: str) -> str:
        """Return a path that esbuild gives, from where it ran, as a path in the tree."""
        path = posixpath.normpath(posixpath.join(self._directory, name))
        if posixpath.isabs(path) or path.split("/")[0] == "..":
            raise _outside(f"{show(name, limit=200)} is read or written")
        return path


def reply(request: Value) -> Value:
    """Answer what esbuild asks during a build: whether a plugin wants to do anything before it.

    :raises MalformedError: ``ESBUILD_OUTSIDE``: it would read a file that is not in the tree.
    :raises UnavailableError: ``ESBUILD_CRASH``: it asks something else.
    """
    command = request.get("command") if isinstance(request, Mapping) else None
    if command == "on-start":
        return {"errors": (), "warnings": ()}
    if command == "on-load" and isinstance(request, Mapping):
        raise _outside(f"it wants to read {show(_text(request.get('path')), limit=200)}")
    raise UnavailableError(f"esbuild asks for {show(_text(command), limit=100)}", code="ESBUILD_CRASH")


def refuse_errors(answer: Value) -> None:
    """Refuse an answer that says that there were errors.

    :raises MalformedError: ``ESBUILD_SOURCE``.
    :raises UnavailableError: ``ESBUILD_CRASH``: it is no answer at all.
    """
    try:
        whole = _members(answer)
        errors = [_text(whole["error"])] if "error" in whole else list(_messages(whole["errors"]))
    except (KeyError, TypeError) as error:
        raise UnavailableError(f"esbuild gave no answer: {error!r}", code="ESBUILD_CRASH") from error
    if errors:
        said = "; ".join(errors[:3])
        raise MalformedError(f"esbuild found errors: {show(said, limit=500)}", code="ESBUILD_SOURCE")


def _messages(given: Value) -> Iterator[str]:
    """Yield esbuild's messages with their places, the first of them."""
    for message in _list(given)[:MAX_MESSAGES]:
        location = message["location"]
        where = f"{_text(location['file'])}:{location['line']!r}: " if isinstance(location, Mapping) else ""
        yield show(f"{where}{_text(message['text'])}", limit=300)


def _members(given: Value) -> Mapping[str, Value]:
    if not isinstance(given, Mapping):
        raise TypeError(given)
    return given


def _list(given: Value) -> list[Mapping[str, Value]]:
    if not isinstance(given, list):
        raise TypeError(given)
    return [_members(item) for item in given]


def _text(given: Value) -> str:
    return given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given)


def _outside(what: str) -> Error:
    return MalformedError(f"esbuild was led out of the tree: {what}", code="ESBUILD_OUTSIDE")
