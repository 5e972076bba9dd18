"""Saving a verification for an audit, and replaying a saved one.

A replay runs the same checks over the saved answers, at the saved time, with no network. It must reach the evidence
that was saved; where it does not (another version of provenly, a folder that was tampered with consistently), a note in
the report says which checks differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from provenly.trust import strict_json
from provenly.trust.artifact import Artifact
from provenly.trust.digest import Digest
from provenly.trust.errors import UsageError
from provenly.trust.evidence import Evidence
from provenly.trust.model import Note, Package, Reference, Selector
from provenly.trust.strict_json import Json
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.context import Context, Progress, Registries, Transport
from provenly.verify.esbuild.esbuild import PLATFORM_PACKAGE, Esbuild
from provenly.verify.evidence import evidence_folder, evidence_reader
from provenly.verify.evidence.recording import (
    Exchange,
    Recorder,
    RecordingAnchors,
    RecordingForge,
    RecordingResolver,
    RecordingTransport,
)
from provenly.verify.evidence.replay import (
    ReplayAnchors,
    ReplayForge,
    ReplayRepository,
    ReplayResolver,
    ReplayTransport,
)
from provenly.verify.tarball.local_files import read_local
from provenly.verify.tracing.isolates import Tracers
from provenly.version import VERSION

LOCAL_ARCHIVE = "file:"
"""The URL under which an archive of the user's own disk is saved."""


