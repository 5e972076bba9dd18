"""Who built and signed a package: said where it is proven, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from provenly.report import json_report, signers, terminal
from provenly.trust.evidence import Status
from provenly.trust.verdict import Report
from tests.report import parts, samples


def changed(check: str, *, status: Status = Status.PASSED, **facts: object) -> Report:
    """Return the attested sample with another status and other facts of one check; ``None`` removes a fact."""
    made = samples.attested()

    def merged(old: Mapping[str, object]) -> Mapping[str, object]:
        return MappingProxyType({key: value for key, value in {**old, **facts}.items() if value is not None})

    evidence = tuple(
        replace(one, status=status, facts=merged(one.facts)) if one.check == check else one for one in made.evidence
    )
    return replace(made, evidence=evidence)


def said(report: Report, *, verbose: bool = False) -> dict[str, str]:
    return dict(signers.rows(report, verbose=verbose))


def test_what_is_proven_is_said():
    assert said(samples.attested()) == {
        "built": "by GitHub Actions, acme/mail-mcp .github/workflows/release.yml at 3f1c2b7a9d8e (push, "
        "refs/tags/v1.0.16), signed on 2026-09-17",
        "signed": "by https://registry.npmjs.org, key SHA256:DhQ8wR5A…; publication logged on 2026-09-17",
    }
    whole = said(samples.attested(), verbose=True)
    assert parts.COMMIT in whole["built"]
    assert "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U" in whole["signed"]


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABSENT, Status.UNCHECKED])
@pytest.mark.parametrize("check", ["provenance", "provenance-identity"])
def test_what_is_not_proven_is_not_said_even_where_facts_are_there(check, status):
    report = changed(check, status=status)
    assert "built" not in said(report)
    assert json_report.document(report)["source"]["repository_id"] is None


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABSENT, Status.UNCHECKED])
def test_a_signature_that_does_not_hold_is_not_named(status):
    assert "signed" not in said(changed("registry-signature", status=status))
    assert said(changed("publish-attestation", status=status))["signed"].endswith("key SHA256:DhQ8wR5A…")


def test_without_facts_nothing_is_said():
    assert said(parts.report()) == {}
    assert "built" not in said(changed("provenance-identity", issuer=None))
    assert "built" not in said(changed("provenance-identity", repository=7))


def test_a_service_that_is_not_known_is_named_by_its_issuer():
    report = changed("provenance-identity", issuer="https://token.actions.githubusercontent.com/hammer-time")
    assert said(report)["built"].startswith(
        "by https://token.actions.githubusercontent.com/hammer-time, https://github.com/acme/mail-mcp "
    )


def test_hostile_facts_cannot_act_on_a_terminal():
    report = changed("provenance-identity", workflow="a\x1b[2J\n::error::x", ref="refs/heads/\u202egnp")
    text = terminal.render(report, width=80, colour=False, verbose=True)
    assert not {"\x1b", "\u202e"} & set(text)
    assert "\n::error" not in text


def test_the_number_of_the_repository_is_that_of_the_certificate():
    assert json_report.document(samples.attested())["source"]["repository_id"] == "890668799"


@pytest.mark.parametrize("repository", ["https://github.com/acme/other", "https://github.com/acme/mail-mcp2", ""])
def test_the_number_says_nothing_about_another_repository(repository):
    report = changed("provenance-identity", repository=repository)
    assert json_report.document(report)["source"]["repository_id"] is None
