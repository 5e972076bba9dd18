"""Certificates for the tests of this folder: forged ones, and the real ones of the shared cases."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509

from provenly.trust.errors import Error
from provenly.trust.roots import trusted_root
from provenly.trust.roots.material import Material
from provenly.trust.roots.model import TrustedRoot
from tests.cases import CASES
from tests.simulator.sigstore.authority import Issuer, Leaf, issue
from tests.simulator.sigstore.instance import Instance
from tests.simulator.sigstore.predicates import HONEST, claims, names

BUNDLES = ("conformance/bundle-verify/*/bundle.sigstore.json", "npm/*/attestations.json", "pypi/*", "other/*.json")


def root(document: dict[str, Any]) -> TrustedRoot:
    """Return a trusted root as its reader gives it."""
    return trusted_root.load(Material(data=json.dumps(document).encode(), kind="file", place="a test"))


def leaf(forge: Instance, *, by: Issuer | None = None, said: Any = None, **changes: Any) -> x509.Certificate:
    """Return a certificate of the forge: honest but for the members of :class:`Leaf` that are given.

    :param said: claims that replace the honest ones.
    """
    honest: dict[str, Any] = {"names": names(HONEST), "claims": claims(HONEST) | (said or {}), "ct_log": forge.ct_log}
    return x509.load_der_x509_certificate(issue(Leaf(**(honest | changes)), by or forge.intermediate))


def real() -> Iterator[tuple[str, x509.Certificate, TrustedRoot]]:
    """Give every signer's certificate of the shared cases that can be parsed, with the root of its case."""
    production = _root(CASES / "trust" / "trusted_root.json")
    for pattern in BUNDLES:
        for path in sorted(CASES.glob(pattern)):
            own = path.parent / "trusted_root.json"
            try:
                document = json.loads(path.read_bytes())
                trusted = _root(own) if own.exists() else production
            except (ValueError, Error):
                continue  # bundle-malformed-json_fail, trust-root-tlog-missing-validity-start_fail
            for encoded in _encoded(document):
                yield str(path.relative_to(CASES)), x509.load_der_x509_certificate(base64.b64decode(encoded)), trusted


def _root(path: Path) -> TrustedRoot:
    return trusted_root.load(Material(data=path.read_bytes(), kind="file", place=str(path)))


def _encoded(value: Any) -> Iterator[str]:
    """Give the first certificate of every verification material, in Sigstore's spellings and PEP 740's."""
    if isinstance(value, list):
        for each in value:
            yield from _encoded(each)
    elif isinstance(value, dict):
        for key, inside in value.items():
            if key == "certificate":
                yield inside if isinstance(inside, str) else inside["rawBytes"]
            elif key == "x509CertificateChain":
                yield from (each["rawBytes"] for each in inside["certificates"][:1])
            else:
                yield from _encoded(inside)
