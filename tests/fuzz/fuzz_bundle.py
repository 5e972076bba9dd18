"""Fuzz reading and verifying bundles: ``python tests/fuzz/fuzz_bundle.py -max_total_time=60``.

Each input edits one part of an honest bundle: its JSON, a certificate, the body of its log entry, a checkpoint, a
timestamp. The parts that a log signs are signed again, so that the edit is seen behind the signature. A crash is an
exception that is not ours, a warning on the terminal, two seconds of CPU, or an altered bundle that is accepted and
says something else than the honest one. Real bundles are edited, too, and held to the embedded root, where the shared
cases are on the machine.
"""

from __future__ import annotations

import base64
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Final

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["provenly.trust"]):
    from provenly.trust.bundles.read import read
    from provenly.trust.bundles.verify import verify
    from provenly.trust.errors import Error
    from provenly.trust.roots import embedded, trusted_root

from tests.cases import CASES
from tests.forgeries.forgery import forge, honest_keys, honest_root
from tests.fuzz.edits import OPTIONS, altered, edited
from tests.simulator.sigstore.bundle import V01, V02
from tests.simulator.sigstore.instance import NOW
from tests.simulator.sigstore.rekor import b64

MAX_SECONDS: Final = 2.0
"""CPU seconds that one bundle may take; an honest one takes a thousandth."""

BY: Final = forge()
HONEST: Final = (
    BY.provenance()["bundle"],
    BY.provenance(kind="intoto", version="0.0.2")["bundle"],
    BY.provenance(media_type=V01, chain=(BY.intermediate.der, BY.root.der))["bundle"],
    BY.provenance(media_type=V02, chain=(BY.intermediate.der,))["bundle"],
    BY.stamped()["bundle"],
    BY.publish()["bundle"],
)
REAL: Final = tuple(
    attestation["bundle"]
    for path in sorted((CASES / "npm").glob("*/attestations.json"))
    if not path.parent.name.endswith("_fail")
    for attestation in json.loads(path.read_bytes())["attestations"]
)


def _keyring(hint: str, _: object) -> Any:
    key = honest_keys().key(hint)
    if key is None:
        raise Error("no such key", code="FUZZ_KEY")
    return key.key


def _changed(bundle: Any, provider: atheris.FuzzedDataProvider) -> bytes:
    """Return the bundle with one edit."""
    made = json.loads(json.dumps(bundle))
    material = made["verificationMaterial"]
    entry = material["tlogEntries"][0]
    match provider.ConsumeIntInRange(0, 6):
        case 0:
            return edited(json.dumps(made).encode(), provider)
        case 1:
            made = altered(made, provider)
        case 2 | 3:
            listed = material.get("x509CertificateChain", {}).get("certificates") or [material.get("certificate", {})]
            chosen = listed[provider.ConsumeIntInRange(0, len(listed) - 1)]
            chosen["rawBytes"] = b64(edited(base64.b64decode(chosen.get("rawBytes", "")), provider))
        case 4:
            kind, body = entry["kindVersion"], json.loads(base64.b64decode(entry["canonicalizedBody"]))
            log = BY.second if kind["version"] == "0.0.2" and kind["kind"] == "hashedrekord" else BY.log
            again = json.dumps(altered(body, provider)).encode()
            material["tlogEntries"] = [log.entry(again, kind["kind"], kind["version"])]
        case 5 if entry.get("inclusionProof"):
            checkpoint = entry["inclusionProof"]["checkpoint"]
            checkpoint["envelope"] = edited(checkpoint["envelope"].encode(), provider).decode("utf-8", "replace")
        case _:
            stamps = (material.get("timestampVerificationData") or {}).get("rfc3161Timestamps") or [{}]
            stamps[0]["signedTimestamp"] = b64(edited(base64.b64decode(stamps[0].get("signedTimestamp", "")), provider))
            material["timestampVerificationData"] = {"rfc3161Timestamps": stamps}
    return json.dumps(made).encode()


def one(data: bytes) -> None:
    """Edit one bundle and verify it."""
    provider = atheris.FuzzedDataProvider(data)
    real = bool(REAL) and provider.ConsumeIntInRange(0, 4) == 0
    seeds, root = (REAL, trusted_root.load(embedded.trusted_root())) if real else (HONEST, honest_root())
    honest = seeds[provider.ConsumeIntInRange(0, len(seeds) - 1)]
    changed = _changed(honest, provider)
    begun = time.process_time()
    try:
        bundle = read(changed, what="the bundle")
        verified = verify(bundle, root, now=NOW, keyring=_keyring)
    except Error as error:
        if not error.code:
            raise AssertionError("an error without a code") from error
    else:
        if verified.payload != base64.b64decode(honest["dsseEnvelope"]["payload"]):
            raise AssertionError("another payload was accepted")
        certificate = honest["verificationMaterial"].get("certificate")
        if certificate and verified.signed_by.identity is None:
            raise AssertionError("a certificate was passed over")
    seconds = time.process_time() - begun
    if seconds > MAX_SECONDS:
        raise AssertionError(f"{seconds:.1f} s for {len(changed):,} bytes")


def main() -> None:
    """Run libFuzzer with the options of the command line."""
    warnings.simplefilter("error")
    atheris.Setup([*sys.argv, *OPTIONS], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
