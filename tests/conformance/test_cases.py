"""Every case of the public conformance suite, by path and by digest, and why each refused one is refused."""

import base64
import hashlib
import json
import subprocess
import sys

import pytest

from provenly.cli.main import main
from tests.cases import CASES, needs_cases
from tests.conformance import client
from tests.conformance.cases import FOLDER, IDENTITY, ISSUER, NAMES, words

pytestmark = needs_cases

REASONS = {
    "bundle-empty-certificate-chain": "BUNDLE_CHAIN",
    "bundle-from-wrong-instance": "LOG_UNKNOWN",
    "bundle-invalid-base64-signature": "B64_NOT_CANONICAL",
    "bundle-malformed-json": "JSON_SYNTAX",
    "bundle-negative-log-index": "INT_NOT_CANONICAL",
    "bundle-unknown-version": "BUNDLE_VERSION",  # unchecked, exit code 3: a newer form is not a forged one
    "bundle-with-root-cert": "BUNDLE_ROOT",
    "checkpoint-bad-keyhint": "CHECKPOINT_UNSIGNED",
    "checkpoint-wrong-roothash": "CHECKPOINT_ROOT",
    "dsse-invalid-sig": "BUNDLE_SIGNATURE",
    "dsse-mismatch-envelope": "LOG_BODY_DIGEST",
    "dsse-mismatch-sig": "LOG_BODY_SIGNATURE",
    "inclusion-proof-corrupted-hash": "LOG_PROOF_ROOT",
    "incorrect-public-key": "LOG_SET",  # the logged body was changed, and the promise is about the body
    "integrated-time-in-future": "CERT_PERIOD",  # in the future of the certificate, not of ours
    "intoto-expired-certificate": "CERT_PERIOD",
    "intoto-log-entry-mismatch": "LOG_BODY_FORMAT",
    "intoto-missing-inclusion-proof": "LOG_NO_PROOF",
    "intoto-set-outside-signing-cert-validity": "CERT_PERIOD",
    "intoto-tsa-timestamp-outside-cert-validity": "CERT_PERIOD",
    "invalid-checkpoint-signature": "CHECKPOINT_SIGNATURE",
    "invalid-ct-key": "SCT_LOG",
    "invalid-inclusion-proof": "LOG_PROOF_ROOT",
    "managed-key-no-key": "BUNDLE_NO_KEY",
    "managed-key-wrong-key": "B64_NOT_CANONICAL",  # somebody typed over the key, bits that have no meaning included
    "message-digest-mismatch": "BUNDLE_ARTIFACT",
    "rekor2-checkpoint-missing-log-signature": "CHECKPOINT_FORMAT",
    "rekor2-checkpoint-missing-origin": "CHECKPOINT_FORMAT",
    "rekor2-checkpoint-missing-root-hash": "CHECKPOINT_FORMAT",
    "rekor2-checkpoint-missing-size": "CHECKPOINT_FORMAT",
    "rekor2-checkpoint-no-matching-signature": "CHECKPOINT_ORIGIN",
    "rekor2-dsse-invalid-sig": "BUNDLE_SIGNATURE",
    "rekor2-dsse-mismatch-envelope": "LOG_BODY_DIGEST",
    "rekor2-dsse-mismatch-sig": "LOG_BODY_SIGNATURE",
    "rekor2-no-inclusion-proof": "LOG_NO_PROOF",
    "rekor2-no-timestamp": "BUNDLE_NO_TIME",
    "rekor2-timestamp-outside-trust-root-tsa-validity": "TIMESTAMP_PERIOD",
    "rekor2-timestamp-outside-tsa-cert-validity": "TIMESTAMP_CERTIFICATE_PERIOD",
    "rekor2-timestamp-payload-mismatch": "TIMESTAMP_IMPRINT",
    # That authority writes its certificates in an order that DER does not allow.
    "rekor2-timestamp-untrusted-tsa-with-embedded-cert": "TIMESTAMP_FORMAT",
    "rekor2-timestamp-untrusted-tsa-without-embedded-cert": "TIMESTAMP_AUTHORITY",
    # Its base64 has line breaks; without those see the test below.
    "rekor2-timestamp-with-incorrect-time": "B64_NOT_CANONICAL",
    "set-invalid-signature": "LOG_SET",
    "signature-mismatch": "BUNDLE_SIGNATURE",
    "trust-root-tlog-missing-validity-start": "TRUST_FILE",
    "wrong-hashedrekord-artifact": "LOG_BODY_DIGEST",
    "wrong-hashedrekord-cert-and-sig": "LOG_BODY_SIGNATURE",
    "wrong-hashedrekord-entry": "LOG_BODY_DIGEST",
    "wrong-material": "BUNDLE_ARTIFACT",
}

