"""What changed from one version of a package to another, as a diff to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provenly.report.diff_view import File, View, content_of, problems_of, side_of
from provenly.trust.evidence import UNEXPLAINED_CLASSES
from provenly.trust.text import plural
from provenly.trust.verdict import Report
from provenly.verify.comparison.sources import Sources
from provenly.verify.comparison.versions import Change, FileChange, Versions
from provenly.verify.context import Between
from provenly.verify.registry import versions as semver

NOT_EXPLAINED: Final = frozenset({"", *(kind.value for kind in UNEXPLAINED_CLASSES)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What was found out about two versions besides the reports of each.

    :param versions: the comparison of their files; ``None`` where one of them could not be read.
    :param sources: the comparison of their sources; ``None`` where one of them has none.
    :param between: the commits between; ``None`` where they are not known.
    :param history: why they are not, or empty.
    """

    versions: Versions | None = None
    sources: Sources | None = None
    between: Between | None = None
    history: str = ""


def of_versions(before: Report, after: Report, compared: Compared) -> View:
    """Return what changed from one version to another."""
    found, sources = compared.versions, compared.sources
    problems = [
        f"{_name(report)}: {text}"
        for report in (before, after)
        if report.artifact is None
        for text in problems_of(report)
    ]
    if found is None and not problems:
        problems = ["one of the two has a package.json that cannot be read"]
    comparison = after.comparison
    classes = {file.path: file.file_class.value for file in comparison.files} if comparison else {}
    covered = sources.covered if sources else {}
    files = tuple(
        replace(
            _changed(file, classes.get(file.path, "")),
            source=covered.get(file.path, ""),
            old=content_of(before.artifact, file.before),
            new=content_of(after.artifact, file.path) if file.change is not Change.REMOVED else None,
        )
        for file in (found.files if found else ())
    )
    unproven = [file for file in files if file.executable and file.change != "removed"]
    unproven = [file for file in unproven if file.file_class in NOT_EXPLAINED]
    return View(
        tool_version=after.tool_version,
        at=after.checked_at,
        between="versions",
        left=side_of(before),
        right=side_of(after),
        summary=_summary(files, found),
        look=found is None or bool(found.cues or found.findings or unproven),
        problems=tuple(problems),
        remarks=tuple(_remarks(before, after)),
        findings=found.findings if found else (),
        cues=found.cues if found else (),
        cues_left_out=found.cues_left_out if found else 0,
        between_commits=compared.between,
        history=compared.history,
        whole_repository=bool(after.source and after.source.directory),
        source_changes=sources.changes if sources else (),
        sources_problem=sources.problem if sources and files else "",
        sources=_sources(sources),
        files=files,
    )


def _summary(files: Sequence[File], found: Versions | None) -> str:
    if found is None:
        return "There was nothing to compare."
    if not files:
        return f"Their {plural(found.same, 'file')} are the same." if found.same != 1 else "Their one file is the same."
    counted = ", ".join(f"{sum(file.change == change for file in files):,} {change}" for change in map(str, Change))
    first = plural(len(found.cues) + found.cues_left_out, "thing")
    return f"{counted}, {found.same:,} the same; {first} to look at first."


def _remarks(before: Report, after: Report) -> Iterator[str]:
    """Yield what is odd about comparing these two."""
    old, young = before.package, after.package
    if old is None or young is None:
        return
    if old.name != young.name:
        yield f"these are two packages: {old.name} and {young.name}"
    elif old.version == young.version:
        yield "this is one version, named twice"
    elif _later(old.version, young.version):
        yield f"{old.version} is the later version: what is called new here is what went from it"
    if before.source and after.source and before.source.repository != after.source.repository:
        yield f"the source is another repository: before {before.source.repository}, now {after.source.repository}"


def _later(version: str, other: str) -> bool:
    left, right = semver.parse(version), semver.parse(other)
    return left is not None and right is not None and right < left


def _name(report: Report) -> str:
    return f"{report.package.name}@{report.package.version}" if report.package else report.reference.text


def _sources(sources: Sources | None) -> tuple[str, ...]:
    return tuple(sorted({*(one.path for one in sources.changes), *sources.others})) if sources else ()


def _changed(file: FileChange, file_class: str) -> File:
    return File(
        path=file.path,
        before=file.before,
        change=file.change.value,
        file_class=file_class,
        executable=file.executable,
        reachable=file.reachable,
        size=file.size,
        lines=file.lines,
        detail=file.detail,
        diff=file.diff,
    )
