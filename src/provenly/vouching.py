"""Verifying with a verification summary: who is trusted with what, and the short report that comes of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from provenly.policies import vouched as policies
from provenly.policies.load import PACKAGED, load_named
from provenly.policies.rules import Policy
from provenly.sbom.vsa import VERIFIER
from provenly.trust import keys
from provenly.trust.errors import Error, MalformedError, RejectedError, UnavailableError, UsageError
from provenly.trust.model import Note, Reference
from provenly.trust.summaries import accept
from provenly.trust.verdict import Report
from provenly.verify import vouched
from provenly.verify.context import Context
from provenly.verify.tarball.local_files import read_local
from provenly.version import VERSION

MAX_SUMMARY: Final = 4 * 1024 * 1024
"""Bytes of a file with a summary. One has two thousand; a bundle around it may hold a log entry."""

MAX_KEY: Final = 16 * 1024
"""Bytes of a file with a public key."""

MAX_AGE_HOURS: Final = 24
"""Hours for which a summary is good unless the user says otherwise: a day's news of a package are not missed for
longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the user gave.

    :param file: the summary.
    :param key: the verifier's public key, PEM.
    :param verifier: the id that the verifier must have.
    :param policy: the verifier's policy, a packaged name or a file, where it is another one than the one in force.
    :param max_age_hours: how old the summary may be.
    """

    file: str
    key: str
    verifier: str = VERIFIER
    policy: str = ""
    max_age_hours: float = MAX_AGE_HOURS


class Voucher:
    """A summary that the user gave, and what it will be held to.

    :param policy: the policy in force.
    :raises UsageError: a file cannot be read, or there is no key (``VSA_NO_KEY``).
    :raises MalformedError: the key is none that is accepted.
    """

    def __init__(self, asked: Asked, policy: Policy) -> None:
        if not asked.key:
            raise UsageError(
                "a verification summary is only as good as who signed it, and no key was given",
                code="VSA_NO_KEY",
                hint="Give the public key of the verifier whom you trust with --vsa-key.",
            )
        self._asked = asked
        self._policy = policy
        self._data = read_local(asked.file, max_bytes=MAX_SUMMARY)
        self._key = keys.from_pem(read_local(asked.key, max_bytes=MAX_KEY), what=f"the key in {asked.key}")
        given = (load_named(asked.policy),) if asked.policy else ()
        self._known = (*_packaged(), *given)

    def report(self, reference: Reference, context: Context, at: datetime) -> Report | Note:
        """Return the report that the summary leads to, or why it was not accepted: then everything is looked at.

        :raises UsageError: the reference names nothing that exists.
        """
        seen = vouched.look(reference, context)
        if seen.package is None or seen.artifact is None:
            return Note(code="VSA_NOTHING_TO_HOLD", text="The summary was not used: there is no archive to hold it to.")
        wanted = accept.Wanted(
            key=self._key,
            verifier=self._asked.verifier,
            digests=(seen.artifact.sha256, seen.artifact.sha512),
            resource=seen.package.purl,
            now=at,
            max_age=timedelta(hours=self._asked.max_age_hours),
        )
        try:
            summary = accept.accept(self._data, wanted, what=f"the summary in {self._asked.file}")
            policies.require_as_strict(summary, self._known, self._policy)
        except (RejectedError, MalformedError, UnavailableError) as error:
            return Note(code=error.code, text=f"The summary was not accepted, and everything looked at: {_why(error)}.")
        return Report(
            tool_version=VERSION,
            reference=replace(reference, path=""),
            checked_at=at,
            package=seen.package,
            artifact=seen.artifact,
            source=None,
            comparison=None,
            evidence=policies.evidence(summary, seen.evidence, self._policy),
            verdict=policies.decide_vouched(self._policy, summary, seen.evidence, seen.package, at),
            notes=seen.notes,
        )


def _packaged() -> tuple[Policy, ...]:
    """Return the policies that come with provenly, but for those whose conditions cannot be read on this machine."""
    found = []
    for name in PACKAGED:
        with suppress(UsageError):
            found.append(load_named(name))
    return tuple(found)


def _why(error: Error) -> str:
    if isinstance(error, RejectedError) and error.expected:
        return f"{error.message} (expected {error.expected}; found {error.actual})"
    return error.message
