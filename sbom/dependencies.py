"""The packages that an installation brings along, as components, and who asks for whom.

Where the report has a graph, it is that. Where it has none, the direct dependencies of the manifest stand there without
versions: npm chooses those at each start, and the document says that it is not complete.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from provenly.sbom import licences
from provenly.sbom.members import (
    MAX_VERSION,
    VERSION,
    Document,
    https,
    installable,
    number,
    part,
    parts,
    shown,
    split,
    text,
    texts,
)
from provenly.sbom.properties import made
from provenly.sbom.subject import NPM, Supplier, purl, reference
from provenly.trust.digest import SIZES, Digest

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType
    from cyclonedx.model.component import Component
    from packageurl import PackageURL

MAX_DEPENDENCIES: Final = 5_000
"""Packages of a graph that become components; the largest real trees have some two thousand. 130 take half a second."""

MAX_CLAIM: Final = 300
"""Characters of what a dependency says of itself and its author: it is one of many, and the rest is in its registry."""

MAX_NOTES: Final = 32
"""Notes, and checks, of one package that become properties; there are some half dozen of each."""

MAX_BUNDLED: Final = 1_000
"""Packages found inside bundles that become components of the package."""

REF: Final = re.compile(r"[A-Za-z0-9@/._~+#-]{1,512}")
"""Ids that may stand in a bom-ref as they are."""

ACCOUNT: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""Accounts of npm that have a page at npmjs.com."""

SERVICES: Final = frozenset({"github", "gitlab", "circleci"})
"""What the registry names as publisher where a build service published: none of them is an account of the owner."""

