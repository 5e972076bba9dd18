"""What conditions may ask about a package beside the evidence: sizes, counts, the source and the dependencies.

Parts that are not known are ``None``. What is read here is held to limits: a part that goes over one counts as not
known, and a condition that asks for it applies. So a live verification and a saved report, whose long texts are cut,
come to the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from provenly.trust.errors import MalformedError
from provenly.trust.evidence import FileClass
from provenly.trust.strict_json import Json, loads

if TYPE_CHECKING:
    from provenly.trust.artifact import Artifact
    from provenly.trust.evidence import Comparison
    from provenly.trust.graph import Dependency, Graph
    from provenly.trust.model import Package
    from provenly.trust.source import Source

MAX_MANIFEST: Final = 8 * 1024 * 1024
"""Bytes of a package.json that are read for its licence."""

MAX_LICENCES: Final = 16
"""Licences that a package may declare in the old array form, as in the JSON report."""

MAX_DEPENDENCIES: Final = 5_000
"""Dependencies that a condition can look through. CEL stops after 10,000 steps; large servers have some 1,500."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What conditions may ask about.

    :param size: of the archive in bytes.
    :param files: how many packed files each class has; the sizes in bytes beside it.
    :param total: of files; ``executable`` of them can be run.
    :param repository: with ``commit``, ``directory`` and ``found_by``: the source that was compared.
    :param licences: as the package declares them.
    :param dependencies: by the names that docs/policies.md lists; ``complete`` whether that is all of them.
    """

    size: int | None = None
    files: Mapping[str, int] | None = None
    sizes: Mapping[str, int] | None = None
    total: int = 0
    executable: int = 0
    repository: str | None = None
    commit: str = ""
    directory: str = ""
    found_by: str = ""
    licences: tuple[str, ...] | None = None
    dependencies: tuple[Mapping[str, object], ...] | None = None
    complete: bool = False

    @classmethod
    def of(
        cls,
        package: Package | None,
        artifact: Artifact | None,
        source: Source | None,
        comparison: Comparison | None,
        graph: Graph | None,
    ) -> Self:
        """Return the subject of a verification that has just been made."""
        return cls(
            size=None if artifact is None else artifact.size,
            files=None if comparison is None else {kind.value: comparison.count(kind) for kind in FileClass},
            sizes=None if comparison is None else {kind.value: comparison.size(kind) for kind in FileClass},
            total=0 if comparison is None else len(comparison.files),
            executable=0 if comparison is None else sum(file.executable for file in comparison.files),
            repository=None if source is None else source.repository,
            commit="" if source is None else source.commit,
            directory="" if source is None else source.directory,
            found_by="" if source is None else source.found_by.value,
            licences=_declared(package, artifact),
            dependencies=None if graph is None else tuple(_dependency(one) for one in graph.dependencies),
            complete=graph is not None and graph.complete,
        )


def _declared(package: Package | None, artifact: Artifact | None) -> tuple[str, ...] | None:
    """Return the licences that the packed package.json declares; where none can be read, the registry's document."""
    manifest: Json = package.manifest if package is not None else None
    data = artifact.contents.get("package.json") if artifact is not None else None
    if data is not None:
        try:
            packed = loads(data, what="package.json", max_bytes=MAX_MANIFEST, allow_bom=True)
        except MalformedError:
            packed = None
        manifest = packed if isinstance(packed, Mapping) else manifest
    if not isinstance(manifest, Mapping):
        return None
    found = manifest.get("license")
    found = manifest.get("licenses") if found is None else found
    texts = [
        one.get("type") if isinstance(one, Mapping) else one
        for one in (found[:MAX_LICENCES] if isinstance(found, tuple) else (found,))
    ]
    return tuple(text.strip() for text in texts if isinstance(text, str) and text.strip())


def _dependency(one: Dependency) -> Mapping[str, object]:
    return {
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "alias": one.alias,
        "url": one.url,
        "licence": one.licence,
        "scope": one.scope.value,
        "publisher": one.publisher,
        "published": "" if one.published is None else moment(one.published),
        "direct": one.direct,
        "deprecated": bool(one.deprecated),
        "install_scripts": one.install_scripts,
        "integrity": bool(one.integrity),
        "checks": {check: status.value for check, status in one.checks.items()},
        "notes": [note.code for note in one.notes],
    }


def moment(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC, as reports and CEL's ``timestamp()`` have it."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
