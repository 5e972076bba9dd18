"""What is done with esbuild's output before it is packed: the steps of tsup that follow esbuild."""

from __future__ import annotations

import base64
import json
import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from provenly.verify.explain.bundled.builds import Build

if TYPE_CHECKING:
    from provenly.verify.esbuild.esbuild import Built

_CODE: Final = (".js", ".mjs", ".cjs")
_COMMON: Final = (".js", ".cjs")
_MAP: Final = ".map"


def written(build: Build, built: Built) -> Mapping[str, tuple[bytes, ...]]:
    """Return what a build writes: path → the bytes, or the few that it may be.

    Source: ``src/plugin.ts`` (source maps) and ``src/plugins/cjs-interop.ts`` of tsup.
    """
    found: dict[str, tuple[bytes, ...]] = {}
    for path, data in built.outputs.items():
        if path.endswith(_MAP):
            if build.map_line != "inline":
                found[path] = (_plain(data) if build.plain_maps else data,)
            continue
        forms = [data]
        if build.interop and path.endswith(_COMMON) and path in built.entries:
            # Only where the default is all that it exports, which the bytes show by themselves.
            forms.append(data + b"\nmodule.exports = exports.default;\n")
        found[path] = tuple(form + _line(build, built, path) for form in forms)
    return found


def _line(build: Build, built: Built, path: str) -> bytes:
    known = built.outputs.get(path + _MAP)
    if known is None or not build.map_line:
        return b""
    name = posixpath.basename(path).encode() + b".map"
    if build.map_line == "inline":
        name = b"data:application/json;base64," + base64.b64encode(known)
    if path.endswith(_CODE):
        return b"//# sourceMappingURL=" + name
    return b"/*# sourceMappingURL=" + name + b" */" if path.endswith(".css") else b""


def _plain(data: bytes) -> bytes:
    """Return JSON as ``JSON.stringify(JSON.parse(…))`` writes it; as it is where it cannot be read."""
    try:
        return json.dumps(json.loads(data), separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return data
