"""A line diff that hostile input cannot make slow.

:mod:`difflib` takes cubic time on some inputs. This takes patience diff (lines that both sides have once are anchors;
Bram Cohen's method, as in Git's ``--patience``), then E. W. Myers' O(ND) algorithm (Algorithmica 1, 1986) in the gaps
between anchors, both on a budget of steps. Where the budget ends, the rest of a gap is one changed block: coarser,
never wrong.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, TypeAlias

MAX_STEPS: Final = 2_000_000
"""Comparisons for one pair of files; about half a second."""

MAX_EDITS: Final = 600
"""Edits within a gap for Myers' algorithm, whose time and memory grow with their square. Nobody follows that many by
eye: beyond them the gap is shown as one change."""

CONTEXT: Final = 3
"""Unchanged lines around a change, as `diff -u` shows them."""

MAX_LINE: Final = 1_000
"""Characters of a line that a diff shows; minified files have everything in one."""

MAX_DIFF: Final = 4 * 1024 * 1024
"""Characters of one diff. Nobody reads more; what is left out is counted in its last line. A patch has everything."""

Block: TypeAlias = tuple[int, int, int, int]
"""A changed block: lines ``[0:1]`` of the left side became lines ``[2:3]`` of the right, counted from 0."""


@dataclass(slots=True)
class Budget:
    """The steps that are left; below zero there are none."""

    steps: int

    def spend(self, steps: int) -> bool:
        """Take ``steps`` off; return whether there were as many."""
        self.steps -= steps
        return self.steps >= 0


def blocks(left: Sequence[str], right: Sequence[str], budget: Budget) -> tuple[Block, ...]:
    """Return the blocks in which two texts differ, in order, touching ones joined.

    :param left: the lines of one text.
    :param right: the lines of the other.
    :param budget: the comparisons that may be made before whole gaps are called changed; they are taken off it.
    """
    numbers: dict[str, int] = {}
    a = [numbers.setdefault(line, len(numbers)) for line in left]
    b = [numbers.setdefault(line, len(numbers)) for line in right]
    found: list[Block] = []
    waiting: list[Block] = [(0, len(a), 0, len(b))]
    while waiting:
        block = _trimmed(a, b, waiting.pop())
        a1, a2, b1, b2 = block
        if a1 == a2 and b1 == b2:
            continue
        if a1 == a2 or b1 == b2 or not budget.spend(a2 - a1 + b2 - b1):
            found.append(block)
        elif anchors := _anchors(a, b, block):
            waiting.extend(_gaps(block, anchors))
        else:
            found.extend(_aligned(a, b, block, budget))
    return tuple(_joined(sorted(found)))


def _trimmed(a: Sequence[int], b: Sequence[int], block: Block) -> Block:
    """Cut equal lines off both ends of a block."""
    a1, a2, b1, b2 = block
    while a1 < a2 and b1 < b2 and a[a1] == b[b1]:
        a1, b1 = a1 + 1, b1 + 1
    while a1 < a2 and b1 < b2 and a[a2 - 1] == b[b2 - 1]:
        a2, b2 = a2 - 1, b2 - 1
    return a1, a2, b1, b2


def _anchors(a: Sequence[int], b: Sequence[int], block: Block) -> list[tuple[int, int]]:
    """Return the longest series of line pairs, rising on both sides, of lines that each side of the block has once."""
    a1, a2, b1, b2 = block
    once_a, once_b = Counter(a[a1:a2]), Counter(b[b1:b2])
    where = {line: a1 + index for index, line in enumerate(a[a1:a2]) if once_a[line] == 1 == once_b[line]}
    pairs = [(where[line], b1 + index) for index, line in enumerate(b[b1:b2]) if line in where]
    # The longest increasing subsequence by patience sorting: piles of positions, each pair linked to one before.
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (position, _) in enumerate(pairs):
        pile = bisect_left(tops, position)
        before.append(ends[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(position)
            ends.append(index)
        else:
            tops[pile] = position
            ends[pile] = index
    chain: list[tuple[int, int]] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _gaps(block: Block, anchors: Sequence[tuple[int, int]]) -> Iterator[Block]:
    a1, a2, b1, b2 = block
    for position_a, position_b in anchors:
        yield a1, position_a, b1, position_b
        a1, b1 = position_a + 1, position_b + 1
    yield a1, a2, b1, b2


def _aligned(a: Sequence[int], b: Sequence[int], block: Block, budget: Budget) -> Iterator[Block]:
    """Yield the changes within ``block``. Lines that only one side has match nothing and are not searched."""
    a1, a2, b1, b2 = block
    common = set(a[a1:a2]) & set(b[b1:b2])
    in_a = [position for position in range(a1, a2) if a[position] in common]
    in_b = [position for position in range(b1, b2) if b[position] in common]
    ends = (len(in_a), len(in_a), len(in_b), len(in_b))
    changed = _myers([a[position] for position in in_a], [b[position] for position in in_b], budget)
    pairs: list[tuple[int, int]] = []
    x = y = 0
    for w, next_x, z, next_y in (*sorted(changed), ends):
        pairs.extend(zip(in_a[x:w], in_b[y:z], strict=True))
        x, y = next_x, next_y
    yield from (gap for gap in _gaps(block, pairs) if gap[0] < gap[1] or gap[2] < gap[3])


def _myers(a: Sequence[int], b: Sequence[int], budget: Budget) -> list[Block]:
    """Return the changes from ``a`` to ``b`` by a shortest edit script, or all as one if that takes too long.

    ``furthest[middle + k]`` is how far down ``a`` the diagonal ``k`` has come.
    """
    size_a, size_b = len(a), len(b)
    whole = [(0, size_a, 0, size_b)]
    most = min(size_a + size_b, MAX_EDITS)
    middle = most + 1
    furthest = [0] * (2 * middle + 1)
    trace: list[list[int]] = []
    for edits in range(most + 1):
        # Only the diagonals from -edits to edits were touched; each step is worth as much as a comparison of lines.
        trace.append(furthest[middle - edits : middle + edits + 1])
        if not budget.spend(2 * edits + 2):
            return whole
        for diagonal in range(-edits, edits + 1, 2):
            right, down = furthest[middle + diagonal - 1], furthest[middle + diagonal + 1]
            x = down if diagonal == -edits or (diagonal != edits and right < down) else right + 1
            start, y = x, x - diagonal
            while x < size_a and y < size_b and a[x] == b[y]:
                x += 1
                y += 1
            furthest[middle + diagonal] = x
            if x > start and not budget.spend(x - start):
                return whole
            if x >= size_a and y >= size_b:
                return list(_traced(trace, size_a, size_b))
    return whole


def _traced(trace: Sequence[Sequence[int]], x: int, y: int) -> Iterator[Block]:
    """Walk the trace of Myers' algorithm back from the end; each edit is a block of one line.

    :param trace: for each number of edits what ``furthest`` was before, from the diagonal ``-edits`` on.
    """
    for edits in range(len(trace) - 1, 0, -1):
        furthest = trace[edits]
        diagonal = x - y
        place = diagonal + edits
        inserted = diagonal == -edits or (diagonal != edits and furthest[place - 1] < furthest[place + 1])
        before = diagonal + 1 if inserted else diagonal - 1
        x = furthest[before + edits]
        y = x - before
        yield (x, x, y, y + 1) if inserted else (x, x + 1, y, y)


def _joined(found: Sequence[Block]) -> Iterator[Block]:
    """Join blocks that touch."""
    current: Block | None = None
    for block in found:
        if current is not None and block[0] == current[1] and block[2] == current[3]:
            current = (current[0], block[1], current[2], block[3])
            continue
        if current is not None:
            yield current
        current = block
    if current is not None:
        yield current


def unified(left: Sequence[str], right: Sequence[str], changed: Sequence[Block], headers: tuple[str, str]) -> str:
    """Return a unified diff (POSIX diff, -u). Long lines are cut and say so; so does a diff that is too long.

    :param left: the lines of the source.
    :param right: the lines of the package.
    :param changed: what :func:`blocks` said of them.
    :param headers: the names of both sides.
    """
    shown = [f"--- {headers[0]}", f"+++ {headers[1]}"]
    room = MAX_DIFF
    groups = list(_hunks(changed))
    for number, hunk in enumerate(groups):
        lines = list(_hunk(left, right, hunk))
        sizes = list(accumulate(map(len, lines)))
        if sizes[-1] > room:
            kept = bisect_left(sizes, room)
            shown += lines[:kept]
            rest = f"{len(lines) - kept:,} lines of this hunk and {len(groups) - number - 1:,} of {len(groups):,} hunks"
            shown.append(f"\\ {rest} are not shown: the diff is too long")
            break
        room -= sizes[-1]
        shown += lines
    return "\n".join(shown) + "\n"


def hunks(left: Sequence[str], right: Sequence[str], changed: Sequence[Block]) -> Iterator[str]:
    """Yield the lines of all hunks of a unified diff, nothing cut."""
    for hunk in _hunks(changed):
        yield from _hunk(left, right, hunk, cut=False)


def _hunks(changed: Sequence[Block]) -> Iterator[list[Block]]:
    """Group blocks whose context would overlap."""
    group: list[Block] = []
    for block in changed:
        if group and block[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _hunk(left: Sequence[str], right: Sequence[str], hunk: Sequence[Block], *, cut: bool = True) -> Iterator[str]:
    before = min(CONTEXT, hunk[0][0], hunk[0][2])
    after = min(CONTEXT, len(left) - hunk[-1][1], len(right) - hunk[-1][3])
    a1, b1 = hunk[0][0] - before, hunk[0][2] - before
    a2, b2 = hunk[-1][1] + after, hunk[-1][3] + after
    shown = _cut if cut else str
    yield f"@@ -{_range(a1, a2)} +{_range(b1, b2)} @@"
    position = a1
    for block in hunk:
        yield from (" " + shown(line) for line in left[position : block[0]])
        yield from ("-" + shown(line) for line in left[block[0] : block[1]])
        yield from ("+" + shown(line) for line in right[block[2] : block[3]])
        position = block[1]
    yield from (" " + shown(line) for line in left[position:a2])


def _range(start: int, end: int) -> str:
    """Return a range of lines as hunk headers write it: from 1; an empty one names the line before it."""
    return f"{start + 1 if end > start else start},{end - start}"


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}… ({len(line) - MAX_LINE} more characters)"
