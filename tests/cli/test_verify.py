"""The command line, run in this process: what goes where, and with which exit code."""

import json
import os
import subprocess
import sys

import pytest

from provenly.cli.main import main
from provenly.verify.checks import CHECKS
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


@pytest.mark.parametrize("command", ["verify", "sbom"])
@pytest.mark.parametrize(
    "line", [["npx", "-y", "pkg@1"], ["/usr/bin/npx", "-y", "pkg@1"], ["pnpm", "dlx", "-s", "pkg"]]
)
def test_a_launch_line_without_quotes_ends_with_what_to_do(command, line, capsys):
    assert main([command, *line]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == f"hint: Put a launch line in quotes: provenly {command} 'npx -y NAME@VERSION'"


def test_a_launch_line_needs_no_quotes_behind_two_hyphens(world, capsys):
    world.release()
    code = main(["verify", "--quiet", *world.arguments, "--", "npx", "-y", f"{NAME}@1.0.0", "--api-key", "x"])
    assert code == 0
    assert capsys.readouterr().out.startswith(f"WARN  {NAME}@1.0.0")


@pytest.mark.parametrize("arguments", [[], ["policy"]])
def test_without_words_the_help_is_the_answer(arguments, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: provenly ")
    assert "Commands:" in err
    assert "error" not in err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["verfy", "x"], "'verify'"),
        (["policy", "chek"], "'check'"),
        (["verify", "x", "--ofline"], "--offline"),
        (["verify", "x", "--format", "jsn"], "'json'"),
        (["verify", "x", "--policy", "strikt"], "strict"),
        (["explain", "source-mach"], "source-match"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_typo_is_answered_with_what_was_meant(arguments, meant, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert meant in err
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "hint"]


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


@pytest.mark.parametrize("option", ["--npmrc", "--ca-file", "--policy", "--evidence"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "zeros", "missing"])
def test_a_file_that_is_none_is_refused_and_not_waited_for(option, kind, tmp_path, capsys):
    """A FIFO would wait for a writer, and /dev/zero has no end."""
    path = tmp_path / "named"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "zeros":
        path = "/dev/zero"
    assert main(["verify", f"{NAME}@1.0.0", "--offline", option, str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "hint"]
    assert str(path) in err


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
    archive.write_bytes(world.registry.tarballs[f"/{NAME}/-/{NAME}-1.0.0.tgz"])
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


def two_packages(world):
    """Publish one package that is let through with a warning, and one that is held."""
    world.release("1.0.0")
    world.release("2.0.0", files("2.0.0") | {"index.js": INDEX + "evil();\n"})
    return f"{NAME}@1.0.0", f"{NAME}@2.0.0"


@pytest.mark.parametrize("turned", [False, True])
def test_among_several_the_worst_answer_is_the_exit_code(world, capsys, turned):
    names = list(two_packages(world))
    for others, expected in (([], 3), (["no-such-name"], 2)):
        asked = [*names, *others][:: -1 if turned else 1]
        code, out, _ = run(world, "verify", *asked, "--quiet", capsys=capsys)
        assert code == expected
        found = [line.split(":")[0].split()[1] for line in out.splitlines()]
        assert found == [name for name in asked if name in names]


def test_several_reports_are_in_the_order_of_the_question_with_a_line_between(world, capsys):
    names = two_packages(world)
    for asked in (names, names[::-1]):
        _, out, _ = run(world, "verify", *asked, "--jobs", "2", capsys=capsys)
        assert [line.split()[1] for line in out.splitlines() if line.startswith(("WARN  ", "HOLD  "))] == list(asked)
        second = out.splitlines().index(next(line for line in out.splitlines() if line.endswith(asked[1])))
        assert out.splitlines()[second - 1] == ""


def test_every_option_reaches_the_verification(world, capsys, tmp_path):
    world.release()
    commit = world.repository.commit(files() | {"index.js": "other"}, "Another")
    arguments = ["--source", f"https://github.com/example/mail-mcp#{commit}", "--at", "2026-11-01T01:00:00+01:00"]
    code, out, _ = run(world, "verify", NAME, "--format", "json", *arguments, capsys=capsys)
    report = json.loads(out)
    assert code == 3
    assert report["source"]["commit"] == commit
    assert report["checked_at"].startswith("2026-11-01T00:00:00")
    assert run(world, "verify", f"{NAME}@1.0.0", "--policy", "strict", "--quiet", capsys=capsys)[0] == 1
    folder = tmp_path / "evidence"
    assert run(world, "verify", f"{NAME}@1.0.0", "--quiet", "--save-evidence", str(folder), capsys=capsys)[0] == 0
    assert main(["verify", f"{NAME}@1.0.0", "--quiet", "--evidence", str(folder)]) == 0


def test_a_time_without_a_zone_is_in_utc(world, capsys):
    world.release()
    for text in ("2026-11-01T00:00:00", "2026-11-01", "2026-11-01T00:00:00Z"):
        _, out, _ = run(world, "verify", NAME, "--format", "json", "--at", text, capsys=capsys)
        assert json.loads(out)["checked_at"].startswith("2026-11-01T00:00:00")


def test_a_report_in_a_file_replaces_an_older_one_and_can_be_read_by_others(world, capsys, tmp_path):
    world.release()
    target = tmp_path / "report.txt"
    target.write_text("an older report, longer than any other\n" * 1_000)
    code, out, err = run(world, "verify", f"{NAME}@1.0.0", "-o", str(target), capsys=capsys)
    assert (code, out, err) == (0, "", "")
    assert target.read_text().startswith(f"WARN  {NAME}@1.0.0")
    assert "older" not in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o644


def test_a_quiet_or_verbose_report_is_shorter_or_longer(world, capsys):
    world.release()
    texts = [run(world, "verify", f"{NAME}@1.0.0", *how, capsys=capsys)[1] for how in (["--quiet"], [], ["--verbose"])]
    assert len(texts[0].splitlines()) == 1
    assert len(texts[0]) < len(texts[1]) < len(texts[2])


def test_a_message_is_no_command_to_the_machine_that_runs_us(capsys):
    assert main(["verify", "::error::x", "##[error]x", "x"]) == 2
    err = capsys.readouterr().err
    assert not any(line.lstrip().startswith(("::", "##[")) for line in err.splitlines())


def test_a_package_that_the_policy_allows_exits_with_0(world, capsys, tmp_path):
    world.release()
    policy = tmp_path / "mine.toml"
    rules = "".join(f'[checks.{check.ID}]\nabsent = "allow"\n' for check in CHECKS)
    policy.write_text(f'schema = 1\nname = "mine"\nextends = "default"\n{rules}')
    code, out, _ = run(world, "verify", f"{NAME}@1.0.0", "--quiet", "--policy", str(policy), capsys=capsys)
    assert (code, out.split()[0]) == (0, "ALLOW")


def test_several_packages_are_no_cyclonedx_document(world, capsys):
    world.release()
    code, out, err = run(world, "verify", NAME, f"{NAME}@1.0.0", "--format", "cyclonedx", capsys=capsys)
    assert (code, out) == (2, "")
    assert "one package" in err
    assert world.registry.requests == []
