"""Launch lines: which package ``npx -y some-server@1.2.3`` runs, read as the runner itself would read it.

An MCP client starts a server with a command line. A loose reading ("does an argument look like the package?") is
fooled by decoys: in ``npx -y pkg@latest pkg@0.2.0`` the second word is the package and the third is handed to it. So
the words are read with the runner's own rules and its table of options:

* npx and npm exec: two stages, as in npm 11's ``bin/npx-cli.js`` and its option parser nopt 8. The first finds where
  npx's own options end; the second reads options, resolving short and abbreviated ones.
* pnpm dlx (pnpx), yarn dlx (Yarn 2 and later) and bun x (bunx): a small table each, after their manuals; options end
  at the first word that is none. An option that is not in the table is refused, since nobody can tell whether the
  next word is its value.

Nothing is executed and nothing is expanded. Values of options and the arguments of the program may hold secrets: they
appear in no message and no note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.errors import UsageError
from provenly.trust.model import Note
from provenly.trust.text import plural, show
from provenly.verify.references.launch_flags import OVERRIDES
from provenly.verify.references.launch_npm import Options, npx_to_npm, read_options

MAX_WORDS: Final = 512
"""Words of a launch line. Real ones have a dozen."""

RUNNERS: Final = frozenset({"npx", "npm", "pnpm", "pnpx", "yarn", "yarnpkg", "bun", "bunx"})
"""Programs whose lines are read, by the last part of their path."""

_SHELLS: Final = frozenset({"sh", "bash", "zsh", "dash", "fish", "cmd", "powershell", "pwsh"})
_LOCAL: Final = frozenset({"node", "deno", "tsx", "ts-node", "python", "python3", "java", "dotnet"})
_OTHERS: Final = frozenset({"uvx", "uv", "pipx", "docker", "podman", "nerdctl", "dnx", "go"})
_WRAPPERS: Final = frozenset(
    {
        "env",
        "sudo",
        "nice",
        "nohup",
        "timeout",
        "exec",
        "op",
        "dotenvx",
        "dotenv",
        "corepack",
        "time",
        "xargs",
        "doppler",
    }
)
COMMANDS: Final = RUNNERS | _SHELLS | _LOCAL | _OTHERS | _WRAPPERS
"""First words by which a line is known to be a command, not a reference."""

_PACKAGE_SUBCOMMANDS: Final[Mapping[str, str]] = {"pnpm": "dlx", "yarn": "dlx", "yarnpkg": "dlx", "bun": "x"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """What a launch line starts.

    :param runner: ``npx``, ``npm exec``, ``pnpm dlx``, ``yarn dlx`` or ``bunx``.
    :param packages: the package arguments as they were written, not yet read; at least one.
    :param binary: the command that is run where it is not the package's own, or empty.
    :param arguments: how many words are handed to the program.
    :param notes: ``LAUNCH_OVERRIDE``, ``LAUNCH_SHELL``, ``LAUNCH_NESTED``, ``LAUNCH_TEMPLATE``.
    """

    runner: str
    packages: tuple[str, ...]
    binary: str = ""
    arguments: int = 0
    notes: tuple[Note, ...] = ()


def command(word: str) -> str:
    """Return the program that the first word of a line names: ``/usr/bin/npx`` and ``npx.cmd`` are ``npx``."""
    name = word.replace("\\", "/").rpartition("/")[2]
    return name.removesuffix(".cmd").removesuffix(".exe").removesuffix(".CMD").removesuffix(".EXE")


def parse(words: Sequence[str]) -> Launch:
    """Read a launch line.

    :param words: the command and its arguments, already split.
    :raises UsageError: the line starts no package of a registry (``LAUNCH_…``); the hint says what to write instead.
    """
    if len(words) > MAX_WORDS:
        raise UsageError(
            f"the launch line has {len(words)} words, more than {MAX_WORDS}",
            code="REF_LENGTH",
            hint="Give only its start, up to the package",
        )
    program = command(words[0])
    if program not in RUNNERS:
        raise _not_a_runner(program, words)
    match program:
        case "npx":
            return _npm(program, ["exec", *npx_to_npm(list(words[1:]))])
        case "npm":
            return _npm("npm exec", list(words[1:]))
        case "pnpx":
            return _simple("pnpm dlx", list(words[1:]), _PNPM)
        case "bunx":
            return _simple("bunx", list(words[1:]), _BUN)
        case _:
            return _subcommand(program, list(words[1:]))


def _not_a_runner(program: str, words: Sequence[str]) -> UsageError:
    """Return the refusal of a line that starts with something else than a runner, with what to do instead."""
    # What stands behind an equals sign may be a secret.
    shown = show(words[0].partition("=")[0] + "=…" if "=" in words[0] else program, limit=64)
    if program in _SHELLS:
        return UsageError(
            f"{shown} runs a script, which is not read",
            code="LAUNCH_SHELL",
            hint="Give the line that the script runs, such as: npx -y NAME@VERSION",
        )
    if program in _LOCAL:
        return UsageError(
            f"{shown} runs code that is on this machine, not a package of a registry",
            code="LAUNCH_UNVERIFIABLE",
            hint="Give the package that the code came from, as NAME@VERSION, or its folder, as ./FOLDER",
        )
    if program in _OTHERS:
        return UsageError(
            f"{shown} starts no npm package, and only those can be verified so far",
            code="LAUNCH_UNVERIFIABLE",
            hint="Where the server is published to npm as well, give that package, as NAME@VERSION",
        )
    inner = next((at for at, word in enumerate(words[1:], 1) if command(word) in RUNNERS), None)
    hint = f"Give only the part from {command(words[inner])} on" if inner else "Give the package, as NAME@VERSION"
    return UsageError(f"{shown} wraps another command, which is not unwrapped", code="LAUNCH_WRAPPER", hint=hint)


def _npm(runner: str, words: list[str]) -> Launch:
    """Read a line of npm, the word ``npm`` already removed."""
    options = read_options(words)
    if not options.rest or options.rest[0] not in {"exec", "x"}:
        raise _wrong_subcommand("npm", "exec", options.rest)
    return _launch(runner, options, options.rest[1:])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """The options of a runner: those without a value, those with one, whose value is a package, and the shell's."""

    switches: frozenset[str]
    valued: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    scripts: frozenset[str] = frozenset()


