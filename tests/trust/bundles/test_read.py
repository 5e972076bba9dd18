import base64
import json
import warnings

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from provenly.trust.bundles import media_type
from provenly.trust.bundles.model import Envelope, MessageSignature
from provenly.trust.bundles.read import (
    MAX_BUNDLE,
    MAX_PAYLOAD,
    MAX_SIGNATURE,
    MAX_TIMESTAMP,
    MAX_TIMESTAMPS,
    MAX_VALUES,
    read,
)
from provenly.trust.bundles.read_certificate import MAX_CERTIFICATE
from provenly.trust.bundles.read_entry import MAX_CHECKPOINT, MAX_HASHES
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, UnavailableError
from tests.cases import CASES, needs_cases
from tests.trust.bundles import real
from tests.trust.bundles.real import GENUINE, entry, parsed

pytestmark = needs_cases

V3 = "happy-path-v0.3-new-mediaType"
DSSE = "happy-path-intoto-in-dsse-v3"
KEYED = "managed-key-happy-path"
TILED = "rekor2-timestamp-with-embedded-cert"


def material(bundle):
    return bundle["verificationMaterial"]


def proof(bundle):
    return entry(bundle)["inclusionProof"]


def stamps(bundle):
    return material(bundle)["timestampVerificationData"]["rfc3161Timestamps"]


def zeros(count):
    return base64.b64encode(bytes(count)).decode()


def move_certificate(bundle):
    """Turn the single certificate into a chain of one."""
    single = material(bundle).pop("certificate")
    material(bundle)["x509CertificateChain"] = {"certificates": [single]}


def test_every_genuine_bundle_is_read():
    read_ = [
        parsed(real.suite(path.name)) for path in real.SUITE.iterdir() if path.is_dir() and "_fail" not in path.name
    ]
    read_ += [parsed(real.npm(name, index)) for name in GENUINE for index in (0, 1)]
    read_ += [parsed(json.loads(path.read_bytes())) for path in (CASES / "other").iterdir()]
    assert len(read_) == 21 + 16 + 7
    assert {bundle.version for bundle in read_} == {"0.1", "0.2", "0.3"}
    assert {bundle.media_type for bundle in read_} == set(media_type.KNOWN)


def test_what_a_message_signature_says():
    bundle = parsed(real.suite("happy-path-v0.3"))
    assert isinstance(bundle.content, MessageSignature)
    assert str(bundle.content.digest) == "sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf"
    assert bundle.version == "0.3"
    assert bundle.certificate is not None
    assert bundle.chain == ()
    assert bundle.entries[0].kind == "hashedrekord"
    assert bundle.entries[0].proof is not None
    assert bundle.entries[0].proof.checkpoint.startswith("rekor.sigstore.dev - ")


def test_what_a_keyed_envelope_says():
    bundle = parsed(real.npm("mcp-server-filesystem-2026.7.10", 0))
    assert isinstance(bundle.content, Envelope)
    assert bundle.certificate is None
    assert bundle.key_hint == bundle.content.keyid == "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U"
    assert bundle.content.payload_type == "application/vnd.in-toto+json"
    assert json.loads(bundle.content.payload)["subject"]


def test_the_root_at_the_end_of_a_chain_of_2023_is_not_the_signer():
    bundle = parsed(real.npm("sigstore-0.4.0", 0))
    assert len(bundle.chain) == 2
    raw = real.npm("sigstore-0.4.0", 0)["verificationMaterial"]["x509CertificateChain"]["certificates"][0]["rawBytes"]
    assert base64.b64encode(bundle.certificate.public_bytes(Encoding.DER)).decode() == raw


def test_null_is_as_if_absent():
    plain, nulls = real.suite(V3), real.suite(V3)
    nulls["dsseEnvelope"] = None
    material(nulls)["publicKey"] = material(nulls)["timestampVerificationData"] = None
    assert parsed(nulls) == parsed(plain)


