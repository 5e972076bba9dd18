"""Where a repository is really read from: the forge itself, or a mirror that the user named."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, urlsplit

from provenly.trust.errors import MalformedError, UnavailableError, UsageError
from provenly.trust.text import show
from provenly.verify.forge.git_profile import Protocol

FORGES: Final = ("github.com", "gist.github.com", "gitlab.com", "bitbucket.org", "codeberg.org")
"""Hosts that are asked for repositories without a word of the user; metadata must not choose where we connect to."""

MAX_URL: Final = 2_048
"""Characters of a repository URL."""

_SEGMENT: Final = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+"
_HOST: Final = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*"
_REPOSITORY: Final = re.compile(
    rf"https://(?:(?!gist\.github\.com/)({_HOST})/{_SEGMENT}(?:/{_SEGMENT})*/{_SEGMENT}|(gist\.github\.com)/[0-9a-f]+)"
)
"""A canonical URL. The repository of a gist has an id and no owner."""

_PATTERN: Final = re.compile(rf"https://{_HOST}/(?:[A-Za-z0-9._~/-]|\{{owner\}}|\{{repo\}})+")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_EXAMPLE: Final = "Write it as https://github.com/{owner}/{repo}=/srv/git/{owner}/{repo}.git, with a path or URL."


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where to read a repository.

    :param url: its canonical URL.
    :param target: a URL, or an absolute path.
    :param protocol: the one protocol that git may speak there.
    """

    url: str
    target: str
    protocol: Protocol

    @property
    def local(self) -> bool:
        """Whether it is a path on this machine."""
        return self.protocol is Protocol.FILE

    @property
    def git_url(self) -> str:
        """What git is given. Of a path it is a URL: git records it as a promisor, whose name must not begin with /."""
        return f"file://{quote(self.target)}" if self.local else self.target


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """One ``--git-mirror``: repositories whose URL fits ``pattern`` are read from ``target``.

    :param text: the option as it was written.
    :param pattern: matches whole canonical URLs, with groups named owner and repo.
    :param target: a URL or an absolute path with the placeholders of the pattern.
    :param protocol: what git speaks there.
    """

    text: str
    pattern: re.Pattern[str]
    target: str
    protocol: Protocol

    @classmethod
    def parse(cls, text: str) -> Mirror:
        """Read ``PATTERN=TARGET``.

        :raises UsageError: the option makes no sense (``GIT_MIRROR``).
        """
        pattern, separator, target = text.partition("=")
        if not separator or not target:
            raise _unusable(text, "it has no '=' with a target behind it")
        if not _PATTERN.fullmatch(pattern):
            raise _unusable(text, "what stands before '=' is no https URL with {owner} and {repo} in its path")
        named = _PLACEHOLDER.findall(pattern)
        if len(set(named)) != len(named):
            raise _unusable(text, "a placeholder stands twice before '='")
        if unknown := [name for name in _PLACEHOLDER.findall(target) if name not in named]:
            raise _unusable(text, f"{{{unknown[0]}}} stands behind '=' but not before it")
        if re.search(r"[\x00-\x20\x7f]", target) or re.search(r"[{}]", _PLACEHOLDER.sub("", target)):
            raise _unusable(text, "the target has blanks, control characters or stray braces")
        expression = re.escape(pattern).replace(r"\{owner\}", rf"(?P<owner>{_SEGMENT}(?:/{_SEGMENT})*)")
        expression = expression.replace(r"\{repo\}", rf"(?P<repo>{_SEGMENT})")
        return cls(text=text, pattern=re.compile(expression), target=target, protocol=_protocol(text, target))

    def address(self, url: str) -> Address | None:
        """Return where ``url`` is read from by this mirror, or ``None`` where the pattern does not fit."""
        match = self.pattern.fullmatch(url)
        if match is None:
            return None
        parts = match.groupdict()
        target = _PLACEHOLDER.sub(lambda found: parts[found[1]], self.target)
        return Address(url=url, target=target, protocol=self.protocol)


def locate(url: str, mirrors: Sequence[Mirror], hosts: Sequence[str]) -> Address:
    """Return where the repository with the canonical URL ``url`` is to be read: the first mirror that fits, or itself.

    :param hosts: hosts that may be asked directly.
    :raises MalformedError: ``url`` is no canonical repository URL (``SOURCE_URL_REFUSED``).
    :raises UnavailableError: its host is none that we ask (``SOURCE_HOST``).
    """
    match = _REPOSITORY.fullmatch(url) if len(url) <= MAX_URL else None
    if match is None:
        raise MalformedError(
            f"{show(url, limit=120)} is no repository URL of the form https://host/owner/repository",
            code="SOURCE_URL_REFUSED",
        )
    for mirror in mirrors:
        if found := mirror.address(url):
            return found
    host = match[1] or match[2]
    if host not in hosts:
        raise UnavailableError(
            f"{host} is none of the hosts that are asked for repositories ({', '.join(hosts)})",
            code="SOURCE_HOST",
            hint=f"If you trust it, add --allow-host {host}, or name a mirror with --git-mirror.",
        )
    return Address(url=url, target=url, protocol=Protocol.HTTPS)


def _protocol(text: str, target: str) -> Protocol:
    """Return what git speaks to a mirror's target: what the user names may be private, or plain http on loopback."""
    if target.startswith("/"):
        if ".." in PurePosixPath(target).parts:
            raise _unusable(text, "the path has '..' in it")
        return Protocol.FILE
    try:
        parts = urlsplit(target)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise _unusable(text, f"the target is no URL: {error}") from error
    if parts.scheme not in {"http", "https"}:
        raise _unusable(text, "the target is neither an absolute path nor an http or https URL")
    if not re.fullmatch(r"[A-Za-z0-9.-]+|[0-9a-fA-F:.]+", host) or host.startswith("-"):
        raise _unusable(text, "the target's host is unusable")
    if "@" in parts.netloc or "\\" in target or parts.query or parts.fragment:
        raise _unusable(text, "the target has a password, a query or a backslash in it")
    if parts.scheme == "http" and not _loopback(host):
        raise _unusable(text, "plain http is for mirrors on this machine (127.0.0.1) only")
    return Protocol(parts.scheme)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unusable(text: str, why: str) -> UsageError:
    return UsageError(f"--git-mirror {show(text, limit=200)}: {why}", code="GIT_MIRROR", hint=_EXAMPLE)
