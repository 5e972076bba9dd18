"""Which folders of a repository hold what it is made of, and which hold copies, examples and bait.

Strangers contribute to the second kind, and nobody means to publish what lies there: a famous repository with a fixture
of somebody's package in it does not own up to that package.
"""

from __future__ import annotations

import re
from typing import Final

NOT_SOURCE: Final = frozenset(
    {
        *("node_modules", "bower_components", "vendor", "dist", "build", "out"),
        *("fixture", "fixtures", "__fixtures__", "test", "tests", "__tests__", "testdata", "__mocks__"),
        *("template", "templates", "example", "examples", "sample", "samples", "playground"),
    }
)
"""Folders whose manifests are looked at only where the package itself points there."""

DOUBTFUL: Final = frozenset(
    {
        *("demo", "demos", "doc", "docs", "documentation", "website", "e2e", "mock", "mocks", "spec", "specs"),
        *("bench", "benchmark", "benchmarks", "third_party", "third-party", "thirdparty", "3rdparty", "external"),
        *("boilerplate", "boilerplates", "starter", "starters", "scaffold", "scaffolds", "skeleton", "skeletons"),
        *("cookbook", "recipes", "tutorial", "tutorials", "snippets", "snapshots", "corpus", "sandbox", "testing"),
    }
)
"""Folders whose manifests are looked at after all others."""

_TESTS: Final = frozenset({"test", "tests", "fixture", "fixtures", "e2e", "mock", "mocks", "testdata"})
"""Words with which the names of folders begin or end that are there for tests: ``tests-e2e``, ``app-fixtures``."""


def is_no_source(path: str) -> bool:
    """Whether a file lies in a folder of :data:`NOT_SOURCE`, however that is written."""
    return any(folder.lower() in NOT_SOURCE for folder in path.split("/")[:-1])


def is_doubtful(path: str, package_name: str) -> bool:
    """Whether a manifest lies where copies and examples lie, rather than what is published.

    :param path: of the manifest in the repository.
    :param package_name: the package that it names. A folder that is called as the package is its own, whatever words
        are in its name.
    """
    *folders, own = ["", *(folder.lower() for folder in path.split("/")[:-1])]
    unscoped = package_name.lower().rpartition("/")[2]
    return any(map(_is_bait, folders if own and own in unscoped and own not in NOT_SOURCE else [*folders, own]))


def _is_bait(folder: str) -> bool:
    words = re.split(r"[-_.]", folder)
    return (
        folder in NOT_SOURCE
        or folder in DOUBTFUL
        or folder.startswith((".", "__"))
        or (len(words) > 1 and bool({words[0], words[-1]} & _TESTS))
    )