def test_zero_may_be_left_out_and_numbers_need_no_quotes():
    plain, changed = real.suite(TILED), real.suite(TILED)
    entry(plain)["integratedTime"] = "0"
    entry(changed).pop("integratedTime", None)
    entry(changed)["logIndex"] = int(entry(changed)["logIndex"])
    assert parsed(changed) == parsed(plain)
    assert parsed(changed).entries[0].integrated == 0
    for holder, name in ((entry(changed), "logIndex"), (proof(changed), "logIndex"), (proof(changed), "treeSize")):
        holder.pop(name)
    (bare,) = parsed(changed).entries
    assert (bare.index, bare.proof.index, bare.proof.size) == (0, 0, 0)


def test_absent_lists_are_empty():
    bundle = real.other("github-private-no-tlog")
    material(bundle)["timestampVerificationData"] = {}
    assert parsed(bundle).entries == parsed(bundle).timestamps == ()
    one = real.suite("intoto-with-custom-trust-root")
    one["verificationMaterial"]["tlogEntries"][0]["inclusionProof"].pop("hashes")
    assert parsed(one).entries[0].proof.hashes == ()


def set_media_type(value):
    return lambda bundle: bundle.update(mediaType=value)


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        # the media type
        (V3, lambda b: b.pop("mediaType"), "BUNDLE_MEDIA_TYPE"),
        (V3, set_media_type(3), "BUNDLE_MEDIA_TYPE"),
        (V3, set_media_type("application/json"), "BUNDLE_MEDIA_TYPE"),
        (V3, set_media_type("application/vnd.dev.sigstore.bundle.v0.3+json; charset=utf-8"), "BUNDLE_MEDIA_TYPE"),
        (V3, set_media_type("application/vnd.dev.sigstore.bundle.v0.3+json\n"), "BUNDLE_MEDIA_TYPE"),
        (V3, set_media_type("Application/vnd.dev.sigstore.bundle.v0.3+json"), "BUNDLE_MEDIA_TYPE"),
        (V3, set_media_type("application/vnd.dev.sigstore.bundle.v" + "9" * 200 + ".0+json"), "BUNDLE_MEDIA_TYPE"),
        # the shape
        (V3, lambda b: b.update(more=1), "BUNDLE_FORMAT"),
        (V3, lambda b: b.update(media_type="x"), "BUNDLE_FORMAT"),
        (V3, lambda b: b.pop("verificationMaterial"), "BUNDLE_FORMAT"),
        (V3, lambda b: material(b).update(more=1), "BUNDLE_FORMAT"),
        (V3, lambda b: entry(b).update(more=1), "BUNDLE_FORMAT"),
        (V3, lambda b: proof(b).update(more=1), "BUNDLE_FORMAT"),
        (V3, lambda b: proof(b)["checkpoint"].update(more=1), "BUNDLE_FORMAT"),
        (DSSE, lambda b: b["dsseEnvelope"].update(more=1), "BUNDLE_FORMAT"),
        (DSSE, lambda b: b["dsseEnvelope"]["signatures"][0].update(cert="x"), "BUNDLE_FORMAT"),
        # the key material
        (V3, lambda b: material(b).pop("certificate"), "BUNDLE_MATERIAL"),
        (V3, lambda b: material(b).update(publicKey={"hint": "x"}), "BUNDLE_MATERIAL"),
        (V3, move_certificate, "BUNDLE_MATERIAL"),
        (V3, set_media_type("application/vnd.dev.sigstore.bundle+json;version=0.1"), "BUNDLE_MATERIAL"),
        (V3, set_media_type("application/vnd.dev.sigstore.bundle+json;version=0.2"), "BUNDLE_MATERIAL"),
        (KEYED, lambda b: material(b)["publicKey"].update(hint="x" * 1_025), "BUNDLE_FORMAT"),
        (KEYED, lambda b: material(b)["publicKey"].update(rawBytes="AAAA"), "BUNDLE_FORMAT"),
        # certificates
        (V3, lambda b: material(b)["certificate"].update(rawBytes=zeros(100)), "BUNDLE_CERTIFICATE"),
        (V3, lambda b: material(b)["certificate"].update(rawBytes=zeros(MAX_CERTIFICATE + 3)), "B64_SIZE"),
        (V3, lambda b: material(b)["certificate"].pop("rawBytes"), "B64_NOT_CANONICAL"),
        # the log entry
        (V3, lambda b: material(b)["tlogEntries"].append(entry(b)), "BUNDLE_ENTRIES"),
        (V3, lambda b: material(b).update(tlogEntries={}), "BUNDLE_ENTRIES"),
        (V3, lambda b: entry(b).pop("logId"), "BUNDLE_FORMAT"),
        (V3, lambda b: entry(b)["logId"].update(keyId=zeros(67)), "B64_SIZE"),
        (V3, lambda b: entry(b).pop("kindVersion"), "BUNDLE_FORMAT"),
        (V3, lambda b: entry(b)["kindVersion"].update(kind=""), "BUNDLE_FORMAT"),
        (V3, lambda b: entry(b)["kindVersion"].update(version="0" * 65), "BUNDLE_FORMAT"),
        (V3, lambda b: entry(b).pop("canonicalizedBody"), "B64_NOT_CANONICAL"),
        (V3, lambda b: entry(b).update(canonicalizedBody=""), "B64_EMPTY"),
        (V3, lambda b: entry(b)["inclusionPromise"].update(signedEntryTimestamp=zeros(2_051)), "B64_SIZE"),
        (V3, lambda b: proof(b).update(hashes=proof(b)["hashes"][:1] * (MAX_HASHES + 1)), "BUNDLE_FORMAT"),
        (V3, lambda b: proof(b).update(hashes="AAAA"), "BUNDLE_FORMAT"),
        (V3, lambda b: proof(b)["hashes"].append(zeros(31)), "BUNDLE_FORMAT"),
        (V3, lambda b: proof(b).update(rootHash=zeros(33)), "B64_SIZE"),
        (V3, lambda b: proof(b)["checkpoint"].update(envelope="x" * (MAX_CHECKPOINT + 1)), "BUNDLE_FORMAT"),
        # timestamps
        (TILED, lambda b: stamps(b).append(stamps(b)[0]), "BUNDLE_TIMESTAMPS"),
        (TILED, lambda b: stamps(b).extend({"signedTimestamp": zeros(n)} for n in range(1, 9)), "BUNDLE_TIMESTAMPS"),
        (TILED, lambda b: stamps(b)[0].update(signedTimestamp=zeros(MAX_TIMESTAMP + 3)), "B64_SIZE"),
        # the content
        (V3, lambda b: b.pop("messageSignature"), "BUNDLE_CONTENT"),
        (V3, lambda b: b.update(dsseEnvelope=real.suite(DSSE)["dsseEnvelope"]), "BUNDLE_CONTENT"),
        (V3, lambda b: b["messageSignature"].pop("messageDigest"), "BUNDLE_FORMAT"),
        (V3, lambda b: b["messageSignature"]["messageDigest"].update(algorithm="SHA1"), "BUNDLE_DIGEST"),
        (V3, lambda b: b["messageSignature"]["messageDigest"].update(algorithm=1), "BUNDLE_DIGEST"),
        (V3, lambda b: b["messageSignature"]["messageDigest"].update(algorithm="SHA2_512"), "DIGEST_FORMAT"),
        (V3, lambda b: b["messageSignature"].update(signature=""), "B64_EMPTY"),
        (V3, lambda b: b["messageSignature"].update(signature=zeros(MAX_SIGNATURE + 3)), "B64_SIZE"),
        (DSSE, lambda b: b["dsseEnvelope"].update(signatures=[]), "BUNDLE_SIGNATURES"),
        (DSSE, lambda b: b["dsseEnvelope"]["signatures"].append({"sig": "AAAA"}), "BUNDLE_SIGNATURES"),
        (
            DSSE,
            lambda b: b["dsseEnvelope"]["signatures"].append(b["dsseEnvelope"]["signatures"][0]),
            "BUNDLE_SIGNATURES",
        ),
        (DSSE, lambda b: b["dsseEnvelope"].pop("signatures"), "BUNDLE_SIGNATURES"),
        (DSSE, lambda b: b["dsseEnvelope"].pop("payloadType"), "BUNDLE_FORMAT"),
        (DSSE, lambda b: b["dsseEnvelope"].update(payloadType="x" * 257), "BUNDLE_FORMAT"),
        (DSSE, lambda b: b["dsseEnvelope"].update(payload=zeros(MAX_PAYLOAD + 1)), "JSON_STRING"),
    ],
)
def test_what_is_not_one_bundle_is_refused(name, change, code):
    bundle = real.suite(name)
    change(bundle)
    with pytest.raises(MalformedError) as caught:
        parsed(bundle)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "value", ["+1", " 1", "1\n", "01", "1.0", "1e3", "-1", "", "9" * 400, str(2**63), 1.0, True, -1]
)
@pytest.mark.parametrize("place", ["logIndex", "integratedTime", "treeSize"])
def test_numbers_have_one_spelling(place, value):
    bundle = real.suite(V3)
    (proof(bundle) if place == "treeSize" else entry(bundle))[place] = value
    with pytest.raises(MalformedError) as caught:
        parsed(bundle)
    assert caught.value.code == "INT_NOT_CANONICAL"


