"""Mistakes in policy files: each is found, named with its line, and reported together with all others.

The table says what a person is told about each file; the files are named after their defect. P01, P05, P07, P08,
P09, P10, P12 and P13 are rows of the threats document, C22 and C23 the two ways in which tomllib can be worn out.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from provenly.policies.document import MAX_BYTES
from provenly.policies.load import PACKAGED, load, load_named, packaged, packaged_bytes
from provenly.policies.mistakes import MAX_REPORTED, PolicyError
from provenly.policies.rules import Origin
from provenly.policies.scan import MAX_DOTS, MAX_STATEMENTS
from provenly.trust.digest import Digest
from provenly.trust.errors import UsageError
from provenly.trust.evidence import Status
from provenly.trust.verdict import Action

ASSETS = Path(__file__).parent / "assets"

HEAD = b'schema = 1\nname = "mine"\nextends = "default"\n'

EXPECTED = {
    "action-is-a-number": ((5, "POLICY_TYPE", "'failed' takes one of allow, warn, hold, deny, in quotes, not 3"),),
    "action-is-true": ((5, "POLICY_TYPE", "'failed' takes one of allow, warn, hold, deny, in quotes, not true"),),
    "action-without-quotes": (
        (5, "POLICY_SYNTAX", 'text is written in quotes: "deny"'),
        (6, "POLICY_VALUE", "'absent' has no action \"dney\"; did you mean 'deny'?"),
    ),
    "check-is-text": ((5, "POLICY_TYPE", "'source-match' takes a table, not \"deny\""),),
    "checks-is-an-array": ((4, "POLICY_TYPE", "'checks' takes a table, not an array"),),
    "company-is-milder": ((6, "POLICY_CONTRADICTION", "'failed-with-others' (warn) is milder than 'failed' (deny)"),),
    "condition-is-milder": (
        (6, "POLICY_CONTRADICTION", "'absent-known-to-sign' (warn) is milder than 'absent' (deny)"),
    ),
    "condition-is-stricter": (
        (6, "POLICY_CONTRADICTION", "'failed-deprecated' (deny) is stricter than 'failed' (warn)"),
    ),
    "duplicate-key": ((6, "POLICY_DUPLICATE", "the key 'failed' is given twice; it was first on line 5"),),
    "duplicate-table": (
        (8, "POLICY_DUPLICATE", "the table [checks.source-match] is given twice; it was first on line 4"),
    ),
    "empty-check": ((4, "POLICY_EMPTY", "[checks.source-match] says nothing"),),
    "empty": (
        (0, "POLICY_MISSING", "'schema' is missing; write schema = 1 on the first line"),
        (0, "POLICY_EMPTY", 'there are no rules; begin with extends = "default" and write what is t'),
        (1, "POLICY_MISSING", "'name' is missing"),
    ),
    "extends-a-list": ((3, "POLICY_TYPE", "'extends' takes text in quotes, not an array"),),
    "extends-a-path": (
        (3, "POLICY_EXTENDS", "'extends' takes the name of a packaged policy, not \"../../etc/passwd\";"),
    ),
    "extends-a-url": (
        (3, "POLICY_EXTENDS", "'extends' takes the name of a packaged policy, not \"https://example.co"),
    ),
    "extends-misspelt": (
        (3, "POLICY_EXTENDS", "'extends' takes the name of a packaged policy, not \"defalt\"; did you m"),
    ),
    "extends-nothing": (
        (3, "POLICY_EXTENDS", "'extends' takes the name of a packaged policy, not \"\"; known are defau"),
    ),
    "header-unterminated": (
        (4, "POLICY_SYNTAX", "this is not TOML: expected ']' at the end of a table declaration"),
        (7, "POLICY_VALUE", "'absent' has no action \"hodl\"; did you mean 'hold'?"),
    ),
    "json": ((1, "POLICY_SYNTAX", "this is not TOML: invalid statement"),),
    "key-below-its-table": (
        (6, "POLICY_UNKNOWN_KEY", '[checks.source-match] has no key "description"; it belongs above the f'),
    ),
    "latin-1": ((2, "POLICY_ENCODING", "it is not UTF-8; save it as UTF-8"),),
    "many-mistakes": (
        (4, "POLICY_UNKNOWN_KEY", "a policy has no key \"desciption\"; did you mean 'description'?"),
        (8, "POLICY_SYNTAX", 'text is written in quotes: "deny"'),
        (9, "POLICY_VALUE", "'absent' has no action \"dney\"; did you mean 'deny'?"),
        (11, "POLICY_UNKNOWN_CHECK", "there is no check \"source-mach\"; did you mean 'source-match'?"),
        (15, "POLICY_VALUE", "'min-hours' is -1; it must be more than 0 and at most 8,760"),
        (17, "POLICY_MISSING", "'owner' is missing"),
        (18, "POLICY_WAIVER", "artifact-integrity may not be waived: 'never-waive' names it"),
        (19, "POLICY_WAIVER", "'package' takes the exact name of one npm package, not \"@acme/*\""),
        (20, "POLICY_VALUE", "'reason' is empty"),
        (21, "POLICY_TYPE", "'expires' takes a day without quotes and without a time, such as 2027-"),
    ),
    "min-hours-in-quotes": ((5, "POLICY_TYPE", "'min-hours' takes a number of hours, not \"24\""),),
    "min-hours-negative": ((5, "POLICY_VALUE", "'min-hours' is -1; it must be more than 0 and at most 8,760"),),
    "min-hours-not-a-number": ((5, "POLICY_VALUE", "'min-hours' is nan; it must be more than 0 and at most 8,760"),),
    "min-hours-of-a-century": ((5, "POLICY_VALUE", "'min-hours' is 876000; it must be more than 0 and at most 8,760"),),
    "min-hours-zero": ((5, "POLICY_VALUE", "'min-hours' is 0; it must be more than 0 and at most 8,760"),),
    "name-empty": ((2, "POLICY_VALUE", "'name' is empty"),),
    "name-missing": ((1, "POLICY_MISSING", "'name' is missing"),),
    "name-of-a-packaged-policy": (
        (2, "POLICY_VALUE", '"strict" is the name of a packaged policy, and reports would mistake y'),
    ),
    "name-with-slash": ((2, "POLICY_VALUE", 'the name "a/b" is not 1 to 64 letters, digits, dots, dashes and unders'),),
    "not-utf-8": ((1, "POLICY_ENCODING", "it is not UTF-8; save it as UTF-8"),),
    "null": ((6, "POLICY_SYNTAX", "there is no null in TOML; leave the key out"),),
    "option-of-another-check": (
        (5, "POLICY_UNKNOWN_KEY", '[checks.source-match] has no key "min-hours"; it belongs to tree-age an'),
    ),
    "passed-is-stricter": ((6, "POLICY_CONTRADICTION", "'failed' (warn) is milder than 'passed' (deny)"),),
    "registries-empty": ((5, "POLICY_VALUE", "'known-to-sign' has 0 registries; 1 to 64 are expected"),),
    "registry-is-one-text": (
        (5, "POLICY_TYPE", "'known-to-sign' takes an array of URLs in quotes, not \"https://registr"),
    ),
    "registry-with-wildcard": (
        (5, "POLICY_VALUE", '"https://*.example.com" is not the base URL of a registry, such as "ht'),
    ),
    "rules-empty": ((0, "POLICY_EMPTY", 'there are no rules; begin with extends = "default" and write what is t'),),
    "rules-none": ((0, "POLICY_EMPTY", 'there are no rules; begin with extends = "default" and write what is t'),),
    "rules-of-one-check-only": (
        (0, "POLICY_MISSING", "there is no rule for artifact-integrity, artifact-layout, manifest-mat"),
        (3, "POLICY_MISSING", "[checks.source-match] does not say what to do when it is absent"),
    ),
    "schema-in-quotes": ((1, "POLICY_TYPE", "'schema' takes a whole number, 1, not \"1\""),),
    "schema-is-true": ((1, "POLICY_TYPE", "'schema' takes a whole number, 1, not true"),),
    "schema-missing": ((0, "POLICY_MISSING", "'schema' is missing; write schema = 1 on the first line"),),
    "schema-newer": ((1, "POLICY_SCHEMA", "the schema is 2; this provenly reads schema 1; a newer provenly may re"),),
    "schema-zero": ((1, "POLICY_SCHEMA", "the schema is 0; this provenly reads schema 1"),),
    "string-unterminated": (
        (2, "POLICY_SYNTAX", "this is not TOML: illegal character '\\n'"),
        (4, "POLICY_SYNTAX", "there is no null in TOML; leave the key out"),
    ),
    "text-block-unterminated": ((5, "POLICY_SYNTAX", "this is not TOML: unterminated string"),),
    "unknown-action": ((5, "POLICY_VALUE", "'failed' has no action \"dney\"; did you mean 'deny'?"),),
    "unknown-check": ((4, "POLICY_UNKNOWN_CHECK", "there is no check \"source-mach\"; did you mean 'source-match'?"),),
    "unknown-key-at-top": (
        (4, "POLICY_UNKNOWN_KEY", "a policy has no key \"desciption\"; did you mean 'description'?"),
    ),
    "unknown-key-in-check": (
        (5, "POLICY_UNKNOWN_KEY", "[checks.source-match] has no key \"failled\"; did you mean 'failed'?"),
    ),
    "unknown-setting": (
        (5, "POLICY_UNKNOWN_KEY", "[settings] has no key \"never-waived\"; did you mean 'never-waive'?"),
    ),
    "unknown-table": ((4, "POLICY_UNKNOWN_KEY", "a policy has no key \"check\"; did you mean 'checks'?"),),
    "unknown-waiver-key": ((7, "POLICY_UNKNOWN_KEY", "[[waiver]] has no key \"verison\"; did you mean 'version'?"),),
    "waiver-expires-at-a-time": (
        (9, "POLICY_TYPE", "'expires' takes a day without quotes and without a time, such as 2027-"),
    ),
    "waiver-expires-in-quotes": (
        (9, "POLICY_TYPE", "'expires' takes a day without quotes and without a time, such as 2027-"),
    ),
    "waiver-is-a-table": ((4, "POLICY_TYPE", "'waiver' takes tables, each under [[waiver]], not a table"),),
    "waiver-of-a-range": ((7, "POLICY_WAIVER", "'version' takes one exact version, not \"^1.0.0\""),),
    "waiver-of-a-scope": ((6, "POLICY_WAIVER", "'package' takes the exact name of one npm package, not \"@acme/*\""),),
    "waiver-of-all-checks": (
        (5, "POLICY_UNKNOWN_CHECK", 'there is no check "*"; known are artifact-integrity, artifact-layout, '),
    ),
    "waiver-of-all-packages": ((6, "POLICY_WAIVER", "'package' takes the exact name of one npm package, not \"*\""),),
    "waiver-of-empty-version": ((7, "POLICY_WAIVER", "'version' is empty; leave it out to mean every version"),),
    "waiver-of-integrity": ((5, "POLICY_WAIVER", "artifact-integrity may not be waived: 'never-waive' names it"),),
    "waiver-of-no-status": (
        (7, "POLICY_WAIVER", "'statuses' is empty; leave it out to mean failed, absent and unchecked"),
    ),
    "waiver-of-passed": ((7, "POLICY_VALUE", "'statuses' has no \"passed\"; did you mean 'failed'?"),),
    "waiver-of-version-star": ((7, "POLICY_WAIVER", "'version' takes one exact version, not \"*\""),),
    "waiver-twice": ((11, "POLICY_DUPLICATE", "failed of the same check and package is already waived on line 4"),),
    "waiver-with-blank-reason": ((7, "POLICY_VALUE", "'reason' is empty"),),
    "waiver-without-anything": (
        (4, "POLICY_MISSING", "'check' is missing"),
        (4, "POLICY_MISSING", "'package' is missing"),
        (4, "POLICY_MISSING", "'reason' is missing"),
        (4, "POLICY_MISSING", "'owner' is missing"),
        (4, "POLICY_MISSING", "'expires' is missing: a waiver ends on a day, such as expires = 2027-0"),
    ),
    "waiver-without-expiry": (
        (4, "POLICY_MISSING", "'expires' is missing: a waiver ends on a day, such as expires = 2027-0"),
    ),
    "waiver-without-owner": ((4, "POLICY_MISSING", "'owner' is missing"),),
    "waiver-without-reason": ((4, "POLICY_MISSING", "'reason' is missing"),),
    "yaml": (
        (1, "POLICY_SYNTAX", "this is not TOML: expected '=' after a key in a key/value pair"),
        (2, "POLICY_SYNTAX", "this is not TOML: expected '=' after a key in a key/value pair"),
    ),
}


def mistakes_of(data: bytes) -> tuple[tuple[int, str, str], ...]:
    with pytest.raises(PolicyError) as caught:
        load(data, "mine.toml")
    return tuple((mistake.line, mistake.code, mistake.text) for mistake in caught.value.mistakes)


@pytest.mark.parametrize("asset", sorted(EXPECTED))
def test_every_mistake_of_a_file_is_reported_with_its_line(asset):
    found = mistakes_of((ASSETS / f"{asset}.toml").read_bytes())
    assert [(line, code) for line, code, _ in found] == [(line, code) for line, code, _ in EXPECTED[asset]]
    for (_, _, text), (_, _, beginning) in zip(found, EXPECTED[asset], strict=True):
        assert text.startswith(beginning)


def test_every_asset_is_tried():
    assert {path.stem for path in ASSETS.glob("*.toml")} == set(EXPECTED)


@pytest.mark.parametrize("asset", sorted(set(EXPECTED) - {"not-utf-8", "latin-1"}))
def test_windows_line_ends_and_a_byte_order_mark_change_no_line(asset):
    data = (ASSETS / f"{asset}.toml").read_bytes()
    windows = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
    assert [mistake[:2] for mistake in mistakes_of(windows)] == [mistake[:2] for mistake in mistakes_of(data)]


def test_the_message_is_one_usage_error_that_lists_all_mistakes():
    with pytest.raises(UsageError) as caught:
        load((ASSETS / "many-mistakes.toml").read_bytes(), "mine.toml")
    assert caught.value.code == "POLICY_INVALID"
    assert caught.value.message.startswith("the policy mine.toml has 10 mistakes: line 4: ")
    assert "line 21: 'expires' takes a day" in caught.value.message
    assert "docs/policies.md" in caught.value.hint


def test_a_message_stays_short_however_many_mistakes_there_are():
    with pytest.raises(PolicyError) as caught:
        load(b"x = y\n" * 5_000, "mine.toml")
    assert len(caught.value.mistakes) == 5_000
    assert caught.value.message.endswith(f"; and {5_000 - MAX_REPORTED} more")
    assert len(caught.value.message) < 10_000


def test_reading_stops_at_a_file_of_nothing_but_mistakes_and_says_so():
    with pytest.raises(PolicyError) as caught:
        load(HEAD + b"".join(b"[key%d]\n" % number for number in range(5_000)), "mine.toml")
    assert "has 200 mistakes or more" in caught.value.message


def test_long_text_is_quoted_in_part():
    ((_, _, text),) = mistakes_of(HEAD + b'[checks.source-match]\nfailed = "' + b"d" * 5_000 + b'"\n')
    assert len(text) < 250


# --- what is right


def test_a_policy_of_a_few_lines_changes_the_packaged_one_and_no_more():
    data = HEAD + b'description = "Mine."\n[checks.source-match]\nfailed = "deny"\nwhy = "We build in the open."\n'
    policy = load(data, "mine.toml")
    base = packaged("default")
    assert (policy.name, policy.description, policy.extends, policy.origin) == ("mine", "Mine.", "default", "mine.toml")
    assert policy.file_digest == Digest.of(data)
    assert policy.digest not in (base.digest, policy.file_digest)
    changed = policy.rule("source-match")
    assert changed is not None
    assert (changed.failed, changed.absent, changed.why) == (Action.DENY, Action.HOLD, "We build in the open.")
    assert changed.origins["failed"] == Origin(policy="mine", line=6, replaces="hold")
    assert changed.origins["absent"].policy == "default"
    assert [rule for rule in policy.rules if rule.check != "source-match"] == [
        rule for rule in base.rules if rule.check != "source-match"
    ]
    assert policy.settings == base.settings


@pytest.mark.parametrize("name", PACKAGED)
def test_each_packaged_policy_can_be_extended(name):
    policy = load(b'schema = 1\nname = "mine"\nextends = "%s"\n' % name.encode(), "mine.toml")
    assert policy.rules == packaged(name).rules


def test_a_byte_order_mark_and_windows_line_ends_are_read():
    policy = load(b"\xef\xbb\xbf" + (HEAD + b'[checks.provenance]\nabsent = "deny"\n').replace(b"\n", b"\r\n"), "x")
    rule = policy.rule("provenance")
    assert rule is not None
    assert (rule.absent, rule.origins["absent"].line) == (Action.DENY, 5)


def test_an_inherited_condition_gives_way_to_a_stricter_status():
    policy = load(HEAD + b'[checks.registry-signature]\nabsent = "deny"\n', "x")
    rule = policy.rule("registry-signature")
    assert rule is not None
    assert rule.conditions["absent-known-to-sign"] is Action.DENY


def test_an_inherited_company_gives_way_to_a_stricter_failure():
    text = HEAD + b'[checks.source-match]\nfailed = "deny"\n[checks.provenance]\nfailed-with-others = "deny"\n'
    rule = load(text, "x").rule("source-match")
    assert rule is not None
    assert rule.with_others is Action.DENY


def test_passed_is_allowed_where_a_whole_policy_does_not_say():
    data = packaged_bytes("default").replace(b'name = "default"', b'name = "whole"')
    policy = load(data.replace(b'passed = "allow"\n', b""), "whole.toml")
    assert {rule.check: rule.passed for rule in policy.rules} == {
        rule.check: rule.passed for rule in packaged("default").rules
    }


def test_a_waiver_is_read_whole():
    table = b"""[[waiver]]
