"""The one door to the TypeScript compiler: sources in, what the compiler makes of them out.

Nothing here touches a package on disk, installs or runs it. The compiler is one of the pinned releases, it runs in V8
in a child process with limits, and it sees only the files that it is given. Whether its output proves anything is for
the caller to find out, by comparing bytes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from typing import Final, Self

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.strict_json import Json, loads, thaw
from provenly.trust.text import show
from provenly.verify.compiler import answers, sources, typescript
from provenly.verify.compiler.answers import Emitted, Outline
from provenly.verify.compiler.installed import Installation
from provenly.verify.compiler.isolate import LIMITS, Isolate, Limits
from provenly.verify.compiler.pool import Pool
from provenly.verify.compiler.releases import Release
from provenly.verify.compiler.results import Results
from provenly.verify.compiler.scripts import Script
from provenly.verify.compiler.transpilation import Item, Single, Transpilation, Transpile
from provenly.verify.compiler.typescript import Compiler
from provenly.verify.context import Progress, Silence, Transport
from provenly.verify.network.cache import Cache

__all__ = ["Compilers", "Emitted", "Outline", "Single", "Transpile"]

NPM_REGISTRY: Final = "https://registry.npmjs.org"

_PROGRAM: Final = ("literals.js", "host.js")
"""The last part is the one whose value answers requests; the others are what it names."""

SCHEMA: Final = 1
"""Changes whenever the same inputs would give another result for a reason that the inputs do not show."""


class Compilers:
    """Compiles with pinned TypeScript releases, in processes that stay warm. Threads may share one.

    :param transport: fetches the compilers.
    :param cache: where results are kept, or ``None`` to keep none.
    :param progress: is told that something takes time.
    :param registry: the base URL of the registry that serves the package ``typescript``.
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
        self._transport = transport
        self._results = Results(cache)
        self._progress = progress or Silence()
        self._registry = registry
        self._limits = limits
        self._pool = Pool()
        self._loaded: dict[str, Compiler | UnavailableError] = {}
        self._lock = threading.Lock()

    def program(  # noqa: PLR0913 - what is compiled, and how
        self,
        release: Release,
        files: Mapping[str, bytes],
        config: str,
        *,
        overrides: Mapping[str, Json] = MappingProxyType({}),
        libraries: bool = False,
        packages: Installation | None = None,
    ) -> Emitted:
        """Compile a whole project as ``tsc -p`` does, and return all that it would write.

        Types are not checked: that changes no JavaScript. Those of other packages are there only with ``packages``, so
        that without them a declaration (``.d.ts``) that must infer one comes out otherwise.

        :param files: the tree by path as in the repository. Of packages outside of it, what ``extends`` names may be
            added below ``node_modules``. What the compiler would not read is not sent to it.
        :param config: the path of the project's tsconfig.json.
        :param overrides: ``compilerOptions`` that win over the project's.
        :param libraries: whether types are checked, with the compiler's declarations of the language and its
            environments (``lib.*.d.ts``). JavaScript does not need that, unless decorators record types: then the
            declarations are there anyway. Some ``.d.ts`` do; it takes about twice as long.
        :param packages: what lies beside the tree; it is asked for its files only where the result is not known.
        :raises MalformedError: ``COMPILER_INPUT``, ``COMPILER_OUTPUT``, ``COMPILER_TIMEOUT``, ``COMPILER_MEMORY``:
            over a limit; ``COMPILER_SOURCE``: the compiler gave up, or the configuration cannot be read.
        :raises UnavailableError: ``COMPILER_UNAVAILABLE``, ``COMPILER_START``, ``COMPILER_CRASH``.
        """
        tree = sources.readable(files)
        sources.check_tree(tree)
        digests = [(path, _sha256(data)) for path, data in tree.items()]
        beside = [packages.key if packages else "", self._limits.heap]
        key = _key(release, "program", config, thaw(overrides), libraries, digests, *beside)
        answer = self._results.get(key)
        if answer is None:
            added = packages.installed() if packages else None
            if added:
                tree = sources.readable({**added.files, **files})
                sources.check_tree(tree)
            request = {
                "operation": "program",
                "links": list(added.links.items()) if added else [],
                "config": config,
                "overrides": thaw(overrides),
                "libraries": libraries,
                "limit": self._limits.output // 2,
            }
            answer = self._answered(release, request, tree, added.missing if added else "")
            if added is None or added.final:
                self._results.put(key, answer)
        return answers.emitted(answer)

    def outline(
        self,
        release: Release,
        files: Mapping[str, bytes],
        config: str,
        *,
        overrides: Mapping[str, Json] = MappingProxyType({}),
    ) -> Outline:
        """Say what a project would write where, without compiling it. Nothing but the names of its sources counts.

        :param files: as for :meth:`program`.
        :param config: the path of the project's tsconfig.json.
        :param overrides: ``compilerOptions`` that win over the project's.
        :raises MalformedError, UnavailableError: as :meth:`program`.
        """
        tree = sources.readable(files)
        sources.check_tree(tree)
        configs = {path: data for path, data in tree.items() if _is_config(path)}
        digests = [(path, _sha256(data)) for path, data in configs.items()]
        key = _key(release, "outline", config, thaw(overrides), digests, list(tree))
        answer = self._results.get(key)
        if answer is None:
            request = {
                "operation": "outline",
                "files": [(path, sources.decoded(data)) for path, data in configs.items()],
                "paths": list(tree),
                "config": config,
                "overrides": thaw(overrides),
            }
            answer = self._asked(release, request)
            self._results.put(key, answer)
        return answers.outline(answer)

    def emit(
        self, release: Release, outline: Outline, items: Sequence[Single]
    ) -> Sequence[Mapping[str, bytes] | Error]:
        """Compile sources of a project one by one, and return what the project would write of each.

        What is made of a file depends on nothing but itself and the project's options, and is kept as that. Where it
        would depend on other files (a constant of an enumeration that is imported, an inferred type), it is not what
        the project writes: :meth:`program` is.

        :returns: for each of ``items``, in their order, path → bytes, or an error as of :meth:`transpile`.
        :raises UnavailableError: ``COMPILER_UNAVAILABLE``, ``COMPILER_START``: there is no compiler.
        """
        options = thaw(outline.options)
        keys = [_key(release, "emit", options, item.path, item.module_format, _sha256(item.source)) for item in items]
        made = self._each(release, dict(zip(keys, items, strict=True)), {"operation": "emit", "options": options})
        return [one if isinstance(one, Error) else answers.texts(one) for one in map(made.__getitem__, keys)]

    def transpile(self, release: Release, items: Sequence[Transpile]) -> Sequence[bytes | Error]:
        """Compile files one by one, and return the JavaScript of each, or why there is none.

        :returns: for each of ``items``, in their order. A :class:`MalformedError` is about the file itself
            (``COMPILER_INPUT``, ``COMPILER_OUTPUT``, ``COMPILER_TIMEOUT``, ``COMPILER_MEMORY``, ``COMPILER_SOURCE``,
            ``COMPILER_FAILURES``), an :class:`UnavailableError` about us (``COMPILER_CRASH``).
        :raises UnavailableError: ``COMPILER_UNAVAILABLE``, ``COMPILER_START``: there is no compiler.
        """
        keys = [
            _key(release, "transpile", item.path, thaw(item.options), item.module_format, _sha256(item.source))
            for item in items
        ]
        made = self._each(release, dict(zip(keys, items, strict=True)), {"operation": "transpile"})
        return [made[key] for key in keys]

    def literals(self, release: Release, script: Script) -> Mapping[str, Json]:
        """Return what a build script hands to a bundler, folded out of its text. Nothing of the script is evaluated.

        :returns: ``main``, what it exports; ``builds``, ``[bundler, function, options]`` for each call; ``commands``
            that it would run; ``missing`` files that it reads. Values are written as ``literals.js`` says.
        :raises MalformedError, UnavailableError: as :meth:`program`.
        """
        sources.check_tree(script.files)
        request = script.request()
        key = _key(release, "literals", request)
        answer = self._results.get(key)
        if answer is None:
            answer = self._asked(release, {"operation": "literals", **request})
            self._results.put(key, answer)
        value = loads(answer, what=f"literals of {script.path}", max_bytes=self._limits.output)
        if not isinstance(value, Mapping):
            raise MalformedError(f"no literals of {show(script.path)}", code="COMPILER_OUTPUT")
        return value

    def rest(self) -> None:
        """End the processes that nobody uses now, so that they take no memory; the next request starts new ones."""
        self._pool.rest()

    def close(self) -> None:
        """End all processes."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _each(
        self, release: Release, items: Mapping[str, Item], request: Mapping[str, object]
    ) -> Mapping[str, bytes | Error]:
        """Return what each item becomes under its key; what is not known yet is asked in batches, and kept."""
        made: dict[str, bytes | Error] = {}
        wanted: dict[str, Item] = {}
        for key, item in items.items():
            kept = self._results.get(key)
            if kept is not None:
                made[key] = kept
            elif len(item.source) > sources.MAX_SOURCE:
                made[key] = sources.too_large(item.path, len(item.source))
            else:
                wanted[key] = item
        ask = partial(self._asked, release)
        for key, answer in Transpilation(ask, limit=self._limits.output // 2, request=request).run(wanted):
            made[key] = answer
            if isinstance(answer, bytes):
                self._results.put(key, answer)
        return made

    def _answered(
        self, release: Release, request: Mapping[str, object], tree: Mapping[str, bytes], missing: str
    ) -> bytes:
        """Return the answer about a project; that it is more than the limits allow is one, too."""
        try:
            return answers.remarked(self._asked(release, request, files=tree), missing)
        except MalformedError as error:
            if error.code not in answers.LASTING:
                raise
            return answers.kept(error)

    def _asked(
        self,
        release: Release,
        request: Mapping[str, object],
        *,
        files: Mapping[str, bytes] = MappingProxyType({}),
        seconds: float | None = None,
    ) -> bytes:
        """Return an isolate's answer to a request, after sending it the libraries where it asks for them.

        :param files: what the request is about, sent ahead of it in pieces: one text of all of them would be several
            times in memory, on both sides.
        """
        with self._pool.borrowed(release.version, lambda: self._started(release)) as isolate:
            for piece in sources.pieces(files):
                isolate.ask(_json({"operation": "hold", "texts": piece}))
            answer = isolate.ask(_json(request), seconds=seconds)
            if answer == b'{"libraries":true}':
                for piece in sources.pieces(self._compiler(release).libraries):
                    isolate.ask(_json({"operation": "keep", "texts": piece}))
                answer = isolate.ask(_json(request), seconds=seconds)
            if answer.startswith(b'{"error":'):
                # The compiler keeps state between files; what an exception left of it, no other package may see.
                isolate.close()
                raise answers.refused(answer, isolate.what)
            return answer

    def _started(self, release: Release) -> Isolate:
        compiler = self._compiler(release)
        what = f"typescript@{release.version}"
        self._progress.step(f"Loading {what}")
        return Isolate((compiler.program, host_program()), what=what, limits=self._limits)

    def _compiler(self, release: Release) -> Compiler:
        """Return a compiler, fetched once. Where that failed, it is not tried again for every project."""
        with self._lock:
            found = self._loaded.get(release.version)
            if found is None:
                try:
                    found = typescript.load(release, self._transport, self._registry)
                except UnavailableError as error:
                    found = error
                self._loaded[release.version] = found
        if isinstance(found, UnavailableError):
            raise found
        return found


@cache
def host_program() -> bytes:
    """Return the program that receives requests in V8: the parts that it is made of, one after the other."""
    folder = resources.files("provenly.verify.compiler")
    return b"\n".join(folder.joinpath(name).read_bytes() for name in _PROGRAM)


def _key(release: Release, *parts: object) -> str:
    """Return the key of a result: everything that it is made from."""
    whole = [SCHEMA, release.version, release.integrity, _sha256(host_program()), *parts]
    return _sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode())


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _is_config(path: str) -> bool:
    """Whether a project may be read from a file: any JSON, but for manifests of the source, which say nothing of it.

    Those below ``node_modules`` lead to what ``extends`` names.
    """
    return path.endswith(".json") and (not path.endswith("package.json") or path.startswith("node_modules/"))
