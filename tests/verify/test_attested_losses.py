"""What is lost never helps: each part of the evidence of attested packages, lost in every way, in honest and bad ones.

A package that is held or denied stays so whatever is kept from us, and no check passes that did not pass before.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from provenly.policies import load as policies
from provenly.policies.decide import decide
from provenly.trust.errors import MalformedError, NotFoundError, RejectedError, UnavailableError
from provenly.trust.roots.material import Material
from provenly.trust.verdict import Action
from provenly.verify import surroundings
from provenly.verify.context import Anchors, Context, Response, Silence, Transport
from provenly.verify.gather import gather
from provenly.verify.references import reference
from tests.simulator.sigstore.instance import Instance
from tests.simulator.sigstore.npm import NpmKey
from tests.verify.test_attested_thieves import AT, RETAKEN, Story
from tests.world import NAME, World

POLICIES = {name: policies.load_named(name) for name in ("default", "strict")}
VERSION = "1.0.1"


# The ways to lose a document: an error in its place, or what is left of its bytes


def raising(error: Exception) -> Callable[[bytes], bytes]:
    def lose(_: bytes) -> bytes:
        raise error

    return lose


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "unavailable": raising(UnavailableError("503", code="REG_SERVER")),
    "not found": raising(NotFoundError("404", code="NOT_FOUND")),
    "timed out": raising(UnavailableError("no answer in 30 seconds", code="NET_TIMEOUT")),
    "malformed": raising(MalformedError("too large", code="NET_TOO_LARGE")),
    "rejected": raising(RejectedError("no", code="NO")),
    "empty": lambda _: b"",
    "truncated": lambda data: data[: len(data) // 2],
    "no list": lambda _: b"[]",
    "an empty list": lambda _: b'{"attestations": [], "keys": []}',
}


@dataclass(frozen=True, kw_only=True)
class Losing:
    """A transport and anchors that lose one part."""

    inner: Any
    part: str
    way: Callable[[bytes], bytes]

    def get(self, url: str, **asked: Any) -> Response:
        found = self.inner.get(url, **asked)
        return replace(found, body=self.way(found.body)) if url.endswith(self.part) else found

    def download(self, url: str, **asked: Any) -> bytes:
        return self.inner.download(url, **asked)

    def trusted_root(self) -> Material:
        return self._lost(self.inner.trusted_root(), "trusted root")

    def registry_keys(self, registry: str) -> Material:
        return self._lost(self.inner.registry_keys(registry), "keys")

    def npm_keys(self) -> Material:
        return self._lost(self.inner.npm_keys(), "keys")

    def _lost(self, found: Material, part: str) -> Material:
        return replace(found, data=self.way(found.data)) if self.part == part else found


PARTS = {
    "attestations": f"/-/npm/v1/attestations/{NAME}@{VERSION}",
    "previous attestations": f"/-/npm/v1/attestations/{NAME}@1.0.0",
    "version document": f"/{NAME}/{VERSION}",
    "trusted root": "trusted root",
    "keys": "keys",
}


@contextmanager
def looking(story: Story) -> Iterator[Context]:
    options = story.attested.options()
    asked = surroundings.Surroundings(
        registry=options.registry,
        git_mirrors=options.git_mirrors,
        cache=options.cache,
        trusted_root=options.trusted_root,
        npm_keys=options.npm_keys,
    )
    from provenly import reference_time

    at = reference_time.read(AT)
    with surroundings.opened(asked, at, at, Silence()) as opened:
        yield opened.context


def judged(context: Context) -> tuple[dict[str, str], dict[str, Action]]:
    """Return the status of each check, and the verdict of each policy."""
    found = gather(reference.parse(f"{NAME}@{VERSION}"), context)
    verdicts = {name: decide(policy, found.evidence, found.package, context.now) for name, policy in POLICIES.items()}
    return {item.check: item.status for item in found.evidence}, {name: one.action for name, one in verdicts.items()}


# Honest and bad packages


def honest(story: Story) -> None:
    story.release(VERSION, "06-01")


def without_provenance(story: Story) -> None:
    story.release(VERSION, "06-01", attest=False)


def from_a_repository_that_was_taken_over(story: Story) -> None:
    story.release(VERSION, "06-01", facts=RETAKEN)


def with_a_forged_provenance(story: Story) -> None:
    commit = story.release(VERSION, "06-01")
    target = story.attested.target(VERSION)
    story.attested.serve(
        story.attested.publish(target), Instance().provenance(target, story.attested.facts(commit)), version=VERSION
    )


def with_a_forged_publish_attestation(story: Story) -> None:
    commit = story.release(VERSION, "06-01")
    target, attested = story.attested.target(VERSION), story.attested
    forged = attested.publish(target, key=NpmKey(), hint=attested.instance.key.id)
    attested.serve(forged, attested.instance.provenance(target, attested.facts(commit)), version=VERSION)


def with_a_forged_signature(story: Story) -> None:
    story.release(VERSION, "06-01")
    dist = story.document(VERSION)["dist"]
    key = story.attested.instance.key.id
    dist["signatures"] = [NpmKey().sign_version(NAME, VERSION, dist["integrity"], keyid=key)]


PACKAGES = {
    honest: (Action.ALLOW, Action.ALLOW),
    without_provenance: (Action.HOLD, Action.DENY),
    from_a_repository_that_was_taken_over: (Action.HOLD, Action.DENY),
    with_a_forged_provenance: (Action.DENY, Action.DENY),
    with_a_forged_publish_attestation: (Action.DENY, Action.DENY),
    with_a_forged_signature: (Action.DENY, Action.DENY),
}

KNOWN = {(from_a_repository_that_was_taken_over, "previous attestations")}
"""Where a loss ends in a warning. What there was before is the registry's unsigned word: whoever can keep the document
back can as well say that there was none. ``docs/policies.md`` names this weak place of ``continuity``."""


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_no_loss_of_a_document_helps(world: World, package: Callable[[Story], None]) -> None:
    story = Story(world)
    story.release("1.0.0", "01-01")
    package(story)
    with looking(story) as context:
        statuses, before = judged(context)
        assert tuple(before.values()) == PACKAGES[package]
        for part, mark in PARTS.items():
            for name, way in WAYS.items():
                transport: Transport = Losing(inner=context.transport, part=mark, way=way)
                anchors: Anchors = Losing(inner=context.anchors, part=mark, way=way)
                after, verdicts = judged(replace(context, transport=transport, anchors=anchors))
                gained = {check for check, status in after.items() if status == "passed" != statuses[check]}
                assert not gained, (part, name)
                for policy, action in verdicts.items():
                    floor = Action.HOLD if before[policy].rank >= Action.HOLD.rank else Action.ALLOW
                    floor = Action.WARN if (package, part) in KNOWN else floor
                    assert action.rank >= floor.rank, (part, name, policy)
                if package is honest and part in {"attestations", "trusted root"}:
                    assert verdicts["default"].rank >= Action.HOLD.rank, (part, name)


SIGNATURES: dict[str, Callable[[list[Any]], Any]] = {
    "none": lambda _: None,
    "an empty list": lambda _: [],
    "no list": lambda _: "x",
    "an object": lambda listed: listed[0],
    "no keyid": lambda listed: [{"sig": listed[0]["sig"]}],
    "no signature": lambda listed: [{"keyid": listed[0]["keyid"], "sig": ""}],
    "truncated": lambda listed: [{"keyid": listed[0]["keyid"], "sig": listed[0]["sig"][:40]}],
    "another key": lambda listed: [{"keyid": "SHA256:other", "sig": listed[0]["sig"]}],
    "many": lambda listed: listed * 17,
}


@pytest.mark.parametrize("package", [honest, with_a_forged_signature], ids=lambda package: package.__name__)
def test_no_loss_of_signatures_helps(world: World, package: Callable[[Story], None]) -> None:
    story = Story(world)
    story.release("1.0.0", "01-01")
    package(story)
    dist = story.document(VERSION)["dist"]
    listed = dist["signatures"]
    for name, change in SIGNATURES.items():
        dist["signatures"] = change(listed)
        shutil.rmtree(world.folder / "cache", ignore_errors=True)
        with looking(story) as context:
            statuses, verdicts = judged(context)
        assert statuses["registry-signature"] != "passed", name
        assert verdicts["strict"] is Action.DENY, name
        assert verdicts["default"].rank >= Action.HOLD.rank, name
