import select
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import Error, UnavailableError, UsageError
from provenly.verify.context import Silence
from provenly.verify.network.answers import Request
from provenly.verify.network.cache import Cache
from provenly.verify.network.wire import Wire
from provenly.verify.registry.settings import Proxy, Secret, Settings
from provenly.verify.transport import HttpTransport, Limits
from tests.simulator.tls import Authority
from tests.simulator.web import Answer, Server

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
QUICK = Limits(connect=5, read=5, document=0.6, archive=0.6, retries=0)


def respond(_):
    return Answer(body=b'{"answer": true}')


def get(url, settings=None, *, limits=QUICK, max_bytes=1_000_000):
    """Return the body at ``url``, whose origin is the registry, without a cache."""
    origin = "/".join(url.split("/")[:3])
    settings = settings or Settings(registry=origin)
    with HttpTransport(Cache(None, NOW), settings, limits=limits) as transport:
        return transport.get(url, accept="application/json", max_bytes=max_bytes, what="the document").body


def fails(code, *arguments, **options):
    start = time.monotonic()
    with pytest.raises(Error) as caught:
        get(*arguments, **options)
    assert caught.value.code == code, caught.value
    assert time.monotonic() - start < 10
    return caught.value


@contextmanager
def bare_server(talk):
    """Run a server on a free port of 127.0.0.1 that hands each connection to ``talk(connection, closing)``."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)

        def serve():
            while not closing.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        connection.settimeout(5)
                        talk(connection, closing)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            closing.set()
            thread.join()


def test_a_body_that_drips_is_stopped():
    with Server(respond) as server:
        server.fault("*", drip=0.1)
        error = fails("NET_DEADLINE", server.url + "/x")
        assert isinstance(error, UnavailableError)
        assert "0.6 seconds" in error.message


def test_headers_that_drip_are_stopped():
    def talk(connection, closing):
        connection.recv(4096)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX: " + b"y" * 1000:
            connection.send(bytes([byte]))
            if closing.wait(0.05):
                return

    with bare_server(talk) as url:
        fails("NET_DEADLINE", url + "/x")


def test_interim_answers_without_end_are_stopped():
    def talk(connection, closing):
        connection.recv(4096)
        while not closing.wait(0.02):
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    with bare_server(talk) as url:
        fails("NET_DEADLINE", url + "/x")


def test_chunks_that_drip_are_stopped():
    def talk(connection, closing):
        connection.recv(4096)
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not closing.wait(0.02):
            connection.send(b"1\r\n \r\n")

    with bare_server(talk) as url:
        fails("NET_DEADLINE", url + "/x")


def test_a_server_that_says_nothing_is_left():
    def talk(_, closing):
        closing.wait(10)

    with bare_server(talk) as url:
        fails("NET_TIMEOUT", url + "/x", limits=Limits(read=0.3, document=5, retries=0))
        fails("NET_DEADLINE", url + "/x", limits=Limits(read=5, document=0.3, retries=0))


def test_a_handshake_that_drips_is_stopped():
    def talk(connection, closing):
        connection.recv(4096)
        for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
            connection.send(bytes([byte]))
            if closing.wait(0.05):
                return

    with bare_server(talk) as url:
        with pytest.raises(UnavailableError) as caught:
            get(url.replace("http", "https") + "/x")
        assert caught.value.code in {"NET_DEADLINE", "NET_TIMEOUT"}


def test_the_deadline_holds_over_all_attempts():
    with Server(respond) as server:
        server.fault("*", status=503)
        start = time.monotonic()
        fails("REG_SERVER", server.url + "/x", limits=Limits(document=0.5, first_wait=60, retries=3))
        assert time.monotonic() - start < 10


def test_many_threads_share_few_connections():
    with Server(respond) as server, HttpTransport(Cache(None, NOW), Settings(registry=server.url)) as transport:
        bodies = []

        def ask(number):
            url = f"{server.url}/{number}"
            bodies.append(transport.get(url, accept="application/json", max_bytes=99, what="x").body)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert bodies == [b'{"answer": true}'] * 24
        assert len(server.requests) == 24


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def secure(authority):
    with Server(respond, tls=authority.server("127.0.0.1", "localhost"), host="127.0.0.1") as server:
        yield server


def trusting(authority, server, **options):
    return Settings(registry=server.url, ca=authority.pem, **options)


def test_an_unknown_authority_is_not_trusted(secure):
    error = fails("NET_CERTIFICATE", secure.url + "/x")
    assert "--ca-file" in error.hint
    assert secure.requests == []


def test_a_configured_authority_is_trusted(secure, authority):
    assert get(secure.url + "/x", trusting(authority, secure)) == b'{"answer": true}'


def test_a_configured_authority_is_trusted_instead_of_the_systems(secure, authority, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    # Where requests would find certifi's authorities.
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority.path))
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "Another authority")
    fails("NET_CERTIFICATE", secure.url + "/x", Settings(registry=secure.url, ca=other.pem))


def test_an_authority_of_the_system_is_trusted(secure, authority, monkeypatch):
    # The variable by which OpenSSL itself is told where the system's authorities are.
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    assert get(secure.url + "/x") == b'{"answer": true}'


def test_bundles_of_requests_and_curl_are_not_used(secure, authority, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.path))
    fails("NET_CERTIFICATE", secure.url + "/x")


@pytest.mark.parametrize(("hosts", "expired"), [(("other.example",), False), (("127.0.0.1",), True)])
def test_a_certificate_for_another_host_or_time_is_refused(authority, hosts, expired):
    with Server(respond, tls=authority.server(*hosts, expired=expired)) as server:
        fails("NET_CERTIFICATE", server.url + "/x", trusting(authority, server))
        assert server.requests == []


def test_old_tls_is_refused(authority):
    context = authority.server("127.0.0.1")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with Server(respond, tls=context) as server:
        fails("NET_TLS", server.url + "/x", trusting(authority, server))


def test_session_keys_are_not_written(secure, authority, tmp_path, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    get(secure.url + "/x", trusting(authority, secure))
    assert not (tmp_path / "keys").exists()


def test_authorities_that_are_none_are_a_usage_error():
    with pytest.raises(UsageError) as caught:
        Wire(Settings(ca="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
    assert caught.value.code == "SETTINGS_CA"


def exchange(wire, url, **options):
    request = Request(url=url, what="x", limit=999, headers={}, **options)
    return wire.exchange(request, connect=5, read=5, seconds=5, progress=Silence())


def test_a_connection_goes_to_the_checked_address_and_keeps_the_name(authority):
    with Server(respond, tls=authority.server("cdn.invalid")) as server:
        wire = Wire(trusting(authority, server))
        # cdn.invalid has no address: only the pinned one can be reached.
        answer = exchange(wire, f"https://cdn.invalid:{server.port}/a.tgz", address="127.0.0.1")
        assert answer.body == b'{"answer": true}'
        assert server.requests[0].headers["host"] == f"cdn.invalid:{server.port}"
        with pytest.raises(UnavailableError) as caught:
            exchange(wire, f"https://other.invalid:{server.port}/a.tgz", address="127.0.0.1")
        assert caught.value.code == "NET_CERTIFICATE"
        wire.close()


@contextmanager
def tunnel(port, *, authorization=None, tls=None):
    """Run a proxy that connects every CONNECT to ``port`` of this machine; yields its URL and what it was sent."""
    heads = []

    def talk(connection, _):
        if tls is None:
            relay(connection)
            return
        with tls.wrap_socket(connection, server_side=True) as secure:
            relay(secure)

    def relay(connection):
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        heads.append(head)
        if authorization and f"Proxy-Authorization: {authorization}".encode() not in head:
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as upstream:
            pump(connection, upstream)

    with bare_server(talk) as url:
        yield url if tls is None else url.replace("http", "https"), heads


def pump(one, other):
    """Carry bytes both ways until one side ends, in one thread: TLS may not be read and written at once."""
    with suppress(OSError):
        while True:
            waiting = [side for side in (one, other) if isinstance(side, ssl.SSLSocket) and side.pending()]
            for side in waiting or select.select([one, other], [], [])[0]:
                data = side.recv(65_536)
                if not data:
                    return
                (other if side is one else one).sendall(data)


def test_a_configured_proxy_is_used_and_its_password_stays_with_it(authority):
    url = "https://registry.invalid/x"
    with (
        Server(respond, tls=authority.server("registry.invalid")) as server,
        tunnel(server.port, authorization="Basic Zm9vOmJhcg==") as (proxy, heads),
    ):
        opened = Proxy(url=proxy, header=Secret("Basic Zm9vOmJhcg=="))
        settings = Settings(registry="https://registry.invalid", ca=authority.pem, proxy=opened)
        limits = Limits(connect=3, read=3, document=3, retries=0)
        assert get(url, settings, limits=limits) == b'{"answer": true}'
        assert heads[0].startswith(b"CONNECT registry.invalid:443 ")
        assert "proxy-authorization" not in server.requests[0].headers
        closed = Settings(registry="https://registry.invalid", ca=authority.pem, proxy=Proxy(url=proxy))
        error = fails("NET_PROXY", url, closed, limits=limits)
        assert error.hint


def test_a_proxy_that_is_not_there_is_named():
    with Server(respond) as gone:
        proxy = Proxy(url=gone.url)
    fails("NET_PROXY", "https://registry.invalid/x", Settings(registry="https://registry.invalid", proxy=proxy))


def test_a_proxy_may_have_a_certificate_of_a_configured_authority(authority):
    url = "https://registry.invalid/x"
    with (
        Server(respond, tls=authority.server("registry.invalid")) as server,
        tunnel(server.port, tls=authority.server("127.0.0.1")) as (proxy, heads),
    ):
        settings = Settings(registry="https://registry.invalid", ca=authority.pem, proxy=Proxy(url=proxy))
        assert get(url, settings, limits=Limits(connect=3, read=3, document=3, retries=0)) == b'{"answer": true}'
        assert heads[0].startswith(b"CONNECT registry.invalid:443 ")