@pytest.mark.parametrize(
    "spoil", [lambda s: " " + s, lambda s: s + "\n", lambda s: s.rstrip("="), lambda s: s + "!!!!"]
)
def test_base64_has_one_spelling(spoil):
    bundle = real.suite(V3)
    assert bundle["messageSignature"]["signature"].endswith("=")
    bundle["messageSignature"]["signature"] = spoil(bundle["messageSignature"]["signature"])
    with pytest.raises(MalformedError) as caught:
        parsed(bundle)
    assert caught.value.code == "B64_NOT_CANONICAL"


@pytest.mark.parametrize("version", ["0.4", "1.0", "99.9"])
@pytest.mark.parametrize(
    "spelling", ["application/vnd.dev.sigstore.bundle+json;version={}", "application/vnd.dev.sigstore.bundle.v{}+json"]
)
def test_of_a_version_that_we_do_not_know_nothing_is_said(spelling, version):
    bundle = real.suite(V3)
    bundle.update(mediaType=spelling.format(version), member="new in that version")
    with pytest.raises(UnavailableError) as caught:
        parsed(bundle)
    assert caught.value.code == "BUNDLE_VERSION"


def test_versions_of_old_have_one_spelling_only():
    for version in ("0.1", "0.2"):
        with pytest.raises(UnavailableError):
            media_type.version(f"application/vnd.dev.sigstore.bundle.v{version}+json", what="x")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda chain: chain.clear(), "BUNDLE_CHAIN"),
        (lambda chain: chain.extend(chain[1:2] * 2), "BUNDLE_CHAIN"),
        (lambda chain: chain.pop(1), "BUNDLE_CHAIN"),
        (lambda chain: chain.insert(1, chain.pop()), "BUNDLE_ROOT"),
        (lambda chain: chain.__delitem__(slice(0, 2)), "BUNDLE_ROOT"),
        (lambda chain: chain.reverse(), "BUNDLE_ROOT"),
    ],
)
def test_a_chain_is_in_order_with_the_signer_first(change, code):
    bundle = real.npm("sigstore-0.4.0", 0)
    chain = material(bundle)["x509CertificateChain"]["certificates"]
    change(chain)
    with pytest.raises(MalformedError) as caught:
        parsed(bundle)
    assert caught.value.code == code


