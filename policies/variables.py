"""What conditions can name: every variable with its type, and its value for one verification.

A variable whose value is not known has none, and an expression that needs it cannot be evaluated. ``…_known`` and
``….known`` say beforehand whether it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from provenly.policies.rules import CHECK_IDS
from provenly.policies.subject import MAX_DEPENDENCIES, MAX_LICENCES, Subject
from provenly.trust.evidence import Evidence, FileClass
from provenly.trust.model import Package

MAX_TEXT: Final = 4_000
"""Characters of one text. Saved reports cut texts a little above that; what is cut must not decide."""

MAX_NODES: Final = 2_000
"""Values in the facts of one check; the largest ones seen have some hundreds."""

MAX_DEPTH: Final = 16
"""Levels of facts within facts; ours have three."""

MAX_INTEGER: Final = 2**63
"""CEL's int has 64 bits (https://github.com/google/cel-spec, langdef.md, Values)."""

_NAMES: Final = {
    "now": ("timestamp", "the time of the verification, or of the decision on a saved report"),
    "pkg.known": ("bool", "whether the package was found"),
    "pkg.name": ("string", "its name"),
    "pkg.version": ("string", "its version"),
    "pkg.purl": ("string", "its package-url"),
    "pkg.registry": ("string", "the base URL of the registry that was asked; empty for files on disk"),
    "pkg.publisher": ("string", "the account that published it, in the registry's unsigned words"),
    "pkg.deprecated": ("bool", "whether the registry calls it deprecated"),
    "pkg.published": ("timestamp", "when it was published, in the registry's words; not always known"),
    "pkg.licences": ("list(string)", "the licences that it declares, as it writes them"),
    "artifact.known": ("bool", "whether the archive could be read"),
    "artifact.size": ("int", "bytes of the archive"),
    "source.known": ("bool", "whether a source could be read"),
    "source.repository": ("string", "the URL of the repository"),
    "source.commit": ("string", "the commit that was compared"),
    "source.directory": ("string", "the package's directory in it"),
    "source.found_by": ("string", "how the commit was found"),
    "files.known": ("bool", "whether the files were compared with a source"),
    "files.total": ("int", "how many files the archive has"),
    "files.executable": ("int", "how many of them can be run"),
    "dependencies_known": ("bool", "whether the tree of dependencies was looked at"),
    "dependencies_complete": ("bool", "whether it is the whole tree"),
    "dependencies": ("list(map(string, dyn))", "the packages of the tree, without this one"),
}


def _declared() -> Iterator[tuple[str, tuple[str, str]]]:
    yield from _NAMES.items()
    for kind in FileClass:
        yield f"files.{kind.value}", ("int", f"how many files are {kind.value}")
        yield f"bytes.{kind.value}", ("int", f"bytes of the files that are {kind.value}")
    for check in CHECK_IDS:
        start = prefix(check)
        yield f"{start}.status", ("string", f"passed, failed, absent or unchecked: {check}")
        yield f"{start}.strength", ("string", f"how strong the proof is; may be empty: {check}")
        yield f"{start}.facts", ("map(string, dyn)", f"details for machines: {check}")


def prefix(check: str) -> str:
    """Return how the variables of a check begin: CEL's names have no dashes."""
    return f"evidence.{check.replace('-', '_')}"


VARIABLES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(dict(_declared()))
"""The type of every variable, as CEL writes it, and what it is. docs/policies.md has them all."""


def values(
    evidence: Mapping[str, Evidence], package: Package | None, subject: Subject, now: datetime
) -> Mapping[str, object]:
    """Return the value of every variable that is known.

    :param evidence: by check, of which there is one each.
    """
    found: dict[str, object] = {"now": now, **_package(package, subject), **_looked_at(subject)}
    for check in CHECK_IDS:
        piece = evidence.get(check)
        if piece is None:
            continue
        found[f"{prefix(check)}.status"] = piece.status.value
        found[f"{prefix(check)}.strength"] = piece.strength
        facts = _Plain().of(piece.facts)
        if facts is not None:
            found[f"{prefix(check)}.facts"] = facts
    return {name: value for name, value in found.items() if not isinstance(value, str) or _sound(value)}


def _package(package: Package | None, subject: Subject) -> Mapping[str, object]:
    found: dict[str, object] = {"pkg.known": package is not None}
    if package is None:
        return found
    found |= {
        "pkg.name": package.name,
        "pkg.version": package.version,
        "pkg.purl": package.purl,
        "pkg.registry": package.registry.rstrip("/"),
        "pkg.publisher": package.release.publisher,
        "pkg.deprecated": bool(package.deprecated),
    }
    if package.published is not None:
        found["pkg.published"] = package.published
    licences = None if subject.licences is None else _Plain().of(subject.licences)
    if licences is not None and len(subject.licences or ()) <= MAX_LICENCES:
        found["pkg.licences"] = licences
    return found


def _looked_at(subject: Subject) -> Mapping[str, object]:
    found: dict[str, object] = {
        "artifact.known": subject.size is not None,
        "source.known": subject.repository is not None,
        "files.known": subject.files is not None,
        "dependencies_known": subject.dependencies is not None,
    }
    if subject.size is not None:
        found["artifact.size"] = subject.size
    if subject.repository is not None:
        found |= {
            "source.repository": subject.repository,
            "source.commit": subject.commit,
            "source.directory": subject.directory,
            "source.found_by": subject.found_by,
        }
    if subject.files is not None and subject.sizes is not None:
        found |= {"files.total": subject.total, "files.executable": subject.executable}
        found |= {f"files.{kind}": count for kind, count in subject.files.items()}
        found |= {f"bytes.{kind}": size for kind, size in subject.sizes.items()}
    if subject.dependencies is not None:
        found["dependencies_complete"] = subject.complete
        plain = [_Plain().of(one) for one in subject.dependencies[: MAX_DEPENDENCIES + 1]]
        if len(plain) <= MAX_DEPENDENCIES and None not in plain:
            found["dependencies"] = plain
    return found


def _sound(text: str) -> bool:
    """Return whether a text is the same in a saved report: nothing of it is cut or spelled out there."""
    return len(text) <= MAX_TEXT and "\x00" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


class _Plain:
    """Makes plain values of facts, for CEL; what cannot be told exactly is not told at all."""

    def __init__(self) -> None:
        self.nodes = 0

    def of(self, value: object) -> object | None:
        """Return dicts, lists and scalars, or ``None`` where a part is over a limit or has no value in CEL."""
        try:
            return self._plain(value, 0)
        except ValueError:
            return None

    def _plain(self, value: object, depth: int) -> object:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ValueError
        if isinstance(value, Mapping):
            return {self._scalar(str(key)): self._plain(member, depth + 1) for key, member in value.items()}
        if isinstance(value, (tuple, list)):
            return [self._plain(member, depth + 1) for member in value]
        return self._scalar(value)

    @staticmethod
    def _scalar(value: object) -> object:
        match value:
            case None | bool():
                return value
            case str() if _sound(value):
                return value
            case int() if -MAX_INTEGER <= value < MAX_INTEGER:
                return value
            case float() if math.isfinite(value):
                return value
            case _:
                raise ValueError
