"""The whole program in a few lines: parse, gather, decide, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from provenly.policies.decide import decide
from provenly.policies.load import load_named
from provenly.trust.errors import UsageError
from provenly.trust.model import Note, Reference, Selector, SourceClaim
from provenly.trust.verdict import Report
from provenly.verify import reference as references
from provenly.verify.context import Context, Progress, Silence
from provenly.verify.gather import Findings, gather

if TYPE_CHECKING:
    from provenly.policies.rules import Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to verify. The defaults are those of the command line.

    :param policy: the name of a packaged policy, or the path of a policy file.
    :param source: a repository to compare with whatever the package claims, ``URL[#COMMIT]``; empty for its claims.
    :param evidence: an evidence folder to replay; empty for none.
    :param save_evidence: a folder to save what was consulted in; empty for none.
    :param registry: the base URL of the registry; empty for npm's, or the one that ``npmrc`` names.
    :param npmrc: ``user``, ``project`` or paths of .npmrc files to read.
    :param ca_file: certificate authorities (PEM) to trust instead of the system's.
    :param git_mirrors: ``URL-PATTERN=MIRROR`` pairs, the first that matches wins.
    :param allow_hosts: git hosts to follow source claims to, beside the well-known forges.
    :param offline: whether only caches, files and local mirrors may be read.
    :param cache: the cache folder; empty for the user's.
    :param at: the reference time, ISO 8601; empty for now.
    """

    policy: str = "default"
    source: str = ""
    evidence: str = ""
    save_evidence: str = ""
    registry: str = ""
    npmrc: tuple[str, ...] = ()
    ca_file: str = ""
    git_mirrors: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    offline: bool = False
    cache: str = ""
    at: str = ""


def verify(text: str, options: Options | None = None) -> Report:
    """Verify one package.

    :param text: a reference, as on the command line.
    :raises UsageError: the reference or an option makes no sense. Everything else is in the report.
    """
    return prepare([text], options or Options(), Silence())(text)


def prepare(texts: Sequence[str], options: Options, progress: Progress) -> Callable[[str], Report]:
    """Check a whole request, then return the function that verifies its references one by one.

    :raises UsageError: a reference or an option makes no sense; nothing was fetched.
    """
    parsed = {text: references.parse(text) for text in texts}
    policy = load_named(options.policy)
    now = _time(options.at)

    def one(text: str) -> Report:
        reference = parsed[text]
        if options.evidence or reference.selector is Selector.EVIDENCE:
            return _replay(options.evidence or reference.path, reference, policy)
        return _verify(reference, options, policy, now, progress)

    return one


def _verify(reference: Reference, options: Options, policy: Policy, now: datetime, progress: Progress) -> Report:
    from provenly.verify import recording, surroundings

    context = surroundings.context(
        surroundings.Surroundings(
            registry=options.registry,
            npmrc=options.npmrc,
            ca_file=options.ca_file,
            git_mirrors=options.git_mirrors,
            allow_hosts=options.allow_hosts,
            offline=options.offline,
            cache=options.cache,
            source=options.source,
        ),
        now,
        progress,
    )
    if not options.save_evidence:
        return _report(reference, now, policy, gather(reference, context))
    recorder = recording.Recorder()
    recorded = replace(
        context,
        transport=recording.RecordingTransport(context.transport, recorder),
        forge=recording.RecordingForge(context.forge, recorder),
    )
    findings = gather(reference, recorded)
    _save(options.save_evidence, reference, recorded, recorder, findings)
    return _report(reference, now, policy, findings)


def _report(
    reference: Reference, now: datetime, policy: Policy, findings: Findings, notes: tuple[Note, ...] = ()
) -> Report:
    return Report(
        tool_version=version("provenly"),
        reference=reference,
        checked_at=now,
        package=findings.package,
        artifact=findings.artifact,
        source=findings.source,
        comparison=findings.comparison,
        evidence=findings.evidence,
        verdict=decide(policy, findings.evidence, findings.package, now),
        notes=findings.notes + notes,
    )
