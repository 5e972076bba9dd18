"""The signed entry timestamp of Rekor v1: the log's promise that it has an entry since some time.

What is signed is the JSON object of body, integratedTime, logID and logIndex in the form of RFC 8785 (sigstore/rekor,
``pkg/api/entries.go``, and sigstore/docs, "Signed Entry Timestamp"). Rekor v2 makes no such promise.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Final

from provenly.trust.bundles.model import LogEntry
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.roots.model import Log

TOLERANCE: Final = timedelta(minutes=5)
"""How far the log's clock may be ahead of ours: a signature is verified seconds after it was made, and clocks differ by
more than that."""

MAX_TIME: Final = 253_402_300_799
"""Seconds since 1970 at the end of the year 9999, the last that a :class:`datetime` can hold."""


def signed_bytes(entry: LogEntry) -> bytes:
    """Return what the log signed about ``entry``.

    RFC 8785 sorts the members by name and writes no spaces. The values are base64, hexadecimal and whole numbers of
    63 bits, none of which needs an escape; so the form can be written down at once.
    """
    body = base64.b64encode(entry.body).decode()
    return (
        f'{{"body":"{body}","integratedTime":{entry.integrated},'
        f'"logID":"{entry.log_id.hex()}","logIndex":{entry.index}}}'
    ).encode()


def verify(entry: LogEntry, promise: bytes, log: Log, *, now: datetime) -> datetime:
    """Verify the promise of ``log`` about ``entry`` and return the time that it gives.

    :param promise: the signature, as the log's key makes them.
    :param now: the reference time; the promise may not be from a later one.
    :raises MalformedError: the time is none (``LOG_TIME``).
    :raises RejectedError: the log did not sign this (``LOG_SET``), it lies in the future (``LOG_TIME_FUTURE``), or
        outside the period in which the log's word counts (``LOG_PERIOD``).
    """
    # 1. There is a time at all.
    if not 0 < entry.integrated <= MAX_TIME:
        raise MalformedError(
            f"the log entry has a signed entry timestamp about the time {entry.integrated}, which is none",
            code="LOG_TIME",
        )
    at = datetime.fromtimestamp(entry.integrated, UTC)
    # 2. The log's word counts at that time.
    require_period(log, at)
    # 3. The log said so.
    log.key.verify(
        promise, signed_bytes(entry), what=f"the signed entry timestamp of the log {log.url}", code="LOG_SET"
    )
    # 4. It is not later than now: a log that dates ahead, or a reference time that was chosen too early.
    if at > now + TOLERANCE:
        raise RejectedError(
            f"the log entry is of {at:%Y-%m-%dT%H:%M:%SZ}, which is in the future",
            code="LOG_TIME_FUTURE",
            expected=f"a time before {now:%Y-%m-%dT%H:%M:%SZ}",
            actual=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            hint="Look at the clock of this machine and at the reference time that you gave.",
        )
    return at


def require_period(log: Log, at: datetime) -> None:
    """Require that the word of ``log`` counts at the time ``at``.

    :raises RejectedError: ``LOG_PERIOD``.
    """
    if not log.period.covers(at):
        raise RejectedError(
            f"the log {log.url} is not trusted at {at:%Y-%m-%dT%H:%M:%SZ}",
            code="LOG_PERIOD",
            expected=f"a time from {log.period}",
            actual=f"{at:%Y-%m-%dT%H:%M:%SZ}",
            hint="The log's key was not in use then: do not trust this entry.",
        )
