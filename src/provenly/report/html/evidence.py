"""What each check asked and found: all of them, with their status, what was expected, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Child, Html, address, code, join, tag
from provenly.report.html.verdict import asked, badge, ordered
from provenly.report.read import Members
from provenly.report.words import sentence
from provenly.trust.strict_json import Json
from provenly.trust.text import plural
from provenly.trust.verdict import Action

MAX_FACTS: Final = 60
"""Facts of one check on a page; the JSON document has all of them."""

MAX_FACT: Final = 400
"""Characters of a fact."""

MAX_CONSULTED: Final = 20
"""Places that were read for a check; more are counted."""

MAX_CHECKS: Final = 500
"""Checks on a page. There are some two dozen; a document that was tampered with may have any number."""


@cache
def questions() -> Mapping[str, str]:
    """Return what each check asks, by its id."""
    from provenly.verify.checks import CHECKS

    return {module.ID: module.ABOUT.question for module in CHECKS}


def section(document: Members) -> Iterator[Html]:
    """Yield what was asked and found, the strictest first."""
    found: dict[str, list[Members]] = {}
    for one in read.mappings(document, "evidence"):
        found.setdefault(read.text(one, "check"), []).append(one)
    reasons = ordered(document)
    judged = {read.text(reason, "check") for reason in reasons}
    rows = [(reason, found.get(read.text(reason, "check"), [])) for reason in reasons]
    rows += [({}, pieces) for check, pieces in found.items() if check not in judged]
    yield tag(
        "p",
        "Each check asks one question. It says ",
        ("passed, failed, absent (we looked, and there is none) or unchecked (we could not look); "),
        "what that leads to, the policy says at the right. Those that ask for something are open.",
    )
    for reason, pieces in rows[:MAX_CHECKS]:
        yield _check(reason, pieces)
    if len(rows) > MAX_CHECKS:
        yield tag("p", f"{len(rows) - MAX_CHECKS:,} more are in the JSON document.")


def _check(reason: Members, pieces: list[Members]) -> Html:
    check = read.text(reason, "check") or read.text(pieces[0] if pieces else {}, "check")
    status = read.text(reason, "status") or read.text(pieces[0] if pieces else {}, "status")
    action = read.text(reason, "action")
    question = questions().get(check, "")
    quiet = action == Action.ALLOW.value and not read.text(reason, "waived")
    return tag(
        "details",
        tag(
            "summary",
            badge(status),
            tag("span", tag("b", check), f" {question}", class_="asked"),
            tag("span", asked(action) if action else "not judged", class_="asks"),
        ),
        tag("dl", _said(reason, pieces)),
        open=not quiet,
        class_="check",
    )


def _said(reason: Members, pieces: list[Members]) -> Iterator[Html]:
    yield from (_row("Answer", sentence(read.text(piece, "summary"))) for piece in pieces)
    if added := _added(read.text(reason, "text"), pieces):
        yield _row("Judged", sentence(added))
    for piece in pieces:
        yield from _compared(piece)
    hints = dict.fromkeys([read.text(reason, "turn"), *(read.text(piece, "hint") for piece in pieces)])
    yield from (_row("Next step", sentence(hint)) for hint in hints if hint)
    if waived := read.text(reason, "waived"):
        yield _row("Waived", f"A written exception lowered this: {waived}")
    if rule := read.text(reason, "rule"):
        yield _row("Rule", code(rule))
    for piece in pieces:
        yield from _facts(piece)


def _added(text: str, pieces: list[Members]) -> str:
    """Return what a reason says beyond the evidence, which it repeats at its start."""
    for piece in pieces:
        summary, expected, actual = (read.text(piece, key) for key in ("summary", "expected", "actual"))
        for start in (f"{summary} (expected {expected}; found {actual})", summary):
            if text.startswith(start):
                return text.removeprefix(start).lstrip(";,. ")
    return text


def _compared(piece: Members) -> Iterator[Html]:
    expected, actual = read.text(piece, "expected"), read.text(piece, "actual")
    if expected and expected != actual:
        yield _row("Expected", expected)
    if actual:
        yield _row("Found" if expected != actual else "Expected and found", actual)
    if strength := read.text(piece, "strength"):
        yield _row("Proven by", strength)


def _facts(piece: Members) -> Iterator[Html]:
    facts = list(_flat(read.mapping(piece, "facts"), ""))
    if facts:
        shown = [tag("div", f"{name}: ", _value(value)) for name, value in facts[:MAX_FACTS]]
        more = tag("div", f"and {len(facts) - MAX_FACTS:,} more") if len(facts) > MAX_FACTS else None
        yield join(tag("dt", "Facts"), tag("dd", shown, more, class_="facts"))
    places = read.texts(piece, "consulted")
    if places:
        shown = [tag("div", address(place)) for place in places[:MAX_CONSULTED]]
        more = (
            tag("div", f"and {plural(len(places) - MAX_CONSULTED, 'more place')}") if places[MAX_CONSULTED:] else None
        )
        yield _row("Read for it", [shown, more])


def _flat(value: Json, name: str) -> Iterator[tuple[str, str]]:
    """Yield nested facts as names with dots and their values; empty ones say nothing."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _flat(member, f"{name}.{key}" if name else key)
    elif isinstance(value, (tuple, list)):
        for number, member in enumerate(value, 1):
            yield from _flat(member, f"{name} {number}")
    elif value is not None and value != "":
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def _value(value: str) -> Html:
    shown = address(value)
    return shown if shown.startswith("<a ") else code(value, limit=MAX_FACT)


def _row(label: str, said: Child) -> Html:
    return join(tag("dt", label), tag("dd", said))
