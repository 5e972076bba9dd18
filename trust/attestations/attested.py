"""The attestations of a package, sorted by what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provenly.trust.attestations.model import Statement
from provenly.trust.errors import Error


class Kind(StrEnum):
    """What an attestation is about."""

    PUBLISH = "publish"
    PROVENANCE = "provenance"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attested:
    """The attestations of a document, sorted; each is a statement that holds or the reason why it does not.

    :param publish: the registry's own; ``None`` where there is none.
    :param provenance: the publisher's; ``None`` where there is none.
    :param others: of types that are not read, or whose type is not known since they do not verify. They are listed
        and never counted for anything.
    :param count: how many the document has.
    """

    publish: Statement | Error | None = None
    provenance: Statement | Error | None = None
    others: tuple[Statement | Error, ...] = ()
    count: int = 0
