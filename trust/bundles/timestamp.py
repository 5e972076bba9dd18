"""Signed timestamps (RFC 3161): a timestamp authority says that a signature was there at some time.

The authority and its signing certificate come from the trusted root. Certificates that a response carries are read
only to find out that they are the wrong ones. Parsing and the CMS signature are those of ``rfc3161-client``; what must
hold besides is looked at here first, so that each refusal names its reason.

Every timestamp of a bundle must verify, and no two may be the same. Sigstore's clients ask for one that does and pass
over the rest; but real bundles carry one, made by an authority of the instance that the bundle is from, and a second
one that does not verify is nothing that an honest tool writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from cryptography.x509 import Certificate, ExtendedKeyUsage, ExtensionNotFound
from cryptography.x509.oid import ExtendedKeyUsageOID

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.roots.model import Authority

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

MAX_RESPONSE: Final = 64 * 1024
"""Bytes of a response. Real ones have 540 to 1,400, some authorities add a chain of a few kilobytes."""

MIN_CHAIN: Final = 2
"""Certificates of an authority: the one that signs, and the root over it."""

GRANTED: Final = 0
"""The only status that comes with a token we accept (RFC 3161 section 2.4.2). 1, granted with modifications, would be
another imprint or policy than was asked for; no authority of Sigstore answers so, and its clients refuse it."""

IMPRINTS: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""Hash algorithms of an imprint that are accepted, by object identifier; SHA-1 is not."""

_OTHER: Final = "The timestamp is of another signature or was altered: do not trust its time."


def verify(response: bytes, signature: bytes, authorities: tuple[Authority, ...]) -> datetime:
    """Verify that an authority stamped ``signature``, and return when.

    :param response: a TimeStampResp, DER.
    :param signature: the bundle's signature: raw bytes, as they are in it.
    :param authorities: those of the trusted root.
    :raises MalformedError: not a response (``TIMESTAMP_FORMAT``, ``TIMESTAMP_SIZE``).
    :raises RejectedError: not granted (``TIMESTAMP_STATUS``), a hash that is not accepted (``TIMESTAMP_HASH``), a
        stamp of something else (``TIMESTAMP_IMPRINT``), by an authority that the trusted root does not know
        (``TIMESTAMP_AUTHORITY``) or not at that time (``TIMESTAMP_PERIOD``), with a certificate that was not valid
        then (``TIMESTAMP_CERTIFICATE_PERIOD``) or is not for stamping (``TIMESTAMP_PURPOSE``), or not signed by it
        (``TIMESTAMP_SIGNATURE``).
    """
    # 1. It is a response, and one to which the authority agreed.
    answer = _Answer.read(response)
    if answer.status != GRANTED:
        raise _refuse("TIMESTAMP_STATUS", "the timestamp was not granted", "status 0", f"status {answer.status}")
    # 2. It stamps this signature, by a hash for which no second signature can be made.
    algorithm = IMPRINTS.get(answer.algorithm)
    if algorithm is None:
        raise _refuse(
            "TIMESTAMP_HASH",
            "the timestamp is over a hash that is not accepted",
            " or ".join(IMPRINTS.values()),
            answer.algorithm,
        )
    digest = Digest.of(signature, algorithm)
    if answer.imprint != digest.value:
        raise _refuse(
            "TIMESTAMP_IMPRINT", "the timestamp is of something else", digest.hex, answer.imprint.hex() or "no hash"
        )
    # 3. Somebody whom the trusted root names made it.
    known = [authority for authority in authorities if answer.signed_by(authority.chain[0])]
    if not known:
        raise _refuse(
            "TIMESTAMP_AUTHORITY",
            "the timestamp is by an authority that the trusted root does not know",
            ", ".join(authority.uri or "an authority without an address" for authority in authorities) or "none",
            answer.signer,
            hint="Is it from another Sigstore instance? Then name that one's trusted root with --trusted-root.",
        )
    # 4. That authority signed it, within its time. One authority may be listed for several periods.
    refusal: RejectedError | None = None
    for authority in known:
        try:
            _verify_by(answer, authority, signature)
        except RejectedError as error:
            refusal = refusal or error
        else:
            return answer.time
    assert refusal is not None  # noqa: S101 - each authority either returned or refused
    raise refusal


