"""What a transparency log proves about an entry: that it is in the log, and since when.

Rekor v1 gives a signed entry timestamp (a promise with a time), and an inclusion proof under a checkpoint. Rekor v2
gives only the proof: the time then comes from a timestamp authority. Which of the two an entry is of follows from its
kind and version, which :mod:`provenly.trust.bundles.entry_body` holds to the logged body.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from provenly.trust.bundles import checkpoint, merkle, promise
from provenly.trust.bundles.model import LogEntry
from provenly.trust.errors import RejectedError, UnavailableError
from provenly.trust.model import Note
from provenly.trust.roots.model import Log

V1: Final = frozenset({("hashedrekord", "0.0.1"), ("dsse", "0.0.1"), ("intoto", "0.0.2")})
"""Kinds and versions of Rekor v1 entries that we read. intoto 0.0.2 is one of them, whatever its number says."""

V2: Final = frozenset({("hashedrekord", "0.0.2"), ("dsse", "0.0.2")})
"""Kinds and versions of Rekor v2 entries (sigstore/rekor-tiles)."""

PROMISE_ONLY: Final = "0.1"
"""The only version of bundles whose entries may lack a proof (sigstore_bundle.proto, ``tlog_entries``)."""

_ALTERED: Final = "The bundle was altered, or made by a tool that left this out: ask for it again."


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """A log that has the entry.

    :param log: which one.
    :param at: since when, as the log signed it; ``None`` where it signed no time. The period of ``log`` covers it.
        Times from elsewhere must be held to that period with :func:`require_period`.
    :param notes: ``LOG_SET_ONLY`` where the log only promised to include the entry.
    """

    log: Log
    at: datetime | None
    notes: tuple[Note, ...] = ()


require_period = promise.require_period


def witness(entry: LogEntry, logs: tuple[Log, ...], *, version: str, now: datetime) -> Witness:
    """Verify that one of ``logs`` has ``entry``. Whether the entry is about the bundle is not looked at here.

    :param logs: those of the trusted root.
    :param version: of the bundle; up to 0.1 a promise alone will do.
    :param now: the reference time.
    :raises UnavailableError: we do not read entries of this kind (``ATT_UNSUPPORTED``).
    :raises RejectedError: the log is not one of ``logs`` (``LOG_UNKNOWN``); something is missing (``LOG_NO_PROOF``,
        ``LOG_NO_CHECKPOINT``, ``LOG_NO_PROMISE``) or has no place in an entry of Rekor v2 (``LOG_V2_FORM``); or a
        code of :mod:`promise`, :mod:`merkle` or :mod:`checkpoint` of this folder.
    :raises MalformedError: likewise.
    """
    # 1. The kind says which form of proof is to be there.
    tiled = _tiled(entry)
    # 2. The log is one that we know.
    log = _log(entry, logs, tiled=tiled)
    if tiled:
        _require_v2(entry)
    # 3. The promise, and the time with it. A time that nobody signed is none.
    at = promise.verify(entry, entry.promise, log, now=now) if entry.promise is not None else None
    # 4. The proof, wherever there is one, and the signed head of the tree that it leads to.
    if entry.proof is not None:
        merkle.verify(entry.proof, entry.body)
        if not entry.proof.checkpoint:
            raise _missing(
                "LOG_NO_CHECKPOINT", "the inclusion proof has no checkpoint", "a checkpoint that the log signed"
            )
        checkpoint.verify(entry.proof, log, tiled=tiled)
        return Witness(log=log, at=at)
    # 5. Without a proof the promise is all there is: it must be there, and the bundle of the version that allows it.
    if version != PROMISE_ONLY:
        raise _missing("LOG_NO_PROOF", f"a bundle of version {version} has no inclusion proof", "an inclusion proof")
    if at is None:
        raise _missing("LOG_NO_PROMISE", "the log entry has neither a promise nor a proof", "a signed entry timestamp")
    return Witness(log=log, at=at, notes=(_set_only(log),))


def _tiled(entry: LogEntry) -> bool:
    """Return whether ``entry`` is one of Rekor v2."""
    form = (entry.kind, entry.version)
    if form not in V1 | V2:
        known = ", ".join(sorted(f"{kind} {version}" for kind, version in V1 | V2))
        raise UnavailableError(
            f"the log entry is of the kind {entry.kind} {entry.version}, which is not supported",
            code="ATT_UNSUPPORTED",
            hint=f"Supported are {known}.",
        )
    return form in V2


def _log(entry: LogEntry, logs: tuple[Log, ...], *, tiled: bool) -> Log:
    """Return the log that ``entry`` names. The id of a Rekor v1 log is the digest of its key, so hold it to that."""
    log = next((log for log in logs if log.log_id == entry.log_id), None)
    if log is None or not (tiled or log.log_id == log.key.digest.value):
        raise RejectedError(
            f"the entry is in a log that the trusted root does not know: {entry.log_id.hex()}",
            code="LOG_UNKNOWN",
            expected=", ".join(log.log_id.hex() for log in logs) or "no log at all",
            actual=entry.log_id.hex(),
            hint="Is it from another Sigstore instance? Then name that one's trusted root with --trusted-root.",
        )
    return log


def _require_v2(entry: LogEntry) -> None:
    """Refuse in an entry of Rekor v2 what that log does not make (sigstore_rekor.proto, ``TransparencyLogEntry``)."""
    if entry.promise is not None or entry.integrated != 0:
        raise RejectedError(
            f"the {entry.kind} {entry.version} entry has a promise or a time; Rekor v2 gives none",
            code="LOG_V2_FORM",
            expected="neither inclusionPromise nor integratedTime",
            actual="a signed entry timestamp" if entry.promise is not None else f"integratedTime {entry.integrated}",
            hint=_ALTERED,
        )
    if entry.proof is None:
        raise _missing("LOG_NO_PROOF", "a Rekor v2 entry has no inclusion proof", "an inclusion proof")
    if entry.proof.index != entry.index:
        # v1 counts over all shards of a log and in each shard; v2 has no shards.
        raise RejectedError(
            "the Rekor v2 entry and its inclusion proof name a different index",
            code="LOG_PROOF_INDEX",
            expected=str(entry.index),
            actual=str(entry.proof.index),
            hint="The parts of this bundle do not belong together: do not trust it.",
        )


def _missing(code: str, message: str, expected: str) -> RejectedError:
    return RejectedError(message, code=code, expected=expected, actual="none", hint=_ALTERED)


def _set_only(log: Log) -> Note:
    return Note(
        code="LOG_SET_ONLY",
        text=f"The log {log.url} promised to include the entry; the bundle has no proof that it did.",
        where=log.url,
    )
