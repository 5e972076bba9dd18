"""Verdicts of saved reports: reading the one that is there, and deciding anew by another policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from provenly.policies.decide import decide
from provenly.policies.rules import Policy
from provenly.report import saved
from provenly.report.bounds import Bounds
from provenly.report.saved import Document
from provenly.report.saved_subject import subject
from provenly.trust.strict_json import Json
from provenly.trust.verdict import Action, strictest

NOTE: Final = "REPORT_SAVED"
"""The code of the note that says where a verdict on a saved report comes from."""


def action(document: Document) -> Action:
    """Return what the verdict of a report asks for."""
    return Action(str(_members(document.get("verdict")).get("action")))


def strictest_reason(document: Document) -> Action:
    """Return the strictest action of the reasons; deny where there are none: nothing vacuously passes."""
    reasons = _members(document.get("verdict")).get("reasons")
    found = reasons if isinstance(reasons, tuple) else ()
    return strictest(*(Action(str(_members(reason).get("action"))) for reason in found))


def decided(document: Document, policy: Policy, at: datetime) -> Document:
    """Return a report with the verdict of another policy on its evidence, and a note that says so.

    Nothing is looked at again. A check that the report says nothing of was not looked at, and a check that it says two
    things of is denied, as ever.

    :param at: the day by which waivers end. The evidence stays that of the report's own time.
    """
    package = saved.package(document)
    verdict = decide(policy, saved.evidence(document), package, at, subject(document))
    text = (
        f"decided at {_time(at)} on evidence of {_time(saved.checked_at(document))} from a saved report, which nobody "
        "signed: whoever could write the file could change what it says; an evidence folder can be verified again"
    )
    note = MappingProxyType({"code": NOTE, "text": Bounds().text(text), "where": None})
    notes = document.get("notes")
    others = tuple(one for one in (notes if isinstance(notes, tuple) else ()) if _members(one).get("code") != NOTE)
    return MappingProxyType({**saved.with_verdict(document, verdict), "notes": (note, *others)})


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _members(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
