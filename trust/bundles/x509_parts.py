"""The parts of a certificate that ``cryptography`` parses only when it is asked for them.

Strangers write certificates, so that each part may be ill-formed, and what is raised then has no common base: a
``TypeError`` for a name whose text is a bit string, errors of its own for extensions. Names that are longer than X.520
allows are only warned of, on the user's terminal; nothing is decided by them, and private instances may have some.
"""

from __future__ import annotations

import warnings
from typing import Final

from cryptography import x509

from provenly.trust.errors import MalformedError

_UNREADABLE: Final = (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def extensions(certificate: x509.Certificate) -> x509.Extensions:
    """Return the extensions of a certificate.

    :raises MalformedError: they cannot be read, or one is there twice (``CERT_FORMAT``).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return certificate.extensions
    except _UNREADABLE as error:
        raise MalformedError("the extensions of a certificate cannot be read", code="CERT_FORMAT") from error


def names(certificate: x509.Certificate, *, code: str = "CERT_FORMAT") -> tuple[x509.Name, x509.Name]:
    """Return the names of a certificate's subject and of its issuer.

    :raises MalformedError: one of them cannot be read; with ``code``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return certificate.subject, certificate.issuer
    except _UNREADABLE as error:
        raise MalformedError("the names in a certificate cannot be read", code=code) from error
