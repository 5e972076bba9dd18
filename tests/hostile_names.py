"""Archives whose names mean different files to different readers."""

from __future__ import annotations

from typing import Final

from tests.hostile_cases import EVIL, EVIL_INDEX, GOOD, GOOD_INDEX, INDEX, Cases
from tests.tar_builder import file, header, long_name, pax, record, renamed

CASES: Final = Cases()

# ----------------------------------------------------------------------------------------- names that npm would change
UNSAFE = {
    "parent": b"package/../../evil.js",
    "parent-first": b"../evil.js",
    "parent-inside": b"package/a/../index.js",
    "parent-last": b"package/a/..",
    "absolute": b"/etc/evil.js",
    "unc": b"//server/share/evil.js",
    "drive": b"C:\\evil.js",
    "drive-slash": b"package/C:/index.js",
    "drive-relative": b"package/c:index.js",
    "stream": b"package/index.js:evil",
    "backslash": b"package\\index.js",
    "backslash-parent": b"package/..\\evil.js",
    "dot": b"package/./index.js",
    "dot-first": b"./package/index.js",
    "double-slash": b"package//index.js",
    "empty": b"",
    "slash": b"/",
}
for label, unsafe in UNSAFE.items():
    CASES.refused(
        f"name-{label}", "TAR_TYPE_AMBIGUOUS" if label == "slash" else "TAR_PATH_UNSAFE", GOOD_INDEX, file(unsafe, EVIL)
    )
    CASES.refused(
        f"pax-name-{label}",
        "TAR_TYPE_AMBIGUOUS" if label == "slash" else "TAR_PATH_UNSAFE",
        GOOD_INDEX,
        renamed(unsafe, EVIL),
    )
CASES.refused("folder-parent", "TAR_PATH_UNSAFE", GOOD_INDEX, header(b"package/../..", kind=b"5"))
CASES.refused("folder-double-slash", "TAR_PATH_UNSAFE", GOOD_INDEX, header(b"package//", kind=b"5"))
CASES.refused("pax-name-nul", "TAR_PATH_UNSAFE", GOOD_INDEX, renamed(b"package/index.js\0.png", EVIL))
CASES.refused("nul-then-line-end", "TAR_PATH_UNSAFE", file(b"package/index\0\n.js", EVIL))
CASES.refused("nul-then-line-separator", "TAR_PATH_UNSAFE", file(b"package/index\0\xe2\x80\xa8.js", EVIL))
CASES.refused("link-nul-then-line-end", "TAR_PATH_UNSAFE", file(INDEX, GOOD, link=b"\0\nx"))
CASES.refused("long-name-nul", "TAR_HEADER_JUNK", long_name(b"package/index.js\0/../x\0"), file(b"package/cut", EVIL))
CASES.refused("long-name-empty", "TAR_HEADER_JUNK", long_name(b"\0"), file(b"package/cut", EVIL))
CASES.refused("line-end-in-name", "TAR_PATH_CONTROL", file(b"package/a\nb.js", EVIL))
CASES.refused("escape-sequence-in-name", "TAR_PATH_CONTROL", file(b"package/\x1b]0;owned\x07.js", EVIL))
CASES.refused("c1-control-in-name", "TAR_PATH_CONTROL", renamed("package/\x9b31m.js".encode(), EVIL))
CASES.refused("line-separator-in-name", "TAR_PATH_CONTROL", renamed("package/\u2028.js".encode(), EVIL))
CASES.refused("latin-1-name", "TAR_PATH_ENCODING", file(b"package/caf\xe9.js", EVIL))
CASES.refused("surrogate-in-name", "TAR_PATH_ENCODING", file(b"package/\xed\xa0\x80.js", EVIL))
CASES.refused("overlong-slash", "TAR_PATH_ENCODING", file(b"package/..\xc0\xaf..\xc0\xafevil.js", EVIL))
CASES.refused("cut-character", "TAR_PATH_ENCODING", file(b"package/x\xe2\x82", EVIL))
CASES.refused("pax-charset", "TAR_PATH_ENCODING", pax(record(b"hdrcharset", b"BINARY")), GOOD_INDEX)
LONG: Final = "/".join(["\u00e9" * 100] * 3).encode()
CASES.refused("pax-name-across-a-seam", "TAR_PATH_UNSAFE", renamed(b"package/" + LONG, EVIL, name=INDEX))
CASES.refused("long-name-across-a-seam", "TAR_PATH_UNSAFE", long_name(b"package/" + LONG + b"\0"), EVIL_INDEX)
CASES.refused("path-4097", "LIMIT_PATH_BYTES", renamed(b"package/" + b"a/" * 2050 + b"b", EVIL))
CASES.refused("part-256", "LIMIT_PATH_BYTES", renamed(b"package/" + b"a" * 256, EVIL))
CASES.refused("depth-129", "LIMIT_PATH_DEPTH", renamed(b"a/" * 128 + b"b", EVIL))

