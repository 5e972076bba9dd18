"""Registry signatures, from the check's words down to a registry on loopback that signs."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import UnavailableError
from provenly.trust.model import RegistrySignature
from provenly.trust.roots.material import Material
from provenly.verify.anchors import Anchors
from provenly.verify.checks import registry_signature as check
from provenly.verify.context import Context, Silence
from provenly.verify.registry import attestations
from tests.simulator.sigstore.npm import NpmKey, api_form, tuf_form
from tests.simulator.web import Answer
from tests.verify.checks.subjects import ABSENT, DATA, FAILED, NOW, PASSED, UNCHECKED, outcome, package
from tests.world import statuses

NPM = "https://registry.npmjs.org"
MIRROR = "https://registry.example"
KEY = NpmKey()
INTEGRITY = Digest.of(DATA, "sha512").sri


def signed(key=KEY, registry=MIRROR, name="mail-mcp", version="1.0.0", integrity=INTEGRITY, **changes):
    made = key.sign_version(name, version, integrity)
    signature = RegistrySignature(keyid=made["keyid"], signature=made["sig"])
    return package(registry=registry, signatures=(signature,), signatures_served=True, **changes)


def with_keys(document):
    """Return a context in which the user named a file with these keys."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    material = Material(data=data, kind="file", place="keys.json")
    anchors = Anchors(files=MappingProxyType({"npm-keys.json": material}))
    return Context(now=NOW, transport=None, registries=None, forge=None, progress=Silence(), anchors=anchors)


def look(of, keys=None):
    return outcome(check, package=of, context=with_keys(keys or tuf_form(KEY)))


# ------------------------------------------------------------------------------------------------ verified


def test_a_signature_that_verifies_passes_and_says_by_which_key():
    evidence = look(signed())
    assert evidence.status is PASSED
    assert (evidence.strength, evidence.facts["keyid"], evidence.facts["keyids"]) == ("dated", KEY.id, (KEY.id,))
    assert evidence.facts["published"] == "2026-11-01T00:00:00Z"
    assert evidence.facts["signer"] == evidence.facts["registry"] == MIRROR
    assert evidence.facts["keys"] == {
        "kind": "file",
        "place": "keys.json",
        "sha256": Digest.of(json.dumps(tuf_form(KEY)).encode()).hex,
        "obtained": "",
        "expires": "",
    }
    assert evidence.facts["notes"] == ()
    assert evidence.summary == f"the registry signed this name, version and digest with the key {KEY.id}"
    assert INTEGRITY in evidence.expected
    assert evidence.consulted == (MIRROR, "keys.json")


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (signed(version="1.0.1"), "SIG_INVALID"),
        (signed(name="mail-mcp2"), "SIG_INVALID"),
        (signed(integrity=Digest.of(b"other", "sha512").sri), "SIG_INVALID"),
        (signed(published=datetime(2024, 1, 1, tzinfo=UTC)), "SIG_KEY_PERIOD"),
        (signed(published=datetime(2026, 12, 1, tzinfo=UTC)), "SIG_FUTURE"),
        (signed(replace(KEY, key=NpmKey().key, keyid=KEY.id)), "SIG_INVALID"),
    ],
)
def test_a_signature_that_does_not_verify_fails_with_its_reason(of, code):
    evidence = look(of)
    assert evidence.status is FAILED
    assert evidence.facts["code"] == code
    assert evidence.facts["keyids"] == (KEY.id,)
    assert evidence.facts["keys"]["kind"] == "file"
    assert evidence.expected
    assert evidence.actual
    assert evidence.hint


def test_a_key_for_attestations_fails():
    other = NpmKey(usages=("npm:attestations",))
    evidence = look(signed(other), tuf_form(other))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "SIG_KEY_USAGE")


@pytest.mark.parametrize(
    ("integrity", "code"), [("", "SIG_MESSAGE"), ("sha1-qqqqqqqqqqqqqqqqqqqqqqqqqqo=", "SIG_WEAK_MESSAGE")]
)
def test_a_signature_of_no_strong_digest_fails(integrity, code):
    evidence = look(replace(signed(integrity=integrity), integrity=integrity))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, code)


