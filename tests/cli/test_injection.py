"""Strings of strangers and secrets of the user, from one end of the program to the other."""

import json
import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from rich.cells import cell_len

from provenly import api
from provenly.cli.main import main
from provenly.cli.streams import complain
from provenly.trust.errors import Error
from provenly.trust.text import show
from tests.simulator.registry import make_tarball
from tests.world import INDEX, NAME, check_report, files, manifest

HOSTILE = (
    "\x1b]0;owned\x07\x1b]8;;https://evil.example\x1b\\x\x9b31m\r\n::set-output name=a::b\n##[error]bad\n"
    "ALLOW  other@1.0.0\n[red]x[/red] :skull: \u202egpj.exe \u2028\u200b {0.__class__} %s %(x)s <!-- -->"
)
IN_GIT = HOSTILE.replace("\r", "").replace("\x00", "")
FORMATS = [
    ["--format", "text"],
    ["--format", "text", "--verbose"],
    ["--format", "text", "--quiet"],
    ["--format", "json"],
    ["--format", "cyclonedx"],
]


def packed():
    """Return the files of a release in which every field that a stranger fills in is hostile."""
    changes = {
        "description": HOSTILE,
        "license": HOSTILE,
        "author": {"name": HOSTILE, "url": f"javascript:{HOSTILE}", "email": HOSTILE},
        "homepage": f"javascript:{HOSTILE}",
        "bugs": {"url": f"data:text/html,{HOSTILE}"},
        "keywords": [HOSTILE],
        "scripts": {"postinstall": HOSTILE, HOSTILE: HOSTILE},
        "dependencies": {"zod": HOSTILE, HOSTILE: "1.0.0"},
        "bin": {HOSTILE: "index.js", NAME: "index.js"},
    }
    content = files("1.0.0", **changes)
    name = "lib/::add-mask::x\u202e.js"
    return content | {"index.js": INDEX + f"// {HOSTILE}\n", name: HOSTILE, "README.md": HOSTILE}


@pytest.fixture
def hostile(world):
    """Give a world in which the author, the registry and the repository all attack the reader."""
    world.repository.commit(packed() | {"index.js": INDEX}, IN_GIT)
    world.repository.tag("v1.0.0")
    world.repository.tag("1.0.0-\u202e##")
    document = world.registry.publish(NAME, "1.0.0", make_tarball(packed()))
    document["deprecated"] = HOSTILE
    document["_npmUser"] = {"name": HOSTILE, "email": HOSTILE}
    document["maintainers"] = [{"name": HOSTILE, "email": HOSTILE}]
    document["gitHead"] = HOSTILE
    document["dist"]["signatures"] = [{"keyid": HOSTILE, "sig": HOSTILE}]
    world.registry.packuments[NAME]["time"]["0.0.1"] = HOSTILE
    world.registry.packuments[NAME]["dist-tags"][HOSTILE] = "1.0.0"
    return world


def hostile_servers(world):
    """Make every server answer with hostile text instead of what was asked."""
    world.release()
    world.registry.fault("*", status=500, body=HOSTILE.encode(), content_type="text/html")


def assert_harmless(text, *, width=100):
    """Hold a text report or an error message to what a terminal and a build service may be sent."""
    assert text == show(text, limit=len(text), keep="\n")
    assert not re.search(r"(?m)^\s*(::|##\[)", text)
    assert "##[" not in text
    assert len(re.findall(r"(?m)^(ALLOW|WARN|HOLD|DENY) ", text)) <= 1
    assert all(cell_len(line) <= width for line in text.splitlines()), "a line is wider than the page"


@pytest.mark.parametrize("look", FORMATS, ids=" ".join)
def test_hostile_metadata_is_harmless_in_every_output(hostile, capsys, look):
    code = main(["verify", f"{NAME}@1.0.0", *look, *hostile.arguments])
    out, err = capsys.readouterr()
    assert code in (1, 3), err
    assert err == show(err, limit=len(err), keep="\n")
    if "json" in look or "cyclonedx" in look:
        json.loads(out)
        assert out == show(out, limit=len(out), keep="\n")
    else:
        assert_harmless(out, width=10_000 if "--quiet" in look else 100)


def test_hostile_metadata_is_harmless_in_json_lines(hostile, capsys):
    main(["verify", f"{NAME}@1.0.0", NAME, "--format", "json", *hostile.arguments])
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2
    assert all(json.loads(line)["package"]["name"] == NAME for line in out.splitlines())


