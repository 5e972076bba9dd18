"""What the user asked about: one line of text to a :class:`~provenly.trust.model.Reference`, without any look-up.

A reference is, in the order in which the forms are told apart:

1. a path, which starts with ``./``, ``../``, ``/`` or ``file:``, or is an existing file that ends in ``.tgz``;
2. a package URL, ``pkg:npm/…``;
3. a launch line, such as ``npx -y name@1.2.3``;
4. a package of a registry: ``name``, ``@scope/name``, each with ``@`` and an exact version, a range or a dist-tag, and
   each with ``npm:`` or ``alias@npm:`` in front. What npm reads as a version, a range or a tag is one here: the rules
   are those of ``npm-package-arg`` 13.0.2.

Everything else is refused with the nearest form that would have a meaning. Git and https references are refused too:
npm could install them, but nobody has published them. Names are never decoded, folded or repaired in silence.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from provenly.trust.errors import UsageError
from provenly.trust.model import Note, Reference, Selector
from provenly.trust.text import show
from provenly.verify.references import launch, purl, reference_path
from provenly.verify.registry import names, versions

MAX_REFERENCE: Final = 256
"""Bytes of a reference. Names end at 214 characters and versions are short."""

MAX_LINE: Final = 4_096
"""Bytes of a launch line or a path; 4,096 is what Linux allows a path to have."""

_PATH: Final = re.compile(r"\.{1,2}(?:/|$)|/|file:", re.IGNORECASE)
_ARCHIVE: Final = re.compile(r"\.(?:tgz|tar\.gz|tar)$", re.IGNORECASE)
_URL: Final = re.compile(r"(?:git\+)?[a-z][a-z0-9.+\-]*:", re.IGNORECASE)
_SCP: Final = re.compile(r"[^@/]+@[^:.]+\.[^:]+:.+")
_TAG: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+", re.ASCII)
"""What ``encodeURIComponent`` leaves alone: npm's rule for dist-tags."""


def parse(text: str) -> Reference:
    """Read one reference.

    The file system is looked at for paths only; nothing else is looked up, and nothing is executed or expanded.

    :param text: as the user wrote it.
    :raises UsageError: it has no meaning, or more than one (``REF_…``, ``LAUNCH_…``); the hint names the nearest
        form that has one.
    """
    references = parse_many(text)
    if len(references) > 1:
        found = ", ".join(_spelled(reference) for reference in references)
        raise UsageError(
            "the launch line installs several packages", code="REF_SEVERAL", hint=f"Verify each of them: {found}"
        )
    return references[0]


def parse_words(words: Sequence[str]) -> tuple[Reference, ...]:
    """Read the arguments of a command line: one launch line in several words, or one reference in each word.

    :param words: the arguments; at least one.
    :raises UsageError: as for :func:`parse`.
    """
    if not words:
        raise UsageError("no reference was given", code="REF_EMPTY", hint="Give a package, as NAME@VERSION")
    if len(words) > 1 and launch.command(words[0]) in launch.COMMANDS:
        for word in words:
            _check_text(word)
        _check_length(" ".join(words), MAX_LINE)
        return _launched(words)
    return tuple(reference for word in words for reference in parse_many(word))


def parse_many(text: str) -> tuple[Reference, ...]:
    """Read one line, which is one reference unless it is a launch line that installs several packages.

    :raises UsageError: as for :func:`parse`.
    """
    _check_text(text)
    text = text.strip()
    if _PATH.match(text) and not _is_command(text):
        return (reference_path.read(text),)
    if _ARCHIVE.search(text) and "@" not in text and Path(text).is_file():
        return (reference_path.read(text),)
    if text.lower().startswith("pkg:"):
        return (_purl(text),)
    if _is_command(text):
        _check_length(text, MAX_LINE)
        return _launched(_split(text))
    _check_length(text, MAX_REFERENCE)
    return (_registry(text, text),)


def _check_text(text: str) -> None:
    """Refuse what no form of reference has: nothing at all, characters that cannot be seen, endless text."""
    if not text.strip():
        raise UsageError("the reference is empty", code="REF_EMPTY", hint="Give a package, as NAME@VERSION")
    _check_length(text, MAX_LINE)
    if not text.isprintable():
        raise UsageError(
            f"{show(text)} has characters that cannot be seen",
            code="REF_CHARSET",
            hint="Type it anew, in plain letters",
        )


