"""Reading the ``[[scope]]`` tables of a policy: a group of packages by purl and registry, and the rules that differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from provenly.policies.form import Form
from provenly.policies.mistakes import quoted
from provenly.policies.read_rules import REGISTRY, read_scoped
from provenly.policies.rules import Rule
from provenly.policies.scan import Path
from provenly.policies.scopes import PREFIX, Scope

KEYS: Final = ("packages", "registry", "why", "checks")

MAX_SCOPES: Final = 32
"""Scopes of one policy. Each is compared with all before it; who needs more has several policies."""

MAX_PATTERNS: Final = 32
"""Patterns of one scope."""

_PATTERN: Final = re.compile(
    r"pkg:npm/(?P<scope>%40[a-z0-9._~-]{1,214}/)?(?P<name>\*|[A-Za-z0-9_~!'()-][A-Za-z0-9._~!'()-]{0,213}\*?)"
)
"""A purl without a version. ``*`` stands at the end only, for one or more characters but ``/``."""


def read_scopes(form: Form, name: str, rules: tuple[Rule, ...]) -> tuple[Scope, ...]:
    """Return the scopes in the order of the file; mistakes go to ``form``.

    :param name: the name of this policy, for the origins of its lines.
    :param rules: those of the policy, which a scope changes.
    """
    values = form.document.values.get("scope", [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        form.wrong_type(("scope",), "tables, each under [[scope]]", values)
        return ()
    if len(values) > MAX_SCOPES:
        form.mistake("POLICY_VALUE", f"there are {len(values)} scopes; {MAX_SCOPES} are the most", ("scope",))
    return tuple(_scope(form, name, value, index, rules) for index, value in enumerate(values[:MAX_SCOPES]))


def _scope(form: Form, name: str, value: Mapping[str, Any], index: int, rules: tuple[Rule, ...]) -> Scope:
    path: Path = ("scope", index)
    form.unknown(value, path, KEYS, {"package": "as 'packages', an array of purls"})
    if "packages" not in value and "registry" not in value:
        form.missing("a scope needs 'packages', 'registry' or both: it says which packages it is about", path)
    checks = form.table(value, (*path, "checks"))
    if not checks and "checks" not in form.document.values.get("scope", [])[index]:
        form.missing("the scope changes nothing; write [scope.checks.ID] below it", path)
    return Scope(
        packages=_packages(form, value, (*path, "packages")),
        registry=_registry(form, value, (*path, "registry")),
        rules=read_scoped(form, name, (*path, "checks"), checks, rules),
        why=form.text(value, (*path, "why")),
        line=form.line(path),
    )


def _packages(form: Form, value: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    found = value.get("packages")
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        form.wrong_type(path, 'an array of purls, such as ["pkg:npm/%40acme/*"]', found)
        return ()
    if not 0 < len(found) <= MAX_PATTERNS:
        form.mistake("POLICY_VALUE", f"'packages' has {len(found)} purls; 1 to {MAX_PATTERNS} are expected", path)
    names: list[str] = []
    for one in found[:MAX_PATTERNS]:
        match = _PATTERN.fullmatch(one)
        if match is None:
            form.mistake("POLICY_VALUE", f"{quoted(one)} is no purl of a package{_advice(one)}", path)
            continue
        text = one.removeprefix(PREFIX).replace("%40", "@", 1)
        if text in names:
            form.mistake("POLICY_DUPLICATE", f"{quoted(one)} is there twice", path)
        names.append(text)
    return tuple(names)


def _advice(text: str) -> str:
    """Return how a purl would have to be written, as the end of a sentence."""
    if text.startswith("pkg:npm/@"):
        return ": the @ of a scope is written %40"
    if "@" in text[1:]:
        return ": a scope is about every version of its packages"
    if "*" in text[:-1]:
        return ": a * may only stand at the end"
    return ', such as "pkg:npm/%40acme/*" or "pkg:npm/left-pad"'


def _registry(form: Form, value: Mapping[str, Any], path: Path) -> str:
    text = form.text(value, path)
    if isinstance(value.get("registry"), str) and not REGISTRY.fullmatch(text):
        what = 'the base URL of a registry, such as "https://npm.acme.example"'
        form.mistake("POLICY_VALUE", f"'registry' takes {what}, not {quoted(text)}", path)
    return text.rstrip("/")
