"""From TOML to a policy, with every mistake reported at once.

A policy either names a packaged policy that it ``extends`` and says what differs, or it says all of it. Nothing else is
read: no other file, no URL, no environment. docs/policies.md describes every field.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from provenly.policies.canonical import digest
from provenly.policies.document import parse
from provenly.policies.files import read
from provenly.policies.form import Form
from provenly.policies.mistakes import Mistake, PolicyError, nearest, quoted
from provenly.policies.read_clauses import read_clauses
from provenly.policies.read_identities import read_identities
from provenly.policies.read_rules import read_rules
from provenly.policies.read_scopes import read_scopes
from provenly.policies.read_waivers import read_waivers
from provenly.policies.rules import CHECK_IDS, SCHEMA, Policy, Settings
from provenly.trust.digest import Digest
from provenly.trust.errors import UsageError

PACKAGED: Final = ("default", "strict", "audit", "procurement")
"""The policies that come with provenly, each a TOML file beside this module."""

KEYS: Final = (
    "schema",
    "name",
    "description",
    "extends",
    "settings",
    "checks",
    "scope",
    "condition",
    "waiver",
    "identities",
)

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names are printed, and used in file names by others."""


def load(data: bytes, origin: str) -> Policy:
    """Return the policy in ``data``.

    :param data: the file as it was read, once.
    :param origin: the path or name that it was read from, for messages.
    :raises PolicyError: a :class:`UsageError` whose ``mistakes`` are all that is wrong, each with its line.
    """
    return _load(data, origin, ours=False)


def load_named(name_or_path: str) -> Policy:
    """Return the policy that a command line names; what is odd about its file is in its ``notes``.

    :param name_or_path: the name of a packaged policy, or the path of a file. A file that has the name of a packaged
        policy is given as ``./default``.
    :raises UsageError: there is no such policy (``POLICY_NAME``), it cannot be read (``POLICY_FILE``), or it has
        mistakes (:class:`~provenly.policies.mistakes.PolicyError`).
    """
    path_like = name_or_path.endswith(".toml") or "/" in name_or_path or os.path.lexists(name_or_path)
    if name_or_path in PACKAGED or not path_like:
        return packaged(name_or_path)
    data, notes = read(Path(name_or_path))
    return replace(load(data, name_or_path), notes=notes)


@cache
def packaged(name: str) -> Policy:
    """Return a policy that comes with provenly.

    :raises UsageError: ``POLICY_NAME`` there is none of that name.
    """
    return _load(packaged_bytes(name), f"{name}.toml", ours=True)


def packaged_bytes(name: str) -> bytes:
    """Return the file of a policy that comes with provenly.

    :raises UsageError: ``POLICY_NAME`` there is none of that name.
    """
    if name not in PACKAGED:
        message = f"no policy comes with provenly that is called {quoted(name)}{nearest(name, PACKAGED)}"
        raise UsageError(
            message, code="POLICY_NAME", hint="A policy of your own is given as a path, such as ./my.toml."
        )
    return resources.files("provenly.policies").joinpath(f"{name}.toml").read_bytes()


def _load(data: bytes, origin: str, *, ours: bool) -> Policy:
    form = Form(parse(data, origin))
    values = form.document.values
    _schema(form)
    form.unknown(values, (), KEYS, {})
    name = _name(form, ours=ours)
    base = _base(form)
    settings = _settings(form, base)
    rules = read_rules(form, name, base)
    waivers = read_waivers(form, settings.never_waive)
    policy = Policy(
        name=name,
        description=form.text(values, ("description",)),
        schema=SCHEMA,
        extends=base.name if base else "",
        rules=rules,
        waivers=waivers,
        settings=settings,
        digest=Digest.of(data),
        origin=origin,
        identities=read_identities(form),
        scopes=(*read_scopes(form, name, rules), *(base.scopes if base else ())),
        clauses=read_clauses(form, name, base.clauses if base else ()),
        file_digest=Digest.of(data),
        waiver_lines=tuple(form.line(("waiver", index)) for index in range(len(waivers))),
    )
    if form.mistakes:
        raise PolicyError(origin, form.mistakes)
    return replace(policy, digest=digest(policy))


def _schema(form: Form) -> None:
    """Refuse at once what is written for another version of the format: nothing in it can be relied on."""
    schema = form.document.values.get("schema")
    if schema is None:
        form.missing(f"'schema' is missing; write schema = {SCHEMA} on the first line")
    elif isinstance(schema, bool) or not isinstance(schema, int):
        form.wrong_type(("schema",), f"a whole number, {SCHEMA}", schema)
    elif schema != SCHEMA:
        newer = "; a newer provenly may read it" if schema > SCHEMA else ""
        sentence = f"the schema is {quoted(schema)}; this provenly reads schema {SCHEMA}{newer}"
        line = form.line(("schema",))
        raise PolicyError(form.document.origin, [Mistake(line=line, code="POLICY_SCHEMA", text=sentence)])


def _name(form: Form, *, ours: bool) -> str:
    name = form.text(form.document.values, ("name",), required=True)
    if name and not _NAME.fullmatch(name):
        sentence = f"the name {quoted(name)} is not 1 to 64 letters, digits, dots, dashes and underscores"
        form.mistake("POLICY_VALUE", sentence, ("name",))
    elif name in PACKAGED and not ours:
        sentence = f"{quoted(name)} is the name of a packaged policy, and reports would mistake yours for it"
        form.mistake("POLICY_VALUE", sentence, ("name",))
    return name


def _base(form: Form) -> Policy | None:
    """Return the packaged policy that is extended. Where it is misspelt reading goes on over the default one.

    So a single mistake does not make every rule look missing.
    """
    if "extends" not in form.document.values:
        return None
    extends = form.text(form.document.values, ("extends",))
    if not isinstance(form.document.values["extends"], str):
        return packaged("default")
    if extends not in PACKAGED:
        sentence = f"'extends' takes the name of a packaged policy, not {quoted(extends)}{nearest(extends, PACKAGED)}"
        form.mistake("POLICY_EXTENDS", sentence, ("extends",))
        return packaged("default")
    return packaged(extends)


def _settings(form: Form, base: Policy | None) -> Settings:
    settings = form.table(form.document.values, ("settings",))
    form.unknown(settings, ("settings",), ("never-waive",), {})
    never = form.words(settings, ("settings", "never-waive"), CHECK_IDS)
    if never is None:
        never = base.settings.never_waive if base else ()
    return Settings(never_waive=never)
