"""Who built and who signed the package, in words; only what checks that passed have proven.

What is said here is taken from the facts of evidence. They hold text that strangers chose (a workflow may have any
name), so that everything is made safe to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from provenly.report.words import foreign
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.trust.verdict import Report

SERVICES: Final = {
    "https://token.actions.githubusercontent.com": ("GitHub Actions", "https://github.com/"),
    "https://gitlab.com": ("GitLab CI", "https://gitlab.com/"),
}
"""Issuer → the name of the build service, and what the URLs of its repositories begin with."""

BUILT: Final = ("provenance", "provenance-identity")
"""The checks that must have passed before anything is said about the build."""

KEY: Final = 15
"""Characters of a key's fingerprint that are shown: ``SHA256:`` and eight more."""

COMMIT: Final = 12
"""Characters of a commit that are shown, as elsewhere in the report."""


def rows(report: Report, *, verbose: bool) -> Iterator[tuple[str, str]]:
    """Yield label and text of each line; nothing where nothing is proven.

    :param verbose: whether keys and commits are written whole.
    """
    passed = {one.check: one for one in report.evidence if one.status is Status.PASSED}
    if all(check in passed for check in BUILT):
        yield from (("built", text) for text in _built(passed[BUILT[-1]].facts, verbose=verbose))
    if "registry-signature" in passed:
        publish = passed.get("publish-attestation")
        yield from (("signed", text) for text in _signed(passed["registry-signature"].facts, publish, verbose=verbose))


def repository_id(report: Report) -> str:
    """Return the forge's number of the repository that was compared, or an empty text where nothing proves it.

    The certificate's number is that of the certificate's repository: it says nothing about another one.
    """
    passed = {one.check: one.facts for one in report.evidence if one.status is Status.PASSED}
    if report.source is None or not all(check in passed for check in BUILT):
        return ""
    facts = passed[BUILT[-1]]
    same = _text(facts, "repository").lower() == report.source.repository.lower()
    return _text(facts, "repository_id") if same else ""


def _built(facts: Mapping[str, Json], *, verbose: bool) -> Iterator[str]:
    issuer, repository = _text(facts, "issuer"), _text(facts, "repository")
    if not issuer or not repository:
        return
    service, home = SERVICES.get(issuer, (issuer, ""))
    place = repository.removeprefix(home) if home else repository
    commit = _text(facts, "commit")
    circumstances = ", ".join(filter(None, (_text(facts, "trigger"), _text(facts, "ref"))))
    parts = [
        f"by {_shown(service)},",
        _shown(place),
        _shown(_text(facts, "workflow")),
        f"at {_shown(commit if verbose else commit[:COMMIT])}" if commit else "",
        f"({_shown(circumstances)})" if circumstances else "",
    ]
    when = _text(facts, "signed_at")[:10]
    yield " ".join(filter(None, parts)) + (f", signed on {_shown(when)}" if when else "")


def _signed(facts: Mapping[str, Json], publish: Evidence | None, *, verbose: bool) -> Iterator[str]:
    keyid, signer = _text(facts, "keyid"), _text(facts, "signer")
    if not keyid or not signer:
        return
    key = keyid if verbose or len(keyid) <= KEY else f"{keyid[:KEY]}…"
    when = _text(publish.facts, "signed_at")[:10] if publish is not None else ""
    yield f"by {_shown(signer)}, key {_shown(key)}" + (f"; publication logged on {_shown(when)}" if when else "")


def _text(facts: Mapping[str, Json], key: str) -> str:
    value = facts.get(key)
    return value if isinstance(value, str) else ""


def _shown(text: str) -> str:
    return foreign(text, limit=256)