_WORDS: Final = {"SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """What the package brings along.

    :param components: one for each package, in the order of the document.
    :param bundled: packages whose code lies in bundles of the package itself: parts of it.
    :param edges: bom-refs, the subject's among them; every component is a key.
    :param complete: whether these are all packages and all edges.
    :param known: bom-refs whose own dependencies are all there.
    """

    components: tuple[Component, ...]
    bundled: tuple[Component, ...]
    edges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    complete: bool
    known: frozenset[str]


def tree(document: Document, *, acknowledged: bool) -> Tree:
    """Return the packages of the graph; without one, the direct dependencies of the manifest."""
    graph = part(document, "graph")
    bundled = _bundled(document)
    if not graph:
        return _direct(document, bundled)
    root = reference(document)
    found: dict[str, Component] = {}
    for one in list(parts(graph, "dependencies"))[:MAX_DEPENDENCIES]:
        ref = _ref(text(one, "id"))
        if ref not in found:
            found[ref] = _resolved(one, ref, acknowledged=acknowledged)
    edges: dict[str, tuple[str, ...]] = {root: (), **dict.fromkeys(found, ())}
    listed = part(graph, "edges")
    for owner in listed:
        ref = root if owner == text(graph, "root") else _ref(owner)
        if ref in edges:
            named = {_ref(other) for other in texts(listed, owner)}
            edges[ref] = tuple(sorted((named & found.keys()) - {ref}))
    whole = graph.get("complete") is True and len(found) == len(list(parts(graph, "dependencies")))
    return Tree(
        components=tuple(found.values()),
        bundled=bundled,
        edges=edges,
        complete=whole,
        known=frozenset(edges) if whole else frozenset(),
    )


def _direct(document: Document, bundled: tuple[Component, ...]) -> Tree:
    package = part(document, "package")
    asked = {text(one, "name"): one for one in parts(package, "requires") if installable(text(one, "name"))}
    found = {f"dependency:{name}": _asked(one) for name, one in asked.items()}
    alone = (
        text(package, "described_by") == "manifest"
        and not list(parts(package, "requires"))
        and not number(package, "requires_left_out")
        and not package.get("bundles")
    )
    root = reference(document)
    return Tree(
        components=tuple(found.values()),
        bundled=bundled,
        edges={root: tuple(sorted(found)), **dict.fromkeys(found, ())},
        complete=alone,
        known=frozenset({root}) if alone else frozenset(),
    )


def _ref(identifier: str) -> str:
    if REF.fullmatch(identifier):
        return f"dependency:{identifier}"
    return f"dependency:{Digest.of(identifier.encode('utf-8', 'backslashreplace')).hex}"


def _resolved(one: Document, ref: str, *, acknowledged: bool) -> Component:
    """Return a package of the graph as a component."""
    from cyclonedx.model.component import Component, ComponentScope, ComponentType
    from cyclonedx.model.contact import OrganizationalContact

    group, short = split(text(one, "name"))
    author = shown(text(one, "author"), limit=MAX_CLAIM)
    declared = (text(one, "licence"),) if text(one, "licence") else ()
    conclusion = licences.conclude(declared)
    who = _supplier(one)
    optional = text(one, "scope") == "optional"
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=ref,
        group=group or None,
        name=short or "unnamed",
        version=shown(text(one, "version"), limit=MAX_VERSION) or None,
        purl=_purl(one),
        description=shown(text(one, "description"), limit=MAX_CLAIM) or None,
        authors=[OrganizationalContact(name=author)] if author else (),
        scope=ComponentScope.OPTIONAL if optional else ComponentScope.REQUIRED,
        supplier=who.entity() if who else None,
        manufacturer=who.maker() if who else None,
        publisher=shown(text(one, "publisher")) or None,
        licenses=licences.made(declared, conclusion, acknowledged=acknowledged),
        hashes=_hashes(one),
        external_references=_references(one),
        properties=made(_properties(one, who, conclusion)),
    )


def _properties(one: Document, who: Supplier | None, conclusion: licences.Conclusion) -> list[tuple[str, str]]:
    name = text(one, "url").rsplit("/", 1)[-1].partition("?")[0]
    fallback = f"{text(one, 'name').rsplit('/', 1)[-1]}-{text(one, 'version')}.tgz"
    why = f"{conclusion.expression}; {conclusion.why}" if conclusion.expression else f"none; {conclusion.why}"
    members = [
        ("bsi:component:filename", shown(name or fallback, limit=256)),
        ("bsi:component:executable", "executable"),
        ("bsi:component:archive", "archive"),
        ("bsi:component:structured", "structured"),
        ("provenly:scope", text(one, "scope")),
        ("provenly:licence:concluded", why),
    ]
    if who is not None:
        members.append(("provenly:supplier", who.how))
    claimed = {
        "range": "wanted",
        "alias": "alias",
        "licenses": "licence",
        "deprecated": "deprecated",
        "published": "published",
        "publisher": "publisher",
    }
    members += [(f"provenly:claimed:{key}", shown(text(one, at))) for key, at in claimed.items() if text(one, at)]
    members += [("provenly:platform", shown(word, limit=64)) for word in texts(one, "platforms")[:16]]
    if one.get("install_scripts"):
        members.append(("provenly:install-scripts", "npm would run a script of it when it is installed"))
    checks = part(one, "checks")
    members += [(f"provenly:check:{check}", text(checks, check)) for check in list(checks)[:MAX_NOTES]]
    notes = list(parts(one, "notes"))[:MAX_NOTES]
    members += [
        ("provenly:note", f"{shown(text(note, 'code'), limit=64)}: {shown(text(note, 'text'))}") for note in notes
    ]
    return members


def _supplier(one: Document) -> Supplier | None:
    """Return who is said to stand behind a dependency; nothing of it is verified."""
    publisher = shown(text(one, "publisher"), limit=128)
    if publisher and publisher not in SERVICES:
        url = https(f"https://www.npmjs.com/~{publisher}") if ACCOUNT.fullmatch(publisher) else ""
        how = "claimed: account that published it, as the registry says"
        return Supplier(name=publisher, url=url, how=how)
    scope, _ = split(text(one, "name"))
    host = https(text(one, "url")).removeprefix("https://").partition("/")[0]
    if not host:
        return None
    if scope and f"https://{host}" == NPM:
        url = https(f"https://www.npmjs.com/org/{scope[1:]}")
        return Supplier(name=scope[1:], url=url, how="claimed: owner of the scope at the registry")
    return Supplier(name=host, url=f"https://{host}", how="distributor: where it is from; nobody else is named")


def _hashes(one: Document) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    found = {}
    for value in texts(one, "integrity"):
        algorithm, _, content = value.partition(":")
        if algorithm in SIZES and len(content) == 2 * SIZES[algorithm]:
            found[algorithm] = HashType(alg=HashAlgorithm(_WORDS[algorithm.upper()]), content=content)
    return list(found.values())


def _references(one: Document) -> list[ExternalReference]:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    found = []
    url, source, page = (https(text(one, key)) for key in ("url", "repository", "homepage"))
    if url:
        found.append(ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(url), hashes=_hashes(one)))
    for kind, claimed in ((ExternalReferenceType.VCS, source), (ExternalReferenceType.WEBSITE, page)):
        if claimed:
            found.append(ExternalReference(type=kind, url=XsUri(claimed), comment="claimed by the package"))
    return found


def _purl(one: Document) -> PackageURL | None:
    """Return the package-url that the graph has, if it is a sound one, spelled as purl-spec wants it."""
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(text(one, "purl"))
    except ValueError:
        return None
    spelled = found.to_string()
    sound = found.type == "npm" and spelled.isascii() and spelled.isprintable() and len(spelled) <= 1_024  # noqa: PLR2004 - what Dependency-Track stores
    name = f"{found.namespace}/{found.name}" if found.namespace else found.name
    return found if sound and installable(name) else None


def _asked(one: Document) -> Component:
    """Return a package that the manifest asks for.

    It has a version only where exactly one is asked for: what a range leads to depends on the day.
    """
    from cyclonedx.model.component import Component, ComponentScope, ComponentType

    name, wanted, where = text(one, "name"), text(one, "range"), text(one, "field")
    group, short = split(name)
    exact = wanted if VERSION.fullmatch(wanted) else ""
    elsewhere = ":" in wanted or "/" in wanted
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=f"dependency:{name}",
        group=group or None,
        name=short,
        version=exact or None,
        purl=None if elsewhere else purl(name, exact),
        scope=ComponentScope.OPTIONAL if where == "optionalDependencies" else ComponentScope.REQUIRED,
        properties=made([("provenly:claimed:range", shown(wanted)), ("provenly:claimed:field", where)]),
    )


def _bundled(document: Document) -> tuple[Component, ...]:
    """Return the packages from which code was traced into bundles of the package: parts that npm does not install."""
    from cyclonedx.model.component import Component, ComponentType

    sizes: dict[str, int] = {}
    for file in parts(part(document, "files"), "traced"):
        counted = part(file, "dependencies")
        for name in counted:
            sizes[name] = sizes.get(name, 0) + number(counted, name)
    found: dict[str, Component] = {}
    for identifier in sorted(sizes):
        name, _, version = identifier.rpartition("@")
        exact = purl(name, version) if version and installable(name) else None
        if exact is None or len(found) == MAX_BUNDLED:
            continue
        group, short = split(name)
        what = [("provenly:traced:characters", str(sizes[identifier]))]
        found[identifier] = Component(
            type=ComponentType.LIBRARY,
            bom_ref=f"bundled:{identifier}",
            group=group or None,
            name=short,
            version=version,
            purl=exact,
            properties=made(what),
        )
    return tuple(found.values())