check = "source-match"
package = "@acme/files"
version = "1.2.3-rc.1+build"
statuses = ["failed", "unchecked"]
reason = " Read by hand. "
owner = "security@acme.example"
expires = 2027-01-31
"""
    (waiver,) = load(HEAD + table, "x").waivers
    assert (waiver.check, waiver.package, waiver.version) == ("source-match", "@acme/files", "1.2.3-rc.1+build")
    assert waiver.statuses == (Status.FAILED, Status.UNCHECKED)
    assert (waiver.reason, waiver.owner, waiver.expires.isoformat()) == (
        "Read by hand.",
        "security@acme.example",
        "2027-01-31",
    )


def test_an_expired_waiver_is_kept():
    table = b'[[waiver]]\ncheck = "source-match"\npackage = "a"\nreason = "r"\nowner = "o"\nexpires = 2001-01-31\n'
    assert len(load(HEAD + table, "x").waivers) == 1


def test_waivers_of_different_statuses_or_versions_stand_side_by_side():
    waiver = b'[[waiver]]\ncheck = "source-match"\npackage = "a"\nreason = "r"\nowner = "o"\nexpires = 2027-01-31\n'
    more = waiver + b'statuses = ["failed"]\n' + waiver + b'statuses = ["absent"]\n' + waiver + b'version = "1.0.0"\n'
    assert len(load(HEAD + more, "x").waivers) == 3


def test_settings_replace_those_of_the_base():
    policy = load(HEAD + b'[settings]\nnever-waive = ["source-match"]\n', "x")
    assert policy.settings.never_waive == ("source-match",)


def test_inline_tables_and_dotted_keys_are_the_same_policy():
    dotted = load(HEAD + b'checks.source-match.failed = "deny"\n', "x")
    inline = load(HEAD + b'checks = { source-match = { failed = "deny" } }\n', "x")
    table = load(HEAD + b'[checks.source-match]\nfailed = "deny"\n', "x")
    answers = [[(rule.check, rule.failed, rule.with_others) for rule in p.rules] for p in (dotted, inline, table)]
    assert answers[0] == answers[1] == answers[2]


def test_lines_are_right_after_text_blocks_comments_and_arrays_over_several_lines():
    data = HEAD + b'description = """\n[not.a.table] = "x" # no comment\n\'\'\'\n""" # \' a comment\n\n[settings]\n'
    data += b'never-waive = [ # [ "\n  "source-match", # a ] here\n]\n[checks."provenance"]\nfailed = "dney"\n'
    assert [(line, code) for line, code, _ in mistakes_of(data)] == [(14, "POLICY_VALUE")]