def test_a_root_is_passed_over_in_version_01_only():
    bundle = real.npm("sigstore-0.4.0", 0)
    bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    with pytest.raises(MalformedError) as caught:
        parsed(bundle)
    assert caught.value.code == "BUNDLE_ROOT"


def test_a_certificate_has_no_bytes_after_it():
    bundle = real.suite(V3)
    raw = base64.b64decode(material(bundle)["certificate"]["rawBytes"])
    material(bundle)["certificate"]["rawBytes"] = base64.b64encode(raw + b"\0").decode()
    with pytest.raises(MalformedError) as caught:
        parsed(bundle)
    assert caught.value.code == "BUNDLE_CERTIFICATE"


@pytest.mark.parametrize("first", [0x00, 0x80])
@pytest.mark.parametrize("action", ["default", "ignore", "error"])
def test_a_serial_number_is_positive_whatever_the_users_filter_of_warnings(first, action):
    bundle = real.suite(V3)
    raw = base64.b64decode(material(bundle)["certificate"]["rawBytes"])
    version, length = b"\xa0\x03\x02\x01\x02\x02", 20
    at = raw.index(version) + len(version)
    assert raw[at] == length
    serial = bytes(length) if first == 0 else bytes([first]) + raw[at + 2 : at + 1 + length]
    spoiled = raw[: at + 1] + serial + raw[at + 1 + length :]
    material(bundle)["certificate"]["rawBytes"] = base64.b64encode(spoiled).decode()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter(action)
        with pytest.raises(MalformedError) as caught:
            parsed(bundle)
    assert caught.value.code == "BUNDLE_CERTIFICATE"
    assert warned == []


