"""A :class:`tests.world.World` whose packages are attested: by a Sigstore instance and a registry key of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from provenly import api
from provenly.trust.verdict import Report
from tests.simulator.sigstore.instance import Instance, Target
from tests.simulator.sigstore.predicates import Facts
from tests.world import NAME, World


@cache
def instance() -> Instance:
    """Return the one instance of a test run; its keys take a while to make."""
    return Instance()


class Attested:
    """Attests what a world publishes.

    :param world: where packages are published; its registry signs publish attestations with the instance's key.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.instance = instance()
        self.root = world.folder / "trusted_root.json"
        self.keys = world.folder / "npm_keys.json"
        self.root.write_text(json.dumps(self.instance.trusted_root()))
        self.keys.write_text(json.dumps(self.instance.npm_keys()))

    def target(self, version: str = "1.0.0", name: str = NAME) -> Target:
        """Return what the attestations of a published version are about."""
        path = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        return Target(name=name, version=version, data=self.world.registry.tarballs[path])

    def facts(self, commit: str, **changes: Any) -> Facts:
        """Return an honest build of ``commit`` in the world's repository."""
        return replace(Facts(commit=commit, ref="refs/heads/main"), **changes)

    def publish(self, target: Target, **made: Any) -> dict[str, Any]:
        """Return the registry's own attestation."""
        predicate = {"registry": self.world.registry.url} | made.pop("predicate", {})
        return self.instance.publish(target, predicate=predicate, **made)

    def attest(self, commit: str = "", version: str = "1.0.0", *, name: str = NAME, **made: Any) -> None:
        """Let the registry serve both attestations of a version, built from ``commit``.

        :param made: ``facts`` of another build, and arguments of :meth:`Instance.provenance`.
        """
        target = self.target(version, name)
        facts = made.pop("facts", None) or self.facts(commit or self.world.repository.tip())
        self.serve(self.publish(target), self.instance.provenance(target, facts, **made), version=version, name=name)

    def serve(self, *attestations: Any, version: str = "1.0.0", name: str = NAME) -> None:
        """Let the registry advertise and serve these attestations."""
        self.advertise(version, name)
        self.world.registry.attestations[f"{name}@{version}"] = self.instance.document(*attestations)

    def advertise(self, version: str = "1.0.0", name: str = NAME, **changes: Any) -> None:
        """Let the registry advertise attestations."""
        url = f"{self.world.registry.url}/-/npm/v1/attestations/{name}@{version}"
        advertised = {"url": url, "provenance": {"predicateType": "https://slsa.dev/provenance/v1"}} | changes
        self.world.registry.packuments[name]["versions"][version]["dist"]["attestations"] = advertised

    def options(self, **changes: Any) -> api.Options:
        """Return the options that lead to this world and its trust."""
        trust = {"trusted_root": str(self.root), "npm_keys": str(self.keys)}
        return self.world.options(**(trust | changes))

    def verify(self, text: str = f"{NAME}@1.0.0", **changes: Any) -> Report:
        """Verify a reference in this world."""
        return api.verify_package(text, self.options(**changes))


def saved(folder: Path, document: bytes) -> str:
    """Write a document to a file and return its path."""
    path = folder / "attestations.json"
    path.write_bytes(document)
    return str(path)
