"""The name under which a bundle is kept: what it is made from, said without fetching any of it.

A tree with its locked packages has up to hundreds of megabytes. The commit and the lockfile in it say what all of that
is, so that a bundle that was made before is found again without it. Another commit of the same package is another name.

What was refused is kept as well, for nobody wants to wait for it twice. It depends on our own rules besides, and on
what the registry could not give, which is asked for again.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError
from provenly.verify.compiler.results import Results
from provenly.verify.esbuild.releases import Release
from provenly.verify.explain.bundled.builds import Build
from provenly.verify.explain.memory import MAX_MISSING, are_missing, may_appear, may_be_had_later, rules
from provenly.verify.explain.scene import Scene

if TYPE_CHECKING:
    from provenly.verify.dependencies.model import Lock
    from provenly.verify.esbuild.esbuild import Built, Esbuild

SCHEMA: Final = 1
"""Changes whenever another tree would be made of the same commit."""


def name_of(scene: Scene, build: Build, release: Release, foreign: Mapping[str, bytes]) -> str:
    """Return the name of a build.

    :param scene: the commit: all of its files count, as any of them may be in the tree or say what is.
    :param build: how esbuild is called, and with which version of the package.
    :param release: what is called.
    :param foreign: files of npm packages that configurations extend.
    """
    files = sorted(scene.files.items())
    extended = sorted((path, sha256(data).hexdigest()) for path, data in foreign.items())
    whole = [
        *(SCHEMA, release.version, release.integrities["linux-x64"]),
        *(scene.source.repository, scene.source.directory, scene.tools.dependencies is not None),
        *(asdict(build), extended, files),
    ]
    return sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")).hexdigest()


MAX_RECORD: Final = 256 * 1024
"""Bytes of a refusal: a message, and the places of some packages."""

_OF_MACHINES: Final = frozenset({"ESBUILD_TIMEOUT", "ESBUILD_MEMORY"})
"""The codes of refusals that another machine, or another try, may not know."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """What there is to say of a build besides what it made.

    :param places: where the lockfile has the packages that could not be had for it.
    :param code: of the error that it ended with; empty for one that was made.
    :param message: of that error.
    """

    places: tuple[str, ...] = ()
    code: str = ""
    message: str = ""


class Keeper:
    """Keeps builds, and why others could not be made.

    :param esbuild: keeps the builds.
    :param lock: what is installed for the package.
    """

    def __init__(self, scene: Scene, esbuild: Esbuild, lock: Lock | None) -> None:
        self._results = Results(scene.tools.prints)
        self._dependencies = scene.tools.dependencies
        self._esbuild = esbuild
        self._lock = lock

    def made(self, name: str, make: Callable[[], Built], missing: Callable[[], Mapping[str, Error]]) -> Built:
        """Return a build that was made before, or make it.

        :param missing: returns the folders of packages that could not be had for what was just made, and why.
        :raises MalformedError: it could not be made before, for a reason that is still there.
        :raises Error: as ``make``.
        """
        known = self._get(name)
        if known is None or are_missing(self._dependencies, self._lock, known.places):
            if known is not None and known.code:
                raise MalformedError(known.message, code=known.code)
            if (built := self._esbuild.kept(name)) is not None:
                return built
        try:
            built = make()
        except MalformedError as error:
            self._put(name, missing(), error)
            raise
        if self._put(name, missing()):
            self._esbuild.keep(name, built)
        return built

    def _get(self, name: str) -> Missed | None:
        """Return what is kept of a build; ``None`` where nothing is, or it is not what it should be."""
        data = self._results.get(_key(name))
        try:
            found = json.loads(data) if data is not None and len(data) <= MAX_RECORD else None
            places, code, message = found if isinstance(found, list) else (None, None, None)
        except (ValueError, RecursionError):
            return None
        if not isinstance(places, list) or not all(isinstance(one, str) for one in (*places, code, message)):
            return None
        return Missed(places=tuple(places), code=str(code), message=str(message))

    def _put(self, name: str, missing: Mapping[str, Error], error: MalformedError | None = None) -> bool:
        """Keep what a build lacked, and why it was refused; return whether that can be said for good."""
        root = (self._lock.root if self._lock else "") or "."
        places = [posixpath.relpath(place, root) for place, why in missing.items() if may_appear(why)]
        passing = any(map(may_be_had_later, missing.values())) or (error is not None and error.code in _OF_MACHINES)
        if passing or len(places) > MAX_MISSING:
            return False
        found = [places, error.code if error else "", error.message if error else ""]
        self._results.put(_key(name), json.dumps(found).encode())
        return True


def _key(name: str) -> str:
    return sha256(f"refused {rules()} {name}".encode()).hexdigest()
