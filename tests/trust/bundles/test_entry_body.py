"""The log entries of real bundles, each held against a bundle that says something else."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from provenly.trust import keys
from provenly.trust.bundles import entry_body
from provenly.trust.bundles.dsse import pae
from provenly.trust.bundles.model import Bundle
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from tests.cases import needs_cases
from tests.trust.bundles import real
from tests.trust.bundles.real import change_body, entry, flipped, parsed

pytestmark = needs_cases

OTHER_KEY = keys.accept(ec.generate_private_key(ec.SECP256R1()).public_key(), what="the key")


def tiled_envelope():
    """Return a real envelope with an entry of the kind that Rekor v2 had for envelopes; no real one was found."""
    bundle = real.suite("rekor2-dsse-happy-path")

    def make(body):
        signed = body["spec"].pop("hashedRekordV002")
        payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
        digest = base64.b64encode(hashlib.sha256(payload).digest()).decode()
        hashed = {"algorithm": "SHA2_256", "digest": digest}
        body["kind"] = "dsse"
        body["spec"]["dsseV002"] = {"payloadHash": hashed, "signatures": [signed["signature"]]}

    change_body(bundle, make)
    entry(bundle)["kindVersion"]["kind"] = "dsse"
    return bundle


SOURCES = {
    "hashedrekord 0.0.1": lambda: real.suite("happy-path-v0.3"),
    "hashedrekord 0.0.1 keyed": lambda: real.suite("managed-key-happy-path"),
    "dsse 0.0.1": lambda: real.npm("mcp-server-filesystem-2026.7.10", 1),
    "dsse 0.0.1 keyed": lambda: real.npm("mcp-server-filesystem-2026.7.10", 0),
    "intoto 0.0.2": lambda: real.npm("nuxt-3.13.0", 1),
    "intoto 0.0.2 keyed": lambda: real.npm("nuxt-3.13.0", 0),
    "intoto 0.0.2 with payload": lambda: real.suite("intoto-with-custom-trust-root"),
    "hashedrekord 0.0.2": lambda: real.suite("rekor2-happy-path"),
    "hashedrekord 0.0.2 of an envelope": lambda: real.suite("rekor2-dsse-happy-path"),
    "dsse 0.0.2": tiled_envelope,
}


def key_of(bundle: Bundle, source: str) -> keys.PublicKey:
    if bundle.certificate is not None:
        return keys.accept(bundle.certificate.public_key(), what="the key")
    if source.startswith("hashedrekord"):
        key = real.suite_key("managed-key-happy-path")
        assert key is not None
        return key
    return real.npm_keyring(bundle.key_hint, real.NOW if "dsse" in source else real.NOW.replace(year=2024))


def bind(bundle, source, *, key=None, artifact=None):
    made = bundle if isinstance(bundle, Bundle) else parsed(bundle)
    entry_body.bind(made.entries[0], made, key or key_of(made, source), artifact)


@pytest.mark.parametrize("source", SOURCES)
def test_genuine_entries_are_about_their_bundles(source):
    bind(SOURCES[source](), source)


def spec(body):
    (inner,) = body["spec"].values() if len(body["spec"]) == 1 else (body["spec"],)
    return inner


def twice(text):
    return base64.b64encode(text.encode()).decode()


SIGNER, SIGNATURE, DIGEST = "LOG_BODY_SIGNER", "LOG_BODY_SIGNATURE", "LOG_BODY_DIGEST"
KIND, FORMAT = "LOG_BODY_KIND", "LOG_BODY_FORMAT"


def first(body):
    return spec(body)["envelope"]["signatures"][0]


CHANGES = [
    # the kind
    ("dsse 0.0.1", lambda b: b.update(apiVersion="0.0.2"), KIND),
    ("dsse 0.0.1", lambda b: b.update(kind="intoto"), KIND),
    ("dsse 0.0.1", lambda b: b.pop("kind"), KIND),
    ("dsse 0.0.1", lambda b: b.update(more=1), FORMAT),
    ("dsse 0.0.1", lambda b: b.pop("spec"), FORMAT),
    # hashedrekord 0.0.1
    ("hashedrekord 0.0.1", lambda b: b["spec"]["data"]["hash"].update(value="0" * 64), DIGEST),
    ("hashedrekord 0.0.1", lambda b: b["spec"]["data"]["hash"].update(algorithm="sha512"), DIGEST),
    ("hashedrekord 0.0.1", lambda b: b["spec"]["data"].update(url="x"), FORMAT),
    ("hashedrekord 0.0.1", lambda b: b["spec"].pop("data"), FORMAT),
    ("hashedrekord 0.0.1", lambda b: b["spec"]["signature"].update(content="AAAA"), SIGNATURE),
    ("hashedrekord 0.0.1", lambda b: b["spec"]["signature"].pop("content"), "B64_NOT_CANONICAL"),
    ("hashedrekord 0.0.1", lambda b: b["spec"]["signature"].update(publicKey={"content": "AAAA"}), FORMAT),
    ("hashedrekord 0.0.1", lambda b: b["spec"]["signature"].pop("publicKey"), FORMAT),
    ("hashedrekord 0.0.1", lambda b: b["spec"].update(more=1), FORMAT),
    # dsse 0.0.1
    ("dsse 0.0.1", lambda b: b["spec"]["payloadHash"].update(value="0" * 64), DIGEST),
    ("dsse 0.0.1", lambda b: b["spec"].pop("payloadHash"), FORMAT),
    ("dsse 0.0.1", lambda b: b["spec"]["signatures"][0].update(signature="AAAA"), SIGNATURE),
    ("dsse 0.0.1", lambda b: b["spec"]["signatures"].append(b["spec"]["signatures"][0]), FORMAT),
    ("dsse 0.0.1", lambda b: b["spec"]["signatures"].clear(), FORMAT),
    ("dsse 0.0.1", lambda b: b["spec"]["signatures"][0].pop("verifier"), "B64_NOT_CANONICAL"),
    # intoto 0.0.2
    ("intoto 0.0.2", lambda b: spec(b)["payloadHash"].update(value="0" * 64), DIGEST),
    ("intoto 0.0.2", lambda b: spec(b).pop("payloadHash"), FORMAT),
    ("intoto 0.0.2", lambda b: spec(b)["envelope"].update(payloadType="text/plain"), "LOG_BODY_TYPE"),
    ("intoto 0.0.2", lambda b: spec(b)["envelope"].update(payload=twice("AAAA")), DIGEST),
    ("intoto 0.0.2", lambda b: first(b).update(sig=twice("AAAA")), SIGNATURE),
    ("intoto 0.0.2", lambda b: first(b).update(sig="AAAA"), "B64_NOT_CANONICAL"),
    ("intoto 0.0.2", lambda b: first(b).update(sig=base64.b64encode(b"\xff").decode()), FORMAT),
    ("intoto 0.0.2", lambda b: first(b).update(keyid="x"), "LOG_BODY_KEYID"),
    ("intoto 0.0.2", lambda b: spec(b)["envelope"]["signatures"].append(first(b)), FORMAT),
    ("intoto 0.0.2", lambda b: spec(b)["envelope"].pop("signatures"), FORMAT),
    ("intoto 0.0.2 keyed", lambda b: first(b).pop("keyid"), "LOG_BODY_KEYID"),
    ("intoto 0.0.2 with payload", lambda b: spec(b)["envelope"].update(payload=twice("AAAA")), DIGEST),
    # Rekor v2
    ("hashedrekord 0.0.2", lambda b: spec(b)["data"].update(digest=flipped(spec(b)["data"]["digest"])), DIGEST),
    ("hashedrekord 0.0.2", lambda b: spec(b)["data"].update(algorithm="SHA2_512"), DIGEST),
    ("hashedrekord 0.0.2", lambda b: spec(b)["data"].update(algorithm="SHA3_256"), DIGEST),
    ("hashedrekord 0.0.2", lambda b: spec(b)["signature"].update(content="AAAA"), SIGNATURE),
    ("hashedrekord 0.0.2", lambda b: spec(b)["signature"]["verifier"].update(keyDetails="PKIX_ED25519"), SIGNER),
    ("hashedrekord 0.0.2", lambda b: spec(b)["signature"]["verifier"].pop("keyDetails"), SIGNER),
    (
        "hashedrekord 0.0.2",
        lambda b: spec(b)["signature"]["verifier"]["x509Certificate"].update(rawBytes="AAAA"),
        SIGNER,
    ),
    ("hashedrekord 0.0.2", lambda b: spec(b)["signature"]["verifier"].update(publicKey={"rawBytes": "AAAA"}), FORMAT),
    ("hashedrekord 0.0.2", lambda b: spec(b)["signature"]["verifier"].pop("x509Certificate"), FORMAT),
    ("hashedrekord 0.0.2", lambda b: b["spec"].update(dsseV002={}), FORMAT),
    (
        "hashedrekord 0.0.2 of an envelope",
        lambda b: spec(b)["data"].update(digest=flipped(spec(b)["data"]["digest"])),
        DIGEST,
    ),
    ("dsse 0.0.2", lambda b: spec(b)["payloadHash"].update(digest=base64.b64encode(bytes(32)).decode()), DIGEST),
    ("dsse 0.0.2", lambda b: spec(b)["signatures"][0].update(content="AAAA"), SIGNATURE),
    ("dsse 0.0.2", lambda b: spec(b)["signatures"].append(spec(b)["signatures"][0]), FORMAT),
    ("dsse 0.0.2", lambda b: spec(b)["signatures"][0]["verifier"].update(keyDetails="PKIX_ED25519_PH"), SIGNER),
]


@pytest.mark.parametrize(("source", "change", "code"), CHANGES)
def test_an_entry_about_something_else_is_refused(source, change, code):
    bundle = SOURCES[source]()
    change_body(bundle, change)
    with pytest.raises((RejectedError, MalformedError)) as caught:
        bind(bundle, source)
    assert caught.value.code == code


def pem_holder(source, body):
    """Return the object that holds the signer's PEM, and the name of the member."""
    match source.split()[0]:
        case "hashedrekord":
            return body["spec"]["signature"]["publicKey"], "content"
        case "dsse":
            return body["spec"]["signatures"][0], "verifier"
        case _:
            return first(body), "publicKey"


