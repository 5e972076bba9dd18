"""Who may build a package: which identities are accepted, and what becomes of all others (threats B, P04)."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from provenly.policies.decide import decide
from provenly.policies.identities import FACTS, IdentityRule, allowed, fits_ref, matches
from provenly.policies.lint import lint
from provenly.policies.load import load
from provenly.policies.mistakes import PolicyError
from provenly.policies.rules import Policy
from provenly.policies.show import describe
from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Status
from provenly.trust.model import Package, Release
from provenly.trust.verdict import Action
from tests.policies.test_decide import NOW, PACKAGE, one, reason, whole

HEAD = 'schema = 1\nname = "mine"\nextends = "default"\n'

GITHUB = "https://token.actions.githubusercontent.com"

FULL = {
    "package": '"@acme/files"',
    "repository-id": "890668799",
    "owner-id": "182288589",
    "repository": '"https://github.com/acme/servers"',
    "workflow": '".github/workflows/release.yml"',
    "ref": '"refs/tags/v*"',
    "builder": '"https://github.com/actions/runner/github-hosted"',
}

GENUINE = {
    "issuer": GITHUB,
    "repository_id": "890668799",
    "owner_id": "182288589",
    "repository": "https://github.com/acme/servers",
    "workflow": ".github/workflows/release.yml",
    "ref": "refs/tags/v1.2.3",
    "builder": "https://github.com/actions/runner/github-hosted",
}


EXACT = '"refs/tags/v1.2.3"'


def table(**changes: str | None) -> str:
    keys = FULL | {key.replace("_", "-"): value for key, value in changes.items()}
    return "[[identities]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value is not None)


@cache
def policy(*tables: str) -> Policy:
    return load((HEAD + "".join(tables or (table(),))).encode(), "mine.toml")


def rule(**changes: str | None) -> IdentityRule:
    return policy(table(**changes)).identities[0]


def verdict(of: Policy, *changes, package: Package = PACKAGE, facts=None):
    identity = one("provenance-identity", facts=GENUINE if facts is None else facts)
    return decide(of, whole(identity, *changes), package, NOW)


# --- what fits


def test_the_genuine_identity_is_accepted():
    matches(rule(), GENUINE)
    assert verdict(policy()).action is Action.ALLOW


def test_the_issuer_of_a_known_forge_goes_with_its_repository():
    assert rule().fields["issuer"] == GITHUB
    gitlab = rule(repository='"https://gitlab.com/acme/tools/files"', builder=None)
    assert gitlab.fields["issuer"] == "https://gitlab.com"


@pytest.mark.parametrize("key", FACTS)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: None,
        lambda text: text + "x",
        lambda text: "x" + text,
        lambda text: text + "/evil",
        lambda text: text + "\n",
        lambda text: text + "\x00",
        lambda text: " " + text,
        lambda text: text[1:],
        lambda text: text[:-1],
        lambda text: text.upper() if text.upper() != text else text + " ",
        lambda text: int(text) if text.isdigit() else [text],
        lambda text: {"is": text},
    ],
)
def test_a_fact_that_differs_anywhere_or_is_missing_fits_nothing(key, change):
    value = change(GENUINE[FACTS[key]])
    with pytest.raises(RejectedError) as caught:
        matches(rule(ref=EXACT), GENUINE | {FACTS[key]: value})
    assert caught.value.code == "POLICY_IDENTITY"
    assert caught.value.expected.startswith(f"{key} ")
    found = verdict(policy(table(ref=EXACT)), facts=GENUINE | {FACTS[key]: value})
    assert found.action is Action.DENY
    assert f"expected is {key} " in reason(found, "provenance-identity").text


@pytest.mark.parametrize("key", FACTS)
def test_facts_that_nobody_recorded_fit_nothing(key):
    facts = {name: value for name, value in GENUINE.items() if name != FACTS[key]}
    with pytest.raises(RejectedError, match=f"found was no {key}"):
        matches(rule(), facts)


@pytest.mark.parametrize("key", sorted(set(FACTS) - {"ref"}))
def test_a_star_is_a_star_everywhere_but_in_a_ref(key):
    """The reader of policies refuses most of them; a rule that was made otherwise accepts no more for that."""
    for pattern in ("*", GENUINE[FACTS[key]][:-1] + "*", "*" + GENUINE[FACTS[key]]):
        with pytest.raises(RejectedError):
            matches(IdentityRule(package="@acme/files", fields={key: pattern}), GENUINE)


@pytest.mark.parametrize("key", FACTS)
@pytest.mark.parametrize("value", ["", None, 7])
def test_an_empty_fact_is_none(key, value):
    with pytest.raises(RejectedError, match=f"found was no {key}$"):
        matches(rule(), GENUINE | {FACTS[key]: value})
    with pytest.raises(RejectedError):
        matches(IdentityRule(package="@acme/files", fields={key: ""}), GENUINE | {FACTS[key]: value})


def test_a_rule_that_asks_for_nothing_fits_nobody():
    with pytest.raises(RejectedError):
        matches(IdentityRule(package="a", fields={}), GENUINE)


@pytest.mark.parametrize(
    ("pattern", "ref", "fits"),
    [
        ("refs/heads/main", "refs/heads/main", True),
        ("refs/heads/main", "refs/heads/main2", False),
        ("refs/heads/main", "refs/heads/Main", False),
        ("refs/heads/main", "refs/tags/main", False),
        ("refs/heads/main", "x/refs/heads/main", False),
        ("refs/heads/main", "refs/heads/main/x", False),
        ("refs/tags/v*", "refs/tags/v1.2.3", True),
        ("refs/tags/v*", "refs/tags/v", True),
        ("refs/tags/v*", "refs/tags/v1/2", False),
        ("refs/tags/v*", "refs/tags/xv1", False),
        ("refs/tags/v*", "refs/heads/v1", False),
        ("refs/tags/v*.0", "refs/tags/v1.0", True),
        ("refs/tags/v*.0", "refs/tags/v.0", True),
        ("refs/tags/v*.0", "refs/tags/v.0.1", False),
        ("refs/tags/a*a", "refs/tags/a", False),
        ("refs/tags/a*a", "refs/tags/aa", True),
        ("refs/tags/*@1.*.*", "refs/tags/files@1.2.3", True),
        ("refs/tags/*@1.*.*", "refs/tags/files@11.2.3", False),
        ("refs/tags/*@1.*.*", "refs/tags/files@1.2", False),
        ("refs/tags/@acme/*", "refs/tags/@acme/files@1.0.0", True),
        ("refs/tags/*", "refs/tags/a/b", False),
        ("refs/tags/*b*c*", "refs/tags/abbc", True),
        ("refs/tags/*bb*b*", "refs/tags/abb", False),
        ("refs/tags/v.*", "refs/tags/v1", False),
    ],
)
def test_a_star_stands_for_a_part_of_one_segment(pattern, ref, fits):
    assert fits_ref(pattern, ref) is fits


# --- which entries count


def test_several_entries_are_several_accepted_identities():
    other = policy(table(repository_id="1"), table(repository_id="2", owner_id="7"), table())
    assert verdict(other).action is Action.ALLOW
    found = verdict(other, facts=GENUINE | {"repository_id": "3"})
    assert "expected is repository-id 1, or one of 2 more; found is repository-id 3" in found.reasons[0].text


def test_the_entries_of_a_name_count_instead_of_those_of_its_scope():
    narrow = policy(table(package='"@acme/*"'), table(repository_id="5"))
    assert [entry.fields["repository-id"] for entry in allowed(narrow, "@acme/files")] == ["5"]
    assert verdict(narrow).action is Action.DENY
    assert len(allowed(narrow)) == 2


@pytest.mark.parametrize(
    ("package", "listed"),
    [
        ("@acme/files", True),
        ("@acme/", True),
        ("@acmex/files", False),
        ("@ACME/files", False),
        ("acme/files", False),
        ("@acme", False),
        ("files", False),
    ],
)
def test_a_scope_is_whole(package, listed):
    assert bool(allowed(policy(table(package='"@acme/*"')), package)) is listed


@pytest.mark.parametrize("name", ["@acme/file", "@acme/filess", "@Acme/files", "files"])
def test_other_packages_are_not_held_to_a_list(name):
    other = Package(name=name, version="1.2.3", registry="https://r.example", release=Release(version="1.2.3"))
    assert verdict(policy(), package=other, facts={}).action is Action.ALLOW


def test_a_file_on_disk_is_held_to_the_list_of_the_name_that_it_has():
    local = Package(name="@acme/files", version="1.2.3", release=Release(version="1.2.3"))
    assert verdict(policy(), package=local, facts={}).action is Action.DENY


# --- what becomes of the others


@pytest.mark.parametrize("check", ["provenance", "provenance-identity"])
@pytest.mark.parametrize("status", [Status.ABSENT, Status.UNCHECKED, Status.FAILED])
def test_a_listed_package_without_proof_is_denied(check, status):
    found = decide(policy(), whole(one("provenance-identity", facts=GENUINE), one(check, status)), PACKAGE, NOW)
    assert found.action is Action.DENY
    if not (check == "provenance-identity" and status is Status.FAILED):
        assert f"{check} is {status}, so that nothing proves who built it" in reason(found, "provenance-identity").text


@pytest.mark.parametrize("check", ["provenance", "provenance-identity"])
def test_leaving_the_evidence_out_is_denied_too(check):
    evidence = [item for item in whole(one("provenance-identity", facts=GENUINE)) if item.check != check]
    assert decide(policy(), evidence, PACKAGE, NOW).action is Action.DENY


def test_otherwise_may_be_a_hold_and_the_strictest_of_a_package_counts():
    lenient = table(otherwise='"hold"')
    assert verdict(policy(lenient), facts={}).action is Action.HOLD
    assert verdict(policy(lenient, table(repository_id="5")), facts={}).action is Action.DENY


def test_an_audit_denies_what_its_own_list_denies():
    text = (HEAD.replace('"default"', '"audit"') + table()).encode()
    assert verdict(load(text, "x"), facts={}).action is Action.DENY
    evidence = [item for item in whole() if item.check != "provenance-identity"]
    assert decide(load(text, "x"), evidence, PACKAGE, NOW).action is Action.DENY


def test_the_reason_says_what_was_expected_found_and_what_would_turn_it():
    found = reason(verdict(policy(), facts=GENUINE | {"ref": "refs/heads/evil"}), "provenance-identity")
    assert (found.status, found.action) == (Status.PASSED, Action.DENY)
    assert found.text.endswith(
        "the policy lists who may build @acme/files: expected is ref refs/tags/v*; found is ref refs/heads/evil"
    )
    assert found.turn.startswith("This turns once the version is built by an identity that the policy mine lists")


def test_the_reason_says_how_many_identities_are_accepted():
    several = policy(table(), table(repository_id="5"), table(repository_id="6"))
    found = reason(verdict(several, facts=GENUINE | {"ref": "refs/heads/evil"}), "provenance-identity").text
    assert "expected is ref refs/tags/v*, or one of 2 more; found is" in found
    unproven = decide(several, whole(one("provenance-identity", Status.ABSENT)), PACKAGE, NOW)
    assert ", or by 2 more; " in reason(unproven, "provenance-identity").text
    alone = decide(policy(), whole(one("provenance-identity", Status.ABSENT)), PACKAGE, NOW)
    assert " more" not in reason(alone, "provenance-identity").text


WAIVER = """[[waiver]]
check = "provenance-identity"
package = "@acme/files"
version = "1.2.3"
reason = "Published by hand while the forge was down."
owner = "Jo"
expires = 2026-12-01
"""


def test_a_waiver_accepts_that_nothing_proves_who_built_it_and_never_that_somebody_else_did():
    waived = policy(table(), WAIVER)
    absent = decide(
        waived, whole(one("provenance-identity", Status.ABSENT), one("provenance", Status.ABSENT)), PACKAGE, NOW
    )
    assert absent.action is Action.WARN
    assert reason(absent, "provenance-identity").waived
    assert verdict(waived, facts=GENUINE | {"repository_id": "1"}).action is Action.DENY


# --- the publisher, whom nobody signs


def test_a_publisher_is_asked_beside_what_is_signed():
    named = Package(
        name="@acme/files",
        version="1.2.3",
        registry="https://r.example",
        release=Release(version="1.2.3", publisher="acme-bot"),
    )
    asking = policy(table(publisher='"acme-bot"'))
    assert verdict(asking, package=named).action is Action.ALLOW
    assert verdict(asking).action is Action.DENY
    assert str(asking.identities[0]).endswith(", publisher acme-bot")
    local = Package(name="@acme/files", version="1.2.3", release=Release(version="1.2.3", publisher="acme-bot"))
    assert verdict(asking, package=local).action is Action.DENY  # no registry said so
    with pytest.raises(RejectedError, match="no publisher"):
        matches(asking.identities[0], GENUINE)


# --- mistakes


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"package": None}, "POLICY_MISSING", "'package' is missing"),
        ({"package": '"*"'}, "POLICY_VALUE", "'package' takes the exact name"),
        ({"package": '"@acme/fi*"'}, "POLICY_VALUE", "'package' takes the exact name"),
        ({"package": '"@*/files"'}, "POLICY_VALUE", "'package' takes the exact name"),
        ({"repository_id": "-1"}, "POLICY_VALUE", "'repository-id' takes the forge's number"),
        ({"repository_id": "1.5"}, "POLICY_TYPE", "'repository-id' takes the forge's number"),
        ({"repository_id": "true"}, "POLICY_TYPE", "'repository-id' takes the forge's number"),
        ({"repository_id": "9" * 30}, "POLICY_VALUE", "'repository-id' takes the forge's number"),
        ({"owner_id": '"007"'}, "POLICY_VALUE", "'owner-id' takes the forge's number"),
        ({"owner_id": '""'}, "POLICY_VALUE", "'owner-id' takes the forge's number"),
        ({"repository": '"https://github.com/acme/*"'}, "POLICY_VALUE", "'repository' takes the https URL"),
        ({"repository": '"https://github.com/acme/servers/"'}, "POLICY_VALUE", "'repository' takes the https URL"),
        ({"repository": '"https://github.com/acme/servers.git"'}, "POLICY_VALUE", "'repository' takes the https URL"),
        ({"repository": '"git+https://github.com/acme/servers"'}, "POLICY_VALUE", "'repository' takes the https URL"),
        ({"repository": '"https://github.com/acme/../evil"'}, "POLICY_VALUE", "'repository' takes the https URL"),
        ({"repository": '"acme/servers"'}, "POLICY_VALUE", "'repository' takes the https URL"),
        ({"workflow": '"/.github/workflows/a.yml"'}, "POLICY_VALUE", "'workflow' takes the path"),
        ({"workflow": '"a.yml@refs/heads/main"'}, "POLICY_VALUE", "'workflow' takes the path"),
        ({"workflow": '".github/workflows/*"'}, "POLICY_VALUE", "'workflow' takes the path"),
        ({"workflow": '""'}, "POLICY_VALUE", "'workflow' takes the path"),
        ({"ref": '"*"'}, "POLICY_VALUE", "'ref' takes a whole ref"),
        ({"ref": '"main"'}, "POLICY_VALUE", "'ref' takes a whole ref"),
        ({"ref": '"refs/*/v1"'}, "POLICY_VALUE", "'ref' takes a whole ref"),
        ({"ref": '"refs/pull/1/merge"'}, "POLICY_VALUE", "'ref' takes a whole ref"),
        ({"ref": '"refs/tags/v[0-9]"'}, "POLICY_VALUE", "'ref' takes a whole ref"),
        ({"ref": f'"refs/tags/{"*a" * 9}"'}, "POLICY_VALUE", "'ref' takes a whole ref"),
        ({"builder": '"https://github.com/actions/*"'}, "POLICY_VALUE", "'builder' takes the URI"),
        ({"issuer": '"https://*.example"'}, "POLICY_VALUE", "'issuer' takes an https URL"),
        ({"issuer": '"http://token.actions.githubusercontent.com"'}, "POLICY_VALUE", "'issuer' takes an https URL"),
        ({"publisher": '"*"'}, "POLICY_VALUE", "'publisher' takes one account"),
        ({"publisher": "7"}, "POLICY_TYPE", "'publisher' takes text in quotes"),
        ({"otherwise": '"warn"'}, "POLICY_VALUE", "'otherwise' takes hold or deny"),
        ({"otherwise": '"allow"'}, "POLICY_VALUE", "'otherwise' takes hold or deny"),
        ({"otherwise": "true"}, "POLICY_TYPE", "'otherwise' takes text in quotes"),
        ({"owner": '"acme"'}, "POLICY_UNKNOWN_KEY", "whose repository it is, is said by 'owner-id'"),
        ({"repositry": '"x"'}, "POLICY_UNKNOWN_KEY", "did you mean 'repository'?"),
        ({"repository": None}, "POLICY_MISSING", "a number means something on one forge only"),
        ({"repository": '"https://git.acme.example/a/b"'}, "POLICY_MISSING", "who vouches for builds on git.acme.ex"),
        (
            {"repository": None, "repository_id": None, "owner_id": None, "issuer": f'"{GITHUB}"'},
            "POLICY_MISSING",
            "the identity belongs to nobody",
        ),
        (
            {**dict.fromkeys(("repository", "repository_id", "owner_id")), "publisher": '"acme-bot"'},
            "POLICY_MISSING",
            "the identity belongs to nobody",
        ),
    ],
)
def test_an_entry_that_could_mean_more_than_it_says_is_a_mistake(changes, code, words):
    text = HEAD + table(**changes)
    with pytest.raises(PolicyError) as caught:
        load(text.encode(), "mine.toml")
    (mistake,) = caught.value.mistakes
    assert mistake.code == code
    assert words in mistake.text
    key = next(iter(changes)).replace("_", "-")
    line = text.splitlines()[mistake.line - 1]
    assert line.startswith(f"{key} = ") or code == "POLICY_MISSING"


def test_the_same_entry_twice_is_a_mistake():
    with pytest.raises(PolicyError, match="the same identity is already listed on line 4"):
        policy(table(), table(why='"Again."'))


def test_identities_are_tables():
    for wrong in ('identities = "@acme/files"', "[identities]\npackage = 'a'"):
        with pytest.raises(PolicyError, match="'identities' takes tables, each under"):
            load((HEAD + wrong).encode(), "x")


# --- what is odd, and what is shown


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"ref": None}, ["POLICY_IDENTITY_BROAD"]),
        ({"workflow": None}, ["POLICY_IDENTITY_BROAD"]),
        ({"ref": '"refs/heads/*"'}, ["POLICY_IDENTITY_BROAD"]),
        ({"ref": '"refs/tags/**/*"'}, ["POLICY_IDENTITY_BROAD"]),
        ({"repository": None, "repository_id": None, "issuer": f'"{GITHUB}"'}, ["POLICY_IDENTITY_BROAD"]),
        ({"repository_id": None, "owner_id": None}, ["POLICY_IDENTITY_NAME"]),
        ({"publisher": '"acme-bot"'}, ["POLICY_IDENTITY_UNSIGNED"]),
    ],
)
def test_what_accepts_more_than_it_seems_is_named(changes, codes):
    notes = [note for note in lint(policy(table(**changes)), date(2026, 11, 22)) if note.where == "@acme/files"]
    assert [note.code for note in notes] == codes


def test_identities_are_shown_with_their_lines():
    (row,) = [row for row in describe(policy(table(why='"Ours."'))) if row.key == "identity"]
    assert (row.check, row.policy, row.line, row.why) == ("provenance-identity", "mine", 4, "Ours.")
    assert row.value == (
        f"@acme/files: issuer {GITHUB}, repository-id 890668799, owner-id 182288589, repository "
        "https://github.com/acme/servers, workflow .github/workflows/release.yml, ref refs/tags/v*, builder "
        "https://github.com/actions/runner/github-hosted, otherwise deny"
    )
