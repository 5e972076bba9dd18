import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import MappingProxyType

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError
from provenly.verify.git import object_ids
from provenly.verify.tarball.archive import read_tarball
from provenly.verify.tarball.archive_faults import MAX_REMARKS
from provenly.verify.tarball.archive_limits import Limits
from tests.blob_ids import blob_ids
from tests.hostile_cases import EVIL, GOOD, GOOD_INDEX, INDEX, MANIFEST, START, Case, Outcome
from tests.hostile_tarballs import CASES
from tests.simulator.registry import make_tarball
from tests.tar_builder import END, file, gzip, header, pax, record

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("PROVENLY_TEST_SHARED", ROOT.parent / "shared")) / "tools" / "hostile_tarballs.py"
READ = [case for case in CASES if case.outcome is not Outcome.REFUSED]

POPULAR = (
    "@modelcontextprotocol/server-filesystem/-/server-filesystem-2026.7.10.tgz",
    "@playwright/mcp/-/mcp-0.0.75.tgz",
    "@notionhq/notion-mcp-server/-/notion-mcp-server-2.4.1.tgz",
    "supergateway/-/supergateway-3.4.0.tgz",
    "@upstash/context7-mcp/-/context7-mcp-4.0.3.tgz",
    "tavily-mcp/-/tavily-mcp-0.2.19.tgz",
    "chrome-devtools-mcp/-/chrome-devtools-mcp-1.7.0.tgz",
    "@types/node/-/node-20.0.0.tgz",
    "mcp-proxy/-/mcp-proxy-5.0.0.tgz",
    "@modelcontextprotocol/sdk/-/sdk-1.0.0.tgz",
    "npm/-/npm-10.0.0.tgz",
    "underscore/-/underscore-1.3.3.tgz",
    "left-pad/-/left-pad-1.3.0.tgz",
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_hostile_archive_has_its_outcome(case: Case):
    data = case.build()
    if case.outcome is Outcome.REFUSED:
        with pytest.raises(MalformedError) as refusal:
            read_tarball(data, blob_ids)
        assert refusal.value.code == case.code
        assert refusal.value.hint
        return
    listing = read_tarball(data, blob_ids)
    assert dict(listing.contents) == dict(case.files)
    assert {note.code for note in listing.notes} == ({case.code} - {""})


def test_there_are_enough_cases_and_their_names_differ():
    assert len({case.name for case in CASES}) == len(CASES) >= 110


def test_a_listing_says_everything_about_its_files():
    listing = read_tarball(make_tarball({"b.js": GOOD, "package.json": MANIFEST}, modes={"b.js": 0o755}), blob_ids)
    assert [file.path for file in listing.files] == ["b.js", "package.json"]
    script = listing.files[0]
    assert (script.size, script.mode, script.digest) == (len(GOOD), 0o755, Digest.of(GOOD))
    assert isinstance(listing.contents, MappingProxyType)


def test_blob_ids_are_those_of_git():
    archive = make_tarball({"package.json": MANIFEST, "empty": b"", "binary": bytes(range(256))})
    assert read_tarball(archive, object_ids).files == read_tarball(archive, blob_ids).files


def test_remarks_about_many_files_are_counted_not_repeated():
    members = [file(b"package/%d" % number, mode=b"0000666\0") for number in range(100)]
    notes = read_tarball(gzip(START + b"".join(members) + END), blob_ids).notes
    assert len(notes) == MAX_REMARKS + 1
    assert notes[-1].text == "The same holds for 90 more."


def test_messages_do_not_carry_control_characters():
    with pytest.raises(MalformedError) as refusal:
        read_tarball(gzip(START + file(b"package/\x1b]0;owned\x07", EVIL) + END), blob_ids)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("code", "within", "beyond", "members"),
    [
        ("LIMIT_FILE_BYTES", Limits(file=100), Limits(file=99), [file(INDEX, b"x" * 100)]),
        ("LIMIT_ENTRY_COUNT", Limits(entries=3), Limits(entries=2), [GOOD_INDEX, header(b"package/d", kind=b"5")]),
        ("LIMIT_ENTRY_COUNT", Limits(folders=2), Limits(folders=1), [file(b"package/a/b/c")]),
        ("LIMIT_PATH_BYTES", Limits(path=20), Limits(path=19), [file(b"package/123456789012")]),
        ("LIMIT_PATH_BYTES", Limits(part=12), Limits(part=11), [file(b"package/123456789012")]),
        ("LIMIT_PATH_DEPTH", Limits(depth=3), Limits(depth=2), [file(b"package/a/b")]),
        ("LIMIT_NAME_BYTES", Limits(names=29), Limits(names=28), [file(b"package/a")]),
        ("LIMIT_META_BYTES", Limits(metadata=20), Limits(metadata=19), [pax(record(b"uid", b"x" * 12)), GOOD_INDEX]),
        (
            "LIMIT_META_COUNT",
            Limits(metadata_in_a_row=2),
            Limits(metadata_in_a_row=1),
            [pax(record(b"comment", b"c"), kind=b"g"), pax(record(b"comment", b"d"), kind=b"g"), GOOD_INDEX],
        ),
        ("LIMIT_UNPACKED_BYTES", Limits(unpacked=4096), Limits(unpacked=4095), [file(INDEX, b"x" * 1536)]),
        ("LIMIT_RATIO", Limits(ratio_after=10**6), Limits(ratio_after=10**4, ratio=10), [file(INDEX, bytes(90_000))]),
    ],
)
def test_limits_hold_to_the_byte(code, within, beyond, members):
    archive = gzip(START + b"".join(members) + END)
    read_tarball(archive, blob_ids, within)
    with pytest.raises(MalformedError) as refusal:
        read_tarball(archive, blob_ids, beyond)
    assert refusal.value.code == code


