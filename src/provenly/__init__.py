"""Does this MCP server package really come from the source it claims?

>>> import provenly
>>> report = provenly.verify_package("@playwright/mcp@0.0.75")      # doctest: +SKIP
>>> report.verdict.action                                   # doctest: +SKIP
<Action.HOLD: 'hold'>

The names are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenly.api import Options, verify_package
    from provenly.trust.errors import Error, UsageError
    from provenly.trust.evidence import Evidence, Status
    from provenly.trust.verdict import Action, Report, Verdict

__all__ = ["Action", "Error", "Evidence", "Options", "Report", "Status", "UsageError", "Verdict", "verify_package"]

_HOMES = {
    "Action": "provenly.trust.verdict",
    "Error": "provenly.trust.errors",
    "Evidence": "provenly.trust.evidence",
    "Options": "provenly.api",
    "Report": "provenly.trust.verdict",
    "Status": "provenly.trust.evidence",
    "UsageError": "provenly.trust.errors",
    "Verdict": "provenly.trust.verdict",
    "verify_package": "provenly.api",
}


def __getattr__(name: str) -> object:
    """Load a public name."""
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
