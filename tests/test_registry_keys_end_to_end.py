"""A registry that signs with keys of its own, from the option to the evidence folder and back."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenly import api
from provenly.report import json_report
from provenly.trust.digest import Digest
from provenly.trust.evidence import Status
from provenly.trust.keys import accept
from tests.world import NAME

CHECK = "registry-signature"


@pytest.fixture
def signed(world, tmp_path):
    """Publish a release whose registry signs it, and write the file of its keys."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    keyid = accept(key.public_key(), what="the key").fingerprint
    world.release()
    dist = world.registry.packuments[NAME]["versions"]["1.0.0"]["dist"]
    signature = key.sign(f"{NAME}@1.0.0:{dist['integrity']}".encode(), ec.ECDSA(SHA256()))
    dist["signatures"] = [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}]
    kind = "ecdsa-sha2-nistp256"
    entry = {"expires": None, "keyid": keyid, "keytype": kind, "scheme": kind, "key": base64.b64encode(public).decode()}
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [entry]}))
    return path


def found(report):
    return next(item for item in report.evidence if item.check == CHECK)


def test_without_its_keys_the_signature_is_unchecked(world, signed):
    assert found(world.verify()).status is Status.UNCHECKED


def test_with_its_keys_it_passes_and_names_them(world, signed):
    evidence = found(world.verify(npm_keys=str(signed)))
    assert evidence.status is Status.PASSED
    assert evidence.facts["keys"]["kind"] == "file"
    assert evidence.facts["keys"]["place"] == str(signed)
    assert evidence.facts["keys"]["sha256"] == Digest.of(signed.read_bytes()).hex


def test_with_other_keys_it_does_not_pass(world, signed, tmp_path):
    other = accept(ec.generate_private_key(ec.SECP256R1()).public_key(), what="the key")
    document = json.loads(signed.read_text())
    document["keys"][0] |= {"keyid": other.fingerprint, "key": base64.b64encode(other.spki).decode()}
    (tmp_path / "other.json").write_text(json.dumps(document))
    assert found(world.verify(npm_keys=str(tmp_path / "other.json"))).status is not Status.PASSED


@pytest.mark.parametrize("named", [True, False])
def test_a_replay_is_the_same_whatever_is_trusted_here_now(world, signed, tmp_path, named):
    folder = tmp_path / "evidence"
    options = {"npm_keys": str(signed)} if named else {}
    report = world.verify(save_evidence=str(folder), **options)
    signed.unlink()
    store = Path(os.environ["PROVENLY_TRUST"])
    store.mkdir(mode=0o700)
    (store / "index.json").write_bytes(b"damaged")
    again = api.verify_package(str(folder))
    assert json_report.render(again) == json_report.render(report)
    assert found(again).status is (Status.PASSED if named else Status.UNCHECKED)
    assert (folder / "keys.json").exists()
