"""What the two source checks have in common: they divide the unexplained files between them."""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError, UnavailableError
from provenly.trust.evidence import Comparison, Evidence, Explanation, FileClass, Status
from provenly.trust.source import FoundBy
from provenly.trust.text import plural
from provenly.verify.subject import Subject

TYPED: Final = (".ts", ".tsx", ".mts", ".cts")
"""Sources that are compiled before they run."""

NO_CLAIM_HINT: Final = "Ask the author for the source, or name it with --source."
"""What to do where a package claims no source: all checks that miss one say the same, and reports say it once."""


def decisive(file: Explanation) -> bool:
    """Whether ``file`` is one that an assistant may run: executable, and something leads to it."""
    return file.executable and file.reachable


def without_source(
    check: str, subject: Subject, summary: str = "no source is claimed to compare the files with"
) -> Evidence | None:
    """Return the evidence for a package that claims no source, or ``None`` where it claims one."""
    if getattr(subject.found_or, "code", "") != "SOURCE_NO_CLAIM":
        return None
    return Evidence(check=check, status=Status.ABSENT, summary=summary, hint=NO_CLAIM_HINT)


def judge(check: str, subject: Subject, left: tuple[Explanation, ...], covered: int, kind: str) -> Evidence:
    """Return passed where nothing of ``kind`` is left unexplained.

    :param check: the id of the check that asks.
    :param left: the unexplained files of that kind.
    :param covered: how many files of that kind there are in all.
    :param kind: words for the kind ("executable").
    :raises RejectedError: where something is left; the message names the first files and their lines.
    :raises UnavailableError: where all that is left could not be looked at (``SOURCE_UNCHECKED``).
    """
    source = subject.found().source
    searched = ", a commit found by search," if source.found_by is FoundBy.SEARCH else ""
    where = f"{source.repository} at {source.commit[:12]}{searched}"
    if not left:
        none = f"the package has no {kind} file" if not covered else f"{where} explains {_all(covered, kind)}"
        traced = _traced_files(subject.comparison(), decisive_only=kind == "executable")
        return Evidence(
            check=check,
            status=Status.PASSED,
            strength=_weakest(subject.comparison(), decisive_only=kind == "executable"),
            summary=none + _traced(traced),
            facts={"files": covered, "unexplained": 0, "traced": len(traced)},
            consulted=(source.repository, source.commit),
        )
    unknown = tuple(file for file in left if file.unchecked)
    left = tuple(file for file in left if not file.unchecked)
    if not left:
        raise _not_looked_at(where, unknown, covered, kind)
    first = "; ".join(_place(file) for file in left[:3])
    more = f"; and {len(left) - 3} more" if len(left) > 3 else ""  # noqa: PLR2004 - the three above
    raise RejectedError(
        f"{where} does not explain {len(left)} of {plural(covered, f'{kind} file')}: {first}{more}"
        + (f"; {plural(len(unknown), 'other')} could not be looked at" if unknown else ""),
        code="SOURCE_UNEXPLAINED",
        expected="every line of every file explained by the source",
        actual=f"{plural(len(left), 'file')} unexplained",
        hint=_hint(left),
    )


def _not_looked_at(where: str, unknown: tuple[Explanation, ...], covered: int, kind: str) -> UnavailableError:
    """Return the error for files of which nobody knows whether the source explains them."""
    first = ", ".join(file.path for file in unknown[:3])
    more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""  # noqa: PLR2004 - the three above
    explained = covered - len(unknown)
    rest = f"{where} explains {explained} of {plural(covered, f'{kind} file')}; " if explained else ""
    return UnavailableError(
        f"{rest}{first}{more} could not be looked at: {unknown[0].unchecked}",
        code="SOURCE_UNCHECKED",
        hint="Verify again where the npm registry can be reached, or its archives are in the cache.",
    )


def _hint(left: tuple[Explanation, ...]) -> str:
    """Return what to do about unexplained files; files that were built need another eye than added lines."""
    built = sum(file.source.endswith(TYPED) and not file.path.endswith(TYPED) for file in left)
    if not built:
        return "Read the lines that are shown: they are in the package and not in its source."
    which = "It is" if built == len(left) == 1 else "They are" if built == len(left) else f"{built} of them are"
    return f"{which} not what the source compiles to: read the lines that are shown, or build them anew and compare."


def _all(count: int, kind: str) -> str:
    return f"the one {kind} file" if count == 1 else f"all {count:,} {kind} files"


def _place(file: Explanation) -> str:
    if not file.lines:
        return file.path
    first, last = file.lines[0]
    span = f"line {first}" if first == last else f"lines {first} to {last}"
    return f"{file.path} {span}" + (f" and {plural(len(file.lines) - 1, 'more run')}" if len(file.lines) > 1 else "")


def _traced_files(comparison: Comparison, *, decisive_only: bool) -> tuple[Explanation, ...]:
    """Return the files that are traced only: each statement is known, but nothing was made anew and compared."""
    files = (file for file in comparison.files if decisive(file) is decisive_only)
    return tuple(file for file in files if file.file_class is FileClass.TRACED)


def _traced(files: tuple[Explanation, ...]) -> str:
    """Return how many files are traced only, as the end of a sentence."""
    if not files:
        return ""
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    return f"; {files[0].path}{more} {'are' if more else 'is'} traced, not reproduced"


def _weakest(comparison: Comparison, *, decisive_only: bool) -> str:
    """Return the weakest class that was needed: a chain of proofs is as strong as that."""
    classes = [file.file_class for file in comparison.files if decisive(file) is decisive_only]
    order = list(type(classes[0])) if classes else []
    return str(max(classes, key=order.index)) if classes else ""
