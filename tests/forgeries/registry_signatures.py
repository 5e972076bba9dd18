"""The registry's signatures over versions: what is signed is ``name@version:integrity``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tests.forgeries.keys import stranger
from tests.simulator.sigstore.authority import SIGNED
from tests.simulator.sigstore.instance import NOW, PACKAGE, Instance
from tests.simulator.sigstore.npm import NpmKey, api_form, integrity, tuf_form

HONEST: Final = integrity(PACKAGE.data)
OTHER: Final = integrity(b"other bytes")
SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a registry serves for a version.

    :param sign: makes ``dist.signatures``.
    :param integrity: that it serves.
    :param keys: the document of its keys.
    """

    name: str
    row: str
    code: str
    sign: Callable[[Instance], list[dict[str, str]]] = field(repr=False)
    integrity: str = HONEST
    published: datetime | None = SIGNED
    keys: Callable[[Instance], Any] = field(default=lambda by: tuf_form(by.key), repr=False)


def signed(name: str = PACKAGE.name, version: str = PACKAGE.version, value: str = HONEST) -> Any:
    """Return what makes one signature over this."""
    return lambda by: [by.key.sign_version(name, version, value)]


def _swapped(by: Instance) -> list[dict[str, str]]:
    """Return the signature of a stranger under the registry's key id."""
    return [stranger().sign_version(PACKAGE.name, PACKAGE.version, HONEST, keyid=by.key.id)]


def _bad_beside_good(by: Instance) -> list[dict[str, str]]:
    return [*signed()(by), *signed(version="2.0.0")(by)]


ALL: Final = (
    Served(name="of another package", row="registry signatures", code="SIG_INVALID", sign=signed(name="evil")),
    Served(name="of another version", row="registry signatures", code="SIG_INVALID", sign=signed(version="1.0.1")),
    Served(name="of other bytes", row="registry signatures", code="SIG_INVALID", sign=signed(value=OTHER)),
    Served(
        name="over an integrity that is not served",
        row="registry signatures",
        code="SIG_INVALID",
        sign=signed(),
        integrity=OTHER,
    ),
    Served(
        name="over sha1",
        row="pacote",
        code="SIG_WEAK_MESSAGE",
        sign=signed(value="sha1-x"),
        integrity="sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    ),
    Served(
        name="over two values",
        row="pacote",
        code="SIG_MESSAGE",
        sign=signed(value=f"{HONEST} {OTHER}"),
        integrity=f"{HONEST} {OTHER}",
    ),
    Served(name="by a stranger in the registry's name", row="K06", code="SIG_INVALID", sign=_swapped),
    Served(
        name="by a stranger",
        row="K06",
        code="SIG_UNKNOWN_KEY",
        sign=lambda _: [stranger().sign_version(PACKAGE.name, PACKAGE.version, HONEST)],
    ),
    Served(name="that is empty", row="pacote", code="SIG_COUNT", sign=lambda _: []),
    Served(name="of which one is bad", row="B11", code="SIG_INVALID", sign=_bad_beside_good),
    Served(name="a hundred times", row="B32", code="SIG_COUNT", sign=lambda by: signed()(by) * 100),
    Served(
        name="in another alphabet", row="B17", code="SIG_FORMAT", sign=lambda by: [{**signed()(by)[0], "sig": "_" * 96}]
    ),
    Served(
        name="by a key for attestations only",
        row="K09",
        code="SIG_KEY_USAGE",
        sign=signed(),
        keys=lambda by: tuf_form(NpmKey(key=by.key.key, usages=("npm:attestations",))),
    ),
    Served(
        name="by a key that had ended",
        row="K08",
        code="SIG_KEY_PERIOD",
        sign=signed(),
        keys=lambda by: tuf_form(NpmKey(key=by.key.key, end=SIGNED - SECOND)),
    ),
    Served(
        name="by a key that begins later",
        row="K08",
        code="SIG_KEY_PERIOD",
        sign=signed(),
        keys=lambda by: tuf_form(NpmKey(key=by.key.key, start=SIGNED + SECOND)),
    ),
    Served(
        name="by a key that had ended, in the API's form",
        row="K08",
        code="SIG_KEY_PERIOD",
        sign=signed(),
        keys=lambda by: api_form(NpmKey(key=by.key.key, end=SIGNED - SECOND)),
    ),
    Served(name="from the future", row="B31", code="SIG_FUTURE", sign=signed(), published=NOW + timedelta(hours=1)),
    Served(
        name="in the other order",
        row="registry signatures",
        code="SIG_INVALID",
        sign=lambda by: [by.key.sign_version(HONEST, PACKAGE.name, PACKAGE.version)],
    ),
)