EXIT_CODES = {"bundle-unknown-version": 3, "managed-key-wrong-key": 2, "trust-root-tlog-missing-validity-start": 2}
"""Those of refused cases that are not 1: a form that we do not know, and a key and a trusted root that are none."""


def test_there_are_as_many_cases_as_the_suite_has():
    refused = [name for name in NAMES if name.endswith("_fail")]
    assert (len(NAMES) - len(refused), len(refused)) == (21, 49)
    assert sorted(f"{name}_fail" for name in REASONS) == refused


@pytest.mark.parametrize("by_digest", [False, True], ids=["path", "digest"])
@pytest.mark.parametrize("name", NAMES)
def test_a_case_comes_out_as_its_name_says(name, by_digest, capsys):
    code = client.run([*words(name, by_digest=by_digest), "--format", "json"])
    out, err = capsys.readouterr()
    if not name.endswith("_fail"):
        assert code == 0, out + err
        assert json.loads(out)["verified"] is True
        return
    name = name.removesuffix("_fail")
    assert code == EXIT_CODES.get(name, 1)
    if code == 2:
        # The request itself was refused: there is no answer about the bundle.
        assert out == ""
        assert err.startswith("error: ")
        return
    answer = json.loads(out)
    assert (answer["verified"], answer["signer"], answer["signed_at"]) == (False, None, [])
    assert answer["error"]["code"] == REASONS[name]


