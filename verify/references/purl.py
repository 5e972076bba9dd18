"""Package URLs, read strictly: ``pkg:npm/%40scope/name@1.0.0``.

packageurl-python reads many spellings of one package URL and decodes generously; a verifier wants one meaning. So:
every part is percent-decoded exactly once, nothing is decoded that would not have been encoded, and qualifiers and
subpaths, which could send us elsewhere, are refused rather than dropped. The format is
https://github.com/package-url/purl-spec/blob/main/PURL-SPECIFICATION.rst and, for npm, its ``npm-definition``.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from provenly.trust.errors import UsageError
from provenly.trust.text import show

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9.\-_~]", re.ASCII)
"""Characters that a package URL never percent-encodes."""

_PART: Final = re.compile(r"(?:[A-Za-z0-9.\-_~!*'()+:]|%[0-9A-Fa-f]{2})+", re.ASCII)
"""A part before decoding. npm's legacy names and build metadata bring the characters that purl would encode."""


def parse(text: str) -> tuple[str, str]:
    """Return the name and the version (or an empty string) of an npm package URL.

    :param text: starts with ``pkg:`` in any case.
    :raises UsageError: another ecosystem (``REF_PURL_TYPE``), qualifiers or a subpath (``REF_PURL_QUALIFIER``), or a
        spelling with more than one meaning (``REF_PURL``).
    """
    kind, _, rest = text[4:].lstrip("/").partition("/")
    if kind.lower() != "npm":
        raise UsageError(
            f"{show(text)} is of the type {show(kind) or 'nothing'}; only npm packages can be verified so far",
            code="REF_PURL_TYPE",
            hint="An npm package is written pkg:npm/NAME@VERSION",
        )
    if "?" in rest or "#" in rest:
        raise UsageError(
            f"{show(text)} has qualifiers or a subpath, which could mean another registry or file",
            code="REF_PURL_QUALIFIER",
            hint="Leave out what follows ? or #; name a registry with --registry",
        )
    path, at, version = rest.rpartition("@")
    if not at or not path:  # an @ at the start belongs to a scope that was not encoded
        path, version = rest, ""
    parts = path.split("/")
    if len(parts) == 2 and parts[0].startswith("@"):  # noqa: PLR2004 - scope and name
        canonical = f"pkg:npm/%40{path[1:]}{at and version and '@'}{version}"
        raise UsageError(
            f"{show(text)} has an @ that a package URL encodes", code="REF_PURL", hint=f"Write {show(canonical)}"
        )
    decoded = [_decode(part, text) for part in parts]
    if len(decoded) > 2 or (len(decoded) == 2) != decoded[0].startswith("@"):  # noqa: PLR2004 - scope and name
        raise UsageError(
            f"{show(text)} is not a package URL of an npm package",
            code="REF_PURL",
            hint="Write pkg:npm/NAME@VERSION or pkg:npm/%40SCOPE/NAME@VERSION",
        )
    return "/".join(decoded), _decode(version, text) if at and path != rest else ""


def spell(name: str, version: str) -> str:
    """Return the canonical package URL; :func:`parse` returns what went in."""
    scope, slash, bare = name.rpartition("/")
    text = f"pkg:npm/{quote(scope, safe='')}{slash}{quote(bare, safe='')}"
    return f"{text}@{quote(version, safe='')}" if version else text


def _decode(part: str, text: str) -> str:
    """Decode one part once."""
    if not _PART.fullmatch(part):
        raise UsageError(
            f"{show(text)} has a part that is empty or not percent-encoded",
            code="REF_PURL",
            hint="Write pkg:npm/NAME@VERSION; an @ is %40 and a + is %2B",
        )
    decoded = bytearray()
    at = 0
    while at < len(part):
        if part[at] != "%":
            decoded += part[at].encode()
            at += 1
            continue
        byte = int(part[at + 1 : at + 3], 16)
        if _UNRESERVED.fullmatch(chr(byte)) or byte == ord("/"):
            raise UsageError(
                f"{show(text)} encodes {chr(byte)!r}, which a package URL leaves as it is",
                code="REF_PURL",
                hint="Write every character in one way only",
            )
        decoded.append(byte)
        at += 3
    try:
        return decoded.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{show(text)} does not decode to UTF-8", code="REF_PURL", hint="Write pkg:npm/NAME@VERSION"
        ) from error
