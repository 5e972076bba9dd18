"""The head of a report: what it is about, the verdict in one sentence, and what was compared with what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Child, Html, address, code, join, link, tag
from provenly.report.html.plain import ACTIONS, MEANING, SYMBOL, clause
from provenly.report.read import Members
from provenly.report.words import size
from provenly.trust.evidence import FileClass, Status
from provenly.trust.text import plural
from provenly.trust.verdict import Action

MAX_CLAUSES: Final = 3
"""Causes that the verdict's sentence names; the rest is counted, and all stand in the evidence."""

UNEXPLAINED: Final = (FileClass.VOCABULARY.value, FileClass.UNEXPLAINED.value)
"""Classes of files that nothing explains."""

ORDER: Final = {"failed": 0, "absent": 1, "unchecked": 2, "passed": 3}
"""What says most about the package comes first among reasons that ask for the same."""

CLAIMED: Final = tag("span", " (claimed by the package, not verified)", class_="soft")

CAUTION: Final = (
    "Provenly says where software comes from, and what of it is in its published source. It does not say that the "
    "software is free of faults, or that whoever wrote it means well."
)


def subject(document: Members) -> str:
    """Return what a report is about: ``name@version`` where a package was resolved, else the reference as asked."""
    package = read.mapping(document, "package")
    if not package:
        return read.text(document, "reference")
    return f"{read.text(package, 'name')}@{read.text(package, 'version')}"


def badge(status: str) -> Html:
    """Return a status as its sign and its word."""
    sign = tag("span", SYMBOL.get(status, "?"), aria_hidden="true")
    return tag("span", sign, f" {status}", class_=f"word {status if status in SYMBOL else 'unchecked'}")


def asked(action: str) -> Html:
    """Return what the policy asks for as its sign and its word."""
    sign = tag("span", ACTIONS.get(action, ("?", ""))[0], aria_hidden="true")
    return tag("span", sign, f" {action}", class_=f"word {action if action in ACTIONS else 'hold'}")


def ordered(document: Members) -> list[Members]:
    """Return the reasons with the strictest first; of one action, what failed before what is absent or unchecked."""
    rank = {action.value: action.rank for action in Action}
    reasons = list(read.mappings(read.mapping(document, "verdict"), "reasons"))
    return sorted(
        reasons, key=lambda one: (-rank.get(read.text(one, "action"), 3), ORDER.get(read.text(one, "status"), 0))
    )


def banner(document: Members) -> Html:
    """Return the verdict: the word, and the sentence."""
    verdict = read.mapping(document, "verdict")
    action = read.text(verdict, "action")
    sign, meaning = ACTIONS.get(action, ACTIONS["deny"])
    policy = read.text(read.mapping(verdict, "policy"), "name")
    name = tag("b", subject(document))
    causes = _causes(document, action)
    because = [": " if action == Action.WARN.value else ", because ", _listed(causes)] if causes else None
    said = [f"Under the policy “{policy}”, ", name, f" {meaning}", because, ". ", _explained(document)]
    word = tag("span", tag("span", sign, aria_hidden="true"), f" {action.upper()}", class_="word")
    return tag(
        "div",
        tag("p", word, class_=action if action in ACTIONS else "deny"),
        tag("p", said, class_="said"),
        tag("p", CAUTION, class_="soft"),
        class_=f"verdict {action if action in ACTIONS else 'deny'}",
    )


def _causes(document: Members, action: str) -> list[str]:
    """Return the clauses of all reasons that ask for the verdict; none where it is to allow."""
    if action == Action.ALLOW.value:
        return []
    reasons = [one for one in ordered(document) if read.text(one, "action") == action]
    found = [clause(read.text(one, "check"), read.text(one, "status")) for one in reasons]
    return list(dict.fromkeys(found)) or ["no rule of the policy was applied, and nothing passes unlooked at"]


