"""Archives whose entries or extended headers readers understand differently."""

from __future__ import annotations

from typing import Final

from tests.hostile_cases import EVIL, EVIL_INDEX, GOOD, GOOD_INDEX, INDEX, Cases
from tests.tar_builder import GNU, V7, base256, body, file, header, long_name, octal, pax, record

CASES: Final = Cases()

# --------------------------------------------------------------------------------------------------------- entry types
for label, kind, link, code in (
    ("symbolic-link", b"2", b"index.js", "TAR_LINK"),
    ("symbolic-link-absolute", b"2", b"/etc/passwd", "TAR_LINK"),
    ("hard-link", b"1", INDEX, "TAR_LINK"),
    ("character-device", b"3", b"", "TAR_SPECIAL"),
    ("block-device", b"4", b"", "TAR_SPECIAL"),
    ("fifo", b"6", b"", "TAR_SPECIAL"),
    ("gnu-sparse", b"S", b"", "TAR_SPARSE"),
    ("gnu-dump-folder", b"D", b"", "TAR_TYPE_UNKNOWN"),
    ("gnu-volume", b"M", b"", "TAR_TYPE_UNKNOWN"),
    ("gnu-old-long-name", b"N", b"", "TAR_TYPE_UNKNOWN"),
    ("gnu-volume-label", b"V", b"", "TAR_TYPE_UNKNOWN"),
    ("solaris-acl", b"A", b"", "TAR_TYPE_UNKNOWN"),
    ("solaris-pax", b"X", b"", "TAR_TYPE_UNKNOWN"),
    ("type-space", b" ", b"", "TAR_TYPE_UNKNOWN"),
    ("type-high-byte", b"\xb0", b"", "TAR_TYPE_UNKNOWN"),
):
    CASES.refused(label, code, GOOD_INDEX, header(b"package/odd", kind=kind, link=link))
CASES.refused(
    "write-through-link", "TAR_LINK", header(b"package/l", kind=b"2", link=b"/etc"), file(b"package/l/x", EVIL)
)
CASES.refused("link-with-content", "TAR_LINK", header(b"package/l", 512, kind=b"2", link=b"x"), EVIL_INDEX)
CASES.refused("long-link-target", "TAR_LINK", long_name(b"/etc/passwd\0", kind=b"K"), GOOD_INDEX)
CASES.refused("folder-with-content", "TAR_DESYNC", header(b"package/d/", 1024, kind=b"5"), EVIL_INDEX)
CASES.refused("file-with-slash", "TAR_TYPE_AMBIGUOUS", file(INDEX + b"/", EVIL))
CASES.refused("empty-file-with-slash", "TAR_TYPE_AMBIGUOUS", file(INDEX + b"/"))
CASES.refused("v7-folder-with-content", "TAR_TYPE_AMBIGUOUS", file(b"package/d/", EVIL, kind=b"\0", magic=V7))
CASES.refused(
    "pax-sparse", "TAR_SPARSE", pax(record(b"GNU.sparse.name", INDEX)), file(b"package/GNUSparseFile.0/x", EVIL)
)
CASES.refused("star-sparse", "TAR_SPARSE", pax(record(b"SCHILY.realsize", b"9")), GOOD_INDEX)

# ------------------------------------------------------------------------------------------- headers and their numbers
CASES.refused("checksum", "TAR_CHECKSUM", header(b"package/hidden.js", len(EVIL), checksum=octal(1, 8)) + body(EVIL))
CASES.refused("checksum-empty", "TAR_CHECKSUM", header(b"package/hidden.js", 0, checksum=bytes(8)))
SUM: Final = sum(header(INDEX, checksum=b" " * 8))
CASES.refused("checksum-without-end", "TAR_CHECKSUM", header(INDEX, checksum=b"%08o" % SUM))
CASES.refused("checksum-of-signed-bytes", "TAR_CHECKSUM", header("package/é".encode(), checksum=octal(5000, 8)))
CASES.refused("zeros-with-checksum-junk", "TAR_CHECKSUM", bytes(148) + b"junkjunk" + bytes(356))
NUMBERS = {"mode": 8, "uid": 8, "gid": 8, "size": 12, "mtime": 12, "major": 8, "minor": 8}
for number, width in NUMBERS.items():
    for label, value in (
        ("letters", b"zzzz"),
        ("digit-8", b"0000008"),
        ("trailing-junk", b"000644x"),
        ("digits-behind-nul", b"00064\x004"),
        ("sign", b"-644"),
        ("base-256-marker", b"\x90\0\0\1"),
    ):
        CASES.refused(f"{number}-{label}", "TAR_HEADER_NUMBER", file(INDEX, GOOD, **{number: value}))
    if number != "mtime":
        CASES.refused(f"{number}-negative", "TAR_HEADER_NUMBER", file(INDEX, GOOD, **{number: base256(-512, width)}))
CASES.refused("size-beyond-2-53", "TAR_SIZE_LIMIT", file(INDEX, GOOD, size=base256(1 << 60, 12)))
CASES.refused("mtime-before-minus-2-53", "TAR_HEADER_NUMBER", file(INDEX, GOOD, mtime=base256(-(1 << 60), 12)))
CASES.refused("mtime-beyond-2-53", "TAR_HEADER_NUMBER", file(INDEX, GOOD, mtime=base256(1 << 60, 12)))
CASES.refused("star-times", "TAR_HEADER_NUMBER", file(b"s.js", GOOD, prefix=b"package".ljust(131, b"\0") + b"\x90junk"))
CASES.refused("prefix-under-gnu-magic", "TAR_NAME_CONFLICT", file(INDEX, GOOD, magic=GNU, prefix=b"other"))
CASES.refused("prefix-empty-yet-there", "TAR_NAME_CONFLICT", file(INDEX, GOOD, prefix=bytes(130) + b"x"))
CASES.refused("prefix-under-v7", "TAR_NAME_CONFLICT", file(INDEX, GOOD, magic=V7, prefix=b"other"))
CASES.refused("file-with-link-target", "TAR_NAME_CONFLICT", file(INDEX, GOOD, link=b"/etc/passwd"))
CASES.refused(
    "long-name-with-link-target", "TAR_NAME_CONFLICT", file(b"x", b"package/a\0", kind=b"L", link=b"y"), EVIL_INDEX
)

