"""Whether a signed in-toto statement is about the artifact in hand.

This is for statements of any kind, whose subjects may be many (in-toto/attestation, spec/v1/statement.md). Statements
about packages have stricter rules: :mod:`provenly.trust.attestations.subject`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from provenly.trust import strict_json
from provenly.trust.digest import SIZES, Digest
from provenly.trust.encoding import items, members
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.strict_json import Json
from provenly.trust.text import plural

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
"""The payload type of in-toto statements (in-toto/attestation, spec/v1/envelope.md)."""

MAX_SUBJECTS: Final = 1_024
"""Subjects of a statement; sigstore-go has the same limit. Releases with some hundred files exist."""

MAX_VALUES: Final = 500_000
"""Values in a statement. Lists of the parts of large systems have one for each thirty bytes, or 400,000 at most."""

MAX_DIGESTS: Final = 32
"""Digests of one subject; sigstore-go has the same limit."""


def require(payload_type: str, payload: bytes, artifact: bytes | Digest) -> None:
    """Require one subject of the signed statement to be ``artifact``.

    A subject counts where at least one of its digests by an algorithm that we accept was compared, and none differs:
    a wrong digest beside a right one would be about another file.

    :param payload: which was signed; still, it is not believed to be well-formed.
    :param artifact: its bytes, or a digest, where only that algorithm is compared.
    :raises RejectedError: not an in-toto statement (``BUNDLE_PAYLOAD_TYPE``), or about others (``BUNDLE_SUBJECT``).
    :raises MalformedError: not JSON in one meaning (``JSON_…``), or without the shape (``BUNDLE_STATEMENT``).
    """
    if payload_type != PAYLOAD_TYPE:
        raise RejectedError(
            "the envelope holds no in-toto statement, so that it is about no artifact",
            code="BUNDLE_PAYLOAD_TYPE",
            expected=PAYLOAD_TYPE,
            actual=payload_type,
        )
    what = "the signed statement"
    value = strict_json.loads(payload, what=what, max_bytes=len(payload), max_values=MAX_VALUES)
    statement = members(value, what=what, code="BUNDLE_STATEMENT")
    subjects = items(
        statement.get("subject"),
        what=f"the subject of {what}",
        code="BUNDLE_STATEMENT",
        least=1,
        most=MAX_SUBJECTS,
    )
    wanted: dict[str, str] = {}
    if isinstance(artifact, Digest):
        wanted[artifact.algorithm] = artifact.hex
    named = [_digests(subject, what=f"a subject of {what}") for subject in subjects]
    for digests in named:
        compared = digests.keys() & SIZES.keys()
        if not isinstance(artifact, Digest):
            for algorithm in compared - wanted.keys():
                wanted[algorithm] = hashlib.new(algorithm, artifact).hexdigest()
        compared &= wanted.keys()
        if compared and all(digests[algorithm] == wanted[algorithm] for algorithm in compared):
            return
    shown = next(iter(sorted(wanted.items())), ("", "an artifact"))
    raise RejectedError(
        f"the signed statement is not about this artifact: it names {plural(len(named), 'other')}",
        code="BUNDLE_SUBJECT",
        expected=":".join(filter(None, shown)),
        actual=", ".join(f"{name}:{value}" for name, value in sorted(named[0].items()))[:256] or "no digest",
        hint="Is this the file that the bundle was made for?",
    )


def _digests(value: Json, *, what: str) -> Mapping[str, str]:
    """Return the digests of a subject, as they are written."""
    subject = members(value, what=what, code="BUNDLE_STATEMENT")
    digests = members(subject.get("digest", {}), what=f"the digest of {what}", code="BUNDLE_STATEMENT")
    if len(digests) > MAX_DIGESTS or not all(isinstance(digest, str) for digest in digests.values()):
        raise MalformedError(
            f"the digest of {what} is not at most {MAX_DIGESTS} texts by algorithm", code="BUNDLE_STATEMENT"
        )
    return {algorithm: str(digest) for algorithm, digest in digests.items()}
