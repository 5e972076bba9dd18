from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from provenly.policies.decide import decide
from provenly.policies.load import load, packaged
from provenly.policies.rules import CHECK_IDS, Policy, Settings
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Package, Release
from provenly.trust.verdict import Action, Reason, Verdict

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REGISTRY = "https://npm.acme.example"
PACKAGE = Package(name="@acme/files", version="1.2.3", registry=REGISTRY, release=Release(version="1.2.3"))
DEFAULT = packaged("default")
BUILDER = "https://github.com/actions/runner/github-hosted"
NOTHING_TO_FIND = {"install-scripts", "bundled-dependencies"}


def one(check: str, status: Status = Status.PASSED, **rest) -> Evidence:
    return Evidence(check=check, status=status, summary=rest.pop("summary", f"{check} was {status}"), **rest)


def whole(*changes: Evidence) -> list[Evidence]:
    """Return evidence of every check that is as good as can be, but for ``changes``."""
    good = {check: one(check) for check in CHECK_IDS}
    good |= {check: one(check, Status.ABSENT) for check in NOTHING_TO_FIND}
    good["version-age"] = one("version-age", facts={"hours": 2_000})
    good["tree-age"] = one("tree-age", facts={"hours": 2_000})
    good["provenance-builder"] = one("provenance-builder", facts={"builder": BUILDER})
    good["source-match"] = one("source-match", facts={"traced": 0})
    return list((good | {evidence.check: evidence for evidence in changes}).values())


def verdict(*changes: Evidence, policy: Policy = DEFAULT, package: Package | None = PACKAGE) -> Verdict:
    return decide(policy, whole(*changes), package, NOW)


def reason(found: Verdict, check: str) -> Reason:
    (only,) = [item for item in found.reasons if item.check == check]
    return only


def waiving(*lines: str, extra: str = "") -> Policy:
    """Return the default with one waiver of source-match for @acme/files."""
    keys = {"check": '"source-match"', "package": '"@acme/files"', "reason": '"Read by hand."', "owner": '"Jo"'}
    keys["expires"] = "2026-11-22"
    keys |= dict(line.split(" = ", 1) for line in lines)
    table = "\n".join(f"{key} = {value}" for key, value in keys.items())
    text = f'schema = 1\nname = "mine"\nextends = "default"\n{extra}\n[[waiver]]\n{table}\n'
    return load(text.encode(), "mine.toml")


def test_a_package_with_nothing_against_it_is_allowed():
    found = verdict()
    assert found.action is Action.ALLOW
    assert [item.check for item in found.reasons] == list(CHECK_IDS)
    assert {item.turn for item in found.reasons} == {""}
    assert (found.policy, found.policy_digest, found.waivers) == ("default", DEFAULT.digest, ())


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("check", CHECK_IDS)
def test_each_cell_of_the_default_decides_by_itself(check, status):
    rule = DEFAULT.rule(check)
    assert rule is not None
    facts = {"registry": "https://npm.acme.example", "hours": 2_000, "builder": BUILDER, "traced": 0}
    found = verdict(one(check, status, facts=facts))
    assert found.action is rule.at(status)
    assert reason(found, check).action is rule.at(status)
    assert reason(found, check).status is status


def test_the_strictest_reason_decides_and_comes_first():
    found = verdict(
        one("provenance", Status.ABSENT), one("artifact-layout", Status.FAILED), one("version-known", Status.UNCHECKED)
    )
    assert found.action is Action.DENY
    assert [(item.check, item.action) for item in found.reasons[:3]] == [
        ("artifact-layout", Action.DENY),
        ("version-known", Action.HOLD),
        ("provenance", Action.WARN),
    ]
    assert [item.check for item in found.reasons[3:]] == [
        check for check in CHECK_IDS if check not in {"artifact-layout", "version-known", "provenance"}
    ]


# --- conditions


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"registry": "https://registry.npmjs.org"}, Action.HOLD),
        ({"registry": "https://registry.npmjs.org/"}, Action.HOLD),
        ({"registry": "https://npm.acme.example"}, Action.WARN),
        ({"registry": "https://npm.acme.example", "signatures_served": True}, Action.HOLD),
        ({"registry": "https://registry.npmjs.org.evil.example"}, Action.WARN),
        ({}, Action.HOLD),
        ({"registry": 7}, Action.HOLD),
    ],
)
def test_a_missing_signature_is_held_where_the_registry_is_known_to_sign(facts, expected):
    found = verdict(one("registry-signature", Status.ABSENT, facts=facts))
    assert found.action is expected
    assert ("known to sign" in reason(found, "registry-signature").text) == (expected is Action.HOLD)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"hours": 24}, Action.ALLOW),
        ({"hours": 23.9}, Action.WARN),
        ({"hours": 0}, Action.WARN),
        ({"hours": -5}, Action.WARN),
        ({"hours": True}, Action.WARN),
        ({"hours": "2000"}, Action.WARN),
        ({"hours": float("nan")}, Action.WARN),
        ({}, Action.WARN),
    ],
)
def test_a_young_version_is_warned_of(facts, expected):
    found = verdict(one("version-age", facts=facts))
    assert found.action is expected
    if expected is Action.WARN:
        assert "the policy asks for 24 hours" in reason(found, "version-age").text
        assert reason(found, "version-age").turn == "This turns by itself once the version is 24 hours old."


