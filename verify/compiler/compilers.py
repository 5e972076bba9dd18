"""The one door to the TypeScript compiler: sources in, what the compiler makes of them out.

Nothing here touches a package on disk, installs or runs it. The compiler is one of the pinned releases, it runs in V8
in a child process with limits, and it sees only the files that it is given. Whether its output proves anything is for
the caller to find out, by comparing bytes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from typing import Final, Self

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.strict_json import Json, thaw
from provenly.trust.text import show
from provenly.verify.compiler import sources, typescript
from provenly.verify.compiler.isolate import LIMITS, Isolate, Limits
from provenly.verify.compiler.pool import Pool
from provenly.verify.compiler.releases import Release
from provenly.verify.compiler.results import Results
from provenly.verify.compiler.transpilation import Transpilation, Transpile
from provenly.verify.compiler.typescript import Compiler
from provenly.verify.context import Progress, Silence, Transport
from provenly.verify.network.cache import Cache

__all__ = ["Compilers", "Emitted", "Transpile"]

NPM_REGISTRY: Final = "https://registry.npmjs.org"

SCHEMA: Final = 1
"""Changes whenever the same inputs would give another result for a reason that the inputs do not show."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Emitted:
    """What a project compiles to.

    :param outputs: path → bytes, paths as in the repository.
    :param origins: output path → the paths of the sources that it was made from.
    :param diagnostics: what the compiler said about the configuration and the syntax, the first 50.
    """

    outputs: Mapping[str, bytes] = field(repr=False)
    origins: Mapping[str, tuple[str, ...]] = field(repr=False)
    diagnostics: tuple[str, ...]


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

    def program(
        self,
        release: Release,
        files: Mapping[str, bytes],
        config: str,
        *,
        overrides: Mapping[str, Json] = MappingProxyType({}),
        libraries: bool = False,
    ) -> Emitted:
        """Compile a whole project as ``tsc -p`` does, and return all that it would write.

        Types are not checked: that changes no JavaScript. Those of other packages are not there, unless they are among
        ``files``, so that a declaration (``.d.ts``) that must infer one comes out otherwise.

        :param files: the tree by path as in the repository. Of packages outside of it, what ``extends`` or types come
            from may be added below ``node_modules``. What the compiler would not read is not sent to it.
        :param config: the path of the project's tsconfig.json.
        :param overrides: ``compilerOptions`` that win over the project's.
        :param libraries: whether types are checked, with the compiler's declarations of the language and its
            environments (``lib.*.d.ts``). JavaScript does not need that, unless decorators record types: then the
            declarations are there anyway. Some ``.d.ts`` do; it takes about twice as long.
        :raises MalformedError: ``COMPILER_INPUT``, ``COMPILER_OUTPUT``, ``COMPILER_TIMEOUT``, ``COMPILER_MEMORY``:
            over a limit; ``COMPILER_SOURCE``: the compiler gave up, or the configuration cannot be read.
        :raises UnavailableError: ``COMPILER_UNAVAILABLE``, ``COMPILER_START``, ``COMPILER_CRASH``.
        """
        tree = sources.readable(files)
        sources.check_tree(tree)
        digests = [(path, _sha256(data)) for path, data in tree.items()]
        key = _key(release, "program", config, thaw(overrides), libraries, digests)
        answer = self._results.get(key)
        if answer is None:
            request = {
                "operation": "program",
                "files": [(path, sources.decoded(data)) for path, data in tree.items()],
                "config": config,
                "overrides": thaw(overrides),
                "libraries": libraries,
                "limit": self._limits.output // 2,
            }
            answer = self._asked(release, request)
            self._results.put(key, answer)
        return _emitted(answer)

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
        answers: dict[str, bytes | Error] = {}
        wanted: dict[str, Transpile] = {}
        for key, item in zip(keys, items, strict=True):
            kept = self._results.get(key)
            if kept is not None:
                answers[key] = kept
            elif len(item.source) > sources.MAX_SOURCE:
                answers[key] = sources.too_large(item.path, len(item.source))
            else:
                wanted[key] = item
        for key, answer in Transpilation(partial(self._asked, release), limit=self._limits.output // 2).run(wanted):
            answers[key] = answer
            if isinstance(answer, bytes):
                self._results.put(key, answer)
        return [answers[key] for key in keys]

    def close(self) -> None:
        """End all processes."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, release: Release, request: Mapping[str, object], *, seconds: float | None = None) -> bytes:
        """Return an isolate's answer to a request, after sending it the libraries where it asks for them."""
        with self._pool.borrowed(release.version, lambda: self._started(release)) as isolate:
            answer = isolate.ask(_json(request), seconds=seconds)
            if answer == b'{"libraries":true}':
                texts = [(name, sources.decoded(data)) for name, data in self._compiler(release).libraries.items()]
                isolate.ask(_json({"operation": "keep", "texts": texts}))
                answer = isolate.ask(_json(request), seconds=seconds)
            if answer.startswith(b'{"error":'):
                # The compiler keeps state between files; what an exception left of it, no other package may see.
                isolate.close()
                raise _refused(answer, isolate.what)
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
    """Return the program that receives requests in V8."""
    return resources.files("provenly.verify.compiler").joinpath("host.js").read_bytes()


def _key(release: Release, *parts: object) -> str:
    """Return the key of a result: everything that it is made from."""
    whole = [SCHEMA, release.version, release.integrity, _sha256(host_program()), *parts]
    return _sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode())


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _refused(answer: bytes, what: str) -> Error:
    """Return the error for an answer that is one."""
    reason = str(json.loads(answer)["error"])
    if reason == "output":
        return MalformedError(f"{what} made more output than is taken", code="COMPILER_OUTPUT")
    if reason == "tainted":
        return UnavailableError(f"the sources changed {what} itself, which cannot be", code="COMPILER_CRASH")
    return MalformedError(f"{what} gave up: {show(reason, limit=300)}", code="COMPILER_SOURCE")


def _emitted(answer: bytes) -> Emitted:
    """Read the answer to a project."""
    value = json.loads(answer)
    return Emitted(
        outputs=MappingProxyType({path: text.encode() for path, text in value["outputs"]}),
        origins=MappingProxyType({path: tuple(origins) for path, origins in value["origins"]}),
        diagnostics=tuple(value["diagnostics"]),
    )
