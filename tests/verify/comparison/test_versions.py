"""Two versions, file by file. The command's own tests look at the rest: cues, minified lines, exit codes."""

import json

import pytest

from provenly.trust.artifact import admit_unclaimed
from provenly.verify.comparison import versions
from provenly.verify.comparison.said import Kind
from provenly.verify.comparison.versions import Change
from provenly.verify.registry import npm
from provenly.verify.tarball import archive, artifact
from tests.simulator.registry import make_tarball


def admitted(files):
    manifest = {"name": "x", "version": "1.0.0", "main": "index.js"}
    data = make_tarball({"package.json": json.dumps(manifest), **files})
    listing = archive.read_tarball(data, artifact.identify_with_git)
    return admit_unclaimed(npm.from_manifest(manifest, "x.tgz"), data, "x.tgz", lambda _: listing)


def compare(before, after):
    return versions.compare(admitted(before), admitted(after))


def changes(found):
    return {file.path: file for file in found.files}


def test_what_is_the_same_is_counted():
    found = compare({"index.js": "a\n"}, {"index.js": "a\n"})
    assert (found.files, found.cues, found.same) == ((), (), 2)


def test_what_can_run_and_is_led_to_comes_first():
    before = {"index.js": "import './z.js';\n", "z.js": "a\n", "A.md": "a\n", "old.js": "a\n"}
    found = compare(before, {"index.js": "import './z.js';\n", "z.js": "b\n", "A.md": "b\n", "old.js": "b\n"})
    assert [(file.path, file.executable, file.reachable) for file in found.files] == [
        ("z.js", True, True),
        ("old.js", True, False),
        ("A.md", False, False),
    ]


def test_a_file_that_moved_is_said_to_have_moved():
    found = changes(compare({"index.js": "", "a.js": "long();\n"}, {"index.js": "", "b.js": "long();\n"}))
    assert found["a.js"].change is Change.REMOVED
    assert (found["b.js"].change, found["b.js"].diff) == (Change.ADDED, "")
    assert found["b.js"].detail == "the version before has the same bytes at a.js"


def test_lines_are_those_of_the_later_version():
    found = changes(compare({"index.js": "a\nb\nc\n"}, {"index.js": "a\nx\ny\nc\nz\n"}))["index.js"]
    assert found.lines == ((2, 3), (5, 5))
    assert found.detail == "3 lines came, 1 went"


def test_a_last_line_without_its_end_is_a_change():
    found = changes(compare({"index.js": "a\nb\n"}, {"index.js": "a\nb"}))["index.js"]
    assert (found.lines, found.diff) == (((2, 2),), "")
    assert "end of its last line" in found.detail


@pytest.mark.parametrize("data", [b"\0asm\1\0\0\0", b"\xff\xfe\0a"])
def test_what_is_no_text_has_no_diff(data):
    found = compare({"index.js": "a\n"}, {"index.js": "a\n", "tool.node": data})
    (file,) = found.files
    assert (file.change, file.diff, file.lines) == (Change.ADDED, "", ())
    assert [(cue.kind, cue.path) for cue in found.cues] == [(Kind.UNREAD, "tool.node")]


def test_long_lines_are_compared_in_pieces_that_make_up_the_whole():
    """What the pieces are cut at must not hide anything: each changed character is in a changed piece."""
    line = ";".join(f"call({number},'é\u2028{{}}')" for number in range(500))
    for place in range(0, len(line), 997):
        other = line[:place] + "X" + line[place + 1 :]
        found = changes(compare({"index.js": f"1\n{line}\n"}, {"index.js": f"1\n{other}\n"}))
        if other == line:
            continue
        file = found["index.js"]
        assert file.lines == ((2, 2),)
        added = [text[1:] for text in file.diff.split("\n")[2:] if text.startswith("+")]
        assert "X" in "".join(added)
        assert sum(map(len, added)) < 2_500


def test_cues_have_a_bound():
    hosts = "\n".join(f"'https://h{number}.example/'" for number in range(versions.MAX_CUES + 10))
    found = compare({"index.js": ""}, {"index.js": hosts})
    assert (len(found.cues), found.cues_left_out) == (versions.MAX_CUES, 10)
