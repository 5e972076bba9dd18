"""Certificates of other authorities, and chains of certificates that are none."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Use

from tests.forgeries.certificates import SECOND, leaf
from tests.forgeries.forgery import Forgery, Handed, Later, edited, provenance, trusting
from tests.simulator.sigstore.authority import SIGNED, Issuer, issuer
from tests.simulator.sigstore.bundle import V01, V02
from tests.simulator.sigstore.instance import Instance, authority
from tests.simulator.sigstore.predicates import HONEST
from tests.simulator.sigstore.rekor import b64

MINUTE: Final = timedelta(minutes=1)


def issued(name: str, row: str, code: str, by: Any, *, trusted: bool = True, **valid: Any) -> Forgery:
    """Return a forgery whose certificate is signed by another authority, which the trusted root lists or not."""

    def make(forge: Instance) -> Handed:
        intermediate = by(forge)
        document = forge.document(forge.publish(), forge.provenance(by=intermediate))
        root = None
        if trusted:
            root = forge.trusted_root(certificateAuthorities=[authority(intermediate.der, forge.root.der, **valid)])
        return Handed(document=document, root=root)

    return Forgery(name=f"issuer {name}", row=row, code=code, make=make)


def bad_issuer(name: str, row: str, code: str, **members: Any) -> Forgery:
    """Return a forgery whose intermediate is no good."""
    return issued(name, row, code, lambda forge: issuer("another intermediate", **({"by": forge.root} | members)))


def impostor(forge: Instance) -> Issuer:
    """Return an authority of the intermediate's name that has another key."""
    return issuer("forged intermediate", by=issuer("forged root"), path_length=0)


def below_a_leaf(forge: Instance) -> Issuer:
    """Return a holder's certificate that signs others, as if it were an authority."""
    holder = forge.signer(subject="a holder")
    assert holder.certificate is not None
    return Issuer(certificate=x509.load_der_x509_certificate(holder.certificate), key=holder.key)


def below_a_leaf_by_chain(forge: Instance) -> Handed:
    """Return a certificate below somebody's own certificate, which comes along in the bundle's chain."""
    above = below_a_leaf(forge)
    attestation = forge.provenance(by=above, media_type=V02, chain=(above.der, forge.intermediate.der))
    return Handed(document=forge.document(forge.publish(), attestation))


CHAINS: Final = (
    issued("that nobody trusts", "B21", "CERT_ISSUER", lambda _: issuer("evil", by=issuer("evil root")), trusted=False),
    issued("of the right name with another key", "B21", "CERT_SIGNATURE", impostor, trusted=False),
    issued("that is the root itself", "B21", "CERT_ISSUER", lambda forge: forge.root, trusted=False),
    issued("that is a holder's certificate", "B21", "CERT_ISSUER", below_a_leaf, trusted=False),
    issued(
        "below the intermediate", "B21", "CERT_ISSUER", lambda by: issuer("evil", by=by.intermediate), trusted=False
    ),
    bad_issuer("that had ended", "CVE-2026-24122", "CERT_CHAIN_PERIOD", end=SIGNED - MINUTE),
    bad_issuer(
        "that ended between certificate and signature", "CVE-2026-24122", "CERT_CHAIN_PERIOD", end=SIGNED - SECOND
    ),
    bad_issuer("that begins later", "B21", "CERT_CHAIN_PERIOD", start=SIGNED + SECOND),
    bad_issuer("that is no authority", "B21", "TRUST_CHAIN", ca=False),
    bad_issuer("for servers", "B21", "TRUST_CHAIN", uses=(Use.SERVER_AUTH,)),
    issued("below another root", "B21", "TRUST_CHAIN", lambda _: issuer("another", by=issuer("another root"))),
    issued("whose period is over", "K08", "CERT_AUTHORITY_PERIOD", lambda by: by.intermediate, end=SIGNED - SECOND),
    issued(
        "whose period has not begun", "K08", "CERT_AUTHORITY_PERIOD", lambda by: by.intermediate, start=SIGNED + SECOND
    ),
    trusting(
        "an authority's certificate of version 2",
        "K03",
        "TRUST_CERTIFICATE",
        certificateAuthorities=lambda by: [
            authority(by.intermediate.der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", 1))
        ],
    ),
    trusting("a root without an authority", "B21", "CERT_ISSUER", certificateAuthorities=lambda _: []),
    leaf(
        "signed by another key than its issuer's",
        "CERT_SIGNATURE",
        signature_key=ec.generate_private_key(ec.SECP384R1()),
    ),
    Forgery(name="chain through a holder's certificate", row="B21", code="CERT_ISSUER", make=below_a_leaf_by_chain),
    provenance(
        "chain with the root in version 0.2",
        "B21",
        "BUNDLE_ROOT",
        media_type=V02,
        chain=Later(lambda by: (by.intermediate.der, by.root.der)),
    ),
    provenance(
        "chain out of order",
        "B21",
        "BUNDLE_CHAIN",
        media_type=V01,
        chain=Later(lambda by: (issuer("x", by=by.root).der,)),
    ),
    edited(
        "chain that is empty",
        "gitsign CVE-2026-44310",
        "BUNDLE_CHAIN",
        "verificationMaterial.x509CertificateChain.certificates",
        [],
        media_type=V01,
    ),
    edited(
        "chain of six",
        "B32",
        "BUNDLE_CHAIN",
        "verificationMaterial.x509CertificateChain.certificates",
        lambda old, _: old * 6,
        media_type=V01,
    ),
    edited(
        "certificate with bytes after it",
        "B21",
        "BUNDLE_CERTIFICATE",
        "verificationMaterial.certificate.rawBytes",
        lambda old, _: b64(base64.b64decode(old) + b"\x00"),
    ),
    edited(
        "certificate that is the root",
        "B21",
        "BUNDLE_ROOT",
        "verificationMaterial.x509CertificateChain.certificates",
        lambda _, by: [{"rawBytes": b64(by.root.der)}],
        media_type=V01,
    ),
    edited(
        "certificate of another holder",
        "B13",
        "BUNDLE_SIGNATURE",
        "verificationMaterial.certificate.rawBytes",
        lambda _, by: b64(by.signer().certificate or b""),
    ),
    edited(
        "certificate of another holder of the same build",
        "B13",
        "BUNDLE_SIGNATURE",
        "verificationMaterial.certificate.rawBytes",
        lambda _, by: b64(by.signer(replace(HONEST)).certificate or b""),
    ),
)


ALL: Final = CHAINS
