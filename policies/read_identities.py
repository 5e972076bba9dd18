"""Reading the ``[[identities]]`` tables of a policy: who may build which package, without patterns but for refs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from provenly.policies.form import Form
from provenly.policies.identities import FACTS, ISSUERS, PUBLISHER, IdentityRule
from provenly.policies.mistakes import nearest, quoted
from provenly.policies.read_waivers import PACKAGE
from provenly.policies.scan import Path
from provenly.trust.verdict import Action

KEYS: Final = ("package", *FACTS, PUBLISHER, "otherwise", "why")

WHOSE: Final = ("repository-id", "owner-id", "repository")
"""Fields that belong to somebody. Of the others everybody can have the same: a path, a branch, a builder."""

NUMBERS: Final = ("repository-id", "owner-id")

STARS: Final = 8
"""``*`` in one ref; patterns of release tags have one or two."""

OTHERWISE: Final = (str(Action.HOLD), str(Action.DENY))
"""What may become of a listed package that somebody else built: a warning would be no list."""

_SCOPE: Final = re.compile(r"@[A-Za-z0-9._~-]{1,214}/\*")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,19}")
_URL: Final = r"https://[a-z0-9.-]{1,253}(?::[0-9]{1,5})?"
_SEGMENT: Final = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~+@%-]{1,255}"

GRAMMARS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = MappingProxyType(
    {
        "issuer": (re.compile(rf"{_URL}(?:/{_SEGMENT}){{0,16}}"), "an https URL without a slash at its end"),
        "repository": (
            re.compile(rf"{_URL}(?:/{_SEGMENT}){{1,16}}(?<!\.git)"),
            "the https URL of one repository, as https://github.com/owner/name",
        ),
        "workflow": (
            re.compile(r"(?!/)(?:(?:\A|/)(?!\.{1,2}(?:/|\Z))[^/@*?\\:\x00-\x1f\x7f]{1,255}){1,16}"),
            "the path of one file in the repository, as .github/workflows/release.yml, without a ref",
        ),
        "ref": (
            re.compile(r"refs/(?:heads|tags)(?:/(?!\.{1,2}(?:/|\Z))[^/?\[\]\\^~:\x00-\x20\x7f]{1,255}){1,16}"),
            "a whole ref as refs/tags/v1.0.0, in which * stands for a part of one segment",
        ),
        "builder": (
            re.compile(rf"{_URL}(?:/{_SEGMENT}){{0,16}}"),
            "the URI of one builder, as https://github.com/actions/runner/github-hosted",
        ),
        "publisher": (
            re.compile(r"[^\s*?\x00-\x1f\x7f](?:[^*?\x00-\x1f\x7f]{0,253}[^\s*?\x00-\x1f\x7f])?"),
            "one account",
        ),
    }
)
"""What each field takes, and the words for it. All are matched whole, and none but ``ref`` has a wildcard."""

_ELSEWHERE: Final = MappingProxyType(
    {
        "owner": "to [[waiver]]; whose repository it is, is said by 'owner-id'",
        "reason": "to [[waiver]]; here it is 'why'",
        "expires": "to [[waiver]]: an identity holds until it is removed",
        "version": "to [[waiver]]: an identity holds for every version",
    }
)


def read_identities(form: Form) -> tuple[IdentityRule, ...]:
    """Return the identities in the order of the file; mistakes go to ``form``."""
    values = form.document.values.get("identities", [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        form.wrong_type(("identities",), "tables, each under [[identities]]", values)
        return ()
    rules: list[IdentityRule] = []
    lines: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
    for index, value in enumerate(values):
        rule = _identity(form, value, index)
        first = lines.setdefault((rule.package, frozenset(rule.fields.items())), rule.line)
        if first != rule.line and rule.package:
            sentence = f"the same identity is already listed on line {first}"
            form.mistake("POLICY_DUPLICATE", sentence, ("identities", index))
        rules.append(rule)
    return tuple(rules)


def _identity(form: Form, value: Mapping[str, Any], index: int) -> IdentityRule:
    path = ("identities", index)
    form.unknown(value, path, KEYS, _ELSEWHERE)
    fields = {key: text for key in (*FACTS, PUBLISHER) if (text := _field(form, value, (*path, key)))}
    if not any(key in value for key in WHOSE):
        sentence = f"the identity belongs to nobody: it needs one of {', '.join(WHOSE)}"
        form.missing(sentence, path)
    return IdentityRule(
        package=_package(form, value, (*path, "package")),
        fields=MappingProxyType(_with_issuer(form, value, fields, path)),
        otherwise=_otherwise(form, value, (*path, "otherwise")),
        why=form.text(value, (*path, "why")),
        line=form.line(path),
    )


def _package(form: Form, value: Mapping[str, Any], path: Path) -> str:
    text = form.text(value, path, required=True)
    if text and not PACKAGE.fullmatch(text) and not _SCOPE.fullmatch(text):
        sentence = (
            f"'package' takes the exact name of one npm package, or a whole scope as @scope/*, not {quoted(text)}"
        )
        form.mistake("POLICY_VALUE", sentence, path)
    return text


def _field(form: Form, value: Mapping[str, Any], path: Path) -> str:
    """Return the text of one field, or an empty one where it is not there or wrong."""
    key = str(path[-1])
    if key in NUMBERS:
        return _number(form, value, path)
    text = form.text(value, path)
    if not isinstance(value.get(key), str):
        return ""
    grammar, what = GRAMMARS[key]
    if not grammar.fullmatch(text) or (key == "ref" and text.count("*") > STARS):
        form.mistake("POLICY_VALUE", f"{key!r} takes {what}, not {quoted(text)}", path)
        return ""
    return text


def _number(form: Form, value: Mapping[str, Any], path: Path) -> str:
    found = value.get(str(path[-1]))
    if found is None:
        return ""
    if isinstance(found, bool) or not isinstance(found, (int, str)):
        form.wrong_type(path, "the forge's number, as 890668799", found)
        return ""
    # Integers of more digits than a number of a forge are not written out: Python refuses those of some thousands.
    text = found if isinstance(found, str) else str(found) if abs(found) < 10**20 else ""
    if not _NUMBER.fullmatch(text):
        form.mistake("POLICY_VALUE", f"{path[-1]!r} takes the forge's number, as 890668799, not {quoted(found)}", path)
        return ""
    return text


def _with_issuer(form: Form, value: Mapping[str, Any], fields: dict[str, str], path: Path) -> dict[str, str]:
    """Return the fields with the issuer that goes with them.

    A number is one of one forge only, and other issuers than a forge's own may vouch for any URL: their builders say
    from where they build, and nobody asks the forge (sigstore/fulcio, config/identity: CI providers).
    """
    if "issuer" in value or not any(key in value for key in WHOSE):
        return fields
    if "repository" not in value:
        form.missing("'issuer' or 'repository' is missing: a number means something on one forge only", path)
        return fields
    host = urlsplit(fields.get("repository", "")).hostname or ""
    if host in ISSUERS:
        return {"issuer": ISSUERS[host], **fields}
    if host:
        form.missing(f"'issuer' is missing: who vouches for builds on {host} is not known", path)
    return fields


def _otherwise(form: Form, value: Mapping[str, Any], path: Path) -> Action:
    found = form.text(value, path)
    if "otherwise" not in value:
        return Action.DENY
    if isinstance(value["otherwise"], str) and found not in OTHERWISE:
        form.mistake(
            "POLICY_VALUE", f"'otherwise' takes hold or deny, not {quoted(found)}{nearest(found, OTHERWISE)}", path
        )
    return Action.HOLD if found == str(Action.HOLD) else Action.DENY
