"""``provenly trust``: shown as it is, refreshed from whom it should be, and nothing changed where that fails."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenly.cli.main import main
from provenly.trust.digest import Digest
from provenly.trust.roots import embedded
from provenly.trust.roots.refresh import NPM_KEYS, TRUSTED_ROOT
from provenly.verify import surroundings
from provenly.verify.anchor_store import AnchorStore, Entry, Repository
from provenly.verify.context import Silence
from tests.cases import CASES, needs_cases
from tests.simulator.tls import Authority
from tests.simulator.tuf import TufRepository, in_days, stranger
from tests.simulator.web import Server

NEW_ROOT = embedded.trusted_root().data + b"\n"


@pytest.fixture
def repository():
    made = TufRepository(targets={TRUSTED_ROOT: NEW_ROOT, NPM_KEYS: embedded.npm_keys().data})
    made.publish()
    return made


@pytest.fixture
def server(repository):
    with Server(repository.respond) as made:
        yield made


@pytest.fixture
def update(repository, server, tmp_path, capsys):
    """Run the command against the simulated repository; return its exit code, output and complaints."""

    def run(*more: str) -> tuple[int, str, str]:
        (tmp_path / "root.json").write_bytes(repository.bootstrap)
        code = main(["trust", "update", "--tuf-url", server.url, "--tuf-root", str(tmp_path / "root.json"), *more])
        return (code, *capsys.readouterr())

    return run


def shown(capsys, *arguments: str) -> dict:
    assert main(["trust", "show", "--format", "json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_what_is_embedded_is_shown(capsys):
    assert main(["trust", "show"]) == 0
    text = capsys.readouterr().out
    for part in (
        "embedded in this release",
        embedded.DIGESTS["trusted_root.json"],
        embedded.DIGESTS["npm-keys.json"],
        "https://rekor.sigstore.dev",
        "2021-01-12T11:53:27Z to no end",
        "keys of https://registry.npmjs.org",
        "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U",
        "npm:attestations: 2022-12-01T00:00:00Z to 2025-01-29T00:00:00Z",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) < 80


def test_the_form_for_machines_has_the_same(capsys):
    document = shown(capsys)
    assert document["schema"] == "provenly/trust-show/1"
    root, keys = document["trusted_root"], document["keys"]
    assert (root["kind"], root["sha256"]) == ("embedded", embedded.DIGESTS["trusted_root.json"])
    assert [len(root[name]) for name in ("logs", "certificate_authorities", "ct_logs", "timestamp_authorities")] == [
        2,
        2,
        2,
        1,
    ]
    assert root["logs"][0]["start"] == "2021-01-12T11:53:27+00:00"
    assert root["logs"][0]["end"] is None
    assert [len(key["usages"]) for key in keys["keys"]] == [2, 2]
    assert keys["registry"] == "https://registry.npmjs.org"


@needs_cases
def test_files_of_the_user_are_shown_with_what_is_not_used(capsys):
    root, keys = CASES / "trust" / "trusted_root.staging.json", CASES / "trust" / "npm-keys.api.json"
    assert main(["trust", "show", "--trusted-root", str(root), "--npm-keys", str(keys)]) == 0
    text = capsys.readouterr().out
    assert "a file that you named" in text
    assert "not used" in text
    assert "PKCS1_RSA_PKCS1V5" in text
    assert "the beginning to 2025-01-29T00:00:00Z" in text


def test_hostile_text_in_a_file_is_made_safe(capsys, tmp_path):
    document = json.loads(embedded.trusted_root().data)
    document["ctlogs"][0]["publicKey"]["keyDetails"] = "\x1b]0;owned\x07\u202eevil"
    (tmp_path / "root.json").write_text(json.dumps(document))
    assert main(["trust", "show", "--trusted-root", str(tmp_path / "root.json")]) == 0
    text = capsys.readouterr().out
    assert "owned" in text
    assert not set("\x1b\x07\u202e") & set(text)


def test_a_file_that_is_no_such_document_is_refused(capsys, tmp_path):
    (tmp_path / "root.json").write_text("{}")
    assert main(["trust", "show", "--trusted-root", str(tmp_path / "root.json")]) == 2
    assert "is no trusted root that we can use" in capsys.readouterr().err


@needs_cases
def test_the_root_that_the_conformance_suite_refuses_is_refused(capsys):
    (path,) = (CASES / "conformance").glob("*/trust-root-tlog-missing-validity-start_fail/trusted_root.json")
    assert main(["verify", "x@1.0.0", "--offline", "--trusted-root", str(path)]) == 2
    assert "does not say when it starts" in capsys.readouterr().err


def test_a_refresh_says_what_changed_and_is_gone_by_from_then_on(update, server, capsys):
    code, out, err = update()
    assert (code, err) == (0, "")
    assert f"trusted root: changed, sha256 {Digest.of(NEW_ROOT).hex}\n" in out
    assert f"keys of npm: unchanged, sha256 {embedded.DIGESTS['npm-keys.json']}\n" in out
    assert re.search(rf"from {server.url}, TUF root 1, good until \d{{4}}-\d\d-\d\d\n", out)
    root = shown(capsys)["trusted_root"]
    assert (root["kind"], root["place"], root["sha256"]) == ("tuf", server.url, Digest.of(NEW_ROOT).hex)
    assert root["expires"]
    assert main(["trust", "show"]) == 0
    assert "0 days ago" in capsys.readouterr().out


def test_a_second_refresh_says_that_nothing_changed(update, repository):
    update()
    repository.publish(root=False)
    code, out, _ = update()
    assert code == 0
    assert "changed" not in out.replace("unchanged", "")


def test_quiet_says_nothing(update):
    assert update("--quiet") == (0, "", "")


def test_no_credential_is_sent_and_nobody_else_is_asked(update, server, monkeypatch):
    home = Path(os.environ["HOME"])
    place = f"//127.0.0.1:{server.port}/"
    (home / ".npmrc").write_text(f"registry=http:{place}\n{place}:_authToken=secret\n")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("NPM_TOKEN", "secret")
    assert update("--npmrc", "user")[0] == 0
    assert server.requests[0].path == "/2.root.json"
    for request in server.requests:
        assert not {"authorization", "cookie"} & set(request.headers)
        assert "secret" not in str(request)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 404}, "NOT_FOUND"),
        ({"portal": True}, "REG_NOT_JSON"),
        ({"redirect": "/elsewhere.json"}, "NET_REDIRECT"),
        ({"redirect": "https://registry.npmjs.org/timestamp.json"}, "NET_REDIRECT"),
        ({"body": b"{}"}, "TRUST_TUF"),
    ],
)
def test_what_fails_changes_nothing(update, server, capsys, fault, said):
    assert update()[0] == 0
    before = snapshot()
    server.fault("/timestamp.json", **fault)
    code, out, err = update()
    assert (code, out) == (3, "")
    assert "gave nothing that verifies" in err
    assert said in err or said == "TRUST_TUF"
    assert "hint: Nothing was changed" in err
    assert snapshot() == before


def snapshot() -> dict[str, bytes]:
    store = Path(os.environ["PROVENLY_TRUST"])
    return {str(path): path.read_bytes() for path in sorted(store.rglob("*")) if path.is_file()}


def test_a_stranger_changes_nothing(update, repository):
    update()
    before = snapshot()
    repository.signers["targets"] = [stranger()]
    repository.publish(root=False)
    assert update()[0] == 3
    assert snapshot() == before


def test_expired_metadata_is_said(update, repository):
    repository.expires["timestamp"] = in_days(-1)
    repository.publish(root=False)
    code, _, err = update()
    assert code == 3
    assert "has expired" in err
    assert "clock" in err


def test_a_rollback_across_two_runs_is_refused(update, repository):
    old = repository.files["timestamp.json"]
    repository.publish(root=False)
    assert update()[0] == 0
    repository.files["timestamp.json"] = old
    assert update()[0] == 3


UNREADABLE = [b"{}", b"[not json", NEW_ROOT.replace(b'"start"', b'"begin"')]


@pytest.mark.parametrize("data", UNREADABLE)
def test_a_signed_document_that_we_cannot_read_is_left_as_it_was(update, repository, data, capsys):
    repository.targets[TRUSTED_ROOT] = data
    repository.publish(root=False)
    code, out, err = update()
    assert code == 3
    assert "not refreshed: trusted root: " in err
    assert "cannot read it" in err
    assert "Nothing was changed" not in err
    assert "keys of npm: unchanged" in out
    assert "trusted root:" not in out
    found = shown(capsys)
    assert (found["trusted_root"]["kind"], found["keys"]["kind"]) == ("embedded", "tuf")


def test_where_no_document_can_be_read_nothing_changes(update, repository):
    repository.targets |= {TRUSTED_ROOT: b"{}", NPM_KEYS: b"{}"}
    repository.publish(root=False)
    code, out, err = update()
    assert (code, out) == (3, "")
    assert "Nothing was changed" in err
    assert not snapshot()


def test_the_trusted_root_is_refreshed_while_npm_s_role_has_expired(update, repository, capsys):
    assert update()[0] == 0
    newer = NEW_ROOT + b"\n"
    repository.targets[TRUSTED_ROOT] = newer
    repository.expires["registry.npmjs.org"] = in_days(-1)
    repository.publish(root=False)
    code, out, err = update()
    assert code == 3
    assert f"trusted root: changed, sha256 {Digest.of(newer).hex}\n" in out
    assert "not refreshed: keys of npm: the metadata" in err
    assert "has expired" in err
    found = shown(capsys)
    assert found["trusted_root"]["sha256"] == Digest.of(newer).hex
    assert found["keys"]["sha256"] == embedded.DIGESTS["npm-keys.json"]


def test_a_damaged_store_is_said_and_written_anew(update, capsys):
    update()
    (Path(os.environ["PROVENLY_TRUST"]) / "index.json").write_bytes(b"{")
    assert main(["trust", "show"]) == 3
    assert "trust update" in capsys.readouterr().err
    code, _, err = update()
    assert code == 0
    assert "it is written anew [TRUST_STORE]" in err
    assert shown(capsys)["trusted_root"]["kind"] == "tuf"


def test_a_store_of_somebody_else_is_not_written(update):
    update()
    Path(os.environ["PROVENLY_TRUST"]).chmod(0o777)
    before = snapshot()
    code, _, err = update()
    assert code == 3
    assert "can be written by others" in err
    assert snapshot() == before


def test_over_tls_with_an_authority_of_the_company(repository, tmp_path, capsys):
    authority = Authority(tmp_path)
    (tmp_path / "ca.pem").write_text(authority.pem)
    (tmp_path / "root.json").write_bytes(repository.bootstrap)
    with Server(repository.respond, tls=authority.server("127.0.0.1")) as server:
        options = ["--tuf-url", server.url + "/", "--tuf-root", str(tmp_path / "root.json")]
        assert main(["trust", "update", *options]) == 3
        assert "--ca-file" in capsys.readouterr().err
        assert main(["trust", "update", *options, "--ca-file", str(tmp_path / "ca.pem")]) == 0
        (tmp_path / "npmrc").write_text(f"cafile={tmp_path / 'ca.pem'}\n")
        assert main(["trust", "update", *options, "--npmrc", str(tmp_path / "npmrc")]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--offline"], "--offline forbids it"),
        (["--tuf-url", "https://tuf.private.example"], "--tuf-root"),
        (["--tuf-url", "http://tuf.private.example", "--tuf-root", "root.json"], "plain http"),
        (["--tuf-url", "file:///etc", "--tuf-root", "root.json"], "not https"),
        (["--tuf-url", "https://user:pass@tuf.private.example", "--tuf-root", "root.json"], "user name"),
        (["--tuf-root", "missing.json"], "missing.json"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(capsys, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root.json").write_bytes(embedded.tuf_root())
    assert main(["trust", "update", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "pass@" not in err


def test_the_root_of_another_repository_is_refused(update, repository, tmp_path, server, capsys):
    (tmp_path / "other.json").write_bytes(embedded.tuf_root())
    assert main(["trust", "update", "--tuf-url", server.url, "--tuf-root", str(tmp_path / "other.json")]) == 3
    capsys.readouterr()
    assert not snapshot()


def test_an_old_copy_is_used_and_said_to_be_old(capsys, tmp_path):
    obtained = embedded.EMBEDDED_AT - timedelta(days=200)
    entry = Entry(
        name=TRUSTED_ROOT,
        sha256=Digest.of(NEW_ROOT).hex,
        url="https://tuf.private.example",
        root_version=3,
        obtained=obtained,
        expires=obtained + timedelta(days=30),
    )
    repository = Repository(url=entry.url, bootstrap=Digest.of(b"").hex, metadata={})
    AnchorStore(AnchorStore.default_root()).save({entry: NEW_ROOT}, repository, (), None)
    assert main(["trust", "show"]) == 0
    text = capsys.readouterr().out
    assert "https://tuf.private.example" in text
    assert "days old, and the metadata that vouched for it has ended" in text
    assert "[TRUST_STALE]" in text
    now = datetime.now(tz=UTC)
    asked = surroundings.Surroundings(cache=str(tmp_path / "cache"), offline=True)
    with surroundings.opened(asked, now, now, Silence()) as opened:
        assert opened.notes == ()
        opened.context.anchors.trusted_root()
        assert [note.code for note in opened.notes] == ["TRUST_STALE"]
