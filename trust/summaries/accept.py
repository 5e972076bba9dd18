"""Accepting a verification summary: who verified what, when, by which policy, and what came out.

The steps are those of SLSA's "Verification Summary Attestation", section "How to verify", in its order, and two more
that it leaves to the consumer: the summary is fresh, and says by which policy. A summary is as good as the verifier
that signed it: it is accepted with a key that the user named for that verifier, and with no other.

Source: slsa-framework/slsa, spec/verification_summary.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import datetime, timedelta
from typing import Final

from provenly.trust import strict_json
from provenly.trust.attestations.statement import MAX_PAYLOAD, PAYLOAD_TYPE, STATEMENT_TYPES
from provenly.trust.bundles import read as bundles
from provenly.trust.bundles.dsse import pae
from provenly.trust.bundles.model import Envelope
from provenly.trust.digest import Digest
from provenly.trust.encoding import items, members, one_spelling, text, time
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.keys import PublicKey
from provenly.trust.strict_json import Json

PREDICATE_TYPE: Final = "https://slsa.dev/verification_summary/v1"

EXTENSION: Final = "pkg:pypi/provenly#"
"""What the names of our own members of the predicate begin with; the specification asks for URIs."""

ACTION: Final = f"{EXTENSION}action"
"""The member that keeps a warning: the specification knows PASSED and FAILED only."""

MAX_AHEAD: Final = timedelta(minutes=5)
"""How far the time of a summary may be after the reference time: clocks differ."""

CODE: Final = "VSA_FORMAT"

_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MEMBERS: Final = frozenset({"_type", "subject", "predicateType", "predicate"})
_PREDICATE: Final = frozenset({"verifier", "timeVerified", "resourceUri", "policy", "verificationResult"})
_HINT: Final = "The package is verified again without it: leave the summary out, or ask its verifier for a new one."


class _Seal:
    """What only :func:`accept` hands in."""


_SEAL: Final = _Seal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a summary must be about.

    :param key: of the verifier that the user trusts.
    :param verifier: the id that this verifier must have.
    :param digests: of the archive that is at hand: sha512, and others.
    :param resource: the package URL of the package that was asked for.
    :param now: the reference time.
    :param max_age: how old a summary may be.
    """

    key: PublicKey
    verifier: str
    digests: tuple[Digest, ...]
    resource: str
    now: datetime
    max_age: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """A summary that holds: a trusted verifier let these bytes pass. Only :func:`accept` makes one.

    :param policy: the digest of the policy that the verifier went by; whether that is strict enough is left to say.
    :param policy_uri: what the verifier calls it.
    :param warned: whether the verifier warned.
    :param digest: of the statement.
    """

    verifier: str
    at: datetime
    policy: Digest
    policy_uri: str
    warned: bool
    digest: Digest
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        """Refuse to be made by anybody else."""
        if seal is not _SEAL:
            raise TypeError("a Summary is made by provenly.trust.summaries.accept only")


def accept(data: bytes, wanted: Wanted, *, what: str) -> Summary:
    """Return the summary in ``data`` if it is good for what is wanted.

    Steps: 1. the signature, by the one key; 2. an in-toto statement about these bytes; 3. its predicate is a summary;
    4. the verifier; 5. the resource; 6. the result; 7. the time; 8. the policy.

    :param data: a plain DSSE envelope, or a Sigstore bundle that names a key. What a log or a timestamp would add is
        not asked for: the key's owner is trusted, and the time is in what was signed.
    :raises MalformedError: it is not in one meaning (``VSA_FORMAT``, ``BUNDLE_…``, ``JSON_…``, ``B64_…``).
    :raises RejectedError: a step failed (``VSA_SIGNATURE``, ``VSA_TYPE``, ``VSA_SUBJECT``, ``VSA_VERIFIER``,
        ``VSA_RESOURCE``, ``VSA_RESULT``, ``VSA_TIME``, ``VSA_POLICY``).
    :raises UnavailableError: a version of bundles that we do not know (``BUNDLE_VERSION``).
    """
    # 1.
    signed = _envelope(data, what=what)
    wanted.key.verify(
        signed.signature,
        pae(signed.payload_type, signed.payload),
        what=f"the signature of {what}",
        code="VSA_SIGNATURE",
    )
    # 2. and 3.
    predicate = _predicate(signed, wanted, what=what)
    # 4.
    verifier = text(
        members(predicate.get("verifier"), what=f"the verifier of {what}", code=CODE).get("id"),
        what=f"the id of the verifier of {what}",
        code=CODE,
    )
    if verifier != wanted.verifier:
        raise _no("VSA_VERIFIER", f"{what} is by another verifier than its key is for", wanted.verifier, verifier)
    # 5.
    resource = text(predicate.get("resourceUri"), what=f"the resourceUri of {what}", code=CODE)
    if resource != wanted.resource:
        raise _no("VSA_RESOURCE", f"{what} is about another package", wanted.resource, resource)
    # 6.
    result = text(predicate.get("verificationResult"), what=f"the verificationResult of {what}", code=CODE)
    levels = items(predicate.get("verifiedLevels"), what=f"the levels of {what}", code=CODE, least=0, most=64)
    if result != "PASSED" or "FAILED" in levels:
        raise _no("VSA_RESULT", f"{what} says that the package did not pass", "PASSED", result)
    # 7.
    at = time(predicate.get("timeVerified"), what=f"the timeVerified of {what}")
    if not wanted.now - wanted.max_age <= at <= wanted.now + MAX_AHEAD:
        asked = f"a time from {wanted.now - wanted.max_age:%Y-%m-%dT%H:%M:%SZ} to {wanted.now:%Y-%m-%dT%H:%M:%SZ}"
        raise _no("VSA_TIME", f"{what} is not fresh", asked, f"{at:%Y-%m-%dT%H:%M:%SZ}")
    # 8.
    policy = members(predicate.get("policy"), what=f"the policy of {what}", code=CODE)
    action = predicate.get(ACTION)
    return Summary(
        verifier=verifier,
        at=at,
        policy=_policy(policy, what=what),
        policy_uri=text(policy.get("uri"), what=f"the policy's uri of {what}", code=CODE),
        warned=action != "allow",
        digest=Digest.of(signed.payload),
        seal=_SEAL,
    )


