"""``verify-bundle``: what it is asked, what it answers, and with which exit code."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from provenly import reference_time
from provenly.cli import bundle_signer, judge_bundle
from provenly.cli.main import main
from provenly.report import bundle_report
from provenly.trust import keys
from provenly.trust.bundles.model import SEAL, SignedBy, Verified
from provenly.trust.digest import Digest
from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Status
from provenly.trust.identity import Identity
from tests.cases import CASES, needs_cases
from tests.conformance.cases import FOLDER, IDENTITY, ISSUER
from tests.manual import tabled

pytestmark = needs_cases

FILE = str(FOLDER / "a.txt")
HAPPY = str(FOLDER / "happy-path-v0.3" / "bundle.sigstore.json")
DSSE = str(FOLDER / "happy-path-intoto-in-dsse-v3" / "bundle.sigstore.json")
KEYED = FOLDER / "managed-key-happy-path"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "schema" / "bundle-1.schema.json").read_text())
)
SIGNER = ["--certificate-identity", IDENTITY, "--certificate-issuer", ISSUER]


def run(capsys, *arguments):
    code = main(["verify-bundle", *map(str, arguments)])
    return code, *capsys.readouterr()


def answer(capsys, *arguments):
    code, out, err = run(capsys, *arguments, "--format", "json")
    assert err == ""
    document = json.loads(out)
    SCHEMA.validate(document)
    return code, document


def test_a_verified_file(capsys):
    code, out, err = run(capsys, FILE, "--bundle", HAPPY, *SIGNER)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"VERIFIED  {FILE}"
    text = " ".join(out.split())
    assert f" signed by {IDENTITY} " in text.replace(IDENTITY[:82] + " ", IDENTITY[:82]), "wrapped as any long text"
    assert " signed at 2024-03-19 17:26:26 UTC, entry 79571823 of https://rekor.sigstore.dev " in text
    assert " trusted root " in text


def test_the_document_of_a_verified_file(capsys):
    code, found = answer(capsys, FILE, "--bundle", HAPPY, *SIGNER)
    assert code == 0
    digest = hashlib.sha256((FOLDER / "a.txt").read_bytes()).hexdigest()
    assert found["schema"] == "provenly/bundle/1"
    assert (found["verified"], found["status"], found["error"]) == (True, "passed", None)
    assert (found["signer"]["subject"], found["signer"]["issuer"]) == (IDENTITY, ISSUER)
    assert found["signer"]["kind"] == "certificate"
    assert found["subject"] == {
        "asked": FILE,
        "algorithm": "sha256",
        "digest": digest,
        "predicate_type": None,
        "payload_type": None,
    }
    assert found["signed_at"] == ["2024-03-19T17:26:26Z"]
    assert found["log"] == {"url": "https://rekor.sigstore.dev", "index": 79571823}
    assert found["trusted_root"]["kind"] in {"embedded", "tuf"}
    assert len(found["trusted_root"]["sha256"]) == 64


def test_members_are_the_same_whatever_the_answer(capsys):
    _, verified = answer(capsys, FILE, "--bundle", HAPPY, *SIGNER)
    _, refused = answer(capsys, HAPPY, "--bundle", HAPPY, *SIGNER)
    _, keyed = answer(capsys, FILE, "--bundle", KEYED / "bundle.sigstore.json", "--key", KEYED / "key.pub")
    assert list(verified) == list(refused) == list(keyed)
    assert list(verified["signer"]) == list(keyed["signer"])
    assert keyed["signer"]["kind"] == "key"
    assert keyed["signer"]["subject"] is None


def test_the_schema_is_closed_and_names_every_member(capsys):
    SCHEMA.check_schema(SCHEMA.schema)
    _, found = answer(capsys, FILE, "--bundle", HAPPY, *SIGNER)
    assert list(found) == SCHEMA.schema["required"] == list(SCHEMA.schema["properties"])
    for place in (found, found["signer"], found["log"], found["subject"], found["trusted_root"]):
        place["extra"] = 1
        assert not SCHEMA.is_valid(found)
        del place["extra"]
    assert SCHEMA.is_valid(found)


def test_a_statement_is_about_its_subjects(capsys):
    code, found = answer(capsys, FILE, "--bundle", DSSE, *SIGNER)
    assert (code, found["subject"]["predicate_type"]) == (0, "https://slsa.dev/provenance/v1")
    code, found = answer(capsys, HAPPY, "--bundle", DSSE, *SIGNER)
    assert (code, found["error"]["code"]) == (1, "BUNDLE_SUBJECT")


def test_a_refused_file_says_why(capsys):
    code, out, err = run(capsys, FILE, "--bundle", HAPPY, *SIGNER[:2], "--certificate-issuer", "https://x.example")
    assert (code, err) == (1, "")
    assert out.splitlines()[:4] == [
        f"REFUSED  {FILE}",
        "         The bundle holds, and was signed by an identity of another issuer [SIGNER_ISSUER]",
        "  expected        https://x.example",
        f"  found           {ISSUER}",
    ]
    assert IDENTITY not in out


@pytest.mark.parametrize(
    ("identity", "issuer", "code"),
    [
        (IDENTITY[:-1], ISSUER, "SIGNER_IDENTITY"),
        (f"{IDENTITY}/", ISSUER, "SIGNER_IDENTITY"),
        (IDENTITY.upper(), ISSUER, "SIGNER_IDENTITY"),
        (IDENTITY.replace("main", "*"), ISSUER, "SIGNER_IDENTITY"),
        (".*", ISSUER, "SIGNER_IDENTITY"),
        (IDENTITY, f"{ISSUER}/", "SIGNER_ISSUER"),
        (IDENTITY, f"{ISSUER}/hammer-time", "SIGNER_ISSUER"),
        (IDENTITY, ISSUER.removeprefix("https://"), "SIGNER_ISSUER"),
        (f" {IDENTITY}", ISSUER, "SIGNER_IDENTITY"),
    ],
)
def test_names_are_compared_whole(identity, issuer, code, capsys):
    asked = ["--certificate-identity", identity, "--certificate-issuer", issuer]
    exit_code, found = answer(capsys, FILE, "--bundle", HAPPY, *asked)
    assert (exit_code, found["error"]["code"]) == (1, code)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [FILE],
        [FILE, "--bundle", HAPPY],
        [FILE, "--bundle", HAPPY, *SIGNER[:2]],
        [FILE, "--bundle", HAPPY, *SIGNER[2:]],
        [FILE, "--bundle", HAPPY, *SIGNER, "--key", str(KEYED / "key.pub")],
        [FILE, "--bundle", HAPPY, *SIGNER, "--policy", "default"],
        [FILE, "--bundle", HAPPY, "--policy", "default"],
        [FILE, "--bundle", HAPPY, "--policy", "no-such-policy"],
        [FILE, "--bundle", HAPPY, "--key", "no-such-file"],
        [FILE, "--bundle", HAPPY, "--key", FILE],
        [FILE, "--bundle", "no-such-file", *SIGNER],
        [FILE, "--bundle", ".", *SIGNER],
        ["no-such-file", "--bundle", HAPPY, *SIGNER],
        [".", "--bundle", HAPPY, *SIGNER],
        ["", "--bundle", HAPPY, *SIGNER],
        ["sha256:00", "--bundle", HAPPY, *SIGNER],
        ["sha256:" + "A" * 64, "--bundle", HAPPY, *SIGNER],
        ["sha1:" + "a" * 40, "--bundle", HAPPY, *SIGNER],
        ["sha512:" + "a" * 128, "--bundle", HAPPY, *SIGNER],
        [FILE, "--bundle", HAPPY, *SIGNER, "--trusted-root", FILE],
        [FILE, "--bundle", HAPPY, *SIGNER, "--trusted-root", "no-such-file"],
        [FILE, "--bundle", HAPPY, *SIGNER, "--at", "yesterday"],
        [FILE, "--bundle", HAPPY, *SIGNER, "--at", "2999-01-01T00:00:00Z"],
        [FILE, "--bundle", HAPPY, *SIGNER, "--at", "0001-01-01T00:00:00+23:00"],
        [FILE, "--bundle", HAPPY, *SIGNER, "--format", "xml"],
        [FILE, "--bundle", HAPPY, *SIGNER, "--output", "/no/such/folder/answer.json"],
        [FILE, "--bundle", HAPPY, *SIGNER, "--staging"],
    ],
)
def test_a_request_without_meaning_exits_with_2(arguments, capsys):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "Traceback" not in err


def test_a_private_key_is_refused_and_not_shown(tmp_path, capsys):
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (tmp_path / "key.pem").write_text(pem)
    code, out, err = run(capsys, FILE, "--bundle", HAPPY, "--key", tmp_path / "key.pem")
    assert (code, out) == (2, "")
    assert pem.splitlines()[1] not in err


@pytest.mark.parametrize("how", ["--key", "--certificate-identity"])
def test_a_key_does_not_do_for_a_certificate_nor_the_other_way_round(how, capsys):
    if how == "--key":
        code, found = answer(capsys, FILE, "--bundle", HAPPY, "--key", KEYED / "key.pub")
        assert (code, found["error"]["code"]) == (1, "BUNDLE_KEY_UNUSED")
    else:
        code, found = answer(capsys, FILE, "--bundle", KEYED / "bundle.sigstore.json", *SIGNER)
        assert (code, found["error"]["code"]) == (1, "BUNDLE_NO_KEY")


def test_another_key_is_refused(tmp_path, capsys):
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    (tmp_path / "key.pub").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    code, found = answer(capsys, FILE, "--bundle", KEYED / "bundle.sigstore.json", "--key", tmp_path / "key.pub")
    assert (code, found["error"]["code"]) == (1, "BUNDLE_SIGNATURE")


def test_a_file_with_the_name_of_a_digest_is_a_file(tmp_path, monkeypatch, capsys):
    digest = hashlib.sha256((FOLDER / "a.txt").read_bytes()).hexdigest()
    monkeypatch.chdir(tmp_path)
    assert run(capsys, f"sha256:{digest}", "--bundle", HAPPY, *SIGNER)[0] == 0
    (tmp_path / f"sha256:{digest}").write_text("something else")
    assert run(capsys, f"sha256:{digest}", "--bundle", HAPPY, *SIGNER)[0] == 1


@pytest.mark.parametrize("bundle", [HAPPY, DSSE])
def test_a_large_file_is_never_held_in_memory(bundle, tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as stream:
        stream.truncate(judge_bundle.MAX_IN_MEMORY * 8)
    code = (
        "import re, sys; from provenly.cli.main import main; code = main(sys.argv[1:]); "
        # The process's own peak: ru_maxrss of a child begins with the size of its parent.
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr); sys.exit(code)"
    )
    asked = ["verify-bundle", str(large), "--bundle", bundle, *SIGNER, "--format", "json"]
    done = subprocess.run([sys.executable, "-c", code, *asked], capture_output=True, check=False, text=True)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["error"]["code"] in {"BUNDLE_ARTIFACT", "BUNDLE_SUBJECT"}
    assert int(done.stderr.split()[-1]) < 256 * 1024  # kilobytes


@pytest.mark.parametrize("bundle", [HAPPY, DSSE])
def test_a_large_file_verifies_by_the_digest_that_the_bundle_has(bundle):
    signer = bundle_signer.named(identity=IDENTITY, issuer=ISSUER, key="", policy="")
    asked = judge_bundle.Asked(artifact=FILE, bundle=bundle, signer=signer, max_in_memory=0)
    assert judge_bundle.judge(asked).status is Status.PASSED
    asked = judge_bundle.Asked(artifact=HAPPY, bundle=bundle, signer=signer, max_in_memory=0)
    assert judge_bundle.judge(asked).status is Status.FAILED


def test_a_fifo_does_not_hang(tmp_path, capsys):
    os.mkfifo(tmp_path / "fifo")
    assert run(capsys, tmp_path / "fifo", "--bundle", HAPPY, *SIGNER)[0] == 2
    assert run(capsys, FILE, "--bundle", tmp_path / "fifo", *SIGNER)[0] == 2


def test_a_form_that_is_not_known_is_unchecked(capsys):
    bundle = FOLDER / "bundle-unknown-version_fail" / "bundle.sigstore.json"
    code, out, err = run(capsys, FILE, "--bundle", bundle, *SIGNER)
    assert (code, err) == (3, "")
    assert out.startswith(f"UNCHECKED  {FILE}\n")
    code, found = answer(capsys, FILE, "--bundle", bundle, *SIGNER)
    assert (code, found["verified"], found["status"]) == (3, False, "unchecked")


def test_a_bundle_from_after_the_reference_time_is_refused(capsys):
    code, found = answer(capsys, FILE, "--bundle", HAPPY, *SIGNER, "--at", "2024-03-19T17:00:00Z")
    assert (code, found["error"]["code"]) == (1, "LOG_TIME_FUTURE")
    assert found["checked_at"] == "2024-03-19T17:00:00Z"


def test_hostile_text_is_escaped(tmp_path, capsys):
    nasty = tmp_path / "a\x1b[31m\u202e.txt"
    nasty.write_bytes((FOLDER / "a.txt").read_bytes())
    code, out, _ = run(capsys, nasty, "--bundle", HAPPY, *SIGNER)
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    _, out, _ = run(capsys, nasty, "--bundle", HAPPY, *SIGNER, "--format", "json")
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out)["subject"]["asked"] == str(nasty)


def test_a_forged_line_in_a_reason_stays_in_its_line(tmp_path, capsys):
    document = json.loads((FOLDER / "happy-path-v0.3" / "bundle.sigstore.json").read_text())
    document["verificationMaterial"]["tlogEntries"][0]["kindVersion"]["kind"] = "x\nVERIFIED  a.txt\x1b[2J\x7f"
    (tmp_path / "bundle").write_text(json.dumps(document))
    code, out, _ = run(capsys, FILE, "--bundle", tmp_path / "bundle", *SIGNER)
    assert code in {1, 3}
    assert not [line for line in out.splitlines() if line.startswith("VERIFIED")]
    assert "\x1b" not in out
    _, out, _ = run(capsys, FILE, "--bundle", tmp_path / "bundle", *SIGNER, "--format", "json")
    assert "\x7f" not in out


def test_the_answer_goes_to_a_file(tmp_path, capsys):
    target = tmp_path / "answer.json"
    code, out, err = run(capsys, FILE, "--bundle", HAPPY, *SIGNER, "--format", "json", "--output", target)
    assert (code, out, err) == (0, "", "")
    assert json.loads(target.read_text())["verified"] is True


POLICY = """\
schema = 1
name = "ours"
description = "Who may build"
extends = "default"

