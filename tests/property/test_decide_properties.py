"""What holds of every verdict, whatever the policy and the evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenly.policies.clauses import REASON, Clause
from provenly.policies.decide import decide
from provenly.policies.identities import CHECK, IdentityRule, allowed
from provenly.policies.load import PACKAGED, packaged
from provenly.policies.rules import CHECK_IDS, WAIVABLE, Policy, Rule, Settings, conditions_of
from provenly.policies.scopes import Scope
from provenly.trust.digest import Digest
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Package, Release
from provenly.trust.verdict import Action, Waiver, strictest

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Machines that run several tests at once are slow, which says nothing about a verdict."""

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BUILDER = "https://github.com/actions/runner/github-hosted"
NAMES = ("a", "@acme/b")
VERSIONS = ("1.0.0", "2.0.0")

actions = st.sampled_from(Action)
json_values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
facts = st.fixed_dictionaries(
    {},
    optional={
        "hours": json_values,
        "registry": st.one_of(json_values, st.sampled_from(["https://registry.npmjs.org", "https://npm.acme.example"])),
        "signatures_served": json_values,
        "issuer": st.one_of(json_values, st.just(BUILDER)),
        "builder": st.one_of(json_values, st.just(BUILDER)),
        "code": st.one_of(json_values, st.just("DEPRECATED")),
    },
)


def evidence_of(checks: st.SearchStrategy[str]) -> st.SearchStrategy[Evidence]:
    return st.builds(
        Evidence,
        check=checks,
        status=st.sampled_from(Status),
        summary=st.text(max_size=10),
        expected=st.text(max_size=10),
        actual=st.text(max_size=10),
        hint=st.text(max_size=10),
        facts=facts.map(MappingProxyType),
    )


known = evidence_of(st.sampled_from(CHECK_IDS))
well_formed = st.lists(known, unique_by=lambda item: item.check, max_size=len(CHECK_IDS))
anything = st.lists(st.one_of(known, evidence_of(st.text(max_size=8))), max_size=25)
packages = st.one_of(
    st.none(),
    st.builds(
        lambda name, version, registry: Package(
            name=name, version=version, registry=registry, release=Release(version=version)
        ),
        st.sampled_from(NAMES),
        st.sampled_from(VERSIONS),
        st.sampled_from(["https://npm.acme.example", ""]),
    ),
)
waivers = st.builds(
    Waiver,
    check=st.sampled_from(CHECK_IDS),
    package=st.sampled_from(NAMES),
    version=st.sampled_from(("", *VERSIONS)),
    reason=st.just("Read by hand."),
    owner=st.just("Jo"),
    expires=st.sampled_from([date(2026, 11, 21), date(2026, 11, 22), date(2027, 1, 1)]),
    statuses=st.lists(st.sampled_from(WAIVABLE), unique=True).map(tuple),
)


identities = st.builds(
    IdentityRule,
    package=st.sampled_from((*NAMES, "@acme/*")),
    fields=st.sampled_from([{"issuer": BUILDER}, {"issuer": BUILDER, "builder": BUILDER}]),
    otherwise=st.sampled_from([Action.HOLD, Action.DENY]),
)


@st.composite
def rules(draw: st.DrawFn, check: str, *, company: bool = True) -> Rule:
    """Draw a rule such as the loader lets through: no failure and no blindness is milder than a pass."""
    passed = draw(actions)
    worse = st.sampled_from([action for action in Action if action.rank >= passed.rank])
    failed = draw(worse)
    answers = {"passed": passed, "failed": failed, "absent": draw(actions), "unchecked": draw(worse)}
    conditions = {}
    for condition in conditions_of(check):
        plain = Action(answers[str(condition.status)])
        fitting = [a for a in Action if (a.rank >= plain.rank if condition.stricter else a.rank <= plain.rank)]
        conditions[condition.key] = draw(st.sampled_from(fitting))
    options = {"min-hours": 24, "known-to-sign": ("https://registry.npmjs.org",), "builders": (BUILDER,)}
    with_others = draw(st.sampled_from([None, *(action for action in Action if action.rank >= failed.rank)]))
    return Rule(
        check=check,
        **answers,
        with_others=with_others if company else None,
        conditions=conditions,
        options={item.parameter: options[item.parameter] for item in conditions_of(check) if item.parameter},
    )


@st.composite
def scopes(draw: st.DrawFn, *, company: bool) -> Scope:
    checks = draw(st.lists(st.sampled_from(CHECK_IDS), min_size=1, max_size=3, unique=True))
    return Scope(
        packages=draw(st.sampled_from([(), ("a",), ("@acme/*",)])),
        registry=draw(st.sampled_from(["", "https://npm.acme.example"])),
        rules=tuple(draw(rules(check, company=company)) for check in checks),
    )


