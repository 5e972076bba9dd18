"""Which of the words that are nowhere else matter most."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://|\bwww\.|[\w.+-]+@[\w-]+\.[a-z]{2,}|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|dev|app|ai|co|club|xyz|site|online|cloud|sh|me|ru|cn|example)\b",
    re.IGNORECASE,
)
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z|[A-Z]{4,}\Z")
_MODULE: Final = re.compile(
    r"(?:node:[\w/]+|@[\w.-]+/[\w./-]+|\.{1,2}/[\w./-]+)\Z|(?:child_process|fs|fs/promises|net|tls|dns|http|https|http2|vm|worker_threads|os|dgram|cluster)\Z"
)


def rank(text: str) -> int:
    """Return the place of a word among others: hosts and addresses, variables of the environment, modules, the rest."""
    if _ADDRESS.search(text):
        return 0
    if _VARIABLE.match(text):
        return 1
    return 2 if _MODULE.match(text) else 3
