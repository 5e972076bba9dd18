import gzip
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.registry.settings import Settings
from provenly.verify.transport import HttpTransport
from tests.simulator.registry import ABBREVIATED, FULL, Registry, make_tarball
from tests.simulator.web import Answer, Server

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
TARBALL = make_tarball({"package.json": '{"name":"left-pad","version":"1.0.0"}', "index.js": "1"})
SHA512 = Digest.of(TARBALL, "sha512")
CANARY = "npm_CanaryToken0123456789"


@dataclass
class Bench:
    """A registry, and transports that ask it."""

    registry: Registry
    root: Path
    waits: list[float] = field(default_factory=list)
    open: list[HttpTransport] = field(default_factory=list)

    def transport(self, *, later=timedelta(0), settings=None, jitter: Callable[[], float] = lambda: 1.0, **options):
        transport = HttpTransport(
            Cache(self.root, NOW + later),
            settings or Settings(registry=self.registry.url),
            sleep=self.waits.append,
            jitter=jitter,
            **options,
        )
        self.open.append(transport)
        return transport

    def get(self, path="/left-pad", *, accept=FULL, max_bytes=1_000_000, **options):
        transport = self.transport(**options)
        return transport.get(self.registry.url + path, accept=accept, max_bytes=max_bytes, what="left-pad")

    def download(self, url=None, *, expected=SHA512, max_bytes=1_000_000, **options):
        transport = self.transport(**options)
        url = url or self.registry.url + "/left-pad/-/left-pad-1.0.0.tgz"
        return transport.download(url, expected=expected, max_bytes=max_bytes, what="left-pad-1.0.0.tgz")

    def fails(self, code, *arguments, call=None, kind=Error, **options):
        with pytest.raises(kind) as caught:
            (call or self.get)(*arguments, **options)
        assert caught.value.code == code, caught.value
        return caught.value


@pytest.fixture
def bench(tmp_path):
    with Registry() as registry:
        registry.publish("left-pad", "1.0.0", TARBALL)
        bench = Bench(registry, tmp_path / "cache")
        yield bench
        for transport in bench.open:
            transport.close()


def test_a_document_is_read_as_it_is_served(bench):
    response = bench.get()
    assert b'"left-pad"' in response.body
    assert response.content_type == FULL
    assert response.fetched == NOW
    (request,) = bench.registry.requests
    assert request.path == "/left-pad"
    assert request.headers["user-agent"].startswith("provenly/")
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["accept"] == FULL
    assert not {"authorization", "cookie", "if-none-match", "referer"} & set(request.headers)


def test_a_fresh_document_is_not_asked_for_again(bench):
    first = bench.get()
    assert bench.get(later=timedelta(minutes=4)) == first
    assert len(bench.registry.requests) == 1


def test_an_old_document_is_asked_for_by_its_etag(bench):
    first = bench.get()
    later = timedelta(minutes=6)
    second = bench.get(later=later)
    assert second.body == first.body
    assert second.fetched == NOW + later
    assert bench.registry.requests[1].headers["if-none-match"]
    bench.get(later=later)
    assert len(bench.registry.requests) == 2
    bench.registry.publish("left-pad", "1.0.1", TARBALL)
    assert b'"1.0.1"' in bench.get(later=timedelta(minutes=20)).body


def test_the_document_of_an_exact_version_is_fresh_for_a_day(bench):
    bench.get("/left-pad/1.0.0")
    bench.get("/left-pad/1.0.0", later=timedelta(hours=23))
    assert len(bench.registry.requests) == 1
    bench.get("/left-pad/1.0.0", later=timedelta(hours=25))
    bench.get("/left-pad/latest")
    bench.get("/left-pad/latest", later=timedelta(minutes=6))
    assert len(bench.registry.requests) == 4


@pytest.mark.parametrize("shared_etag", [False, True])
def test_abbreviated_and_full_documents_never_mix(bench, shared_etag):
    bench.registry.shared_etag = shared_etag
    short = bench.get(accept=ABBREVIATED)
    full = bench.get(accept=FULL)
    assert b"time" in full.body
    assert b"time" not in short.body
    assert "if-none-match" not in bench.registry.requests[1].headers
    later = timedelta(minutes=6)
    assert bench.get(accept=ABBREVIATED, later=later).body == short.body
    assert bench.get(accept=FULL, later=later).body == full.body


