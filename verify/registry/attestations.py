"""Attestation documents: where a registry keeps them, and what it means that it has none.

A document is asked for on the registry itself, wherever the packument says that it is: attestations are bound to the
archive by their own subject, so that a registry, a mirror or a proxy can withhold them and cannot forge them. What may
be withheld is the reason why "none is served" has three meanings here: there is none (npm advertises what it has);
nobody can say (a mirror that leaves out the signatures of a registry that signs everything leaves out the attestations
as well); and one that is advertised is kept back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from provenly.trust.errors import NotFoundError, UnavailableError, UsageError
from provenly.trust.model import Package, Release
from provenly.trust.text import show
from provenly.verify.context import Context
from provenly.verify.registry import named_file, names

ACCEPT: Final = "application/json"

MAX_DOCUMENT: Final = 4 * 1024 * 1024
"""Bytes of an attestation document, as many as :mod:`provenly.trust.attestations.document` reads. Real ones have some
20 kB for a publish attestation and a provenance."""

SIGNING_REGISTRIES: Final = frozenset({"https://registry.npmjs.org"})
"""Registries that sign every version (npm since 2022, https://docs.npmjs.com/about-registry-signatures). One of these
that serves no signature is answered for by a mirror that strips them."""

GIVEN: Final = "--attestations"
"""What stands for the place of a document that the user obtained elsewhere."""

ASK_REGISTRY: Final = f"Verify against the registry itself; {GIVEN} FILE takes attestations from elsewhere."
"""What to do where a mirror leaves out signatures and attestations: one cause, and so one remedy for every check."""

ASK_BY_NAME: Final = f"Verify the package by its name; {GIVEN} FILE takes its attestations from elsewhere."
"""What to do about everything that only a registry says, and that is not known of a file."""

_PATH: Final = "/-/npm/v1/attestations/"


def usual_path(name: str, version: str) -> str:
    """Return the path, below a registry's base URL, at which npm keeps the attestations of a version."""
    return f"{_PATH}{names.escaped(name)}@{version}"


def place(package: Package, context: Context) -> str:
    """Return where the document of ``package`` comes from: its URL, or :data:`GIVEN`."""
    return GIVEN if context.attestations is not None else package.registry + package.attestations


def acquire(package: Package, context: Context) -> bytes:
    """Return the attestation document of a version, as it is served; nothing of it was looked at.

    A document that the user gave takes the place of whatever the registry says.

    :raises NotFoundError: the version was published without attestations (``ATT_NONE``): an answer.
    :raises UnavailableError: the registry could not be asked; it keeps back what it advertises (``ATT_MISSING``); a
        mirror leaves out evidence (``ATT_STRIPPED``); or nobody is there to ask, for a file (``ATT_LOCAL``).
    :raises MalformedError: the document is too large (``NET_TOO_LARGE``).
    """
    if context.attestations is not None:
        return context.attestations
    if package.attestations:
        return _fetch(package.registry + package.attestations, f"{package.name}@{package.version}", context)
    if not package.registry:
        raise UnavailableError(
            "a file on this machine carries no attestations",
            code="ATT_LOCAL",
            hint=ASK_BY_NAME,
        )
    if package.registry in SIGNING_REGISTRIES and not package.signatures_served:
        raise UnavailableError(
            "no attestations are served, but neither are signatures: a mirror or proxy between leaves evidence out",
            code="ATT_STRIPPED",
            hint=ASK_REGISTRY,
        )
    raise NotFoundError(
        "this version was published without attestations",
        code="ATT_NONE",
        hint="Publish from a CI workflow with npm publish --provenance.",
    )


def acquire_previous(package: Package, before: Release, context: Context) -> bytes:
    """Return the attestation document of the version before, whose registry advertises one.

    :raises UnavailableError: as :func:`acquire`.
    :raises MalformedError: as :func:`acquire`.
    """
    url = package.registry + usual_path(package.name, before.version)
    return _fetch(url, f"{package.name}@{before.version}", context)


def read_given(path: str) -> bytes:
    """Return the document that the user obtained elsewhere.

    :raises UsageError: it cannot be read, is no regular file, or is too large (``ATT_FILE``).
    """
    try:
        return named_file.read(Path(path), max_bytes=MAX_DOCUMENT)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise UsageError(
            f"{GIVEN} {show(path)} cannot be read: {reason}",
            code="ATT_FILE",
            hint="Name a file with what a registry serves at /-/npm/v1/attestations/NAME@VERSION.",
        ) from error


def _fetch(url: str, whose: str, context: Context) -> bytes:
    what = f"the attestations of {whose}"
    try:
        return context.transport.get(url, accept=ACCEPT, max_bytes=MAX_DOCUMENT, what=what).body
    except NotFoundError as error:
        # Not "there is none": the registry says in one place that it has them, and in another that it has not.
        raise UnavailableError(
            f"the registry advertises attestations for {whose} and does not serve them",
            code="ATT_MISSING",
            hint="A mirror between may leave them out: verify against the registry itself.",
        ) from error
