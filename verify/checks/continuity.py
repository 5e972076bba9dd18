"""Was this version published as the ones before it were?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, RejectedError, UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Earlier, Package, Release
from provenly.trust.text import plural
from provenly.verify.checks.base import About
from provenly.verify.registry.attestations import ASK_BY_NAME
from provenly.verify.subject import MISSING, Subject

if TYPE_CHECKING:
    from provenly.trust.identity import Identity

ID: Final = "continuity"

ABOUT: Final = About(
    question="Was this version published by the same people in the same way as the versions before it?",
    proves="The registry names the same publisher as for the version before, still among the maintainers, and the same "
    "repository; this version does not lack attestations, a trusted publisher or a gitHead that earlier ones had, nor "
    "adds install scripts. The same holds against the newest version that was a month old (the first one of a younger "
    "package), so that a second change does not hide the first. Where this version and an attested one before it have "
    "provenance, both come from the same repository, by the number that the forge gave it, and from the same workflow.",
    does_not_prove="All but the provenance is the registry's unsigned word. A change is a cue for a person, not a "
    "proof of anything: honest projects change hands and pipelines.",
    remedy="Ask the project whether the change was meant.",
)

LAPSED: Final = timedelta(days=180)
"""Evidence that no version had for so long is not expected any more, if :data:`LAPSED_VERSIONS` came in that time. Who
stole an account can publish many versions, but is not left alone for half a year."""

LAPSED_VERSIONS: Final = 5
"""Versions without evidence that make a habit."""


def check(subject: Subject) -> Evidence:
    """Compare this version with those that were published before it."""
    package = _as_read(subject)
    now, before = package.release, package.previous
    if not package.registry:
        summary = "a file on this machine has no earlier version"
        return Evidence(check=ID, status=Status.UNCHECKED, summary=summary, hint=ASK_BY_NAME)
    if before is None:
        return Evidence(check=ID, status=Status.ABSENT, summary="there is no earlier version to compare with")
    identity = _proven(subject)
    changes = tuple(_changes(package, before, proven=identity is not None))
    if not changes and identity is not None:
        changes = tuple(_built_elsewhere(subject, package, identity))
    if changes:
        raise RejectedError(
            _told(changes),
            code="CONTINUITY",
            expected=_describe(before),
            actual=_describe(now),
            hint="Ask the project whether the change was meant.",
        )
    if identity is None:
        _require_none(subject, package)
    if not (now.publisher or now.maintainers or now.trusted_publisher or identity):
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary=f"the registry names no publisher, so version {before.version} cannot be compared with this one",
            facts={"previous": before.version},
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"published as version {before.version} was: {_describe(now)}",
        facts={"previous": before.version, "publisher": now.publisher, **_counts(package.earlier)},
    )


def _as_read(subject: Subject) -> Package:
    """Return the package; attestations that were read and have no provenance among them are none here.

    The registry's own attestation, which any version may have, would else stand in for the provenance that is gone.
    """
    package, missing = subject.package(), subject.provenance_or
    if not isinstance(missing, Error) or missing.code != "ATT_NO_PROVENANCE":
        return package
    return replace(package, release=replace(package.release, attested=False))


def _proven(subject: Subject) -> Identity | None:
    """Return who built this version, where that is proven; what could not be proven is for other checks to say."""
    from provenly.verify import attested

    try:
        built = subject.provenance()
        attested.require(built)
    except Error:
        return None
    return built.identity


def _changes(package: Package, before: Release, *, proven: bool) -> Iterator[tuple[str, str]]:
    """Yield what this version lacks or changed, each with the version that it differs from, and in words.

    Gaining evidence is no change, and neither is losing a weaker kind of it while a provenance proves more.

    :param proven: whether the provenance of this version holds.
    """
    now, earlier = package.release, package.earlier
    line = earlier.line if earlier else None
    yield from ((before.version, text) for text in _lost(before, now, earlier, proven=proven))
    if before.git_head and not now.git_head and not proven and (line is None or line.git_head):
        yield before.version, "gitHead is gone"
    yield from ((before.version, text) for text in _differences(before, now, line))
    if earlier is None or earlier.established is None:
        return
    # Against a version that had time to be doubted: whoever publishes twice would else be compared with himself.
    told = set(_differences(before, now, line))
    old = earlier.established
    yield from ((old.version, text) for text in _differences(old, now, line, earlier.publishers) if text not in told)


def _differences(before: Release, now: Release, line: Release | None, known: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield who and what changed between two versions.

    :param line: an older release of the same major version, whose install scripts are nothing new.
    :param known: accounts beside that of ``before`` whose publishing is nothing new.
    """
    by_hand = not (before.trusted_publisher or now.trusted_publisher)
    if by_hand and before.publisher and now.publisher and now.publisher not in (before.publisher, *known):
        yield f"the publisher changed from {before.publisher} to {now.publisher}"
    if before.maintainers and now.maintainers and not set(before.maintainers) & set(now.maintainers):
        yield "all maintainers were replaced"
    if before.repository and before.repository.lower() != now.repository.lower():
        # Whoever steals an account forks the repository, commits to the fork and names it: all else then fits together.
        yield f"the repository changed from {before.repository} to {now.repository or 'none'}"
    usual = set(before.install_scripts) | set(line.install_scripts if line else ())
    added = sorted(set(now.install_scripts) - usual)
    if added:
        yield f"it adds the install script {', '.join(added)}"


