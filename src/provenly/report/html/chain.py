"""The chain from the source to the bytes, link by link: what proves each, and where the chain has a gap.

A link is as good as the worst of the checks that hold it. What a link is called (a workflow, a certificate, an entry of
a log) is said only where a check that passed has proven it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Child, Html, address, code, join, link, tag
from provenly.report.html.plain import SYMBOL
from provenly.report.html.verdict import badge
from provenly.report.read import Members
from provenly.report.terminal import FOUND_BY
from provenly.report.words import sentence, size
from provenly.trust.source import FoundBy

WORST: Final = ("failed", "unchecked", "absent", "passed")
"""Statuses, the one first that breaks a link the most."""

LOG: Final = "https://rekor.sigstore.dev"
"""The public log, whose entries have a page at :data:`SEARCH`."""

SEARCH: Final = "https://search.sigstore.dev/?logIndex="

BUILT: Final = ("provenance", "provenance-identity")
"""The checks that must have passed before anything is said about the build."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Link:
    """A link: what it is, which checks hold it, and what is known of it."""

    title: str
    about: str
    checks: tuple[str, ...]
    known: tuple[tuple[str, Child], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What the links are read from.

    :param evidence: by check; where a document has two of one check, the worse one.
    :param proven: the facts of the checks that passed.
    """

    document: Members
    evidence: Mapping[str, Members]
    proven: Mapping[str, Members]

    def fact(self, check: str, key: str) -> str:
        """Return a text among the proven facts of a check, or nothing."""
        return read.text(self.proven.get(check, {}), key)

    def build(self, key: str) -> str:
        """Return what is proven about the build."""
        return self.fact(BUILT[-1], key) if all(check in self.proven for check in BUILT) else ""


def section(document: Members) -> Iterator[Html]:
    """Yield the chain."""
    found = _read(document)
    links = tuple(_links(found))
    statuses = [_status(found, one) for one in links]
    good = sum(status == "passed" for status in statuses)
    gap = "" if good == len(links) else " A dashed line leads away from a link that is not proven."
    yield tag("p", f"{good} of the {len(links)} links between the published source and these bytes are proven.{gap}")
    drawn = [_draw(found, one, status) for one, status in zip(links, statuses, strict=True)]
    yield tag("ol", drawn, class_="chain")


def _read(document: Members) -> _Found:
    evidence: dict[str, Members] = {}
    for one in read.mappings(document, "evidence"):
        check = read.text(one, "check")
        if check not in evidence or _rank(one) < _rank(evidence[check]):
            evidence[check] = one
    passed = {check: one for check, one in evidence.items() if read.text(one, "status") == "passed"}
    return _Found(
        document=document,
        evidence=evidence,
        proven={check: read.mapping(one, "facts") for check, one in passed.items()},
    )


def _rank(piece: Members) -> int:
    status = read.text(piece, "status")
    return WORST.index(status) if status in WORST else 0


def _status(found: _Found, one: _Link) -> str:
    """Return the worst status of the checks of a link; a check that did not run could not look."""
    statuses = {
        read.text(found.evidence[check], "status") if check in found.evidence else "unchecked" for check in one.checks
    }
    return next((status for status in WORST if status in statuses), "unchecked")


def _links(found: _Found) -> Iterator[_Link]:
    source = read.mapping(found.document, "source")
    package = read.mapping(found.document, "package")
    artifact = read.mapping(found.document, "artifact")
    repository, commit = read.text(source, "repository"), read.text(source, "commit")
    yield _Link(
        title="Repository",
        about="where the source is published; it must know the package, for anybody can name any repository",
        checks=("source-acknowledged",),
        known=(
            ("address", repository and address(repository)),
            ("number at the forge", read.text(source, "repository_id")),
        ),
    )
    yield _Link(
        title="Commit",
        about="the state of the source that the files were compared with",
        checks=("source-reachable", "version-known"),
        known=(
            ("commit", commit and link(f"{repository}/commit/{commit}", code(commit))),
            ("how", _found_by(read.text(source, "found_by"))),
            ("directory", read.text(source, "directory") and code(read.text(source, "directory"))),
        ),
    )
    yield from _built(found)
    yield from _served(found, package, artifact)
    yield _Link(
        title="Bytes against the commit",
        about="the other way round, without trusting anybody: each packed file held against the source",
        checks=("source-match", "source-data"),
        known=(("commit", commit and code(commit)),),
    )


def _found_by(how: str) -> str:
    """Return in words how the commit was found; a way that this version does not know as it is called."""
    return FOUND_BY[FoundBy(how)][0] if how in tuple(FoundBy) else how


def _built(found: _Found) -> Iterator[_Link]:
    """Yield the links that only a provenance makes."""
    yield _Link(
        title="Workflow",
        about="the build that made the package: of this source, at this commit, on a machine of a known service",
        checks=("provenance-source", "provenance-commit", "provenance-workflow", "provenance-builder"),
        known=(
            ("workflow", found.build("workflow") and code(found.build("workflow"))),
            ("at", found.build("ref") and code(found.build("ref"))),
            ("started by", found.build("trigger")),
            ("built from", found.build("commit") and code(found.build("commit"))),
            ("run", found.build("run") and address(found.build("run"))),
        ),
    )
    yield _Link(
        title="Certificate",
        about="what the build service vouched for when the build asked for a key to sign with",
        checks=("provenance-identity",),
        known=(
            ("issued on the word of", found.build("issuer") and code(found.build("issuer"))),
            ("signer", found.build("signer") and code(found.build("signer"))),
        ),
    )
    yield _Link(
        title="Public log",
        about="where the signed statement of the build is kept, so that it cannot be taken back or dated back",
        checks=("provenance",),
        known=_entry(found, "provenance"),
    )


def _served(found: _Found, package: Members, artifact: Members) -> Iterator[_Link]:
    """Yield the links that the registry and the download make."""
    yield _Link(
        title="Registry",
        about="who took the package in and hands it out; its signature fixes name, version and digest",
        checks=("registry-signature", "publish-attestation", "publish-identity"),
        known=(
            ("registry", code(read.text(package, "registry")) if read.text(package, "registry") else None),
            ("key", found.fact("registry-signature", "keyid") and code(found.fact("registry-signature", "keyid"))),
            *_entry(found, "publish-attestation"),
        ),
    )
    amount = size(read.number(artifact, "size")) if artifact else ""
    yield _Link(
        title="Bytes",
        about="the archive that was downloaded, unpacked and compared",
        checks=("artifact-integrity", "artifact-layout", "manifest-match"),
        known=(
            ("sha256", artifact and code(read.text(artifact, "sha256"))),
            ("sha512", artifact and code(read.text(artifact, "sha512"))),
            ("size", amount),
        ),
    )


def _entry(found: _Found, check: str) -> tuple[tuple[str, Child], ...]:
    """Return the entry in the log and the time of a signature."""
    facts = found.proven.get(check, {})
    log, index, when = read.text(facts, "log_url"), read.number(facts, "log_index"), read.text(facts, "signed_at")
    if not log:
        return (("signed", when and read.moment(when)),)
    entry: Child = [code(log), f", entry {index}"]
    if log == LOG:
        entry = [code(log), ", entry ", link(f"{SEARCH}{index}", str(index))]
    return (("logged", entry), ("signed", when and read.moment(when)))


def _draw(found: _Found, one: _Link, status: str) -> Html:
    known = [(label, said) for label, said in one.known if said]
    rows = [join(tag("dt", label), tag("dd", said)) for label, said in known]
    return tag(
        "li",
        tag("span", SYMBOL[status], class_=f"dot {status}", aria_hidden="true"),
        tag(
            "div",
            tag("h3", one.title, ": ", badge(status)),
            tag("p", sentence(one.about), class_="soft"),
            tag("dl", rows) if rows else tag("p", "Missing: nothing of it is proven."),
            tag("ul", _held(found, one.checks), class_="by"),
        ),
        class_="" if status == "passed" else "open",
    )


def _held(found: _Found, checks: tuple[str, ...]) -> Iterator[Html]:
    """Yield what the checks of a link found; those that say the same together."""
    alike: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        piece = found.evidence.get(check)
        said = ("unchecked", "this report does not ask it") if piece is None else _outcome(piece)
        alike.setdefault(said, []).append(check)
    for (status, summary), names in alike.items():
        yield tag("li", badge(status), " ", tag("b", ", ".join(names)), ": ", sentence(summary))


def _outcome(piece: Members) -> tuple[str, str]:
    return read.text(piece, "status"), read.text(piece, "summary")
