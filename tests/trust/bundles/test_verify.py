from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from provenly.trust import keys
from provenly.trust.bundles.model import SEAL, SignedBy, Verified, _Seal
from provenly.trust.bundles.verify import MAX_AHEAD, verify
from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, RejectedError, UnavailableError, UsageError
from provenly.trust.roots.model import Period, Unusable
from tests.cases import needs_cases
from tests.trust.bundles import real
from tests.trust.bundles.real import GENUINE, NOW, SUITE, parsed, root, suite_artifact, suite_key, suite_root

pytestmark = needs_cases

SIGNER = (
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"
    ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)
ISSUER = "https://token.actions.githubusercontent.com"

OTHER_KEY = keys.accept(ec.generate_private_key(ec.SECP256R1()).public_key(), what="the key")

KEYED = "managed-key-happy-path"

TILED_ENVELOPE = "rekor2-dsse-happy-path"

REASONS = {
    "bundle-empty-certificate-chain_fail": "BUNDLE_CHAIN",
    "bundle-from-wrong-instance_fail": "LOG_UNKNOWN",
    "bundle-invalid-base64-signature_fail": "B64_NOT_CANONICAL",
    "bundle-malformed-json_fail": "JSON_SYNTAX",
    "bundle-negative-log-index_fail": "INT_NOT_CANONICAL",
    "bundle-unknown-version_fail": "BUNDLE_VERSION",
    "bundle-with-root-cert_fail": "BUNDLE_ROOT",
    "dsse-invalid-sig_fail": "BUNDLE_SIGNATURE",
    "dsse-mismatch-envelope_fail": "LOG_BODY_DIGEST",
    "dsse-mismatch-sig_fail": "LOG_BODY_SIGNATURE",
    "intoto-log-entry-mismatch_fail": "LOG_BODY_FORMAT",
    "managed-key-no-key_fail": "BUNDLE_NO_KEY",
    "message-digest-mismatch_fail": "BUNDLE_ARTIFACT",
    "rekor2-dsse-invalid-sig_fail": "BUNDLE_SIGNATURE",
    "rekor2-dsse-mismatch-envelope_fail": "LOG_BODY_DIGEST",
    "rekor2-dsse-mismatch-sig_fail": "LOG_BODY_SIGNATURE",
    "rekor2-no-timestamp_fail": "BUNDLE_NO_TIME",
    "signature-mismatch_fail": "BUNDLE_SIGNATURE",
    "wrong-hashedrekord-artifact_fail": "LOG_BODY_DIGEST",
    "wrong-hashedrekord-cert-and-sig_fail": "LOG_BODY_SIGNATURE",
    "wrong-hashedrekord-entry_fail": "LOG_BODY_DIGEST",
    "wrong-material_fail": "BUNDLE_ARTIFACT",
}
"""Why cases of the suite are refused, where this is for reading, the log's body, or the entrance to say."""


def suite_names(failing):
    folders = sorted(path for path in SUITE.iterdir() if path.is_dir()) if SUITE.is_dir() else []
    return [path.name for path in folders if path.name.endswith("_fail") == failing]


def check(name, artifact):
    """Verify one case as a client of the suite does, with the signer that the suite expects."""
    bundle = parsed_bytes(name)
    verified = verify(bundle, suite_root(name), now=NOW, key=suite_key(name), artifact=artifact)
    if verified.signed_by.identity is not None:
        assert verified.signed_by.identity.subject == SIGNER
        assert verified.signed_by.identity.issuer == ISSUER
    return verified


def parsed_bytes(name):
    return real.read((SUITE / name / "bundle.sigstore.json").read_bytes(), what="the bundle")


@pytest.mark.parametrize("by", ["path", "digest"])
@pytest.mark.parametrize("name", suite_names(failing=False))
def test_the_suite_of_conformance_passes(name, by):
    artifact = suite_artifact(name)
    verified = check(name, artifact if by == "path" else Digest.of(artifact))
    assert verified.signed_at == tuple(sorted(verified.signed_at))
    assert all(at.tzinfo is not None for at in verified.signed_at)


