"""From a reference to evidence: acquire every part that can be had, then ask every check.

This is the one place where errors become evidence::

    UnavailableError                  → unchecked
    MalformedError, RejectedError     → failed

Any other exception is a bug of ours and is not caught: the command ends with exit code 70, never with a verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from provenly.trust.artifact import Artifact, Listing, admit_unclaimed
from provenly.trust.errors import Error, LayoutError, MalformedError, RejectedError, UnavailableError
from provenly.trust.evidence import Comparison, Evidence, Status
from provenly.trust.graph import Graph
from provenly.trust.model import Note, Package, Reference, Release, Selector
from provenly.trust.source import Source
from provenly.trust.strict_json import Json
from provenly.verify import attested
from provenly.verify.attested import Built, Judged
from provenly.verify.checks import CHECKS
from provenly.verify.checks.base import Check
from provenly.verify.comparison import compare, manifest, surface
from provenly.verify.context import Context
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.explain.scene import Tools
from provenly.verify.graph import tree
from provenly.verify.graph.model import Depth, Tree
from provenly.verify.registry import attestations, npm
from provenly.verify.sources import acknowledge, attested_source, settle, source
from provenly.verify.sources.acknowledge import Acknowledgement
from provenly.verify.sources.source import Found
from provenly.verify.subject import MISSING, Subject
from provenly.verify.tarball import archive, artifact, folder

MAX_SECONDS: Final = 600.0
"""Seconds after which nothing more is compiled, bundled, traced or compared with another commit, whatever the limits of
each allow. Ordinary packages need a tenth; what is left then is unexplained and says so."""

Part = TypeVar("Part")


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was seen. Parts that could not be had are ``None``; the evidence says why."""

    package: Package | None
    artifact: Artifact | None
    source: Source | None
    comparison: Comparison | None
    evidence: tuple[Evidence, ...]
    notes: tuple[Note, ...]
    graph: Graph | None = None


def gather(reference: Reference, context: Context) -> Findings:
    """Look at everything that the checks ask about.

    :raises UsageError: the reference names nothing that exists; there is nothing to look at.
    """
    subject = look(reference, context)
    context.progress.step("Checking")
    return Findings(
        package=_there(subject.package_or),
        artifact=_there(subject.artifact_or),
        source=subject.found_or.source if not isinstance(subject.found_or, Error) else None,
        comparison=_there(subject.comparison_or),
        evidence=tuple(observe(check, subject) for check in CHECKS),
        notes=notes(subject),
        graph=subject.tree_or.graph if isinstance(subject.tree_or, Tree) else None,
    )


def observe(check: Check, subject: Subject) -> Evidence:
    """Ask one check; what it raises becomes its evidence."""
    try:
        return check.check(subject)
    except UnavailableError as error:
        return _evidence(check, Status.UNCHECKED, error)
    except RejectedError as error:
        return _evidence(check, Status.FAILED, error, expected=error.expected, actual=error.actual)
    except MalformedError as error:
        return _evidence(check, Status.FAILED, error)


