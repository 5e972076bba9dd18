"""The outcome in words for those who read contracts and not code: clauses that follow *because*.

They are made of the check and its status alone. What exactly was found stands in the evidence below them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenly.report.words import foreign

SYMBOL: Final[Mapping[str, str]] = {"passed": "✓", "failed": "✗", "absent": "○", "unchecked": "?"}
"""A sign for each status; it always stands beside the word, and its colour says nothing that the word does not."""

MEANING: Final[Mapping[str, str]] = {
    "passed": "looked at, and in order",
    "failed": "looked at, and not in order",
    "absent": "looked for, and there is none",
    "unchecked": "could not be looked at",
}
"""What each status says, for people."""

ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "allow": ("✓", "may be used"),
    "warn": ("!", "may be used, once the warnings below have been read"),
    "hold": ("‖", "should not be used until a person has looked into what is open"),
    "deny": ("✗", "must not be used"),
}
"""A sign for each verdict, and what it asks of the reader under the policy."""

FAILED: Final[Mapping[str, str]] = {
    "artifact-integrity": "the downloaded file is not the one that the registry describes",
    "artifact-layout": "the file is packed in a way that different programs read differently",
    "manifest-match": "the registry describes the package otherwise than the package describes itself",
    "registry-signature": "the registry's signature does not fit this package",
    "publish-attestation": "the registry's public statement about this version does not hold",
    "publish-identity": "the registry's public statement names another package, version or registry",
    "provenance": "the signed statement of how the package was built does not hold",
    "provenance-identity": "the signed statement of how the package was built contradicts its own certificate",
    "provenance-builder": "the package was not built by a build service that is known",
    "provenance-source": "the package was built from another repository than the one that it names as its source",
    "provenance-commit": "the package was built from another state of the source than the one that was compared",
    "provenance-workflow": "the package was built in circumstances in which a stranger can have taken part",
    "source-reachable": "the source that the package names is not there, or is not part of the project's history",
    "source-acknowledged": "the project that the package names as its source does not know the package",
    "version-known": "the project that the package names as its source does not know this version",
    "source-match": "the package holds program code that its published source does not account for",
    "source-data": "the package holds files that its published source does not account for",
    "install-scripts": "merely installing the package runs program code",
    "bundled-dependencies": "the package brings along other packages that nobody looked at",
    "dependencies": "the package depends on something that does not come from the registry by its own name",
    "tree-complete": "what an installation would bring along is not wholly known",
    "tree-integrity": "a dependency has no digest, or another one than its registry names",
    "tree-signatures": "the registry's signature does not fit a dependency",
    "tree-provenance": "the signed statement of how a dependency was built does not hold",
    "tree-scripts": "a dependency runs program code when it is installed",
    "tree-status": "the publisher of a dependency no longer stands by it",
    "tree-age": "a dependency was published too recently",
    "version-status": "the publisher no longer stands by this version",
    "version-age": "this version was published too recently",
    "continuity": "this version was not published in the way of those before it",
    "launch-pinned": "the request names no exact version, so that the next start may run another one",
}
"""Check → what it means that it failed."""

_BUILD_CHECKS: Final = (
    "provenance",
    "provenance-identity",
    "provenance-builder",
    "provenance-source",
    "provenance-commit",
    "provenance-workflow",
)
_STATEMENT_CHECKS: Final = ("publish-attestation", "publish-identity")
_TREE_CHECKS: Final = tuple(check for check in FAILED if check.startswith("tree-"))

ABSENT: Final[Mapping[str, str]] = {
    "registry-signature": "the registry has not signed this version",
    **dict.fromkeys(_STATEMENT_CHECKS, "the registry made no public statement about this version"),
    **dict.fromkeys(_BUILD_CHECKS, "nobody has signed how the package was built"),
    "source-reachable": "the package names no source that could be looked at",
    "source-acknowledged": "no project acknowledges the package as its own",
    "version-known": "there is no source that could know this version",
    "source-match": "there is no source to compare the program code with",
    "source-data": "there is no source to compare the files with",
    "continuity": "there is no earlier version to compare this one with",
}
"""Check → what it means that there is nothing to look at. Checks of one statement lack it together: one clause."""

UNCHECKED: Final[Mapping[str, str]] = {
    "registry-signature": "the registry's signature could not be had",
    **dict.fromkeys(_STATEMENT_CHECKS, "the registry's public statement about this version could not be had"),
    **dict.fromkeys(_BUILD_CHECKS, "the signed statement of how the package was built could not be had"),
    "source-reachable": "the source that the package names could not be read",
    "source-match": "the program code could not be compared with its source",
    "continuity": "the version could not be compared with those before it",
    **dict.fromkeys(_TREE_CHECKS, "the dependencies could not be looked at"),
}
"""Check → what it means that nobody could look."""

_CLAUSES: Final = {"failed": FAILED, "absent": ABSENT, "unchecked": UNCHECKED}

_OTHERWISE: Final = {
    "failed": "the check {} failed",
    "absent": "what the check {} looks for does not exist",
    "unchecked": "the check {} could not be made",
    "passed": "the policy objects to what the check {} found",
}


def clause(check: str, status: str) -> str:
    """Return what an outcome means, as a clause that follows *because*."""
    known = _CLAUSES.get(status, {}).get(check)
    return known or _OTHERWISE.get(status, _OTHERWISE["unchecked"]).format(foreign(check, limit=64))
