"""What npm is going to ask for is fetched before it does, and nothing that it is told changes by that."""

import json
import threading

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.strict_json import loads
from provenly.verify.graph import ahead
from provenly.verify.graph.ahead import Ahead, Read
from tests.verify.graph.forest import ROOT, code, ids, look, publish

LONG = 5
"""Seconds after which a test that waits in vain fails."""


class Documents:
    """The documents of a registry, read by name, with what was asked for."""

    def __init__(self, **packages):
        self.packages = packages
        self.asked = []
        self._changed = threading.Condition()

    def read(self, name):
        with self._changed:
            self.asked.append(name)
            self._changed.notify_all()
        found = self.packages.get(name)
        if found is None:
            raise NotFoundError(f"there is no {name}", code="REG_NOT_FOUND")
        if isinstance(found, Exception):
            raise found
        body = json.dumps(found).encode()
        return Read.of(body, loads(body, what=name, max_bytes=1_000_000))

    def wait_for(self, *names):
        with self._changed:
            assert self._changed.wait_for(lambda: set(names) <= set(self.asked), timeout=LONG), self.asked


def packument(latest, **versions):
    """Return a document in which each version has a manifest."""
    return {"dist-tags": {"latest": latest}, "versions": {key.replace("_", "."): one for key, one in versions.items()}}


def needing(**dependencies):
    return packument("1.0.0", **{"1_0_0": {"dependencies": dependencies}})


def test_it_goes_down_the_tree_before_it_is_asked():
    known = Documents(top=needing(middle="^1.0.0"), middle=needing(leaf="*"), leaf=needing())
    with Ahead(known.read) as fetched:
        fetched.get("top")
        known.wait_for("top", "middle", "leaf")
        assert fetched.get("leaf").document["dist-tags"] == {"latest": "1.0.0"}
        fetched.get("middle")
    assert sorted(known.asked) == ["leaf", "middle", "top"]


def test_the_version_that_npm_would_choose_says_what_comes_next():
    known = Documents(
        top=needing(old="^1.0.0"),
        old=packument(
            "2.0.0", **{"1_0_0": {"dependencies": {"right": "*"}}, "2_0_0": {"dependencies": {"wrong": "*"}}}
        ),
        right=needing(),
        wrong=needing(),
    )
    with Ahead(known.read) as fetched:
        fetched.get("top")
        known.wait_for("right")
    assert "wrong" not in known.asked


def test_aliases_lead_to_their_packages_and_nothing_leads_elsewhere():
    entry = {
        "dependencies": {"short": "npm:@acme/real@^1.0.0", "git": "github:a/b", "url": "https://a.example/x.tgz"},
        "peerDependencies": {"peer": "*", "maybe": "*"},
        "peerDependenciesMeta": {"maybe": {"optional": True}},
    }
    known = Documents(top=packument("1.0.0", **{"1_0_0": entry}))
    with Ahead(known.read) as fetched:
        fetched.get("top")
        known.wait_for("@acme/real", "peer")
    assert sorted(known.asked) == ["@acme/real", "peer", "top"]


@pytest.mark.parametrize("error", [NotFoundError("none", code="REG_NOT_FOUND"), UnavailableError("down", code="NET")])
def test_an_error_is_that_of_whoever_asks(error):
    known = Documents(top=needing(bad="*"), bad=error)
    with Ahead(known.read) as fetched:
        fetched.get("top")
        known.wait_for("bad")
        with pytest.raises(type(error), match=str(error)):
            fetched.get("bad")


@pytest.mark.parametrize(
    "document",
    [{}, {"versions": 3}, {"versions": {"1.0.0": 7}, "dist-tags": []}, {"dist-tags": {"latest": 4}, "versions": {}}],
    ids=["empty", "number", "no object", "no tag"],
)
def test_documents_of_another_form_lead_nowhere(document):
    known = Documents(top=document)
    with Ahead(known.read) as fetched:
        assert fetched.get("top").size == len(json.dumps(document))
    assert known.asked == ["top"]


def test_there_is_an_end_to_guessing(monkeypatch):
    monkeypatch.setattr(ahead, "MAX_WAITING", 3)
    many = {f"one-{number}": "*" for number in range(10)}
    known = Documents(top=needing(**many), **dict.fromkeys(many, needing()))
    with Ahead(known.read) as fetched:
        fetched.get("top")
        known.wait_for("one-0", "one-1", "one-2")
        assert fetched.get("one-9").size
    assert sorted(known.asked) == ["one-0", "one-1", "one-2", "one-9", "top"]


@pytest.mark.node
def test_a_guess_that_fails_is_no_finding(world):
    """What only the newest version asks for is guessed, cannot be had, and is not in the tree."""
    publish(world.registry, "deep", "1.0.0", time="2019-01-01T00:00:00.000Z")
    publish(world.registry, "deep", "1.1.0", dependencies={"gone": "*"}, time="2026-01-01T00:00:00.000Z")
    publish(world.registry, ROOT, dependencies={"deep": "^1.0.0"}, time="2019-01-01T00:00:00.000Z")
    report = look(world, at="2020-01-01T00:00:00Z")
    assert (ids(report), code(report, "tree-complete")) == (["deep@1.0.0"], None)
