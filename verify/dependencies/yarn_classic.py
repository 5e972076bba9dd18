"""yarn.lock of Yarn 1, which looks like YAML and is not.

https://classic.yarnpkg.com/lang/en/docs/yarn-lock has an example, and Yarn writes nothing but this: entries at the left
margin, named by all ``name@range`` that they answer; their fields indented by two, dependencies by four. No kept
library of Python's reads it. Everything that Yarn would not have written is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from provenly.trust.errors import MalformedError
from provenly.verify.dependencies import hoisting
from provenly.verify.dependencies.build import Builder, exact, integrity, origin, refused
from provenly.verify.dependencies.manifests import Manifests, asked_by, ranges
from provenly.verify.dependencies.model import MAX_PACKAGES, Lock, LockedPackage
from provenly.verify.registry import versions

_TOKEN: Final = re.compile(r'[ ]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s",:]+))')
_GROUPS: Final = ("dependencies", "optionalDependencies")
_FIELD, _MEMBER = 2, 4
"""Spaces before a field, and before a dependency."""

_OLDEST: Final = versions.Version(numbers=(0, 0, 0))
_PAIR: Final = 2
"""Words of a field or dependency: its name and its value."""


@dataclass(kw_only=True, slots=True)
class Entry:
    """One entry.

    :ivar asked: the ``name@range`` that it answers.
    :ivar fields: ``version``, ``resolved``, ``integrity``.
    :ivar groups: dependencies by the name of the group.
    """

    asked: tuple[str, ...]
    fields: dict[str, str] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)


def read(path: str, data: bytes, manifests: Manifests) -> Lock:
    """Read a lockfile of Yarn 1.

    :param manifests: the root's and those of its workspaces; without them, the root counts as asking for the
        greatest version of everything, and what nobody else asks for is left out.
    :raises MalformedError: ``LOCKFILE_…``.
    """
    entries = tuple(_entries(path, data))
    by_asked = {asked: entry for entry in entries for asked in entry.asked}
    builder = Builder(path, "yarn")
    keys = {id(entry): entry.asked[0] for entry in entries}
    optional = _optional(entries)

    def edges(wanted: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
        # Yarn takes what is equally far from the root by the alphabet.
        found = ((name, f"{name}@{text}") for name, text in wanted)
        return [(name, keys[id(by_asked[asked])], asked) for name, asked in found if asked in by_asked]

    def make(key: str, place: str) -> LockedPackage:
        entry = by_asked[key]
        return _package(key, entry, place, optional=bool(optional.intersection(entry.asked)))

    folders = {}
    for folder, manifest in manifests.items():
        folders[folder] = edges(ranges(manifest))
        builder.need(folder, *asked_by(manifest))
        name = manifest.get("name")
        if folder and isinstance(name, str):
            builder.link(f"node_modules/{name}", folder)
    if not manifests:
        best = sorted(entries, key=lambda entry: versions.parse(entry.fields.get("version", "")) or _OLDEST)
        asked = {_split(entry.asked[0])[0]: entry.asked[0] for entry in best}
        folders[""] = [(name, keys[id(by_asked[text])], text) for name, text in asked.items()]
        builder.need("", asked)
    packages = {
        keys[id(entry)]: edges(pair for group in _GROUPS for pair in entry.groups.get(group, {}).items())
        for entry in entries
    }
    top = _most_asked(folders, packages, lambda key: by_asked[key].fields.get("version", ""))
    places = hoisting.place(builder, hoisting.Graph(folders=folders, packages=packages, make=make, top=top))
    for text, entry in by_asked.items():
        if (where := places.get(keys[id(entry)])) is not None:
            builder.ask(text, where)
    return builder.lock(mark=bool(manifests))


def _most_asked(
    folders: Mapping[str, hoisting.Edges], packages: Mapping[str, hoisting.Edges], version: Callable[[str], str]
) -> Mapping[str, str]:
    """Return what Yarn puts at the top before all else: of each name with several versions the one that most ask for.

    These must be at least two, and the root itself none of them. Of equals it is the first by the alphabet.
    """
    counts: dict[str, Counter[str]] = {}
    for edges in (*folders.values(), *packages.values()):
        for name, key, _ in edges:
            counts.setdefault(name, Counter())[key] += 1
    root = {name for name, _, _ in folders.get("", ())}
    top = {}
    for name in sorted(counts.keys() - root):
        key, count = min(counts[name].items(), key=lambda item: (-item[1], version(item[0])))
        if count > 1 and len(counts[name]) > 1:
            top[name] = key
    return top


def _package(asked: str, entry: Entry, place: str, *, optional: bool) -> LockedPackage:
    name, wanted = _split(asked)
    if wanted.startswith("npm:"):
        name = _split(wanted.removeprefix("npm:"))[0]
    version = entry.fields.get("version", "")
    where, url = origin(name, version, entry.fields.get("resolved", "").partition("#")[0])
    return LockedPackage(
        name=name,
        version=exact(version) or version,
        integrity=integrity(entry.fields.get("integrity")),
        url=url,
        place=place,
        optional=optional,
        origin=where,
    )


def _optional(entries: tuple[Entry, ...]) -> frozenset[str]:
    """Return the ``name@range`` that are asked for as optional, and by nobody as anything else."""
    groups: dict[str, set[str]] = {group: set() for group in _GROUPS}
    for entry in entries:
        for group in _GROUPS:
            groups[group].update(f"{name}@{wanted}" for name, wanted in entry.groups.get(group, {}).items())
    return frozenset(groups["optionalDependencies"] - groups["dependencies"])


def _split(asked: str) -> tuple[str, str]:
    """Return the name and the range of ``name@range``."""
    name, _, wanted = asked[1:].partition("@")
    return asked[:1] + name, wanted


def _entries(path: str, data: bytes) -> Iterator[Entry]:
    """Read the entries.

    :raises MalformedError: ``LOCKFILE_FORMAT``.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"the lockfile {path} is not UTF-8", code="LOCKFILE_FORMAT") from error
    entry: Entry | None = None
    seen: set[str] = set()
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole.removesuffix("\r")  # git may have changed the ends of lines
        if not line or line.startswith("#"):
            continue
        tokens, opens = _tokens(line, path, number)
        if not line.startswith(" "):
            if entry is not None:
                yield entry
            if not opens or not tokens or not seen.isdisjoint(tokens) or len(seen) > 4 * MAX_PACKAGES:
                _wrong(path, number)
            seen.update(tokens)
            entry = Entry(asked=tuple(tokens))
        elif entry is None or not _read(entry, len(line) - len(line.lstrip(" ")), tokens, opens=opens):
            _wrong(path, number)
    if entry is not None:
        yield entry


