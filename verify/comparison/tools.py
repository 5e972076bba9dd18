"""What an MCP server offers to a language model: its tools, prompts and resources, as its code declares them.

They are found where the libraries that servers are written with take them: ``server.tool(name, description, schema,
handler)``, ``registerTool(name, {…}, handler)``, ``addTool({name, …})`` and the like, and objects with a name and an
input schema, as handlers of ``tools/list`` return them. The code is read, not run: a tool whose name is computed has
none here, and its sentences are cues of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from provenly.verify.comparison.script_tokens import Script, folded

MAX_OFFERS: Final = 2_000
"""Tools, prompts and resources of one file; the largest server of our survey has two hundred."""

MAX_TOKENS: Final = 20_000
"""Tokens of one declaration that are looked at."""

MAX_SCHEMAS: Final = 4
"""Schemas that one declaration names."""

MAX_NAME: Final = 200
"""Characters of a name."""

_CALL: Final = re.compile(
    r"(?:^|[^\w$])(?:register|add|define|server)?(?:App)?(tool|prompt|resource)(?:Template)?\s*\Z", re.IGNORECASE
)
"""What stands before the bracket of a call that declares something. ``createTool`` of agents' libraries is left out."""

_CALL_BACK: Final = 40
_SCHEMA_KEY: Final = re.compile(r"""(?:\b|["'])(?:inputSchema|input_schema|inputSchemaJson)["']?\s*:""")
_KEY: Final = re.compile(r"(?:^|[,{\s])([A-Za-z_$][\w$]*)\s*:\s*\Z")
_ENTRY_KEY: Final = re.compile(r"""(?:^|,)\s*["']?([A-Za-z_$][\w$]*)["']?\s*:""")
_ASSIGNED: Final = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]{0,100})\s{0,3}=(?![=>])")
_CONSTANT: Final = re.compile(r"(?:\b(?:const|let|var)\s|,)\s*([A-Za-z_$][\w$]*)\s*=\s*(?=[\"'`])")
_VALUES: Final = {"!0": "true", "!1": "false"}
_SAYS: Final = re.compile(
    r"(?:^|[^\w$.])([A-Za-z_$][\w$]*)\s*:(?:\s*(true|false|![01]|-?\d[\w.]*)(?![\w$.(]))?"
    r"|\.([A-Za-z_$][\w$]*)(?=\s*\()|\b(\d[\w.]*|true|false)\b"
)
_SCHEMA_NAME: Final = re.compile(
    r"\b(?:inputSchema|input_schema|argsSchema|outputSchema|parameters)\s*:\s*([A-Za-z_$][\w$]{0,100})(?:\.shape)?\s*[,}]"
)
_HANDLER: Final = re.compile(r"\s*(?:async\b|function\b|\([^()]{0,500}\)\s*=>|[A-Za-z_$][\w$]*\s*=>|\(\s*\{)")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$]{0,100}")
_MEMBERS: Final = ("description", "title")


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One tool, prompt or resource.

    :param kind: ``tool``, ``prompt`` or ``resource``.
    :param name: as the model sees it.
    :param position: where its declaration begins in the text.
    :param says: its title and description, in the order of the code.
    :param shape: the words of its schema and annotations: keys, methods, numbers and strings. Names of variables are
        left out, since bundlers change them.
    """

    kind: str
    name: str
    position: int
    says: tuple[str, ...]
    shape: tuple[str, ...]


def offers(script: Script) -> Iterator[Offer]:
    """Yield what a script offers, in the order of its text."""
    names = _Names(script)
    count = 0
    seen: set[int] = set()
    for token, kind in sorted((*_calls(script), *_objects(script))):
        offer = _declared(script, token, kind, names)
        if offer is None or offer.position in seen:
            continue
        seen.add(offer.position)
        yield offer
        count += 1
        if count >= MAX_OFFERS:
            return


def _calls(script: Script) -> Iterator[tuple[int, str]]:
    text = script.text
    for token, kind in enumerate(script.kinds):
        if kind == "(":
            start = script.starts[token]
            found = _CALL.search(text[max(0, start - _CALL_BACK) : start])
            if found:
                yield token, found[1].lower()


def _objects(script: Script) -> Iterator[tuple[int, str]]:
    """Yield the objects that have an input schema, unless they are the argument of a call that declares them."""
    for found in _SCHEMA_KEY.finditer(script.text):
        inner = script.at(found.start())
        if inner < 0:
            continue
        opening = inner if script.kinds[inner] in "{[(" and script.partner[inner] > inner else script.parent[inner]
        if opening >= 0 and script.kinds[opening] == "{":
            outer = script.parent[opening]
            before = script.text[max(0, script.starts[outer] - _CALL_BACK) : script.starts[outer]] if outer >= 0 else ""
            if not (outer >= 0 and script.kinds[outer] == "(" and _CALL.search(before)):
                yield opening, "tool"


def _declared(script: Script, opening: int, kind: str, names: _Names) -> Offer | None:
    """Return what the call or object that begins at ``opening`` declares; ``None`` where it has no name of its own."""
    closing = script.partner[opening]
    if closing < 0 or closing - opening > MAX_TOKENS:
        return None
    if script.kinds[opening] == "{":
        return _object(script, opening, kind, names)
    parts = list(_split(script, opening, closing))
    begin, end = parts[0]
    if begin < end and script.kinds[begin] == "{":
        return _object(script, begin, kind, names)
    name = _name(script, parts[0], names)
    if not name:
        return None
    says: list[str] = []
    shape: list[str] = []
    for begin, end in parts[1:]:
        if _HANDLER.match(script.text, script.ends[begin - 1]):
            continue
        if begin < end and script.kinds[begin] == "s" and folded(script, begin)[0] >= end - 1:
            says.append(folded(script, begin)[1])
            continue
        place = begin if begin < end else names.token(script.text[script.ends[begin - 1] : script.starts[end]].strip())
        if place >= 0 and script.kinds[place] == "{" and 0 <= script.partner[place] - place <= MAX_TOKENS:
            says += [text for key, text in _members(script, place).items() if key in _MEMBERS]
            shape += _shape(script, place, script.partner[place] + 1)
            shape += _named_schemas(script, place, names)
    return _offer(script, opening, (kind, name), says, shape)


def _object(script: Script, opening: int, kind: str, names: _Names) -> Offer | None:
    closing = script.partner[opening]
    if not 0 <= closing - opening <= MAX_TOKENS:
        return None
    members = _members(script, opening)
    name = members.get("name", "") or names.strings.get(_identifier(script, opening, "name"), "")
    if not name or len(name) > MAX_NAME or (kind != "tool" and not members.keys() & set(_MEMBERS)):
        return None
    says = [text for key, text in members.items() if key in _MEMBERS]
    shape = (*_shape(script, opening, closing + 1), *_named_schemas(script, opening, names))
    return _offer(script, opening, (kind, name), says, shape)


def _offer(script: Script, opening: int, named: tuple[str, str], says: Sequence[str], shape: Iterable[str]) -> Offer:
    """Return an offer; what it says is left out of its shape, as are names of members that only say it."""
    said = {f'"{text}"' for text in (*says, named[1])} | {"name", "description", "title"}
    return Offer(
        kind=named[0],
        name=named[1],
        position=script.starts[opening],
        says=tuple(says),
        shape=tuple(word for word in shape if word not in said),
    )


def _split(script: Script, opening: int, closing: int) -> Iterator[tuple[int, int]]:
    """Yield the arguments of a call as ranges of tokens; one without any token of its own is an empty range."""
    begin = opening + 1
    token = begin
    while token < closing:
        if script.kinds[token] == "," and script.parent[token] == opening:
            yield begin, token
            begin = token + 1
        token = script.partner[token] + 1 if script.partner[token] > token else token + 1
    yield begin, closing


def _name(script: Script, part: tuple[int, int], names: _Names) -> str:
    """Return the name that a call's first argument gives, ``prefix || "name"`` and a constant included."""
    begin, end = part
    for token in range(begin, min(end, begin + 8)):
        if script.kinds[token] == "s":
            name = folded(script, token)[1]
            return name if len(name) <= MAX_NAME else ""
    return names.strings.get(script.text[script.ends[begin - 1] : script.starts[end]].strip(), "")


