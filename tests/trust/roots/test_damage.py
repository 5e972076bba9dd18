"""Whatever is done to a document of trust, it is read or refused: nothing of a library's escapes."""

from __future__ import annotations

import base64
import copy
import json
import random

import pytest

from provenly.trust.errors import MalformedError
from provenly.trust.roots import embedded, npm_keys, trusted_root
from provenly.trust.roots.material import Material

VALUES = [None, True, 0, -1, 1e300, "", "x" * 5000, "\x00", "é", [], {}, [[]], {"rawBytes": "AAAA"}]


def outcome(read, data: bytes) -> str:
    try:
        read(Material(data=data, kind="file", place="x"))
    except MalformedError as error:
        return error.code or "a fault without a code"
    return "read"


def read_keys(material):
    return npm_keys.load(material, "https://registry.example")


READERS = {
    "trusted root": (trusted_root.load, embedded.trusted_root().data),
    "npm keys": (read_keys, embedded.npm_keys().data),
}


def leaves(value, path=()):
    """Yield the path of every member and item, inner ones included."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in pairs:
        yield (*path, key)
        yield from leaves(member, (*path, key))


@pytest.mark.parametrize("name", READERS)
def test_every_member_replaced_or_removed(name):
    read, good = READERS[name]
    document = json.loads(good)
    accepted = set()
    for path in leaves(document):
        for value in [*VALUES, ...]:
            changed = copy.deepcopy(document)
            at = changed
            for step in path[:-1]:
                at = at[step]
            if value is ...:
                del at[path[-1]]
            else:
                at[path[-1]] = value
            if outcome(read, json.dumps(changed).encode()) == "read":
                accepted.add((path[0], path[-1] if isinstance(path[-1], str) else "an item"))
    harmless = {
        # An entry that is gone leaves less to trust; one of another kind or use is left out and remembered.
        "trusted root": {
            *((kind, "an item") for kind in ("tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities")),
            *((kind, kind) for kind in ("tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities")),
            *((kind, member) for kind in ("tlogs", "ctlogs") for member in ("hashAlgorithm", "keyDetails", "end")),
            # Whom it says it belongs to is nowhere gone by; an open end is the document's to say.
            *((kind, part) for kind in ("certificateAuthorities", "timestampAuthorities") for part in ("uri", "end")),
            *(
                (kind, part)
                for kind in ("certificateAuthorities", "timestampAuthorities")
                for part in ("subject", "organization", "commonName")
            ),
        },
        "npm keys": {("keys", "an item"), ("keys", "end"), ("keys", "keyUsage"), ("keys", "keyDetails")},
    }
    assert accepted <= harmless[name], accepted - harmless[name]
    assert accepted


@pytest.mark.parametrize("name", READERS)
def test_bytes_flipped_at_random(name):
    read, good = READERS[name]
    chance = random.Random(7)
    for _ in range(400):
        data = bytearray(good)
        for _ in range(chance.choice((1, 2, 8))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        outcome(read, bytes(data))


def test_bytes_of_certificates_flipped_at_random():
    """``cryptography`` parses parts of a certificate only when they are asked for, and raises ValueError then."""
    document = json.loads(embedded.trusted_root().data)
    chance = random.Random(11)
    seen = set()
    for _ in range(1_000):
        changed = copy.deepcopy(document)
        kind = chance.choice(("certificateAuthorities", "timestampAuthorities"))
        entry = chance.choice(chance.choice(changed[kind])["certChain"]["certificates"])
        data = bytearray(base64.b64decode(entry["rawBytes"]))
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        entry["rawBytes"] = base64.b64encode(data).decode()
        seen.add(outcome(trusted_root.load, json.dumps(changed).encode()))
    assert {"TRUST_CERTIFICATE", "TRUST_CHAIN"} <= seen
