"""Certificates that Fulcio would not issue, or not to this holder, or not then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Use
from cryptography.x509.oid import ExtensionOID as Ext

from tests.forgeries.forgery import Forgery, Later, provenance
from tests.simulator.sigstore import der
from tests.simulator.sigstore.authority import ARC, SIGNED, key_usage
from tests.simulator.sigstore.bundle import V02
from tests.simulator.sigstore.ct_log import LIST, CtLog
from tests.simulator.sigstore.predicates import HONEST

SECOND: Final = timedelta(seconds=1)
URI: Final = x509.UniformResourceIdentifier
SAN: Final = HONEST.workflow_ref
UNKNOWN: Final = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), der.utf8("?"))
POISON: Final = x509.PrecertPoison()
POLICY: Final = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3.4"), None)])


@cache
def short_rsa() -> rsa.RSAPrivateKey:
    """Return a key that is too short, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def long_rsa() -> rsa.RSAPrivateKey:
    """Return a key of an accepted kind with which no build tool signs, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


@cache
def other_ct_log() -> CtLog:
    """Return a log that nobody trusts."""
    return CtLog(url="https://ct.evil.example")


def twice(number: int, value: str) -> Any:
    """Return a change of the signed bytes by which the claim .24 becomes a second claim of this number."""
    stand_in, wanted = der.oid(f"{ARC}.24"), der.oid(f"{ARC}.{number}")

    def patch(tbs: bytes) -> bytes:
        return tbs.replace(stand_in, wanted)

    return {"claims": {24: value}, "leaf": {"patch": patch}}


def leaf(name: str, code: str, /, says: str = "", **members: Any) -> Forgery:
    """Return a forgery with other members of :class:`Leaf`."""
    return provenance(f"certificate {name}", "B21", code, says, leaf=members)


def named(name: str, code: str, *names: x509.GeneralName) -> Forgery:
    """Return a forgery with other subject alternative names."""
    return leaf(name, code, names=names)


def _swap(tbs: bytes) -> bytes:
    """Let the end of a validity lie an hour before its beginning."""
    encoded = SIGNED.strftime("%y%m%d%H%M%SZ").encode()
    first = tbs.index(encoded)
    earlier = (SIGNED - timedelta(hours=1)).strftime("%y%m%d%H%M%SZ").encode()
    return tbs[: first + 13] + tbs[first + 13 :].replace(encoded, earlier, 1)


def _evil_after(tbs: bytes) -> bytes:
    """Change the repository once the promise is in: what the log has seen was the honest one."""
    return tbs.replace(b"example/mail-mcp", b"example/evil-mcp") if der.oid(LIST) in tbs else tbs


TIMES: Final = (
    leaf("that ended before", "CERT_PERIOD", end=SIGNED - SECOND),
    leaf("that begins later", "CERT_PERIOD", start=SIGNED + SECOND),
    leaf("of a year ago", "CERT_PERIOD", start=SIGNED - timedelta(days=365), end=SIGNED - timedelta(days=364)),
    leaf("that ends before it begins", "CERT_PERIOD", start=SIGNED, end=SIGNED, patch=_swap),
)


USES: Final = (
    leaf("of an authority", "CERT_IS_AUTHORITY", ca=True),
    leaf("without a key usage", "CERT_KEY_USAGE", usage=None),
    leaf("for key agreement only", "CERT_KEY_USAGE", usage=key_usage("key_agreement")),
    leaf("for signing certificates, too", "CERT_KEY_USAGE", usage=key_usage("digital_signature", "key_cert_sign")),
    leaf("without an extended key usage", "CERT_PURPOSE", uses=None),
    leaf("for servers", "CERT_PURPOSE", uses=(Use.SERVER_AUTH,)),
    leaf("for any purpose", "CERT_PURPOSE", uses=(Use.ANY_EXTENDED_KEY_USAGE,)),
    leaf("for timestamps", "CERT_PURPOSE", uses=(Use.TIME_STAMPING,)),
    leaf("for code and for servers", "CERT_PURPOSE", uses=(Use.CODE_SIGNING, Use.SERVER_AUTH)),
    leaf("with an unknown critical extension", "CERT_CRITICAL", extra=((UNKNOWN, True),)),
    leaf("with critical policies", "CERT_CRITICAL", extra=((POLICY, True),)),
    leaf("that is a precertificate", "CERT_CRITICAL", extra=((POISON, True),)),
    leaf("that is a precertificate, not critically", "CERT_CRITICAL", extra=((POISON, False),)),
    leaf(
        "of version 1",
        "BUNDLE_CERTIFICATE",
        patch=lambda tbs: tbs.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x00", 1),
    ),
    leaf(
        "of version 2",
        "BUNDLE_CERTIFICATE",
        patch=lambda tbs: tbs.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", 1),
    ),
)

NAMES: Final = (
    leaf("without a name", "CERT_SAN_COUNT", names=None),
    named("with an empty list of names", "CERT_SAN_COUNT"),
    named("with two names", "CERT_SAN_COUNT", URI(SAN), URI("https://github.com/evil/evil")),
    named("with its name twice", "CERT_SAN_COUNT", URI(SAN), URI(SAN)),
    named("with a name and a mail address", "CERT_SAN_COUNT", URI(SAN), x509.RFC822Name("evil@example.com")),
    named("with a host for a name", "CERT_SAN_KIND", x509.DNSName("github.com")),
    named("of a person", "ATT_ISSUER", x509.RFC822Name("evil@example.com")),
    named("of another host", "ATT_ISSUER", URI("https://github.com.evil.example/example/mail-mcp/a.yml@refs/x")),
    named("with a NUL in its name", "CERT_SAN_TEXT", URI(SAN + "\x00.evil")),
    named("with a newline in its name", "CERT_SAN_TEXT", URI(SAN + "\nevil")),
    named("with an escape in its name", "CERT_SAN_TEXT", URI(SAN + "\x1b[2K")),
)

KEYS: Final = (
    leaf("with a key on P-521", "KEY_ALGORITHM", key=ec.generate_private_key(ec.SECP521R1())),
    leaf("with a key on secp256k1", "KEY_ALGORITHM", key=ec.generate_private_key(ec.SECP256K1())),
    leaf("with a key on P-224", "KEY_ALGORITHM", key=ec.generate_private_key(ec.SECP224R1())),
    leaf("with a short RSA key", "KEY_ALGORITHM", key=Later(lambda _: short_rsa())),
    # Good for a bundle of any kind, and nothing that a build of an npm package has.
    leaf("with a key on P-384", "ATT_SIGNER_KEY", key=ec.generate_private_key(ec.SECP384R1())),
    leaf("with an Ed25519 key", "ATT_SIGNER_KEY", key=ed25519.Ed25519PrivateKey.generate()),
    leaf("with a long RSA key", "ATT_SIGNER_KEY", key=Later(lambda _: long_rsa())),
)

TRANSPARENCY: Final = (
    leaf("that no log has seen", "SCT_ABSENT", ct_log=None),
    leaf("with an empty list of promises", "SCT_ABSENT", ct_count=0),
    leaf("seen by an untrusted log", "SCT_LOG", ct_log=Later(lambda _: other_ct_log())),
    leaf(
        "with a promise in another log's name",
        "SCT_SIGNATURE",
        ct_log=Later(lambda _: other_ct_log()),
        ct_log_id=Later(lambda forge: forge.ct_log.log_id),
    ),
    leaf("with the promise of another certificate", "SCT_SIGNATURE", ct_other=True),
    leaf("with a promise from before the log", "SCT_PERIOD", ct_at=SIGNED - timedelta(days=4000)),
    leaf("with a promise of the year 9999", "SCT_FUTURE", ct_at=datetime(9999, 1, 1, tzinfo=UTC)),
    leaf("with a promise from after its end", "SCT_FUTURE", ct_at=SIGNED + timedelta(minutes=10, seconds=1)),
    leaf("with a hundred promises", "SCT_COUNT", ct_count=100),
    provenance(
        "certificate with the promise of a twin that names another repository",
        "B21",
        "SCT_SIGNATURE",
        leaf={"patch": _evil_after},
    ),
)


CLAIMS: Final = (
    provenance("certificate without an issuer", "B24", "CERT_NO_ISSUER", claims={1: None, 8: None}),
    provenance("claim that is no UTF8String", "B21", "CERT_EXTENSION", claims={13: HONEST.commit.encode()}),
    provenance("claim with bytes after it", "B21", "CERT_EXTENSION", claims={13: der.utf8(HONEST.commit) + b"\x00"}),
    provenance(
        "claim that is an IA5String", "B21", "CERT_EXTENSION", claims={13: der.tlv(0x16, HONEST.commit.encode())}
    ),
    provenance(
        "claim with a long length", "B21", "CERT_EXTENSION", claims={13: b"\x0c\x81\x28" + HONEST.commit.encode()}
    ),
    provenance("claim that is no UTF-8", "B21", "CERT_EXTENSION", claims={12: der.tlv(0x0C, b"\xff\xfe")}),
    provenance("claim with a NUL", "B21", "CERT_EXTENSION", claims={12: HONEST.repository + "\x00evil"}),
    provenance("claim with a newline", "B21", "CERT_EXTENSION", claims={12: HONEST.repository + "\nevil"}),
    provenance(
        "issuer with a NUL", "B24", "CERT_EXTENSION", claims={1: HONEST.issuer + "\x00", 8: HONEST.issuer + "\x00"}
    ),
    provenance("claim of ten thousand characters", "B32", "CERT_EXTENSION", claims={22: "x" * 10_000}),
    provenance("repository twice", "B21", "CERT_FORMAT", **twice(12, "https://github.com/evil/evil")),
    provenance("issuer twice", "B21", "CERT_FORMAT", **twice(8, "https://evil.example")),
)


def raw(oid: x509.ObjectIdentifier, value: bytes, *, critical: bool = False) -> tuple[tuple[x509.ExtensionType, bool]]:
    """Return an extension whose value is these bytes, whatever its kind asks for."""
    return ((x509.UnrecognizedExtension(oid, value), critical),)


def replaced(old: bytes, new: bytes) -> Any:
    """Return a change of the signed bytes; it fails where there is nothing to change."""

    def patch(tbs: bytes) -> bytes:
        assert old in tbs
        return tbs.replace(old, new)

    return patch


BIT_STRING_NAME: Final = der.oid("2.5.4.3") + der.tlv(0x03, b"\x00evi")
"""A common name whose text is a BIT STRING, for which ``cryptography`` raises a TypeError."""

UNREADABLE_SUBJECT: Final = {
    "subject": "evil",
    "patch": replaced(der.oid("2.5.4.3") + der.utf8("evil"), BIT_STRING_NAME),
}


def other_point(tbs: bytes) -> bytes:
    """Let the key be a point that is not on its curve."""
    at = tbs.index(b"\x03\x42\x00\x04") + 4
    return tbs[:at] + b"\x01" * 64 + tbs[at + 64 :]


def negative_serial(tbs: bytes) -> bytes:
    """Let the serial number be negative."""
    at = tbs.index(b"\xa0\x03\x02\x01\x02") + 7
    return tbs[:at] + b"\xff" + tbs[at + 1 :]


def no_month(tbs: bytes) -> bytes:
    """Let the validity begin in a month that there is not."""
    return tbs.replace(b"\x17\x0d2607", b"\x17\x0d2699")


# What ``cryptography`` only notices when it is asked, some of it with exceptions that are no ValueError.
UNREADABLE: Final = (
    leaf(
        "with a name of an unknown kind",
        "CERT_FORMAT",
        names=None,
        extra=raw(Ext.SUBJECT_ALTERNATIVE_NAME, der.sequence(der.tlv(0xA3, b"\x30\x00"))),
    ),
    leaf("whose subject cannot be read", "CERT_FORMAT", **UNREADABLE_SUBJECT),
    provenance(
        "certificate in a chain whose subject cannot be read",
        "B21",
        "BUNDLE_CERTIFICATE",
        leaf=UNREADABLE_SUBJECT,
        media_type=V02,
    ),
    leaf(
        "with a directory name that cannot be read",
        "CERT_FORMAT",
        extra=raw(
            Ext.ISSUER_ALTERNATIVE_NAME,
            der.sequence(der.tlv(0xA4, der.sequence(der.set_of(der.sequence(BIT_STRING_NAME))))),
        ),
    ),
    leaf("with junk for names", "CERT_FORMAT", names=None, extra=raw(Ext.SUBJECT_ALTERNATIVE_NAME, b"evil")),
    leaf("with junk for a key usage", "CERT_FORMAT", usage=None, extra=raw(Ext.KEY_USAGE, b"\x03")),
    leaf("with junk for purposes", "CERT_FORMAT", uses=None, extra=raw(Ext.EXTENDED_KEY_USAGE, b"\x30\x02\x06\x00")),
    leaf("with junk for promises", "CERT_FORMAT", ct_log=None, extra=raw(x509.ObjectIdentifier(LIST), b"evil")),
    leaf(
        "with promises that end too early",
        "CERT_FORMAT",
        ct_log=None,
        extra=raw(x509.ObjectIdentifier(LIST), der.octets(b"\x00\x04\x00\x10ab")),
    ),
    leaf(
        "with a key of an unknown algorithm",
        "KEY_ALGORITHM",
        patch=replaced(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.2.9")),
    ),
    leaf(
        "with a key on an unknown curve",
        "KEY_ALGORITHM",
        patch=replaced(der.oid("1.2.840.10045.3.1.7"), der.oid("1.2.840.10045.3.1.99")),
    ),
    leaf("with a key that is not on its curve", "KEY_FORMAT", patch=other_point),
    leaf(
        "that says another signature algorithm inside",
        "CERT_SIGNATURE",
        patch=replaced(der.oid("1.2.840.10045.4.3.3"), der.oid("1.2.840.10045.4.3.2")),
    ),
    leaf("with a negative serial number", "BUNDLE_CERTIFICATE", patch=negative_serial),
    leaf("with a month 99", "BUNDLE_CERTIFICATE", patch=no_month),
)


ALL: Final = (*UNREADABLE, *TIMES, *USES, *NAMES, *KEYS, *TRANSPARENCY, *CLAIMS)
