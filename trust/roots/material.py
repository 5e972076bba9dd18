"""Documents of trust as bytes, with where they came from: what is parsed, recorded and replayed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from provenly.trust.digest import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a document of trust came from; it is shown with every result.

    :param kind: ``embedded`` (in this release), ``tuf`` (refreshed by ``provenly trust update``), ``file`` (named by
        the user) or ``evidence`` (saved with a verification).
    :param place: the path, the URL or the release.
    :param digest: sha256 of the document's bytes.
    :param obtained: when it was fetched or embedded; ``None`` for a file, of which that is not known.
    :param expires: when the metadata that vouched for it ends, or ``None``.
    """

    kind: str
    place: str
    digest: Digest
    obtained: datetime | None = None
    expires: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """A document of trust, not parsed yet.

    :param data: its bytes.
    :param kind: as in :class:`Origin`.
    :param place: as in :class:`Origin`.
    :param obtained: as in :class:`Origin`.
    :param expires: as in :class:`Origin`.
    """

    data: bytes = field(repr=False)
    kind: str
    place: str
    obtained: datetime | None = None
    expires: datetime | None = None

    @property
    def origin(self) -> Origin:
        """Where it came from, with the digest of its bytes."""
        return Origin(
            kind=self.kind,
            place=self.place,
            digest=Digest.of(self.data),
            obtained=self.obtained,
            expires=self.expires,
        )
