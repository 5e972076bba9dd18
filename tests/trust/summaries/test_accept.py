"""Each step of accepting a summary, with a statement of its right signer that must fail just that one."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provenly.trust.bundles.dsse import pae
from provenly.trust.digest import Digest
from provenly.trust.errors import Error
from provenly.trust.summaries import signing
from provenly.trust.summaries.accept import ACTION, PREDICATE_TYPE, Summary, Wanted, accept

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DATA = b"the archive"
PURL = "pkg:npm/mail-mcp@1.0.0"
SIGNER = signing.load(
    ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    password=None,
    what="the key",
)
WANTED = Wanted(
    key=SIGNER.public,
    verifier="https://me.example/v",
    digests=(Digest.of(DATA), Digest.of(DATA, "sha512")),
    resource=PURL,
    now=NOW,
    max_age=timedelta(hours=24),
)
SUBJECT = {"name": PURL, "digest": {one.algorithm: one.hex for one in WANTED.digests}}


def statement(predicate=None, **members):
    """Return a statement that is accepted, with other members and members of its predicate."""
    honest = {
        "verifier": {"id": WANTED.verifier},
        "timeVerified": "2026-11-22T11:00:00Z",
        "resourceUri": PURL,
        "policy": {"uri": "pkg:pypi/provenly#policy/default", "digest": {"sha256": "ab" * 32}},
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_0"],
        ACTION: "allow",
    }
    made = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [SUBJECT],
        "predicateType": PREDICATE_TYPE,
        "predicate": honest | (predicate or {}),
    }
    return json.dumps(made | members).encode()


def accepted(payload):
    return accept(signing.envelope(payload, SIGNER).encode(), WANTED, what="the summary")


def test_an_honest_statement_is_accepted():
    found = accepted(statement())
    assert (found.verifier, found.warned, found.policy.hex) == (WANTED.verifier, False, "ab" * 32)
    assert found.at == datetime(2026, 11, 22, 11, tzinfo=UTC)


@pytest.mark.parametrize("action", ["warn", "deny", None, 1])
def test_whatever_is_not_an_allow_is_a_warning(action):
    assert accepted(statement({ACTION: action})).warned


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (statement({"verifier": {"id": "https://other.example"}}), "VSA_VERIFIER"),
        (statement({"resourceUri": "pkg:npm/mail-mcp@1.0.1"}), "VSA_RESOURCE"),
        (statement({"verificationResult": "FAILED"}), "VSA_RESULT"),
        (statement({"verificationResult": "passed"}), "VSA_RESULT"),
        (statement({"verifiedLevels": ["FAILED"]}), "VSA_RESULT"),
        (statement({"timeVerified": "2026-11-21T11:59:59Z"}), "VSA_TIME"),
        (statement({"timeVerified": "2026-11-22T12:05:01Z"}), "VSA_TIME"),
        (statement({"timeVerified": None}), "TIME_FORMAT"),
        (statement({"policy": {"uri": "x:y"}}), "VSA_FORMAT"),
        (statement({"policy": {"uri": "x:y", "digest": {"sha256": "ab" * 31 + " a"}}}), "VSA_FORMAT"),
        (statement(predicateType="https://slsa.dev/provenance/v1"), "VSA_TYPE"),
        (statement(_type="https://in-toto.io/Link/v1"), "VSA_TYPE"),
        (statement(subject=[]), "VSA_FORMAT"),
        (statement(subject=[SUBJECT, SUBJECT]), "VSA_FORMAT"),
        (statement(subject=[{"name": PURL, "digest": {"sha512": "00" * 64}}]), "VSA_SUBJECT"),
        (statement(subject=[{"name": PURL, "digest": {"sha256": Digest.of(DATA).hex}}]), "VSA_SUBJECT"),
        (statement(subject=[{"name": PURL, "digest": SUBJECT["digest"] | {"sha256": "00" * 32}}]), "VSA_SUBJECT"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_statement_of_the_right_signer_that_says_something_else_is_refused(payload, code):
    with pytest.raises(Error) as caught:
        accepted(payload)
    assert caught.value.code == code


def test_a_payload_that_was_signed_as_something_else_is_refused():
    payload, kind = statement(), "application/json"
    signature = SIGNER.sign(pae(kind, payload))
    made = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": kind,
        "signatures": [{"sig": base64.b64encode(signature).decode()}],
    }
    with pytest.raises(Error) as caught:
        accept(json.dumps(made).encode(), WANTED, what="the summary")
    assert caught.value.code == "VSA_TYPE"


def test_nobody_else_makes_a_summary():
    with pytest.raises(TypeError):
        Summary(
            verifier="",
            at=NOW,
            policy=Digest.of(b""),
            policy_uri="",
            warned=False,
            digest=Digest.of(b""),
            seal=object(),
        )
