"""The files of locked packages: fetched, held to the integrity of the lockfile, and read as hostile archives.

What is asked, and of whom, the transport decides: a lockfile can name any address, and is followed to none that the
user did not configure. An archive of a registry is asked of the registry that is configured for the name, whatever host
the lockfile states: its bytes are those that were locked, or they are refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import quote

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.trust.model import Reference, Selector
from provenly.trust.strict_json import loads
from provenly.trust.text import show
from provenly.verify.context import Context
from provenly.verify.dependencies.build import integrity, origin
from provenly.verify.dependencies.model import LockedPackage, Origin
from provenly.verify.dependencies.unpack import MAX_ARCHIVE, NOTHING, Files, Unpacked, Wanted, unpack
from provenly.verify.registry import names, npm, packument, versions
from provenly.verify.tarball.archive_limits import MIB

MAX_HELD: Final = 512 * MIB
"""Bytes of wanted files that one call of :meth:`Dependencies.fetch` returns: they are all in memory."""

MAX_READ: Final = 2048 * MIB
"""Bytes of archives and unpacked files that one call goes through. Dependencies of MCP servers have up to 90 MB."""

MAX_FETCHED: Final = 5_000
"""Packages that one call goes through."""

WORKERS: Final = 4
"""Packages that are fetched at the same time: as many as the transport has connections to one host."""

AHEAD: Final = 8
"""Packages that may be ready or under way before their turn."""

MAX_AHEAD: Final = 128 * MIB
"""Bytes of wanted files that may be ready before their turn, until which more is begun."""

_NOT_FOLLOWED: Final = frozenset({"REG_TARBALL_HOST", "NET_REDIRECT", "NET_ADDRESS", "NET_URL"})
"""The codes of a transport that does not follow an address."""


_Waiting: TypeAlias = deque[tuple[LockedPackage, Future[Unpacked]]]


class Dependencies:
    """Gets the files of locked packages. Threads may share one.

    :param context: whose transport and registries are asked.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def files(
        self, package: LockedPackage, wanted: Wanted | None = None, *, max_archive: int = MAX_ARCHIVE
    ) -> Mapping[str, bytes]:
        """Return the files of a package by their paths in it.

        Of one that is in the archive of another package there are none: that one's files have them, below their own
        ``node_modules``, so that they come to lie at the right place.

        :param wanted: says which files are wanted; all are where it is ``None``.
        :param max_archive: bytes of the archive that are accepted.
        :raises UnavailableError: ``DEPENDENCY_ORIGIN`` for a package of git or of a folder, or it could not be fetched.
        :raises MalformedError: ``DEPENDENCY_INTEGRITY``: it is not the archive that is locked; the transport does not
            go where it is said to be; or the archive is damaged, ambiguous or over a limit.
        """
        return self._unpacked(package, wanted, max_archive).files

    def each(
        self, packages: Iterable[LockedPackage], wanted: Wanted | None = None
    ) -> Iterator[tuple[LockedPackage, Files | Error]]:
        """Yield packages in their order, each with its files or with why it has none.

        They are fetched some at a time and ahead of their turn, so that what is held is what the caller keeps and the
        files of :data:`AHEAD` packages. Of a call that would go through more than :data:`MAX_READ` bytes or
        :data:`MAX_FETCHED` packages the rest is refused with ``DEPENDENCY_LIMIT``.
        """
        read, count = 0, 0
        waiting: _Waiting = deque()
        source = iter(packages)
        with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="dependency") as pool:
            try:
                while True:
                    while _may_begin(waiting) and (package := next(source, None)) is not None:
                        waiting.append((package, pool.submit(self._unpacked, package, wanted, MAX_ARCHIVE)))
                    if not waiting:
                        return
                    package, future = waiting.popleft()
                    count += 1
                    if read > MAX_READ or count > MAX_FETCHED:
                        future.cancel()
                        yield package, _over(package)
                        continue
                    try:
                        got = future.result()
                    except Error as error:
                        yield package, error
                        continue
                    read += got.read
                    yield package, got.files
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def fetch(
        self, packages: Sequence[LockedPackage], wanted: Wanted | None = None
    ) -> Mapping[LockedPackage, Files | Error]:
        """Return the files of packages, or why one has none, in the order that they are given in.

        One archive at several places is fetched once. Beyond :data:`MAX_HELD` bytes the rest is refused with
        ``DEPENDENCY_LIMIT``.
        """
        groups: dict[tuple[object, ...], list[LockedPackage]] = {}
        for package in packages:
            groups.setdefault(_identity(package), []).append(package)
        found: dict[LockedPackage, Files | Error] = {}
        held = 0
        for first, files in self.each((group[0] for group in groups.values()), wanted):
            result = files
            if not isinstance(files, Error):
                held += sum(map(len, files.values()))
                result = files if held <= MAX_HELD else _over(first)
            found.update((package, result) for package in groups[_identity(first)])
        return MappingProxyType({package: found[package] for package in packages})

    def satisfying(self, name: str, wanted: str) -> LockedPackage:
        """Return what the registry has now for a range that no lockfile fixes.

        :param wanted: an exact version or a range; a tag is none.
        :raises Error: as :func:`provenly.verify.registry.npm.resolve`; ``DEPENDENCY_RANGE`` where it is no range.
        """
        if names.fault(name) or not versions.is_range(wanted):
            raise MalformedError(
                f"{show(name, limit=80)}@{show(wanted, limit=80)} is no package with a range", code="DEPENDENCY_RANGE"
            )
        selector = Selector.EXACT if versions.parse_exact(wanted) else Selector.RANGE
        reference = Reference(text=f"{name}@{wanted}", name=name, selector=selector, spec=wanted)
        package = npm.resolve(reference, self._context)
        where, url = origin(name, package.version, package.url)
        return LockedPackage(
            name=name,
            version=package.version,
            integrity=integrity(package.integrity),
            url=url,
            place=f"node_modules/{name}",
            origin=where,
        )

    def newest(self, name: str, wanted: str, when: datetime) -> LockedPackage:
        """Return the version that a range let through at a time, the newest; deprecated ones only where all are.

        :raises Error: as :func:`provenly.verify.registry.packument.fetch`; ``DEPENDENCY_RANGE`` where it is no range,
            or no version of that time is in it.
        """
        what = f"{show(name, limit=80)}@{show(wanted, limit=80)}"
        if names.fault(name) or not versions.is_range(wanted):
            raise MalformedError(f"{what} is no package with a range", code="DEPENDENCY_RANGE")
        base = self._context.registries.base(name)
        about = packument.fetch(name, base, self._context)
        known = [version for version, time in about.times.items() if time <= when and version in about.versions]
        deprecated = [version for version in known if about.versions[version].get("deprecated")]
        found = versions.max_satisfying(known, wanted, deprecated=deprecated)
        if found is None:
            raise MalformedError(f"no version of {what} was published by {when:%Y-%m-%d}", code="DEPENDENCY_RANGE")
        place = f"node_modules/{name}"
        stated = packument.dist(about.versions[found]).get("integrity")
        return LockedPackage(name=name, version=found, integrity=integrity(stated), place=place)

    def _unpacked(self, package: LockedPackage, wanted: Wanted | None, max_archive: int) -> Unpacked:
        return NOTHING if package.origin is Origin.HOLDER else unpack(self._archive(package, max_archive), wanted)

    def _archive(self, package: LockedPackage, max_bytes: int) -> bytes:
        what = f"the dependency {package.name}@{show(package.version, limit=80)}"
        if package.origin in {Origin.GIT, Origin.FOLDER}:
            kind = "a git repository" if package.origin is Origin.GIT else "a folder"
            raise UnavailableError(
                f"{what} is locked to {kind}; only archives of registries are fetched", code="DEPENDENCY_ORIGIN"
            )
        if names.fault(package.name):
            raise MalformedError(f"{what} {names.fault(package.name)}", code="DEPENDENCY_NAME")
        expected = self._expected(package, what)
        if package.origin is Origin.ARCHIVE:
            try:
                return self._download(package.url, expected, max_bytes, what)
            except MalformedError as error:
                # A registry that is not configured here may have been where the author installed from.
                if error.code not in _NOT_FOLLOWED or not versions.parse_exact(package.version):
                    raise
        return self._download(self._usual(package), expected, max_bytes, what)

    def _download(self, url: str, expected: Digest, max_bytes: int, what: str) -> bytes:
        data = self._context.transport.download(url, expected=expected, max_bytes=max_bytes, what=what)
        if Digest.of(data, expected.algorithm) != expected:
            raise MalformedError(
                f"what is served as {what} is not the archive that the lockfile names", code="DEPENDENCY_INTEGRITY"
            )
        return data

    def _usual(self, package: LockedPackage) -> str:
        """Return where the registry that is configured for a package keeps its archive."""
        version = versions.parse_exact(package.version)
        if version is None:
            raise MalformedError(
                f"{package.name} is locked at {show(package.version, limit=80)}, which is no version",
                code="DEPENDENCY_VERSION",
            )
        bare = package.name.rpartition("/")[2]
        base = self._context.registries.base(package.name)
        return f"{base}/{package.name}/-/{bare}-{version.partition('+')[0]}.tgz"

    def _expected(self, package: LockedPackage, what: str) -> Digest:
        """Return the digest that the archive must have: that of the lockfile, else what the registry says.

        :raises UnavailableError: there is none for an archive that is no registry's (``DEPENDENCY_ORIGIN``).
        """
        if package.integrity:
            return Digest.from_sri(package.integrity, what=what)
        if package.origin is Origin.ARCHIVE:
            raise UnavailableError(
                f"{what} is locked to an address without a sha512, which would prove nothing", code="DEPENDENCY_ORIGIN"
            )
        version = package.version.partition("+")[0]
        base = self._context.registries.base(package.name)
        about = f"the version document of {package.name}@{version}"
        response = self._context.transport.get(
            f"{base}/{names.escaped(package.name)}/{quote(version, safe='')}",
            accept=packument.ACCEPT,
            max_bytes=packument.MAX_DOCUMENT,
            what=about,
        )
        document = loads(response.body, what=about, max_bytes=packument.MAX_DOCUMENT)
        if not isinstance(document, Mapping) or (document.get("name"), document.get("version")) != (
            package.name,
            version,
        ):
            raise MalformedError(f"{about} is about something else", code="DEPENDENCY_DOCUMENT")
        stated = packument.dist(document).get("integrity")
        if not isinstance(stated, str):
            raise NotFoundError(f"{about} has no integrity", code="DEPENDENCY_DOCUMENT")
        return Digest.from_sri(stated, what=what)


def _may_begin(waiting: _Waiting) -> bool:
    """Whether another package may be begun: not too many wait for their turn, and what is ready is not too much."""
    ready = (future.result().held for _, future in waiting if future.done() and future.exception() is None)
    return len(waiting) < AHEAD and (not waiting or sum(ready) < MAX_AHEAD)


def _identity(package: LockedPackage) -> tuple[object, ...]:
    """Return what decides a package's files: two places with the same have the same files."""
    return package.name, package.version, package.integrity, package.url, package.origin


def _over(package: LockedPackage) -> MalformedError:
    message = f"{package.name} and what follows it are more dependencies than are read"
    return MalformedError(message, code="DEPENDENCY_LIMIT")
