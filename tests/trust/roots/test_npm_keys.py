"""Keys of registries, in both forms; an id is the key's own fingerprint or the document is refused."""

from __future__ import annotations

import base64
import copy
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from provenly.trust.errors import MalformedError
from provenly.trust.roots import embedded, npm_keys
from provenly.trust.roots.material import Material
from provenly.trust.roots.model import KeyUsage
from tests.cases import CASES, needs_cases

GOOD = json.loads(embedded.npm_keys().data)
OLD, NEW = "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA", "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U"
API = {
    "keys": [
        {
            "expires": None,
            "keyid": NEW,
            "keytype": "ecdsa-sha2-nistp256",
            "scheme": "ecdsa-sha2-nistp256",
            "key": GOOD["keys"][2]["publicKey"]["rawBytes"],
        }
    ]
}


def load(document):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return npm_keys.load(Material(data=data, kind="file", place="keys.json"), "https://registry.example")


def changed(document, index, **members):
    copied = copy.deepcopy(document)
    copied["keys"][index].update(members)
    return copied


def raw(key) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def test_the_form_of_tuf():
    keys = npm_keys.load(embedded.npm_keys(), embedded.NPM_REGISTRY)
    assert [key.keyid for key in keys.keys] == [OLD, NEW]
    old = keys.key(OLD)
    assert old.usages == frozenset(KeyUsage)
    assert old.period(KeyUsage.SIGNATURES).start.year == 1999
    assert old.period(KeyUsage.ATTESTATIONS).start.year == 2022
    assert old.period(KeyUsage.ATTESTATIONS).end.year == 2025
    assert keys.key(NEW).period(KeyUsage.ATTESTATIONS).end is None
    assert keys.key("SHA256:other") is None
    assert keys.registry == "https://registry.npmjs.org"


@needs_cases
def test_the_form_of_the_api_names_the_same_keys():
    keys = load((CASES / "trust" / "npm-keys.api.json").read_bytes())
    assert {key.keyid for key in keys.keys} == {OLD, NEW}
    old = keys.key(OLD)
    assert old.usages == frozenset(KeyUsage)
    assert old.period(KeyUsage.SIGNATURES).start is None
    assert old.period(KeyUsage.SIGNATURES).end.year == 2025
    tuf = npm_keys.load(embedded.npm_keys(), embedded.NPM_REGISTRY)
    assert old.key == tuf.key(OLD).key


def test_a_use_that_a_key_has_not_is_none():
    keys = load({"keys": [GOOD["keys"][0]]})
    assert keys.keys[0].usages == {KeyUsage.SIGNATURES}
    assert keys.keys[0].period(KeyUsage.ATTESTATIONS) is None


TUF_KEY = GOOD["keys"][0]["publicKey"]
WEAK = raw(ec.generate_private_key(ec.SECP256K1()))
OTHER = raw(ec.generate_private_key(ec.SECP256R1()))
PRIVATE = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

BAD = [
    ({}, "TRUST_FORM"),
    ({"keys": []}, "TRUST_FORM"),
    ({"keys": {}}, "TRUST_FORM"),
    ({"keys": [1]}, "TRUST_FORM"),
    ({"keys": GOOD["keys"] * 17}, "TRUST_FORM"),
    ({"keys": [GOOD["keys"][0]] * 2}, "TRUST_DUPLICATE"),
    ({"keys": API["keys"] * 2}, "TRUST_DUPLICATE"),
    ({"keys": [*GOOD["keys"], *API["keys"]]}, "TRUST_MEMBER"),
    ({"keys": [*API["keys"], *GOOD["keys"]]}, "TRUST_MEMBER"),
    (changed(GOOD, 0, keyId=NEW), "TRUST_KEY_ID"),
    (changed(GOOD, 0, keyId=OLD + "="), "TRUST_KEY_ID"),
    (changed(GOOD, 0, keyId=""), "TRUST_FORM"),
    (changed(GOOD, 0, keyId="x" * 200), "TRUST_KEY_ID"),
    (changed(GOOD, 0, keyUsage=None), "TRUST_FORM"),
    (changed(GOOD, 0, more=1), "TRUST_MEMBER"),
    (changed(GOOD, 0, publicKey=TUF_KEY | {"validFor": {}}), "TRUST_PERIOD"),
    (changed(GOOD, 0, publicKey=TUF_KEY | {"rawBytes": OTHER}), "TRUST_KEY_ID"),
    (changed(GOOD, 0, publicKey=TUF_KEY | {"rawBytes": "AAAA"}), "KEY_FORMAT"),
    (changed(API, 0, key=OTHER), "TRUST_KEY_ID"),
    (changed(API, 0, keyid=OLD), "TRUST_KEY_ID"),
    (changed(API, 0, expires="never"), "TIME_FORMAT"),
    (changed(API, 0, scheme=None), "TRUST_FORM"),
    (changed(API, 0, keytype="rsa"), "TRUST_EMPTY"),
    (changed(API, 0, key=WEAK), "TRUST_EMPTY"),
]


@pytest.mark.parametrize(("document", "code"), BAD, ids=[f"{n}-{code}" for n, (_, code) in enumerate(BAD)])
def test_one_bad_key_refuses_the_whole(document, code):
    with pytest.raises(MalformedError) as caught:
        load(document)
    assert caught.value.code == code


def test_an_id_that_is_too_long_is_not_repeated():
    with pytest.raises(MalformedError, match="has 200 characters"):
        load(changed(GOOD, 0, keyId="x" * 200))


def test_a_private_key_is_named_and_not_shown():
    with pytest.raises(MalformedError) as caught:
        load(PRIVATE)
    assert caught.value.code == "KEY_IS_PRIVATE"
    assert PRIVATE.decode().splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"publicKey": TUF_KEY | {"rawBytes": WEAK}}, "weaker"),
        ({"publicKey": TUF_KEY | {"keyDetails": "PKIX_NEW"}}, "PKIX_NEW"),
        (
            {
                "publicKey": TUF_KEY
                | {"keyDetails": "PKIX_ED25519", "rawBytes": raw(ed25519.Ed25519PrivateKey.generate())}
            },
            "P-256 only",
        ),
        ({"keyUsage": "npm:other"}, "npm:other"),
    ],
)
def test_a_key_of_another_kind_or_use_is_left_out_and_remembered(members, reason):
    keys = load(changed(GOOD, 0, **members))
    assert keys.key(OLD).usages == {KeyUsage.ATTESTATIONS}
    (left_out,) = keys.unusable
    assert left_out.name == OLD
    assert reason in left_out.reason
