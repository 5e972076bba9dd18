"""The program that makes digests of programs, and what its version is."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Final

PARTS: Final = (
    "digest",
    "scopes",
    "required",
    "units",
    "strings",
    "given",
    "expressions",
    "functions",
    "classes",
    "statements",
    "enums",
    "bindings",
    "wrappers",
    "webpack",
    "packs",
    "rollup",
    "modules",
    "rewriting",
    "inline",
    "trace",
)
"""The pieces of the program in their order: each uses the ones before it. They share one function's scope."""


@cache
def program() -> bytes:
    """Return the program that receives requests in V8, to be evaluated after ``typescript.js``."""
    folder = resources.files("provenly.verify.tracing")
    parts = (folder.joinpath(f"{name}.js").read_bytes() for name in PARTS)
    return b'(() => {\n"use strict";\n' + b"\n".join(parts) + b"\n})()"


@cache
def version() -> str:
    """Return a name of the program's very text, for the keys of what it made."""
    return sha256(program()).hexdigest()
