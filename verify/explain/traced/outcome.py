"""What came of tracing the bundles of a package, and where it is kept so that nobody traces them twice.

The name of what is kept is a digest of all that it was made from: the bundles, the files of the commit by their object
ids, which the lockfile is among, and the text of our own rules. Left is what the registry could not give: those
packages are asked for again, and where one is there now, the bundles are traced anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

from provenly.verify.compiler.results import Results
from provenly.verify.explain.memory import MAX_MISSING, rules
from provenly.verify.explain.scene import Scene
from provenly.verify.tracing.result import Traced as Result

if TYPE_CHECKING:
    from provenly.verify.network.cache import Cache

MAX_RECORD: Final = 48 * 1024 * 1024
"""Bytes of what is kept of one package: two thousand pieces of two thousand characters for each of its bundles."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What tracing in one way says of a bundle.

    :param rewritten: the release of esbuild that both sides were rewritten with, or empty.
    """

    result: Result
    rewritten: str

    @property
    def rank(self) -> tuple[bool, int, bool, int]:
        """The better the less: whether anything comes from nowhere, in how many pieces, and whether lines are found."""
        result = self.result
        return bool(result.untraced or result.pieces), len(result.pieces), bool(self.rewritten), result.untraced


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of tracing the bundles of a package.

    :param found: what is said of each bundle.
    :param problems: why nothing is said of the others.
    :param missing: ``name@version`` → why a package could not be had.
    :param places: where the lockfile has those that may be there another time.
    :param lock: why there is no lockfile to go by; empty where there is one.
    :param later: why another try, or another machine, may trace more; such an outcome is not kept.
    """

    found: Mapping[str, Found] = field(repr=False)
    problems: Mapping[str, str]
    missing: Mapping[str, str]
    places: tuple[str, ...]
    lock: str
    later: str = ""


def name_of(scene: Scene, files: Mapping[str, bytes], *options: object) -> str:
    """Return the name under which the outcome for some bundles is kept.

    :param files: the bundles and what they import, by path.
    :param options: how they are traced.
    """
    packed = sorted((path, sha256(data).hexdigest()) for path, data in files.items())
    package = scene.artifact.package
    source = scene.source
    whole = ["traced", rules(), package.name, package.version, source.repository, source.directory, packed, *options]
    whole.append(sorted(scene.files.items()))
    return sha256(json.dumps(whole, separators=(",", ":")).encode("utf-8", "replace")).hexdigest()


class Outcomes:
    """The outcomes that are kept.

    :param store: where; ``None`` to keep nothing.
    """

    def __init__(self, store: Cache | None) -> None:
        self._results = Results(store)

    def get(self, name: str) -> Outcome | None:
        """Return what is kept under a name; ``None`` where nothing is, or it is not what it should be."""
        data = self._results.get(name)
        if data is None or len(data) > MAX_RECORD:
            return None
        try:
            outcome = _read(Outcome, json.loads(data))
        except (ValueError, TypeError, RecursionError):
            return None
        return outcome if isinstance(outcome, Outcome) and len(outcome.places) <= MAX_MISSING else None

    def put(self, name: str, outcome: Outcome) -> None:
        """Keep an outcome, where it is one for good."""
        if outcome.later or len(outcome.places) > MAX_MISSING:
            return
        data = json.dumps(asdict(outcome), separators=(",", ":")).encode()
        if len(data) <= MAX_RECORD:
            self._results.put(name, data)


def _read(kind: Any, value: object) -> object:  # noqa: ANN401 - whatever a hint is
    """Return a value of a type that JSON was made of.

    :raises TypeError, ValueError: it is none.
    """
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            raise TypeError(kind)
        return kind(**{name: _read(hint, value[name]) for name, hint in hints.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_read(get_args(kind)[0], one) for one in value)
    if get_origin(kind) is not None and get_origin(kind) is not tuple and isinstance(value, dict):
        return MappingProxyType({name: _read(get_args(kind)[1], one) for name, one in value.items()})
    if kind not in {int, str, bool} or type(value) is not kind:
        raise TypeError(kind)
    return value


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind)}