V1 = [source for source in SOURCES if "0.0.1" in source or "intoto" in source]


def pem_of_key(key):
    lines = base64.b64encode(key.spki).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize("source", V1)
def test_an_entry_by_another_key_is_refused(source):
    bundle = SOURCES[source]()

    def change(body):
        holder, name = pem_holder(source, body)
        holder[name] = twice(pem_of_key(OTHER_KEY))

    change_body(bundle, change)
    with pytest.raises(RejectedError) as caught:
        bind(bundle, source)
    assert caught.value.code == SIGNER


@pytest.mark.parametrize("source", [source for source in V1 if "keyed" not in source])
def test_the_key_of_a_certificate_does_not_stand_for_it(source):
    bundle = SOURCES[source]()

    def change(body):
        holder, name = pem_holder(source, body)
        holder[name] = twice(pem_of_key(key_of(parsed(SOURCES[source]()), source)))

    change_body(bundle, change)
    with pytest.raises(RejectedError) as caught:
        bind(bundle, source)
    assert caught.value.code == SIGNER


@pytest.mark.parametrize("source", [source for source in V1 if "keyed" not in source])
def test_another_certificate_is_refused(source):
    bundle = SOURCES[source]()
    another = parsed(real.suite("happy-path-v0.1")).certificate

    def change(body):
        holder, name = pem_holder(source, body)
        holder[name] = base64.b64encode(another.public_bytes(Encoding.PEM)).decode()

    change_body(bundle, change)
    with pytest.raises(RejectedError) as caught:
        bind(bundle, source)
    assert caught.value.code == SIGNER


