"""The commits that a package may have been built from, and what each of them has to say for itself.

Every way to a commit is tried: the one that the publisher named (``gitHead``), the tags of the version, and the history
of the manifest on the default branch. A way that is left is still recorded. How commits are weighed against each other
is said by :attr:`Inspection.weight <provenly.verify.sources.inspection.Inspection.weight>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from provenly.trust.artifact import Artifact
from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.trust.model import NOTHING, Note, Package
from provenly.trust.source import Candidate, FoundBy, TreeEntry
from provenly.trust.strict_json import Json, canonical
from provenly.verify.context import ManifestCommit, Refs, Repository
from provenly.verify.sources import tags
from provenly.verify.sources.inspection import Inspection, Lead, is_version
from provenly.verify.sources.knowledge import Knowledge
from provenly.verify.sources.workspace import MANIFEST, Place, Workspace

MAX_TAGS: Final = 8
"""Tags of one version whose commits are looked at. The survey met at most two."""

MAX_TREES: Final = 20
"""Commits carrying one version whose whole tree is compared: each may be a request to the forge."""

MAX_COMMITS: Final = 60
"""Further commits carrying the version that are recorded; no package of the survey had more."""

MAX_HISTORY: Final = 400
"""Commits of a manifest's history that are read in search of a version."""

HISTORY_BATCH: Final = 60
"""Manifests of the history that are asked for at once."""

