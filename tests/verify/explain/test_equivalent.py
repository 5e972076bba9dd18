import pytest

from provenly.trust.evidence import FileClass
from tests.verify.explain.scenes import file

BOM = b"\xef\xbb\xbf"


def of(path: str, packed: bytes, source: bytes):
    return file({path: packed}, {path: source}, path)


@pytest.mark.parametrize("path", ["README.md", "index.js", "src/a.ts", "page.html", "prompts/system.txt"])
@pytest.mark.parametrize(
    ("packed", "source", "said"),
    [
        (b"a\r\nb\r\n", b"a\nb\n", "line endings (CRLF in the package, LF in the source)"),
        (b"a\nb\n", b"a\r\nb\r\n", "line endings (LF in the package, CRLF in the source)"),
        (b"a\nb", b"a\nb\n", "the final newline"),
        (b"a\r\nb\r\n", b"a\r\nb", "the final newline"),
        (BOM + b"a\nb\n", b"a\nb\n", "a byte order mark"),
    ],
)
def test_texts_that_differ_in_layout_only_are_equivalent(path: str, packed: bytes, source: bytes, said: str):
    found = of(path, packed, source)
    assert (found.file_class, found.detail) == (FileClass.EQUIVALENT, said)


@pytest.mark.parametrize(
    ("packed", "source"),
    [
        (b"a\rb\n", b"a\nb\n"),
        (b"// x\revil()\n", b"// x evil()\n"),
        (b"a\r\r\nb\n", b"a\nb\n"),
        (b"a\n\nb\n", b"a\nb\n"),
        (b"a b\n", b"a  b\n"),
        (b"a\n\n", b"a"),
        (b"a\xe2\x80\xa8b\n", b"a\nb\n"),
        (b"a\0\r\n", b"a\0\n"),
        (b"\xff\r\n", b"\xff\n"),
    ],
)
def test_anything_else_is_not(packed: bytes, source: bytes):
    assert of("index.js", packed, source).file_class is FileClass.UNEXPLAINED


@pytest.mark.parametrize("path", ["run.sh", "run.cmd", "tool.py", "tool.rb"])
def test_for_other_languages_only_the_very_bytes_will_do(path: str):
    assert of(path, b"echo a\r\n", b"echo a\n").file_class is FileClass.UNEXPLAINED


def test_a_hashbang_makes_a_file_code_whatever_its_name():
    assert of("bin/tool", b"#!/bin/sh\r\nx\r\n", b"#!/bin/sh\nx\n").file_class is FileClass.UNEXPLAINED


def test_json_is_compared_as_data():
    assert (
        of("data.json", b'{"a": 1, "b": [true]}', b'{\n  "a":1,\n "b":[ true ]}\n').file_class is FileClass.EQUIVALENT
    )


@pytest.mark.parametrize(
    ("packed", "source"),
    [
        (b'{"a": 1}', b'{"a": 2}'),
        (b'{"a": 1}', b'{"a": true}'),
        (b'{"a": 1}', b'{"a": 1.0}'),
        (b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}'),
        (b'{"a": 1, "a": 1}', b'{"a": 1}'),
        (b'{"a": "1 "}', b'{"a": "1"}'),
        (b"nonsense", b" nonsense"),
        (b"NaN", b" NaN"),
    ],
)
def test_json_that_another_reader_may_read_differently_is_not_equal(packed: bytes, source: bytes):
    assert of("data.json", packed, source).file_class is FileClass.UNEXPLAINED


def test_the_counterpart_is_the_file_at_its_place_and_no_other():
    found = file({"index.js": b"a\r\n"}, {"src/index.js": b"a\n", "index.js": b"b\n"}, "index.js")
    assert found.file_class is FileClass.UNEXPLAINED


@pytest.mark.parametrize("path", ["cli.js", "cli.mjs", "tool", "notes.md"])
def test_a_byte_order_mark_before_a_hashbang_makes_a_shell_script_of_it(path: str):
    script = b"#!/usr/bin/env node\n//bin/echo evil\n"
    assert of(path, BOM + script, script).file_class is FileClass.UNEXPLAINED
    assert of(path, script, BOM + script).file_class is FileClass.UNEXPLAINED
    assert of(path, BOM + script, BOM + script).file_class is FileClass.IDENTICAL


@pytest.mark.parametrize(
    ("packed", "source"),
    [
        (b'{"a": -0}', b'{"a":0}'),
        (b'{"a": [1, -0]}', b'{"a":[1,0]}'),
        (b'{"a": 9007199254740993}', b'{"a":9007199254740992}'),
        (b'{"a": 1e0}', b'{"a":1}'),
        (b'{"__proto__": 1, "b": 1}', b'{"b":1,"__proto__":1}'),
    ],
)
def test_numbers_and_keys_that_javascript_tells_apart_are_not_equal(packed: bytes, source: bytes):
    assert of("data.json", packed, source).file_class is FileClass.UNEXPLAINED


def test_a_string_that_looks_like_minus_zero_is_no_number():
    assert of("data.json", b'{"a": "-0 \\" -0"}', b'{"a":"-0 \\" -0"}').file_class is FileClass.EQUIVALENT


def test_prose_keeps_its_line_endings_tolerated_where_code_names_it():
    code = 'eval(x); readFile("./prompt.md")\n'
    found = file({"index.js": code, "prompt.md": "a\r\n"}, {"index.js": code, "prompt.md": "a\n"}, "prompt.md")
    assert found.executable
    assert found.file_class is FileClass.EQUIVALENT
