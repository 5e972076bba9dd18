"""Keeping esbuild inside of the tree: what it would read beside the modules that it bundles.

Modules are held back before they are read: esbuild asks us about every file that does not lie in the tree (see
:func:`outside`), and is ended. Its account of the build is held to the tree afterwards, besides. Three kinds of files
it reads without asking and without saying so, and they are looked at here:

* what is named ``package.json``, ``tsconfig.json`` or ``node_modules`` in the folders above the tree: there is nothing
  of that name (:mod:`provenly.verify.esbuild.tree`);
* what a ``tsconfig.json`` extends: :func:`check_configurations`, before esbuild runs. (``compilerOptions.paths`` lead
  to modules. The ``exports`` of a package that a configuration extends can only lead below that package.);
* the source map that a source names, where maps are wanted, and the files that this names: :func:`check_maps`.

What could be gained by slipping through is little: of a configuration esbuild takes options, none of it gets out.
"""

from __future__ import annotations

import binascii
import bisect
import itertools
import json
import posixpath
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.text import show

MAX_CONFIGURATIONS: Final = 8_000_000
"""Bytes of all configurations. People write some hundred each; a second is needed for every two million."""

MAX_LINKS: Final = 40
"""Symbolic links on the way to a file, as Linux follows."""

_CONFIGURATION: Final = re.compile(r"^(?!(?:.*/)?node_modules/)(?:.*/)?[jt]sconfig[^/]*\.json$")
"""Those that esbuild goes by. What lies in an installed package counts only where another extends it."""

_TOKEN: Final = re.compile(
    r'"(?P<string>(?:[^"\\\r\n]|\\.)*)"?|//[^\r\n\u2028\u2029]*|/\*.*?(?:\*/|\Z)|(?P<mark>[:,{}\[\]])|[^\s":,{}\[\]/]+|.',
    re.DOTALL,
)
"""A string, a comment, a mark, or something else, as esbuild's reader of JSON with comments divides them. What is not
closed goes on to its end, so that nothing is looked at twice."""

_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)

_MAP_COMMENT: Final = re.compile(rb"sourceMappingURL=([^\s'\"`*]+)")


def climbs(path: str) -> bool:
    """Say whether a path below some folder leads out of it, by its parts."""
    return posixpath.isabs(path) or posixpath.normpath(path).split("/")[0] == ".."


def through(path: str, links: Mapping[str, str]) -> str:
    """Return where a path in the tree leads to, through the symbolic links in it."""
    for _ in range(MAX_LINKS if links else 0):
        place = next((above for above in _upwards(path) if above in links), None)
        if place is None:
            break
        path = posixpath.normpath(posixpath.join(links[place], path[len(place) + 1 :]))
    return path


def outside(root: str) -> str:
    """Return a Go regular expression that matches the paths which do not begin with ``root``.

    Go has no negative look-ahead, so that it says, for each character of ``root``: another one, or this one and then…
    A pattern for all paths would do, and esbuild would have to wait for us at each file.
    """
    pattern = ""
    for character in reversed(root):
        code = f"\\x{{{ord(character):x}}}"
        pattern = f"(?:$|[^{code}]|{code}{pattern})" if pattern else f"(?:$|[^{code}])"
    return f"^{pattern}"


def check_configurations(tree: Mapping[str, bytes], links: Mapping[str, str], named: Iterable[str]) -> None:
    """Refuse a tree in which a configuration of TypeScript extends one that is not in it.

    :param named: further configurations: the paths that flags name.
    :raises MalformedError: ``ESBUILD_OUTSIDE``; ``ESBUILD_INPUT`` for one that is too large.
    """
    _Configurations(tree, links).check([*named, *(path for path in tree if _CONFIGURATION.search(path))])


