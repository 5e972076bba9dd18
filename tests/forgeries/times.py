"""Times at which nothing was signed: timestamps that say something else, or are somebody else's."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any, Final

from cryptography.x509.oid import ExtendedKeyUsageOID as Use

from tests.forgeries.forgery import Forgery, Handed
from tests.forgeries.logs import SECOND
from tests.simulator.sigstore.authority import SIGNED
from tests.simulator.sigstore.instance import NOW, Instance, authority, signature_of, stamp
from tests.simulator.sigstore.tsa import TimestampAuthority


@cache
def other_stamps() -> TimestampAuthority:
    """Return a timestamp authority that nobody trusts."""
    return TimestampAuthority()


def times(name: str, code: str, **kind: Any) -> Forgery:
    """Return a bundle in Rekor v2 with another timestamp."""

    def make(by: Instance) -> Handed:
        attestation = by.stamped()
        signature = signature_of(attestation["bundle"])
        responses = kind["of"](by, signature)
        stamp(attestation["bundle"], *responses)
        root = kind["root"](by) if "root" in kind else None
        return Handed(document=by.document(by.publish(), attestation), root=root)

    return Forgery(name=f"timestamp {name}", row="B36", code=code, make=make)


@cache
def _server(by: Instance) -> TimestampAuthority:
    """Return an authority below the trusted root whose certificate is for servers."""
    return TimestampAuthority(root=by.stamps.root, uses=(Use.SERVER_AUTH,))


@cache
def _ended(by: Instance) -> TimestampAuthority:
    """Return an authority below the trusted root whose certificate had ended."""
    return TimestampAuthority(root=by.stamps.root, end=SIGNED - SECOND)


def _pretender(by: Instance) -> TimestampAuthority:
    """Return somebody who signs in the trusted authority's name, with a key of his own."""
    other = TimestampAuthority(root=by.stamps.root)
    other.__dict__["certificate"] = by.stamps.certificate
    return other


def _stamped_by(by: Instance, other: TimestampAuthority) -> dict[str, Any]:
    """Return a trusted root that lists another timestamp authority."""
    return by.trusted_root(timestampAuthorities=[authority(*other.chain)])


TIMES: Final = (
    times("that is missing", "BUNDLE_NO_TIME", of=lambda by, signature: ()),
    times("of another signature", "TIMESTAMP_IMPRINT", of=lambda by, _: (by.stamps.stamp(b"evil", SIGNED),)),
    times("by sha1", "TIMESTAMP_HASH", of=lambda by, signature: (by.stamps.stamp(signature, SIGNED, imprint="sha1"),)),
    times(
        "that was not granted",
        "TIMESTAMP_STATUS",
        of=lambda by, signature: (by.stamps.stamp(signature, SIGNED, status=2),),
    ),
    times(
        "by an untrusted authority",
        "TIMESTAMP_AUTHORITY",
        of=lambda _, signature: (other_stamps().stamp(signature, SIGNED),),
    ),
    times(
        "by an untrusted authority, its certificate inside",
        "TIMESTAMP_AUTHORITY",
        of=lambda _, signature: (other_stamps().stamp(signature, SIGNED, embed=True),),
    ),
    times(
        "by a certificate for servers below the trusted root",
        "TIMESTAMP_AUTHORITY",
        of=lambda by, signature: (_server(by).stamp(signature, SIGNED, embed=True),),
    ),
    times(
        "that is there twice", "BUNDLE_TIMESTAMPS", of=lambda by, signature: [by.stamps.stamp(signature, SIGNED)] * 2
    ),
    times(
        "after the certificate",
        "CERT_PERIOD",
        of=lambda by, signature: (by.stamps.stamp(signature, SIGNED + timedelta(hours=1)),),
    ),
    times(
        "before the certificate",
        "CERT_PERIOD",
        of=lambda by, signature: (by.stamps.stamp(signature, SIGNED - timedelta(hours=1)),),
    ),
    times(
        "of two of which one is late",
        "CERT_PERIOD",
        of=lambda by, s: (by.stamps.stamp(s, SIGNED), by.stamps.stamp(s, SIGNED + timedelta(hours=1))),
    ),
    times(
        "before the authority's period",
        "TIMESTAMP_PERIOD",
        of=lambda by, signature: (by.stamps.stamp(signature, SIGNED),),
        root=lambda by: by.trusted_root(timestampAuthorities=[authority(*by.stamps.chain, start=SIGNED + SECOND)]),
    ),
    times(
        "after the authority's period",
        "TIMESTAMP_PERIOD",
        of=lambda by, signature: (by.stamps.stamp(signature, SIGNED),),
        root=lambda by: by.trusted_root(timestampAuthorities=[authority(*by.stamps.chain, end=SIGNED - SECOND)]),
    ),
    times(
        "after a certificate that the root does not list",
        "TIMESTAMP_AUTHORITY",
        of=lambda by, s: (_ended(by).stamp(s, SIGNED, embed=True),),
    ),
    times(
        "after the authority's certificate",
        "TIMESTAMP_CERTIFICATE_PERIOD",
        of=lambda by, s: (_ended(by).stamp(s, SIGNED),),
        root=lambda by: _stamped_by(by, _ended(by)),
    ),
    times(
        "by a listed certificate for servers",
        "TIMESTAMP_PURPOSE",
        of=lambda by, s: (_server(by).stamp(s, SIGNED),),
        root=lambda by: _stamped_by(by, _server(by)),
    ),
    times(
        "by another key than the certificate's",
        "TIMESTAMP_SIGNATURE",
        of=lambda by, s: (_pretender(by).stamp(s, SIGNED),),
    ),
    times(
        "in the future",
        "BUNDLE_TIME_FUTURE",
        of=lambda by, signature: (by.stamps.stamp(signature, NOW + timedelta(hours=1)),),
    ),
    times("that is no DER", "TIMESTAMP_FORMAT", of=lambda by, signature: (b"evil",)),
    times(
        "with bytes after it",
        "TIMESTAMP_FORMAT",
        of=lambda by, signature: (by.stamps.stamp(signature, SIGNED) + b"\x00",),
    ),
    times(
        "nine times",
        "BUNDLE_TIMESTAMPS",
        of=lambda by, signature: [by.stamps.stamp(signature, SIGNED) for _ in range(9)],
    ),
)


def late_stamp(by: Instance) -> Handed:
    """Return a bundle whose log says one time and whose timestamp another, at which the certificate had ended."""
    attestation = by.provenance()
    response = by.stamps.stamp(signature_of(attestation["bundle"]), SIGNED + timedelta(hours=1))
    stamp(attestation["bundle"], response)
    return Handed(document=by.document(by.publish(), attestation))


def seen_too_early(by: Instance) -> Handed:
    """Return an honest document that is looked at before it was signed."""
    return Handed(document=by.document(by.publish(), by.provenance()), now=SIGNED - timedelta(hours=1))


OTHER_TIMES: Final = (
    Forgery(name="a timestamp at which the certificate had ended", row="B36", code="CERT_PERIOD", make=late_stamp),
    Forgery(name="looked at before it was signed", row="B31", code="LOG_TIME_FUTURE", make=seen_too_early),
)

ALL: Final = (*TIMES, *OTHER_TIMES)