def test_the_report_of_hostile_metadata_keeps_to_the_schema(hostile):
    check_report(hostile.verify())


def test_hostile_evidence_is_saved_and_replayed(hostile, tmp_path, capsys):
    folder = tmp_path / "evidence"
    report = hostile.verify(save_evidence=str(folder))
    again = api.verify_package(str(folder))
    assert again.evidence == report.evidence
    text = (folder / "evidence.json").read_text()
    assert "\x1b" not in text
    json.loads(text)
    main(["verify", str(folder)])
    assert_harmless(capsys.readouterr().out)


def test_hostile_answers_are_harmless(world, capsys):
    hostile_servers(world)
    assert main(["verify", f"{NAME}@1.0.0", *world.arguments]) == 3
    out, err = capsys.readouterr()
    assert_harmless(out)
    assert err == show(err, limit=len(err), keep="\n")


def test_a_hostile_message_is_one_line_on_standard_error(tmp_path, capsys):
    policy = tmp_path / "policy.toml"
    policy.write_text(f"schema = 1\nname = {json.dumps(HOSTILE)}\nrules = {json.dumps(HOSTILE)}\n")
    for arguments in (["policy", "check", str(policy)], ["verify", "x", "--policy", str(policy)]):
        assert main(arguments) == 2
        err = capsys.readouterr().err
        assert [line.split(":")[0] for line in err.splitlines()] == ["error", "hint"]
        assert "##[" not in err
        assert err == show(err, limit=len(err), keep="\n")


def test_a_hostile_policy_is_harmless_in_the_report(world, tmp_path, capsys):
    world.release()
    policy = tmp_path / "policy.toml"
    reason = json.dumps(HOSTILE)
    policy.write_text(
        f'schema = 1\nname = "mine"\nextends = "default"\ndescription = {reason}\n\n[[waivers]]\n'
        f'check = "provenance"\npackage = "{NAME}"\nreason = {reason}\nowner = {reason}\nexpires = 2999-01-01\n'
    )
    main(["verify", f"{NAME}@1.0.0", "--policy", str(policy), *world.arguments])
    out, err = capsys.readouterr()
    if out:
        assert_harmless(out)
    else:
        assert [line.split(":")[0] for line in err.splitlines()] == ["error", "hint"]
    main(["policy", "show", str(policy)])
    shown = "".join(capsys.readouterr())
    assert shown == show(shown, limit=len(shown), keep="\n")
    assert not re.search(r"(?m)^\s*(::|##\[)", shown)


# secrets

CANARIES = ("canary-token", "canary-password", "canary-proxy", "canary-mirror", "canary-argument", "canary-env")


def configured(world, tmp_path, monkeypatch):
    """Return options in which every place that takes a secret has one, and make the registry want one of them."""
    monkeypatch.setenv("CANARY", "canary-env")
    monkeypatch.setenv("NPM_TOKEN", "canary-env")
    host = world.registry.url.removeprefix("http:")
    npmrc = tmp_path / "secret.npmrc"
    npmrc.write_text(
        f"registry={world.registry.url}/\n{host}/:_authToken=canary-token\n"
        "//other.example/:_authToken=${CANARY}\n//other.example/:username=me\n//other.example/:_password=Y2FuYXJ5\n"
    )
    world.registry.authorization = "Bearer canary-token"
    return {
        "npmrc": (str(npmrc),),
        "git_mirrors": (world.forge.mirror_option(),),
        "cache": str(tmp_path / "cache"),
    }


def everything_in(value):
    """Return the text of everything that an object holds."""
    if is_dataclass(value):
        return " ".join(everything_in(getattr(value, item.name)) for item in fields(value))
    if isinstance(value, (tuple, list, set, frozenset)):
        return " ".join(map(everything_in, value))
    if hasattr(value, "items"):
        return " ".join(f"{everything_in(key)} {everything_in(item)}" for key, item in value.items())
    return str(value)


def assert_no_canary(text, where):
    found = [canary for canary in CANARIES if canary in text]
    assert not found, f"{found} in {where}"


