"""Who must have signed a bundle: reading it from the options, and holding a verified bundle to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenly.trust import strict_json
from provenly.trust.bundles.artifact_subject import MAX_VALUES
from provenly.trust.errors import MalformedError, RejectedError, UsageError
from provenly.verify.tarball.local_files import read_local

if TYPE_CHECKING:
    from provenly.policies.rules import Policy
    from provenly.trust.bundles.model import Verified
    from provenly.trust.identity import Identity
    from provenly.trust.keys import PublicKey

MAX_KEY_FILE: Final = 16 * 1024
"""Bytes of a file with a key; RSA of 8,192 bits has 1,500 in PEM."""

_NPM: Final = re.compile(r"pkg:npm/(?:(?:%40|@)([^/@?#%]+)/)?([^/@?#%]+)@[^@?#]+", re.ASCII)
"""The name in a package-url of npm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """Who must have signed: a name and its issuer, or a key, or one of a policy's identities."""

    identity: str = ""
    issuer: str = ""
    key: PublicKey | None = None
    policy: Policy | None = None


def named(*, identity: str, issuer: str, key: str, policy: str) -> Signer:
    """Return whom the options name.

    :raises UsageError: the key's file or the policy cannot be read, or the policy lists no identity
        (``POLICY_NO_IDENTITIES``).
    :raises MalformedError: the key is none that is accepted (codes of :mod:`provenly.trust.keys`).
    """
    if key:
        from provenly.trust import keys

        return Signer(key=keys.from_pem(read_local(key, max_bytes=MAX_KEY_FILE), what=f"the key in {key}"))
    if policy:
        from provenly.policies.load import load_named

        loaded = load_named(policy)
        if not loaded.identities:
            raise UsageError(
                f"the policy {policy} lists no identity",
                code="POLICY_NO_IDENTITIES",
                hint="Name a policy of your own with [[identities]], or the signer with --certificate-identity and "
                "--certificate-issuer.",
            )
        return Signer(policy=loaded)
    return Signer(identity=identity, issuer=issuer)


def require(verified: Verified, wanted: Signer) -> None:
    """Require the signer of a bundle that holds to be the one who was named; every comparison is of whole texts.

    :raises RejectedError: it is another one (``SIGNER_ISSUER``, ``SIGNER_IDENTITY``, ``POLICY_IDENTITY``), or signed
        with a key where a name was given (``SIGNER_KEY``).
    """
    if wanted.key is not None:
        if verified.signed_by.key.spki != wanted.key.spki:
            raise _other("SIGNER_KEY", "with another key", str(wanted.key.digest), str(verified.signed_by.key.digest))
        return
    identity = verified.signed_by.identity
    if identity is None:
        raise _other("SIGNER_KEY", "with a key, not by a named identity", "a certificate", "a key")
    if wanted.policy is not None:
        _require_listed(verified, identity, wanted.policy)
        return
    if identity.issuer != wanted.issuer:
        raise _other("SIGNER_ISSUER", "by an identity of another issuer", wanted.issuer, identity.issuer)
    if identity.subject != wanted.identity:
        raise _other("SIGNER_IDENTITY", "by another identity", wanted.identity, identity.subject)


def _require_listed(verified: Verified, identity: Identity, policy: Policy) -> None:
    """Require one of the policy's identities: those for the package that the statement names, or any for a file."""
    from provenly.policies import identities

    package = _package(verified)
    rules = identities.allowed(policy, package)
    refusal: RejectedError | None = None
    for rule in rules:
        try:
            identities.matches(rule, facts(identity))
        except RejectedError as error:
            refusal = refusal or error
        else:
            return
    raise refusal or _other(
        "POLICY_IDENTITY",
        f"for {package}, of which the policy {policy.name} lists nobody",
        f"an identity that the policy lists for {package}",
        identity.subject,
    )


def facts(identity: Identity) -> Mapping[str, str]:
    """Return what a policy's identities are held to, under the names of the facts of ``provenance-identity``."""
    github = identity.issuer == "https://token.actions.githubusercontent.com"
    return {
        "issuer": identity.issuer,
        "repository_id": identity.repository_id,
        "owner_id": identity.owner_id,
        "repository": identity.repository,
        "workflow": identity.workflow_path,
        "ref": identity.ref,
        "builder": f"https://github.com/actions/runner/{identity.runner}" if github and identity.runner else "",
    }


def _package(verified: Verified) -> str | None:
    """Return the npm package that a statement is about; ``None`` where its subjects are plain files.

    An entry of a policy is for one package: a second subject, or another spelling, must not lead around that.

    :raises RejectedError: packages are named, and not one of npm in the one spelling (``POLICY_PACKAGE``).
    """
    names = [subject.get("name") for subject in statement(verified)[1]]
    if not any(isinstance(name, str) and name.strip().lower().startswith("pkg:") for name in names):
        return None
    found = _NPM.fullmatch(str(names[0])) if len(names) == 1 else None
    if found is None:
        raise _other(
            "POLICY_PACKAGE",
            "for packages to which the identities of a policy cannot be held",
            "one subject, pkg:npm/NAME@VERSION",
            ", ".join(map(str, names[:4])),
        )
    return f"@{found[1]}/{found[2]}" if found[1] else found[2]


def statement(verified: Verified) -> tuple[str, tuple[Mapping[str, object], ...]]:
    """Return the type of predicate and the subjects of a signed statement; nothing for a message signature."""
    if verified.payload is None:
        return "", ()
    data = verified.payload
    value = strict_json.loads(data, what="the statement", max_bytes=len(data), max_values=MAX_VALUES)
    kind = value.get("predicateType") if isinstance(value, Mapping) else None
    return kind if isinstance(kind, str) else "", subjects(verified.payload)


def subjects(payload: bytes) -> tuple[Mapping[str, object], ...]:
    """Return the subjects of a statement that nobody has verified yet; none where it is not one."""
    try:
        value = strict_json.loads(payload, what="the statement", max_bytes=len(payload), max_values=MAX_VALUES)
    except MalformedError:
        return ()
    listed = value.get("subject") if isinstance(value, Mapping) else None
    return tuple(subject for subject in listed if isinstance(subject, Mapping)) if isinstance(listed, tuple) else ()


def _other(code: str, how: str, expected: str, actual: str) -> RejectedError:
    return RejectedError(
        f"the bundle holds, and was signed {how}",
        code=code,
        expected=expected,
        actual=actual,
        hint="Anybody can sign: trust the file only if you know this signer.",
    )
