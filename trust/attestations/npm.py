"""The attestations of an npm package: all of a document, held to one package and its bytes.

npm's registry serves two for a package: its own, *publish*, signed by its key, and the publisher's *provenance*,
signed with a certificate. Verifiers went wrong where they took the first attestation for all (pacote), the last
(slsa-verifier), or none for a success (gh, CVE-2025-25204). Here every one is judged, none vanishes, two of a kind
are none, and nothing in the envelope that nobody signed decides more than where an error is shown.

:func:`judge` answers for signatures, types, subjects and bytes. What the statements say is held to the registry and to
the certificates by functions of their own, each for a check of its own; :func:`examine` and :func:`require_all` call
all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from provenly.trust.attestations import document, examination, provenance, statement, subject
from provenly.trust.attestations.attested import Attested, Kind
from provenly.trust.attestations.document import Attestation
from provenly.trust.attestations.examination import Examined, examine
from provenly.trust.attestations.keyring import keyring
from provenly.trust.attestations.model import PUBLISH, Statement
from provenly.trust.attestations.publish import publish_identity
from provenly.trust.bundles.model import Bundle, Envelope, Verified
from provenly.trust.bundles.verify import verify
from provenly.trust.digest import Digest
from provenly.trust.errors import Error, RejectedError
from provenly.trust.keys import PublicKey, Scheme
from provenly.trust.roots.model import RegistryKeys, TrustedRoot

__all__ = ["Attested", "Examined", "Kind", "examine", "judge", "publish_identity", "require_all"]

_KINDS: Final = {PUBLISH: Kind.PUBLISH, **dict.fromkeys(provenance.TYPES, Kind.PROVENANCE)}


def judge(  # noqa: PLR0913 - the package, the bytes, and what is trusted
    data: bytes,
    *,
    name: str,
    version: str,
    sha512: Digest,
    trusted_root: TrustedRoot,
    registry_keys: RegistryKeys | None,
    now: datetime,
) -> Attested:
    """Verify every attestation of a document and hold it to a package and its bytes.

    Steps, for each of them: 1. its bundle is well-formed; 2. it is an envelope, whose key id leads to no other key;
    3. the bundle holds (:mod:`provenly.trust.bundles.verify`), keyed ones with a key that the registry uses for
    attestations; 4. the payload is a statement of the type that the document says; 5. the signer is of the kind that
    signs such statements; 6. the statement is about this package and these bytes. Then: 7. two of a kind are none.

    :param data: the document as the registry served it.
    :param sha512: of the package's archive.
    :param registry_keys: of the registry that served it; ``None`` where none are known.
    :param now: signatures from the future are refused.
    :raises MalformedError: the document itself cannot be read; what is wrong with one attestation stands in its place.
    """
    what = f"the attestation document of {name}@{version}"
    attestations = document.read(data, what=what)
    ring = keyring(registry_keys)
    sorted_: dict[Kind, list[Statement | Error]] = {kind: [] for kind in Kind}
    for number, attestation in enumerate(attestations, 1):
        label = f"attestation {number} of {name}@{version}"
        kind = _KINDS.get(attestation.predicate_type, Kind.OTHER)
        outcome: Statement | Error
        try:
            verified = _verify(attestation, ring, trusted_root, now, label)
            # From here on the signed payload says what this is, not the document around it.
            kind = _KINDS.get(statement.peek(verified) or attestation.predicate_type, Kind.OTHER)
            outcome = statement.read(verified, predicate_type=attestation.predicate_type, what=label)
            _require_signer(kind, verified, label)
            subject.require(outcome, name=name, version=version, sha512=sha512, what=label)
        except Error as error:
            outcome = error
        sorted_[kind].append(outcome)
    return Attested(
        publish=_only(sorted_[Kind.PUBLISH], Kind.PUBLISH, what),
        provenance=_only(sorted_[Kind.PROVENANCE], Kind.PROVENANCE, what),
        others=tuple(sorted_[Kind.OTHER]),
        count=len(attestations),
    )


def require_all(attested: Attested, *, name: str, version: str, registry: str) -> tuple[Examined, ...]:
    """Refuse a document of which not every attestation holds, or which has none that is read.

    :returns: every attestation; see :func:`examine`.
    :raises UnavailableError: there is none (``ATT_ABSENT``) or none of a type that is read (``ATT_ONLY_OTHERS``);
        otherwise the error of the first that could not be checked, where none was refused.
    :raises Error: the error of the first that was refused.
    """
    found = examine(attested, name=name, version=version, registry=registry)
    examination.require_held(found, what=f"{name}@{version}")
    return found


def _verify(
    attestation: Attestation,
    ring: Callable[[str, datetime], PublicKey],
    trusted_root: TrustedRoot,
    now: datetime,
    what: str,
) -> Verified:
    """Do the steps 1 to 3 of :func:`judge`."""
    # 1.
    if isinstance(attestation.bundle, Error):
        raise attestation.bundle
    # 2.
    _require_envelope(attestation.bundle, what)
    # 3.
    return verify(attestation.bundle, trusted_root, now=now, keyring=ring)


def _require_envelope(bundle: Bundle, what: str) -> None:
    """Refuse a bundle that holds no envelope of a statement, or whose envelope names another key than the bundle.

    Nobody signed the envelope's key id and nothing is looked up by it; but a reader who did (B12 of the threats, PyJWT
    CVE-2022-29217) would verify something else than we do.
    """
    content = bundle.content
    if not isinstance(content, Envelope):
        raise RejectedError(
            f"{what} is a signature over a file, not a statement",
            code="ATT_PAYLOAD_TYPE",
            expected=statement.PAYLOAD_TYPE,
            actual="a signature over a file",
            hint="`provenly verify-bundle` verifies those.",
        )
    if content.payload_type != statement.PAYLOAD_TYPE:
        # The log entry would tell, too; this names the reason.
        raise RejectedError(
            f"{what} is not signed as an in-toto statement",
            code="ATT_PAYLOAD_TYPE",
            expected=statement.PAYLOAD_TYPE,
            actual=content.payload_type,
            hint="It was altered, or is no attestation: get it from the registry again.",
        )
    if content.keyid not in ("", bundle.key_hint):
        raise RejectedError(
            f"the envelope of {what} names another key than its bundle",
            code="ATT_KEYID",
            expected=bundle.key_hint or "no key id: it was signed with a certificate",
            actual=content.keyid,
            hint="The bundle was put together from parts: get it from the registry again.",
        )


def _require_signer(kind: Kind, verified: Verified, what: str) -> None:
    """Refuse a publish attestation that was not signed by the registry, and a provenance that was.

    npm, GitHub's actions and slsa-github-generator sign with keys on P-256 and nothing else; another key is that of a
    tool that we do not know, whatever the certificate says about its job. The verifiers of npm and of PyPI would hash
    with SHA-256 for a key on P-384, too, and so see another signature than we do.

    :raises RejectedError: ``ATT_SIGNER_KIND``, ``ATT_SIGNER_KEY``.
    """
    identity = verified.signed_by.identity
    if kind is Kind.PUBLISH and identity is not None:
        raise RejectedError(
            f"{what} says that the registry received the package, and somebody else signed it",
            code="ATT_SIGNER_KIND",
            expected="a key of the registry",
            actual=f"a certificate of {identity.subject}",
            hint="Only the registry can attest that it received a package.",
        )
    if kind is Kind.PROVENANCE and identity is None:
        raise RejectedError(
            f"{what} is a provenance that no build service vouches for",
            code="ATT_SIGNER_KIND",
            expected="a certificate of a build service",
            actual=f"the key {verified.signed_by.keyid}",
            hint="Only a build service can attest where a package was built.",
        )
    scheme = verified.signed_by.key.scheme
    if kind is Kind.PROVENANCE and scheme is not Scheme.ECDSA_P256:
        raise RejectedError(
            f"{what} was signed with a key of another kind than build tools for npm have",
            code="ATT_SIGNER_KEY",
            expected=Scheme.ECDSA_P256,
            actual=scheme,
            hint="Ask the publisher what made this provenance.",
        )


def _only(found: list[Statement | Error], kind: Kind, what: str) -> Statement | Error | None:
    """Do step 7 of :func:`judge`: of two attestations of a kind nobody can say which one counts."""
    if len(found) > 1:
        return RejectedError(
            f"{what} has {len(found)} attestations of the kind {kind}",
            code="ATT_DUPLICATE",
            expected=f"one {kind} attestation",
            actual=f"{len(found)} of them",
            hint="Ask the registry's operator: a registry serves one of each kind.",
        )
    return found[0] if found else None