def as_json(evidence: Sequence[Evidence]) -> list[Json]:
    """Return evidence as JSON: the form in which it is saved, and compared after a replay."""
    return [
        {
            "check": item.check,
            "status": str(item.status),
            "strength": item.strength,
            "summary": item.summary,
            "expected": item.expected,
            "actual": item.actual,
            "hint": item.hint,
            "facts": item.facts,
            "consulted": item.consulted,
        }
        for item in evidence
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A verification that is being recorded. ``context`` is the one to verify with."""

    context: Context
    recorder: Recorder

    def save(self, folder: Path, reference: Reference, evidence: Sequence[Evidence], artifact: Artifact | None) -> None:
        """Write the evidence folder.

        :param artifact: what was verified, where it could be read.
        :raises UsageError: ``folder`` cannot be written or holds something else, or the package is an unpacked folder
            or an archive whose bytes are no longer those that were verified.
        """
        check_target(folder, reference)
        if reference.selector is Selector.FILE:
            archive = read_local(reference.path)
            if artifact is not None and Digest.of(archive) != artifact.sha256:
                raise UsageError(
                    f"{reference.text} has changed while it was being verified",
                    code="EVIDENCE_CHANGED",
                    hint="Verify it again once nothing writes to it.",
                )
            exchange = Exchange(url=LOCAL_ARCHIVE, accept="", answer=archive)
            self.recorder.exchanges[LOCAL_ARCHIVE, ""] = exchange
        question = evidence_folder.Question(
            reference=reference,
            checked_at=self.context.now,
            registry=self.context.registries.base(reference.name),
            source=self.context.source,
            attestations=self.context.attestations,
            deps=self.context.depth,
            before=self.context.before,
            tool=VERSION,
        )
        evidence_folder.save(folder, question, self.recorder, strict_json.canonical(tuple(as_json(evidence))))


def check_target(folder: Path, reference: Reference) -> None:
    """Refuse what cannot be saved, or not there, before any work is done.

    :raises UsageError: the package is an unpacked folder, or ``folder`` holds something else.
    """
    if reference.selector is Selector.FOLDER:
        raise UsageError(
            "the evidence of an unpacked folder cannot be saved",
            code="EVIDENCE_FOLDER",
            hint="Pack it with npm pack and verify the archive.",
        )
    evidence_folder.check_target(folder)


@contextmanager
def recording(context: Context) -> Iterator[Recorded]:
    """Give a context that remembers everything it is asked."""
    recorder = Recorder()
    transport = RecordingTransport(context.transport, recorder)
    with ExitStack() as stack:
        compilers = context.compilers
        if compilers is not None:
            # Without results that were kept before: a replay has none, and needs the compiler itself.
            compilers = stack.enter_context(_compilers(transport, context.registries, context.progress))
        esbuild = context.esbuild
        if esbuild is not None:
            esbuild = stack.enter_context(_esbuild(transport, context.registries, context.progress))
        tracers = context.tracers
        if tracers is not None:
            tracers = stack.enter_context(_tracers(transport, context.registries))
        yield Recorded(
            context=replace(
                context,
                transport=transport,
                forge=RecordingForge(context.forge, recorder),
                anchors=RecordingAnchors(context.anchors, recorder),
                compilers=compilers,
                esbuild=esbuild,
                tracers=tracers,
                prints=None,
                resolver=context.resolver and RecordingResolver(context.resolver, recorder),
            ),
            recorder=recorder,
        )


def _compilers(transport: Transport, registries: Registries, progress: Progress) -> Compilers:
    """Return compilers that are fetched through ``transport``, and keep nothing."""
    return Compilers(transport, None, progress, registry=registries.base("typescript"))


def _esbuild(transport: Transport, registries: Registries, progress: Progress) -> Esbuild:
    """Return an esbuild that is fetched through ``transport``, for this platform, and keeps nothing."""
    return Esbuild(transport, None, progress, registry=registries.base(PLATFORM_PACKAGE))


def _tracers(transport: Transport, registries: Registries) -> Tracers:
    """Return what takes bundles apart, with a parser that is fetched through ``transport``."""
    return Tracers(transport, registry=registries.base("typescript"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """A saved verification, ready to be verified again."""

    reference: Reference
    context: Context
    saved: bytes
    asked: Reference
    folder: Path

    def confirm(self, package: Package | None) -> None:
        """Refuse an answer about another version than the one that was asked for.

        :param package: what the replay was about.
        :raises UsageError: an exact version was asked for, and this is another one (``EVIDENCE_OTHER``).
        """
        if self.asked.selector is Selector.EXACT and (package is None or package.version != self.asked.spec):
            same = (self.asked.name, self.asked.spec) == (self.reference.name, self.reference.spec)
            if package is not None or not same:
                raise _other(self.folder, self.reference, self.asked)

    def remarks(self, evidence: Sequence[Evidence]) -> tuple[Note, ...]:
        """Return a note where the replay came to other evidence than was saved, naming the checks."""
        now = tuple(as_json(evidence))
        if strict_json.canonical(now) == self.saved:
            return ()
        before = strict_json.loads(self.saved, what="the saved evidence", max_bytes=evidence_folder.MAX_INDEX)
        known = {strict_json.canonical(item) for item in before} if isinstance(before, tuple) else set()
        differing = [
            item.check for item, form in zip(evidence, now, strict=True) if strict_json.canonical(form) not in known
        ]
        text = (
            f"this replay differs from the saved evidence in {', '.join(differing) or 'the order or number of checks'}"
        )
        return (Note(code="EVIDENCE_DIFFERS", text=text),)


class _OneRegistry:
    """The registry that was asked when the evidence was saved."""

    def __init__(self, base: str) -> None:
        self._base = base

    def base(self, name: str) -> str:
        """Return it, whatever the package."""
        del name
        return self._base


@contextmanager
def replay(folder: Path, asked: Reference, progress: Progress) -> Iterator[Replayed]:
    """Give a context that answers from an evidence folder.

    :param asked: the reference on the command line: the folder itself, or the package that must be in it.
    :raises UsageError: ``folder`` is none, or is about another package than ``asked``.
    :raises MalformedError: it is not as it was saved.
    """
    saved = evidence_reader.load(folder)
    exactly = (asked.name, asked.selector, asked.spec)
    same = exactly == (saved.reference.name, saved.reference.selector, saved.reference.spec)
    versions = asked.name == saved.reference.name and asked.selector is Selector.EXACT
    if asked.selector is not Selector.EVIDENCE and not same and not versions:
        raise _other(folder, saved.reference, asked)
    with ExitStack() as stack:
        repositories = {item.url: ReplayRepository(item) for item in saved.repositories}
        for repository in repositories.values():
            stack.callback(repository.close)
        transport, registries = ReplayTransport(saved.exchanges), _OneRegistry(saved.registry)
        context = Context(
            now=saved.checked_at,
            transport=transport,
            registries=registries,
            forge=ReplayForge(repositories),
            progress=progress,
            anchors=ReplayAnchors(saved.anchors),
            attestations=saved.attestations,
            source=saved.source,
            compilers=stack.enter_context(_compilers(transport, registries, progress)),
            esbuild=stack.enter_context(_esbuild(transport, registries, progress)),
            tracers=stack.enter_context(_tracers(transport, registries)),
            offline=True,
            depth=saved.deps,
            resolver=ReplayResolver(saved.exchanges),
            before=saved.before,
        )
        yield Replayed(reference=saved.reference, context=context, saved=saved.evidence, asked=asked, folder=folder)


def _other(folder: Path, saved: Reference, asked: Reference) -> UsageError:
    return UsageError(
        f"{folder} is the evidence for {saved.text}, not for {asked.text}",
        code="EVIDENCE_OTHER",
        hint=f"Ask with provenly verify --evidence {folder}, or save the evidence of the package that you mean.",
    )
