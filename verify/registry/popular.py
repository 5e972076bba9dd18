"""Well-known packages of the MCP world, whose names impostors imitate.

The list is data and local: no name that a user types is sent anywhere to be compared. It holds the servers and
helpers that clients' own documentation and the reference server list tell people to start with ``npx``, because a
line that is copied and mistyped is where an impostor waits. A name that is missing here costs a note, never a check.
"""

from __future__ import annotations

from typing import Final

POPULAR: Final = frozenset(
    {
        # The protocol's own packages, and its reference servers.
        "@modelcontextprotocol/inspector",
        "@modelcontextprotocol/sdk",
        "@modelcontextprotocol/server-aws-kb-retrieval",
        "@modelcontextprotocol/server-brave-search",
        "@modelcontextprotocol/server-everything",
        "@modelcontextprotocol/server-filesystem",
        "@modelcontextprotocol/server-gdrive",
        "@modelcontextprotocol/server-github",
        "@modelcontextprotocol/server-gitlab",
        "@modelcontextprotocol/server-google-maps",
        "@modelcontextprotocol/server-memory",
        "@modelcontextprotocol/server-postgres",
        "@modelcontextprotocol/server-puppeteer",
        "@modelcontextprotocol/server-redis",
        "@modelcontextprotocol/server-sequential-thinking",
        "@modelcontextprotocol/server-slack",
        # Bridges and tools that start other servers: an impostor of one sees everything.
        "@smithery/cli",
        "fastmcp",
        "mcp-proxy",
        "mcp-remote",
        "supergateway",
        # Servers that vendors publish for their own product.
        "@azure/mcp",
        "@browsermcp/mcp",
        "@browserstack/mcp-server",
        "@cloudflare/mcp-server-cloudflare",
        "@elastic/mcp-server-elasticsearch",
        "@executeautomation/playwright-mcp-server",
        "@heroku/mcp-server",
        "@hubspot/mcp-server",
        "@mapbox/mcp-server",
        "@mongodb-js/mongodb-mcp-server",
        "@netlify/mcp",
        "@notionhq/notion-mcp-server",
        "@playwright/mcp",
        "@sentry/mcp-server",
        "@shopify/dev-mcp",
        "@stripe/mcp",
        "@supabase/mcp-server-supabase",
        "@upstash/context7-mcp",
        "@wonderwhy-er/desktop-commander",
        "airtable-mcp-server",
        "apify-mcp-server",
        "chrome-devtools-mcp",
        "exa-mcp-server",
        "figma-developer-mcp",
        "firecrawl-mcp",
        "mongodb-mcp-server",
        "mysql-mcp-server",
        "n8n-mcp",
        "next-devtools-mcp",
        "obsidian-mcp",
        "perplexity-mcp",
        "postmark-mcp",
        "shadcn",
        "tavily-mcp",
        "xcodebuildmcp",
    }
)
"""Package names. Order means nothing; each is spelled exactly as the registry has it."""
