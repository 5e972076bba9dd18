"""The archive that is read, and the programs that read it: ours, and what one would use otherwise.

Each program is started anew, reads the same file, gives every file's sha256, and counts the files.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from measure import PEAK, ROOT

sys.path.insert(0, str(ROOT))

from tests.tar_builder import END, file, gzip

FILES: Final = 5_000
FILE_SIZE: Final = 2_048
"""Bytes of one file: 5,000 of them are 10 MB."""

OURS: Final = (
    """
import sys
from pathlib import Path
from provenly.verify.tarball.archive import read_tarball
listing = read_tarball(Path(sys.argv[1]).read_bytes(), lambda contents: [""] * len(contents))
assert len(listing.files) == int(sys.argv[2])
"""
    + PEAK
)

OURS_WITH_IDS: Final = (
    """
import sys
from pathlib import Path
from provenly.verify.tarball.archive import read_tarball
from provenly.verify.tarball.artifact import identify_with_git
listing = read_tarball(Path(sys.argv[1]).read_bytes(), identify_with_git)
assert len({file.blob for file in listing.files}) == int(sys.argv[2])
"""
    + PEAK
)

TARFILE: Final = (
    """
import hashlib, sys, tarfile
with tarfile.open(sys.argv[1]) as archive:
    files = {entry.name: archive.extractfile(entry).read() for entry in archive if entry.isfile()}
digests = {name: hashlib.sha256(data).digest() for name, data in files.items()}
assert len(digests) == int(sys.argv[2])
"""
    + PEAK
)

NODE_TAR: Final = """
const tar = require(process.argv[1]), crypto = require("crypto"), fs = require("fs")
const files = new Map(), parser = new tar.Parser({strict: true})
parser.on("entry", entry => {
  const pieces = []
  entry.on("data", piece => pieces.push(piece))
  entry.on("end", () => files.set(entry.path, Buffer.concat(pieces)))
})
parser.on("end", () => {
  const digests = [...files.values()].map(data => crypto.createHash("sha256").update(data).digest())
  process.exit(digests.length === Number(process.argv[3]) ? 0 : 1)
})
fs.createReadStream(process.argv[2]).pipe(parser)
"""

ALL_IDS: Final = """
import sys
from pathlib import Path
from provenly.verify.git import object_ids
paths = sorted(Path(sys.argv[1]).iterdir())
ids = object_ids([path.read_bytes() for path in paths])
assert len(set(ids)) == len(paths)
"""

ID_BY_ID: Final = """
import subprocess, sys
from pathlib import Path
paths = sorted(Path(sys.argv[1]).iterdir())
ids = [subprocess.run(["git", "hash-object", path], check=True, capture_output=True).stdout for path in paths]
assert len(set(ids)) == len(paths)
"""


def make_archive(path: Path) -> int:
    """Write a .tgz of :data:`FILES` files that hardly compress, and return how many files it has in all."""
    source = random.Random(1)  # noqa: S311 - the same archive on every run
    entries = [file(b"package/package.json", b'{"name": "large", "version": "1.0.0"}')]
    entries += [file(b"package/%d/%d.js" % (n % 50, n), source.randbytes(FILE_SIZE)) for n in range(FILES)]
    path.write_bytes(gzip(b"".join(entries) + END))
    return FILES + 1


def make_files(folder: Path, count: int) -> None:
    """Write ``count`` small files that are all different."""
    folder.mkdir()
    source = random.Random(2)  # noqa: S311 - likewise
    for number in range(count):
        (folder / f"{number}.js").write_bytes(source.randbytes(FILE_SIZE))


def node_tar() -> str:
    """Return the folder of the tar package inside the installed npm, or an empty string."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return ""
    inside = Path(npm).resolve().parent.parent / "node_modules" / "tar"
    found = inside.is_dir() and subprocess.run([node, "-e", f"require({str(inside)!r})"], check=False).returncode == 0
    return str(inside) if found else ""