# --- what would wear a reader out (C22, C23, P12)


def test_a_file_over_the_limit_is_refused_unread():
    ((_, code, text),) = mistakes_of(b"#" * (MAX_BYTES + 1))
    assert (code, text) == ("POLICY_SIZE", "it has more than 262,144 bytes")


HOSTILE = {
    "a key of 20,000 parts": (b"a" + b".a" * 20_000 + b" = 1", "POLICY_DEPTH"),
    "a key of many parts in an inline table": (b"x = { a" + b".a" * 20_000 + b" = 1 }", "POLICY_DEPTH"),
    "a header of many parts": (b"[a" + b".a" * 20_000 + b"]", "POLICY_DEPTH"),
    "quoted parts": (b'"a"' + b'."a"' * 20_000 + b" = 1", "POLICY_DEPTH"),
    "arrays 5,000 deep": (b"x = " + b"[" * 5_000 + b"]" * 5_000, "POLICY_DEPTH"),
    "inline tables 5,000 deep": (b"x = " + b"{a=" * 5_000 + b"1" + b"}" * 5_000, "POLICY_DEPTH"),
    "very many statements": (b"[a]\n" * (MAX_STATEMENTS + 1), "POLICY_SIZE"),
    "an integer of 250,000 digits": (b"schema = " + b"9" * 250_000, "POLICY_SYNTAX"),
    "a hexadecimal integer of 250,000 digits": (b"schema = 0x" + b"f" * 250_000, "POLICY_SCHEMA"),
    "quotes only": (b'"' * MAX_BYTES, "POLICY_SYNTAX"),
    "brackets only": (b"[" * MAX_BYTES, "POLICY_SYNTAX"),
    "an endless text block": (b'x = """' + b"\\\n" * 100_000, "POLICY_SYNTAX"),
    "a NUL": (b'name = "a\x00b"', "POLICY_SYNTAX"),
    "thousands of different waivers": (
        b"".join(b'[[waiver]]\npackage="p%d"\n' % n for n in range(4_900)),
        "POLICY_MISSING",
    ),
    "thousands of unknown checks": (
        HEAD + b"checks = {" + b",".join(b"k%d=1" % number for number in range(25_000)) + b"}",
        "POLICY_UNKNOWN_CHECK",
    ),
}


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_what_would_wear_a_reader_out_is_refused_soon(what):
    data, code = HOSTILE[what]
    begun = time.process_time()
    found = mistakes_of(data[:MAX_BYTES])
    assert time.process_time() - begun < 2
    assert code in {mistake[1] for mistake in found}


