"""Which versions of the bundle format there are, and how their media types are spelled.

Source: sigstore/protobuf-specs, sigstore_bundle.proto, message ``Bundle``: version 0.3 has the version inside the name,
and readers accept the older spelling, in which it is a parameter, for 0.1, 0.2 and 0.3.
"""

from __future__ import annotations

import re
from typing import Final

from provenly.trust.encoding import text
from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.strict_json import Json

MAX_MEDIA_TYPE: Final = 128
"""Characters of a media type; the longest known one has 52."""

V01: Final = "0.1"
"""The only version that may come without an inclusion proof; it must have an inclusion promise."""

V03: Final = "0.3"
"""The first version in which a certificate comes alone and not in a chain."""

KNOWN: Final = {
    "application/vnd.dev.sigstore.bundle+json;version=0.1": V01,
    "application/vnd.dev.sigstore.bundle+json;version=0.2": "0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3": V03,
    "application/vnd.dev.sigstore.bundle.v0.3+json": V03,
}
"""The version by media type, each in its exact spelling."""

_FAMILY: Final = re.compile(
    r"application/vnd\.dev\.sigstore\.bundle(?:\+json;version=[0-9]+\.[0-9]+|\.v[0-9]+\.[0-9]+\+json)", re.ASCII
)


def version(value: Json, *, what: str) -> str:
    """Return the version, ``0.1``, ``0.2`` or ``0.3``, of the bundle whose ``mediaType`` is ``value``.

    :raises UnavailableError: a bundle of a version that we do not know (``BUNDLE_VERSION``): its rules may be others.
    :raises MalformedError: not the media type of a bundle (``BUNDLE_MEDIA_TYPE``).
    """
    if value is None:
        raise MalformedError(
            f"{what} has no mediaType, which every bundle has",
            code="BUNDLE_MEDIA_TYPE",
            hint="Is it what a registry serves at /-/npm/v1/attestations/…? That is for provenly verify-attestations.",
        )
    name = text(value, what=f"the mediaType of {what}", code="BUNDLE_MEDIA_TYPE")
    if name in KNOWN:
        return KNOWN[name]
    if len(name) <= MAX_MEDIA_TYPE and _FAMILY.fullmatch(name):
        raise UnavailableError(
            f"{what} is a bundle of the kind {name}; versions 0.1 to 0.3 are understood",
            code="BUNDLE_VERSION",
            hint="A newer provenly may understand it.",
        )
    raise MalformedError(
        f"the mediaType of {what} is {name[:MAX_MEDIA_TYPE]!r}, not that of a bundle", code="BUNDLE_MEDIA_TYPE"
    )
