"""Bundled: esbuild makes the very bundle of the sources at the commit, called as the repository's own build calls it.

1. How esbuild is called is read out of scripts, tsup's configuration and build scripts
   (:mod:`~provenly.verify.explain.bundled.plans`). None of those is run.
2. Each call that may have written a packed file is made, over a copy of the sources, with the packages that the
   lockfile locks below ``node_modules`` where they are to be in the bundle
   (:mod:`~provenly.verify.explain.bundled.workshop`).
3. What comes out at the path of a packed file must be that file, byte for byte, or become it by one of the patterns of
   :mod:`~provenly.verify.explain.postprocess`.

Options that a script does not say by itself are left out or tried; only equal bytes count, so that a wrong guess
explains nothing. What should have come out becomes the base of the diff.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.explain.bundled.builds import Build
from provenly.verify.explain.bundled.made import Made
from provenly.verify.explain.bundled.steps import written
from provenly.verify.explain.bundled.workshop import Workshop
from provenly.verify.explain.postprocess import Surrounding, processed
from provenly.verify.explain.scene import Expected, Scene
from provenly.verify.explain.twins import is_bait

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers
    from provenly.verify.esbuild.esbuild import Esbuild

MAX_RUNS: Final = 32
"""Calls of esbuild for one package."""

MAX_SECONDS: Final = 240.0
"""Seconds after which no further call is made."""

MAX_NEAR: Final = 8 * 1024
"""Bytes by which an output differs in size from a packed file that another order of entry points may make: more than
the imports that move, and those that have no name."""

MAX_EXPECTED: Final = 4
"""Outputs that one packed file is compared with for named patterns and for its diff."""

_CODE: Final = (".js", ".mjs", ".cjs")
_WRITTEN: Final = (*_CODE, ".map", ".css", ".json", ".txt", ".wasm", ".svg")


@dataclass(frozen=True, slots=True)
class Bundled:
    """The explainer; see the module."""

    name: str = "bundled"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield an explanation for each file that a bundler makes, and a reason for those that it should have made.

        Where there is no compiler, no esbuild or a locked package cannot be fetched, that is said of each file that may
        have been made with it: it is then unchecked.

        :raises UnavailableError: the source could not be read.
        """
        wanted = [entry for entry in left if entry.path.endswith(_WRITTEN)]
        if not any(entry.path.endswith(_CODE) for entry in wanted):
            return
        compilers, esbuild = scene.tools.compilers, scene.tools.esbuild
        if compilers is None or esbuild is None:
            return
        attempt = _Attempt(scene, compilers, esbuild, wanted)
        yield from attempt.run(self.name)
        for entry in attempt.left.values():
            unchecked = attempt.unlooked.get(entry.path, "")
            if reason := unchecked or attempt.reason(entry):
                found = scene.explanation(entry, FileClass.UNEXPLAINED, self.name, detail=reason)
                yield replace(found, unchecked=unchecked)


