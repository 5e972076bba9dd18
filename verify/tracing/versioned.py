"""Sources as they were when the version that was published had been set: releases often set it without a commit.

Only the member ``version`` of the package's own ``package.json`` is another one then, and what a build puts in place of
a variable that is named for it. No other text is.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.verify.comparison.manifest import load

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]{1,100})?\Z")
"""What goes between quotes must not be able to end them."""

_SET: Final = re.compile(
    rb"\bprocess\.env\.(?:\w*_)?VERSION\b|\bprocess\.env\.npm_package_version\b|\b__(?:\w*_)?VERSION__\b"
)
_MEMBER: Final = re.compile(rb'("version"\s*:\s*)"[^"\\]*"')
_SOURCES: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts")


def with_version(sources: Mapping[str, bytes], directory: str, version: str) -> Mapping[str, bytes]:
    """Return those of the sources that are other ones with a version.

    :param directory: the folder of the package.
    :param version: the version that was published; where it is empty, or none, nothing is another one.
    """
    return dict(_others(sources, directory, version)) if _VERSION.match(version) else {}


def _others(sources: Mapping[str, bytes], directory: str, version: str) -> Iterator[tuple[str, bytes]]:
    path = posixpath.join(directory, "package.json")
    data = sources.get(path, b"")
    try:
        manifest = load(data, path) if data else {}
    except MalformedError:
        manifest = {}
    found = _MEMBER.search(data)
    if found is not None and manifest.get("version") not in {None, version}:
        other = data[: found.start()] + found[1] + json.dumps(version).encode() + data[found.end() :]
        # The first one in the text need not be the member of the whole.
        if load(other, path).get("version") == version:
            yield path, other
    for name, text in sources.items():
        if name.endswith(_SOURCES) and _SET.search(text):
            yield name, _SET.sub(json.dumps(version).encode(), text)
