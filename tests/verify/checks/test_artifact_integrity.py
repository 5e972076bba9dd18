from provenly.trust.errors import LayoutError, RejectedError, UnavailableError
from provenly.verify.checks import artifact_integrity as check
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, artifact, outcome, package


def test_the_right_bytes_pass():
    evidence = outcome(check)
    assert evidence.status is PASSED
    assert evidence.expected == evidence.actual == package().integrity


def test_other_bytes_fail():
    error = RejectedError("not the one", code="INTEGRITY_MISMATCH", expected="sha512-a", actual="sha512-b")
    evidence = outcome(check, artifact=error)
    assert (evidence.status, evidence.expected, evidence.actual) == (FAILED, "sha512-a", "sha512-b")
    assert evidence.facts["code"] == "INTEGRITY_MISMATCH"


def test_sha1_alone_fails_in_its_own_words():
    evidence = outcome(check, package=package(integrity="", shasum="da39a3ee5e6b4b0d3255bfef95601890afd80709"))
    assert evidence.status is FAILED
    assert "SHA-1" in evidence.summary


def test_no_digest_at_all_is_absent():
    assert outcome(check, package=package(integrity="")).status is ABSENT


def test_a_file_on_disk_is_unchecked():
    local = package(integrity="", registry="")
    assert outcome(check, package=local, artifact=artifact(local, claimed=False)).status is UNCHECKED


def test_a_download_that_did_not_happen_is_unchecked():
    assert outcome(check, artifact=UnavailableError("no network")).status is UNCHECKED


def test_without_the_registrys_word_nothing_is_known():
    assert outcome(check, package=UnavailableError("no network")).status is UNCHECKED


def test_bytes_that_cannot_be_read_are_the_right_bytes_all_the_same():
    assert outcome(check, artifact=LayoutError("two readings", code="TAR_DUPLICATE")).status is PASSED
    local = package(integrity="", registry="")
    assert outcome(check, package=local, artifact=LayoutError("two readings")).status is UNCHECKED


def test_the_digest_of_what_was_analysed_is_a_fact():
    digest = artifact().sha512
    evidence = outcome(check)
    assert evidence.facts == {"sha512": digest.hex, "size": 11}
    assert evidence.consulted == ("https://registry.example/x.tgz",)
    local = package(integrity="", registry="")
    evidence = outcome(check, package=local, artifact=artifact(local, claimed=False))
    assert evidence.facts == {"sha512": digest.hex, "size": 11}
    assert evidence.actual == str(digest)
    assert "registry" in evidence.expected


def test_each_lack_says_what_was_expected():
    sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    weak = outcome(check, package=package(integrity="", shasum=sha1))
    assert weak.facts == {"code": "INTEGRITY_WEAK"}
    assert ("sha512" in weak.expected, sha1 in weak.actual) == (True, True)
    none = outcome(check, package=package(integrity=""))
    assert ("sha512" in none.expected, none.actual) == (True, "none")
    assert outcome(check, artifact=LayoutError("two readings")).expected == package().integrity
