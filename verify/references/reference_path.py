"""References to what is on this machine: an archive, an unpacked package, a folder of saved evidence."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from provenly.trust.errors import UsageError
from provenly.trust.model import Reference, Selector
from provenly.trust.text import show

EVIDENCE: Final = "evidence.json"
"""The file by which a folder of saved evidence is known."""


def read(text: str) -> Reference:
    """Read a path to an archive, to an unpacked package or to a folder of evidence."""
    written = text[len("file:") :] if text.lower().startswith("file:") else text
    if written.startswith("//"):
        if not written.startswith("///"):
            raise UsageError(
                f"{show(text)} names another machine", code="REF_SYNTAX", hint="Write file:///PATH or PATH"
            )
        written = written[2:]
    path = Path(written)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(
            f"{show(text)} cannot be read: {error.strerror or 'no such file'}",
            code="REF_NO_SUCH_FILE",
            hint="A path leads to a .tgz, to a folder with a package.json, or to saved evidence",
        ) from error
    if stat.S_ISREG(mode):
        return Reference(text=text, selector=Selector.FILE, path=written)
    if stat.S_ISDIR(mode) and (path / EVIDENCE).is_file():
        return Reference(text=text, selector=Selector.EVIDENCE, path=written)
    if stat.S_ISDIR(mode) and (path / "package.json").is_file():
        return Reference(text=text, selector=Selector.FOLDER, path=written)
    what = "a folder without a package.json" if stat.S_ISDIR(mode) else "neither a file nor a folder"
    raise UsageError(
        f"{show(text)} is {what}",
        code="REF_NOT_A_PACKAGE",
        hint="A path leads to a .tgz, to a folder with a package.json, or to saved evidence",
    )
