"""A timestamp authority (RFC 3161), written in DER by hand: responses that say what one likes, properly signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.simulator.sigstore import der
from tests.simulator.sigstore.authority import Issuer, issuer, key_usage
from tests.simulator.sigstore.ct_log import new_key

SIGNED_DATA: Final = der.oid("1.2.840.113549.1.7.2")
TST_INFO: Final = der.oid("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE: Final = der.oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = der.oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE: Final = der.oid("1.2.840.113549.1.9.16.2.47")
ECDSA_SHA256: Final = der.sequence(der.oid("1.2.840.10045.4.3.2"))
HASHES: Final = {
    "sha1": der.oid("1.3.14.3.2.26"),
    "sha256": der.oid("2.16.840.1.101.3.4.2.1"),
    "sha512": der.oid("2.16.840.1.101.3.4.2.3"),
}


@dataclass(frozen=True, kw_only=True)
class TimestampAuthority:
    """An authority: a root and the certificate that signs.

    :param uses: the extended key usages of the signing certificate.
    """

    root: Issuer = field(default_factory=lambda: issuer("forged timestamp root"))
    start: datetime = datetime(2025, 1, 1, tzinfo=UTC)
    end: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    uses: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.TIME_STAMPING,)
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key, repr=False)

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The signing certificate, made once."""
        return self._certificate()

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The signing certificate and the root, DER."""
        return self.certificate.public_bytes(Encoding.DER), self.root.der

    def _certificate(self) -> x509.Certificate:
        public = self.key.public_key()
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forged timestamp authority")])
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.root.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.start)
            .not_valid_after(self.end)
            .add_extension(key_usage("digital_signature"), critical=True)
            .add_extension(x509.ExtendedKeyUsage(self.uses), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(above, critical=False)
            .sign(self.root.key, SHA384())
        )

    def stamp(
        self, message: bytes, at: datetime, *, imprint: str = "sha256", embed: bool = False, status: int = 0
    ) -> bytes:
        """Return a response that says that ``message`` existed at a time.

        :param imprint: the hash of the message.
        :param embed: whether the signing certificate is in it.
        :param status: 0 for granted, 2 for a rejection that has a token all the same.
        """
        digest = hashlib.new(imprint, message, usedforsecurity=False).digest()
        info = der.sequence(
            der.integer(1),
            der.oid("1.3.6.1.4.1.57264.2"),
            der.sequence(der.sequence(HASHES[imprint]), der.octets(digest)),
            der.integer(x509.random_serial_number()),
            der.generalized_time(at),
        )
        signed = der.sequence(
            der.integer(3),
            der.set_of(der.sequence(HASHES["sha256"])),
            der.sequence(TST_INFO, der.tlv(0xA0, der.octets(info))),
            *([der.tlv(0xA0, self.chain[0])] if embed else []),
            der.set_of(self._signer(info)),
        )
        content = der.sequence(SIGNED_DATA, der.tlv(0xA0, signed))
        return der.sequence(der.sequence(der.integer(status)), content)

    def _signer(self, info: bytes) -> bytes:
        """Return the SignerInfo (RFC 5652 section 5.3) with the attributes of RFC 5816."""
        by = self.certificate
        names = by.issuer.public_bytes()
        hashed = hashlib.sha256(by.public_bytes(Encoding.DER)).digest()
        attributes = der.set_of(
            der.sequence(CONTENT_TYPE, der.set_of(TST_INFO)),
            der.sequence(MESSAGE_DIGEST, der.set_of(der.octets(hashlib.sha256(info).digest()))),
            der.sequence(SIGNING_CERTIFICATE, der.set_of(der.sequence(der.sequence(der.sequence(der.octets(hashed)))))),
        )
        return der.sequence(
            der.integer(1),
            der.sequence(names, der.integer(by.serial_number)),
            der.sequence(HASHES["sha256"]),
            b"\xa0" + attributes[1:],
            ECDSA_SHA256,
            der.octets(self.key.sign(attributes, ec.ECDSA(SHA256()))),
        )
