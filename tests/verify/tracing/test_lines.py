"""Lines of the published file, from the source map that esbuild makes of it."""

import base64
import json

import pytest

from provenly.verify.tracing.lines import Lines, split, without_map

MAPPINGS = "AAAA,SAAS;AACA;;AAEA"


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [(0, 0, 1), (0, 20, 1), (1, 5, 2), (2, 0, 2), (3, 0, 4), (9, 0, 1)],
    ids=["first", "later in it", "second", "without a mapping", "after a gap", "behind the end"],
)
def test_the_line_is_that_of_the_mapping_before(line, column, expected):
    assert Lines(MAPPINGS).line(line, column) == expected


@pytest.mark.parametrize(("column", "expected"), [(0, 1), (3, 1), (4, 3), (7, 3), (8, 2), (99, 2)])
def test_one_line_may_come_from_several(column, expected):
    # Three segments: the line goes on by two, then back by one; the next line goes on from there.
    lines = Lines("AAAA,IAEA,IADA;AACA")
    assert lines.line(0, column) == expected
    assert lines.line(1, 0) == 3


def test_the_map_is_cut_off():
    encoded = base64.b64encode(json.dumps({"mappings": MAPPINGS}).encode())
    text, lines = split(b"f(1);\n//# sourceMappingURL=data:application/json;base64," + encoded + b"\n")
    assert text == b"f(1);\n"
    assert lines is not None
    assert lines.line(1, 0) == 2


@pytest.mark.parametrize("data", [b"!", b"e30=", b"W10=", base64.b64encode(b'{"mappings": "?"}')])
def test_a_map_that_is_none_is_none(data):
    assert split(b"f(1);\n//# sourceMappingURL=data:application/json;base64," + data) == (b"f(1);\n", None)


def test_a_bundle_cannot_say_where_its_lines_are():
    data = b"f(1);\n//# sourceMappingURL=data:application/json;base64,AAAA\n"
    assert b"sourceMappingURL" not in without_map(data)
    assert len(without_map(data)) == len(data)
