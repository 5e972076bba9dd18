"""The one door to esbuild: a tree or single files in, what esbuild makes of them out.

Nothing of a package is installed or run: esbuild reads and writes JavaScript, and has no way to execute it; plugins and
configurations, which would be programs, are not read. Its binary is one of the pinned releases, its process is limited
and cannot write. Whether the output proves anything is for the caller to find out, by comparing bytes.
"""

from __future__ import annotations

import json
import posixpath
import threading
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, cast

from provenly.trust.errors import Error
from provenly.verify.compiler.results import Results
from provenly.verify.context import Progress, Silence, Transport
from provenly.verify.esbuild import answers, confinement, flags, protocol, transforms
from provenly.verify.esbuild import tree as trees
from provenly.verify.esbuild.answers import Built
from provenly.verify.esbuild.binary import Binaries
from provenly.verify.esbuild.process import LIMITS, THREADS, Limits, Process
from provenly.verify.esbuild.protocol import Value
from provenly.verify.esbuild.releases import Release
from provenly.verify.esbuild.transforms import Transform
from provenly.verify.network.cache import Cache

__all__ = ["Built", "Esbuild", "Transform"]

NPM_REGISTRY: Final = "https://registry.npmjs.org"

PLATFORM_PACKAGE: Final = "@esbuild/linux-x64"
"""A package that a binary comes from. Those of all platforms have one scope, and so one registry."""

SCHEMA: Final = 1
"""Changes whenever the same inputs would give another result for a reason that the inputs do not show."""


