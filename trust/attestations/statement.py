"""In-toto statements out of verified bundles (in-toto/attestation, spec/v1/statement.md, and v0.1 of it).

That a payload was signed says who vouches for its bytes, not that they have one meaning: it is read as strictly as
anything else that comes from outside.
"""

from __future__ import annotations

from typing import Final

from provenly.trust import strict_json
from provenly.trust.attestations import subject
from provenly.trust.attestations.model import SEAL, Statement
from provenly.trust.bundles.model import Verified
from provenly.trust.encoding import members, one_spelling, text
from provenly.trust.errors import MalformedError, RejectedError

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
"""What an envelope says that it holds (in-toto/attestation, spec/v1/envelope.md)."""

STATEMENT_TYPES: Final = frozenset({"https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"})
"""The versions of the statement that we read. Their members are the same."""

MEMBERS: Final = frozenset({"_type", "subject", "predicateType", "predicate"})
"""The members of a statement. Others are left alone, as the specification asks."""

MAX_PAYLOAD: Final = 1024 * 1024
"""Bytes of a statement. npm's have 300 to 8,000."""


def read(verified: Verified, *, predicate_type: str, what: str = "the statement") -> Statement:
    """Read the statement in a bundle that holds.

    Steps: 1. the envelope holds an in-toto statement; 2. the payload is JSON in one meaning; 3. its version is known;
    4. it says of what type its predicate is, the same as was said outside; 5. it is about exactly one subject with a
    sha512 digest and no other.

    :param predicate_type: what was said outside the signature, by the registry's document.
    :param what: what the statement is, for messages.
    :raises MalformedError: ``ATT_STATEMENT`` (no such document), ``JSON_…``, ``ATT_SUBJECT_COUNT``,
        ``ATT_SUBJECT_FORMAT``, ``ATT_DIGEST_…``.
    :raises RejectedError: ``ATT_PAYLOAD_TYPE``, ``ATT_STATEMENT_TYPE``, ``ATT_TYPE_MISMATCH``.
    """
    # 1. Another type of payload could be read as a statement, and was not signed as one.
    if verified.payload is None or verified.payload_type != PAYLOAD_TYPE:
        raise RejectedError(
            f"{what} was not signed as an in-toto statement",
            code="ATT_PAYLOAD_TYPE",
            expected=PAYLOAD_TYPE,
            actual=verified.payload_type or "a signature over a file",
            hint="Ask the publisher what was signed here.",
        )
    # 2. and 3.
    value = strict_json.loads(verified.payload, what=what, max_bytes=MAX_PAYLOAD)
    document = members(value, what=what, code="ATT_STATEMENT")
    one_spelling(document, MEMBERS, what=what, code="ATT_STATEMENT")
    version = text(document.get("_type"), what=f"the _type of {what}", code="ATT_STATEMENT")
    if version not in STATEMENT_TYPES:
        raise RejectedError(
            f"{what} is of a version that is not known",
            code="ATT_STATEMENT_TYPE",
            expected=" or ".join(sorted(STATEMENT_TYPES)),
            actual=version,
            hint="A newer version of provenly may know it.",
        )
    # 4. The outer type was chosen by whoever served the document; only the inner one is signed.
    inner = text(document.get("predicateType"), what=f"the predicateType of {what}", code="ATT_STATEMENT")
    if inner != predicate_type:
        raise RejectedError(
            f"{what} is of another type than the document around it says",
            code="ATT_TYPE_MISMATCH",
            expected=predicate_type,
            actual=inner,
            hint="The document was put together wrongly, or altered: get it from the registry again.",
        )
    predicate = members(document.get("predicate"), what=f"the predicate of {what}", code="ATT_STATEMENT")
    # 5.
    name, digest = subject.read(document.get("subject"), what=what)
    return Statement(
        predicate_type=inner, predicate=predicate, subject=name, digest=digest, verified=verified, seal=SEAL
    )


def peek(verified: Verified) -> str:
    """Return the type of predicate that the signed payload names, or an empty string where it names none.

    For sorting attestations only, and never for accepting one: a payload that :func:`read` refuses still has a type.
    """
    if verified.payload is None:
        return ""
    try:
        value = strict_json.loads(verified.payload, what="the payload", max_bytes=MAX_PAYLOAD)
        document = members(value, what="the payload", code="ATT_STATEMENT")
        return text(document.get("predicateType"), what="the predicateType", code="ATT_STATEMENT")
    except MalformedError:
        return ""