def _listed(causes: Sequence[str]) -> str:
    shown, more = list(causes[:MAX_CLAUSES]), len(causes) - MAX_CLAUSES
    if more > 0:
        shown.append(f"for {plural(more, 'further reason')}")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])}, and {shown[-1]}"


def _explained(document: Members) -> Child:
    """Return one sentence about how far the source explains the files."""
    files, source = read.mapping(document, "files"), read.mapping(document, "source")
    if not files or not source:
        return "Its files were not compared with any source."
    total = read.number(files, "total")
    left = sum(read.number(read.mapping(files, "by_class"), name) for name in UNEXPLAINED)
    count = "all" if not left else f"{total - left:,} of the"
    return f"The published source at {read.text(source, 'repository')} explains {count} {plural(total, 'file')} in it."


def counts(document: Members) -> Html:
    """Return how many checks came out with each status; all four are there, even with none."""
    found = Counter(read.text(one, "status") for one in read.mappings(document, "evidence"))
    unknown = sum(count for status, count in found.items() if status not in SYMBOL)
    return tag(
        "ul",
        (
            tag(
                "li",
                tag("b", str(found[status.value] + (unknown if status is Status.UNCHECKED else 0))),
                " ",
                badge(status.value),
                tag("span", MEANING[status.value], class_="soft"),
            )
            for status in Status
        ),
        class_="counts",
        aria_label="How many checks came out how",
    )


def facts(document: Members) -> Html:
    """Return what was compared with what, by which policy and when."""
    return tag("dl", (join(tag("dt", label), tag("dd", *said)) for label, *said in _facts(document)))


def _facts(document: Members) -> Iterator[tuple[str, Child] | tuple[str, Child, Child]]:
    package, artifact = read.mapping(document, "package"), read.mapping(document, "artifact")
    source, verdict = read.mapping(document, "source"), read.mapping(document, "verdict")
    yield "Asked for", code(read.text(document, "reference"))
    if package:
        yield "Package", code(read.text(package, "purl"))
        yield "Published", _published(package)
        yield from _claims(package)
    yield "Archive", _archive(artifact)
    if artifact:
        yield "SHA-256", code(read.text(artifact, "sha256"))
    yield "Source", _source(source)
    policy = read.mapping(verdict, "policy")
    yield "Policy", [read.text(policy, "name"), ", "], code(read.text(policy, "digest"))
    yield "Judged as of", read.moment(read.text(document, "checked_at"))
    yield "Judged by", f"provenly {read.text(read.mapping(document, 'tool'), 'version')}"


def _published(package: Members) -> str:
    when, who = read.text(package, "published"), read.text(package, "publisher")
    said = read.moment(when) if when else "at a time that is not known"
    return f"{said}, by {who}, as the registry says" if who else f"{said}; the registry names no account"


def _claims(package: Members) -> Iterator[tuple[str, Child]]:
    """Yield what the package says of itself; documents of older versions have little of it."""
    licences = read.texts(read.mapping(package, "licence"), "declared")
    if licences:
        yield "Licence", [", ".join(licences), CLAIMED]
    if description := read.text(package, "description"):
        yield "Description", [description, CLAIMED]
    if homepage := read.text(package, "homepage"):
        yield "Home page", [address(homepage), CLAIMED]
    if deprecated := read.text(package, "deprecated"):
        yield "Deprecated", deprecated


def _archive(artifact: Members) -> Child:
    if not artifact:
        return "could not be had or was refused; its files were not looked into"
    claimed = "as the registry describes it" if read.flag(artifact, "integrity_claimed") else "nobody vouches for it"
    return [code(read.text(artifact, "url") or "not known"), f", {size(read.number(artifact, 'size'))}, {claimed}"]


def _source(source: Members) -> Child:
    if not source:
        return "none is claimed, or none could be read"
    repository, commit = read.text(source, "repository"), read.text(source, "commit")
    directory = read.text(source, "directory")
    place: Child = [", directory ", code(directory)] if directory else None
    return [address(repository), " at commit ", link(f"{repository}/commit/{commit}", code(commit)), place]