# ---------------------------------------------------------------------------------------------------- extended headers
INNER = file(INDEX, EVIL)
CASES.refused("pax-size-smaller", "TAR_SIZE_CONFLICT", pax(record(b"size", b"5")), GOOD_INDEX)
CASES.refused(
    "pax-size-hides-header",
    "TAR_SIZE_CONFLICT",
    pax(record(b"size", b"%d" % len(INNER))),
    header(b"package/data.bin") + INNER,
    GOOD_INDEX,
)
for label, value, code in (
    ("negative", b"-512", "TAR_HEADER_NUMBER"),
    ("hexadecimal", b"0x1a", "TAR_HEADER_NUMBER"),
    ("exponent", b"26e0", "TAR_HEADER_NUMBER"),
    ("spaces", b" 26 ", "TAR_HEADER_NUMBER"),
    ("leading-zero", b"026", "TAR_HEADER_NUMBER"),
    ("empty", b"", "TAR_HEADER_NUMBER"),
    ("beyond-2-53", b"9007199254740992", "TAR_SIZE_LIMIT"),
    ("5000-digits", b"9" * 5000, "TAR_SIZE_LIMIT"),
):
    CASES.refused(f"pax-size-{label}", code, pax(record(b"size", value)), GOOD_INDEX)
for label, broken in (
    ("length-beyond-header", b"999 path=package/x\n"),
    ("length-zero", b"0 path=package/x\n"),
    ("length-negative", b"-5 path=x\n"),
    ("length-leading-zero", b"012 path=ab\n"),
    ("length-too-short", b"5 path=package/x\n"),
    ("length-missing", b"path=package/x\n"),
    ("length-tab", b"11\tpath=ab\n"),
    ("no-line-end", b"10 path=ab"),
    ("no-equals", b"8 patha\n"),
    ("no-key", b"7 =abc\n"),
    ("zeros-behind", record(b"path", INDEX) + bytes(8)),
    ("line-end-in-value", record(b"comment", b"x\n27 path=package/index.js")),
    ("line-end-in-key", record(b"a\nb", b"c")),
    ("empty", b""),
):
    CASES.refused(f"pax-{label}", "TAR_PAX_MALFORMED", pax(broken), file(b"package/z", EVIL))
CASES.refused(
    "pax-key-twice", "TAR_PAX_DUPLICATE", pax(record(b"path", INDEX), record(b"path", b"package/z")), GOOD_INDEX
)
CASES.refused(
    "pax-header-twice", "TAR_PAX_DUPLICATE", pax(record(b"path", INDEX)), pax(record(b"uid", b"1")), GOOD_INDEX
)
CASES.refused(
    "pax-and-long-name", "TAR_NAME_CONFLICT", pax(record(b"path", INDEX)), long_name(b"package/z\0"), GOOD_INDEX
)
CASES.refused(
    "long-name-and-pax", "TAR_NAME_CONFLICT", long_name(b"package/z\0"), pax(record(b"path", INDEX)), GOOD_INDEX
)
CASES.refused("long-name-twice", "TAR_NAME_CONFLICT", long_name(b"package/z\0"), long_name(b"package/y\0"), GOOD_INDEX)
CASES.refused("pax-link-target", "TAR_NAME_CONFLICT", pax(record(b"linkpath", b"/etc/passwd")), GOOD_INDEX)
CASES.refused("pax-without-name", "TAR_PAX_MALFORMED", pax(record(b"path", INDEX), name=b""), file(b"package/z", EVIL))
CASES.refused("pax-at-the-end", "TAR_PAX_DANGLING", GOOD_INDEX, pax(record(b"path", INDEX)))
CASES.refused(
    "pax-before-global",
    "TAR_PAX_DANGLING",
    pax(record(b"path", INDEX)),
    pax(record(b"comment", b"c"), kind=b"g"),
    file(b"package/z", EVIL),
)
for key, value in ((b"path", INDEX), (b"size", b"0"), (b"linkpath", b"x"), (b"mtime", b"1")):
    CASES.refused(f"global-{key.decode()}", "TAR_PAX_GLOBAL", pax(record(key, value), kind=b"g"), GOOD_INDEX)
CASES.refused("global-nine-times", "LIMIT_META_COUNT", *[pax(record(b"comment", b"c"), kind=b"g")] * 9, GOOD_INDEX)
CASES.refused("pax-65-kib", "LIMIT_META_BYTES", pax(record(b"comment", b"c" * 65536)), GOOD_INDEX)
CASES.refused(
    "pax-2-mib-with-path",
    "LIMIT_META_BYTES",
    pax(record(b"x", b"c" * (2 << 20)), record(b"path", b"package/z")),
    GOOD_INDEX,
)
CASES.refused("long-name-2-mib", "LIMIT_META_BYTES", long_name(b"package/" + b"a" * (2 << 20)), GOOD_INDEX)
