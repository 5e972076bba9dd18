"""From npm's answer to a graph, without npm: what merges, what is named, and what hostile answers lead to."""

import copy
import json
import random
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import Error, MalformedError
from provenly.trust.graph import Scope
from provenly.verify.graph.assemble import assemble
from provenly.verify.graph.resolver import SCHEMA, Root

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Root(name="server", version="1.0.0")
SRI = "sha512-" + "A" * 86 + "=="


def package(version="1.0.0", **members):
    return {"version": version, "integrity": SRI, **members}


def answer(packages, **members):
    """Return an answer about ``server``, whose own dependencies are all that lie at the top."""
    lock = {"lockfileVersion": 3, "packages": {"": {"dependencies": {"server": "1.0.0"}}, **packages}}
    return {
        "schema": SCHEMA,
        "how": "npm 11.4.2 on Node.js 22.1.0",
        "documents": {"server": "00"},
        "lock": lock,
    } | members


def graph(document):
    return assemble(json.dumps(document).encode(), ROOT, NOW).graph


def test_copies_that_nothing_tells_apart_are_one_component():
    found = graph(
        answer({
            "node_modules/server": package(dependencies={"a": "1", "b": "1", "c": "1"}),
            "node_modules/a": package(dependencies={"deep": "1"}),
            "node_modules/b": package(dependencies={"deep": "1"}),
            "node_modules/c": package(dependencies={"deep": "2"}),
            "node_modules/deep": package("2.0.0"),
            "node_modules/a/node_modules/deep": package("1.0.0"),
            "node_modules/b/node_modules/deep": package("1.0.0"),
        })
    )  # fmt: skip
    assert [one.id for one in found.dependencies] == ["a@1.0.0", "b@1.0.0", "c@1.0.0", "deep@1.0.0", "deep@2.0.0"]
    assert found.edges["a@1.0.0"] == found.edges["b@1.0.0"] == ("deep@1.0.0",)


def test_copies_that_find_different_packages_are_two():
    found = graph(
        answer({
            "node_modules/server": package(dependencies={"a": "1", "b": "1"}),
            "node_modules/a": package(dependencies={"twin": "1", "deep": "1"}),
            "node_modules/b": package(dependencies={"twin": "1"}),
            "node_modules/deep": package("2.0.0"),
            "node_modules/a/node_modules/deep": package("1.0.0"),
            "node_modules/a/node_modules/twin": package(dependencies={"deep": "*"}),
            "node_modules/twin": package(dependencies={"deep": "*"}),
        })
    )  # fmt: skip
    assert [one.id for one in found.dependencies if one.name == "twin"] == ["twin@1.0.0", "twin@1.0.0#2"]
    assert found.edges["twin@1.0.0"] == ("deep@2.0.0",)
    assert found.edges["twin@1.0.0#2"] == ("deep@1.0.0",)
    assert found.edges["a@1.0.0"] == ("deep@1.0.0", "twin@1.0.0#2")


def test_circles_end():
    found = graph(
        answer({
            "node_modules/server": package(dependencies={"a": "1"}),
            "node_modules/a": package(dependencies={"b": "1"}),
            "node_modules/b": package(dependencies={"a": "1", "b": "1", "server": "1"}),
        })
    )  # fmt: skip
    assert found.edges["b@1.0.0"] == ("a@1.0.0", "server@1.0.0")


def test_the_strongest_reason_is_the_scope():
    places = {
        "node_modules/server": package(dependencies={"a": "1", "b": "1"}),
        "node_modules/a": package(dependencies={"deep": "1"}),
        "node_modules/b": package(dependencies={"deep": "1"}),
        "node_modules/a/node_modules/deep": package(optional=True),
        "node_modules/b/node_modules/deep": package(peer=True),
    }
    found = {one.name: one for one in graph(answer(places)).dependencies}
    assert found["deep"].scope is Scope.OPTIONAL


@pytest.mark.parametrize("document", [{}, {"schema": "other"}, [], "x", answer({})])
def test_what_is_no_answer_is_refused(document):
    with pytest.raises(MalformedError):
        graph(document)


def test_too_many_packages_are_refused():
    names = [f"p{number}" for number in range(10_001)]
    places = {"node_modules/server": package(dependencies=dict.fromkeys(names, "1"))}
    places |= {f"node_modules/{name}": package() for name in names}
    with pytest.raises(MalformedError) as caught:
        graph(answer(places))
    assert caught.value.code == "TREE_LIMIT"


VALUES = (None, 0, -1.5, True, "", "x" * 5_000, "\u202e", [], {}, [[]], "__proto__", "git+ssh://a", "../..", {"x": "1"})
KEYS = ("node_modules/a", "__proto__", "../x", "node_modules/a/node_modules/server", "")


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_answer_is_a_graph_that_holds_together_or_an_error_of_ours(seed):
    chance = random.Random(seed)
    honest = answer(
        {
            "node_modules/server": package(dependencies={"a": "1", "@x/b": "1"}, hasShrinkwrap=True),
            "node_modules/a": package(dependencies={"@x/b": "1"}, os=["linux"], license="MIT", deprecated="no"),
            "node_modules/@x/b": package("2.0.0", peer=True, resolved="https://r.example/@x/b/-/b-2.0.0.tgz"),
            "node_modules/a/node_modules/@x/b": package(inBundle=True, name="other"),
        },
        left={"a@1.0.0": {"odd": "github:a/b"}},
        gaps=[["c", "status 503"]],
        times={"a@1.0.0": {"published": "2026-01-01T00:00:00Z"}},
    )
    assert len(graph(honest).dependencies) == 4
    for _ in range(50):
        document = copy.deepcopy(honest)
        _damage(document, chance)
        try:
            found = graph(document)
        except Error:
            continue
        known = {found.root, *(one.id for one in found.dependencies)}
        assert set(found.edges) == known
        assert all(set(reached) <= known for reached in found.edges.values())


def _damage(document, chance):
    for _ in range(chance.randint(1, 3)):
        inside, key = chance.choice([*_members(document)])
        match chance.randint(0, 3):
            case 0:
                del inside[key]
            case 1 if isinstance(inside, dict):
                inside[chance.choice(KEYS)] = inside.pop(key)
            case _:
                inside[key] = chance.choice(VALUES)
        if not [*_members(document)]:
            return


def _members(value):
    for key, member in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield value, key
        yield from _members(member)
