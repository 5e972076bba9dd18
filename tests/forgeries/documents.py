"""Documents and bundles of a wrong shape, and values of a wrong spelling: what two readers could see differently."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from tests.forgeries.forgery import GONE, Forgery, Handed, edited, provenance, text, whole
from tests.simulator.sigstore import bundle
from tests.simulator.sigstore.bundle import V01, V02, V03, V03_OLD
from tests.simulator.sigstore.instance import Instance

ENTRY: Final = "verificationMaterial.tlogEntries.0"
PROOF: Final = f"{ENTRY}.inclusionProof"
SIGNATURES: Final = "dsseEnvelope.signatures"
JUNK: Final = {"sig": "AAAA", "keyid": ""}
SLASHED: Final = "not base64"


def several(name: str, row: str, code: str, choose: Callable[[Instance], list[Any]]) -> Forgery:
    """Return a document with these attestations."""
    return Forgery(name=name, row=row, code=code, make=lambda by: Handed(document=by.document(*choose(by))))


def integer(name: str, value: Any) -> Forgery:
    """Return a bundle with a log index of another spelling."""
    return edited(f"log index {name}", "B18", "INT_NOT_CANONICAL", f"{ENTRY}.logIndex", value)


def encoded(name: str, path: str, change: Callable[[str], str], code: str = "B64_NOT_CANONICAL") -> Forgery:
    """Return a bundle with a value in another spelling of base64."""
    return edited(f"base64 {name} in {path.rpartition('.')[2]}", "B17", code, path, lambda old, _: change(old))


def other_bits(value: str) -> str:
    """Return base64 that decodes to the same bytes and has unused bits that are not zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = value.rstrip("=")
    assert body != value, "a value without padding has no unused bits"
    return body[:-1] + alphabet[alphabet.index(body[-1]) + 1] + "=" * (len(value) - len(body))


def no_message(_: Any, by: Instance) -> Any:
    """Return the content of a bundle with a signature over a file."""
    return bundle.make_message(b"a file", by.signer(), by.log)["messageSignature"]


def message(by: Instance) -> dict[str, Any]:
    """Return a signature over a file where a statement should be."""
    return {"predicateType": "https://slsa.dev/provenance/v1", "bundle": bundle.make_message(b"", by.signer(), by.log)}


EMPTY: Final = (
    whole("empty list", "B01, CVE-2025-25204", "ATT_ABSENT", b'{"attestations":[]}'),
    whole("null for the list", "B01", "ATT_ABSENT", b'{"attestations":null}'),
    whole("empty object", "B01", "ATT_ABSENT", b"{}"),
    whole("list in another spelling", "CVE-2026-27896", "ATT_DOCUMENT", b'{"Attestations":[]}'),
    whole("no document", "B01", "ATT_DOCUMENT", b"[]"),
    whole("null", "B01", "ATT_DOCUMENT", b"null"),
    whole("nothing", "B01", "JSON_SYNTAX", b""),
    whole("object for the list", "B01", "ATT_DOCUMENT", b'{"attestations":{}}'),
    whole("attestation that is null", "B01", "ATT_DOCUMENT", b'{"attestations":[null]}'),
    whole("attestation without a type", "B01", "ATT_DOCUMENT", b'{"attestations":[{"bundle":{}}]}'),
    whole(
        "attestation without a bundle",
        "B01",
        "BUNDLE_MEDIA_TYPE",
        b'{"attestations":[{"predicateType":"https://slsa.dev/provenance/v1"}]}',
    ),
    whole("web page", "B01", "JSON_SYNTAX", b"<!doctype html><title>404</title>"),
    several("an unknown type only", "B34, CVE-2022-35929", "ATT_ONLY_OTHERS", lambda by: [_other(by)]),
)


def _other(by: Instance) -> Any:
    """Return a validly signed statement of a type that says nothing about publishing or building."""
    kind = "https://slsa.dev/verification_summary/v1"
    return by.provenance(outer=kind, changes={"predicateType": kind, "predicate": {"verificationResult": "PASSED"}})


TWICE: Final = (
    several(
        "two provenances, both good",
        "B10",
        "ATT_DUPLICATE",
        lambda by: [by.publish(), by.provenance(), by.provenance()],
    ),
    several("the same provenance twice", "B10", "ATT_DUPLICATE", lambda by: [by.publish(), *[by.provenance()] * 2]),
    several("two provenances, the bad one first", "B10", "ATT_DUPLICATE", lambda by: [_bad(by), by.provenance()]),
    several("two provenances, the bad one last", "B10", "ATT_DUPLICATE", lambda by: [by.provenance(), _bad(by)]),
    several(
        "two publish attestations", "B10", "ATT_DUPLICATE", lambda by: [by.publish(), by.publish(), by.provenance()]
    ),
    several("provenances of both versions", "B10", "ATT_DUPLICATE", lambda by: [by.provenance(), _old(by)]),
    several("seventeen attestations", "B32", "ATT_COUNT", lambda by: [by.publish()] * 17),
    several(
        "a provenance in an unknown type's clothes",
        "B02",
        "ATT_TYPE_MISMATCH",
        lambda by: [by.publish(), by.provenance(outer="https://x.example")],
    ),
    several(
        "a good one and a bad one of an unknown type",
        "B34",
        "LOG_SET",
        lambda by: [by.publish(), by.provenance(), _bad_other(by)],
    ),
)