_PNPM: Final = _Table(
    # https://pnpm.io/cli/dlx and the global options of https://pnpm.io/pnpm-cli
    switches=frozenset({"-s", "--silent", "-y", "--yes", "--color", "--no-color", "--aggregate-output", "--stream"}),
    valued=frozenset(
        {"-C", "--dir", "--reporter", "--loglevel", "--allow-build", "--registry", "--config", "--use-node-version"}
    ),
    packages=frozenset({"-p", "--package"}),
    scripts=frozenset({"-c", "--shell-mode"}),
)
_YARN: Final = _Table(
    # https://yarnpkg.com/cli/dlx
    switches=frozenset({"-q", "--quiet"}),
    packages=frozenset({"-p", "--package"}),
)
_BUN: Final = _Table(
    # https://bun.sh/docs/cli/bunx; it ignores -y, which people carry over from npx
    switches=frozenset({"-b", "--bun", "--no-install", "--verbose", "--silent", "-y", "--yes"}),
    packages=frozenset({"-p", "--package"}),
)
_TABLES: Final = {"pnpm": _PNPM, "yarn": _YARN, "yarnpkg": _YARN, "bun": _BUN}
_FULL_NAMES: Final = {"-C": "prefix", "--dir": "prefix"}


def _subcommand(program: str, words: list[str]) -> Launch:
    """Read a line of pnpm, yarn or bun, which need a subcommand before they run a package."""
    table, wanted = _TABLES[program], _PACKAGE_SUBCOMMANDS[program]
    options = Options()
    _read(program, words, table, options)
    if not options.rest or options.rest[0] != wanted:
        raise _wrong_subcommand(program, wanted, options.rest)
    rest, options.rest = options.rest[1:], []
    _read(program, rest, table, options)
    runner = "bunx" if program == "bun" else f"{program.removesuffix('pkg')} {wanted}"
    return _launch(runner, options, options.rest)


