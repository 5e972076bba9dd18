"""README.md and docs/ say what is so: every command in them is run, and what they list is what there is."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from tools.readme_transcript import current, transcript

from provenly.cli import main as entrance
from provenly.cli.main import main
from provenly.cli.verify import EXIT_CODES
from provenly.trust.attestations.circumstances import CONCERNS
from provenly.trust.evidence import FileClass
from provenly.trust.roots.embedded import PUBLIC_URL
from provenly.verify.checks import CHECKS
from provenly.verify.forge.git_mirrors import FORGES
from provenly.verify.registry.settings import DEFAULT_REGISTRY
from tests.attested_world import Attested
from tests.manual import ELSEWHERE, PAGES, README, ROOT, blocks, fits, plain, prose, steps, tabled
from tests.manual_reader import ENTRANCE, Reader
from tests.world import INDEX, NAME, World, files

DOCS = ROOT / "docs"
CONSOLE = [block for page in PAGES for block in blocks(page) if block.language == "console"]
PYTHON = [block for page in PAGES for block in blocks(page) if block.language == "python"]


@pytest.fixture
def reader(tmp_path: Path, world: World):
    (tmp_path / "reader").mkdir()
    with Reader(tmp_path / "reader", world) as made:
        yield made


@pytest.mark.parametrize("block", CONSOLE, ids=str)
def test_commands_answer_what_the_manual_shows(block, reader):
    typed = steps(block)
    for (command, shown), actual in zip(typed, reader.type([command for command, _ in typed]), strict=True):
        assert fits(plain(shown, {}), actual), f"{block}: {command}\nshown:\n{shown}\nactual:\n{actual}"


def test_there_are_commands_to_run():
    """Blocks in any other language are not run: ``sh`` is for the two commands of the README only."""
    assert len(CONSOLE) >= 15
    assert PYTHON
    others = [block for page in PAGES for block in blocks(page) if block.language not in {"console", "python"}]
    assert {(block.page, block.mark) for block in others if block.language == "sh"} == {
        (README, ""),
        (README, "the tests"),
    }
    assert {block.language for block in others} == {"sh", "text", "toml", "ini"}


def test_a_wrong_answer_does_not_fit():
    assert fits("a\n…\nb …\n", "a\n1\n2\nb c\n")
    assert not fits("a\n…\nb …\n", "a\n1\n2\nc\n")
    assert not fits("DENY  x\n…\n", "WARN  x\n1\n")
    assert not fits("", "unexpected\n")


def test_the_token_of_the_manual_is_sent(reader):
    """The registry of the example wants the token that the example sets."""
    (block,) = (block for block in CONSOLE if "NPM_TOKEN=secret" in block.text)
    reader.company.authorization = "Bearer secret"
    ((command, shown),) = steps(block)
    assert fits(shown, reader.type([command])[0])
    assert reader.company.requests


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_python_examples_run(block, reader):
    options = {"registry": reader.world.registry.url, "git_mirrors": (reader.world.forge.mirror_option(),)}
    assert block.text.count('("mail-mcp@1.0.0")') == 1
    code = block.text.replace('("mail-mcp@1.0.0")', f'("mail-mcp@1.0.0", provenly.Options(**{options!r}))')
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("warn\n")
    assert "\nallow source-match " in done.stdout


def test_the_transcript_of_the_readme_is_what_the_demo_shows():
    shown, real = _timeless(current(README.read_text())), _timeless(transcript())
    assert shown == real, "python tools/readme_transcript.py writes it anew"


def _timeless(text: str) -> str:
    text = re.sub(r"127\.0\.0\.1:\d+", "REGISTRY", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC, provenly \S+", "TIME", text)
    return plain(text, {})


def test_ci_finds_the_command_that_runs_the_tests():
    script = (ROOT / ".ci" / "run").read_text()
    (extraction,) = re.findall(r"^command=\$\((.+)\)$", script, re.MULTILINE)
    done = subprocess.run(["/bin/bash", "-c", extraction], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith(".venv-test/bin/pytest -n auto")
    assert done.stdout.startswith("python3 -m venv .venv-test")


@pytest.mark.registry
def test_the_first_command_of_the_readme_reaches_a_verdict(tmp_path):
    """Its installing half is what the packaging test does; this is its other half, as it stands in the README."""
    commands = [block.text for block in blocks(README) if block.language == "sh"]
    install, verify = commands[0].split("&& .venv/bin/provenly ")
    assert install.split() == ["python3", "-m", "venv", ".venv", "&&", ".venv/bin/pip", "install", "--quiet", "."]
    done = subprocess.run(
        [sys.executable, "-c", ENTRANCE, *verify.split()],
        env=os.environ | {"PROVENLY_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    word, subject = done.stdout.split()[:2]
    assert done.returncode == EXIT_CODES[word.lower()]
    assert subject == "@playwright/mcp@0.0.75"
    assert "Traceback" not in done.stderr


@cache
def help_of(*command: str) -> str:
    """Return what the program itself says."""
    words = [sys.executable, "-c", ENTRANCE, *command, "--help"]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout


def options_of(*command: str) -> set[str]:
    """Return the options that the help of a command lists."""
    listed = re.findall(r"^  (-\w, )?(--[a-z-]+)", help_of(*command), re.MULTILINE)
    return {option.rstrip(", ") for pair in listed for option in pair if option}


def commands() -> set[str]:
    """Return the commands that the help lists."""
    return set(re.findall(r"^  ([a-z-]+)  ", help_of().partition("Commands:")[2], re.MULTILINE))


def all_options() -> set[str]:
    """Return the options of all commands."""
    every = [(), *((name,) for name in commands()), ("policy", "show"), ("policy", "check"), ("policy", "test")]
    every += [("trust", "show"), ("trust", "update")]
    return {option for command in every for option in options_of(*command)}


def test_every_option_of_verify_is_in_the_manual():
    rows = " ".join(row[0] for row in tabled(DOCS / "verify.md", "## Options"))
    documented = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rows))
    assert {"--policy", "-o", "--offline"} <= options_of("verify")
    assert documented == options_of("verify")


def test_sbom_has_the_options_that_the_manual_says_it_shares():
    alone = {
        option for row in tabled(DOCS / "verify.md", "## Options") if "`verify` only" in row[1] for option in _of(row)
    }
    assert options_of("verify") - options_of("sbom") == alone


def _of(row: tuple[str, ...]) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row[0]))


@pytest.mark.parametrize("page", [*PAGES, *ELSEWHERE], ids=lambda page: page.name)
def test_every_option_that_is_named_exists(page):
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", prose(page)))
    foreign = {"--ignore-scripts", "--package", "--package-lock-only", "--provenance"}  # npm's own
    assert named - foreign <= all_options()
    for block in blocks(page):
        for line in re.findall(r"provenly (?:verify|sbom|policy|trust|demo|explain) .*", block.text):
            assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*(?=\s|$)", line)) - {"-y", "-c"} <= all_options() | {"-n"}


def test_every_command_that_is_named_exists():
    known = commands()
    assert {"verify", "sbom", "demo"} <= known
    for page in PAGES:
        for command in re.findall(r"\bprovenly ([a-z]+)\b", "\n".join(re.findall(r"`[^`\n]+`", prose(page)))):
            assert command in known, f"{page.name}: provenly {command}"
    assert all(f"provenly {name}" in "".join(page.read_text() for page in PAGES) for name in known)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, *ELSEWHERE], ids=lambda page: page.name)
def test_relative_links_resolve(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.is_relative_to(ROOT)
        assert linked.exists(), target
        if anchor:
            assert anchor in _anchors(linked), target


def test_every_exit_code_is_documented():
    rows = tabled(DOCS / "reports.md", "## Exit codes")
    others = {value for name, value in vars(entrance).items() if name.startswith("EXIT_")}
    assert {int(row[0]) for row in rows} == others | set(EXIT_CODES.values())
    said = {int(row[0]): row[1] for row in tabled(README, "## Exit codes")}
    assert said.keys() == {0, 1, 2, 3, 70}
    for action, code in EXIT_CODES.items():
        assert action in said[code]
        assert action in {int(row[0]): row[1] for row in rows}[code]


def test_every_check_is_documented():
    ids = [check.ID for check in CHECKS]
    assert [row[0].strip("`") for row in tabled(README, "## What it checks")] == ids
    headings = re.findall(r"^## (.+)$", (DOCS / "checks.md").read_text(), re.MULTILINE)
    assert headings == ids


def test_every_class_of_file_is_documented():
    rows = {row[0].strip("`") for row in tabled(DOCS / "reports.md", "## Text")}
    text = (DOCS / "reports.md").read_text()
    assert rows <= {str(kind) for kind in FileClass}
    assert all(f"`{kind}`" in text for kind in FileClass)


def test_every_member_of_the_json_report_is_documented():
    schema = json.loads((ROOT / "schema" / "report-1.schema.json").read_text())
    named = {name for row in tabled(DOCS / "reports.md", "## JSON") for name in re.findall(r"`(\w+)`", row[0])}
    assert named == set(schema["properties"])


def test_every_property_of_the_sbom_is_documented(world, capsys):
    world.release()
    world.publish("1.0.1", files("1.0.1") | {"index.js": INDEX + "more();\n"})
    assert main(["sbom", f"{NAME}@1.0.1", *world.arguments]) == 1
    document = json.loads(capsys.readouterr().out)
    patterns = [
        re.escape(name).replace("CHECK", "[a-z-]+").replace("CLASS", "[a-z]+").replace("…", ".+")
        for row in tabled(DOCS / "reports.md", "### Properties")
        for name in re.findall(r"`([^`]+)`", row[0])
    ]
    names = {member["name"] for member in document["metadata"]["component"]["properties"]}
    assert "provenly:verdict" in names
    assert [name for name in names if not any(re.fullmatch(pattern, name) for pattern in patterns)] == []


def test_only_the_requests_that_the_manual_lists_are_made(world):
    world.release()
    signed = Attested(world)
    signed.attest()
    trust = ["--trusted-root", str(signed.root), "--npm-keys", str(signed.keys)]
    assert main(["verify", f"{NAME}@1.0.0", "--quiet", *world.arguments, *trust]) == 0
    assert any("attestations" in request.path for request in world.registry.requests)
    listed = " ".join(" ".join(row) for row in tabled(DOCS / "network.md", "# Which hosts are contacted"))
    for request in world.registry.requests:
        path = request.path.replace("1.0.0", "VERSION").replace(NAME, "NAME")
        assert f"/{path.lstrip('/')}`" in listed, request.path
        assert request.headers["user-agent"].startswith("provenly/")
    for request in world.forge.requests:
        place = re.sub(r"^/example/mail-mcp\.git|\?.*", "", request.path)
        assert f"{request.method} …{place}`" in listed
    assert re.findall(r"`([a-z.-]+):443`", listed) == [
        DEFAULT_REGISTRY.removeprefix("https://"),
        *FORGES,
        PUBLIC_URL.removeprefix("https://"),
    ]


def _codes_of_notes() -> set[str]:
    """Return the codes that stand in the code where notes are made; none is put together at run time."""
    found: set[str] = set()
    for path in (*(ROOT / "trust").rglob("*.py"), *(ROOT / "verify").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func).rpartition(".")[2]
            if name == "Note":
                found |= {ast.unparse(word.value).strip("'") for word in call.keywords if word.arg == "code"}
            elif name in {"note", "_note"} or ast.unparse(call.func).endswith("remarks.add"):
                found |= {ast.unparse(argument).strip("'") for argument in call.args[:1]}
    return {code for code in found if code.isupper()}


def test_every_code_of_a_note_is_documented():
    page = (DOCS / "codes.md").read_text()
    documented = set(re.findall(r"`([A-Z]+_?[A-Z_]+)`", "\n".join(re.findall(r"^\|.*?\|", page, re.MULTILINE))))
    made = _codes_of_notes()
    assert {"BUILD_SELF_HOSTED", "LOG_SET_ONLY", "TRUST_STALE", "IMPOSTER_COMMIT", "CACHE_POISONED"} <= made
    assert {code for code in made if not code.startswith("TAR_")} - documented == set()
    others = {"REPORT_SAVED", "SRC_BIDI", "TRUST_STORE", "VSA_NOTHING_TO_HOLD"}
    assert documented - made == others, "these come from a table, from an error, and from src/provenly"


def test_the_builds_that_fail_a_check_are_marked():
    marked = set(re.findall(r"^\| `(BUILD_\w+)` \* \|", (DOCS / "codes.md").read_text(), re.MULTILINE))
    assert marked == CONCERNS