def _members(script: Script, opening: int) -> dict[str, str]:
    """Return the members of an object whose values are strings."""
    found: dict[str, str] = {}
    closing = script.partner[opening]
    token = opening + 1
    while 0 <= token < closing:
        if script.kinds[token] == "s" and script.parent[token] == opening:
            before = script.text[script.ends[token - 1] : script.starts[token]].rstrip("`")
            key = _KEY.search("," + before)
            last, value, _ = folded(script, token)
            if key:
                found.setdefault(key[1], value)
            token = last + 1
            # "name": "value", as JSON writes it.
            if not key and token < closing and script.kinds[token] == "s" and ":" in script.between(token - 1):
                last, text, _ = folded(script, token)
                found.setdefault(value, text)
                token = last + 1
            continue
        token = script.partner[token] + 1 if script.partner[token] > token else token + 1
    return found


def _identifier(script: Script, opening: int, key: str) -> str:
    """Return the variable that an object's member is set to, or an empty string."""
    closing = script.partner[opening]
    inside = script.text[script.ends[opening] : min(script.starts[closing], script.ends[opening] + 4_000)]
    found = re.search(rf"(?:^|[,{{\s]){key}\s*:\s*([A-Za-z_$][\w$]*)\s*(?:,|$)", inside)
    return found[1] if found else ""


