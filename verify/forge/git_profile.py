"""How git is started: with nothing of the user's surroundings, and with limits.

The environment is built from nothing. An ambient ``GIT_CONFIG_COUNT`` can rewrite URLs, ``GIT_TRACE_CURL`` writes
files, ``.netrc`` and askpass programs hand out passwords to whoever asks, and hooks, filters, helpers and templates run
programs. None of them is reachable with the variables and options below (see git(1), "Environment Variables", and
git-config(1) for each). What is read here is data, so this module starts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

SEARCH_PATH: Final = ("/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin")
"""Where git is looked for, in this order; never the working directory and never the user's ``PATH``."""

MIN_VERSION: Final = (2, 30)
"""The oldest git that we use: ``fetch --stdin`` and ``--no-write-fetch-head`` came with 2.29; Debian 11 has 2.30."""

WALL_SECONDS: Final = 180.0
"""Seconds that one git command may take, the network included, before its process group is killed."""

READ_SECONDS: Final = 60.0
"""Seconds for a command that reads what is on this machine already; real repositories need less than one."""

CPU_SECONDS: Final = 300
"""Seconds of processor time of one git process (``RLIMIT_CPU``)."""

MAX_ADDRESS_SPACE: Final = 2 << 30
"""Bytes of address space of one git process (``RLIMIT_AS``); a 400 MiB blob stops at this, not the machine."""

MAX_PACK: Final = 512 << 20
"""Bytes of one file that git may write (``RLIMIT_FSIZE``), packs above all."""

MAX_FILES_OPEN: Final = 256
"""File descriptors of one git process."""

MAX_STDERR: Final = 64 << 10
"""Bytes of messages that are kept of one git process; the rest is read and dropped."""

LOW_SPEED: Final = (1_000, 20)
"""Bytes per second below which, and seconds after which, git itself gives a server up."""


class Protocol(StrEnum):
    """What git may speak in one command: at most one protocol, and while it reads none at all."""

    NONE = ""
    HTTPS = "https"
    HTTP = "http"
    FILE = "file"


SHELL_LIMITS: Final = (
    f"ulimit -t {CPU_SECONDS}; ulimit -c 0; ulimit -n {MAX_FILES_OPEN}; "
    f'ulimit -v {MAX_ADDRESS_SPACE >> 10} 2>/dev/null; ulimit -f "$1"; shift; exec "$@"'
)
"""Sets the limits, then becomes git. A shell does it because Python would have to fork (slow, and unsafe with threads).

The first argument is the largest file in blocks of 512 bytes (POSIX ``ulimit -f``). ``-v`` is not known to every shell
and system (macOS has no ``RLIMIT_AS``); the other limits and the clock still hold there.
"""

_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PATH": ":".join(SEARCH_PATH),
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TEMPLATE_DIR": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
        "SSH_ASKPASS_REQUIRE": "never",
        "GCM_INTERACTIVE": "never",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_SSH_COMMAND": "/bin/false",
        "GIT_PROXY_COMMAND": "/bin/false",
        "GIT_EDITOR": "/bin/false",
        "GIT_PAGER": "cat",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ADVICE": "0",
    }
)

_OPTIONS: Final = (
    "protocol.version=2",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.attributesFile=/dev/null",
    "core.bigFileThreshold=1m",
    "core.packedGitLimit=128m",
    "pack.windowMemory=64m",
    "pack.threads=1",
    "credential.helper=",
    "core.askPass=/bin/false",
    "http.followRedirects=false",
    "http.sslVerify=true",
    "http.extraHeader=",
    "http.cookieFile=",
    f"http.lowSpeedLimit={LOW_SPEED[0]}",
    f"http.lowSpeedTime={LOW_SPEED[1]}",
    "http.maxRequests=2",
    "transfer.fsckObjects=true",
    "fetch.fsckObjects=true",
    "transfer.bundleURI=false",
    "transfer.credentialsInUrl=die",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "fetch.writeCommitGraph=false",
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "maintenance.auto=false",
    "safe.bareRepository=explicit",
    "color.ui=false",
    "diff.external=",
    "log.showSignature=false",
)

LOCAL_CONFIG: Final = """\
# Written by provenly, read by the git-upload-pack of a local mirror only.
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[safe]
	directory = {directory}
"""
"""What git's own server side needs for a mirror that is a path on this machine.

The mirror is a folder that the user named, and it may belong to another account (``safe.directory``). Its own
configuration cannot name programs to run here: ``uploadpack.packObjectsHook`` is read from protected configuration
only, and lazy fetching and protocols are off in the environment, which the server side inherits.
"""


def environment(home: Path, protocol: Protocol, config: Path | None) -> dict[str, str]:
    """Return all environment variables of a git process.

    :param home: a folder of ours that holds no configuration.
    :param protocol: the one protocol that may be spoken (``GIT_ALLOW_PROTOCOL``).
    :param config: the global configuration file, see :data:`LOCAL_CONFIG`; without one there is none.
    """
    folder = str(home)
    return {
        **_ENVIRONMENT,
        "HOME": folder,
        "XDG_CONFIG_HOME": folder,
        "TMPDIR": folder,
        "GIT_CONFIG_GLOBAL": str(config) if config else "/dev/null",
        "GIT_ALLOW_PROTOCOL": protocol.value,
    }


def options(git_dir: Path | None, proxy: str = "", ca_file: str = "", extra: tuple[str, ...] = ()) -> list[str]:
    """Return the options that stand before the name of a git command.

    :param git_dir: the repository; without one the command needs none.
    :param proxy: an explicit proxy URL; ambient proxies are never used.
    :param ca_file: a file of certificate authorities instead of the system's.
    :param extra: further ``key=value`` settings.
    """
    settings = [*_OPTIONS, f"http.proxy={proxy}", *([f"http.sslCAInfo={ca_file}"] if ca_file else []), *extra]
    where = [f"--git-dir={git_dir}"] if git_dir else []
    return [*where, "--no-pager", "--literal-pathspecs", *(part for item in settings for part in ("-c", item))]
