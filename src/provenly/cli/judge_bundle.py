"""What ``verify-bundle`` does: read what was asked, verify the bundle, hold its signer to the one who was named."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from provenly import reference_time
from provenly.cli import bundle_signer, named_input
from provenly.report.bundle_report import Answer
from provenly.trust.digest import SIZES, Digest
from provenly.trust.errors import Error, UnavailableError, UsageError
from provenly.trust.evidence import Status
from provenly.trust.text import show
from provenly.verify.tarball.local_files import read_local, unreadable

if TYPE_CHECKING:
    from provenly.trust.bundles.model import Bundle

MAX_BUNDLE: Final = 36 * 1024 * 1024
"""Bytes of a bundle, as its reader accepts them."""

MAX_IN_MEMORY: Final = 64 * 1024 * 1024
"""Bytes of a file that are kept in memory, so that every digest in a statement can be compared. Of larger ones, one
digest is taken while reading."""

PIECE: Final = 1024 * 1024
"""Bytes of a large file that are read at a time."""

_DIGEST: Final = re.compile(r"(sha256|sha384|sha512):(.*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request.

    :param artifact: a path, or a digest as ``sha256:HEX``.
    :param bundle: a path.
    :param trusted_root: a path; empty for the one in use.
    :param at: the reference time, ISO 8601; empty for now.
    :param max_in_memory: bytes up to which the artifact is kept in memory.
    """

    artifact: str
    bundle: str
    signer: bundle_signer.Signer
    trusted_root: str = ""
    at: str = ""
    max_in_memory: int = MAX_IN_MEMORY


def judge(asked: Asked) -> Answer:
    """Verify the bundle.

    Steps: 1. the reference time and the trusted root; 2. the bundle, in one meaning; 3. the artifact; 4. the bundle
    holds and is about the artifact; 5. its signer is the one who was named.

    :raises UsageError: the request makes no sense. Everything else is in the answer.
    """
    # 1.
    answer = Answer(
        status=Status.PASSED, artifact=asked.artifact, bundle=asked.bundle, at=reference_time.read(asked.at)
    )
    try:
        from provenly.trust.bundles import read, verify
        from provenly.trust.roots import trusted_root
        from provenly.verify import anchors

        material = anchors.opened(None, trusted_root=asked.trusted_root).trusted_root()
        answer = replace(answer, trusted_root=material.origin)
        root = trusted_root.load(material)
        # 2.
        data = named_input.read(asked.bundle, max_bytes=MAX_BUNDLE, what="the bundle")
        answer = replace(answer, bundle_digest=Digest.of(data))
        bundle = read.read(data, what="the bundle")
        # 3.
        artifact = _artifact(asked, bundle)
        answer = replace(answer, digest=artifact if isinstance(artifact, Digest) else Digest.of(artifact))
        # 4.
        verified = verify.verify(bundle, root, now=answer.at, key=asked.signer.key, artifact=artifact)
        # 5.
        bundle_signer.require(verified, asked.signer)
    except UsageError:
        raise
    except UnavailableError as error:
        return replace(answer, status=Status.UNCHECKED, error=error)
    except Error as error:
        return replace(answer, status=Status.FAILED, error=error)
    return replace(answer, verified=verified, predicate_type=bundle_signer.statement(verified)[0])


def _artifact(asked: Asked, bundle: Bundle) -> bytes | Digest:
    """Return the artifact, or the digest of a large one or of one that is named by its digest.

    A digest is taken for one where no file has that name, as the conformance suite of Sigstore clients asks.

    :raises UsageError: there is no such file, or the digest is written wrongly (``OPTION_DIGEST``).
    :raises UnavailableError: it cannot be read.
    """
    text = asked.artifact
    found = _DIGEST.fullmatch(text)
    if found and not os.path.lexists(text):
        digits = 2 * SIZES[found[1]]
        if not re.fullmatch(f"[0-9a-f]{{{digits}}}", found[2]):
            raise UsageError(
                f"{show(text, limit=256)} is no digest and no file: {found[1]} has {digits} hexadecimal digits",
                code="OPTION_DIGEST",
                hint=f"Write it as {found[1]}:HEX in lower case, or name the file itself.",
            )
        return Digest(algorithm=found[1], value=bytes.fromhex(found[2]))
    try:
        status = os.stat(text)  # noqa: PTH116 - a path may have a NUL, which Path refuses with another error
    except (OSError, ValueError):
        status = None
    if status is None or not stat.S_ISREG(status.st_mode) or status.st_size <= asked.max_in_memory:
        # Also for files that are not there, and devices: it says what is wrong with them.
        return read_local(text, max_bytes=asked.max_in_memory)
    return _streamed(text, _algorithm(bundle))


def _streamed(path: str, algorithm: str) -> Digest:
    """Return the digest of a file of any size, without holding it in memory."""
    hashed = hashlib.new(algorithm)
    try:
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 - likewise
            while piece := stream.read(PIECE):
                hashed.update(piece)
    except OSError as error:
        raise unreadable(f"“{show(path)}”", error) from error
    return Digest(algorithm=algorithm, value=hashed.digest())


def _algorithm(bundle: Bundle) -> str:
    """Return the algorithm by which the bundle names a large artifact: for a statement one that all subjects have."""
    from provenly.trust.bundles.model import MessageSignature

    if isinstance(bundle.content, MessageSignature):
        return bundle.content.digest.algorithm
    listed = [subject.get("digest") for subject in bundle_signer.subjects(bundle.content.payload)]
    named = [digests.keys() if isinstance(digests, Mapping) else frozenset[str]() for digests in listed]
    return next((name for name in reversed(SIZES) if named and all(name in digests for digests in named)), "sha256")
