"""Where the shared cases of real signed data are: beside the repository, or where PROVENLY_TEST_CASES says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CASES = Path(os.environ.get("PROVENLY_TEST_CASES") or Path(__file__).resolve().parents[2] / "shared" / "cases")

needs_cases = pytest.mark.skipif(
    not (CASES / "INDEX.md").is_file(), reason="the shared cases of signed data are not on this machine"
)
