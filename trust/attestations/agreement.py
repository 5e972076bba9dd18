"""Whether a provenance says what the certificate of its signer says, field by field.

The certificate's authority copied its fields from a token of the build service; the predicate was written by whoever
ran the build. npm's client, pacote and slsa-verifier compare few of these fields or none. Where the two disagree, the
certificate is right and the provenance refused.

Texts are compared as they are, whole and with regard to case. A field that one of the two lacks is not compared, and
is reported so, except for the repository and the commit: without those a provenance says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from provenly.trust.attestations.model import Provenance
from provenly.trust.attestations.slsa_v02 import GITLAB
from provenly.trust.errors import RejectedError
from provenly.trust.identity import Identity

RUNNER: Final = "https://github.com/actions/runner"
"""The builder of GitHub's runners; npm appends ``/`` and the runner's environment since 9.6.5."""

REQUIRED: Final = ("repository", "commit")
"""The fields that both must have."""

_RUN: Final = re.compile(r"([0-9]{1,20})-([0-9]{1,9})", re.ASCII)
"""A run as SLSA 0.2 names it: ``GITHUB_RUN_ID-GITHUB_RUN_ATTEMPT``."""


class Outcome(StrEnum):
    """How the comparison of a field came out."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One field of a provenance beside the same field of the certificate.

    :param field: its name in :class:`~provenly.trust.attestations.model.Provenance`.
    :param certificate: what the certificate says, in the spelling of the predicate; empty where it does not say.
    :param predicate: what the predicate says; empty where it does not say.
    """

    field: str
    certificate: str
    predicate: str

    @property
    def outcome(self) -> Outcome:
        """How it came out."""
        if not self.certificate or not self.predicate:
            return Outcome.NOT_COMPARED
        return Outcome.AGREES if self.certificate == self.predicate else Outcome.DIFFERS


def compare(identity: Identity, provenance: Provenance) -> tuple[Compared, ...]:
    """Put every field of a provenance beside the certificate's.

    :param identity: of the certificate that signed the provenance.
    :param provenance: what the predicate says.
    :returns: the fields in a fixed order; numbers in brackets are the certificate's extensions.
    """
    pairs = (
        ("repository", identity.repository, provenance.repository),  # .12
        ("commit", identity.commit, provenance.commit),  # .13
        ("ref", _ref(identity, provenance), provenance.ref),  # .14
        ("workflow", _certified_workflow(identity, provenance), _stated_workflow(provenance)),  # .18, not the SAN
        ("workflow_commit", identity.workflow_digest, provenance.workflow_commit),  # .19
        ("trigger", identity.trigger, provenance.trigger),  # .20
        ("repository_id", identity.repository_id, provenance.repository_id),  # .15
        ("owner_id", identity.owner_id, provenance.owner_id),  # .17
        ("builder", _builder(identity, provenance), provenance.builder),  # .11, or the signer, .9
        ("runner", identity.runner, provenance.runner),  # .11
        ("run", identity.run, _run(provenance)),  # .21
    )
    return tuple(Compared(field=field, certificate=left, predicate=right) for field, left, right in pairs)


def require(identity: Identity, provenance: Provenance) -> tuple[str, ...]:
    """Refuse a provenance that disagrees with the certificate, or cannot be held to it.

    :returns: the names of the fields that agree.
    :raises RejectedError: a field differs (``ATT_CLAIM_MISMATCH``), or the repository or the commit is not said by
        both (``ATT_CLAIM_MISSING``).
    """
    compared = compare(identity, provenance)
    different = [one for one in compared if one.outcome is Outcome.DIFFERS]
    if different:
        raise RejectedError(
            "the provenance and the certificate of its signer disagree about "
            f"the {_named([one.field for one in different])} of the build",
            code="ATT_CLAIM_MISMATCH",
            expected="; ".join(f"{one.field} {one.certificate}" for one in different),
            actual="; ".join(f"{one.field} {one.predicate}" for one in different),
            hint="The provenance was not written by the build that signed it: do not trust what it says.",
        )
    for one in compared:
        if one.field in REQUIRED and one.outcome is not Outcome.AGREES:
            side = "certificate of the provenance's signer" if not one.certificate else "provenance"
            raise RejectedError(
                f"the {side} does not name the {one.field}",
                code="ATT_CLAIM_MISSING",
                expected=f"a {one.field} in both the provenance and the certificate",
                actual=one.certificate or one.predicate or "in neither",
                hint="Without it nobody can say what was built: ask the publisher how this was made.",
            )
    return tuple(one.field for one in compared if one.outcome is Outcome.AGREES)


def _named(fields: list[str]) -> str:
    words = [field.replace("_", " ") for field in fields]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _ref(identity: Identity, provenance: Provenance) -> str:
    """Return the certificate's ref, without ``refs/heads/`` or ``refs/tags/`` where the predicate has a bare name."""
    if provenance.ref.startswith("refs/"):
        return identity.ref
    return re.sub(r"^refs/(?:heads|tags)/", "", identity.ref)


def _certified_workflow(identity: Identity, provenance: Provenance) -> str:
    """Return the top-level workflow of the certificate, without its ref where the predicate says none."""
    return identity.workflow if provenance.workflow_ref else identity.workflow.removesuffix(f"@{identity.workflow_ref}")


def _stated_workflow(provenance: Provenance) -> str:
    """Return the workflow of the predicate as certificates spell it: on GitLab after two slashes."""
    if not provenance.workflow or not provenance.repository:
        return ""
    slashes = "//" if provenance.build_type == GITLAB else "/"
    ref = f"@{provenance.workflow_ref}" if provenance.workflow_ref else ""
    return f"{provenance.repository}{slashes}{provenance.workflow}{ref}"


def _builder(identity: Identity, provenance: Provenance) -> str:
    """Return the builder that the certificate implies, in the predicate's way of naming builders.

    Empty where the predicate names one that certificates say nothing of: npm itself, a runner without its kind, or a
    number among GitLab's runners. :mod:`~provenly.trust.attestations.builder` decides which of those are known.
    """
    if provenance.builder.startswith(f"{RUNNER}/") and identity.runner:
        return f"{RUNNER}/{identity.runner}"
    return ""


def _run(provenance: Provenance) -> str:
    """Return the predicate's run as the URL that certificates have."""
    found = _RUN.fullmatch(provenance.run)
    if found is None:
        return provenance.run
    return f"{provenance.repository}/actions/runs/{found[1]}/attempts/{found[2]}"
