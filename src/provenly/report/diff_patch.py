"""A diff as a patch that ``git apply`` applies: the right side comes out of the left one byte for byte.

Between two versions the left side is the earlier package, as npm unpacks it. Between a package and its source it is the
package as its source would have it: each file that is not explained is what its nearest source file is, or is compiled
to, at the place of the packed file, and missing where the source has none. So ``git apply -R`` in the unpacked package
takes out all that the source does not explain.

Lines that begin with ``#`` are for readers; git passes over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from provenly.report import diff_git
from provenly.report.diff_view import File, View
from provenly.report.diff_words import facts, title
from provenly.report.words import foreign
from provenly.trust.text import plural

MAX_PATCH: Final = 128 * 1024 * 1024
"""Characters of a patch. No package of our survey comes near; files beyond it are named, and said to be left out."""


def render(view: View) -> str:
    """Return the patch."""
    shown: list[str] = [f"# {line}" for line in _heading(view)]
    room, left_out = MAX_PATCH, 0
    for file in _ordered(view):
        lines = ["", *(f"# {line}" for line in _about(file))]
        body = list(_body(file)) if room > 0 else []
        room -= sum(map(len, body))
        if room < 0:
            left_out += 1
            body = ["# its patch is left out: there is too much of it"]
        shown += lines + body
    if left_out:
        shown.insert(0, f"# INCOMPLETE: the patches of {plural(left_out, 'file')} are left out")
    return "".join(f"{line}\n" for line in shown)


def _heading(view: View) -> Iterator[str]:
    yield title(view)
    yield view.summary
    yield from (foreign(text) for text in (*view.problems, *view.remarks))
    yield from (f"{note.code}: {foreign(note.text)}" for note in view.findings)
    if view.cues:
        yield f"{plural(len(view.cues) + view.cues_left_out, 'thing')} to look at first: --format json lists them"


def _ordered(view: View) -> list[File]:
    """Return the files, those that go first: a folder may come where a file was."""
    return sorted(view.files, key=lambda file: file.new is not None)


def _about(file: File) -> Iterator[str]:
    yield f"{foreign(file.path, limit=4_096)}: {facts(file)}"
    if file.change == "unexplained" and file.before:
        yield f"the left side is {foreign(file.before, limit=4_096)}"
    if file.detail:
        yield foreign(file.detail)


def _body(file: File) -> Iterator[str]:
    if file.old is None and file.new is None:
        return
    if not diff_git.applies(file.path) or (file.before and not diff_git.applies(file.before)):
        yield "# git refuses to apply a patch to this path"
        return
    before = file.path if file.change == "unexplained" else file.before
    lines = list(diff_git.patch(before, file.path, file.old, file.new))
    if "GIT binary patch" in lines and file.diff:
        yield "# it has characters that mislead, so that it is a binary patch; to be read, with those as escapes:"
        yield from (f"# {foreign(line, limit=4_096)}" for line in file.diff.splitlines())
    yield from lines
