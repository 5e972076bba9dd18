"""What the forge makes without lying is accepted: by us, and by sigstore-python as far as it reads such bundles."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provenly.trust.attestations.model import Statement
from provenly.trust.bundles.read import from_json
from provenly.trust.bundles.verify import verify
from provenly.trust.strict_json import loads
from tests.forgeries.forgery import Handed, forge, honest_root, judge
from tests.simulator.sigstore import bundle
from tests.simulator.sigstore.authority import SIGNED
from tests.simulator.sigstore.bundle import V01, V02, V03_OLD
from tests.simulator.sigstore.instance import NOW, PACKAGE, Instance, Target, dump, signature_of, stamp
from tests.simulator.sigstore.npm import api_form, tuf_form
from tests.simulator.sigstore.predicates import HONEST, ON_GITLAB, claims, generator, github_v0, github_v2, gitlab
from tests.simulator.sigstore.rekor import b64

INTOTO = {"kind": "intoto", "version": "0.0.2"}
SIGNER = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
BY_GENERATOR = replace(HONEST, signer=SIGNER + "delegator_lowperms-generic_slsa3.yml@refs/tags/v1.6.0")
ONLY_RAW = dict.fromkeys(claims(HONEST, raw=False))
ONLY_DER = dict.fromkeys(range(2, 7))
SCOPED = Target(name="@example/mail-mcp", version="2.0.0-rc.1", data=b"another tarball")


def embedded(by: Instance) -> dict[str, Any]:
    """Return a bundle whose timestamp has the authority's certificate inside, beside the time of the log."""
    attestation = by.provenance()
    response = by.stamps.stamp(signature_of(attestation["bundle"]), SIGNED, embed=True)
    stamp(attestation["bundle"], response)
    return attestation


def promised_by_a_timestamp_only(by: Instance) -> dict[str, Any]:
    """Return a bundle whose log gives a proof and no promise, so that its time is the authority's."""
    attestation = by.provenance(words={"promise": False})
    stamp(attestation["bundle"], by.stamps.stamp(signature_of(attestation["bundle"]), SIGNED))
    return attestation


def in_second_log(by: Instance) -> dict[str, Any]:
    """Return a publish attestation in Rekor v2."""
    attestation = by.publish(log=by.second, kind="hashedrekord", version="0.0.2", media_type=bundle.V03)
    stamp(attestation["bundle"], by.stamps.stamp(signature_of(attestation["bundle"]), SIGNED))
    return attestation


PROVENANCES: dict[str, Callable[[Instance], dict[str, Any]]] = {
    "v0.3": lambda by: by.provenance(),
    "v0.3 in the old spelling": lambda by: by.provenance(media_type=V03_OLD),
    "v0.2 with a chain of one": lambda by: by.provenance(media_type=V02),
    "v0.1 with a chain of three": lambda by: by.provenance(media_type=V01, chain=(by.intermediate.der, by.root.der)),
    "v0.1 with a promise only": lambda by: by.provenance(media_type=V01, words={"proof": False}),
    "intoto": lambda by: by.provenance(**INTOTO),
    "Rekor v2": lambda by: by.stamped(),
    "Rekor v1 and a timestamp": embedded,
    "old claims only": lambda by: by.provenance(claims=ONLY_RAW, form=github_v0),
    "new claims only": lambda by: by.provenance(claims=ONLY_DER),
    "gha v2": lambda by: by.provenance(form=github_v2),
    "gha v0": lambda by: by.provenance(form=github_v0),
    "slsa-github-generator": lambda by: by.provenance(facts=BY_GENERATOR, form=generator),
    "v0.3 with a timestamp in place of the promise": promised_by_a_timestamp_only,
    "GitLab, a group in a group": lambda by: by.provenance(facts=replace(ON_GITLAB, slug="a/b/c"), form=gitlab),
    "GitLab": lambda by: by.provenance(facts=ON_GITLAB, form=gitlab),
}

PUBLISHES: dict[str, Callable[[Instance], dict[str, Any]]] = {
    "Rekor v2": in_second_log,
    "v0.2": lambda by: by.publish(),
    "v0.3": lambda by: by.publish(media_type=bundle.V03),
    "intoto": lambda by: by.publish(**INTOTO),
    "v0.1 with a promise only": lambda by: by.publish(media_type=V01, words={"proof": False}, **INTOTO),
}

