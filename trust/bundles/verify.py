"""Verifying a Sigstore bundle: who signed what, and when. This is the one entrance, and the only maker of `Verified`.

A bundle proves something only if all of its parts do, and all are about each other. The steps, in this order:

1. The transparency log that the entry names is one of the trusted root's, and has the entry (:mod:`log`). Without an
   entry only the bundles of an instance go whose trusted root lists no log at all.
2. Every timestamp is of the bundle's signature and by a timestamp authority of the trusted root (:mod:`timestamp`).
   One that does not hold refuses the bundle, whatever the others say.
3. At least one time is proven: the one in the log's signed promise, or a timestamp's. None is in the future. Where
   only timestamps say when, the period of the log covers them.
4. The signer: a certificate that was good at *every* proven time (:mod:`certificate`), or a key that the verifier
   was given or knows, for a bundle that names a key. What the bundle says decides which of the two it is.
5. The signature: over the encoding of the envelope, or over the artifact, whose digest is the one that is claimed.
   It comes before the log entry, so that what was altered after signing is refused for just that.
6. The body of the log entry is about this signature, by this signer, of this content (:mod:`entry_body`): the log
   must have witnessed this signature, not another good one.
7. An artifact that came along with an envelope is a subject of the statement inside (:mod:`artifact_subject`).

What is left to the caller: whether the signer is one to be trusted, and what the payload says
(:mod:`provenly.trust.attestations`). Sources: the Sigstore client specification (sigstore/architecture-docs,
client-spec.md, section 4) and sigstore_bundle.proto.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from provenly.trust.bundles import artifact_subject, certificate, entry_body, log, timestamp
from provenly.trust.bundles.dsse import pae
from provenly.trust.bundles.log import Witness
from provenly.trust.bundles.model import SEAL, Bundle, Envelope, MessageSignature, SignedBy, Verified
from provenly.trust.digest import Digest
from provenly.trust.errors import RejectedError, UsageError
from provenly.trust.keys import PublicKey
from provenly.trust.model import Note
from provenly.trust.roots.model import TrustedRoot

Keyring: TypeAlias = Callable[[str, datetime], PublicKey]
"""Returns the key that a hint names, if it was valid at that time; otherwise it raises."""

MAX_AHEAD: Final = timedelta(minutes=5)
"""How far a proven time may be after the reference time: clocks differ."""


def verify(  # noqa: PLR0913 - what is held against what, and when
    bundle: Bundle,
    trusted_root: TrustedRoot,
    *,
    now: datetime,
    key: PublicKey | None = None,
    keyring: Keyring | None = None,
    artifact: bytes | Digest | None = None,
) -> Verified:
    """Verify ``bundle``, in the steps of this module.

    :param trusted_root: of the Sigstore instance.
    :param now: the reference time.
    :param key: the signer's key, where the user gave it; only for a bundle that names a key.
    :param keyring: the keys that the verifier knows, for a bundle that names one of them.
    :param artifact: what was signed, or its digest. For a message signature without it, the claimed digest is what
        was signed, and the caller must compare it.
    :raises RejectedError: a step failed: codes of the modules above, ``BUNDLE_NO_LOG``, ``BUNDLE_NO_TIME``,
        ``BUNDLE_TIME_FUTURE``, ``BUNDLE_NO_KEY``, ``BUNDLE_KEY_UNUSED``, ``BUNDLE_KEY_CHANGED``,
        ``BUNDLE_ARTIFACT``, ``BUNDLE_SIGNATURE``.
    :raises MalformedError: a part is ill-formed; codes of the modules above.
    :raises UnavailableError: a kind of log entry that we do not know (``ATT_UNSUPPORTED``), or what ``keyring`` raises.
    :raises UsageError: ``artifact`` is a digest by another algorithm than the bundle's (``BUNDLE_DIGEST_ALGORITHM``).
    """
    # 1. The log's witness.
    witness = _witness(bundle, trusted_root, now)
    # 2. The timestamps.
    stamped = _timestamps(bundle, trusted_root)
    # 3. The proven times.
    times = _proven(witness, stamped, now)
    # 4. The signer.
    signed_by, notes = _signer(bundle, trusted_root, times, key, keyring)
    # 5. The signature.
    content = bundle.content
    digest = _digest(content, artifact)
    _require_signature(content, signed_by.key, artifact)
    # 6. The log entry is about this signature.
    for entry in bundle.entries:
        entry_body.bind(entry, bundle, signed_by.key, digest if isinstance(content, MessageSignature) else None)
    # 7. The artifact of a statement.
    if isinstance(content, Envelope) and artifact is not None:
        artifact_subject.require(content.payload_type, content.payload, artifact)
    return Verified(
        signed_by=signed_by,
        signed_at=times,
        payload=content.payload if isinstance(content, Envelope) else None,
        payload_type=content.payload_type if isinstance(content, Envelope) else "",
        digest=digest,
        log_index=bundle.entries[0].index if bundle.entries else None,
        log_url=witness.log.url if witness else "",
        notes=(*(witness.notes if witness else ()), *notes),
        seal=SEAL,
    )


def _witness(bundle: Bundle, trusted_root: TrustedRoot, now: datetime) -> Witness | None:
    """Step 1. ``None`` where the instance has no log; one whose key we cannot use is a log all the same."""
    if bundle.entries:
        return log.witness(bundle.entries[0], trusted_root.logs, version=bundle.version, now=now)
    if trusted_root.logs or any(unusable.kind == "tlogs" for unusable in trusted_root.unusable):
        raise RejectedError(
            "the bundle has no transparency log entry, and the trusted root lists logs",
            code="BUNDLE_NO_LOG",
            expected="an entry in a transparency log of the trusted root",
            actual="none",
            hint="A bundle of a private instance (GitHub's for private repositories) needs that one's trusted root.",
        )
    return None


def _timestamps(bundle: Bundle, trusted_root: TrustedRoot) -> tuple[datetime, ...]:
    """Step 2."""
    authorities = trusted_root.timestamp_authorities
    signature = bundle.content.signature
    return tuple(timestamp.verify(response, signature, authorities) for response in bundle.timestamps)


def _proven(witness: Witness | None, stamped: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """Step 3: the proven times, sorted."""
    if witness is not None and witness.at is not None:
        times = {witness.at, *stamped}
    else:
        times = set(stamped)
        if witness is not None:
            for at in times:
                log.require_period(witness.log, at)
    if not times:
        raise RejectedError(
            "nothing in the bundle proves when it was signed",
            code="BUNDLE_NO_TIME",
            expected="a signed entry timestamp of the log, or a timestamp by an authority of the trusted root",
            actual="neither",
            hint="Keys are good for a while only: without a time nobody can tell whether this one was.",
        )
    latest = max(times)
    if latest > now + MAX_AHEAD:
        raise RejectedError(
            f"the bundle was signed in the future, at {latest:%Y-%m-%dT%H:%M:%SZ}",
            code="BUNDLE_TIME_FUTURE",
            expected=f"a time before {now:%Y-%m-%dT%H:%M:%SZ}",
            actual=f"{latest:%Y-%m-%dT%H:%M:%SZ}",
            hint="Is the clock, or the time given as reference, right?",
        )
    return tuple(sorted(times))


def _signer(
    bundle: Bundle,
    trusted_root: TrustedRoot,
    times: tuple[datetime, ...],
    key: PublicKey | None,
    keyring: Keyring | None,
) -> tuple[SignedBy, tuple[Note, ...]]:
    """Step 4: whose key it is, by a certificate, by the user, or by the keyring, and what to know about it."""
    if bundle.certificate is not None:
        if key is not None:
            raise RejectedError(
                "a key was given, and the bundle was signed with a certificate",
                code="BUNDLE_KEY_UNUSED",
                expected="a bundle that names a key",
                actual="a bundle with a certificate",
                hint="Give the identity of the signer in place of a key.",
            )
        holder, identity, notes = certificate.verify(bundle.certificate, trusted_root, times)
        return SignedBy(key=holder, identity=identity), notes
    if key is not None:
        return SignedBy(key=key, keyid=str(key.digest)), ()
    if keyring is None:
        raise RejectedError(
            "the bundle was signed with a key, and no key was given to verify it with",
            code="BUNDLE_NO_KEY",
            expected=f"the key that the bundle calls {bundle.key_hint!r}",
            actual="none",
            hint="Obtain the signer's public key from the signer, not from the bundle.",
        )
    known = [keyring(bundle.key_hint, at) for at in times]
    if any(other.spki != known[0].spki for other in known):
        raise RejectedError(
            f"the name {bundle.key_hint!r} means another key at each proven time",
            code="BUNDLE_KEY_CHANGED",
            expected="one key",
            actual=", ".join(str(other.digest) for other in known),
        )
    return SignedBy(key=known[0], keyid=bundle.key_hint), ()


def _digest(content: Envelope | MessageSignature, artifact: bytes | Digest | None) -> Digest:
    """Return the digest of what was signed; of an artifact, hold it against the one that the bundle claims."""
    if isinstance(content, Envelope):
        return Digest.of(content.payload)
    claimed = content.digest
    if artifact is None:
        return claimed
    if isinstance(artifact, Digest) and artifact.algorithm != claimed.algorithm:
        raise UsageError(
            f"the bundle has a {claimed.algorithm} digest; a {artifact.algorithm} digest cannot be compared",
            code="BUNDLE_DIGEST_ALGORITHM",
            hint=f"Give the file, or its {claimed.algorithm} digest.",
        )
    digest = artifact if isinstance(artifact, Digest) else Digest.of(artifact, claimed.algorithm)
    if digest != claimed:
        raise RejectedError(
            "the bundle is about another artifact",
            code="BUNDLE_ARTIFACT",
            expected=str(digest),
            actual=str(claimed),
            hint="Is this the file that the bundle was made for?",
        )
    return digest


def _require_signature(content: Envelope | MessageSignature, key: PublicKey, artifact: bytes | Digest | None) -> None:
    """Step 5: the signature is over the envelope's encoding, over the artifact, or over its digest."""
    what, code = "the signature in the bundle", "BUNDLE_SIGNATURE"
    if isinstance(content, Envelope):
        key.verify(content.signature, pae(content.payload_type, content.payload), what=what, code=code)
    elif isinstance(artifact, bytes):
        key.verify(content.signature, artifact, what=what, code=code)
    else:
        key.verify_digest(content.signature, content.digest, what=what, code=code)
