"""What a provenance predicate says, whichever version of SLSA and build type it is written in.

The build type, not the version, says how the members are to be read. A build type that is not known is not guessed
at: its provenance is unchecked, under its name.
"""

from __future__ import annotations

from typing import Final

from provenly.trust.attestations import predicate, slsa_v02, slsa_v1
from provenly.trust.attestations.model import SLSA_V02, SLSA_V1, Provenance, Statement
from provenly.trust.errors import UnavailableError

TYPES: Final = frozenset({SLSA_V02, SLSA_V1})
"""The predicate types that are provenance."""


def parse(statement: Statement) -> Provenance:
    """Read the predicate of a statement as provenance. All of it is what its signer says, and no more.

    :raises UnavailableError: another type of predicate (``ATT_PREDICATE_TYPE``) or build type (``ATT_BUILD_TYPE``).
    :raises MalformedError: a member is of a wrong type (``ATT_PREDICATE_FORMAT``).
    :raises RejectedError: it names different commits (``ATT_COMMITS_CONFLICT``), or contradicts itself otherwise
        (``ATT_PREDICATE_CONFLICT``).
    """
    match statement.predicate_type:
        case kind if kind == SLSA_V02:
            build_type = predicate.text(statement.predicate, "buildType")
            reader = slsa_v02.READERS.get(build_type)
        case kind if kind == SLSA_V1:
            build_type = predicate.text(statement.predicate, "buildDefinition", "buildType")
            reader = slsa_v1.READERS.get(build_type)
        case kind:
            raise UnavailableError(f"a predicate of the type {kind} is not read", code="ATT_PREDICATE_TYPE")
    if reader is None:
        raise UnavailableError(
            f"the provenance has the build type {build_type or '(none)'}, which is not known",
            code="ATT_BUILD_TYPE",
            hint="Its signature was verified; what it says about the build was not. A newer provenly may read it.",
        )
    return reader(statement.predicate, build_type)
