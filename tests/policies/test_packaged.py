"""The packaged policies, cell by cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import provenly.policies
from provenly.policies.decide import decide
from provenly.policies.lint import lint
from provenly.policies.load import PACKAGED, packaged, packaged_bytes
from provenly.policies.read_rules import value_of
from provenly.policies.rules import CHECK_IDS, TREE
from provenly.trust.digest import Digest
from provenly.trust.errors import UsageError
from provenly.trust.evidence import Status
from provenly.trust.verdict import Action
from tests.policies.conditions import NOW, SUBJECT, one, package, whole

DEFAULT = """
check                 passed  failed  absent  unchecked
artifact-integrity    allow   deny    deny    hold
artifact-layout       allow   deny    deny    hold
manifest-match        allow   deny    deny    hold
registry-signature    allow   deny    warn    hold
publish-attestation   allow   deny    warn    hold
publish-identity      allow   deny    allow   hold
provenance            allow   deny    warn    hold
provenance-identity   allow   deny    allow   hold
provenance-builder    allow   hold    allow   hold
provenance-source     allow   deny    allow   hold
provenance-commit     allow   deny    allow   hold
provenance-workflow   allow   warn    allow   warn
source-reachable      allow   hold    hold    hold
source-acknowledged   allow   deny    hold    hold
source-match          allow   hold    hold    hold
source-data           allow   warn    warn    warn
version-known         allow   hold    hold    hold
install-scripts       warn    hold    allow   hold
bundled-dependencies  warn    hold    allow   hold
dependencies          allow   warn    allow   warn
tree-complete         allow   hold    allow   hold
tree-integrity        allow   deny    allow   hold
tree-signatures       allow   deny    warn    hold
tree-provenance       allow   deny    allow   hold
tree-scripts          allow   warn    allow   hold
tree-status           allow   deny    allow   hold
tree-age              allow   hold    warn    hold
version-status        allow   deny    warn    hold
version-age           allow   hold    warn    warn
continuity            allow   hold    warn    warn
launch-pinned         allow   hold    allow   hold
"""

CONDITIONS = {
    ("registry-signature", "absent-known-to-sign"): Action.HOLD,
    ("source-match", "failed-with-others"): Action.DENY,
    ("launch-pinned", "failed-unpinned"): Action.WARN,
    ("version-status", "failed-deprecated"): Action.WARN,
    ("version-age", "passed-younger"): Action.WARN,
    ("provenance-builder", "passed-unlisted"): Action.HOLD,
    ("source-match", "passed-traced"): Action.WARN,
    ("tree-status", "failed-deprecated"): Action.WARN,
    ("tree-age", "passed-younger"): Action.WARN,
    **{(check, "unchecked-not-asked"): Action.ALLOW for check in TREE},
}
"""What the default says beside its four columns."""

BUILDERS = (
    "https://github.com/actions/runner/github-hosted",
    "https://github.com/actions/runner",
    "https://gitlab.com/-/runners/gitlab-hosted",
)

ASKED_FOR = {"registry-signature", "publish-attestation", "provenance"}
"""What the strict policy wants and the default does without."""

OPEN_TO_STRANGERS = {("provenance-workflow", Status.FAILED), ("provenance-workflow", Status.UNCHECKED)}
"""What the default warns of and a gate, which can ask nobody, denies."""


def cells(name: str) -> dict[tuple[str, Status], Action]:
    return {(rule.check, status): rule.at(status) for rule in packaged(name).rules for status in Status}


def refinements(name: str) -> dict[tuple[str, str], Action]:
    found = {(rule.check, key): action for rule in packaged(name).rules for key, action in rule.conditions.items()}
    company = {
        (rule.check, "failed-with-others"): rule.with_others for rule in packaged(name).rules if rule.with_others
    }
    return {**found, **company}


def test_the_default_says_what_the_table_says():
    header, *rows = [line.split() for line in DEFAULT.split("\n") if line]
    table = {
        (row[0], Status(status)): Action(action)
        for row in rows
        for status, action in zip(header[1:], row[1:], strict=True)
    }
    assert cells("default") == table
    assert refinements("default") == CONDITIONS


def test_the_default_asks_for_a_day_and_knows_who_signs():
    policy = packaged("default")
    options = {rule.check: dict(rule.options) for rule in policy.rules if rule.options}
    assert options == {
        "version-age": {"min-hours": 24},
        "tree-age": {"min-hours": 24},
        "registry-signature": {"known-to-sign": ("https://registry.npmjs.org",)},
        "provenance-builder": {"builders": BUILDERS},
    }


def test_by_default_whoever_keeps_a_lie_from_being_seen_gains_no_passage():
    for rule in packaged("default").rules:
        if rule.failed is Action.DENY:
            assert rule.unchecked is Action.HOLD


def test_strict_turns_every_hold_into_deny_and_asks_for_signatures_and_provenance():
    expected = {
        (check, status): Action.DENY
        if action is Action.HOLD
        or (check in ASKED_FOR and status is Status.ABSENT)
        or (check, status) in OPEN_TO_STRANGERS
        else action
        for (check, status), action in cells("default").items()
    }
    assert cells("strict") == expected
    assert refinements("strict") == {
        ("launch-pinned", "failed-unpinned"): Action.WARN,
        ("version-status", "failed-deprecated"): Action.WARN,
        ("version-age", "passed-younger"): Action.WARN,
        ("provenance-builder", "passed-unlisted"): Action.DENY,
        ("source-match", "passed-traced"): Action.DENY,
        ("tree-status", "failed-deprecated"): Action.WARN,
        ("tree-age", "passed-younger"): Action.WARN,
        **{(check, "unchecked-not-asked"): Action.ALLOW for check in TREE},
    }


def test_audit_warns_of_what_the_default_stops_and_stops_nothing():
    expected = {
        cell: Action.WARN if action in {Action.HOLD, Action.DENY} else action
        for cell, action in cells("default").items()
    }
    assert cells("audit") == expected
    assert refinements("audit") == {
        ("source-match", "passed-traced"): Action.WARN,
        ("version-age", "passed-younger"): Action.WARN,
        ("tree-age", "passed-younger"): Action.WARN,
        **{(check, "unchecked-not-asked"): Action.ALLOW for check in TREE},
    }


@pytest.mark.parametrize("name", PACKAGED)
def test_each_has_one_rule_for_every_check_and_says_why(name):
    policy = packaged(name)
    assert policy.name == name
    assert policy.description
    assert tuple(rule.check for rule in policy.rules) == CHECK_IDS
    assert all(rule.why for rule in policy.rules)
    assert policy.waivers == ()
    assert policy.identities == ()


@pytest.mark.parametrize("name", PACKAGED)
def test_each_spells_out_every_status(name):
    """Nothing in a packaged policy is left to a default of the format."""
    for rule in packaged(name).rules:
        assert {str(status) for status in Status} <= set(rule.origins)


def test_default_and_strict_never_waive_what_the_bytes_are():
    for name in ("default", "strict"):
        assert packaged(name).settings.never_waive == ("artifact-integrity", "artifact-layout")


def test_the_weak_places_of_the_packaged_policies_are_known():
    today = date(2026, 11, 22)
    places = {name: [(note.code, note.where) for note in lint(packaged(name), today)] for name in PACKAGED}
    soft = [("POLICY_WEAK", "version-age"), ("POLICY_WEAK", "continuity")]
    assert places == {"default": soft, "strict": soft, "audit": [("POLICY_WEAK", "")], "procurement": []}


def test_the_names_are_those_of_the_files():
    folder = Path(provenly.policies.__file__).parent
    assert {path.stem for path in folder.glob("*.toml")} == set(PACKAGED)


def test_the_digest_is_of_what_decides_and_that_of_the_file_is_there_too():
    assert packaged("default").file_digest == Digest.of(packaged_bytes("default"))
    assert packaged("default").digest != packaged("default").file_digest


def test_other_names_are_refused():
    for name in ("", "../default", "default.toml", "procurements"):
        with pytest.raises(UsageError):
            packaged(name)


PROCUREMENT = {
    "registry-signature": {"absent": "hold"},
    "provenance-workflow": {"failed": "hold", "unchecked": "hold"},
    "source-match": {"passed-traced": "hold"},
    "source-data": {"failed": "hold", "absent": "hold", "unchecked": "hold"},
    "dependencies": {"failed": "hold", "unchecked": "hold"},
    "tree-complete": {"unchecked-not-asked": "hold"},
    "tree-scripts": {"failed": "hold"},
    "tree-status": {"failed-deprecated": "hold"},
    "tree-age": {"passed-younger": "hold", "min-hours": "168"},
    "version-status": {"failed-deprecated": "hold", "absent": "hold"},
    "version-age": {"passed-younger": "hold", "absent": "hold", "unchecked": "hold", "min-hours": "168"},
    "continuity": {"unchecked": "hold"},
    "launch-pinned": {"failed-unpinned": "hold"},
}
"""What procurement says otherwise than the default, which it extends."""


def test_procurement_holds_what_a_buyer_has_to_ask_about():
    found: dict[str, dict[str, str]] = {}
    for rule in packaged("procurement").rules:
        base = packaged("default").rule(rule.check)
        for key in rule.origins:
            if key != "why" and value_of(rule, key) != value_of(base, key):
                found.setdefault(rule.check, {})[key] = value_of(rule, key)
    assert found == PROCUREMENT


def test_procurement_is_never_milder_than_the_default():
    assert all(
        action.rank >= other.rank
        for action, other in zip(cells("procurement").values(), cells("default").values(), strict=True)
    )


@pytest.mark.parametrize(
    ("changes", "subject", "expected"),
    [
        ([], SUBJECT, Action.ALLOW),
        ([one("provenance", Status.ABSENT)], SUBJECT, Action.WARN),
        (
            [one("source-match", facts={"traced": 1})],
            replace(SUBJECT, files={**SUBJECT.files, "traced": 1}),
            Action.HOLD,
        ),
        (
            [one("provenance", Status.ABSENT)],
            replace(SUBJECT, files={**SUBJECT.files, "unexplained": 1}),
            Action.HOLD,
        ),
        ([one("provenance", Status.ABSENT)], replace(SUBJECT, files=None), Action.HOLD),
        ([], replace(SUBJECT, licences=()), Action.HOLD),
        ([], replace(SUBJECT, licences=("UNLICENSED",)), Action.HOLD),
        ([], replace(SUBJECT, licences=("SEE LICENSE IN EULA",)), Action.HOLD),
        ([], replace(SUBJECT, licences=None), Action.HOLD),
        ([], replace(SUBJECT, dependencies=({"name": "a", "licence": ""},)), Action.HOLD),
        ([], replace(SUBJECT, dependencies=({"name": "a", "licence": "ISC"},)), Action.ALLOW),
        ([], replace(SUBJECT, dependencies=({"name": "a"},)), Action.HOLD),
        ([one("tree-complete", Status.UNCHECKED, facts={"code": "NOT_ASKED"})], SUBJECT, Action.HOLD),
        ([one("source-data", Status.FAILED)], SUBJECT, Action.HOLD),
    ],
)
def test_procurement_wants_proof_licences_and_a_whole_inventory(changes, subject, expected):
    assert decide(packaged("procurement"), whole(*changes), package(), NOW, subject).action is expected
