"""Pages read as browsers read them, and a document with something in every member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import Element

import html5lib

from provenly.report import saved
from provenly.trust.digest import Digest
from provenly.trust.evidence import Comparison, Explanation, FileClass, ForeignWord, Status, Trace
from provenly.trust.graph import Dependency, Graph
from provenly.trust.model import Note
from provenly.trust.verdict import Action, Waiver
from tests.report.parts import CHECKS, COMMIT, PACKED_MANIFEST, UNEXPLAINED, evidence, identical, report, verdict

BUILD: Final = {
    "issuer": "https://token.actions.githubusercontent.com",
    "repository": "https://github.com/acme/mail-mcp",
    "workflow": ".github/workflows/release.yml",
    "ref": "refs/tags/v1.0.16",
    "trigger": "push",
    "commit": COMMIT,
    "run": "https://github.com/acme/mail-mcp/actions/runs/1/attempts/1",
    "signer": "https://github.com/acme/mail-mcp/.github/workflows/release.yml@refs/tags/v1.0.16",
}

LOGGED: Final = {"log_url": "https://rekor.sigstore.dev", "log_index": 42, "signed_at": "2026-09-17T06:30:01Z"}


@dataclass(kw_only=True)
class Page:
    """A page as html5lib, which reads as the HTML standard says, understands it; a parse error is refused."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""

    @classmethod
    def of(cls, page: str) -> Page:
        """Read a page."""
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
        for one in tree.iter():
            one.tag = str(one.tag).removeprefix("{http://www.w3.org/2000/svg}")
        return cls(elements=list(tree.iter()), text=" ".join(said(one) for one in tree.iter("body")))

    def all(self, name: str) -> list[Element]:
        """Return the elements of a name."""
        return [one for one in self.elements if one.tag == name]

    def attributes(self) -> Iterator[tuple[str, str, str]]:
        """Yield element, name and value of every attribute."""
        for one in self.elements:
            yield from ((str(one.tag), name, value) for name, value in one.attrib.items())

    def section(self, name: str) -> str:
        """Return the text of the section that begins with a heading."""
        found = next(one for one in self.all("section") if one.get("aria-labelledby") == name)
        return said(found)


INLINE: Final = frozenset({"a", "b", "code", "mark"})


def said(element: Element) -> str:
    """Return the text of an element as one line, with a space where a browser would begin a new line or cell."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Element) -> Iterator[str]:
    apart = "" if element.tag in INLINE or (element.tag == "span" and not element.get("class")) else " "
    yield apart
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    yield apart


def full() -> saved.Document:
    """Return a document with something in every member: attested, traced, with a tree of dependencies and waivers."""
    found = [
        evidence(
            check,
            Status.FAILED,
            expected="expected",
            actual="actual",
            hint="hint",
            strength="tag",
            consulted=("place",),
        )
        if check == "source-match"
        else evidence(check, facts=MappingProxyType({"nested": MappingProxyType({"list": ("one", 2, True)})}))
        for check in CHECKS
        if check != "provenance"
    ]
    found += [
        evidence("provenance", facts=MappingProxyType(LOGGED)),
        evidence("provenance-identity", facts=MappingProxyType(BUILD)),
        evidence("publish-identity", Status.ABSENT),
        evidence("continuity", Status.UNCHECKED, hint="hint"),
    ]
    made = verdict(*found, asks={"source-match": Action.DENY, "continuity": Action.HOLD}, turns={"continuity": "turn"})
    waiver = Waiver(
        check="version-age",
        package="@acme/mail-mcp",
        version="",
        reason="Urgent fix",
        owner="security@corp.example",
        expires=date(2027, 1, 1),
    )
    old = Waiver(
        check="provenance",
        package="@acme/mail-mcp",
        version="1.0.16",
        reason="Just this once",
        owner="nobody@corp.example",
        expires=date(2026, 1, 1),
    )
    made = replace(made, waivers=(waiver,), expired=(old,))
    return saved.of(
        report(
            evidence=tuple(found),
            verdict=made,
            comparison=Comparison(files=(*files(), *bundles())),
            graph=graph(),
            notes=(Note(code="TAR_MODE_WRITABLE", text="2 files are writable.", where="index.js"),),
        )
    )


def files() -> tuple[Explanation, ...]:
    """Return files of several classes, in folders."""
    return (
        identical("LICENSE", 1_071),
        identical("docs/deep/guide.md", 4_300),
        PACKED_MANIFEST,
        UNEXPLAINED,
        Explanation(
            path="dist/lib.js",
            size=900,
            file_class=FileClass.RECOMPILED,
            executable=True,
            reachable=True,
            explainer="typescript",
            source="src/lib.ts",
        ),
        Explanation(
            path="dist/old.js",
            size=70,
            file_class=FileClass.UNEXPLAINED,
            executable=True,
            reachable=False,
            detail="the compiler could not be had",
            unchecked="typescript 5.9 could not be fetched",
        ),
    )


def bundles() -> tuple[Explanation, ...]:
    """Return a bundle of which something is left."""
    trace = Trace(
        sources=600,
        files=2,
        dependencies={"zod@4.0.0": 300},
        glue=50,
        untraced=50,
        pieces=3,
        rewritten="0.28.2",
        missing=("gone@1.0.0",),
        words=(
            ForeignWord(kind="host", text="giftshop.example", line=7),
            ForeignWord(kind="word", text="phan", line=0),
        ),
    )
    return (
        Explanation(
            path="dist/bundle.js",
            size=1_000,
            file_class=FileClass.UNEXPLAINED,
            executable=True,
            reachable=True,
            detail="5 % comes from nowhere",
            lines=((7, 8),),
            diff="--- a\n+++ b\n@@ -0,0 +7,2 @@\n+send('giftshop.example')\n+phan()\n",
            trace=trace,
        ),
    )


def graph() -> Graph:
    """Return a small tree: one direct dependency, one that fails a check, one of which nothing is known."""
    dependencies = (
        Dependency(
            id="old@1.0.0",
            name="old",
            version="1.0.0",
            alias="older",
            licence="MIT",
            platforms=("os=linux",),
            deprecated="use another",
            install_scripts=True,
            checks={"tree-status": Status.FAILED, "tree-age": Status.PASSED},
            notes=(Note(code="TREE_NOTE", text="it is odd"),),
        ),
        Dependency(
            id="postmark@4.0.5",
            name="postmark",
            version="4.0.5",
            direct=True,
            wanted="4.0.5",
            integrity=(Digest.of(b"x", "sha512"),),
            url="https://registry.npmjs.org/postmark/-/postmark-4.0.5.tgz",
            checks={"tree-status": Status.ABSENT, "tree-age": Status.PASSED},
        ),
        Dependency(id="zod@4.0.0", name="zod", version="4.0.0"),
    )
    return Graph(
        root="@acme/mail-mcp@1.0.16",
        dependencies=dependencies,
        edges={"@acme/mail-mcp@1.0.16": ("postmark@4.0.5",), "postmark@4.0.5": ("old@1.0.0", "zod@4.0.0")},
        complete=False,
        how="npm 11.4.2",
        at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        notes=(Note(code="TREE_PART", text="one package could not be read"),),
    )


def replaced(value: Any, make: Any) -> Any:
    """Return a document in which every string and every key that is data became ``make`` of it.

    Keys of our own objects stay: a document with others is no document.
    """
    if isinstance(value, str):
        return make(value)
    if isinstance(value, Mapping):
        return {key: replaced(member, make) for key, member in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(replaced(member, make) for member in value)
    return value
