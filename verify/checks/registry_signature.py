"""Did the registry sign this version?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Package
from provenly.trust.strict_json import Json
from provenly.trust.text import show
from provenly.verify import known_keys
from provenly.verify.checks.attestations import iso, origin
from provenly.verify.checks.base import About
from provenly.verify.context import Context
from provenly.verify.registry.attestations import ASK_BY_NAME, ASK_REGISTRY, SIGNING_REGISTRIES
from provenly.verify.subject import Subject

if TYPE_CHECKING:
    from provenly.trust.roots.model import RegistryKeys

ID: Final = "registry-signature"

ABOUT: Final = About(
    question="Did the registry sign name, version and digest of this version?",
    proves="Whoever holds a key that the registry uses for versions signed that this name and version is the archive "
    "with this sha512 integrity. A mirror cannot have made it up, and cannot have exchanged the archive.",
    does_not_prove="It does not prove who published the version or what is in it: the registry signs whatever is "
    "published. That the analysed bytes have the signed integrity is what artifact-integrity says. The signature has "
    "no time of its own: that its key was in use is judged by the publish time, which the registry states unsigned. A "
    "mirror that serves no signature says nothing about whether there is one.",
    remedy="Verify against the registry itself rather than a mirror. For a registry with keys of its own, name them "
    "with --npm-keys. A signature that does not verify is no matter of settings: do not install the version.",
)


def check(subject: Subject) -> Evidence:
    """Verify the registry's signatures; tell "there is none" from "this mirror serves none"."""
    package = subject.package()
    if not package.registry:
        summary = "a file on this machine carries no signature"
        return Evidence(check=ID, status=Status.UNCHECKED, summary=summary, hint=ASK_BY_NAME)
    return judge(package, subject.context)


def judge(package: Package, context: Context) -> Evidence:
    """Return what the signatures of a package of a registry say."""
    facts: dict[str, Json] = {
        "registry": package.registry,
        "signatures_served": package.signatures_served,
        "keyids": tuple(signature.keyid for signature in package.signatures),
    }
    return _verify(package, context, facts) if package.signatures else _without(package, facts)


def _verify(package: Package, context: Context, facts: dict[str, Json]) -> Evidence:
    """Verify the signatures that are served, with the keys of the registry or of the one that it mirrors."""
    from provenly.trust import registry

    try:
        keys = _keys(package, context)
        facts |= {"signer": keys.registry, "published": iso(package.published), "keys": origin(keys.origin)}
        signed = registry.verify(
            package.name,
            package.version,
            package.integrity,
            package.signatures,
            keys,
            published=package.published,
            now=context.now,
        )
    except UnavailableError as error:
        found = Evidence(check=ID, status=Status.UNCHECKED, summary=error.message, hint=error.hint)
        return replace(found, facts=facts | {"code": error.code})
    except (MalformedError, RejectedError) as error:
        found = Evidence(check=ID, status=Status.FAILED, summary=error.message, hint=error.hint)
        if isinstance(error, RejectedError):
            found = replace(found, expected=error.expected, actual=error.actual)
        return replace(found, facts=facts | {"code": error.code}, consulted=(package.registry,))
    whose = "the registry" if keys.registry == package.registry else f"{keys.registry}, which this registry mirrors,"
    summary = f"{whose} signed this name, version and digest with the key {signed.keyid}"
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary="; ".join((summary, *(note.text for note in signed.notes))),
        expected=f"a signature of {package.name}@{package.version}:{package.integrity}",
        actual=f"a signature by {', '.join(signed.keyids)}",
        strength=signed.strength,
        facts=facts | {"keyid": signed.keyid, "notes": tuple(note.code for note in signed.notes)},
        consulted=(package.registry, keys.origin.place),
    )


def _keys(package: Package, context: Context) -> RegistryKeys:
    """Return the keys of the package's registry; of one without keys those of npm, if a signature is by one of them.

    :raises UnavailableError: no keys are known that could have signed (``TRUST_NO_KEYS``), or what we have of them
        cannot be read.
    """
    try:
        return known_keys.own(package.registry, context)
    except UnavailableError as error:
        keys = known_keys.passed_on(package.registry, context) if error.code == "TRUST_NO_KEYS" else None
        if keys is None:
            raise
        if any(keys.key(signature.keyid) for signature in package.signatures):
            return keys
        names = ", ".join(show(signature.keyid, limit=64) for signature in package.signatures)
        raise UnavailableError(
            f"{error.message}, and {names} is no key of npm's either", code=error.code, hint=error.hint
        ) from error


def _without(package: Package, facts: dict[str, Json]) -> Evidence:
    """Say what it means that no signature is served."""
    if package.signatures_served:
        return Evidence(
            check=ID,
            status=Status.ABSENT,
            summary="the registry signed other versions of this package and not this one",
            expected="a signature",
            actual="none",
            facts=facts,
        )
    if package.registry in SIGNING_REGISTRIES:
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary="no signature is served, though this registry signs every version: a mirror or proxy between "
            "leaves them out",
            expected="a signature",
            actual="not served",
            hint=ASK_REGISTRY,
            facts=facts,
        )
    return Evidence(
        check=ID,
        status=Status.ABSENT,
        summary="this registry signs none of the package's versions",
        expected="a signature",
        actual="none",
        facts=facts,
    )
