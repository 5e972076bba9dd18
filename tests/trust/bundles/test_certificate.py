"""Certificates: each rule against one that breaks it (threats B21), and all real ones."""

from datetime import timedelta
from itertools import product

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from provenly.trust.bundles import certificate, chain
from provenly.trust.errors import Error, MalformedError, RejectedError
from provenly.trust.keys import Scheme
from tests.cases import needs_cases
from tests.simulator.sigstore import der
from tests.simulator.sigstore.authority import SIGNED, key_usage
from tests.simulator.sigstore.instance import Instance
from tests.trust.bundles import certificates

FORGE = Instance()
ROOT = certificates.root(FORGE.trusted_root())
CODE_SIGNING = ExtendedKeyUsageOID.CODE_SIGNING
URI = x509.UniformResourceIdentifier
SECOND = timedelta(seconds=1)
POISON = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.3"), b"\x05\x00")
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def refused(made, code, *, root=ROOT, at=(SIGNED,), kind=RejectedError):
    with pytest.raises(kind) as caught:
        certificate.verify(made, root, at)
    assert caught.value.code == code
    return caught.value


def test_an_honest_certificate_says_who_signed():
    made = certificates.leaf(FORGE)
    key, identity, notes = certificate.verify(made, ROOT, (SIGNED,))
    assert key.loaded == made.public_key()
    assert identity.subject.endswith("/example/mail-mcp/.github/workflows/release.yml@refs/tags/v1.0.0")
    assert (identity.subject_kind, identity.repository) == ("uri", "https://github.com/example/mail-mcp")
    assert notes == ()


@pytest.mark.parametrize(
    ("change", "code", "kind"),
    [
        ({"ca": True}, "CERT_IS_AUTHORITY", RejectedError),
        ({"usage": None}, "CERT_KEY_USAGE", RejectedError),
        ({"usage": key_usage("key_agreement")}, "CERT_KEY_USAGE", RejectedError),
        ({"usage": key_usage("digital_signature", "key_cert_sign")}, "CERT_KEY_USAGE", RejectedError),
        ({"uses": None}, "CERT_PURPOSE", RejectedError),
        ({"uses": (ExtendedKeyUsageOID.CLIENT_AUTH,)}, "CERT_PURPOSE", RejectedError),
        ({"uses": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)}, "CERT_PURPOSE", RejectedError),
        ({"uses": (CODE_SIGNING, ExtendedKeyUsageOID.TIME_STAMPING)}, "CERT_PURPOSE", RejectedError),
        ({"extra": ((UNKNOWN, True),)}, "CERT_CRITICAL", RejectedError),
        ({"extra": ((POISON, True),)}, "CERT_CRITICAL", RejectedError),
        ({"names": None}, "CERT_SAN_COUNT", MalformedError),
        ({"names": (URI("https://a"), URI("https://b"))}, "CERT_SAN_COUNT", MalformedError),
        ({"names": (URI("https://a"), x509.RFC822Name("a@example.com"))}, "CERT_SAN_COUNT", MalformedError),
        ({"names": (x509.DNSName("example.com"),)}, "CERT_SAN_KIND", MalformedError),
        ({"names": (URI("https://a\x00.example"),)}, "CERT_SAN_TEXT", MalformedError),
        ({"names": (URI("https://a\nhttps://b"),)}, "CERT_SAN_TEXT", MalformedError),
        ({"names": (x509.RFC822Name("a@example.com\r"),)}, "CERT_SAN_TEXT", MalformedError),
        ({"ct_log": None}, "SCT_ABSENT", RejectedError),
        ({"end": SIGNED - SECOND}, "CERT_PERIOD", RejectedError),
        ({"start": SIGNED + SECOND}, "CERT_PERIOD", RejectedError),
        ({"key": ec.generate_private_key(ec.SECP256K1())}, "KEY_ALGORITHM", MalformedError),
        ({"key": ec.generate_private_key(ec.SECP521R1())}, "KEY_ALGORITHM", MalformedError),
        ({"key": rsa.generate_private_key(65537, 2048)}, "KEY_ALGORITHM", MalformedError),
        ({"signature_key": ec.generate_private_key(ec.SECP384R1())}, "CERT_SIGNATURE", RejectedError),
    ],
)
def test_each_rule_refuses_what_breaks_it(change, code, kind):
    error = refused(certificates.leaf(FORGE, **change), code, kind=kind)
    if kind is RejectedError:
        assert error.expected
        assert error.actual
        assert error.hint