def test_without_a_publish_time_it_passes_as_undated_and_says_so():
    evidence = look(signed(published=None))
    assert (evidence.status, evidence.strength, evidence.facts["published"]) == (PASSED, "undated", "")
    assert evidence.facts["notes"] == ("SIG_UNDATED",)
    assert "no publish time" in evidence.summary


# ------------------------------------------------------------------------------------------------ whose keys


def test_an_unknown_key_is_unchecked_and_names_the_way_out():
    evidence = look(signed(NpmKey()))
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "SIG_UNKNOWN_KEY")
    assert "provenly trust update" in evidence.hint


def test_a_registry_without_known_keys_is_unchecked():
    evidence = outcome(check, package=signed())
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "TRUST_NO_KEYS")
    assert MIRROR in evidence.summary
    assert KEY.id[:40] in evidence.summary
    assert "--npm-keys" in evidence.hint


REAL = {
    "name": "tslib",
    "version": "2.4.1",
    "integrity": "sha512-tGyy4dAjRIEwI7BzsB0lynWgOpfqjUdq91XXAlIWD2OwKBH7oCl/GZG/HT4BOHrTlPMOASlMQ7veyTqpmRcrNA==",
    "published": datetime(2022, 10, 31, 18, 26, 41, tzinfo=UTC),
    "signatures_served": True,
}
"""What npm says of a real version, and signed (tslib@2.4.1)."""

SIGNATURE = "MEUCIB8EvxJelnQdNMf7xo5QRM9svuaMMA4FILo/r6QQkJ9GAiEAgkauFwvHCtAmjLWibk2U9kLYLV9Kh+fZM+T34qMKIdE="


def real(registry, **changes):
    keyid = "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA"
    signature = RegistrySignature(keyid=keyid, signature=SIGNATURE)
    return package(registry=registry, **({"signatures": (signature,)} | REAL | changes))


def test_npms_signatures_verify_with_npms_own_keys_wherever_they_are_served():
    own = outcome(check, package=real(NPM))
    assert (own.status, own.facts["signer"]) == (PASSED, NPM)
    assert own.facts["keys"]["kind"] in {"embedded", "tuf"}
    passed_on = outcome(check, package=real(MIRROR))
    assert (passed_on.status, passed_on.facts["signer"], passed_on.facts["registry"]) == (PASSED, NPM, MIRROR)
    assert "which this registry mirrors" in passed_on.summary
    for registry in (NPM, MIRROR):
        forged = outcome(check, package=real(registry, version="2.4.2"))
        assert (forged.status, forged.facts["code"]) == (FAILED, "SIG_INVALID")


def test_one_signature_of_npms_is_enough_to_verify_with_npms_keys():
    (npms,) = real(MIRROR).signatures
    own = RegistrySignature(keyid="SHA256:the-mirrors-own", signature=SIGNATURE)
    for signatures in ((npms, own), (own, npms)):
        evidence = outcome(check, package=real(MIRROR, signatures=signatures))
        assert (evidence.status, evidence.facts["notes"]) == (PASSED, ("SIG_OTHER_KEY",))
    evidence = outcome(check, package=real(MIRROR, signatures=(own,)))
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "TRUST_NO_KEYS")


def test_a_file_of_keys_counts_alone():
    # Whoever names the keys of a registry did not mean npm's.
    evidence = look(real(MIRROR))
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "SIG_UNKNOWN_KEY")


def test_keys_that_cannot_be_read_say_nothing_about_the_package():
    for document in (b"{", b'{"keys": []}', tuf_form(replace(KEY, keyid="SHA256:another"))):
        evidence = look(signed(), document)
        assert evidence.status is UNCHECKED
        assert evidence.facts["code"]


# ------------------------------------------------------------------------------------------------ none served


@pytest.mark.parametrize("registry", [NPM, ""])
def test_signatures_and_attestations_that_are_kept_back_have_one_cause(registry):
    # One hint is how a report knows that many checks were stopped by one thing.
    with pytest.raises(UnavailableError) as caught:
        attestations.acquire(package(registry=registry), with_keys(tuf_form(KEY)))
    assert look(package(registry=registry)).hint == caught.value.hint != ""


