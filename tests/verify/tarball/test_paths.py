import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.errors import MalformedError
from provenly.verify.tarball.archive_faults import Remarks
from provenly.verify.tarball.archive_limits import LIMITS, Limits
from provenly.verify.tarball.paths import Names, checked, fold, remark


@pytest.mark.parametrize(
    "name", ["a", "package/index.js", "package/ключ.js", "a b/c", "...", "a/..b", ".npmrc", "~", "-x"]
)
def test_names_that_mean_one_thing_are_returned(name):
    assert checked(name.encode(), LIMITS) == name


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "TAR_PATH_UNSAFE"),
        (b"/a", "TAR_PATH_UNSAFE"),
        (b"a/", "TAR_PATH_UNSAFE"),
        (b"a//b", "TAR_PATH_UNSAFE"),
        (b"a/./b", "TAR_PATH_UNSAFE"),
        (b"a/..", "TAR_PATH_UNSAFE"),
        (b"a\\b", "TAR_PATH_UNSAFE"),
        (b"a:b", "TAR_PATH_UNSAFE"),
        (b"a\0b", "TAR_PATH_UNSAFE"),
        (b"a\rb", "TAR_PATH_CONTROL"),
        (b"a\x7fb", "TAR_PATH_CONTROL"),
        ("a\u0085b".encode(), "TAR_PATH_CONTROL"),
        ("a\u2029b".encode(), "TAR_PATH_CONTROL"),
        (b"a\xffb", "TAR_PATH_ENCODING"),
    ],
)
def test_names_that_readers_take_differently_are_refused(raw, code):
    with pytest.raises(MalformedError) as refusal:
        checked(raw, LIMITS)
    assert refusal.value.code == code


def test_a_part_is_measured_in_bytes():
    assert checked("é".encode() * 127, LIMITS)
    with pytest.raises(MalformedError, match="255 bytes"):
        checked("é".encode() * 128, LIMITS)


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("lib/index.js", []),
        ("con", ["TAR_PATH_UNPORTABLE"]),
        ("a/Lpt9.tar.gz", ["TAR_PATH_UNPORTABLE"]),
        ("console.js", []),
        ("a. /b", ["TAR_PATH_UNPORTABLE"]),
        ("a?.js", ["TAR_PATH_UNPORTABLE"]),
        ("a\u2067b", ["TAR_PATH_BIDI"]),
        ("a\ufeffb", ["TAR_PATH_INVISIBLE"]),
        ("a/.Git/hooks/x", ["PKG_DOTGIT"]),
        (".gitattributes", []),
        ("a/.NPMRC", ["PKG_NPMRC"]),
    ],
)
def test_oddities_are_remarked(path, codes):
    remarks = Remarks()
    remark(path, remarks)
    assert [note.code for note in remarks.notes()] == codes
    assert all(note.where == path for note in remarks.notes())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_fold_does_not_see_case_and_normal_form(text):
    assert fold(text.lower()) == fold(text.lower().upper()) or "\u0345" in unicodedata.normalize("NFD", text)
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text("abc/.", max_size=12))
def test_the_fold_keeps_ascii_letters_apart(text):
    if not any(part.endswith(".") for part in text.split("/")):
        assert fold(text) == text


def test_a_name_is_new_once():
    names = Names(LIMITS)
    assert names.add_file("a.js", "package/a.js")
    assert not names.add_file("a.js", "package/a.js")
    with pytest.raises(MalformedError, match="one file"):
        names.add_file("a.js", "other/a.js")


def test_files_and_folders_are_told_apart_at_the_end():
    names = Names(LIMITS)
    names.add_file("a/b/c", "package/a/b/c")
    names.add_folder("d")
    names.check_kinds()
    names.add_file("A/b", "package/A/b")
    with pytest.raises(MalformedError, match="also a folder"):
        names.check_kinds()


def test_folders_are_counted_once():
    names = Names(Limits(folders=2))
    names.add_file("a/b/c", "package/a/b/c")
    names.add_file("a/b/d", "package/a/b/d")
    with pytest.raises(MalformedError) as refusal:
        names.add_folder("e")
    assert refusal.value.code == "LIMIT_ENTRY_COUNT"
