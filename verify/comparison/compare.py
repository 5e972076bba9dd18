"""The comparison: every packed file gets one class, and what nothing explains is shown line by line.

The package may leave files of the source out. It must not contain anything that the source does not explain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from provenly.trust.artifact import Artifact, FileEntry
from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.trust.model import Note
from provenly.trust.source import Source
from provenly.trust.text import plural
from provenly.verify.comparison.difference import Difference, explain_away
from provenly.verify.comparison.surface import Surface, survey
from provenly.verify.context import Repository
from provenly.verify.explain import EXPLAINERS, Explainer
from provenly.verify.explain.scene import NO_TOOLS, Scene, Tools

MAX_ENTRIES: Final = 5
"""Unexplained entry points that are named; a package with patterns in its exports has hundreds."""

_NOT_SHOWN: Final = Difference(source="", lines=(), diff="", reason="its lines are not shown")


def compare(  # noqa: PLR0913 - what is compared, and with what
    artifact: Artifact,
    source: Source,
    repository: Repository,
    *,
    surface: Surface | None = None,
    tools: Tools = NO_TOOLS,
    explainers: Sequence[Explainer] = EXPLAINERS,
    only: Collection[str] | None = None,
) -> Comparison:
    """Say for every file of a package how its source explains it.

    1. The explainers are asked in order, each for what those before it left.
    2. What is left gets the nearest source file, the lines that it lacks, and a diff.

    Bytes are read from the repository only for files that are not identical.

    :param artifact: the package.
    :param source: the commit to compare with, its tree and the package's directory in it.
    :param repository: where the bytes of source files are read.
    :param surface: what of the package can run, where the caller knows it already.
    :param tools: what explainers may use besides the repository: compilers, and the packages of configurations.
    :param explainers: the strongest first.
    :param only: the paths of the files that are asked about, and nothing is shown of what is left of them: for commits
        that are only tried.
    :raises RejectedError: the package has no files (``ARTIFACT_EMPTY``): nothing would be compared.
    :raises UnavailableError: the repository could not be read.
    :raises MalformedError: the package's manifest cannot be read, or the repository's objects were refused.
    """
    if not artifact.files:
        raise RejectedError(
            "the package has no files", code="ARTIFACT_EMPTY", expected="files to compare", actual="none"
        )
    if surface is None:
        surface = survey(artifact.contents, {entry.path: entry.mode for entry in artifact.files})
    scene = Scene.of(artifact, source, surface, repository, tools)
    left = {entry.path: entry for entry in artifact.files if only is None or entry.path in only}
    explained: dict[str, Explanation] = {}
    reasons: dict[str, Explanation] = {}
    for explainer in explainers:
        for explanation in _answers(explainer, scene, left):
            if explanation.file_class is FileClass.UNEXPLAINED:
                known = reasons.get(explanation.path)
                # The first that says why; an explainer may have no more to say than that it expected something else.
                better = explanation.unchecked or (explanation.trace and not (known and known.unchecked))
                if known is None or better or not (known.unchecked or known.detail):
                    reasons[explanation.path] = explanation
            else:
                explained[explanation.path] = explanation
                del left[explanation.path]
    looked = tuple(entry for path, entry in left.items() if path not in reasons or not _is_whole(reasons[path]))
    if only is None:
        tools.progress.step("Showing what is left" if looked else "Comparing with the source")
    shown = explain_away(scene, looked) if only is None else dict.fromkeys(left, _NOT_SHOWN)
    rest = [_unexplained(scene, entry, reasons.get(entry.path), shown) for entry in left.values()]
    return Comparison(files=tuple(sorted((*explained.values(), *rest), key=lambda file: file.path)))


def _answers(explainer: Explainer, scene: Scene, left: Mapping[str, FileEntry]) -> Iterable[Explanation]:
    """Return what an explainer says of the files that are left; anything else that it says is a bug."""
    answers = tuple(explainer.explain(scene, tuple(left.values())))
    paths = [answer.path for answer in answers]
    if len(set(paths)) != len(paths) or not set(paths) <= left.keys():
        raise AssertionError(
            f"the explainer {explainer.name} answered twice, or for a file that it was not asked about"
        )
    return answers


def _is_whole(reason: Explanation) -> bool:
    """Whether all is said of an unexplained file: it could not be looked at, or its lines are known already."""
    return bool(reason.unchecked) or reason.trace is not None


def _unexplained(
    scene: Scene, entry: FileEntry, reason: Explanation | None, shown: Mapping[str, Difference]
) -> Explanation:
    """Return the explanation of a file that nothing explains: why, and what comes nearest."""
    if reason is not None and _is_whole(reason):
        return reason
    difference = shown[entry.path]
    places = [path for path in scene.by_blob.get(entry.blob, ()) if path != scene.beside(entry.path)]
    parts = [reason.detail] if reason is not None and reason.detail else []
    if places:
        parts.append(f"the same bytes are at {places[0]}, which is not where this file would come from")
    parts.append(difference.reason)
    base = scene.explanation(entry, FileClass.UNEXPLAINED, reason.explainer if reason is not None else "")
    return replace(
        base,
        source=difference.source,
        elsewhere=bool(difference.source) and difference.source != scene.beside(entry.path),
        detail="; ".join(parts),
        lines=difference.lines,
        diff=difference.diff,
        expected=difference.expected,
    )


def unmatched_entries(comparison: Comparison, surface: Surface) -> tuple[Note, ...]:
    """Return a note that names the places where execution can start in a file that the source does not explain."""
    left = {file.path for file in comparison.unexplained if not file.unchecked}
    places: dict[str, str] = {}
    for entry in surface.entries:
        if entry.path in left:
            places.setdefault(entry.path, entry.how)
    if not places:
        return ()
    named = ", ".join(f"{path} ({how})" for path, how in list(places.items())[:MAX_ENTRIES])
    more = f" and {len(places) - MAX_ENTRIES:,} more" if len(places) > MAX_ENTRIES else ""
    text = f"execution can start in {plural(len(places), 'file')} that the source does not explain: {named}{more}"
    return (Note(code="ENTRYPOINT_UNMATCHED", text=text),)
