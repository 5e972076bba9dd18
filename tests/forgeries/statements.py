"""What is signed is not what it should be: type, version, subject, predicate, spelling."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, Final

from tests.forgeries.forgery import Forgery, Handed, Later, provenance, publish
from tests.simulator.sigstore.bundle import Signer
from tests.simulator.sigstore.instance import PACKAGE, Instance, Target, dump, statement
from tests.simulator.sigstore.npm import REGISTRY
from tests.simulator.sigstore.predicates import HONEST, PUBLISH, SLSA_V1, workflow_v1

SUBJECT: Final = PACKAGE.subject
SCOPED: Final = Target(name="@scope/name")
SHA512: Final = hashlib.sha512(PACKAGE.data).hexdigest()
OTHER: Final = hashlib.sha512(b"other bytes").hexdigest()


def subject(name: str, row: str, code: str, *subjects: Any, says: str = "") -> tuple[Forgery, Forgery]:
    """Return two forgeries, of either attestation, with these subjects."""
    changes = {"subject": list(subjects)}
    return (
        provenance(f"provenance: {name}", row, code, says, changes=changes),
        publish(f"publish: {name}", row, code, says, changes=changes),
    )


def named(name: str, written: str, target: Target = PACKAGE) -> Forgery:
    """Return a provenance whose subject has another name than the canonical package-url."""

    def make(by: Instance) -> Handed:
        changed = {"subject": [target.subject | {"name": written}]}
        document = by.document(by.publish(target), by.provenance(target, changes=changed))
        return Handed(document=document, target=target)

    return Forgery(name=f"subject named {name}", row="B06", code="ATT_SUBJECT_NAME", make=make)


def payload(name: str, code: str, change: Any, says: str = "") -> Forgery:
    """Return a provenance whose payload, as it is signed, is what ``change`` makes of the honest bytes."""
    honest = dump(statement(PACKAGE, SLSA_V1, workflow_v1(HONEST)))
    return provenance(f"payload {name}", "B33", code, says, payload=change(honest))


def digests(**values: str) -> dict[str, Any]:
    """Return the subject with these digests."""
    return {"name": SUBJECT["name"], "digest": values}


def by_a_build(by: Instance) -> Handed:
    """Return a document whose only attestation is a publish attestation that a build signed."""
    says = {"name": PACKAGE.name, "version": PACKAGE.version, "registry": REGISTRY}
    changed = {"predicateType": PUBLISH, "predicate": says}
    return Handed(document=by.document(by.provenance(outer=PUBLISH, changes=changed)))


ALL: Final = (
    # Types: the outer one is not signed, the inner one decides.
    provenance(
        "publish served as provenance type", "B02", "ATT_TYPE_MISMATCH", outer="https://slsa.dev/provenance/v0.2"
    ),
    publish("another type in the document", "B02", "ATT_TYPE_MISMATCH", outer="https://npmjs.com/other"),
    provenance("type in upper case", "B02", "ATT_TYPE_MISMATCH", outer="https://slsa.dev/Provenance/v1"),
    provenance("payload type of plain JSON", "B03", "ATT_PAYLOAD_TYPE", payload_type="application/json"),
    publish("publish: payload type of plain JSON", "B03", "ATT_PAYLOAD_TYPE", payload_type="application/json"),
    provenance("payload type with a charset", "B03", "ATT_PAYLOAD_TYPE", payload_type="application/vnd.in-toto+json;a"),
    provenance(
        "statement of version 2", "B04", "ATT_STATEMENT_TYPE", changes={"_type": "https://in-toto.io/Statement/v2"}
    ),
    provenance("link in place of a statement", "B04", "ATT_STATEMENT_TYPE", changes={"_type": "link"}),
    provenance("statement without a version", "B04", "ATT_STATEMENT", changes={"_type": None}),
    provenance("statement without a predicate", "B30", "ATT_STATEMENT", changes={"predicate": None}),
    provenance("predicate that is a list", "B30", "ATT_STATEMENT", changes={"predicate": [1]}),
    provenance("statement without a type of predicate", "B02", "ATT_STATEMENT", changes={"predicateType": None}),
    # Subjects.
    *subject("no subject", "B05", "ATT_SUBJECT_COUNT"),
    *subject("two subjects", "B05", "ATT_SUBJECT_COUNT", SUBJECT, SUBJECT),
    *subject("the right subject second", "B05", "ATT_SUBJECT_COUNT", digests(sha512=OTHER), SUBJECT),
    *subject("the right subject first", "B05", "ATT_SUBJECT_COUNT", SUBJECT, digests(sha512=OTHER)),
    *subject("a thousand subjects", "B05", "ATT_SUBJECT_COUNT", *[SUBJECT] * 1000),
    *subject("another version", "B08", "ATT_SUBJECT_NAME", SUBJECT | {"name": "pkg:npm/mail-mcp@1.0.1"}),
    *subject("another package", "CVE-2026-31830", "ATT_SUBJECT_NAME", SUBJECT | {"name": "pkg:npm/evil@1.0.0"}),
    *subject("other bytes", "CVE-2026-31830", "ATT_SUBJECT_DIGEST", digests(sha512=OTHER)),
    *subject("no digest", "B07", "ATT_DIGEST_MISSING", {"name": SUBJECT["name"]}),
    *subject("empty digests", "B07", "ATT_DIGEST_MISSING", digests()),
    *subject("sha256 only", "B07", "ATT_DIGEST_MISSING", digests(sha256=hashlib.sha256(PACKAGE.data).hexdigest())),
    *subject("digest in upper case", "B07", "ATT_DIGEST_FORMAT", digests(sha512=SHA512.upper())),
    *subject("digest cut short", "B07", "ATT_DIGEST_FORMAT", digests(sha512=SHA512[:64])),
    *subject("empty digest", "sigstore-go 618325f", "ATT_DIGEST_FORMAT", digests(sha512="")),
    *subject("a wrong digest beside it", "B07", "ATT_DIGEST_OTHER", digests(sha512=SHA512, sha256="0" * 64)),
    named("with a scope that is not there", "pkg:npm/%40evil/mail-mcp@1.0.0"),
    named("in upper case", "pkg:npm/Mail-MCP@1.0.0"),
    named("with the type in upper case", "pkg:NPM/mail-mcp@1.0.0"),
    named("with the scheme in upper case", "PKG:npm/mail-mcp@1.0.0"),
    named("with a qualifier", "pkg:npm/mail-mcp@1.0.0?vcs_url=evil"),
    named("with a subpath", "pkg:npm/mail-mcp@1.0.0#lib"),
    named("with a space", "pkg:npm/mail-mcp@1.0.0 "),
    named("with two slashes", "pkg://npm/mail-mcp@1.0.0"),
    named("of another type", "pkg:pypi/mail-mcp@1.0.0"),
    named("without a version", "pkg:npm/mail-mcp"),
    named("with a letter of another script", "pkg:npm/m\u0430il-mcp@1.0.0"),
    named("with an encoded letter", "pkg:npm/mail%2Dmcp@1.0.0"),
    named("with a scope encoded twice", "pkg:npm/%2540scope/name@1.0.0", SCOPED),
    named("with a scope in upper case", "pkg:npm/%40Scope/name@1.0.0", SCOPED),
    named("with an encoded slash", "pkg:npm/%40scope%2Fname@1.0.0", SCOPED),
    # Payloads are signed, not trusted.
    payload("with a byte order mark", "JSON_BOM", lambda honest: b"\xef\xbb\xbf" + honest),
    payload("in UTF-16", "JSON_ENCODING", lambda honest: honest.decode().encode("utf-16")),
    payload("with a key twice", "JSON_DUPLICATE_KEY", lambda honest: b'{"subject":[],' + honest[1:]),
    payload(
        "with a key twice inside", "JSON_DUPLICATE_KEY", lambda honest: honest.replace(b'"ref"', b'"ref":"x","ref"', 1)
    ),
    payload("with a second document", "JSON_SYNTAX", lambda honest: honest + b"{}"),
    payload("that is no JSON", "JSON_SYNTAX", lambda honest: honest[:-1]),
    payload("that is a list", "ATT_STATEMENT", lambda honest: b"[" + honest + b"]"),
    payload("with a NUL", "JSON_ENCODING", lambda honest: honest.replace(b"mail", b"mail\x00", 1)),
    payload("with half a character", "JSON_SURROGATE", lambda honest: honest.replace(b"mail", b"mail\\ud800", 1)),
    payload("with NaN", "JSON_SYNTAX", lambda honest: honest[:-1] + b',"n":NaN}'),
    payload("a hundred thousand deep", "JSON_DEPTH", lambda _: b"[" * 100_000),
    payload(
        "with members in other case",
        "ATT_STATEMENT",
        lambda honest: honest.replace(b'"predicateType"', b'"PredicateType"'),
    ),
    payload(
        "with a second subject in other case",
        "ATT_STATEMENT",
        lambda honest: honest.replace(b'"subject"', b'"Subject": [], "subject"'),
        says="'Subject'",
    ),
    payload(
        "with a second predicate in other case",
        "ATT_STATEMENT",
        lambda honest: honest.replace(b'"predicate"', b'"PREDICATE": {}, "predicate"'),
        says="'PREDICATE'",
    ),
    *subject("a second digest in other case", "CVE-2026-27896", "ATT_SUBJECT_FORMAT", SUBJECT | {"Digest": {}}),
    # What the registry says that it published (GHSA-r2xv-vpr2-42m9).
    publish(
        "predicate names another package",
        "B09, GHSA-r2xv-vpr2-42m9",
        "PUBLISH_IDENTITY_NAME",
        predicate={"name": "evil"},
    ),
    publish("predicate names another version", "B09", "PUBLISH_IDENTITY_VERSION", predicate={"version": "1.0.1"}),
    publish(
        "predicate names another registry",
        "B09",
        "PUBLISH_IDENTITY_REGISTRY",
        predicate={"registry": "https://npm.evil.example"},
    ),
    publish(
        "predicate names a longer registry",
        "B09",
        "PUBLISH_IDENTITY_REGISTRY",
        predicate={"registry": REGISTRY + ".evil.example"},
    ),
    publish("predicate without a name", "B09", "PUBLISH_IDENTITY_FORMAT", predicate={"name": None}),
    publish("predicate without a registry", "B09", "PUBLISH_IDENTITY_FORMAT", predicate={"registry": None}),
    publish("predicate with a list for a version", "B09", "PUBLISH_IDENTITY_FORMAT", predicate={"version": ["1.0.0"]}),
    publish("attestation of another package", "B09", "ATT_SUBJECT_NAME", target=replace(PACKAGE, name="evil")),
    publish("attestation of another version", "B08", "ATT_SUBJECT_NAME", target=replace(PACKAGE, version="2.0.0")),
    publish("attestation of other bytes", "B09", "ATT_SUBJECT_DIGEST", target=replace(PACKAGE, data=b"other")),
    # Who may sign which kind (B12: the form of material and the type of predicate belong together).
    publish(
        "signed with somebody's certificate",
        "B12",
        "ATT_SIGNER_KIND",
        signer=Later(lambda by: by.signer()),
        media_type="application/vnd.dev.sigstore.bundle.v0.3+json",
    ),
    provenance(
        "signed with the registry's key",
        "B12",
        "ATT_SIGNER_KIND",
        signer=Later(lambda by: Signer(key=by.key.key, hint=by.key.id)),
        media_type="application/vnd.dev.sigstore.bundle+json;version=0.2",
    ),
    Forgery(name="publish attestation with a build's certificate", row="B12", code="ATT_SIGNER_KIND", make=by_a_build),
)