def _bad(by: Instance) -> Any:
    return by.provenance(words={"promise_index": 1})


def _bad_other(by: Instance) -> Any:
    return by.provenance(
        outer="https://x.example", changes={"predicateType": "https://x.example"}, words={"promise_index": 1}
    )


def _old(by: Instance) -> Any:
    from tests.simulator.sigstore.predicates import github_v2

    return by.provenance(form=github_v2)


ENVELOPES: Final = (
    edited("no signature", "B11", "BUNDLE_SIGNATURES", SIGNATURES, []),
    edited("signatures missing", "B11", "BUNDLE_SIGNATURES", SIGNATURES, GONE),
    edited("the signature twice", "B11, CVE-2016-9122", "BUNDLE_SIGNATURES", SIGNATURES, lambda old, _: old * 2),
    edited("junk before the signature", "B11", "BUNDLE_SIGNATURES", SIGNATURES, lambda old, _: [JUNK, *old]),
    edited("junk after the signature", "B11", "BUNDLE_SIGNATURES", SIGNATURES, lambda old, _: [*old, JUNK]),
    edited("junk for a signature", "B11", "BUNDLE_SIGNATURE", f"{SIGNATURES}.0.sig", "AAAA"),
    edited("empty signature", "B11", "B64_EMPTY", f"{SIGNATURES}.0.sig", ""),
    edited("empty payload", "B11", "B64_EMPTY", "dsseEnvelope.payload", ""),
    edited(
        "payload type altered",
        "B03",
        "BUNDLE_SIGNATURE",
        "dsseEnvelope.payloadType",
        bundle.IN_TOTO,
        payload_type="application/vnd.in-toto",
    ),
    edited("key id on a keyless envelope", "B12", "ATT_KEYID", f"{SIGNATURES}.0.keyid", "SHA256:evil"),
    edited("an envelope and a message", "B20", "BUNDLE_CONTENT", "messageSignature", no_message),
    edited("no envelope", "B20", "BUNDLE_CONTENT", "dsseEnvelope", GONE),
    several("a signature over a file", "B20", "ATT_PAYLOAD_TYPE", lambda by: [by.publish(), message(by)]),
    edited("a certificate and a key", "B12", "BUNDLE_MATERIAL", "verificationMaterial.publicKey", {"hint": "x"}),
    edited("neither certificate nor key", "B12", "BUNDLE_MATERIAL", "verificationMaterial.certificate", GONE),
    edited(
        "two log entries",
        "CVE-2026-49834",
        "BUNDLE_ENTRIES",
        "verificationMaterial.tlogEntries",
        lambda old, _: old * 2,
    ),
    edited(
        "a hundred log entries", "B32, CVE-2024-45395", "BUNDLE_ENTRIES", "verificationMaterial.tlogEntries", [{}] * 100
    ),
    edited("ten thousand hashes", "B32", "BUNDLE_FORMAT", f"{PROOF}.hashes", ["AA=="] * 10_000),
    edited(
        "checkpoint of a million characters", "B32", "BUNDLE_FORMAT", f"{PROOF}.checkpoint.envelope", "x" * 1_000_000
    ),
    edited("unknown member", "CVE-2026-27896", "BUNDLE_FORMAT", "extra", 1),
    edited("member in another case", "CVE-2026-27896", "BUNDLE_FORMAT", "DsseEnvelope", {}),
    edited("member in snake case", "CVE-2026-27896", "BUNDLE_FORMAT", "dsse_envelope", {}),
    edited("unknown member in the entry", "CVE-2026-27896", "BUNDLE_FORMAT", f"{ENTRY}.extra", 1),
)

