"""Whole outputs kept beside the tests; with ``PROVENLY_RECREATE_GOLDEN=1`` the tests write them anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / "golden"


def assert_golden(name: str, text: str) -> None:
    """Compare ``text`` with the file ``name``, or write it there where the environment asks for that."""
    path = FOLDER / name
    if os.environ.get("PROVENLY_RECREATE_GOLDEN") == "1":
        path.write_bytes(text.encode())
    assert path.is_file(), f"{name} is missing; PROVENLY_RECREATE_GOLDEN=1 writes it"
    assert text == path.read_bytes().decode()
