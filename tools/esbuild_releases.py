"""Print the table of esbuild releases that provenly may run: verify/esbuild/releases.json.

    python tools/esbuild_releases.py > verify/esbuild/releases.json
    python tools/esbuild_releases.py --download 0.25.12 0.27.7    # fetch these for every platform, and hash them

Every release since the oldest that is supported, with the ``dist.integrity`` of each platform's package as the npm
registry states it. A release that a platform does not have is left out. What was written down once must never change:
the difference to the file in the repository has new lines only.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenly.trust.digest import Digest

REGISTRY: Final = "https://registry.npmjs.org"
PLATFORMS: Final = ("darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64")
OLDEST: Final = (0, 17, 0)
"""With 0.17 came the interface that we speak, and what MCP servers were built with is newer."""


def main(arguments: Sequence[str]) -> int:
    """Print the table, or compare archives with it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--download", nargs="+", metavar="VERSION", default=[])
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="only these are downloaded")
    options = parser.parse_args(arguments)
    stated = {platform: _stated(platform) for platform in PLATFORMS}
    if options.download:
        wrong = [
            f"{platform} {version}"
            for version in options.download
            for platform in options.platform or PLATFORMS
            if not _confirmed(platform, version, stated[platform][version])
        ]
        print("different:", ", ".join(wrong) or "none", file=sys.stderr)  # noqa: T201 - what the tool is for
        return 1 if wrong else 0
    versions = sorted(set.intersection(*(set(of) for of in stated.values())), key=_numbers)
    table = {version: {platform: stated[platform][version] for platform in PLATFORMS} for version in versions}
    print(json.dumps(table, indent=1))  # noqa: T201 - what the tool is for
    return 0


def _stated(platform: str) -> Mapping[str, str]:
    """Return version → integrity of the package of a platform, without prereleases and withdrawn releases."""
    request = urllib.request.Request(  # noqa: S310 - a constant scheme and host
        f"{REGISTRY}/@esbuild%2f{platform}", headers={"Accept": "application/vnd.npm.install-v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
        versions: dict[str, Any] = json.load(answer)["versions"]
    return {
        version: document["dist"]["integrity"]
        for version, document in versions.items()
        if "-" not in version and "deprecated" not in document and _numbers(version) >= OLDEST
    }


def _confirmed(platform: str, version: str, integrity: str) -> bool:
    """Say whether the archive has the digest that the registry states."""
    url = f"{REGISTRY}/@esbuild/{platform}/-/{platform}-{version}.tgz"
    with urllib.request.urlopen(url, timeout=300) as answer:  # noqa: S310 - a constant scheme and host
        data = answer.read()
    expected = Digest.from_sri(integrity, what=f"{platform} {version}")
    found = Digest.of(data, expected.algorithm)
    print(platform, version, len(data), "is" if found == expected else "IS NOT", expected.hex, file=sys.stderr)  # noqa: T201 - what the tool is for
    return found == expected


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
