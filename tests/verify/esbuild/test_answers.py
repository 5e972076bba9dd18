"""Answers to a build as no honest esbuild gives them."""

import json
from pathlib import Path

import pytest

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.esbuild import answers

ROOT = Path("/home/somebody/tree")
TREE = {"pkg/src/a.ts": b"", "pkg/src/b.ts": b"", "store/x/i.js": b""}
LINKS = {"pkg/node_modules/x": "store/x"}


def metafile(inputs=("src/a.ts",), output="dist/a.js", **about):
    part = {"inputs": {name: {"bytesInOutput": 1} for name in inputs}, "entryPoint": "src/a.ts", **about}
    return json.dumps({"inputs": {name: {} for name in inputs}, "outputs": {output: part}})


def answer(account=None, path=f"{ROOT}/pkg/dist/a.js", contents=b"x", **others):
    return {
        "errors": [],
        "warnings": [],
        "metafile": metafile() if account is None else account,
        "outputFiles": [{"path": path, "contents": contents, "hash": "h"}],
        **others,
    }


def read(value):
    return answers.Reader(ROOT, "pkg", TREE, LINKS).read(value)


@pytest.mark.parametrize("encode", [str, str.encode], ids=["text, before 0.21", "bytes"])
def test_an_honest_answer(encode):
    built = read(answer(encode(metafile(("src/a.ts", "src/b.ts?x", "node_modules/x/i.js", "<define:A>")))))
    assert built.outputs == {"pkg/dist/a.js": b"x"}
    assert built.inputs == {"pkg/dist/a.js": ("pkg/src/a.ts", "pkg/src/b.ts", "store/x/i.js")}
    assert built.entries == {"pkg/dist/a.js": "pkg/src/a.ts"}


@pytest.mark.parametrize(
    "value",
    [
        answer(metafile(("../../x.ts",))),
        answer(metafile(("/etc/passwd",))),
        answer(metafile(("src/missing.ts",))),
        answer(metafile(("node_modules/x/missing.js",))),
        answer(metafile(("node_modules/y/../../../../x",))),
        answer(metafile(entryPoint="../../x.ts")),
        answer(metafile(output="../../x.js")),
        answer(path="/etc/passwd"),
        answer(path=f"{ROOT}-other/a.js"),
        answer(path=f"{ROOT}/../a.js"),
        answer(path="<stdout>"),
    ],
)
def test_what_is_not_in_the_tree_refuses_the_whole_output(value):
    with pytest.raises(MalformedError) as caught:
        read(value)
    assert caught.value.code == "ESBUILD_OUTSIDE"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "done",
        {},
        {"errors": None},
        {"errors": [], "warnings": []},
        answer(warnings=[{"text": "x"}]),
        answer(outputFiles=None),
        answer(outputFiles=[[]]),
        answer(outputFiles=[{"path": 1, "contents": b""}]),
        answer(contents="text"),
        answer("{}"),
        answer('{"inputs": [], "outputs": {}}'),
        answer(metafile(output="dist/other.js")),
        answer('{"inputs": {}, "outputs": {}}'),
        answer('{"inputs": {}, "outputs": {"dist/a.js": {"inputs": {"src/a.ts": {}}}}}'),
        answer('{"inputs": {}, "outputs": {"dist/a.js": []}}'),
    ],
)
def test_what_is_no_account_of_a_build_is_an_error(value):
    with pytest.raises(UnavailableError) as caught:
        read(value)
    assert caught.value.code == "ESBUILD_CRASH"


@pytest.mark.parametrize("account", ["", "no json", "[" * 10_000, '{"a": 1, "a": 2}'])
def test_an_account_that_is_no_json_is_an_error(account):
    with pytest.raises((UnavailableError, MalformedError)):
        read(answer(account))


def message(text, **where):
    return {"text": text, "location": where or None, "notes": [], "id": "", "detail": -1}


def test_errors_are_shown_with_their_place_and_cut():
    errors = [message("first\x1b[31m", file="src/a.ts", line=3), message("second"), *[message("x" * 1_000)] * 100]
    with pytest.raises(MalformedError, match=r"src/a\.ts:3: first.*; second; x{100}") as caught:
        read(answer(errors=errors))
    assert caught.value.code == "ESBUILD_SOURCE"
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 600


def test_warnings_are_kept_up_to_a_number():
    kept = read(answer(warnings=[message("x" * 1_000)] * 100)).warnings
    assert [len(text) < 350 for text in kept] == [True] * 50


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"command": "on-load", "path": "/etc/passwd"}, "ESBUILD_OUTSIDE"),
        ({"command": "on-load"}, "ESBUILD_OUTSIDE"),
        ({"command": "on-resolve", "path": "x"}, "ESBUILD_CRASH"),
        ({"command": "serve-request"}, "ESBUILD_CRASH"),
        ({}, "ESBUILD_CRASH"),
        (None, "ESBUILD_CRASH"),
    ],
)
def test_what_esbuild_may_ask(request_, code):
    with pytest.raises((UnavailableError, MalformedError)) as caught:
        answers.reply(request_)
    assert caught.value.code == code
