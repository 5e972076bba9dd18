"""CEL, bounded: expressions are checked when a policy is loaded, and evaluated in time linear in what they look at.

The library is that of the language's own project (docs/adr/0007-conditions-in-cel.md). It knows the type of every
variable, so that a misspelt name is a mistake of the policy and not of an evening; it stops after 10,000 steps and at
32 levels. We leave out what could still grow: regular expressions, ``+`` (texts and lists that grow) and the macros
that build lists. What remains: comparisons, ``&& || ! ?:``, ``in``, ``has``, ``all``, ``exists``, ``size``, the
functions of texts, conversions, times and durations.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from provenly.policies.variables import VARIABLES

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_LENGTH: Final = 1_000
"""Characters of one expression; the parser's own limit on levels (32) and this one bound what it builds."""

MAX_ERROR: Final = 200
"""Characters of an error of the library that a message shows; it may hold names from the evidence."""

LOOPS: Final = ("all", "exists")
"""Macros that look at every member of a list or map."""

LEFT_OUT: Final = ("map", "filter", "exists_one", "matches")
"""What makes lists, counts, or searches with regular expressions."""

_CONFIG: Final = """
name: provenly
stdlib:
  exclude_macros: [map, filter, exists_one]
  exclude_functions:
    - name: matches
    - name: "_+_"
"""
"""What is left out of the standard library, in CEL's own environment format."""

_TOKEN: Final = re.compile(
    r'//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    r"|[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9A-Za-z.]*|&&|\|\||[=!<>]=|[-<>!?:.,()\[\]{}*/%+]|[ \t\n]+"
)
"""The words of an expression. Raw, byte and triple-quoted strings and quoted identifiers are not among them."""

_PLACE: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
"""How the library begins a mistake: line, column and sentence."""

_INDOORS: Final = frozenset({"dependencies", "facts"})
"""Names of what is large. Inside a loop they would be looked through once for every member."""


class CelError(ValueError):
    """An expression that is no condition; the message says why, and where in it."""


class LibraryError(ValueError):
    """The library is not there."""


def check(text: str) -> None:
    """Return where ``text`` is an expression that can be evaluated, and is true or false.

    :raises CelError: it is not; one sentence says why.
    :raises LibraryError: the library that could tell is not installed.
    """
    if len(text) > MAX_LENGTH:
        raise CelError(f"it has more than {MAX_LENGTH:,} characters")
    _lexical(text)
    try:
        found = _compiled(text).return_type().name()
    except (RuntimeError, ValueError) as error:
        if isinstance(error, LibraryError):
            raise
        raise CelError(_mistake(str(error))) from error
    if found != "BOOL":
        raise CelError(f"it is of type {found.lower()}, not bool: write what it is to be compared with")


def evaluate(text: str, known: Mapping[str, object]) -> bool | str:
    """Return whether an expression holds, or why that cannot be told: text of strangers may be in it.

    :param text: an expression that :func:`check` let pass.
    :param known: the value of every variable that has one.
    """
    try:
        answer = _compiled(text).eval(data=known)
        value = answer.value()
    except (RuntimeError, ValueError, TypeError, OverflowError) as error:
        return _told(str(error))
    if answer.type().name() == "ERROR":
        return _told(str(value))
    return value if isinstance(value, bool) else "it is neither true nor false"


@lru_cache(maxsize=1024)
def _compiled(text: str) -> cel.Expression:
    return _environment().compile(text)


@cache
def _environment() -> cel.Env:
    """Return the environment in which every expression is checked: the variables, and what is left of the library."""
    try:
        from cel_expr_python import cel
    except ImportError as error:
        raise LibraryError("conditions need the package cel-expr-python, which is not installed") from error
    config = cel.NewEnvConfigFromYaml(_CONFIG)
    scalars = {
        "bool": cel.Type.BOOL,
        "int": cel.Type.INT,
        "string": cel.Type.STRING,
        "timestamp": cel.Type.TIMESTAMP,
        "map(string, dyn)": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    }
    kinds = scalars | {f"list({name})": cel.Type.List(kind) for name, kind in scalars.items()}
    return cel.NewEnv(config=config, variables={name: kinds[kind] for name, (kind, _) in VARIABLES.items()})


def _lexical(text: str) -> None:
    """Refuse characters that mislead readers, and loops within loops or over what is large from within a loop.

    :raises CelError: there is one.
    """
    for one in text:
        if one not in "\t\n" and unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
            raise CelError(f"it has the character U+{ord(one):04X}, which is not shown")
    before = ["", ""]
    inside: list[bool] = []
    for word in _words(text):
        if word == "(":
            loop = before[0] == "." and before[1] in LOOPS
            if loop and any(inside):
                raise CelError("it has a loop within a loop: all and exists may not stand inside each other")
            if before[1] in LEFT_OUT:
                raise CelError(f"{before[1]!r} is left out, because it can grow without bound")
            inside.append(loop)
        elif word == ")" and inside:
            inside.pop()
        elif word in _INDOORS and any(inside):
            raise CelError(f"{word!r} may not stand inside all or exists: it would be looked through again and again")
        elif word[0] in "\"'" and before[1] in ("r", "R", "b", "B", "rb", "br"):
            raise CelError("raw and byte strings are not supported")
        before = [before[1], word]


def _words(text: str) -> Iterator[str]:
    """Yield the words of an expression without white space and comments.

    :raises CelError: there is something else.
    """
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or text.startswith(('"""', "'''"), place):
            raise CelError(f"it cannot be read from column {place + 1} on: {text[place : place + 20]!r}")
        place = match.end()
        word = match.group()
        if not word.isspace() and not word.startswith("//"):
            yield word


def _mistake(message: str) -> str:
    """Return the first mistake that the library names, with its place and the name that comes nearest."""
    found = _PLACE.search(message)
    if found is None:
        return _told(message)
    line, column, sentence = found.groups()
    where = f" (column {column})" if line == "1" else f" (line {line}, column {column} of it)" if line != "-1" else ""
    sentence = sentence.removesuffix(" (in container '')").split(" expecting {", 1)[0]
    unknown = re.match(r"undeclared reference to '([^']*)'", sentence)
    if unknown is None:
        return f"{sentence[:MAX_ERROR]}{where}"
    if unknown[1] == "_+_":
        return f"'+' is left out, because it can grow without bound{where}"
    near = difflib.get_close_matches(unknown[1][:MAX_ERROR], VARIABLES, n=1, cutoff=0.6)
    advice = f"; did you mean {near[0]!r}?" if near else "; docs/policies.md lists what there is"
    return f"there is no {unknown[1][:MAX_ERROR]!r}{where}{advice}"


def _told(message: str) -> str:
    """Return an error of the library, short and without the name of its kind."""
    text = re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$", "", message).split("\n", 1)[0].strip()
    unknown = re.match(r'No value with name "([^"]*)" found', text)
    return f"{unknown[1]} is not known" if unknown else text[:MAX_ERROR] or "it failed"