def look(reference: Reference, context: Context) -> Subject:
    """Acquire the parts in order; each is there, or is the error that says why it is not."""
    step = context.progress.step
    package_or, artifact_or = archived(reference, context)
    manifest_or, surface_or = inside(artifact_or)
    step("Reading the attestations")
    attested_or = _attested(reference, package_or, artifact_or, context)
    provenance_or = _provenance(attested_or, package_or)
    held, packed = _held(provenance_or), _there(manifest_or)
    builds = (None, None) if isinstance(package_or, Error) else attested.compared_builds(package_or)
    previous_or, settled_or = (_before(package_or, build, provenance_or, context) for build in builds)
    step("Looking for the source")
    found_or = _after(
        package_or,
        lambda package: _after_or_raise(
            artifact_or, lambda item: source.find(attested_source.followed(held, package, packed), item, context)
        ),
    )
    acknowledgement_or = _after(
        found_or,
        lambda found: _after_or_raise(package_or, lambda package: _acknowledgement(found, package, held, packed)),
    )
    step("Comparing with the source")
    # After the acknowledgement, to which a commit that is found by comparing must add nothing.
    compared_or = _after(
        found_or,
        lambda found: _after_or_raise(
            artifact_or,
            lambda item: settle.settle(found, item, context, surface=_there(surface_or), tools=_tools(context)),
        ),
    )
    comparison_or: Comparison | Error
    if isinstance(compared_or, Error):
        comparison_or = compared_or
    else:
        found_or, comparison_or = compared_or.found, compared_or.comparison
    tree_or = (
        None
        if context.depth is Depth.NONE
        else _after(
            package_or,
            lambda package: _after_or_raise(artifact_or, lambda item: tree.look(package, item, context)),
        )
    )
    return Subject(
        reference=reference,
        context=context,
        package_or=package_or,
        artifact_or=artifact_or,
        manifest_or=manifest_or,
        surface_or=surface_or,
        attested_or=attested_or,
        provenance_or=provenance_or,
        previous_or=previous_or,
        settled_or=settled_or,
        found_or=found_or,
        acknowledgement_or=acknowledgement_or,
        comparison_or=comparison_or,
        tree_or=tree_or,
    )


def archived(reference: Reference, context: Context) -> tuple[Package | Error, Artifact | Error]:
    """Return the registry's description and the archive, or what the user's own file or folder is.

    :raises UsageError: the reference names nothing that exists.
    """
    step = context.progress.step
    step("Reading the registry" if reference.name else "Reading the archive")
    if reference.selector in {Selector.FILE, Selector.FOLDER}:
        return _local(reference)
    package_or = _attempt(lambda: npm.resolve(reference, context))
    step("Downloading the archive")
    return package_or, _after(package_or, lambda package: artifact.acquire(package, context))


def inside(artifact_or: Artifact | Error) -> tuple[Mapping[str, Json] | Error, surface.Surface | Error]:
    """Return the package.json of an archive, and which of its files can run."""
    return _after(artifact_or, _manifest), _after(artifact_or, _surface)


def _tools(context: Context) -> Tools:
    """Return what the explainers may use of the surroundings."""
    return Tools(
        compilers=context.compilers,
        esbuild=context.esbuild,
        dependencies=Dependencies(context),
        tracers=context.tracers,
        prints=context.prints,
        progress=context.progress,
        until=time.monotonic() + MAX_SECONDS,
    )


def _attempt(acquire: Callable[[], Part]) -> Part | Error:
    """Return the part, or the error that kept it away. Usage errors and bugs go on up."""
    try:
        return acquire()
    except (UnavailableError, MalformedError, RejectedError) as error:
        return error


def _after(before: Part | Error, acquire: Callable[[Part], _Next]) -> _Next | Error:
    """Return the part that needs ``before``, or why it cannot be had."""
    return _attempt(lambda: _after_or_raise(before, acquire))


def _after_or_raise(before: Part | Error, acquire: Callable[[Part], _Next]) -> _Next:
    if isinstance(before, Error):
        raise UnavailableError(before.message, code=MISSING, hint=before.hint) from before
    return acquire(before)


_Next = TypeVar("_Next")


def _manifest(item: Artifact) -> Mapping[str, Json]:
    return manifest.load(item.contents["package.json"], f"package.json of {item.package.name}")


def _surface(item: Artifact) -> surface.Surface:
    return surface.survey(item.contents, {entry.path: entry.mode for entry in item.files})


def _local(reference: Reference) -> tuple[Package | Error, Artifact | Error]:
    """Read an archive or a folder of the user's; its own package.json describes it."""

    def read() -> tuple[bytes, Listing]:
        try:
            if reference.selector is Selector.FOLDER:
                return folder.read_folder(reference.path, artifact.identify_with_git)
            data = artifact.read_local(reference.path)
            return data, archive.read_tarball(data, artifact.identify_with_git)
        except MalformedError as error:
            raise LayoutError(error.message, code=error.code, hint=error.hint) from error

    content = _attempt(read)
    package_or = _after(
        content,
        lambda pair: npm.from_manifest(manifest.load(pair[1].contents["package.json"], "package.json"), reference.text),
    )
    artifact_or = _after(
        package_or,
        lambda package: _after_or_raise(
            content, lambda pair: admit_unclaimed(package, pair[0], reference.text, lambda _: pair[1])
        ),
    )
    return package_or, content if isinstance(content, Error) else artifact_or