@pytest.mark.parametrize("by", ["path", "digest"])
@pytest.mark.parametrize("name", suite_names(failing=True))
def test_the_failing_half_of_the_suite_is_refused(name, by):
    artifact = suite_artifact(name)
    with pytest.raises((RejectedError, MalformedError, UnavailableError)) as caught:
        check(name, artifact if by == "path" else Digest.of(artifact))
    assert caught.value.code == REASONS.get(name, caught.value.code)
    assert isinstance(caught.value, UnavailableError) == (name == "bundle-unknown-version_fail")


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("name", GENUINE)
def test_genuine_attestations_of_npm_verify(name, index):
    bundle = parsed(real.npm(name, index))
    verified = verify(bundle, root(), now=NOW, keyring=real.npm_keyring)
    assert verified.payload == bundle.content.payload
    assert verified.payload_type == "application/vnd.in-toto+json"
    assert verified.digest == Digest.of(verified.payload)
    assert verified.log_url == "https://rekor.sigstore.dev"
    assert verified.log_index == bundle.entries[0].index
    if bundle.certificate is None:
        assert verified.signed_by.identity is None
        assert verified.signed_by.keyid == bundle.key_hint
    else:
        assert verified.signed_by.identity.issuer == ISSUER
        assert verified.signed_by.keyid == ""
    only_promised = bundle.entries[0].proof is None
    assert [note.code for note in verified.notes] == (["LOG_SET_ONLY"] if only_promised else [])


def test_the_time_of_a_real_package():
    verified = verify(parsed(real.npm("provenance-npm-test-1.0.3", 0)), root(), now=NOW, keyring=real.npm_keyring)
    assert verified.signed_at == (datetime(2023, 4, 20, 17, 17, 21, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("cosign-oci-image-signature", ISSUER),
        ("custom-issuer", ISSUER + "/hammer-time"),  # the caller must not take it for GitHub's
        ("oci-attestation", "https://github.com/login/oauth"),
        ("rekor-v2-dsse-production", "https://accounts.google.com"),
        ("reusable-workflow-attestation", ISSUER),
        ("github-private-no-tlog", "BUNDLE_NO_LOG"),
        ("rekor-v2-dsse-staging", "LOG_UNKNOWN"),
    ],
)
def test_bundles_of_other_kinds(name, outcome):
    try:
        found = verify(parsed(real.other(name)), root(), now=NOW).signed_by.identity.issuer
    except Error as error:
        found = error.code
    assert found == outcome


def test_a_bundle_of_a_private_instance_needs_its_own_root():
    """Without logs, the public root would still know neither its authority nor its timestamps."""
    with pytest.raises(RejectedError) as caught:
        verify(parsed(real.other("github-private-no-tlog")), replace(root(), logs=()), now=NOW)
    assert caught.value.code == "TIMESTAMP_AUTHORITY"


def unlogged():
    """Return a real bundle with a timestamp, without its log entry, and a root of an instance without logs."""
    bundle = real.suite(TILED_ENVELOPE)
    del bundle["verificationMaterial"]["tlogEntries"]
    return bundle, replace(suite_root(TILED_ENVELOPE), logs=())


def test_an_instance_without_logs_has_bundles_without_entries():
    bundle, own = unlogged()
    verified = verify(parsed(bundle), own, now=NOW)
    assert verified.log_index is None
    assert verified.log_url == ""
    assert len(verified.signed_at) == 1


def test_a_log_whose_key_we_cannot_use_is_a_log():
    bundle, own = unlogged()
    log = Unusable(kind="tlogs", url="https://log.example", name="00", reason="of another kind")
    with pytest.raises(RejectedError) as caught:
        verify(parsed(bundle), replace(own, unusable=(log,)), now=NOW)
    assert caught.value.code == "BUNDLE_NO_LOG"


def test_without_a_log_the_signature_still_counts():
    bundle, own = unlogged()
    bundle["dsseEnvelope"]["payload"] = real.flipped(bundle["dsseEnvelope"]["payload"])
    with pytest.raises(RejectedError) as caught:
        verify(parsed(bundle), own, now=NOW)
    assert caught.value.code == "BUNDLE_SIGNATURE"


def test_the_type_of_the_payload_is_signed():
    bundle, own = unlogged()
    bundle["dsseEnvelope"]["payloadType"] = "application/vnd.in-toto"
    with pytest.raises(RejectedError) as caught:
        verify(parsed(bundle), own, now=NOW)
    assert caught.value.code == "BUNDLE_SIGNATURE"


