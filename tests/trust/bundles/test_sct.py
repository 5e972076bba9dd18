"""Signed certificate timestamps: each rule against one that breaks it, and the real ones."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from provenly.trust.bundles import sct
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.keys import Scheme, accept
from provenly.trust.roots.model import Log, Period
from tests.cases import CASES, needs_cases
from tests.simulator.sigstore.authority import SIGNED, issuer
from tests.simulator.sigstore.ct_log import LIST, CtLog, promises, spki
from tests.simulator.sigstore.instance import Instance
from tests.trust.bundles import certificates

FORGE = Instance()
ISSUER = FORGE.intermediate.certificate
SECOND = timedelta(seconds=1)
SEEN = SIGNED - timedelta(seconds=5)
HEAD = 1 + 32 + 8 + 2
"""Bytes of a timestamp before its algorithms: version, log, time, length of no extensions."""


def log(made=FORGE.ct_log, **changes):
    values = {
        "url": made.url,
        "key": accept(made.key.public_key(), what="a key"),
        "log_id": made.log_id,
        "period": Period(start=None, end=None),
    }
    return Log(**(values | changes))


LOGS = (log(CtLog(url="https://another.example")), log())


def refused(made, code, *, logs=LOGS, above=ISSUER, kind=RejectedError):
    with pytest.raises(kind) as caught:
        sct.verify(made, above, logs)
    assert caught.value.code == code
    return caught.value


def with_list(data):
    """Return a certificate with these bytes for the extension of the timestamps."""
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(LIST), data)
    return certificates.leaf(FORGE, ct_log=None, extra=((extension, False),))


def test_a_timestamp_of_a_known_log_says_since_when_the_certificate_was_public():
    assert sct.verify(certificates.leaf(FORGE), ISSUER, LOGS) == SEEN


def test_without_a_timestamp_nobody_saw_it():
    refused(certificates.leaf(FORGE, ct_log=None), "SCT_ABSENT")
    refused(with_list(promises()), "SCT_ABSENT")


def test_logs_that_are_not_known_prove_nothing():
    stranger = certificates.leaf(FORGE, ct_log=CtLog())
    error = refused(stranger, "SCT_LOG")
    assert error.expected == "a timestamp of a log that is known"
    refused(certificates.leaf(FORGE), "SCT_LOG", logs=())
    refused(certificates.leaf(FORGE), "SCT_LOG", logs=LOGS[:1])


def test_a_stranger_who_names_a_known_log_is_found_out():
    refused(certificates.leaf(FORGE, ct_log=CtLog(), ct_log_id=FORGE.ct_log.log_id), "SCT_SIGNATURE")


def test_the_timestamp_is_about_this_certificate_and_this_issuer():
    refused(certificates.leaf(FORGE, ct_other=True), "SCT_SIGNATURE")
    refused(certificates.leaf(FORGE), "SCT_SIGNATURE", above=issuer("another").certificate)


def test_the_logs_period_covers_the_time_and_both_ends_belong_to_it():
    made = certificates.leaf(FORGE)
    assert sct.verify(made, ISSUER, (log(period=Period(start=SEEN, end=SEEN)),)) == SEEN
    for period in (Period(start=SEEN + SECOND, end=None), Period(start=None, end=SEEN - SECOND)):
        error = refused(made, "SCT_PERIOD", logs=(log(period=period),))
        assert error.expected == f"a time from {period}"
        assert error.actual == "2026-07-10T03:31:03Z"


def test_a_log_signs_with_p256_or_rsa_and_sha256_only():
    made = certificates.leaf(FORGE)
    for scheme in (Scheme.ECDSA_P384, Scheme.RSA, Scheme.ED25519):
        refused(made, "SCT_ALGORITHM", logs=(log(key=replace(LOGS[1].key, scheme=scheme)),))
    large = CtLog(key=ec.generate_private_key(ec.SECP384R1()))
    refused(certificates.leaf(FORGE, ct_log=large), "SCT_ALGORITHM", logs=(log(large),))


@pytest.mark.parametrize("algorithm", [b"\x02\x03", b"\x05\x03", b"\x04\x01", b"\x04\x02"])
def test_the_algorithms_that_a_timestamp_names_are_those_of_its_log(algorithm):
    head = FORGE.ct_log.promise(b"anything", b"anything", SEEN)[:HEAD]
    refused(with_list(promises(head + algorithm + b"\x00\x01x")), "SCT_ALGORITHM")


class RsaLog:
    """A log with an RSA key; `CtLog` has keys on curves only."""

    url = "https://rsa.example"
    key = rsa.generate_private_key(65_537, 3_072)
    log_id = hashlib.sha256(spki(key)).digest()

    def promise(self, tbs, issuer_spki, at, **_):
        head = self.log_id + (int(at.timestamp()) * 1000).to_bytes(8, "big")
        entry = hashlib.sha256(issuer_spki).digest() + len(tbs).to_bytes(3, "big") + tbs
        signature = self.key.sign(
            b"\x00\x00" + head[32:] + b"\x00\x01" + entry + b"\x00\x00", padding.PKCS1v15(), SHA256()
        )
        return b"\x00" + head + b"\x00\x00" + b"\x04\x01" + len(signature).to_bytes(2, "big") + signature


def test_a_log_may_sign_with_rsa():
    made = certificates.leaf(FORGE, ct_log=RsaLog())
    assert sct.verify(made, ISSUER, (log(RsaLog()),)) == SEEN
    refused(made, "SCT_SIGNATURE", logs=(log(RsaLog()),), above=FORGE.root.certificate)


class Mixed:
    """Logs that promise one after the other, each in its own way."""

    def __init__(self, *promise):
        self._next = iter(promise)

    def promise(self, *arguments, **named):
        return next(self._next)(*arguments, **named)


def test_several_timestamps_of_known_logs_must_all_hold():
    other = CtLog(url="https://second.example")
    both = (log(), log(other))

    def late(tbs, key, at, **_):
        return other.promise(tbs, key, at + SECOND)

    def wrong(*_, **__):
        return other.promise(b"something else", b"another issuer", SEEN)

    good = certificates.leaf(FORGE, ct_count=2, ct_log=Mixed(late, FORGE.ct_log.promise))
    assert sct.verify(good, ISSUER, both) == SEEN
    for order in ((FORGE.ct_log.promise, wrong), (wrong, FORGE.ct_log.promise)):
        mixed = certificates.leaf(FORGE, ct_count=2, ct_log=Mixed(*order))
        refused(mixed, "SCT_SIGNATURE", logs=both)
        # Of a log that is not known it is passed over.
        assert sct.verify(mixed, ISSUER, (log(),)) == SEEN


def test_the_number_of_timestamps_is_limited():
    sct.verify(certificates.leaf(FORGE, ct_count=sct.MAX_TIMESTAMPS), ISSUER, LOGS)
    refused(certificates.leaf(FORGE, ct_count=sct.MAX_TIMESTAMPS + 1), "SCT_COUNT", kind=MalformedError)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x04\x00",
        b"\x04\x03\x00\x05x",
        promises(b"\x00" * 20),
        promises(b"\x01" + b"\x00" * 60),
        promises(b"\x00" + b"\x00" * 32 + b"\xff" * 8 + b"\x00\x00\x04\x03\x00\x01x"),
    ],
)
def test_what_is_no_timestamp_is_an_error_of_ours(data):
    made = with_list(data)
    logs = (*LOGS, log(log_id=b"\x00" * 32))
    with pytest.raises((MalformedError, RejectedError)) as caught:
        sct.verify(made, ISSUER, logs)
    assert caught.value.code in {"CERT_FORMAT", "SCT_FORMAT", "SCT_ABSENT"}


@needs_cases
def test_timestamps_with_extensions_sign_those_as_well():
    found = {name: (made, root) for name, made, root in certificates.real()}
    made, root = found["conformance/bundle-verify/bundle-with-sct-with-extensions/bundle.sigstore.json"]
    above = root.authorities[0].chain[0]
    assert sct.verify(made, above, root.ct_logs) > datetime(2026, 1, 1, tzinfo=UTC)
    listed = made.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps).value
    assert listed[0].extension_bytes
    production = found["npm/nuxt-3.13.0/attestations.json"][1]
    refused(made, "SCT_LOG", logs=production.ct_logs, above=above)


@needs_cases
def test_a_known_id_with_another_key_is_refused():
    name = "npm/nuxt-3.13.0/attestations.json"
    made, root = next((made, root) for found, made, root in certificates.real() if found == name)
    above = root.authorities[-1].chain[0]
    sct.verify(made, above, root.ct_logs)
    other = tuple(replace(each, key=LOGS[0].key) for each in root.ct_logs)
    refused(made, "SCT_SIGNATURE", logs=other, above=above)
    assert (CASES / "conformance").is_dir()
