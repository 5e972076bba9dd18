"""What the two attestation checks have in common: whether the registry advertises attestations at all."""

from __future__ import annotations

from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Package
from provenly.trust.strict_json import Json
from provenly.verify.checks.registry_signature import SIGNING_REGISTRIES


def advertised(check: str, package: Package, what: str) -> Evidence:
    """Return what can be said about ``what`` from the version document alone.

    :param check: the id of the check that asks.
    :param package: whose version document is read.
    :param what: the kind of attestation, for the sentence.
    """
    facts: dict[str, Json] = {"registry": package.registry}
    if not package.registry:
        return Evidence(check=check, status=Status.UNCHECKED, summary=f"a file on this machine carries no {what}")
    if package.attestations:
        return Evidence(
            check=check,
            status=Status.UNCHECKED,
            summary="the registry advertises attestations, which this release of provenly does not verify yet",
            hint="Run npm audit signatures as well.",
            facts=facts,
        )
    if package.registry in SIGNING_REGISTRIES and not package.signatures_served:
        return Evidence(
            check=check,
            status=Status.UNCHECKED,
            summary=f"no {what} is served, but neither are signatures: a mirror or proxy between leaves evidence out",
            expected=f"a {what}",
            actual="not served",
            hint="Verify against the registry itself.",
            facts=facts,
        )
    return Evidence(
        check=check,
        status=Status.ABSENT,
        summary=f"this version was published without a {what}",
        expected=f"a {what}",
        actual="none",
        hint="Publish from a CI workflow with npm publish --provenance.",
        facts=facts,
    )
