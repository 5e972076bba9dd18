"""Archives that end in the wrong place, are no gzip, or are bombs."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Final

from tests.hostile_cases import EVIL, EVIL_INDEX, GOOD, GOOD_INDEX, INDEX, MANIFEST, START, Cases
from tests.tar_builder import END, file, gzip, header, pax, record, renamed, zeros

CASES: Final = Cases()

# ---------------------------------------------------------------------------------------------- where the archive ends
CASES.refused(
    "file-behind-one-zero-block", "TAR_DATA_AFTER_EOF", GOOD_INDEX, bytes(512), file(b"package/hidden.js", EVIL)
)
CASES.refused("file-behind-end", "TAR_DATA_AFTER_EOF", GOOD_INDEX, END, file(b"package/hidden.js", EVIL))
CASES.exact("junk-behind-end", "TAR_DATA_AFTER_EOF", lambda: gzip(START + END + b"junk"))
CASES.exact("junk-far-behind-end", "TAR_DATA_AFTER_EOF", lambda: gzip(START + END + bytes(1 << 20) + b"\1"))
CASES.exact("cut-in-header", "TAR_TRUNCATED", lambda: gzip(START + GOOD_INDEX[:300]))
CASES.exact("cut-in-content", "TAR_TRUNCATED", lambda: gzip(START + header(INDEX, 4096) + bytes(512)))
CASES.exact("cut-in-padding", "TAR_TRUNCATED", lambda: gzip(START + GOOD_INDEX[:-100]))
CASES.exact("cut-in-pax", "TAR_TRUNCATED", lambda: gzip(START + pax(record(b"path", INDEX))[:520]))
CASES.exact("no-manifest", "PKG_NO_MANIFEST", lambda: gzip(GOOD_INDEX + END))
CASES.exact("manifest-in-other-case", "PKG_NO_MANIFEST", lambda: gzip(file(b"package/Package.json", MANIFEST) + END))
CASES.exact("manifest-beside-root", "PKG_NO_MANIFEST", lambda: gzip(file(b"package.json", MANIFEST) + GOOD_INDEX + END))
CASES.exact("manifest-too-deep", "PKG_NO_MANIFEST", lambda: gzip(file(b"package/a/package.json", MANIFEST) + END))
CASES.exact("only-an-end", "PKG_NO_MANIFEST", lambda: gzip(END))
CASES.exact("nothing", "PKG_NO_MANIFEST", lambda: gzip(b""))
CASES.exact("text", "TAR_CHECKSUM", lambda: gzip(b"hello world\n" * 100))

# ---------------------------------------------------------------------------------------------------------------- gzip
SOUND = gzip(START + GOOD_INDEX + END)
for label, wrong in (
    ("empty", b""),
    ("one-byte", b"\x1f"),
    ("plain-tar", START + GOOD_INDEX + END),
    ("zip", b"PK\3\4" + bytes(60)),
    ("bzip2", bz2.compress(START + END)),
    ("xz", lzma.compress(START + END)),
    ("zlib", zlib.compress(START + END)),
    ("zstd", b"\x28\xb5\x2f\xfd" + bytes(60)),
):
    CASES.exact(f"not-gzip-{label}", "GZIP_REQUIRED", lambda wrong=wrong: wrong)
for label, wrong in (
    ("checksum", SOUND[:-8] + bytes([SOUND[-8] ^ 1]) + SOUND[-7:]),
    ("length", SOUND[:-1] + bytes([SOUND[-1] ^ 1])),
    ("no-trailer", SOUND[:-8]),
    ("half-a-trailer", SOUND[:-4]),
    ("cut-in-the-middle", SOUND[: len(SOUND) // 2]),
    ("header-only", SOUND[:10]),
    ("reserved-flags", SOUND[:3] + b"\xe0" + SOUND[4:]),
    ("method-7", SOUND[:2] + b"\7" + SOUND[3:]),
    ("header-checksum", gzip(START + END, flags=2, extra=b"\0\0")),
    ("block-type-3", SOUND[:10] + b"\xff" + SOUND[11:]),
):
    CASES.exact(f"gzip-{label}", "GZIP_CORRUPT", lambda wrong=wrong: wrong)
CASES.exact("gzip-inside-gzip", "TAR_TRUNCATED", lambda: gzip(SOUND))
CASES.exact("second-member", "GZIP_MULTIPLE_MEMBERS", lambda: gzip(START + GOOD_INDEX) + gzip(EVIL_INDEX + END))
CASES.exact("second-member-behind-end", "GZIP_MULTIPLE_MEMBERS", lambda: SOUND + gzip(EVIL_INDEX + END))
CASES.exact("many-empty-members", "GZIP_MULTIPLE_MEMBERS", lambda: gzip(b"") * 20_000 + SOUND)
CASES.exact("junk-behind-member", "GZIP_TRAILING_DATA", lambda: SOUND + b"junk")
CASES.exact("member-behind-zeros", "GZIP_TRAILING_DATA", lambda: SOUND + bytes(512) + gzip(EVIL_INDEX + END))

# --------------------------------------------------------------------------------------------------------------- bombs
CASES.exact(
    "bomb-of-one-gib",
    "LIMIT_UNPACKED_BYTES",
    lambda: zeros(START + header(b"package/bomb.js", 1 << 30), 100 << 20, END),
)
CASES.exact("bomb-behind-end", "LIMIT_RATIO", lambda: zeros(START + END, 100 << 20))
CASES.exact("bomb-of-files", "LIMIT_RATIO", lambda: zeros(START + header(b"package/bomb.js", 60 << 20), 60 << 20, END))
CASES.exact("file-over-limit", "LIMIT_FILE_BYTES", lambda: gzip(START + header(INDEX, (64 << 20) + 1) + GOOD))
CASES.exact("archive-over-limit", "LIMIT_ARCHIVE_BYTES", lambda: SOUND.ljust((64 << 20) + 1, b"\0"))
CASES.exact(
    "too-many-files",
    "LIMIT_ENTRY_COUNT",
    lambda: gzip(START + b"".join(header(b"package/%05x" % number) for number in range(50_000)), level=1),
)
CASES.exact(
    "too-many-folders",
    "LIMIT_ENTRY_COUNT",
    lambda: gzip(
        START + b"".join(renamed(b"package/%04x/" % number + b"d/" * 120 + b"f", b"") for number in range(500))
    ),
)
CASES.exact(
    "too-long-names",
    "LIMIT_NAME_BYTES",
    lambda: gzip(
        START
        + b"".join(renamed(b"package/%04x/" % number + b"%0254d/" % 0 * 15 + b"f", b"") for number in range(4400)),
        level=1,
    ),
)
