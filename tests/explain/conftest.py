"""One set of stages for all tests of this folder: repositories and archives are made and fetched once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.explain.packages import Stages


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    made = Stages(tmp_path_factory.mktemp("stages"))
    yield made
    made.close()
