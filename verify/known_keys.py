"""The keys of registries as the user knows them: the registry's own, and npm's where a mirror passes its packages on.

A mirror, or a registry of a company with keys of its own, serves npm's packages with npm's signatures. That npm signed
says as much about an archive wherever it was fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenly.trust.errors import MalformedError, UnavailableError

if TYPE_CHECKING:
    from provenly.trust.roots.material import Material
    from provenly.trust.roots.model import RegistryKeys
    from provenly.verify.context import Context


def own(registry: str, context: Context) -> RegistryKeys:
    """Return the keys of the registry with this base URL; for a file on this machine, which has none, those of npm.

    :raises UnavailableError: none are known (``TRUST_NO_KEYS``), or what we have of them cannot be read.
    """
    from provenly.trust.roots import embedded

    registry = registry or embedded.NPM_REGISTRY
    return _load(context.anchors.registry_keys(registry), registry)


def passed_on(registry: str, context: Context) -> RegistryKeys | None:
    """Return npm's keys for another registry, or ``None`` for npm's own, which passes on nobody else's.

    :raises UnavailableError: what we have of them cannot be read.
    """
    from provenly.trust.roots import embedded

    if registry in {"", embedded.NPM_REGISTRY}:
        return None
    return _load(context.anchors.npm_keys(), embedded.NPM_REGISTRY)


def _load(material: Material, registry: str) -> RegistryKeys:
    from provenly.trust.roots import npm_keys

    try:
        return npm_keys.load(material, registry)
    except MalformedError as error:
        # What is wrong is our side of the scales, which says nothing about the package.
        raise UnavailableError(error.message, code=error.code, hint=error.hint) from error
