"""Forgeries through the whole of ``provenly verify``: the right check fails, and those beside it say what they saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from provenly.trust.verdict import Report
from tests.attested_world import Attested
from tests.forgeries.keys import stranger
from tests.simulator.sigstore.npm import integrity
from tests.world import NAME, World, files, statuses

SIGNED_BY_REGISTRY = ("registry-signature", "publish-attestation", "publish-identity")
SIGNED_BY_BUILD = (
    "provenance",
    "provenance-identity",
    "provenance-builder",
    "provenance-source",
    "provenance-commit",
    "provenance-workflow",
)


@pytest.fixture
def attested(world: World) -> Attested:
    """Give a world with one release, signed by its registry; attestations are for the test."""
    world.release()
    made = Attested(world)
    sign(made)
    return made


def sign(attested: Attested, version: str = "1.0.0") -> None:
    """Let the registry sign a version."""
    attested.world.registry.sign(NAME, version, by=attested.instance.key)


def failed(report: Report) -> set[str]:
    """Return the checks that failed among those about signatures."""
    found = statuses(report)
    return {check for check in (*SIGNED_BY_REGISTRY, *SIGNED_BY_BUILD) if found[check] == "failed"}


def test_honest_package_passes_every_check(attested: Attested) -> None:
    attested.attest()
    found = statuses(attested.verify())
    assert {check: found[check] for check in (*SIGNED_BY_REGISTRY, *SIGNED_BY_BUILD)} == dict.fromkeys(
        (*SIGNED_BY_REGISTRY, *SIGNED_BY_BUILD), "passed"
    )


def test_package_without_a_provenance_is_not_a_forgery(attested: Attested) -> None:
    attested.serve(attested.publish(attested.target()))
    attested.advertise(provenance=None)
    found = statuses(attested.verify())
    assert all(found[check] == "passed" for check in SIGNED_BY_REGISTRY)
    assert all(found[check] == "absent" for check in SIGNED_BY_BUILD)


def test_stolen_token_publishes_without_a_provenance(attested: Attested) -> None:
    attested.attest()
    attested.world.release("1.1.0")
    sign(attested, "1.1.0")
    attested.serve(attested.publish(attested.target("1.1.0")), version="1.1.0")
    attested.advertise("1.1.0", provenance=None)
    found = statuses(attested.verify(f"{NAME}@1.1.0"))
    assert found["provenance"] == "absent"
    assert found["continuity"] == "failed"


def test_stolen_token_publishes_without_any_attestation(attested: Attested) -> None:
    attested.attest()
    attested.world.release("1.1.0")
    sign(attested, "1.1.0")
    found = statuses(attested.verify(f"{NAME}@1.1.0"))
    assert found["provenance"] == "absent"
    assert found["continuity"] == "failed"


def test_provenance_that_is_advertised_and_not_served_is_not_absent(attested: Attested) -> None:
    attested.serve(attested.publish(attested.target()))
    found = statuses(attested.verify())
    assert all(found[check] == "unchecked" for check in SIGNED_BY_BUILD)


def in_another_repository(attested: Attested) -> dict[str, Any]:
    return {"facts": attested.facts(attested.world.repository.tip(), slug="evil/mail-mcp")}


def certified_in_another_repository(attested: Attested) -> dict[str, Any]:
    return {"certified": attested.facts(attested.world.repository.tip(), slug="evil/mail-mcp")}


def of_a_commit_that_there_is_not(attested: Attested) -> dict[str, Any]:
    return {"facts": attested.facts("0" * 39 + "1")}


def on_a_self_hosted_runner(attested: Attested) -> dict[str, Any]:
    return {"facts": attested.facts(attested.world.repository.tip(), runner="self-hosted")}


def for_a_pull_request(attested: Attested) -> dict[str, Any]:
    return {"facts": attested.facts(attested.world.repository.tip(), trigger="pull_request_target")}


def by_another_issuer(attested: Attested) -> dict[str, Any]:
    issuer = "https://token.actions.githubusercontent.com/hammer-time"
    return {"claims": {1: issuer, 8: issuer}}


def with_a_promise_about_something_else(attested: Attested) -> dict[str, Any]:
    return {"words": {"promise_index": 1}}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (certified_in_another_repository, {"provenance-identity", "provenance-source", "provenance-commit"}),
        (in_another_repository, {"provenance-source", "provenance-commit"}),
        (on_a_self_hosted_runner, {"provenance-workflow"}),
        (for_a_pull_request, {"provenance-workflow"}),
        (by_another_issuer, {"provenance-builder"}),
        (with_a_promise_about_something_else, {"provenance"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_provenance_fails_where_it_lies(
    attested: Attested, made: Callable[[Attested], dict[str, Any]], expected: set[str]
) -> None:
    attested.attest(**made(attested))
    report = attested.verify()
    assert failed(report) == expected
    assert report.verdict.action != "allow"


def test_provenance_of_a_commit_that_there_is_not(attested: Attested) -> None:
    attested.attest(**of_a_commit_that_there_is_not(attested))
    report = attested.verify()
    assert statuses(report)["provenance-commit"] != "passed"
    assert report.verdict.action != "allow"


def test_publish_attestation_of_another_registry(attested: Attested) -> None:
    target = attested.target()
    facts = attested.facts(attested.world.repository.tip())
    other = attested.publish(target, predicate={"registry": "https://registry.npmjs.org"})
    attested.serve(other, attested.instance.provenance(target, facts))
    assert failed(attested.verify()) == {"publish-identity"}


def test_attestations_of_another_version(attested: Attested) -> None:
    target = replace(attested.target(), version="0.9.0")
    facts = attested.facts(attested.world.repository.tip())
    attested.serve(attested.publish(target), attested.instance.provenance(target, facts))
    assert failed(attested.verify()) == {"publish-attestation", "provenance"}


def test_archive_replaced_after_everything_was_signed(attested: Attested) -> None:
    """The registry is in strange hands, its keys and the build's are not: archive and integrity are new."""
    from tests.simulator.registry import make_tarball

    attested.attest()
    evil = make_tarball({**files(), "index.js": "steal();\n"})
    registry = attested.world.registry
    registry.tarballs[f"/{NAME}/-/{NAME}-1.0.0.tgz"] = evil
    dist = registry.packuments[NAME]["versions"]["1.0.0"]["dist"]
    dist["integrity"] = integrity(evil)
    dist.pop("shasum", None)
    report = attested.verify()
    assert failed(report) == {"registry-signature", "publish-attestation", "provenance"}
    assert report.verdict.action == "deny"


def test_version_signed_by_a_stranger_in_the_registry_s_name(attested: Attested) -> None:
    attested.attest()
    dist = attested.world.registry.packuments[NAME]["versions"]["1.0.0"]["dist"]
    forged = stranger().sign_version(NAME, "1.0.0", dist["integrity"], keyid=attested.instance.key.id)
    dist["signatures"] = [forged]
    assert failed(attested.verify()) == {"registry-signature"}
