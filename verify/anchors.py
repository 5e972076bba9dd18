"""Which documents of trust a verification goes by: the user's files, else refreshed copies, else the embedded ones.

Nothing here uses the network. A document is read when it is first asked for, so that packages without signatures cost
nothing; files that the user names are read and checked beforehand, since a mistake in one is no fault of a package.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import Error, MalformedError, UnavailableError, UsageError
from provenly.trust.model import Note
from provenly.trust.roots import embedded
from provenly.trust.roots.material import Material
from provenly.trust.text import plural
from provenly.verify.anchor_store import NPM_KEYS, TRUSTED_ROOT, AnchorStore

MAX_AGE: Final = timedelta(days=90)
"""After how long a document of trust is said to be old. Sigstore changes its trusted root every few months."""

MAX_FILE: Final = 1024 * 1024
"""Bytes of a file that the user names, as its reader accepts them."""

NAMES: Final[Mapping[str, str]] = MappingProxyType({TRUSTED_ROOT: "trusted root", NPM_KEYS: "keys of npm"})
"""What the documents are called in sentences."""


def read_files(*, trusted_root: str = "", npm_keys: str = "") -> Mapping[str, Material]:
    """Read and check the files that the user names.

    :return: by :data:`TRUSTED_ROOT` and :data:`NPM_KEYS`, those that were named.
    :raises UsageError: a file cannot be read, or is no such document (``TRUST_FILE``).
    """
    found = {}
    for name, option, path in (
        (TRUSTED_ROOT, "--trusted-root", trusted_root),
        (NPM_KEYS, "--npm-keys", npm_keys),
    ):
        if path:
            found[name] = _read(path, name, option)
    return MappingProxyType(found)


def _read(path: str, name: str, option: str) -> Material:
    from provenly.trust.roots import npm_keys, trusted_root
    from provenly.verify.tarball.local_files import read_local

    try:
        material = Material(data=read_local(path, max_bytes=MAX_FILE, code="TRUST_SIZE"), kind="file", place=path)
        if name == TRUSTED_ROOT:
            trusted_root.load(material)
        else:
            npm_keys.load(material, "")
    except Error as error:
        kind = "trusted root" if name == TRUSTED_ROOT else "file of registry keys"
        why = f": {error.message}"
        if isinstance(error, MalformedError):
            why = f" is no {kind} that we can use: {error.message} [{error.code}]"
        raise UsageError(
            f"{option} {path}{why}", code="TRUST_FILE", hint=error.hint or "Get it again from whoever runs it."
        ) from error
    return material


class Anchors:
    """The :class:`provenly.verify.context.Anchors` of a real verification. Threads may share one.

    :param files: as :func:`read_files` returns them.
    :param store: refreshed copies; ``None`` for none.
    """

    def __init__(
        self, *, files: Mapping[str, Material] = MappingProxyType({}), store: AnchorStore | None = None
    ) -> None:
        self._files = files
        self._store = store
        self._known: dict[str, Material] = {}
        self._lock = threading.Lock()

    def trusted_root(self) -> Material:
        """Return the trusted root of the Sigstore instance in use.

        :raises UnavailableError: the store of refreshed copies is damaged or unsafe (``TRUST_STORE``): what was in
            use is not silently replaced by something older.
        """
        return self._once(TRUSTED_ROOT, embedded.trusted_root)

    def registry_keys(self, registry: str) -> Material:
        """Return the keys of the registry with this base URL; a file that the user named is for the one in use.

        :raises UnavailableError: none are known (``TRUST_NO_KEYS``), or as for :meth:`trusted_root`.
        """
        if registry != embedded.NPM_REGISTRY and NPM_KEYS not in self._files:
            raise UnavailableError(
                f"no keys of the registry {registry} are known",
                code="TRUST_NO_KEYS",
                hint="Name a file of its keys with --npm-keys; many registries serve one at /-/npm/v1/keys.",
            )
        return self._once(NPM_KEYS, embedded.npm_keys)

    def npm_keys(self) -> Material:
        """Return npm's own keys: a file that the user named is for the registry in use, which here is another one.

        :raises UnavailableError: as for :meth:`trusted_root`.
        """
        return self._once(NPM_KEYS, embedded.npm_keys, named=False)

    def notes(self, now: datetime) -> tuple[Note, ...]:
        """Return what is old among the documents that were asked for so far.

        :param now: what "old" is reckoned from.
        """
        with self._lock:
            known = sorted(self._known.items())
        return tuple(note for name, material in known if (note := stale(material, NAMES[name], now)))

    def _once(self, name: str, ours: Callable[[], Material], *, named: bool = True) -> Material:
        """Return a document, read once; with ``named``, the user's file where there is one."""
        if named and name in self._files:
            return self._files[name]
        with self._lock:
            if name not in self._known:
                self._known[name] = self._refreshed(name) or ours()
            return self._known[name]

    def _refreshed(self, name: str) -> Material | None:
        """Return the refreshed copy, unless this release was made after it.

        A copy from a private instance counts always: what is embedded is not about that instance.
        """
        if self._store is None:
            return None
        try:
            return _newer(self._store, name)
        except UnavailableError:
            # A refresh that ends between our two looks, at the index and at the file, takes the old file away.
            return _newer(self._store, name)


def _newer(store: AnchorStore, name: str) -> Material | None:
    """Return a document of the store that goes before the embedded one, or ``None``."""
    index = store.index()
    entry = index.entry(name) if index else None
    if entry is None or (entry.url == embedded.PUBLIC_URL and entry.obtained <= embedded.EMBEDDED_AT):
        return None
    return store.material(entry)


def stale(material: Material, name: str, now: datetime) -> Note | None:
    """Return a note where a document is older than :data:`MAX_AGE`, or the metadata behind it has ended.

    :param name: what it is, for the sentence.
    """
    if material.obtained is None:
        return None
    age = now - material.obtained
    ended = material.expires is not None and material.expires < now
    if age <= MAX_AGE and not ended:
        return None
    since = f"the {name} ({material.kind}, {material.place}) is {plural(max(age.days, 0), 'day')} old"
    text = since + (", and the metadata that vouched for it has ended" if ended else "")
    return Note(code="TRUST_STALE", text=f"{text}: provenly trust update refreshes it")


def opened(store: Path | None, *, trusted_root: str = "", npm_keys: str = "") -> Anchors:
    """Return the anchors for what the user asked.

    :param store: the folder of refreshed copies; ``None`` for the user's own.
    :raises UsageError: a file that the user named cannot be used (``TRUST_FILE``).
    """
    return Anchors(
        files=read_files(trusted_root=trusted_root, npm_keys=npm_keys),
        store=AnchorStore(store or AnchorStore.default_root()),
    )