EXPRESSIONS = (
    'evidence.source_match.status == "failed"',
    'evidence.source_match.status != "passed" && evidence.provenance.status != "passed"',
    '!(evidence.source_match.status == "passed" || evidence.provenance.status == "passed")',
    "has(evidence.version_age.facts.hours) && evidence.version_age.facts.hours > 24",
    "evidence.provenance_builder.facts.builder == evidence.provenance_identity.facts.issuer",
    'evidence.continuity.status == "absent" ? evidence.source_match.status == "failed" : files.total > 1',
    'evidence.registry_signature.facts.all(k, k == "registry")',
    'pkg.known && pkg.name == "a"',
    "false && evidence.source_match.facts.x == 1",
)
"""Conditions that evidence makes true, false, or impossible to tell."""

conditions = st.builds(
    Clause,
    when=st.sampled_from(EXPRESSIONS),
    action=st.sampled_from([Action.WARN, Action.HOLD, Action.DENY]),
    why=st.just("So it is."),
    check=st.one_of(st.just(""), st.sampled_from(CHECK_IDS)),
)


@st.composite
def policies(draw: st.DrawFn, *, company: bool = True) -> Policy:
    return Policy(
        name="drawn",
        description="",
        schema=1,
        extends="",
        rules=tuple(draw(rules(check, company=company)) for check in CHECK_IDS),
        waivers=tuple(draw(st.lists(waivers, max_size=4))),
        settings=Settings(never_waive=draw(st.sampled_from([(), ("source-match",)]))),
        digest=Digest.of(b"drawn"),
        origin="drawn",
        identities=tuple(draw(st.lists(identities, max_size=3))),
        scopes=tuple(draw(st.lists(scopes(company=company), max_size=2))),
        clauses=tuple(draw(st.lists(conditions, max_size=3))),
    )


def each_rule(policy: Policy, change: Callable[[Rule], Rule]) -> Policy:
    """Return a policy in which every rule, those of scopes among them, is changed."""
    scopes = tuple(replace(scope, rules=tuple(map(change, scope.rules))) for scope in policy.scopes)
    return replace(policy, rules=tuple(map(change, policy.rules)), scopes=scopes)


every_policy = st.one_of(policies(), st.sampled_from(PACKAGED).map(packaged))


@unhurried
@given(policy=every_policy, evidence=anything, package=packages)
def test_every_input_gives_a_verdict_and_the_strictest_reason_is_it(policy, evidence, package):
    found = decide(policy, evidence, package, NOW)
    assert found.action is strictest(*(reason.action for reason in found.reasons))
    assert (found.policy, found.policy_digest) == (policy.name, policy.digest)
    checks = [reason.check for reason in found.reasons]
    asked = {REASON} if any(not clause.check for clause in policy.clauses) else set()
    assert sorted(checks) == sorted({*CHECK_IDS, *(item.check for item in evidence), *asked})
    ranks = [reason.action.rank for reason in found.reasons]
    assert ranks == sorted(ranks, reverse=True)
    for reason in found.reasons:
        assert bool(reason.turn) == (reason.action is not Action.ALLOW)
        assert reason.text


@unhurried
@given(policy=every_policy, evidence=anything, package=packages, data=st.data())
def test_the_order_of_the_evidence_makes_no_difference(policy, evidence, package, data):
    shuffled = data.draw(st.permutations(evidence))
    found, again = decide(policy, evidence, package, NOW), decide(policy, shuffled, package, NOW)
    broken = len({item.check for item in evidence}) != len(evidence)
    assert [(reason.check, reason.action) for reason in found.reasons] == [
        (reason.check, reason.action) for reason in again.reasons
    ]
    assert broken or found == again


@unhurried
@given(policy=every_policy, evidence=anything, package=packages)
def test_the_same_question_has_the_same_answer(policy, evidence, package):
    assert decide(policy, evidence, package, NOW) == decide(policy, tuple(evidence), package, NOW)


@unhurried
@given(policy=every_policy, evidence=well_formed, package=packages, data=st.data())
def test_leaving_evidence_out_never_gets_a_package_through(policy, evidence, package, data):
    """Removing evidence never improves a verdict, but that a denial may become a hold: what failed is now unknown."""
    kept = [item for item in evidence if data.draw(st.booleans())]
    whole, part = decide(policy, evidence, package, NOW).action, decide(policy, kept, package, NOW).action
    assert part.rank >= min(whole.rank, Action.HOLD.rank)


@unhurried
@given(policy=policies(company=False), evidence=well_formed, package=packages, data=st.data())
def test_where_blindness_is_as_bad_as_it_gets_leaving_evidence_out_never_improves_anything(
    policy, evidence, package, data
):
    blind = each_rule(policy, lambda rule: replace(rule, unchecked=rule.strictest))
    kept = [item for item in evidence if data.draw(st.booleans())]
    whole, part = decide(blind, evidence, package, NOW).action, decide(blind, kept, package, NOW).action
    assert part.rank >= whole.rank


