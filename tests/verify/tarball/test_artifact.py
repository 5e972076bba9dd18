import base64
import hashlib
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, NotFoundError, RejectedError, UnavailableError, UsageError
from provenly.trust.model import Package, Release
from provenly.verify.anchors import Anchors
from provenly.verify.context import Context, Forge, Registries, Repository, Response, Silence, Transport
from provenly.verify.tarball.archive_limits import Limits
from provenly.verify.tarball.artifact import acquire, read_local
from provenly.verify.tarball.folder import read_folder
from tests.blob_ids import blob_ids
from tests.simulator.registry import make_tarball

URL = "https://registry.example/x/-/x-1.0.0.tgz"
FILES = {"package.json": b'{"name": "x", "version": "1.0.0"}', "lib/index.js": b"module.exports = 1\n"}
ARCHIVE = make_tarball(FILES)


@dataclass
class Shelf(Transport):
    """The other side of a download: bytes by URL, and a record of what was asked."""

    archives: dict[str, bytes]
    asked: list[tuple[str, Digest | None, int, str]]

    def get(self, url: str, *, accept: str, max_bytes: int, what: str, fresh: bool = False) -> Response:
        raise NotFoundError(f"{what}: {url} {accept} {max_bytes}")

    def download(self, url: str, *, expected: Digest | None, max_bytes: int, what: str) -> bytes:
        self.asked.append((url, expected, max_bytes, what))
        if url not in self.archives:
            raise UnavailableError(f"{what} cannot be fetched")
        return self.archives[url]


class Nowhere(Registries, Forge):
    """Neither a registry nor a repository is needed here."""

    def base(self, name: str) -> str:
        raise AssertionError(name)

    def open(self, url: str) -> Repository:
        raise AssertionError(url)


def context(data: bytes = ARCHIVE) -> Context:
    return Context(
        now=datetime(2026, 1, 1, tzinfo=UTC),
        transport=Shelf({URL: data}, []),
        registries=Nowhere(),
        forge=Nowhere(),
        progress=Silence(),
        anchors=Anchors(),
    )


def package(**fields: str) -> Package:
    return Package(name="x", version="1.0.0", release=Release(version="1.0.0"), **{"url": URL, **fields})


def sri(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def test_a_download_is_asked_for_by_its_digest_and_admitted():
    at = context()
    artifact = acquire(package(integrity=sri(ARCHIVE)), at)
    assert at.transport.asked == [(URL, Digest.of(ARCHIVE, "sha512"), 64 << 20, "the archive of x@1.0.0")]
    assert artifact.claimed
    assert artifact.origin == URL
    assert artifact.sha256 == Digest.of(ARCHIVE)
    assert dict(artifact.contents) == FILES
    assert [file.blob for file in artifact.files] == list(blob_ids([FILES["lib/index.js"], FILES["package.json"]]))


def test_other_bytes_than_the_registry_describes_are_rejected_before_they_are_read():
    with pytest.raises(RejectedError) as rejection:
        acquire(package(integrity=sri(ARCHIVE)), context(b"not even gzip"), identify=blob_ids)
    assert rejection.value.code == "INTEGRITY_MISMATCH"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "INTEGRITY_MISSING"),
        ({"shasum": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}, "INTEGRITY_WEAK"),
        ({"integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="}, "INTEGRITY_WEAK"),
        ({"integrity": "sha512-AAAA"}, "INTEGRITY_FORMAT"),
    ],
)
def test_without_a_usable_integrity_nothing_is_fetched(fields, code):
    at = context()
    with pytest.raises(MalformedError) as refusal:
        acquire(package(**fields), at, identify=blob_ids)
    assert refusal.value.code == code
    assert at.transport.asked == []


def test_what_cannot_be_fetched_is_unavailable():
    with pytest.raises(UnavailableError):
        acquire(package(integrity=sri(ARCHIVE), url="https://registry.example/gone"), context(), identify=blob_ids)


def test_local_files_are_regular_and_small_enough(tmp_path: Path):
    path = tmp_path / "x.tgz"
    path.write_bytes(b"12345")
    assert read_local(str(path), max_bytes=5) == b"12345"
    with pytest.raises(MalformedError) as refusal:
        read_local(str(path), max_bytes=4)
    assert refusal.value.code == "LIMIT_ARCHIVE_BYTES"
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", "."):
        with pytest.raises(UsageError) as error:
            read_local(str(tmp_path / name))
        assert error.value.code == "PATH_NOT_FILE"
    for missing in ("missing", "x.tgz/below", "nul\0"):
        with pytest.raises(UsageError) as error:
            read_local(str(tmp_path / missing))
        assert error.value.code == "PATH_NOT_FOUND"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_unavailable(tmp_path: Path):
    path = unpacked(tmp_path)
    (path / "lib" / "index.js").chmod(0)
    with pytest.raises(UnavailableError) as error:
        read_folder(str(path), blob_ids)
    assert error.value.code == "PATH_UNREADABLE"
    with pytest.raises(UnavailableError):
        read_local(str(path / "lib" / "index.js"))