@pytest.mark.parametrize(
    ("key", "scheme"),
    [
        (ec.generate_private_key(ec.SECP384R1()), Scheme.ECDSA_P384),
        (ed25519.Ed25519PrivateKey.generate(), Scheme.ED25519),
    ],
)
def test_keys_of_every_accepted_kind_may_sign(key, scheme):
    found, _, _ = certificate.verify(certificates.leaf(FORGE, key=key), ROOT, (SIGNED,))
    assert found.scheme is scheme


def test_extensions_that_are_understood_may_be_critical():
    """Sigstore's authority marks the purpose as not critical and says nothing about authorities; others may."""
    purpose = (x509.ExtendedKeyUsage((ExtendedKeyUsageOID.CODE_SIGNING,)), True)
    certificate.verify(certificates.leaf(FORGE, uses=None, extra=(purpose,), ca=False), ROOT, (SIGNED,))


def test_extensions_that_are_not_critical_may_be_unknown():
    certificate.verify(certificates.leaf(FORGE, extra=((UNKNOWN, False),)), ROOT, (SIGNED,))


# ------------------------------------------------------------------------------------------------ times


def test_every_proven_time_counts_and_the_ends_belong_to_the_period():
    made = certificates.leaf(FORGE)
    start, end = made.not_valid_before_utc, made.not_valid_after_utc
    certificate.verify(made, ROOT, (start, end))
    refused(made, "CERT_PERIOD", at=(start - SECOND,))
    refused(made, "CERT_PERIOD", at=(end + SECOND,))
    for times in ((start, end + SECOND), (end + SECOND, start)):
        assert "2026-07-10T03:41:09Z" in refused(made, "CERT_PERIOD", at=times).actual


def test_without_a_proven_time_nothing_holds():
    refused(certificates.leaf(FORGE), "CERT_NO_TIME", at=())


def test_a_time_just_before_the_end_is_reported():
    made = certificates.leaf(FORGE)
    end = made.not_valid_after_utc
    for at, codes in ((end - certificate.EDGE, []), (end - 29 * SECOND, ["CERT_NEAR_EDGE"]), (end, ["CERT_NEAR_EDGE"])):
        _, _, notes = certificate.verify(made, ROOT, (SIGNED, at))
        assert [note.code for note in notes] == codes
    assert "made 0 seconds before the end" in notes[0].text
    _, _, notes = certificate.verify(made, certificates.root(FORGE.trusted_root(ctlogs=[])), (end,))
    assert [note.code for note in notes] == ["CERT_NEAR_EDGE", "CERT_NO_CT_LOG"]


# ------------------------------------------------------------------------------------------------ form


def test_a_certificate_that_cannot_be_read_is_refused_and_nothing_else_escapes():
    twice = {"patch": lambda tbs: tbs.replace(_oid(2), _oid(3))}
    refused(certificates.leaf(FORGE, **twice), "CERT_FORMAT", kind=MalformedError)
    names = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x03\x82\x05a")
    refused(
        certificates.leaf(FORGE, names=None, extra=((names, True),), ct_log=None), "CERT_FORMAT", kind=MalformedError
    )


def test_no_bit_of_the_signature_is_left_over():
    accepted_by_library = 0
    for _ in range(24):  # of a signature whose last bit is zero, every other one
        made = certificates.leaf(FORGE)
        encoded = made.public_bytes(Encoding.DER)
        start = len(encoded) - len(made.signature)
        changed = encoded[: start - 1] + b"\x01" + encoded[start:]
        try:
            parsed = x509.load_der_x509_certificate(changed)
        except ValueError:
            continue
        accepted_by_library += 1
        refused(parsed, "CERT_FORMAT", kind=MalformedError)
    assert accepted_by_library


def _oid(number):
    return der.oid(f"1.3.6.1.4.1.57264.1.{number}")