@pytest.mark.parametrize(
    ("facts", "expected"),
    [({"code": "DEPRECATED"}, Action.WARN), ({"code": "SECURITY_HOLDING"}, Action.DENY), ({}, Action.DENY)],
)
def test_a_deprecated_version_is_warned_of_and_a_removed_one_denied(facts, expected):
    assert verdict(one("version-status", Status.FAILED, facts=facts)).action is expected


def test_a_condition_is_of_its_status_only():
    found = verdict(one("version-status", Status.UNCHECKED, facts={"code": "DEPRECATED"}))
    assert found.action is Action.HOLD


# --- company


def test_unexplained_code_is_held_alone():
    assert verdict(one("source-match", Status.FAILED)).action is Action.HOLD


@pytest.mark.parametrize("other", ["continuity", "version-known", "manifest-match", "source-acknowledged"])
def test_unexplained_code_is_denied_beside_another_failure(other):
    found = verdict(one("source-match", Status.FAILED), one(other, Status.FAILED))
    assert reason(found, "source-match").action is Action.DENY
    assert f"{other} has failed too, which makes it a deny" in reason(found, "source-match").text


@pytest.mark.parametrize(
    "other",
    [
        one("dependencies", Status.FAILED),
        one("launch-pinned", Status.FAILED, facts={"code": "REF_UNPINNED"}),
        one("version-status", Status.FAILED, facts={"code": "DEPRECATED"}),
        one("version-known", Status.UNCHECKED),
        one("source-acknowledged", Status.ABSENT),
    ],
)
def test_a_failure_that_only_warns_and_what_has_not_failed_are_no_company(other):
    found = verdict(one("source-match", Status.FAILED), other)
    assert reason(found, "source-match").action is Action.HOLD


def test_company_is_only_for_what_failed():
    found = verdict(one("source-match", Status.UNCHECKED), one("continuity", Status.FAILED))
    assert reason(found, "source-match").action is Action.HOLD


# --- what is missing, twice or unknown


def test_no_evidence_is_denied_by_every_policy():
    for name in ("default", "strict", "audit"):
        found = decide(packaged(name), [], PACKAGE, NOW)
        assert found.action is Action.DENY
        assert {item.status for item in found.reasons} == {Status.UNCHECKED}


@pytest.mark.parametrize("check", CHECK_IDS)
def test_a_check_without_evidence_counts_as_unchecked_and_is_held_where_its_rule_could(check):
    rule = DEFAULT.rule(check)
    assert rule is not None
    found = decide(DEFAULT, [item for item in whole() if item.check != check], PACKAGE, NOW)
    assert reason(found, check).status is Status.UNCHECKED
    assert reason(found, check).text == f"there is no evidence of {check}: it was not looked at"
    assert reason(found, check).turn == f"Verify again, with a version of provenly that has the check {check}."
    warns = {"source-data", "dependencies", "provenance-workflow"}
    assert found.action is (Action.WARN if check in warns else Action.HOLD)


def test_two_results_of_one_check_are_denied_even_when_both_passed():
    found = decide(packaged("audit"), [*whole(), one("source-match")], PACKAGE, NOW)
    assert found.action is Action.DENY
    assert reason(found, "source-match").text.startswith("there are 2 results of source-match")
    assert len(found.reasons) == len(CHECK_IDS)


def test_evidence_that_no_rule_is_for_is_denied():
    found = decide(packaged("audit"), [*whole(), one("magic")], PACKAGE, NOW)
    assert found.action is Action.DENY
    assert reason(found, "magic").text == "the policy has no rule for magic: magic was passed"


# --- waivers


def test_a_waiver_lowers_a_hold_to_a_warning_and_is_shown():
    policy = waiving()
    found = verdict(one("source-match", Status.FAILED), policy=policy)
    assert found.action is Action.WARN
    assert (reason(found, "source-match").action, reason(found, "source-match").waived) == (
        Action.WARN,
        "Read by hand.",
    )
    assert found.waivers == policy.waivers


def test_a_waiver_lowers_a_denial_in_company_too_and_leaves_the_company():
    found = verdict(one("source-match", Status.FAILED), one("continuity", Status.FAILED), policy=waiving())
    assert reason(found, "source-match").action is Action.WARN
    assert found.action is Action.HOLD


def test_what_is_waived_is_no_company():
    policy = waiving('check = "continuity"')
    found = verdict(one("source-match", Status.FAILED), one("continuity", Status.FAILED), policy=policy)
    assert reason(found, "source-match").action is Action.HOLD


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABSENT, Status.UNCHECKED])
def test_a_waiver_without_statuses_accepts_all_three(status):
    assert verdict(one("source-match", status), policy=waiving()).action is Action.WARN


