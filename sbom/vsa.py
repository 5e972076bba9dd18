"""The verification summary (VSA) of a report: an in-toto statement that says who let which bytes pass, by which policy.

The format is SLSA's "Verification Summary Attestation" (slsa-framework/slsa, spec/verification_summary.md). What it has
no member for (a warning, the status of every check) stands in members of our own, whose names are URIs as it asks.
Levels of SLSA are claimed from a verified provenance only; how the source explains the bytes is a level of our own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from provenly.sbom.members import part, parts, texts
from provenly.trust.errors import UsageError
from provenly.trust.evidence import FileClass, Status
from provenly.trust.strict_json import Json
from provenly.trust.summaries.accept import ACTION, EXTENSION, PREDICATE_TYPE
from provenly.trust.verdict import Action

VERIFIER: Final = "pkg:pypi/provenly"
"""The verifier's id where nobody names another one. Who signs should name himself: the id is a part of what consumers
compare."""

SLSA_VERSION: Final = "1.1"
"""The version of SLSA whose levels are meant."""

LEVEL_CHECKS: Final = (
    "provenance",
    "provenance-identity",
    "provenance-builder",
    "provenance-source",
    "provenance-commit",
)
"""What must have passed for a level above 0: the provenance is signed, agrees with its certificate, comes from a
builder that we know, and is about this source at this commit."""

HOSTED: Final = frozenset(
    {"https://github.com/actions/runner/github-hosted", "https://gitlab.com/-/runners/gitlab-hosted"}
)
"""Builders whose machines their users do not control: SLSA's Build L2, "hosted". Nothing in such a provenance shows
that the signing was out of the build's reach, which L3 asks for."""

SIGNED: Final = ("provenance", "publish-attestation")
"""The checks whose attestations are inputs."""

SOURCE: Final = "PROVENLY_SOURCE_"
"""What our own level begins with: the weakest way in which the source explains an executable file comes behind."""

_ORDER: Final = tuple(FileClass)


def render(document: Mapping[str, Json]) -> str:
    """Return the unsigned statement as indented JSON with its line break."""
    return json.dumps(statement(document), indent=2) + "\n"


def statement(document: Mapping[str, Json], *, verifier: str = VERIFIER) -> dict[str, object]:
    """Return the in-toto statement of ``document``, a JSON report.

    :param verifier: the URI of whoever answers for the verification.
    :raises UsageError: there are no bytes that it could be about, or no package (``VSA_NO_SUBJECT``), or the report
        rests on such a summary itself: who sums up summaries makes old ones fresh (``VSA_SECOND_HAND``).
    """
    package, artifact, verdict = (part(document, name) for name in ("package", "artifact", "verdict"))
    purl = package.get("purl")
    if not isinstance(purl, str) or not isinstance(artifact.get("sha512"), str):
        raise UsageError(
            "a verification summary is about a package and its bytes, and the report has not got both",
            code="VSA_NO_SUBJECT",
            hint="Verify a package that can be resolved and downloaded.",
        )
    tool = part(document, "tool").get("version")
    evidence = {str(one.get("check")): one for one in parts(document, "evidence")}
    if any(one.get("strength") == "vsa" for one in evidence.values()):
        raise UsageError(
            "the report rests on a verification summary, and a summary of it would make that one look fresh",
            code="VSA_SECOND_HAND",
            hint="Verify the package without --vsa, or pass the first summary on.",
        )
    passed = verdict.get("action") in (Action.ALLOW, Action.WARN)
    predicate: dict[str, object] = {
        "verifier": {"id": verifier, "version": {"provenly": tool}},
        "timeVerified": document.get("checked_at"),
        "resourceUri": purl,
        "policy": _policy(part(verdict, "policy")),
        "inputAttestations": list(_inputs(evidence)),
        "verificationResult": "PASSED" if passed else "FAILED",
        "verifiedLevels": _levels(document, evidence) if passed else ["FAILED"],
        "slsaVersion": SLSA_VERSION,
        ACTION: verdict.get("action"),
        f"{EXTENSION}checks": {check: one.get("status") for check, one in evidence.items()},
    }
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": purl, "digest": {name: artifact[name] for name in ("sha256", "sha512") if artifact.get(name)}}
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }


def _policy(policy: Mapping[str, Json]) -> dict[str, object]:
    name, digest = str(policy.get("name")), str(policy.get("digest"))
    return {
        "uri": f"{EXTENSION}policy/{quote(name, safe='')}",
        "digest": {"sha256": digest.removeprefix("sha256:")},
    }


def _inputs(evidence: Mapping[str, Mapping[str, Json]]) -> Iterator[dict[str, object]]:
    """Yield the attestations that held; those that did not were no input to a pass."""
    for check in SIGNED:
        found = evidence.get(check, {})
        digest = part(found, "facts").get("statement_sha256")
        if found.get("status") == Status.PASSED and isinstance(digest, str):
            place = next((one for one in texts(found, "consulted") if one.startswith("https://")), "")
            yield ({"uri": place} if place else {}) | {"digest": {"sha256": digest}}


def _levels(document: Mapping[str, Json], evidence: Mapping[str, Mapping[str, Json]]) -> list[str]:
    levels = [_build_level(evidence)]
    if evidence.get("source-match", {}).get("status") == Status.PASSED:
        levels.append(f"{SOURCE}{_weakest(part(document, 'files'))}")
    return levels


def _build_level(evidence: Mapping[str, Mapping[str, Json]]) -> str:
    held = all(evidence.get(check, {}).get("status") == Status.PASSED for check in LEVEL_CHECKS)
    builder = part(evidence.get("provenance-builder", {}), "facts").get("builder")
    if not held:
        return "SLSA_BUILD_LEVEL_0"
    return "SLSA_BUILD_LEVEL_2" if builder in HOSTED else "SLSA_BUILD_LEVEL_1"


def _weakest(files: Mapping[str, Json]) -> str:
    """Return the weakest class that an executable file has; of documents without a list of files, any file."""
    listed = [one for one in parts(files, "entries") if one.get("executable") is True]
    there = {str(one.get("class")) for one in listed}
    if not listed:
        there = {name for name, count in part(files, "by_class").items() if count}
    known = [one for one in _ORDER if one in there]
    return (known[-1] if known else FileClass.UNEXPLAINED).upper()
