"""A whole Sigstore instance and registry: everything that signs, and the documents by which one would trust it.

>>> forge = Instance()
>>> document = forge.document(forge.publish(PACKAGE), forge.provenance(PACKAGE))       # honest
>>> forge.provenance(PACKAGE, certified=replace(HONEST, commit="0" * 40))              # the certificate says otherwise
>>> forge.provenance(PACKAGE, leaf={"end": SIGNED})                                    # any part of the certificate
>>> forge.provenance(PACKAGE, words={"promise_key": new_key()})                        # any word of the log
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.simulator.sigstore import bundle, predicates
from tests.simulator.sigstore.authority import SIGNED, Issuer, Leaf, issue, issuer
from tests.simulator.sigstore.bundle import Signer
from tests.simulator.sigstore.ct_log import CtLog, spki
from tests.simulator.sigstore.npm import REGISTRY, NpmKey, purl, tuf_form
from tests.simulator.sigstore.predicates import HONEST, Facts
from tests.simulator.sigstore.rekor import Rekor, Words, b64, second_log
from tests.simulator.sigstore.tsa import TimestampAuthority

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
NOW: Final = datetime(2026, 7, 20, tzinfo=UTC)
"""When honest bundles are looked at."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What attestations are about."""

    name: str = "mail-mcp"
    version: str = "1.0.0"
    data: bytes = b"the bytes of a tarball"

    @property
    def subject(self) -> dict[str, Any]:
        """The subject of an honest statement."""
        digest = {"sha512": hashlib.sha512(self.data).hexdigest()}
        return {"name": purl(self.name, self.version), "digest": digest}


PACKAGE: Final = Target()


