"""Claims, the evidence for and against them, and what they come to under requirements that buyers cite.

CycloneDX 1.6 has *declarations* for that. One claim stands for each check; what passed has evidence, what failed has
counter-evidence, and what is absent or could not be looked at has neither and says so. cyclonedx-python-lib has no
model for declarations: these are members of the JSON document. It has one for standards.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from provenly.sbom import elements
from provenly.sbom.members import Document, https, part, parts, shown, text, texts
from provenly.sbom.requirements import FINE_WHEN_ABSENT, PREDICATES, STANDARDS, Requirement, Standard
from provenly.sbom.subject import reference
from provenly.trust.digest import Digest
from provenly.trust.strict_json import canonical, thaw

if TYPE_CHECKING:
    from cyclonedx.model.definition import Definitions

MAX_FACTS: Final = 4_096
"""Characters of a check's facts that are written; the digest of all of them stands beside."""

ASSESSOR: Final = "assessor:provenly"


def definitions() -> Definitions:
    """Return the standards whose requirements the declarations point to."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
    from cyclonedx.model.definition import Definitions
    from cyclonedx.model.definition import Requirement as Written
    from cyclonedx.model.definition import Standard as Published

    def link(url: str) -> list[ExternalReference]:
        return [ExternalReference(type=ExternalReferenceType.DOCUMENTATION, url=XsUri(url))]

    return Definitions(
        standards=[
            Published(
                bom_ref=f"standard:{standard.ref}",
                name=standard.name,
                version=standard.version,
                owner=standard.owner,
                description="Only those requirements to which one package can answer; the texts are provenly's.",
                requirements=[
                    Written(
                        bom_ref=_ref(standard, one),
                        identifier=one.identifier,
                        text=one.text,
                        external_references=link(one.url),
                    )
                    for one in standard.requirements
                ],
                external_references=link(standard.url),
            )
            for standard in STANDARDS
        ]
    )


def declarations(document: Document, finished: elements.Members, version: str) -> dict[str, Any]:
    """Return the declarations.

    :param finished: the CycloneDX document as far as it is written, compositions included: some requirements are about
        the document itself.
    :param version: of provenly.
    """
    checks = {text(one, "check"): one for one in parts(document, "evidence")}
    return {
        "assessors": [{"bom-ref": ASSESSOR, "thirdParty": True, "organization": {"name": f"provenly {version}"}}],
        "attestations": [_attestation(standard, document, checks, finished) for standard in STANDARDS],
        "claims": [_claim(one, document) for one in checks.values()],
        "evidence": [_evidence(one, document, version) for one in checks.values()],
    }


def _ref(standard: Standard, requirement: Requirement) -> str:
    return f"{standard.ref}:{requirement.identifier}"


def _claim(one: Document, document: Document) -> dict[str, Any]:
    check, status = text(one, "check"), text(one, "status")
    made: dict[str, Any] = {
        "bom-ref": f"claim:{check}",
        "target": reference(document),
        "predicate": PREDICATES.get(check, f"The check {check} passes."),
        "reasoning": f"{status}: {shown(text(one, 'summary'))}",
    }
    if status == "passed":
        made["evidence"] = [f"evidence:{check}"]
    if status == "failed":
        made["counterEvidence"] = [f"evidence:{check}"]
    return made


def _evidence(one: Document, document: Document, version: str) -> dict[str, Any]:
    """Return what a check saw: its facts, a digest of all that the report has of it, and what was read for it."""
    facts = json.dumps(thaw(part(one, "facts")), sort_keys=True)
    data: list[dict[str, Any]] = [
        {"name": "status", "contents": _attached(text(one, "status"))},
        {"name": "sha256 of this evidence in the report", "contents": _attached(Digest.of(canonical(one)).hex)},
    ]
    named = [(name, text(one, name)) for name in ("expected", "actual")]
    data += [{"name": name, "contents": _attached(shown(value))} for name, value in named if value]
    if facts != "{}":
        kind = "application/json" if len(facts) <= MAX_FACTS else "text/plain"
        data.append({"name": "facts", "contents": _attached(shown(facts, limit=MAX_FACTS), kind)})
    for read in texts(one, "consulted")[:16]:
        contents = {"url": read} if https(read) else _attached(shown(read, limit=512))
        data.append({"name": "consulted", "contents": contents})
    return {
        "bom-ref": f"evidence:{text(one, 'check')}",
        "propertyName": f"provenly:check:{text(one, 'check')}",
        "description": shown(text(one, "summary")),
        "data": data,
        "created": text(document, "checked_at"),
        "author": {"name": f"provenly {version}"},
    }


def _attached(content: str, kind: str = "text/plain") -> dict[str, Any]:
    return {"attachment": {"contentType": kind, "content": content}}


def _attestation(
    standard: Standard, document: Document, checks: dict[str, Document], finished: elements.Members
) -> dict[str, Any]:
    verdict = part(document, "verdict")
    policy = shown(text(part(verdict, "policy"), "name"), limit=128)
    name = f"{standard.name} {standard.version}"
    return {
        "summary": f"{name}: what one package can answer to; the policy {policy} asks for {text(verdict, 'action')}.",
        "assessor": ASSESSOR,
        "map": [_map(_ref(standard, one), one, document, checks, finished) for one in standard.requirements],
    }


def _map(
    ref: str, wanted: Requirement, document: Document, checks: dict[str, Document], finished: elements.Members
) -> dict[str, Any]:
    statuses = {check: text(checks[check], "status") if check in checks else "unchecked" for check in wanted.checks}
    good = [check for check, status in statuses.items() if _fine(check, status)]
    bad = [check for check, status in statuses.items() if status == "failed"]
    shares = {one: elements.share(finished, one) for one in wanted.elements}
    score = [1.0 if check in good else 0.0 for check in wanted.checks]
    score += [have / total for have, total in shares.values()]
    looked = [status != "unchecked" for status in statuses.values()] + [True] * len(shares)
    asked = {text(one, "check"): text(one, "action") for one in parts(part(document, "verdict"), "reasons")}
    rationale = [f"{check} {status}, policy: {asked.get(check, 'no rule')}" for check, status in statuses.items()]
    rationale += [f"{one} of {have} of {total}" for one, (have, total) in shares.items()]
    made: dict[str, Any] = {"requirement": ref}
    if good:
        made["claims"] = [f"claim:{check}" for check in good if check in checks]
    if bad:
        made["counterClaims"] = [f"claim:{check}" for check in bad]
    # Rounded down: not all is never 1.
    made["conformance"] = {"score": int(100 * sum(score) / len(score)) / 100, "rationale": "; ".join(rationale)}
    seen = f"{sum(looked)} of {len(looked)} could be looked at"
    made["confidence"] = {"score": int(100 * sum(looked) / len(looked)) / 100, "rationale": seen}
    return made


def _fine(check: str, status: str) -> bool:
    return status == "passed" or (status == "absent" and check in FINE_WHEN_ABSENT)
