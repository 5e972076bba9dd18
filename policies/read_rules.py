"""Reading the ``[checks.…]`` tables of a policy: one rule for every check, whole and without contradictions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from provenly.policies.form import ACTIONS, Form
from provenly.policies.mistakes import nearest, quoted
from provenly.policies.rules import (
    CHECK_IDS,
    CONDITIONS,
    WITH_OTHERS,
    Condition,
    Option,
    Origin,
    Policy,
    Rule,
    conditions_of,
)
from provenly.policies.scan import Path
from provenly.trust.evidence import Status
from provenly.trust.verdict import Action

STATUSES: Final = tuple(str(status) for status in Status)

MAX_HOURS: Final = 8_760
"""Hours of min-hours: a year. Older than that nobody waits for a version."""

MAX_REGISTRIES: Final = 64
"""URLs in known-to-sign and in builders; nobody has as many registries, and there are fewer builders."""

REGISTRY: Final = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]{0,500})?")
"""A base URL in the spelling of reports: no user, no wildcard, no query."""

_BUILDER: Final = re.compile(r"https://[a-z0-9.-]{1,253}(?:/[A-Za-z0-9._~%@+:/-]{1,500})?(?<!/)")
"""The URI of a builder in the spelling of provenance (https://slsa.dev/spec/v1.0/provenance#builder.id)."""

_URLS: Final = {
    "known-to-sign": (REGISTRY, "registries", 'the base URL of a registry, such as "https://registry.npmjs.org"'),
    "builders": (
        _BUILDER,
        "builders",
        'the URI of a builder, such as "https://github.com/actions/runner/github-hosted"',
    ),
}
"""What the parameters that take URLs take: each one's grammar, what they are, and what one is."""


def read_rules(form: Form, name: str, base: Policy | None) -> tuple[Rule, ...]:
    """Return a rule for every check, in the order of :data:`CHECK_IDS`; mistakes go to ``form``.

    :param name: the name of this policy, for the origins of its lines.
    :param base: the policy that it extends.
    """
    checks = form.table(form.document.values, ("checks",))
    _unknown_checks(form, ("checks",), checks)
    lacking = [check for check in CHECK_IDS if check not in checks]
    if base is None and not checks:
        if form.whole:
            sentence = 'there are no rules; begin with extends = "default" and write what is to differ'
            form.mistake("POLICY_EMPTY", sentence)
    elif base is None and lacking:
        form.missing(f'there is no rule for {", ".join(lacking)}; write them, or extends = "default"')
    return tuple(
        _Reader(form, name, check, checks, ("checks", check)).rule(base.rule(check) if base else None)
        for check in CHECK_IDS
        if check in checks or base is not None
    )


def read_scoped(
    form: Form, name: str, path: Path, checks: Mapping[str, Any], rules: tuple[Rule, ...]
) -> tuple[Rule, ...]:
    """Return the rules that the tables of a scope change, whole, in the order of :data:`CHECK_IDS`.

    :param path: of ``checks`` in the document.
    :param rules: those of the policy, over which the scope's tables are read.
    """
    _unknown_checks(form, path, checks)
    there = {rule.check: rule for rule in rules}
    return tuple(
        _Reader(form, name, check, checks, (*path, check)).rule(there[check])
        for check in CHECK_IDS
        if check in checks and check in there
    )


def _unknown_checks(form: Form, path: Path, checks: Mapping[str, Any]) -> None:
    for check in checks:
        if check not in CHECK_IDS:
            sentence = f"there is no check {quoted(check)}{nearest(check, CHECK_IDS)}"
            form.mistake("POLICY_UNKNOWN_CHECK", sentence, (*path, check))


class _Reader:
    """Reads the table of one check."""

    def __init__(self, form: Form, name: str, check: str, checks: Mapping[str, Any], path: Path) -> None:
        self.form = form
        self.name = name
        self.check = check
        self.checks = checks
        self.path = path
        self.where = ".".join(str(part) for part in path if isinstance(part, str))
        self.conditions = {condition.key: condition for condition in conditions_of(check)}
        self.parameters = tuple(item.parameter for item in self.conditions.values() if item.parameter)
        self.here: Mapping[str, Any] = {}
        self.origins: dict[str, Origin] = {}
        self.inherits = False

    def rule(self, base: Rule | None) -> Rule:
        """Return the rule: what the table says over what ``base`` says."""
        self.here = self.form.table(self.checks, self.path)
        self._unknown_keys()
        if self.checks.get(self.check) == {} and self.form.whole:
            self.form.mistake("POLICY_EMPTY", f"[{self.where}] says nothing", self.path)
        if base is not None:
            self.inherits = True
            self.origins = dict(base.origins)
        answers = {status: self._status(status, base) for status in Status}
        company = self.form.action(self.here, (*self.path, WITH_OTHERS))
        if company is None and base is not None:
            company = base.with_others
        conditions = dict(base.conditions) if base else {}
        for key in self.conditions:
            action = self.form.action(self.here, (*self.path, key))
            if action is not None:
                conditions[key] = action
        options = {**(base.options if base else {}), **self._options()}
        self._mark(base)
        company = self._order(answers, conditions, company)
        self._pairs(conditions, options)
        return Rule(
            check=self.check,
            passed=answers[Status.PASSED],
            failed=answers[Status.FAILED],
            absent=answers[Status.ABSENT],
            unchecked=answers[Status.UNCHECKED],
            with_others=company,
            conditions=MappingProxyType(conditions),
            options=MappingProxyType(options),
            why=self.form.text(self.here, (*self.path, "why")) or (base.why if base else ""),
            origins=MappingProxyType(self.origins),
        )

    def _unknown_keys(self) -> None:
        elsewhere = dict.fromkeys(("schema", "name", "description", "extends"), "above the first [table]")
        for condition in CONDITIONS:
            for key in filter(None, (condition.key, condition.parameter)):
                others = [item.check for item in CONDITIONS if key in (item.key, item.parameter)]
                elsewhere[key] = f"to {' and '.join(others)} only"
        known = (*STATUSES, WITH_OTHERS, *self.conditions, *self.parameters, "why")
        self.form.unknown(self.here, self.path, known, elsewhere)

    def _status(self, status: Status, base: Rule | None) -> Action:
        """Return the action at ``status``: as written, else as in the base; *passed* is allowed where nobody says."""
        action = self.form.action(self.here, (*self.path, str(status)))
        if action is not None:
            return action
        if base is not None:
            return base.at(status)
        if status is Status.PASSED:
            return Action.ALLOW
        if self.here:
            self.form.missing(f"[{self.where}] does not say what to do when it is {status}", self.path)
        return Action.DENY

    def _options(self) -> dict[str, Option]:
        options: dict[str, Option] = {}
        if "min-hours" in self.parameters and "min-hours" in self.here:
            options["min-hours"] = self._hours((*self.path, "min-hours"))
        for key in _URLS:
            if key in self.parameters and key in self.here:
                options[key] = self._urls(key)
        return options

    def _hours(self, path: Path) -> int | float:
        value = self.here["min-hours"]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.form.wrong_type(path, "a number of hours", value)
            return MAX_HOURS
        if not math.isfinite(value) or not 0 < value <= MAX_HOURS:
            sentence = f"'min-hours' is {quoted(value)}; it must be more than 0 and at most {MAX_HOURS:,}"
            self.form.mistake("POLICY_VALUE", sentence, path)
            return MAX_HOURS
        return value

    def _urls(self, key: str) -> tuple[str, ...]:
        grammar, several, one = _URLS[key]
        path = (*self.path, key)
        value = self.here[key]
        if not isinstance(value, list) or not all(isinstance(url, str) for url in value):
            self.form.wrong_type(path, "an array of URLs in quotes", value)
            return ()
        if not 0 < len(value) <= MAX_REGISTRIES:
            sentence = f"{key!r} has {len(value)} {several}; 1 to {MAX_REGISTRIES} are expected"
            self.form.mistake("POLICY_VALUE", sentence, path)
        for url in value[:MAX_REGISTRIES]:
            if not grammar.fullmatch(url):
                self.form.mistake("POLICY_VALUE", f"{quoted(url)} is not {one}", path)
        return tuple(url.rstrip("/") for url in value[:MAX_REGISTRIES])

    def _mark(self, base: Rule | None) -> None:
        """Note where each key that is written here stands, and what it replaces."""
        for key in self.here:
            before = value_of(base, key) if base is not None else ""
            self.origins[key] = Origin(policy=self.name, line=self.form.line((*self.path, key)), replaces=before)

    def _order(
        self, answers: dict[Status, Action], conditions: dict[str, Action], company: Action | None
    ) -> Action | None:
        """Refuse answers that contradict each other; an inherited one gives way to what is written here."""
        for status in (Status.FAILED, Status.UNCHECKED):  # an absence may well be better: of install scripts, say
            if answers[status].rank < answers[Status.PASSED].rank:
                sentence = f"'{status}' ({answers[status]}) is milder than 'passed' ({answers[Status.PASSED]})"
                self._contradiction(sentence, str(status), "passed")
        if company is not None and company.rank < answers[Status.FAILED].rank:
            if WITH_OTHERS in self.here:
                failed = answers[Status.FAILED]
                self._contradiction(
                    f"'{WITH_OTHERS}' ({company}) is milder than 'failed' ({failed})", WITH_OTHERS, "failed"
                )
            self.origins.pop(WITH_OTHERS, None)
            company = None
        for key, action in tuple(conditions.items()):
            if _fits(self.conditions[key], action, answers):
                continue
            if key in self.here:
                condition = self.conditions[key]
                than = "milder" if condition.stricter else "stricter"
                plain = answers[condition.status]
                sentence = f"'{key}' ({action}) is {than} than '{condition.status}' ({plain})"
                self._contradiction(sentence, key, str(condition.status))
            conditions[key] = answers[self.conditions[key].status]
            if key not in self.here:
                self.origins.pop(key, None)
        return company

    def _contradiction(self, sentence: str, *keys: str) -> None:
        """Note that two answers contradict each other, unless one of them could not be read."""
        if all(self._known(key) for key in keys):
            place = next(key for key in keys if key in self.here)
            self.form.mistake("POLICY_CONTRADICTION", sentence, (*self.path, place))

    def _known(self, key: str) -> bool:
        """Return whether the answer at ``key`` is the one that the writer meant."""
        if key in self.here:
            return self.here[key] in ACTIONS
        return (self.inherits or key == "passed") and not self.form.damaged(self.path)

    def _pairs(self, conditions: Mapping[str, Action], options: Mapping[str, Option]) -> None:
        """Refuse a condition without its parameter, and the other way round."""
        for condition in self.conditions.values():
            if not condition.parameter or (condition.key in conditions) == (condition.parameter in options):
                continue
            there, lacks = condition.key, condition.parameter
            if condition.parameter in options:
                there, lacks = lacks, there
            self.form.missing(f"{there!r} needs {lacks!r} beside it", (*self.path, there))


def _fits(condition: Condition, action: Action, answers: Mapping[Status, Action]) -> bool:
    plain = answers[condition.status].rank
    return action.rank >= plain if condition.stricter else action.rank <= plain


def value_of(rule: Rule, key: str) -> str:
    """Return what ``rule`` has at ``key``, as it would be written, or ``""``."""
    if key in STATUSES:
        return str(rule.at(Status(key)))
    if key == WITH_OTHERS:
        return str(rule.with_others or "")
    if key in rule.conditions:
        return str(rule.conditions[key])
    option = rule.options.get(key)
    if isinstance(option, tuple):
        return ", ".join(option)
    return rule.why if key == "why" else "" if option is None else str(option)
