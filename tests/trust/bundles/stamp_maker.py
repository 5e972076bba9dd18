"""A timestamp authority of our own, down to the DER: it stamps whatever it is told, and however."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenly.trust.roots.model import Authority, Period

MADE = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)

HASHES = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha3_256": "2.16.840.1.101.3.4.2.8",
}


def der(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts):
    return der(0x30, *parts)


def integer(value):
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    encoded = bytes([first * 40 + second])
    for number in rest:
        group = [number & 0x7F]
        while number := number >> 7:
            group.insert(0, 0x80 | number & 0x7F)
        encoded += bytes(group)
    return der(0x06, encoded)


def attribute(name, value):
    return sequence(oid(name), der(0x31, value))


@dataclass(frozen=True)
class StampMaker:
    """An authority with a root and a signing certificate."""

    root_key: ec.EllipticCurvePrivateKey
    leaf_key: ec.EllipticCurvePrivateKey
    root: x509.Certificate
    leaf: x509.Certificate

    @classmethod
    def new(cls, *, purposes=(ExtendedKeyUsageOID.TIME_STAMPING,), critical=True, start=MADE - DAY, end=MADE + DAY):
        root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name, leaf_name = (
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("tsa root", "tsa")
        )
        root = _certificate(root_name, root_key, root_name, root_key, ca=True, dates=(MADE - 9 * DAY, MADE + 9 * DAY))
        leaf = _certificate(
            leaf_name, leaf_key, root_name, root_key, ca=False, dates=(start, end), purposes=purposes, critical=critical
        )
        return cls(root_key=root_key, leaf_key=leaf_key, root=root, leaf=leaf)

    def authority(self, *, start=MADE - 9 * DAY, end=None, chain=None):
        return Authority(
            uri="https://tsa.example", chain=chain or (self.leaf, self.root), period=Period(start=start, end=end)
        )

    def stamp(self, data, *, algorithm="sha256", at=MADE, status=0, signers=1, embedded=(), imprint=None):  # noqa: PLR0913
        """Return a TimeStampResp (RFC 3161 section 2.4.2) about ``data``."""
        info = sequence(
            integer(1),
            oid("1.3.6.1.4.1.57264.2"),
            sequence(
                sequence(oid(HASHES[algorithm]), der(0x05)),
                der(0x04, hashlib.new(algorithm, data).digest() if imprint is None else imprint),
            ),
            integer(4711),
            der(0x18, at.strftime("%Y%m%d%H%M%SZ").encode()),
        )
        signed = sequence(
            integer(3),
            der(0x31, sequence(oid(HASHES["sha256"]), der(0x05))),
            sequence(oid("1.2.840.113549.1.9.16.1.4"), der(0xA0, der(0x04, info))),
            *([der(0xA0, *sorted(item.public_bytes(Encoding.DER) for item in embedded))] if embedded else []),
            der(0x31, *(self._signer(info) for _ in range(signers))),
        )
        token = sequence(oid("1.2.840.113549.1.7.2"), der(0xA0, signed))
        return sequence(sequence(integer(status)), token)

    def _signer(self, info):
        attributes = sorted(
            [
                attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.9.16.1.4")),
                attribute("1.2.840.113549.1.9.4", der(0x04, hashlib.sha256(info).digest())),
            ]
        )
        return sequence(
            integer(1),
            sequence(self.leaf.issuer.public_bytes(), integer(self.leaf.serial_number)),
            sequence(oid(HASHES["sha256"]), der(0x05)),
            der(0xA0, *attributes),
            sequence(oid("1.2.840.10045.4.3.2")),
            der(0x04, self.leaf_key.sign(der(0x31, *attributes), ec.ECDSA(SHA256()))),
        )


def _certificate(name, key, issuer, issuer_key, *, ca, dates, purposes=(), critical=True):  # noqa: PLR0913
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dates[0])
        .not_valid_after(dates[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=critical)
    return builder.sign(issuer_key, SHA256())
