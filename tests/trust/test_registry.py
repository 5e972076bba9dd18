"""Registry signatures: every real one holds, and nothing that differs from what was signed does."""

import base64
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from provenly.trust import registry
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from provenly.trust.model import RegistrySignature
from provenly.trust.roots import npm_keys
from provenly.trust.roots.material import Material
from tests.cases import CASES, needs_cases
from tests.simulator.sigstore.ct_log import new_key
from tests.simulator.sigstore.npm import NpmKey, api_form, tuf_form

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PUBLISHED = datetime(2026, 7, 1, tzinfo=UTC)
BASE = "https://registry.npmjs.org"
KEY = NpmKey()
INTEGRITY = Digest.of(b"the bytes of a tarball", "sha512").sri
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def load(document, base=BASE):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return npm_keys.load(Material(data=data, kind="file", place="a test"), base)


KEYS = load(tuf_form(KEY))


def signature(key=KEY, name="@example/mail-mcp", version="1.0.0", integrity=INTEGRITY, keyid=None):
    made = key.sign_version(name, version, integrity, keyid=keyid)
    return RegistrySignature(keyid=made["keyid"], signature=made["sig"])


def verify(*signatures, keys=KEYS, published=PUBLISHED, now=NOW, **changes):
    said = {"name": "@example/mail-mcp", "version": "1.0.0", "integrity": INTEGRITY, "signatures": signatures}
    return registry.verify(**(said | changes), keys=keys, published=published, now=now)


def refused(code, *signatures, kind=RejectedError, **changes):
    with pytest.raises(kind) as caught:
        verify(*signatures, **changes)
    assert type(caught.value) is kind
    assert caught.value.code == code
    if kind is RejectedError:
        assert caught.value.expected
        assert caught.value.actual
        assert caught.value.hint
    return caught.value


def codes(signed):
    return [note.code for note in signed.notes]


def test_a_genuine_signature_says_which_key_and_how_it_is_dated():
    signed = verify(signature())
    assert (signed.keyid, signed.keyids, signed.strength, signed.notes) == (KEY.id, (KEY.id,), "dated", ())


# ------------------------------------------------------------------------------------------------ real data


@needs_cases
@pytest.mark.parametrize("form", ["api", "tuf"])
@pytest.mark.parametrize(
    ("package", "versions", "strength"),
    [("lodash", 117, "undated"), ("tslib", 35, "dated"), ("has-package-exports", 11, "dated")],
)
def test_all_versions_of_real_packuments_hold(form, package, versions, strength):
    keys = load((CASES / "trust" / f"npm-keys.{form}.json").read_bytes())
    found = Counter()
    for said in real(package):
        found[verify(keys=keys, **said).strength] += 1
        # And of the next version none does.
        refused("SIG_INVALID", keys=keys, **(said | {"version": said["version"] + ".1"}))
    assert found == {strength: versions}


def real(package):
    document = json.loads((CASES / "registry" / f"{package}.json").read_bytes())
    for version, entry in document["versions"].items():
        time = document.get("time", {}).get(version)
        yield {
            "name": document["name"],
            "version": version,
            "integrity": entry["dist"]["integrity"],
            "signatures": tuple(
                RegistrySignature(keyid=one["keyid"], signature=one["sig"]) for one in entry["dist"]["signatures"]
            ),
            "published": datetime.fromisoformat(time) if time else None,
        }


@needs_cases
def test_every_input_of_a_real_signature_counts():
    keys = load((CASES / "trust" / "npm-keys.tuf.json").read_bytes())
    said = list(real("tslib"))
    first, second = said[-1], said[-2]
    verify(keys=keys, **first)
    for member in ("version", "integrity", "signatures"):
        refused("SIG_INVALID", keys=keys, **(first | {member: second[member]}))
    refused("SIG_INVALID", keys=keys, **(first | {"name": "tslib2"}))
    (one,) = first["signatures"]
    other = next(key.keyid for key in keys.keys if key.keyid != one.keyid)
    refused("SIG_KEY_PERIOD", keys=keys, **(first | {"signatures": (replace(one, keyid=other),)}))
    refused("SIG_INVALID", keys=keys, **(first | {"signatures": (replace(one, keyid=other),), "published": None}))
    late = datetime(2025, 1, 29, 0, 0, 1, tzinfo=UTC)
    refused("SIG_KEY_PERIOD", keys=keys, **(first | {"published": late}))
    refused("SIG_KEY_PERIOD", keys=keys, **(first | {"published": datetime(1998, 1, 1, tzinfo=UTC)}))
    data = base64.b64decode(one.signature)
    for index in range(len(data)):
        changed = bytearray(data)
        changed[index] ^= 1
        bad = replace(one, signature=base64.b64encode(changed).decode())
        refused("SIG_INVALID", keys=keys, **(first | {"signatures": (bad,)}))


