"""Which of a registry's keys may have signed an attestation, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from provenly.trust.errors import RejectedError, UnavailableError
from provenly.trust.keys import PublicKey
from provenly.trust.roots.model import KeyUsage, RegistryKeys


def keyring(keys: RegistryKeys | None) -> Callable[[str, datetime], PublicKey]:
    """Return what finds the key that a registry signs attestations with, for :func:`provenly.trust.bundles.verify`.

    The returned function takes the bundle's hint and the time for which there is proof, and raises ``UnavailableError``
    (``TRUST_NO_KEYS``) where no keys of the registry are known, and ``RejectedError`` for a key that is not the
    registry's (``ATT_KEY_UNKNOWN``), is not for attestations (``ATT_KEY_USAGE``) or was not valid then
    (``ATT_KEY_PERIOD``). The end of a period does not belong to it, as in npm's own client.
    """

    def find(hint: str, signed_at: datetime) -> PublicKey:
        if keys is None:
            raise UnavailableError(
                "the registry's keys are not known, so that its attestation cannot be verified",
                code="TRUST_NO_KEYS",
                hint="Give them with --npm-keys FILE.",
            )
        key = keys.key(hint)
        if key is None or key.key.fingerprint != hint:
            raise RejectedError(
                f"the attestation was signed by a key that is not one of {keys.registry}",
                code="ATT_KEY_UNKNOWN",
                expected=", ".join(known.keyid for known in keys.keys) or "no key at all",
                actual=hint,
                hint="If the registry has a new key, `provenly trust update` learns it.",
            )
        period = key.period(KeyUsage.ATTESTATIONS)
        if KeyUsage.ATTESTATIONS not in key.usages or period is None:
            raise RejectedError(
                f"the attestation was signed by a key that {keys.registry} does not use for attestations",
                code="ATT_KEY_USAGE",
                expected=KeyUsage.ATTESTATIONS,
                actual=", ".join(sorted(key.usages)) or "no usage",
                hint="Ask the registry's operator.",
            )
        if not period.covers(signed_at) or signed_at == period.end:
            raise RejectedError(
                "the attestation was signed by a key of the registry at a time when it was not valid",
                code="ATT_KEY_PERIOD",
                expected=str(period),
                actual=signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                hint="Ask the registry's operator.",
            )
        return key.key

    return find