@pytest.mark.parametrize("fault", ["none", "reflected", "forbidden", "redirected"])
def test_no_secret_gets_out(world, tmp_path, monkeypatch, capsys, fault):
    world.release()
    options = configured(world, tmp_path, monkeypatch)
    match fault:
        case "reflected":
            world.registry.fault("*", status=500, body=b'{"error":"bad Authorization: Bearer canary-token"}')
        case "forbidden":
            world.registry.authorization = "Bearer another"
        case "redirected":
            world.registry.fault("*", redirect="https://user:canary-token@evil.example/?token=canary-token")
        case _:
            pass
    folder = tmp_path / "evidence"
    arguments = ["--npmrc", options["npmrc"][0], "--git-mirror", options["git_mirrors"][0], "--cache", options["cache"]]
    line = f"npx -y --canary-argument=canary-argument {NAME}@1.0.0 --api-key canary-argument"
    for look in FORMATS:
        main(["verify", line, *look, *arguments])
        assert_no_canary("".join(capsys.readouterr()), " ".join(look))
    report = api.verify_package(line, api.Options(**options, save_evidence=str(folder)))
    assert (report.verdict.action in {"hold", "deny"}) == (fault != "none")
    assert_no_canary(everything_in(report), "the report")
    written = [path for root in (folder, Path(options["cache"])) for path in root.rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert_no_canary(path.name + path.read_bytes().decode("latin-1"), path)


@pytest.mark.parametrize(
    "options",
    [
        {"registry": "https://user:canary-token@registry.example/"},
        {"registry": "ftp://user:canary-token@registry.example/"},
        {"git_mirrors": ("https://user:canary-mirror@github.example",)},
        {"git_mirrors": ("https://user:canary-mirror@a.example/{owner}=ext::sh -c true",)},
        {"source": "https://user:canary-mirror@not a repository"},
        {"source": "ftp://user:canary-mirror@example.org/a/b"},
        {"source": "https://user:canary-mirror@example.org/a/b"},
        {"allow_hosts": ("https://user:canary-token@a.example",)},
        {"at": "https://user:canary-token@a.example"},
        {"policy": "https://user:canary-token@a.example/policy.toml"},
        {"evidence": "https://user:canary-token@a.example/"},
    ],
    ids=str,
)
def test_no_error_repeats_a_secret_of_an_option(options, tmp_path, capsys):
    try:
        report = api.verify_package("x@1.0.0", api.Options(**options, cache=str(tmp_path), offline=True))
    except Error as error:
        assert_no_canary(f"{error} {error.message} {error.hint} {error!r}", "the exception")
        complain(error)
        assert_no_canary(capsys.readouterr().err, "the message")
    else:
        assert_no_canary(everything_in(report), "the report")


@pytest.mark.parametrize(
    "word",
    [
        "https://user:canary-token@registry.example/x.tgz",
        "git+https://user:canary-token@github.com/a/b",
        "git+ssh://user:canary-token@github.com/a/b",
        "CANARY=canary-env npx -y pkg@1",
        "env CANARY=canary-env npx -y pkg@1",
        "npx --//registry.example/:_authToken=canary-token ./local",
        "npx -y ./local --token canary-argument",
        "npx -c 'curl -H canary-token x'",
        "docker run -e CANARY=canary-env image",
        "node server.js --token canary-argument",
        "x@https://user:canary-token@a.example/x.tgz",
        "npm:x@https://user:canary-token@a.example/x.tgz",
    ],
)
def test_no_refused_reference_repeats_a_secret(word, capsys):
    assert main(["verify", word, "--offline"]) == 2
    assert_no_canary("".join(capsys.readouterr()), "the message")


def test_a_traceback_is_shown_only_where_it_is_asked_for(tmp_path):
    code = (
        "import importlib.metadata, sys\n"
        "def lost(name): raise KeyError('https://user:canary-token@a.example')\n"
        "importlib.metadata.version = lost\n"
        "sys.argv = ['provenly', '--version']\n"
        "from provenly.cli.main import run; run()"
    )
    for debug in ("", "1"):
        variables = os.environ | {"PROVENLY_DEBUG": debug}
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=variables
        )
        assert result.returncode == 70
        assert ("Traceback" in result.stderr) == bool(debug)
        assert debug or "canary-token" not in result.stderr


def test_the_manifest_of_the_world_is_the_honest_one():
    """The hostile release differs from it by its strings only: it is not refused before they are read."""
    assert json.loads(packed()["package.json"]).keys() > json.loads(manifest()).keys()