class _Attempt:
    """One attempt to make the packed files.

    :param wanted: the files that a bundler may have written.
    """

    def __init__(self, scene: Scene, compilers: Compilers, esbuild: Esbuild, wanted: Sequence[FileEntry]) -> None:
        self._scene = scene
        self._shop = Workshop(scene, compilers, esbuild)
        self.left = {entry.path: entry for entry in wanted}
        self._expected: dict[str, list[Expected]] = {}
        self._tried: dict[str, list[str]] = {}
        self._done: set[tuple[str, ...]] = set()
        self._far: set[tuple[str, ...]] = set()
        self.unlooked: dict[str, str] = {}
        self._others: tuple[str, ...] = ()
        self._problems: tuple[str, ...] = ()

    def run(self, name: str) -> Iterator[Explanation]:
        """Yield the files that are explained."""
        try:
            plans = self._shop.plans()
        except UnavailableError as error:
            if not error.code.startswith("COMPILER_"):
                raise
            self._unlooked([entry for path, entry in self.left.items() if path.endswith(_CODE)], error.message)
            return
        self._others, self._problems = plans.others, plans.problems
        until = self._scene.tools.end(MAX_SECONDS)
        runs = 0
        for build in plans.builds:
            for variant in self._shop.variants(build):
                targets = self._targets(variant)
                if not targets:
                    break
                if build.family in self._done or variant.kin in self._far:
                    break
                if runs >= MAX_RUNS or time.monotonic() > until:
                    self._note(targets.values(), f"no more than {MAX_RUNS} calls of esbuild are made")
                    break
                runs += 1
                yield from self._made(name, variant, targets)
        yield from self._processed(name)
        self._remember()

    def reason(self, entry: FileEntry) -> str:
        """Return why nothing is known of a file that a bundler should have made; else an empty string."""
        if entry.path in self._tried:
            return "; ".join(dict.fromkeys(self._tried[entry.path]))
        if not entry.path.endswith(_CODE):
            return ""
        if self._problems:
            return "; ".join(self._problems[:3])
        return f"bundled by {' and '.join(self._others)}, which is not reproduced" if self._others else ""

    def _targets(self, build: Build) -> Mapping[str, FileEntry]:
        """Return what is left of what a build writes, by the path that it writes to.

        A package that is published from the folder which the build writes to has its outputs without that folder.
        """
        found = {
            place: entry
            for path, entry in self.left.items()
            if build.writes(place := self._scene.beside(path)) and path.endswith(_WRITTEN)
        }
        if bait := [path for path in found if self._is_of_bait(build, found[path].path)]:
            self._note((found[path] for path in bait), f"{build.entries[0]} is no source of a package")
            return {path: entry for path, entry in found.items() if path not in bait}
        if found or not build.folder or self._scene.inside(build.folder) is None:
            return found
        if not self._is_apart(build):
            return {}
        # What the source has itself at a place is made of that.
        own = self._scene.files
        return {
            place: entry
            for path, entry in self.left.items()
            if self._scene.beside(path) not in own and build.writes(place := f"{build.folder}/{path}")
            if not self._is_of_bait(build, path)
        }

    def _is_of_bait(self, build: Build, path: str) -> bool:
        """Whether all that a build begins with is no source of a packed file: then it need not be made."""
        return bool(build.entries) and all(is_bait(self._scene, entry, path) for entry in build.entries)

    def _is_apart(self, build: Build) -> bool:
        """Whether no packed file lies in the folder that a build writes to, so that the folder was published itself."""
        prefix = f"{build.folder}/"
        return not any(self._scene.beside(path).startswith(prefix) for path in self._scene.artifact.contents)

    def _made(self, name: str, build: Build, targets: Mapping[str, FileEntry]) -> Iterator[Explanation]:
        """Make a build, and yield what of its targets it explains."""
        made = self._attempted(build, targets)
        if made is None:
            return
        outputs = written(build, made.built)
        there = {place: entry for place, entry in targets.items() if place in outputs}
        for place, entry in there.items():
            origin = made.origin(place)
            if origin and is_bait(self._scene, origin, entry.path):
                self._note([entry], f"{origin} is no source of a package")
                continue
            self._note([entry], self._shop.said(build))
            if self._scene.content(entry) in outputs[place]:
                detail = made.sentence(place) + self._shop.left_out(build)
                yield self._explained(name, entry, origin, detail, place)
                continue
            for data in outputs[place]:
                self._expect(entry.path, Expected(source=origin, data=data, how=made.how))
        sizes = [abs(entry.size - len(data)) for place, entry in there.items() for data in outputs[place]]
        if there and min(sizes) > MAX_NEAR:
            self._far.add(build.kin)
        if not any(entry.path in self.left for entry in there.values()):
            # All that it writes is explained, or not packed: other ways to call it would write the same.
            self._done.add(build.family)

    def _attempted(self, build: Build, targets: Mapping[str, FileEntry]) -> Made | None:
        """Return a build that was made; ``None`` where it could not be, after saying why of its targets."""
        try:
            return self._shop.made(build)
        except UnavailableError as error:
            if not error.code.startswith(("ESBUILD_", "BUNDLE_")):
                raise
            if error.code != "ESBUILD_CRASH":
                self._unlooked(targets.values(), error.message)
            self._note(targets.values(), f"{self._shop.said(build)}: {error.message}")
        except MalformedError as error:
            self._note(targets.values(), f"{self._shop.said(build)}: {error.message}")
        return None

    def _explained(self, name: str, entry: FileEntry, origin: str, detail: str, place: str = "") -> Explanation:
        del self.left[entry.path]
        outside = bool(origin) and self._scene.inside(origin) is None
        moved = bool(place) and place != self._scene.beside(entry.path)
        if outside:
            detail += f"; its source {origin} is outside of the package's directory"
        if moved:
            detail += f"; written to {place}"
        return self._scene.explanation(
            entry, FileClass.RECOMPILED, name, source=origin, elsewhere=outside or moved, detail=detail
        )

    def _processed(self, name: str) -> Iterator[Explanation]:
        """Yield what is expected output with a named pattern on top."""
        around = Surrounding.of(self._scene)
        for path, entry in list(self.left.items()):
            for expected in self._expected.get(path, ()):
                done = processed(path, self._scene.content(entry), expected.data, around)
                if done is not None:
                    yield self._explained(
                        name, entry, expected.source, f"what {expected.source} {expected.how}, {done.detail}"
                    )
                    break

    def _expect(self, path: str, expected: Expected) -> None:
        known = self._expected.setdefault(path, [])
        if all(other.data != expected.data for other in known):
            known.append(expected)
            if len(known) > MAX_EXPECTED:
                packed = self._scene.artifact.contents[path]
                known.remove(max(known, key=lambda one: _distance(packed, one.data)))

    def _remember(self) -> None:
        """Leave what should have been there as the base of the diffs of what is left."""
        for path, entry in self.left.items():
            packed = self._scene.content(entry)
            other = self._scene.expectations.get(path)
            candidates = [*self._expected.get(path, ()), *([other] if other else [])]
            if candidates:
                self._scene.expectations[path] = min(candidates, key=lambda one: _distance(packed, one.data))

    def _unlooked(self, entries: Iterable[FileEntry], why: str) -> None:
        for entry in entries:
            if entry.path in self.left:
                self.unlooked.setdefault(entry.path, why)

    def _note(self, entries: Iterable[FileEntry], text: str) -> None:
        for entry in entries:
            self._tried.setdefault(entry.path, []).append(text)


def _distance(packed: bytes, expected: bytes) -> tuple[int, int]:
    """Return how many different lines only one of two texts has, and by how many bytes their sizes differ."""
    return len(set(packed.split(b"\n")) ^ set(expected.split(b"\n"))), abs(len(packed) - len(expected))
