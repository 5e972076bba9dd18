"""The reference time of commands that look at files only."""

from __future__ import annotations

from datetime import UTC, datetime

from provenly.trust.errors import UsageError


def read(text: str) -> datetime:
    """Read ``--at``; without it, the time is now.

    :raises UsageError: it is no time, or one in the future (``OPTION_TIME``).
    """
    now = datetime.now(UTC)
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text} is not a time", code="OPTION_TIME", hint="Write it as 2026-11-22T10:30:00Z."
        ) from error
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if at > now:
        raise UsageError(f"{text} is in the future", code="OPTION_TIME", hint="Name a time that has been.")
    return at
