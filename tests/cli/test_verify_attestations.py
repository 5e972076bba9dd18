"""``provenly verify-attestations``: its answers, exit codes and outputs, over real documents and forged ones."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest

from provenly.cli.main import main
from provenly.trust.digest import Digest
from tests.cases import CASES, needs_cases
from tests.forgeries.forgery import forge
from tests.manual import tabled
from tests.simulator.registry import make_tarball
from tests.simulator.sigstore.instance import Target, dump
from tests.simulator.sigstore.predicates import HONEST

NAME, VERSION = "@example/mail-mcp", "1.0.0"
PACKAGE = f"{NAME}@{VERSION}"
MANIFEST = {"name": NAME, "version": VERSION, "repository": {"type": "git", "url": f"git+{HONEST.repository}.git"}}
REAL = "mcp-server-filesystem-2026.7.10"


class Shell:
    """A folder with an archive, its attestations and what is to be trusted; commands are run beside them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.target = self.pack(MANIFEST)
        self.write("root.json", dump(forge().trusted_root()))
        self.write("keys.json", dump(forge().npm_keys()))
        self.document(forge().publish(self.target), forge().provenance(self.target))

    def write(self, name: str, data: bytes) -> Path:
        (self.folder / name).write_bytes(data)
        return self.folder / name

    def pack(self, manifest: object) -> Target:
        data = make_tarball({"package.json": json.dumps(manifest), "index.js": "run()\n"})
        self.write("mail.tgz", data)
        return Target(name=NAME, version=VERSION, data=data)

    def document(self, *attestations: object) -> None:
        self.write("attestations.json", forge().document(*attestations))

    def run(self, *more: str, file: str = "attestations.json", package: str = PACKAGE) -> tuple[int, str, str]:
        arguments = ["verify-attestations", file if file == "-" else str(self.folder / file), "--package", package]
        trust = ["--trusted-root", str(self.folder / "root.json"), "--npm-keys", str(self.folder / "keys.json")]
        code = main([*arguments, *trust, *more])
        out, err = self.capsys.readouterr()
        return code, out, err

    @property
    def tarball(self) -> tuple[str, str]:
        return "--tarball", str(self.folder / "mail.tgz")

    @property
    def sha512(self) -> str:
        return Digest.of(self.target.data, "sha512").hex


@pytest.fixture
def shell(tmp_path, capsys):
    return Shell(tmp_path, capsys)


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_attestation_holds(shell):
    code, out, err = shell.run("--sha512", shell.sha512)
    assert (code, err) == (0, "")
    assert out.startswith(f"VERIFIED  {PACKAGE}\n")
    assert "✓ publish holds" in out
    assert "✓ provenance holds" in out
    assert "agrees name, version, registry" in words(out)
    assert "agrees repository, commit, ref, workflow" in words(out)
    assert "\x1b" not in out


def test_the_archive_is_read_and_its_repository_compared(shell):
    code, out, _ = shell.run(*shell.tarball)
    assert code == 0
    assert f"source {HONEST.repository}, as its package.json says" in words(out)


@pytest.mark.parametrize("digest", [str.upper, lambda text: Digest(algorithm="sha512", value=bytes.fromhex(text)).sri])
def test_the_digest_may_be_spelled_as_others_do(shell, digest):
    assert shell.run("--sha512", digest(shell.sha512))[0] == 0


def test_a_purl_names_the_package_too(shell):
    assert shell.run(*shell.tarball, package="pkg:npm/%40example/mail-mcp@1.0.0")[0] == 0


def test_another_repository_in_the_archive_is_refused(shell):
    url = "git+https://github.com/example/forked-mail-mcp.git"
    target = shell.pack(MANIFEST | {"repository": {"url": url}})
    shell.document(forge().publish(target), forge().provenance(target))
    code, out, _ = shell.run(*shell.tarball)
    assert code == 1
    assert "[ATT_SOURCE_MISMATCH]" in out
    assert HONEST.repository in words(out)


def test_an_archive_without_a_repository_is_not_compared(shell):
    target = shell.pack({"name": NAME, "version": VERSION})
    shell.document(forge().publish(target), forge().provenance(target))
    code, out, _ = shell.run(*shell.tarball, "--format", "json")
    assert code == 0
    assert json.loads(out)["repository"] is None


