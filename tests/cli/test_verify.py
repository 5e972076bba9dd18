"""The command line, run in this process: what goes where, and with which exit code."""

import json
import os
import subprocess
import sys

import pytest

from provenly.cli.main import main
from tests.world import INDEX, NAME, files


def run(world, *arguments, capsys):
    code = main([*arguments, *world.arguments])
    return code, *capsys.readouterr()


def test_an_honest_package_exits_with_0(world, capsys):
    world.release()
    code, out, err = run(world, "verify", f"{NAME}@1.0.0", capsys=capsys)
    assert code == 0
    assert out.splitlines()[0] == f"WARN  {NAME}@1.0.0"
    assert err == ""
    assert "\x1b" not in out


def test_a_held_package_exits_with_3(world, capsys):
    world.release("1.0.0", files() | {"index.js": INDEX + "evil();\n"})
    code, out, _ = run(world, "verify", f"{NAME}@1.0.0", capsys=capsys)
    assert code == 3
    assert out.startswith("HOLD")
    assert "+evil();" in out


def test_a_denied_package_exits_with_1(world, capsys):
    world.commit("0.9.0")
    world.publish("1.0.0", files() | {"index.js": INDEX + "evil();\n"})
    code, out, _ = run(world, "verify", f"{NAME}@1.0.0", capsys=capsys)
    assert code == 1
    assert out.startswith("DENY")


def test_a_typo_exits_with_2_and_a_hint(world, capsys):
    world.release()
    code, out, err = run(world, "verify", "mail-mpc", capsys=capsys)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["verfy", "x"],
        ["verify", "x", "--no-such-option"],
        ["verify", "x", "--format", "xml"],
        ["verify", "x", "--jobs", "0"],
        ["verify", "x", "--policy", "no-such-policy"],
        ["verify", "x", "--at", "yesterday"],
        ["verify", "x", "--at", "2999-01-01T00:00:00Z"],
        ["verify", "x", "--git-mirror", "nonsense"],
        ["verify", "x", "--source", "not a repository"],
        ["verify", "x", "--registry", "ftp://registry.example"],
        ["verify", "x", "--registry", "http://registry.example"],
        ["verify", "x", "--output", "/no/such/folder/report.txt"],
        ["verify", "x", "y", "--save-evidence", "folder"],
        ["verify", "x", "--evidence", "/no/such/folder"],
        ["verify", "@scope%2fname"],
        ["verify", "--", "--upload-pack=sh"],
        ["verify", ""],
        ["verify", "x\x1b[31m"],
        ["explain", "no-such-check"],
        ["policy", "show", "no-such-policy"],
        ["policy", "check", "/no/such/file.toml"],
    ],
)
def test_a_request_without_meaning_exits_with_2_before_anything_is_asked(arguments, world, capsys, tmp_path):
    os.chdir(tmp_path)
    options = world.arguments if arguments[0] == "verify" and "--registry" not in arguments else []
    code = main(
        [
            *arguments[:1],
            *(options if "--" in arguments else []),
            *arguments[1:],
            *([] if "--" in arguments else options),
        ]
    )
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert "\x1b" not in err
    assert world.registry.requests == []


def test_one_reference_gives_one_document_and_several_give_json_lines(world, capsys):
    world.release()
    code, out, _ = run(world, "verify", f"{NAME}@1.0.0", "--format", "json", capsys=capsys)
    assert code == 0
    assert json.loads(out)["verdict"]["action"] == "warn"
    code, out, _ = run(world, "verify", f"{NAME}@1.0.0", NAME, "--format", "json", capsys=capsys)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["reference"] for line in lines] == [f"{NAME}@1.0.0", NAME]


def test_among_several_a_deny_is_not_hidden_by_a_typo(world, capsys):
    world.commit("0.9.0")
    world.publish("1.0.0", files() | {"index.js": INDEX + "evil();\n"})
    code, out, err = run(world, "verify", "no-such-name", f"{NAME}@1.0.0", "--quiet", capsys=capsys)
    assert code == 1
    assert len(out.splitlines()) == 1
    assert "no-such-name" in err


def test_among_several_a_typo_is_not_hidden_by_an_allow(world, capsys):
    world.release()
    code, _, _ = run(world, "verify", f"{NAME}@1.0.0", "no-such-name", capsys=capsys)
    assert code == 2


def test_the_report_goes_to_the_file_that_was_named(world, capsys, tmp_path):
    world.release()
    target = tmp_path / "report.json"
    code, out, err = run(world, "verify", NAME, "--format", "json", "-o", str(target), capsys=capsys)
    assert (code, out, err) == (0, "", "")
    assert json.loads(target.read_text())["package"]["name"] == NAME
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".provenly")] == []


