"""The types of attestations: statements that were verified, and what a provenance says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from typing import Final

from provenly.trust.bundles.model import Verified
from provenly.trust.digest import Digest
from provenly.trust.strict_json import Json

PUBLISH: Final = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
"""The predicate type of npm's publish attestation."""

SLSA_V02: Final = "https://slsa.dev/provenance/v0.2"
"""The predicate type of SLSA provenance 0.2."""

SLSA_V1: Final = "https://slsa.dev/provenance/v1"
"""The predicate type of SLSA provenance 1.x."""


class _Seal:
    """What only :mod:`provenly.trust.attestations.statement` hands in."""


SEAL: Final = _Seal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """An in-toto statement that somebody signed, about one subject. Only ``statement.read`` makes one.

    :param predicate_type: a URI, from the signed payload.
    :param predicate: what is said, read-only. Its signer wrote it himself.
    :param subject: the name of the subject, for npm a package-url in its canonical spelling.
    :param digest: the subject's sha512.
    :param verified: the bundle that it came in: who signed, and when.
    """

    predicate_type: str
    predicate: Mapping[str, Json] = field(repr=False)
    subject: str
    digest: Digest
    verified: Verified
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        """Refuse to be made by anybody else."""
        if seal is not SEAL:
            raise TypeError("a Statement is made by provenly.trust.attestations.statement only")


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """What a provenance predicate says, in one form for all its versions. An empty text: it does not say.

    All of it was written by the signer; :mod:`provenly.trust.attestations.agreement` holds it to the certificate.

    :param build_type: the URI that says how the rest is to be read.
    :param builder: the URI of the builder.
    :param repository: canonical https URL, without ``git+`` and ref.
    :param commit: that was built.
    :param ref: ``refs/…``.
    :param workflow: path of the workflow file in the repository.
    :param workflow_ref: the ref at which that file was read, where it is said apart from ``ref``.
    :param workflow_commit: the commit at which that file was read.
    :param trigger: event.
    :param repository_id: the forge's number.
    :param owner_id: the forge's number.
    :param runner: ``github-hosted``, ``self-hosted`` …, where it is said apart from ``builder``.
    :param run: the id of the run as written (URL, or ``RUN-ATTEMPT``).
    :param commits: every commit that the predicate names for the source; more than one disagree.
    """

    build_type: str
    builder: str = ""
    repository: str = ""
    commit: str = ""
    ref: str = ""
    workflow: str = ""
    workflow_ref: str = ""
    workflow_commit: str = ""
    trigger: str = ""
    repository_id: str = ""
    owner_id: str = ""
    runner: str = ""
    run: str = ""
    commits: tuple[str, ...] = ()
