"""Timestamps: whose, of what, when, and their one form."""

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenly.trust.bundles import timestamp
from provenly.trust.errors import Error, MalformedError, RejectedError
from provenly.trust.roots import trusted_root
from provenly.trust.roots.material import Material
from tests.cases import CASES, needs_cases
from tests.trust.bundles.stamp_maker import DAY, MADE, StampMaker

SECOND = timedelta(seconds=1)
SIGNATURE = b"a signature"
TSA = StampMaker.new()
KNOWN = (TSA.authority(),)


def refused(response, *, signature=SIGNATURE, known=KNOWN):
    with pytest.raises(Error) as caught:
        timestamp.verify(response, signature, known)
    if isinstance(caught.value, RejectedError):
        assert caught.value.expected
        assert caught.value.actual
    return caught.value.code


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_an_authority_of_the_trusted_root_gives_the_time(algorithm):
    assert timestamp.verify(TSA.stamp(SIGNATURE, algorithm=algorithm), SIGNATURE, KNOWN) == MADE


@pytest.mark.parametrize("algorithm", ["sha1", "sha3_256"])
def test_other_hashes_are_refused(algorithm):
    assert refused(TSA.stamp(SIGNATURE, algorithm=algorithm)) == "TIMESTAMP_HASH"


def test_it_is_of_this_signature():
    assert refused(TSA.stamp(SIGNATURE), signature=b"another") == "TIMESTAMP_IMPRINT"
    assert refused(TSA.stamp(SIGNATURE, imprint=b"")) == "TIMESTAMP_IMPRINT"
    wrong = TSA.stamp(SIGNATURE, imprint=bytes(20))
    assert refused(wrong) == "TIMESTAMP_IMPRINT"


@pytest.mark.parametrize("status", [1, 2, 3, 5, 99])
def test_only_what_was_granted_counts(status):
    assert refused(TSA.stamp(SIGNATURE, status=status)) == "TIMESTAMP_STATUS"


def test_an_unknown_authority_is_refused_with_and_without_its_certificates():
    stranger = StampMaker.new()
    assert refused(stranger.stamp(SIGNATURE)) == "TIMESTAMP_AUTHORITY"
    assert refused(stranger.stamp(SIGNATURE, embedded=[stranger.leaf])) == "TIMESTAMP_AUTHORITY"
    assert refused(stranger.stamp(SIGNATURE, embedded=[stranger.leaf, stranger.root])) == "TIMESTAMP_AUTHORITY"
    assert refused(TSA.stamp(SIGNATURE), known=()) == "TIMESTAMP_AUTHORITY"


def test_its_own_certificate_may_come_along():
    response = TSA.stamp(SIGNATURE, embedded=[TSA.leaf])
    assert timestamp.verify(response, SIGNATURE, KNOWN) == MADE


def test_a_stranger_who_names_the_certificate_of_an_authority_is_refused():
    forged = replace(StampMaker.new(), leaf=TSA.leaf, root=TSA.root)
    assert refused(forged.stamp(SIGNATURE)) == "TIMESTAMP_SIGNATURE"
    stranger = StampMaker.new()
    assert refused(forged.stamp(SIGNATURE, embedded=[stranger.leaf])) == "TIMESTAMP_SIGNATURE"


def test_a_leaf_that_the_root_beside_it_did_not_issue_is_refused():
    # The loader of trusted roots refuses such a chain; here it must not count either.
    other = StampMaker.new()
    assert refused(TSA.stamp(SIGNATURE), known=(TSA.authority(chain=(TSA.leaf, other.root)),)) == "TIMESTAMP_SIGNATURE"


def test_both_ends_of_the_authoritys_period_belong_to_it():
    response = TSA.stamp(SIGNATURE)
    assert timestamp.verify(response, SIGNATURE, (TSA.authority(start=MADE, end=MADE),)) == MADE
    assert refused(response, known=(TSA.authority(start=MADE + SECOND),)) == "TIMESTAMP_PERIOD"
    assert refused(response, known=(TSA.authority(end=MADE - SECOND),)) == "TIMESTAMP_PERIOD"


def test_an_authority_may_be_listed_for_several_periods():
    past, present = TSA.authority(end=MADE - DAY), TSA.authority(start=MADE)
    assert timestamp.verify(TSA.stamp(SIGNATURE), SIGNATURE, (past, present)) == MADE
    assert refused(TSA.stamp(SIGNATURE), known=(past, past)) == "TIMESTAMP_PERIOD"


