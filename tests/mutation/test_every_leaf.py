"""Real attestations with one place changed: everything is refused but a list of fields that nothing depends on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache

import pytest

from provenly.trust.attestations import npm
from provenly.trust.digest import Digest
from provenly.trust.errors import Error
from provenly.trust.roots import embedded, npm_keys, trusted_root
from tests.cases import CASES, needs_cases
from tests.mutation.leaves import changes

pytestmark = [needs_cases, pytest.mark.slow]

NOW = datetime(2026, 11, 22, tzinfo=UTC)

REAL = (
    "mcp-server-filesystem-2026.7.10",  # dsse entries, a single certificate, SLSA v1
    "nuxt-3.13.0",  # intoto entries with proofs, SLSA v1
    "provenance-npm-test-1.0.5",  # a reusable workflow, SLSA v0.2
    "sigstore-0.4.0",  # signed entry timestamps only, the oldest certificate
    "sigstore-2.3.1",  # v0.2 with a chain
)

BUNDLE = r"attestations\.\d\.bundle\."
MATERIAL = BUNDLE + r"verificationMaterial\."

HARMLESS = {
    r"attestations turned around": "their order says nothing",
    r"attestations\.\d removed": "an attestation that is not there is absent, which is for the policy to judge",
    r"attestations\.\d with another member": "the registry may add members around a bundle; none is read",
    r"attestations\.\d\.signedAccessSignatureUrl (removed|appended)": "a link to a copy; it is neither read nor shown",
    MATERIAL + r"timestampVerificationData (removed|empty)": "it held no timestamps",
    MATERIAL + r"timestampVerificationData\.rfc3161Timestamps removed": "it was an empty list",
    MATERIAL + r"tlogEntries\.0\.inclusionProof removed": "it was null, which protobuf reads as absent",
    BUNDLE + r"dsseEnvelope\.signatures\.0\.keyid (removed|empty)": "nobody signed it; it was empty, or the key's hint "
    "says the same",
    MATERIAL + r"x509CertificateChain\.certificates\.[12](\.rawBytes character \d+| removed)": "certificates that came "
    "along are not used: the chain is built from the trusted root",
}
"""What may be changed without a refusal, and why nothing depends on it."""


@cache
def believed():
    root = trusted_root.load(embedded.trusted_root())
    keys = npm_keys.load(embedded.npm_keys(), embedded.NPM_REGISTRY)
    return root, keys


def refusal(document, about) -> str:
    """Return why a document is refused, or an empty text where it is accepted."""
    root, keys = believed()
    name, version = about["package"], about["version"]
    digest = Digest(algorithm="sha512", value=bytes.fromhex(about["subject_sha512"]))
    try:
        data = json.dumps(document).encode()
        attested = npm.judge(
            data, name=name, version=version, sha512=digest, trusted_root=root, registry_keys=keys, now=NOW
        )
        npm.require_all(attested, name=name, version=version, registry=embedded.NPM_REGISTRY)
    except Error as error:
        return error.code
    return ""


@pytest.mark.parametrize("case", REAL)
def test_every_change_of_a_real_document_is_refused(case):
    document = json.loads((CASES / "npm" / case / "attestations.json").read_bytes())
    about = json.loads((CASES / "npm" / case / "expected.json").read_bytes())
    assert refusal(document, about) == ""
    accepted, tried = [], 0
    for how, changed in changes(document):
        tried += 1
        if not refusal(changed, about):
            accepted.append(how)
    assert tried > 500
    unexplained = [how for how in accepted if not any(re.fullmatch(pattern, how) for pattern in HARMLESS)]
    assert unexplained == []