def test_a_304_that_was_not_asked_for_is_no_document(bench):
    bench.registry.fault("/left-pad", status=304, body=b"")
    bench.fails("REG_STATUS")


def test_a_304_for_a_corrupt_entry_cannot_happen(bench):
    body = bench.get().body
    for path in (bench.root / "v1" / "documents").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1])
    assert bench.get(later=timedelta(minutes=6)).body == body
    assert "if-none-match" not in bench.registry.requests[1].headers


@pytest.mark.parametrize("status", [404, 410])
def test_what_does_not_exist_is_remembered_for_five_minutes(bench, status):
    bench.registry.fault("/nothing", status=status)
    for later in (timedelta(0), timedelta(minutes=4)):
        bench.fails("NOT_FOUND", "/nothing", later=later, kind=NotFoundError)
    assert len(bench.registry.requests) == 1
    bench.fails("NOT_FOUND", "/nothing", later=timedelta(minutes=6), kind=NotFoundError)
    assert len(bench.registry.requests) == 2
    bench.fails("OFFLINE", "/nothing", later=timedelta(minutes=12), offline=True)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "REG_STATUS"),
        (401, "REG_UNAUTHORIZED"),
        (403, "REG_FORBIDDEN"),
        (204, "REG_STATUS"),
        (206, "REG_STATUS"),
        (451, "REG_LEGAL"),
    ],
)
def test_a_refusal_is_not_an_answer_about_the_package(bench, status, code):
    bench.registry.fault("*", status=status, times=2)
    for call in (bench.get, bench.download):
        error = bench.fails(code, call=call, kind=UnavailableError)
        assert not isinstance(error, NotFoundError)
        assert error.hint
    assert bench.waits == []
    assert bench.get().body  # Nothing was remembered.


@pytest.mark.parametrize(("status", "code"), [(429, "REG_BUSY"), (500, "REG_SERVER"), (503, "REG_SERVER")])
def test_failures_of_the_moment_are_repeated_three_times(bench, status, code):
    fault = bench.registry.fault("/left-pad", status=status, times=3)
    assert bench.get().body
    assert bench.waits == [0.5, 1.0, 2.0]
    fault.seen, fault.times = 0, 4
    bench.fails(code, later=timedelta(minutes=6), kind=UnavailableError)
    assert fault.seen == 4


def test_waits_are_jittered(bench):
    bench.registry.fault("/left-pad", status=503, times=3)
    bench.get(jitter=lambda: 0.25)
    assert bench.waits == [0.125, 0.25, 0.5]


@pytest.mark.parametrize(("value", "wait"), [("7", 7), ("0", 0.5), ("nonsense", 0.5), ("-5", 0.5), ("DATE", 30)])
def test_retry_after_is_honoured(bench, value, wait):
    value = value.replace("DATE", format_datetime(NOW + timedelta(seconds=30), usegmt=True))
    bench.registry.fault("/left-pad", status=429, times=1, headers={"Retry-After": value})
    bench.get()
    assert bench.waits == [wait]


@pytest.mark.parametrize("seconds", ["61", "3600"])
def test_a_server_that_wants_more_than_a_minute_is_reported_at_once(bench, seconds):
    bench.registry.fault("/left-pad", status=503, headers={"Retry-After": seconds})
    bench.fails("REG_SERVER")
    assert bench.waits == []


def test_redirects_on_the_same_origin_are_followed(bench):
    bench.registry.fault("/old", redirect="/older")
    bench.registry.fault("/older", redirect=bench.registry.url + "/left-pad", status=308)
    assert b"left-pad" in bench.get("/old").body
    bench.registry.fault("/loop", redirect="/loop")
    bench.fails("NET_REDIRECT", "/loop", kind=MalformedError)
    assert bench.registry.paths().count("/loop") == 4


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/left-pad",
        "http://localhost:{port}/left-pad",
        "https://evil.example/left-pad",
        "http://169.254.169.254/latest/meta-data",
        "//evil.example/x",
        "file:///etc/passwd",
        "ftp://evil.example/x",
        "https://127%2e0.0.1/x",
        "http://user@127.0.0.1/x",
        "/a/../b\\c",
        "",
    ],
)
def test_redirects_elsewhere_are_refused(bench, target):
    with Server(lambda _: Answer(body=b'{"evil": true}')) as other:
        bench.registry.fault("*", redirect=target.format(port=other.port))
        bench.fails("NET_REDIRECT", kind=MalformedError)
        bench.fails("NET_REDIRECT", call=bench.download, kind=MalformedError)
        assert other.requests == []


