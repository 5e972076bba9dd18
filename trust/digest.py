"""Digests: an algorithm that we accept and the bytes that it gave."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Self

from provenly.trust.errors import MalformedError

SIZES: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
"""Bytes of a digest by algorithm, weakest first. SHA-1 and MD5 are not here: colliding files can be made for both."""

MAX_SRI: Final = 1_024
"""Characters of a Subresource Integrity string. One sha512 value has 95; honest strings hold at most three values."""

_WHITE_SPACE: Final = re.compile(r"[ \t\n\f\r]+")
"""What separates values: ASCII white space as HTML has it. ``str.split`` would separate at control characters, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A digest of some bytes.

    :param algorithm: ``sha256``, ``sha384`` or ``sha512``.
    :param value: the raw digest, of just the length that the algorithm gives.
    """

    algorithm: str
    value: bytes

    def __post_init__(self) -> None:
        """Refuse algorithms that we do not accept and values that no such algorithm can give."""
        if SIZES.get(self.algorithm) != len(self.value):
            raise MalformedError(f"{len(self.value)} bytes are no {self.algorithm} digest", code="DIGEST_FORMAT")

    @classmethod
    def of(cls, data: bytes, algorithm: str = "sha256") -> Self:
        """Return the digest of ``data``."""
        return cls(algorithm=algorithm, value=hashlib.new(algorithm, data).digest())

    @classmethod
    def from_sri(cls, text: str, *, what: str) -> Self:
        """Read the ``integrity`` of a package: of several algorithms the strongest, of which exactly one value.

        Subresource Integrity lets a browser accept *any* of several values of the strongest algorithm, so that two
        different files would both be right. A package has one file: we ask for one value.

        :param text: for example ``sha512-…==``; several values are separated by white space.
        :param what: whose integrity this is, for messages.
        :raises MalformedError: ``INTEGRITY_WEAK`` for sha1 or md5 alone, ``INTEGRITY_FORMAT`` for the rest.
        """
        if len(text) > MAX_SRI or not text.isascii():
            raise MalformedError(
                f"the integrity of {what} is not a Subresource Integrity value", code="INTEGRITY_FORMAT"
            )
        values: dict[str, list[str]] = {}
        for part in filter(None, _WHITE_SPACE.split(text)):
            algorithm, separator, value = part.partition("-")
            if not separator:
                raise MalformedError(f"the integrity of {what} has the part {part!r}", code="INTEGRITY_FORMAT")
            values.setdefault(algorithm, []).append(value)
        strongest = next((name for name in reversed(SIZES) if name in values), None)
        if strongest is None:
            found = ", ".join(sorted(values)) or "nothing"
            message = f"the integrity of {what} is given as {found} only; sha512 is needed"
            raise MalformedError(message, code="INTEGRITY_WEAK" if values else "INTEGRITY_FORMAT")
        if len(values[strongest]) != 1:
            message = f"the integrity of {what} has {len(values[strongest])} {strongest} values; exactly one is needed"
            raise MalformedError(message, code="INTEGRITY_FORMAT")
        return cls(algorithm=strongest, value=_decode(values[strongest][0], strongest, what))

    @property
    def hex(self) -> str:
        """The value in lower-case hexadecimal."""
        return self.value.hex()

    @property
    def sri(self) -> str:
        """The digest as a Subresource Integrity value, as npm writes it."""
        return f"{self.algorithm}-{base64.b64encode(self.value).decode()}"

    def __str__(self) -> str:
        """Return ``algorithm:hex``, the spelling of reports."""
        return f"{self.algorithm}:{self.hex}"


def _decode(text: str, algorithm: str, what: str) -> bytes:
    """Decode canonical base64: no white space, right padding, no unused bits."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(f"the {algorithm} integrity of {what} is not base64", code="INTEGRITY_FORMAT") from error
    if len(value) != SIZES[algorithm] or base64.b64encode(value).decode() != text:
        raise MalformedError(f"the {algorithm} integrity of {what} is not canonical base64", code="INTEGRITY_FORMAT")
    return value
