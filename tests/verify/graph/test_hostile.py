"""Packages that would like to run something, reach something or be somebody else while npm resolves."""

import json
import os

import pytest

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.evidence import Status
from provenly.verify.graph import npm
from tests.simulator.registry import make_tarball
from tests.simulator.web import Answer, Server
from tests.verify.graph.forest import ROOT, code, found, ids, look, notes, one, publish
from tests.world import actions

pytestmark = pytest.mark.node


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Put a git and other programs first on the PATH that say that they ran; give the file that tells."""
    told, programs = tmp_path / "ran", tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "ssh", "sh-hook"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} >> {told}\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return told


def hooks(ran, *names):
    return {"scripts": {name: f"echo {name} >> {ran}" for name in names}}


def test_no_script_of_any_package_runs(world, ran):
    every = ("preinstall", "install", "postinstall", "prepare", "prepublish", "preprepare", "dependencies")
    publish(
        world.registry, "evil", **hooks(ran, *every), hasInstallScript=True, bin={"node": "index.js", "npm": "x.js"}
    )
    publish(world.registry, ROOT, dependencies={"evil": "1"}, **hooks(ran, *every))
    report = look(world)
    assert not ran.exists()
    assert ids(report) == ["evil@1.0.0"]
    assert one(report, "evil@1.0.0").install_scripts
    assert found(report, "tree-scripts").status is Status.FAILED
    assert "evil@1.0.0" in found(report, "tree-scripts").summary
    assert actions(report)["tree-scripts"] == "warn"


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ("git+https://127.0.0.1:1/a/b.git", "TREE_GIT"),
        ("git+file:///tmp/repository", "TREE_GIT"),
        ("git+ssh://git@github.com/a/b.git#semver:^1", "TREE_GIT"),
        ("github:a/b", "TREE_GIT"),
        ("a/b#v1", "TREE_GIT"),
        ("-oProxyCommand=sh-hook:a/b", "TREE_GIT"),
        ("file:/etc", "TREE_FILE"),
        ("file:../../../../etc", "TREE_FILE"),
        ("/etc/passwd", "TREE_FILE"),
        ("link:/etc", "TREE_FILE"),
        ("workspace:*", "TREE_FILE"),
        ("npm:evil@git+ssh://git@github.com/a/b", "TREE_GIT"),
        ("npm:../../evil@1", "TREE_NAME"),
    ],
)
@pytest.mark.parametrize("depth", ["all", "direct"])
def test_what_leads_elsewhere_is_a_finding_and_not_followed(world, ran, spec, note, depth):
    publish(world.registry, "good")
    publish(world.registry, ROOT, dependencies={"odd": spec, "good": "1"})
    report = look(world, deps=depth)
    assert not ran.exists()
    assert ids(report) == sorted(["good@1.0.0", f"odd@{spec}"])
    assert notes(report, f"odd@{spec}") == [note]
    assert not report.graph.complete
    assert found(report, "tree-complete").status is Status.FAILED
    assert found(report, "tree-integrity").status is Status.UNCHECKED
    assert actions(report)["tree-complete"] == "hold"


def test_a_url_is_not_asked(world):
    with Server(lambda _: Answer(body=make_tarball({"package.json": '{"name":"odd","version":"1.0.0"}'}))) as other:
        publish(world.registry, "between", dependencies={"odd": f"{other.url}/odd.tgz"})
        publish(world.registry, ROOT, dependencies={"between": "1"})
        report = look(world)
        assert not other.requests
    assert notes(report, f"odd@{other.url}/odd.tgz") == ["TREE_URL"]
    assert report.graph.edges["between@1.0.0"] == (f"odd@{other.url}/odd.tgz",)
    assert found(report, "tree-complete").status is Status.FAILED


@pytest.mark.parametrize("inside", ["git+https://127.0.0.1:1/a/b.git", "http://127.0.0.1:1/odd.tgz", "file:/etc"])
def test_what_a_shrinkwrap_in_an_archive_leads_to_is_not_followed(world, ran, inside):
    lock = {
        "name": "wrapped",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "wrapped", "version": "1.0.0", "dependencies": {"odd": inside}},
            "node_modules/odd": {"version": "1.0.0", "resolved": inside},
        },
    }
    files = {"npm-shrinkwrap.json": json.dumps(lock)}
    publish(world.registry, "wrapped", files=files, _hasShrinkwrap=True, dependencies={"odd": inside})
    publish(world.registry, ROOT, dependencies={"wrapped": "1"})
    report = look(world)
    assert not ran.exists()
    assert found(report, "tree-complete").status is Status.FAILED
    assert actions(report)["tree-complete"] == "hold"
    assert not report.graph.complete


def test_neither_engines_nor_platforms_nor_capital_letters_stop_it(world):
    publish(
        world.registry, "picky", engines={"node": ">=99", "npm": ">=99"}, os=["nothing"], cpu=["!x64"], libc=["musl"]
    )
    publish(world.registry, ROOT, dependencies={"picky": "1"}, engines={"npm": "0"})
    report = look(world)
    assert one(report, "picky@1.0.0").platforms == ("os=nothing", "cpu=!x64", "libc=musl")
    assert found(report, "tree-complete").status is Status.PASSED


@pytest.mark.parametrize(
    "name", ["__proto__", "../../../evil", "constructor", "a b", "@x/../y", "\u202eevil", "x" * 300]
)
def test_names_that_are_none_do_no_harm(world, name):
    publish(world.registry, "good")
    world.registry.publish(
        ROOT,
        "1.0.0",
        make_tarball({"package.json": json.dumps({"name": ROOT, "version": "1.0.0"}), "index.js": ""}),
        manifest={"name": ROOT, "version": "1.0.0", "dependencies": {name: "1", "good": "1"}},
    )
    report = look(world)
    assert "good@1.0.0" in ids(report)
    assert found(report, "tree-complete").status is not Status.PASSED


def test_settings_of_the_folder_and_the_environment_play_no_part(world, ran, tmp_path, monkeypatch):
    hook = tmp_path / "hook.cjs"
    hook.write_text(f"require('fs').writeFileSync({json.dumps(str(ran))}, 'node')")
    (tmp_path / ".npmrc").write_text("registry=http://127.0.0.1:1/\nignore-scripts=false\n")
    (tmp_path / "package.json").write_text('{"dependencies": {"absent": "1"}}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1/")
    monkeypatch.setenv("NODE_OPTIONS", f"--require {hook}")
    monkeypatch.setenv("HOME", str(tmp_path))
    publish(world.registry, "good")
    publish(world.registry, ROOT, dependencies={"good": "1"})
    report = look(world)
    assert ids(report) == ["good@1.0.0"]
    assert not ran.exists()


def test_credentials_go_to_the_registry_and_not_to_npm(world, tmp_path):
    publish(world.registry, "good")
    publish(world.registry, ROOT, dependencies={"good": "1"})
    world.registry.authorization = "Bearer hunter2"
    npmrc = tmp_path / "npmrc"
    npmrc.write_text(f"{world.registry.url.removeprefix('http:')}/:_authToken=hunter2\n")
    report = look(world, npmrc=(str(npmrc),))
    assert ids(report) == ["good@1.0.0"]
    assert found(report, "tree-integrity").status is Status.PASSED
    assert {request.headers.get("authorization") for request in world.registry.requests} == {"Bearer hunter2"}
    assert not any("npm/" in request.headers.get("user-agent", "") for request in world.registry.requests)


def test_the_registry_swaps_an_archive(world):
    publish(world.registry, "good")
    publish(world.registry, ROOT, dependencies={"good": "1"})
    document = json.loads(json.dumps(world.registry.packuments["good"]["versions"]["1.0.0"]))
    document["dist"]["integrity"] = "sha512-" + "A" * 86 + "=="
    world.registry.files["/good/1.0.0"] = Answer(body=json.dumps(document).encode())
    report = look(world)
    assert found(report, "tree-integrity").status is Status.FAILED
    assert code(report, "tree-integrity") == "TREE_INTEGRITY"
    assert actions(report)["tree-integrity"] == "deny"


@pytest.mark.parametrize("stated", [None, "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0="])
def test_a_dependency_without_a_strong_digest_fails(world, stated):
    publish(world.registry, "good")
    publish(world.registry, ROOT, dependencies={"good": "1"})
    dist = world.registry.packuments["good"]["versions"]["1.0.0"]["dist"]
    dist.pop("integrity")
    if stated:
        dist["integrity"] = stated
    assert code(look(world), "tree-integrity") == "TREE_NO_INTEGRITY"


def test_the_registry_answers_for_another_package(world):
    publish(world.registry, "good")
    publish(world.registry, ROOT, dependencies={"good": "1"})
    world.registry.packuments["good"]["name"] = "other"
    report = look(world)
    assert found(report, "tree-complete").status is Status.FAILED
    assert code(report, "tree-complete") == "REG_NAME_MISMATCH"


def test_what_takes_too_long_is_ended_with_what_it_started(tmp_path):
    script = tmp_path / "npm-cli.js"
    child = "setTimeout(() => require('fs').writeFileSync('../lived', ''), 1500)"
    script.write_text(
        f"require('child_process').spawn(process.execPath, ['-e', {json.dumps(child)}], {{stdio: 'ignore'}});"
        "setTimeout(() => {}, 60000)"
    )
    real = npm.find()
    slow = npm.Npm(node=real.node, script=script, version="0.0.0")
    folder = tmp_path / "run"
    folder.mkdir()
    with pytest.raises(MalformedError) as caught:
        npm.lock(slow, folder, {}, {}, seconds=1)
    assert caught.value.code == "TREE_TIMEOUT"
    import time

    time.sleep(1)
    assert not (folder / "lived").exists()


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("process.stderr.write('x'.repeat(1 << 20)); process.exit(3)", "TREE_NPM"),
        ("const all = []; for (;;) all.push(new Array(1 << 16).fill({}).map(() => ({a: 1})))", "TREE_LIMIT"),
        ("require('fs').writeFileSync('package-lock.json', Buffer.alloc(64 << 20))", "TREE_NPM"),
        ("", "TREE_NPM"),
    ],
)
def test_an_npm_that_fails_or_asks_for_too_much_is_an_error_of_ours(tmp_path, program, code):
    script = tmp_path / "npm-cli.js"
    script.write_text(program)
    real = npm.find()
    folder = tmp_path / "run"
    folder.mkdir()
    with pytest.raises((UnavailableError, MalformedError)) as caught:
        npm.lock(npm.Npm(node=real.node, script=script, version="0.0.0"), folder, {}, {}, memory=40)
    assert caught.value.code == code
