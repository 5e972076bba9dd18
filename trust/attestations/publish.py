"""npm's publish attestation: the registry says that it received this package (npm/attestation, specs/publish/v0.1)."""

from __future__ import annotations

from typing import Final

from provenly.trust.attestations.model import PUBLISH, Statement
from provenly.trust.errors import MalformedError, RejectedError

FIELDS: Final = ("name", "version", "registry")
"""The members of the predicate, each of which must be what was asked for."""


def publish_identity(statement: Statement, name: str, version: str, registry: str) -> tuple[str, ...]:
    """Hold the predicate of a publish attestation to the package and the registry that were asked for.

    The subject says the same; slsa-verifier looked only at one of the two (GHSA-r2xv-vpr2-42m9), so that the other
    could be anything.

    :param registry: the base URL of the registry whose key signed; a slash at its end does not count.
    :returns: the fields that agree, which are all.
    :raises MalformedError: it is no publish attestation, or a member is missing (``PUBLISH_IDENTITY_FORMAT``).
    :raises RejectedError: ``PUBLISH_IDENTITY_NAME``, ``PUBLISH_IDENTITY_VERSION``, ``PUBLISH_IDENTITY_REGISTRY``.
    """
    if statement.predicate_type != PUBLISH:
        message = f"a statement of the type {statement.predicate_type} is no publish attestation"
        raise MalformedError(message, code="PUBLISH_IDENTITY_FORMAT")
    expected = dict(zip(FIELDS, (name, version, registry.rstrip("/")), strict=True))
    for field in FIELDS:
        actual = statement.predicate.get(field)
        if not isinstance(actual, str):
            message = f"the publish attestation of {name}@{version} does not say its {field}"
            raise MalformedError(message, code="PUBLISH_IDENTITY_FORMAT")
        if actual != expected[field]:
            raise RejectedError(
                f"the publish attestation of {name}@{version} names another {field}",
                code=f"PUBLISH_IDENTITY_{field.upper()}",
                expected=expected[field],
                actual=actual,
                hint="The registry attested something else: ask its operator.",
            )
    return FIELDS