def test_the_archive_of_another_package_is_refused(shell):
    target = shell.pack(MANIFEST | {"version": "1.0.1"})
    shell.document(forge().publish(target), forge().provenance(target))
    code, out, _ = shell.run(*shell.tarball)
    assert code == 1
    assert "[ATT_ARCHIVE_PACKAGE]" in out
    assert "@example/mail-mcp@1.0.1" in words(out)


def test_an_archive_that_two_readers_read_differently_is_refused(shell):
    data = shell.target.data + b"more"
    shell.write("mail.tgz", data)
    target = Target(name=NAME, version=VERSION, data=data)
    shell.document(forge().publish(target), forge().provenance(target))
    code, out, _ = shell.run(*shell.tarball, "--format", "json")
    assert code == 1
    assert json.loads(out)["error"]["code"].startswith("GZIP")


def test_other_bytes_are_refused(shell):
    code, out, _ = shell.run("--sha512", "0" * 128)
    assert code == 1
    assert out.startswith("REFUSED")
    assert out.count("[ATT_SUBJECT_DIGEST]") == 3


def test_one_refused_attestation_is_enough(shell):
    lying = replace(HONEST, commit="0" * 40)
    shell.document(forge().publish(shell.target), forge().provenance(shell.target, HONEST, certified=lying))
    code, out, _ = shell.run(*shell.tarball)
    assert code == 1
    assert "✓ publish holds" in out
    assert "✗ provenance is refused" in out
    assert "differs commit" in words(out)
    assert f"found commit {HONEST.commit}" in words(out)


@pytest.mark.parametrize("document", [b"{}", b'{"attestations": []}', b'{"attestations": null}'])
def test_no_attestation_is_no_success(shell, document):
    shell.write("attestations.json", document)
    code, out, _ = shell.run("--sha512", shell.sha512)
    assert code == 3
    assert out.startswith(f"ABSENT  {PACKAGE}\n")
    assert "[ATT_ABSENT]" in out


def test_what_could_not_be_checked_is_no_success(shell):
    def other(predicate):
        predicate["buildDefinition"]["buildType"] = "https://example.com/build/\x1b[31mv1"

    shell.document(forge().publish(shell.target), forge().provenance(shell.target, change=other))
    code, out, _ = shell.run("--sha512", shell.sha512)
    assert code == 3
    assert out.startswith("UNCHECKED")
    assert "? provenance is unchecked" in out
    assert "https://example.com/build/\\x1b[31mv1" in words(out)
    assert "\x1b" not in out


def test_keys_of_another_registry_are_not_npms(shell):
    """Without a file, no keys of another registry are known; what its key signed is unchecked."""
    arguments = [str(shell.folder / "attestations.json"), "--package", PACKAGE, "--sha512", shell.sha512]
    root = ["--trusted-root", str(shell.folder / "root.json"), "--registry", "https://npm.acme.example/"]
    assert main(["verify-attestations", *arguments, *root]) == 3
    assert "[TRUST_NO_KEYS]" in shell.capsys.readouterr().out


def test_the_publish_attestation_names_the_registry(shell):
    code, out, _ = shell.run("--sha512", shell.sha512, "--registry", "https://npm.acme.example")
    assert code == 1
    assert "[PUBLISH_IDENTITY_REGISTRY]" in out


@pytest.mark.parametrize("document", [b"", b"[]", b"{", b'{"attestations": 1}', b'{"attestations": [1]}', b"\xff"])
def test_what_is_no_document_is_refused(shell, document):
    shell.write("attestations.json", document)
    code, out, err = shell.run("--sha512", shell.sha512)
    assert (code, err) == (1, "")
    assert out.startswith("REFUSED")


def test_an_endless_document_is_refused(shell):
    with (shell.folder / "attestations.json").open("wb") as stream:
        stream.truncate(1 << 30)
    code, out, _ = shell.run("--sha512", shell.sha512)
    assert code == 1
    assert "[JSON_SIZE]" in out


