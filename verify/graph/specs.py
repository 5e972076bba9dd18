"""What a dependency's specification asks for: a package of a registry, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from provenly.trust.strict_json import Json
from provenly.verify.registry import names, versions

MEMBERS: Final = ("dependencies", "optionalDependencies", "peerDependencies")
"""The members of a manifest that npm installs for a user of the package."""

MAX_SPEC: Final = 1_024
"""Characters of a specification; addresses of git repositories have a hundred."""

_FILE: Final = re.compile(
    r"(?:file|link|portal|workspace|catalog):|\.|~/|/|\\|[A-Za-z]:|.*\.(?:tgz|tar\.gz|tar)$", re.IGNORECASE
)
"""Folders and archives beside the package (npm-package-arg), and what only other package managers understand."""

_REMOTE: Final = re.compile(r"https?://", re.IGNORECASE)
_TAG: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+", re.ASCII)
"""Dist-tags: what ``encodeURIComponent`` leaves alone."""


def elsewhere(name: str, spec: str) -> str:
    """Return where a specification leads other than to a registry: ``git``, ``url``, ``file`` or ``name``.

    :param name: the name that it is asked for by.
    :param spec: for example ``^1.2.0``, ``latest``, ``npm:other@1`` or ``github:owner/name``.
    :returns: an empty string for a range or a dist-tag of a registry's package, aliases among them; ``name`` where no
        package has that name. Whatever is none of these is taken for git, as npm does.
    """
    # The versions of a package mostly ask for the same; what is kept must not be as long as a document.
    return _elsewhere(name, spec) if len(name) + len(spec) <= MAX_SPEC else _elsewhere.__wrapped__(name, spec)


@lru_cache(maxsize=4_096)
def _elsewhere(name: str, spec: str) -> str:
    if names.fault(name):
        return "name"
    text = spec.strip()
    if text.lower().startswith("npm:"):
        target, wanted = alias(text)
        return "name" if names.fault(target) else elsewhere(target, wanted)
    if len(text) <= MAX_SPEC and (not text or versions.is_range(text)):
        return ""
    if _FILE.match(text):
        return "file" if not _REMOTE.match(text) else "url"
    if _REMOTE.match(text) and not text.partition("#")[0].endswith(".git"):
        return "url"
    return "" if _TAG.fullmatch(text) else "git"


def alias(spec: str) -> tuple[str, str]:
    """Return the name and the range of ``npm:name@range``."""
    target = spec.strip()[len("npm:") :]
    at = target.find("@", 1)
    return (target, "") if at < 0 else (target[:at], target[at + 1 :])


def asked(manifest: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Yield the member, name and specification of whatever a manifest asks for; what is no text is made one."""
    for member in MEMBERS:
        table = manifest.get(member)
        if isinstance(table, Mapping):
            for name, spec in table.items():
                yield member, name, spec if isinstance(spec, str) else str(spec)


def optional_peers(manifest: Mapping[str, Json]) -> frozenset[str]:
    """Return the peer dependencies that npm does not install by itself."""
    meta = manifest.get("peerDependenciesMeta")
    listed = meta.items() if isinstance(meta, Mapping) else ()
    return frozenset(name for name, what in listed if isinstance(what, Mapping) and what.get("optional") is True)