# ----------------------------------------------------------------------------------------------- two files of one name
CASES.refused("duplicate-evil-last", "TAR_DUPLICATE", GOOD_INDEX, EVIL_INDEX)
CASES.refused("duplicate-evil-first", "TAR_DUPLICATE", EVIL_INDEX, GOOD_INDEX)
CASES.refused("duplicate-manifest", "TAR_DUPLICATE", GOOD_INDEX, file(b"package/package.json", b"{}"))
CASES.refused("duplicate-by-pax", "TAR_DUPLICATE", GOOD_INDEX, renamed(INDEX, EVIL))
CASES.refused("duplicate-by-prefix", "TAR_DUPLICATE", GOOD_INDEX, file(b"index.js", EVIL, prefix=b"package"))
CASES.refused("two-roots-same-file", "TAR_PATH_COLLISION", GOOD_INDEX, file(b"other/index.js", EVIL))
CASES.refused("two-roots-same-bytes", "TAR_PATH_COLLISION", GOOD_INDEX, file(b"other/index.js", GOOD))
CASES.refused("case", "TAR_PATH_COLLISION", GOOD_INDEX, file(b"package/Index.js", EVIL))
CASES.refused("case-of-folder", "TAR_PATH_COLLISION", file(b"package/Lib/a.js", GOOD), file(b"package/lib/a.js", EVIL))
CASES.refused(
    "nfc-and-nfd",
    "TAR_PATH_COLLISION",
    renamed("package/\u00e9.js".encode(), GOOD),
    renamed("package/e\u0301.js".encode(), EVIL),
)
CASES.refused(
    "sharp-s", "TAR_PATH_COLLISION", renamed("package/stra\u00dfe.js".encode(), GOOD), file(b"package/STRASSE.js", EVIL)
)
CASES.refused(
    "kelvin-sign", "TAR_PATH_COLLISION", renamed("package/\u212a.js".encode(), GOOD), file(b"package/k.js", EVIL)
)
CASES.refused("dotless-i", "TAR_PATH_COLLISION", renamed("package/\u0131ndex.js".encode(), EVIL), GOOD_INDEX)
CASES.refused("zero-width-joiner", "TAR_PATH_COLLISION", renamed("package/in\u200ddex.js".encode(), EVIL), GOOD_INDEX)
CASES.refused("trailing-dot", "TAR_PATH_COLLISION", file(b"package/index.js.", EVIL), GOOD_INDEX)
CASES.refused(
    "trailing-space-of-folder", "TAR_PATH_COLLISION", file(b"package/lib /a.js", EVIL), file(b"package/lib/a.js", GOOD)
)
CASES.refused("file-then-folder", "TAR_PATH_COLLISION", file(b"package/a", GOOD), file(b"package/a/b.js", EVIL))
CASES.refused("folder-then-file", "TAR_PATH_COLLISION", file(b"package/a/b.js", EVIL), file(b"package/A", GOOD))
CASES.refused("folder-entry-over-file", "TAR_PATH_COLLISION", GOOD_INDEX, header(INDEX + b"/", kind=b"5"))
CASES.refused(
    "gitignore-over-npmignore", "TAR_PATH_COLLISION", file(b"package/.gitignore", EVIL), file(b"other/.npmignore", GOOD)
)
