"""Attestations for the tests of single checks: really signed, about the honest package of ``subjects``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from provenly.trust.errors import Error, UnavailableError
from provenly.trust.roots.material import Material
from provenly.verify import attested
from provenly.verify.context import Context, Silence
from tests.attested_world import instance
from tests.simulator.sigstore.instance import Target
from tests.simulator.sigstore.predicates import Facts
from tests.verify.checks import subjects

TARGET = Target(data=subjects.DATA)
FACTS = Facts(commit=subjects.COMMIT)
CLAIMING = {"repository": {"type": "git", "url": f"git+{subjects.REPOSITORY}.git"}}
REGISTRY = "https://registry.example"


class Anchors:
    """The instance's trusted root, and its key as that of every registry but those that are unknown."""

    def __init__(self, *unknown: str) -> None:
        self.unknown = unknown

    def trusted_root(self) -> Material:
        return Material(data=json.dumps(instance().trusted_root()).encode(), kind="file", place="root.json")

    def registry_keys(self, registry: str) -> Material:
        if registry in self.unknown:
            raise UnavailableError(f"no keys of {registry}", code="TRUST_NO_KEYS")
        return Material(data=json.dumps(instance().npm_keys()).encode(), kind="file", place="keys.json")

    def npm_keys(self) -> Material:
        return self.registry_keys("https://registry.npmjs.org")


def publish(**made: Any) -> dict[str, Any]:
    """Return an honest publish attestation of ``registry.example``."""
    predicate = {"registry": REGISTRY} | made.pop("predicate", {})
    return instance().publish(made.pop("target", TARGET), predicate=predicate, **made)


def provenance(**made: Any) -> dict[str, Any]:
    """Return an honest provenance."""
    facts = replace(FACTS, **made.pop("facts", {}))
    return instance().provenance(made.pop("target", TARGET), facts, **made)


def context(document: bytes | None = None, anchors: Any = None, **changes: Any) -> Context:
    """Return a context that looks at ``document``."""
    return Context(
        **{
            "now": subjects.NOW,
            "transport": None,
            "registries": None,
            "forge": None,
            "progress": Silence(),
            "anchors": anchors or Anchors(),
            "attestations": document,
            **changes,
        }
    )


def parts(*attestations: Any, anchors: Any = None, advertised: bool = False, **changes: Any) -> dict[str, Any]:
    """Return the parts of a subject that is attested by these; both honest ones where none are given.

    :param changes: of the package.
    """
    package = subjects.package(**({"manifest": subjects.MANIFEST | CLAIMING} | changes))
    artifact = subjects.artifact(package)
    document = instance().document(*(attestations or (publish(), provenance())))
    looked = context(document, anchors)
    judged = attempt(lambda: attested.judge(document, package, artifact, looked))
    built = judged if isinstance(judged, Error) else attempt(lambda: attested.read(judged, advertised=advertised))
    return {
        "package": package,
        "artifact": artifact,
        "manifest": subjects.MANIFEST | CLAIMING,
        "context": looked,
        "attested": judged,
        "provenance": built,
    }


def attempt(ask: Any) -> Any:
    """Return what ``ask`` returns or raises."""
    try:
        return ask()
    except Error as error:
        return error
