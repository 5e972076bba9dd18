"""The units of a file that was taken apart: each is made only when it is asked for, and always the same."""

import pytest

from provenly.verify.tracing.prints import IMPORT, PLAIN, Prints

TOP, STATEMENT, HOISTED = 1, 2, 4
UNITS = [  # start, end, line, parent, size, flags, kind, references, of these declared
    (0, 90, 1, -1, 30, TOP | HOISTED, PLAIN, [4, 5], [4]),
    (10, 80, 2, 0, 20, STATEMENT, PLAIN, [], []),
    (20, 70, 3, 1, 10, 0, PLAIN, [6, 5, 7], []),
    (91, 99, 9, -1, 0, TOP, IMPORT, [8], []),
    (100, 120, 10, -1, 8, TOP, PLAIN, [], []),
]
DIGESTS = [bytes([number]) * 16 for number in (1, 2, 3, 0, 2)]


@pytest.fixture
def prints():
    numbers = []
    for *fixed, refs, defines in UNITS:
        numbers += [*fixed, len(refs), *refs, len(defines), *defines]
    return Prints({"numbers": numbers, "digests": b"".join(DIGESTS).hex()})


def test_units_are_what_was_said_of_them_in_any_order(prints):
    assert len(prints.units) == len(UNITS)
    for number in (4, 2, 0, 3, 1, 2):
        unit = prints.units[number]
        start, end, line, parent, size, flags, kind, refs, defines = UNITS[number]
        assert unit[:6] == (number, start, end, line, parent, size)
        assert (unit.top, unit.statement, unit.hoisted) == (bool(flags & 1), bool(flags & 2), bool(flags & 4))
        assert (unit.kind, unit.digest, unit.refs, unit.defines) == (kind, DIGESTS[number], (*refs,), (*defines,))
    assert prints.units[-1] == prints.units[4]
    assert list(prints.units[1:3]) == [prints.units[1], prints.units[2]]
    with pytest.raises(IndexError):
        prints.units[5]


def test_outer_units_are_those_at_the_top_and_what_is_no_code(prints):
    assert [unit.number for unit in prints.outer] == [0, 3, 4]


def test_units_are_found_by_what_is_around_them_and_by_their_digest(prints):
    assert prints.children == {-1: (0, 3, 4), 0: (1,), 1: (2,)}
    assert prints.by_digest == {DIGESTS[0]: (0,), DIGESTS[1]: (1, 4), DIGESTS[2]: (2,)}
