"""The whole program in a few lines: parse, gather, decide, report."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from provenly import reference_time
from provenly.policies import load as policies
from provenly.policies.decide import decide
from provenly.policies.rules import Policy
from provenly.policies.subject import Subject
from provenly.trust.errors import UsageError
from provenly.trust.model import Note, Reference, Selector
from provenly.trust.verdict import Report
from provenly.verify import surroundings
from provenly.verify.context import Progress, Repository, Silence
from provenly.verify.gather import Findings, gather
from provenly.verify.graph.model import Depth
from provenly.verify.references import reference as references
from provenly.version import VERSION

if TYPE_CHECKING:
    from provenly.vouching import Voucher


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to verify. The defaults are those of the command line.

    :param policy: the name of a packaged policy, or the path of a policy file.
    :param source: a repository to compare with whatever the package claims, ``URL[#COMMIT]``; empty for its claims.
    :param attestations: a file with the package's attestation document, obtained elsewhere; empty to ask the registry.
    :param evidence: an evidence folder to replay; empty for none.
    :param save_evidence: a folder to save what was consulted in; empty for none.
    :param registry: the base URL of the registry; empty for npm's, or the one that ``npmrc`` names.
    :param npmrc: ``user``, ``project`` or the path of an .npmrc file to read.
    :param ca_file: certificate authorities (PEM) to trust instead of the system's.
    :param git_mirrors: ``URL-PATTERN=MIRROR`` pairs, the first that matches wins.
    :param allow_hosts: hosts that may be asked besides: git hosts that ``source`` names, and hosts of archives.
    :param offline: whether only caches, files and local mirrors may be read.
    :param cache: the cache folder; empty for the user's.
    :param trusted_root: a Sigstore trusted root to go by; empty for the refreshed or the embedded one.
    :param npm_keys: a file with the registry's keys; empty for npm's, refreshed or embedded.
    :param at: the reference time, ISO 8601; empty for now.
    :param deps: how much of the tree of dependencies is looked at: ``none``, ``direct`` or ``all``.
    :param vsa: a file with a signed verification summary to go by where it holds; empty for none.
    :param vsa_key: the public key of the verifier who signed it, a PEM file.
    :param vsa_verifier: the id that this verifier must have; empty for provenly's own.
    :param vsa_policy: the verifier's policy, where it is none that comes with provenly; empty for none.
    :param vsa_max_age: how many hours old the summary may be; 0 for the usual 24.
    """

    policy: str = "default"
    source: str = ""
    attestations: str = ""
    evidence: str = ""
    save_evidence: str = ""
    registry: str = ""
    npmrc: tuple[str, ...] = ()
    ca_file: str = ""
    git_mirrors: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    offline: bool = False
    cache: str = ""
    trusted_root: str = ""
    npm_keys: str = ""
    at: str = ""
    deps: str = "none"
    vsa: str = ""
    vsa_key: str = ""
    vsa_verifier: str = ""
    vsa_policy: str = ""
    vsa_max_age: float = 0


def verify_package(text: str, options: Options | None = None) -> Report:
    """Verify one package.

    :param text: a reference, as on the command line.
    :raises UsageError: the reference or an option makes no sense. Everything else is in the report.
    :raises MalformedError: the evidence folder to replay is not as it was saved.
    """
    with Request([text], options or Options()) as request:
        return request.report(request.references[0])


