"""Which authority issued a certificate, and whether it could.

The rules are those of RFC 5280 section 6.1, for chains that are known from the start: of an authority the trusted root
lists all certificates, so that nothing is searched for and nothing that came with a bundle is believed. The path
builder of ``cryptography`` stops at the first certificate it was told to trust: with the intermediate in its store it
never looks at the root above it, and with the root alone it verifies the intermediate again for every bundle, at twice
the cost. Here the part above the holder's certificate is verified once for each authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from provenly.trust.bundles import x509_parts
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.roots.model import Authority, Period, TrustedRoot

MIN_RSA_BITS: Final = 2_048
"""Bits of an authority's RSA key: what NIST SP 800-57 still allows. The user's trusted root chose it, no stranger."""

CACHED: Final = 64
"""Authorities whose own chain is remembered as verified. A trusted root has two."""

_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

_HASHES: Final = frozenset({"sha256", "sha384", "sha512"})
"""With which certificates may be signed. Colliding certificates have been made with MD5 and SHA-1."""

_CRITICAL: Final = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE})
"""The critical extensions of an authority that are understood here (RFC 5280 section 4.2: others refuse the chain)."""

_ISSUING: Final = frozenset({ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """The authority's certificate that issued another, the chain above it verified.

    :param certificate: the issuing certificate.
    :param period: when every certificate from it to the root is valid.
    :param authority: whose it is.
    """

    certificate: x509.Certificate
    period: Period
    authority: Authority


def issuer(certificate: x509.Certificate, trusted_root: TrustedRoot, at: tuple[datetime, ...]) -> Issuer:
    """Return who issued a certificate, among the authorities of a trusted root.

    :param at: the times at which it was used; authority and chain must be good at each of them (CVE-2026-24122: it is
        not enough that the chain was valid when the holder's certificate began).
    :raises RejectedError: no authority has this name (``CERT_ISSUER``) or signed it (``CERT_SIGNATURE``), the
        authority's period (``CERT_AUTHORITY_PERIOD``) or its chain (``CERT_CHAIN_PERIOD``) does not cover a time, or
        it was signed with an algorithm that is not accepted (``CERT_ALGORITHM``).
    :raises MalformedError: the chain in the trusted root is none (``TRUST_CHAIN``), or the certificate cannot be read
        (``CERT_FORMAT``).
    """
    # 1. By name. Several authorities may have one name: production and staging do.
    _, name = x509_parts.names(certificate)
    named = [authority for authority in trusted_root.authorities if _name(authority) == name]
    if not named:
        raise _refused("no authority of the trusted root has the name of the certificate's issuer", "CERT_ISSUER")
    # 2. By signature. One key may be listed twice, with different periods.
    signers = dict.fromkeys(authority.chain[0] for authority in named)
    signer = next((one for one in signers if _is_issued_by(certificate, one)), None)
    if signer is None:
        raise _refused("no authority of the trusted root signed the certificate", "CERT_SIGNATURE")
    # 3. In the authority's period, at every time.
    named = [authority for authority in named if authority.chain[0] == signer]
    current = [authority for authority in named if all(authority.period.covers(time) for time in at)]
    if not current:
        periods = " or ".join(str(authority.period) for authority in named)
        raise _outside("the authority that issued the certificate", "CERT_AUTHORITY_PERIOD", periods, at)
    # 4. The chain above, at every time.
    found = [_issuer(authority) for authority in current]
    valid = [one for one in found if all(one.period.covers(time) for time in at)]
    if not valid:
        periods = " or ".join(str(one.period) for one in found)
        raise _outside("the authority's own chain of certificates", "CERT_CHAIN_PERIOD", periods, at)
    return valid[0]


def period(certificate: x509.Certificate) -> Period:
    """Return when a certificate is valid; both ends belong to it (RFC 5280 section 4.1.2.5).

    :raises MalformedError: it has no such times (``CERT_FORMAT``).
    """
    try:
        return Period(start=certificate.not_valid_before_utc, end=certificate.not_valid_after_utc)
    except (ValueError, OverflowError) as error:
        raise MalformedError("the period of a certificate cannot be read", code="CERT_FORMAT") from error


def _is_issued_by(certificate: x509.Certificate, above: x509.Certificate) -> bool:
    """Whether ``above`` signed ``certificate``: names equal, algorithms accepted, and the signature verifies.

    :raises RejectedError: the algorithm is not accepted (``CERT_ALGORITHM``).
    """
    try:
        hashed = certificate.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError) as error:
        raise _refused("the certificate is signed with an algorithm that is not accepted", "CERT_ALGORITHM") from error
    _check_hash(certificate, hashed)
    try:
        certificate.verify_directly_issued_by(above)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _check_hash(certificate: x509.Certificate, hashed: hashes.HashAlgorithm | None) -> None:
    if hashed is None and certificate.signature_algorithm_oid == x509.SignatureAlgorithmOID.ED25519:
        return
    if hashed is None or hashed.name not in _HASHES:
        name = hashed.name if hashed else "an unknown hash"
        raise _refused(f"the certificate is signed with {name}, which is not accepted", "CERT_ALGORITHM")


@lru_cache(maxsize=CACHED)
def _name(authority: Authority) -> x509.Name:
    return authority.chain[0].subject


@lru_cache(maxsize=CACHED)
def _issuer(authority: Authority) -> Issuer:
    """Verify the chain of an authority by itself, and return its first certificate with the chain's common period.

    The last certificate is believed because the trusted root lists it; whether it signed itself proves nothing.
    """
    chain = authority.chain
    for depth, certificate in enumerate(chain):
        _check_authority(certificate, depth)
        if certificate is not chain[-1] and not _is_issued_by(certificate, chain[depth + 1]):
            raise _broken("is not signed by the one after it")
    periods = [period(certificate) for certificate in chain]
    start = max(one.start for one in periods if one.start is not None)
    end = min(one.end for one in periods if one.end is not None)
    return Issuer(certificate=chain[0], period=Period(start=start, end=end), authority=authority)


def _check_authority(certificate: x509.Certificate, depth: int) -> None:
    """Check that a certificate may issue others (RFC 5280 section 6.1.4, steps k to o).

    :param depth: how many certificates of the chain are below it, not counting the holder's.
    """
    if any(extension.critical and extension.oid not in _CRITICAL for extension in x509_parts.extensions(certificate)):
        raise _broken("has a critical extension that is not understood")
    found = {extension.oid: extension.value for extension in x509_parts.extensions(certificate)}
    constraints = found.get(ExtensionOID.BASIC_CONSTRAINTS)
    if not isinstance(constraints, x509.BasicConstraints) or not constraints.ca:
        raise _broken("is not that of an authority")
    if constraints.path_length is not None and constraints.path_length < depth:
        raise _broken(f"allows {constraints.path_length} authorities below it, and has {depth}")
    if ExtensionOID.NAME_CONSTRAINTS in found:  # section 4.2.1.10: they bind, even where they are not marked critical
        raise _broken("may certify some names only, which is not looked at here")
    usage = found.get(ExtensionOID.KEY_USAGE)
    if not isinstance(usage, x509.KeyUsage) or not usage.key_cert_sign:
        raise _broken("may not sign certificates")
    purposes = found.get(ExtensionOID.EXTENDED_KEY_USAGE)
    if isinstance(purposes, x509.ExtendedKeyUsage) and not _ISSUING & set(purposes):
        raise _broken("is not for code signing")
    _require_key(certificate)


def _require_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _broken("has a key that cannot be read") from error
    match key:
        case ec.EllipticCurvePublicKey() if isinstance(key.curve, _CURVES):
            return
        case rsa.RSAPublicKey() if key.key_size >= MIN_RSA_BITS:
            return
        case ed25519.Ed25519PublicKey():
            return
        case _:
            raise _broken("has a key of a kind that is not accepted")


def _broken(why: str) -> MalformedError:
    return MalformedError(
        f"a certificate of an authority of the trusted root {why}",
        code="TRUST_CHAIN",
        hint="Was the trusted root edited? Get it from the instance's operator again.",
    )


def _refused(message: str, code: str) -> RejectedError:
    return RejectedError(
        message,
        code=code,
        expected="a certificate issued by an authority of the trusted root",
        actual="another one",
        hint="It was issued by another Sigstore instance, or made up. For a private instance give --trusted-root.",
    )


def _outside(what: str, code: str, periods: str, at: tuple[datetime, ...]) -> RejectedError:
    return RejectedError(
        f"{what} was not valid when the signature was made",
        code=code,
        expected=f"a time from {periods}",
        actual=", ".join(f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in at),
        hint="Do not trust it: whoever holds an authority's old key can issue certificates in any name.",
    )
