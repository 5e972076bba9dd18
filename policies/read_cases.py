"""Tests of policies: which verdict is expected on which saved report. Every mistake of a file is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from provenly.policies.clauses import REASON
from provenly.policies.document import parse
from provenly.policies.form import ACTIONS, Form
from provenly.policies.mistakes import PolicyError, nearest, quoted
from provenly.policies.rules import CHECK_IDS
from provenly.policies.scan import Path
from provenly.trust.verdict import Action

SCHEMA: Final = 1
"""The version of the format of tests."""

KEYS: Final = ("schema", "policy", "at", "case")
CASE_KEYS: Final = ("name", "report", "expect", "reasons", "policy", "at")

MAX_CASES: Final = 1_000
"""Cases of one file; each reads a report."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One expectation.

    :param name: for people; the report's path where none is given.
    :param report: the path of a saved report, as it is written: from the folder of the file.
    :param policy: the name of a packaged policy, or a path, likewise.
    :param expect: what the verdict is to ask for.
    :param reasons: the checks that are to ask for just that, and no others; ``None`` where it does not matter which.
    :param at: the time by which waivers end; ``None`` for the report's own.
    :param line: where it begins.
    """

    name: str
    report: str
    policy: str
    expect: Action
    reasons: tuple[str, ...] | None
    at: datetime | None
    line: int


def read_cases(data: bytes, origin: str, *, policy: str = "") -> tuple[Case, ...]:
    """Return the cases of a file in its order; at least one: nothing vacuously passes.

    :param data: the file as it was read.
    :param policy: a policy that is tested instead of the one that the file names.
    :raises PolicyError: all that is wrong with the file, each with its line.
    """
    form = Form(parse(data, origin))
    values = form.document.values
    form.unknown(values, (), KEYS, {"cases": "as [[case]]"})
    if values.get("schema") != SCHEMA or isinstance(values.get("schema"), bool):
        form.mistake("POLICY_SCHEMA", f"'schema' is to be {SCHEMA}; write schema = {SCHEMA} on the first line")
    tested = policy or form.text(values, ("policy",))
    at = _time(form, values, ("at",))
    cases = values.get("case", [])
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        form.wrong_type(("case",), "tables, each under [[case]]", cases)
        cases = []
    elif not 0 < len(cases) <= MAX_CASES:
        form.mistake("POLICY_EMPTY", f"there are {len(cases):,} cases; 1 to {MAX_CASES:,} are expected")
    read = tuple(_case(form, case, index, tested, at) for index, case in enumerate(cases[:MAX_CASES]))
    if form.mistakes:
        raise PolicyError(origin, form.mistakes)
    return read


def _case(form: Form, value: Mapping[str, Any], index: int, policy: str, at: datetime | None) -> Case:
    path: Path = ("case", index)
    form.unknown(value, path, CASE_KEYS, {"check": "as 'reasons', an array"})
    report = form.text(value, (*path, "report"), required=True)
    own = form.text(value, (*path, "policy"))
    if not (own or policy):
        form.missing("'policy' is missing, here and above the first [[case]]", path)
    return Case(
        name=form.text(value, (*path, "name")) or report,
        report=report,
        policy=own or policy,
        expect=_expected(form, value, (*path, "expect")),
        reasons=form.words(value, (*path, "reasons"), (*CHECK_IDS, REASON)),
        at=_time(form, value, (*path, "at")) or at,
        line=form.line(path),
    )


def _expected(form: Form, value: Mapping[str, Any], path: Path) -> Action:
    found = form.text(value, path, required=True)
    if found in ACTIONS:
        return Action(found)
    if found and isinstance(value.get("expect"), str):
        form.mistake("POLICY_VALUE", f"'expect' has no action {quoted(found)}{nearest(found, ACTIONS)}", path)
    return Action.DENY


def _time(form: Form, value: Mapping[str, Any], path: Path) -> datetime | None:
    found = value.get("at")
    if found is None:
        return None
    if not isinstance(found, datetime):
        form.wrong_type(path, "a time without quotes, such as 2026-11-22T10:30:00Z", found)
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        form.mistake("POLICY_VALUE", f"{quoted(found)} leads out of the calendar", path)
        return None