class Request:
    """A request whose references, options and policy make sense. Use it as a context manager.

    :param words: the references as the command line splits them; a launch line may come in several words. None are
        needed where ``options`` name an evidence folder.
    :raises UsageError: a reference, an option or the policy makes no sense.
    """

    def __init__(self, words: Sequence[str], options: Options, progress: Progress | None = None) -> None:
        if not words and options.evidence:
            folder = Reference(text=options.evidence, selector=Selector.EVIDENCE, path=options.evidence)
            self.references: tuple[Reference, ...] = (folder,)
        else:
            self.references = references.parse_words(words)
        self._options = options
        self._progress = progress or Silence()
        self._policy: Policy = policies.load_named(options.policy)
        self._now = datetime.now(tz=UTC).replace(microsecond=0)
        self._at = reference_time.read(options.at, self._now)
        self._depth = _depth(options.deps)
        self._check_evidence()
        self._check_attestations()
        self._voucher = self._vouching()
        self._stack = ExitStack()
        self._opened: surroundings.Opened | None = None

    def _check_evidence(self) -> None:
        """Refuse what cannot be done with evidence folders before any work is done for it.

        :raises UsageError: options exclude each other, or the folder to save in is not free.
        """
        options = self._options
        if options.evidence or any(reference.selector is Selector.EVIDENCE for reference in self.references):
            given = {
                "--save-evidence": options.save_evidence,
                "--source": options.source,
                "--attestations": options.attestations,
                "--at": options.at,
                "--trusted-root": options.trusted_root,
                "--npm-keys": options.npm_keys,
            }
            for name in (name for name, value in given.items() if value):
                raise UsageError(
                    f"{name} has no meaning for evidence that was saved: a replay answers the saved question",
                    code="OPTION_CONFLICT",
                    hint=f"Leave {name} out, or verify the package itself.",
                )
        if not options.save_evidence:
            return
        if len(self.references) > 1:
            raise UsageError(
                "--save-evidence takes one package at a time",
                code="OPTION_CONFLICT",
                hint="Verify the packages one after the other, each with a folder of its own.",
            )
        from provenly.verify.evidence import audit

        audit.check_target(Path(options.save_evidence), self.references[0])

    def _check_attestations(self) -> None:
        """Refuse one package's attestations for several packages.

        :raises UsageError: there are several references.
        """
        if self._options.attestations and len(self.references) > 1:
            raise UsageError(
                "--attestations is about one package",
                code="OPTION_CONFLICT",
                hint="Verify the packages one after the other, each with its own document.",
            )

    def _vouching(self) -> Voucher | None:
        """Read the verification summary that was given, if one was.

        :raises UsageError: it has no meaning here, or a file of it cannot be read.
        :raises MalformedError: the key is none that is accepted.
        """
        options = self._options
        if not options.vsa:
            given = {
                "--vsa-key": options.vsa_key,
                "--vsa-verifier": options.vsa_verifier,
                "--vsa-policy": options.vsa_policy,
            }
            for name in (name for name, value in given.items() if value):
                hint = "Give the summary with --vsa."
                raise UsageError(f"{name} has no meaning without a summary", code="OPTION_CONFLICT", hint=hint)
            return None
        for name, value in (("--evidence", options.evidence), ("--save-evidence", options.save_evidence)):
            if value:
                message = f"{name} and --vsa exclude each other: by a summary, no evidence is looked at"
                raise UsageError(message, code="OPTION_CONFLICT", hint="Leave one of them out.")
        from provenly import vouching
        from provenly.sbom.vsa import VERIFIER

        asked = vouching.Asked(
            file=options.vsa,
            key=options.vsa_key,
            verifier=options.vsa_verifier or VERIFIER,
            policy=options.vsa_policy,
            max_age_hours=options.vsa_max_age or vouching.MAX_AGE_HOURS,
        )
        return vouching.Voucher(asked, self._policy)

    def __enter__(self) -> Self:
        """Open what the request looks with, so that an option without a meaning is said before anything is fetched.

        :raises UsageError: an option makes no sense.
        """
        saved = [reference.selector is Selector.EVIDENCE for reference in self.references]
        if not (self._options.evidence or all(saved)):
            asked = surroundings.Surroundings(
                registry=self._options.registry,
                npmrc=self._options.npmrc,
                ca_file=self._options.ca_file,
                git_mirrors=self._options.git_mirrors,
                allow_hosts=self._options.allow_hosts,
                offline=self._options.offline,
                cache=self._options.cache,
                source=self._options.source,
                attestations=self._options.attestations,
                trusted_root=self._options.trusted_root,
                npm_keys=self._options.npm_keys,
                deps=self._depth,
            )
            opening = surroundings.opened(asked, self._at, self._now, self._progress)
            self._opened = self._stack.enter_context(opening)
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self._stack.close()

    @property
    def remarks(self) -> tuple[Note, ...]:
        """What was odd about the configuration and the cache so far: nothing about a package."""
        return self._opened.notes if self._opened else ()

    def repository(self, url: str) -> Repository | None:
        """Return the repository of a report's source, to read more of it; ``None`` where evidence was replayed.

        :raises UnavailableError, MalformedError: it cannot be opened.
        """
        replayed = self._options.evidence or any(one.selector is Selector.EVIDENCE for one in self.references)
        return None if replayed or self._opened is None else self._opened.context.forge.open(url)

    def report(self, reference: Reference) -> Report:
        """Verify one reference of the request.

        :raises UsageError: the reference names nothing that exists, or the evidence folder cannot be read or written.
        :raises MalformedError: the evidence folder to replay is not as it was saved.
        """
        options = self._options
        if options.evidence or reference.selector is Selector.EVIDENCE:
            from provenly.verify.evidence import audit

            with audit.replay(Path(options.evidence or reference.path), reference, self._progress) as replayed:
                findings = gather(replayed.reference, replayed.context)
                replayed.confirm(findings.package)
                notes = replayed.remarks(findings.evidence)
                return self._report(replayed.reference, replayed.context.now, findings, notes)
        if self._opened is None:
            raise RuntimeError("a request is used as a context manager")
        context = self._opened.context
        refused: tuple[Note, ...] = ()
        if self._voucher is not None:
            answer = self._voucher.report(reference, context, self._at)
            if not isinstance(answer, Note):
                return answer
            refused = (answer,)
        if not options.save_evidence:
            return self._report(reference, self._at, gather(reference, context), refused)
        from provenly.verify.evidence import audit

        with audit.recording(context) as recorded:
            findings = gather(reference, recorded.context)
            recorded.save(Path(options.save_evidence), reference, findings.evidence, findings.artifact)
        return self._report(reference, self._at, findings)

    def _subject(self, findings: Findings) -> Subject | None:
        """Return what the policy's conditions may ask about, if it has any."""
        if not self._policy.clauses:
            return None
        return Subject.of(findings.package, findings.artifact, findings.source, findings.comparison, findings.graph)

    def _report(self, reference: Reference, at: datetime, findings: Findings, notes: tuple[Note, ...] = ()) -> Report:
        return Report(
            tool_version=VERSION,
            reference=replace(reference, path=""),
            checked_at=at,
            package=findings.package,
            artifact=findings.artifact,
            source=findings.source,
            comparison=findings.comparison,
            evidence=findings.evidence,
            verdict=decide(self._policy, findings.evidence, findings.package, at, self._subject(findings)),
            notes=findings.notes + notes,
            graph=findings.graph,
        )


def _depth(text: str) -> Depth:
    """Read ``deps``.

    :raises UsageError: it is none of the words that there are (``OPTION_DEPS``).
    """
    try:
        return Depth(text)
    except ValueError as error:
        raise UsageError(f"deps is {text!r}", code="OPTION_DEPS", hint=f"Give one of {', '.join(Depth)}.") from error
