"""Saved reports: the JSON report read back, so that other documents and other policies need no second look.

A saved report is a file like any other: whoever had it in hands may have changed it. It is held to the schema and to
limits, and what is made of it says no more than it does. Only the evidence, the package and the time of a document
decide under another policy; whether they are true is for those who kept the file to know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from provenly.report import json_report
from provenly.trust.errors import MalformedError, UsageError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Claimant, Package, Release, SourceClaim
from provenly.trust.strict_json import Json, loads
from provenly.trust.text import show
from provenly.trust.verdict import Report, Verdict

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Document: TypeAlias = Mapping[str, Json]
"""A JSON report as :func:`provenly.trust.strict_json.loads` returns it: ``schema/report-1.schema.json``."""

MAX_BYTES: Final = 64 * 1024 * 1024
"""Bytes of a saved report that are read. A package of ten thousand files, all of them explained, gives about four."""

MAX_PLACE: Final = 200
"""Characters of a place in a document, or of a wrong value, that a message shows."""

TIMES: Final = frozenset({"checked_at", "published", "at"})
"""Members that hold a time. The schema lets leap seconds and the year 0 pass, which Python has not."""

SAME_AGAIN: Final = "Give the file that --format json wrote, as it was written."


def of(report: Report) -> Document:
    """Return the document of ``report``: what :func:`provenly.report.json_report.render` writes, as parsed data."""
    return _members(json_report.document(report))


def load(text: str, *, name: str) -> Document:
    """Read a saved report: strict JSON of at most :data:`MAX_BYTES` that the schema accepts.

    :param name: what the file is called in messages.
    :raises UsageError: it is no such document (``REPORT_FILE``); the message names the place.
    """
    try:
        document = loads(text.encode("utf-8", "surrogatepass"), what=name, max_bytes=MAX_BYTES)
    except MalformedError as error:
        raise UsageError(error.message, code="REPORT_FILE", hint=SAME_AGAIN) from error
    if not isinstance(document, Mapping):
        raise UsageError(f"{name} is no report: it is no JSON object", code="REPORT_FILE", hint=SAME_AGAIN)
    if document.get("schema") != json_report.SCHEMA:
        found = document.get("schema")
        what = show(found, limit=MAX_PLACE) if isinstance(found, str) else "none"
        message = f"{name} is no report: its schema should be {json_report.SCHEMA}, and is {what}"
        raise UsageError(message, code="REPORT_FILE", hint=SAME_AGAIN)
    fault = next(_validator().iter_errors(document), None)
    if fault is not None:
        place = show(fault.json_path, limit=MAX_PLACE)
        message = f"{name} is no report: {place} breaks the rule {fault.validator} of report-1.schema.json"
        hint = f"{SAME_AGAIN} A newer provenly may have written members that this one does not know."
        raise UsageError(message, code="REPORT_FILE", hint=hint)
    for place, moment in _times(document, "$"):
        _moment(moment, f"{name}: {place}")
    return document


def evidence(document: Document) -> tuple[Evidence, ...]:
    """Return what each check said, in the order of the document."""
    return tuple(
        Evidence(
            check=_text(one, "check"),
            status=Status(_text(one, "status")),
            summary=_text(one, "summary"),
            expected=_text(one, "expected"),
            actual=_text(one, "actual"),
            hint=_text(one, "hint"),
            strength=_text(one, "strength"),
            facts=_mapping(one.get("facts")),
            consulted=tuple(str(text) for text in _items(one.get("consulted"))),
        )
        for one in map(_mapping, _items(document.get("evidence")))
    )


def package(document: Document) -> Package | None:
    """Return the package as far as the document describes it, or ``None`` where it was not resolved."""
    found = document.get("package")
    if not isinstance(found, Mapping):
        return None
    published = _text(found, "published")
    when = _moment(published, "published") if published else None
    version = _text(found, "version")
    return Package(
        name=_text(found, "name"),
        version=version,
        registry=_text(found, "registry"),
        published=when,
        deprecated=_text(found, "deprecated"),
        claims=tuple(_claim(_mapping(one)) for one in _items(found.get("claims"))),
        release=Release(version=version, published=when, publisher=_text(found, "publisher")),
    )


def checked_at(document: Document) -> datetime:
    """Return the reference time of the verification, with its time zone."""
    return _moment(_text(document, "checked_at"), "checked_at")


def with_verdict(document: Document, verdict: Verdict) -> Document:
    """Return the document with another verdict; nothing else of it changes."""
    return MappingProxyType(dict(document) | {"verdict": _frozen(json_report.verdict_members(verdict))})


def _claim(found: Mapping[str, Json]) -> SourceClaim:
    return SourceClaim(
        claimant=Claimant(_text(found, "claimant")),
        text=_text(found, "text"),
        repository=_text(found, "repository"),
        directory=_text(found, "directory"),
        revision=_text(found, "revision"),
        refused=_text(found, "refused"),
    )


def _times(document: Document, place: str) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every time that we read; facts are the checks' own business."""
    for key, member in document.items():
        if key in TIMES and isinstance(member, str):
            yield f"{place}.{key}", member
        elif key in ("package", "graph") and isinstance(member, Mapping):
            yield from _times(member, f"{place}.{key}")


def _moment(text: str, what: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{what} is {show(text, limit=MAX_PLACE)}, which is no time that can be read"
        raise UsageError(message, code="REPORT_FILE", hint=SAME_AGAIN) from error


@cache
def _validator() -> Draft202012Validator:
    """Return the validator of the published schema, for values as our strict reader returns them."""
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.validators import extend

    schema = json.loads(resources.files("provenly.schema").joinpath("report-1.schema.json").read_text("utf-8"))
    types = Draft202012Validator.TYPE_CHECKER.redefine("object", lambda _, value: isinstance(value, Mapping))
    types = types.redefine("array", lambda _, value: isinstance(value, tuple))
    made = extend(Draft202012Validator, type_checker=types)  # type: ignore[no-untyped-call]
    return made(schema, format_checker=FormatChecker())  # type: ignore[no-any-return]


def _members(members: Mapping[str, object]) -> Document:
    return MappingProxyType({key: _frozen(member) for key, member in members.items()})


def _frozen(value: object) -> Json:
    """Return plain data as the strict reader would: read-only mappings and tuples."""
    if isinstance(value, Mapping):
        return _members(value)
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(member) for member in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(type(value).__name__)


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else MappingProxyType({})


def _items(value: Json) -> tuple[Json, ...]:
    return value if isinstance(value, tuple) else ()


def _text(members: Mapping[str, Json], key: str) -> str:
    """Return the text of a member; an empty one where it is null or left out."""
    value = members.get(key)
    return value if isinstance(value, str) else ""