UNREAD_BY_SIGSTORE_PYTHON = {
    "v0.1 with a promise only": "refuses bundles without a proof",
    "intoto": "reads no times of intoto entries",
}
"""Why, where it does not read a form that we read."""


@pytest.mark.parametrize("name", PROVENANCES)
def test_honest_provenance_is_accepted(name: str) -> None:
    by = forge()
    attested = judge(Handed(document=by.document(by.publish(), PROVENANCES[name](by))))
    assert isinstance(attested.publish, Statement)
    assert isinstance(attested.provenance, Statement)


@pytest.mark.parametrize("name", PUBLISHES)
def test_honest_publish_attestation_is_accepted(name: str) -> None:
    by = forge()
    attested = judge(Handed(document=by.document(PUBLISHES[name](by), by.provenance())))
    assert isinstance(attested.publish, Statement)
    assert attested.publish.verified.signed_by.keyid == by.key.id


@pytest.mark.parametrize("kind", ["publish", "provenance"])
def test_one_attestation_alone_will_do(kind: str) -> None:
    by = forge()
    attested = judge(Handed(document=by.document(getattr(by, kind)())))
    assert (attested.publish is None, attested.provenance is None) == (kind != "publish", kind != "provenance")


def test_keys_in_the_form_of_the_api_will_do() -> None:
    by = forge()
    judge(Handed(document=by.document(by.publish(), by.provenance()), keys=api_form(by.key)))


def test_other_keys_of_the_registry_do_no_harm() -> None:
    by = forge()
    other = Instance().key
    judge(Handed(document=by.document(by.publish(), by.provenance()), keys=tuf_form(other, by.key)))


def test_scoped_package_is_accepted() -> None:
    by = forge()
    judge(Handed(document=by.document(by.publish(SCOPED), by.provenance(SCOPED)), target=SCOPED))


@pytest.mark.parametrize("name", PROVENANCES)
def test_sigstore_python_says_the_same(name: str, tmp_path: Path) -> None:
    from sigstore.errors import Error as SigstoreError
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier, policy

    by = forge()
    (tmp_path / "root.json").write_bytes(dump(by.trusted_root()))
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(tmp_path / "root.json")))
    made = json.dumps(PROVENANCES[name](by)["bundle"])
    if UNREAD_BY_SIGSTORE_PYTHON.get(name):
        with pytest.raises((SigstoreError, ValueError)):
            verifier.verify_dsse(Bundle.from_json(made), policy.UnsafeNoOp())
        return
    kind, payload = verifier.verify_dsse(Bundle.from_json(made), policy.UnsafeNoOp())
    assert kind == bundle.IN_TOTO
    assert json.loads(payload)["subject"] == [PACKAGE.subject]


def test_signature_over_a_file_is_accepted_by_both(tmp_path: Path) -> None:
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier, policy

    by = forge()
    made = dump(bundle.make_message(PACKAGE.data, by.signer(), by.log))
    (tmp_path / "root.json").write_bytes(dump(by.trusted_root()))
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(tmp_path / "root.json")))
    verifier.verify_artifact(PACKAGE.data, Bundle.from_json(made), policy.UnsafeNoOp())
    ours = from_json(loads(made, what="a bundle", max_bytes=100_000), what="a bundle")
    assert verify(ours, honest_root(), now=NOW, artifact=PACKAGE.data).signed_by.identity is not None


@pytest.mark.parametrize("made", [ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()])
def test_keys_with_which_no_package_is_built_are_good_for_other_bundles(made: Any) -> None:
    """As provenance of a package they are refused (``certificate with a key on P-384`` and its neighbours)."""
    signed = dump(forge().provenance(leaf={"key": made})["bundle"])
    ours = from_json(loads(signed, what="a bundle", max_bytes=100_000), what="a bundle")
    assert verify(ours, honest_root(), now=NOW).signed_by.identity is not None


def test_note_of_an_unknown_witness_does_no_harm() -> None:
    by = forge()
    attestation = by.provenance()
    proof = attestation["bundle"]["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    proof["checkpoint"]["envelope"] += f"\u2014 witness.example {b64(b'wit!' + b'x' * 64)}\n"
    judge(Handed(document=by.document(by.publish(), attestation)))
