"""The cheap checks of every package in a tree: what its registry says of it, and what of that is proved.

For each package one document is asked for, that of just this version, and its attestations where it has some. No
archive is fetched: that an archive has the digest that is spoken of here, npm checks when it installs.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from provenly.trust.errors import Error, MalformedError, NotFoundError, RejectedError, UnavailableError, UsageError
from provenly.trust.evidence import Status
from provenly.trust.graph import Dependency, Scope
from provenly.trust.model import Claimant, Package
from provenly.trust.strict_json import Json, loads
from provenly.trust.text import plural, show
from provenly.verify import attested
from provenly.verify.checks import registry_signature
from provenly.verify.checks.version_age import SKEW_SECONDS
from provenly.verify.checks.version_status import HOLDING
from provenly.verify.context import Context
from provenly.verify.graph import model
from provenly.verify.graph.assemble import Assembled, platforms
from provenly.verify.graph.model import EACH, Outcome
from provenly.verify.registry import names, npm, packument, releases

WORKERS: Final = 8
"""Packages that are looked at at the same time; the transport has fewer connections to one host."""

SETTLED: Final = timedelta(days=14)
"""How long nothing about a package has changed until nobody asks when just this version of it came: no waiting period
of a policy is expected to be longer. Whole packuments, which say so, are large."""

MAX_TEXT: Final = 300
"""Characters of a text of strangers that are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """A package with what was seen of it.

    :param outcomes: by the id of the check.
    :param hours: its age, or the least that it can be; ``None`` where that is not known.
    """

    dependency: Dependency
    outcomes: Mapping[str, Outcome]
    hours: float | None


def examine(assembled: Assembled, context: Context) -> tuple[Examined, ...]:
    """Look at every package of a graph, several at a time; the answers are in the order of the graph."""
    total = len(assembled.graph.dependencies)
    done = 0
    lock = threading.Lock()

    def one(dependency: Dependency) -> Examined:
        nonlocal done
        found = _Examination(dependency, assembled, context).examined()
        with lock:
            done += 1
            context.progress.step(f"Looking at the dependencies ({done} of {plural(total, 'package')})")
        return found

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="tree") as pool:
        try:
            return tuple(pool.map(one, assembled.graph.dependencies))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _Examination:
    def __init__(self, dependency: Dependency, assembled: Assembled, context: Context) -> None:
        self._it = dependency
        self._context = context
        self._registered = dependency.id in assembled.registered
        self._stated = assembled.times.get(f"{dependency.name}@{dependency.version}")

    def examined(self) -> Examined:
        if not self._registered:
            return self._unregistered()
        try:
            package, hours = self._package()
        except Error as error:
            status = Status.UNCHECKED if isinstance(error, UnavailableError) else Status.FAILED
            same = self._outcome(status, error.code, error.message)
            unseen = self._outcome(Status.UNCHECKED, error.code, error.message)
            # That the registry answers for something else is one finding and not six.
            outcomes = dict.fromkeys(EACH, unseen) | {model.INTEGRITY: same}
            return self._finished(outcomes, self._it, None)
        outcomes = {
            model.INTEGRITY: self._integrity(package),
            model.SIGNATURES: self._signatures(package),
            model.PROVENANCE: self._provenance(package),
            model.SCRIPTS: self._scripts(releases.install_scripts(package.manifest)),
            model.STATUS: self._status(package.deprecated),
            model.AGE: self._age(package.published, hours),
        }
        changed = replace(
            self._it,
            licence=_licence(package.manifest) or self._it.licence,
            repository=_repository(package.manifest),
            description=_text(package.manifest.get("description")),
            author=_author(package.manifest),
            homepage=_text(package.manifest.get("homepage")),
            url=self._it.url or package.url,
            platforms=platforms(package.manifest) or self._it.platforms,
            deprecated=package.deprecated[:MAX_TEXT],
            install_scripts=bool(releases.install_scripts(package.manifest)) or self._it.install_scripts,
            published=package.published,
            publisher=(package.release.trusted_publisher or package.release.publisher)[:MAX_TEXT],
        )
        return self._finished(outcomes, changed, hours)

    def _unregistered(self) -> Examined:
        """Return what can be said of a package that no registry has: what its own manifest says, at most."""
        if self._it.scope is Scope.BUNDLED:
            inside = "it is bundled in the archive of the package that asks for it, whose digest covers it"
            covered = self._outcome(Status.ABSENT, "TREE_BUNDLED", inside)
            runs = ("install",) if self._it.install_scripts else ()
            outcomes = dict.fromkeys(EACH, covered) | {model.SCRIPTS: self._scripts(runs)}
        else:
            note = next(iter(self._it.notes), None)
            unseen = self._outcome(
                Status.UNCHECKED, note.code if note else "TREE_ELSEWHERE", note.text if note else "no registry has it"
            )
            outcomes = dict.fromkeys(EACH, unseen)
        return self._finished(outcomes, self._it, None)

    def _finished(self, outcomes: Mapping[str, Outcome], changed: Dependency, hours: float | None) -> Examined:
        statuses = MappingProxyType({check: outcomes[check].status for check in EACH})
        return Examined(dependency=replace(changed, checks=statuses), outcomes=outcomes, hours=hours)

    def _outcome(self, status: Status, code: str, text: str) -> Outcome:
        return Outcome(who=self._it.id, status=status, code=code, text=text)

    def _package(self) -> tuple[Package, float | None]:
        """Return what the registry says of the version, and its age."""
        name, version = self._it.name, self._it.version
        base = self._context.registries.base(name)
        published, hours = self._time(base)
        document = version_document(name, version, base, self._context)
        return npm.from_document(document, name, version, base, published), hours

    def _time(self, base: str) -> tuple[datetime | None, float | None]:
        """Return when the version was published, and its age in hours; where only the latter is known, the least."""
        stated = self._stated if isinstance(self._stated, Mapping) else {}
        published = packument.read_time(stated.get("published"))
        if published is None:
            modified = packument.read_time(stated.get("modified"))
            if modified is not None and self._context.now - modified >= SETTLED:
                return None, _hours(self._context.now - modified)
            published = packument.fetch(self._it.name, base, self._context).times.get(self._it.version)
        return published, None if published is None else _hours(self._context.now - published)

    def _integrity(self, package: Package) -> Outcome:
        wanted = self._it.integrity[0].sri if self._it.integrity else ""
        if not wanted or not package.integrity:
            where = "the resolved tree" if package.integrity else "the registry's document"
            return self._outcome(Status.FAILED, "TREE_NO_INTEGRITY", f"{where} has no sha512 of it")
        if wanted not in package.integrity.split():
            text = f"{wanted} would be installed, and the registry says {show(package.integrity, limit=200)}"
            return self._outcome(Status.FAILED, "TREE_INTEGRITY", text)
        return self._outcome(Status.PASSED, "", "")

    def _signatures(self, package: Package) -> Outcome:
        found = registry_signature.judge(package, self._context)
        return self._outcome(found.status, str(found.facts.get("code", "")), found.summary)

    def _provenance(self, package: Package) -> Outcome:
        try:
            built = attested.read_unseen(package, self._context)
        except NotFoundError as error:
            return self._outcome(Status.ABSENT, error.code, error.message)
        except UnavailableError as error:
            return self._outcome(Status.UNCHECKED, error.code, error.message)
        except (MalformedError, RejectedError) as error:
            return self._outcome(Status.FAILED, error.code, error.message)
        if built is None:
            return self._outcome(Status.ABSENT, "ATT_NO_PROVENANCE", "none of its attestations is a provenance")
        return self._outcome(Status.PASSED, "", built.identity.repository or "")

    def _scripts(self, scripts: Iterable[str]) -> Outcome:
        runs = ", ".join(scripts)
        if runs:
            return self._outcome(Status.FAILED, "TREE_SCRIPT", f"it has an install script ({runs})")
        return self._outcome(Status.PASSED, "", "")

    def _status(self, deprecated: str) -> Outcome:
        if HOLDING.fullmatch(self._it.version):
            text = "npm's security team put it in the place of a package that it took down"
            return self._outcome(Status.FAILED, "REG_SECURITY_HOLDING", text)
        if deprecated:
            return self._outcome(Status.FAILED, "DEPRECATED", f"it is deprecated: {show(deprecated, limit=MAX_TEXT)}")
        return self._outcome(Status.PASSED, "", "")

    def _age(self, published: datetime | None, hours: float | None) -> Outcome:
        if hours is None:
            return self._outcome(Status.ABSENT, "AGE_UNKNOWN", "the registry does not say when it was published")
        if hours * 3_600 < -SKEW_SECONDS:
            text = "the registry says that it was published at a time that has not come yet"
            return self._outcome(Status.FAILED, "REG_TIME", text)
        at = f"it was published at {published:%Y-%m-%d}" if published else "nothing about it has changed for long"
        return self._outcome(Status.PASSED, "", at)


