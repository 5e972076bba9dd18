"""A build that may have made packed files: how esbuild is called, and what is done with its output."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Final

BUILTIN: Final = (
    *("assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto"),
    *("dgram", "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs", "fs/promises", "http", "http2"),
    *("https", "inspector", "inspector/promises", "module", "net", "os", "path", "path/posix", "path/win32"),
    *("perf_hooks", "process", "punycode", "querystring", "readline", "readline/promises", "repl", "sea", "sqlite"),
    *("stream", "stream/consumers", "stream/promises", "stream/web", "string_decoder", "sys", "test", "test/reporters"),
    *("timers", "timers/promises", "tls", "trace_events", "tty", "url", "util", "util/types", "v8", "vm", "wasi"),
    *("worker_threads", "zlib"),
)
"""The modules of Node.js (https://nodejs.org/api/), as they are named behind ``node:``."""


_CODE: Final = (".js", ".mjs", ".cjs")


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """One call of esbuild.

    :param tool: who calls it: ``esbuild`` itself, or ``tsup``.
    :param origin: where that stands: ``tsup.config.ts``, ``scripts/build.js``, ``the script build``.
    :param directory: the directory in the repository in which it runs.
    :param arguments: entry points and flags, as on esbuild's command line; paths are from ``directory``.
    :param out: the folder that it writes to, or with ``single`` the file, in the repository.
    :param single: whether it writes one file whose name is given.
    :param map_line: what stands behind each output for its source map: ``file`` is a line with its name, ``inline`` is
        the map itself, empty is what esbuild writes.
    :param plain_maps: whether source maps are written again without spaces, as ``JSON.stringify`` does.
    :param interop: whether CommonJS entry points that export nothing but a default become that.
    :param left_out: members of the options that are not known here, or cannot be done.
    :param shims: a file of the package ``tsup`` that is put into every bundle, or empty.
    :param version: the package's version where it took the place of the one in the repository, else empty.
    """

    tool: str
    origin: str
    directory: str
    arguments: tuple[str, ...]
    out: str
    single: bool = False
    map_line: str = ""
    plain_maps: bool = False
    interop: bool = False
    left_out: tuple[str, ...] = ()
    shims: str = ""
    version: str = ""

    @property
    def folder(self) -> str:
        """The folder that it writes to."""
        return posixpath.dirname(self.out) if self.single else self.out

    @property
    def family(self) -> tuple[str, ...]:
        """What builds have in common that write the same modules, in whatever order and with whatever options."""
        forms = (word for word in self.arguments if word.startswith(("--format=", "--out-extension:")))
        return (self.tool, self.origin, self.out, *sorted(self.entries), "", *sorted(forms))

    @property
    def kin(self) -> tuple[str, ...]:
        """What builds have in common whose outputs differ in the order of imports alone."""
        kept = (word for word in self.arguments if not word.startswith("--external:") or word[11:] not in BUILTIN)
        return (self.tool, self.origin, self.directory, self.version, *sorted(kept))

    @property
    def entries(self) -> tuple[str, ...]:
        """The paths of its entry points in the repository."""
        words = (word for word in self.arguments if not word.startswith("-"))
        return tuple(placed(word.rpartition("=")[2], self.directory) for word in words)

    def writes(self, path: str) -> bool:
        """Whether it may write a path of the repository."""
        if self.single:
            # Beside the one file of code there may be styles and other files that it asks for.
            own = path == self.out or not path.endswith(_CODE)
            return path == f"{self.out}.map" or (own and posixpath.dirname(path) == posixpath.dirname(self.out))
        return (not self.out or path.startswith(f"{self.out}/")) and self._names(path)

    def _names(self, path: str) -> bool:
        """Whether it may give a file of code its name: without chunks and patterns for names, those of its entries."""
        patterns = ("--splitting", "--entry-names", "--chunk-names")
        if not path.endswith(_CODE) or any(word.startswith(patterns) for word in self.arguments):
            return True
        entries = [word for word in self.arguments if not word.startswith("-")]
        stems = {posixpath.splitext(posixpath.basename(word.partition("=")[0]))[0] for word in entries}
        name = posixpath.basename(path)
        return any("*" in word for word in entries) or any(name.startswith(f"{stem}.") for stem in stems)


def placed(text: str, directory: str) -> str:
    """Return a path that a build states as a path in the repository; ``..`` beyond its root is its root."""
    return posixpath.normpath(posixpath.join("/", directory, text)).lstrip("/")


def relative(text: str, directory: str) -> str:
    """Return a path that a build states as one from its directory. What is relative stays as it is."""
    if not text.startswith("/"):
        return text
    return posixpath.relpath(placed(text, directory) or ".", directory or ".")
