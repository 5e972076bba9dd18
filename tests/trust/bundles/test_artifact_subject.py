import hashlib
import json

import pytest

from provenly.trust.bundles.artifact_subject import MAX_DIGESTS, MAX_SUBJECTS, PAYLOAD_TYPE, require
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, RejectedError

DATA = b"an artifact"


def digests(data=DATA, *algorithms):
    return {name: hashlib.new(name, data).hexdigest() for name in algorithms or ("sha256",)}


def statement(*subjects):
    return json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": list(subjects)}).encode()


def subject(**found):
    return {"name": "file", "digest": found}


@pytest.mark.parametrize("artifact", [DATA, Digest.of(DATA)])
@pytest.mark.parametrize(
    "subjects",
    [
        [subject(**digests())],
        [subject(**digests(b"other")), subject(**digests())],
        [subject(), subject(**digests())],
        [subject(**digests(DATA, "sha256", "sha512"))],
        [subject(**digests(), gitCommit="0" * 40)],
        [{"digest": digests()}],
        [subject(**digests(), **{str(number): "x" for number in range(MAX_DIGESTS - 1)})],
        [{}] * (MAX_SUBJECTS - 1) + [subject(**digests())],
    ],
)
def test_one_subject_is_the_artifact(subjects, artifact):
    require(PAYLOAD_TYPE, statement(*subjects), artifact)


@pytest.mark.parametrize(
    "subjects",
    [
        [subject()],
        [{"name": "file"}],
        [subject(**digests(b"other"))],
        [subject(sha1=hashlib.sha1(DATA, usedforsecurity=False).hexdigest())],
        [subject(sha256=digests()["sha256"].upper())],
        [subject(**digests(), sha512="0" * 128)],
        [subject(SHA256=digests()["sha256"])],
    ],
)
def test_no_subject_is_the_artifact(subjects):
    with pytest.raises(RejectedError) as caught:
        require(PAYLOAD_TYPE, statement(*subjects), DATA)
    assert caught.value.code == "BUNDLE_SUBJECT"


def test_a_digest_is_compared_with_its_own_algorithm_only():
    signed = statement(subject(**digests(), sha512="0" * 128))
    require(PAYLOAD_TYPE, signed, Digest.of(DATA))
    with pytest.raises(RejectedError):
        require(PAYLOAD_TYPE, signed, Digest.of(DATA, "sha512"))
    with pytest.raises(RejectedError):
        require(PAYLOAD_TYPE, statement(subject(**digests())), Digest.of(DATA, "sha512"))


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"[]", "BUNDLE_STATEMENT"),
        (b"{}", "BUNDLE_STATEMENT"),
        (statement(), "BUNDLE_STATEMENT"),
        (statement("file"), "BUNDLE_STATEMENT"),
        (statement({"digest": []}), "BUNDLE_STATEMENT"),
        (statement({"digest": {"sha256": 1}}), "BUNDLE_STATEMENT"),
        (statement({"digest": {str(n): "x" for n in range(MAX_DIGESTS + 1)}}), "BUNDLE_STATEMENT"),
        (statement(*[{}] * (MAX_SUBJECTS + 1)), "BUNDLE_STATEMENT"),
        (b'{"subject": [], "subject": [{}]}', "JSON_DUPLICATE_KEY"),
        (b"\xef\xbb\xbf" + statement(subject(**digests())), "JSON_BOM"),
        (statement(subject(**digests())) + b"x", "JSON_SYNTAX"),
    ],
)
def test_a_statement_has_one_meaning(payload, code):
    with pytest.raises(MalformedError) as caught:
        require(PAYLOAD_TYPE, payload, DATA)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", ["", "text/plain", "application/vnd.in-toto+json; charset=utf-8"])
def test_what_is_no_statement_has_no_subjects(kind):
    with pytest.raises(RejectedError) as caught:
        require(kind, statement(subject(**digests())), DATA)
    assert caught.value.code == "BUNDLE_PAYLOAD_TYPE"
