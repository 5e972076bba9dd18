"""Archives that are read: all the right forms, and oddities that every reader reads alike."""

from __future__ import annotations

from typing import Final

from tests.hostile_cases import EVIL, GOOD, GOOD_INDEX, HONEST, INDEX, MANIFEST, START, Cases, Outcome
from tests.tar_builder import END, GNU, V7, base256, file, gzip, header, long_name, octal, pax, record, renamed

CASES: Final = Cases()

# ------------------------------------------------------------------------------------------------ forms that are right
DEEP = "/".join(["folder"] * 20)
CASES.clean("plain", GOOD_INDEX, index__js=GOOD)
CASES.clean("pax-name", renamed(b"package/" + DEEP.encode() + b"/f.js", GOOD), **{f"{DEEP}/f.js": GOOD})
CASES.clean("pax-name-not-ascii", renamed("package/ключ-é.js".encode(), GOOD), **{"ключ-é.js": GOOD})
CASES.clean(
    "pax-header-of-one-block",
    renamed("package/é/".encode() + b"x" * 240 + b"/" + b"y" * 250, GOOD),
    **{f"é/{'x' * 240}/{'y' * 250}": GOOD},
)
CASES.clean("pax-size-agrees", pax(record(b"size", b"%d" % len(GOOD))), GOOD_INDEX, index__js=GOOD)
CASES.clean("pax-unknown-key", pax(record(b"LIBARCHIVE.creationtime", b"1.5")), GOOD_INDEX, index__js=GOOD)
CASES.clean(
    "gnu-long-name",
    long_name(b"package/" + DEEP.encode() + b"/g.js\0"),
    file(b"package/cut", GOOD, magic=GNU),
    **{f"{DEEP}/g.js": GOOD},
)
CASES.clean("ustar-prefix", file(b"p.js", GOOD, prefix=b"package/a"), **{"a/p.js": GOOD})
CASES.clean("ustar-prefix-long", file(b"p.js", GOOD, prefix=b"package/" + b"x" * 140), **{"x" * 140 + "/p.js": GOOD})
CASES.clean("v7", file(INDEX, GOOD, magic=V7), index__js=GOOD)
CASES.clean("v7-type-nul", file(INDEX, GOOD, magic=V7, kind=b"\0"), index__js=GOOD)
CASES.clean("v7-folder", header(b"package/lib/", kind=b"\0", magic=V7), GOOD_INDEX, index__js=GOOD)
CASES.clean("gnu-magic", file(INDEX, GOOD, magic=GNU), index__js=GOOD)
CASES.clean("folders", header(b"package", kind=b"5"), header(b"package/lib/", kind=b"5"), GOOD_INDEX, index__js=GOOD)
CASES.clean("empty-file", file(INDEX), index__js=b"")
CASES.clean("block-sized-file", file(INDEX, b"x" * 512), index__js=b"x" * 512)
CASES.clean("utf8-header-name", file("package/ñ.js".encode(), GOOD), **{"ñ.js": GOOD})
CASES.clean("size-padded-with-spaces", file(INDEX, GOOD, size=b"%11o " % len(GOOD)), index__js=GOOD)
CASES.clean("no-owner-and-time", file(INDEX, GOOD, uid=b"", gid=b"", mtime=b""), index__js=GOOD)
CASES.clean("mode-with-file-type", file(INDEX, GOOD, mode=octal(0o100644, 8)), index__js=GOOD)
CASES.raw("long-padding", Outcome.CLEAN, "", lambda: gzip(START + GOOD_INDEX + bytes(30 * 512 + 7)), HONEST)
CASES.raw("gzip-level-0", Outcome.CLEAN, "", lambda: gzip(START + GOOD_INDEX + END, level=0), HONEST)
CASES.raw(
    "gzip-name-and-comment",
    Outcome.CLEAN,
    "",
    lambda: gzip(START + GOOD_INDEX + END, flags=24, extra=b"../../x\0comment\0"),
    HONEST,
)
CASES.raw(
    "gzip-extra-field",
    Outcome.CLEAN,
    "",
    lambda: gzip(START + GOOD_INDEX + END, flags=4, extra=b"\xff\xff" + b"e" * 65535),
    HONEST,
)