def test_sixteen_dots_are_read():
    key = ".".join("a" * (MAX_DOTS + 1)).encode()
    assert {mistake[1] for mistake in mistakes_of(HEAD + key + b" = 1\n")} == {"POLICY_UNKNOWN_KEY"}
    assert {mistake[1] for mistake in mistakes_of(HEAD + b"a." + key + b" = 1\n")} == {"POLICY_DEPTH"}


def test_dots_in_texts_and_comments_are_no_keys():
    load(HEAD + b'description = "' + b"." * 500 + b'" # ' + b"." * 500 + b"\n", "x")


# --- names


def test_a_name_that_no_packaged_policy_has_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'strict'") as caught:
        load_named("strct")
    assert caught.value.code == "POLICY_NAME"


def test_a_packaged_policy_is_found_by_name():
    assert load_named("audit") is packaged("audit")


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ('passed-younger = "warn"', "'min-hours' needs 'passed-younger' beside it"),
        ("min-hours = 24", "'passed-younger' needs 'min-hours' beside it"),
    ],
)
def test_a_condition_and_its_parameter_need_each_other(gone, left):
    text = packaged_bytes("default").decode().replace('name = "default"', 'name = "whole"').replace(f"{gone}\n", "")
    found = mistakes_of(text.encode())
    assert [(code, sentence) for _, code, sentence in found] == [("POLICY_MISSING", left)] * 2  # two checks have it
    assert all(text.splitlines()[line - 1].startswith(left.split("'")[1]) for line, _, _ in found)
