"""The spellings of bundles and trusted roots, each value in one way only.

Protobuf's JSON readers accept base64 with other alphabets and junk between, and integers with signs and spaces; two
readers then see two documents in the same bytes, and what one of them verified the other does not show.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json

MAX_INT64: Final = 2**63 - 1
"""The largest index, size or time in a bundle: protobuf's int64."""

_INTEGER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)


def base64_bytes(value: Json, *, what: str, max_bytes: int) -> bytes:
    """Decode canonical base64 (RFC 4648 section 4): no white space, right padding, unused bits zero, not empty.

    :param max_bytes: the most bytes that are accepted.
    :raises MalformedError: ``B64_NOT_CANONICAL``, ``B64_EMPTY``, ``B64_SIZE``.
    """
    if not isinstance(value, str):
        raise MalformedError(f"{what} is not base64 text", code="B64_NOT_CANONICAL")
    if len(value) > (max_bytes + 2) // 3 * 4 or len(value) // 4 * 3 - value[-2:].count("=") > max_bytes:
        raise MalformedError(f"{what} has more than {max_bytes:,} bytes", code="B64_SIZE")
    if not value:
        raise MalformedError(f"{what} is empty", code="B64_EMPTY")
    try:
        decoded = binascii.a2b_base64(value, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(f"{what} is not canonical base64", code="B64_NOT_CANONICAL") from error
    if binascii.b2a_base64(decoded, newline=False) != value.encode():
        raise MalformedError(f"{what} is not canonical base64", code="B64_NOT_CANONICAL")
    return decoded


def integer(value: Json, *, what: str) -> int:
    """Read a non-negative int64 as bundles write it: a decimal string, or a JSON number, in its shortest form.

    :raises MalformedError: ``INT_NOT_CANONICAL``.
    """
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INT64:
        raise MalformedError(f"{what} is not a whole number of 63 bits", code="INT_NOT_CANONICAL")
    return value


def time(value: Json, *, what: str) -> datetime:
    """Read a time in UTC as protobuf writes it in JSON (RFC 3339 with ``Z``); digits after the sixth are dropped.

    :raises MalformedError: ``TIME_FORMAT``.
    """
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise MalformedError(f"{what} is not a time in UTC", code="TIME_FORMAT")
    whole, _, fraction = value[:-1].partition(".")
    try:
        return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}+00:00").astimezone(UTC)
    except ValueError as error:
        raise MalformedError(f"{what} is not a time in UTC", code="TIME_FORMAT") from error


def members(value: Json, *, what: str, code: str) -> Mapping[str, Json]:
    """Return ``value`` as an object.

    :raises MalformedError: it is something else; with ``code``.
    """
    if not isinstance(value, (MappingProxyType, Mapping)):  # the first is what there is, and the faster one to ask for
        raise MalformedError(f"{what} is not an object", code=code)
    return value


def one_spelling(value: Mapping[str, Json], known: frozenset[str], *, what: str, code: str) -> None:
    """Refuse members that a reader without regard to case, as Go's is, would take for a known one (CVE-2026-27896).

    :raises MalformedError: there is one; with ``code``.
    """
    folded = {name.lower() for name in known}
    for name in value:
        if name not in known and name.lower() in folded:
            raise MalformedError(f"{what} has the member {name!r} in another spelling than it should have", code=code)


def items(value: Json, *, what: str, code: str, least: int, most: int) -> tuple[Json, ...]:
    """Return ``value`` as an array of ``least`` to ``most`` members; the count is looked at before any member is.

    :raises MalformedError: it is something else; with ``code``.
    """
    if not isinstance(value, tuple):
        raise MalformedError(f"{what} is not an array", code=code)
    if not least <= len(value) <= most:
        wanted = f"exactly {least}" if least == most else f"{least} to {most}"
        raise MalformedError(f"{what} has {len(value):,} members; {wanted} are accepted", code=code)
    return value


def text(value: Json, *, what: str, code: str) -> str:
    """Return ``value`` as a string that is not empty.

    :raises MalformedError: it is something else; with ``code``.
    """
    if not isinstance(value, str) or not value:
        raise MalformedError(f"{what} is not a text", code=code)
    return value
