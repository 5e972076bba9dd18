"""Reading the ``[[condition]]`` tables of a policy: an expression in CEL, what it asks for, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from provenly.policies import expressions
from provenly.policies.clauses import ACTIONS, Clause
from provenly.policies.form import MAX_TEXT, Form
from provenly.policies.mistakes import nearest, quoted
from provenly.policies.rules import CHECK_IDS
from provenly.policies.scan import Path
from provenly.trust.verdict import Action

KEYS: Final = ("when", "action", "why", "check")

MAX_CONDITIONS: Final = 64
"""Conditions of one policy, the inherited ones among them. Each is evaluated for every package."""

_ELSEWHERE: Final = {"if": "as 'when'", "expires": "to [[waiver]]: a condition holds until it is removed"}


def read_clauses(form: Form, name: str, inherited: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Return the inherited conditions and those of the file, in its order; mistakes go to ``form``."""
    values = form.document.values.get("condition", [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        form.wrong_type(("condition",), "tables, each under [[condition]]", values)
        return inherited
    room = MAX_CONDITIONS - len(inherited)
    if len(values) > room:
        form.mistake("POLICY_VALUE", f"there are more than {MAX_CONDITIONS} conditions", ("condition",))
    clauses = list(inherited)
    seen = {(clause.when, clause.check) for clause in inherited}
    for index, value in enumerate(values[:room]):
        clause = _clause(form, name, value, index)
        if clause.when and (clause.when, clause.check) in seen:
            form.mistake("POLICY_DUPLICATE", "the same condition is there twice", ("condition", index))
        seen.add((clause.when, clause.check))
        clauses.append(clause)
    return tuple(clauses)


def _clause(form: Form, name: str, value: Mapping[str, Any], index: int) -> Clause:
    path: Path = ("condition", index)
    form.unknown(value, path, KEYS, _ELSEWHERE)
    check = form.text(value, (*path, "check"))
    if check and check not in CHECK_IDS:
        sentence = f"there is no check {quoted(check)}{nearest(check, CHECK_IDS)}"
        form.mistake("POLICY_UNKNOWN_CHECK", sentence, (*path, "check"))
    return Clause(
        when=_expression(form, value, (*path, "when")),
        action=_action(form, value, (*path, "action")),
        why=form.text(value, (*path, "why"), required=True),
        check=check,
        policy=name,
        line=form.line(path),
    )


def _expression(form: Form, value: Mapping[str, Any], path: Path) -> str:
    text = form.text(value, path, required=True)
    written = value.get("when")
    if not text or not isinstance(written, str) or len(written) > MAX_TEXT:  # which is a mistake already
        return text
    try:
        expressions.check(text)
    except expressions.LibraryError as error:
        form.mistake("POLICY_CEL", f"{error}: pip install 'provenly[conditions]'", path)
    except expressions.CelError as error:
        form.mistake("POLICY_CEL", f"'when' is no condition in CEL: {error}", path)
    return text


def _action(form: Form, value: Mapping[str, Any], path: Path) -> Action:
    found = form.text(value, path, required=True)
    if found in ACTIONS:
        return Action(found)
    if found == str(Action.ALLOW):
        sentence = "a condition only makes stricter, and 'allow' is the mildest; an exception is a [[waiver]]"
        form.mistake("POLICY_VALUE", sentence, path)
    elif found and isinstance(value.get("action"), str):
        form.mistake("POLICY_VALUE", f"'action' has no action {quoted(found)}{nearest(found, ACTIONS)}", path)
    return Action.DENY
