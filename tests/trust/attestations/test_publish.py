"""The predicate of publish attestations (B09)."""

from __future__ import annotations

import pytest

from provenly.trust.attestations.publish import publish_identity
from provenly.trust.errors import MalformedError, RejectedError
from tests.trust.attestations.statements import NAME, REGISTRY, VERSION, at, provenance, publish, published, v1


@pytest.mark.parametrize("registry", [REGISTRY, f"{REGISTRY}/"])
def test_what_was_asked_for_agrees(registry):
    assert publish_identity(published(publish()), NAME, VERSION, registry) == ("name", "version", "registry")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "mail-mcp", "PUBLISH_IDENTITY_NAME"),
        ("name", "@Acme/mail-mcp", "PUBLISH_IDENTITY_NAME"),
        ("name", None, "PUBLISH_IDENTITY_FORMAT"),
        ("version", "1.2.4", "PUBLISH_IDENTITY_VERSION"),
        ("version", "v1.2.3", "PUBLISH_IDENTITY_VERSION"),
        ("version", 1, "PUBLISH_IDENTITY_FORMAT"),
        ("registry", "https://registry.evil.example", "PUBLISH_IDENTITY_REGISTRY"),
        ("registry", f"{REGISTRY}/", "PUBLISH_IDENTITY_REGISTRY"),
        ("registry", f"{REGISTRY}.evil.example", "PUBLISH_IDENTITY_REGISTRY"),
        ("registry", "", "PUBLISH_IDENTITY_REGISTRY"),
        ("registry", None, "PUBLISH_IDENTITY_FORMAT"),
    ],
)
def test_anything_else_is_refused(field, value, code):
    with pytest.raises((RejectedError, MalformedError)) as caught:
        publish_identity(published(at(publish(), field, value)), NAME, VERSION, REGISTRY)
    assert caught.value.code == code


def test_a_provenance_is_no_publish_attestation():
    with pytest.raises(MalformedError) as caught:
        publish_identity(provenance(v1() | publish()), NAME, VERSION, REGISTRY)  # whatever else it says
    assert caught.value.code == "PUBLISH_IDENTITY_FORMAT"
