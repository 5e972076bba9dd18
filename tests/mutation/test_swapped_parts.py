"""Parts of two valid bundles mixed: whatever is not one of the two is refused (CVE-2024-53267 and its relatives)."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace

import pytest

from tests.cases import needs_cases
from tests.differential import corpus
from tests.differential.ours import ours

pytestmark = [needs_cases, pytest.mark.slow]

ENTRY = ("verificationMaterial", "tlogEntries", 0)

PARTS = {
    "entries": ("verificationMaterial", "tlogEntries"),
    "promise": (*ENTRY, "inclusionPromise"),
    "proof": (*ENTRY, "inclusionProof"),
    "checkpoint": (*ENTRY, "inclusionProof", "checkpoint"),
    "hashes": (*ENTRY, "inclusionProof", "hashes"),
    "body": (*ENTRY, "canonicalizedBody"),
    "time": (*ENTRY, "integratedTime"),
    "index": (*ENTRY, "logIndex"),
    "certificate": ("verificationMaterial", "certificate"),
    "chain": ("verificationMaterial", "x509CertificateChain"),
    "key": ("verificationMaterial", "publicKey"),
    "timestamps": ("verificationMaterial", "timestampVerificationData"),
    "envelope": ("dsseEnvelope",),
    "payload": ("dsseEnvelope", "payload"),
    "signatures": ("dsseEnvelope", "signatures"),
    "message": ("messageSignature",),
    "digest": ("messageSignature", "messageDigest"),
    "signature": ("messageSignature", "signature"),
}
"""Each part of a bundle that could come from another one."""

GROUPS = (("entries",), ("certificate", "chain", "key"), ("payload",), ("signatures",))
"""The parts of which every combination of two bundles is tried; all of them together are the other bundle."""


def get(bundle, path):
    for part in path:
        try:
            bundle = bundle[part]
        except (KeyError, IndexError, TypeError):
            return None
    return bundle


def put(bundle, path, value):
    for part in path[:-1]:
        bundle = bundle[part]
    if value is None:
        bundle.pop(path[-1], None)
    else:
        bundle[path[-1]] = value


def mixed(one, other, names):
    """Return ``one`` with the parts of ``other``, or ``None`` where a part has no place in it or changes nothing."""
    changed = copy.deepcopy(one)
    for name in names:
        path = PARTS[name]
        if get(other, path) is None or get(changed, path[:-1]) is None:
            continue
        put(changed, path, copy.deepcopy(get(other, path)))
    return None if essence(changed) in (essence(one), essence(other)) else changed


def essence(bundle):
    """All of a bundle that says something: not its media type, empty members, and key ids, which nobody signed."""
    material = bundle["verificationMaterial"]
    signer = [material.get(name) for name in ("certificate", "x509CertificateChain", "publicKey")]
    stamps = get(bundle, (*PARTS["timestamps"], "rfc3161Timestamps")) or []
    return material["tlogEntries"], signer, stamps, content(bundle), get(bundle, PARTS["digest"])


def content(bundle):
    """What was signed, and the signature: two bundles with the same are one, written down in two ways."""
    envelope = bundle.get("dsseEnvelope")
    return (envelope["payload"], envelope["signatures"][0]["sig"]) if envelope else bundle["messageSignature"]


def part_matters(one, other, name) -> bool:
    """Whether a part of two bundles says something."""
    if name == "timestamps":
        return bool(get(other.bundle, (*PARTS["timestamps"], "rfc3161Timestamps")))
    # Where the user gives the key, its hint is not asked.
    return not (name == "key" and one.key)


@pytest.fixture(scope="module")
def pairs():
    """Every two valid bundles that are to be held against the same root and are about different things."""
    accepted = {repr(item.bundle): item for item in corpus.items() if not ours(item)}
    return [
        (one, other)
        for one, other in itertools.permutations(accepted.values(), 2)
        if one.root == other.root and content(one.bundle) != content(other.bundle)
    ]


def accepted_mixes(pairs, combinations):
    """Return how many mixes were tried, and those that were accepted."""
    tried, accepted = 0, []
    for one, other in pairs:
        for names in combinations:
            bundle = mixed(one.bundle, other.bundle, [name for name in names if part_matters(one, other, name)])
            if bundle is None:
                continue
            tried += 1
            if not ours(replace(one, bundle=bundle)):
                accepted.append((one.name, other.name, names))
    return tried, accepted


def test_each_part_of_each_valid_bundle_in_each_other_is_refused(pairs):
    tried, accepted = accepted_mixes(pairs, [[name] for name in PARTS])
    assert tried > 5_000
    assert accepted == []


def test_every_combination_of_the_parts_of_two_bundles_is_refused(pairs):
    npm = [(one, other) for one, other in pairs if one.name.startswith("npm/") and other.name.startswith("npm/")]
    combinations = [
        [name for group in groups for name in group]
        for count in range(1, len(GROUPS))
        for groups in itertools.combinations(GROUPS, count)
    ]
    tried, accepted = accepted_mixes(npm, combinations)
    assert tried > 2_000
    assert accepted == []
