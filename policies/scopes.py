"""Scopes in a policy: other rules for a group of packages, told by the name and the registry that were asked for.

One scope at most applies to a package: the first of the file that names it. Nothing that a package says about itself
decides: its name is the one under which the registry was asked, and a file or folder on disk, which names itself, is in
no scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from provenly.policies.rules import CHECK_IDS, Rule
from provenly.trust.model import Package

PREFIX: Final = "pkg:npm/"
"""How every pattern begins: https://github.com/package-url/purl-spec, type npm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Other rules for the packages of a group.

    :param packages: patterns of names, ``@acme/*`` or ``left-pad``; a ``*`` is at the end only. Empty for every name.
    :param registry: the base URL, without a slash at its end, of the one registry that is meant; empty for every one.
    :param rules: those that differ from the policy's, whole, in the order of the checks; never empty.
    :param why: one sentence for people.
    :param line: where it begins in its file.
    """

    packages: tuple[str, ...]
    registry: str
    rules: tuple[Rule, ...]
    why: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return which packages are in it, as it would be written."""
        names = ", ".join(purl(pattern) for pattern in self.packages) or "every package"
        return f"{names} of {self.registry}" if self.registry else names

    def has(self, package: Package) -> bool:
        """Return whether a package is in it: by the name and registry that were asked for."""
        if not package.registry or self.registry not in ("", package.registry.rstrip("/")):
            return False
        return not self.packages or any(fits(pattern, package.name) for pattern in self.packages)


def purl(pattern: str) -> str:
    """Return a pattern of names as policies write it."""
    return PREFIX + pattern.replace("@", "%40", 1)


def fits(pattern: str, name: str) -> bool:
    """Return whether a name fits a pattern; a name without a scope fits no pattern that has one, and the other way."""
    if not pattern.endswith("*"):
        return pattern == name
    start = pattern[:-1]
    return name.startswith(start) and len(name) > len(start) and "/" not in name[len(start) :]


def covers(one: str, other: str) -> bool:
    """Return whether every name that fits ``other`` fits ``one``."""
    if not other.endswith("*"):
        return fits(one, other)
    return one.endswith("*") and other.startswith(one[:-1]) and "/" not in other[len(one) - 1 : -1]


def applying(scopes: Sequence[Scope], package: Package | None) -> Scope | None:
    """Return the first scope that a package is in, or ``None``."""
    if package is None:
        return None
    return next((scope for scope in scopes if scope.has(package)), None)


def rules_in(rules: Sequence[Rule], scope: Scope | None) -> tuple[Rule, ...]:
    """Return the rules in force in a scope: its own, and those of the policy for all other checks."""
    if scope is None:
        return tuple(rules)
    own = {rule.check: rule for rule in scope.rules}
    there = {rule.check: own.get(rule.check, rule) for rule in rules}
    return tuple(there[check] for check in CHECK_IDS if check in there)


def shadowed(scopes: Sequence[Scope]) -> tuple[tuple[Scope, str, Scope], ...]:
    """Return every pattern that never applies: its scope, itself (empty for the whole scope), and what hides it."""
    found: list[tuple[Scope, str, Scope]] = []
    for place, scope in enumerate(scopes):
        earlier = [one for one in scopes[:place] if one.registry in ("", scope.registry)]
        hidden = [(pattern, _hider(earlier, pattern)) for pattern in scope.packages or ("",)]
        hiders = [(pattern, one) for pattern, one in hidden if one is not None]
        if hiders and len(hiders) == len(hidden):
            found.append((scope, "", hiders[0][1]))
        else:
            found += [(scope, pattern, one) for pattern, one in hiders]
    return tuple(found)


def _hider(earlier: Sequence[Scope], pattern: str) -> Scope | None:
    """Return the first scope that has every package which fits ``pattern``; an empty one is that of every name."""
    for scope in earlier:
        if not scope.packages or (pattern and any(covers(one, pattern) for one in scope.packages)):
            return scope
    return None
