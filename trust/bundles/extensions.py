"""What Sigstore's authority wrote into a certificate about its holder.

The extensions are those of sigstore/fulcio, docs/oid-info.md, below 1.3.6.1.4.1.57264.1. Numbers 1 to 6, of before
2023, hold bare UTF-8; numbers 8 and up hold a DER UTF8String (ITU-T X.690). Certificates since 2023 say the same thing
in both. Nothing here verifies the certificate: :mod:`provenly.trust.bundles.certificate` does, before it asks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from cryptography import x509

from provenly.trust.bundles import x509_parts
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.identity import Identity
from provenly.trust.text import show

ARC: Final = "1.3.6.1.4.1.57264.1."
"""Under which the extensions are numbered."""

OTHER_NAME: Final = ARC + "7"
"""The type of a subject alternative name that is neither a URL nor a mail address (oid-info.md)."""

GITHUB_ISSUER: Final = "https://token.actions.githubusercontent.com"
"""The OpenID issuer of GitHub Actions."""

MAX_TEXT: Final = 2_048
"""Bytes of one extension. The longest real ones are URLs of workflows with some 150."""

_BARE: Final = {1: "issuer", 2: "trigger", 3: "commit", 5: "repository", 6: "ref"}
"""What the extensions of before 2023 say. Number 4, the title of the workflow, identifies nothing and is not read."""

_STRINGS: Final = {
    8: "issuer",
    9: "signer",
    10: "signer_digest",
    11: "runner",
    12: "repository",
    13: "commit",
    14: "ref",
    15: "repository_id",
    16: "owner",
    17: "owner_id",
    18: "workflow",
    19: "workflow_digest",
    20: "trigger",
    21: "run",
    22: "visibility",
    23: "environment",
    24: "token_subject",
}

_NUMBERS: Final = {x509.ObjectIdentifier(f"{ARC}{number}"): number for number in (*_BARE, *_STRINGS)}
"""The extensions that are read."""

_CONTROL: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that no name holds: with a line break in it, one name passes for two."""

_UTF8_STRING: Final = 0x0C
_SHORT: Final = 0x80
_ONE_BYTE: Final = 0x81
_TWO_BYTES: Final = 0x82
_BYTE: Final = 0x100


def identity(certificate: x509.Certificate) -> Identity:
    """Return who a certificate says its holder is.

    :raises MalformedError: an extension is not what it should be (``CERT_EXTENSION``), is there twice, or the
        certificate is not readable (``CERT_FORMAT``); no issuer is named (``CERT_NO_ISSUER``); there is not exactly
        one subject alternative name (``CERT_SAN_COUNT``), or not one of a kind or form that is accepted
        (``CERT_SAN_KIND``, ``CERT_SAN_TEXT``).
    :raises RejectedError: an old and a new extension for the same thing disagree (``CERT_EXTENSIONS_DISAGREE``).
    """
    # 1. The one name of the holder.
    subject, kind = _subject(certificate)
    # 2. Every extension that we know, each in one way only.
    old, new = _read(certificate)
    # 3. Said twice means said the same.
    _check_agreement(old, new)
    # 4. New before old.
    found = {**{name: text for name, text in old.items() if name != "repository"}, **new}
    if not found.get("issuer"):
        raise MalformedError("the certificate does not name the issuer of the holder's token", code="CERT_NO_ISSUER")
    if not new and found["issuer"] == GITHUB_ISSUER:
        # Of before 2023: the repository is a path on GitHub, and the only URL of the workflow is the subject. Where
        # a workflow calls another one that is the called one, so that both are taken to be it.
        found["repository"] = f"https://github.com/{old['repository']}" if old.get("repository") else ""
        if kind == "uri":
            found["signer"] = found["workflow"] = subject
    return Identity(subject=subject, subject_kind=kind, **found)


