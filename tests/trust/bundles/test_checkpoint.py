"""Checkpoints: whose they are, which tree they are about, who signed them, and their one form."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenly.trust.bundles import checkpoint
from provenly.trust.errors import Error, MalformedError
from provenly.trust.keys import accept
from tests.trust.bundles.log_maker import V1, V2, LogMaker, proof_of, root_of, sha256

LEAVES = [b"a", b"b", b"c"]
ROOT = root_of(LEAVES)
WITNESS = "\u2014 witness.example/w1 sE1vjwAAAABopPLqcjWVAVGAl48d2w==\n"
BOTH = pytest.mark.parametrize("maker", [V1, V2], ids=["v1", "v2"])


def verify(maker, text):
    checkpoint.verify(proof_of(1, LEAVES, text), maker.log(), tiled=maker.tiled)


def refused(maker, text):
    with pytest.raises(Error) as caught:
        verify(maker, text)
    return caught.value.code


@BOTH
def test_a_log_signs_its_tree(maker):
    verify(maker, maker.checkpoint(3, ROOT))


@BOTH
def test_further_lines_of_text_are_signed_too(maker):
    text = maker.checkpoint(3, ROOT, more=("Timestamp: 1689177396617352539",))
    verify(maker, text)
    assert refused(maker, text.replace("539\n", "538\n")) == "CHECKPOINT_SIGNATURE"


@BOTH
def test_witnesses_may_sign_before_and_after(maker):
    text = maker.text(3, ROOT)
    verify(maker, f"{text}\n{WITNESS}{maker.line(text)}")
    verify(maker, f"{text}\n{maker.line(text)}{WITNESS}{WITNESS}")


@BOTH
def test_a_second_key_of_the_same_name_may_sign(maker):
    text = maker.text(3, ROOT)
    verify(maker, f"{text}\n{maker.line(text, hint=b'hint')}{maker.line(text)}")


@BOTH
def test_two_lines_of_one_key_are_refused(maker):
    text = maker.text(3, ROOT)
    assert refused(maker, f"{text}\n{maker.line(text)}{maker.line(text)}") == "CHECKPOINT_UNSIGNED"


@BOTH
def test_it_is_about_the_tree_of_the_proof(maker):
    assert refused(maker, maker.checkpoint(4, ROOT)) == "CHECKPOINT_TREE_SIZE"
    assert refused(maker, maker.checkpoint(3, sha256(b"older"))) == "CHECKPOINT_ROOT"


@BOTH
def test_it_is_from_this_log(maker):
    # The key signed all of these: one key may sign for several logs.
    name = maker.name
    for origin in (f"{name}x", f"x{name}", name.upper(), "other.example", f"{name} - 01", f"{name} - ", f"{name} -1"):
        assert refused(maker, maker.checkpoint(3, ROOT, origin=origin)) == "CHECKPOINT_ORIGIN"


def test_rekor_v1_names_its_tree_and_v2_does_not():
    assert refused(V1, V1.checkpoint(3, ROOT, origin=V1.name)) == "CHECKPOINT_ORIGIN"
    assert refused(V2, V2.checkpoint(3, ROOT, origin=f"{V2.name} - 1")) == "CHECKPOINT_ORIGIN"


@BOTH
def test_the_name_beside_the_signature_is_the_logs(maker):
    text = maker.text(3, ROOT)
    for name in ("other.example", f"{maker.name}/", maker.name.upper()):
        assert refused(maker, f"{text}\n{maker.line(text, name=name)}") == "CHECKPOINT_UNSIGNED"


@BOTH
def test_the_hint_is_that_of_the_logs_key(maker):
    text = maker.text(3, ROOT)
    assert refused(maker, f"{text}\n{maker.line(text, hint=b'hint')}") == "CHECKPOINT_UNSIGNED"


@BOTH
def test_only_witnesses_are_not_enough(maker):
    assert refused(maker, f"{maker.text(3, ROOT)}\n{WITNESS}") == "CHECKPOINT_UNSIGNED"


@BOTH
def test_another_key_that_claims_name_and_hint_is_refused(maker):
    other = replace(maker, private=ed25519.Ed25519PrivateKey.generate() if maker.tiled else _p256())
    text = maker.text(3, ROOT)
    assert refused(maker, f"{text}\n{other.line(text, hint=maker.log_id[:4])}") == "CHECKPOINT_SIGNATURE"


def _p256():
    return ec.generate_private_key(ec.SECP256R1())


def test_a_checkpoint_of_another_log_is_refused():
    other = LogMaker(private=_p256(), url="https://other.example")
    assert refused(V1, other.checkpoint(3, ROOT)) == "CHECKPOINT_ORIGIN"


TEXT = V1.text(3, ROOT)
LINE = V1.line(TEXT)
SPACE = "re\u00a0kor"
MORE = "x\n" * 17
ROOT64 = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "CHECKPOINT_FORMAT"),
        ("\n", "CHECKPOINT_FORMAT"),
        ("\n\n\n", "CHECKPOINT_FORMAT"),
        (TEXT, "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n", "CHECKPOINT_FORMAT"),
        (f"{TEXT}{LINE}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}".rstrip("\n"), "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}\n", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}junk", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}junk\n", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\njunk\n{LINE}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}\n{LINE}", "CHECKPOINT_FORMAT"),
        (f"\n{TEXT}\n{LINE}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}".replace("\n", "\r\n"), "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}".replace("rekor", "re\tkor"), "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}".replace("rekor", "re\x00kor"), "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE}".replace("rekor", "re\ud800kor"), "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE.replace(chr(0x2014), '-')}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE.replace(' ', '  ', 1)}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE.replace('rekor', 're+kor')}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{LINE.replace('rekor', SPACE)}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n\u2014 {V1.name} aGludA==\n", "CHECKPOINT_FORMAT"),  # a hint and no signature
        (f"{TEXT}\n\u2014 {V1.name} \n", "B64_EMPTY"),
        (f"{TEXT}\n\u2014 {V1.name}\n", "B64_EMPTY"),
        (f"{TEXT}\n{LINE.rstrip()} \n", "B64_NOT_CANONICAL"),
        (f"{TEXT}\n\u2014 w AAAAAAB=\n{LINE}", "B64_NOT_CANONICAL"),
        (f"{TEXT}\n\u2014 w {base64.b64encode(bytes(8200)).decode()}\n", "B64_SIZE"),
        (f"{TEXT}\n{WITNESS * 64}{LINE}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}{MORE}\n{LINE}", "CHECKPOINT_FORMAT"),
        (f"{V1.origin}\n3\n\n{LINE}", "CHECKPOINT_FORMAT"),
        (f"{V1.origin}\n03\n{ROOT64}\n\n{LINE}", "INT_NOT_CANONICAL"),
        (f"{V1.origin}\n+3\n{ROOT64}\n\n{LINE}", "INT_NOT_CANONICAL"),
        (f"{V1.origin}\n-3\n{ROOT64}\n\n{LINE}", "INT_NOT_CANONICAL"),
        (f"{V1.origin}\n 3\n{ROOT64}\n\n{LINE}", "INT_NOT_CANONICAL"),
        (f"{V1.origin}\n\u0663\n{ROOT64}\n\n{LINE}", "INT_NOT_CANONICAL"),
        (f"{V1.origin}\n9223372036854775808\n{ROOT64}\n\n{LINE}", "INT_NOT_CANONICAL"),
        (f"{V1.origin}\n{'9' * 400}\n{ROOT64}\n\n{LINE}", "INT_NOT_CANONICAL"),
        (f"{V1.origin}\n3\n{ROOT64.rstrip('=')}\n\n{LINE}", "B64_NOT_CANONICAL"),
        (f"{V1.origin}\n3\n{ROOT64} \n\n{LINE}", "B64_SIZE"),
        (f"{V1.origin}\n3\nAAAA\n\n{LINE}", "CHECKPOINT_FORMAT"),
        (f"{'o' * 513}\n3\n{ROOT64}\n\n{LINE}", "CHECKPOINT_FORMAT"),
        (f"{TEXT}\n{WITNESS * 400}{LINE}", "CHECKPOINT_SIZE"),
    ],
)  # fmt: skip
def test_it_has_one_form(text, code):
    with pytest.raises(MalformedError) as caught:
        checkpoint.parse(text)
    assert caught.value.code == code


def test_the_name_of_a_log_is_its_address_without_the_scheme():
    def name(url, *, tiled):
        return checkpoint.log_name(replace(V1, url=url).log(), tiled=tiled)

    assert name("https://rekor.example/", tiled=True) == "rekor.example"
    assert name("http://localhost:8000", tiled=False) == "localhost:8000"
    assert name("rekor.example", tiled=True) == "rekor.example"
    assert name("https://example/log/2026", tiled=True) == "example/log/2026"
    assert name("https://example/rekor", tiled=False) == "example"


def test_the_hint_of_a_key_follows_the_specification():
    edwards = ed25519.Ed25519PrivateKey.generate().public_key()
    raw = edwards.public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = accept(edwards, what="a key")
    assert checkpoint.key_hint(key, "n", tiled=True) == sha256(b"n\n\x01" + raw)[:4]
    assert checkpoint.key_hint(key, "n", tiled=False) == sha256(key.spki)[:4]
    curve = accept(_p256().public_key(), what="a key")
    assert checkpoint.key_hint(curve, "n", tiled=True) == sha256(curve.spki)[:4]
    long = accept(rsa.generate_private_key(65537, 3072).public_key(), what="a key")
    assert checkpoint.key_hint(long, "n", tiled=True) == sha256(b"n\n\xffPKIX-RSA-PKCS#1v1.5" + long.spki)[:4]


def test_a_log_of_rekor_v2_may_have_an_ecdsa_key():
    maker = replace(V2, private=_p256())
    verify(maker, maker.checkpoint(3, ROOT))
