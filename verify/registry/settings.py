"""What the user configured about registries: where they are, what opens them, and the way there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NoReturn
from urllib.parse import unquote, urlsplit

from provenly.trust.errors import MalformedError, UsageError
from provenly.trust.model import Note
from provenly.verify.network.addresses import Origin, without_query

DEFAULT_REGISTRY: Final = "https://registry.npmjs.org"
"""The public npm registry, as npm's own default."""

_NO_SCOPES: Final[Mapping[str, str]] = MappingProxyType({})


def _no_scopes() -> Mapping[str, str]:
    return _NO_SCOPES


class Secret:
    """A text that shows itself only to who asks for it by name: no ``str``, ``repr``, format or pickle reveals it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text. Only what puts it on the wire calls this."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied into a file."""
        message = "a secret is not written down"
        raise TypeError(message)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """What opens a registry, and where it may be sent.

    :param place: host, port and path prefix as npm writes them: ``//host[:port]/path/``, with a slash at its end.
    :param header: the value of the ``Authorization`` header.
    """

    place: str
    header: Secret

    def opens(self, origin: Origin, path: str) -> bool:
        """Say whether it may be sent to ``path`` of ``origin``."""
        return f"//{origin.authority}{path if path.endswith('/') else path + '/'}".startswith(self.place)

    def digest(self) -> str:
        """Return a digest that tells the documents seen with one credential from those seen with another.

        It is slow to compute on purpose: it ends up in names of cache files, and passwords can be guessed.
        """
        salt = hashlib.sha256(self.place.encode()).digest()
        return hashlib.scrypt(self.header.reveal().encode(), salt=salt, n=4096, r=8, p=1, dklen=32).hex()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """An HTTP proxy that the user named.

    :param url: without user name and password.
    :param header: the value of the ``Proxy-Authorization`` header, or ``None``.
    """

    url: str
    header: Secret | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Registries, and how they are reached. Implements :class:`provenly.verify.context.Registries`.

    :param registry: the base URL of the default registry, without a slash at its end.
    :param scopes: base URL by scope (``@scope``).
    :param credentials: what opens them, the longest place first.
    :param ca: certificate authorities in PEM, trusted instead of the system's; empty to trust the system's.
    :param proxy: what all requests but those to this machine go through, or ``None``.
    :param no_proxy: host names that are reached without the proxy, with the names below them.
    :param tarball_hosts: hosts on which registries may place their archives, beside their own.
    :param notes: what was found in files and is not honoured.
    """

    registry: str = DEFAULT_REGISTRY
    scopes: Mapping[str, str] = field(default_factory=_no_scopes)
    credentials: tuple[Credential, ...] = ()
    ca: str = ""
    proxy: Proxy | None = None
    no_proxy: tuple[str, ...] = ()
    tarball_hosts: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def base(self, name: str) -> str:
        """Return the base URL, without a slash at its end, of the registry that serves the package ``name``."""
        scope, slash, _ = name.partition("/")
        return self.scopes.get(scope, self.registry) if slash else self.registry

    @property
    def origins(self) -> frozenset[Origin]:
        """The origins of the configured registries: exactly what the user said may be private."""
        return frozenset(Origin.of(url, what="a registry") for url in (self.registry, *self.scopes.values()))

    def credential(self, url: str) -> Credential | None:
        """Return what opens ``url``, or ``None``.

        A credential goes to its own host and port and below its own path, as with npm. An archive elsewhere on the
        same origin gets the credential of the registry there, if just one registry is configured on that origin.
        """
        origin = Origin.of(url, what="a request")
        if origin not in self.origins:
            return None
        found = self._below(origin, urlsplit(url).path)
        if found:
            return found
        here = {base for base in (self.registry, *self.scopes.values()) if Origin.of(base, what="") == origin}
        return self._below(origin, urlsplit(here.pop()).path) if len(here) == 1 else None

    def proxy_for(self, origin: Origin) -> Proxy | None:
        """Return the proxy for requests to ``origin``; this machine is always reached directly."""
        labels = origin.host.split(".")
        for name in self.no_proxy:
            exempt = [label for label in name.lower().split(".") if label]
            if exempt and labels[-len(exempt) :] == exempt:
                return None
        return None if origin.is_loopback else self.proxy

    def _below(self, origin: Origin, path: str) -> Credential | None:
        opening = [credential for credential in self.credentials if credential.opens(origin, path)]
        return max(opening, key=lambda credential: len(credential.place), default=None)


def registry_url(text: str, *, where: str) -> str:
    """Return the base URL that a user configured, checked and without a slash at its end.

    :param where: the option, or file and line, for messages.
    :raises UsageError: ``SETTINGS_REGISTRY``: no URL, one with a user name or query, or plain http off this machine.
    """
    try:
        origin = Origin.of(text, what=where)
    except MalformedError as error:
        hint = "Give a URL such as https://registry.example.org/npm/; put credentials into .npmrc."
        raise UsageError(f"{where}: {error.message}", code="SETTINGS_REGISTRY", hint=hint) from error
    if "?" in text:
        hint = "Leave out the question mark and what follows it."
        raise UsageError(f"{where}: a registry's URL has no query", code="SETTINGS_REGISTRY", hint=hint)
    if origin.scheme == "http" and not origin.is_loopback:
        message = f"{where}: {without_query(text)} is plain http, which anyone on the way can change"
        raise UsageError(message, code="SETTINGS_REGISTRY", hint="Use https; plain http is for 127.0.0.1 only.")
    # Normal spelling: the same registry must not have two names in the cache and in reports.
    return f"{origin}{urlsplit(text).path.rstrip('/')}"


def proxy_url(text: str, *, where: str) -> Proxy:
    """Return the proxy that a user configured; a user name and password in the URL are taken out of it.

    :raises UsageError: ``SETTINGS_PROXY``: not an http or https URL.
    """
    address = without_query(text)
    try:
        origin = Origin.of(address, what=where)
        parts = urlsplit(text)
    except (MalformedError, ValueError) as error:
        hint = "Give a URL such as http://proxy.example.org:3128; SOCKS is not supported."
        raise UsageError(f"{where}: this is not the URL of an HTTP proxy", code="SETTINGS_PROXY", hint=hint) from error
    if not parts.username:
        return Proxy(url=str(origin))
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Proxy(url=str(origin), header=Secret("Basic " + base64.b64encode(pair.encode()).decode()))
