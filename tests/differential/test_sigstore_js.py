"""The same bundles through npm's own verifier: we accept nothing that it refuses, and say why where we refuse more."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cases import needs_cases
from tests.differential import corpus
from tests.differential.ours import ours
from tests.forgeries.forgery import forge
from tests.forgeries.test_honest import PROVENANCES, PUBLISHES
from tests.simulator.sigstore.npm import tuf_form

pytestmark = [pytest.mark.node, pytest.mark.registry, pytest.mark.slow, needs_cases]

PACKAGES = ("@sigstore/bundle@4.0.0", "@sigstore/protobuf-specs@0.5.1", "@sigstore/verify@3.1.1")
PROGRAM = Path(__file__).with_name("sigstore_js.cjs")

ONLY_WE_ACCEPT = {
    # An envelope in Rekor v2 is logged as a hashedrekord 0.0.2 over its pre-authentication encoding. @sigstore/verify
    # 3.1.1 compares the entry's digest with that of the payload, and so refuses each of them. The conformance suite
    # asks for the first to be accepted, and sigstore-python accepts all three.
    "conformance/rekor2-dsse-happy-path",
    "other/rekor-v2-dsse-production.sigstore.json",
    "other/rekor-v2-dsse-staging.sigstore.json",
}

ONLY_IT_ACCEPTS = {
    # The root gives no start of the log's validity; the conformance suite asks for it to be refused.
    "conformance/trust-root-tlog-missing-validity-start_fail",
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """npm's verifier, from the registry; its install scripts do not run."""
    folder = tmp_path_factory.mktemp("sigstore-js")
    (folder / "package.json").write_text("{}")
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder / "node_modules"


def node(packages: Path, items: list[dict[str, Any]], rounds: int = 0) -> dict[str, Any]:
    given = json.dumps({"packages": str(packages), "items": items, "rounds": rounds})
    done = subprocess.run(["node", PROGRAM], input=given, capture_output=True, text=True, check=True, timeout=300)
    return json.loads(done.stdout)


def test_both_verifiers_agree_but_where_it_is_written_why(packages):
    items = list(corpus.items())
    theirs = node(packages, [corpus.for_node(item) for item in items])["answers"]
    answers = {item.name: (ours(item), their) for item, their in zip(items, theirs, strict=True)}
    assert len(items) > 140
    we_accept = {name for name, (mine, their) in answers.items() if not mine and their}
    it_accepts = {name: mine for name, (mine, their) in answers.items() if mine and not their}
    assert we_accept == ONLY_WE_ACCEPT
    assert set(it_accepts) == ONLY_IT_ACCEPTS, it_accepts
    assert sum(not mine for mine, _ in answers.values()) > 60


UNREAD_BY_SIGSTORE_JS = {
    "provenance Rekor v2": "an envelope as a hashedrekord 0.0.2, as above",
    "publish Rekor v2": "likewise",
}


def test_it_accepts_what_the_forge_makes_without_lying(packages):
    by = forge()
    keys = {
        key["keyId"]: {"spki": key["publicKey"]["rawBytes"], "start": key["publicKey"]["validFor"]["start"]}
        for key in tuf_form(by.key)["keys"]
        if key["keyUsage"] == "npm:attestations"
    }
    made = {f"provenance {name}": make for name, make in PROVENANCES.items()}
    made |= {f"publish {name}": make for name, make in PUBLISHES.items()}
    root = by.trusted_root()
    items = [{"bundle": make(by)["bundle"], "root": root, "keys": keys} for make in made.values()]
    answers = dict(zip(made, node(packages, items)["answers"], strict=True))
    refused = {name: answer for name, answer in answers.items() if answer}
    assert set(refused) == set(UNREAD_BY_SIGSTORE_JS), refused