def _lost(before: Release, now: Release, earlier: Earlier | None, *, proven: bool) -> Iterator[str]:
    """Yield the evidence that earlier versions had and this one has not.

    A provenance that holds is more than the registry's word that a trusted publisher was at work, and who approves a
    staged version by hand stands in his place (https://docs.npmjs.com/trusted-publishers).
    """
    if proven:
        return
    earlier = earlier or _only(before)
    if not (now.trusted_publisher or now.approver) and not _lapsed(earlier.last_trusted, now, earlier.after_trusted):
        yield from _gone("the trusted publisher {} is gone", earlier.last_trusted, earlier.after_trusted)
    if not now.attested and not _lapsed(earlier.last_attested, now, earlier.after_attested):
        yield from _gone("the attestations are gone", earlier.last_attested, earlier.after_attested)


def _gone(sentence: str, last: Release | None, after: int) -> Iterator[str]:
    if last is not None:
        since = f" since version {last.version}, {plural(after, 'version')} ago" if after else ""
        yield sentence.format(last.trusted_publisher) + since


def _lapsed(last: Release | None, now: Release, after: int) -> bool:
    """Return whether evidence has been missing for so long that this version is no different."""
    if last is None or last.published is None or now.published is None:
        return last is None
    return now.published - last.published >= LAPSED and after >= LAPSED_VERSIONS


def _only(before: Release) -> Earlier:
    """Return what is known of earlier versions where only the last one is known."""
    return Earlier(
        count=1,
        last_attested=before if before.attested else None,
        last_trusted=before if before.trusted_publisher else None,
    )


def _built_elsewhere(subject: Subject, package: Package, now: Identity) -> Iterator[tuple[str, str]]:
    """Yield how the build differs from earlier ones, each with the version that it differs from.

    From an older build only who is behind it counts: whoever may write to the repository need not name another
    workflow, and one that was renamed is told once.
    """
    from provenly.verify import attested

    before, settled = attested.compared_builds(package)
    unread: UnavailableError | None = None
    told: set[str] = set()
    for version, build, differences in (
        (before, subject.previous_build, moved),
        (settled, subject.settled_build, _of_another),
    ):
        try:
            known = build()
        except UnavailableError as error:
            unread = error
            continue
        texts = [text for text in differences(known, now) if text not in told] if known is not None else []
        told.update(texts)
        yield from ((version.version if version else "", text) for text in texts)
    # What differs from one build does so whatever became of the other.
    if unread is not None and not told:
        raise unread


def _require_none(subject: Subject, package: Package) -> None:
    """Return if there is no build to compare with earlier ones, which is something else than one that nobody proved.

    :raises UnavailableError: an earlier version was attested, and what this one's attestations say could not be proven.
    """
    from provenly.verify import attested

    missing = subject.provenance_or
    before, _ = attested.compared_builds(package)
    if before is None or (isinstance(missing, Error) and missing.code in attested.NONE):
        return
    raise UnavailableError(
        f"who built this version is not proven, so that its build cannot be compared with that of {before.version}",
        code=MISSING,
        hint=missing.hint if isinstance(missing, Error) else "",
    )


def moved(before: Identity, now: Identity) -> Iterator[str]:
    """Yield what differs between two proven builds."""
    yield from _of_another(before, now)
    if _path(before) != _path(now):
        yield f"the workflow changed from {_path(before)} to {_path(now)}"
    if before.runner and before.runner != now.runner:
        yield f"the runner changed from {before.runner} to {now.runner or 'one that is not named'}"


def _of_another(before: Identity, now: Identity) -> Iterator[str]:
    """Yield how the source of two builds differs. A repository is its number: names change and change hands."""
    if before.issuer != now.issuer:
        yield f"the build service changed from {before.issuer} to {now.issuer}"
    elif before.repository_id and now.repository_id:
        if before.repository_id != now.repository_id:
            yield (
                f"the source repository changed from {before.repository} (number {before.repository_id}) to "
                f"{now.repository} (number {now.repository_id})"
            )
        elif before.owner_id != now.owner_id:
            yield f"the source repository went from owner {before.owner_id} to owner {now.owner_id}"
    elif before.repository != now.repository:
        yield f"the source repository changed from {before.repository} to {now.repository}"


def _path(identity: Identity) -> str:
    """Return the path of the workflow in its repository, without the name of that; of one elsewhere the whole URL."""
    return identity.workflow_path or identity.workflow.removesuffix(f"@{identity.workflow_ref}")


def _told(changes: tuple[tuple[str, str], ...]) -> str:
    """Return the changes in words, those against one version together."""
    against: dict[str, list[str]] = {}
    for version, text in changes:
        against.setdefault(version, []).append(text)
    return "; ".join(f"against version {version}: {'; '.join(texts)}" for version, texts in against.items())


def _counts(earlier: Earlier | None) -> dict[str, int]:
    """Return how many earlier versions had which evidence."""
    if earlier is None:
        return {}
    return {"earlier": earlier.count, "earlier_attested": earlier.attested, "earlier_trusted": earlier.trusted}


def _describe(release: Release) -> str:
    parts = [
        f"publisher {release.trusted_publisher or release.publisher or 'not named'}",
        "attested" if release.attested else "not attested",
        "with gitHead" if release.git_head else "without gitHead",
    ]
    return ", ".join(parts)
