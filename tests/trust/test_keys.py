"""Keys: which kinds are accepted, in which spellings, and what they sign (threats K04, K05, K07)."""

import base64
import contextlib
import json
from functools import cache

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils, x25519
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from provenly.trust import keys
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.keys import Scheme
from tests.cases import CASES, needs_cases
from tests.simulator.sigstore import der

DATA = b"name@1.0.0:sha512-..."
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@cache
def private(scheme):
    match scheme:
        case Scheme.ECDSA_P256:
            return ec.generate_private_key(ec.SECP256R1())
        case Scheme.ECDSA_P384:
            return ec.generate_private_key(ec.SECP384R1())
        case Scheme.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case Scheme.RSA:
            return rsa.generate_private_key(65537, 3072)


def public(scheme):
    return keys.accept(private(scheme).public_key(), what="a key")


def signed(scheme, data=DATA):
    key = private(scheme)
    match scheme:
        case Scheme.ECDSA_P256:
            return key.sign(data, ec.ECDSA(SHA256()))
        case Scheme.ECDSA_P384:
            return key.sign(data, ec.ECDSA(SHA384()))
        case Scheme.ED25519:
            return key.sign(data)
        case Scheme.RSA:
            return key.sign(data, padding.PKCS1v15(), SHA256())


def spki(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem(key):
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def malformed(code, call):
    with pytest.raises(MalformedError) as caught:
        call()
    assert caught.value.code == code
    return caught.value


def rejected(key, signature, data=DATA, code="SIGNATURE_INVALID"):
    with pytest.raises(RejectedError) as caught:
        key.verify(signature, data, what="the signature")
    assert caught.value.code == code
    return caught.value


# ------------------------------------------------------------------------------------------------ kinds


@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_key_of_every_accepted_kind_verifies_what_it_signed_and_nothing_else(scheme):
    key = keys.from_spki(spki(private(scheme).public_key()), what="a key")
    assert (key.scheme, key) == (scheme, public(scheme))
    key.verify(signed(scheme), DATA, what="the signature")
    error = rejected(key, signed(scheme), DATA + b" ")
    assert str(key.digest) in error.expected
    assert error.actual
    assert error.hint
    rejected(key, b"")
    for other in set(Scheme) - {scheme}:
        rejected(key, signed(other))


def rsa_numbers(bits, exponent=65537):
    return rsa.RSAPublicNumbers(exponent, (1 << bits) - 159).public_key()


def weak():
    yield "P-192", ec.generate_private_key(ec.SECP192R1()).public_key()
    yield "P-224", ec.generate_private_key(ec.SECP224R1()).public_key()
    yield "P-521", ec.generate_private_key(ec.SECP521R1()).public_key()
    yield "secp256k1", ec.generate_private_key(ec.SECP256K1()).public_key()
    yield "brainpool", ec.generate_private_key(ec.BrainpoolP256R1()).public_key()
    yield "RSA of 1,024 bits", rsa_numbers(1_024)
    yield "RSA of 3,071 bits", rsa_numbers(3_071)
    yield "RSA of 8,193 bits", rsa_numbers(8_193)
    yield "RSA with exponent 3", rsa_numbers(3_072, 3)
    yield "RSA with exponent 65,535", rsa_numbers(3_072, 65_535)
    yield "DSA", dsa.generate_private_key(2_048).public_key()
    yield "Ed448", ed448.Ed448PrivateKey.generate().public_key()
    yield "X25519", x25519.X25519PrivateKey.generate().public_key()


@pytest.mark.parametrize(("kind", "key"), tuple(weak()))
def test_other_kinds_are_refused_in_every_spelling(kind, key):
    assert kind
    malformed("KEY_ALGORITHM", lambda: keys.accept(key, what="a key"))
    malformed("KEY_ALGORITHM", lambda: keys.from_spki(spki(key), what="a key"))
    malformed("KEY_ALGORITHM", lambda: keys.from_pem(pem(key), what="a key"))


def test_rsa_at_the_limits_is_accepted():
    for bits in (keys.MIN_RSA_BITS, keys.MAX_RSA_BITS):
        assert keys.accept(rsa_numbers(bits), what="a key").scheme is Scheme.RSA


def test_what_is_no_key_of_the_library_is_no_key():
    for thing in (None, b"", private(Scheme.ED25519)):
        malformed("KEY_ALGORITHM", lambda thing=thing: keys.accept(thing, what="a key"))


# ------------------------------------------------------------------------------------------------ spellings


def test_der_is_one_key_and_nothing_else():
    good = spki(private(Scheme.ECDSA_P256).public_key())
    half = private(Scheme.ECDSA_P256).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for data in (b"", b"\x30", good[:-1], good + b"\x00", good[1:], b"\x00" * 91, half, b"\x30\x80" + good[2:]):
        malformed("KEY_FORMAT", lambda data=data: keys.from_spki(data, what="a key"))
    malformed("KEY_FORMAT", lambda: keys.from_spki(good + b"\x00" * keys.MAX_KEY, what="a key"))
    with pytest.raises(MalformedError, match="more than 4,096"):  # before it is parsed
        keys.from_spki(b"\x30" * (keys.MAX_KEY + 1), what="a key")
    with pytest.raises(MalformedError, match="not a public key"):
        keys.from_spki(b"\x30" * keys.MAX_KEY, what="a key")


def test_a_point_that_is_not_on_the_curve_is_no_key():
    good = bytearray(spki(private(Scheme.ECDSA_P256).public_key()))
    good[-1] ^= 1
    malformed("KEY_FORMAT", lambda: keys.from_spki(bytes(good), what="a key"))


def test_an_unknown_algorithm_is_refused():
    odd = der.sequence(der.sequence(der.oid("1.2.3.4")), der.bits(b"x"))
    malformed("KEY_ALGORITHM", lambda: keys.from_spki(odd, what="a key"))


def test_one_key_has_one_spelling():
    key = private(Scheme.ECDSA_P256).public_key()
    head = spki(key)[:-65]
    point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    short = der.sequence(head[2:-3], der.bits(point))
    assert short != spki(key)
    read = keys.from_spki(short, what="a key")
    assert (read, read.spki, read.digest) == (public(Scheme.ECDSA_P256), spki(key), Digest.of(spki(key)))
    assert read != public(Scheme.ECDSA_P384)
    assert "loaded" not in repr(read)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_pem_is_read_with_both_line_ends(scheme):
    text = pem(private(scheme).public_key())
    for data in (text, text.replace(b"\n", b"\r\n"), text.rstrip(b"\n")):
        assert keys.from_pem(data, what="a key") == public(scheme)


def test_pem_is_one_block_and_nothing_else():
    text = pem(private(Scheme.ECDSA_P256).public_key())
    lines = text.split(b"\n")
    broken = (
        b"",
        b"\xef\xbb\xbf" + text,
        text + text,
        text + b"trailing",
        text + b"\n",
        b"Key:\n" + text,
        text.replace(b"PUBLIC KEY", b"CERTIFICATE"),
        text.replace(b"PUBLIC KEY", b"EC PUBLIC KEY"),
        text.replace(b"END PUBLIC", b"END OTHER"),
        text.replace(b"-----BEGIN", b"----BEGIN"),
        b"\n".join([lines[0], b"Proc-Type: 4,ENCRYPTED", b"", *lines[1:]]),
        b"\n".join([lines[0], b" " + lines[1], *lines[2:]]),
        b"".join(lines),
        text.replace(b"\n", b"\r"),
        text.replace(b"PUBLIC KEY", b"\xd0\xa0UBLIC KEY"),
    )
    for data in broken:
        malformed("KEY_PEM", lambda data=data: keys.from_pem(data, what="a key"))
    inside = text.replace(lines[2], lines[2].rstrip(b"=") + b"=A")
    malformed("B64_NOT_CANONICAL", lambda: keys.from_pem(inside, what="a key"))
    # Many lines take no more time than they are long.
    malformed("KEY_PEM", lambda: keys.from_pem(lines[0] + b"\n" + b"A\n" * 100_000, what="a key"))


def test_a_private_key_is_refused_and_never_shown():
    key = private(Scheme.ECDSA_P256)
    plain, secret = NoEncryption(), BestAvailableEncryption(b"password")
    forms = [(PrivateFormat.PKCS8, plain), (PrivateFormat.TraditionalOpenSSL, plain), (PrivateFormat.OpenSSH, plain)]
    forms += [(PrivateFormat.PKCS8, secret), (PrivateFormat.TraditionalOpenSSL, secret)]
    for form, protection in forms:
        text = key.private_bytes(Encoding.PEM, form, protection)
        error = malformed("KEY_IS_PRIVATE", lambda text=text: keys.from_pem(text, what="a key"))
        shown = f"{error} {error.hint}"
        assert not any(line in shown for line in filter(None, text.decode().splitlines()[1:-1]))
    both = pem(key.public_key()) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    malformed("KEY_IS_PRIVATE", lambda: keys.from_pem(both, what="a key"))


# ------------------------------------------------------------------------------------------------ fingerprints


@needs_cases
def test_npms_keys_are_named_by_their_fingerprints():
    listed = json.loads((CASES / "trust" / "npm-keys.api.json").read_bytes())["keys"]
    assert len(listed) == 2
    for one in listed:
        assert keys.from_spki(base64.b64decode(one["key"]), what="a key").fingerprint == one["keyid"]


def test_only_keys_on_p256_have_the_fingerprint_of_a_registry():
    assert public(Scheme.ECDSA_P256).fingerprint.startswith("SHA256:")
    assert len(public(Scheme.ECDSA_P256).fingerprint) == len("SHA256:") + 43
    for scheme in set(Scheme) - {Scheme.ECDSA_P256}:
        malformed("KEY_ALGORITHM", lambda scheme=scheme: public(scheme).fingerprint)


# ------------------------------------------------------------------------------------------------ signatures


def integer(value):
    """Return a DER INTEGER, negative ones too."""
    return b"\x02" + bytes([(size := value.bit_length() // 8 + 1)]) + value.to_bytes(size, "big", signed=True)


def test_the_mirrored_signature_is_one_too_and_so_no_name_for_anything():
    # (r, n - s) verifies wherever (r, s) does (SEC 1, 4.1.4): nothing here may know a signature by its bytes.
    r, s = utils.decode_dss_signature(signed(Scheme.ECDSA_P256))
    mirrored = utils.encode_dss_signature(r, P256_ORDER - s)
    assert mirrored != signed(Scheme.ECDSA_P256)
    public(Scheme.ECDSA_P256).verify(mirrored, DATA, what="the signature")


R, S = utils.decode_dss_signature(signed(Scheme.ECDSA_P256))
BOTH = integer(R) + integer(S)


@pytest.mark.parametrize(
    ("why", "signature"),
    [
        ("r = 0", der.sequence(integer(0), integer(S))),
        ("s = 0", der.sequence(integer(R), integer(0))),
        ("both 0", der.sequence(integer(0), integer(0))),
        ("r = 1, s = 1", der.sequence(integer(1), integer(1))),
        ("r = n", der.sequence(integer(P256_ORDER), integer(S))),
        ("s = n", der.sequence(integer(R), integer(P256_ORDER))),
        ("r + n", der.sequence(integer(R + P256_ORDER), integer(S))),
        ("s + n", der.sequence(integer(R), integer(S + P256_ORDER))),
        ("-r", der.sequence(integer(-R), integer(S))),
        ("r - n", der.sequence(integer(R - P256_ORDER), integer(S))),
        ("-s", der.sequence(integer(R), integer(-S))),
        ("swapped", der.sequence(integer(S), integer(R))),
        ("a zero before r", der.sequence(b"\x02" + bytes([integer(R)[1] + 1]) + b"\x00" + integer(R)[2:], integer(S))),
        ("long length", b"\x30\x81" + der.sequence(BOTH)[1:]),
        ("longer length", b"\x30\x82\x00" + der.sequence(BOTH)[1:]),
        ("indefinite length", b"\x30\x80" + BOTH + b"\x00\x00"),
        ("bytes after it", der.sequence(BOTH) + b"\x00"),
        ("bytes inside after s", der.sequence(BOTH, b"\x00")),
        ("a third number", der.sequence(BOTH, integer(1))),
        ("one number", der.sequence(integer(R))),
        ("no number", der.sequence()),
        ("SET", b"\x31" + der.sequence(BOTH)[1:]),
        ("OCTET STRINGs", der.sequence(der.octets(integer(R)[2:]), der.octets(integer(S)[2:]))),
        ("cut off", der.sequence(BOTH)[:-1]),
        ("as P1363", R.to_bytes(32, "big") + S.to_bytes(32, "big")),
        ("as P1363 with zeros", b"\x00" + R.to_bytes(32, "big") + S.to_bytes(33, "big")),
        ("empty", b""),
        ("a kilobyte", b"\x30" * 1_024),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # the bytes are others in each process
)
def test_every_other_spelling_of_an_ecdsa_signature_is_none(why, signature):
    """The classes of Wycheproof's ecdsa_secp256r1_sha256 vectors, from a genuine signature."""
    assert why
    genuine = der.sequence(BOTH)
    public(Scheme.ECDSA_P256).verify(genuine, DATA, what="the signature")
    rejected(public(Scheme.ECDSA_P256), signature)
    with pytest.raises(RejectedError):
        public(Scheme.ECDSA_P256).verify_digest(signature, Digest.of(DATA), what="the signature")


def test_the_hash_comes_from_the_key_and_not_from_the_signature():
    others = {Scheme.ECDSA_P256: (SHA512(), SHA1()), Scheme.ECDSA_P384: (SHA256(), SHA512())}  # noqa: S303 - refused
    for scheme, wrong in ((scheme, wrong) for scheme, listed in others.items() for wrong in listed):
        rejected(public(scheme), private(scheme).sign(DATA, ec.ECDSA(wrong)))
    for pad, wrong in ((padding.PKCS1v15(), SHA512()), (padding.PSS(padding.MGF1(SHA256()), 32), SHA256())):
        rejected(public(Scheme.RSA), private(Scheme.RSA).sign(DATA, pad, wrong))


def test_the_code_of_a_refusal_is_the_callers():
    with pytest.raises(RejectedError) as caught:
        public(Scheme.ED25519).verify(b"", DATA, what="the checkpoint", code="LOG_CHECKPOINT")
    assert caught.value.code == "LOG_CHECKPOINT"
    assert caught.value.message.startswith("the checkpoint ")


# ------------------------------------------------------------------------------------------------ digests

DIGEST_OF = {Scheme.ECDSA_P256: "sha256", Scheme.ECDSA_P384: "sha384", Scheme.RSA: "sha256"}


@pytest.mark.parametrize("scheme", list(DIGEST_OF))
def test_a_digest_of_the_keys_own_hash_stands_for_the_data(scheme):
    digest = Digest.of(DATA, DIGEST_OF[scheme])
    public(scheme).verify_digest(signed(scheme), digest, what="the signature")
    other = Digest.of(b"other", DIGEST_OF[scheme])
    with pytest.raises(RejectedError) as caught:
        public(scheme).verify_digest(signed(scheme), other, what="the signature", code="X")
    assert caught.value.code == "X"


def test_digests_of_other_hashes_and_keys_without_digests_need_the_data():
    for scheme in Scheme:
        for algorithm in {"sha256", "sha384", "sha512"} - {DIGEST_OF.get(scheme)}:
            digest = Digest.of(DATA, algorithm)
            malformed(
                "KEY_DIGEST",
                lambda scheme=scheme, digest=digest: public(scheme).verify_digest(
                    signed(scheme), digest, what="the signature"
                ),
            )


SMALL_ORDER = (
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
)


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_whose_signatures_are_good_for_other_messages_is_refused(point, sign):
    raw = bytearray.fromhex(point)
    raw[31] |= sign
    signature = b"\x01" + bytes(63)  # the neutral point and zero: nobody needs a secret for that
    weak = ed25519.Ed25519PublicKey.from_public_bytes(bytes(raw))
    verified = 0
    for number in range(200):
        with contextlib.suppress(InvalidSignature):
            weak.verify(signature, b"message %d" % number)
            verified += 1
    # OpenSSL refuses some of the spellings when it verifies; none of them has to come that far.
    assert verified or point[:2] in {"ed", "ee"} or sign
    with pytest.raises(MalformedError) as caught:
        keys.accept(weak, what="the key")
    assert caught.value.code == "KEY_ALGORITHM"
