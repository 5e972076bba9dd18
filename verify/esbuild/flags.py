"""Which of esbuild's flags get through to it, and what their values may be.

The flags come from scripts and configurations of strangers. Only what is named here is passed on, so that none can
write (``--metafile=PATH``, ``--mangle-cache``), listen (``--serve``), stay (``--watch``) or name a place outside of the
tree; there are no response files and no plugins on this way to esbuild. Source: https://esbuild.github.io/api/ and
``parseOptionsImpl`` in esbuild's pkg/cli/cli_impl.go.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.text import show
from provenly.verify.esbuild.confinement import climbs, extended

MAX_ARGUMENTS: Final = 4_000
"""Flags and entry points of one build. A library with an entry point for each module has some hundreds."""

MAX_BYTES: Final = 1_000_000
"""Bytes of all of them: banners and definitions are texts."""

_SWITCHES: Final = frozenset(
    {
        *("allow-overwrite", "bundle", "ignore-annotations", "jsx-dev", "jsx-side-effects", "keep-names"),
        *("mangle-quoted", "minify", "minify-identifiers", "minify-syntax", "minify-whitespace", "preserve-symlinks"),
        *("sourcemap", "sources-content", "splitting", "tree-shaking"),
    }
)
"""``--NAME``, ``--NAME=true`` and ``--NAME=false``."""

_VALUES: Final = frozenset(
    {
        *("charset", "conditions", "drop-labels", "format", "global-name", "jsx", "jsx-factory", "jsx-fragment"),
        *("jsx-import-source", "legal-comments", "line-limit", "main-fields", "mangle-props", "packages", "platform"),
        *("public-path", "reserve-props", "resolve-extensions", "source-root", "sourcemap", "target", "tsconfig-raw"),
    }
)
"""``--NAME=TEXT``."""

_PATHS: Final = frozenset({"outbase", "outdir", "outfile", "tsconfig"})
"""``--NAME=PATH``: a path in the tree."""

_TEMPLATES: Final = frozenset({"asset-names", "chunk-names", "entry-names"})
"""``--NAME=TEMPLATE``: where below the output folder something goes."""

_PAIRS: Final = frozenset({"banner", "define", "footer", "loader", "out-extension", "supported"})
"""``--NAME:KEY=TEXT``."""

_LISTS: Final = frozenset({"drop", "external", "pure"})
"""``--NAME:TEXT``."""

_SILENT: Final = frozenset({"analyze", "color", "log-level", "log-limit", "log-override", "log-style", "metafile"})
"""These say what is reported, and not what is made: they are left out."""

_TRANSFORM: Final = (_SWITCHES | _VALUES | {"loader", "banner", "footer", "sourcefile"}) - {
    *("allow-overwrite", "bundle", "conditions", "main-fields", "packages", "preserve-symlinks", "public-path"),
    *("resolve-extensions", "splitting"),
}
_OURS: Final = ("--log-level=silent", "--log-limit=50", "--color=false")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arguments:
    """What esbuild is asked, with nothing in it that leads out of the tree.

    :param flags: in the order in which they were given.
    :param entries: entry points: the path of the output without its extension, or empty, and the path of the source.
    """

    flags: tuple[str, ...]
    entries: tuple[tuple[str, str], ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of every ``--NAME=``."""
        prefix = f"--{name}="
        return tuple(flag[len(prefix) :] for flag in self.flags if flag.startswith(prefix))

    @property
    def maps(self) -> bool:
        """Whether source maps are wanted."""
        return any(flag.startswith("--sourcemap") for flag in self.flags)


def for_build(arguments: Sequence[str], directory: str) -> Arguments:
    """Check the arguments of a build, written as on esbuild's command line.

    :param directory: where they were written, a path in the tree: relative paths start there.
    :raises MalformedError: ``ESBUILD_FLAG``.
    """
    _check_size(arguments)
    if climbs(directory or ".") or not _is_unicode(directory) or "\0" in directory:
        raise MalformedError(f"{show(directory, limit=200)} is no folder in the tree", code="ESBUILD_FLAG")
    flags: list[str] = []
    entries: list[tuple[str, str]] = []
    for argument in arguments:
        if argument.startswith("--"):
            flags += _checked(argument, directory)
        elif argument.startswith("-"):
            raise _refused(argument)
        else:
            output, _, source = argument.partition("=") if "=" in argument else ("", "", argument)
            _check_inside(source, directory, argument)
            _check_template(output, argument)
            entries.append((output, source))
    if not any(flag.startswith(("--outfile=", "--outdir=")) for flag in flags):
        raise MalformedError("esbuild was not told where the output goes", code="ESBUILD_FLAG")
    if not entries:
        raise MalformedError("esbuild was given no entry point", code="ESBUILD_FLAG")
    return Arguments(flags=(*flags, "--metafile", *_OURS), entries=tuple(entries))


def for_transform(arguments: Sequence[str]) -> tuple[str, ...]:
    """Check the arguments for a single file, which is neither read nor written by esbuild.

    :raises MalformedError: ``ESBUILD_FLAG``.
    """
    _check_size(arguments)
    flags: list[str] = []
    for argument in arguments:
        name = argument[2:].partition("=")[0].partition(":")[0]
        if not argument.startswith("--") or name not in _TRANSFORM | _PAIRS | _LISTS | _SILENT:
            raise _refused(argument)
        if name not in _SILENT:
            flags.append(argument)
    return (*flags, *_OURS)


def _checked(argument: str, directory: str) -> tuple[str, ...]:
    """Return a flag as it is passed on; none where it only says what is reported."""
    name, equals, value = argument[2:].partition("=")
    list_name, colon, item = argument[2:].partition(":")
    if list_name in _SILENT or name in _SILENT:
        return ()
    if colon and list_name == "inject":
        _check_inside(item, directory, argument)
    elif colon and list_name == "alias" and equals:
        # What does not begin like a path is the name of a package.
        if value.startswith(("/", ".")):
            _check_inside(value, directory, argument)
    elif name in _PATHS and equals:
        _check_inside(value, directory, argument)
    elif name in _TEMPLATES and equals:
        _check_template(value, argument)
    elif not _is_text(name, value if equals else None) and not (
        colon and (list_name in _LISTS or (equals and list_name in _PAIRS))
    ):
        raise _refused(argument)
    return (argument,)


def _is_text(name: str, value: str | None) -> bool:
    """Say whether ``--NAME``, or ``--NAME=VALUE``, is a flag whose value is no place."""
    if name in _SWITCHES and value in {None, "true", "false"}:
        return True
    # A configuration that is written out extends nothing: where would that be?
    return name in _VALUES and value is not None and not (name == "tsconfig-raw" and tuple(extended(value)))


def _check_size(arguments: Sequence[str]) -> None:
    if len(arguments) > MAX_ARGUMENTS or sum(map(len, arguments)) > MAX_BYTES:
        raise MalformedError("esbuild was given too many arguments", code="ESBUILD_FLAG")
    for argument in arguments:
        if "\0" in argument or not _is_unicode(argument):
            raise _refused(argument)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_inside(path: str, directory: str, argument: str) -> None:
    """Refuse a path that leads out of the tree."""
    if posixpath.isabs(path) or climbs(posixpath.join(directory, path)):
        raise _refused(argument)


def _check_template(text: str, argument: str) -> None:
    if posixpath.isabs(text) or ".." in text.split("/"):
        raise _refused(argument)


def _refused(argument: str) -> MalformedError:
    message = f"the argument {show(argument, limit=200)} is not passed on to esbuild"
    return MalformedError(message, code="ESBUILD_FLAG")