def test_a_timestamp_from_after_the_certificate_is_refused_for_its_time(tmp_path, capsys):
    name = "rekor2-timestamp-with-incorrect-time_fail"
    document = json.loads((FOLDER / name / "bundle.sigstore.json").read_text())
    stamp = document["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][0]
    stamp["signedTimestamp"] = base64.b64encode(base64.b64decode(stamp["signedTimestamp"])).decode()
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(document))
    asked = words(name, by_digest=False)
    asked[asked.index("--bundle") + 1] = str(bundle)
    assert client.run([*asked, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "CERT_PERIOD"


@pytest.mark.parametrize(
    ("field", "code"), [("--certificate-identity", "SIGNER_IDENTITY"), ("--certificate-oidc-issuer", "SIGNER_ISSUER")]
)
@pytest.mark.parametrize(
    "name", [name for name in NAMES if not name.endswith("_fail") and not name.startswith("managed")]
)
def test_an_accepted_case_is_refused_for_another_signer(name, field, code, capsys):
    asked = words(name, by_digest=True)
    asked[asked.index(field) + 1] += "x"
    assert client.run([*asked, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


ATTEST = "09b495c3f12c7881b3cc17209a327792065c1a1d"

OTHER = {
    "cosign-oci-image-signature": (
        "c811d58de79c92f03214e63aa339484e488d694ae8a6283b5f3f17a9faf50172",
        "https://github.com/kubewarden/kubewarden-controller/.github/workflows/release.yml@refs/tags/v1.34.0",
        ISSUER,
    ),
    "custom-issuer": (
        "afa27b44d43b02a9fea41d13cedc2e4016cfcf87c5dbf990e593669aa8ce286d",
        "https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main",
        f"{ISSUER}/hammer-time",
    ),
    "oci-attestation": (
        "732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4",
        "cody@soyland.com",
        "https://github.com/login/oauth",
    ),
    "rekor-v2-dsse-production": (
        "a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf",
        "untrusted-sa@sigstore-conformance.iam.gserviceaccount.com",
        "https://accounts.google.com",
    ),
    "rekor-v2-dsse-staging": (
        "a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf",
        IDENTITY,
        ISSUER,
    ),
    "reusable-workflow-attestation": (
        "49a3aa6075e0f49f82843e74b5baa614ad2a588e6675612bf108a0a008c5ac25",
        f"https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@{ATTEST}",
        ISSUER,
    ),
}


def other(name, *, digest, identity, issuer, root, capsys):  # noqa: PLR0913 - one argument an option
    asked = ["verify-bundle", f"sha256:{digest}", "--bundle", str(CASES / "other" / f"{name}.sigstore.json")]
    asked += ["--certificate-identity", identity, "--certificate-issuer", issuer]
    asked += ["--trusted-root", str(CASES / "trust" / root), "--format", "json"]
    return main(asked), json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", OTHER)
def test_other_bundles_pass_with_the_root_of_their_own_instance_only(name, capsys):
    digest, identity, issuer = OTHER[name]
    roots = ["trusted_root.json", "trusted_root.staging.json"]
    if name.endswith("staging"):
        roots.reverse()
    known = {"digest": digest, "identity": identity, "issuer": issuer, "capsys": capsys}
    code, answer = other(name, root=roots[0], **known)
    assert (code, answer["signer"]["subject"], answer["signer"]["issuer"]) == (0, identity, issuer)
    code, answer = other(name, root=roots[1], **known)
    assert (code, answer["error"]["code"]) == (1, "LOG_UNKNOWN")


def test_a_custom_issuer_does_not_pass_for_github_actions(capsys):
    digest, identity, _ = OTHER["custom-issuer"]
    known = {"digest": digest, "identity": identity, "issuer": ISSUER, "root": "trusted_root.json"}
    code, answer = other("custom-issuer", **known, capsys=capsys)
    assert (code, answer["error"]["code"]) == (1, "SIGNER_ISSUER")
    assert (answer["error"]["expected"], answer["error"]["actual"]) == (ISSUER, f"{ISSUER}/hammer-time")


def test_a_private_bundle_is_refused_by_the_public_root(capsys):
    digest = "138280fd3302b9706596621761945a1ae958f93a15e4372ddae4fc00a93b09a2"
    known = {"digest": digest, "identity": "https://example/x", "issuer": ISSUER, "root": "trusted_root.json"}
    code, answer = other("github-private-no-tlog", **known, capsys=capsys)
    assert (code, answer["error"]["code"]) == (1, "BUNDLE_NO_LOG")


def test_an_attestation_of_something_else_is_refused(capsys):
    _, identity, issuer = OTHER["oci-attestation"]
    digest = hashlib.sha256(b"something else").hexdigest()
    known = {"digest": digest, "identity": identity, "issuer": issuer, "root": "trusted_root.json"}
    code, answer = other("oci-attestation", **known, capsys=capsys)
    assert (code, answer["error"]["code"]) == (1, "BUNDLE_SUBJECT")


def test_the_client_runs_as_a_program_and_refuses_to_sign():
    asked = [sys.executable, client.__file__, *words("happy-path-v0.3", by_digest=True)]
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 0
    asked = [sys.executable, client.__file__, "sign-bundle", "--identity-token", "x", "--bundle", "b", "a"]
    done = subprocess.run(asked, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "sign-bundle: not supported: provenly verifies, and does not sign yet\n"


def test_the_client_refuses_what_it_would_have_to_guess(capsys):
    assert client.run(["verify-bundle", "--staging"]) == 2
    assert client.run([]) == 2
    assert capsys.readouterr().err.count("not supported") == 2
