"""Verification summaries from end to end: made of a report, signed, and accepted in place of a second look."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from securesystemslib import dsse
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from sigstore_models.bundle import v1 as sigstore_bundle

from provenly.cli.main import main
from provenly.trust import keys as public_keys
from provenly.trust.summaries import signing
from tests.world import NAME, World

WARNED = f"{NAME}@1.0.0"


def write_key(folder, name, private, password=None):
    """Write both halves of a key; return their paths."""
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    secret, public = folder / f"{name}.pem", folder / f"{name}.pub"
    secret.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return str(secret), str(public)


class Scene:
    """A small world, a key, and the commands that the tests give."""

    def __init__(self, world, folder, capsys):
        self.world, self.folder, self._capsys = world, folder, capsys
        self.secret, self.public = write_key(folder, "key", ec.generate_private_key(ec.SECP256R1()))

    def run(self, *arguments):
        code = main([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def saved(self, *more):
        """Save a report and return its path."""
        path = self.folder / "report.json"
        path.unlink(missing_ok=True)
        asked = (*self.world.arguments, "--format", "json", "--output", path)
        assert self.run("verify", WARNED, *asked, *more)[0] in (0, 1, 3)
        return path

    def signed(self, *more, at="", policy="default"):
        """Save a report, sign a summary of it and return the summary's path."""
        report = self.saved("--policy", policy, *(["--at", at] if at else []))
        path = self.folder / "summary.json"
        path.unlink(missing_ok=True)
        code, _, err = self.run("vsa", report, "--key", self.secret, "--output", path, *more)
        assert code in (0, 1, 3), err
        return path

    def verified(self, summary, *more, package=WARNED, key=""):
        """Verify by a summary and return the report; the words of an error where there is none."""
        asked = ("--format", "json", "--vsa", summary, "--vsa-key", key or self.public)
        _, out, err = self.run("verify", package, *self.world.arguments, *asked, *more)
        return json.loads(out) if out else err


@pytest.fixture
def scene(tmp_path, capsys):
    with World(tmp_path / "world") as world:
        world.release()
        yield Scene(world, tmp_path, capsys)


def refusals(report):
    return {note["code"]: note["text"] for note in report["notes"] if note["code"].startswith("VSA")}


def is_vouched(report):
    return any(one["strength"] == "vsa" for one in report["evidence"])


@pytest.mark.parametrize("form", ["dsse", "bundle"])
def test_a_summary_stands_for_a_second_look(form, scene):
    summary = scene.signed("--format", form)
    before = len(scene.world.registry.requests)
    report = scene.verified(summary, "--cache", scene.folder / "empty")
    assert is_vouched(report)
    assert report["verdict"]["action"] == "warn"
    assert report["source"] is None
    statuses = {one["check"]: one["status"] for one in report["evidence"]}
    assert statuses["artifact-integrity"] == "passed"
    assert statuses["source-match"] == "unchecked"
    assert "not looked at again" in next(one["summary"] for one in report["evidence"] if one["check"] == "source-match")
    asked = [request.path for request in scene.world.registry.requests[before:]]
    assert asked
    assert not any("attestations" in path for path in asked)


def test_the_envelope_is_one_that_others_read(scene):
    envelope = json.loads(scene.signed("--verifier", "https://me.example/v").read_text())
    assert envelope.keys() == {"payload", "payloadType", "signatures"}
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["predicateType"] == "https://slsa.dev/verification_summary/v1"
    predicate = statement["predicate"]
    assert predicate["verifier"]["id"] == "https://me.example/v"
    assert predicate["resourceUri"] == statement["subject"][0]["name"] == "pkg:npm/mail-mcp@1.0.0"
    assert predicate["verificationResult"] == "PASSED"
    assert predicate["verifiedLevels"] == ["SLSA_BUILD_LEVEL_0", "PROVENLY_SOURCE_IDENTICAL"]
    assert predicate["inputAttestations"] == []
    assert predicate["pkg:pypi/provenly#checks"]["provenance"] == "absent"


def test_a_denied_package_gets_a_summary_that_failed_and_admits_nothing(scene):
    summary = scene.signed(policy="strict")
    statement = json.loads(base64.b64decode(json.loads(summary.read_text())["payload"]))
    assert statement["predicate"]["verificationResult"] == "FAILED"
    assert statement["predicate"]["verifiedLevels"] == ["FAILED"]
    report = scene.verified(summary, "--policy", "strict")
    assert "VSA_RESULT" in refusals(report)
    assert not is_vouched(report)


def test_another_key_vouches_for_nothing(scene):
    _, other = write_key(scene.folder, "other", ec.generate_private_key(ec.SECP256R1()))
    report = scene.verified(scene.signed(), key=other)
    assert "VSA_SIGNATURE" in refusals(report)
    assert not is_vouched(report)