def test_a_mirror_that_serves_none_is_told_from_a_registry_that_has_none():
    assert look(package(registry=NPM)).status is UNCHECKED
    assert look(package()).status is ABSENT
    evidence = look(package(registry=NPM, signatures_served=True))
    assert evidence.status is ABSENT
    assert evidence.facts["signatures_served"] is True
    for registry, served, actual in ((NPM, False, "not served"), (NPM, True, "none"), ("https://x", False, "none")):
        evidence = look(package(registry=registry, signatures_served=served))
        assert evidence.facts == {"registry": registry, "signatures_served": served, "keyids": ()}
        assert (evidence.expected, evidence.actual) == ("a signature", actual)


def test_a_file_on_disk_is_unchecked():
    assert look(package(registry="")).status is UNCHECKED


# ------------------------------------------------------------------------------------------------ from end to end


def keys_file(world):
    path = world.folder / "keys.json"
    path.write_bytes(world.registry.keys_file())
    return str(path)


def status(world, **changes):
    report = world.verify(npm_keys=keys_file(world), **changes)
    return statuses(report)["registry-signature"], report


def evidence_of(report):
    return next(item for item in report.evidence if item.check == "registry-signature")


def test_a_registry_that_signs_passes_and_one_that_lies_fails(world):
    world.release()
    world.release("1.1.0")
    assert status(world)[0] == "absent"
    world.registry.sign("mail-mcp", "1.0.0")
    found, report = status(world, cache=str(world.folder / "first"))
    assert found == "passed"
    assert evidence_of(report).facts["keyid"] == world.registry.npm_key.id
    # Signed is the other version, whose signature is moved to this one.
    other = world.registry.sign("mail-mcp", "1.1.0")["dist"]["signatures"]
    world.registry.packuments["mail-mcp"]["versions"]["1.0.0"]["dist"]["signatures"] = other
    found, report = status(world, cache=str(world.folder / "second"))
    assert (found, evidence_of(report).facts["code"]) == ("failed", "SIG_INVALID")


def test_without_the_keys_of_the_registry_it_is_unchecked(world):
    world.release()
    world.registry.sign("mail-mcp", "1.0.0")
    report = world.verify()
    assert statuses(report)["registry-signature"] == "unchecked"
    assert "--npm-keys" in evidence_of(report).hint


def test_a_stranger_who_signs_is_unknown_and_not_trusted(world):
    world.release()
    world.registry.sign("mail-mcp", "1.0.0", by=NpmKey())
    found, report = status(world)
    assert (found, evidence_of(report).facts["code"]) == ("unchecked", "SIG_UNKNOWN_KEY")


def test_a_mirror_keeps_the_signature_in_the_packument_or_in_neither_place(world):
    world.release()
    world.release("1.1.0")
    document = world.registry.sign("mail-mcp", "1.0.0")
    bare = document | {"dist": {key: value for key, value in document["dist"].items() if key != "signatures"}}
    world.registry.files["/mail-mcp/1.0.0"] = Answer(body=json.dumps(bare).encode())
    found, report = status(world)
    assert found == "passed"
    assert "REG_SIGNATURES_STRIPPED" in {note.code for note in report.notes}
    assert statuses(world.verify("mail-mcp@1.1.0", npm_keys=keys_file(world)))["registry-signature"] == "absent"


def test_two_places_with_different_signatures_are_reported(world):
    world.release()
    document = world.registry.sign("mail-mcp", "1.0.0")
    again = world.registry.npm_key.sign_version("mail-mcp", "1.0.0", document["dist"]["integrity"])
    other = document | {"dist": document["dist"] | {"signatures": [again]}}
    world.registry.files["/mail-mcp/1.0.0"] = Answer(body=json.dumps(other).encode())
    found, report = status(world)
    assert found == "passed"
    assert "REG_SIGNATURES_DIFFER" in {note.code for note in report.notes}


def test_keys_in_the_form_of_the_api_are_those_that_the_registry_serves(world):
    assert json.loads(world.registry.keys_file()) == api_form(world.registry.npm_key)
