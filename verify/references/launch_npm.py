"""How npx and npm read their own options: the two stages of npm 11, reproduced for launch lines.

:func:`npx_to_npm` is npm's ``bin/npx-cli.js``; :func:`read_options` is nopt 8's ``parse`` with npm's definitions. Both
are compared with the originals, run by node, in ``tests/verify/test_launch.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from provenly.verify.references.launch_flags import (
    BOOLEANS,
    KNOWN,
    NULLABLE,
    REMOVED,
    REMOVED_VALUED,
    SHORTHANDS,
    STRINGS,
)


@dataclass(slots=True)
class Options:
    """What a reading of options has found so far.

    :ivar names: every option that was met, without dashes, in its full spelling.
    :ivar packages: the values of ``--package``.
    :ivar shell: whether an option hands a script to the shell.
    :ivar rest: the words that are no options.
    """

    names: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    shell: bool = False
    rest: list[str] = field(default_factory=list)


def npx_to_npm(words: list[str]) -> list[str]:
    """Return what npx hands to npm: old options rewritten or dropped, and ``--`` before the first other word.

    The rules, in their order, are those of npm's ``bin/npx-cli.js``.
    """
    at = 0
    while at < len(words) and words[at] != "--":
        if not words[at].startswith("-"):
            return [*words[:at], "--", *words[at:]]
        key, *values = words[at].lstrip("-").split("=")
        if key == "p":
            words[at] = "=".join(["--package", *values])
        elif key == "shell":
            words[at] = "=".join(["--script-shell", *values])
        elif key == "no-install":
            words[at] = "--yes=false"
        elif key in SHORTHANDS and key not in REMOVED:
            words[at : at + 1] = [*SHORTHANDS[key], *(["=".join(values)] if values else [])]
            continue
        width = 1 + (not values and _npx_takes_next(key, words[at + 1 : at + 2]))
        if key in REMOVED:
            del words[at : at + width]
        else:
            at += width
    return words


def _npx_takes_next(key: str, following: Sequence[str]) -> bool:
    """Say whether npx takes the next word for the value of an option: it does unless it knows better."""
    if key in _NPX_SWITCHES:
        return False
    return key in _NPX_VALUED or not "".join(following).startswith("-")


_NPX_SWITCHES: Final = (REMOVED - REMOVED_VALUED) | BOOLEANS | {"no-install", "quiet", "q", "version", "v", "help", "h"}
_NPX_VALUED: Final = REMOVED_VALUED | {"package", "p", "cache", "userconfig", "call", "c", "shell"}


def read_options(words: list[str]) -> Options:
    """Sort the words behind ``npm`` into options and others, by the rules of nopt's ``parse``."""
    options = Options()
    at = 0
    while at < len(words):
        word = words[at]
        if len(word) > 1 and not word.strip("-"):
            options.rest.extend(words[at + 1 :])
            break
        if len(word) < 2 or not word.startswith("-"):  # noqa: PLR2004 - a dash alone is a word
            options.rest.append(word)
            at += 1
            continue
        name, equals, value = word.partition("=")
        if equals:
            words[at : at + 1] = [name, value]
        replacement = _shorthand(name.lstrip("-"))
        if replacement and replacement[0] != name:
            words[at : at + 1] = replacement
            continue
        at += 1 + _take(name.lstrip("-"), words[at + 1 : at + 2], options, separate=not equals)
    return options


def _take(name: str, following: Sequence[str], options: Options, *, separate: bool) -> int:
    """Note one option; return how many of the following words (at most one) are its value.

    :param separate: whether the value would be a word of its own, not behind ``=``.
    """
    negated = False
    while name.lower().startswith("no-"):
        name, negated = name[3:], True
    name = _abbreviated(name, KNOWN) or name
    options.names.append(name)
    value = following[0] if following else None
    if negated or name in BOOLEANS or (name not in KNOWN and separate):
        return _takes_boolean(name, value)
    missing = value is None or (value.startswith("--") and not value.strip("-"))
    if name in STRINGS and value and value.startswith("-") and value.strip("-"):
        value, missing = "", True
    if name == "package":
        options.packages.append("true" if missing or value is None else value)  # "true": nopt's for a missing value
    if name == "call":
        options.shell = bool(value)
    return 0 if missing else 1


def _takes_boolean(name: str, value: str | None) -> int:
    """Return whether the word behind an option without a value belongs to it all the same."""
    if value is None:
        return 0
    if value in {"true", "false"} or (value == "null" and name in NULLABLE):
        return 1
    if name == "color":
        return int(value == "always")
    return int(name == "browser" and (value[:1] != "-" or value[1:2] in {"", "-"}))


def _shorthand(name: str) -> tuple[str, ...]:
    """Return what stands for a short option, for several in one word, or for an abbreviated one; else nothing."""
    if name in KNOWN:
        return ()
    if name in SHORTHANDS:
        return SHORTHANDS[name]
    if name and all(letter in SHORTHANDS for letter in name):
        return tuple(word for letter in name for word in SHORTHANDS[letter])
    if _abbreviated(name, KNOWN):
        return ()
    return SHORTHANDS.get(_abbreviated(name, SHORTHANDS), ())


def _abbreviated(name: str, names: frozenset[str] | Mapping[str, tuple[str, ...]]) -> str:
    """Return the one of ``names`` that ``name`` is or unmistakably abbreviates, or an empty string."""
    if name in names:
        return name
    found = [other for other in names if name and other.startswith(name)]
    return found[0] if len(found) == 1 else ""
