"""Registries other than npm's: companies with keys of their own, and mirrors that pass npm's packages on."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenly.trust.digest import Digest
from provenly.trust.roots.embedded import NPM_REGISTRY
from provenly.verify.anchor_store import NPM_KEYS, AnchorStore, Entry, Repository
from tests.simulator.sigstore.npm import NpmKey, api_form
from tests.verify.test_attested_thieves import Story
from tests.world import NAME, World, statuses

SIGNED = ("registry-signature", "publish-attestation", "publish-identity")


@pytest.fixture
def story(world: World) -> Story:
    made = Story(world)
    made.release("1.0.0", "01-01")
    return made


@pytest.fixture
def passed_on(story: Story) -> Story:
    """Give a mirror: what it serves was signed by npm, whose keys are known."""
    attested = story.attested
    target = attested.target()
    provenance = attested.instance.provenance(target, attested.facts(story.world.repository.tip()))
    attested.serve(attested.publish(target, predicate={"registry": NPM_REGISTRY}), provenance)
    refreshed(attested.keys.read_bytes())
    return story


def refreshed(keys: bytes) -> None:
    """Let these be the keys of npm, as after ``provenly trust update``."""
    now = datetime.now(tz=UTC).replace(microsecond=0)
    place = "https://tuf.example"
    entry = Entry(
        name=NPM_KEYS,
        sha256=Digest.of(keys).hex,
        url=place,
        root_version=1,
        obtained=now,
        expires=now + timedelta(days=90),
    )
    store = AnchorStore(Path(os.environ["PROVENLY_TRUST"]))
    store.save({entry: keys}, Repository(url=place, bootstrap="0" * 64, metadata={}), (), None)


def signed(story: Story, **changes: str) -> tuple[str, ...]:
    found = statuses(story.attested.verify(**changes))
    assert found["provenance"] == "passed"
    return tuple(found[check] for check in SIGNED)


def keys_file(story: Story, *keys: NpmKey) -> str:
    path = story.world.folder / "named.json"
    path.write_text(json.dumps(api_form(*keys)))
    return str(path)


def test_a_registry_with_keys_and_attestations_of_its_own(story):
    assert signed(story) == ("passed", "passed", "passed")


def test_its_keys_are_nobody_s_as_long_as_they_are_not_named(story):
    assert signed(story, npm_keys="") == ("unchecked", "unchecked", "unchecked")


def test_a_mirror_needs_no_file_of_keys(passed_on):
    assert signed(passed_on, npm_keys="") == ("passed", "passed", "passed")


def test_a_file_with_npm_s_keys_does_no_harm_at_a_mirror(passed_on):
    key = passed_on.attested.instance.key
    assert signed(passed_on, npm_keys=keys_file(passed_on, key, NpmKey())) == ("passed", "passed", "passed")


def test_a_file_of_other_keys_is_not_widened_by_npm_s(passed_on):
    assert signed(passed_on, npm_keys=keys_file(passed_on, NpmKey())) == ("unchecked", "failed", "unchecked")


def test_npm_s_name_counts_under_npm_s_key_only(passed_on):
    """The company's own key is good for its own registry, and not to speak for npm."""
    refreshed(json.dumps(api_form(NpmKey())).encode())
    assert signed(passed_on) == ("passed", "passed", "failed")


def test_a_third_registry_s_word_is_not_this_one_s(story):
    target = story.attested.target()
    provenance = story.attested.instance.provenance(target, story.attested.facts(story.world.repository.tip()))
    story.attested.serve(story.attested.publish(target, predicate={"registry": "https://other.example"}), provenance)
    assert signed(story) == ("passed", "passed", "failed")


def test_a_purl_with_a_registry_in_it_is_another_name(story):
    """npm's client never writes the qualifier (libnpmpublish 11 calls ``npa.toPurl`` without a registry)."""
    target = story.attested.target()
    name = f"pkg:npm/{NAME}@1.0.0?repository_url={story.registry.url}"
    subject = [{**target.subject, "name": name}]
    story.attested.serve(story.attested.publish(target, changes={"subject": subject}))
    assert statuses(story.attested.verify())["publish-attestation"] == "failed"
