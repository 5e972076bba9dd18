"""A marker of a module format says what the files beside it are, and nothing else."""

from __future__ import annotations

import pytest

from provenly.verify.explain.recompiled.markers import marks

MODULE = "export const pad = 1;\n"
COMMONJS = """"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.pad = void 0;
const pad = (text, width, side) => side === "left" ? text.padStart(width) : text.padEnd(width);
exports.pad = pad;
exports.default = exports.pad;
"""


@pytest.mark.parametrize(
    ("marker", "code"),
    [
        ('{"type":"module"}', COMMONJS),
        ('{"type":"commonjs"}', MODULE),
        ('{"type":"commonjs","main":"./evil.js"}', COMMONJS),
        ('{"type":"commonjs","imports":{"#a":"./evil.js"}}', COMMONJS),
        ('{"type":"commonjs","type":"module"}', COMMONJS),
        ('["commonjs"]', COMMONJS),
        ("{", COMMONJS),
    ],
)
def test_a_marker_says_what_the_files_are_and_nothing_else(marker, code):
    contents = {"d/package.json": marker.encode(), "d/pad.js": code.encode()}
    assert marks("d/package.json", contents, {"d/pad.js"}) == ""


def test_a_marker_of_files_that_nobody_made_is_unexplained():
    contents = {"d/package.json": b'{"type":"commonjs"}', "d/pad.js": COMMONJS.encode(), "d/x.js": COMMONJS.encode()}
    assert marks("d/package.json", contents, {"d/pad.js"}) == ""
    assert marks("d/package.json", contents, {"d/pad.js", "d/x.js"}) == "commonjs"
    assert marks("d/package.json", {"d/package.json": b'{"type":"commonjs"}'}, set()) == ""
