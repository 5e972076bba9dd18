"""Reading the ``[[waiver]]`` tables of a policy: exact, reasoned, owned and dated exceptions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from provenly.policies.form import Form
from provenly.policies.mistakes import nearest, quoted
from provenly.policies.rules import CHECK_IDS, WAIVABLE
from provenly.trust.evidence import Status
from provenly.trust.verdict import Waiver

KEYS: Final = ("check", "package", "version", "statuses", "reason", "owner", "expires")

PACKAGE: Final = re.compile(r"(?:@[A-Za-z0-9._~-]{1,214}/)?[A-Za-z0-9._~!'()-]{1,214}")
"""An npm package name, old upper-case ones too; no wildcard is among its characters."""

_VERSION: Final = re.compile(
    r"\d{1,16}(?:\.\d{1,16}){2}(?:-[0-9A-Za-z.-]{1,200})?(?:\+[0-9A-Za-z.-]{1,200})?", re.ASCII
)
"""One version as semver.org writes it; no range is."""


def read_waivers(form: Form, never: Collection[str]) -> tuple[Waiver, ...]:
    """Return the waivers in the order of the file; mistakes go to ``form``.

    :param never: the checks of which no waiver is accepted.
    """
    values = form.document.values.get("waiver", [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        form.wrong_type(("waiver",), "tables, each under [[waiver]]", values)
        return ()
    waivers: list[Waiver] = []
    lines: dict[tuple[str, str, str, Status], int] = {}
    for index, value in enumerate(values):
        waiver = _waiver(form, value, index, never)
        line = form.line(("waiver", index))
        outcomes = [(waiver.check, waiver.package, waiver.version, status) for status in waiver.statuses or WAIVABLE]
        again = [outcome for outcome in outcomes if lines.setdefault(outcome, line) != line]
        if again:
            sentence = f"{again[0][-1]} of the same check and package is already waived on line {lines[again[0]]}"
            form.mistake("POLICY_DUPLICATE", sentence, ("waiver", index))
        waivers.append(waiver)
    return tuple(waivers)


def _waiver(form: Form, value: Mapping[str, Any], index: int, never: Collection[str]) -> Waiver:
    path = ("waiver", index)
    form.unknown(value, path, KEYS, {})
    check = form.text(value, (*path, "check"), required=True)
    if check and check not in CHECK_IDS:
        sentence = f"there is no check {quoted(check)}{nearest(check, CHECK_IDS)}"
        form.mistake("POLICY_UNKNOWN_CHECK", sentence, (*path, "check"))
    if check in never:
        form.mistake("POLICY_WAIVER", f"{check} may not be waived: 'never-waive' names it", (*path, "check"))
    return Waiver(
        check=check,
        package=_exact(form, value, (*path, "package"), PACKAGE, "the exact name of one npm package", required=True),
        version=_exact(form, value, (*path, "version"), _VERSION, "one exact version", required=False),
        reason=form.text(value, (*path, "reason"), required=True),
        owner=form.text(value, (*path, "owner"), required=True),
        expires=_expires(form, value, (*path, "expires")),
        statuses=_statuses(form, value, (*path, "statuses")),
    )


def _exact(  # noqa: PLR0913 - a value, its place, its grammar
    form: Form,
    value: Mapping[str, Any],
    path: tuple[str | int, ...],
    grammar: re.Pattern[str],
    what: str,
    *,
    required: bool,
) -> str:
    """Return a name or version that means one thing only."""
    text = form.text(value, path, required=required)
    if path[-1] in value and text and not grammar.fullmatch(text):
        form.mistake("POLICY_WAIVER", f"{path[-1]!r} takes {what}, not {quoted(text)}", path)
    elif path[-1] in value and value[str(path[-1])] == "" and not required:
        form.mistake("POLICY_WAIVER", f"{path[-1]!r} is empty; leave it out to mean every version", path)
    return text


def _expires(form: Form, value: Mapping[str, Any], path: tuple[str | int, ...]) -> date:
    found = value.get("expires")
    if found is None:
        form.missing("'expires' is missing: a waiver ends on a day, such as expires = 2027-01-31", path)
    elif isinstance(found, datetime) or not isinstance(found, date):
        form.wrong_type(path, "a day without quotes and without a time, such as 2027-01-31", found)
    else:
        return found
    return date.min


def _statuses(form: Form, value: Mapping[str, Any], path: tuple[str | int, ...]) -> tuple[Status, ...]:
    words = form.words(value, path, tuple(str(status) for status in WAIVABLE))
    if words == () and value["statuses"] == []:
        form.mistake("POLICY_WAIVER", "'statuses' is empty; leave it out to mean failed, absent and unchecked", path)
    return tuple(Status(word) for word in words or ())