def _simple(runner: str, words: list[str], table: _Table) -> Launch:
    """Read a line whose program runs packages and nothing else."""
    options = Options()
    _read(runner, words, table, options)
    return _launch(runner, options, options.rest)


def _read(runner: str, words: list[str], table: _Table, options: Options) -> None:
    """Sort words into options and the rest, which starts at the first word that is no option."""
    at = 0
    while at < len(words):
        name, equals, value = words[at].partition("=")
        if words[at] == "--":
            at += 1
            break
        if not name.startswith("-") or name == "-":
            break
        if name in table.valued | table.packages:
            if not equals:
                at += 1
                value = words[at] if at < len(words) else ""
            if name in table.packages:
                options.packages.append(value)
        elif name in table.scripts:
            options.shell = True
        elif name not in table.switches or equals:
            raise UsageError(
                f"{runner} has no option {show(name, limit=64)} that is known here, so what follows it cannot be told",
                code="LAUNCH_OPTION",
                hint="Give the package itself, as NAME@VERSION",
            )
        options.names.append(_FULL_NAMES.get(name, name.lstrip("-")))
        at += 1
    options.rest.extend(words[at:])


# what all runners share


def _launch(runner: str, options: Options, rest: Sequence[str]) -> Launch:
    """Make the launch of what was read.

    :param rest: the words that are no options: the package, where no option names one, and the program's arguments.
    """
    packages = tuple(options.packages) or tuple(rest[:1])
    if not any(packages):
        raise UsageError(
            f"this {runner} line names no package",
            code="LAUNCH_NO_PACKAGE",
            hint="Give the package that provides the command, as NAME@VERSION",
        )
    arguments = rest[1:]
    return Launch(
        runner=runner,
        packages=packages,
        binary=rest[0] if options.packages and rest else "",
        arguments=len(arguments),
        notes=_notes(runner, options, arguments),
    )


def _notes(runner: str, options: Options, arguments: Sequence[str]) -> tuple[Note, ...]:
    """Return what a reader should know about a launch; no values of options and no arguments are quoted."""
    notes: list[Note] = []
    for name in dict.fromkeys(options.names):
        why = OVERRIDES.get(name, "")
        if name.endswith(":registry"):
            why = OVERRIDES["registry"]
        elif name.startswith("//"):
            name, why = "//…", OVERRIDES["_auth"]  # noqa: PLW2901 - the rest may hold a secret
        if why:
            shown = show(name, limit=64)
            notes.append(Note(code="LAUNCH_OVERRIDE", text=f"the option --{shown} changes what is run: {why}"))
    if options.shell:
        text = f"{runner} runs a script of the shell around the package, which is not read"
        notes.append(Note(code="LAUNCH_SHELL", text=text))
    nested = sum(any(command(part) in RUNNERS for part in word.split()[:1]) for word in arguments)
    if nested:
        text = f"{plural(nested, 'argument')} of the program starts another command, which is not verified"
        notes.append(Note(code="LAUNCH_NESTED", text=text))
    templates = sum("${" in word or "$(" in word or "`" in word for word in arguments)
    if templates:
        text = f"{plural(templates, 'argument')} of the program holds a template, which is not filled in"
        notes.append(Note(code="LAUNCH_TEMPLATE", text=text))
    return tuple(notes)


def _wrong_subcommand(program: str, wanted: str, rest: Sequence[str]) -> UsageError:
    """Return the refusal of, for example, ``npm install x``."""
    found = f"{program} {show(rest[0], limit=64)}" if rest else program
    return UsageError(
        f"{found} does not run a package of a registry",
        code="LAUNCH_UNVERIFIABLE",
        hint=f"{program} {wanted} does. To verify a package, give it as NAME@VERSION",
    )
