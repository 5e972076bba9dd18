import hashlib
import os
import re
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import UnavailableError, UsageError
from provenly.verify.network.cache import Cache
from provenly.verify.network.documents import Document, Key

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)
KEY = Key(url="https://a.example/left-pad", accept="application/json")


def document(body=b"{}", *, fetched=NOW, status=200, etag='"1"'):
    return Document(status=status, content_type="application/json", etag=etag, fetched=fetched, body=body)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def cache(root):
    with Cache(root, NOW) as cache:
        yield cache


def entries(root, kind):
    return [path for path in (root / "v1" / kind).rglob("*") if path.is_file()]


def only(root, kind):
    (path,) = entries(root, kind)
    return path


def test_a_relative_folder_is_that_of_the_moment_of_opening(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with Cache(Path("kept"), NOW) as cache:
        folder = cache.folder("git", "key")
        assert folder.is_absolute()
        assert folder.is_relative_to(tmp_path / "kept")
        # Git runs in another folder than we do.
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert folder.is_dir()
        cache.put_blob(b"bytes", "sha256")
        assert cache.blob(Digest.of(b"bytes", "sha256")) == b"bytes"
    assert cache.notes == []
    assert not any((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_blob_is_found_by_its_digest(cache, algorithm):
    digest = Digest.of(b"bytes", algorithm)
    assert cache.blob(digest) is None
    cache.put_blob(b"bytes", algorithm)
    assert cache.blob(digest) == b"bytes"
    assert cache.blob(Digest.of(b"other", algorithm)) is None
    assert cache.notes == []


@pytest.mark.parametrize("damage", [b"", b"byteS", b"bytes and more"])
def test_a_corrupt_blob_is_deleted_noted_and_can_be_kept_again(cache, root, damage):
    digest = Digest.of(b"bytes")
    cache.put_blob(b"bytes", "sha256")
    only(root, "blobs").write_bytes(damage)
    assert cache.blob(digest) is None
    assert [note.code for note in cache.notes] == ["CACHE_POISONED"]
    assert entries(root, "blobs") == []
    cache.put_blob(b"bytes", "sha256")
    assert cache.blob(digest) == b"bytes"


def symlink(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def hardlink(path):
    os.link(path, path.with_name("elsewhere"))


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("trick", [symlink, hardlink, pipe, folder])
def test_what_is_no_plain_file_of_ours_is_not_read(cache, root, trick):
    cache.put_blob(b"bytes", "sha256")
    trick(only(root, "blobs"))
    assert cache.blob(Digest.of(b"bytes")) is None
    assert [note.code for note in cache.notes] == ["CACHE_POISONED"]
    cache.put_blob(b"bytes", "sha256")
    assert cache.blob(Digest.of(b"bytes")) == b"bytes"


def test_a_document_is_found_by_all_that_was_asked(cache):
    keys = [
        KEY,
        Key(url=KEY.url, accept="application/vnd.npm.install-v1+json"),
        Key(url=KEY.url + "/", accept=KEY.accept),
        Key(url=KEY.url, accept=KEY.accept, scope="somebody"),
    ]
    for number, key in enumerate(keys):
        cache.put_document(key, document(b"%d" % number))
    assert [cache.document(key).body for key in keys] == [b"0", b"1", b"2", b"3"]


def test_a_document_comes_back_as_it_was(cache):
    kept = document(b"line\nline\n\x00\xff", fetched=NOW - timedelta(seconds=1))
    cache.put_document(KEY, kept)
    assert cache.document(KEY) == kept


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda data: data[:-1],
        lambda data: data + b" ",
        lambda data: data.replace(b'"status": 200', b'"status": "x"'),
        lambda data: data.replace(b"left-pad", b"leftpad"),
        lambda _: b"[" * 20_000,
        lambda _: b"{}\n{}",
        lambda data: data.replace(b"2026-02-01T12", b"yesterday"),
        lambda data: b"\xff" + data,
    ],
)
def test_a_corrupt_document_is_deleted_and_noted(cache, root, damage):
    cache.put_document(KEY, document(b'{"a": 1}'))
    path = only(root, "documents")
    path.write_bytes(damage(path.read_bytes()))
    assert cache.document(KEY) is None
    assert [note.code for note in cache.notes] == ["CACHE_POISONED"]
    assert entries(root, "documents") == []


def test_a_document_under_the_name_of_another_is_not_believed(cache, root):
    cache.put_document(KEY, document(b"1"))
    other = Key(url="https://a.example/right-pad", accept=KEY.accept)
    target = root / "v1" / "documents" / other.digest()[:2] / other.digest()
    target.parent.mkdir(exist_ok=True)
    only(root, "documents").rename(target)
    assert cache.document(other) is None


@pytest.mark.parametrize(
    ("age", "status", "ttl", "fresh"),
    [
        (timedelta(0), 200, FIVE, True),
        (FIVE, 200, FIVE, True),
        (FIVE + timedelta(seconds=1), 200, FIVE, False),
        (timedelta(hours=23), 200, timedelta(days=1), True),
        (timedelta(seconds=-1), 200, timedelta(days=1), False),
        (timedelta(minutes=4), 404, timedelta(days=1), True),
        (timedelta(minutes=6), 404, timedelta(days=1), False),
        (timedelta(minutes=6), 410, timedelta(days=1), False),
    ],
)
def test_documents_are_fresh_for_a_while_and_never_from_the_future(cache, age, status, ttl, fresh):
    assert cache.is_fresh(document(fetched=NOW - age, status=status), ttl) is fresh


@pytest.mark.parametrize("status", [204, 301, 304, 401, 403, 429, 451, 500, 503])
def test_an_error_is_never_kept(cache, status):
    with pytest.raises(ValueError, match=str(status)):
        cache.put_document(KEY, document(status=status))
    assert cache.document(KEY) is None


def test_names_of_files_are_digests_only(cache, root):
    hostile = "https://a.example/../../etc/passwd\x00" + "x" * 300
    cache.put_document(Key(url=hostile, accept="../../x"), document())
    cache.put_blob(b"bytes", "sha512")
    cache.folder("git", "../../" + hostile)
    with cache.lock("git", "../../" + hostile):
        pass
    names = {path.name for path in root.rglob("*")}
    allowed = re.compile(r"v1|blobs|documents|git|locks|sha512|swept|[0-9a-f]{2}|[0-9a-f]{64}|[0-9a-f]{128}")
    assert names
    assert all(allowed.fullmatch(name) for name in names), names


def test_files_and_folders_are_for_the_user_alone(cache, root):
    cache.put_blob(b"bytes", "sha512")
    cache.folder("git", "a")
    for path in [root, *root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize("kind", ["blobs", "documents", "locks", "..", "a/b", "Git", ""])
def test_a_folder_has_a_kind_of_its_own(cache, kind):
    with pytest.raises(ValueError, match=re.escape(kind) or "^$"):
        cache.folder(kind, "a")


def test_a_folder_stays(cache, root):
    path = cache.folder("git", "https://a.example/repository")
    (path / "HEAD").write_text("ref")
    assert Cache(root, NOW).folder("git", "https://a.example/repository") == path
    assert (path / "HEAD").read_text() == "ref"
    assert cache.folder("git", "https://a.example/other") != path


@pytest.mark.parametrize("trick", ["symlink", "group", "world", "parent", "owner"])
def test_a_cache_into_which_others_can_write_is_refused(tmp_path, trick):
    root = tmp_path / "parent" / "cache"
    root.mkdir(mode=0o700, parents=True)
    match trick:
        case "symlink":
            root.rename(tmp_path / "elsewhere")
            root.symlink_to(tmp_path / "elsewhere")
        case "group":
            root.chmod(0o770)
        case "world":
            root.chmod(0o707)
        case "parent":
            root.parent.chmod(0o777)
        case "owner":
            if os.geteuid() != 0:
                pytest.skip("only root gives files away")
            os.chown(root, 12345, -1)
    with pytest.raises(UsageError) as caught:
        Cache(root, NOW)
    assert caught.value.code == "CACHE_UNSAFE"
    assert caught.value.hint


def test_a_folder_in_a_sticky_one_is_fine(tmp_path):
    (tmp_path / "parent").mkdir()
    (tmp_path / "parent").chmod(0o1777)
    Cache(tmp_path / "parent" / "cache", NOW).put_blob(b"bytes", "sha256")


def test_without_a_cache_nothing_is_kept_and_folders_are_temporary():
    cache = Cache(None, NOW)
    cache.put_blob(b"bytes", "sha256")
    cache.put_document(KEY, document())
    assert cache.blob(Digest.of(b"bytes")) is None
    assert cache.document(KEY) is None
    path = cache.folder("git", "a")
    with cache.lock("git", "a"):
        (path / "HEAD").write_text("ref")
    assert cache.folder("git", "a") == path
    cache.close()
    assert not path.exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which not even root can write")
def test_a_folder_that_cannot_be_made_means_no_cache():
    with Cache(Path("/proc/self/provenly/cache"), NOW) as cache:
        assert [note.code for note in cache.notes] == ["CACHE_UNWRITABLE"]
        cache.put_blob(b"bytes", "sha256")
        assert cache.blob(Digest.of(b"bytes")) is None
        assert cache.folder("git", "a").is_dir()


CHILD = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from provenly.trust.digest import Digest
from provenly.verify.network.cache import Cache
from provenly.verify.network.documents import Document, Key
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
cache = Cache(Path(sys.argv[1]), NOW)
"""


def child(code, root, *arguments, **options):
    program = CHILD + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-B", "-c", program, str(root), *arguments], **options)


def test_a_full_disk_means_no_cache_and_leaves_nothing_behind(root):
    # A limit on the size of files fails in write() as a full disk does, for root too.
    code = """
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    cache.put_blob(b"small", "sha256")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    cache.put_blob(b"x" * 100_000, "sha256")
    cache.put_blob(b"after", "sha256")
    assert cache.blob(Digest.of(b"x" * 100_000)) is None
    print([note.code for note in cache.notes])
    """
    with child(code, root, stdout=subprocess.PIPE, text=True) as process:
        assert process.communicate()[0] == "['CACHE_UNWRITABLE']\n"
        assert process.returncode == 0
    assert only(root, "blobs").read_bytes() == b"small"


def test_many_processes_write_and_read_one_key(root):
    code = """
    key = Key(url="https://a.example/x", accept="*")
    for turn in range(30):
        cache.put_blob(b"b" * 50_000, "sha256")
        assert cache.blob(Digest.of(b"b" * 50_000)) is not None
        body = sys.argv[2].encode() * 20_000
        cache.put_document(key, Document(status=200, content_type="x", etag="", fetched=NOW, body=body))
        found = cache.document(key)
        assert found and len(set(found.body)) == 1 and len(found.body) == 20_000
    assert cache.notes == [], cache.notes
    """
    processes = [child(code, root, letter) for letter in "abcdefghijklmnop"]
    assert [process.wait() for process in processes] == [0] * 16
    assert len(entries(root, "blobs")) == len(entries(root, "documents")) == 1


def test_a_process_killed_while_it_writes_leaves_no_wrong_entry(root):
    code = """
    import itertools
    print("ready", flush=True)
    for number in itertools.count():
        cache.put_blob(b"%d" % number * 300_000, "sha256")
    """
    for delay in (0.0, 0.003, 0.011, 0.017):
        with child(code, root, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
    written = [path for path in entries(root, "blobs") if not path.name.startswith(".tmp-")]
    for path in written:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_leftovers_are_swept_when_they_are_old(cache, root):
    cache.put_blob(b"bytes", "sha256")
    old, young = (only(root, "blobs").with_name(f".tmp-{name}") for name in ("old", "young"))
    for path, age in ((old, timedelta(days=2)), (young, timedelta(minutes=1))):
        path.write_bytes(b"half")
        os.utime(path, ((NOW - age).timestamp(),) * 2)
    cache.sweep()
    assert not old.exists()
    assert young.exists()
    assert cache.blob(Digest.of(b"bytes")) == b"bytes"


def test_what_was_used_longest_ago_goes_first(root):
    def put(body, age):
        with Cache(root, NOW - age) as cache:
            cache.put_blob(body, "sha256")
            path = root / "v1/blobs/sha256" / Digest.of(body).hex[:2] / Digest.of(body).hex
            os.utime(path, ((NOW - age).timestamp(),) * 2)

    put(b"a" * 1000, timedelta(days=3))
    put(b"b" * 1000, timedelta(days=2))
    put(b"c" * 1000, timedelta(days=1))
    put(b"f" * 1000, timedelta(days=-1))  # Used in the future: a clock was wrong.
    with Cache(root, NOW) as cache:
        assert cache.blob(Digest.of(b"a" * 1000))  # Used just now.
        os.utime(root / "v1/blobs/sha256" / Digest.of(b"f" * 1000).hex[:2] / Digest.of(b"f" * 1000).hex, (5e9, 5e9))
    with Cache(root, NOW, max_size=2000) as cache:
        cache.sweep()
        kept = [letter for letter in (b"a", b"b", b"c", b"f") if cache.blob(Digest.of(letter * 1000))]
    assert kept == [b"a", b"c"]


def test_a_folder_in_use_is_not_swept(root):
    with Cache(root, NOW, max_size=0) as cache:
        (cache.folder("git", "used") / "pack").write_bytes(b"x" * 1000)
        (cache.folder("git", "idle") / "pack").write_bytes(b"x" * 1000)
        with cache.lock("git", "used"):
            cache.sweep()
        assert {path.read_bytes()[:1] for path in entries(root, "git")} == {b"x"}
        assert len(entries(root, "git")) == 1
        cache.sweep()
        assert entries(root, "git") == []


def test_writing_much_sweeps_by_itself(root):
    with Cache(root, NOW, max_size=10_000) as cache:
        for number in range(20):
            cache.put_blob(b"%03d" % number * 1000, "sha256")
    with Cache(root, NOW + timedelta(hours=2), max_size=10_000) as cache:
        cache.put_blob(b"last" * 500, "sha256")
    assert sum(path.stat().st_size for path in entries(root, "blobs")) <= 10_000


def test_a_lock_is_waited_for_and_given_up_on(cache, root):
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with Cache(root, NOW).lock("git", "a"):
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(10)
    with pytest.raises(UnavailableError) as caught, cache.lock("git", "a", seconds=0.1):
        pass
    assert caught.value.code == "CACHE_LOCKED"
    with cache.lock("git", "b", seconds=0.1):
        leave.set()
    with cache.lock("git", "a", seconds=10):
        thread.join()


def test_the_lock_of_a_killed_process_is_free(root):
    code = """
    with cache.lock("git", "a"):
        print("held", flush=True)
        import time
        time.sleep(60)
    """
    with child(code, root, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.kill()
    with Cache(root, NOW).lock("git", "a", seconds=5):
        pass


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("PROVENLY_CACHE", str(tmp_path / "mine"))
    assert Cache.default_root() == tmp_path / "mine"
    monkeypatch.delenv("PROVENLY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Cache.default_root().name == "provenly"