def test_without_log_and_timestamp_there_is_no_time():
    bundle, own = unlogged()
    del bundle["verificationMaterial"]["timestampVerificationData"]
    with pytest.raises(RejectedError) as caught:
        verify(parsed(bundle), own, now=NOW)
    assert caught.value.code == "BUNDLE_NO_TIME"


def test_a_time_in_the_future_is_refused():
    bundle = parsed(real.suite(TILED_ENVELOPE))
    (at,) = verify(bundle, suite_root(TILED_ENVELOPE), now=NOW).signed_at
    verify(bundle, suite_root(TILED_ENVELOPE), now=at - MAX_AHEAD)
    with pytest.raises(RejectedError) as caught:
        verify(bundle, suite_root(TILED_ENVELOPE), now=at - MAX_AHEAD - timedelta(seconds=1))
    assert caught.value.code == "BUNDLE_TIME_FUTURE"


def test_no_proven_time_is_in_the_future():
    """One in the past does not make up for one that is still to come."""
    bundle, own = (
        replace(parsed(real.suite(TWO_TIMES)), certificate=None, chain=(), key_hint="a name"),
        suite_root(TWO_TIMES),
    )
    asked = []

    def keyring(hint, at):
        asked.append(at)
        return suite_key(KEYED)

    with pytest.raises(RejectedError) as caught:
        verify(bundle, own, now=NOW, keyring=keyring)
    assert caught.value.code == "BUNDLE_SIGNATURE"
    first, last = asked
    with pytest.raises(RejectedError) as caught:
        verify(bundle, own, now=last - MAX_AHEAD - timedelta(seconds=1), keyring=keyring)
    assert caught.value.code == "BUNDLE_TIME_FUTURE"
    assert first < last - MAX_AHEAD - timedelta(seconds=1)


def test_what_is_to_know_about_the_certificate_is_noted():
    bundle = parsed(real.suite("happy-path-v0.3"))
    verified = verify(bundle, replace(root(), ct_logs=()), now=NOW)
    assert [note.code for note in verified.notes] == ["CERT_NO_CT_LOG"]


def test_the_period_of_the_log_covers_the_timestamps():
    bundle, own = parsed(real.suite(TILED_ENVELOPE)), suite_root(TILED_ENVELOPE)
    (at,) = verify(bundle, own, now=NOW).signed_at
    ended = Period(start=at - timedelta(days=1), end=at - timedelta(seconds=1))
    with pytest.raises(RejectedError) as caught:
        verify(bundle, replace(own, logs=tuple(replace(log, period=ended) for log in own.logs)), now=NOW)
    assert caught.value.code == "LOG_PERIOD"


def test_one_timestamp_that_does_not_hold_refuses_the_bundle():
    """The log's promise has a time that holds; a timestamp of another signature beside it is a sign of tampering."""
    bundle = real.suite("happy-path-v0.3")
    verify(parsed(bundle), root(), now=NOW)
    foreign = real.suite(KEYED)["verificationMaterial"]["timestampVerificationData"]
    bundle["verificationMaterial"]["timestampVerificationData"] = foreign
    with pytest.raises(RejectedError) as caught:
        verify(parsed(bundle), root(), now=NOW)
    assert caught.value.code == "TIMESTAMP_IMPRINT"


def test_the_signer_is_good_at_every_proven_time():
    with pytest.raises(RejectedError) as caught:
        check("intoto-tsa-timestamp-outside-cert-validity_fail", None)
    assert caught.value.code == "CERT_PERIOD"


def test_a_key_and_a_certificate_do_not_stand_for_each_other():
    key = suite_key(KEYED)
    with pytest.raises(RejectedError) as caught:
        verify(parsed(real.suite("happy-path-v0.3")), root(), now=NOW, key=key)
    assert caught.value.code == "BUNDLE_KEY_UNUSED"
    with pytest.raises(RejectedError) as caught:
        verify(parsed(real.suite(KEYED)), root(), now=NOW)
    assert caught.value.code == "BUNDLE_NO_KEY"