class Esbuild:
    """Runs pinned esbuild releases. Threads may share one.

    :param transport: fetches the binaries.
    :param cache: where binaries and results are kept, or ``None`` to keep none.
    :param progress: is told that something takes time.
    :param registry: the base URL of the registry that serves the packages ``@esbuild/…``.
    """

    def __init__(
        self,
        transport: Transport,
        cache: Cache | None = None,
        progress: Progress | None = None,
        *,
        registry: str = NPM_REGISTRY,
        limits: Limits = LIMITS,
    ) -> None:
        self._cache = cache
        self._results = Results(cache)
        self._binaries = Binaries(transport, cache, registry)
        self._progress = progress or Silence()
        self._limits = limits
        self._room = threading.BoundedSemaphore(THREADS)

    def build(
        self,
        release: Release,
        tree: Mapping[str, bytes],
        arguments: Sequence[str],
        *,
        directory: str,
        links: Mapping[str, str] = MappingProxyType({}),
    ) -> Built:
        """Run a build as ``esbuild ARGUMENTS`` does in a folder of the tree, and return all that it would write.

        :param tree: the files by path as in the repository, with what is installed below ``node_modules`` where that is
            to be bundled.
        :param arguments: entry points and flags as on esbuild's command line. Those that only say what is reported are
            left out.
        :param directory: the folder in which it runs, a path in the tree; empty for its root.
        :param links: symbolic links, from a place to another path in the tree.
        :raises MalformedError: ``ESBUILD_FLAG``: a flag that is not passed on; ``ESBUILD_INPUT``, ``ESBUILD_OUTPUT``,
            ``ESBUILD_TIMEOUT``, ``ESBUILD_MEMORY``: over a limit; ``ESBUILD_SOURCE``: esbuild found errors;
            ``ESBUILD_OUTSIDE``: the sources lead to files outside of the tree.
        :raises UnavailableError: ``ESBUILD_UNAVAILABLE``, ``ESBUILD_PLATFORM``, ``ESBUILD_START``, ``ESBUILD_FOLDER``,
            ``ESBUILD_CRASH``.
        """
        checked = flags.for_build(arguments, directory)
        trees.check(tree, links)
        named = (posixpath.normpath(posixpath.join(directory, path)) for path in checked.values("tsconfig"))
        confinement.check_configurations(tree, links, named)
        digests = [(path, sha256(tree[path]).hexdigest()) for path in sorted(tree)]
        key = _key(release, "build", checked.flags, checked.entries, directory, sorted(links.items()), digests)
        kept = self._results.get(key)
        if kept is None:
            built = self._built(release, tree, checked, directory, links)
            self._results.put(key, _packed(built))
            return built
        return _unpacked(kept)

    def kept(self, key: str) -> Built | None:
        """Return what :meth:`keep` was given for ``key``, or ``None``."""
        data = self._results.get(_bundle(key))
        return None if data is None else _unpacked(data)

    def keep(self, key: str, built: Built) -> None:
        """Keep a build by what its tree is made from, so that the tree need not be made to find it again.

        :param key: a digest of all that; the caller answers for it.
        """
        self._results.put(_bundle(key), _packed(built))

    def transform(self, release: Release, items: Sequence[Transform]) -> Sequence[bytes | Error]:
        """Transform files one by one, and return the JavaScript of each, or why there is none.

        :returns: for each of ``items``, in their order. A :class:`MalformedError` is about the file itself
            (``ESBUILD_FLAG``, ``ESBUILD_INPUT``, ``ESBUILD_SOURCE``, ``ESBUILD_TIMEOUT``, ``ESBUILD_MEMORY``,
            ``ESBUILD_OUTPUT``, ``ESBUILD_FAILURES``), an :class:`UnavailableError` about us (``ESBUILD_CRASH``).
        :raises UnavailableError: ``ESBUILD_UNAVAILABLE``, ``ESBUILD_PLATFORM``, ``ESBUILD_START``: there is no esbuild.
        """
        with self._room:
            return transforms.Transformation(
                lambda seconds: self._process(release, seconds), seconds=self._limits.seconds
            ).run(items)

    def close(self) -> None:
        """Remove what was kept for this object alone."""
        self._binaries.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _process(self, release: Release, seconds: float | None = None) -> Process:
        return Process(self._binaries.path(release), release.version, limits=self._limits, seconds=seconds)

    def _built(
        self,
        release: Release,
        tree: Mapping[str, bytes],
        checked: flags.Arguments,
        directory: str,
        links: Mapping[str, str],
    ) -> Built:
        """Write the tree, and have esbuild build it."""
        self._progress.step(f"Bundling with esbuild@{release.version}")
        with self._room, trees.written(tree, links, self._cache) as folder:
            request: Mapping[str, Value] = {
                "command": "build",
                "key": 0,
                "entries": checked.entries,
                "flags": checked.flags,
                "write": False,
                "stdinContents": None,
                "stdinResolveDir": None,
                "absWorkingDir": str(folder / directory),
                "nodePaths": (),
                "context": False,
                "plugins": [_guard(folder)],
            }
            with self._process(release) as process:
                ((_, answer),) = process.ask([request], answers.reply)
            built = answers.Reader(folder, directory, tree, links).read(answer)
        if checked.maps:
            confinement.check_maps(tree, {source for of in built.inputs.values() for source in of})
        return built


def _key(release: Release, *parts: object) -> str:
    """Return the key of a result: everything that it is made from."""
    whole = [SCHEMA, release.version, release.integrities["linux-x64"], *parts]
    return sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _bundle(key: str) -> str:
    """Return the key of a result that the caller names, apart from those that are named here."""
    return sha256(f"bundle {SCHEMA} {key}".encode()).hexdigest()


def _guard(folder: Path) -> Mapping[str, Value]:
    """Return a plugin, as esbuild calls it, that asks us before a file outside of ``folder`` is read."""
    asked: Mapping[str, Value] = {"id": 0, "filter": confinement.outside(f"{folder}/"), "namespace": "file"}
    return {"name": "provenly", "onStart": False, "onEnd": False, "onResolve": (), "onLoad": (asked,)}


def _packed(built: Built) -> bytes:
    return protocol.packet(
        0,
        {
            "outputs": dict(built.outputs),
            "inputs": dict(built.inputs),
            "entries": dict(built.entries),
            "warnings": built.warnings,
        },
    )


def _unpacked(kept: bytes) -> Built:
    _, _, value = protocol.read(kept[protocol.LENGTH :])
    found = cast("dict[str, Any]", value)
    return Built(
        outputs=MappingProxyType(found["outputs"]),
        inputs=MappingProxyType({path: tuple(sources) for path, sources in found["inputs"].items()}),
        entries=MappingProxyType(found["entries"]),
        warnings=tuple(found["warnings"]),
    )