[[identities]]
package = "{package}"
repository = "https://github.com/{repository}"
workflow = ".github/workflows/extremely-dangerous-oidc-beacon.yml"
ref = "refs/heads/*"
why = "We build it there."
"""
BEACON = "sigstore-conformance/extremely-dangerous-public-oidc-beacon"


def test_a_policy_names_the_signer(tmp_path, capsys):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.format(package="beacon", repository=BEACON))
    assert run(capsys, FILE, "--bundle", HAPPY, "--policy", path)[0] == 0
    path.write_text(POLICY.format(package="beacon", repository=f"{BEACON}-evil"))
    code, found = answer(capsys, FILE, "--bundle", HAPPY, "--policy", path)
    assert (code, found["error"]["code"]) == (1, "POLICY_IDENTITY")


def test_a_policy_of_one_package_does_not_do_for_another(tmp_path, capsys):
    document = json.loads((CASES / "npm" / "mcp-server-filesystem-2026.7.10" / "attestations.json").read_text())
    bundle = tmp_path / "bundle"
    bundle.write_text(
        json.dumps(next(one["bundle"] for one in document["attestations"] if "provenance" in one["predicateType"]))
    )
    expected = json.loads((CASES / "npm" / "mcp-server-filesystem-2026.7.10" / "expected.json").read_text())
    digest = f"sha512:{expected['subject_sha512']}"
    text = POLICY.replace("extremely-dangerous-oidc-beacon.yml", "release.yml")
    path = tmp_path / "policy.toml"
    known = {"repository": "modelcontextprotocol/servers"}
    for package in ("@modelcontextprotocol/server-filesystem", "@modelcontextprotocol/*"):
        path.write_text(text.format(package=package, **known))
        assert run(capsys, digest, "--bundle", bundle, "--policy", path)[0] == 0
    path.write_text(text.format(package="@modelcontextprotocol/server-memory", **known))
    code, found = answer(capsys, digest, "--bundle", bundle, "--policy", path)
    assert (code, found["error"]["code"]) == (1, "POLICY_IDENTITY")
    assert "@modelcontextprotocol/server-filesystem" in found["error"]["message"]


@pytest.mark.parametrize(
    "names",
    [
        ["pkg:npm/a@1", "pkg:npm/b@1"],
        ["a.txt", "pkg:npm/a@1"],
        ["pkg:npm/a@1?x=y"],
        ["pkg:npm/a@1#x"],
        ["PKG:NPM/a@1"],
        [" pkg:npm/a@1"],
        ["pkg:npm/%40S%2fa@1"],
        ["pkg:npm/a"],
        ["pkg:pypi/a@1"],
    ],
)
def test_a_policy_is_not_led_around_by_the_spelling_of_a_package(names, tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.format(package="a", repository=BEACON))
    wanted = bundle_signer.named(identity="", issuer="", key="", policy=str(path))
    with pytest.raises(RejectedError) as caught:
        bundle_signer.require(verified(names), wanted)
    assert caught.value.code == "POLICY_PACKAGE"


def test_a_policy_is_held_to_a_file_or_one_package(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.format(package="a", repository=BEACON))
    wanted = bundle_signer.named(identity="", issuer="", key="", policy=str(path))
    for names in ([], ["a.txt", "b.txt"], [None], ["pkg:npm/a@1.0.0"]):
        bundle_signer.require(verified(names), wanted)
    with pytest.raises(RejectedError) as caught:
        bundle_signer.require(verified(["pkg:npm/%40s/a@1.0.0"]), wanted)
    assert caught.value.code == "POLICY_IDENTITY"


def verified(names):
    """Return a bundle as if it had been verified: signed by the beacon, about subjects with these names."""
    payload = json.dumps({"subject": [{"name": name} if name else {} for name in names]}).encode()
    identity = Identity(
        issuer=ISSUER,
        subject=IDENTITY,
        repository=f"https://github.com/{BEACON}",
        workflow=IDENTITY,
        ref="refs/heads/main",
    )
    private = ec.generate_private_key(ec.SECP256R1())
    return Verified(
        signed_by=SignedBy(key=keys.accept(private.public_key(), what="a key"), identity=identity),
        signed_at=(reference_time.read("2026-01-01T00:00:00Z"),),
        payload=payload,
        payload_type="application/vnd.in-toto+json",
        digest=Digest.of(payload),
        log_index=None,
        log_url="",
        seal=SEAL,
    )


@pytest.mark.parametrize(
    ("workflow", "path"),
    [
        ("https://github.com/o/r/.github/workflows/x.yml@refs/heads/main", ".github/workflows/x.yml"),
        ("https://github.com/o/r//.gitlab-ci.yml@refs/heads/main", ".gitlab-ci.yml"),
        ("https://github.com/o/r/a@b.yml@refs/tags/v1", "a@b.yml"),
        ("https://github.com/o/r/.github/workflows/x.yml@refs/tags/@o/p@1.0.0", ".github/workflows/x.yml"),
        ("https://github.com/o/r-evil/.github/workflows/x.yml@refs/heads/main", ""),
        ("https://github.com/o/other/.github/workflows/x.yml@refs/heads/main", ""),
        ("", ""),
    ],
)
def test_the_path_of_a_workflow_is_one_in_the_repository(workflow, path):
    identity = Identity(issuer=ISSUER, subject="x", repository="https://github.com/o/r", workflow=workflow)
    assert bundle_signer.facts(identity)["workflow"] == path
    unknown = Identity(issuer=ISSUER, subject="x", workflow=workflow)
    assert bundle_signer.facts(unknown)["workflow"] == ""


def test_a_builder_is_one_of_github_only_for_github():
    hosted = Identity(issuer=ISSUER, subject="x", runner="github-hosted")
    assert bundle_signer.facts(hosted)["builder"] == "https://github.com/actions/runner/github-hosted"
    elsewhere = Identity(issuer="https://gitlab.com", subject="x", runner="github-hosted")
    assert bundle_signer.facts(elsewhere)["builder"] == ""


def test_text_is_one_line_a_fact():
    error = RejectedError("a\nb", code="X", expected="c\nd", actual="e", hint="f")
    refused = bundle_report.Answer(
        status=Status.FAILED, artifact="g\nh", bundle="i", at=reference_time.read(""), error=error
    )
    found = bundle_report.render_text(refused, width=80, colour=False)
    assert [line.split()[0] for line in found.splitlines() if line] == [
        *("REFUSED", "A\\x0ab", "expected", "found", "hint", "bundle", "judged")
    ]
    assert bundle_report.line(refused) == "REFUSED g\\x0ah: A\\x0ab [X]"


def test_quiet_is_one_line(capsys):
    code, out, err = run(capsys, FILE, "--bundle", HAPPY, *SIGNER, "--quiet")
    assert (code, out, err) == (0, f"VERIFIED {FILE}: signed by {IDENTITY}\n", "")
    code, out, _ = run(capsys, HAPPY, "--bundle", HAPPY, *SIGNER, "-q")
    assert (code, out) == (1, f"REFUSED {HAPPY}: The bundle is about another artifact [BUNDLE_ARTIFACT]\n")


def test_a_bundle_may_come_from_standard_input(monkeypatch, capsys):
    data = Path(HAPPY).read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert run(capsys, FILE, "--bundle", "-", *SIGNER)[0] == 0
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(bytes(judge_bundle.MAX_BUNDLE + 1))))
    code, found = answer(capsys, FILE, "--bundle", "-", *SIGNER)
    assert (code, found["error"]["code"]) == (1, "INPUT_SIZE")


def test_an_attestation_document_is_told_from_a_bundle(tmp_path, capsys):
    (tmp_path / "attestations.json").write_text('{"attestations": []}')
    code, found = answer(capsys, FILE, "--bundle", tmp_path / "attestations.json", *SIGNER)
    assert (code, found["error"]["code"]) == (1, "BUNDLE_MEDIA_TYPE")
    assert "verify-attestations" in found["error"]["hint"]


def test_what_is_missing_is_said_with_the_help_of_the_command(capsys):
    assert run(capsys)[2].endswith("hint: provenly verify-bundle --help says what it takes.\n")


def test_every_option_and_member_is_in_the_manual(capsys):
    page = Path(__file__).parents[2] / "docs" / "attestations.md"
    assert main(["verify-bundle", "--help"]) == 0
    offered = re.findall(r"^  (-\w, )?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    options = " ".join(row[0] for row in tabled(page, "### Options of verify-bundle"))
    listed = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", options))
    assert listed == {option.rstrip(", ") for pair in offered for option in pair if option} - {"-h", "--help"}
    _, document = answer(capsys, FILE, "--bundle", HAPPY, *SIGNER)
    rows = tabled(page, "### Members of the bundle's JSON")
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row[0])} == document.keys()


def test_text_fits_a_narrow_terminal(capsys):
    code, document = answer(capsys, FILE, "--bundle", HAPPY, *SIGNER)
    asked = judge_bundle.Asked(
        artifact=FILE,
        bundle=HAPPY,
        signer=bundle_signer.named(identity=IDENTITY, issuer=ISSUER, key="", policy=""),
    )
    for width in (40, 80, 200):
        text = bundle_report.render_text(judge_bundle.judge(asked), width=width, colour=True)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert max(map(len, plain.splitlines())) <= width
        assert document["signer"]["subject"] in "".join(plain.split())
    assert code == 0


@pytest.mark.parametrize("digest", ["sha256:00", "sha256:" + "A" * 64, "sha512:xyz"])
def test_a_digest_that_is_none_is_said_to_be_none(digest, capsys):
    code, out, err = run(capsys, digest, "--bundle", HAPPY, *SIGNER)
    assert (code, out) == (2, "")
    assert f"{digest} is no digest and no file: " in err
    assert "hexadecimal digits" in err


def test_nothing_of_cryptography_is_imported_for_the_help():
    code = (
        "import sys; from provenly.cli.main import main; main(['verify-bundle', '--help']); "
        "sys.exit(any(name in sys.modules for name in ('cryptography', 'rfc3161_client', 'sigstore', 'tuf')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
