"""Trusted roots are read whole and strictly; each change below makes a good one bad."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenly.trust.errors import MalformedError
from provenly.trust.roots import embedded, trusted_root
from provenly.trust.roots.material import Material
from tests.cases import CASES, needs_cases

GOOD = json.loads(embedded.trusted_root().data)


def material(document) -> Material:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Material(data=data, kind="file", place="root.json")


def load(document):
    return trusted_root.load(material(document))


def changed(path: str, value):
    """Return the good document with the member at ``path`` replaced, or removed where ``value`` is ``...``."""
    document = copy.deepcopy(GOOD)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    at = document
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return document


def spki(key) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def test_the_embedded_root_is_read():
    root = trusted_root.load(embedded.trusted_root())
    assert [log.url for log in root.logs] == ["https://rekor.sigstore.dev", "https://log2025-1.rekor.sigstore.dev"]
    assert [len(authority.chain) for authority in root.authorities] == [1, 2]
    assert [len(authority.chain) for authority in root.timestamp_authorities] == [2]
    assert len(root.ct_logs) == 2
    assert root.unusable == ()
    assert root.origin.kind == "embedded"
    assert root.origin.digest.hex == embedded.DIGESTS["trusted_root.json"]


def test_both_ends_of_a_period_belong_to_it():
    period = trusted_root.load(embedded.trusted_root()).authorities[0].period
    tick = timedelta(microseconds=1)
    assert period.covers(period.start)
    assert period.covers(period.end)
    assert not period.covers(period.start - tick)
    assert not period.covers(period.end + tick)


def test_it_is_read_once():
    assert trusted_root.load(embedded.trusted_root()) is trusted_root.load(embedded.trusted_root())


@needs_cases
def test_the_staging_root_loses_the_log_whose_key_is_of_an_old_kind():
    root = load((CASES / "trust" / "trusted_root.staging.json").read_bytes())
    assert len(root.ct_logs) == 3
    (left_out,) = root.unusable
    assert (left_out.kind, left_out.url) == ("ctlogs", "https://ctfe.sigstage.dev/test")
    assert "PKCS1_RSA_PKCS1V5" in left_out.reason


@needs_cases
def test_every_root_of_the_conformance_suite_but_one_is_read():
    refused = {}
    folders = sorted((CASES / "conformance").glob("*/*/trusted_root.json"))
    assert len(folders) >= 30
    for path in folders:
        try:
            load(path.read_bytes())
        except MalformedError as error:
            refused[path.parent.name] = error.code
    assert refused == {"trust-root-tlog-missing-validity-start_fail": "TRUST_PERIOD"}


LOG = "tlogs/0"
KEY = "tlogs/0/publicKey"
CHAIN = "certificateAuthorities/1/certChain/certificates"
RAW = GOOD["tlogs"][0]["publicKey"]["rawBytes"]

BAD = [
    ("mediaType", ..., "TRUST_MEDIA_TYPE"),
    ("mediaType", "application/json", "TRUST_MEDIA_TYPE"),
    ("mediaType", ["application/vnd.dev.sigstore.trustedroot.v0.1+json"], "TRUST_MEDIA_TYPE"),
    ("tlogs", {}, "TRUST_FORM"),
    ("tlogs", [7], "TRUST_FORM"),
    ("tlogs", GOOD["tlogs"] * 33, "TRUST_FORM"),
    ("tlogs", GOOD["tlogs"][:1] * 2, "TRUST_DUPLICATE"),
    ("ctlogs", GOOD["ctlogs"][:1] * 2, "TRUST_DUPLICATE"),
    (f"{LOG}/surprise", 1, "TRUST_MEMBER"),
    (f"{LOG}/baseUrl", "", "TRUST_URL"),
    (f"{LOG}/baseUrl", "file:///etc/passwd", "TRUST_URL"),
    (f"{LOG}/baseUrl", "https://" + "x" * 3000, "TRUST_URL"),
    (f"{LOG}/baseUrl", "https://a\u202eb", "TRUST_URL"),
    (f"{LOG}/logId", ..., "TRUST_FORM"),
    (f"{LOG}/logId/keyId", "AAAA", "TRUST_LOG_ID"),
    (f"{LOG}/logId/keyId", GOOD["tlogs"][1]["logId"]["keyId"], "TRUST_LOG_ID"),
    ("tlogs/1/baseUrl", "https://log2025-2.rekor.sigstore.dev", "TRUST_LOG_ID"),
    (f"{LOG}/checkpointKeyId", {"keyId": "AAAAAA=="}, "TRUST_LOG_ID"),
    ("ctlogs/0/logId/keyId", GOOD["ctlogs"][1]["logId"]["keyId"], "TRUST_LOG_ID"),
    (f"{KEY}/surprise", 1, "TRUST_MEMBER"),
    (f"{KEY}/keyDetails", ..., "TRUST_KEY"),
    (f"{KEY}/keyDetails", "PKIX_ED25519", "TRUST_KEY"),
    (f"{KEY}/rawBytes", ..., "B64_NOT_CANONICAL"),
    (f"{KEY}/rawBytes", RAW + "\n", "B64_NOT_CANONICAL"),
    (f"{KEY}/rawBytes", "AAAA", "KEY_FORMAT"),
    (f"{KEY}/rawBytes", "A" * 8000, "B64_SIZE"),
    (f"{KEY}/validFor", ..., "TRUST_PERIOD"),
    (f"{KEY}/validFor", None, "TRUST_PERIOD"),
    (f"{KEY}/validFor/start", ..., "TRUST_PERIOD"),
    (f"{KEY}/validFor/start", None, "TRUST_PERIOD"),
    (f"{KEY}/validFor/start", "yesterday", "TIME_FORMAT"),
    (f"{KEY}/validFor/end", "2001-01-01T00:00:00Z", "TRUST_PERIOD"),
    ("certificateAuthorities/0/validFor", ..., "TRUST_PERIOD"),
    ("certificateAuthorities/0/certChain", ..., "TRUST_FORM"),
    ("certificateAuthorities/0/surprise", 1, "TRUST_MEMBER"),
    ("timestampAuthorities/0/validFor/start", ..., "TRUST_PERIOD"),
    (CHAIN, [], "TRUST_FORM"),
    (CHAIN, GOOD["certificateAuthorities"][1]["certChain"]["certificates"] * 5, "TRUST_FORM"),
    (CHAIN, GOOD["certificateAuthorities"][1]["certChain"]["certificates"][::-1], "TRUST_CHAIN"),
    (f"{CHAIN}/0/rawBytes", RAW, "TRUST_CERTIFICATE"),
    (f"{CHAIN}/0/rawBytes", "AAAA", "TRUST_CERTIFICATE"),
    (f"{CHAIN}/0/surprise", 1, "TRUST_MEMBER"),
]


@pytest.mark.parametrize(("path", "value", "code"), BAD, ids=[f"{path}-{code}" for path, _, code in BAD])
def test_one_bad_part_refuses_the_whole(path, value, code):
    with pytest.raises(MalformedError) as caught:
        load(changed(path, value))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "JSON_SYNTAX"),
        (b"[]", "TRUST_FORM"),
        (b'{"tlogs":[],"tlogs":[]}', "JSON_DUPLICATE_KEY"),
        (b" " * (1024 * 1024 + 1), "JSON_SIZE"),
        (json.dumps({"mediaType": GOOD["mediaType"]}).encode(), "TRUST_EMPTY"),
        (json.dumps({"mediaType": trusted_root.CONFIG_MEDIA_TYPE}).encode(), "TRUST_FORM"),
    ],
)
def test_what_is_no_trusted_root_is_refused(data, code):
    with pytest.raises(MalformedError) as caught:
        load(data)
    assert caught.value.code == code


def test_every_certificate_that_is_cut_short_is_refused():
    whole = base64.b64decode(GOOD["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"])
    place = "certificateAuthorities/0/certChain/certificates/0/rawBytes"
    for end in range(1, len(whole), 7):
        with pytest.raises(MalformedError):
            load(changed(place, base64.b64encode(whole[:end]).decode()))
    with pytest.raises(MalformedError):
        load(changed(place, base64.b64encode(whole + b"\0").decode()))


@pytest.mark.parametrize(
    ("details", "key"),
    [
        ("PKIX_ECDSA_P521_SHA_512", lambda: ec.generate_private_key(ec.SECP521R1())),
        ("PKIX_ECDSA_P256_SHA_256", lambda: ec.generate_private_key(ec.SECP256K1())),
        ("PKIX_ECDSA_P256_SHA_256", lambda: ec.generate_private_key(ec.SECP224R1())),
        ("PKIX_ECDSA_P256_SHA_256", lambda: ec.generate_private_key(ec.BrainpoolP256R1())),
        ("PKIX_RSA_PKCS1V15_3072_SHA256", lambda: rsa.generate_private_key(65537, 2048)),
        ("PKIX_RSA_PKCS1V15_2048_SHA256", lambda: rsa.generate_private_key(65537, 2048)),
        ("PKIX_ED25519_PH", ed25519.Ed25519PrivateKey.generate),
        ("SOMETHING_NEW", ed25519.Ed25519PrivateKey.generate),
        ("PKIX_ECDSA_P256_SHA_256", lambda: dsa.generate_private_key(2048)),
    ],
)
def test_a_key_of_a_kind_that_is_not_accepted_costs_its_log_only(details, key):
    public = {"rawBytes": spki(key()), "keyDetails": details, "validFor": {"start": "2021-01-01T00:00:00Z"}}
    root = load(changed(KEY, public))
    assert len(root.logs) == 1
    assert [(one.kind, one.url) for one in root.unusable] == [("tlogs", "https://rekor.sigstore.dev")]


def test_a_tree_with_another_hash_costs_its_log_only():
    root = load(changed(f"{LOG}/hashAlgorithm", "SHA2_512"))
    assert "SHA-256" in root.unusable[0].reason


def test_members_that_we_do_not_know_are_ignored_at_the_top_only():
    assert load(GOOD | {"otherTrust": [1]}).logs == load(GOOD).logs


def test_a_root_inside_a_client_configuration_is_found():
    document = {"mediaType": trusted_root.CONFIG_MEDIA_TYPE, "trustedRoot": GOOD, "signingConfig": {}}
    assert load(document).logs == load(GOOD).logs


def test_a_checkpoint_key_id_may_be_the_short_form_of_the_id():
    short = base64.b64encode(base64.b64decode(GOOD["tlogs"][1]["logId"]["keyId"])[:4]).decode()
    assert len(load(changed("tlogs/1/checkpointKeyId", {"keyId": short})).logs) == 2
    shorter = base64.b64encode(base64.b64decode(short)[:3]).decode()
    with pytest.raises(MalformedError) as caught:
        load(changed("tlogs/1/checkpointKeyId", {"keyId": shorter}))
    assert caught.value.code == "TRUST_LOG_ID"


def test_a_period_may_be_a_moment():
    moment = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
    assert load(changed(f"{KEY}/validFor", moment)).logs[0].period.covers(datetime(2026, 1, 1, tzinfo=UTC))


KINDS = ("tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities")


@pytest.mark.parametrize("kind", KINDS)
def test_a_root_of_one_kind_of_trust_is_one(kind):
    alone = {name: value for name, value in GOOD.items() if name not in KINDS or name == kind}
    root = load(alone)
    found = (root.logs, root.ct_logs, root.authorities, root.timestamp_authorities)
    assert [bool(each) for each in found] == [name == kind for name in KINDS]
    with pytest.raises(MalformedError) as caught:
        load({name: value for name, value in GOOD.items() if name not in KINDS})
    assert caught.value.code == "TRUST_EMPTY"


@pytest.mark.parametrize("edwards", [True, False])
def test_only_a_log_of_rekor_2_is_called_by_the_id_of_its_checkpoints(edwards):
    """An id that was made so for a key on a curve of NIST's would be nobody's."""
    key = ed25519.Ed25519PrivateKey.generate() if edwards else ec.generate_private_key(ec.SECP256R1())
    raw = base64.b64decode(spki(key))
    name = hashlib.sha256(b"log.example/2026\n\x01" + raw[-32:]).digest()
    details = "PKIX_ED25519" if edwards else "PKIX_ECDSA_P256_SHA_256"
    public = GOOD["tlogs"][0]["publicKey"] | {"rawBytes": spki(key), "keyDetails": details}
    log = {
        "baseUrl": "https://log.example/2026/",
        "hashAlgorithm": "SHA2_256",
        "publicKey": public,
        "logId": {"keyId": base64.b64encode(name).decode()},
    }
    if edwards:
        assert load(GOOD | {"tlogs": [log]}).logs[0].log_id == name
        return
    with pytest.raises(MalformedError) as caught:
        load(GOOD | {"tlogs": [log]})
    assert caught.value.code == "TRUST_LOG_ID"


@pytest.mark.parametrize(
    "url", ["https://r\u0435kor.sigstore.dev", "https://rekor.sigstore.dev/\x1b[2J", "https://a\n", "ftp://a", "a"]
)
def test_a_url_is_one_of_the_web_in_plain_letters(url):
    with pytest.raises(MalformedError) as caught:
        load(changed(f"{LOG}/baseUrl", url))
    assert caught.value.code == "TRUST_URL"


def test_a_damaged_installation_is_noticed(monkeypatch):
    monkeypatch.setitem(embedded.DIGESTS, "trusted_root.json", "0" * 64)
    with pytest.raises(embedded.UnavailableError) as caught:
        embedded.trusted_root()
    assert caught.value.code == "TRUST_EMBEDDED"
    monkeypatch.setitem(embedded.DIGESTS, "missing.json", "0" * 64)
    with pytest.raises(embedded.UnavailableError):
        embedded._read("missing.json")  # noqa: SLF001 - there is no other way to a file that is not there
    assert datetime(2026, 1, 1, tzinfo=UTC) < embedded.EMBEDDED_AT


def test_a_name_that_is_too_long_is_not_warned_of():
    """A private instance may have some, and warnings are errors in these tests."""
    chain = GOOD["certificateAuthorities"][1]["certChain"]["certificates"]
    common_name, country = b"\x55\x04\x03", b"\x55\x04\x06"
    encoded = base64.b64decode(chain[-1]["rawBytes"]).replace(common_name, country)
    listed = [{"rawBytes": base64.b64encode(encoded).decode()}]
    root = load(changed("certificateAuthorities/1/certChain/certificates", listed))
    assert len(root.authorities[1].chain) == 1
