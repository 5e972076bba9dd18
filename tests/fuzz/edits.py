"""Edits of honest data that a fuzzer's bytes choose, so that a target finds its way past the outer checks unaided."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

import atheris

MAX_EDITS: Final = 4
MAX_INSERT: Final = 24

OPTIONS: Final = ("-len_control=0", "-max_len=160")
"""For libFuzzer: some edits take that many bytes, and without the first option it would begin with one."""

ODD: Final = (
    *(None, True, False, 0, -1, 1, 1.5, 2**63, "", " ", "x", "0", "null", [], {}, [None], [[]], {"x": 1}, "x" * 3_000),
    *("\u0661", "é", "e\u0301", "\u202e", "\n", "../..", "@", "https://user:pass@evil.example/", "refs/heads/a@b"),
)
"""What may stand in place of any member of a document."""


def edited(data: bytes, provider: atheris.FuzzedDataProvider) -> bytes:
    """Return ``data`` with a few pieces cut out and others put in."""
    changed = bytearray(data)
    for _ in range(provider.ConsumeIntInRange(1, MAX_EDITS)):
        at = provider.ConsumeIntInRange(0, len(changed))
        cut = provider.ConsumeIntInRange(0, 8)
        changed[at : at + cut] = provider.ConsumeBytes(provider.ConsumeIntInRange(0, MAX_INSERT))
    return bytes(changed)


def altered(document: Any, provider: atheris.FuzzedDataProvider) -> Any:
    """Return a JSON document of which one or two members, at any depth, are others, gone, or there once more."""
    document = json.loads(json.dumps(document))
    for _ in range(provider.ConsumeIntInRange(1, 2)):
        holders = list(_holders(document))
        if not holders:
            return document
        holder, key = holders[provider.ConsumeIntInRange(0, len(holders) - 1)]
        old = holder[key]
        match provider.ConsumeIntInRange(0, 5):
            case 0:
                del holder[key]
            case 1:
                holder[key] = [old]
            case 2 if isinstance(holder, list):
                holder.append(old)
            case 2:
                holder[str(key).upper()] = old
            case 3 if isinstance(old, str):
                holder[key] = edited(old.encode(), provider).decode("utf-8", "replace")
            case _:
                holder[key] = copy.deepcopy(ODD[provider.ConsumeIntInRange(0, len(ODD) - 1)])
    return document


def _holders(value: Any) -> Any:
    """Give every place in a document as its holder and the key or index in it."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _holders(value[key])