@pytest.mark.parametrize("around", ["{0}{0}", "x{0}", "{0}x", ""])
def test_a_signer_is_one_pem_block(around):
    bundle = SOURCES["dsse 0.0.1"]()

    def change(body):
        holder, name = pem_holder("dsse", body)
        holder[name] = twice(around.format(base64.b64decode(holder[name]).decode()) or "-")

    change_body(bundle, change)
    with pytest.raises(MalformedError) as caught:
        bind(bundle, "dsse 0.0.1")
    assert caught.value.code == FORMAT


@pytest.mark.parametrize("source", V1)
def test_the_lines_of_a_signer_may_end_as_on_windows(source):
    bundle = SOURCES[source]()

    def change(body):
        holder, name = pem_holder(source, body)
        pem = base64.b64decode(holder[name])
        assert b"\r" not in pem
        holder[name] = base64.b64encode(pem.replace(b"\n", b"\r\n")).decode()

    change_body(bundle, change)
    bind(bundle, source)


@pytest.mark.parametrize("source", [source for source in SOURCES if "keyed" in source])
def test_a_keyed_entry_is_held_to_the_key_that_was_given(source):
    with pytest.raises(RejectedError) as caught:
        bind(SOURCES[source](), source, key=OTHER_KEY)
    assert caught.value.code == SIGNER


