import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.network.addresses import (
    Origin,
    check_address,
    check_foreign,
    resolve,
    system_resolver,
    without_query,
)

PRIVATE_ADDRESSES = """
    0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.8.8.8 169.254.169.254 172.16.0.1 192.0.0.8 192.0.0.9 192.0.2.1
    192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
    168.63.129.16 :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:224.0.0.1
    ::ffff:168.63.129.16 ::ffff:169.254.169.254 ::ffff:10.0.0.1
    64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1 2002:a9fe:a9fe:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 fec0::1
    fe80::1 fe80::1%eth0 fc00::1 fd00::1 ff02::1 2001:db8::1 5f00::1 100::1
""".split()  # noqa: SIM905 - easier to read than forty quoted strings

REFUSED_URLS = [
    "http://tarballs.example/a.tgz",
    "ftp://tarballs.example/a.tgz",
    "file:///etc/passwd",
    "//tarballs.example/a.tgz",
    "https:///a.tgz",
    "https://user@tarballs.example/a.tgz",
    "https://user:pass@tarballs.example/a.tgz",
    "https://tarballs.example:8443/a.tgz",
    "https://tarballs.example:0/a.tgz",
    "https://tarballs.example:99999/a.tgz",
    "https://tarballs.example./a.tgz",
    "https://-tarballs.example/a.tgz",
    "https://tarballs-.example/a.tgz",
    "https://tar_balls.example/a.tgz",
    "https://tarballs..example/a.tgz",
    f"https://{'a' * 64}.example/a.tgz",
    f"https://{'.'.join(['a' * 60] * 5)}/a.tgz",
    "https://127%2e0.0.1/a.tgz",
    "https://a\\@tarballs.example/a.tgz",
    "https://tarballs.example\\.evil.example/a.tgz",
    "https://tarballs.example/a\\b.tgz",
    "https://tarballs.example/a.tgz#fragment",
    "https://tarballs.example/a b.tgz",
    "https://tarballs.example/a\tb.tgz",
    "https://tarballs.example/a\r\nHost: evil.tgz",
    "https://tarballs.example/../a.tgz",
    "https://tarballs.example/%2e%2e/a.tgz",
    "https://tarballs.example/a%2f..%2fb.tgz",
    "https://tarballs.example/a%00.tgz",
    "https://tarballs.example/a%5cb.tgz",
    "https://tarballs.example/a%zz.tgz",
    'https://tarballs.example/a".tgz',
    "https://tarballs.example/<a>.tgz",
    "https://tårballs.example/a.tgz",
    "https://\uff11\uff12\uff17.0.0.1/a.tgz",
    "https://\u2460\u2461\u2466.0.0.1/a.tgz",
    "https://127.1/a.tgz",
    "https://0x7f.1/a.tgz",
    "https://2130706433/a.tgz",
    "https://tarballs.0x7f/a.tgz",
    "https://[fe80::1%25eth0]/a.tgz",
    "https://[::1/a.tgz",
    "https://tarballs.example/" + "a" * 2048,
    "",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_a_url_that_readers_could_read_differently_is_refused(url):
    with pytest.raises(MalformedError) as caught:
        check_foreign(url, what="the archive")
    assert caught.value.code == "NET_URL"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.tgz",
        "https://[::1]/a.tgz",
        "https://169.254.169.254/latest/meta-data",
        "https://[64:ff9b::a9fe:a9fe]/a.tgz",
        "https://[::ffff:169.254.169.254]/a.tgz",
        "https://8.8.8.8/a.tgz",
        "https://localhost/a.tgz",
    ],
)
def test_metadata_may_not_name_an_address(url):
    with pytest.raises(MalformedError) as caught:
        check_foreign(url, what="the archive")
    assert caught.value.code == "NET_ADDRESS"


def test_a_plain_url_is_accepted_and_its_origin_is_normal():
    origin = check_foreign("https://Tarballs.Example:443/@scope%2fname/-/name-1.0.0.tgz?x=1", what="the archive")
    assert origin == Origin(scheme="https", host="tarballs.example", port=443)
    assert str(origin) == "https://tarballs.example"


def test_a_configured_origin_may_be_an_address_with_a_port():
    assert str(Origin.of("http://[::1]:4873/npm/", what="a registry")) == "http://[::1]:4873"
    assert Origin.of("http://127.0.0.1:4873", what="a registry").is_loopback
    assert not Origin.of("http://10.0.0.1:4873", what="a registry").is_loopback


@pytest.mark.parametrize(
    "address",
    PRIVATE_ADDRESSES,
)
def test_an_address_that_is_not_public_is_refused(address):
    with pytest.raises(MalformedError) as caught:
        check_address(address, host="tarballs.example")
    assert caught.value.code == "NET_ADDRESS"
    assert "tarballs.example" in caught.value.message


@pytest.mark.parametrize("address", ["8.8.8.8", "104.16.0.35", "2606:4700::6810:23", "::ffff:8.8.8.8"])
def test_a_public_address_is_accepted(address):
    check_address(address, host="tarballs.example")


def test_every_answer_is_checked_and_the_first_is_used():
    origin = Origin(scheme="https", host="tarballs.example", port=443)
    assert resolve(origin, lambda _host, _port: ["104.16.0.35", "104.16.0.36"]) == "104.16.0.35"
    with pytest.raises(MalformedError) as caught:
        resolve(origin, lambda _host, _port: ["104.16.0.35", "10.0.0.1"])
    assert caught.value.code == "NET_ADDRESS"


def test_a_host_without_addresses_could_not_be_looked_at():
    origin = Origin(scheme="https", host="nothing.invalid", port=443)
    for resolver in (system_resolver, lambda _host, _port: ()):
        with pytest.raises(UnavailableError) as caught:
            resolve(origin, resolver)
        assert caught.value.code == "NET_DNS"


def test_the_system_resolver_knows_this_machine():
    assert set(system_resolver("localhost", 80)) <= {"127.0.0.1", "::1"}


def test_messages_show_neither_query_nor_user():
    assert without_query("https://user:SECRET@host.example/a?token=SECRET#SECRET") == "https://host.example/a"
    with pytest.raises(MalformedError) as caught:
        check_foreign("https://user:SECRET@host.example/a?token=SECRET", what="the archive")
    assert "SECRET" not in str(caught.value)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.:%@\\\[\]/-]{1,40}", fullmatch=True))
def test_any_text_is_a_clean_origin_or_refused(text):
    try:
        origin = check_foreign(text, what="the archive")
    except MalformedError:
        return
    assert origin.scheme == "https"
    assert origin.port == 443
    assert set(origin.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