def _subject(certificate: x509.Certificate) -> tuple[str, str]:
    """Return the one subject alternative name and its kind."""
    try:
        extension = x509_parts.extensions(certificate).get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound as error:
        raise MalformedError("the certificate names no holder", code="CERT_SAN_COUNT") from error
    names = tuple(extension.value)
    if len(names) != 1:
        raise MalformedError(
            f"the certificate has {len(names)} subject alternative names; exactly one is accepted",
            code="CERT_SAN_COUNT",
        )
    match names[0]:
        case x509.UniformResourceIdentifier(value=text):
            kind = "uri"
        case x509.RFC822Name(value=text):
            kind = "email"
        case x509.OtherName() as other if other.type_id.dotted_string == OTHER_NAME:
            text, kind = _utf8_string(other.value, "the holder's name"), "other"
        case _:
            raise MalformedError(
                "the certificate's holder is neither a URL nor a mail address nor a name of Sigstore's own kind",
                code="CERT_SAN_KIND",
            )
    if not text or len(text) > MAX_TEXT or not text.isprintable() or (kind != "other" and _is_loose(text)):
        raise MalformedError(
            f"the certificate's holder {show(text, limit=128)} has characters that no {kind} name has",
            code="CERT_SAN_TEXT",
        )
    return text, kind


def _is_loose(text: str) -> bool:
    """Whether a URL or mail address has characters that have no place in it (RFC 5280 section 4.2.1.6: IA5String)."""
    return not text.isascii() or " " in text


def _read(certificate: x509.Certificate) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return what the bare and the DER extensions say, by member of :class:`Identity`; what is empty is left out."""
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for extension in x509_parts.extensions(certificate):
        number = _NUMBERS.get(extension.oid)
        if number is None or not isinstance(extension.value, x509.UnrecognizedExtension):
            continue
        data, what = extension.value.value, f"extension .{number}"
        if number in _BARE:
            old[_BARE[number]] = _text(data, what)
        else:
            new[_STRINGS[number]] = _utf8_string(data, what)
    return {name: text for name, text in old.items() if text}, {name: text for name, text in new.items() if text}


def _utf8_string(data: bytes, what: str) -> str:
    """Return the text of a DER UTF8String: the shortest form of the length, nothing after it (X.690, 8.1.3 and 10.1).

    BER has several spellings of one value, and readers that take the first bytes they like from them; DER has one.
    """
    header, rest = data[:2], data[2:]
    length = header[1] if len(header) == 2 else -1  # noqa: PLR2004 - tag and length
    if length == _ONE_BYTE and rest and rest[0] >= _SHORT:
        length, rest = rest[0], rest[1:]
    elif length == _TWO_BYTES and len(rest) > 1 and rest[0]:
        length, rest = rest[0] * _BYTE + rest[1], rest[2:]
    elif length >= _SHORT:
        length = -1
    if header[:1] != bytes([_UTF8_STRING]) or length != len(rest):
        raise MalformedError(f"{what} of a certificate is not a UTF8String in DER", code="CERT_EXTENSION")
    return _text(rest, what)


def _text(data: bytes, what: str) -> str:
    if len(data) > MAX_TEXT:
        raise MalformedError(
            f"{what} of a certificate has {len(data):,} bytes, more than {MAX_TEXT:,}", code="CERT_EXTENSION"
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what} of a certificate is not UTF-8", code="CERT_EXTENSION") from error
    if not text.isprintable() and any(unicodedata.category(character) in _CONTROL for character in text):
        raise MalformedError(f"{what} of a certificate has control characters in it", code="CERT_EXTENSION")
    return text


def _check_agreement(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Refuse a certificate that says two things about one; .5 is a path on the forge, .12 the URL of the same."""
    for name in old.keys() & new.keys():
        here, there = old[name], new[name]
        if name == "repository":
            agree = there == f"https://github.com/{here}" or (
                new.get("issuer") != GITHUB_ISSUER and there.endswith(f"/{here}")
            )
        else:
            agree = here == there
        if not agree:
            raise RejectedError(
                f"the old and the new extension of the certificate disagree about the {name}",
                code="CERT_EXTENSIONS_DISAGREE",
                expected=show(there, limit=256),
                actual=show(here, limit=256),
                hint="No authority issues such a certificate: do not trust it.",
            )