def test_rekor_2_names_a_key_as_well():
    """No real keyed entry of Rekor v2 was found: the verifier of a real one is put in place of its certificate."""
    key = real.suite_key("managed-key-happy-path")
    bundle = real.suite("rekor2-happy-path")
    material = bundle["verificationMaterial"]
    del material["certificate"]
    material["publicKey"] = {"hint": "x"}

    def change(body):
        verifier = spec(body)["signature"]["verifier"]
        del verifier["x509Certificate"]
        verifier["publicKey"] = {"rawBytes": base64.b64encode(key.spki).decode()}

    with pytest.raises(RejectedError) as caught:  # the entry still names the certificate
        bind(bundle, "", key=key)
    assert caught.value.code == SIGNER
    change_body(bundle, change)
    bind(bundle, "", key=key)
    with pytest.raises(RejectedError) as caught:
        bind(bundle, "", key=OTHER_KEY)
    assert caught.value.code == SIGNER


def test_rekor_2_says_how_long_an_rsa_key_is():
    key = keys.accept(rsa.generate_private_key(public_exponent=65_537, key_size=3_072).public_key(), what="the key")
    named = {"rawBytes": base64.b64encode(key.spki).decode()}
    bundle = SOURCES["hashedrekord 0.0.2"]()

    def logged_as(details, public):
        verifier = {"publicKey": public, "keyDetails": details}
        change_body(bundle, lambda body: spec(body)["signature"].update(verifier=verifier))
        return replace(parsed(bundle), certificate=None, chain=(), key_hint="x")

    bind(logged_as("PKIX_RSA_PKCS1V15_3072_SHA256", named), "", key=key)
    for details in ("PKIX_RSA_PKCS1V15_4096_SHA256", "PKIX_RSA_PKCS1V15_SHA256", "PKIX_RSA_PSS_3072_SHA256"):
        with pytest.raises(RejectedError) as caught:
            bind(logged_as(details, named), "", key=key)
        assert caught.value.code == SIGNER
    with pytest.raises(MalformedError) as malformed:
        bind(logged_as("PKIX_RSA_PKCS1V15_3072_SHA256", {"rawBytes": twice("no key")}), "", key=key)
    assert malformed.value.code == "KEY_FORMAT"


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_rekor_2_logs_artifacts_by_any_sha2_digest(algorithm):
    """The suite has sha256 only."""
    bundle, signed = SOURCES["hashedrekord 0.0.2"](), Digest.of(b"the artifact", algorithm)
    hashed = {"algorithm": f"SHA2_{algorithm[3:]}", "digest": base64.b64encode(signed.value).decode()}
    change_body(bundle, lambda body: spec(body).update(data=hashed))
    bind(bundle, "hashedrekord 0.0.2", artifact=signed)
    for other in {"sha256", "sha384", "sha512"} - {algorithm}:
        with pytest.raises(RejectedError) as caught:
            bind(bundle, "hashedrekord 0.0.2", artifact=Digest.of(b"the artifact", other))
        assert caught.value.code == DIGEST