def unpacked(parent: Path, files: dict[str, bytes] = FILES) -> Path:
    for name, content in files.items():
        path = parent / "unpacked" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return parent / "unpacked"


def test_a_folder_lists_as_its_archive_does(tmp_path: Path):
    path = unpacked(tmp_path)
    description, listing = read_folder(str(path), blob_ids)
    archived = acquire(package(integrity=sri(ARCHIVE)), context(), identify=blob_ids)
    assert dict(listing.contents) == FILES
    assert [(file.path, file.digest, file.blob) for file in listing.files] == [
        (file.path, file.digest, file.blob) for file in archived.files
    ]
    lines = [f"{name}\0{hashlib.sha256(FILES[name]).hexdigest()}\n" for name in sorted(FILES)]
    assert description == "".join(lines).encode()


def test_a_linked_folder_is_the_users_choice_and_a_link_inside_is_refused(tmp_path: Path):
    path = unpacked(tmp_path)
    (tmp_path / "link").symlink_to(path)
    assert read_folder(str(tmp_path / "link"), blob_ids) == read_folder(str(path), blob_ids)
    (path / "lib" / "loop").symlink_to("..")
    with pytest.raises(MalformedError) as refusal:
        read_folder(str(path), blob_ids)
    assert refusal.value.code == "FOLDER_LINK"


def test_only_what_npm_pack_leaves_out_is_left_out(tmp_path: Path):
    extra = {
        ".git/HEAD": b"ref: refs/heads/main\n",
        "node_modules/a/index.js": b"",
        "lib/node_modules/b/index.js": b"kept",
        "lib/.git/HEAD": b"kept",
    }
    _, listing = read_folder(str(unpacked(tmp_path, FILES | extra)), blob_ids)
    kept = {name: content for name, content in extra.items() if content == b"kept"}
    assert dict(listing.contents) == FILES | kept
    assert sorted(note.where for note in listing.notes if note.code == "FOLDER_LEFT_OUT") == [".git", "node_modules"]


@pytest.mark.parametrize(
    "manifest",
    [b'{"bundleDependencies": ["a"]}', b'{"bundledDependencies": ["a"]}', b'{"bundleDependencies": true}', b"not JSON"],
)
def test_bundled_dependencies_stay(tmp_path: Path, manifest: bytes):
    files = {"package.json": manifest, "node_modules/a/index.js": b"bundled"}
    assert dict(read_folder(str(unpacked(tmp_path, files)), blob_ids)[1].contents) == files


def test_a_folder_with_what_no_package_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = unpacked(tmp_path)
    monkeypatch.chdir(path)  # the address of a socket is short
    os.mkfifo(path / "fifo")
    refused(path, "FOLDER_SPECIAL")
    (path / "fifo").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        refused(path, "FOLDER_SPECIAL")
    (path / "s").unlink()
    for name, code in (
        (b"back\\slash", "TAR_PATH_UNSAFE"),
        (b"esc\x1b", "TAR_PATH_CONTROL"),
        (b"latin\xe9", "TAR_PATH_ENCODING"),
        (b"PACKAGE.JSON", "TAR_PATH_COLLISION"),
    ):
        bad = path / os.fsdecode(name)
        bad.write_bytes(b"")
        refused(path, code)
        bad.unlink()
    read_folder(str(path), blob_ids)


def refused(path: Path, code: str, limits: Limits | None = None) -> None:
    with pytest.raises(MalformedError) as refusal:
        read_folder(str(path), blob_ids, limits or Limits())
    assert refusal.value.code == code


def test_folders_have_the_limits_of_archives(tmp_path: Path):
    path = unpacked(tmp_path)
    size = sum(map(len, FILES.values()))
    read_folder(str(path), blob_ids, Limits(entries=3, unpacked=size, file=len(FILES["package.json"])))
    refused(path, "LIMIT_ENTRY_COUNT", Limits(entries=2))
    refused(path, "LIMIT_UNPACKED_BYTES", Limits(unpacked=size - 1))
    refused(path, "LIMIT_FILE_BYTES", Limits(file=len(FILES["package.json"]) - 1))
    refused(path, "LIMIT_PATH_DEPTH", Limits(depth=1))


@pytest.mark.parametrize(
    ("name", "code"), [("missing", "PATH_NOT_FOUND"), ("unpacked/package.json", "PATH_NOT_FOLDER")]
)
def test_a_folder_that_is_none_is_a_usage_error(tmp_path: Path, name: str, code: str):
    unpacked(tmp_path)
    with pytest.raises(UsageError) as error:
        read_folder(str(tmp_path / name), blob_ids)
    assert error.value.code == code


def test_a_folder_without_manifest_is_no_package(tmp_path: Path):
    refused(unpacked(tmp_path, {"index.js": b""}), "PKG_NO_MANIFEST")