def _verify_by(answer: _Answer, authority: Authority, signature: bytes) -> None:
    """Verify the token of ``answer`` with the certificates of ``authority``, at the time that the token says."""
    at = answer.time
    shown = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    # 4a. Its word counts at that time; the end of the period belongs to it.
    if not authority.period.covers(at):
        raise _refuse(
            "TIMESTAMP_PERIOD",
            f"the timestamp authority {authority.uri} is not trusted at {shown}",
            f"a time from {authority.period}",
            shown,
        )
    # 4b. All its certificates were valid then. That they no longer are today takes nothing away.
    for certificate in authority.chain:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise _refuse(
                "TIMESTAMP_CERTIFICATE_PERIOD",
                f"a certificate of the timestamp authority {authority.uri} was not valid at {shown}",
                f"a time from {certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ} to "
                f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
                shown,
            )
    # 4c. The certificate is one for stamping.
    _require_purpose(authority)
    # 4d. The chain and the signature.
    _verify_signature(answer, authority, signature)


def _require_purpose(authority: Authority) -> None:
    """Require the extended key usage that RFC 3161 section 2.3 demands: timeStamping, nothing else, and critical."""
    try:
        usage = authority.chain[0].extensions.get_extension_for_class(ExtendedKeyUsage)
    except (ExtensionNotFound, ValueError):
        purposes, critical = [], False
    else:
        purposes, critical = list(usage.value), usage.critical
    if purposes != [ExtendedKeyUsageOID.TIME_STAMPING] or not critical:
        raise _refuse(
            "TIMESTAMP_PURPOSE",
            f"the certificate of the timestamp authority {authority.uri} is not one for timestamps",
            "the critical extended key usage timeStamping alone",
            ", ".join(purpose.dotted_string for purpose in purposes) or "no extended key usage",
            hint="Look at the trusted root: this certificate should not be in it.",
        )


def _verify_signature(answer: _Answer, authority: Authority, signature: bytes) -> None:
    """Verify chain and CMS signature with ``rfc3161-client``: only certificates of ``authority`` can vouch."""
    from rfc3161_client import VerificationError, VerifierBuilder

    leaf, *intermediates, root = authority.chain if len(authority.chain) >= MIN_CHAIN else authority.chain * MIN_CHAIN
    verifier = VerifierBuilder(tsa_certificate=leaf, intermediates=intermediates, roots=[root]).build()
    try:
        verifier.verify_message(answer.response, signature)
    except (VerificationError, ValueError) as error:
        raise _refuse(
            "TIMESTAMP_SIGNATURE",
            f"the timestamp is not signed by the authority {authority.uri}",
            "a signature by that authority's certificate",
            str(error),
        ) from error


class _Answer:
    """What a response says; nothing of it is verified."""

    __slots__ = ("_serial", "_signer", "algorithm", "imprint", "response", "status", "time")

    def __init__(self, response: TimeStampResponse) -> None:
        """Take apart ``response``; raises ``ValueError`` where a part is ill-formed."""
        self.response = response
        self.status: int = response.status
        info = response.tst_info
        self.time: datetime = info.gen_time
        self.algorithm: str = info.message_imprint.hash_algorithm.dotted_string
        self.imprint: bytes = info.message_imprint.message
        signers = list(response.signed_data.signer_infos)
        if len(signers) != 1:
            raise ValueError(f"{len(signers)} signers")
        self._signer = signers[0].issuer
        self._serial = signers[0].serial_number

    @classmethod
    def read(cls, data: bytes) -> _Answer:
        """Parse ``data``.

        :raises MalformedError: ``TIMESTAMP_SIZE``, ``TIMESTAMP_FORMAT``.
        """
        from rfc3161_client import decode_timestamp_response

        if len(data) > MAX_RESPONSE:
            raise MalformedError(
                f"the timestamp has {len(data):,} bytes, more than {MAX_RESPONSE:,}", code="TIMESTAMP_SIZE"
            )
        try:
            return cls(decode_timestamp_response(data))
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            # The binding turns what it cannot represent into whatever Python error comes along.
            raise MalformedError(
                f"the timestamp is not a response of RFC 3161 with one signer: {error}", code="TIMESTAMP_FORMAT"
            ) from error

    def signed_by(self, certificate: Certificate) -> bool:
        """Return whether the signature claims to be by ``certificate``."""
        return self._serial == certificate.serial_number and self._signer == certificate.issuer

    @property
    def signer(self) -> str:
        """The certificate that the signature claims to be by."""
        return f"serial number {self._serial:x} of {self._signer.rfc4514_string()}"


def _refuse(code: str, message: str, expected: str, actual: str, hint: str = _OTHER) -> RejectedError:
    return RejectedError(message, code=code, expected=expected, actual=actual, hint=hint)
