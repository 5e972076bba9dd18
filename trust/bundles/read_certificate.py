"""Reading the certificates of a bundle: DER in one spelling, the signer's first, and no root where none may be.

Whatever comes with the signer's certificate is never trusted: chains are built from the trusted root alone.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate, InvalidVersion, load_der_x509_certificate

from provenly.trust.bundles import members as obj
from provenly.trust.bundles import x509_parts
from provenly.trust.bundles.media_type import V01, V03
from provenly.trust.encoding import base64_bytes, items
from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json

MAX_CHAIN: Final = 4
"""Certificates in a bundle: signer, two intermediates, root. The longest honest chain has three."""

MAX_CERTIFICATE: Final = 16 * 1024
"""Bytes of a certificate; those of Fulcio have some two thousand."""


def read(value: Json, *, version: str, what: str) -> tuple[Certificate, ...]:
    """Read ``certificate``, as bundles from version 0.3 on have it, or ``x509CertificateChain``.

    :return: the signer's certificate and whatever came after it. A chain is in the order of issuing. A root
        certificate must not be in a bundle (sigstore_bundle.proto, message ``VerificationMaterial``); npm's of 2023,
        of version 0.1, have one at the end of the chain, so that there, and there only, one is passed over.
    :raises MalformedError: ``BUNDLE_CERTIFICATE`` not one certificate in DER, ``BUNDLE_CHAIN`` another number of
        them or another order, ``BUNDLE_ROOT`` a root where none may be.
    """
    where = f"the certificate chain of {what}"
    if version == V03:
        return (_certificate(value, what=f"the certificate of {what}"),)
    listed = obj.read(value, "certificates", what=where).get("certificates")
    raw = items(listed, what=where, code="BUNDLE_CHAIN", least=1, most=MAX_CHAIN)
    chain = tuple(_certificate(item, what=f"certificate {place} of {what}") for place, item in enumerate(raw, 1))
    names = [x509_parts.names(certificate, code="BUNDLE_CERTIFICATE") for certificate in chain]
    for place, (subject, issuer) in enumerate(names):
        if subject == issuer and not (version == V01 and 0 < place == len(chain) - 1):
            raise MalformedError(
                f"{where} has a root certificate at place {place + 1}; a root never comes from a bundle",
                code="BUNDLE_ROOT",
            )
    for (_, issuer), (subject, _) in pairwise(names):
        if issuer != subject:
            raise MalformedError(f"{where} is not in the order of issuing", code="BUNDLE_CHAIN")
    return chain


def _certificate(value: Json, *, what: str) -> Certificate:
    """Read ``{"rawBytes": …}``; what the certificate says is not looked at."""
    raw = obj.read(value, "rawBytes", what=what).get("rawBytes")
    data = base64_bytes(raw, what=what, max_bytes=MAX_CERTIFICATE)
    try:
        with warnings.catch_warnings():
            # A serial number below one (RFC 5280 section 4.1.2.2) is only warned of, on the user's terminal.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            certificate = load_der_x509_certificate(data)
        written = certificate.public_bytes(Encoding.DER)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidVersion, CryptographyDeprecationWarning) as error:
        raise MalformedError(f"{what} is not a certificate in DER", code="BUNDLE_CERTIFICATE") from error
    if written != data:
        raise MalformedError(f"{what} is not in DER: its bytes change when written again", code="BUNDLE_CERTIFICATE")
    return certificate
