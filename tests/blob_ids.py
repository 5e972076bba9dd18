"""Git blob ids without git, for tests that are about something else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def blob_ids(contents: Sequence[bytes]) -> tuple[str, ...]:
    """Return the SHA-1 of each blob object (gitformat-objects: ``blob SIZE NUL CONTENT``)."""
    return tuple(hashlib.sha1(b"blob %d\0%b" % (len(content), content)).hexdigest() for content in contents)  # noqa: S324 - git identifies objects so
