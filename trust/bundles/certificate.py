"""The certificate of a signer: was it issued by an authority that we know, to whom, and was it valid at the time?

The rules are those of Sigstore's client specification (sigstore/architecture-docs, client-spec.md, "Certificate Path")
on the base of RFC 5280, and of sigstore/fulcio, docs/certificate-specification.md, for the holder's certificate.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from provenly.trust import keys
from provenly.trust.bundles import chain, extensions, sct, x509_parts
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.identity import Identity
from provenly.trust.keys import PublicKey
from provenly.trust.model import Note
from provenly.trust.roots.model import TrustedRoot

EDGE: Final = timedelta(seconds=30)
"""How near to a certificate's end a proven time is reported. Certificates hold for ten minutes and are used within
seconds of their beginning, which is why only the end is looked at; so near to it a difference between the clocks of two
services, or a signer who was slow on purpose, decides whether the signature counts."""

_CRITICAL: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)
"""The critical extensions that are understood (RFC 5280 section 4.2: any other refuses the certificate). That of a
precertificate (RFC 6962 section 3.1) is not among them: nobody may sign with one, critical or not."""


def verify(
    certificate: x509.Certificate, trusted_root: TrustedRoot, at: tuple[datetime, ...]
) -> tuple[PublicKey, Identity, tuple[Note, ...]]:
    """Verify a signer's certificate at every time at which it is proven to have been used.

    :param at: the proven times, with their zone; at least one.
    :return: the holder's key, who the holder is, and what a reader should know: ``CERT_NEAR_EDGE``,
        ``CERT_NO_CT_LOG``.
    :raises RejectedError: it is not for code signing (``CERT_IS_AUTHORITY``, ``CERT_KEY_USAGE``, ``CERT_PURPOSE``), has
        a critical extension that is not understood (``CERT_CRITICAL``), was not valid (``CERT_PERIOD``,
        ``CERT_NO_TIME``), or as :func:`chain.issuer`, :func:`sct.verify` and :func:`extensions.identity`.
    :raises MalformedError: it cannot be read (``CERT_FORMAT``, ``CERT_VERSION``), its key is of no kind that is
        accepted (``KEY_ALGORITHM``), or as the functions above.
    """
    # 1. What it may be used for, and its key.
    _check_form(certificate)
    key = _key(certificate)
    # 2. Who the holder is; a certificate that cannot say so in one way is no use to verify.
    identity = extensions.identity(certificate)
    # 3. Valid at every proven time.
    notes = _check_time(certificate, at)
    # 4. Issued by an authority that was good at every proven time.
    issuer = chain.issuer(certificate, trusted_root, at)
    # 5. Seen by a certificate transparency log. Only the trusted root can say that its instance has none; one whose
    #    key we cannot use is a log all the same.
    if trusted_root.ct_logs or any(unusable.kind == "ctlogs" for unusable in trusted_root.unusable):
        sct.verify(certificate, issuer.certificate, trusted_root.ct_logs)
    else:
        text = "the trusted root lists no certificate transparency log: nobody else saw that the certificate was issued"
        notes = (*notes, Note(code="CERT_NO_CT_LOG", text=text))
    return key, identity, notes


def _check_form(certificate: x509.Certificate) -> None:
    """Check that the holder may sign code with this certificate, and nothing else."""
    if certificate.version is not x509.Version.v3:
        raise MalformedError("the certificate is not of X.509 version 3", code="CERT_VERSION")
    # The signature is the last element, a BIT STRING; the one byte that nobody signs says how many bits are left over.
    if certificate.public_bytes(Encoding.DER)[: -len(certificate.signature)][-1:] != b"\x00":
        raise MalformedError("the signature of the certificate is not one of whole bytes", code="CERT_FORMAT")
    found = x509_parts.extensions(certificate)
    unknown = sorted(one.oid.dotted_string for one in found if one.critical and one.oid not in _CRITICAL)
    if unknown:
        raise _refused("the certificate has critical extensions that are not understood", "CERT_CRITICAL", unknown[0])
    values = {one.oid: one.value for one in found}
    if ExtensionOID.PRECERT_POISON in values:
        raise _refused("the certificate is a precertificate, with which nobody may sign", "CERT_CRITICAL", "its poison")
    constraints = values.get(ExtensionOID.BASIC_CONSTRAINTS)
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        raise _refused("the certificate is that of an authority", "CERT_IS_AUTHORITY", "CA:true")
    usage = values.get(ExtensionOID.KEY_USAGE)
    if not isinstance(usage, x509.KeyUsage) or not usage.digital_signature or usage.key_cert_sign:
        raise _refused("the certificate is not for digital signatures", "CERT_KEY_USAGE", "another key usage")
    purposes = values.get(ExtensionOID.EXTENDED_KEY_USAGE)
    if not isinstance(purposes, x509.ExtendedKeyUsage) or tuple(purposes) != (ExtendedKeyUsageOID.CODE_SIGNING,):
        raise _refused("the certificate is not for code signing alone", "CERT_PURPOSE", "another extended key usage")


def _key(certificate: x509.Certificate) -> PublicKey:
    try:
        loaded = certificate.public_key()
    except UnsupportedAlgorithm as error:
        raise MalformedError("the certificate's key is of a kind that is not accepted", code="KEY_ALGORITHM") from error
    except ValueError as error:
        raise MalformedError("the certificate's key cannot be read", code="KEY_FORMAT") from error
    return keys.accept(loaded, what="the certificate's key")


def _check_time(certificate: x509.Certificate, at: tuple[datetime, ...]) -> tuple[Note, ...]:
    """Check that the certificate was valid at every proven time; report one that was just before its end."""
    valid = chain.period(certificate)
    if not at:
        raise RejectedError(
            "nothing proves when the signature was made",
            code="CERT_NO_TIME",
            expected=f"a time from {valid}",
            actual="none",
            hint="A certificate that holds for minutes proves nothing without a time.",
        )
    outside = [time for time in at if not valid.covers(time)]
    if outside:
        raise RejectedError(
            "the certificate was not valid when the signature was made",
            code="CERT_PERIOD",
            expected=f"a time from {valid}",
            actual=f"{outside[0]:%Y-%m-%dT%H:%M:%SZ}",
            hint="Whoever signed had no right to this certificate any more, or not yet: do not trust it.",
        )
    if valid.end is None or max(at) <= valid.end - EDGE:
        return ()
    left = int((valid.end - max(at)).total_seconds())
    text = f"the signature was made {left} seconds before the end of the signer's certificate"
    return (Note(code="CERT_NEAR_EDGE", text=text),)


def _refused(message: str, code: str, actual: str) -> RejectedError:
    return RejectedError(
        message,
        code=code,
        expected="a certificate for code signing, as Sigstore's authority issues it",
        actual=actual,
        hint="Do not trust it: it was not issued for signing packages.",
    )
