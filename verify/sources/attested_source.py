"""What a provenance says about the source, against what the package claims, and how much that is worth.

A provenance that holds says: a workflow of this repository, at this commit, made these bytes under this name and
version. Nobody but who may run workflows of the repository can have it said. That is more than any other way to the
commit, and so the commit is compared; and it is the repository's own word about the package, which makes it a proof of
acknowledgement. What limits it, each rule with the attack that it stops:

1.  It is followed only where the package claims the same repository, or none. A thief with somebody's token can build
    in a repository of his own and have a provenance that is true in every word; the package's own claim, which users
    and reviewers go by, is then another, and the files are held to *that* source. (``provenance-source`` fails as well.
    If he changes the claim too, everything fits together, but the repository is not the one that it was: ``continuity``
    and the identities of a policy are for that.)
2.  It acknowledges the package only where a manifest at the commit carries the package's name, outside of examples and
    copies, and is not private, as for every other kind of acknowledgement: a job that was tricked into running a
    stranger's code can attest any name.
3.  It acknowledges only for commits that the default branch or a tag leads to: in many repositories more people, and
    robots, may push other branches and start workflows there.
4.  It acknowledges nothing where strangers can have taken part in the build (every concern but :data:`HARMLESS`).

The version that the manifest carries at the commit does not matter: release workflows that set it and do not commit it
are why provenance knows better here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from provenly.trust.model import Claimant, Package, SourceClaim
from provenly.trust.strict_json import Json
from provenly.verify.sources import source_url
from provenly.verify.sources.candidates import is_commit

if TYPE_CHECKING:
    from provenly.verify.attested import Built

HARMLESS: Final = frozenset({"BUILD_PRIVATE", "BUILD_SIGNER_ELSEWHERE"})
"""Concerns about a build in which no stranger can have taken part all the same: a workflow that is called from another
repository was chosen by this one."""


def same(one: str, other: str) -> bool:
    """Whether two canonical URLs name one repository: the forges that are followed do not tell case apart."""
    return bool(one) and one.lower() == other.lower()


def repository(built: Built) -> SourceClaim:
    """Return the repository of the certificate as a claim; ``refused`` where it is none that is followed."""
    claim = source_url.claim(built.identity.repository, Claimant.PROVENANCE)
    return claim or SourceClaim(claimant=Claimant.PROVENANCE, text="", refused="the certificate names no repository")


def claimed(package: Package, packed: Mapping[str, Json] | None) -> tuple[SourceClaim, ...]:
    """Return what the registry's document and the packed package.json say in ``repository``.

    :param packed: the package.json of the archive, where it could be read.
    """
    documents = [(package.manifest, Claimant.REGISTRY if package.registry else Claimant.MANIFEST)]
    if packed is not None and package.registry:
        documents.append((packed, Claimant.MANIFEST))
    claims = (source_url.claim(document.get("repository"), who) for document, who in documents)
    return tuple(claim for claim in claims if claim is not None)


def claim(built: Built, package: Package, packed: Mapping[str, Json] | None) -> SourceClaim | None:
    """Return the claim of a provenance that holds completely, pinned to its commit; ``None`` where it is not followed.

    It is not followed where its repository is none that we read, where it names no full commit id, and where the
    package claims another one (rule 1).

    :param built: a provenance that :func:`provenly.verify.attested.require` accepted.
    """
    found = repository(built)
    if not found.repository or not is_commit(built.identity.commit):
        return None
    strongest = [item for item in package.claims if item.repository][:1]
    if any(
        item.repository and not same(item.repository, found.repository)
        for item in (*strongest, *claimed(package, packed))
    ):
        return None
    # The same repository as it is claimed, with the directory that is claimed: one spelling, one copy in caches.
    near = next(iter(strongest), found)
    return replace(found, directory=near.directory, repository=near.repository, revision=built.identity.commit)


def followed(built: Built | None, package: Package, packed: Mapping[str, Json] | None) -> Package:
    """Return ``package`` with the claim of its provenance before its own, where there is one that is followed."""
    pinned = claim(built, package, packed) if built else None
    return replace(package, claims=(pinned, *package.claims)) if pinned else package


def vouched(built: Built, package: Package, packed: Mapping[str, Json] | None, compared: str) -> str:
    """Return the commit for which a provenance acknowledges the package in the compared repository, or empty.

    Rules 1 and 4; rules 2 and 3 are about what is at the commit
    (:func:`provenly.verify.sources.acknowledge.acknowledgement`).

    :param compared: the canonical URL of the repository that the package is compared with.
    """
    from provenly.trust.attestations import circumstances

    pinned = claim(built, package, packed)
    notes = circumstances.concerns(built.identity, built.provenance)
    strangers = {note.code for note in notes if circumstances.is_concern(note)} - HARMLESS
    if pinned is None or not same(pinned.repository, compared) or strangers:
        return ""
    return pinned.revision
