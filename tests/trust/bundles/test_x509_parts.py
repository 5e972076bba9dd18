"""Parts of certificates that are parsed late: ill-formed ones are refused, odd ones say nothing on a terminal."""

import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from provenly.trust.bundles import x509_parts
from provenly.trust.errors import MalformedError
from tests.simulator.sigstore import der
from tests.simulator.sigstore.instance import Instance
from tests.trust.bundles import certificates

FORGE = Instance()
COMMON_NAME = der.oid("2.5.4.3")


def certificate(old=b"", new=b"", **members):
    """Return a certificate whose bytes were changed after it was signed; here nothing verifies it."""
    encoded = certificates.leaf(FORGE, subject="four", **members).public_bytes(Encoding.DER)
    assert old in encoded
    return x509.load_der_x509_certificate(encoded.replace(old, new))


def directory_name(attribute):
    name = der.sequence(der.set_of(der.sequence(attribute)))
    return (
        (x509.UnrecognizedExtension(ExtensionOID.ISSUER_ALTERNATIVE_NAME, der.sequence(der.tlv(0xA4, name))), False),
    )


def test_names_of_an_honest_certificate():
    subject, issuer = x509_parts.names(certificate())
    assert subject.rfc4514_string() == "CN=four"
    assert issuer == FORGE.intermediate.certificate.subject


@pytest.mark.parametrize(
    "text",
    [
        der.tlv(0x03, b"\x00abc"),  # a BIT STRING: TypeError
        der.tlv(0x14, b"\xff\xfe\xfd\xfc"),  # a TeletexString that is no UTF-8: ValueError
    ],
)
def test_a_name_that_cannot_be_read_is_ill_formed(text):
    with pytest.raises(MalformedError) as caught:
        x509_parts.names(certificate(COMMON_NAME + der.utf8("four"), COMMON_NAME + text), code="A_CODE")
    assert caught.value.code == "A_CODE"
    with pytest.raises(MalformedError) as caught:
        x509_parts.extensions(certificate(extra=directory_name(COMMON_NAME + text)))
    assert caught.value.code == "CERT_FORMAT"


def test_a_name_that_is_too_long_is_not_warned_of():
    country = der.oid("2.5.4.6")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x509_parts.names(certificate(COMMON_NAME + der.utf8("four"), country + der.utf8("four")))
        x509_parts.extensions(certificate(extra=directory_name(country + der.utf8("four"))))
