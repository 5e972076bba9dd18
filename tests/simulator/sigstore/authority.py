"""A certificate authority in the image of Fulcio: a root, an intermediate, and leaves that say what one likes.

Certificates are written through ``cryptography`` as far as it goes. What it refuses to write (two extensions of one
kind, a version 1 certificate) is made by changing the bytes before they are signed: see :attr:`Leaf.patch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from cryptography.x509.oid import NameOID

from tests.simulator.sigstore import der
from tests.simulator.sigstore.ct_log import LIST, CtLog, new_key, promises, spki

SIGNED: Final = datetime(2026, 7, 10, 3, 31, 8, tzinfo=UTC)
"""When honest signatures are made."""

ARC: Final = "1.3.6.1.4.1.57264.1"
"""Fulcio's arc of claims (sigstore/fulcio, docs/oid-info.md)."""

LAST_RAW: Final = 6
"""Claims up to this number are raw text; later ones are DER UTF8String."""

_USAGES: Final = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]


def key_usage(*names: str) -> x509.KeyUsage:
    """Return a key usage of just these bits."""
    return x509.KeyUsage(**{usage: usage in names for usage in _USAGES})


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """A certificate and its key: what signs others."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.DER)


def issuer(  # noqa: PLR0913 - the parts of a certificate
    name: str,
    *,
    by: Issuer | None = None,
    start: datetime = datetime(2024, 1, 1, tzinfo=UTC),
    end: datetime = datetime(2034, 1, 1, tzinfo=UTC),
    ca: bool = True,
    path_length: int | None = None,
    uses: tuple[x509.ObjectIdentifier, ...] = (),
) -> Issuer:
    """Return a certificate authority, signed by another or by itself."""
    key = ec.generate_private_key(ec.SECP384R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by is not None:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
        builder = builder.add_extension(above, critical=False)
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return Issuer(certificate=builder.sign(by.key if by else key, SHA384()), key=key)


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """What a leaf certificate shall say. The defaults are Fulcio's; each forgery replaces one.

    :param names: the subject alternative names; ``None`` for no such extension.
    :param claims: by number in Fulcio's arc; text, or bytes as they are; ``None`` leaves one out.
    :param subject: the common name, which Fulcio leaves out.
    :param usage: the key usage, or ``None``.
    :param uses: the extended key usages, or ``None``.
    :param ca: the basic constraints' ``cA``; ``None`` for no such extension, as Fulcio does it.
    :param extra: further extensions with whether they are critical.
    :param ct_log: who promises; ``None`` for no promise at all.
    :param ct_log_id: what the promise says which log made it.
    :param ct_other: promise another certificate than this one.
    :param ct_at: when it promises.
    :param ct_count: how many promises.
    :param patch: changes the bytes that get signed.
    :param signature_key: signs in the issuer's place.
    """

    names: tuple[x509.GeneralName, ...] | None = ()
    claims: Mapping[int, str | bytes | None] = field(default_factory=dict)
    subject: str = ""
    key: Any = field(default_factory=new_key, repr=False)
    start: datetime = SIGNED - timedelta(seconds=5)
    end: datetime = SIGNED + timedelta(minutes=10)
    usage: x509.KeyUsage | None = field(default_factory=lambda: key_usage("digital_signature"))
    uses: tuple[x509.ObjectIdentifier, ...] | None = (Use.CODE_SIGNING,)
    ca: bool | None = None
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    ct_log: CtLog | None = None
    ct_log_id: bytes | None = None
    ct_other: bool = False
    ct_at: datetime = SIGNED - timedelta(seconds=5)
    ct_count: int = 1
    patch: Callable[[bytes], bytes] | None = None
    signature_key: ec.EllipticCurvePrivateKey | None = field(default=None, repr=False)


def issue(leaf: Leaf, by: Issuer) -> bytes:
    """Return the certificate, DER, with the promises of its log over its precertificate.

    The precertificate's bytes are those of the certificate without the promises (RFC 6962 section 3.2), so that the
    certificate is built twice: without them, and with them as its last extension.
    """
    builder = _builder(leaf, by)
    change = leaf.patch or bytes
    sign = leaf.signature_key or by.key
    if leaf.ct_log is not None:
        tbs = change(builder.sign(by.key, SHA384()).tbs_certificate_bytes)
        promised = tbs.replace(b"\x02\x01", b"\x02\x02", 1) + b"\x00" if leaf.ct_other else tbs
        each = [
            leaf.ct_log.promise(promised, spki(by.key), leaf.ct_at, log_id=leaf.ct_log_id) for _ in range(leaf.ct_count)
        ]
        listed = x509.UnrecognizedExtension(x509.ObjectIdentifier(LIST), promises(*each))
        builder = builder.add_extension(listed, critical=False)
    certificate = builder.sign(by.key, SHA384())
    if leaf.patch is None and leaf.signature_key is None:
        return certificate.public_bytes(Encoding.DER)
    tbs = change(certificate.tbs_certificate_bytes)
    algorithm = der.sequence(der.oid("1.2.840.10045.4.3.3"))
    return der.sequence(tbs, algorithm, der.bits(sign.sign(tbs, ec.ECDSA(SHA384()))))


def _builder(leaf: Leaf, by: Issuer) -> x509.CertificateBuilder:
    """Return a builder with everything but the promises."""
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, leaf.subject)] if leaf.subject else []
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(by.certificate.subject)
        .public_key(leaf.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(leaf.start)
        .not_valid_after(leaf.end)
    )
    if leaf.usage is not None:
        builder = builder.add_extension(leaf.usage, critical=True)
    if leaf.uses is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(leaf.uses), critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf.key.public_key()), critical=False)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
    builder = builder.add_extension(above, critical=False)
    if leaf.ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=leaf.ca, path_length=None), critical=True)
    if leaf.names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(leaf.names), critical=True)
    for extension, critical in leaf.extra:
        builder = builder.add_extension(extension, critical=critical)
    for number, value in sorted(leaf.claims.items()):
        if value is not None:
            builder = builder.add_extension(claim(number, value), critical=False)
    return builder


def claim(number: int, value: str | bytes) -> x509.UnrecognizedExtension:
    """Return a claim of Fulcio's arc; text as its number asks, bytes as they are."""
    if isinstance(value, str):
        value = value.encode() if number <= LAST_RAW else der.utf8(value)
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{ARC}.{number}"), value)
