import pytest

from provenly.trust.errors import LayoutError, RejectedError
from provenly.trust.model import Note
from provenly.verify.checks import artifact_layout as check
from tests.verify.checks.subjects import FAILED, PASSED, UNCHECKED, artifact, outcome


def test_one_reading_passes():
    evidence = outcome(check)
    assert evidence.status is PASSED
    assert evidence.facts["files"] == 2


def test_an_ambiguous_archive_fails_with_its_code():
    evidence = outcome(check, artifact=LayoutError("two files of one name", code="TAR_DUPLICATE"))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "TAR_DUPLICATE")


@pytest.mark.parametrize(
    "code",
    [
        "TAR_DUPLICATE_IDENTICAL",
        "TAR_MULTIPLE_ROOTS",
        "TAR_PATH_BIDI",
        "TAR_PATH_UNPORTABLE",
        "TAR_ROOT_FILE",
        "TAR_TYPE_UNUSUAL",
    ],
)
def test_what_no_tool_writes_fails(code):
    evidence = outcome(check, artifact=artifact(notes=[Note(code=code, text="odd")]))
    assert evidence.status is FAILED
    assert code in evidence.actual


def test_harmless_oddities_pass_and_are_listed():
    evidence = outcome(check, artifact=artifact(notes=[Note(code="TAR_MODE_WRITABLE", text="odd")]))
    assert evidence.status is PASSED
    assert evidence.facts["notes"] == ("TAR_MODE_WRITABLE",)


def test_wrong_bytes_were_never_read():
    assert outcome(check, artifact=RejectedError("wrong bytes", code="INTEGRITY_MISMATCH")).status is UNCHECKED


def test_every_oddity_is_named_once_and_in_order():
    codes = ["TAR_ROOT_FILE", "TAR_MODE_WRITABLE", "TAR_PATH_BIDI", "TAR_ROOT_FILE", "TAR_DUPLICATE_IDENTICAL"]
    evidence = outcome(check, artifact=artifact(notes=[Note(code=code, text=f"odd {code}") for code in codes]))
    assert evidence.actual == "TAR_DUPLICATE_IDENTICAL, TAR_PATH_BIDI, TAR_ROOT_FILE"
    assert evidence.expected
    assert "odd TAR_ROOT_FILE" in evidence.summary
    assert evidence.facts == {"files": 2, "notes": tuple(sorted(set(codes)))}