def test_the_document_may_come_from_standard_input(shell, monkeypatch):
    data = (shell.folder / "attestations.json").read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert shell.run("--sha512", shell.sha512, file="-")[0] == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "neither the digest nor the archive"),
        (("--sha512", "0" * 128, "--tarball", "x.tgz"), "both the digest and the archive"),
        (("--sha512", "0" * 127), "not a sha512 digest"),
        (("--sha512", "g" * 128), "not a sha512 digest"),
        (("--sha512", "0" * 64), "not a sha512 digest"),
        (("--sha512", "sha512-AAAA"), "not a sha512 digest"),
        (("--sha512", " ".join("00" for _ in range(43))[:128]), "not a sha512 digest"),
        (("--tarball", "nowhere.tgz"), "there is no file"),
        (("--sha512", "0" * 128, "--at", "tomorrow"), "is not a time"),
        (("--sha512", "0" * 128, "--at", "2999-01-01"), "is in the future"),
        (("--sha512", "0" * 128, "--registry", "npm"), "--registry"),
        (("--sha512", "0" * 128, "--format", "yaml"), "yaml"),
        (("--sha512", "0" * 128, "--npm-keys", "nowhere.json"), "there is no file"),
        (("--sha512", "0" * 128, "--output", "nowhere/x"), "its folder does not exist"),
    ],
)
def test_requests_that_make_no_sense(shell, more, says):
    code, out, err = shell.run(*more)
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize(
    "package",
    [
        "",
        "mail-mcp",
        "mail-mcp@^1.0.0",
        "mail-mcp@latest",
        "npx -y mail-mcp@1.0.0",
        "x@npm:y@1.0.0",
        "../mail-mcp",
        "Ünsafe@1.0.0",
    ],
)
def test_packages_that_are_none(shell, package):
    code, out, err = shell.run("--sha512", shell.sha512, package=package)
    assert (code, out) == (2, "")
    assert err


def test_a_missing_document_is_a_mistake_in_the_request(shell):
    code, out, err = shell.run("--sha512", shell.sha512, file="nowhere.json")
    assert (code, out) == (2, "")
    assert "there is no file" in err


def test_the_reference_time_decides_what_is_from_the_future(shell):
    assert shell.run("--sha512", shell.sha512, "--at", "2026-07-19T00:00:00Z")[0] == 0
    assert shell.run("--sha512", shell.sha512, "--at", "2024-02-01T00:00:00Z")[0] == 1


def test_json(shell):
    code, out, _ = shell.run(*shell.tarball, "--format", "json", "--at", "2026-07-20")
    assert code == 0
    document = json.loads(out)
    assert list(document) == [
        "schema", "tool", "checked_at", "package", "sha512", "archive", "registry", "trusted_root", "keys", "status",
        "error", "repository", "attestations", "truncated",
    ]  # fmt: skip
    assert document["schema"] == "provenly/attestations/1"
    assert document["checked_at"] == "2026-07-20T00:00:00Z"
    assert document["package"] == {"name": NAME, "version": VERSION}
    assert (document["status"], document["error"], document["sha512"]) == ("passed", None, shell.sha512)
    assert document["trusted_root"]["kind"] == document["keys"]["kind"] == "file"
    publish, provenance = document["attestations"]
    assert publish["signed"]["keyid"] == forge().key.id
    assert publish["signed"]["certificate"] is None
    assert provenance["signed"]["keyid"] is None
    assert provenance["signed"]["certificate"]["commit"] == HONEST.commit
    commit = {"field": "commit", "outcome": "agrees", "expected": HONEST.commit, "actual": HONEST.commit}
    assert commit in provenance["compared"]
    assert provenance["builder"] == "https://github.com/actions/runner/github-hosted"


def test_json_of_a_refusal(shell):
    shell.document(forge().publish(shell.target, predicate={"name": "evil"}), forge().provenance(shell.target))
    code, out, _ = shell.run(*shell.tarball, "--format", "json")
    assert code == 1
    document = json.loads(out)
    assert document["status"] == "failed"
    assert document["error"]["code"] == "PUBLISH_IDENTITY_NAME"
    assert (document["error"]["expected"], document["error"]["actual"]) == (NAME, "evil")
    assert [one["status"] for one in document["attestations"]] == ["failed", "passed"]


def test_a_long_value_is_cut_for_people(shell):
    document = json.loads((shell.folder / "attestations.json").read_bytes())
    document["attestations"][0]["predicateType"] = "x" * 4_000
    shell.write("attestations.json", dump(document))
    code, out, _ = shell.run(*shell.tarball)
    assert code == 1
    assert 400 < out.count("x") < 600


def test_a_bundle_is_told_from_a_document(shell):
    document = json.loads((shell.folder / "attestations.json").read_bytes())
    shell.write("attestations.json", dump(document["attestations"][0]["bundle"]))
    code, out, _ = shell.run(*shell.tarball)
    assert code == 1
    assert "verify-bundle" in out