def _check_length(text: str, limit: int) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise UsageError(
            f"the reference has {size:,} bytes, more than {limit:,}",
            code="REF_LENGTH",
            hint="Give one package in each argument, as NAME@VERSION",
        )


# launch lines


def _is_command(text: str) -> bool:
    """Say whether a line is a command, not a reference: it starts with one, or an assignment stands before one."""
    words = text.split()
    if len(words) < 2:  # noqa: PLR2004 - "npx" alone is the package of that name
        return False
    if launch.command(words[0].strip("'\"")) in launch.COMMANDS:
        return True
    return "=" in words[0] and "@" not in words[0] and launch.command(words[1]) in launch.COMMANDS


def _split(text: str) -> list[str]:
    """Split a line into words as a shell would, expanding nothing; refuse what a shell would act on."""
    quote, escaped = "", False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in ";|&<>`":
            raise UsageError(
                f"the launch line has {character!r}, with which a shell would do something else",
                code="LAUNCH_SHELL",
                hint="Give one command only, and put quotes around versions such as '>=1.0.0'",
            )
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(
            "the launch line has a quote that is not closed", code="REF_SYNTAX", hint="Close it, or leave it out"
        ) from error


def _launched(words: Sequence[str]) -> tuple[Reference, ...]:
    """Read a launch line: a reference for each package that it installs."""
    line = launch.parse(words)
    return tuple(_launched_package(line, package) for package in line.packages)


def _launched_package(line: launch.Launch, package: str) -> Reference:
    """Return the reference to one package of a launch line. Only the package is quoted: the rest may hold secrets."""
    if "${" in package or "$(" in package or "`" in package or "%" in package:
        raise UsageError(
            f"{show(package)} is a template, which is not filled in",
            code="LAUNCH_TEMPLATE",
            hint="Give the package that it stands for, as NAME@VERSION",
        )
    if _PATH.match(package) or (_ARCHIVE.search(package) and not _URL.match(package)):
        raise UsageError(
            f"{show(package)} is run from this machine, not from a registry",
            code="LAUNCH_NOT_REGISTRY",
            hint=f"Verify it by its path: {show(package)}",
        )
    _check_length(package, MAX_REFERENCE)
    reference = _registry(package, f"{line.runner} {package}")
    notes = [*line.notes, *reference.notes]
    if reference.selector is not Selector.EXACT:
        text = f"{line.runner} {package} looks up its version again at every start"
        if reference.selector is Selector.NONE:
            text += ", and prefers a copy that is installed where it starts"
        notes.insert(0, Note(code="LAUNCH_UNPINNED", text=text))
    return dataclasses.replace(reference, launch=line.runner, notes=tuple(notes))


# packages of a registry


def _purl(text: str) -> Reference:
    _check_length(text, MAX_LINE)
    name, version = purl.parse(text)
    exact = versions.parse_exact(version) if version else None
    if version and exact != version:
        raise UsageError(
            f"{show(text)} has the version {show(version)}, which is not an exact one",
            code="REF_VERSION",
            hint=f"Write {purl.spell(name, exact)}" if exact else "Write an exact version, such as 1.2.3",
        )
    _check_name(name, text)
    selector = Selector.EXACT if version else Selector.NONE
    return Reference(
        text=text, name=name, selector=selector, spec=version, notes=(*names.notes(name), *_build_notes(version))
    )


def _registry(text: str, whole: str) -> Reference:
    """Read a package of a registry.

    :param text: the reference itself.
    :param whole: what to keep as the text of the reference.
    """
    alias = ""
    rest = text[len("npm:") :] if text.lower().startswith("npm:") else text
    name, spec = _name_and_spec(rest)
    if spec.lower().startswith("npm:"):
        alias, rest = name, spec[len("npm:") :]
        _check_name(alias, text)
        name, spec = _name_and_spec(rest)
        if spec.lower().startswith("npm:"):
            raise UsageError(
                f"{show(text)} is an alias of an alias", code="REF_ALIAS_CHAIN", hint=f"Write {show(rest)} alone"
            )
    _refuse_other_forms(rest, name, spec)
    _check_name(name, text)
    reference = Reference(text=whole, name=name, alias=alias, notes=names.notes(name))
    if alias:
        note = Note(code="REF_ALIAS", text=f"{alias} is only the name under which {name} would be installed")
        reference = dataclasses.replace(reference, notes=(note, *reference.notes))
    return _select(reference, spec)


