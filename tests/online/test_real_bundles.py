"""Real bundles, made again byte for byte of the sources at the commit and of the packages that their lockfiles lock.

A published version and a commit never change, so what is explained is exact. Copies of the repositories are needed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from provenly import api
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.forge.git_mirrors import FORGES, Mirror, locate

MIRROR = os.environ.get("PROVENLY_TEST_MIRROR", "")

pytestmark = [pytest.mark.copies, pytest.mark.registry, pytest.mark.slow]


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is known of one package.

    :param bundles: packed files that are made again, each with what its detail says.
    """

    package: str
    project: str
    bundles: dict[str, str]


ROWS = [
    Row(
        package="mcp-remote@0.1.43",
        project="geelen/mcp-remote",
        bundles={
            "dist/chunk-LB6BHXHQ.js": "locked packages, with the version 0.1.43 of the package in package.json",
            "dist/client.js": "as tsup 8.4.0 calls it by the member tsup of package.json",
            "dist/proxy.js": "as tsup 8.4.0 calls it by the member tsup of package.json",
        },
    ),
    Row(
        package="@notionhq/notion-mcp-server@2.4.1",
        project="makenotion/notion-mcp-server",
        bundles={"bin/cli.mjs": "bundled by esbuild 0.25.5 by scripts/build-cli.js from 9 sources and "},
    ),
    Row(
        package="figma-developer-mcp@0.13.2",
        project="GLips/Figma-Context-MCP",
        bundles={"dist/bin.js": "by tsup.config.ts from ", "dist/index.js": "by tsup.config.ts from "},
    ),
    Row(
        package="@supabase/mcp-server-supabase@0.7.0",
        project="supabase-community/supabase-mcp",
        bundles={"dist/index.js": "tsup.config.ts from ", "dist/transports/stdio.js.map": "tsup.config.ts from "},
    ),
    Row(
        package="@bytebase/dbhub@1.2.1",
        project="bytebase/dbhub",
        bundles={"dist/index.js": "by tsup.config.ts from ", "dist/chunk-2DFLBX4D.js": "by tsup.config.ts from "},
    ),
    Row(
        package="@cocal/google-calendar-mcp@2.6.1",
        project="nspady/google-calendar-mcp",
        bundles={
            "build/index.js": "by scripts/build.js from ",
            "build/auth-server.js.map": "by scripts/build.js from ",
        },
    ),
    Row(
        package="@google-cloud/gcloud-mcp@0.5.3",
        project="googleapis/gcloud-mcp",
        bundles={"dist/bundle.js": "by packages/gcloud-mcp/build.js from "},
    ),
    Row(
        package="@wonderwhy-er/desktop-commander@0.2.46",
        project="wonderwhy-er/DesktopCommanderMCP",
        bundles={"dist/ui/file-preview/preview-runtime.js": "by scripts/build-ui-runtime.cjs from "},
    ),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("packages"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.package)
def test_a_bundle_is_made_again(row: Row, cache: str) -> None:
    found = locate(f"https://github.com/{row.project}", [Mirror.parse(MIRROR)], FORGES)
    if found.local and not Path(found.target).is_dir():
        pytest.skip(f"no copy of {row.project}")
    options = api.Options(git_mirrors=(MIRROR,), cache=cache, source=f"https://github.com/{row.project}")
    report = api.verify_package(row.package, options)
    assert report.comparison is not None
    files: dict[str, Explanation] = {file.path: file for file in report.comparison.files}
    for path, said in row.bundles.items():
        assert (files[path].file_class, files[path].explainer) == (FileClass.RECOMPILED, "bundled"), files[path].detail
        assert said in files[path].detail
