"""From a package's claims to the commit that its files are compared with.

Nothing about a claim is believed here: a claim says where to look, and the commit that is found is only as good as the
way to it, which is recorded. Commits that disagree are all recorded, and a choice between them is said in a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from provenly.trust.artifact import Artifact
from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.trust.model import Claimant, Note, Package, SourceClaim
from provenly.trust.source import Candidate, FoundBy, Source
from provenly.verify.comparison.manifest import load
from provenly.verify.context import Context, Refs, Repository
from provenly.verify.sources import tags
from provenly.verify.sources.candidates import Search, is_commit
from provenly.verify.sources.inspection import Inspection, Lead
from provenly.verify.sources.workspace import MANIFEST

_PINNING: Final = frozenset({Claimant.USER, Claimant.PROVENANCE})
"""Whose revision is taken as it is. A branch in a package's own claim is where its author pointed at the time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A source and the repository that it is in.

    :param repository: for reading the files of the source.
    :param refs: the branches and tags of the repository.
    :param inspections: every commit that was looked at before any file was compared, the chosen one first.
    :param search: what looked for them, to look on; ``None`` where the commit is as good as named.
    """

    source: Source
    repository: Repository
    refs: Refs = field(repr=False)
    inspections: tuple[Inspection, ...] = field(repr=False)
    search: Search | None = field(default=None, repr=False)


def find(package: Package, artifact: Artifact, context: Context) -> Found:
    """Return the commit that ``artifact`` was most likely built from, and everything that was considered.

    :param package: whose claims say where to look; a source that the user named comes before them.
    :param artifact: its archive; its manifest and object ids tell commits apart.
    :raises NotFoundError: nothing claims a source (``SOURCE_NO_CLAIM``); no claim can be followed
        (``SOURCE_URL_REFUSED``); the repository is not there or is empty (``SOURCE_EMPTY``); the revision that the
        user named is not in it (``SOURCE_REVISION``).
    :raises MalformedError: git refused what the repository holds, or a limit was reached.
    :raises UnavailableError: the repository could not be read.
    """
    claim, notes = _claim(package, context)
    packed = artifact.contents.get(MANIFEST)
    if packed is None:
        raise MalformedError(f"{package.name}@{package.version} has no {MANIFEST}", code="MANIFEST_MISSING")
    repository = context.forge.open(claim.repository)
    refs = repository.refs()
    search = Search(
        package=package,
        artifact=artifact,
        packed=load(packed, f"the {MANIFEST} of {package.name}@{package.version}"),
        repository=repository,
        refs=refs,
        hint=claim.directory,
    )
    passed_over: list[Candidate] = []
    if claim.revision and claim.claimant in _PINNING:
        inspections = [search.inspect(_pinned(claim, search))]
        if claim.claimant is Claimant.PROVENANCE:
            _note_other_ways(search, inspections[0])
    else:
        inspections, passed_over = _look(search)
    if not inspections:
        raise NotFoundError(
            f"{claim.repository} has no branch to compare with",
            code="SOURCE_EMPTY",
            hint="Name the right repository with --source.",
        )
    chosen = max(inspections, key=lambda inspection: inspection.weight)
    others = [inspection for inspection in inspections if inspection is not chosen]
    place = chosen.place
    source = Source(
        claim=claim,
        repository=claim.repository,
        commit=chosen.lead.commit,
        found_by=chosen.lead.found_by,
        directory=place.directory if place else _fallback(claim, chosen),
        candidates=(
            chosen.candidate(chosen=True),
            *(other.candidate(chosen=False) for other in others),
            *passed_over,
        ),
        tree=chosen.tree,
        notes=(*notes, *search.notes, *_remarks(search, chosen, others), *search.workspace.notes),
    )
    pinned = bool(claim.revision) and claim.claimant in _PINNING
    return Found(
        source=source,
        repository=repository,
        refs=refs,
        inspections=(chosen, *others),
        search=None if pinned else search,
    )


def _claim(package: Package, context: Context) -> tuple[SourceClaim, list[Note]]:
    """Return the strongest claim that names a repository, and notes on those that do not or name another."""
    claims = (context.source,) if context.source is not None else package.claims
    usable = [claim for claim in claims if claim.repository]
    refused = [claim for claim in claims if claim.refused]
    if not usable and refused:
        raise NotFoundError(
            "no claim of a source can be followed: "
            + "; ".join(f"{claim.text[:200]!r} by the {claim.claimant}: {claim.refused}" for claim in refused),
            code="SOURCE_URL_REFUSED",
            hint="Name the repository with --source.",
        )
    if not usable:
        raise NotFoundError(
            f"{package.name}@{package.version} claims no source repository",
            code="SOURCE_NO_CLAIM",
            hint="Ask the author for the source, or name it with --source.",
        )
    chosen = usable[0]
    notes = [Note(code="SOURCE_CLAIM_REFUSED", text=claim.refused, where=claim.text[:200]) for claim in refused]
    others = sorted({claim.repository for claim in usable if claim.repository.lower() != chosen.repository.lower()})
    if others:
        text = f"the {chosen.claimant} names {chosen.repository}; another claim names {', '.join(others)}"
        notes.append(Note(code="SOURCE_CLAIMS_DISAGREE", text=text))
    if chosen.text.lower().startswith(("http://", "git+http://", "git://")):
        text = f"the claim names an unprotected transport; {chosen.repository} was read instead"
        notes.append(Note(code="SOURCE_URL_UPGRADED", text=text, where=chosen.text))
    return chosen, notes


def _pinned(claim: SourceClaim, search: Search) -> Lead:
    """Return the commit that the user, or a verified provenance, named."""
    found_by = FoundBy.USER if claim.claimant is Claimant.USER else FoundBy.PROVENANCE
    name, refs = claim.revision, search.refs
    if is_commit(name):
        # First: a branch or tag that is called like a commit is made to be taken for it.
        if name in refs.tags or name in refs.heads:
            text = "a branch or tag is called like the commit that was named; the commit was taken"
            search.note("SOURCE_REVISION_AMBIGUOUS", text, name)
        leading = tuple(search.repository.contained(name))
        if not leading:
            text = "no branch or tag of the repository leads to the commit that was named"
            search.note("IMPOSTER_COMMIT", text, name)
        return Lead(commit=name, found_by=found_by, refs=leading)
    if name in refs.tags:
        if refs.heads.get(name, refs.tags[name]) != refs.tags[name]:
            search.note("SOURCE_REVISION_AMBIGUOUS", f"{name!r} is a tag and a branch; the tag was taken")
        return Lead(commit=refs.tags[name], found_by=found_by, name=name, refs=(f"refs/tags/{name}",))
    if name in refs.heads:
        return Lead(commit=refs.heads[name], found_by=found_by, name=name, refs=(f"refs/heads/{name}",))
    raise NotFoundError(
        f"{claim.repository} has no branch or tag {name!r}",
        code="SOURCE_REVISION",
        hint="Name a branch, a tag or a full commit id after the # of --source.",
    )


def _note_other_ways(search: Search, attested: Inspection) -> None:
    """Say where a tag of the version, or the publisher, names another commit than the one that was attested."""
    package, commit = search.package, attested.lead.commit
    directory = attested.place.directory if attested.place else search.hint
    for match in tags.rank(package.name, package.version, search.refs.tags, directory)[:1]:
        if match.commit != commit:
            text = (
                f"the tag {match.tag} leads to {match.commit[:12]}; the provenance names {commit[:12]}, which was taken"
            )
            search.note("PROVENANCE_TAG_DISAGREE", text, match.commit)
    head = package.release.git_head
    if head and head != commit:
        text = f"the registry's gitHead is {head[:12]}; the provenance names {commit[:12]}, which was taken"
        search.note("GIT_HEAD_PROVENANCE_DISAGREE", text, head)


def _look(search: Search) -> tuple[list[Inspection], list[Candidate]]:
    """Follow every lead there is; the history only where no tag, and nothing on the default branch, has the version."""
    passed_over: list[Candidate] = []
    leads: list[Lead] = []
    head = search.git_head()
    if isinstance(head, Lead):
        leads.append(head)
    elif head is not None:
        passed_over.append(head)
    tagged = search.tags()
    leads.extend(tagged)
    if isinstance(head, Lead) and tagged and head.commit not in {lead.commit for lead in tagged}:
        text = (
            f"the registry's gitHead is {head.commit[:12]}, the tag {tagged[0].name} leads to {tagged[0].commit[:12]}"
        )
        search.note("GIT_HEAD_TAG_DISAGREE", text)
    inspections = [item for lead in leads if (item := _followed(lead, search)) is not None]
    if not any(inspection.same_version and inspection.owner(search.refs) for inspection in inspections):
        try:
            found, left = search.history()
        except (UnavailableError, MalformedError) as error:
            if not inspections:
                raise
            # A tag is there; its version may be one that this repository never writes into its manifest.
            search.note("SOURCE_HISTORY_UNREAD", f"the manifest's history could not be read: {error.message}")
        else:
            inspections.extend(search.inspect(lead) for lead in found)
            passed_over.extend(left)
    if not inspections:
        inspections.extend(search.nearest())
    return inspections, passed_over


def _followed(lead: Lead, search: Search) -> Inspection | None:
    """Follow a lead; ``None`` for a tag on something that is no commit, which means no version."""
    try:
        return search.inspect(lead)
    except MalformedError as error:
        if error.code != "SOURCE_NOT_COMMIT":
            raise
        search.note("TAG_NOT_COMMIT", f"the tag {lead.name} leads to no commit: {error.message}", lead.commit)
        return None


def _fallback(claim: SourceClaim, chosen: Inspection) -> str:
    """Return the claimed directory where it exists in the tree, else the root."""
    inside = f"{claim.directory}/"
    return claim.directory if claim.directory and any(path.startswith(inside) for path in chosen.tree) else ""


def _remarks(search: Search, chosen: Inspection, others: Sequence[Inspection]) -> list[Note]:
    """Return what is odd about the commits that were looked at, the chosen one first."""
    notes: list[Note] = []
    name, version = search.package.name, search.package.version
    for inspection in (chosen, *others):
        lead, place = inspection.lead, inspection.place
        if lead.found_by is FoundBy.TAG and place is None:
            text = f"no manifest at the tag {lead.name} carries the name {name}"
            notes.append(Note(code="TAG_NAME_MISMATCH", text=text, where=lead.commit))
        elif lead.found_by is FoundBy.TAG and not inspection.same_version and place is not None:
            text = f"the manifest at the tag {lead.name} says {place.version or 'nothing'}, not {version}"
            notes.append(Note(code="TAG_VERSION_MISMATCH", text=text, where=lead.commit))
    if search.refs.refused:
        text = f"{search.refs.refused:,} branches or tags have names or targets that are not accepted"
        notes.append(Note(code="SOURCE_REFS_REFUSED", text=text))
    if not search.tip:
        text = "the repository does not say which branch is its default one: no history was searched"
        notes.append(Note(code="SOURCE_DEFAULT_UNKNOWN", text=text))
    hint = search.hint
    if chosen.place is None:
        text = f"no manifest in the source carries the name {name}"
        notes.append(Note(code="SOURCE_NAME_UNKNOWN", text=text, where=chosen.lead.commit))
    elif hint and chosen.place.directory != hint:
        text = f"the package claims the directory {hint}; its manifest is in {chosen.place.directory or 'the root'}"
        notes.append(Note(code="SOURCE_DIRECTORY_MISMATCH", text=text, where=chosen.lead.commit))
    if chosen.place is not None and chosen.place.private:
        text = "the manifest in the source is private: npm would not have published it as it is"
        notes.append(Note(code="SOURCE_MANIFEST_PRIVATE", text=text, where=chosen.place.path))
    return notes
