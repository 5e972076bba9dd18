"""Inclusion proofs: every leaf of every small tree, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.bundles import merkle
from provenly.trust.errors import RejectedError
from tests.trust.bundles.log_maker import proof_of, root_of, sha256


def leaves(count):
    return [f"leaf {number}".encode() for number in range(count)]


def refused(proof, body):
    with pytest.raises(RejectedError) as caught:
        merkle.verify(proof, body)
    return caught.value.code


def test_every_leaf_of_every_tree_up_to_33_leaves_verifies():
    for count in range(1, 34):
        for index, body in enumerate(leaves(count)):
            merkle.verify(proof_of(index, leaves(count)), body)


def test_the_root_of_one_leaf_is_its_prefixed_hash():
    assert merkle.leaf_hash(b"x") == root_of([b"x"]) == sha256(b"\x00x")


@given(st.integers(1, 40), st.data())
def test_a_proof_is_of_one_leaf_at_one_place_in_one_tree(count, data):
    index = data.draw(st.integers(0, count - 1))
    proof, body = proof_of(index, leaves(count)), leaves(count)[index]
    assert refused(proof, b"another leaf") == "LOG_PROOF_ROOT"
    assert refused(replace(proof, root=sha256(b"another tree")), body) == "LOG_PROOF_ROOT"
    for other in set(range(count)) - {index}:
        assert refused(replace(proof, index=other), body) in {"LOG_PROOF_ROOT", "LOG_PROOF_LENGTH"}
    for place, _ in enumerate(proof.hashes):
        changed = (*proof.hashes[:place], sha256(b"x"), *proof.hashes[place + 1 :])
        assert refused(replace(proof, hashes=changed), body) == "LOG_PROOF_ROOT"


@given(st.integers(1, 40), st.data())
def test_one_hash_more_or_less_is_refused(count, data):
    index = data.draw(st.integers(0, count - 1))
    proof, body = proof_of(index, leaves(count)), leaves(count)[index]
    longer = replace(proof, hashes=(*proof.hashes, sha256(b"x")))
    assert refused(longer, body) == "LOG_PROOF_LENGTH"
    if proof.hashes:
        assert refused(replace(proof, hashes=proof.hashes[:-1]), body) == "LOG_PROOF_LENGTH"


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (5, 5), (2**63 - 1, 5)])
def test_an_index_outside_the_tree_is_refused(index, size):
    proof = replace(proof_of(0, leaves(1)), index=index, size=size)
    assert refused(proof, leaves(1)[0]) == "LOG_PROOF_INDEX"


def test_a_node_does_not_pass_for_a_leaf():
    four = leaves(4)
    left = sha256(b"\x00" + four[0]) + sha256(b"\x00" + four[1])
    proof = replace(proof_of(0, four), size=2, hashes=proof_of(0, four).hashes[1:])
    assert refused(proof, left) == "LOG_PROOF_ROOT"


def test_the_largest_tree_does_not_hang():
    proof = replace(proof_of(0, leaves(1)), index=2**63 - 2, size=2**63 - 1, hashes=(sha256(b"x"),) * 64)
    assert refused(proof, b"") in {"LOG_PROOF_ROOT", "LOG_PROOF_LENGTH"}