def test_quiet_is_one_line(shell):
    assert shell.run(*shell.tarball, "--quiet")[1] == f"VERIFIED {PACKAGE}: publish, provenance\n"
    code, out, _ = shell.run("--sha512", "0" * 128, "-q")
    assert code == 1
    assert out.startswith(f"REFUSED {PACKAGE}: ")
    assert out.endswith("[ATT_SUBJECT_DIGEST]\n")
    assert out.count("\n") == 1


def test_the_answer_may_go_into_a_file(shell):
    target = shell.folder / "answer.json"
    code, out, _ = shell.run(*shell.tarball, "--format", "json", "--output", str(target))
    assert (code, out) == (0, "")
    assert json.loads(target.read_text())["status"] == "passed"


def test_hostile_names_are_shown_as_text(shell):
    made = forge().publish(shell.target, predicate={"name": "\x1b]0;owned\x07\u202e::error::"})
    shell.document(made)
    for form in ("text", "json"):
        code, out, _ = shell.run("--sha512", shell.sha512, "--format", form)
        assert code == 1
        assert not {"\x1b", "\x07", "\u202e"} & set(out)


@needs_cases
@pytest.mark.parametrize("name", sorted(path.name for path in (CASES / "npm").glob("*")))
def test_every_real_case(name, capsys):
    """With what is embedded, and nothing named: as somebody would who has just installed provenly."""
    folder = CASES / "npm" / name
    expected = json.loads((folder / "expected.json").read_text())
    package = f"{expected['package']}@{expected['version']}"
    options = ["--package", package, "--sha512", expected["subject_sha512"], "--format", "json"]
    code = main(["verify-attestations", str(folder / "attestations.json"), *options])
    document = json.loads(capsys.readouterr().out)
    assert code == (0 if expected["expected"] == "pass" else 1)
    assert (document["status"] == "passed") == (code == 0)


@needs_cases
def test_the_manual_shows_what_is_so(capsys):
    """The answer about a real package in docs/attestations.md, whose document no test of the manual can have."""
    folder = CASES / "npm" / REAL
    expected = json.loads((folder / "expected.json").read_text())
    package = f"{expected['package']}@{expected['version']}"
    options = ["--package", package, "--sha512", expected["subject_sha512"], "--at", "2026-11-22T10:00:00Z"]
    assert main(["verify-attestations", str(folder / "attestations.json"), *options]) == 0
    shown = capsys.readouterr().out.partition("\n  trusted root")[0]
    assert shown in (Path(__file__).parents[2] / "docs" / "attestations.md").read_text()


def test_nothing_is_loaded_before_it_is_needed():
    code = (
        "import sys; from provenly.cli.main import main; main(['--help']);"
        "assert 'cryptography' not in sys.modules, 'cryptography';"
        "assert 'provenly.trust.attestations.npm' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr


def test_every_option_and_member_is_in_the_manual(shell):
    page = Path(__file__).parents[2] / "docs" / "attestations.md"
    options = " ".join(row[0] for row in tabled(page, "### Options of verify-attestations"))
    assert main(["verify-attestations", "--help"]) == 0
    listed = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*\d*", options))
    offered = re.findall(r"^  (-\w, )?(--[a-z0-9-]+)", shell.capsys.readouterr().out, re.MULTILINE)
    assert listed == {option.rstrip(", ") for pair in offered for option in pair if option} - {"-h", "--help"}
    members = {name for row in tabled(page, "### Members of the JSON") for name in re.findall(r"`(\w+)`", row[0])}
    _, out, _ = shell.run(*shell.tarball, "--format", "json")
    assert members == json.loads(out).keys()


def test_the_schema_describes_every_answer(shell):
    schema = json.loads((Path(__file__).parents[2] / "schema" / "attestations-1.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    answers = [shell.run(*shell.tarball, "--format", "json"), shell.run("--sha512", "0" * 128, "--format", "json")]
    shell.write("attestations.json", b"{}")
    answers.append(shell.run("--sha512", "0" * 128, "--format", "json"))
    assert [code for code, _, _ in answers] == [0, 1, 3]
    for _, out, _ in answers:
        validator.validate(json.loads(out))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json.loads(answers[0][1]) | {"more": 1})
