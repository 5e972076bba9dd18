"""Whether the registry's attestation names what was asked for."""

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.roots import embedded
from provenly.trust.roots.material import Material
from provenly.verify.checks import publish_identity as check
from tests.simulator.sigstore.npm import NpmKey
from tests.verify.checks.attested import Anchors, parts, provenance, publish
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, outcome

NPM = "https://registry.npmjs.org"


class NotOfNpm(Anchors):
    """The registry's keys are its own, and npm has those that it has."""

    def npm_keys(self) -> Material:
        return embedded.npm_keys()


def test_name_version_and_registry_as_asked_pass():
    evidence = outcome(check, **parts())
    assert evidence.status is PASSED
    assert evidence.facts == {"name": "mail-mcp", "version": "1.0.0", "registry": "https://registry.example"}


@pytest.mark.parametrize(
    ("member", "value"),
    [("name", "mail-mcp-pro"), ("version", "1.0.1"), ("registry", NPM), ("name", "Mail-mcp"), ("registry", None)],
)
def test_another_or_none_of_them_fails(member, value):
    evidence = outcome(check, **parts(publish(predicate={member: value}), anchors=NotOfNpm()))
    assert evidence.status is FAILED
    assert evidence.facts["code"].startswith("PUBLISH_IDENTITY_")
    if value:
        assert evidence.actual == value


def test_behind_a_mirror_npm_must_be_named():
    mirrored = {"anchors": Anchors("https://registry.example")}
    assert outcome(check, **parts(publish(predicate={"registry": NPM}), **mirrored)).status is PASSED
    assert outcome(check, **parts(publish(), **mirrored)).status is FAILED


def test_what_does_not_hold_names_nothing():
    assert outcome(check, **parts(publish(key=NpmKey()))).status is UNCHECKED
    assert outcome(check, attested=UnavailableError("no network")).status is UNCHECKED


def test_without_one_there_is_nothing_to_compare():
    assert outcome(check, **parts(provenance())).status is ABSENT
    assert outcome(check, attested=NotFoundError("none", code="ATT_NONE")).status is ABSENT