def test_another_verifier_vouches_for_nothing(scene):
    summary = scene.signed("--verifier", "https://me.example/v")
    report = scene.verified(summary)
    assert "VSA_VERIFIER" in refusals(report)
    assert not is_vouched(report)
    assert is_vouched(scene.verified(summary, "--vsa-verifier", "https://me.example/v"))


@pytest.mark.parametrize(("hours", "code"), [(25, "VSA_TIME"), (-1, "VSA_TIME"), (23, "")])
def test_only_a_fresh_summary_vouches(hours, code, scene):
    now = datetime.now(UTC).replace(microsecond=0)
    summary = scene.signed(at=(now - timedelta(hours=max(hours, 0))).isoformat())
    asked = ["--at", (now - timedelta(hours=1)).isoformat()] if hours < 0 else []
    report = scene.verified(summary, *asked)
    assert set(refusals(report)) == ({code} if code else set())
    assert is_vouched(report) is not bool(code)


def test_the_age_is_the_users_to_choose(scene):
    now = datetime.now(UTC).replace(microsecond=0)
    summary = scene.signed(at=(now - timedelta(hours=2)).isoformat())
    assert "VSA_TIME" in refusals(scene.verified(summary, "--vsa-max-age", "1.5"))
    assert is_vouched(scene.verified(summary, "--vsa-max-age", "2.5"))


def test_a_summary_of_other_bytes_vouches_for_nothing(scene):
    summary = scene.signed()
    scene.world.release("1.0.1")
    report = scene.verified(summary, "--cache", scene.folder / "other", package=f"{NAME}@1.0.1")
    assert "VSA_SUBJECT" in refusals(report)
    assert not is_vouched(report)


def test_a_looser_policy_vouches_for_nothing(scene):
    summary = scene.signed(policy="audit")
    report = scene.verified(summary)
    assert "may be looser about" in refusals(report)["VSA_POLICY"]
    assert not is_vouched(report)
    assert is_vouched(scene.verified(summary, "--policy", "audit"))


def test_a_stricter_policy_vouches_for_a_milder_one(scene):
    assert is_vouched(scene.verified(scene.signed(), "--policy", "audit"))


def test_an_unknown_policy_vouches_only_where_it_is_given(scene):
    mine = scene.folder / "mine.toml"
    mine.write_text('schema = 1\nname = "mine"\nextends = "default"\n[checks.version-age]\nfailed = "deny"\n')
    summary = scene.signed(policy=str(mine))
    report = scene.verified(summary)
    assert "VSA_POLICY" in refusals(report)
    assert not is_vouched(report)
    assert is_vouched(scene.verified(summary, "--vsa-policy", mine))


@pytest.mark.parametrize(
    "more",
    [
        f'[[waiver]]\ncheck = "provenance"\npackage = "{NAME}"\nreason = "x"\nowner = "y"\nexpires = 2999-01-01\n',
        '[checks.provenance]\nabsent = "allow"\n',
        "[checks.version-age]\nmin-hours = 1\n",
    ],
    ids=["waiver", "milder", "shorter"],
)
def test_a_policy_that_may_be_looser_vouches_for_nothing(more, scene):
    mine = scene.folder / "mine.toml"
    mine.write_text(f'schema = 1\nname = "mine"\nextends = "default"\n{more}')
    report = scene.verified(scene.signed(policy=str(mine)), "--vsa-policy", mine)
    assert "VSA_POLICY" in refusals(report)
    assert not is_vouched(report)


def test_what_can_be_seen_today_is_still_seen(scene):
    summary = scene.signed()
    scene.world.registry.packuments[NAME]["versions"]["1.0.0"]["deprecated"] = "do not use"
    report = scene.verified(summary, "--cache", scene.folder / "other")
    statuses = {one["check"]: one["status"] for one in report["evidence"]}
    assert is_vouched(report)
    assert statuses["version-status"] == "failed"


def test_a_summary_of_a_summary_is_refused(scene):
    again = scene.folder / "again.json"
    again.write_text(json.dumps(scene.verified(scene.signed())))
    code, out, err = scene.run("vsa", again, "--key", scene.secret)
    assert (code, out) == (2, "")
    assert "rests on a verification summary" in err


