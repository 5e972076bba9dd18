"""Identities in a policy: whose builds of a package are accepted, and how a verified identity is held to them.

An entry names a package, or every package of a scope, and says who may have built it. In order:

1. The entries of the exact name count where there are any, else those of its scope. A package without entries may be
   built by anybody, as far as identities go.
2. The provenance must have passed, and so must its comparison with the certificate.
3. The facts of that comparison must fit one entry in every field that it has: the same text from its first character to
   its last, in the same case. A fact that is not there fits nothing. Only ``ref`` may have a ``*``.
4. Where an entry names a ``publisher``, the registry must name that account. Nobody signs what it says there.

Facts are those of the evidence ``provenance-identity``: texts under the names of :data:`FACTS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.trust.verdict import Action, strictest

if TYPE_CHECKING:
    from provenly.policies.rules import Policy
    from provenly.trust.model import Package

CHECK: Final = "provenance-identity"
"""The check whose facts are held to the entries, and in whose reason the answer stands."""

NEEDED: Final = ("provenance", CHECK)
"""The checks that must have passed before a fact means anything."""

FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "issuer": "issuer",
        "repository-id": "repository_id",
        "owner-id": "owner_id",
        "repository": "repository",
        "workflow": "workflow",
        "ref": "ref",
        "builder": "builder",
    }
)
"""The fact that each key of an entry is held to, in the order in which differences are told."""

PUBLISHER: Final = "publisher"
"""The one key that is held to the registry's unsigned word."""

ISSUERS: Final[Mapping[str, str]] = MappingProxyType(
    {"github.com": "https://token.actions.githubusercontent.com", "gitlab.com": "https://gitlab.com"}
)
"""Who vouches for the builds of a forge, by its host (sigstore/fulcio, docs/oidc.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityRule:
    """Somebody who may build a package.

    :param package: the exact name of one package, or ``@scope/*``.
    :param fields: what is asked, by key: those of :data:`FACTS`, ``issuer`` always among them, and ``publisher``.
    :param otherwise: the action where no entry fits: hold or deny.
    :param why: one sentence for people.
    :param line: where it stands in its file.
    """

    package: str
    fields: Mapping[str, str]
    otherwise: Action = Action.DENY
    why: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return what is asked, in the order of the keys."""
        return ", ".join(f"{key} {self.fields[key]}" for key in (*FACTS, PUBLISHER) if key in self.fields)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """That a package is listed, and is not known to be built by anybody whom the list names.

    :param action: what the entries ask for then.
    :param text: what was expected and found, as the end of a sentence.
    :param turn: one sentence: what would turn it.
    """

    action: Action
    text: str
    turn: str


def allowed(policy: Policy, package: str | None = None) -> tuple[IdentityRule, ...]:
    """Return the entries of ``policy``; with the name of a package, those that it is held to, which may be none."""
    if package is None:
        return policy.identities
    own = tuple(rule for rule in policy.identities if rule.package == package)
    scope, slash, _ = package.partition("/")
    if own or not slash:
        return own
    return tuple(rule for rule in policy.identities if rule.package == f"{scope}/*")


def matches(rule: IdentityRule, facts: Mapping[str, Json], publisher: str | None = None) -> None:
    """Return if a verified identity is the one that ``rule`` names.

    :param facts: of the identity, see :data:`FACTS`. They must be verified already: this compares texts.
    :param publisher: the account that the registry names; ``None`` where there is no registry, so that a rule that
        names one does not fit.
    :raises RejectedError: ``POLICY_IDENTITY`` a field is another one or is not known, or the rule asks for nothing.
    """
    differing = _differing(rule, facts, publisher)
    if differing:
        expected, actual = _both(differing)
        message = f"the policy expects {expected}, and found was {actual}"
        raise RejectedError(message, code="POLICY_IDENTITY", expected=expected, actual=actual)


def shortfall(policy: Policy, package: Package | None, evidence: Mapping[str, Evidence]) -> Shortfall | None:
    """Return what keeps a listed package from being accepted; ``None`` where nothing does, or it is not listed.

    :param package: what the verdict is about; a file on disk is held to the entries of the name that it has.
    :param evidence: by check, of which there is one each.
    """
    rules = allowed(policy, package.name) if package is not None else ()
    if package is None or not rules:
        return None
    wanted = f"expected is a build by {rules[0]}" + (f", or by {len(rules) - 1} more" if len(rules) > 1 else "")
    lacking = next((check for check in NEEDED if not _passed(evidence.get(check))), None)
    if lacking is not None:
        status = evidence[lacking].status if lacking in evidence else Status.UNCHECKED
        found = f"{lacking} is {status}, so that nothing proves who built it"
    else:
        facts = evidence[CHECK].facts
        publisher = package.release.publisher if package.registry else None
        nearest = min((_differing(rule, facts, publisher) for rule in rules), key=len)
        if not nearest:
            return None
        expected, actual = _both(nearest)
        wanted = f"expected is {expected}" + (f", or one of {len(rules) - 1} more" if len(rules) > 1 else "")
        found = f"found is {actual}"
    return Shortfall(
        action=strictest(*(rule.otherwise for rule in rules)),
        text=f"the policy lists who may build {package.name}: {wanted}; {found}",
        turn=f"This turns once the version is built by an identity that the policy {policy.name} lists for "
        f"{package.name}, or the policy lists the one that was found.",
    )


def _passed(evidence: Evidence | None) -> bool:
    return evidence is not None and evidence.status is Status.PASSED


def _differing(
    rule: IdentityRule, facts: Mapping[str, Json], publisher: str | None
) -> Sequence[tuple[str, str, str | None]]:
    """Return key, expected and found text of every field that does not fit. A rule without fields never fits."""
    differing: list[tuple[str, str, str | None]] = []
    for key, fact in FACTS.items():
        if key not in rule.fields:
            continue
        value = facts.get(fact)
        found = value if isinstance(value, str) and value else None
        fits = found is not None and (fits_ref(rule.fields[key], found) if key == "ref" else found == rule.fields[key])
        if not fits:
            differing.append((key, rule.fields[key], found))
    if PUBLISHER in rule.fields and rule.fields[PUBLISHER] != publisher:
        differing.append((PUBLISHER, rule.fields[PUBLISHER], publisher or None))
    return differing if rule.fields else [("issuer", "an identity", None)]


def _both(differing: Sequence[tuple[str, str, str | None]]) -> tuple[str, str]:
    """Return the expected and the found fields in words."""
    expected = ", ".join(f"{key} {wanted}" for key, wanted, _ in differing)
    actual = ", ".join(f"no {key}" if found is None else f"{key} {found}" for key, _, found in differing)
    return expected, actual


def fits_ref(pattern: str, ref: str) -> bool:
    """Say whether a whole ref fits a pattern, in which ``*`` stands for any characters but ``/``, or for none.

    The time is at most the product of both lengths: there is no going back behind a ``*`` that was passed.
    """
    wanted, found = pattern.split("/"), ref.split("/")
    return len(wanted) == len(found) and all(map(_fits_segment, wanted, found))


def _fits_segment(pattern: str, segment: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == segment
    *middle, last = rest
    if len(segment) < len(first) + len(last) or not segment.startswith(first) or not segment.endswith(last):
        return False
    position, end = len(first), len(segment) - len(last)
    for part in middle:
        position = segment.find(part, position, end)
        if position < 0:
            return False
        position += len(part)
    return True
