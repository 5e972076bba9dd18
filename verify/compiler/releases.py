"""The TypeScript releases that we compile with: pinned by the digest of their archive.

The compiler is the one program of strangers that runs here, even though inside V8 and without any input or output but
text. So it is not chosen by whoever wrote a lockfile: a release is one of these, whose digests were compared with
the registry's own ``dist.integrity`` when they were written down, and its archive must have that digest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from provenly.trust.digest import Digest
from provenly.verify.registry import versions


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release of the npm package ``typescript``.

    :param version: its version, three numbers.
    :param integrity: the Subresource Integrity value of its archive, sha512.
    """

    version: str
    integrity: str

    @property
    def path(self) -> str:
        """Where a registry has the archive, below its base URL."""
        return f"/typescript/-/typescript-{self.version}.tgz"

    @property
    def digest(self) -> Digest:
        """The digest that the archive must have."""
        return Digest.from_sri(self.integrity, what=f"typescript@{self.version}")

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The version as numbers, which compare as versions do."""
        return _numbers(self.version)


def _numbers(text: str) -> tuple[int, int, int]:
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


# The last patch release of every minor version since 5.0. TypeScript 7 is a native program without a JavaScript
# compiler, and what 7 emits 6.0 emits, too; 4.x is older than any MCP server.
PINNED: Final = (
    Release(
        version="5.0.4",
        integrity="sha512-cW9T5W9xY37cc+jfEnaUvX91foxtHkza3Nw3wkoF4sSlKn0MONdkdEndig/qPBWXNkmplh3NzayQzCiHM4/hqw==",
    ),
    Release(
        version="5.1.6",
        integrity="sha512-zaWCozRZ6DLEWAWFrVDz1H6FVXzUSfTy5FUMWsQlU8Ym5JP9eO4xkTIROFCQvhQf61z6O/G6ugw3SgAnvvm+HA==",
    ),
    Release(
        version="5.2.2",
        integrity="sha512-mI4WrpHsbCIcwT9cF4FZvr80QUeKvsUsUvKDoR+X/7XHQH98xYD8YHZg7ANtz2GtZt/CBq2QJ0thkGJMHfqc1w==",
    ),
    Release(
        version="5.3.3",
        integrity="sha512-pXWcraxM0uxAS+tN0AG/BF2TyqmHO014Z070UsJ+pFvYuRSq8KH8DmWpnbXe0pEPDHXZV3FcAbJkijJ5oNEnWw==",
    ),
    Release(
        version="5.4.5",
        integrity="sha512-vcI4UpRgg81oIRUFwR0WSIHKt11nJ7SAVlYNIu+QpqeyXP+gpQJy/Z4+F0aGxSE4MqwjyXvW/TzgkLAx2AGHwQ==",
    ),
    Release(
        version="5.5.4",
        integrity="sha512-Mtq29sKDAEYP7aljRgtPOpTvOfbwRWlS6dPRzwjdE+C0R4brX/GUyhHSecbHMFLNBLcJIPt9nl9yG5TZ1weH+Q==",
    ),
    Release(
        version="5.6.3",
        integrity="sha512-hjcS1mhfuyi4WW8IWtjP7brDrG2cuDZukyrYrSauoXGNgx0S7zceP07adYkJycEr56BOUTNPzbInooiN3fn1qw==",
    ),
    Release(
        version="5.7.3",
        integrity="sha512-84MVSjMEHP+FQRPy3pX9sTVV/INIex71s9TL2Gm5FG/WG1SqXeKyZ0k7/blY/4FdOzI12CBy1vGc4og/eus0fw==",
    ),
    Release(
        version="5.8.3",
        integrity="sha512-p1diW6TqL9L07nNxvRMM7hMMw4c5XOo/1ibL4aAIGmSAt9slTE1Xgw5KWuof2uTOvCg9BY7ZRi+GaF+7sfgPeQ==",
    ),
    Release(
        version="5.9.3",
        integrity="sha512-jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8wtm6M5TgSw==",
    ),
    Release(
        version="6.0.3",
        integrity="sha512-y2TvuxSZPDyQakkFRPZHKFm+KKVqIisdg9/CZwm9ftvKXLP8NRWj38/ODjNbr43SsoXqNuAisEf1GdCxqWcdBw==",
    ),
)

NEWEST_FIFTH: Final = PINNED[-2]
"""What a package that names no version is compiled with: what nearly all of them were built with."""

_VERSION: Final = re.compile(r"(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?")


def nearest(wanted: str) -> Release:
    """Return the pinned release that is nearest to a version or a range.

    Of a range it is what npm would have installed: the newest that satisfies it, of the major version that the range
    begins with, as authors of ``>=5`` had no later one. Of a version, which a lockfile names, it is the release of its
    minor version; where there is none, the nearest newer one of the same major version, else the newest of that major
    version, else the nearest end of the list.

    :param wanted: for example ``5.8.2``, ``^5.3.3``, ``>=5``, ``latest``, or empty.
    """
    found = _VERSION.search(wanted[:256])
    if found is None:
        return NEWEST_FIFTH
    major, minor = int(found[1]), int(found[2] or 0)
    if found[2] is None:
        return next((one for one in reversed(PINNED) if one.numbers[0] <= major), PINNED[0])
    if versions.parse_exact(wanted) is None:
        fitting = versions.satisfying((one.version for one in PINNED if one.numbers[0] == major), wanted)
        if fitting:
            return next(one for one in PINNED if one.version == fitting[0])
    newer = next((one for one in PINNED if one.numbers[:2] >= (major, minor)), PINNED[-1])
    if newer.numbers[0] == major:
        return newer
    return next((one for one in reversed(PINNED) if one.numbers[0] <= major), PINNED[0])
