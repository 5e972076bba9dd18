"""What a policy is: for each check what to do at each of its four statuses, and the written exceptions.

A policy is data. :mod:`provenly.policies.load` makes one from TOML and :mod:`provenly.policies.decide` applies it;
nothing here reads, asks or decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, assert_never

from provenly.policies.identities import IdentityRule
from provenly.trust.digest import Digest
from provenly.trust.evidence import Status
from provenly.trust.model import Note
from provenly.trust.verdict import Action, Waiver, strictest

if TYPE_CHECKING:
    from provenly.policies.clauses import Clause
    from provenly.policies.scopes import Scope

SCHEMA: Final = 1
"""The version of the policy format that this release reads. A newer one is refused, never read half."""

CHECK_IDS: Final = (
    "artifact-integrity",
    "artifact-layout",
    "manifest-match",
    "registry-signature",
    "publish-attestation",
    "publish-identity",
    "provenance",
    "provenance-identity",
    "provenance-builder",
    "provenance-source",
    "provenance-commit",
    "provenance-workflow",
    "source-reachable",
    "source-acknowledged",
    "source-match",
    "source-data",
    "version-known",
    "install-scripts",
    "bundled-dependencies",
    "dependencies",
    "tree-complete",
    "tree-integrity",
    "tree-signatures",
    "tree-provenance",
    "tree-scripts",
    "tree-status",
    "tree-age",
    "version-status",
    "version-age",
    "continuity",
    "launch-pinned",
)
"""The checks for which a policy has rules, in the order in which reasons of one strictness are given.

``policies`` imports nothing of ``verify``; a test holds this tuple to the checks that there are."""

WITH_OTHERS: Final = "failed-with-others"
"""The key of :attr:`Rule.with_others`."""

WAIVABLE: Final = (Status.FAILED, Status.ABSENT, Status.UNCHECKED)
"""The statuses that a waiver may accept; a check that passed needs none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A more precise answer to one status of one check, for where a fact of the evidence holds.

    :param key: how policies write it: the status, then the condition.
    :param check: the check whose rule may have it.
    :param status: the status that it refines.
    :param stricter: whether its action must be at least as strict as the status' own (and then doubt means that it
        applies), or at most as strict (and then doubt means that it does not).
    :param parameter: the key that must be given along with it, or empty.
    :param meaning: when it applies, as the end of a sentence.
    """

    key: str
    check: str
    status: Status
    stricter: bool
    parameter: str = ""
    meaning: str


TREE: Final = tuple(check for check in CHECK_IDS if check.startswith("tree-"))
"""The checks of the tree of dependencies, which look only where that is asked for."""

CONDITIONS: Final = (
    *(
        Condition(
            key="unchecked-not-asked",
            check=check,
            status=Status.UNCHECKED,
            stricter=False,
            meaning="nobody asked for the tree of dependencies",
        )
        for check in TREE
    ),
    Condition(
        key="failed-deprecated",
        check="tree-status",
        status=Status.FAILED,
        stricter=False,
        meaning="versions are deprecated and still published",
    ),
    Condition(
        key="passed-younger",
        check="tree-age",
        status=Status.PASSED,
        stricter=True,
        parameter="min-hours",
        meaning="a version is younger than min-hours",
    ),
    Condition(
        key="absent-known-to-sign",
        check="registry-signature",
        status=Status.ABSENT,
        stricter=True,
        parameter="known-to-sign",
        meaning="the registry is known to sign, or signed other versions of the package",
    ),
    Condition(
        key="failed-unpinned",
        check="launch-pinned",
        status=Status.FAILED,
        stricter=False,
        meaning="the reference names no exact version, and nothing else is wrong with it",
    ),
    Condition(
        key="failed-deprecated",
        check="version-status",
        status=Status.FAILED,
        stricter=False,
        meaning="the version is deprecated and still published",
    ),
    Condition(
        key="passed-younger",
        check="version-age",
        status=Status.PASSED,
        stricter=True,
        parameter="min-hours",
        meaning="the version is younger than min-hours",
    ),
    Condition(
        key="passed-unlisted",
        check="provenance-builder",
        status=Status.PASSED,
        stricter=True,
        parameter="builders",
        meaning="the builder is none of those that the policy lists",
    ),
    Condition(
        key="passed-traced",
        check="source-match",
        status=Status.PASSED,
        stricter=True,
        meaning="some of the files are traced, not reproduced",
    ),
)
"""Every condition that there is. What each reads is in :mod:`provenly.policies.conditions`."""

PARAMETERS: Final = tuple(dict.fromkeys(condition.parameter for condition in CONDITIONS if condition.parameter))
"""The keys that conditions need along with them."""


def conditions_of(check: str) -> tuple[Condition, ...]:
    """Return the conditions that the rule of ``check`` may have."""
    return tuple(condition for condition in CONDITIONS if condition.check == check)


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a line of a policy stands.

    :param policy: the name of the policy whose file it is in.
    :param line: counted from 1.
    :param replaces: what the extended policy says at the same place, or empty.
    """

    policy: str
    line: int
    replaces: str = ""


