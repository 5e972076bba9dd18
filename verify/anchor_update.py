"""``provenly trust update``: refreshed documents of trust, from a TUF repository into the user's store.

The repository is asked through the same transport as registries, with settings of its own: no credential exists in
them, no other host may answer, and no redirect is followed (GitHub's CLI sent its token to TUF hosts, CVE-2026-48501).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, UnavailableError, UsageError
from provenly.trust.model import Note
from provenly.trust.roots import embedded
from provenly.trust.roots import refresh as targets
from provenly.trust.roots.embedded import PUBLIC_URL
from provenly.trust.roots.material import Material
from provenly.trust.roots.refresh import Refreshed, refresh
from provenly.verify.anchor_store import NPM_KEYS, TRUSTED_ROOT, AnchorStore, Entry, Index, Repository
from provenly.verify.context import Progress
from provenly.verify.network.cache import Cache
from provenly.verify.registry.settings import Settings, registry_url
from provenly.verify.transport import HttpTransport, Limits

MAX_ROOT: Final = 1024 * 1024
"""Bytes of a TUF root that the user names."""

NAMES: Final = {targets.TRUSTED_ROOT: TRUSTED_ROOT, targets.NPM_KEYS: NPM_KEYS}
"""What the targets of a repository are called in the store."""

REDIRECTS: Final = 0
"""A repository of trust answers for itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What became of one document.

    :param before: the digest of what was in use before, hexadecimal.
    :param entry: what is in use now.
    """

    before: str
    entry: Entry

    @property
    def changed(self) -> bool:
        """Whether the document is another one than before."""
        return self.before != self.entry.sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated:
    """The outcome of a refresh.

    :param changes: one for each document that was had.
    :param notes: what was odd about the store before.
    :param refused: why a document stayed as it was, by its name in the store; never all of them.
    """

    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    refused: Mapping[str, UnavailableError]


def update(  # noqa: PLR0913 - one parameter an option
    store: AnchorStore, *, url: str, bootstrap: bytes | None, way: Settings, now: datetime, progress: Progress
) -> Updated:
    """Refresh the documents of trust.

    Steps: (1) look what the store has; a damaged one is started anew; (2) ask the repository; (3) read the documents
    as a verification will; (4) write them.

    :param url: the repository's base URL.
    :param bootstrap: the TUF root that is believed from the start; ``None`` for the embedded one.
    :param way: the certificate authorities and the proxy in use; nothing else of it is taken, least of all credentials.
    :raises UsageError: an option makes no sense, or the store cannot be written.
    :raises UnavailableError: nothing that verifies and can be read could be had (``TRUST_TUF``, ``TRUST_EXPIRED``), or
        the store's folder is not the user's alone (``TRUST_STORE``). One document of two is in the outcome.
    """
    url = registry_url(url, where="--tuf-url")
    if bootstrap is None and url != PUBLIC_URL:
        raise UsageError(
            f"nothing is known about the TUF repository {url}",
            code="TRUST_BOOTSTRAP",
            hint="Name its root with --tuf-root FILE, got from whoever runs it and not from the repository itself.",
        )
    bootstrap = embedded.tuf_root() if bootstrap is None else bootstrap
    # Step 1.
    index, notes = _before(store)
    known = index.repository(url, Digest.of(bootstrap).hex) if index else None
    metadata: Mapping[str, bytes] = {}
    if known:
        try:
            metadata = store.metadata(known)
        except UnavailableError as error:
            index, notes = None, (*notes, _anew(error))
    # Step 2.
    refreshed = _ask(url=url, bootstrap=bootstrap, metadata=metadata, way=way, now=now, progress=progress)
    # Step 3.
    documents, refused = _documents(refreshed, url, now)
    # Step 4.
    repository = Repository(
        url=url,
        bootstrap=Digest.of(bootstrap).hex,
        metadata={path: Digest.of(data).hex for path, data in refreshed.metadata.items()},
    )
    store.save(documents, repository, refreshed.metadata.values(), index)
    changes = tuple(Change(before=_in_use(index, entry.name), entry=entry) for entry in documents)
    return Updated(changes=changes, notes=notes, refused=refused)


def _before(store: AnchorStore) -> tuple[Index | None, tuple[Note, ...]]:
    try:
        return store.index(), ()
    except UnavailableError as error:
        return None, (_anew(error),)


def _anew(error: UnavailableError) -> Note:
    return Note(code=error.code, text=f"{error.message}; it is written anew")


def _in_use(index: Index | None, name: str) -> str:
    entry = index.entry(name) if index else None
    if entry and (entry.url != PUBLIC_URL or entry.obtained > embedded.EMBEDDED_AT):
        return entry.sha256
    return embedded.DIGESTS[name]


def _ask(  # noqa: PLR0913 - what a refresh needs
    *, url: str, bootstrap: bytes, metadata: Mapping[str, bytes], way: Settings, now: datetime, progress: Progress
) -> Refreshed:
    settings = Settings(registry=url, ca=way.ca, proxy=way.proxy, no_proxy=way.no_proxy)
    with (
        tempfile.TemporaryDirectory(prefix="provenly-trust-") as temporary,
        Cache(Path(temporary), now) as cache,
        HttpTransport(cache, settings, progress=progress, limits=Limits(redirects=REDIRECTS)) as transport,
    ):

        def fetch(place: str, max_bytes: int) -> bytes:
            what = f"{place.removeprefix(url + '/')} of the TUF repository"
            return transport.get(place, accept="application/json", max_bytes=max_bytes, what=what, fresh=True).body

        return refresh(fetch, url=url, bootstrap=bootstrap, metadata=metadata)


def _documents(refreshed: Refreshed, url: str, now: datetime) -> tuple[dict[Entry, bytes], dict[str, UnavailableError]]:
    """Return the documents that were had, each read as a verification will read it, and why others were not.

    :raises UnavailableError: none was had.
    """
    from provenly.trust.roots import npm_keys, trusted_root

    documents: dict[Entry, bytes] = {}
    refused = {NAMES[target]: error for target, error in refreshed.refused.items()}
    for name, data in ((TRUSTED_ROOT, refreshed.trusted_root), (NPM_KEYS, refreshed.npm_keys)):
        if data is None:
            continue
        material = Material(data=data, kind="tuf", place=url, obtained=now, expires=refreshed.expires)
        try:
            if name == TRUSTED_ROOT:
                trusted_root.load(material)
            else:
                npm_keys.load(material, embedded.NPM_REGISTRY)
        except MalformedError as error:
            refused[name] = UnavailableError(
                f"the {name} of {url} is signed, and this version of provenly cannot read it: {error.message}",
                code="TRUST_TUF",
                hint=f"{targets.UNCHANGED} Is there a newer version of provenly?",
            )
            continue
        entry = Entry(
            name=name,
            sha256=material.origin.digest.hex,
            url=url,
            root_version=refreshed.root_version,
            obtained=now,
            expires=refreshed.expires,
        )
        documents[entry] = data
    if not documents:
        raise next(iter(refused.values()))
    return documents, refused
