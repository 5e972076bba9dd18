"""The part of YAML that lockfiles are written in: mappings, lists and texts.

Everything else of YAML is refused: anchors and aliases (a few lines can stand for gigabytes), tags, merge keys, keys
that are no texts or that are there twice. Scalars stay the texts that they are: YAML 1.1 would read the version
``1.10`` as a number, and the name ``no`` as a truth value.

The events are PyYAML's, from libyaml where PyYAML was built with it, which is some forty times faster.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from provenly.trust.errors import MalformedError
from provenly.trust.text import show

if TYPE_CHECKING:
    from collections.abc import Iterator

Yaml: TypeAlias = "str | list[Yaml] | dict[str, Yaml]"
"""A value of such a document. What YAML has for null is an empty text."""

MAX_DEPTH: Final = 24
"""Nesting levels; lockfiles have six."""

MAX_EVENTS: Final = 4_000_000
"""Scalars, beginnings and ends in one document: a pnpm-lock.yaml of 10 MB has 700,000."""

MAX_SECONDS: Final = 60.0
"""Seconds for one document. Ten megabytes take two with libyaml, and some eighty without it."""

MAX_DOCUMENTS: Final = 4
"""Documents in one file; pnpm 11 puts one about itself before that of the packages."""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_CLOCK_EVERY: Final = 4_096


def documents(data: bytes, what: str) -> tuple[Yaml, ...]:
    """Return the documents of a YAML file.

    :param data: the file, whose size the caller has limited.
    :param what: what it is, for messages.
    :raises MalformedError: ``YAML_SYNTAX``, ``YAML_FEATURE`` for a part of YAML that is not read,
        ``YAML_DUPLICATE_KEY``, and ``YAML_LIMIT``.
    """
    import yaml

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what} is not UTF-8 (byte {error.start})", code="YAML_SYNTAX") from error
    reader = _Reader(what)
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        # yaml.parse() makes events and nothing else: no value is constructed by it.
        return tuple(reader.documents(iter(yaml.parse(text, Loader=loader))))
    except yaml.YAMLError as error:
        why = getattr(error, "problem", None) or "it has characters that YAML does not allow"
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise MalformedError(f"{what} is no YAML: {show(str(why), limit=200)}{where}", code="YAML_SYNTAX") from error
    except RecursionError as error:
        raise MalformedError(f"{what} nests deeper than {MAX_DEPTH} levels", code="YAML_LIMIT") from error


class _Reader:
    """Builds values of events. It does so without recursion, so that depth is a number and not a crash."""

    def __init__(self, what: str) -> None:
        import yaml

        self._yaml = yaml
        self._what = what
        self._events = 0
        self._end = time.monotonic() + MAX_SECONDS

    def documents(self, events: Iterator[Any]) -> Iterator[Yaml]:
        count = 0
        for event in events:
            if isinstance(event, self._yaml.DocumentStartEvent):
                count += 1
                if count > MAX_DOCUMENTS:
                    raise self._limit(f"has more than {MAX_DOCUMENTS} documents")
                yield self._value(events)

    def _value(self, events: Iterator[Any]) -> Yaml:
        """Read the one value of a document."""
        scalar, start, alias = self._yaml.ScalarEvent, self._yaml.MappingStartEvent, self._yaml.AliasEvent
        ends = (self._yaml.MappingEndEvent, self._yaml.SequenceEndEvent)
        top: list[Yaml] = []
        # What is open: a list, or a mapping with the key whose value is awaited.
        open_: list[tuple[list[Yaml] | dict[str, Yaml], list[str]]] = [(top, [])]
        for event in events:
            self._events += 1
            if self._events % _CLOCK_EVERY == 0:
                self._check_limits()
            kind = type(event)  # there are no further classes below these; asking for it is the fastest
            if kind in ends:
                open_.pop()
                continue
            if kind is self._yaml.DocumentEndEvent:
                break
            if kind is alias or event.anchor is not None or event.tag is not None:
                self._refuse(event)
            value: Yaml
            if kind is scalar:
                value = "" if not event.style and event.value in _NULLS else event.value
                self._put(open_[-1], value)
                continue
            value = {} if kind is start else []
            self._put(open_[-1], value)
            open_.append((value, []))
            if len(open_) > MAX_DEPTH + 1:
                raise self._limit(f"nests deeper than {MAX_DEPTH} levels")
        return top[0] if top else ""

    def _put(self, holder: tuple[list[Yaml] | dict[str, Yaml], list[str]], value: Yaml) -> None:
        container, key = holder
        if isinstance(container, list):
            container.append(value)
        elif key:
            container[key.pop()] = value
        elif not isinstance(value, str):
            raise MalformedError(f"{self._what} has a key that is no text", code="YAML_FEATURE")
        elif value in container:
            raise MalformedError(f"{self._what} has the key {show(value, limit=80)} twice", code="YAML_DUPLICATE_KEY")
        elif value == "<<":
            raise MalformedError(f"{self._what} has a merge key, which is not read", code="YAML_FEATURE")
        else:
            key.append(value)

    def _refuse(self, event: Any) -> NoReturn:  # noqa: ANN401 - PyYAML's events have no common type with these members
        what = "a tag" if getattr(event, "tag", None) is not None else "an anchor or alias"
        where = f"{self._what} has {what} at line {event.start_mark.line + 1}"
        raise MalformedError(f"{where}, which is not read", code="YAML_FEATURE")

    def _check_limits(self) -> None:
        if self._events > MAX_EVENTS:
            raise self._limit(f"has more than {MAX_EVENTS:,} values")
        if time.monotonic() > self._end:
            raise self._limit(f"takes longer than {MAX_SECONDS:.0f} seconds to read")

    def _limit(self, why: str) -> MalformedError:
        return MalformedError(f"{self._what} {why}", code="YAML_LIMIT")


def mapping(value: Yaml | None) -> Mapping[str, Yaml]:
    """Return ``value`` where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Yaml | None) -> str:
    """Return ``value`` where it is a text, else an empty one."""
    return value if isinstance(value, str) else ""
