"""The commands of a manifest's scripts, read from their text; no shell and no script is run.

Read are words, quotes, ``&&`` and its like, ``cd``, variables before a command (``cross-env`` too), the runners of npm,
pnpm, yarn and bun, ``npm-run-all``, and scripts that call scripts. What a shell would make of other variables or of
substitutions is not known, and such words stay as they are.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provenly.trust.strict_json import Json

MAX_SCRIPT: Final = 4_096
"""Characters of one script."""

MAX_SCRIPTS: Final = 200
"""Scripts of one manifest."""

MAX_COMMANDS: Final = 200
"""Commands of one manifest."""

MAX_CALLS: Final = 6
"""Scripts that call scripts that call scripts."""

_LIKELY: Final = ("prepublishonly", "prepack", "prepare", "build", "bundle", "compile", "release", "publish")
"""What names of scripts begin with that lead to a release."""

_UNLIKELY: Final = ("dev", "watch", "start", "test", "lint", "debug", "preview", "storybook")
"""What names of scripts begin with that lead to none, unless one of the others calls them."""

_OPERATORS: Final = frozenset({"&&", "||", ";", "|", "&", "(", ")", "\n", ";;", "|&"})
_VARIABLE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_EXPANDED: Final = re.compile(r"\$\{?(npm_package_(?:version|name))\b\}?")
_MANAGERS: Final = frozenset({"npm", "pnpm", "yarn", "bun", "npx", "pnpx", "bunx"})
_RUNNERS: Final = frozenset({"npx", "pnpx", "bunx"})
_WRAPPERS: Final = frozenset({"cross-env", "cross-env-shell", "env", "time", "dotenv", "--", "exec", "dlx", "x"})
_LISTS: Final = frozenset({"npm-run-all", "run-s", "run-p", "npm-run-all2"})
_SHELLS: Final = frozenset({"sh", "bash", "zsh", "concurrently"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command of a script.

    :param script: the name of the script that it stands in.
    :param words: the program and its arguments, without what runs them (``npx``, ``cross-env``).
    :param directory: where it is run, in the repository.
    :param variables: what is set for it: names and values.
    """

    script: str
    words: tuple[str, ...]
    directory: str
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def program(self) -> str:
        """The name of the program, without the folders that it is in."""
        return posixpath.basename(self.words[0])


def commands(manifest: Mapping[str, Json], directory: str) -> tuple[Command, ...]:
    """Return the commands of all scripts of a manifest, those first that lead to a release.

    :param manifest: a package.json.
    :param directory: the directory that it is in.
    """
    scripts = manifest.get("scripts")
    stated: Mapping[str, Json] = scripts if isinstance(scripts, Mapping) else {}
    known = {name: text for name, text in stated.items() if isinstance(text, str) and len(text) <= MAX_SCRIPT}
    if len(known) > MAX_SCRIPTS:
        return ()
    reader = _Reader(known, {name: str(manifest.get(name, "")) for name in ("version", "name")}, directory)
    for name in sorted(known, key=_rank):
        if not name.lower().startswith(_UNLIKELY):
            reader.script(name, (), (), MAX_CALLS)
    return tuple(reader.found)


def _rank(name: str) -> tuple[int, int, str]:
    low = name.lower()
    return next((at for at, start in enumerate(_LIKELY) if low.startswith(start)), len(_LIKELY)), len(name), name


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """Where a command stands; see :class:`Command`.

    :param calls: how many scripts may still call one another.
    """

    script: str
    directory: str
    variables: tuple[tuple[str, str], ...]
    calls: int


class _Reader:
    """Reads scripts, and those that they call, each command once."""

    def __init__(self, scripts: Mapping[str, str], values: Mapping[str, str], directory: str) -> None:
        self._scripts = scripts
        self._values = values
        self._directory = directory
        self.found: dict[Command, None] = {}

    def script(self, name: str, extra: Sequence[str], variables: tuple[tuple[str, str], ...], calls: int) -> None:
        """Read the commands of a script.

        :param extra: words that whoever calls it puts behind its last command.
        :param calls: how many scripts may still call one another.
        """
        text = self._scripts.get(name)
        if text is not None and calls:
            call = _Call(script=name, directory=self._directory, variables=variables, calls=calls)
            self.text(call, text, extra)

    def text(self, call: _Call, text: str, extra: Sequence[str]) -> None:
        """Read the commands of a text, in the directories that ``cd`` leads to."""
        parts = list(_split(_EXPANDED.sub(lambda match: self._values[match[1].removeprefix("npm_package_")], text)))
        for at, words in enumerate(parts):
            if words[0] == "cd" and len(words) > 1:
                folder = posixpath.normpath(posixpath.join("/", call.directory, words[1])).lstrip("/")
                call = replace(call, directory=folder)
            else:
                self._command(call, (*words, *extra) if at == len(parts) - 1 else words)

    def _command(self, call: _Call, words: Sequence[str]) -> None:
        """Read one command: take what only sets something or runs something off it, and follow what runs scripts."""
        variables = dict(call.variables)
        rest = list(words)
        while rest and ((match := _VARIABLE.fullmatch(rest[0])) or posixpath.basename(rest[0]) in _WRAPPERS):
            if match:
                variables[match[1]] = match[2]
            rest = rest[1:]
        if not rest or len(self.found) >= MAX_COMMANDS:
            return
        call = replace(call, variables=tuple(sorted(variables.items())))
        program = posixpath.basename(rest[0])
        if program in _MANAGERS:
            self._managed(call, program, rest[1:])
        elif program in _LISTS:
            for word in rest[1:]:
                for name in fnmatch.filter(self._scripts, word.partition(" ")[0]) if not word.startswith("-") else ():
                    self.script(name, (), call.variables, call.calls - 1)
        elif program in _SHELLS:
            self._shell(call, rest[1:])
        else:
            self._add(call, rest)

    def _shell(self, call: _Call, words: Sequence[str]) -> None:
        """Read commands that are given as texts: ``sh -c "…"``, ``concurrently "…" npm:NAME``."""
        for word in words if call.calls > 1 else ():
            if " " in word:
                self.text(replace(call, calls=call.calls - 1), word, ())
            elif word.startswith("npm:"):
                self.script(word.removeprefix("npm:"), (), call.variables, call.calls - 1)

    def _managed(self, call: _Call, program: str, words: Sequence[str]) -> None:
        """Read what a package manager is asked to run: a script, or a program of a package."""
        rest = list(words)
        if program == "bun" and rest[:1] == ["build"]:
            self._add(call, [program, *rest])
            return
        for word in ("run", "run-script"):
            rest = rest[next((at for at, one in enumerate(rest) if not one.startswith("-")), len(rest)) :]
            rest = rest[1:] if rest[:1] == [word] else rest
        rest = rest[next((at for at, one in enumerate(rest) if not one.startswith("-")), len(rest)) :]
        if not rest or call.calls <= 1:
            return
        if rest[0] in self._scripts and program not in _RUNNERS:
            extra = rest[2:] if rest[1:2] == ["--"] else rest[1:]
            self.script(rest[0], extra, call.variables, call.calls - 1)
        else:
            self._command(replace(call, calls=call.calls - 1), rest)

    def _add(self, call: _Call, words: Sequence[str]) -> None:
        command = Command(script=call.script, words=tuple(words), directory=call.directory, variables=call.variables)
        self.found.setdefault(command)


def _split(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command of a text; of one with an open quote nothing."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if word in _OPERATORS:
                if words:
                    yield tuple(words)
                words = []
            else:
                words.append(word)
    except ValueError:
        return
    if words:
        yield tuple(words)
