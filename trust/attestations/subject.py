"""The subject of a statement: which package, and which bytes.

Libraries verify signatures and leave this to their callers; sigstore-ruby forgot it (CVE-2026-31830), and others
compare only the first of several. A statement about a package has exactly one subject, whose name is the package's
URL in one of two spellings and whose digest is the sha512 of the bytes in hand.
"""

from __future__ import annotations

import re
from typing import Final

from provenly.trust.attestations.model import Statement
from provenly.trust.digest import Digest
from provenly.trust.encoding import members, one_spelling, text
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.strict_json import Json

ALGORITHM: Final = "sha512"
"""The digest of npm's subjects, the same that ``dist.integrity`` has."""

MEMBERS: Final = frozenset({"name", "digest"})
"""The members of a subject that decide."""

_HEX: Final = re.compile(r"[0-9a-f]{128}", re.ASCII)
"""A sha512 digest as in-toto writes it (spec/v1/digest_set.md): lower-case hexadecimal."""


def read(value: Json, *, what: str) -> tuple[str, Digest]:
    """Read the member ``subject`` of a statement: exactly one subject, with a sha512 digest and no other.

    Another digest beside it could not be checked against the one that is in hand, and a wrong one beside a right one
    would mislead whoever looks at that one.

    :returns: the subject's name and digest.
    :raises MalformedError: ``ATT_SUBJECT_COUNT``, ``ATT_SUBJECT_FORMAT``, ``ATT_DIGEST_MISSING``,
        ``ATT_DIGEST_FORMAT``, ``ATT_DIGEST_OTHER``.
    """
    count = len(value) if isinstance(value, tuple) else 0
    if not isinstance(value, tuple) or count != 1:
        raise MalformedError(
            f"{what} is about {count:,} subjects; exactly one is expected",
            code="ATT_SUBJECT_COUNT",
            hint="An attestation of a package is about that package and nothing else.",
        )
    subject = members(value[0], what=f"the subject of {what}", code="ATT_SUBJECT_FORMAT")
    one_spelling(subject, MEMBERS, what=f"the subject of {what}", code="ATT_SUBJECT_FORMAT")
    name = text(subject.get("name"), what=f"the name of the subject of {what}", code="ATT_SUBJECT_FORMAT")
    digests = subject.get("digest")
    if digests is None:
        raise MalformedError(f"the subject of {what} has no digest", code="ATT_DIGEST_MISSING")
    digests = members(digests, what=f"the digest of the subject of {what}", code="ATT_DIGEST_FORMAT")
    if ALGORITHM not in digests:
        found = ", ".join(sorted(digests)) or "none"
        message = f"the subject of {what} has no {ALGORITHM} digest (digests: {found})"
        raise MalformedError(message, code="ATT_DIGEST_MISSING")
    others = sorted(set(digests) - {ALGORITHM})
    if others:
        message = f"the subject of {what} has digests that cannot be checked against {ALGORITHM}: {', '.join(others)}"
        raise MalformedError(message, code="ATT_DIGEST_OTHER")
    written = digests[ALGORITHM]
    if not isinstance(written, str) or not _HEX.fullmatch(written):
        message = f"the {ALGORITHM} digest of the subject of {what} is not 128 digits of lower-case hexadecimal"
        raise MalformedError(message, code="ATT_DIGEST_FORMAT")
    return name, Digest(algorithm=ALGORITHM, value=bytes.fromhex(written))


def purls(name: str, version: str) -> tuple[str, ...]:
    """Return the spellings of a package's URL that a subject may have, the canonical one first.

    The specification (package-url/purl-spec) wants a scope's ``@`` percent-encoded; tools that leave it as it is mean
    the same, since no other character can be meant. Everything else that a parser would fold or drop (case,
    qualifiers, a subpath, encodings of other characters) is another name here.
    """
    rest = f"{name.removeprefix('@')}@{version.replace('+', '%2B')}"
    return (f"pkg:npm/%40{rest}", f"pkg:npm/@{rest}") if name.startswith("@") else (f"pkg:npm/{rest}",)


def require(statement: Statement, *, name: str, version: str, sha512: Digest, what: str) -> None:
    """Hold a statement to the package that was asked for and to the bytes in hand.

    :param sha512: of the archive.
    :raises RejectedError: it is about another package or version (``ATT_SUBJECT_NAME``), or about other bytes
        (``ATT_SUBJECT_DIGEST``).
    :raises MalformedError: ``sha512`` is no sha512 digest (``DIGEST_FORMAT``).
    """
    if sha512.algorithm != ALGORITHM:
        raise MalformedError(f"attestations need a sha512 digest, not {sha512.algorithm}", code="DIGEST_FORMAT")
    accepted = purls(name, version)
    if statement.subject not in accepted:
        raise RejectedError(
            f"{what} is about another package",
            code="ATT_SUBJECT_NAME",
            expected=accepted[0],
            actual=statement.subject,
            hint="An attestation of something else proves nothing about this package.",
        )
    if statement.digest != sha512:
        raise RejectedError(
            f"{what} is about other bytes",
            code="ATT_SUBJECT_DIGEST",
            expected=str(sha512),
            actual=str(statement.digest),
            hint="These are not the bytes that were attested: do not use them, and get the archive from the registry.",
        )
