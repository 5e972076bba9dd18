"""The real esbuild over single files."""

import time

import pytest

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.verify.esbuild.esbuild import Esbuild, Transform
from provenly.verify.esbuild.process import MIB, Limits
from provenly.verify.esbuild.releases import nearest

pytestmark = pytest.mark.registry

NEWEST = nearest("0.27.3")
BOMB = Transform(path="bomb.js", source=b"(" * 1_000_000)


def transformed(esbuild, *items, release=NEWEST):
    answers = esbuild.transform(
        release, [Transform(path=path, source=text, arguments=flags) for path, text, *flags in items]
    )
    return [answer.code if isinstance(answer, Error) else answer.decode() for answer in answers]


@pytest.mark.parametrize("release", [nearest("0.17.19"), NEWEST], ids=lambda release: release.version)
def test_each_file_is_read_as_what_it_is(esbuild, release):
    found = transformed(
        esbuild,
        ("a.ts", b"let x: number = <any>1"),
        ("a.mts", b"let x: number = 1"),
        ("a.d.cts", b"let x: number = 1"),
        ("a.tsx", b"let x: number = <any>1</any>"),
        ("a.jsx", b"x = <a/>", "--jsx=automatic"),
        ("a.js", b"x = <a/>", "--loader=jsx"),
        ("a.cjs", b"if (a) { b() } else { c() }", "--minify-syntax"),
        ("a", b"x", "--minify"),
        ("a.json", b'{"a": 1}'),
        ("a.css", b"a { b: c }"),
        release=release,
    )
    assert found == [
        "let x = 1;\n",
        "let x = 1;\n",
        "let x = 1;\n",
        'let x = /* @__PURE__ */ React.createElement("any", null, "1");\n',
        'import { jsx } from "react/jsx-runtime";\nx = /* @__PURE__ */ jsx("a", {});\n',
        'x = /* @__PURE__ */ React.createElement("a", null);\n',
        "a ? b() : c();\n",
        "x;\n",
        "module.exports = { a: 1 };\n",
        "a {\n  b: c;\n}\n",
    ]


def test_a_file_that_is_none_is_the_only_one_that_fails(esbuild):
    items = [(f"{number}.js", b"f(%d)" % number) for number in range(300)]
    items[7] = ("7.js", b"f(")
    items[8] = ("8.js", b"\xff\xfe\x00")
    items[9] = ("9.js", b"f()", "--serve")
    items[10] = ("10.js", b"f()", "--target=es1")
    found = transformed(esbuild, *items)
    assert found[7:11] == ["ESBUILD_SOURCE", "ESBUILD_SOURCE", "ESBUILD_FLAG", "ESBUILD_SOURCE"]
    assert found[11:] == [f"f({number});\n" for number in range(11, 300)]


@pytest.mark.slow
def test_a_file_that_ends_the_process_is_the_only_one_that_fails(registry):
    with Esbuild(registry, limits=Limits(memory=300 * MIB, seconds=60)) as esbuild:
        items = [Transform(path=f"{number}.js", source=b"f(%d)" % number) for number in range(40)]
        items[3:3] = [BOMB]
        items[20:20] = [BOMB]
        found = esbuild.transform(NEWEST, items)
    failed = [number for number, answer in enumerate(found) if isinstance(answer, MalformedError)]
    assert failed == [3, 20]
    assert {found[3].code, found[20].code} == {"ESBUILD_MEMORY"}
    assert found[-1] == b"f(39);\n"


@pytest.mark.slow
def test_many_files_that_end_the_process_are_given_up(registry):
    start = time.monotonic()
    with Esbuild(registry, limits=Limits(memory=150 * MIB, seconds=30)) as esbuild:
        found = esbuild.transform(NEWEST, [BOMB] * 60)
    assert {answer.code for answer in found} <= {"ESBUILD_MEMORY", "ESBUILD_FAILURES", "ESBUILD_TIMEOUT"}
    assert {answer.code for answer in found} >= {"ESBUILD_MEMORY"}
    assert time.monotonic() - start < 60


def test_a_call_has_a_time_limit(registry):
    source = b"".join(b"f%d('x', `y`, /z/);\n" % number for number in range(300_000))
    with Esbuild(registry, limits=Limits(seconds=0.2)) as hasty:
        found = transformed(hasty, *[(f"{number}.js", source, "--minify") for number in range(4)])
    assert "ESBUILD_TIMEOUT" in found
    assert set(found[1:]) <= {"ESBUILD_TIMEOUT", "ESBUILD_FAILURES"}


def test_a_file_over_the_limit_is_not_sent(esbuild):
    found = transformed(esbuild, ("a.js", b" " * 24_000_001), ("x" * 5_000, b"1"), ("b.js", b"1"))
    assert found == ["ESBUILD_INPUT", "ESBUILD_INPUT", "1;\n"]


def test_a_name_is_only_a_name(esbuild):
    names = ["../../etc/passwd.ts", "/etc/passwd.ts", "\udcff.ts", "a\0b.ts", "--outfile=x.ts", "a\n.ts"]
    assert transformed(esbuild, *[(name, b"let a: b") for name in names]) == ["let a;\n"] * len(names)


def test_nothing_is_nothing(esbuild):
    assert list(esbuild.transform(NEWEST, [])) == []


def test_where_there_is_no_esbuild_there_is_no_answer():
    class Nothing:
        def get(self, url, **_):
            raise AssertionError(url)

        def download(self, url, **_):
            raise UnavailableError("the network is off", code="OFFLINE")

    with Esbuild(Nothing()) as esbuild, pytest.raises(UnavailableError) as caught:
        transformed(esbuild, ("a.js", b"1"))
    assert caught.value.code == "ESBUILD_UNAVAILABLE"
