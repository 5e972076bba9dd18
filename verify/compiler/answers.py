"""What a compiler answers, as text from an isolate and as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.strict_json import Json
from provenly.trust.text import show


@dataclass(frozen=True, kw_only=True, slots=True)
class Emitted:
    """What a project compiles to.

    :param outputs: path → bytes, paths as in the repository.
    :param origins: output path → the paths of the sources that it was made from.
    :param diagnostics: what the compiler said about the configuration and the syntax, the first 50.
    :param missing: why files of packages were not there; empty where all were, or none were asked for.
    """

    outputs: Mapping[str, bytes] = field(repr=False)
    origins: Mapping[str, tuple[str, ...]] = field(repr=False)
    diagnostics: tuple[str, ...]
    missing: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """What a project writes where.

    :param options: its options as the compiler read them, with absolute paths; for
        :meth:`~provenly.verify.compiler.compilers.Compilers.emit` alone.
    :param outputs: the path of a source → the paths of what would be made of it; those that the project lists first.
    """

    options: Mapping[str, Json] = field(repr=False)
    outputs: Mapping[str, tuple[str, ...]] = field(repr=False)


LASTING: Final = frozenset({"COMPILER_MEMORY", "COMPILER_SOURCE", "COMPILER_OUTPUT"})
"""The codes of refusals that would be the same another time: finding that out may take half a minute."""


def emitted(answer: bytes) -> Emitted:
    """Read the answer to a project.

    :raises MalformedError: it is a refusal that was kept.
    """
    value = json.loads(answer)
    if "refused" in value:
        code, message = value["refused"]
        raise MalformedError(message, code=code)
    return Emitted(
        outputs=MappingProxyType({path: text.encode() for path, text in value["outputs"]}),
        origins=MappingProxyType({path: tuple(origins) for path, origins in value["origins"]}),
        diagnostics=tuple(value["diagnostics"]),
        missing=value.get("missing", ""),
    )


def kept(error: MalformedError) -> bytes:
    """Return a refusal as an answer that can be kept."""
    return json.dumps({"refused": [error.code, error.message]}).encode()


def remarked(answer: bytes, missing: str) -> bytes:
    """Return the answer to a project with why files were not there when it was given."""
    return json.dumps({**json.loads(answer), "missing": missing}, ensure_ascii=False).encode() if missing else answer


def outline(answer: bytes) -> Outline:
    """Read the answer to where a project writes what."""
    value = json.loads(answer)
    outputs = {path: tuple(outputs) for path, outputs in value["sources"]}
    return Outline(options=MappingProxyType(value["options"]), outputs=MappingProxyType(outputs))


def texts(answer: bytes) -> Mapping[str, bytes]:
    """Read what one source became."""
    return MappingProxyType({path: text.encode() for path, text in json.loads(answer)})


def refused(answer: bytes, what: str) -> Error:
    """Return the error for an answer that is one.

    :param what: which compiler answered: ``typescript@5.9.3``.
    """
    reason = str(json.loads(answer)["error"])
    if reason == "output":
        return MalformedError(f"{what} made more output than is taken", code="COMPILER_OUTPUT")
    if reason == "tainted":
        return UnavailableError(f"the sources changed {what} itself, which cannot be", code="COMPILER_CRASH")
    return MalformedError(f"{what} gave up: {show(reason, limit=300)}", code="COMPILER_SOURCE")
