"""Subjects for the tests of single checks: an honest package, of which each test changes the part that it is about."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType, SimpleNamespace

from provenly.trust.artifact import FileEntry, Listing, admit, admit_unclaimed
from provenly.trust.digest import Digest
from provenly.trust.errors import NotFoundError
from provenly.trust.evidence import Comparison, Explanation, FileClass, Status
from provenly.trust.model import Claimant, Package, Reference, Release, Selector, SourceClaim
from provenly.trust.source import Candidate, FoundBy, Source
from provenly.verify.anchors import Anchors
from provenly.verify.context import Context, Refs, Silence
from provenly.verify.gather import observe
from provenly.verify.sources.acknowledge import Acknowledgement, Kind
from provenly.verify.sources.source import Found
from provenly.verify.subject import Subject

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REPOSITORY = "https://github.com/example/mail-mcp"
COMMIT = "c0ffee" + "0" * 34
DATA = b"the archive"
MANIFEST = {"name": "mail-mcp", "version": "1.0.0", "bin": {"mail-mcp": "index.js"}, "dependencies": {"zod": "^4.0.0"}}


def package(**changes):
    values = {
        "name": "mail-mcp",
        "version": "1.0.0",
        "url": "https://registry.example/mail-mcp/-/mail-mcp-1.0.0.tgz",
        "registry": "https://registry.example",
        "integrity": Digest.of(DATA, "sha512").sri,
        "published": datetime(2026, 11, 1, tzinfo=UTC),
        "release": Release(version="1.0.0", publisher="ann", maintainers=("ann",)),
        "previous": Release(version="0.9.0", publisher="ann", maintainers=("ann",)),
        "manifest": MappingProxyType(MANIFEST),
    }
    return Package(**(values | changes))


def listing(paths=("index.js", "package.json"), notes=()):
    files = tuple(FileEntry(path=path, size=1, digest=Digest.of(b"x"), blob="b" * 40) for path in sorted(paths))
    return Listing(files=files, contents=MappingProxyType(dict.fromkeys(sorted(paths), b"x")), notes=tuple(notes))


def artifact(of=None, *, paths=("index.js", "package.json"), notes=(), claimed=True):
    make = admit if claimed else admit_unclaimed
    return make(of or package(), DATA, "https://registry.example/x.tgz", lambda _: listing(paths, notes))


def explanation(  # noqa: PLR0913 - what tests change
    path, file_class=FileClass.IDENTICAL, *, executable=True, reachable=True, lines=(), unchecked=""
):
    return Explanation(
        path=path,
        size=1,
        file_class=file_class,
        executable=executable,
        reachable=reachable,
        lines=tuple(lines),
        unchecked=unchecked,
    )


def comparison(*files):
    return Comparison(
        files=files or (explanation("index.js"), explanation("package.json", FileClass.MANIFEST, executable=False))
    )


def found(  # noqa: PLR0913 - what tests change
    *, found_by=FoundBy.TAG, reachable=True, version="1.0.0", name="v1.0.0", others=(), notes=()
):
    chosen = Candidate(
        commit=COMMIT,
        found_by=found_by,
        name=name,
        reachable=reachable,
        directory="",
        version=version,
        chosen=True,
        knows=version == "1.0.0",
    )
    source = Source(
        claim=SourceClaim(claimant=Claimant.REGISTRY, text=REPOSITORY, repository=REPOSITORY),
        repository=REPOSITORY,
        commit=COMMIT,
        found_by=found_by,
        directory="",
        candidates=(chosen, *others),
        tree=MappingProxyType({}),
        notes=tuple(notes),
    )
    return Found(source=source, repository=None, refs=Refs(default="main", heads={}, tags={}), inspections=())


def acknowledgement(kind=Kind.VERSION, path="package.json"):
    return Acknowledgement(kind=kind, path=path, commit=COMMIT, ref="refs/tags/v1.0.0")


def reference(**changes):
    values = {"text": "mail-mcp@1.0.0", "name": "mail-mcp", "selector": Selector.EXACT, "spec": "1.0.0"}
    return Reference(**(values | changes))


def subject(**changes):
    """Return an honest subject with some parts replaced; ``package=`` stands for ``package_or=`` and so on."""
    parts = {
        "reference": reference(),
        "context": Context(now=NOW, transport=None, registries=None, forge=None, progress=Silence(), anchors=Anchors()),
        "package_or": package(),
        "artifact_or": artifact(),
        "manifest_or": MappingProxyType(MANIFEST),
        "surface_or": SimpleNamespace(),
        "attested_or": NotFoundError("this version was published without attestations", code="ATT_NONE"),
        "provenance_or": NotFoundError("this version was published without attestations", code="ATT_NONE"),
        "previous_or": None,
        "settled_or": None,
        "found_or": found(),
        "acknowledgement_or": acknowledgement(),
        "comparison_or": comparison(),
        "tree_or": None,
    }
    if isinstance(changes.get("comparison"), Comparison) and "artifact" not in changes:
        # What is compared is what was packed.
        compared = {file.path for file in changes["comparison"].files}
        changes["artifact"] = artifact(paths=tuple(compared | {"index.js", "package.json"}))
    named = {name if name in parts else f"{name}_or": value for name, value in changes.items()}
    assert named.keys() <= parts.keys()
    return replace(Subject(**parts), **named)


def outcome(check, **changes):
    """Return the evidence of one check about an honest subject with some parts replaced."""
    evidence = observe(check, subject(**changes))
    assert evidence.check == check.ID
    assert evidence.summary
    return evidence


PASSED, FAILED, ABSENT, UNCHECKED = Status.PASSED, Status.FAILED, Status.ABSENT, Status.UNCHECKED