def test_a_waiver_accepts_only_the_statuses_that_it_names():
    policy = waiving('check = "provenance"', 'statuses = ["absent"]', extra='[checks.provenance]\nabsent = "deny"')
    assert verdict(one("provenance", Status.ABSENT), policy=policy).action is Action.WARN
    assert verdict(one("provenance", Status.FAILED), policy=policy).action is Action.DENY


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('version = "1.2.3"', Action.WARN),
        ('version = "1.2.30"', Action.HOLD),
        ('package = "@acme/file"', Action.HOLD),
        ('package = "@ACME/files"', Action.HOLD),
        ('package = "files"', Action.HOLD),
        ('check = "source-data"', Action.HOLD),
    ],
)
def test_a_waiver_is_exact(line, expected):
    assert verdict(one("source-match", Status.FAILED), policy=waiving(line)).action is expected


def test_a_waiver_of_a_version_is_of_no_longer_one():
    longer = replace(PACKAGE, version="1.2.30", release=Release(version="1.2.30"))
    policy = waiving('version = "1.2.3"')
    assert verdict(one("source-match", Status.FAILED), policy=policy, package=longer).action is Action.HOLD


def test_no_waiver_applies_to_what_is_never_waived_even_in_a_policy_made_by_hand():
    policy = replace(waiving(), settings=Settings(never_waive=("source-match",)))
    assert verdict(one("source-match", Status.FAILED), policy=policy).action is Action.HOLD


def test_no_waiver_applies_where_the_package_is_not_known():
    assert verdict(one("source-match", Status.FAILED), policy=waiving(), package=None).action is Action.HOLD


def test_no_waiver_applies_to_a_file_that_calls_itself_like_the_package():
    itself = replace(PACKAGE, registry="")
    found = verdict(one("source-match", Status.FAILED), policy=waiving(), package=itself)
    assert (found.action, found.waivers) == (Action.HOLD, ())


def test_a_waiver_holds_through_its_last_day_in_utc_and_no_longer():
    evidence = whole(one("source-match", Status.FAILED))
    last = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    assert decide(waiving(), evidence, PACKAGE, last).action is Action.WARN
    ended = decide(waiving(), evidence, PACKAGE, last + timedelta(seconds=1))
    assert ended.action is Action.HOLD
    assert ended.waivers == ()
    assert "the waiver by Jo ended on 2026-11-22" in reason(ended, "source-match").text
    east = datetime(2026, 11, 23, 5, 0, tzinfo=timezone(timedelta(hours=9)))  # 20:00 of the day before in UTC
    assert decide(waiving(), evidence, PACKAGE, east).action is Action.WARN
    assert decide(waiving(), evidence, PACKAGE, east + timedelta(hours=4)).action is Action.HOLD


def test_a_waiver_never_makes_a_warning_an_allowance():
    found = verdict(one("source-data", Status.FAILED), policy=waiving('check = "source-data"'))
    assert found.action is Action.WARN
    assert found.waivers == ()
    assert reason(found, "source-data").waived == ""


def test_no_waiver_accepts_what_nobody_looked_at():
    evidence = [item for item in whole() if item.check != "source-match"]
    assert decide(waiving(), evidence, PACKAGE, NOW).action is Action.HOLD


# --- sentences


def test_a_failure_says_what_was_expected_and_found():
    failed = one("artifact-integrity", Status.FAILED, summary="other bytes", expected="sha512-A", actual="sha512-B")
    assert reason(verdict(failed), "artifact-integrity").text == "other bytes (expected sha512-A; found sha512-B)"


def test_what_the_summary_says_already_is_not_said_twice_and_long_values_are_cut():
    failed = one("manifest-match", Status.FAILED, summary="found bin", expected="x" * 1_000, actual="bin")
    assert reason(verdict(failed), "manifest-match").text == f"found bin (expected {'x' * 160}…)"


def test_the_hint_of_the_evidence_says_what_would_turn_it():
    found = verdict(one("provenance", Status.ABSENT, hint="Publish with --provenance."))
    assert reason(found, "provenance").turn == "Publish with --provenance."


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABSENT, Status.UNCHECKED])
@pytest.mark.parametrize("check", CHECK_IDS)
def test_every_reason_that_is_no_allowance_says_in_one_sentence_what_would_turn_it(check, status):
    found = reason(verdict(one(check, status)), check)
    if found.action is Action.ALLOW:
        assert found.turn == ""
    else:
        assert found.turn.startswith("This turns ")
        assert found.turn.count(". ") == 0
        assert found.turn.endswith(".")


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({"traced": 0}, Action.ALLOW),
        ({"traced": 1}, Action.WARN),
        ({}, Action.WARN),
        ({"traced": "0"}, Action.WARN),
        ({"traced": False}, Action.WARN),
    ],
)
def test_files_that_are_traced_only_are_a_warning_which_says_so(facts, action):
    found = verdict(one("source-match", facts=facts))
    assert reason(found, "source-match").action is action
    if action is Action.WARN:
        assert "a statement which was left out would not be seen" in reason(found, "source-match").text
        assert "reproduced" in reason(found, "source-match").turn
