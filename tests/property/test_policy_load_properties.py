"""What holds of every policy file that is read, or refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenly.policies.clauses import REASON
from provenly.policies.decide import decide
from provenly.policies.load import load, packaged, packaged_bytes
from provenly.policies.mistakes import Mistake, PolicyError
from provenly.policies.scan import line_of, places, scan
from provenly.policies.scopes import purl
from provenly.trust.evidence import Evidence, Status
from provenly.trust.verdict import Action

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Machines that run several tests at once are slow, which says nothing about a verdict."""

DEFAULT = packaged_bytes("default").decode().replace('name = "default"', 'name = "mine"')
LINES = DEFAULT.splitlines()

toml_like = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "=",
                "[",
                "]",
                "[[",
                "]]",
                "{",
                "}",
                ",",
                ".",
                '"',
                "'",
                '"""',
                "'''",
                "#",
                "\n",
                "\\",
                "checks",
                "1",
                "true",
            ]
        ),
        st.text(max_size=4),
    ),
    max_size=60,
).map("".join)


@unhurried
@given(st.one_of(st.binary(max_size=400), toml_like.map(lambda text: text.encode("utf-8", "replace"))))
def test_bytes_are_a_policy_or_a_list_of_mistakes_with_lines_of_the_file(data):
    found: tuple[Mistake, ...] = ()
    try:
        load(data, "x")
    except PolicyError as error:
        found = error.mistakes
    assert found, "nothing as short as this is a whole policy"
    for mistake in found:
        assert 0 <= mistake.line <= data.count(b"\n") + 1
        assert mistake.code.startswith("POLICY_")


@unhurried
@given(st.sampled_from(range(len(LINES))), st.booleans())
def test_a_misspelt_key_is_reported_on_its_line_wherever_it_is(place, windows):
    broken = [*LINES[:place], "failled = 'deny'", *LINES[place:]]
    data = ("\r\n" if windows else "\n").join(broken).encode()
    with pytest.raises(PolicyError) as caught:
        load(data, "x")
    assert [(m.line, m.code) for m in caught.value.mistakes] == [(place + 1, "POLICY_UNKNOWN_KEY")]


@unhurried
@given(st.lists(st.sampled_from([n for n, line in enumerate(LINES) if '= "' in line]), min_size=1, unique=True))
def test_every_value_without_quotes_is_reported(places_):
    broken = [line.replace('"', "") if n in places_ else line for n, line in enumerate(LINES)]
    with pytest.raises(PolicyError) as caught:
        load("\n".join(broken).encode(), "x")
    assert {m.line for m in caught.value.mistakes} == {n + 1 for n in places_}


@unhurried
@given(st.dictionaries(st.sampled_from([rule.check for rule in packaged("default").rules]), st.sampled_from(Action)))
def test_what_is_written_is_in_force_and_everything_else_as_extended(changes):
    tables = "".join(
        f'[checks.{check}]\nunchecked = "{action}"\npassed = "allow"\n' for check, action in changes.items()
    )
    policy = load(f'schema = 1\nname = "mine"\nextends = "default"\n{tables}'.encode(), "x")
    for rule, base in zip(policy.rules, packaged("default").rules, strict=True):
        assert rule.unchecked is changes.get(rule.check, base.unchecked)
        assert (rule.failed, rule.absent, rule.with_others) == (base.failed, base.absent, base.with_others)


keys = st.one_of(st.sampled_from(["a", "b-c", '"d e"', "'f.g'", '"h=[i"']))
values = st.sampled_from(
    ["1", '"x # ] ="', "'''\n[z]\n'''", '"""a\n\\"" b""""', "[\n 1, # ]\n 2]", "{ y = [1] }", "1.5"]
)


@unhurried
@given(
    st.lists(
        st.tuples(keys, values, st.sampled_from(["", "\n", "# [no.table]\n", "  "])), unique_by=lambda item: item[0]
    )
)
def test_keys_are_found_on_their_lines_whatever_values_stand_between(items):
    import tomllib

    text, expected = "", {}
    for key, value, before in items:
        text += before
        expected[next(iter(tomllib.loads(f"{key}=1")))] = text.count("\n") + 1
        text += f"{key} = {value} # end\n"
    lines = places(scan(text, "x"))
    assert set(tomllib.loads(text)) == set(expected)
    assert {key: line_of(lines, (key,)) for key in expected} == expected


SCOPE = 'schema = 1\nname = "mine"\nextends = "default"\n[[scope]]\n{}\n[scope.checks.provenance]\nabsent = "hold"\n'
CONDITION = (
    'schema = 1\nname = "mine"\nextends = "default"\n[[condition]]\naction = "hold"\nwhy = "x"\nwhen = \'\'\'{}\'\'\'\n'
)

purl_like = st.lists(
    st.one_of(
        st.sampled_from(["pkg:npm/", "%40", "@", "*", "/", "acme", "a.b", "-", "%2F", "?", "#"]), st.text(max_size=2)
    ),
    max_size=6,
).map("".join)

cel_like = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("pkg.name", "files.total", "evidence.provenance.status", "evidence.provenance.facts", "dependencies"),
                *(
                    "now",
                    "true",
                    "1",
                    '"a"',
                    "null",
                    "{",
                    "}",
                    "[",
                    "]",
                    "(",
                    ")",
                    ".all(d, ",
                    ".exists(d, ",
                    "d",
                    "has(",
                ),
                *(" && ", " || ", " == ", " < ", " in ", " ? ", " : ", "!", "-", ", ", ".", "size(", "\\", "//", "\n"),
            ]
        ),
        st.text(max_size=2),
    ),
    max_size=25,
).map("".join)


@unhurried
@given(purl_like)
def test_a_pattern_is_a_purl_or_a_mistake_on_its_line(text):
    written = json.dumps(text)
    mistakes: tuple[Mistake, ...] = ()
    names: list[str] = []
    try:
        (scope,) = load(SCOPE.format(f"packages = [{written}]").encode("utf-8", "replace"), "x").scopes
        names = [purl(pattern) for pattern in scope.packages]
    except PolicyError as error:
        mistakes = error.mistakes
    if mistakes:
        assert {mistake.line for mistake in mistakes} == {5}
        return
    assert names == [text]
    assert "*" not in text[:-1]
    assert "@" not in text


@unhurried
@given(cel_like)
def test_an_expression_is_a_condition_that_decides_or_a_mistake_on_its_line(text):
    policy, mistakes = None, ()
    try:
        policy = load(CONDITION.format(text).encode("utf-8", "replace"), "x")
    except PolicyError as error:
        mistakes = error.mistakes
    if policy is None:
        assert mistakes
        assert all(mistake.line >= 4 and len(mistake.text) < 600 for mistake in mistakes)
        return
    evidence = [Evidence(check="provenance", status=Status.PASSED, summary="x", facts={"a": [1]})]
    verdict = decide(policy, evidence, None, datetime(2026, 11, 22, tzinfo=UTC))
    (reason,) = [reason for reason in verdict.reasons if reason.check == REASON]
    assert reason.action in (Action.ALLOW, Action.HOLD)