def statement(target: Target, predicate_type: str, predicate: Any, /, **changes: Any) -> dict[str, Any]:
    """Return an in-toto statement; a change of ``None`` leaves a member out."""
    old = predicate_type in {predicates.PUBLISH, predicates.SLSA_V02}
    document = {
        "_type": predicates.STATEMENT_V01 if old else predicates.STATEMENT_V1,
        "subject": [target.subject],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return {key: value for key, value in (document | changes).items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Everything that signs. Keys are made once, with the instance."""

    root: Issuer = field(default_factory=lambda: issuer("forged root"))
    ct_log: CtLog = field(default_factory=CtLog)
    log: Rekor = field(default_factory=Rekor)
    second: Rekor = field(default_factory=second_log)
    stamps: TimestampAuthority = field(default_factory=TimestampAuthority)
    key: NpmKey = field(default_factory=NpmKey)

    @cached_property
    def intermediate(self) -> Issuer:
        """What signs leaves."""
        return issuer("forged intermediate", by=self.root, path_length=0, uses=(ExtendedKeyUsageOID.CODE_SIGNING,))

    # ------------------------------------------------------------------------------------------------ signing

    def signer(
        self, facts: Facts = HONEST, *, by: Issuer | None = None, claims: Mapping[int, Any] | None = None, **leaf: Any
    ) -> Signer:
        """Return a fresh key with a certificate about ``facts``.

        :param claims: claims that replace those of the facts; ``None`` leaves one out.
        :param leaf: members of :class:`Leaf` that replace the honest ones.
        """
        said = {"names": predicates.names(facts), "ct_log": self.ct_log} | leaf
        made = Leaf(claims={**predicates.claims(facts), **(claims or {})}, **said)
        return Signer(key=made.key, certificate=issue(made, by or self.intermediate))

    def provenance(  # noqa: PLR0913 - each is one way to lie
        self,
        target: Target = PACKAGE,
        facts: Facts = HONEST,
        *,
        certified: Facts | None = None,
        claims: Mapping[int, Any] | None = None,
        leaf: Mapping[str, Any] | None = None,
        by: Issuer | None = None,
        form: Callable[[Facts], dict[str, Any]] = predicates.workflow_v1,
        changes: Mapping[str, Any] | None = None,
        change: Callable[[Any], Any] | None = None,
        payload: bytes | None = None,
        outer: str | None = None,
        signer: Signer | None = None,
        log: Rekor | None = None,
        words: Mapping[str, Any] | None = None,
        **made: Any,
    ) -> dict[str, Any]:
        """Return a provenance attestation.

        :param facts: what the predicate says; the certificate says ``certified`` where that is given.
        :param claims: single claims of the certificate that differ.
        :param leaf: members of :class:`Leaf` that differ; ``by``: who signs it.
        :param form: the form of predicate.
        :param changes: members of the statement that differ; ``change`` edits the predicate.
        :param payload: what is signed in place of the statement.
        :param outer: the ``predicateType`` beside the bundle.
        :param words: members of :class:`Words` that differ.
        :param made: further arguments of :func:`bundle.make`.
        """
        kind = predicates.SLSA_V1 if form is predicates.workflow_v1 else predicates.SLSA_V02
        predicate = form(facts)
        if change is not None:
            predicate = change(predicate) or predicate
        said = payload if payload is not None else dump(statement(target, kind, predicate, **(changes or {})))
        signer = signer or self.signer(certified or facts, by=by, claims=claims, **(leaf or {}))
        signed = bundle.make(said, signer, log or self.log, words=Words(**(words or {})), **made)
        return {"predicateType": outer or kind, "bundle": signed}

    def publish(  # noqa: PLR0913 - each is one way to lie
        self,
        target: Target = PACKAGE,
        *,
        predicate: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
        payload: bytes | None = None,
        outer: str = predicates.PUBLISH,
        key: NpmKey | None = None,
        hint: str | None = None,
        signer: Signer | None = None,
        log: Rekor | None = None,
        words: Mapping[str, Any] | None = None,
        **made: Any,
    ) -> dict[str, Any]:
        """Return a publish attestation, arguments as of :meth:`provenance`."""
        says = {"name": target.name, "version": target.version, "registry": REGISTRY} | dict(predicate or {})
        says = {name: value for name, value in says.items() if value is not None}
        said = payload if payload is not None else dump(statement(target, predicates.PUBLISH, says, **(changes or {})))
        key = key or self.key
        signer = signer or Signer(key=key.key, hint=key.id if hint is None else hint)
        made = {"media_type": bundle.V02} | made
        signed = bundle.make(said, signer, log or self.log, words=Words(**(words or {})), **made)
        return {"predicateType": outer, "bundle": signed}

    def stamped(self, target: Target = PACKAGE, *, at: datetime = SIGNED, **made: Any) -> dict[str, Any]:
        """Return a provenance attestation that is in Rekor v2, with a timestamp over its signature."""
        kind = {"kind": "hashedrekord", "version": "0.0.2", "log": self.second}
        attestation = self.provenance(target, **(kind | made))
        stamp(attestation["bundle"], self.stamps.stamp(signature_of(attestation["bundle"]), at))
        return attestation

    def document(self, *attestations: Any) -> bytes:
        """Return attestations as the registry's endpoint serves them."""
        return dump({"attestations": list(attestations)})

    # ------------------------------------------------------------------------------------------------ documents

    def trusted_root(self, **changes: Any) -> dict[str, Any]:
        """Return the trusted root (sigstore_trustroot.proto); a change replaces a list."""
        logs = [_log(self.log, "https://" + self.log.name), _log(self.second, "https://" + self.second.name)]
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": logs,
            "certificateAuthorities": [authority(self.intermediate.der, self.root.der)],
            "ctlogs": [_log(self.ct_log, self.ct_log.url)],
            "timestampAuthorities": [authority(*self.stamps.chain)],
        } | changes

    def npm_keys(self) -> dict[str, Any]:
        """Return the registry's keys in the form of TUF."""
        return tuf_form(self.key)


def _log(log: CtLog | Rekor, url: str) -> dict[str, Any]:
    """Return a log as a trusted root lists it."""
    edwards = isinstance(log.key, ed25519.Ed25519PrivateKey)
    details = "PKIX_ED25519" if edwards else "PKIX_ECDSA_P256_SHA_256"
    public = {"rawBytes": b64(spki(log.key)), "keyDetails": details, "validFor": {"start": zulu(START)}}
    return {"baseUrl": url, "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": {"keyId": b64(log.log_id)}}


def authority(*chain: bytes, start: datetime = START, end: datetime | None = None) -> dict[str, Any]:
    """Return an authority as a trusted root lists it."""
    valid = {"start": zulu(start)} | ({"end": zulu(end)} if end else {})
    return {
        "subject": {"organization": "forge.example", "commonName": "forged"},
        "uri": "https://fulcio.forge.example",
        "certChain": {"certificates": [{"rawBytes": b64(each)} for each in chain]},
        "validFor": valid,
    }


def zulu(at: datetime) -> str:
    """Return a time as protobuf writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def dump(value: Any) -> bytes:
    """Return JSON."""
    return json.dumps(value).encode()


def signature_of(made: Mapping[str, Any]) -> bytes:
    """Return the signature of a bundle's envelope."""
    return base64.b64decode(made["dsseEnvelope"]["signatures"][0]["sig"])


def stamp(made: dict[str, Any], *responses: bytes) -> None:
    """Put timestamps into a bundle."""
    listed = [{"signedTimestamp": b64(response)} for response in responses]
    made["verificationMaterial"]["timestampVerificationData"] = {"rfc3161Timestamps": listed}


def second_instance(forge: Instance) -> Instance:
    """Return an instance that shares the registry's key with ``forge`` and nothing else."""
    return replace(Instance(), key=forge.key)