def test_key_hint_and_key_id_are_the_same():
    bundle = real.npm("nuxt-3.13.0", 0)
    signature = bundle["dsseEnvelope"]["signatures"][0]
    signature["keyid"] = "SHA256:another"
    with pytest.raises(MalformedError) as caught:
        parsed(bundle)
    assert caught.value.code == "BUNDLE_KEYID"
    signature["keyid"] = ""  # many writers give none
    assert parsed(bundle).content.keyid == ""


def test_the_key_id_beside_a_certificate_is_only_kept():
    """Nobody signed it, and no key is looked up; whoever expects none, says so."""
    bundle = real.suite(DSSE)
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = "a name"
    assert parsed(bundle).certificate is not None
    assert parsed(bundle).content.keyid == "a name"


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_message_signature_has_any_sha2_digest(algorithm):
    bundle, digest = real.suite(V3), Digest.of(b"an artifact", algorithm)
    written = {"algorithm": f"SHA2_{algorithm[3:]}", "digest": base64.b64encode(digest.value).decode()}
    bundle["messageSignature"]["messageDigest"] = written
    assert parsed(bundle).content.digest == digest


def test_as_many_timestamps_as_are_accepted():
    bundle = real.suite(TILED)
    material(bundle)["timestampVerificationData"] = {
        "rfc3161Timestamps": [{"signedTimestamp": zeros(3 * number)} for number in range(1, MAX_TIMESTAMPS + 1)]
    }
    assert len(parsed(bundle).timestamps) == MAX_TIMESTAMPS


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "JSON_SYNTAX"),
        (b"[]", "BUNDLE_MEDIA_TYPE"),
        (b"null", "BUNDLE_MEDIA_TYPE"),
        (b'{"mediaType": "x", "mediaType": "y"}', "JSON_DUPLICATE_KEY"),
        (b"\xef\xbb\xbf{}", "JSON_BOM"),
        (b"[" * 1_000 + b"]" * 1_000, "JSON_DEPTH"),
        (b" " * (MAX_BUNDLE + 1), "JSON_SIZE"),
        (b"[" + b"1," * MAX_VALUES + b"1,1]", "JSON_SIZE"),
    ],
)
def test_what_is_not_json_in_one_meaning_is_refused(data, code):
    with pytest.raises(MalformedError) as caught:
        read(data, what="the bundle")
    assert caught.value.code == code