def test_another_key_than_the_signers_is_refused():
    bundle = parsed(real.suite(KEYED))
    with pytest.raises(RejectedError) as caught:
        verify(bundle, root(), now=NOW, key=OTHER_KEY)
    assert caught.value.code == "BUNDLE_SIGNATURE"
    with pytest.raises(RejectedError) as caught:
        verify(bundle, root(), now=NOW, keyring=lambda hint, at: OTHER_KEY)
    assert caught.value.code == "BUNDLE_SIGNATURE"


def test_a_given_key_is_named_by_its_digest():
    key = suite_key(KEYED)
    verified = verify(parsed(real.suite(KEYED)), root(), now=NOW, key=key)
    assert verified.signed_by == SignedBy(key=key, keyid=str(key.digest))


TWO_TIMES = "intoto-tsa-timestamp-outside-cert-validity_fail"


def test_the_keyring_is_asked_for_every_proven_time():
    """No real keyed bundle with two times was found; this one has them, and the signer comes before the signature."""
    key, asked = suite_key(KEYED), []

    def keyring(hint, at):
        asked.append((hint, at))
        return key

    bundle = replace(parsed(real.suite(TWO_TIMES)), certificate=None, chain=(), key_hint="a name")
    with pytest.raises(RejectedError) as caught:
        verify(bundle, suite_root(TWO_TIMES), now=NOW, keyring=keyring)
    assert caught.value.code == "BUNDLE_SIGNATURE"
    assert [hint for hint, _ in asked] == ["a name", "a name"]
    assert asked[0][1] < asked[1][1]


def test_a_hint_means_one_key():
    known = iter((suite_key(KEYED), OTHER_KEY))
    bundle = replace(parsed(real.suite(TWO_TIMES)), certificate=None, chain=(), key_hint="a name")
    with pytest.raises(RejectedError) as caught:
        verify(bundle, suite_root(TWO_TIMES), now=NOW, keyring=lambda hint, at: next(known))
    assert caught.value.code == "BUNDLE_KEY_CHANGED"


def test_what_the_keyring_raises_is_the_answer():
    def keyring(hint, at):
        raise UnavailableError("no such key", code="TRUST_NO_KEYS")

    with pytest.raises(UnavailableError) as caught:
        verify(parsed(real.suite(KEYED)), root(), now=NOW, keyring=keyring)
    assert caught.value.code == "TRUST_NO_KEYS"


def test_an_artifact_is_the_one_that_was_signed():
    bundle = parsed(real.suite("happy-path-v0.3"))
    claimed = Digest.of(real.ARTIFACT.read_bytes())
    assert verify(bundle, root(), now=NOW).digest == claimed  # the caller compares
    assert verify(bundle, root(), now=NOW, artifact=claimed).digest == claimed
    for wrong in (b"another", Digest.of(b"another")):
        with pytest.raises(RejectedError) as caught:
            verify(bundle, root(), now=NOW, artifact=wrong)
        assert caught.value.code == "BUNDLE_ARTIFACT"
        assert caught.value.actual == str(claimed)


def test_digests_of_another_algorithm_cannot_be_compared():
    bundle = parsed(real.suite("happy-path-v0.3"))
    with pytest.raises(UsageError) as caught:
        verify(bundle, root(), now=NOW, artifact=Digest.of(real.ARTIFACT.read_bytes(), "sha512"))
    assert caught.value.code == "BUNDLE_DIGEST_ALGORITHM"


@pytest.mark.parametrize("wrong", [b"another", Digest.of(b"another"), Digest.of(b"another", "sha512")])
def test_an_artifact_of_an_envelope_is_a_subject(wrong):
    bundle = parsed(real.suite("happy-path-intoto-in-dsse-v3"))
    verify(bundle, root(), now=NOW, artifact=real.ARTIFACT.read_bytes())
    with pytest.raises(RejectedError) as caught:
        verify(bundle, root(), now=NOW, artifact=wrong)
    assert caught.value.code == "BUNDLE_SUBJECT"


def test_only_the_entrance_makes_a_verified_bundle():
    verified = verify(parsed(real.suite("happy-path-v0.3")), root(), now=NOW)
    with pytest.raises(TypeError):
        replace(verified, log_url="x", seal=_Seal())
    with pytest.raises(TypeError):
        Verified(
            signed_by=verified.signed_by,
            signed_at=(),
            payload=None,
            payload_type="",
            digest=verified.digest,
            log_index=None,
            log_url="",
            seal=SEAL,
        )
