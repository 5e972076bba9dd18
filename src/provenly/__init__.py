"""Does this MCP server package really come from the source it claims?"""
