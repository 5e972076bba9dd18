"""Chains: who may have issued a certificate, and when; each rule against a chain that breaks it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenly.trust.bundles import certificate, chain
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.roots.model import Authority, Period, Unusable
from tests.simulator.sigstore import der
from tests.simulator.sigstore.authority import SIGNED, Issuer, issuer, key_usage
from tests.simulator.sigstore.instance import START, Instance, authority, second_instance
from tests.trust.bundles import certificates

FORGE = Instance()
ROOT = certificates.root(FORGE.trusted_root())
CODE_SIGNING = ExtendedKeyUsageOID.CODE_SIGNING
SECOND = timedelta(seconds=1)


def refused(made, code, *, root=ROOT, at=(SIGNED,), kind=RejectedError):
    with pytest.raises(kind) as caught:
        certificate.verify(made, root, at)
    assert caught.value.code == code
    return caught.value


def root_of(*issuers, start=START, end=None):
    """Return a trusted root with one authority, its chain as given from below; its reader would refuse a broken one."""
    made = Authority(
        uri="https://fulcio.forge.example",
        chain=tuple(each.certificate for each in issuers),
        period=Period(start=start, end=end),
    )
    return replace(ROOT, authorities=(made,))


def test_the_authoritys_period_covers_every_time():
    made = certificates.leaf(FORGE)
    chained = (FORGE.intermediate, FORGE.root)
    for period in ({"start": SIGNED + SECOND}, {"end": SIGNED - SECOND}):
        refused(made, "CERT_AUTHORITY_PERIOD", root=root_of(*chained, **period))
    edge = root_of(*chained, end=SIGNED)
    certificate.verify(made, edge, (SIGNED - SECOND, SIGNED))
    refused(made, "CERT_AUTHORITY_PERIOD", root=edge, at=(SIGNED, SIGNED + SECOND))


def test_one_key_with_two_periods_counts_in_both():
    chained = (FORGE.intermediate.der, FORGE.root.der)
    listed = [authority(*chained, start=START, end=START + timedelta(days=1)), authority(*chained, start=SIGNED)]
    made = certificates.leaf(FORGE)
    root = certificates.root(FORGE.trusted_root(certificateAuthorities=listed))
    certificate.verify(made, root, (SIGNED,))
    refused(made, "CERT_AUTHORITY_PERIOD", root=root, at=(SIGNED - SECOND,))


@pytest.mark.parametrize("which", ["intermediate", "root"])
def test_the_whole_chain_is_valid_at_every_time_and_not_only_when_the_certificate_began(which):
    # CVE-2026-24122: valid at the leaf's notBefore, expired when it signed.
    end = SIGNED - timedelta(seconds=2)
    top = issuer("short root", **({"end": end} if which == "root" else {}))
    middle = issuer("short", by=top, **({"end": end} if which == "intermediate" else {}))
    made = certificates.leaf(FORGE, by=middle)
    assert made.not_valid_before_utc < end
    certificate.verify(made, root_of(middle, top), (end,))
    refused(made, "CERT_CHAIN_PERIOD", root=root_of(middle, top))
    refused(made, "CERT_CHAIN_PERIOD", root=root_of(middle, top), at=(end, SIGNED))


def test_an_instance_with_the_same_names_is_another_one():
    other = second_instance(FORGE)
    assert other.intermediate.certificate.subject == FORGE.intermediate.certificate.subject
    refused(certificates.leaf(other), "CERT_SIGNATURE")


def test_the_period_of_an_authority_of_the_same_name_does_not_count():
    """Whose signature it is decides whose period and chain are looked at."""
    namesake = second_instance(FORGE)
    listed = [
        authority(FORGE.intermediate.der, FORGE.root.der, end=SIGNED - SECOND),
        authority(namesake.intermediate.der, namesake.root.der),
    ]
    assert FORGE.intermediate.certificate.subject == namesake.intermediate.certificate.subject
    root = certificates.root(FORGE.trusted_root(certificateAuthorities=listed))
    refused(certificates.leaf(FORGE), "CERT_AUTHORITY_PERIOD", root=root)
    certificate.verify(certificates.leaf(FORGE), root, (SIGNED - SECOND,))


def test_only_the_first_certificate_of_an_authority_issues():
    refused(certificates.leaf(FORGE, by=FORGE.root), "CERT_ISSUER")
    below = issuer("somebody", by=FORGE.intermediate)
    refused(certificates.leaf(FORGE, by=below), "CERT_ISSUER")
    assert FORGE.root.certificate.extensions
    certificate.verify(certificates.leaf(FORGE, by=FORGE.root), root_of(FORGE.root), (SIGNED,))


def broken_chains():
    good, stranger = issuer("root"), issuer("root")
    yield "not an authority", (issuer("middle", by=good, ca=False), good)
    yield "not for code signing", (issuer("middle", by=good, uses=(ExtendedKeyUsageOID.TIME_STAMPING,)), good)
    yield "too long", (issuer("middle", by=(short := issuer("root", path_length=0))), short)
    yield "signed by a stranger of the same name", (issuer("middle", by=stranger), good)
    yield "in the wrong order", (good, issuer("middle", by=good))
    upper = issuer("upper", by=good, path_length=0)
    yield "too long below an intermediate", (issuer("lower", by=upper), upper, good)


@pytest.mark.parametrize(("why", "chained"), tuple(broken_chains()))
def test_a_chain_that_cannot_issue_is_refused(why, chained):
    assert why
    refused(certificates.leaf(FORGE, by=chained[0]), "TRUST_CHAIN", root=root_of(*chained), kind=MalformedError)


def test_a_chain_of_three_and_path_lengths_that_suffice_are_fine():
    top = issuer("root", path_length=2)
    upper = issuer("upper", by=top, path_length=1, uses=(CODE_SIGNING,))
    lower = issuer("lower", by=upper, path_length=0)
    certificate.verify(certificates.leaf(FORGE, by=lower), root_of(lower, upper, top), (SIGNED,))


def test_a_second_call_is_as_strict_as_the_first():
    made, times = certificates.leaf(FORGE), (SIGNED,)
    for _ in range(2):
        certificate.verify(made, ROOT, times)
        refused(certificates.leaf(FORGE, signature_key=FORGE.root.key), "CERT_SIGNATURE")
        middle = issuer("middle", by=issuer("x"))
        refused(
            certificates.leaf(FORGE, by=middle), "TRUST_CHAIN", root=root_of(middle, FORGE.root), kind=MalformedError
        )


def test_sha1_signs_no_certificate():
    sha384, sha1 = der.sequence(der.oid("1.2.840.10045.4.3.3")), der.sequence(der.oid("1.2.840.10045.4.1"))
    tbs = certificates.leaf(FORGE).tbs_certificate_bytes
    weak = der.sequence(tbs[4:].replace(sha384, sha1, 1))
    signature = FORGE.intermediate.key.sign(weak, ec.ECDSA(SHA1()))  # noqa: S303 - that is what must be refused
    made = x509.load_der_x509_certificate(der.sequence(weak, sha1, der.bits(signature)))
    assert made.signature_hash_algorithm.name == "sha1"
    refused(made, "CERT_ALGORITHM")
    # The algorithm is said twice; a certificate that says two is not signed at all.
    strong = FORGE.intermediate.key.sign(weak, ec.ECDSA(SHA384()))
    mixed = x509.load_der_x509_certificate(der.sequence(weak, sha384, der.bits(strong)))
    refused(mixed, "CERT_SIGNATURE")


def made_authority(key=None, *, usage=("key_cert_sign",), extra=(), critical=True, version_three=True):
    """Return a root of just these parts."""
    key = key or ec.generate_private_key(ec.SECP384R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a root of parts")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(SIGNED + timedelta(days=1))
    )
    if version_three:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    if usage:
        builder = builder.add_extension(key_usage(*usage), critical=True)
    for extension in extra:
        builder = builder.add_extension(extension, critical=critical)
    edwards = isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return Issuer(certificate=builder.sign(key, None if edwards else SHA384()), key=key)


CONSTRAINTS = x509.NameConstraints(permitted_subtrees=[x509.DNSName("example.com")], excluded_subtrees=None)


@pytest.mark.parametrize(
    "parts",
    [
        {"usage": ()},
        {"usage": ("digital_signature", "crl_sign")},
        {"usage": (), "version_three": False},
        {"extra": (CONSTRAINTS,)},
        {"extra": (CONSTRAINTS,), "critical": False},
        {"key": ec.generate_private_key(ec.SECP256K1())},
        {"key": ec.generate_private_key(ec.SECP224R1())},
        {"key": rsa.generate_private_key(65537, 1024)},  # noqa: S505 - too short on purpose
    ],
)
def test_an_authority_may_sign_certificates_with_a_strong_key_and_nothing_unknown(parts):
    fine = made_authority()
    certificate.verify(certificates.leaf(FORGE, by=fine), root_of(fine), (SIGNED,))
    odd = made_authority(**parts)
    refused(certificates.leaf(FORGE, by=odd), "TRUST_CHAIN", root=root_of(odd), kind=MalformedError)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP521R1()),
        rsa.generate_private_key(65537, 2048),
    ],
)
def test_an_authority_has_a_key_of_a_common_kind(key):
    fine = made_authority(key)
    certificate.verify(certificates.leaf(FORGE, by=fine), root_of(fine), (SIGNED,))


@pytest.mark.parametrize("use", [CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
@pytest.mark.parametrize("critical", [True, False])
def test_an_authority_may_say_what_it_issues_for(use, critical):
    fine = made_authority(extra=(x509.ExtendedKeyUsage([use]),), critical=critical)
    certificate.verify(certificates.leaf(FORGE, by=fine), root_of(fine), (SIGNED,))


@pytest.mark.parametrize(("algorithm", "oid"), [(SHA256(), "1.2.840.10045.4.3.2"), (SHA512(), "1.2.840.10045.4.3.4")])
def test_every_strong_hash_signs_certificates(algorithm, oid):
    sha384, other = der.sequence(der.oid("1.2.840.10045.4.3.3")), der.sequence(der.oid(oid))
    tbs = der.sequence(certificates.leaf(FORGE).tbs_certificate_bytes[4:].replace(sha384, other, 1))
    signature = FORGE.intermediate.key.sign(tbs, ec.ECDSA(algorithm))
    made = x509.load_der_x509_certificate(der.sequence(tbs, other, der.bits(signature)))
    assert made.signature_hash_algorithm.name == algorithm.name
    chain.issuer(made, ROOT, (SIGNED,))


@pytest.mark.parametrize(
    ("key", "oid", "code"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "1.3.101.112", None),
        (ed448.Ed448PrivateKey.generate(), "1.3.101.113", "CERT_ALGORITHM"),
    ],
)
def test_of_the_edwards_curves_one_signs_certificates(key, oid, code):
    above = made_authority(key)
    made = certificates.leaf(FORGE, by=Issuer(certificate=above.certificate, key=FORGE.root.key), ct_log=None)
    algorithm = der.sequence(der.oid(oid))
    sha384 = der.sequence(der.oid("1.2.840.10045.4.3.3"))
    tbs = made.tbs_certificate_bytes.replace(sha384, algorithm, 1)
    tbs = der.sequence(tbs[4:])
    made = x509.load_der_x509_certificate(der.sequence(tbs, algorithm, der.bits(key.sign(tbs))))
    if code is None:
        assert chain.issuer(made, root_of(above), (SIGNED,)).certificate == above.certificate
        other = Issuer(certificate=made_authority(ed25519.Ed25519PrivateKey.generate()).certificate, key=key)
        with pytest.raises(RejectedError) as caught:
            chain.issuer(made, root_of(other), (SIGNED,))
        assert caught.value.code == "CERT_SIGNATURE"
    else:
        with pytest.raises(RejectedError) as caught:
            chain.issuer(made, root_of(above), (SIGNED,))
        assert caught.value.code == code


def test_a_name_of_the_wrong_type_is_ill_formed_and_no_crash():
    encoded = certificates.leaf(FORGE).public_bytes(Encoding.DER)
    common_name = bytes.fromhex("0603550403")
    # The type of the issuer's common name becomes BIT STRING, which cryptography allows for one kind of attribute only.
    at = encoded.index(common_name) + len(common_name)
    assert encoded[at] == 0x0C
    broken = x509.load_der_x509_certificate(encoded[:at] + b"\x03" + encoded[at + 1 :])
    refused(broken, "CERT_FORMAT", kind=MalformedError)


def test_a_log_whose_key_we_cannot_use_is_a_log_all_the_same():
    unusable = Unusable(kind="ctlogs", url="https://ctfe.example", name="00", reason="its key is short")
    refused(certificates.leaf(FORGE), "SCT_LOG", root=replace(ROOT, ct_logs=(), unusable=(unusable,)))