# ------------------------------------------------------------------------------------------------ the message


@pytest.mark.parametrize(
    "change",
    [
        {"name": "@example/mail-mcp2"},
        {"name": "example/mail-mcp"},
        {"name": "@Example/mail-mcp"},
        {"version": "1.0.1"},
        {"version": "1.0.0-beta"},
        {"version": "1.0.0+build"},
        {"integrity": Digest.of(b"other bytes", "sha512").sri},
    ],
)
def test_what_was_signed_is_what_was_asked_about(change):
    kind, code = (RejectedError, "SIG_INVALID")
    if change.get("name") == "example/mail-mcp":
        kind, code = MalformedError, "SIG_MESSAGE"
    refused(code, signature(), kind=kind, **change)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"integrity": ""}, "SIG_MESSAGE"),
        ({"integrity": "sha1-" + base64.b64encode(b"x" * 20).decode()}, "SIG_WEAK_MESSAGE"),
        ({"integrity": Digest.of(b"x", "sha256").sri}, "SIG_WEAK_MESSAGE"),
        ({"integrity": Digest.of(b"x", "sha384").sri}, "SIG_WEAK_MESSAGE"),
        ({"integrity": f"{INTEGRITY} {INTEGRITY}"}, "SIG_MESSAGE"),
        ({"integrity": f"sha1-AAAA {INTEGRITY}"}, "SIG_MESSAGE"),
        ({"integrity": INTEGRITY + " "}, "SIG_MESSAGE"),
        ({"integrity": INTEGRITY.rstrip("=")}, "SIG_MESSAGE"),
        ({"integrity": INTEGRITY + "?x"}, "SIG_MESSAGE"),
        ({"name": "a@1.0.0:x"}, "SIG_MESSAGE"),
        ({"name": "a b"}, "SIG_MESSAGE"),
        ({"name": "a\x00"}, "SIG_MESSAGE"),
        ({"name": ""}, "SIG_MESSAGE"),
        ({"name": "@a/b/c"}, "SIG_MESSAGE"),
        ({"version": "1.0.0:sha512-x"}, "SIG_MESSAGE"),
        ({"version": "1.0.0\n"}, "SIG_MESSAGE"),
        ({"version": ""}, "SIG_MESSAGE"),
        ({"version": "1" * 257}, "SIG_MESSAGE"),
    ],
)
def test_a_message_with_two_readings_or_a_weak_digest_is_none(change, code):
    # Signed just so, and refused all the same.
    said = {"name": "@example/mail-mcp", "version": "1.0.0", "integrity": INTEGRITY} | change
    refused(code, signature(**said), kind=MalformedError, **change)


# ------------------------------------------------------------------------------------------------ keys


def test_a_key_that_is_not_known_says_nothing():
    stranger = NpmKey()
    error = refused("SIG_UNKNOWN_KEY", signature(stranger), kind=UnavailableError)
    assert stranger.id in error.message
    assert "provenly trust update" in error.hint


def test_a_stranger_who_names_a_known_key_is_found_out():
    refused("SIG_INVALID", signature(NpmKey(), keyid=KEY.id))


def test_ids_are_compared_whole_and_exactly():
    for keyid in (KEY.id.lower(), KEY.id + " ", KEY.id[:-1], KEY.id.removeprefix("SHA256:"), KEY.id + "="):
        refused("SIG_UNKNOWN_KEY", signature(keyid=keyid), kind=UnavailableError)


def test_a_key_for_attestations_signs_no_versions():
    other = NpmKey(usages=("npm:attestations",))
    error = refused("SIG_KEY_USAGE", signature(other), keys=load(tuf_form(other)))
    assert (error.expected, error.actual) == ("npm:signatures", "npm:attestations")
    refused("SIG_KEY_USAGE", signature(other), keys=load(tuf_form(other)), published=None)


def test_the_publish_time_is_in_the_keys_period():
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    key = NpmKey(start=start, end=end)
    keys = load(tuf_form(key))
    for at, notes in (
        (start, ["KEY_NEAR_EDGE"]),
        (start + registry.EDGE, ["KEY_NEAR_EDGE"]),
        (start + timedelta(days=2), []),
        (end - timedelta(days=2), []),
        (end - registry.EDGE, ["KEY_NEAR_EDGE"]),
        (end - timedelta(milliseconds=1), ["KEY_NEAR_EDGE"]),
    ):
        assert codes(verify(signature(key), keys=keys, published=at)) == notes
    for at in (start - timedelta(seconds=1), end, end + timedelta(seconds=1)):
        error = refused("SIG_KEY_PERIOD", signature(key), keys=keys, published=at)
        assert "2026-01-01T00:00:00Z to 2026-06-01T00:00:00Z" in error.expected


