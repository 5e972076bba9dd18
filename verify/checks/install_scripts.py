"""Does installing the package run code?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenly.trust.errors import RejectedError, UnavailableError
from provenly.trust.evidence import Comparison, Evidence, Explanation, Status
from provenly.trust.strict_json import Json
from provenly.verify.checks.base import About
from provenly.verify.comparison.entry_points import installation
from provenly.verify.subject import Subject

ID: Final = "install-scripts"

ABOUT: Final = About(
    question="Does merely installing the package run code, and does the source explain that code?",
    proves="Passed: the package runs code when it is installed, and the scripts and the files that they name are "
    "those of the source. Absent: npm runs nothing of this package when it is installed.",
    does_not_prove="It does not prove that explained install code is harmless, and says nothing about the install "
    "scripts of dependencies.",
    remedy="Install with npm install --ignore-scripts where the package allows it. Authors: do without install "
    "scripts.",
)

INSTALL_HOOKS: Final = ("preinstall", "install", "postinstall")
"""The scripts that npm runs when a package is installed from a registry; prepare runs for git dependencies only
(https://docs.npmjs.com/cli/using-npm/scripts#life-cycle-scripts)."""

RUN_BY_NPM: Final = frozenset({"package.json", "binding.gyp"})
"""The files that npm reads commands from, in lower case."""


def install_code(manifest: Mapping[str, Json], paths: frozenset[str]) -> dict[str, str]:
    """Return what npm would run on installation: hook name → command.

    npm runs ``node-gyp rebuild`` where a ``binding.gyp`` lies at the root and no install or preinstall script is set.

    :param manifest: the packed package.json.
    :param paths: all packed paths. Case is ignored, as it is on the disks of macOS and Windows.
    """
    scripts = manifest.get("scripts")
    named = scripts if isinstance(scripts, Mapping) else {}
    found = {hook: str(named[hook]) for hook in INSTALL_HOOKS if named.get(hook)}
    if any(path.lower() == "binding.gyp" for path in paths) and not {"preinstall", "install"} & found.keys():
        found["install"] = "node-gyp rebuild (implied by binding.gyp)"
    return found


def check(subject: Subject) -> Evidence:
    """Report the install hooks, and whether the files that they name are explained."""
    artifact = subject.artifact()
    found = install_code(subject.manifest(), frozenset(artifact.contents))
    if not found:
        return Evidence(check=ID, status=Status.ABSENT, summary="installing the package runs nothing of it")
    listed = "; ".join(f"{hook}: {command}" for hook, command in sorted(found.items()))
    comparison = subject.comparison()
    files = _unexplained(comparison, *installation(subject.manifest(), artifact.contents))
    left = [file.path for file in files if not file.unchecked]
    if files and not left:
        raise UnavailableError(
            f"installing the package runs code that could not be compared with its source ({files[0].path}): "
            f"{files[0].unchecked}",
            code="SOURCE_UNCHECKED",
            hint="Verify again where the npm registry can be reached, or install with --ignore-scripts.",
        )
    if left:
        raise RejectedError(
            f"installing the package runs code that its source does not explain ({', '.join(left[:3])}): {listed}",
            code="INSTALL_UNEXPLAINED",
            expected="no install scripts, or ones that the source explains",
            actual=listed,
            hint="Install with --ignore-scripts, and read what they run first.",
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"installing the package runs code, which its source explains: {listed}",
        hint="Install with --ignore-scripts where the package allows it.",
        facts={"scripts": dict(sorted(found.items()))},
    )


def _unexplained(comparison: Comparison, named: frozenset[str], unclear: bool) -> list[Explanation]:  # noqa: FBT001 - a pair
    """Return the unexplained files that the hooks run: package.json itself and every file that a command names.

    :param unclear: whether a command may run files that it does not name; every executable file may be one then.
    """
    found = (
        file
        for file in comparison.unexplained
        if file.path in named or file.path.lower() in RUN_BY_NPM or (unclear and file.executable)
    )
    return sorted(found, key=lambda file: file.path)
