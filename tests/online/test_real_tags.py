"""The tag scorer against the tags that real repositories have.

``PROVENLY_TEST_MIRROR`` is a ``--git-mirror`` mapping that leads to copies of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenly.trust.errors import UnavailableError
from provenly.verify.forge.repository import GitForge
from provenly.verify.network.cache import Cache
from provenly.verify.sources.tags import rank
from tests.simulator.repositories import EPOCH

MIRROR = os.environ.get("PROVENLY_TEST_MIRROR", "")

pytestmark = [
    pytest.mark.copies,
    pytest.mark.skipif(not MIRROR, reason="PROVENLY_TEST_MIRROR names no copies of public repositories"),
]

REAL = [
    ("microsoft/playwright-mcp", "@playwright/mcp", "0.0.75", "", ["v0.0.75"]),
    ("microsoft/playwright-mcp", "@playwright/mcp", "0.0.7", "", ["v0.0.7"]),
    ("modelcontextprotocol/servers", "@modelcontextprotocol/server-filesystem", "2026.7.10", "", ["2026.7.10"]),
    ("modelcontextprotocol/servers", "@modelcontextprotocol/server-filesystem", "0.6.2", "src/filesystem", []),
    ("makenotion/notion-mcp-server", "@notionhq/notion-mcp-server", "2.4.1", "", ["v2.4.1"]),
    ("supercorp-ai/supergateway", "supergateway", "3.4.0", "", ["v3.4.0"]),
    ("upstash/context7", "@upstash/context7-mcp", "4.0.3", "", ["@upstash/context7-mcp@4.0.3"]),
    ("upstash/context7", "@upstash/context7-mcp", "1.0.30", "packages/mcp", ["v1.0.30"]),
    ("upstash/context7", "@upstash/context7-sdk", "0.3.0", "packages/sdk", ["@upstash/context7-sdk@0.3.0"]),
    ("upstash/context7", "ctx7", "0.3.0", "packages/cli", ["ctx7@0.3.0"]),
    ("tavily-ai/tavily-mcp", "tavily-mcp", "0.2.19", "", []),
    ("ChromeDevTools/chrome-devtools-mcp", "chrome-devtools-mcp", "1.7.0", "", ["chrome-devtools-mcp-v1.7.0"]),
]


@pytest.mark.parametrize("row", REAL, ids=lambda row: f"{row[1]}@{row[2]}")
def test_tags_of_a_real_repository(tmp_path: Path, row: tuple[str, str, str, str, list[str]]) -> None:
    project, name, version, directory, expected = row
    with Cache(tmp_path / "cache", EPOCH) as cache:
        try:
            refs = GitForge(cache, [MIRROR], offline=True).open(f"https://github.com/{project}").refs()
        except UnavailableError as error:
            pytest.skip(f"no copy of {project}: {error.message}")
    assert [match.tag for match in rank(name, version, refs.tags, directory)] == expected
