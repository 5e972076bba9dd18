r"""Which URLs we follow and which addresses we connect to.

Two kinds of URLs exist. What the *user* configured (a registry, a proxy) is trusted to be what it is: a private
address, plain http on this machine. What comes out of *metadata* (``dist.tarball``, a redirect) was written by a
stranger: it has to be https on a plain host name, and every address that the name resolves to has to be public.

Readers of URLs disagree: ``https://a\@b/`` is ``b`` to some and ``a`` to others, ``127%2e0.0.1`` is a name to Python
and an address to curl, ``getaddrinfo`` reads full-width digits. So the grammar here is closed: what is not certainly
fine is refused, before anything is resolved.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from provenly.trust.errors import MalformedError, UnavailableError

MAX_URL: Final = 2_048
"""Bytes of a URL. The longest that npm serves stays below 300; servers commonly refuse more than 8,000."""

MAX_HOST: Final = 253
"""Characters of a host name (RFC 1035, section 2.3.4, without the length bytes)."""

_PORTS: Final = {"https": 443, "http": 80}
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMERIC: Final = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_TEXT: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/%?-]*")
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")

_NETWORKS: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "64:ff9b::/96",  # NAT64: leads to any IPv4 address, RFC 6052
        "64:ff9b:1::/48",  # NAT64 for local use, RFC 8215
        "2001::/32",  # Teredo, RFC 4380
        "2002::/16",  # 6to4, RFC 3056
        "fec0::/10",  # site-local, RFC 3879
        "::/96",  # IPv4-compatible, RFC 4291 section 2.5.5.1
        "5f00::/16",  # segment routing, RFC 9602
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "168.63.129.16/32",  # the metadata service of Azure, a public address by its number
    )
)
"""What :attr:`ipaddress.IPv4Address.is_global` of Python 3.11 lets pass, and a stranger must not send us to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """What a URL connects to: scheme, host and port, as in RFC 6454.

    :param host: in lower case; an IPv6 address without its brackets.
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str, *, what: str) -> Self:
        """Return the origin of ``url``.

        :raises MalformedError: ``NET_URL``: not an http or https URL that every reader reads alike.
        """
        if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or {" ", "\\", "#"} & set(url):
            raise _refused(url, what, "it is longer than 2,048 bytes or has characters that a URL cannot have")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise _refused(url, what, "its host or port cannot be read") from error
        if parts.scheme not in _PORTS:
            raise _refused(url, what, f"its scheme is {parts.scheme!r}, not https")
        if "@" in parts.netloc:
            raise _refused(url, what, "it has a user name")
        if not _is_address(host) and (len(host) > MAX_HOST or not _HOST.fullmatch(host) or _looks_numeric(host)):
            raise _refused(url, what, "its host is no plain name")
        _check_path(url, parts.path, parts.query, what)
        return cls(scheme=parts.scheme, host=host, port=_PORTS[parts.scheme] if port is None else port)

    @property
    def is_loopback(self) -> bool:
        """Whether this is surely this machine: ``localhost`` or a loopback address."""
        return self.host == "localhost" or (_is_address(self.host) and ipaddress.ip_address(self.host).is_loopback)

    @property
    def authority(self) -> str:
        """Host and port as in a URL; the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        """Return ``scheme://host[:port]``."""
        return f"{self.scheme}://{self.authority}"


def check_foreign(url: str, *, what: str) -> Origin:
    """Return the origin of a URL that a stranger wrote, or refuse it.

    :raises MalformedError: ``NET_URL``: no https, another port than 443, or no host name; ``NET_ADDRESS``: the host
        is an address instead of a name.
    """
    origin = Origin.of(url, what=what)
    if _is_address(origin.host) or origin.is_loopback:
        message = f"the URL of {what} leads to the address {origin.host} instead of a named host: {without_query(url)}"
        raise MalformedError(message, code="NET_ADDRESS")
    if origin.scheme != "https" or origin.port != _PORTS["https"]:
        raise _refused(url, what, "only https on port 443 is followed where the registry's metadata leads elsewhere")
    return origin


def check_address(text: str, *, host: str) -> None:
    """Refuse an address that is not on the public internet.

    :param text: a numeric address, as a resolver gives it.
    :param host: the name that resolved to it, for the message.
    :raises MalformedError: ``NET_ADDRESS``.
    """
    address = ipaddress.ip_address(text)
    if not _is_public(address):
        message = f"{host} resolves to {address}, which is not a public address; metadata may not lead there"
        raise MalformedError(message, code="NET_ADDRESS")


Resolver = Callable[[str, int], Sequence[str]]
"""Returns the numeric addresses of a host name; raises OSError where there are none."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return the addresses that this machine's resolver knows for ``host``, in the order it prefers."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def resolve(origin: Origin, resolver: Resolver) -> str:
    """Resolve a stranger's host once, check every answer, and return the address to connect to.

    Whoever controls a name also controls its answers, and may give another one to the next question. That is why the
    connection goes to the address that is returned here and the name is not resolved again.

    :raises MalformedError: ``NET_ADDRESS``: one of the answers is not public.
    :raises UnavailableError: ``NET_DNS``: there is no answer.
    """
    try:
        addresses = resolver(origin.host, origin.port)
    except (OSError, UnicodeError) as error:
        raise _unknown(origin.host) from error
    for address in addresses:
        check_address(address, host=origin.host)
    if not addresses:
        raise _unknown(origin.host)
    return addresses[0]


def without_query(url: str) -> str:
    """Return ``url`` without query and user name, for messages: signed URLs and credentials are secrets."""
    scheme, separator, rest = url.partition("?")[0].partition("#")[0].partition("://")
    if not separator:
        return scheme.rpartition("@")[2]
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _check_path(url: str, path: str, query: str, what: str) -> None:
    if not _TEXT.fullmatch(path + query) or _PERCENT.search(path + query):
        raise _refused(url, what, "its path has characters that readers disagree about")
    decoded = unquote(path)
    if not decoded.isprintable() or "\\" in decoded or {".", ".."} & set(decoded.split("/")):
        raise _refused(url, what, "its path climbs or has hidden characters")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _looks_numeric(host: str) -> bool:
    """Say whether a resolver may read ``host`` as a number: 127.1, 0x7f.1, 2130706433 (the WHATWG URL rule)."""
    return _NUMERIC.fullmatch(host.rpartition(".")[2]) is not None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped:
            return _is_public(address.ipv4_mapped)
    listed = any(address in network for network in _NETWORKS if network.version == address.version)
    return address.is_global and not address.is_multicast and not listed


def _unknown(host: str) -> UnavailableError:
    return UnavailableError(f"the host {host} has no address", code="NET_DNS", hint="Check the name and the network.")


def _refused(url: str, what: str, why: str) -> MalformedError:
    return MalformedError(f"the URL of {what} is refused because {why}: {without_query(url)[:200]}", code="NET_URL")
