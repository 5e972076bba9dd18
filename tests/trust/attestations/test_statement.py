"""Statements and their subjects: B02 to B08 and B33 of the threats."""

from __future__ import annotations

import dataclasses
import json

import pytest

from provenly.trust.attestations import statement, subject
from provenly.trust.attestations.model import PUBLISH, SLSA_V1, Statement
from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, RejectedError
from tests.trust.attestations.statements import NAME, PURL, SHA512, VERSION, payload, publish, signed, v1

HEX = SHA512.hex


def read(**changed: object) -> Statement:
    return statement.read(signed(payload(v1(), SLSA_V1, **changed)), predicate_type=SLSA_V1)


@pytest.mark.parametrize("version", ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"])
def test_both_versions_of_the_statement_are_read(version):
    read_ = read(_type=version)
    assert (read_.predicate_type, read_.subject, read_.digest) == (SLSA_V1, PURL, SHA512)
    assert read_.predicate["buildDefinition"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"_type": "https://in-toto.io/StatementA/v0.1"}, "ATT_STATEMENT_TYPE"),
        ({"_type": "https://in-toto.io/Statement/v1.0"}, "ATT_STATEMENT_TYPE"),
        ({"_type": "https://in-toto.io/Statement/v1/"}, "ATT_STATEMENT_TYPE"),
        ({"_type": None}, "ATT_STATEMENT"),
        ({"predicateType": PUBLISH}, "ATT_TYPE_MISMATCH"),
        ({"predicateType": "https://slsa.dev/provenance/v1 "}, "ATT_TYPE_MISMATCH"),
        ({"predicateType": None}, "ATT_STATEMENT"),
        ({"predicate": None}, "ATT_STATEMENT"),
        ({"predicate": [v1()]}, "ATT_STATEMENT"),
        ({"subject": None}, "ATT_SUBJECT_COUNT"),
        ({"subject": []}, "ATT_SUBJECT_COUNT"),
        ({"subject": {"name": PURL, "digest": {"sha512": HEX}}}, "ATT_SUBJECT_COUNT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": HEX}}] * 2}, "ATT_SUBJECT_COUNT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": HEX}}] * 1000}, "ATT_SUBJECT_COUNT"),
        ({"subject": [PURL]}, "ATT_SUBJECT_FORMAT"),
        ({"subject": [{"digest": {"sha512": HEX}}]}, "ATT_SUBJECT_FORMAT"),
        ({"subject": [{"name": PURL}]}, "ATT_DIGEST_MISSING"),
        ({"subject": [{"name": PURL, "digest": {}}]}, "ATT_DIGEST_MISSING"),
        ({"subject": [{"name": PURL, "digest": {"sha256": "0" * 64}}]}, "ATT_DIGEST_MISSING"),
        ({"subject": [{"name": PURL, "digest": {"SHA512": HEX}}]}, "ATT_DIGEST_MISSING"),
        ({"subject": [{"name": PURL, "digest": HEX}]}, "ATT_DIGEST_FORMAT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": HEX.upper()}}]}, "ATT_DIGEST_FORMAT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": HEX[:-1]}}]}, "ATT_DIGEST_FORMAT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": HEX + "\n"}}]}, "ATT_DIGEST_FORMAT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": 7}}]}, "ATT_DIGEST_FORMAT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": None}}]}, "ATT_DIGEST_FORMAT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": SHA512.sri[7:]}}]}, "ATT_DIGEST_FORMAT"),
        ({"subject": [{"name": PURL, "digest": {"sha512": HEX, "sha256": "0" * 64}}]}, "ATT_DIGEST_OTHER"),
        ({"subject": [{"name": PURL, "digest": {"sha512": HEX, "gitCommit": "0" * 40}}]}, "ATT_DIGEST_OTHER"),
    ],
)
def test_what_is_no_statement_about_one_subject_is_refused(changed, code):
    with pytest.raises(Error) as caught:
        read(**changed)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "kind", ["", "application/json", "application/vnd.in-toto+jsonA", "Application/vnd.in-toto+json"]
)
def test_another_payload_type_is_refused(kind):
    with pytest.raises(RejectedError) as caught:
        statement.read(signed(payload(v1(), SLSA_V1), payload_type=kind), predicate_type=SLSA_V1)
    assert caught.value.code == "ATT_PAYLOAD_TYPE"


def test_a_signature_over_a_file_is_no_statement():
    verified = dataclasses.replace(signed(b"x"), payload=None, payload_type="", seal=_seal())
    with pytest.raises(RejectedError) as caught:
        statement.read(verified, predicate_type=SLSA_V1)
    assert caught.value.code == "ATT_PAYLOAD_TYPE"