class _Configurations:
    """The configurations of a tree, each looked at once.

    :param tree: the files.
    :param links: the symbolic links.
    """

    def __init__(self, tree: Mapping[str, bytes], links: Mapping[str, str]) -> None:
        self._tree = tree
        self._links = links
        self._sorted = sorted(path for path in tree if path.endswith(".json"))
        self._places: set[str] = set()
        self._left = MAX_CONFIGURATIONS

    def check(self, paths: Iterable[str]) -> None:
        waiting = list(paths)
        seen: set[str] = set()
        while waiting:
            path = through(waiting.pop(), self._links)
            if path in seen or path not in self._tree:
                continue
            seen.add(path)
            self._left -= len(self._tree[path])
            if self._left < 0:
                raise MalformedError("the configurations of TypeScript are too large", code="ESBUILD_INPUT")
            for value in extended(self._tree[path].decode("utf-8", "replace")):
                waiting += self._meant(path, value)

    def _meant(self, path: str, value: str) -> Iterator[str]:
        """Yield the paths that ``value`` in the configuration ``path`` may mean; many are not there."""
        folder = posixpath.dirname(path)
        relative = value.startswith(("./", "../")) or value in {".", ".."}
        if posixpath.isabs(value) or (climbs(posixpath.join(folder, value)) if relative else ".." in value.split("/")):
            raise _extends(path, value)
        if relative:
            target = posixpath.normpath(posixpath.join(folder, value))
            yield from (target, f"{target}.json", posixpath.join(target, "tsconfig.json"))
            return
        package = "/".join(value.split("/")[: 2 if value.startswith("@") else 1])
        for above in _upwards(folder):
            place = through(posixpath.join(above, "node_modules", package), self._links)
            yield posixpath.join(above, "node_modules", value)  # it need not end in .json
            if place not in self._places:
                self._places.add(place)
                yield from self._in_package(place)

    def _in_package(self, place: str) -> Iterator[str]:
        """Yield the files of a package that may be meant by its name, whatever its ``exports`` say."""
        start = bisect.bisect_left(self._sorted, f"{place}/")
        for path in itertools.islice(self._sorted, start, None):
            if not path.startswith(f"{place}/"):
                break
            if b"extends" in self._tree[path] or b"\\" in self._tree[path]:
                yield path
        about = posixpath.join(place, "package.json")
        for named in extended(self._tree.get(about, b"").decode("utf-8", "replace"), "tsconfig"):
            target = posixpath.join(place, named)
            if climbs(target):
                raise _extends(about, named)
            yield posixpath.normpath(target)


def extended(text: str, member: str = "extends") -> Iterator[str]:
    """Yield what a configuration extends, wherever the word stands in it: too many are no harm.

    :param member: the name of the member whose strings are yielded.
    """
    key, inside, listed = "", False, False
    for found in _TOKEN.finditer(text):
        string, mark = found["string"], found["mark"]
        if string is not None:
            key = _ESCAPE.sub(_unescaped, string)
            if inside:
                yield key
                inside = listed
        elif mark == ":":
            inside, listed = key == member, False
        elif mark == "[":
            listed = inside
        elif mark and not (mark == "," and listed):
            inside = listed = False


def _unescaped(found: re.Match[str]) -> str:
    """Return the character that an escape stands for, of every kind that JavaScript has."""
    code = found[1] or found[2] or found[3]
    return chr(min(int(code, 16), 0x10FFFF)) if code else found[4]


def _extends(path: str, value: str) -> MalformedError:
    message = f"{show(path, limit=200)} extends {show(value, limit=200)}, which is not in the tree"
    return MalformedError(message, code="ESBUILD_OUTSIDE")


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def check_maps(tree: Mapping[str, bytes], sources: Iterable[str]) -> None:
    """Refuse sources whose own source maps lead out of the tree.

    :param sources: the paths of those that went into a build.
    :raises MalformedError: ``ESBUILD_OUTSIDE``.
    """
    for path in sources:
        for found in _MAP_COMMENT.finditer(tree[path]):
            url = found[1].decode("utf-8", "replace")
            try:
                parts = urllib.parse.urlsplit(url)
                inside = parts.scheme not in {"", "file", "data"} or _stays(path, url, parts, tree)
            except ValueError:
                inside = False
            if not inside:
                message = f"the source map of {show(path, limit=200)} leads out of the tree"
                raise MalformedError(message, code="ESBUILD_OUTSIDE")


def _stays(path: str, url: str, parts: urllib.parse.SplitResult, tree: Mapping[str, bytes]) -> bool:
    if parts.scheme == "data":
        header, _, body = url.partition(",")
        raw = urllib.parse.unquote_to_bytes(body)
        try:
            return _names_nothing_absolute(binascii.a2b_base64(raw) if header.endswith(";base64") else raw)
        except binascii.Error:
            return True  # esbuild, which is stricter, cannot read it either
    target = posixpath.join(posixpath.dirname(path), urllib.parse.unquote(parts.path))
    if parts.scheme or parts.netloc or climbs(target):
        return False
    data = tree.get(posixpath.normpath(target))
    return data is None or _names_nothing_absolute(data)


def _names_nothing_absolute(data: bytes) -> bool:
    """Say whether a source map has no source that esbuild would read from the disk: an absolute one without content."""
    try:
        waiting = [json.loads(data)]
    except (ValueError, RecursionError):
        # What we cannot read esbuild may: then it must not even look like such a path.
        return not re.search(rb'file:|"/|\\', data, re.IGNORECASE)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            sources, contents = value.get("sources"), value.get("sourcesContent")
            for number, source in enumerate(sources if isinstance(sources, list) else ()):
                given = isinstance(contents, list) and number < len(contents) and isinstance(contents[number], str)
                if not given and str(source).lower().startswith(("/", "file:")):
                    return False
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return True
