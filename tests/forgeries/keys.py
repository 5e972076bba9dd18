"""The registry's keys: which one, for what, and when."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.forgeries.forgery import GONE, Forgery, Handed, Later, keyed, publish, put
from tests.simulator.sigstore.authority import SIGNED
from tests.simulator.sigstore.bundle import Signer
from tests.simulator.sigstore.ct_log import spki
from tests.simulator.sigstore.instance import Instance
from tests.simulator.sigstore.npm import NpmKey, api_form, tuf_form
from tests.simulator.sigstore.rekor import b64

SECOND: Final = timedelta(seconds=1)


@cache
def stranger() -> NpmKey:
    """Return a key of nobody."""
    return NpmKey()


@cache
def on_another_curve() -> ec.EllipticCurvePrivateKey:
    """Return a key of a kind that is not accepted."""
    return ec.generate_private_key(ec.SECP256K1())


def like(by: Instance, **members: Any) -> NpmKey:
    """Return the registry's key, listed in another way."""
    return NpmKey(**({"key": by.key.key} | members))


def altered(name: str, code: str, path: str, value: Any, row: str = "K05") -> Forgery:
    """Return honest attestations under keys of which one member was changed."""

    def keys(by: Instance) -> Any:
        document = json.loads(json.dumps(tuf_form(by.key)))
        put(document, path, value, by)
        return document

    return keyed(name, row, code, keys)


def material(name: str, row: str, code: str, path: str, value: Any) -> Forgery:
    """Return a publish attestation altered after it was signed."""

    def make(by: Instance) -> Handed:
        attestation = by.publish()
        put(attestation["bundle"], path, value, by)
        return Handed(document=by.document(attestation, by.provenance()))

    return Forgery(name=name, row=row, code=code, make=make)


def _private(_: Any, by: Instance) -> str:
    return b64(by.key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _stranger_signs(by: Instance) -> Signer:
    """Return somebody else who claims to be the registry's key."""
    return Signer(key=stranger().key, hint=by.key.id)


ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-4, D.1.2.3): with (r, s) a key signs (r, ORDER - s), too."""


def mirrored(signature: str, _: Instance) -> str:
    """Return the other signature that verifies."""
    r, s = utils.decode_dss_signature(base64.b64decode(signature))
    return b64(utils.encode_dss_signature(r, ORDER - s))


class Sloppy(Signer):
    """Somebody whose signatures have a byte too many."""

    def sign(self, data: bytes) -> bytes:
        return super().sign(data) + b"\x00"


def other_hint(by: Instance) -> Handed:
    """Return a publish attestation by one of the registry's keys in the name of the other."""
    document = by.document(by.publish(hint=stranger().id), by.provenance())
    return Handed(document=document, keys=tuf_form(by.key, stranger()))


HINT: Final = "verificationMaterial.publicKey.hint"
KEYID: Final = "dsseEnvelope.signatures.0.keyid"
RAW: Final = "keys.1.publicKey.rawBytes"

