"""Entries that are in the log, and are about something else than the bundle.

The binding of an entry to the signature was missing in cosign, twice, and in sigstore-java: any entry would do.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from tests.forgeries.forgery import Forgery, Handed, edited, provenance
from tests.forgeries.logs import ENTRY, PROOF, other_log
from tests.simulator.sigstore import bundle
from tests.simulator.sigstore.instance import Instance
from tests.simulator.sigstore.rekor import b64, canonical


def body(name: str, code: str, change: Callable[[Any], None], /, row: str = "B14", **made: Any) -> Forgery:
    """Return a forgery whose entry the log has all right, but whose body says something else."""

    def make(by: Instance) -> Handed:
        signer = by.signer()
        honest = (by.stamped if made.get("version") == "0.0.2" and made["kind"] == "hashedrekord" else by.provenance)(
            signer=signer, **made
        )
        entry = honest["bundle"]["verificationMaterial"]["tlogEntries"][0]
        document = json.loads(base64.b64decode(entry["canonicalizedBody"]))
        changed = change(document) or document
        log = by.second if entry["logId"]["keyId"] == b64(by.second.log_id) else by.log
        again = log.entry(canonical(changed), made.get("kind", "dsse"), made.get("version", "0.0.1"))
        honest["bundle"]["verificationMaterial"]["tlogEntries"] = [again]
        return Handed(document=by.document(by.publish(), honest))

    return Forgery(name=name, row=row, code=code, make=make)


def stapled(name: str, **made: Any) -> Forgery:
    """Return a bundle with the entry of another, honest bundle."""

    def make(by: Instance) -> Handed:
        one, other = by.provenance(**made), by.provenance(**made)
        one["bundle"]["verificationMaterial"]["tlogEntries"] = other["bundle"]["verificationMaterial"]["tlogEntries"]
        return Handed(document=by.document(by.publish(), one))

    row = "CVE-2022-23649, CVE-2022-36056, CVE-2024-53267, CVE-2026-22703"
    return Forgery(name=f"the {name} entry of another bundle", row=row, code="LOG_BODY_SIGNATURE", make=make)


def mixed(name: str, code: str, path: str, **made: Any) -> Forgery:
    """Return a bundle with one part of another bundle with another payload: B13."""

    def take(_: Any, by: Instance) -> Any:
        from tests.simulator.sigstore.predicates import HONEST

        other: Any = by.provenance(facts=replace(HONEST, run="2"), **made)["bundle"]
        for step in path.split("."):
            other = other[int(step) if step.isdigit() else step]
        return other

    return edited(f"the {name} of another bundle", "B13", code, path, take, **made)


def borrowed(name: str, code: str, second: Callable[[Instance, bundle.Signer], Any], **made: Any) -> Forgery:
    """Return a bundle whose signer signed it properly, with the entry of another bundle of his own.

    Nothing but the binding of the entry to the bundle can refuse it.

    :param second: makes the other bundle, by the same holder of the same key.
    """

    def make(by: Instance) -> Handed:
        signer = by.signer()
        one, other = by.provenance(signer=signer, **made), second(by, signer)
        one["bundle"]["verificationMaterial"]["tlogEntries"] = other["bundle"]["verificationMaterial"]["tlogEntries"]
        return Handed(document=by.document(by.publish(), one))

    row = "B13, CVE-2022-36056, CVE-2026-22703"
    return Forgery(name=f"the entry of {name}", row=row, code=code, make=make)


def another_build(**made: Any) -> Callable[[Instance, bundle.Signer], Any]:
    """Return what makes a provenance of another run, by the same signer."""
    from tests.simulator.sigstore.predicates import HONEST

    return lambda by, signer: by.provenance(facts=replace(HONEST, run="2"), signer=signer, **made)


def keyed_entry(by: Instance) -> Handed:
    """Return a publish attestation, properly signed, whose entry names another key than the registry's."""
    honest = by.publish()
    entry = honest["bundle"]["verificationMaterial"]["tlogEntries"][0]
    document = json.loads(base64.b64decode(entry["canonicalizedBody"]))
    document["spec"]["signatures"][0]["verifier"] = _other_pem()
    honest["bundle"]["verificationMaterial"]["tlogEntries"] = [by.log.entry(canonical(document), "dsse", "0.0.1")]
    return Handed(document=by.document(honest, by.provenance()))


def certified_again(by: Instance) -> Handed:
    """Return a bundle whose certificate was changed for another one of the same key, of the same build."""
    signer = by.signer()
    honest = by.provenance(signer=signer)
    again = by.signer(key=signer.key).certificate
    honest["bundle"]["verificationMaterial"]["certificate"]["rawBytes"] = b64(again or b"")
    return Handed(document=by.document(by.publish(), honest))


def at(path: str, value: Any) -> Callable[[Any], None]:
    """Return a change of one member of a document."""

    def change(document: Any) -> None:
        *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in parents:
            document = document[step]
        document[last] = value(document[last]) if callable(value) else value

    return change


KINDS: Final = {
    "dsse": {"kind": "dsse", "version": "0.0.1"},
    "intoto": {"kind": "intoto", "version": "0.0.2"},
}
OTHER_SIGNATURE: Final = b64(b"0\x06\x02\x01\x01\x02\x01\x01")
HASH: Final = "0" * 64
V2: Final = {"kind": "hashedrekord", "version": "0.0.2"}
V2_SPEC: Final = "spec.hashedRekordV002"
INTOTO: Final = "spec.content.envelope.signatures"


def _other_pem() -> str:
    """Return the PEM of somebody else's key."""
    return b64(bundle.Signer(key=other_log().key, hint="x").pem)