def test_the_compressed_size_has_a_limit():
    archive = gzip(START + END)
    read_tarball(archive, blob_ids, Limits(archive=len(archive)))
    with pytest.raises(MalformedError, match="more than"):
        read_tarball(archive, blob_ids, Limits(archive=len(archive) - 1))


def test_ten_megabytes_in_5000_files_take_under_300_mib(tmp_path: Path):
    """In a process of its own, whose peak is the reader's. Time is in bench/, where the machine is known."""
    content = os.urandom(2048)
    members = b"".join(file(b"package/%d/%d.js" % (n % 50, n), b"%05d" % n + content) for n in range(5000))
    path = tmp_path / "large.tgz"
    path.write_bytes(gzip(START + members + END, level=0))
    program = (
        "import re, sys; from pathlib import Path; from provenly.verify.tarball.archive import read_tarball; "
        "listing = read_tarball(Path(sys.argv[1]).read_bytes(), lambda contents: [''] * len(contents)); "
        # Not ru_maxrss: it starts with the size of the process that was forked.
        "print(len(listing.files), re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, path], capture_output=True, text=True, check=True
    )
    files, peak = map(int, run.stdout.split())
    assert files == 5001
    assert peak < 300 * 1024


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_file(), reason=f"the second oracle is not at {SHARED}; PROVENLY_TEST_SHARED names it")
def test_a_second_generator_agrees(tmp_path: Path):
    """Its tar cases fully; its manifest cases, which are about what a sound archive holds, must be read."""
    subprocess.run([sys.executable, SHARED, tmp_path], check=True, capture_output=True)
    wrong = []
    for case in json.loads((tmp_path / "index.json").read_bytes())["cases"]:
        outcome, codes, files = _looked_at((tmp_path / case["file"]).read_bytes())
        expect = case["expect"]
        if case["group"] != "tar":
            wrong += [case["id"]] * (outcome == "reject")
        elif (outcome == "reject") != (expect["outcome"] == "reject") or not {expect["code"]} - {""} <= codes:
            wrong.append(f"{case['id']}: {outcome} {codes} instead of {expect}")
        elif files != case.get("files", files):
            wrong.append(f"{case['id']}: other files")
    assert wrong == []


def _looked_at(data: bytes) -> tuple[str, set[str], dict[str, str]]:
    try:
        listing = read_tarball(data, blob_ids)
    except MalformedError as error:
        return "reject", {error.code}, {}
    files = {path: hashlib.sha256(content).hexdigest() for path, content in listing.contents.items()}
    return "read", {note.code for note in listing.notes}, files


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_installs_what_is_listed(tmp_path: Path):
    """One project depends on every archive that is read, so that one run of npm installs them all."""
    names = {f"case-{number}": case for number, case in enumerate(READ)}
    _npm_install(tmp_path, {name: case.build() for name, case in names.items()})
    for name, case in names.items():
        assert _files_below(tmp_path / "node_modules" / name) == dict(case.files), case.name


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_reads_names_of_one_block_wherever_they_lie(tmp_path: Path):
    """npm damages longer extended headers at the seams of its decompressor, every 16 KiB; these must be safe."""
    path = f"é/{'x' * 240}/{'y' * 250}"
    entry = pax(record(b"path", b"package/" + path.encode())) + file(b"package/fallback", GOOD)
    archives = {
        f"at-{blocks}": gzip(START + file(b"package/fill", os.urandom(512 * blocks)) + entry + END)
        for blocks in range(33)
    }
    _npm_install(tmp_path, archives)
    for name, archive in archives.items():
        installed = _files_below(tmp_path / "node_modules" / name)
        assert installed == dict(read_tarball(archive, blob_ids).contents), name
        assert path in installed


def _npm_install(folder: Path, archives: dict[str, bytes]) -> None:
    for name, data in archives.items():
        (folder / f"{name}.tgz").write_bytes(data)
    dependencies = {name: f"file:{name}.tgz" for name in archives}
    (folder / "package.json").write_text(json.dumps({"name": "t", "version": "1.0.0", "dependencies": dependencies}))
    command = ["npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    environment = {**os.environ, "npm_config_cache": str(folder / "cache"), "HOME": str(folder)}
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True, timeout=120)


def _files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.registry
@pytest.mark.slow
@pytest.mark.parametrize("path", POPULAR)
def test_real_packages_are_not_refused(path: str):
    registry = os.environ.get("PROVENLY_TEST_REGISTRY", "https://registry.npmjs.org")
    try:
        with urllib.request.urlopen(f"{registry}/{path}", timeout=30) as answer:  # noqa: S310 - a registry we name
            data = answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        pytest.skip(f"the registry cannot be reached: {error}")
    listing = read_tarball(data, blob_ids)
    assert any(file.path == "package.json" for file in listing.files)
