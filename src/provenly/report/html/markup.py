"""Building HTML so that no text can become markup.

What :func:`tag` makes is :class:`Html`; everything else is text that a stranger may have written. Text is made safe to
show, then escaped, wherever it stands: there is no way to add it unescaped but to call it :class:`Html` by name.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from provenly.report.words import foreign

MAX_TEXT: Final = 4_096
"""Characters of one text on a page, as in the JSON report; the rest is counted."""

VOID: Final = frozenset({"br", "meta", "rect", "wbr"})
"""Elements without content that we use (HTML Living Standard 13.1.2); an SVG ``rect`` is closed in its own tag."""

FORGES: Final = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org")
"""Hosts whose pages are linked: a reader who follows a link must know from its host what to expect there."""

OTHERS: Final = ("www.npmjs.com", "search.sigstore.dev")
"""Further hosts: the public registry's pages, and the search page of the public transparency log."""

_LINK: Final = re.compile(
    rf"https://(?:{'|'.join(map(re.escape, (*FORGES, *OTHERS)))})"
    r"(?:(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9@._~+\-]{1,128}){1,16}/?|/\?logIndex=[0-9]{1,15})"
)
"""Addresses that become links: https, a host that is known, plain path segments; no user, port or percent sign."""


class Html(str):
    """Markup of ours. Only this package makes it, and only of constants and of text that was escaped."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
"""What an element holds: markup, text to be escaped, several of these, or nothing."""


def tag(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """Return an element.

    :param name: of the element; a constant of the caller, like the names of attributes.
    :param attributes: ``_`` in a name is written as ``-``, and one at its end left out. ``True`` writes the bare name;
        ``False``, ``None`` and an empty ``class_`` leave the attribute out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>" if name != "rect" else f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: Child) -> Html:
    """Return children one after the other: markup as it is, text made safe and escaped."""
    return Html("".join(_piece(child) for child in children))


def text(content: str, *, limit: int = MAX_TEXT) -> Html:
    """Return text that a stranger may have written as markup that shows it.

    :param limit: characters that are shown; the rest is counted.
    """
    return Html(html.escape(foreign(content, limit=limit)))


def code(content: str, *, limit: int = MAX_TEXT) -> Html:
    """Return text as code: of one width, and from left to right whatever is in it."""
    return tag("code", text(content, limit=limit))


def address(content: str) -> Html:
    """Return an address: a link where it is one of ours to give (:data:`_LINK`), else code."""
    return link(content, content)


def link(target: str, content: Child) -> Html:
    """Return ``content`` as a link to ``target``; as mere text where the target is none that pages link to."""
    if not _LINK.fullmatch(target):
        return code(content) if isinstance(content, str) and not isinstance(content, Html) else join(content)
    return tag("a", content, href=target, rel="noreferrer", class_="to" if content != target else "")


def _piece(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return text(child)
    return "".join(_piece(one) for one in child)


def _attribute(key: str, value: str | float | bool | None) -> str:  # noqa: FBT001 - the attribute's own value
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False or (name == "class" and value == ""):
        return ""
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