def _shape(script: Script, begin: int, end: int) -> Iterator[str]:
    """Yield the words of a schema: keys, methods, numbers, and what its strings say."""
    token = begin
    while token < end:
        if script.kinds[token] == "s":
            last, value, _ = folded(script, token)
            yield f'"{value}"'
            token = last
        if token + 1 < end:
            for found in _SAYS.finditer(script.between(token)):
                value = _VALUES.get(found[2] or "", found[2])
                yield f"{found[1]}: {value}" if value else found[1] or found[3] or found[4]
        token += 1


def _named_schemas(script: Script, opening: int, names: _Names) -> Iterator[str]:
    """Yield the words of schemas that a declaration names: ``inputSchema: EchoSchema``."""
    closing = script.starts[script.partner[opening]] + 1
    for found in islice(_SCHEMA_NAME.finditer(script.text, script.ends[opening], closing), MAX_SCHEMAS):
        token = names.token(found[1])
        if token >= 0 and 0 <= script.partner[token] - token <= MAX_TOKENS:
            yield from _shape(script, token, script.partner[token] + 1)


class _Names:
    """What the variables of a script are set to first, as far as declarations use them; read when it is asked for."""

    def __init__(self, script: Script) -> None:
        self._script = script

    @cached_property
    def strings(self) -> Mapping[str, str]:
        """The variables that are set to a string, by name; those that are set to two are left out."""
        script = self._script
        found: dict[str, str] = {}
        twice: set[str] = set()
        for match in _CONSTANT.finditer(script.text):
            token = script.at(match.end() + (script.text[match.end() : match.end() + 1] == "`"))
            if token >= 0 and script.kinds[token] == "s":
                value = folded(script, token)[1]
                if found.setdefault(match[1], value) != value:
                    twice.add(match[1])
        return {name: value for name, value in found.items() if name not in twice}

    @cached_property
    def _places(self) -> Mapping[str, int]:
        places: dict[str, int] = {}
        for match in _ASSIGNED.finditer(self._script.text):
            places.setdefault(match[1], match.end())
        return places

    def token(self, name: str) -> int:
        """Return the bracket that the value of a variable begins with, or has first; -1 where there is none."""
        place = self._places.get(name, -1) if _IDENTIFIER.fullmatch(name) else -1
        token = self._script.at(place) + 1 if place >= 0 else -1
        return token if 0 <= token < len(self._script.kinds) and self._script.kinds[token] in "({[" else -1
