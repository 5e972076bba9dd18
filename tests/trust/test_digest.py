import base64
import hashlib

import pytest

from provenly.trust.digest import MAX_SRI, Digest
from provenly.trust.errors import MalformedError

DATA = b"left-pad"


def sri(algorithm: str, data: bytes = DATA) -> str:
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_single_strong_value_is_read(algorithm):
    digest = Digest.from_sri(sri(algorithm), what="x")
    assert digest == Digest.of(DATA, algorithm)
    assert digest.sri == sri(algorithm)
    assert str(digest) == f"{algorithm}:{hashlib.new(algorithm, DATA).hexdigest()}"


def test_of_several_algorithms_the_strongest_counts():
    digest = Digest.from_sri(f"{sri('sha1')} {sri('sha256', b'other')} {sri('sha512')}", what="x")
    assert digest == Digest.of(DATA, "sha512")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "INTEGRITY_FORMAT"),
        (sri("sha1"), "INTEGRITY_WEAK"),
        (sri("md5"), "INTEGRITY_WEAK"),
        (f"{sri('sha1')} {sri('md5')}", "INTEGRITY_WEAK"),
        (f"{sri('sha512')} {sri('sha512', b'other')}", "INTEGRITY_FORMAT"),
        (f"{sri('sha512')} {sri('sha512')}", "INTEGRITY_FORMAT"),
        ("sha512", "INTEGRITY_FORMAT"),
        ("sha512-", "INTEGRITY_FORMAT"),
        ("sha512-AAAA", "INTEGRITY_FORMAT"),
        (sri("sha512")[:-2], "INTEGRITY_FORMAT"),
        (sri("sha512")[:-3] + "h==", "INTEGRITY_FORMAT"),
        (sri("sha512").replace("/", "_").replace("+", "-") + "!", "INTEGRITY_FORMAT"),
        (sri("sha512") + "\N{CYRILLIC SMALL LETTER A}", "INTEGRITY_FORMAT"),
        ("sha512-" + "A" * MAX_SRI, "INTEGRITY_FORMAT"),
        (sri("sha512") + "?opt", "INTEGRITY_FORMAT"),
        (f"{sri('md5')}\x1c{sri('sha512')}", "INTEGRITY_WEAK"),
        (f"{sri('sha512')} sha256", "INTEGRITY_FORMAT"),
        (sri("sha512").replace("sha512", "SHA512"), "INTEGRITY_WEAK"),
    ],
)
def test_an_ambiguous_or_weak_integrity_is_refused(text, code):
    with pytest.raises(MalformedError) as caught:
        Digest.from_sri(text, what="left-pad@1.0.0")
    assert caught.value.code == code
    assert "left-pad@1.0.0" in caught.value.message


def test_unused_bits_of_base64_must_be_zero():
    good = sri("sha512")
    assert good.endswith("==")
    bent = good[:-3] + chr(ord(good[-3]) + 1) + "=="
    assert base64.b64decode(bent[7:]) == base64.b64decode(good[7:]), "the same bytes in another spelling"
    with pytest.raises(MalformedError):
        Digest.from_sri(bent, what="x")


@pytest.mark.parametrize(("algorithm", "size"), [("sha1", 20), ("md5", 16), ("sha512", 32), ("sha256", 0)])
def test_a_digest_has_an_accepted_algorithm_and_its_length(algorithm, size):
    with pytest.raises(MalformedError):
        Digest(algorithm=algorithm, value=b"\0" * size)


def test_white_space_and_length_up_to_the_limit_are_read():
    padded = sri("sha512").ljust(1_024)
    assert Digest.from_sri(padded, what="x") == Digest.from_sri(f"\n{sri('sha512')}\t", what="x")
    with pytest.raises(MalformedError):
        Digest.from_sri(padded + " ", what="x")


def test_what_is_no_digest_says_so():
    with pytest.raises(MalformedError) as caught:
        Digest(algorithm="sha512", value=b"")
    assert caught.value.code == "DIGEST_FORMAT"
    with pytest.raises(AttributeError):
        Digest.of(DATA).value = b""
