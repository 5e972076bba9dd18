"""Names that a module imports and that stand for another module as a whole: ``export * as util from "./util.js"``.

Bundlers put what ``util.x`` leads to in its place, as they do for ``import * as util``. From the importing file alone
that cannot be told from a member of an object.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Final

from provenly.verify.tracing.entries import ENDINGS

NAMESPACE: Final = "namespace"
"""What such a name is, for the isolate (``scopes.js``)."""

_PASSED: Final = re.compile(rb"\bexport\s*\*\s*as\s+([\w$]{1,100})\s*from\b")
_IMPORTED: Final = re.compile(
    rb"\bimport\s*(?:[\w$]{1,100}\s*,\s*)?\{([^{}]{1,20000})\}\s*from\s*[\"'](\.[^\"'\n]{1,300})[\"']"
)


_ROLLDOWN: Final = b"//#region "
"""What rolldown writes before each module. It has objects for modules, and yet does not read members of them."""


def flat(bundles: Mapping[str, bytes], *, tables: bool) -> bool:
    """Whether bundles have the names of such modules themselves, and do not read them from an object.

    :param bundles: as they were published.
    :param tables: whether they have objects for modules.
    """
    return not tables or any(_ROLLDOWN in data for data in bundles.values())


class Namespaces:
    """Which names of which files are other modules as a whole.

    :param files: the files of one package, or of the repository, by path.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._given: dict[str, frozenset[bytes]] = {}
        for path, text in files.items():
            names = frozenset(_PASSED.findall(text)) if b"export" in text else frozenset()
            if names:
                self._given[path] = names

    def of(self, path: str, text: bytes) -> Mapping[str, Mapping[str, str]]:
        """Return those that a file imports: specifier → name → :data:`NAMESPACE`.

        What is wrongly taken for one here leads nowhere later, so that its statement is not traced.
        """
        found: dict[str, dict[str, str]] = {}
        for names, specifier in _IMPORTED.findall(text) if self._given else ():
            module = specifier.decode("utf-8", "replace")
            imported = {one.split()[0] for one in names.split(b",") if one.strip()} & self._names(path, module)
            if imported:
                found.setdefault(module, {}).update((name.decode(), NAMESPACE) for name in sorted(imported))
        return found

    def _names(self, path: str, specifier: str) -> frozenset[bytes]:
        base = posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))
        stem = re.sub(r"\.([cm]?)js\Z", r".\1ts", base)
        for one in (base, stem, *(base + ending for ending in ENDINGS)):
            if one in self._given:
                return self._given[one]
        return frozenset()