def test_its_certificates_were_valid_then_whatever_they_are_today():
    assert TSA.leaf.not_valid_after_utc < datetime.now(UTC)
    for at in (MADE - 2 * DAY, MADE + 2 * DAY):
        assert refused(TSA.stamp(SIGNATURE, at=at)) == "TIMESTAMP_CERTIFICATE_PERIOD"
    last = MADE + DAY - SECOND
    assert timestamp.verify(TSA.stamp(SIGNATURE, at=last), SIGNATURE, KNOWN) == last


@pytest.mark.parametrize(
    ("purposes", "critical"),
    [
        ((), True),
        ((ExtendedKeyUsageOID.TIME_STAMPING,), False),
        ((ExtendedKeyUsageOID.CODE_SIGNING,), True),
        ((ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING), True),
    ],
)
def test_the_certificate_is_for_stamping_and_for_nothing_else(purposes, critical):
    tsa = StampMaker.new(purposes=purposes, critical=critical)
    assert refused(tsa.stamp(SIGNATURE), known=(tsa.authority(),)) == "TIMESTAMP_PURPOSE"


def test_the_signed_time_cannot_be_changed():
    response = TSA.stamp(SIGNATURE)
    assert response.count(b"20260101120000Z") == 1
    assert refused(response.replace(b"20260101120000Z", b"20260101120001Z")) == "TIMESTAMP_SIGNATURE"


@pytest.mark.parametrize("signers", [0, 2])
def test_there_is_one_signer(signers):
    assert refused(TSA.stamp(SIGNATURE, signers=signers)) == "TIMESTAMP_FORMAT"


@pytest.mark.parametrize("response", [b"", b"x", b"0\x00", bytes(1000), b"\x30\x84\xff\xff\xff\xff"])
def test_what_is_no_response_is_malformed(response):
    with pytest.raises(MalformedError) as caught:
        timestamp.verify(response, SIGNATURE, KNOWN)
    assert caught.value.code == "TIMESTAMP_FORMAT"


def test_bytes_after_it_and_too_many_bytes_are_malformed():
    assert refused(TSA.stamp(SIGNATURE) + b"\x00") == "TIMESTAMP_FORMAT"
    assert refused(TSA.stamp(SIGNATURE) + bytes(64 * 1024)) == "TIMESTAMP_SIZE"


def test_no_change_of_one_byte_ends_in_anything_but_a_refusal_or_the_same_time():
    # CMS leaves three places unsigned: two version numbers, and the signature algorithm, which follows from the key.
    response, random_ = TSA.stamp(SIGNATURE), random.Random(1)
    accepted = set()
    for place in range(len(response)):
        changed = bytearray(response)
        changed[place] ^= 1 << random_.randrange(8)
        try:
            assert timestamp.verify(bytes(changed), SIGNATURE, KNOWN) == MADE
            accepted.add(place)
        except Error as error:
            assert error.code.startswith("TIMESTAMP_")  # noqa: PT017 - most are refused
    algorithm = response.rindex(bytes.fromhex("2a8648ce3d040302"))
    others = accepted - set(range(algorithm, algorithm + 8))
    assert all(response[place - 2 : place] == b"\x02\x01" for place in others)
    assert len(others) <= 2


@needs_cases
@pytest.mark.parametrize("name", ["cosign-oci-image-signature", "rekor-v2-dsse-production"])
def test_real_timestamps_verify_and_are_of_one_bundle(name):
    document = json.loads((CASES / "other" / f"{name}.sigstore.json").read_text())
    stamps = document["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    signature = base64.b64decode(document["dsseEnvelope"]["signatures"][0]["sig"])
    path = CASES / "trust" / "trusted_root.json"
    root = trusted_root.load(Material(data=path.read_bytes(), kind="file", place=path.name))
    response = base64.b64decode(stamps[0]["signedTimestamp"])
    assert timestamp.verify(response, signature, root.timestamp_authorities).year == 2026
    assert refused(response, signature=signature[:-1], known=root.timestamp_authorities) == "TIMESTAMP_IMPRINT"
    assert refused(response, signature=signature) == "TIMESTAMP_AUTHORITY"