def test_a_certificate_of_version_1_is_refused():
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(FORGE.intermediate.certificate.subject)
        .public_key(FORGE.key.key.public_key())
        .serial_number(1)
        .not_valid_before(SIGNED - SECOND)
        .not_valid_after(SIGNED + SECOND)
    )
    tbs = builder.sign(FORGE.intermediate.key, SHA384()).tbs_certificate_bytes
    old = der.sequence(tbs[2 if tbs[1] < 0x80 else 2 + (tbs[1] & 0x7F) :].removeprefix(b"\xa0\x03\x02\x01\x02"))
    algorithm = der.sequence(der.oid("1.2.840.10045.4.3.3"))
    signature = FORGE.intermediate.key.sign(old, ec.ECDSA(SHA384()))
    made = x509.load_der_x509_certificate(der.sequence(old, algorithm, der.bits(signature)))
    assert made.version is x509.Version.v1
    refused(made, "CERT_VERSION", kind=MalformedError)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_every_byte_of_a_certificate_counts():
    """Whatever single byte is changed: it is refused, and with an error of ours."""
    made = certificates.leaf(FORGE).public_bytes(Encoding.DER)
    accepted = []
    for index, bits in product(range(len(made)), (0x01, 0xFF)):
        changed = bytearray(made)
        changed[index] ^= bits
        try:
            parsed = x509.load_der_x509_certificate(bytes(changed))
        except (ValueError, x509.InvalidVersion):
            continue  # for whoever parses bundles
        try:
            certificate.verify(parsed, ROOT, (SIGNED,))
        except Error:
            continue
        accepted.append(index)
    assert accepted == []


# ------------------------------------------------------------------------------------------------ instances


def test_only_the_trusted_root_can_say_that_there_is_no_certificate_transparency():
    silent = certificates.root(FORGE.trusted_root(ctlogs=[]))
    for log in (FORGE.ct_log, None):
        _, _, notes = certificate.verify(certificates.leaf(FORGE, ct_log=log), silent, (SIGNED,))
        assert [note.code for note in notes] == ["CERT_NO_CT_LOG"]


REFUSED = {
    # another instance, whose names are the same
    "conformance/bundle-verify/bundle-from-wrong-instance_fail/bundle.sigstore.json": "CERT_SIGNATURE",
    "other/rekor-v2-dsse-staging.sigstore.json": "CERT_SIGNATURE",
    "pypi/rfc8785-0.1.2-py3-none-any.whl.publish.attestation": "CERT_SIGNATURE",
    # another instance with names of its own
    "other/github-private-no-tlog.sigstore.json": "CERT_ISSUER",
    # what these cases are about
    "conformance/bundle-verify/intoto-expired-certificate_fail/bundle.sigstore.json": "CERT_CHAIN_PERIOD",
}


@needs_cases
def test_real_certificates_hold_just_after_their_beginning_and_not_after_their_end():
    found = {}
    for name, made, trusted in certificates.real():
        at = made.not_valid_before_utc + 3 * SECOND
        try:
            _, identity, notes = certificate.verify(made, trusted, (at,))
        except Error as error:
            found[name] = error.code
            continue
        assert identity.issuer.startswith("https://"), name
        assert notes == (), name
        refused(made, "CERT_PERIOD", root=trusted, at=(at, made.not_valid_after_utc + SECOND))
    ct_key = found.pop("conformance/bundle-verify/invalid-ct-key_fail/bundle.sigstore.json", "refused with its root")
    assert ct_key in {"SCT_LOG", "SCT_SIGNATURE", "refused with its root"}
    assert found == REFUSED


@needs_cases
def test_the_path_validation_of_cryptography_agrees():
    """A second opinion: what we accept, webpki's rules accept as well, with code signing for client authentication."""
    extensions = verification.ExtensionPolicy
    may = (x509.ExtendedKeyUsage, verification.Criticality.NON_CRITICAL, None)
    above = extensions.webpki_defaults_ca().may_be_present(*may)
    below = extensions.webpki_defaults_ee().may_be_present(*may)
    seen = set()
    for _, made, trusted in certificates.real():
        at = made.not_valid_before_utc + 3 * SECOND
        if made in seen:
            continue
        seen.add(made)
        try:
            found = chain.issuer(made, trusted, (at,))
        except Error:
            continue
        *between, top = found.authority.chain
        builder = verification.PolicyBuilder().store(verification.Store([top])).time(at)
        verifier = builder.extension_policies(ca_policy=above, ee_policy=below).build_client_verifier()
        assert verifier.verify(made, between).chain[1] == found.certificate
    assert len(seen) > 20
