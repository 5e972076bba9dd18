"""The name under which a bundle is kept: what it is made from, said without fetching any of it.

A tree with its locked packages has up to hundreds of megabytes. The commit and the lockfile in it say what all of that
is, so that a bundle that was made before is found again without it. Another commit of the same package is another name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Final

from provenly.verify.esbuild.releases import Release
from provenly.verify.explain.bundled.builds import Build
from provenly.verify.explain.scene import Scene

SCHEMA: Final = 1
"""Changes whenever another tree would be made of the same commit."""


def name_of(scene: Scene, build: Build, release: Release, foreign: Mapping[str, bytes]) -> str:
    """Return the name of a build.

    :param scene: the commit: all of its files count, as any of them may be in the tree or say what is.
    :param build: how esbuild is called, and with which version of the package.
    :param release: what is called.
    :param foreign: files of npm packages that configurations extend.
    """
    files = sorted(scene.files.items())
    extended = sorted((path, sha256(data).hexdigest()) for path, data in foreign.items())
    whole = [
        *(SCHEMA, release.version, release.integrities["linux-x64"]),
        *(scene.source.repository, scene.source.directory, scene.tools.dependencies is not None),
        *(asdict(build), extended, files),
    ]
    return sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")).hexdigest()
