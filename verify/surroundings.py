"""Building the real surroundings of a verification from what the user asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provenly.trust.errors import UsageError
from provenly.trust.model import Claimant, Note, SourceClaim
from provenly.verify import anchors
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.context import Context, Progress
from provenly.verify.esbuild.esbuild import PLATFORM_PACKAGE, Esbuild
from provenly.verify.forge.repository import GitForge
from provenly.verify.graph.memory import Memory
from provenly.verify.graph.model import Depth
from provenly.verify.graph.resolver import NpmResolver
from provenly.verify.network.cache import Cache
from provenly.verify.registry import attestations, npmrc
from provenly.verify.registry.settings import Settings
from provenly.verify.sources import source_url
from provenly.verify.tracing.isolates import Tracers
from provenly.verify.transport import HttpTransport


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the user configured, as written. See :class:`provenly.api.Options` for the meaning of each."""

    registry: str = ""
    npmrc: tuple[str, ...] = ()
    ca_file: str = ""
    git_mirrors: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    offline: bool = False
    cache: str = ""
    source: str = ""
    attestations: str = ""
    trusted_root: str = ""
    npm_keys: str = ""
    deps: Depth = Depth.NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """The surroundings, in use.

    :param context: what a verification looks with.
    """

    context: Context
    _cache: Cache
    _settings: Settings
    _anchors: anchors.Anchors
    _now: datetime

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was odd about the configuration, the cache and what is trusted so far: nothing about a package."""
        return (*self._settings.notes, *self._cache.notes, *self._anchors.notes(self._now))


@contextmanager
def opened(asked: Surroundings, at: datetime, now: datetime, progress: Progress) -> Iterator[Opened]:
    """Give a context that reads the network and git as ``asked``, and close its connections at the end.

    :param at: the time as of which the package is judged.
    :param now: the time of the fetching, by which cached documents are fresh or not.
    :raises UsageError: an option makes no sense.
    """
    settings = configured(asked)
    source = named_source(asked.source) if asked.source else None
    document = attestations.read_given(asked.attestations) if asked.attestations else None
    trust = anchors.opened(None, trusted_root=asked.trusted_root, npm_keys=asked.npm_keys)
    with (
        Cache(Path(asked.cache) if asked.cache else Cache.default_root(), now) as cache,
        HttpTransport(cache, settings, offline=asked.offline, progress=progress) as transport,
        Compilers(transport, cache, progress, registry=settings.base("typescript")) as compilers,
        Esbuild(transport, cache, progress, registry=settings.base(PLATFORM_PACKAGE)) as esbuild,
        Tracers(transport, registry=settings.base("typescript")) as tracers,
    ):
        forge = GitForge(
            cache,
            asked.git_mirrors,
            allow_hosts=asked.allow_hosts,
            offline=asked.offline,
            proxy=settings.proxy.url if settings.proxy else "",
            ca_file=asked.ca_file,
        )
        context = Context(
            now=at,
            transport=transport,
            registries=settings,
            forge=forge,
            progress=progress,
            anchors=trust,
            attestations=document,
            source=source,
            compilers=compilers,
            esbuild=esbuild,
            tracers=tracers,
            prints=cache,
            offline=asked.offline,
            depth=asked.deps,
            resolver=NpmResolver(transport, settings, Memory(cache), progress, before=at if at < now else None),
            before=at if at < now else None,
        )
        yield Opened(context=context, _cache=cache, _settings=settings, _anchors=trust, _now=now)


def named_source(text: str) -> SourceClaim:
    """Read ``--source``: a repository, with the branch, tag or commit behind a ``#``.

    :raises UsageError: it names no repository that we follow (``SOURCE_OPTION``).
    """
    claim = source_url.claim(text, Claimant.USER)
    if claim is None or not claim.repository:
        raise UsageError(
            f"--source {text} names no repository" + (f": {claim.refused}" if claim and claim.refused else ""),
            code="SOURCE_OPTION",
            hint="Write https://github.com/OWNER/NAME, with #COMMIT behind it to name one.",
        )
    return claim


def configured(asked: Surroundings) -> Settings:
    """Read the ``.npmrc`` files and options that are about registries and the way to them.

    :raises UsageError: one of them makes no sense.
    """
    user = project = None
    for word in asked.npmrc:
        if word == "user":
            user = Path(os.environ.get("NPM_CONFIG_USERCONFIG") or Path.home() / ".npmrc")
        elif word == "project":
            project = Path(".npmrc")
        elif user is None:
            user = Path(word)
        else:
            raise UsageError("--npmrc names two files of the user's", code="OPTION_CONFLICT", hint="Name one of them.")
    return npmrc.load(
        user=user,
        project=project,
        environment=os.environ,
        registry=asked.registry,
        ca_file=Path(asked.ca_file) if asked.ca_file else None,
        tarball_hosts=asked.allow_hosts,
    )