@pytest.mark.parametrize(
    ("make", "password"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), None),
        (ed25519.Ed25519PrivateKey.generate, b"secret"),
        (lambda: rsa.generate_private_key(65_537, 3_072), None),
    ],
    ids=["p384", "ed25519-encrypted", "rsa"],
)
def test_every_kind_of_key_signs_what_it_verifies(make, password, tmp_path):
    secret, public = write_key(tmp_path, "k", make(), password)
    signer = signing.load(Path(secret).read_bytes(), password=password, what="the key")
    assert "PRIVATE" not in repr(signer)
    signer.public.verify(signer.sign(b"x"), b"x", what="it")
    assert public_keys.from_pem(Path(public).read_bytes(), what="it").spki == signer.public.spki


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ec.generate_private_key(ec.SECP256K1()), "kind that is not accepted"),
        (lambda: rsa.generate_private_key(65_537, 2_048), "kind that is not accepted"),
        (None, "no private key"),
    ],
    ids=["secp256k1", "short", "none"],
)
def test_other_keys_sign_nothing(make, words, scene):
    secret = scene.folder / "k.pem"
    if make is None:
        secret.write_text("no key")
    else:
        write_key(scene.folder, "k", make())
    ended, out, err = scene.run("vsa", scene.saved(), "--key", secret)
    assert (ended, out) == (2, "")
    assert words in err


def test_an_encrypted_key_asks_for_its_password_in_the_environment(scene, monkeypatch):
    secret, _ = write_key(scene.folder, "k", ec.generate_private_key(ec.SECP256R1()), b"secret")
    report = scene.saved()
    assert "PROVENLY_KEY_PASSWORD" in scene.run("vsa", report, "--key", secret)[2]
    monkeypatch.setenv("PROVENLY_KEY_PASSWORD", "other")
    assert "its password is another one" in scene.run("vsa", report, "--key", secret)[2]
    monkeypatch.setenv("PROVENLY_KEY_PASSWORD", "secret")
    assert scene.run("vsa", report, "--key", secret)[0] == 0


@pytest.mark.parametrize("garbage", ["", "{}", "[]", '{"payload": "AAAA", "payloadType": "x", "signatures": []}', "\0"])
def test_a_broken_summary_is_a_note_and_no_end(garbage, scene):
    (scene.folder / "bad").write_text(garbage)
    report = scene.verified(scene.folder / "bad")
    assert report["source"] is not None
    assert not is_vouched(report)
    assert any("The summary was not accepted" in note["text"] for note in report["notes"])


@pytest.mark.parametrize("more", [("--vsa-key", "x"), ("--vsa", "x"), ("--vsa", "x", "--vsa-key", "x")])
def test_half_a_request_is_a_usage_error(more, scene):
    code, out, err = scene.run("verify", WARNED, *scene.world.arguments, *more)
    assert (code, out) == (2, "")
    assert err.startswith("error:")


def test_a_change_of_anything_signed_is_seen(scene):
    summary = scene.signed()
    envelope = json.loads(summary.read_text())
    payload = base64.b64decode(envelope["payload"])
    envelope["payload"] = base64.b64encode(payload.replace(b'"warn"', b'"allow"')).decode()
    summary.write_text(json.dumps(envelope))
    report = scene.verified(summary)
    assert "VSA_SIGNATURE" in refusals(report)
    assert not is_vouched(report)


def test_another_reader_of_envelopes_verifies_ours(scene):
    envelope = dsse.Envelope.from_dict(json.loads(scene.signed().read_text()))
    key = SSlibKey.from_crypto(load_pem_public_key(Path(scene.public).read_bytes()))
    key.keyid = next(iter(envelope.signatures))
    assert list(envelope.verify([key], 1)) == [key.keyid]
    other = SSlibKey.from_crypto(ec.generate_private_key(ec.SECP256R1()).public_key())
    other.keyid = key.keyid
    with pytest.raises(VerificationError):
        envelope.verify([other], 1)


def test_another_reader_of_bundles_reads_ours(scene):
    text = scene.signed("--format", "bundle").read_text()
    bundle = sigstore_bundle.Bundle.from_json(text)
    assert bundle.verification_material.public_key.hint.startswith("sha256:")
    assert bundle.dsse_envelope.payload_type == "application/vnd.in-toto+json"


def test_scopes_conditions_and_identities_of_one_policy_hold_where_it_is_the_same(scene):
    mine = scene.folder / "mine.toml"
    mine.write_text(
        'schema = 1\nname = "mine"\nextends = "default"\n'
        f'[[scope]]\npackages = ["pkg:npm/{NAME}"]\nwhy = "ours"\n[scope.checks.provenance]\nabsent = "hold"\n'
        '[[condition]]\nwhen = "files.unexplained > 100"\naction = "deny"\nwhy = "there is too much"\n'
    )
    summary = scene.signed(policy=str(mine))
    report = scene.verified(summary, "--policy", mine)
    assert set(refusals(report)) == {"VSA_RESULT"}
    mine.write_text(mine.read_text().replace('absent = "hold"', 'absent = "warn"\nunchecked = "deny"'))
    report = scene.verified(scene.signed(policy=str(mine)), "--policy", mine)
    assert is_vouched(report)
    assert report["verdict"]["action"] == "warn"