MEDIA_TYPES: Final = (
    *(
        edited(f"media type {name}", "B20", code, "mediaType", value)
        for name, value, code in (
            ("of version 0.9", "application/vnd.dev.sigstore.bundle.v0.9+json", "BUNDLE_VERSION"),
            ("of version 0.4 as a parameter", "application/vnd.dev.sigstore.bundle+json;version=0.4", "BUNDLE_VERSION"),
            ("missing", GONE, "BUNDLE_MEDIA_TYPE"),
            ("empty", "", "BUNDLE_MEDIA_TYPE"),
            ("in upper case", V03.upper(), "BUNDLE_MEDIA_TYPE"),
            ("with a space", V03 + " ", "BUNDLE_MEDIA_TYPE"),
            ("of plain JSON", "application/json", "BUNDLE_MEDIA_TYPE"),
            ("that is a number", 3, "BUNDLE_MEDIA_TYPE"),
            ("0.1 with a single certificate", V01, "BUNDLE_MATERIAL"),
            ("0.2 with a single certificate", V02, "BUNDLE_MATERIAL"),
        )
    ),
    edited("media type 0.3 with a chain", "B20", "BUNDLE_MATERIAL", "mediaType", V03, media_type=V02),
    edited(
        "media type 0.3 in the old spelling with a chain",
        "B20",
        "BUNDLE_MATERIAL",
        "mediaType",
        V03_OLD,
        media_type=V02,
    ),
    edited(
        "media type 0.2 for an entry with a promise only",
        "B15",
        "LOG_NO_PROOF",
        "mediaType",
        V02,
        media_type=V01,
        words={"proof": False},
    ),
)

SPELLINGS: Final = (
    *(
        integer(name, value)
        for name, value in (
            ("with a plus", "+121904186"),
            ("with a space before", " 121904186"),
            ("with a newline after", "121904186\n"),
            ("with a zero before", "0121904186"),
            ("with a fraction", "121904186.0"),
            ("with an exponent", "1.21904186e8"),
            ("as a fraction", 121904186.0),
            ("below zero", "-1"),
            ("below zero as a number", -1),
            ("of sixty-four bits", str(2**63)),
            ("of four hundred digits", "1" * 400),
            ("in other digits", "\u0661\u0662"),
            ("that is true", True),
            ("that is a list", [1]),
        )
    ),
    edited("tree size below zero", "B16", "INT_NOT_CANONICAL", f"{PROOF}.treeSize", "-1"),
    edited("integrated time with a fraction", "B18", "INT_NOT_CANONICAL", f"{ENTRY}.integratedTime", "1783654268.5"),
    *(
        encoded(name, path, change)
        for path in ("dsseEnvelope.payload", f"{SIGNATURES}.0.sig", f"{ENTRY}.canonicalizedBody")
        for name, change in (
            ("with a newline", lambda old: old[:8] + "\n" + old[8:]),
            ("with junk", lambda old: old[:8] + "!" + old[8:]),
            ("with a space after", lambda old: old + " "),
            ("with more padding", lambda old: old + "="),
        )
    ),
    encoded("without padding", f"{PROOF}.rootHash", lambda old: old.rstrip("=")),
    encoded("with other unused bits", f"{PROOF}.rootHash", other_bits),
    encoded("in the URL's alphabet", f"{PROOF}.rootHash", lambda _: "-_" * 21 + "8="),
    edited("base64 that is a number", "B17", "B64_NOT_CANONICAL", "dsseEnvelope.payload", 1),
)

TEXTS: Final = (
    text(
        "a key twice in the document",
        "B19",
        "JSON_DUPLICATE_KEY",
        '{"attestations"',
        '{"attestations": [], "attestations"',
    ),
    text("a key twice in a bundle", "B19", "JSON_DUPLICATE_KEY", '"mediaType"', '"mediaType": "x", "mediaType"'),
    text("a key twice in an envelope", "B19", "JSON_DUPLICATE_KEY", '"payload"', '"payload": "", "payload"'),
    text("a key twice, once escaped", "B19", "JSON_DUPLICATE_KEY", '"payload"', '"p\\u0061yload": "", "payload"'),
    whole("a document with another behind it", "B33", "JSON_SYNTAX", b'{"attestations":[]}{}'),
    text("a comment", "B33", "JSON_SYNTAX", '{"attestations"', '/* */{"attestations"'),
    text("a NUL", "B33", "JSON_ENCODING", "application", "appl\x00ication"),
    text("an escaped NUL", "CVE-2026-27896", "JSON_CONTROL", "application", "appl\\u0000ication"),
    whole("a byte order mark", "B33", "JSON_BOM", b'\xef\xbb\xbf{"attestations":[]}'),
    whole("five megabytes", "B32", "JSON_SIZE", b" " * 5_000_000),
    whole("a hundred thousand levels", "B32", "JSON_DEPTH", b'{"attestations":' + b"[" * 100_000),
    whole("a number of a thousand digits", "B18", "JSON_NUMBER", b'{"attestations":' + b"1" * 1000 + b"}"),
    provenance("a payload of a million bytes", "B32", "JSON_SIZE", payload=json.dumps({"x": "x" * 1_100_000}).encode()),
)

ALL: Final = (*EMPTY, *TWICE, *ENVELOPES, *MEDIA_TYPES, *SPELLINGS, *TEXTS)