def _envelope(data: bytes, *, what: str) -> Envelope:
    """Return the envelope of a file that is one, or a bundle around one."""
    value = strict_json.loads(data, what=what, max_bytes=bundles.MAX_BUNDLE, max_values=bundles.MAX_VALUES)
    if not isinstance(value, Mapping):
        raise MalformedError(f"{what} is no JSON object", code=CODE, hint=_HINT)
    if "mediaType" not in value:
        return bundles.envelope(value, keyed=None, what=what)
    bundle = bundles.from_json(value, what=what)
    if bundle.certificate is not None or not isinstance(bundle.content, Envelope):
        raise MalformedError(f"{what} is no envelope that was signed with a key", code=CODE, hint=_HINT)
    return bundle.content


def _predicate(signed: Envelope, wanted: Wanted, *, what: str) -> Mapping[str, Json]:
    if signed.payload_type != PAYLOAD_TYPE:
        raise _no("VSA_TYPE", f"{what} was not signed as an in-toto statement", PAYLOAD_TYPE, signed.payload_type)
    value = strict_json.loads(signed.payload, what=what, max_bytes=MAX_PAYLOAD)
    statement = members(value, what=what, code=CODE)
    one_spelling(statement, _MEMBERS, what=what, code=CODE)
    kind = text(statement.get("_type"), what=f"the _type of {what}", code=CODE)
    if kind not in STATEMENT_TYPES:
        raise _no("VSA_TYPE", f"{what} is no statement that we know", " or ".join(sorted(STATEMENT_TYPES)), kind)
    _require_subject(statement.get("subject"), wanted, what=what)
    found = text(statement.get("predicateType"), what=f"the predicateType of {what}", code=CODE)
    if found != PREDICATE_TYPE:
        raise _no("VSA_TYPE", f"{what} is no verification summary", PREDICATE_TYPE, found)
    predicate = members(statement.get("predicate"), what=f"the predicate of {what}", code=CODE)
    one_spelling(predicate, _PREDICATE, what=what, code=CODE)
    return predicate


def _require_subject(value: Json, wanted: Wanted, *, what: str) -> None:
    """Require one subject with the sha512 of the archive; every other digest that we can tell must agree."""
    where = f"the subject of {what}"
    (one,) = items(value, what=where, code=CODE, least=1, most=1)
    digests = members(members(one, what=where, code=CODE).get("digest"), what=f"the digest of {where}", code=CODE)
    own = {digest.algorithm: digest.value.hex() for digest in wanted.digests}
    claimed = {name: text(value, what=f"the {name} of {where}", code=CODE) for name, value in digests.items()}
    if "sha512" not in own or claimed.get("sha512") != own["sha512"]:
        expected, actual = f"sha512:{own.get('sha512', 'none')}", f"sha512:{claimed.get('sha512', 'none')}"
        raise _no("VSA_SUBJECT", f"{what} is about another archive", expected, actual)
    for name in own.keys() & claimed.keys():
        if own[name] != claimed[name]:
            raise _no("VSA_SUBJECT", f"{what} is about two archives", own[name], claimed[name])


def _policy(policy: Mapping[str, Json], *, what: str) -> Digest:
    digests = members(policy.get("digest"), what=f"the policy's digest of {what}", code=CODE)
    value = text(digests.get("sha256"), what=f"the sha256 of the policy of {what}", code=CODE)
    if not _SHA256.fullmatch(value):
        raise MalformedError(f"the policy's digest of {what} is no sha256", code=CODE, hint=_HINT)
    return Digest(algorithm="sha256", value=bytes.fromhex(value))


def _no(code: str, message: str, expected: str, actual: str) -> RejectedError:
    return RejectedError(message, code=code, expected=expected, actual=actual, hint=_HINT)
