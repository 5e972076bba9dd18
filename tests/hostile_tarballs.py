"""Hostile package archives, one defect each, with what must become of them.

``python -m tests.hostile_tarballs FOLDER`` writes them to a folder, for trying other tools on them. Nothing in them is
ever run, and no name in them leads anywhere: they are bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests import hostile_headers, hostile_names, hostile_sound, hostile_streams
from tests.hostile_cases import Case

CASES: Final[tuple[Case, ...]] = (
    *hostile_sound.CASES,
    *hostile_names.CASES,
    *hostile_headers.CASES,
    *hostile_streams.CASES,
)


def main(folder: Path) -> None:
    """Write every archive to ``folder`` under the name of its defect."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        (folder / f"{case.name}.tgz").write_bytes(case.build())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
