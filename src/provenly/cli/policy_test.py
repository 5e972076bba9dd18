"""``provenly policy test``: a policy against saved reports with expected verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from provenly.trust.errors import UsageError
from provenly.trust.text import plural
from provenly.trust.text import show as shown

if TYPE_CHECKING:
    from provenly.policies.read_cases import Case
    from provenly.trust.verdict import Action

SUFFIX: Final = ".test.toml"
"""How the names of tests end, in a folder."""

MAX_FILES: Final = 1_000
"""Files of tests in one folder, those in folders below it among them."""

SCHEMA: Final = "provenly/policy-test/1"


class Form(StrEnum):
    """How the outcome is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one case.

    :param place: the file and the line.
    :param found: what the verdict asked for.
    :param reasons: the checks that asked for just that.
    :param differs: what is not as it should be; empty where all is.
    """

    case: Case
    place: str
    found: Action
    reasons: tuple[str, ...]
    differs: str


def run(path: str, policy: str, form: Form) -> tuple[str, int]:
    """Return the outcome as text, and the exit code: 0 where all is as expected, 1 where something is not.

    :param path: of a file of tests, or of a folder with such files.
    :param policy: a policy to test instead of those that the files name; empty for those.
    :raises UsageError: there are no tests, or a test, a policy or a report cannot be read.
    """
    outcomes = [outcome for file in _files(Path(path)) for outcome in _outcomes(file, policy)]
    write = {Form.TEXT: _as_text, Form.JSON: _as_json, Form.JUNIT: _as_junit}[form]
    return write(outcomes), int(any(outcome.differs for outcome in outcomes))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found: list[Path] = []
    for file in path.rglob(f"*{SUFFIX}"):
        found.append(file)
        if len(found) > MAX_FILES:
            raise UsageError(
                f"{path} has more than {MAX_FILES:,} tests", code="POLICY_TESTS", hint="Name one folder less."
            )
    if not found:
        hint = f"Tests are files whose names end in {SUFFIX}; docs/policies.md describes them."
        raise UsageError(f"there are no tests of policies in {path}", code="POLICY_TESTS", hint=hint)
    return sorted(found)


def _outcomes(file: Path, policy: str) -> Iterator[Outcome]:
    from provenly.policies.files import read
    from provenly.policies.read_cases import read_cases

    data, _ = read(file)
    for case in read_cases(data, str(file), policy=policy):
        yield _outcome(case, file, own=not policy)


def _outcome(case: Case, file: Path, *, own: bool) -> Outcome:
    """Return what becomes of one case.

    :param own: whether the policy is named by the file, and its path so begins at the file's folder.
    """
    from provenly.cli import saved_input
    from provenly.policies.decide import decide
    from provenly.policies.load import PACKAGED, load_named
    from provenly.report import saved
    from provenly.report.saved_subject import subject

    named = case.policy if case.policy in PACKAGED or not own else str(file.parent / case.policy)
    documents = saved_input.read(str(file.parent / case.report))
    if len(documents) != 1:
        message = f"{file}:{case.line}: {case.report} has {len(documents)} reports; a case is about one"
        raise UsageError(message, code="POLICY_TESTS", hint="Split it into a file for each package.")
    (document,) = documents
    at = case.at or saved.checked_at(document)
    evidence, package = saved.evidence(document), saved.package(document)
    verdict = decide(load_named(named), evidence, package, at, subject(document))
    reasons = tuple(reason.check for reason in verdict.reasons if reason.action is verdict.action)
    differs = [] if verdict.action is case.expect else [f"expected {case.expect}, found {verdict.action}"]
    if case.reasons is not None and sorted(case.reasons) != sorted(reasons):
        wanted = ", ".join(case.reasons) or "none"
        differs.append(f"expected reasons {wanted}; found {', '.join(reasons) or 'none'}")
    return Outcome(
        case=case, place=f"{file}:{case.line}", found=verdict.action, reasons=reasons, differs="; ".join(differs)
    )


def _as_text(outcomes: Sequence[Outcome]) -> str:
    lines = [
        f"{'FAIL' if one.differs else 'ok':<4}  {shown(one.place)}  {shown(one.case.name)}"
        + (f"\n      {shown(one.differs, limit=2_000)}" if one.differs else f": {one.found}")
        for one in outcomes
    ]
    failed = sum(bool(one.differs) for one in outcomes)
    lines.append(f"{plural(len(outcomes), 'case')}, {failed or 'none'} not as expected")
    return "".join(f"{line}\n" for line in lines)


def _as_json(outcomes: Sequence[Outcome]) -> str:
    from provenly.report import json_report

    members: dict[str, object] = {
        "schema": SCHEMA,
        "passed": not any(one.differs for one in outcomes),
        "cases": [
            {
                "name": one.case.name,
                "place": one.place,
                "report": one.case.report,
                "policy": one.case.policy,
                "expected": one.case.expect.value,
                "found": one.found.value,
                "reasons": list(one.reasons),
                "differs": one.differs or None,
            }
            for one in outcomes
        ],
    }
    return json_report.dump(members, indent=2)


def _as_junit(outcomes: Sequence[Outcome]) -> str:
    failed = sum(bool(one.differs) for one in outcomes)
    counts = {"tests": str(len(outcomes)), "failures": str(failed), "errors": "0", "skipped": "0"}
    root = ET.Element("testsuites", {"name": "provenly policy test", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "policies", **counts})
    for one in outcomes:
        case = ET.SubElement(suite, "testcase", {"classname": shown(one.place), "name": shown(one.case.name)})
        if one.differs:
            text = shown(one.differs, limit=2_000)
            ET.SubElement(case, "failure", {"message": text, "type": "verdict"}).text = text
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