# --------------------------------------------------------------------------------------------- oddities worth a remark
CASES.note(
    "global-comment",
    "TAR_PAX_GLOBAL_COMMENT",
    pax(record(b"comment", b"a" * 40), kind=b"g"),
    GOOD_INDEX,
    index__js=GOOD,
)
CASES.note("same-file-twice", "TAR_DUPLICATE_IDENTICAL", GOOD_INDEX, GOOD_INDEX, index__js=GOOD)
CASES.note("contiguous-file", "TAR_TYPE_UNUSUAL", file(INDEX, GOOD, kind=b"7"), index__js=GOOD)
CASES.note("base256-size", "TAR_NUMBER_BASE256", file(INDEX, GOOD, size=base256(len(GOOD), 12)), index__js=GOOD)
CASES.note("base256-owner", "TAR_NUMBER_BASE256", file(INDEX, GOOD, uid=base256(1957860364, 8)), index__js=GOOD)
CASES.note("time-before-1970", "TAR_NUMBER_BASE256", file(INDEX, GOOD, mtime=base256(-86400, 12)), index__js=GOOD)
CASES.note("junk-behind-name", "TAR_HEADER_JUNK", file(INDEX + b"\0hidden.js", GOOD), index__js=GOOD)
CASES.note("junk-in-padding", "TAR_PADDING_JUNK", header(INDEX, 4) + b"good" + b"!" * 508, index__js=b"good")
CASES.note("setuid", "TAR_MODE_SPECIAL", file(INDEX, GOOD, mode=octal(0o4755, 8)), index__js=GOOD)
CASES.note("world-writable", "TAR_MODE_WRITABLE", file(INDEX, GOOD, mode=octal(0o666, 8)), index__js=GOOD)
CASES.note("pax-time-nan", "TAR_PAX_VALUE", pax(record(b"mtime", b"nan")), GOOD_INDEX, index__js=GOOD)
CASES.note("bidi-name", "TAR_PATH_BIDI", renamed("package/\u202esj.exe".encode(), GOOD), **{"\u202esj.exe": GOOD})
CASES.note(
    "invisible-name", "TAR_PATH_INVISIBLE", renamed("package/in\u200bdex.js".encode(), GOOD), **{"in\u200bdex.js": GOOD}
)
for device in ("CON", "aux.js", "com1", "lib/nul.txt"):
    CASES.note(
        f"windows-device-{device.replace('/', '-')}",
        "TAR_PATH_UNPORTABLE",
        file(b"package/" + device.encode(), GOOD),
        **{device: GOOD},
    )
for tail in ("dot.", "space ", "star*.js", "pipe|.js"):
    CASES.note(
        f"windows-{tail.strip(' .*|js')}",
        "TAR_PATH_UNPORTABLE",
        file(b"package/" + tail.encode(), GOOD),
        **{tail: GOOD},
    )
CASES.note(
    "second-root", "TAR_MULTIPLE_ROOTS", file(b"other/extra.js", EVIL), GOOD_INDEX, extra__js=EVIL, index__js=GOOD
)
CASES.note("file-beside-root", "TAR_ROOT_FILE", file(b"index.js", EVIL), GOOD_INDEX, index__js=GOOD)
CASES.note("dot-git", "PKG_DOTGIT", file(b"package/.git/config", EVIL), **{".git/config": EVIL})
CASES.note("npmrc", "PKG_NPMRC", file(b"package/.npmrc", EVIL), **{".npmrc": EVIL})
CASES.note("gitignore", "TAR_NPM_RENAME", file(b"package/a/.gitignore", GOOD), **{"a/.npmignore": GOOD})
CASES.note(
    "gitignore-then-npmignore",
    "TAR_NPM_RENAME",
    file(b"package/.gitignore", EVIL),
    file(b"package/.npmignore", GOOD),
    **{".npmignore": GOOD},
)
CASES.note(
    "npmignore-then-gitignore",
    "TAR_NPM_RENAME",
    file(b"package/.npmignore", GOOD),
    file(b"package/.gitignore", EVIL),
    **{".npmignore": GOOD},
)
CASES.raw(
    "other-root",
    Outcome.NOTE,
    "TAR_ROOT_NOT_PACKAGE",
    lambda: gzip(file(b"x-1.0/package.json", MANIFEST) + file(b"x-1.0/index.js", GOOD) + END),
    HONEST,
)
CASES.raw("no-end-marker", Outcome.NOTE, "TAR_NO_EOF", lambda: gzip(START + GOOD_INDEX), HONEST)
CASES.raw("half-an-end-marker", Outcome.NOTE, "TAR_NO_EOF", lambda: gzip(START + GOOD_INDEX + bytes(512)), HONEST)
CASES.raw(
    "gzip-then-zeros", Outcome.NOTE, "GZIP_TRAILING_ZEROS", lambda: gzip(START + GOOD_INDEX + END) + bytes(99), HONEST
)
