"""Forgeries: properly signed attestations that must be refused, each for its own reason.

The forge (``tests/simulator/sigstore``) is a Sigstore instance and an npm registry of its own: a certificate authority
with an intermediate, a certificate transparency log, Rekor v1 and v2, a timestamp authority, a registry key. It signs
whatever it is told to, so that a forgery is an honest attestation in which one argument is another.

What it can do that changes to real data cannot: statements whose facts disagree with the certificate, though every
signature holds; certificates with any claims, names, uses, keys and promises; entries that are in the log and about
something else; logs, authorities and keys that are trusted at another time or for another use.

What it cannot do: break a signature or a hash. A holder of Fulcio's own key is not among the forgers either: what a
certificate of the trusted authority says about a build is believed, and only held to what else is known.

Each forgery names its row in the threats document, and the code of the error with which it is refused. The honest ones
from which they are made are accepted: ``test_honest.py``.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from provenly.trust import registry
from provenly.trust.errors import Error
from provenly.trust.model import RegistrySignature
from provenly.trust.roots import npm_keys
from provenly.trust.roots.material import Material
from tests.forgeries import (
    authorities,
    certificates,
    documents,
    entries,
    facts,
    keys,
    logs,
    registry_signatures,
    services,
    statements,
    times,
)
from tests.forgeries.forgery import Forgery, Handed, forge, judge
from tests.forgeries.registry_signatures import Served
from tests.simulator.sigstore.bundle import IN_TOTO
from tests.simulator.sigstore.instance import NOW, PACKAGE, dump
from tests.simulator.sigstore.npm import REGISTRY
from tests.simulator.sigstore.predicates import HONEST

TABLES = (facts, services, statements, certificates, authorities, logs, entries, times, documents, keys)
ALL = tuple(forgery for table in TABLES for forgery in table.ALL)
ROWS = (
    *(f"B{number:02}" for number in (*range(1, 25), 29, 30, 31, 32, 33, 34, 36)),
    *("K03", "K04", "K05", "K06", "K08", "K09"),
    *("CVE-2022-23649", "CVE-2022-36056", "CVE-2022-35929", "CVE-2024-53267", "CVE-2025-25204", "CVE-2026-22703"),
    *("CVE-2026-24122", "CVE-2026-27896", "CVE-2026-31830", "CVE-2026-44310", "CVE-2026-49834", "CVE-2026-54787"),
    *("CVE-2016-9122", "CVE-2020-6174", "CVE-2024-45395", "GHSA-hhfg-fwrw-87w7", "GHSA-r2xv-vpr2-42m9"),
)
"""The rows of the threats document that have forgeries here.

B25 to B28 are circumstances and sources, which no signature decides: see the tests of the checks. B35, B37, K01, K02,
K07 and K10 to K12 have tests of their own beside what they are about.
"""


@pytest.mark.parametrize("forgery", ALL, ids=lambda forgery: forgery.name)
def test_forgery_is_refused_for_its_reason(forgery: Forgery) -> None:
    handed = forgery.make(forge())
    with pytest.raises(Error) as caught:
        judge(handed)
    assert caught.value.code == forgery.code
    assert forgery.says in caught.value.message


@pytest.mark.parametrize("served", registry_signatures.ALL, ids=lambda served: served.name)
def test_signature_of_the_registry_is_refused_for_its_reason(served: Served) -> None:
    with pytest.raises(Error) as caught:
        _verify(served)
    assert caught.value.code == served.code


def test_honest_signature_of_the_registry_holds() -> None:
    honest = registry_signatures.ALL[0]
    assert _verify(replace(honest, sign=registry_signatures.signed())).strength == "dated"


def test_every_row_has_a_forgery() -> None:
    named = " ".join(forgery.row for forgery in (*ALL, *registry_signatures.ALL))
    assert not {row for row in ROWS if row not in named}


def test_every_forgery_is_one_of_a_kind_and_says_why() -> None:
    twice = [name for name, count in Counter(forgery.name for forgery in ALL).items() if count > 1]
    assert not twice
    assert all(forgery.code for forgery in ALL)
    assert len(ALL) >= 570


def mixes(first: dict[str, Any], second: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every mix of the parts of two bundles but the two bundles themselves (B13)."""
    for chosen in range(1, 2 ** len(PARTS) - 1):
        mixed = copy.deepcopy(first)
        taken = [part for number, part in enumerate(PARTS) if chosen >> number & 1]
        for part in taken:
            *parents, last = part.split(".")
            source, target = second, mixed
            for step in parents:
                source, target = (_step(one, step) for one in (source, target))
            target[last] = copy.deepcopy(source[last])
        yield " ".join(taken), mixed


def _step(document: Any, step: str) -> Any:
    return document[int(step) if step.isdigit() else step]


ENTRY = "verificationMaterial.tlogEntries.0"
PARTS = (
    "verificationMaterial.certificate",
    "verificationMaterial.timestampVerificationData",
    "dsseEnvelope.payload",
    "dsseEnvelope.signatures",
    f"{ENTRY}.canonicalizedBody",
    f"{ENTRY}.inclusionProof.hashes",
    f"{ENTRY}.inclusionProof.rootHash",
    f"{ENTRY}.inclusionProof.checkpoint",
)
"""The last part of a proof that differs between the two bundles is its root; their neighbours in the tree are the same,
so that the hashes of one are those of the other."""


@pytest.mark.parametrize("kind", ["dsse", "intoto", "Rekor v2"])
def test_no_mix_of_two_bundles_is_accepted(kind: str) -> None:
    by = forge()
    makers = {
        "dsse": by.provenance,
        "intoto": partial(by.provenance, kind="intoto", version="0.0.2"),
        "Rekor v2": by.stamped,
    }
    one, other = makers[kind](), makers[kind](facts=replace(HONEST, run="2"))
    harmless = {frozenset({f"{ENTRY}.inclusionProof.hashes"})}
    if kind != "Rekor v2":
        harmless |= {frozenset({"verificationMaterial.timestampVerificationData"})}
    accepted = []
    for name, mixed in mixes(one["bundle"], other["bundle"]):
        try:
            judge(Handed(document=by.document(by.publish(), {"predicateType": one["predicateType"], "bundle": mixed})))
        except Error:
            continue
        accepted.append(frozenset(name.split()))
    different = [part for part in PARTS if not any(part in parts for parts in harmless)]
    assert all(not 0 < len(parts & set(different)) < len(different) for parts in accepted), accepted


@pytest.mark.parametrize("forgery", facts.CERTIFICATE, ids=lambda forgery: forgery.name)
def test_facts_that_disagree_are_properly_signed(forgery: Forgery, tmp_path: Path) -> None:
    """What only we refuse: sigstore-python finds nothing wrong with these."""
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier, policy

    by = forge()
    (tmp_path / "root.json").write_bytes(dump(by.trusted_root()))
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(tmp_path / "root.json")))
    made = json.loads(forgery.make(by).document)["attestations"][1]["bundle"]
    kind, _ = verifier.verify_dsse(Bundle.from_json(json.dumps(made)), policy.UnsafeNoOp())
    assert kind == IN_TOTO


def _verify(served: Served) -> registry.Signed:
    by = forge()
    document = Material(data=dump(served.keys(by)), kind="file", place="the forge")
    signatures = tuple(RegistrySignature(keyid=one["keyid"], signature=one["sig"]) for one in served.sign(by))
    return registry.verify(
        PACKAGE.name,
        PACKAGE.version,
        served.integrity,
        signatures,
        npm_keys.load(document, REGISTRY),
        published=served.published,
        now=NOW,
    )
