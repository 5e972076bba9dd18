"""The reference time of a command: what ``--at`` says, or now. Nothing in provenly reads a clock while it verifies."""

from __future__ import annotations

from datetime import UTC, datetime

from provenly.trust.errors import UsageError


def read(text: str, now: datetime | None = None) -> datetime:
    """Read ``--at``; without it, the time is now.

    :param text: ISO 8601; in UTC where it names no offset.
    :param now: what the clock says, in UTC; to the second where it is read here.
    :raises UsageError: it is no time, or one in the future (``OPTION_TIME``).
    """
    now = now or datetime.now(UTC).replace(microsecond=0)
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the second: an offset that leads out of the calendar
        raise UsageError(
            f"{text} is not a time", code="OPTION_TIME", hint="Write it as 2026-11-22T10:30:00Z."
        ) from error
    if at > now:
        raise UsageError(f"{text} is in the future", code="OPTION_TIME", hint="Name a time that has been.")
    return at
