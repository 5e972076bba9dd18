"""What the answers of ``verify-attestations`` and ``verify-bundle`` have in common, for people and for machines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from provenly.report.bounds import Bounds
from provenly.report.page import Page
from provenly.report.words import foreign
from provenly.trust.errors import Error, RejectedError
from provenly.trust.evidence import Status
from provenly.version import VERSION

if TYPE_CHECKING:
    from provenly.trust.bundles.model import Verified
    from provenly.trust.roots.material import Origin

HEADLINES: Final = {
    Status.PASSED: ("VERIFIED", "bold green"),
    Status.FAILED: ("REFUSED", "bold red"),
    Status.UNCHECKED: ("UNCHECKED", "bold yellow"),
    Status.ABSENT: ("ABSENT", "bold yellow"),
}
"""The word with which an answer begins, and its style."""

MAX_VALUE: Final = 512
"""Characters of a foreign value that are shown to people; the JSON has more. A URL or a digest has fewer."""

COLUMN: Final = 18
"""Column at which text beside a label begins: the longest label, ``not compared``, and its indentation."""


def line(status: Status, about: str, why: str) -> str:
    """Return an answer in one line, without a line break, as ``verify --quiet`` writes verdicts."""
    return f"{HEADLINES[status][0]} {about}: {why}"


def headline(page: Page, status: Status, about: str, why: str) -> None:
    """Add the first lines of an answer: how it came out, what it is about, and why."""
    label = HEADLINES[status]
    page.row(about, style="bold", label=label, column=len(label[0]) + 2)
    page.row(why, indent=len(label[0]) + 2)


def row(page: Page, label: str, text: str, *, indent: int = 4) -> None:
    """Add text beside a label."""
    page.row(text, label=(label, "dim"), indent=indent, column=COLUMN)


def comparison(page: Page, error: Error, *, indent: int = 4) -> None:
    """Add what was expected and found where they differ, and what to do next."""
    if isinstance(error, RejectedError) and error.expected != error.actual:
        row(page, "expected", foreign(error.expected, limit=MAX_VALUE), indent=indent)
        row(page, "found", foreign(error.actual, limit=MAX_VALUE), indent=indent)
    if error.hint:
        row(page, "hint", foreign(error.hint), indent=indent)


def reason(error: Error) -> str:
    """Return why something was refused or could not be checked, with the code."""
    return coded(error.message, error.code)


def coded(text: str, code: str) -> str:
    """Return foreign text with a capital, and its code."""
    text = foreign(text)
    return f"{text[:1].upper() + text[1:]} [{code}]"


def signed_at(verified: Verified) -> str:
    """Return every time for which there is proof, and where the log has the entry."""
    entry = "" if verified.log_index is None else f", entry {verified.log_index} of {foreign(verified.log_url)}"
    return ", ".join(map(moment, verified.signed_at)) + entry


def origin(of: Origin) -> str:
    """Return where a document of trust comes from, on one line."""
    obtained = f", obtained {of.obtained.astimezone(UTC):%Y-%m-%d}" if of.obtained else ""
    return f"{of.kind} ({foreign(of.place, limit=256)}), sha256:{of.digest.hex[:12]}…{obtained}"


def judged(at: datetime) -> str:
    """Return as of when the answer holds, and who gives it."""
    return f"as of {moment(at)}, provenly {VERSION}"


def moment(at: datetime) -> str:
    """Return a time for people."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def time_member(at: datetime) -> str:
    """Return a time as JSON has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def error_member(error: Error | None, bounds: Bounds) -> dict[str, object] | None:
    """Return why something was refused or could not be checked, as JSON has it."""
    if error is None:
        return None
    expected, actual = (error.expected, error.actual) if isinstance(error, RejectedError) else ("", "")
    return {
        "code": error.code,
        "message": bounds.text(error.message),
        "expected": bounds.optional(expected),
        "actual": bounds.optional(actual),
        "hint": bounds.optional(error.hint),
    }


def origin_member(of: Origin | None, bounds: Bounds) -> dict[str, object] | None:
    """Return where a document of trust comes from, as JSON has it."""
    if of is None:
        return None
    return {
        "kind": of.kind,
        "place": bounds.text(of.place),
        "sha256": of.digest.hex,
        "obtained": None if of.obtained is None else time_member(of.obtained),
        "expires": None if of.expires is None else time_member(of.expires),
    }
