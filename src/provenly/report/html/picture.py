"""The package as a picture: what share of its bytes the source explains, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Html, code, tag
from provenly.report.read import Members
from provenly.report.terminal import FOUND_BY
from provenly.report.words import size
from provenly.trust.evidence import FileClass
from provenly.trust.source import FoundBy
from provenly.trust.text import plural

UNCHECKED: Final = "unchecked"
"""Where a class would stand, for files that could not be looked at."""

MEANING: Final[Mapping[str, str]] = {
    FileClass.IDENTICAL.value: "the same bytes are in the published source",
    FileClass.MANIFEST.value: "package.json, changed only as publishing changes it",
    FileClass.EQUIVALENT.value: "the same data, or the same text with other line endings",
    FileClass.RECOMPILED.value: "compiling the published source gives exactly these bytes",
    FileClass.REBUILT.value: "building the published source gives exactly these bytes",
    FileClass.TRACED.value: "a bundle; each statement is traced to the source or to a dependency",
    FileClass.VOCABULARY.value: "a bundle; much of it is not traced, though no word in it is new",
    FileClass.UNEXPLAINED.value: "nothing in the published source explains it",
    UNCHECKED: "it could not be looked at",
}
"""What each class says of a file, for people."""

Share = tuple[str, int]
"""A class, or a kind of code, and its amount."""

WIDTH: Final = 1_000
"""Units across a bar: a thousandth of a package can still be told from nothing."""

LEAST: Final = 4
"""Units of the narrowest share: one line of ten thousand must be seen."""


def bar(shares: Sequence[Share], *, of: int = 0, label: str = "") -> Html:
    """Return amounts as one bar.

    :param of: what the whole bar stands for; the sum where it is not given.
    :param label: what the bar shows, in words; without it the bar only repeats numbers beside it, and readers of
        screens are spared it.
    """
    whole = max(of, sum(amount for _, amount in shares), 1)
    there = [(name, max(LEAST, amount * WIDTH / whole)) for name, amount in shares if amount > 0]
    scale = max(1.0, sum(units for _, units in there) / WIDTH)
    drawn: list[Html] = []
    at = 0.0
    for name, units in there:
        width = units / scale
        drawn.append(tag("rect", x=f"{at:.1f}", width=f"{width:.1f}", height="10", class_=f"i-{name}"))
        at += width
    named = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return tag("svg", drawn, viewBox=f"0 0 {WIDTH} 10", preserveAspectRatio="none", **named)


def key(name: str) -> Html:
    """Return the name of a class with its colour beside it."""
    known = name if name in MEANING else FileClass.UNEXPLAINED.value
    return tag("span", tag("span", class_=f"key i-{known}", aria_hidden="true"), name)


def percent(amount: int, whole: int) -> str:
    """Return a share of a hundred; what is there never rounds to nothing, and what is missing never to all."""
    if not whole or not amount:
        return "0 %"
    if amount == whole:
        return "100 %"
    share = 100 * amount / whole
    if share > 99.9:  # noqa: PLR2004 - where one decimal would round to all
        return "> 99.9 %"
    return "< 0.1 %" if share < 0.1 else f"{share:.1f} %"  # noqa: PLR2004 - likewise, to nothing


def amounts(files: Members) -> list[tuple[str, int, int]]:
    """Return class, number of files and bytes, the strongest class first.

    Files that could not be looked at are told apart from those that nothing explains, as far as the document lists
    them.
    """
    counts, sizes = read.mapping(files, "by_class"), read.mapping(files, "bytes_by_class")
    unlooked = [one for one in read.mappings(files, "unexplained") if read.text(one, "unchecked")]
    missing = Counter({UNCHECKED: sum(read.number(one, "size") for one in unlooked)})
    found = [(kind.value, read.number(counts, kind), read.number(sizes, kind)) for kind in FileClass]
    name, count, amount = found.pop()
    found.append((name, count - len(unlooked), amount - missing[UNCHECKED]))
    found.append((UNCHECKED, len(unlooked), missing[UNCHECKED]))
    return found


def section(document: Members) -> Iterator[Html]:
    """Yield the bar of the whole package and the table of classes."""
    files = read.mapping(document, "files")
    if not files:
        yield tag("p", "Nothing was compared: there was no source to compare the package with.")
        return
    found = amounts(files)
    total, whole = read.number(files, "total"), sum(amount for _, _, amount in found)
    runs = read.number(files, "executable")
    yield tag("p", f"The package holds {plural(total, 'file')} of {size(whole)}; {runs:,} of them can be run.")
    shares = [(name, amount) for name, _, amount in found]
    said = ", ".join(f"{name} {percent(amount, whole)}" for name, amount in shares if amount)
    yield tag("div", bar(shares, label=f"Shares of the bytes: {said or 'none'}"), class_="big")
    shown = [one for one in found if one[1] or one[0] == FileClass.UNEXPLAINED.value]
    yield tag(
        "table",
        tag("caption", "How the published source explains the files"),
        tag("thead", tag("tr", (_head(name) for name in ("Class", "Files", "Bytes", "Share", "")))),
        tag("tbody", (_row(*one, whole) for one in shown)),
        class_="classes",
    )
    yield from filter(None, [_nearest(document), _partly(files)])


def _head(name: str) -> Html:
    numeric = "n" if name in {"Files", "Bytes", "Share"} else ""
    return tag("th", name, scope="col", class_=numeric) if name else tag("td", class_="share")


def _row(name: str, count: int, amount: int, whole: int) -> Html:
    return tag(
        "tr",
        tag("th", key(name), tag("div", MEANING[name], class_="soft"), scope="row"),
        tag("td", f"{count:,}", class_="n"),
        tag("td", size(amount), class_="n"),
        tag("td", percent(amount, whole), class_="n"),
        tag("td", bar([(name, amount)], of=whole), class_="share"),
    )


def _nearest(document: Members) -> Html | None:
    """Return a caution where the commit is a guess: the picture is of the best of several."""
    source = read.mapping(document, "source")
    how = read.text(source, "found_by")
    if how not in {FoundBy.NEAREST, FoundBy.SEARCH, FoundBy.BEST_MATCH}:
        return None
    commit = code(read.text(source, "commit")[:12])
    said = "Nobody names the commit of this version. The package was compared with "
    return tag("p", said, commit, f": {FOUND_BY[FoundBy(how)][0]}.")


def _partly(files: Members) -> Html | None:
    """Return how much of the unexplained bundles is traced: a bundle counts as unexplained as a whole."""
    bad = {read.text(one, "path") for one in read.mappings(files, "unexplained")}
    found = [one for one in read.mappings(files, "traced") if read.text(one, "path") in bad]
    if not found:
        return None
    whole = sum(read.number(one, "size") for one in found)
    untraced = sum(read.number(one, "untraced") for one in found)
    one = "One unexplained file was" if len(found) == 1 else f"{len(found):,} unexplained files were"
    return tag(
        "p",
        f"{one} taken apart as a bundle: {percent(whole - untraced, whole)} of the code is traced to the source, to ",
        "dependencies or to the bundler. What is left decides, so that it counts as unexplained as a whole.",
    )
