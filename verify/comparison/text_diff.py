"""The diff of two texts for a reader, the long lines of bundles cut into pieces."""

from __future__ import annotations

from provenly.trust.text import plural
from provenly.verify.comparison.line_diff import Budget, blocks, unified
from provenly.verify.comparison.lines import lines_of, pieces


def text_diff(
    before: bytes, after: bytes, headers: tuple[str, str], budget: Budget
) -> tuple[tuple[tuple[int, int], ...], str, str]:
    """Compare two texts for a reader.

    :returns: first and last line, from 1, of each run of new lines; one sentence; a unified diff or an empty string.
    """
    old, new = lines_of(before), lines_of(after)
    if old is None or new is None:
        return (), "it is no text, or too large for a diff", ""
    left, right = pieces(old), pieces(new)
    changed = blocks(left.keys, right.keys, budget)
    if not changed:
        last = max(1, len(new))
        return ((last, last),), "nothing but the end of its last line changed", ""
    cut = left.cut or right.cut
    came, went = sum(b[3] - b[2] for b in changed), sum(b[1] - b[0] for b in changed)
    detail = f"{plural(came, 'piece of a line', 'pieces of a line') if cut else plural(came, 'line')} came"
    if went:
        detail += f", {went:,} went"
    if cut:
        detail += "; its long lines are compared in pieces, and the numbers in the diff count those"
    return right.lines(changed), detail, unified(left.parts, right.parts, changed, headers)