@unhurried
@given(policy=every_policy, evidence=well_formed, package=packages, data=st.data())
def test_leaving_out_what_passed_never_improves_anything(policy, evidence, package, data):
    plain = each_rule(policy, lambda rule: replace(rule, conditions={}))
    kept = [item for item in evidence if item.status is not Status.PASSED or data.draw(st.booleans())]
    whole, part = decide(plain, evidence, package, NOW).action, decide(plain, kept, package, NOW).action
    assert part.rank >= whole.rank


@unhurried
@given(name=st.sampled_from(PACKAGED), evidence=well_formed, package=packages, data=st.data())
def test_under_the_packaged_policies_a_pass_is_never_worse_than_a_failure_or_blindness(name, evidence, package, data):
    worse = [
        replace(item, status=data.draw(st.sampled_from([Status.PASSED, Status.FAILED, Status.UNCHECKED])))
        if item.status is Status.PASSED
        else item
        for item in evidence
    ]
    policy = packaged(name)
    before, after = decide(policy, evidence, package, NOW).action, decide(policy, worse, package, NOW).action
    assert after.rank >= before.rank


@unhurried
@given(policy=policies(), evidence=well_formed, package=packages)
def test_waivers_lower_to_a_warning_at_most_and_are_listed(policy, evidence, package):
    found = decide(policy, evidence, package, NOW)
    plain = decide(replace(policy, waivers=()), evidence, package, NOW)
    before = {reason.check: reason for reason in plain.reasons}
    assert found.action.rank <= plain.action.rank
    for reason in found.reasons:
        if reason.waived:
            assert reason.action is Action.WARN
            assert before[reason.check].action.rank > Action.WARN.rank
            assert reason.check in {waiver.check for waiver in found.waivers}
            assert reason.check not in policy.settings.never_waive
        else:
            assert min(before[reason.check].action.rank, Action.WARN.rank) <= reason.action.rank
    for waiver in found.waivers:
        assert package is not None
        assert package.registry
        assert (waiver.package, waiver.expires >= NOW.date()) == (package.name, True)
        assert waiver.version in ("", package.version)


@unhurried
@given(policy=policies(), evidence=well_formed)
def test_waivers_of_another_package_change_nothing(policy, evidence):
    other = Package(name="c", version="1.0.0", registry="https://npm.acme.example", release=Release(version="1.0.0"))
    bare = decide(replace(policy, waivers=()), evidence, other, NOW)
    assert decide(policy, evidence, other, NOW) == bare


@unhurried
@given(evidence=well_formed.filter(bool), package=packages)
def test_audit_never_stops_anything(evidence, package):
    assert decide(packaged("audit"), evidence, package, NOW).action.rank <= Action.WARN.rank


@unhurried
@given(evidence=well_formed, package=packages)
def test_strict_is_never_milder_than_the_default_nor_the_default_than_audit(evidence, package):
    strict, default, audit = (
        decide(packaged(name), evidence, package, NOW).action.rank for name in ("strict", "default", "audit")
    )
    assert strict >= default >= audit


@unhurried
@given(policy=policies(), evidence=well_formed, package=packages)
def test_a_listed_package_is_let_through_only_when_its_builder_is_listed(policy, evidence, package):
    found = decide(policy, evidence, package, NOW)
    if package is None or not allowed(policy, package.name) or found.action.rank > Action.WARN.rank:
        return
    passed = {item.check: item.facts for item in evidence if item.status is Status.PASSED}
    waived = any(reason.waived for reason in found.reasons if reason.check == CHECK)
    assert waived or (passed["provenance"] is not None and passed[CHECK]["issuer"] == BUILDER)


@unhurried
@given(policy=policies(), evidence=well_formed, package=packages)
def test_a_list_never_makes_a_verdict_milder(policy, evidence, package):
    bare = replace(policy, identities=())
    assert decide(policy, evidence, package, NOW).action.rank >= decide(bare, evidence, package, NOW).action.rank


@unhurried
@given(policy=policies(), evidence=well_formed, package=packages)
def test_a_condition_never_makes_a_verdict_milder(policy, evidence, package):
    bare = replace(policy, clauses=())
    assert decide(policy, evidence, package, NOW).action.rank >= decide(bare, evidence, package, NOW).action.rank


@unhurried
@given(policy=policies(), evidence=well_formed, package=packages)
def test_scopes_are_about_packages_of_a_registry_only(policy, evidence, package):
    if package is not None and package.registry:
        package = replace(package, registry="")
    assert decide(policy, evidence, package, NOW) == decide(replace(policy, scopes=()), evidence, package, NOW)
