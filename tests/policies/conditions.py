"""Evidence that is as good as can be, and policies with a scope or a condition, for the tests of both."""

from __future__ import annotations

from datetime import UTC, datetime

from provenly.policies.load import load
from provenly.policies.rules import CHECK_IDS, Policy
from provenly.policies.subject import Subject
from provenly.trust.evidence import Evidence, FileClass, Status
from provenly.trust.model import Package, Release

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REGISTRY = "https://npm.acme.example"
BUILDER = "https://github.com/actions/runner/github-hosted"
NOTHING_TO_FIND = ("install-scripts", "bundled-dependencies")
FACTS = {
    "version-age": {"hours": 2_000},
    "tree-age": {"hours": 2_000},
    "provenance-builder": {"builder": BUILDER},
    "source-match": {"traced": 0},
}

SUBJECT = Subject(
    size=4_096,
    files={kind.value: 0 for kind in FileClass} | {"identical": 7},
    sizes={kind.value: 0 for kind in FileClass} | {"identical": 9_000},
    total=7,
    executable=5,
    repository="https://github.com/acme/files",
    commit="a" * 40,
    found_by="provenance",
    licences=("MIT",),
    dependencies=(
        {"name": "zod", "version": "3.25.0", "licence": "MIT", "direct": True, "checks": {"tree-status": "passed"}},
    ),
    complete=True,
)


def package(name: str = "@acme/files", registry: str = REGISTRY, version: str = "1.2.3") -> Package:
    """Return a package of a registry; with an empty ``registry`` one on disk, which says itself what it is called."""
    return Package(
        name=name,
        version=version,
        registry=registry,
        published=datetime(2026, 9, 1, tzinfo=UTC),
        release=Release(version=version, publisher="jo"),
    )


def one(check: str, status: Status = Status.PASSED, **rest) -> Evidence:
    return Evidence(check=check, status=status, summary=f"{check} was {status}", **rest)


def whole(*changes: Evidence) -> list[Evidence]:
    """Return evidence of every check that is as good as can be, but for ``changes``."""
    good = {check: one(check, facts=FACTS.get(check, {})) for check in CHECK_IDS}
    good |= {check: one(check, Status.ABSENT) for check in NOTHING_TO_FIND}
    return list((good | {evidence.check: evidence for evidence in changes}).values())


def policy(text: str, *, base: str = "default") -> Policy:
    return load(f'schema = 1\nname = "mine"\nextends = "{base}"\n{text}'.encode(), "mine.toml")


def when(expression: str, action: str = "deny", check: str = "") -> Policy:
    """Return the default with one condition."""
    named = f'check = "{check}"\n' if check else ""
    return policy(f'[[condition]]\nwhen = \'{expression}\'\naction = "{action}"\nwhy = "So it is."\n{named}')