def _name_and_spec(text: str) -> tuple[str, str]:
    at = text.find("@", 1)
    return (text, "") if at < 0 else (text[:at], text[at + 1 :])


def _refuse_other_forms(text: str, name: str, spec: str) -> None:
    """Refuse the forms that npm installs without a registry, and those that only look like a reference."""
    if text.startswith("-"):
        raise UsageError(f"{show(text)} is an option, not a reference", code="REF_SYNTAX", hint="Options come first")
    if not _URL.match(text) and ("%2f" in name.lower() or "%40" in name):
        plain = name.replace("%40", "@").replace("%2f", "/").replace("%2F", "/")
        raise UsageError(f"{show(name)} is encoded", code="REF_SYNTAX", hint=f"Write {show(plain)}")
    for part in (text, spec):
        if _URL.match(part) or (_SCP.fullmatch(part) and not part.startswith("@")) or _is_shorthand(part):
            raise UsageError(
                f"{_without_user(part)} is not a package of a registry, so nobody has published it",
                code="REF_NOT_REGISTRY",
                hint=_not_registry_hint(part),
            )
        if _PATH.match(part) or (part is text and _ARCHIVE.search(text) and not text.startswith("@")):
            raise UsageError(
                f"there is no archive {show(part)}", code="REF_NO_SUCH_FILE", hint="Give its path, as ./NAME.tgz"
            )
    if " " in name:
        raise UsageError(
            f"{show(name)} has a space", code="REF_SYNTAX", hint="Give each reference as an argument of its own"
        )


def _without_user(part: str) -> str:
    """Return a URL ready to be shown: what stands before its ``@`` may be a password."""
    return show(re.sub(r"//[^/]*@", "//…@", part))


def _is_shorthand(part: str) -> bool:
    """Say whether this is ``owner/repository``, which npm reads as GitHub's."""
    return "/" in part and not part.startswith("@") and " " not in part


def _not_registry_hint(part: str) -> str:
    if re.fullmatch(r"[a-z0-9][\w.\-]*/[a-z0-9][\w.\-]*(?:@.*)?", part) and not _ARCHIVE.search(part):
        return f"For a package with a scope write @{show(part)}; for a folder write ./{show(part)}"
    return "Give the package's name in the registry, as NAME@VERSION"


def _check_name(name: str, text: str) -> None:
    fault = names.fault(name)
    if not fault:
        return
    code = "REF_NAME" if name.isascii() else "REF_CHARSET"
    if name.startswith("@") and name.count("/") != 1:
        code = "REF_SYNTAX"
    resembled = names.near(name.lower())
    hint = f"Did you mean {resembled[0]}?" if resembled else "Write NAME or @SCOPE/NAME, then @VERSION"
    raise UsageError(f"the package name in {show(text)} {fault}", code=code, hint=hint)


def _select(reference: Reference, spec: str) -> Reference:
    """Add which version is meant, as npm-package-arg's ``fromRegistry`` tells the kinds apart."""
    spec = spec.strip()
    if not spec:
        return reference
    exact = versions.parse_exact(spec)
    if exact is not None:
        notes = [*reference.notes, *_build_notes(exact)]
        if exact != spec:
            text = f"npm reads the version {spec} as {exact}"
            notes.append(Note(code="REF_VERSION_SPELLING", text=text))
        return dataclasses.replace(reference, selector=Selector.EXACT, spec=exact, notes=tuple(notes))
    if versions.is_range(spec):
        return dataclasses.replace(reference, selector=Selector.RANGE, spec=spec)
    if len(spec) > MAX_REFERENCE or not _TAG.fullmatch(spec) or re.search(r"\d{17}", spec):
        raise UsageError(
            f"{show(spec)} is neither a version, nor a range, nor a dist-tag",
            code="REF_VERSION",
            hint=f"Write {reference.name}@1.2.3, {reference.name}@^1.2.0 or {reference.name}@latest",
        )
    return dataclasses.replace(reference, selector=Selector.TAG, spec=spec)


def _build_notes(version: str) -> tuple[Note, ...]:
    if "+" not in version:
        return ()
    bare = version.partition("+")[0]
    return (Note(code="REF_BUILD_METADATA", text=f"npm takes {version} and {bare} to be one version"),)


def _spelled(reference: Reference) -> str:
    return f"{reference.name}@{reference.spec}" if reference.spec else reference.name