@pytest.mark.parametrize(
    ("curve", "algorithm", "details"),
    [
        (ec.SECP256R1(), "sha256", "PKIX_ECDSA_P256_SHA_256"),
        (ec.SECP384R1(), "sha384", "PKIX_ECDSA_P384_SHA_384"),
    ],
)
def test_rekor_2_logs_an_envelope_by_the_hash_of_its_key(curve, algorithm, details):
    key = keys.accept(ec.generate_private_key(curve).public_key(), what="the key")
    bundle = SOURCES["hashedrekord 0.0.2 of an envelope"]()
    envelope = parsed(bundle).content
    verifier = {"publicKey": {"rawBytes": base64.b64encode(key.spki).decode()}, "keyDetails": details}

    def logged_as(name):
        digest = Digest.of(pae(envelope.payload_type, envelope.payload), name)
        hashed = {"algorithm": f"SHA2_{name[3:]}", "digest": base64.b64encode(digest.value).decode()}

        def change(body):
            spec(body).update(data=hashed)
            spec(body)["signature"]["verifier"] = verifier

        change_body(bundle, change)
        return replace(parsed(bundle), certificate=None, chain=(), key_hint="x")

    bind(logged_as(algorithm), "", key=key)
    (other,) = {"sha256", "sha384"} - {algorithm}
    with pytest.raises(RejectedError) as caught:
        bind(logged_as(other), "", key=key)
    assert caught.value.code == DIGEST


def test_the_artifact_in_hand_counts_more_than_the_claim():
    for source in ("hashedrekord 0.0.1", "hashedrekord 0.0.2"):
        bundle = SOURCES[source]()
        bind(bundle, source, artifact=Digest.of(real.ARTIFACT.read_bytes()))
        with pytest.raises(RejectedError) as caught:
            bind(bundle, source, artifact=Digest.of(b"another"))
        assert caught.value.code == DIGEST


@pytest.mark.parametrize(
    ("content", "log"),
    [
        ("dsse 0.0.1", "hashedrekord 0.0.1"),
        ("intoto 0.0.2", "hashedrekord 0.0.1"),
        ("hashedrekord 0.0.1", "dsse 0.0.1"),
        ("hashedrekord 0.0.1", "intoto 0.0.2"),
        ("hashedrekord 0.0.2", "dsse 0.0.2"),
    ],
)
def test_an_entry_for_another_kind_of_content_is_refused(content, log):
    bundle, foreign = parsed(SOURCES[content]()), parsed(SOURCES[log]())
    with pytest.raises(RejectedError) as caught:
        bind(replace(bundle, entries=foreign.entries), content)
    assert caught.value.code == KIND


def test_an_envelope_of_another_bundle_is_refused():
    """Two attestations of one package by one tool: everything is alike but what was signed."""
    ours, foreign = parsed(real.npm("nuxt-3.13.0", 0)), parsed(real.npm("sigstore-2.3.1", 0))
    with pytest.raises(RejectedError) as caught:
        bind(replace(ours, content=foreign.content), "intoto 0.0.2 keyed")
    assert caught.value.code == DIGEST


@pytest.mark.parametrize("kind", ["intoto 0.0.1", "rekord 0.0.1", "dsse 0.0.3"])
def test_of_other_kinds_nothing_is_said(kind):
    name, version = kind.split()
    bundle = SOURCES["dsse 0.0.1"]()
    entry(bundle)["kindVersion"] = {"kind": name, "version": version}
    with pytest.raises(RejectedError):  # the body is still of the kind that it was
        bind(bundle, "dsse 0.0.1")
    change_body(bundle, lambda body: body.update(kind=name, apiVersion=version))
    with pytest.raises(UnavailableError) as caught:
        bind(bundle, "dsse 0.0.1")
    assert caught.value.code == "ATT_UNSUPPORTED"


def test_a_body_has_one_meaning():
    bundle = SOURCES["dsse 0.0.1"]()
    body = base64.b64decode(entry(bundle)["canonicalizedBody"])
    twofold = body.replace(b'{"apiVersion"', b'{"apiVersion":"9","apiVersion"', 1)
    assert json.loads(twofold) == json.loads(body)  # Python takes the last one
    entry(bundle)["canonicalizedBody"] = base64.b64encode(twofold).decode()
    with pytest.raises(MalformedError) as caught:
        bind(bundle, "dsse 0.0.1")
    assert caught.value.code == "JSON_DUPLICATE_KEY"