def _no_actions() -> Mapping[str, Action]:
    return MappingProxyType({})


def _no_options() -> Mapping[str, Option]:
    return MappingProxyType({})


def _no_origins() -> Mapping[str, Origin]:
    return MappingProxyType({})


Option = int | float | tuple[str, ...]
"""The value of a parameter: a number of hours, or URLs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What to do about one check, at each of the four statuses.

    :param check: the id of the check.
    :param with_others: the action at *failed* when another failed check asks for hold or deny by itself; ``None`` to
        make no difference.
    :param conditions: actions by the key of their :class:`Condition`.
    :param options: the parameters of conditions by key.
    :param why: one sentence for people: why the rule is as it is.
    :param origins: where each key stands, by key.
    """

    check: str
    passed: Action
    failed: Action
    absent: Action
    unchecked: Action
    with_others: Action | None = None
    conditions: Mapping[str, Action] = field(default_factory=_no_actions)
    options: Mapping[str, Option] = field(default_factory=_no_options)
    why: str = ""
    origins: Mapping[str, Origin] = field(default_factory=_no_origins)

    def at(self, status: Status) -> Action:
        """Return the action at ``status``, before conditions, company and waivers."""
        match status:
            case Status.PASSED:
                return self.passed
            case Status.FAILED:
                return self.failed
            case Status.ABSENT:
                return self.absent
            case Status.UNCHECKED:
                return self.unchecked
            case _:
                assert_never(status)

    @property
    def strictest(self) -> Action:
        """The strictest action that this rule can ask for."""
        company = () if self.with_others is None else (self.with_others,)
        return strictest(*(self.at(status) for status in Status), *self.conditions.values(), *company)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What holds for a policy as a whole.

    :param never_waive: checks of which no waiver is accepted.
    """

    never_waive: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A policy in force: one rule for every check.

    :param name: the name that reports show.
    :param description: one or two sentences for people.
    :param schema: the version of the format that it is written in.
    :param extends: the packaged policy that it builds on, or empty.
    :param rules: one for each check, in the order of :data:`CHECK_IDS`.
    :param waivers: all of them; those that have expired are kept so that they can be reported.
    :param identities: who may build which package.
    :param digest: of all that it decides by, with what it extends: see :mod:`provenly.policies.canonical`.
    :param origin: the path or name that it was loaded from.
    :param notes: what is odd about the file that it was loaded from (``POLICY_PERMS``).
    :param scopes: other rules for groups of packages; the first that has a package applies to it.
    :param clauses: what is asked for where an expression holds; they make a verdict stricter, never milder.
    :param file_digest: sha256 of the bytes that it was loaded from; ``None`` where it was not loaded from any.
    :param waiver_lines: where each of ``waivers`` begins in its file.
    """

    name: str
    description: str
    schema: int
    extends: str
    rules: tuple[Rule, ...]
    waivers: tuple[Waiver, ...]
    settings: Settings
    digest: Digest
    origin: str
    notes: tuple[Note, ...] = ()
    identities: tuple[IdentityRule, ...] = ()
    scopes: tuple[Scope, ...] = ()
    clauses: tuple[Clause, ...] = ()
    file_digest: Digest | None = None
    waiver_lines: tuple[int, ...] = ()

    def rule(self, check: str) -> Rule | None:
        """Return the rule for ``check``, or ``None`` where there is none."""
        return next((rule for rule in self.rules if rule.check == check), None)
