"""What is kept of bundles that were traced: it is checked when it is read, and asked about what was missing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.compiler.results import Results
from provenly.verify.explain.traced import wording
from provenly.verify.explain.traced.outcome import MAX_RECORD, Found, Outcome, Outcomes
from provenly.verify.network.cache import Cache
from provenly.verify.tracing.result import Reason, Traced, Untraced, Word
from tests.verify.explain.traced.server import BUNDLE, LOCK, TREE, TROJANS, bundled, compared, explained

PIECE = Untraced(first=3, last=4, text='f("\ud83d\x00");', reason=Reason.ORDER, nearest="src/a.ts:7")
RESULT = Traced(
    sources=10,
    dependencies={"ms@2.1.3": 5},
    glue=1,
    untraced=2,
    files=("src/a.ts",),
    units=4,
    pieces=(PIECE,),
    words=(Word(text="https://x.example", line=3),),
    minified=False,
    missing=("pen@1.0.0",),
    versions=(2,),
)
OUTCOME = Outcome(
    found={"dist/a.js": Found(result=RESULT, rewritten="0.25.8")},
    problems={"dist/b.js": "it is too large"},
    missing={"pen@1.0.0": "it is gone"},
    places=("node_modules/pen",),
    lock="",
)


@pytest.fixture
def store(tmp_path):
    return Cache(tmp_path / "cache", datetime.now(UTC))


def test_what_is_kept_comes_back_as_it_was(store):
    assert Outcomes(store).get("one") is None
    Outcomes(store).put("one", OUTCOME)
    assert Outcomes(store).get("one") == OUTCOME
    assert Outcomes(store).get("two") is None
    assert Outcomes(None).get("one") is None


def test_what_another_try_may_change_is_not_kept(store):
    Outcomes(store).put("one", replace(OUTCOME, later="the registry is away"))
    Outcomes(store).put("two", replace(OUTCOME, places=tuple(f"node_modules/p{n}" for n in range(41))))
    assert Outcomes(store).get("one") is None
    assert Outcomes(store).get("two") is None


def spoilt(text: str) -> list[str]:
    whole = json.loads(text)
    return [
        "",
        "[]",
        "[" * 100_000,
        json.dumps({**whole, "more": 1}),
        json.dumps({name: value for name, value in whole.items() if name != "lock"}),
        json.dumps({**whole, "places": "node_modules/pen"}),
        text.replace('"sources":10', '"sources":true'),
        text.replace('"sources":10', '"sources":10.5'),
        text.replace('"order"', '"odd"'),
        text.replace('"line":3', '"line":"3"'),
        text + " " * MAX_RECORD,
    ]


@pytest.mark.parametrize("number", range(11))
def test_what_is_not_as_it_should_be_is_nothing(store, number):
    Outcomes(store).put("one", OUTCOME)
    data = Results(store).get("one")
    assert data is not None
    Results(store).put("one", spoilt(data.decode())[number].encode())
    assert Outcomes(store).get("one") is None


def with_integrity(tools):
    """Return the tree with a lockfile that has an integrity for each package."""
    packages = dict(LOCK["packages"])
    for name, version in (("ms", "2.1.3"), ("escape-html", "1.0.3")):
        integrity = tools.dependencies.satisfying(name, version).integrity
        packages[f"node_modules/{name}"] = {"version": version, "dev": True, "integrity": integrity}
    return {**TREE, "package-lock.json": json.dumps({**LOCK, "packages": packages})}


class Tracers:
    """Takes nothing apart."""

    def prints(self, files):
        raise AssertionError(f"{len(files)} files are taken apart")


class Dependencies:
    """Gives one answer for every package, and counts how often it is asked."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked = 0

    def each(self, packages, wanted=None):
        del wanted
        for package in packages:
            self.asked += 1
            yield package, self.answer


@pytest.mark.registry
@pytest.mark.parametrize("done", [False, True])
def test_a_bundle_is_traced_once(tools, tmp_path, done):
    tools = replace(tools, prints=Cache(tmp_path / "cache", datetime.now(UTC)))
    tree = with_integrity(tools)
    text = bundled(tools, "plain")
    text = TROJANS["bcc"].after(text, "plain") if done else text
    first = explained(tools, text, tree)
    assert first.file_class is (FileClass.UNEXPLAINED if done else FileClass.TRACED)
    again = replace(tools, tracers=Tracers(), dependencies=Dependencies(NotFoundError("gone", code="NET_NOT_FOUND")))
    assert explained(again, text, tree) == first
    with pytest.raises(AssertionError, match="taken apart"):
        explained(again, text + "\n;f();\n", tree)
    with pytest.raises(AssertionError, match="taken apart"):
        explained(again, text, {**tree, "src/other.ts": "export {};"})


@pytest.mark.registry
def test_a_package_that_could_not_be_had_is_asked_for_again(tools, tmp_path):
    gone = Dependencies(NotFoundError("it is gone", code="NET_NOT_FOUND"))
    tools = replace(tools, prints=Cache(tmp_path / "cache", datetime.now(UTC)))
    lacking = replace(tools, dependencies=gone)
    text = bundled(tools, "plain")
    first = explained(lacking, text)
    assert first.file_class is not FileClass.TRACED
    assert not first.unchecked
    asked = gone.asked
    away = Dependencies(UnavailableError("the network is off", code="NET_OFFLINE"))
    assert explained(replace(tools, tracers=Tracers(), dependencies=away), text) == first
    assert asked
    assert away.asked
    assert explained(tools, text).file_class is FileClass.TRACED


@pytest.mark.registry
def test_what_nothing_leads_to_and_what_holds_nothing_is_not_traced(tools):
    stale = 'export function isAllowed(address) {\n    return address.endsWith("@example.org");\n}\n'
    files = compared(tools, bundled(tools, "plain"), TREE, **{"dist/old.js": stale, "dist/none.js": "export {};\n"})
    found = {file.path: file for file in files.files}
    assert found[BUNDLE].file_class is FileClass.TRACED
    for path in ("dist/old.js", "dist/none.js"):
        assert found[path].file_class is FileClass.UNEXPLAINED
        assert found[path].trace is None


def test_however_much_comes_from_nowhere_the_evidence_is_bounded():
    text = "x" * 1_900
    pieces = tuple(Untraced(first=n, last=n, text=text, reason=Reason.UNKNOWN) for n in range(1, 2_001))
    words = tuple(Word(text=f"{n}" + "w" * 1_000, line=n) for n in range(3_000))
    names = {f"pen{n}@1.0.0": n for n in range(1, 4_001)}
    result = replace(RESULT, pieces=pieces, words=words, dependencies=names, missing=tuple(names))
    room = wording.Room()
    traces = [wording.trace_of(result, "", room) for _ in range(100)]
    assert sum(len(trace.words) for trace in traces) == wording.MAX_ALL_WORDS
    assert len(traces[0].dependencies) == wording.MAX_NAMES + 1
    assert sum(traces[0].dependencies.values()) == sum(names.values())
    assert len(traces[0].missing) == wording.MAX_NAMES
    diffs = [wording.diff_of("dist/a.js", pieces, "c0ffee", "0.25.8", room) for _ in range(100)]
    assert sum(map(len, diffs)) < wording.MAX_DIFF + 100 * 300
    assert "1,800 more pieces of this file" in diffs[0]
    assert "2,000 more pieces of this file" in diffs[-1]
    assert diffs[-1].endswith("as esbuild 0.25.8 writes it; the lines are those of the packed file\n")