@pytest.mark.parametrize("kind", ["link", "folder", "fifo", "device"])
def test_a_target_that_is_no_file_is_refused_before_any_work(world, capsys, tmp_path, kind):
    world.release()
    target = tmp_path / "target"
    if kind == "link":
        (tmp_path / "precious").write_text("precious")
        target.symlink_to(tmp_path / "precious")
    elif kind == "folder":
        target.mkdir()
    elif kind == "fifo":
        os.mkfifo(target)
    else:
        target = "/dev/full"
    code, _, err = run(world, "verify", NAME, "-o", str(target), capsys=capsys)
    assert code == 2
    assert "not a regular file" in err
    assert world.registry.requests == []
    assert kind != "link" or (tmp_path / "precious").read_text() == "precious"


def test_a_cyclonedx_document_carries_the_verdict_and_its_exit_code(world, capsys):
    world.release("1.0.0", files() | {"index.js": INDEX + "evil();\n"})
    code, out, _ = run(world, "sbom", f"{NAME}@1.0.0", capsys=capsys)
    assert code == 3
    document = json.loads(out)
    assert document["specVersion"] == "1.6"
    properties = {item["name"]: item["value"] for item in document["metadata"]["component"]["properties"]}
    assert properties["provenly:verdict"] == "hold"


def test_offline_with_a_warm_cache_comes_to_the_same_verdict_and_asks_nobody(world, capsys):
    world.release()
    at = ["--at", "2026-11-01T00:00:00Z"]
    run(world, "verify", f"{NAME}@1.0.0", *at, capsys=capsys)
    asked = len(world.registry.requests), len(world.forge.requests)
    code, out, _ = run(world, "verify", f"{NAME}@1.0.0", *at, "--offline", capsys=capsys)
    assert code == 0
    assert out.startswith("WARN")
    assert (len(world.registry.requests), len(world.forge.requests)) == asked


def test_offline_with_an_empty_cache_is_a_hold_that_says_so(world, capsys):
    world.release()
    code, out, _ = run(world, "verify", f"{NAME}@1.0.0", "--offline", capsys=capsys)
    assert code == 3
    assert "offline" in out.lower()
    assert world.registry.requests == []


def test_a_local_archive_and_a_folder_are_verified(world, capsys, tmp_path):
    world.release()
    archive = tmp_path / "pkg.tgz"
    archive.write_bytes(next(iter(world.registry.tarballs.values())))
    code, out, _ = run(world, "verify", str(archive), "--format", "json", capsys=capsys)
    report = json.loads(out)
    assert code == 3
    assert report["files"]["by_class"]["unexplained"] == 0
    folder = tmp_path / "unpacked"
    for path, text in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    code, out, _ = run(world, "verify", str(folder), "--format", "json", capsys=capsys)
    assert json.loads(out)["files"]["total"] == len(files())


def test_a_local_archive_that_is_hostile_is_a_report_and_no_traceback(world, capsys, tmp_path):
    archive = tmp_path / "bad.tgz"
    archive.write_bytes(b"\x1f\x8b\x08 this is no archive")
    code, out, _ = run(world, "verify", str(archive), capsys=capsys)
    assert code == 1
    assert "artifact-layout: failed" in out


def script(*arguments, **environment):
    """Run the installed program in a process of its own."""
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | environment
    return subprocess.run(
        [sys.executable, "-c", "from provenly.cli.main import run; run()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=variables,
    )


def test_help_and_version_do_not_load_what_they_do_not_need():
    code = (
        "import sys; from provenly.cli.main import main; main(['--help']); main(['verify', '--help'])\n"
        "heavy = {'sigstore', 'requests', 'cyclonedx', 'jsonschema', 'cryptography'}\n"
        "sys.exit(repr(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "verify" in result.stdout
    assert script("--version").stdout.startswith("provenly ")


def test_a_warm_run_does_not_load_the_network(world):
    world.release()
    arguments = ["verify", f"{NAME}@1.0.0", *world.arguments]
    assert main([*arguments, "--quiet"]) == 0
    code = (
        "import sys; from provenly.cli.main import main\n"
        f"assert main({[*arguments, '--offline']!r}) == 0\n"
        "heavy = {'sigstore', 'requests', 'urllib3', 'cyclonedx', 'jsonschema'}\n"
        "sys.exit(repr(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_closed_pipe_is_no_traceback():
    program = f"{sys.executable} -c 'from provenly.cli.main import run; run()'"
    result = subprocess.run(
        ["/bin/sh", "-c", f"{program} policy show | head -n 1"], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in result.stderr
    assert result.stdout.startswith("default: ")


def test_a_bug_is_exit_code_70_without_a_traceback_or_a_verdict(tmp_path):
    """A bug is made on the outside: the installed distribution loses the metadata that it reads its version from."""
    code = (
        "import importlib.metadata, sys\n"
        "def lost(name): raise KeyError(name)\n"
        "importlib.metadata.version = lost\n"
        "sys.argv = ['provenly', '--version']\n"
        "from provenly.cli.main import run; run()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 70
    assert result.stderr.startswith("error: this is a bug in provenly: KeyError")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
