"""package.json: read with one meaning only, then looked at and compared.

This module is the door. :mod:`~provenly.verify.comparison.manifest_changes` compares two manifests field by field, and
:mod:`~provenly.verify.comparison.manifest_notes` points at what a reader of one manifest should know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json, loads
from provenly.verify.comparison.manifest_changes import ABSENT, Absent, FieldChange, confusion, differences, normalise
from provenly.verify.comparison.manifest_notes import examine

__all__ = ["ABSENT", "MAX_BYTES", "Absent", "FieldChange", "confusion", "differences", "examine", "load", "normalise"]

MAX_BYTES: Final = 5 * 1024 * 1024
"""Bytes of a package.json. The largest of widely used packages has a few hundred kilobytes."""


def load(data: bytes, what: str) -> Mapping[str, Json]:
    """Parse a package.json.

    npm skips a byte order mark, so this does too; :func:`examine` reports it.

    :param data: the file.
    :param what: whose manifest it is, for messages.
    :returns: the manifest, read-only at every level.
    :raises MalformedError: not JSON, ambiguous JSON or over a limit (codes ``JSON_…``), or not an object
        (``MANIFEST_TYPE``).
    """
    value = loads(data, what=what, max_bytes=MAX_BYTES, allow_bom=True)
    if not isinstance(value, Mapping):
        raise MalformedError(f"{what} is not an object", code="MANIFEST_TYPE")
    return value
