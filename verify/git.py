"""The one place that starts git.

Everything here takes and returns bytes; what they mean is for :mod:`~provenly.verify.forge.git_parse` and
:mod:`~provenly.verify.forge.repository`. A command has a deadline and a cap on its output, is killed with all its
children when either is reached, and runs under the profile of :mod:`~provenly.verify.forge.git_profile`.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.text import plural, show
from provenly.verify.forge import git_profile
from provenly.verify.forge.git_profile import Protocol

MAX_OUTPUT: Final = 64 << 20
"""Bytes of output of one command where the caller names no other cap."""

_CHUNK: Final = 1 << 20
"""Bytes that are read from or written to git at once."""

_MAX_SHOWN_MESSAGE: Final = 500
"""Characters of git's own messages that go into an error."""

_OID: Final = re.compile(rb"[0-9a-f]{40}\n")

_COLLISION: Final = re.compile(rb"collision attack", re.IGNORECASE)
"""What git says when its collision detection strikes (sha1dc_git.c)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a git command left behind.

    :param status: its exit status; negative for a signal.
    :param output: its standard output.
    :param messages: its standard error, foreign text: the remote side writes into it.
    """

    status: int
    output: bytes
    messages: bytes

    @property
    def shown(self) -> str:
        """The messages on one line, safe to show."""
        lines = (line.strip() for line in self.messages.decode("utf-8", "backslashreplace").splitlines())
        return show(" / ".join(line for line in lines if line), limit=_MAX_SHOWN_MESSAGE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Git:
    """Runs git commands in one repository.

    :param git_dir: the bare repository, or ``None`` for commands without one.
    :param home: an existing folder of ours, private and without configuration: git's ``HOME`` and ``TMPDIR``.
    :param protocol: what git may speak when the network is allowed.
    :param config: the global configuration file for local mirrors, see :data:`~.git_profile.LOCAL_CONFIG`.
    :param proxy: the proxy that the user named, or empty.
    :param ca_file: the certificate authorities that the user named, or empty.
    :param max_file: bytes of a file that git may write.
    """

    git_dir: Path | None
    home: Path
    protocol: Protocol = Protocol.NONE
    config: Path | None = None
    proxy: str = ""
    ca_file: str = ""
    max_file: int = git_profile.MAX_PACK

    def run(  # noqa: PLR0913 - limits are named where they are used
        self,
        *arguments: str,
        network: bool = False,
        stdin: Iterable[bytes] = (),
        max_output: int = MAX_OUTPUT,
        seconds: float = git_profile.READ_SECONDS,
        settings: tuple[str, ...] = (),
        enough: int | None = None,
    ) -> Result:
        """Run one command to its end and return what it left, whatever its exit status.

        :param network: whether it may use :attr:`protocol`; otherwise it may speak to nobody.
        :param stdin: what is written to it, piece by piece.
        :param max_output: bytes of output after which it is killed.
        :param seconds: wall-clock time after which it is killed.
        :param settings: further ``key=value`` configuration.
        :param enough: bytes of output after which the rest is not wanted: the command is stopped and that is no error.
        :raises UnavailableError: git is missing or too old (``GIT_MISSING``, ``GIT_OLD``), or the time is up
            (``SOURCE_TIMEOUT``).
        :raises MalformedError: more than ``max_output`` bytes (``SOURCE_LIMIT``).
        """
        command = [
            *("/bin/sh", "-c", git_profile.SHELL_LIMITS, "sh", str(self.max_file // 512), executable()),
            *git_profile.options(self.git_dir, self.proxy, self.ca_file, settings),
            *arguments,
        ]
        protocol = self.protocol if network else Protocol.NONE
        variables = git_profile.environment(self.home, protocol, self.config if network else None)
        with _started(command, variables, self.home) as process:
            try:
                return _converse(process, iter(stdin), max_output, time.monotonic() + seconds, enough)
            except _OutOfTimeError:
                raise UnavailableError(
                    f"git {arguments[0]} took more than {seconds:g} seconds and was stopped",
                    code="SOURCE_TIMEOUT",
                    hint="Try again later, or name a mirror with --git-mirror.",
                ) from None
            except _OutOfRoomError:
                raise MalformedError(
                    f"git {arguments[0]} gave more than {plural(max_output, 'byte')} of output", code="SOURCE_LIMIT"
                ) from None
            finally:
                _end(process)

    def check(self, *arguments: str, stdin: Iterable[bytes] = (), max_output: int = MAX_OUTPUT) -> bytes:
        """Run a command that reads, and return its output.

        :raises UnavailableError: as :meth:`run`, and where the command fails (``GIT_FAILED``): what it reads is ours.
        :raises MalformedError: as :meth:`run`.
        """
        result = self.run(*arguments, stdin=stdin, max_output=max_output)
        if result.status:
            raise UnavailableError(
                f"git {arguments[0]} ended with status {result.status}: {result.shown}",
                code="GIT_FAILED",
                hint="Delete provenly's cache folder and try again.",
            )
        return result.output


class _OutOfTimeError(Exception):
    """The deadline has passed."""


class _OutOfRoomError(Exception):
    """The output is over its cap."""


def _started(command: list[str], variables: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a fixed program and shell text; arguments are passed, never interpolated
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=variables,
        cwd=folder,
        bufsize=0,
        close_fds=True,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the command and its children (they share a process group), and reap it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _converse(
    process: subprocess.Popen[bytes], stdin: Iterator[bytes], max_output: int, deadline: float, enough: int | None
) -> Result:
    """Feed ``stdin`` to a process and collect what it says, until it has ended or said enough."""
    assert process.stdin and process.stdout and process.stderr  # noqa: S101, PT018 - all three are pipes
    output, messages, feed = bytearray(), bytearray(), _Feed(stdin)
    collected = {process.stdout.fileno(): output, process.stderr.fileno(): messages}
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdin, process.stdout, process.stderr):
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_WRITE if stream is process.stdin else selectors.EVENT_READ)
        while selector.get_map():
            if time.monotonic() >= deadline:
                raise _OutOfTimeError
            for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                if key.fileobj is process.stdin:
                    if not feed.into(key.fd):
                        selector.unregister(process.stdin)
                        process.stdin.close()
                elif chunk := os.read(key.fd, _CHUNK):
                    collected[key.fd] += chunk
                else:
                    selector.unregister(key.fileobj)
            del messages[git_profile.MAX_STDERR :]
            if len(output) > max_output:
                raise _OutOfRoomError
            if enough is not None and len(output) >= enough:
                return Result(status=0, output=bytes(output), messages=bytes(messages))
    status = _ended(process, deadline)
    return Result(status=status, output=bytes(output), messages=bytes(messages))


def _ended(process: subprocess.Popen[bytes], deadline: float) -> int:
    """Wait for the end of a process and return its exit status."""
    try:
        return process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise _OutOfTimeError from None


class _Feed:
    """What is still to be written to a process.

    :param pieces: the input, in pieces of any size.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._pending = memoryview(b"")

    def into(self, descriptor: int) -> bool:
        """Write as much as fits now; return whether anything may be left."""
        if not self._pending:
            gathered, size = [], 0
            for piece in self._pieces:
                gathered.append(piece)
                size += len(piece)
                if size >= _CHUNK:
                    break
            self._pending = memoryview(b"".join(gathered))
        if not self._pending:
            return False
        try:
            self._pending = self._pending[os.write(descriptor, self._pending) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False  # it has stopped reading: its exit status says why
        return True


@cache
def executable() -> str:
    """Return the absolute path of git, after a look at what it says of itself. Asked once in a process.

    SHA-1 with collision detection has been git's default since 2.13; a build may choose another. Since 2.50
    ``git version --build-options`` names the choice (``SHA-1: SHA1_DC``; git-version(1)), and one without collision
    detection is refused. An older git does not say, and its build is trusted: nobody has published two files that
    collide behind git's header, so it cannot be tried either.

    :raises UnavailableError: there is no git (``GIT_MISSING``), it is too old (``GIT_OLD``), or it was built with a
        SHA-1 that does not detect collisions (``GIT_SHA1``).
    """
    found = next((f"{folder}/git" for folder in git_profile.SEARCH_PATH if os.access(f"{folder}/git", os.X_OK)), None)
    if found is None:
        raise UnavailableError(
            f"there is no git in {', '.join(git_profile.SEARCH_PATH)}",
            code="GIT_MISSING",
            hint="Install git with the system's package manager.",
        )
    variables = git_profile.environment(Path("/nonexistent"), Protocol.NONE, None)
    command = [found, "version", "--build-options"]
    try:
        said = subprocess.run(command, capture_output=True, env=variables, cwd="/", timeout=10, check=False).stdout  # noqa: S603 - a fixed command
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{found} cannot be run: {error}", code="GIT_MISSING") from error
    judge_version(said.decode("ascii", "replace"), found)
    return found


def judge_version(said: str, found: str) -> None:
    """Refuse a git by its answer to ``git version --build-options``.

    :raises UnavailableError: ``GIT_OLD`` or ``GIT_SHA1``, see :func:`executable`.
    """
    version = re.match(r"git version ([0-9]+)\.([0-9]+)", said)
    if version is None or (int(version[1]), int(version[2])) < git_profile.MIN_VERSION:
        wanted = ".".join(map(str, git_profile.MIN_VERSION))
        raise UnavailableError(
            f"{found} must be git {wanted} or newer, and says {show(said.partition(chr(10))[0], limit=80)!r}",
            code="GIT_OLD",
            hint="Install a newer git with the system's package manager.",
        )
    backend = re.search(r"^SHA-1: (\S+)", said, re.MULTILINE)
    if backend is not None and not backend[1].startswith("SHA1_DC"):
        raise UnavailableError(
            f"{found} computes object ids with {show(backend[1], limit=80)}, which does not detect SHA-1 collisions",
            code="GIT_SHA1",
            hint="Install a git that was built with SHA1_DC, its default.",
        )


def object_ids(contents: Sequence[bytes]) -> tuple[str, ...]:
    """Return the id that git gives to each of ``contents`` as a blob, in their order: 40 hexadecimal digits each.

    Git's own hashing computes them (SHA-1 with collision detection: it refuses contents that are part of a known
    attack). One ``git fast-import`` takes all of them through a pipe into a folder that is thrown away.

    :raises MalformedError: git refused the contents as part of an attack on SHA-1 (``SHA1_COLLISION``).
    :raises UnavailableError: as :meth:`Git.run`, or git could not do it (``GIT_FAILED``: no room, say).
    """
    if not contents:
        return ()
    wanted = 41 * len(contents)
    with tempfile.TemporaryDirectory(prefix="provenly-") as folder:
        result = Git(git_dir=bare_skeleton(Path(folder) / "ids"), home=Path(folder), max_file=1 << 40).run(
            *("fast-import", "--quiet", "--depth=0"),
            stdin=_import_stream(contents),
            settings=("core.compression=0", "pack.compression=0", "fastimport.unpackLimit=0", "core.fsync=none"),
            max_output=wanted,
            enough=wanted,
        )
    if _COLLISION.search(result.messages):
        raise MalformedError(f"git refused to hash the files: {result.shown}", code="SHA1_COLLISION")
    if result.status or len(result.output) != wanted:
        raise UnavailableError(
            f"git could not hash the files: {result.shown}",
            code="GIT_FAILED",
            hint="Is there room in the folder for temporary files (TMPDIR)?",
        )
    return tuple(line.rstrip().decode("ascii") for line in _OID.findall(result.output))


def _import_stream(contents: Sequence[bytes]) -> Iterator[bytes]:
    """Yield commands of git-fast-import(1): one ``blob`` for each of ``contents``, then ``get-mark`` for each."""
    for number, content in enumerate(contents, 1):
        yield b"blob\nmark :%d\ndata %d\n" % (number, len(content))
        yield content
        yield b"\n"
    for number in range(1, len(contents) + 1):
        yield b"get-mark :%d\n" % number


def bare_skeleton(path: Path) -> Path:
    """Make an empty bare repository without starting git (gitrepository-layout), and return its path."""
    for name in ("objects/pack", "refs"):
        (path / name).mkdir(parents=True, mode=0o700)
    (path / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
    return path
