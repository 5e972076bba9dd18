"""What a forgery is, and how one is put before the verifier."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from provenly.trust.attestations import npm as attestations
from provenly.trust.digest import Digest
from provenly.trust.roots import npm_keys, trusted_root
from provenly.trust.roots.material import Material
from provenly.trust.roots.model import RegistryKeys, TrustedRoot
from tests.simulator.sigstore.instance import NOW, PACKAGE, Instance, Target, dump
from tests.simulator.sigstore.npm import REGISTRY

GONE: Final = object()
"""In place of a value: the member is left out."""


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What the verifier is handed.

    :param document: of attestations.
    :param root: the trusted root, or ``None`` for the honest one.
    :param keys: the registry's keys, or ``None`` for the honest ones.
    :param target: the package in hand.
    """

    document: bytes
    root: Mapping[str, Any] | None = None
    keys: Mapping[str, Any] | None = None
    target: Target = PACKAGE
    now: datetime = NOW


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """One forgery.

    :param name: says what is wrong.
    :param row: of the threats document (sections 2, 3.6, 3.7), or the heading of the facts document.
    :param code: of the error with which it is to be refused.
    :param make: makes it, from keys that are there already.
    :param says: part of the message, where the code alone leaves open which field it was.
    """

    name: str
    row: str
    code: str
    make: Callable[[Instance], Handed] = field(repr=False)
    says: str = ""


@cache
def forge() -> Instance:
    """Return the instance that all forgeries share."""
    return Instance()


@cache
def honest_root() -> TrustedRoot:
    """Return the trusted root that lists the forge's authorities and logs."""
    return _root(forge().trusted_root())


@cache
def honest_keys() -> RegistryKeys:
    """Return the keys of the forge's registry."""
    return _keys(forge().npm_keys())


def _material(document: Mapping[str, Any]) -> Material:
    return Material(data=dump(document), kind="file", place="the forge")


def _root(document: Mapping[str, Any]) -> TrustedRoot:
    return trusted_root.load(_material(document))


def _keys(document: Mapping[str, Any]) -> RegistryKeys:
    return npm_keys.load(_material(document), REGISTRY)


def judge(handed: Handed) -> attestations.Attested:
    """Verify all that was handed over, as ``provenly verify-attestations`` does; the first error is raised."""
    name, version = handed.target.name, handed.target.version
    attested = attestations.judge(
        handed.document,
        name=name,
        version=version,
        sha512=Digest.of(handed.target.data, "sha512"),
        trusted_root=honest_root() if handed.root is None else _root(handed.root),
        registry_keys=honest_keys() if handed.keys is None else _keys(handed.keys),
        now=handed.now,
    )
    attestations.require_all(attested, name=name, version=version, registry=REGISTRY)
    return attested


# ---------------------------------------------------------------------------------------------- short ways to make one


def provenance(name: str, row: str, code: str, /, says: str = "", **changes: Any) -> Forgery:
    """Return a forgery whose provenance differs (arguments of :meth:`Instance.provenance`)."""

    def make(by: Instance) -> Handed:
        return Handed(document=by.document(by.publish(), by.provenance(**_made(changes, by))))

    return Forgery(name=name, row=row, code=code, make=make, says=says)


def publish(name: str, row: str, code: str, /, says: str = "", **changes: Any) -> Forgery:
    """Return a forgery whose publish attestation differs (arguments of :meth:`Instance.publish`)."""

    def make(by: Instance) -> Handed:
        return Handed(document=by.document(by.publish(**_made(changes, by)), by.provenance()))

    return Forgery(name=name, row=row, code=code, make=make, says=says)


def stamped(name: str, row: str, code: str, /, says: str = "", **changes: Any) -> Forgery:
    """Return a forgery whose provenance is in Rekor v2 and differs (arguments of :meth:`Instance.stamped`)."""

    def make(by: Instance) -> Handed:
        return Handed(document=by.document(by.publish(), by.stamped(**_made(changes, by))))

    return Forgery(name=name, row=row, code=code, make=make, says=says)


def edited(  # noqa: PLR0913, PLR0917 - a row of a table
    name: str, row: str, code: str, path: str, value: Any, /, says: str = "", **changes: Any
) -> Forgery:
    """Return a forgery whose provenance was altered after it was signed.

    :param path: to the member, from the bundle on, with dots.
    :param value: in its place; :data:`GONE` for none, a function of the old value and the forge for another.
    :param changes: arguments of :meth:`Instance.provenance`.
    """

    def make(by: Instance) -> Handed:
        attestation = by.provenance(**_made(changes, by))
        put(attestation["bundle"], path, value, by)
        return Handed(document=by.document(by.publish(), attestation))

    return Forgery(name=name, row=row, code=code, make=make, says=says)


def text(  # noqa: PLR0913, PLR0917 - a row of a table
    name: str, row: str, code: str, old: str, new: str, /, says: str = ""
) -> Forgery:
    """Return a forgery whose document was altered as text, in the first place where ``old`` stands."""

    def make(by: Instance) -> Handed:
        honest = by.document(by.publish(), by.provenance()).decode()
        assert old in honest, old
        return Handed(document=honest.replace(old, new, 1).encode())

    return Forgery(name=name, row=row, code=code, make=make, says=says)


def whole(name: str, row: str, code: str, document: bytes, /, says: str = "") -> Forgery:
    """Return a forgery that is this document."""
    return Forgery(name=name, row=row, code=code, make=lambda _: Handed(document=document), says=says)


def trusting(name: str, row: str, code: str, /, says: str = "", **lists: Callable[[Instance], Any]) -> Forgery:
    """Return honest attestations under a trusted root of which some lists are others."""

    def make(by: Instance) -> Handed:
        root = by.trusted_root(**{member: value(by) for member, value in lists.items()})
        return Handed(document=by.document(by.publish(), by.provenance()), root=root)

    return Forgery(name=name, row=row, code=code, make=make, says=says)


def keyed(name: str, row: str, code: str, keys: Callable[[Instance], Any], /, says: str = "") -> Forgery:
    """Return honest attestations under other keys of the registry."""

    def make(by: Instance) -> Handed:
        return Handed(document=by.document(by.publish(), by.provenance()), keys=keys(by))

    return Forgery(name=name, row=row, code=code, make=make, says=says)


def put(document: Any, path: str, value: Any, by: Instance) -> None:
    """Change one member of a document."""
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in parents:
        document = document[step]
    if value is GONE:
        del document[last]
    elif callable(value):
        old = document[last] if isinstance(document, list) else document.get(last)
        document[last] = value(old, by)
    else:
        document[last] = json.loads(json.dumps(value))


class Later:
    """An argument that can only be made with the forge in hand."""

    def __init__(self, make: Callable[[Instance], Any]) -> None:
        self.make = make


def _made(changes: Mapping[str, Any], by: Instance) -> dict[str, Any]:
    """Return arguments with everything made that waits for the forge, two levels deep."""

    def one(value: Any) -> Any:
        if isinstance(value, Later):
            return value.make(by)
        if isinstance(value, dict):
            return {key: one(member) for key, member in value.items()}
        return value

    return {name: one(value) for name, value in changes.items()}