def _attested(
    reference: Reference, package_or: Package | Error, artifact_or: Artifact | Error, context: Context
) -> Judged | Error:
    """Get the attestations and judge them. That there are none is known without the archive."""
    document_or = _after(package_or, lambda package: attestations.acquire(package, context))
    if isinstance(document_or, Error):
        return document_or
    if reference.selector is Selector.FOLDER:
        return UnavailableError(
            "an unpacked folder has no archive that an attestation could be about",
            code="ATT_FOLDER",
            hint="Verify the .tgz itself.",
        )
    return _after(
        package_or,
        lambda package: _after_or_raise(artifact_or, lambda item: attested.judge(document_or, package, item, context)),
    )


def _provenance(attested_or: Judged | Error, package_or: Package | Error) -> Built | Error:
    if isinstance(attested_or, Error):
        return attested_or
    advertised = not isinstance(package_or, Error) and package_or.provenance_advertised
    return _attempt(lambda: attested.read(attested_or, advertised=advertised))


def _held(provenance_or: Built | Error) -> Built | None:
    """Return the provenance where all that it says agrees with its certificate: only then is it followed."""
    if isinstance(provenance_or, Error) or isinstance(_attempt(lambda: attested.require(provenance_or)), Error):
        return None
    return provenance_or


def _before(
    package_or: Package | Error, before: Release | None, provenance_or: Built | Error, context: Context
) -> Built | Error | None:
    """Return the provenance of an earlier version to compare this version's with, where it has one."""
    if isinstance(package_or, Error) or before is None:
        return None
    if isinstance(provenance_or, Error):
        return UnavailableError(provenance_or.message, code=MISSING, hint=provenance_or.hint)
    return _attempt(lambda: attested.read_previous(package_or, before, context))


def _acknowledgement(
    found: Found, package: Package, held: Built | None, packed: Mapping[str, Json] | None
) -> Acknowledgement:
    vouched = attested_source.vouched(held, package, packed, found.source.repository) if held else ""
    return acknowledge.acknowledgement(found, package, vouched=vouched)


def _there(part: Part | Error) -> Part | None:
    return None if isinstance(part, Error) else part


def _evidence(check: Check, status: Status, error: Error, *, expected: str = "", actual: str = "") -> Evidence:
    return Evidence(
        check=check.ID,
        status=status,
        summary=error.message,
        expected=expected,
        actual=actual,
        hint=error.hint,
        facts={"code": error.code} if error.code else {},
    )


def notes(subject: Subject) -> tuple[Note, ...]:
    """Return what is worth a line in the report, in the order in which it was met, each once."""
    found: list[Note] = list(subject.reference.notes)
    if not isinstance(subject.package_or, Error):
        found.extend(subject.package_or.notes)
    if not isinstance(subject.artifact_or, Error):
        found.extend(subject.artifact_or.listing.notes)
    if not isinstance(subject.manifest_or, Error) and not isinstance(subject.artifact_or, Error):
        found.extend(manifest.examine(subject.manifest_or, tuple(subject.artifact_or.contents)))
    if not isinstance(subject.surface_or, Error):
        found.extend(subject.surface_or.notes)
        if not isinstance(subject.comparison_or, Error):
            found.extend(compare.unmatched_entries(subject.comparison_or, subject.surface_or))
    found.extend(attested.notes(subject.attested_or, subject.provenance_or))
    if not isinstance(subject.found_or, Error):
        found.extend(subject.found_or.source.notes)
    return tuple(dict.fromkeys(found))