ALL: Final = (
    # Another key, or the right one for something else or at another time.
    publish("signed with a stranger's key", "K06", "ATT_KEY_UNKNOWN", key=Later(lambda _: stranger())),
    publish(
        "signed with a stranger's key in the registry's name", "K06", "BUNDLE_SIGNATURE", signer=Later(_stranger_signs)
    ),
    material("hint altered", "B12", "BUNDLE_KEYID", HINT, "SHA256:evil"),
    material("hint missing", "B12", "BUNDLE_KEYID", "verificationMaterial.publicKey", {}),
    publish("hint of a stranger's key", "B12", "ATT_KEY_UNKNOWN", hint="SHA256:evil"),
    publish("no hint at all", "B12", "ATT_KEY_UNKNOWN", hint=""),
    Forgery(name="hint of the registry's other key", row="B12", code="BUNDLE_SIGNATURE", make=other_hint),
    material("key id of another key", "B12", "BUNDLE_KEYID", KEYID, "SHA256:evil"),
    publish("hint with white space", "K06", "ATT_KEY_UNKNOWN", hint=" SHA256:evil"),
    keyed("key for versions only", "K09", "ATT_KEY_USAGE", lambda by: tuf_form(like(by, usages=("npm:signatures",)))),
    keyed(
        "key that had ended",
        "K08, CVE-2026-54787",
        "ATT_KEY_PERIOD",
        lambda by: tuf_form(like(by, end=SIGNED - SECOND)),
    ),
    keyed("key that ends with the signature", "K08", "ATT_KEY_PERIOD", lambda by: tuf_form(like(by, end=SIGNED))),
    keyed(
        "key that begins later",
        "K08, CVE-2026-54787",
        "ATT_KEY_PERIOD",
        lambda by: tuf_form(like(by, start=SIGNED + SECOND)),
    ),
    keyed(
        "key that had ended, in the API's form",
        "K08",
        "ATT_KEY_PERIOD",
        lambda by: api_form(like(by, end=SIGNED - SECOND)),
    ),
    keyed("only a stranger's key", "K06", "ATT_KEY_UNKNOWN", lambda _: tuf_form(stranger())),
    publish(
        "signature with a byte too many",
        "K07",
        "BUNDLE_SIGNATURE",
        signer=Later(lambda by: Sloppy(key=by.key.key, hint=by.key.id)),
    ),
    material(
        "signature mirrored", "K07, CVE-2019-14859", "LOG_BODY_SIGNATURE", "dsseEnvelope.signatures.0.sig", mirrored
    ),
    # Documents of keys.
    keyed("key id that is no fingerprint", "K06", "TRUST_KEY_ID", lambda by: tuf_form(like(by, keyid="SHA256:evil"))),
    keyed(
        "a stranger's key under the registry's id",
        "K06",
        "TRUST_KEY_ID",
        lambda by: tuf_form(NpmKey(key=stranger().key, keyid=by.key.id)),
    ),
    keyed(
        "the same in the API's form",
        "K06",
        "TRUST_KEY_ID",
        lambda by: api_form(NpmKey(key=stranger().key, keyid=by.key.id)),
    ),
    keyed(
        "two keys with one id",
        "K06",
        "TRUST_KEY_ID",
        lambda by: tuf_form(by.key, NpmKey(key=stranger().key, keyid=by.key.id)),
    ),
    keyed("one key listed twice for one use", "CVE-2020-6174", "TRUST_DUPLICATE", lambda by: tuf_form(by.key, by.key)),
    keyed("no keys", "K05", "TRUST_FORM", lambda _: {"keys": []}),
    altered("private key", "KEY_FORMAT", RAW, _private),
    altered("private key in PEM", "KEY_IS_PRIVATE", RAW, "-----BEGIN PRIVATE KEY-----"),
    altered("key in PEM", "B64_NOT_CANONICAL", RAW, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
    altered(
        "key with bytes after it", "KEY_FORMAT", RAW, lambda old, _: b64(b"".join((spki(stranger().key), b"\x00")))
    ),
    altered("key without a start", "TRUST_PERIOD", "keys.1.publicKey.validFor.start", GONE, "K03"),
    altered(
        "key that ends before it starts",
        "TRUST_PERIOD",
        "keys.1.publicKey.validFor.end",
        "2020-01-01T00:00:00.000Z",
        "K08",
    ),
    altered("key on another curve", "ATT_KEY_USAGE", RAW, lambda *_: b64(spki(on_another_curve())), "K04"),
    altered("key of another kind than said", "TRUST_KEY", "keys.1.publicKey.keyDetails", "PKIX_ED25519", "K04"),
    altered("use in upper case", "ATT_KEY_USAGE", "keys.1.keyUsage", "NPM:ATTESTATIONS", "K09"),
    altered("member that is not known", "TRUST_MEMBER", "keys.1.usage", "npm:attestations", "CVE-2025-29778"),
    altered(
        "period in local time", "TIME_FORMAT", "keys.1.publicKey.validFor.start", "2020-01-01T00:00:00+02:00", "K08"
    ),
)