CLOCK_SLACK: Final = timedelta(days=1)
"""How much later than its publication a version may have been committed: people publish, then commit and push."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


def is_commit(text: str) -> bool:
    """Whether ``text`` is a full SHA-1 object id, the only kind that is read; abbreviations and names are not."""
    return bool(_COMMIT.fullmatch(text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbours:
    """What bounds a version on the default branch: commits, empty where there is none.

    :param setter: the first that carried the version.
    :param after: the first that carried another one after it.
    :param before: the one that set the version before it.
    """

    setter: str = ""
    after: str = ""
    before: str = ""


class Search:
    """Looks for the commit of one artifact in one repository.

    :param package: the version that is looked for.
    :param artifact: its archive: manifest and object ids are what a commit is held against.
    :param repository: where to look; what it raises goes on up.
    :param refs: its branches and tags.
    :param hint: the directory that is claimed for the package, or empty.
    """

    def __init__(  # noqa: PLR0913 - the five things that a search is about
        self,
        *,
        package: Package,
        artifact: Artifact,
        packed: Mapping[str, Json],
        repository: Repository,
        refs: Refs,
        hint: str,
    ) -> None:
        self.package = package
        self.repository = repository
        self.refs = refs
        self.hint = hint
        self.workspace = Workspace(repository, package.name)
        self.knowledge = Knowledge(package, refs, self.workspace, hint)
        self.notes: list[Note] = []
        self._packed = canonical(packed)
        self._blobs = tuple(entry.blob for entry in artifact.files)
        self._trees: dict[str, tuple[Mapping[str, TreeEntry], int]] = {}
        self._histories: dict[str, Sequence[ManifestCommit]] = {}

    @property
    def tip(self) -> str:
        """The commit of the default branch, or empty."""
        return self.refs.heads.get(self.refs.default, "")

    @property
    def default_ref(self) -> str:
        """The full name of the default branch."""
        return f"refs/heads/{self.refs.default}"

    def note(self, code: str, text: str, where: str = "") -> None:
        """Remember something that a reader should know."""
        self.notes.append(Note(code=code, text=text, where=where))

    def inspect(self, lead: Lead) -> Inspection:
        """Follow a lead and hold what is there against the artifact."""
        tree, identical = self._tree(lead.commit)
        place = lead.place or self.workspace.locate(tree, self.hint)
        unsure = "" if place else self.workspace.unsure(tree, self.hint)
        same_version = place is not None and is_version(place.version, self.package.version)
        tag = self.knowledge.tag(lead.commit, place)
        bare = tag is not None and tag.form is tags.Form.BARE
        if tag is not None and bare and not same_version and not unsure and self.knowledge.is_of_another(tree, place):
            if place is not None:
                text = f"the tag {tag.tag} is that of another package of the repository; this one has version "
                self.note("TAG_OF_ANOTHER", text + (place.version or "none") + " there", tag.commit)
            tag = None
        return Inspection(
            lead=lead,
            place=place,
            same_version=same_version,
            equal=place is not None and self._is_packed(place.manifest),
            identical=identical,
            tree=tree,
            tag=tag,
            placeholder=lead.found_by is FoundBy.GIT_HEAD and self.knowledge.is_never_written(place),
            unsure=unsure,
        )

    @cached_property
    def home(self) -> Place | None:
        """Return where the package is at the tip of the default branch."""
        return self.workspace.locate(self._tree(self.tip)[0], self.hint) if self.tip else None

    def git_head(self) -> Lead | Candidate | None:
        """Return the commit that the publisher named: a lead, or the record of why it does not count.

        Forges serve commits of forks under the parent's address, so a commit that is there proves nothing: only one
        that a branch or tag leads to is the repository's own.
        """
        commit = self.package.release.git_head
        if not commit:
            return None
        if not is_commit(commit):
            self.note("GIT_HEAD_MALFORMED", "the gitHead of the registry is not a full commit id", commit[:80])
            return None
        try:
            refs = tuple(self.repository.contained(commit))
        except NotFoundError:
            refs = ()
        except (UnavailableError, MalformedError) as error:
            # Seeing what leads to a commit takes the history of all branches; a tag of the version needs none of it.
            self.note("GIT_HEAD_UNCHECKED", f"what leads to the gitHead could not be seen: {error.message}", commit)
            note = "GIT_HEAD_UNCHECKED: what leads to it could not be seen"
            return Candidate(commit=commit, found_by=FoundBy.GIT_HEAD, note=note)
        if refs:
            return Lead(commit=commit, found_by=FoundBy.GIT_HEAD, refs=refs)
        self.note("IMPOSTER_COMMIT", "no branch or tag of the repository leads to the gitHead of the registry", commit)
        note = "IMPOSTER_COMMIT: no branch or tag leads to it"
        return Candidate(commit=commit, found_by=FoundBy.GIT_HEAD, reachable=False, note=note)

    def tags(self) -> tuple[Lead, ...]:
        """Return the commits that tags of this version lead to."""
        name, version = self.package.name, self.package.version
        found = tags.rank(name, version, self.refs.tags, self.hint)
        if not found and not self.hint and (home := self.home) is not None and home.directory:
            found = tags.rank(name, version, self.refs.tags, home.directory)
        if len({match.commit for match in found}) > 1:
            names = ", ".join(match.tag for match in found[:MAX_TAGS])
            self.note("TAG_AMBIGUOUS", f"{len(found)} tags mean {version} and lead to different commits: {names}")
        return tuple(_tagged(match, FoundBy.TAG) for match in found[:MAX_TAGS])

    def history(self) -> tuple[tuple[Lead, ...], tuple[Candidate, ...]]:
        """Return the commits of the default branch whose manifest carries the version, and those that were left out.

        Those whose manifest is the packed one stand for all where there are any; else the commit that set the version
        and those after it, whose files then decide.
        """
        for path in self._manifest_paths():
            carrying = self._carrying(path, self._history(path))
            if not carrying:
                continue
            equal = [item for item in carrying if self._is_packed(item[1].manifest)]
            if equal:
                leads = [self._on_branch(*item, FoundBy.MANIFEST_EQUAL) for item in equal[:MAX_TREES]]
            else:
                *later, setter = carrying
                leads = [self._on_branch(*item, FoundBy.BEST_MATCH) for item in later[:MAX_TREES]]
                leads.insert(0, self._on_branch(*setter, FoundBy.VERSION_SET))
            followed = {lead.commit for lead in leads}
            left = [self._left_out(*item) for item in carrying if item[0].commit not in followed]
            return tuple(leads), tuple(left[:MAX_COMMITS])
        return (), ()

    def nearest(self) -> tuple[Inspection, ...]:
        """Look at the commits to compare with where nothing in the repository seems to know the version.

        They are the tag of the highest version below and the last commit of the default branch before the publication.
        A tag that carries the version in its manifest, whatever it calls itself, does know it after all.
        """
        name, version = self.package.name, self.package.version
        hint = self.hint or (self.home.directory if self.home else "")
        leads = [
            _tagged(match, FoundBy.NEAREST) for match in tags.below(name, version, self.refs.tags, hint)[:MAX_TAGS]
        ]
        last = self.last_before_publication()
        if last and last not in {lead.commit for lead in leads}:
            name, ref = self.refs.default, self.default_ref
            leads.append(Lead(commit=last, found_by=FoundBy.NEAREST, name=name, refs=(ref,)))
        return tuple(self._recognised(self.inspect(lead)) for lead in leads)

    def _recognised(self, inspection: Inspection) -> Inspection:
        if not inspection.same_version:
            return inspection
        text = f"{inspection.lead.name} leads to a manifest with version {self.package.version}"
        self.note("VERSION_ELSEWHERE", text, inspection.lead.commit)
        found_by = FoundBy.MANIFEST_EQUAL if inspection.equal else FoundBy.VERSION_SET
        return replace(inspection, lead=replace(inspection.lead, found_by=found_by))

    def _on_branch(self, entry: ManifestCommit, place: Place, found_by: FoundBy) -> Lead:
        return Lead(
            commit=entry.commit, found_by=found_by, name=self.refs.default, refs=(self.default_ref,), place=place
        )

    def _left_out(self, entry: ManifestCommit, place: Place) -> Candidate:
        return Candidate(
            commit=entry.commit,
            found_by=FoundBy.BEST_MATCH,
            name=self.refs.default,
            reachable=True,
            directory=place.directory,
            version=place.version,
            note="its manifest carries the version; another commit was the likelier",
        )

    def _manifest_paths(self) -> Iterator[str]:
        """Yield the paths at which the package's manifest may have been on the default branch, each once."""
        if not self.tip:
            return
        home = self.home
        hinted = f"{self.hint}/{MANIFEST}" if self.hint else MANIFEST
        yield from dict.fromkeys((home.path if home else hinted, hinted, MANIFEST))

    def _history(self, path: str) -> Sequence[ManifestCommit]:
        if path not in self._histories:
            self._histories[path] = self.repository.history(path)
        return self._histories[path]

    def _carrying(self, path: str, history: Sequence[ManifestCommit]) -> list[tuple[ManifestCommit, Place]]:
        """Return the commits of ``history`` whose manifest has the name and version, the newest first.

        What was committed before the publication is read first. Of several runs of such commits the newest counts: a
        version that was there before and was taken back is another story.
        """
        late = sum(self._is_later(entry, CLOCK_SLACK) for entry in history)
        before, after = history[late : late + MAX_HISTORY], history[max(0, late - MAX_HISTORY) : late]
        found = self._newest_run(path, before) or self._newest_run(path, after)
        if not found and len(history) >= MAX_HISTORY and self._is_later(history[-1], timedelta()):
            text = f"{MAX_HISTORY:,} or more commits changed {path}, and those before the publication were not read"
            self.note("SOURCE_HISTORY_LIMIT", text, path)
        return found

    def _newest_run(self, path: str, entries: Sequence[ManifestCommit]) -> list[tuple[ManifestCommit, Place]]:
        directory = path.removesuffix(MANIFEST).removesuffix("/")
        run: list[tuple[ManifestCommit, Place]] = []
        for first in range(0, len(entries), HISTORY_BATCH):
            batch = entries[first : first + HISTORY_BATCH]
            manifests = self.workspace.read(entry.blob for entry in batch)
            for entry in batch:
                manifest = manifests.get(entry.blob)
                if manifest is None:
                    continue  # a merge conflict that was committed, say, and mended by the next commit
                if manifest.get("name") == self.package.name and is_version(
                    manifest.get("version"), self.package.version
                ):
                    run.append((entry, Place(directory=directory, blob=entry.blob, manifest=manifest)))
                elif run:
                    return run
        return run

    def neighbours(self, place: Place) -> Neighbours:
        """Return what bounds the version on the default branch, by the manifest's history there.

        :param place: where the package is at the commit that was chosen.
        """
        history = self._history(place.path)
        run = self._carrying(place.path, history)
        if not run:
            return Neighbours()
        commits = [entry.commit for entry in history]
        newest, setter = commits.index(run[0][0].commit), commits.index(run[-1][0].commit)
        older = history[setter + 1 : setter + 1 + HISTORY_BATCH]
        manifests = self.workspace.read(entry.blob for entry in older)
        versions = [manifests.get(entry.blob, NOTHING).get("version") for entry in older]
        same = next((index for index, version in enumerate(versions) if version != versions[0]), len(versions))
        return Neighbours(
            setter=commits[setter],
            after=commits[newest - 1] if newest else "",
            before=older[same - 1].commit if older else "",
        )

    def last_before_publication(self) -> str:
        """Return the last commit of the default branch that changed the manifest before the publication, or its tip."""
        for path in self._manifest_paths():
            before = [entry.commit for entry in self._history(path) if not self._is_later(entry, timedelta())]
            if before:
                return before[0]
        return self.tip

    def is_too_late(self, time: datetime) -> bool:
        """Whether a commit of this time is younger than the version, by more than clocks and habits explain."""
        published = self.package.published
        return published is not None and time > published + CLOCK_SLACK

    def _is_later(self, entry: ManifestCommit, slack: timedelta) -> bool:
        published = self.package.published
        return published is not None and entry.time > published + slack

    def _is_packed(self, manifest: Mapping[str, Json]) -> bool:
        return canonical(manifest) == self._packed

    def _tree(self, commit: str) -> tuple[Mapping[str, TreeEntry], int]:
        """Return the tree of a commit and how many of the packed files are in it; each commit is read once."""
        if commit not in self._trees:
            tree = self.repository.tree(commit)
            there = {entry.blob for entry in tree.values()}
            self._trees[commit] = tree, sum(blob in there for blob in self._blobs)
        return self._trees[commit]


def _tagged(match: tags.Match, found_by: FoundBy) -> Lead:
    return Lead(commit=match.commit, found_by=found_by, name=match.tag, refs=(f"refs/tags/{match.tag}",))