def test_the_form_of_the_api_has_no_beginning_and_an_end():
    key = NpmKey(end=datetime(2026, 6, 1, tzinfo=UTC))
    keys = load(api_form(key))
    verify(signature(key), keys=keys, published=datetime(2010, 1, 1, tzinfo=UTC))
    refused("SIG_KEY_PERIOD", signature(key), keys=keys, published=datetime(2026, 6, 2, tzinfo=UTC))


def test_without_a_publish_time_the_signature_is_undated_and_says_so():
    ended = NpmKey(start=None, end=datetime(2020, 1, 1, tzinfo=UTC))
    signed = verify(signature(ended), keys=load(api_form(ended)), published=None)
    assert (signed.strength, codes(signed)) == ("undated", ["SIG_UNDATED"])
    refused("SIG_INVALID", signature(), published=None, version="1.0.1")


def test_a_publish_time_that_has_not_come_is_refused():
    verify(signature(), published=NOW + registry.SKEW)
    error = refused("SIG_FUTURE", signature(), published=NOW + registry.SKEW + timedelta(seconds=1))
    assert error.actual == "2026-11-22T12:05:01Z"


# ------------------------------------------------------------------------------------------------ several


def test_every_signature_by_a_known_key_must_hold_and_one_there_must_be():
    second = NpmKey()
    keys = load(tuf_form(KEY, second))
    signed = verify(signature(second), signature(), keys=keys)
    assert (signed.keyid, signed.keyids) == (second.id, (second.id, KEY.id))
    bad = signature(second, version="9.9.9")
    for order in ((signature(), bad), (bad, signature())):
        refused("SIG_INVALID", *order, keys=keys)
        # By a key that is not known it says nothing, in either direction.
        assert codes(verify(*order)) == ["SIG_OTHER_KEY"]
    refused("SIG_UNKNOWN_KEY", bad, bad, kind=UnavailableError)


def test_one_key_may_sign_twice():
    assert verify(signature(), signature()).keyids == (KEY.id,)
    refused("SIG_INVALID", signature(), signature(version="9.9.9"))


def test_the_form_of_a_key_that_is_not_known_is_not_known():
    other = RegistrySignature(keyid="SHA512:something-new", signature="anything at all")
    assert codes(verify(other, signature())) == ["SIG_OTHER_KEY"]
    (note,) = verify(other, signature()).notes
    assert note.text.endswith(": SHA512:something-new")
    refused("SIG_UNKNOWN_KEY", other, kind=UnavailableError)
    refused("SIG_UNKNOWN_KEY", replace(other, keyid="x" * registry.MAX_KEYID), kind=UnavailableError)


def test_the_number_of_signatures_is_limited():
    refused("SIG_COUNT", kind=MalformedError)
    verify(*[signature()] * registry.MAX_SIGNATURES)
    refused("SIG_COUNT", *[signature()] * (registry.MAX_SIGNATURES + 1), kind=MalformedError)


# ------------------------------------------------------------------------------------------------ form


@pytest.mark.parametrize(
    "text",
    ["", "!", "MEQ", " MEQ=", "MEQ=\n", "-_-_", base64.b64encode(b"x" * 73).decode(), "A" * 10_000_000],
)
def test_what_is_not_canonical_base64_of_a_signatures_size_is_no_signature(text):
    bad = RegistrySignature(keyid=KEY.id, signature=text)
    refused("SIG_FORMAT", bad, kind=MalformedError)
    refused("SIG_FORMAT", signature(), bad, kind=MalformedError)


@pytest.mark.parametrize("keyid", ["", "x" * 129])
def test_the_id_of_a_key_has_a_size(keyid):
    refused(
        "SIG_FORMAT",
        signature(keyid=keyid) if keyid else RegistrySignature(keyid="", signature="MEQ="),
        kind=MalformedError,
    )


def test_the_mirrored_signature_holds_and_names_nothing():
    r, s = utils.decode_dss_signature(base64.b64decode(signature().signature))
    mirrored = utils.encode_dss_signature(r, P256_ORDER - s)
    assert verify(replace(signature(), signature=base64.b64encode(mirrored).decode())).keyid == KEY.id


def test_other_spellings_and_hashes_are_no_signature():
    message = f"@example/mail-mcp@1.0.0:{INTEGRITY}".encode()
    good = next(
        made for _ in range(200) if len(made := KEY.key.sign(message, ec.ECDSA(SHA256()))) < registry.MAX_SIGNATURE
    )
    r, s = utils.decode_dss_signature(good)
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    other = KEY.key.sign(message, ec.ECDSA(SHA512()))
    for bad in (
        b"\x30\x81" + good[1:],
        raw,
        other,
        good[:-1],
        b"\x30\x06\x02\x01\x00\x02\x01\x00",
        new_key().sign(message, ec.ECDSA(SHA256())),
    ):
        refused("SIG_INVALID", RegistrySignature(keyid=KEY.id, signature=base64.b64encode(bad).decode()))