def version_document(name: str, version: str, base: str, context: Context) -> Mapping[str, Json]:
    """Return the registry's document of one version; of a registry without those, the packument's entry.

    :raises RejectedError: there is no such version (``TREE_NO_SUCH_VERSION``).
    :raises MalformedError: it is no object.
    :raises UnavailableError: the registry could not be asked.
    """
    what = f"the version document of {name}@{version}"
    url = f"{base}/{names.escaped(name)}/{quote(version, safe='')}"
    try:
        response = context.transport.get(url, accept=packument.ACCEPT, max_bytes=packument.MAX_DOCUMENT, what=what)
    except NotFoundError as error:
        try:
            entry = packument.fetch(name, base, context).versions.get(version)
        except UsageError:
            entry = None
        if entry is None:
            message = f"the registry has no {show(name, limit=80)}@{show(version, limit=80)}"
            raise RejectedError(message, code="TREE_NO_SUCH_VERSION") from error
        return entry
    document = loads(response.body, what=what, max_bytes=packument.MAX_DOCUMENT)
    if not isinstance(document, Mapping):
        raise MalformedError(f"{what} is not an object", code="REG_VERSION_DOCUMENT")
    return document


def _hours(age: timedelta) -> float:
    return age / timedelta(hours=1)


def _repository(document: Mapping[str, Json]) -> str:
    """Return where the source is said to be; what names no repository that we follow says nothing."""
    claims = npm.claims(document, Claimant.REGISTRY)
    return next((claim.repository for claim in claims if claim.repository), "")


def _licence(document: Mapping[str, Json]) -> str:
    """Return what a manifest claims as its licence: a text, or the ``type`` of the old form."""
    value = document.get("license")
    return _text(value.get("type") if isinstance(value, Mapping) else value)


def _author(document: Mapping[str, Json]) -> str:
    """Return who is said to have written it, without the addresses in ``Name <mail> (page)``."""
    value = document.get("author")
    name = _text(value.get("name") if isinstance(value, Mapping) else value)
    return re.split(r"[<(]", name, maxsplit=1)[0].strip()


def _text(value: Json) -> str:
    return value[:MAX_TEXT].strip() if isinstance(value, str) else ""