def test_a_redirect_from_one_registry_to_another_is_refused(bench):
    with Server(lambda _: Answer(body=b'{"other": true}')) as other:
        settings = Settings(registry=bench.registry.url, scopes={"@corp": other.url})
        bench.registry.fault("*", redirect=other.url + "/left-pad")
        bench.fails("NET_REDIRECT", settings=settings, kind=MalformedError)
        assert other.requests == []


def test_a_body_that_breaks_off_is_asked_for_again_and_then_said_to_be_unavailable(bench):
    """A broken connection is no answer about the package: it must not come out as a failure of it."""
    bench.registry.fault("*", truncate=5, times=1)
    assert bench.download() == TARBALL
    bench.registry.fault("*", truncate=5)
    bench.fails("NET_TRUNCATED", kind=UnavailableError)
    assert len(bench.waits) == 4


def test_chunks_without_an_end_are_refused(bench):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"5\r\n{}   \r\n", b"5\r\n{}", b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n"):
        fault = bench.registry.fault("/left-pad", raw=head + body)
        bench.fails("NET_TRUNCATED", kind=UnavailableError)
        bench.registry.faults.remove(fault)
    bench.registry.fault("/left-pad", raw=head + b"2\r\n{}\r\n0\r\n\r\n")
    assert bench.get().body == b"{}"


def test_more_than_was_announced_is_not_read_and_does_not_answer_the_next_request(bench):
    forged = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nevil"
    transport = bench.transport()
    bench.registry.fault("*.tgz", extra=forged, times=1)
    url = bench.registry.url
    for _ in range(2):
        data = transport.download(url + "/left-pad/-/left-pad-1.0.0.tgz", expected=SHA512, max_bytes=9999, what="x")
        assert data == TARBALL
        assert b"evil" not in transport.get(url + "/left-pad", accept=FULL, max_bytes=9999, what="x").body


def test_a_body_without_a_length_ends_with_the_connection(bench):
    bench.registry.fault("*", no_length=True)
    assert bench.download() == TARBALL


def test_compressed_bodies_are_refused_not_inflated(bench):
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=1)
    for encoding in ("gzip", "GZIP", "deflate", "identity, gzip", "br"):
        fault = bench.registry.fault("*", body=bomb, headers={"Content-Encoding": encoding})
        for call in (bench.get, bench.download):
            bench.fails("NET_ENCODING", call=call, kind=MalformedError)
        bench.registry.faults.remove(fault)


@pytest.mark.parametrize("how", [{}, {"no_length": True}])
def test_bodies_over_the_limit_are_refused(bench, how):
    bench.registry.fault("*", body=b"[" + b" " * 300_000, **how)
    bench.fails("NET_TOO_LARGE", max_bytes=200_000, kind=MalformedError)
    bench.fails("NET_TOO_LARGE", call=bench.download, max_bytes=200_000, kind=MalformedError)
    assert bench.get(max_bytes=300_001).body
    bench.fails("NET_TOO_LARGE", max_bytes=300_000, kind=MalformedError)  # From the cache, too.


def test_a_body_that_is_announced_over_the_limit_is_not_read(bench):
    bench.registry.fault("*", raw=b"HTTP/1.1 200 OK\r\nContent-Length: 200001\r\n\r\n[")
    bench.fails("NET_TOO_LARGE", max_bytes=200_000, kind=MalformedError)
    assert bench.waits == []


def test_a_captive_portal_is_no_registry(bench):
    bench.registry.fault("*", portal=True, times=2)
    bench.fails("REG_NOT_JSON", kind=UnavailableError)
    bench.fails("REG_NOT_ARCHIVE", call=bench.download, kind=UnavailableError)
    assert bench.get().body
    assert bench.download() == TARBALL


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "NET_CONNECT"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "NET_PROTOCOL"),
        (b"\x00\xff" * 100, "NET_PROTOCOL"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 150 + b"\r\n{}", "NET_PROTOCOL"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n{}", "NET_PROTOCOL"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", "NET_PROTOCOL"),
    ],
)
def test_what_is_not_http_is_not_understood(bench, raw, code):
    bench.registry.fault("*", raw=raw)
    bench.fails(code, kind=UnavailableError)
    assert len(bench.waits) == 3