def _read(entry: Entry, depth: int, tokens: list[str], *, opens: bool) -> bool:
    """Take a line into an entry; say whether it is one that can be there.

    :param depth: its spaces.
    :param tokens: its words.
    :param opens: whether it ends in a colon, and begins a group.
    """
    if depth == _FIELD and opens and len(tokens) == 1 and tokens[0] not in entry.groups:
        entry.groups[tokens[0]] = {}
        return True
    into = entry.fields if depth == _FIELD else next(reversed(entry.groups.values()), None)
    if depth not in {_FIELD, _MEMBER} or opens or into is None or len(tokens) != _PAIR or tokens[0] in into:
        return False
    into[tokens[0]] = tokens[1]
    return True


def _tokens(line: str, path: str, number: int) -> tuple[list[str], bool]:
    """Return the words of a line, and whether it ends in a colon; words are separated by spaces or commas."""
    found: list[str] = []
    at = 0
    while match := _TOKEN.match(line, at):
        found.append(match["bare"] if match["quoted"] is None else _unquoted(match["quoted"], path, number))
        at = match.end()
        if line.startswith(",", at):
            at += 1
    rest = line[at:].strip()
    if rest not in {"", ":"}:
        _wrong(path, number)
    return found, rest == ":"


def _unquoted(text: str, path: str, number: int) -> str:
    """Return what a quoted word means. Yarn quotes as JSON does; no name, version or URL needs an escape."""
    if "\\" in text:
        _wrong(path, number)
    return text


def _wrong(path: str, number: int) -> NoReturn:
    refused("FORMAT", path, f"has at line {number} what Yarn does not write")
