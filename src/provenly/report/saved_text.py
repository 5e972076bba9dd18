"""A saved report for people: the verdict, what asks for it, the exceptions, and what the file is worth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from provenly.report.saved import Document
from provenly.trust.strict_json import Json
from provenly.trust.text import plural, show
from provenly.trust.verdict import Action

WIDTH: Final = 100
"""Columns: it fits a mail and a CI log. What is read from a file is not shown on one terminal only."""

MAX_SHOWN: Final = 2_000
"""Characters of one sentence of a report that are shown."""


def render(document: Document) -> str:
    """Return a few paragraphs that end in a line break. No character of a stranger acts on a terminal."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Document) -> Iterator[str]:
    verdict = _members(document.get("verdict"))
    reasons = [_members(reason) for reason in _items(verdict.get("reasons"))]
    yield f"{_text(verdict, 'action').upper():<5} {_subject(document)}"
    for (action, status, *texts), checks in _groups(reasons).items():
        if action != Action.ALLOW.value:
            yield from _row(f"{action}  {', '.join(checks)} ({status})", indent=2)
            for label, text in zip(("", "rule: ", "waived: ", "hint: "), texts, strict=True):
                yield from _row(label + text, indent=8) if text else ()
    allowed = sum(_text(reason, "action") == Action.ALLOW.value for reason in reasons)
    yield f"  allow  {plural(allowed, 'check')}"
    for name, how in (("waivers", "until"), ("expired_waivers", "ended on")):
        for waiver in map(_members, _items(verdict.get(name))):
            yield from _row(f"waiver {_waiver(waiver, how)}", indent=2)
    policy = _members(verdict.get("policy"))
    yield from _row(f"policy {_text(policy, 'name')} ({_text(policy, 'digest')[:19]})", indent=2)
    yield from _row(f"evidence of {_text(document, 'checked_at')}", indent=2)
    for note in map(_members, _items(document.get("notes"))):
        yield from _row(f"note: {_text(note, 'text')} [{_text(note, 'code')}]", indent=2)


def _groups(reasons: Sequence[Mapping[str, Json]]) -> dict[tuple[str, ...], list[str]]:
    """Return the checks by all that their reasons have in common, so that one cause is told once."""
    found: dict[tuple[str, ...], list[str]] = {}
    for reason in reasons:
        key = tuple(_text(reason, name) for name in ("action", "status", "text", "rule", "waived", "turn"))
        found.setdefault(key, []).append(_text(reason, "check"))
    return found


def _waiver(waiver: Mapping[str, Json], how: str) -> str:
    version = _text(waiver, "version")
    what = f"{_text(waiver, 'check')} of {_text(waiver, 'package')}{f'@{version}' if version else ''}"
    return f"{what} {how} {_text(waiver, 'expires')}, by {_text(waiver, 'owner')}: {_text(waiver, 'reason')}"


def _subject(document: Document) -> str:
    package = document.get("package")
    if isinstance(package, Mapping):
        return f"{_text(package, 'name')}@{_text(package, 'version')}"
    return _text(document, "reference")


def _row(text: str, *, indent: int) -> Iterator[str]:
    margin = " " * indent
    yield from textwrap.wrap(text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)


def _members(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Json) -> tuple[Json, ...]:
    return value if isinstance(value, tuple) else ()


def _text(members: Mapping[str, Json], name: str) -> str:
    value = members.get(name)
    return show(value, limit=MAX_SHOWN) if isinstance(value, str) else ""