def _seal():
    from provenly.trust.bundles.model import SEAL

    return SEAL


TEXT = json.dumps(payload(publish(), PUBLISH))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbf" + TEXT.encode(), "JSON_BOM"),
        (TEXT.encode("utf-16"), "JSON_ENCODING"),
        (TEXT.encode() + b"{}", "JSON_SYNTAX"),
        (TEXT.replace('"_type"', '"subject": [], "_type"').encode(), "JSON_DUPLICATE_KEY"),
        (b"[" * 100_000, "JSON_DEPTH"),
        (b" " * (statement.MAX_PAYLOAD + 1), "JSON_SIZE"),
        (b"[]", "ATT_STATEMENT"),
    ],
)
def test_a_signed_payload_has_one_meaning_or_none(data, code):
    with pytest.raises(MalformedError) as caught:
        statement.read(signed(data, None), predicate_type=PUBLISH)
    assert caught.value.code == code
    assert statement.peek(signed(data, None)) == ""


def test_the_type_is_peeked_at_in_statements_that_are_refused():
    assert statement.peek(signed(payload(v1(), SLSA_V1, subject=[]))) == SLSA_V1


def test_a_statement_is_made_by_reading_only():
    with pytest.raises(TypeError):
        Statement(
            predicate_type="",
            predicate={},
            subject="",
            digest=SHA512,
            verified=signed(b"x"),
            seal=None,  # type: ignore[arg-type]
        )


def test_the_purl_has_two_spellings():
    assert subject.purls("@acme/mail-mcp", "1.2.3") == (PURL, "pkg:npm/@acme/mail-mcp@1.2.3")
    assert subject.purls("left-pad", "1.3.0") == ("pkg:npm/left-pad@1.3.0",)
    assert subject.purls("x", "1.0.0+build") == ("pkg:npm/x@1.0.0%2Bbuild",)


@pytest.mark.parametrize("name", [PURL, "pkg:npm/@acme/mail-mcp@1.2.3"])
def test_both_spellings_of_the_name_are_this_package(name):
    read_ = read(subject=[{"name": name, "digest": {"sha512": HEX}}])
    subject.require(read_, name=NAME, version=VERSION, sha512=SHA512, what="it")


@pytest.mark.parametrize(
    "name",
    [
        "pkg:npm/%40acme/mail-mcp@1.2.4",
        "pkg:npm/%40acme/mail-mcp@1.2.3 ",
        "pkg:npm/%40acme/mail-mcp@v1.2.3",
        "pkg:npm/%40acme/mail-mcp",
        "pkg:npm/%40Acme/mail-mcp@1.2.3",
        "pkg:NPM/%40acme/mail-mcp@1.2.3",
        "PKG:npm/%40acme/mail-mcp@1.2.3",
        "pkg:npm/%40acme/mail-mcp@1.2.3?repository_url=https://evil.example",
        "pkg:npm/%40acme/mail-mcp@1.2.3#sub",
        "pkg:npm/%2540acme/mail-mcp@1.2.3",
        "pkg:npm/%40acme%2fmail-mcp@1.2.3",
        "pkg:npm/%40acme%2Fmail-mcp@1.2.3",
        "pkg:npm//@acme/mail-mcp@1.2.3",
        "pkg:npm/acme/mail-mcp@1.2.3",
        "pkg:npm/mail-mcp@1.2.3",
        "pkg:pypi/%40acme/mail-mcp@1.2.3",
        "@acme/mail-mcp@1.2.3",
        "pkg:npm/%40acme/mail-mcp@1.2.3\u200b",
    ],
)
def test_no_other_name_is_this_package(name):
    read_ = read(subject=[{"name": name, "digest": {"sha512": HEX}}])
    with pytest.raises(RejectedError) as caught:
        subject.require(read_, name=NAME, version=VERSION, sha512=SHA512, what="it")
    assert (caught.value.code, caught.value.expected, caught.value.actual) == ("ATT_SUBJECT_NAME", PURL, name)


def test_other_bytes_are_refused():
    with pytest.raises(RejectedError) as caught:
        subject.require(read(), name=NAME, version=VERSION, sha512=Digest.of(b"other", "sha512"), what="it")
    assert caught.value.code == "ATT_SUBJECT_DIGEST"
    assert caught.value.actual == str(SHA512)


def test_another_kind_of_digest_proves_nothing():
    with pytest.raises(MalformedError) as caught:
        subject.require(read(), name=NAME, version=VERSION, sha512=Digest.of(b"the archive"), what="it")
    assert caught.value.code == "DIGEST_FORMAT"
