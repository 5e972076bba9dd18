"""PEP 740 attestations of PyPI as the bundles that they are: the same parts under other names."""

import base64
import json

import pytest

from provenly.trust.bundles.verify import verify
from provenly.trust.errors import RejectedError
from tests.cases import CASES, needs_cases
from tests.trust.bundles.real import NOW, flipped, parsed, root

pytestmark = needs_cases

STAGING = "rfc8785-0.1.2-py3-none-any.whl"
GITHUB, GITLAB = "https://token.actions.githubusercontent.com", "https://gitlab.com"
SIGNERS = {
    # file: issuer, the beginning of the signer's name, the types of what is attested
    "gitlab_oidc_project-0.0.3.tar.gz": (GITLAB, "https://gitlab.com/facutuesca/gitlab-oidc-project//", {"publish"}),
    "pep740-sampleproject-1.0.0.tar.gz": (GITLAB, "https://gitlab.com/pep740-example/sampleproject//", {"publish"}),
    "pypi_attestations-0.0.19.tar.gz": (
        GITHUB,
        "https://github.com/trailofbits/pypi-attestations/.github/workflows/release.yml@",
        {"publish", "slsa"},
    ),
    "sampleproject-4.0.0.tar.gz": (GITHUB, "https://github.com/pypa/sampleproject/.github/workflows/", {"publish"}),
    STAGING: ("https://github.com/login/oauth", "", {"publish"}),  # a person
}
TYPES = {
    "publish": "https://docs.pypi.org/attestations/publish/v1",
    "slsa": "https://slsa.dev/provenance/v1",
}


def as_bundle(attestation):
    """Return a bundle of version 0.3 (peps.python.org, PEP 740, "Attestation objects"; as pypi-attestations has it)."""
    assert attestation["version"] == 1
    material, envelope = attestation["verification_material"], attestation["envelope"]
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": material["certificate"]},
            "tlogEntries": material["transparency_entries"],
        },
        "dsseEnvelope": {
            "payload": envelope["statement"],
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": envelope["signature"]}],
        },
    }


def attestations():
    """Give every attestation of the cases with the file that it is about: alone, or inside of a provenance document."""
    for path in sorted((CASES / "pypi").glob("*")) if (CASES / "pypi").is_dir() else ():
        document = json.loads(path.read_bytes())
        listed = [one for each in document.get("attestation_bundles", ()) for one in each["attestations"]]
        file = next(name for name in SIGNERS if path.name.startswith(name))
        for number, attestation in enumerate(listed or [document]):
            yield pytest.param(file, attestation, id=f"{path.name}-{number}")


@pytest.mark.parametrize(("file", "attestation"), tuple(attestations()))
def test_what_production_signed_verifies_and_what_staging_signed_does_not(file, attestation):
    bundle = parsed(as_bundle(attestation))
    trusted = root()
    if file == STAGING:
        with pytest.raises(RejectedError) as caught:
            verify(bundle, trusted, now=NOW)
        assert caught.value.code == "LOG_UNKNOWN"
        trusted = root(CASES / "trust" / "trusted_root.staging.json")
    verified = verify(bundle, trusted, now=NOW)
    issuer, signer, types = SIGNERS[file]
    assert verified.signed_by.identity.issuer == issuer
    assert verified.signed_by.identity.subject.startswith(signer)
    statement = json.loads(verified.payload)
    assert [subject["name"].replace("_", "-") for subject in statement["subject"]] == [file.replace("_", "-")]
    assert statement["predicateType"] in {TYPES[name] for name in types}


def test_every_case_is_seen():
    assert {param.values[0] for param in attestations()} == SIGNERS.keys()


@pytest.mark.parametrize(("file", "attestation"), tuple(attestations()))
def test_another_statement_or_signature_is_refused(file, attestation):
    trusted = root(CASES / "trust" / "trusted_root.staging.json") if file == STAGING else root()
    for member in ("statement", "signature"):
        changed = json.loads(json.dumps(attestation))
        changed["envelope"][member] = flipped(changed["envelope"][member])
        with pytest.raises(RejectedError) as caught:
            verify(parsed(as_bundle(changed)), trusted, now=NOW)
        assert caught.value.code == "BUNDLE_SIGNATURE"


def test_an_artifact_is_a_subject_by_its_digest():
    (attestation,) = (p.values[1] for p in attestations() if p.id == "sampleproject-4.0.0.tar.gz.provenance-0")
    statement = json.loads(base64.b64decode(attestation["envelope"]["statement"]))
    with pytest.raises(RejectedError) as caught:
        verify(parsed(as_bundle(attestation)), root(), now=NOW, artifact=b"another file")
    assert caught.value.code == "BUNDLE_SUBJECT"
    assert caught.value.actual == f"sha256:{statement['subject'][0]['digest']['sha256']}"
