"""The checks: one question a module. What is not in :data:`CHECKS` does not run."""

from __future__ import annotations

from typing import Final

from provenly.verify.checks import (
    artifact_integrity,
    artifact_layout,
    bundled_dependencies,
    continuity,
    dependencies,
    install_scripts,
    launch_pinned,
    manifest_match,
    provenance,
    provenance_builder,
    provenance_commit,
    provenance_identity,
    provenance_source,
    provenance_workflow,
    publish_attestation,
    publish_identity,
    registry_signature,
    source_acknowledged,
    source_data,
    source_match,
    source_reachable,
    version_age,
    version_known,
    version_status,
)
from provenly.verify.checks.base import Check

CHECKS: Final[tuple[Check, ...]] = (
    artifact_integrity,
    artifact_layout,
    manifest_match,
    registry_signature,
    publish_attestation,
    publish_identity,
    provenance,
    provenance_identity,
    provenance_builder,
    provenance_source,
    provenance_commit,
    provenance_workflow,
    source_reachable,
    source_acknowledged,
    version_known,
    source_match,
    source_data,
    install_scripts,
    bundled_dependencies,
    dependencies,
    version_status,
    version_age,
    continuity,
    launch_pinned,
)
