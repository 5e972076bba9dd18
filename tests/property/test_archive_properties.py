import json
import shutil
import subprocess
import unicodedata
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provenly.trust.errors import MalformedError
from provenly.verify.tarball.archive import read_tarball
from provenly.verify.tarball.paths import fold
from tests.blob_ids import blob_ids
from tests.hostile_cases import GOOD_INDEX, MANIFEST, START, Outcome
from tests.hostile_tarballs import CASES
from tests.npm_model import npm_installs
from tests.simulator.registry import make_tarball
from tests.tar_builder import END, file, gzip, header, long_name, pax, record, renamed

SMALL = [case for case in CASES if not case.code.startswith(("LIMIT_", "GZIP_"))]

FOLDERS_MATTER = {"file-then-folder", "folder-entry-over-file"}
"""Archives in which a folder removes a file; the model has no folders."""

LETTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters='/\\:<>"|?*')
PARTS = st.text(LETTERS, min_size=1, max_size=12).filter(lambda part: not part.startswith("."))
PATHS = st.lists(PARTS, min_size=1, max_size=5).map("/".join).filter(lambda path: len(path.encode()) < 400)


@st.composite
def packages(draw: st.DrawFn) -> dict[str, bytes]:
    """Return files of which no file system takes two for one."""
    files = draw(st.dictionaries(PATHS, st.binary(max_size=2000), max_size=8))
    keys = [fold(path) for path in files]
    assume(len({*keys, "package.json"}) == len(keys) + 1)
    assume(not any(one.startswith(f"{other}/") for one in keys for other in [*keys, "package.json"]))
    return {"package.json": MANIFEST, **files}


@given(packages(), st.text("abcdefgh", min_size=1, max_size=20))
def test_an_archive_of_legal_files_lists_exactly_these(files: dict[str, bytes], root: str):
    listing = read_tarball(make_tarball(files, prefix=root), blob_ids)
    assert dict(listing.contents) == files
    assert [file.path for file in listing.files] == sorted(files)


def agrees(raw: bytes) -> bool:
    """Return whether the archive was read; then npm must install just what is listed."""
    try:
        listing = read_tarball(gzip(raw), blob_ids)
    except MalformedError:
        return False
    assert dict(listing.contents) == npm_installs(raw)
    return True


BASES = [
    START + GOOD_INDEX + END,
    START + pax(record(b"path", "package/é.js".encode()), record(b"mtime", b"1.5")) + file(b"package/z", b"z") + END,
    START + long_name(b"package/" + b"d/" * 60 + b"f\0") + file(b"package/cut", b"z") + END,
    START + header(b"package/lib/", kind=b"5") + file(b"lib/p.js", b"p" * 600, prefix=b"package") + END,
    START + file(b"package/.gitignore", b"g") + renamed(b"package/a/.npmignore", b"n") + END,
]


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(BASES), st.data())
def test_any_byte_may_change(base: bytes, data: st.DataObject):
    """Either the archive is refused or npm installs just what is listed, checksum right or wrong."""
    at = data.draw(st.integers(0, len(base) - 1))
    changed = bytearray(base)
    changed[at] = data.draw(st.integers(0, 255))
    agrees(bytes(changed))
    repaired = repair(bytes(changed), at // 512 * 512)
    agrees(repaired)


def repair(raw: bytes, block: int) -> bytes:
    """Give the block at this offset the checksum that it needs to be taken for a header."""
    content = bytearray(raw[block : block + 512])
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content)
    return raw[:block] + bytes(content) + raw[block + 512 :]


@settings(max_examples=300)
@given(st.lists(st.sampled_from([GOOD_INDEX[:512], GOOD_INDEX[512:], bytes(512), *[b[1024:2048] for b in BASES]])))
def test_blocks_may_come_in_any_order(blocks: list[bytes]):
    agrees(START + b"".join(blocks) + END)


@given(st.binary(max_size=3000))
def test_any_bytes_are_refused_or_read(data: bytes):
    for archive in (data, b"\x1f\x8b" + data, gzip(data), gzip(START + data)):
        with suppress(MalformedError):
            read_tarball(archive, blob_ids)


@given(st.sampled_from(SMALL), st.integers(1, 4096))
def test_where_the_compressed_stream_is_cut_does_not_matter(case, size):
    """The same archive compressed in other pieces and levels gives the same listing or the same refusal."""
    raw = zlib.decompressobj(31).decompress(case.build())
    other = zlib.compressobj(1, zlib.DEFLATED, 31)
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    packed = b"".join([other.compress(piece) + other.flush(zlib.Z_FULL_FLUSH) for piece in pieces]) + other.flush()
    if case.outcome is Outcome.REFUSED:
        with pytest.raises(MalformedError) as refusal:
            read_tarball(packed, blob_ids)
        assert refusal.value.code == case.code
    else:
        assert dict(read_tarball(packed, blob_ids).contents) == dict(case.files)


@pytest.mark.parametrize("case", [case for case in CASES if case.outcome is not Outcome.REFUSED], ids=lambda c: c.name)
def test_the_model_of_npm_reads_what_is_read(case):
    raw = zlib.decompressobj(31).decompress(case.build())
    assert npm_installs(raw) == dict(case.files)


EXTRACT = """
const [folder, npm] = process.argv.slice(1);
const pacote = require(npm + '/npm/node_modules/pacote');
const extracted = [];
let crashed;
process.on('uncaughtException', (error) => crashed(error));
(async () => {
  for (const name of require(folder + '/names.json')) {
    const crash = new Promise((resolve, reject) => { crashed = reject; });
    const options = { cache: folder + '/cache' };
    try {
      await Promise.race([crash, pacote.extract(`file:${folder}/${name}.tgz`, `${folder}/out/${name}`, options)]);
      extracted.push(name);
    } catch (error) { /* npm refuses this one, or fails over it */ }
  }
  console.log(JSON.stringify(extracted));
  process.exit(0);
})();
"""


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_model_of_npm_is_that_of_npm(tmp_path: Path):
    """The archives that we refuse matter most here: npm must do with them what the model does."""
    names = [f"case-{number}" for number in range(len(SMALL))]
    for name, case in zip(names, SMALL, strict=True):
        (tmp_path / f"{name}.tgz").write_bytes(case.build())
    (tmp_path / "names.json").write_text(json.dumps(names))
    npm = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=True).stdout.strip()
    command = ["node", "-e", EXTRACT, str(tmp_path), npm]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    extracted = json.loads(run.stdout)
    assert len(extracted) > len(SMALL) / 2
    wrong = []
    for name, case in zip(names, SMALL, strict=True):
        if name in extracted and case.name not in FOLDERS_MATTER:
            folder = tmp_path / "out" / name
            found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            raw = zlib.decompressobj(31).decompress(case.build())
            wrong += [case.name] * (npm_installs(raw) != found)
    assert wrong == []


@given(packages())
def test_names_are_listed_as_they_are_written(files: dict[str, bytes]):
    """No normalisation: two spellings of a name are two names, of which an archive may have one."""
    decomposed = {unicodedata.normalize("NFD", path): content for path, content in files.items()}
    assume(all(len(path.encode()) < 400 for path in decomposed))
    assert set(read_tarball(make_tarball(decomposed), blob_ids).contents) == set(decomposed)
