"""Fuzz judging attestation documents: ``python tests/fuzz/fuzz_attestations.py -max_total_time=60``.

Each input edits an honest document, a statement or a predicate; statements are signed after the edit, as a publisher
could who signs what he likes. A crash is an exception that is not ours, two seconds of CPU, or a document that is
accepted though its provenance says another repository or commit than the certificate, or is about something else.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Final

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["provenly.trust.attestations", "provenly.trust.strict_json"]):
    from provenly.trust.attestations import npm
    from provenly.trust.attestations.subject import purls
    from provenly.trust.digest import Digest
    from provenly.trust.errors import Error

from tests.forgeries.forgery import forge, honest_keys, honest_root
from tests.fuzz.edits import OPTIONS, altered, edited
from tests.simulator.sigstore.instance import NOW, PACKAGE, dump, statement
from tests.simulator.sigstore.npm import REGISTRY
from tests.simulator.sigstore.predicates import (
    HONEST,
    ON_GITLAB,
    PUBLISH,
    SLSA_V02,
    SLSA_V1,
    generator,
    github_v0,
    github_v2,
    gitlab,
    workflow_v1,
)

MAX_SECONDS: Final = 2.0
"""CPU seconds that one document may take; an honest one takes some thousandths."""

BY: Final = forge()
GENERATOR: Final = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
SIGNERS: Final = (BY.signer(), BY.signer(ON_GITLAB))
STATEMENTS: Final = (
    (statement(PACKAGE, SLSA_V1, workflow_v1(HONEST)), SIGNERS[0]),
    (statement(PACKAGE, SLSA_V02, github_v2(HONEST)), SIGNERS[0]),
    (statement(PACKAGE, SLSA_V02, github_v0(HONEST)), SIGNERS[0]),
    (statement(PACKAGE, SLSA_V02, generator(HONEST)), SIGNERS[0]),
    (statement(PACKAGE, SLSA_V02, gitlab(ON_GITLAB)), SIGNERS[1]),
)
PUBLISHED: Final = statement(PACKAGE, PUBLISH, {"name": PACKAGE.name, "version": PACKAGE.version, "registry": REGISTRY})
DOCUMENT: Final = BY.document(BY.publish(), BY.provenance(signer=SIGNERS[0]))


def _document(provider: atheris.FuzzedDataProvider) -> bytes:
    """Return a document with one edit."""
    match provider.ConsumeIntInRange(0, 5):
        case 0:
            return edited(DOCUMENT, provider)
        case 1:
            return dump(altered(json.loads(DOCUMENT), provider))
        case 2:
            payload = dump(altered(PUBLISHED, provider))
            return BY.document(BY.publish(payload=payload))
        case kind:
            said, signer = STATEMENTS[provider.ConsumeIntInRange(0, len(STATEMENTS) - 1)]
            payload = edited(dump(said), provider) if kind == 3 else dump(altered(said, provider))
            made = BY.provenance(payload=payload, signer=signer, outer=said["predicateType"])
            return BY.document(made)


def one(data: bytes) -> None:
    """Judge one document."""
    document = _document(atheris.FuzzedDataProvider(data))
    begun = time.process_time()
    try:
        attested = npm.judge(
            document,
            name=PACKAGE.name,
            version=PACKAGE.version,
            sha512=Digest.of(PACKAGE.data, "sha512"),
            trusted_root=honest_root(),
            registry_keys=honest_keys(),
            now=NOW,
        )
        found = npm.examine(attested, name=PACKAGE.name, version=PACKAGE.version, registry=REGISTRY)
    except Error as error:
        if not error.code:
            raise AssertionError("an error without a code") from error
        found = ()
    for each in found:
        if each.error is None:
            _require_true(each)
        elif not each.error.code:
            raise AssertionError("an error without a code") from each.error
    seconds = time.process_time() - begun
    if seconds > MAX_SECONDS:
        raise AssertionError(f"{seconds:.1f} s for {len(document):,} bytes")


def _require_true(each: npm.Examined) -> None:
    """Hold what was accepted to what was asked for, and to the certificate."""
    said = each.statement
    if said is None or said.subject not in purls(PACKAGE.name, PACKAGE.version):
        raise AssertionError("accepted for another package")
    if said.digest != Digest.of(PACKAGE.data, "sha512"):
        raise AssertionError("accepted for other bytes")
    identity, claimed = said.verified.signed_by.identity, each.provenance
    if claimed is not None and (
        identity is None
        or (claimed.repository, claimed.commit) != (identity.repository, identity.commit)
        or not claimed.commit
        or claimed.commits != (claimed.commit,)
    ):
        raise AssertionError("accepted though the certificate says something else")
    if each.kind is npm.Kind.PUBLISH and dict(said.predicate).items() < PUBLISHED["predicate"].items():
        raise AssertionError("accepted without what it must say")


def main() -> None:
    """Run libFuzzer with the options of the command line."""
    warnings.simplefilter("error")
    atheris.Setup([*sys.argv, *OPTIONS], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
