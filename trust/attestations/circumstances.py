"""Circumstances of a build in which a stranger could have taken part, or which a reader should know.

A provenance that holds says where a package was built, not that the build was well set up. Some triggers run with the
repository's rights on what a stranger sent; a runner of one's own, or a private repository, is seen by nobody else.
"""

from __future__ import annotations

import re
from typing import Final

from provenly.trust.attestations.builder import GITLAB_ISSUER, REUSABLE
from provenly.trust.attestations.model import Provenance
from provenly.trust.identity import Identity
from provenly.trust.model import Note

UNTRUSTED_TRIGGERS: Final = frozenset(
    {
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "issue_comment",
        "issues",
        "discussion",
        "discussion_comment",
        "fork",
        "watch",
        "workflow_run",
        "merge_request_event",
        "external_pull_request_event",
    }
)
"""Events that somebody without rights to the repository can cause (GitHub: events that trigger workflows; GitLab:
``CI_PIPELINE_SOURCE``). ``workflow_run`` follows any of them with the repository's own rights."""

CONCERNS: Final = frozenset(
    {
        "BUILD_PULL_REQUEST_TARGET",
        "BUILD_UNTRUSTED_TRIGGER",
        "BUILD_SELF_HOSTED",
        "BUILD_PRIVATE",
        "BUILD_SIGNER_ELSEWHERE",
        "BUILD_WORKFLOW_ELSEWHERE",
        "BUILD_FORK_REF",
    }
)
"""The codes that say that a stranger could have taken part, or that nobody can look. The others are for information."""

_FORK_REF: Final = re.compile(r"refs/(?:pull|merge-requests)/", re.ASCII)
_ATTEMPT: Final = re.compile(r"/actions/runs/[0-9]{1,20}/attempts/([0-9]{1,9})$", re.ASCII)


def is_concern(note: Note) -> bool:
    """Return whether a note is a concern, rather than something to know."""
    return note.code in CONCERNS


def concerns(identity: Identity, provenance: Provenance) -> tuple[Note, ...]:
    """Return what a reader should know about a build, the concerns (:data:`CONCERNS`) first.

    What the certificate says decides; where it does not say, what the predicate says. The two agree, which
    :mod:`~provenly.trust.attestations.agreement` has made sure of before.
    """
    found = [*_trigger(identity, provenance), *_place(identity), *_ref(identity, provenance), *_people(identity)]
    return tuple(sorted(found, key=lambda note: not is_concern(note)))


def _trigger(identity: Identity, provenance: Provenance) -> list[Note]:
    trigger = identity.trigger or provenance.trigger
    if trigger == "pull_request_target":
        text = "the build was started by pull_request_target: a stranger's pull request, with the repository's rights"
        return [Note(code="BUILD_PULL_REQUEST_TARGET", text=text, where=trigger)]
    if trigger in UNTRUSTED_TRIGGERS:
        text = f"the build was started by {trigger}, which people without rights to the repository can cause"
        return [Note(code="BUILD_UNTRUSTED_TRIGGER", text=text, where=trigger)]
    return []


def _place(identity: Identity) -> list[Note]:
    """Say what is to be known about the machine and the run."""
    notes: list[Note] = []
    if identity.runner == "self-hosted":
        text = "the build ran on a machine of the publisher's own: nobody else knows what else ran there"
        notes.append(Note(code="BUILD_SELF_HOSTED", text=text, where=identity.runner))
    elif not identity.runner:
        text = "the certificate does not say on whose machine the build ran, as none did before March 2023"
        notes.append(Note(code="BUILD_RUNNER_UNKNOWN", text=text))
    attempt = _ATTEMPT.search(identity.run)
    if attempt and attempt[1] != "1":
        text = f"the build was attempt {attempt[1]} of its run: somebody started it again by hand"
        notes.append(Note(code="BUILD_REPEATED", text=text, where=identity.run))
    return notes


def _ref(identity: Identity, provenance: Provenance) -> list[Note]:
    ref = identity.ref or provenance.ref
    if _FORK_REF.match(ref):
        text = f"the build was of {ref}, which anybody can make by proposing a change"
        return [Note(code="BUILD_FORK_REF", text=text, where=ref)]
    if ref and not ref.startswith("refs/tags/"):
        text = f"the build was of {ref}, not of a tag: the commit alone says what was built"
        return [Note(code="BUILD_REF_NOT_TAG", text=text, where=ref)]
    return []


def _people(identity: Identity) -> list[Note]:
    """Say who else had a hand in the build, and who can look at it."""
    notes: list[Note] = []
    if identity.visibility and identity.visibility != "public":
        text = f"the repository was {identity.visibility} when the package was built: its source cannot be looked at"
        notes.append(Note(code="BUILD_PRIVATE", text=text, where=identity.visibility))
    if identity.workflow and not _belongs(identity.workflow, identity):
        text = f"the build followed a workflow of another repository: {identity.workflow}"
        notes.append(Note(code="BUILD_WORKFLOW_ELSEWHERE", text=text, where=identity.workflow))
    signer = identity.signer or identity.subject
    if REUSABLE.fullmatch(signer):
        text = f"the build was signed by a reusable workflow that is known: {signer}"
        notes.append(Note(code="BUILD_SIGNER_REUSABLE", text=text, where=signer))
    elif not _belongs(signer, identity):
        text = f"the build was signed by a workflow of another repository: {signer}"
        notes.append(Note(code="BUILD_SIGNER_ELSEWHERE", text=text, where=signer))
    return notes


def _belongs(workflow: str, identity: Identity) -> bool:
    """Return whether a workflow is one of the repository that was built.

    The text after the repository's URL decides: on GitLab a project's URL is the beginning of its subgroups' URLs.
    """
    between = "//" if identity.issuer == GITLAB_ISSUER else "/.github/workflows/"
    return workflow.startswith(identity.repository + between)
