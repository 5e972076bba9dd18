"""A commit that a package may have been built from: how it was met, and what was seen there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from provenly.trust.source import Candidate, FoundBy, TreeEntry
from provenly.trust.strict_json import Json
from provenly.trust.text import plural
from provenly.verify.context import Refs
from provenly.verify.registry.versions import parse
from provenly.verify.sources import tags
from provenly.verify.sources.workspace import Place

_STRENGTH: Final = tuple(FoundBy)


def is_version(written: Json, version: str) -> bool:
    """Whether ``written`` in a manifest is ``version`` of the registry, which drops a ``v`` and build metadata."""
    if not isinstance(written, str) or not written:
        return False
    parsed = parse(written)
    return written == version or (parsed is not None and parsed == parse(version))


def is_placeholder(written: str) -> bool:
    """Whether a manifest's version says nothing: none, ``0.0.0``, ``0.0.0-development``, or not a version at all."""
    parsed = parse(written)
    return parsed is None or parsed.numbers == (0, 0, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """A way to a commit that was not followed yet.

    :param name: the tag or branch that leads there, or empty.
    :param refs: the full names of branches and tags that are known to lead there; empty for none.
    :param place: the manifest there, where the way led over it.
    """

    commit: str
    found_by: FoundBy
    name: str = ""
    refs: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """A commit that was looked at.

    :param lead: the way that led here.
    :param place: where the package is, or ``None`` where no manifest carries its name.
    :param same_version: whether the manifest there carries the package's name and version.
    :param equal: whether the manifest there is the packed one, as data.
    :param identical: how many of the packed files are in the tree, by their object id.
    :param tag: the tag by which the repository calls this commit the version, or ``None``.
    :param placeholder: whether nothing but the registry's gitHead can say which version this is: the repository writes
        none into its manifest and has no tags of the package.
    :param unsure: why it says nothing that no manifest with the name was found, or empty.
    """

    lead: Lead
    place: Place | None
    same_version: bool
    equal: bool
    identical: int
    tree: Mapping[str, TreeEntry] = field(repr=False)
    tag: tags.Match | None = None
    placeholder: bool = False
    unsure: str = ""

    @property
    def knows(self) -> bool:
        """Whether the repository says that this commit is the version.

        That the registry names a commit says nothing about the version: whoever may publish may name any commit, an old
        one with a hole that was mended since above all. It counts only where the repository has no other way to say it.
        """
        return self.same_version or self.tag is not None or self.placeholder

    @property
    def named_by_tag(self) -> bool:
        """Whether the tag names the package, and not only a version."""
        return self.tag is not None and self.tag.form <= tags.Form.UNSCOPED_NAME

    @property
    def weight(self) -> tuple[bool, bool, int, int]:
        """What makes one commit the likelier: its version, its manifest, its files; then the stronger way to it.

        Measured on 62 popular servers: of the 20 without a tag the newest commit with the version was the wrong one for
        at least 7, and the one whose manifest is the packed one was right wherever there was one.
        """
        return self.same_version, self.equal, self.identical, -_STRENGTH.index(self.lead.found_by)

    def owner(self, refs: Refs) -> str:
        """Return the default branch or a tag that leads here, by its full name, or an empty string.

        Other branches say less: in many repositories more people, and robots, may push them.
        """
        default = f"refs/heads/{refs.default}"
        owners = (ref for ref in self.lead.refs if ref == default or ref.startswith("refs/tags/"))
        return next(owners, f"refs/tags/{self.tag.tag}" if self.tag else "")

    def candidate(self, *, chosen: bool) -> Candidate:
        """Return the record of this commit."""
        return Candidate(
            commit=self.lead.commit,
            found_by=self.lead.found_by,
            name=self.lead.name,
            reachable=bool(self.lead.refs),
            directory=self.place.directory if self.place else None,
            version=self.place.version if self.place else "",
            chosen=chosen,
            knows=self.knows,
            note=self._note(),
        )

    def _note(self) -> str:
        files = f"{plural(self.identical, 'packed file')} found by object id"
        if self.place is None:
            return f"no manifest there carries the package's name; {files}"
        manifest = "the packed one" if self.equal else "another than the packed one"
        return f"the manifest there is {manifest}; {files}"
