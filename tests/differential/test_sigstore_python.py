"""The same bundles through sigstore-python: where it can verify them, we agree, or say why not."""

from __future__ import annotations

import pytest

from tests.cases import needs_cases
from tests.differential import corpus, sigstore_python
from tests.differential.ours import ours

pytestmark = [needs_cases, pytest.mark.slow]

ONLY_IT_ACCEPTS: set[str] = set()
"""Bundles that sigstore-python accepts and we refuse, each with its reason. None so far."""


@pytest.fixture(scope="module")
def answers():
    return {item.name: (ours(item), sigstore_python.refusal(item)) for item in corpus.items()}


def test_we_accept_what_sigstore_python_accepts(answers):
    only_it = {name: mine for name, (mine, theirs) in answers.items() if mine and not theirs}
    assert set(only_it) == ONLY_IT_ACCEPTS, only_it
    assert sum(not mine and not theirs for mine, theirs in answers.values()) > 20


ONLY_WE_ACCEPT = {
    # The last moment of a timestamp authority's validity belongs to it; sigstore-python 4.5.1 leaves it out.
    "conformance/trust-root-tsa-validity-end-inclusive",
}


def unable(item) -> str:
    """Return why sigstore-python 4.5.1 verifies no bundle of this form, or an empty text."""
    material = item.bundle["verificationMaterial"]
    entry = material["tlogEntries"][0]
    if "publicKey" in material:
        return "it has no interface for keys"
    if not entry.get("inclusionProof"):
        return "it needs an inclusion proof"
    if entry["kindVersion"] == {"kind": "intoto", "version": "0.0.2"}:
        return "it takes the time of no intoto entry"
    return ""


def test_what_only_we_accept_is_of_a_form_that_it_cannot_verify(answers):
    only_we = {name for name, (mine, theirs) in answers.items() if not mine and theirs}
    able = {item.name for item in corpus.items() if item.name in only_we and not unable(item)}
    assert able == ONLY_WE_ACCEPT
