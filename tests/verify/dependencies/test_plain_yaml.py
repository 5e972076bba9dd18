"""The part of YAML that lockfiles are written in, and nothing more of it."""

from __future__ import annotations

import time

import pytest
import yaml

from provenly.trust.errors import MalformedError
from provenly.verify.dependencies.plain_yaml import MAX_DEPTH, documents


def test_scalars_stay_texts():
    assert documents(b"a: 1.10\nb: no\nc: '~'\nd: ~\ne: [x, 0x1]\n'f g': {h: 2020-01-01}\n", "it") == (
        {"a": "1.10", "b": "no", "c": "~", "d": "", "e": ["x", "0x1"], "f g": {"h": "2020-01-01"}},
    )


def test_documents_are_told_apart():
    assert documents(b"---\na: 1\n---\nb: 2\n", "it") == ({"a": "1"}, {"b": "2"})
    assert documents(b"", "it") == ()


BOMB = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9) if n else b"x") for n in range(40))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (BOMB, "YAML_FEATURE"),
        (b"a: &x 1\n", "YAML_FEATURE"),
        (b"a: *x\n", "YAML_FEATURE"),
        (b"a: !!python/object/apply:os.system [id]\n", "YAML_FEATURE"),
        (b"a: !x 1\n", "YAML_FEATURE"),
        (b"a: !!str 1\n", "YAML_FEATURE"),
        (b"<<: {a: 1}\n", "YAML_FEATURE"),
        (b"{[a]: 1}\n", "YAML_FEATURE"),
        (b"? {a: 1}\n: 2\n", "YAML_FEATURE"),
        (b"a: 1\na: 2\n", "YAML_DUPLICATE_KEY"),
        (b"'a': 1\n\"\\x61\": 2\n", "YAML_DUPLICATE_KEY"),
        (b"[" * 100_000, "YAML_LIMIT"),
        (b"- " * 100_000, "YAML_LIMIT"),
        (b"{a: " * 100_000, "YAML_LIMIT"),
        (b"".join(b" " * n + b"a:\n" for n in range(2_000)), "YAML_LIMIT"),
        (b"---\n" * 100, "YAML_LIMIT"),
        (b"a: 'x\n", "YAML_SYNTAX"),
        (b"\xff\xfe", "YAML_SYNTAX"),
        (b"a: \x00\n", "YAML_SYNTAX"),
        (b"\tb: 1\n", "YAML_SYNTAX"),
        (b"%YAML 9.9\n--- a\n", "YAML_SYNTAX"),
    ],
)
def test_everything_else_is_refused_at_once(data, code):
    start = time.monotonic()
    with pytest.raises(MalformedError) as caught:
        documents(data, "it")
    assert caught.value.code == code
    assert time.monotonic() - start < 10


def test_the_depth_that_is_allowed_is_read():
    assert documents(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "it")
    with pytest.raises(MalformedError):
        documents(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "it")


def test_libyaml_and_python_read_the_same(monkeypatch):
    data = b"a: {b: [1, '2', \"\\u0041\"]}\nc: |\n  text\n  more\n? d\n: e\n"
    fast = documents(data, "it")
    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    assert documents(data, "it") == fast
    for bad in (BOMB, b"a: 1\na: 2\n", b"[" * 50_000):
        with pytest.raises(MalformedError):
            documents(bad, "it")
