import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.compiler import sources


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a", "a"),
        (b"\xef\xbb\xbfa", "a"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
        (b"\xff\xfea\0b\0", "ab"),
        (b"\xfe\xff\0a\0b", "ab"),
        (b"\xfe\xff\0a\0", "a"),
        (b"a\xffb", "a\ufffdb"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"a\r\nb\0", "a\r\nb\0"),
    ],
)
def test_bytes_become_the_text_that_the_compiler_reads_from_a_disk(data, text):
    assert sources.decoded(data) == text


def test_only_what_the_compiler_could_read_is_sent_to_it():
    files = {"b.ts": b"", "a.tsx": b"", "LICENSE": b"", "x/y.d.mts": b"", "i.png": b"", "p.json": b""}
    files["big.ts"] = bytes(sources.MAX_SOURCE + 1)
    files["largest.ts"] = bytes(sources.MAX_SOURCE)
    # On its way to the compiler this would become the name of another file.
    files["b\udc80.ts"] = b""
    assert list(sources.readable(files)) == ["a.tsx", "b.ts", "largest.ts", "p.json", "x/y.d.mts"]


@pytest.mark.parametrize("path", ["/a.ts", "../a.ts", "a/../b.ts", "a//b.ts", "./a.ts", "", "a/"])
def test_paths_that_are_none_below_the_root_are_refused(path):
    with pytest.raises(MalformedError) as caught:
        sources.check_tree({path: b""})
    assert caught.value.code == "COMPILER_INPUT"


def test_a_tree_that_is_too_large_is_refused(monkeypatch):
    piece = bytes(1_000_000)
    sources.check_tree({f"{number}.ts": piece for number in range(60)})
    with pytest.raises(MalformedError, match="60,000,001 bytes"):
        sources.check_tree({**{f"{number}.ts": piece for number in range(60)}, "a.ts": b"1"})


def test_a_tree_of_too_many_files_is_refused():
    sources.check_tree(dict.fromkeys(map(str, range(sources.MAX_FILES)), b""))
    with pytest.raises(MalformedError, match="50,001 sources"):
        sources.check_tree(dict.fromkeys(map(str, range(sources.MAX_FILES + 1)), b""))


def test_pieces_are_all_files_in_order_and_none_is_empty():
    files = {f"{number}.ts": b"a" * 600_000 for number in range(5)} | {"6.ts": b"\xef\xbb\xbfb"}
    pieces = list(sources.pieces(files))
    assert [[path for path, _ in piece] for piece in pieces] == [["0.ts", "1.ts"], ["2.ts", "3.ts"], ["4.ts", "6.ts"]]
    assert pieces[-1][-1] == ("6.ts", "b")
    assert list(sources.pieces({})) == []
