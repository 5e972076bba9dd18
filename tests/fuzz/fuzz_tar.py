"""Fuzzes the archive reader: ``python tests/fuzz/fuzz_tar.py -max_total_time=60``.

Input is an uncompressed tar archive, whose headers get the checksums they need, so that the fuzzer sees past the first;
every fourth input is taken for a gzip stream as it is. A crash is an exception that is not ours, or an archive that was
read and in which npm would install other files than were listed.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["provenly.verify"]):
    from provenly.trust.errors import Error
    from provenly.verify.tarball.archive import read_tarball
    from provenly.verify.tarball.archive_limits import Limits

from tests.blob_ids import blob_ids
from tests.hostile_tarballs import CASES
from tests.npm_model import npm_installs
from tests.tar_builder import gzip

BLOCK = 512
SMALL = Limits(archive=1 << 20, unpacked=1 << 22, ratio_after=1 << 20, file=1 << 20, entries=500, folders=500)
"""Limits that inputs of a fuzzer's size can reach."""


def test_one_input(data: bytes) -> None:
    """Try one input; the first byte says how."""
    if data[:1] and data[0] % 4 == 3:
        _read(b"\x1f\x8b" + data[1:])
        return
    raw = _with_checksums(data[1:])
    listed = _read(gzip(raw, level=1))
    if listed is not None and listed != npm_installs(raw):
        raise AssertionError(f"listed {sorted(listed)}, npm would install {sorted(npm_installs(raw))}")


def _read(archive: bytes) -> dict[str, bytes] | None:
    try:
        return dict(read_tarball(archive, blob_ids, SMALL).contents)
    except Error as error:
        if not error.code:
            raise AssertionError("an error without a code") from error
        return None


def _with_checksums(raw: bytes) -> bytes:
    """Give every block that has the magic of a header the checksum that it needs."""
    blocks = [raw[at : at + BLOCK] for at in range(0, len(raw), BLOCK)]
    for number, block in enumerate(blocks):
        if len(block) == BLOCK and block[257:262] == b"ustar":
            blank = block[:148] + b" " * 8 + block[156:]
            blocks[number] = blank[:148] + b"%06o\0 " % sum(blank) + blank[156:]
    return b"".join(blocks)


def _seed(folder: Path) -> None:
    """Write the hostile archives, uncompressed, as first inputs."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        if not case.code.startswith(("LIMIT_", "GZIP_")):
            raw = zlib.decompressobj(31).decompress(case.build())
            (folder / case.name).write_bytes(b"\0" + raw.rstrip(b"\0") + bytes(-len(raw.rstrip(b"\0")) % 512))


def main() -> None:
    """Run libFuzzer; a folder of inputs on the command line is filled with the hostile archives first."""
    paths = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    for folder in [path for path in paths if not path.is_file()][:1]:
        _seed(folder)
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