def _key_of(pem: str) -> str:
    """Return the key of a certificate as log entries have keys."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_x509_certificate(base64.b64decode(pem)).public_key()
    return b64(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


ALL: Final = (
    *(stapled(name, **kind) for name, kind in KINDS.items()),
    borrowed("another build by the same signer", "LOG_BODY_DIGEST", another_build()),
    borrowed(
        "another build by the same signer, intoto",
        "LOG_BODY_DIGEST",
        another_build(**KINDS["intoto"]),
        **KINDS["intoto"],
    ),
    borrowed(
        "the same statement, signed again",
        "LOG_BODY_SIGNATURE",
        lambda by, signer: by.provenance(signer=signer),
    ),
    Forgery(
        name="another certificate of the same key",
        row="B13, CVE-2022-36056",
        code="LOG_BODY_SIGNER",
        make=certified_again,
    ),
    Forgery(name="entry of another key than the registry's", row="B13", code="LOG_BODY_SIGNER", make=keyed_entry),
    body("dsse entry of another payload", "LOG_BODY_DIGEST", at("spec.payloadHash.value", HASH)),
    body("dsse entry with another hash", "LOG_BODY_DIGEST", at("spec.payloadHash.algorithm", "sha512")),
    body("dsse entry of another signature", "LOG_BODY_SIGNATURE", at("spec.signatures.0.signature", OTHER_SIGNATURE)),
    body("dsse entry of another signer", "LOG_BODY_SIGNER", at("spec.signatures.0.verifier", lambda _: _other_pem())),
    body(
        "dsse entry of a key for a certificate",
        "LOG_BODY_SIGNER",
        at("spec.signatures.0.verifier", _key_of),
    ),
    body("dsse entry with two signatures", "LOG_BODY_FORMAT", at("spec.signatures", lambda old: old * 2)),
    body("dsse entry without signatures", "LOG_BODY_FORMAT", at("spec.signatures", [])),
    body("dsse entry that says intoto inside", "LOG_BODY_KIND", at("kind", "intoto")),
    body("dsse entry of another version inside", "LOG_BODY_KIND", at("apiVersion", "0.0.2")),
    body("dsse entry with another member", "LOG_BODY_FORMAT", at("spec", lambda old: old | {"x": 1})),
    body("dsse entry without a spec", "LOG_BODY_FORMAT", lambda old: {"apiVersion": "0.0.1", "kind": "dsse"}),
    body(
        "intoto entry of another payload",
        "LOG_BODY_DIGEST",
        at("spec.content.payloadHash.value", HASH),
        **KINDS["intoto"],
    ),
    body(
        "intoto entry of another signature",
        "LOG_BODY_SIGNATURE",
        at(f"{INTOTO}.0.sig", b64(OTHER_SIGNATURE.encode())),
        **KINDS["intoto"],
    ),
    body(
        "intoto entry of another signer",
        "LOG_BODY_SIGNER",
        at(f"{INTOTO}.0.publicKey", lambda _: _other_pem()),
        **KINDS["intoto"],
    ),
    body(
        "intoto entry of another payload type",
        "LOG_BODY_TYPE",
        at("spec.content.envelope.payloadType", "text/plain"),
        **KINDS["intoto"],
    ),
    body("intoto entry with two signatures", "LOG_BODY_FORMAT", at(INTOTO, lambda old: old * 2), **KINDS["intoto"]),
    body("v2 entry of another payload", "LOG_BODY_DIGEST", at(f"{V2_SPEC}.data.digest", b64(b"\x00" * 32)), **V2),
    body(
        "v2 entry of another signature", "LOG_BODY_SIGNATURE", at(f"{V2_SPEC}.signature.content", OTHER_SIGNATURE), **V2
    ),
    body(
        "v2 entry of another signer",
        "LOG_BODY_SIGNER",
        at(f"{V2_SPEC}.signature.verifier.x509Certificate.rawBytes", b64(b"evil")),
        **V2,
    ),
    provenance("hashedrekord 0.0.1 for an envelope", "B14", "LOG_BODY_KIND", kind="hashedrekord", version="0.0.1"),
    provenance("entry of an unknown kind", "B14", "ATT_UNSUPPORTED", kind="rekord", version="0.0.1"),
    provenance("entry of an old version", "B14", "ATT_UNSUPPORTED", kind="intoto", version="0.0.1"),
    provenance("entry of a version to come", "B14", "ATT_UNSUPPORTED", kind="dsse", version="9.9.9"),
    edited(
        "entry said to be of another kind",
        "B14",
        "LOG_BODY_KIND",
        f"{ENTRY}.kindVersion",
        {"kind": "intoto", "version": "0.0.2"},
    ),
    provenance("entry with a key twice", "B19", "JSON_DUPLICATE_KEY", entry_body=b'{"kind":"dsse","kind":"dsse"}'),
    provenance("entry that is no JSON", "B33", "JSON_SYNTAX", entry_body=b"evil"),
    mixed("signature", "BUNDLE_SIGNATURE", "dsseEnvelope.signatures"),
    mixed("payload", "BUNDLE_SIGNATURE", "dsseEnvelope.payload"),
    mixed("envelope", "BUNDLE_SIGNATURE", "dsseEnvelope"),
    mixed("certificate", "BUNDLE_SIGNATURE", "verificationMaterial.certificate"),
    mixed("promise", "LOG_SET", f"{ENTRY}.inclusionPromise"),
    mixed("proof", "LOG_PROOF_ROOT", PROOF),
    mixed("checkpoint", "CHECKPOINT_ROOT", f"{PROOF}.checkpoint"),
    mixed("log entry's body", "LOG_SET", f"{ENTRY}.canonicalizedBody"),
    mixed("verification material", "BUNDLE_SIGNATURE", "verificationMaterial"),
)
