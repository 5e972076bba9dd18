"""Signed certificate timestamps: a certificate transparency log's word that a certificate was made public.

An authority that is broken into can issue certificates in any name; with a timestamp of a log, it cannot do so unseen.
The rules are RFC 6962 sections 3.2 and 3.3: the timestamps are inside of the certificate, and sign it as it was before
they were put in, together with the key of its issuer.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.certificate_transparency import SignatureAlgorithm, SignedCertificateTimestamp

from provenly.trust.bundles import chain, x509_parts
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.keys import Scheme
from provenly.trust.roots.model import Log

MAX_TIMESTAMPS: Final = 8
"""Timestamps in a certificate. Sigstore's authority puts one in."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

_ALGORITHMS: Final = {Scheme.ECDSA_P256: SignatureAlgorithm.ECDSA, Scheme.RSA: SignatureAlgorithm.RSA}
"""What a log may sign with (RFC 6962 section 2.1.4): P-256 or RSA, with SHA-256."""


def verify(certificate: x509.Certificate, issuer: x509.Certificate, ct_logs: tuple[Log, ...]) -> datetime:
    """Verify that a log that we know has seen a certificate, and return since when it says so.

    Timestamps of logs that we do not know prove nothing and are passed over. Of those that we know every one must hold.

    :param issuer: the certificate whose key signed ``certificate``.
    :param ct_logs: the logs that are known.
    :raises RejectedError: there is no timestamp (``SCT_ABSENT``), or none of a log that we know (``SCT_LOG``); one of
        such a log does not verify (``SCT_SIGNATURE``), is of a time for which the log's word does not count
        (``SCT_PERIOD``), is signed in another way than logs sign (``SCT_ALGORITHM``) or lies after the certificate's
        end (``SCT_FUTURE``).
    :raises MalformedError: there are too many (``SCT_COUNT``) or one cannot be read (``SCT_FORMAT``).
    """
    # 1. What is there.
    timestamps = _timestamps(certificate)
    # 2. Of which logs.
    known = [(stamp, log) for stamp in timestamps for log in ct_logs if log.log_id == stamp.log_id]
    if not known:
        raise _refused(
            "no certificate transparency log of the trusted root has seen the certificate",
            "SCT_LOG",
            f"timestamps of {', '.join(stamp.log_id.hex()[:16] for stamp in timestamps)} only",
        )
    # 3. Each of them: its period, its algorithms, its signature.
    signed = _precertificate(certificate, issuer)
    times = [_verify_one(stamp, log, signed) for stamp, log in known]
    # 4. None is of a time to come (RFC 6962 section 5.2): what is in a certificate was there before its end.
    end = chain.period(certificate).end
    if end is not None and max(times) > end:
        raise _refused(
            "a log says that it saw the certificate after its end",
            "SCT_FUTURE",
            f"{max(times):%Y-%m-%dT%H:%M:%SZ}",
            f"a time before {end:%Y-%m-%dT%H:%M:%SZ}",
        )
    return min(times)


def _timestamps(certificate: x509.Certificate) -> tuple[SignedCertificateTimestamp, ...]:
    try:
        extension = x509_parts.extensions(certificate).get_extension_for_class(
            x509.PrecertificateSignedCertificateTimestamps
        )
    except x509.ExtensionNotFound as error:
        raise _refused(
            "the certificate carries no timestamp of a certificate transparency log", "SCT_ABSENT", "none"
        ) from error
    found = tuple(extension.value)
    if not found:
        raise _refused(
            "the certificate carries no timestamp of a certificate transparency log", "SCT_ABSENT", "an empty list"
        )
    if len(found) > MAX_TIMESTAMPS:
        raise MalformedError(
            f"the certificate has {len(found)} timestamps of logs; at most {MAX_TIMESTAMPS} are accepted",
            code="SCT_COUNT",
        )
    return found


def _precertificate(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return the ``PreCert`` of RFC 6962 section 3.2: sha256 of the issuer's key, then the certificate before."""
    try:
        before = certificate.tbs_precertificate_bytes
        key = _key_hash(issuer)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedError("the certificate without its timestamps cannot be written", code="SCT_FORMAT") from error
    return key + len(before).to_bytes(3, "big") + before


@lru_cache(maxsize=64)  # issuers are those of trusted roots, of which there are few
def _key_hash(issuer: x509.Certificate) -> bytes:
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).digest()


def _verify_one(stamp: SignedCertificateTimestamp, log: Log, signed: bytes) -> datetime:
    """Verify one timestamp by the log that it names, and return its time."""
    try:
        at = stamp.timestamp.replace(tzinfo=UTC)
        algorithm, hashed = stamp.signature_algorithm, stamp.signature_hash_algorithm
    except (ValueError, OverflowError, UnsupportedAlgorithm) as error:
        raise MalformedError("a timestamp in the certificate cannot be read", code="SCT_FORMAT") from error
    if not log.period.covers(at):
        raise _refused(
            f"the word of {log.url} does not count for the time of its timestamp",
            "SCT_PERIOD",
            f"{at:%Y-%m-%dT%H:%M:%SZ}",
            f"a time from {log.period}",
        )
    if not isinstance(hashed, SHA256) or _ALGORITHMS.get(log.key.scheme) is not algorithm:
        raise _refused(
            "a timestamp is signed in another way than its log signs",
            "SCT_ALGORITHM",
            f"{algorithm.name} with {hashed.name}",
            f"{log.key.scheme}",
        )
    # RFC 6962 section 3.2: version, signature type, milliseconds, entry type, entry, extensions. cryptography reads
    # version 1 only, and all that are inside of certificates are of precertificates.
    head = bytes([0, 0]) + ((at - _EPOCH) // _MILLISECOND).to_bytes(8, "big") + (1).to_bytes(2, "big")
    tail = len(stamp.extension_bytes).to_bytes(2, "big") + stamp.extension_bytes
    log.key.verify(stamp.signature, head + signed + tail, what=f"the timestamp of {log.url}", code="SCT_SIGNATURE")
    return at


def _refused(
    message: str, code: str, actual: str, expected: str = "a timestamp of a log that is known"
) -> RejectedError:
    return RejectedError(
        message,
        code=code,
        expected=expected,
        actual=actual,
        hint="An authority may have issued it unseen, or it is of another Sigstore instance: do not trust it.",
    )
