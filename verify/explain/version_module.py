"""Version module: a generated file that exports the package's own version and nothing else.

Many builds write such a module before they compile (genversion, a script of their own), and git ignores it, so that no
commit has it. What it says is in package.json as well: ``export const VERSION = "1.2.3";``. Only a few whole forms of
it are known here, each a constant; whatever else is in the file leaves it unexplained.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.twins import TYPED, UNTYPED, twin

MAX_MODULE: Final = 2_048
"""Bytes of such a module; a comment and three lines have some hundred."""

_ENDINGS: Final = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
_NAME: Final = rb"(?:(?:[A-Za-z_]{0,40})(?:VERSION|[vV]ersion))"
_TEXT: Final = rb"""(?:"(?P<double>[0-9A-Za-z.+\-]{1,100})"|'(?P<single>[0-9A-Za-z.+\-]{1,100})')"""
_COMMENT: Final = rb"(?:[ \t]*//(?![#@])[\t\x20-\x7e]*\n|/\*(?:[\t\n\x20-\x29\x2b-\x7e]|\*(?!/))*+\*/[ \t]*\n|\n)*+"
_COMPILED: Final = (
    rb"(?:[\"']use strict[\"'];\n)?"
    rb"(?:Object\.defineProperty\(exports, \"__esModule\", \{ value: true \}\);\n)?"
    rb"(?:exports\." + _NAME + rb" = void 0;\n)?"
)
_STATEMENT: Final = (
    rb"(?:(?:export (?:declare )?const |const |exports\.|module\.exports\.)" + _NAME + rb"(?:: string)? = "
    rb"|export default |module\.exports = )"
)
_MODULE: Final = re.compile(
    _COMMENT
    + _COMPILED
    + _COMMENT
    + _STATEMENT
    + _TEXT
    + rb"(?: as const)?;?\n?"
    + _COMMENT
    + rb"(?://# sourceMappingURL=[\w.\-]{1,100}\.map\n?)?"
)


@dataclass(frozen=True, slots=True)
class VersionModule:
    """The explainer; see the module."""

    name: str = "version-module"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield an explanation for each file that the source has not, and that says the package's version."""
        version = scene.artifact.package.version.encode()
        for entry in left:
            if not _may_be(scene, entry):
                continue
            found = _MODULE.fullmatch(scene.content(entry))
            if found and (found["double"] or found["single"]) == version:
                detail = "generated before the build: it exports the version that package.json has, and nothing else"
                yield scene.explanation(
                    entry, FileClass.EQUIVALENT, self.name, source=scene.beside("package.json"), detail=detail
                )


def _may_be(scene: Scene, entry: FileEntry) -> bool:
    """Whether a packed file has such a name, and the source has nothing of which it would rather be made."""
    if entry.size > MAX_MODULE or not entry.path.endswith(_ENDINGS):
        return False
    if "version" not in posixpath.basename(entry.path).lower() or scene.beside(entry.path) in scene.files:
        return False
    return not twin(scene, entry.path, TYPED) and not twin(scene, entry.path, UNTYPED)