def test_a_reset_connection_is_made_again(bench):
    bench.registry.fault("*", reset=True, times=3)
    assert bench.get().body
    bench.registry.fault("*", reset=True)
    bench.fails("NET_CONNECT", "/other", kind=UnavailableError)


def test_a_server_that_is_not_there_cannot_be_reached(bench):
    with Server(lambda _: Answer()) as gone:
        settings = Settings(registry=gone.url)
    bench.fails(
        "NET_CONNECT",
        call=lambda: bench.transport(settings=settings).get(gone.url + "/x", accept=FULL, max_bytes=9, what="x"),
        kind=UnavailableError,
    )


def test_a_host_without_an_address_cannot_be_reached(bench):
    transport = bench.transport(settings=Settings(registry="https://registry.invalid"))
    with pytest.raises(UnavailableError) as caught:
        transport.get("https://registry.invalid/x", accept=FULL, max_bytes=9, what="x")
    assert caught.value.code == "NET_DNS"


def test_netrc_proxies_and_bundles_of_the_environment_are_not_used(bench, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("default login me password " + CANARY)
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    with Server(lambda _: Answer(body=b'{"evil": true}')) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert b"left-pad" in bench.get().body
        assert proxy.requests == []
    assert "authorization" not in bench.registry.requests[0].headers


def test_no_cookie_is_kept(bench):
    bench.registry.fault("*", headers={"Set-Cookie": "session=1; Path=/"}, times=1)
    transport = bench.transport()
    for path in ("/left-pad", "/left-pad/latest"):
        transport.get(bench.registry.url + path, accept=FULL, max_bytes=9999, what="x")
    assert "cookie" not in bench.registry.requests[1].headers


def test_archives_are_found_by_their_digest(bench):
    assert bench.download() == TARBALL
    assert bench.download(bench.registry.url + "/elsewhere.tgz", offline=True, later=timedelta(days=300)) == TARBALL
    assert len(bench.registry.requests) == 1
    for digest in (Digest.of(TARBALL, "sha256"), Digest.of(b"other", "sha512")):
        bench.fails("OFFLINE", call=bench.download, expected=digest, offline=True)


def test_a_corrupt_archive_in_the_cache_is_fetched_again(bench):
    bench.download()
    (path,) = [path for path in (bench.root / "v1/blobs").rglob("*") if path.is_file()]
    path.write_bytes(TARBALL[:-1] + b"\x01")
    transport = bench.transport()
    url = bench.registry.url + "/left-pad/-/left-pad-1.0.0.tgz"
    assert transport.download(url, expected=SHA512, max_bytes=9999, what="x") == TARBALL
    assert [note.code for note in transport.cache.notes] == ["CACHE_POISONED"]
    assert len(bench.registry.requests) == 2


def test_an_archive_with_another_digest_is_handed_over_and_not_kept(bench):
    bench.registry.tarballs["/left-pad/-/left-pad-1.0.0.tgz"] = b"\x1f\x8bother"
    assert bench.download() == b"\x1f\x8bother"
    assert not any(path.is_file() for path in (bench.root / "v1").glob("blobs/**/*"))


def test_an_archive_without_a_digest_is_a_document(bench):
    assert bench.download(expected=None) == bench.download(expected=None) == TARBALL
    assert len(bench.registry.requests) == 1
    bench.download(expected=None, later=timedelta(minutes=6))
    assert len(bench.registry.requests) == 2


def test_a_missing_archive_is_not_found(bench):
    bench.registry.tarballs.clear()
    bench.fails("NOT_FOUND", call=bench.download, kind=NotFoundError)


def test_offline_reads_old_documents_and_asks_nobody(bench):
    body = bench.get().body
    assert bench.get(offline=True, later=timedelta(days=300)).body == body
    error = bench.fails("OFFLINE", "/other", offline=True, kind=UnavailableError)
    assert error.hint
    assert len(bench.registry.requests) == 1


def test_archives_elsewhere_are_refused_unless_their_host_is_listed(bench):
    for expected in (SHA512, None):
        error = bench.fails("REG_TARBALL_HOST", "https://cdn.example/a.tgz", call=bench.download, expected=expected)
        assert "cdn.example" in error.message
        assert "cdn.example" in error.hint
    for url in ("https://169.254.169.254/a.tgz", "https://[::1]/a.tgz"):
        bench.fails("NET_ADDRESS", url, call=bench.download)
    for url in (
        "http://cdn.example/a.tgz",
        "https://cdn.example:8443/a.tgz",
        bench.registry.url.replace("http", "https"),
    ):
        bench.fails("NET_URL" if "cdn" in url else "NET_ADDRESS", url, call=bench.download)


def test_listed_hosts_must_have_public_addresses_and_are_resolved_once_per_connection(bench):
    asked = []

    def rebinding(host, port):
        asked.append((host, port))
        return ["104.16.0.35", "127.0.0.1"]

    settings = Settings(registry=bench.registry.url, tarball_hosts=("cdn.example",))
    error = bench.fails(
        "NET_ADDRESS", "https://cdn.example/a.tgz", call=bench.download, settings=settings, resolver=rebinding
    )
    assert "127.0.0.1" in error.message
    assert asked == [("cdn.example", 443)]
    assert bench.registry.requests == []
    # So is a redirect to one.
    bench.registry.fault("*", redirect="https://cdn.example/a.tgz?signature=" + CANARY)
    error = bench.fails("NET_ADDRESS", call=bench.download, settings=settings, resolver=rebinding)
    assert CANARY not in str(error)


def npm_settings(bench, tmp_path, lines):
    path = tmp_path / "user.npmrc"
    path.write_text(f"registry={bench.registry.url}/\n" + lines.replace("HOST", bench.registry.url.partition(":")[2]))
    return npmrc.load(user=path, environment={})


def test_credentials_open_their_registry(bench, tmp_path):
    bench.registry.authorization = f"Bearer {CANARY}"
    bench.fails("REG_UNAUTHORIZED")
    settings = npm_settings(bench, tmp_path, f"HOST/:_authToken={CANARY}")
    assert bench.get(settings=settings).body
    assert bench.download(settings=settings) == TARBALL
    bench.fails("REG_UNAUTHORIZED")  # What was seen with a credential is not shown without.


def test_no_credential_shows_anywhere(bench, tmp_path):
    settings = npm_settings(bench, tmp_path, f"HOST/:_authToken={CANARY}\nproxy=http://u:{CANARY}@127.0.0.1:1\n")
    bench.get(settings=settings)
    bench.download(settings=settings)
    assert bench.registry.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    faults = [
        {"status": 401},
        {"status": 500},
        {"reset": True},
        {"truncate": 1},
        {"portal": True},
        {"raw": b"x"},
        {"redirect": f"https://u:{CANARY}@evil.example/?{CANARY}#{CANARY}"},
        {"headers": {"Content-Encoding": "br"}},
    ]
    for what in faults:
        fault = bench.registry.fault("/other", **what)
        with pytest.raises(Error) as caught:
            bench.get("/other", settings=settings)
        bench.registry.faults.remove(fault)
        error = caught.value
        while error is not None:
            assert CANARY not in f"{error} {error!r} {error.args} {getattr(error, 'hint', '')}", what
            error = error.__cause__ or error.__context__
    for path in bench.root.rglob("*"):
        assert CANARY not in str(path)
        assert not path.is_file() or CANARY.encode() not in path.read_bytes()
    assert CANARY not in repr(settings) + repr(vars(bench.open[-1]))


def test_progress_is_told(bench):
    class Told:
        def __init__(self):
            self.steps, self.bytes = [], []

        def step(self, text):
            self.steps.append(text)

        def advance(self, done, total):
            self.bytes.append((done, total))

    told = Told()
    bench.download(progress=told)
    bench.download(progress=told)
    assert told.steps == ["fetching left-pad-1.0.0.tgz"]
    assert told.bytes[-1] == (len(TARBALL), len(TARBALL))


def test_everything_in_the_cache_needs_no_http_library(bench):
    bench.get()
    code = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from provenly.verify.network.cache import Cache
from provenly.verify.registry.settings import Settings
from provenly.verify.transport import HttpTransport
root, url, accept = sys.argv[1:]
cache = Cache(Path(root), datetime(2026, 2, 1, 12, tzinfo=UTC))
transport = HttpTransport(cache, Settings(registry=url))
assert transport.get(url + "/left-pad", accept=accept, max_bytes=9999, what="x").body
print(sorted({"requests", "urllib3", "truststore"} & set(sys.modules)))
"""
    arguments = [str(bench.root), bench.registry.url, FULL]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
