"""By what rules it was decided: the policy, the written exceptions, and what nobody could look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Html, code, tag
from provenly.report.html.verdict import badge, ordered
from provenly.report.read import Members
from provenly.report.words import sentence
from provenly.trust.text import plural

MAX_ROWS: Final = 500
"""Waivers, checks, files and notes on a page, of each kind."""


def policy(document: Members) -> Iterator[Html]:
    """Yield the policy and the waivers, those that have run out among them."""
    verdict = read.mapping(document, "verdict")
    used = read.mapping(verdict, "policy")
    reasons = ordered(document)
    counts = [(action, sum(read.text(one, "action") == action for one in reasons)) for action in _ACTIONS]
    said = ", ".join(f"{count} {action}" for action, count in counts if count) or "none"
    yield tag(
        "p",
        "Policy “",
        read.text(used, "name"),
        "”, whose text has the digest ",
        code(read.text(used, "digest")),
        f". It made of the checks: {said}. The strictest of them is the verdict.",
    )
    today = read.text(document, "checked_at")[:10]
    rows = [_waiver(one, today, expired=False) for one in read.mappings(verdict, "waivers")]
    rows += [_waiver(one, today, expired=True) for one in read.mappings(verdict, "expired_waivers")]
    if not rows:
        yield tag("p", "No written exception (waiver) was used, and none that would have been has expired.")
        return
    columns = ("Check", "Package", "Reason", "Owner", "Until", "State")
    head = tag("thead", tag("tr", (tag("th", name, scope="col") for name in columns)))
    caption = "Written exceptions (waivers)"
    table = tag("table", tag("caption", caption), head, tag("tbody", rows[:MAX_ROWS]))
    yield tag("div", table, class_="wide", tabindex="0", role="region", aria_label=caption)
    yield from _more(len(rows))


_ACTIONS: Final = ("deny", "hold", "warn", "allow")


def _waiver(one: Members, today: str, *, expired: bool) -> Html:
    package, version = read.text(one, "package"), read.text(one, "version")
    expires = read.text(one, "expires")
    over = expired or expires < today
    return tag(
        "tr",
        tag("th", code(read.text(one, "check")), scope="row"),
        tag("td", code(f"{package}@{version}" if version else package), None if version else " in all versions"),
        tag("td", read.text(one, "reason")),
        tag("td", read.text(one, "owner")),
        tag("td", expires),
        tag("td", tag("b", "expired: it no longer counts", class_="failed") if over else "applied"),
    )


def unchecked(document: Members) -> Iterator[Html]:
    """Yield what could not be looked at, and what this page or its document leaves out."""
    found = [one for one in read.mappings(document, "evidence") if read.text(one, "status") == "unchecked"]
    seen = {read.text(one, "check") for one in read.mappings(document, "evidence")}
    # A rule without evidence: the policy asks what nobody has looked at.
    missing = [one for one in ordered(document) if read.text(one, "check") not in seen]
    files = [
        one for one in read.mappings(read.mapping(document, "files"), "unexplained") if read.text(one, "unchecked")
    ]
    if not found and not missing and not files:
        yield tag("p", "Every check could be made, and every file could be looked at.")
    rows = [_check(one, read.text(one, "summary"), read.text(one, "hint")) for one in found]
    rows += [_check(one, read.text(one, "text"), read.text(one, "turn")) for one in missing]
    if rows:
        yield tag("ul", rows[:MAX_ROWS])
        yield from _more(len(rows))
    if files:
        yield tag("h3", f"{plural(len(files), 'file')} that could not be looked at")
        yield tag(
            "ul",
            (
                tag("li", code(read.text(one, "path")), ": ", sentence(read.text(one, "unchecked")))
                for one in files[:MAX_ROWS]
            ),
        )
        yield from _more(len(files))
    yield from _limits(document)


def _check(one: Members, said: str, hint: str) -> Html:
    next_ = tag("div", "Next step: ", sentence(hint)) if hint else None
    return tag("li", badge("unchecked"), " ", tag("b", read.text(one, "check")), ": ", sentence(said), next_)


def _limits(document: Members) -> Iterator[Html]:
    cut = read.mapping(document, "truncated")
    characters, items = read.number(cut, "characters"), read.number(cut, "items")
    if characters or items:
        yield tag(
            "p",
            f"Very long texts and lists were cut when the document was written: {plural(characters, 'character')} ",
            f"and {plural(items, 'list member')} are missing in it.",
            class_="look",
        )
    graph = read.mapping(document, "graph")
    if graph and not read.flag(graph, "complete"):
        yield tag("p", "The tree of dependencies is not complete; the notes beside it say why.", class_="look")


def notes(document: Members) -> Iterator[Html]:
    """Yield what was noticed on the way and decides nothing; nothing where there is nothing."""
    found = [*read.mappings(document, "notes"), *read.mappings(read.mapping(document, "source"), "notes")]
    kept = {tuple(read.text(one, key) for key in ("code", "text", "where")) for one in found}
    unique = [one for one in found if _take(kept, one)]
    if not unique:
        return
    yield tag("p", "These notes explain, and decide nothing.")
    yield tag("ul", map(_note, unique[:MAX_ROWS]))
    yield from _more(len(unique))


def _take(kept: set[tuple[str, ...]], one: Members) -> bool:
    """Whether a note is the first of its kind; it is taken out of those to come."""
    said = tuple(read.text(one, key) for key in ("code", "text", "where"))
    if said not in kept:
        return False
    kept.remove(said)
    return True


def _note(one: Members) -> Html:
    where = read.text(one, "where")
    place = [" (", code(where, limit=512), ")"] if where else None
    return tag("li", sentence(read.text(one, "text")), place, " ", code(read.text(one, "code")))


def _more(count: int) -> Iterator[Html]:
    if count > MAX_ROWS:
        yield tag("p", f"and {count - MAX_ROWS:,} more in the JSON document.")
