"""What a log proves about an entry, for both generations of Rekor and all versions of bundles."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from provenly.trust.bundles import log
from provenly.trust.errors import Error, RejectedError, UnavailableError
from provenly.trust.roots.model import Period
from tests.trust.bundles.log_maker import BODY, MADE, NOW, V1, V2, LogMaker, proof_of, root_of

LOGS = (V2.log(), V1.log())
KINDS_V1 = [("hashedrekord", "0.0.1"), ("dsse", "0.0.1"), ("intoto", "0.0.2")]
KINDS_V2 = [("hashedrekord", "0.0.2"), ("dsse", "0.0.2")]


def witness(entry, version="0.3", logs=LOGS):
    return log.witness(entry, logs, version=version, now=NOW)


def refused(entry, version="0.3", logs=LOGS):
    with pytest.raises(Error) as caught:
        witness(entry, version, logs)
    assert isinstance(caught.value, RejectedError)
    assert caught.value.expected
    return caught.value.code


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
@pytest.mark.parametrize(("kind", "number"), KINDS_V1)
def test_rekor_v1_proves_entry_and_time(kind, number, version):
    found = witness(V1.entry(kind=kind, version=number), version)
    assert (found.log.url, found.at, found.notes) == (V1.url, MADE, ())


@pytest.mark.parametrize(("kind", "number"), KINDS_V2)
def test_rekor_v2_proves_the_entry_and_no_time(kind, number):
    found = witness(V2.entry(kind=kind, version=number))
    assert (found.log.url, found.at, found.notes) == (V2.url, None, ())


@pytest.mark.parametrize(
    ("kind", "number"),
    [("intoto", "0.0.1"), ("dsse", "0.0.3"), ("hashedrekord", "0.0.10"), ("rekord", "0.0.1"), ("DSSE", "0.0.1")],
)
def test_an_unknown_kind_is_unchecked_and_named(kind, number):
    with pytest.raises(UnavailableError) as caught:
        witness(V1.entry(kind=kind, version=number))
    assert caught.value.code == "ATT_UNSUPPORTED"
    assert f"{kind} {number}" in caught.value.message


def test_an_unknown_log_is_refused():
    stranger = LogMaker(private=ec.generate_private_key(ec.SECP256R1()))
    assert refused(stranger.entry()) == "LOG_UNKNOWN"
    assert refused(V1.entry(), logs=()) == "LOG_UNKNOWN"
    assert refused(replace(V1.entry(), log_id=V1.log_id[:4])) == "LOG_UNKNOWN"


def test_a_log_of_v2_makes_no_entries_of_v1_and_the_other_way_round():
    assert refused(replace(V2.entry(), version="0.0.1")) == "LOG_UNKNOWN"
    entry = replace(V1.entry(), version="0.0.2", promise=None, integrated=0, index=2)
    assert refused(entry) == "CHECKPOINT_ORIGIN"


def test_only_bundles_of_version_01_may_have_a_promise_alone():
    entry = replace(V1.entry(), proof=None)
    found = witness(entry, "0.1")
    assert found.at == MADE
    assert [note.code for note in found.notes] == ["LOG_SET_ONLY"]
    assert refused(entry, "0.2") == "LOG_NO_PROOF"
    assert refused(entry, "0.3") == "LOG_NO_PROOF"


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
def test_a_proof_without_a_checkpoint_proves_nothing(version):
    entry = V1.entry()
    assert refused(replace(entry, proof=replace(entry.proof, checkpoint="")), version) == "LOG_NO_CHECKPOINT"


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
def test_a_proof_that_is_there_is_verified_in_every_version(version):
    entry = V1.entry()
    wrong = replace(entry.proof, hashes=entry.proof.hashes[::-1])
    assert refused(replace(entry, proof=wrong), version) == "LOG_PROOF_ROOT"
    assert refused(replace(entry, proof=replace(wrong, checkpoint="")), version) == "LOG_PROOF_ROOT"


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
def test_a_checkpoint_that_is_there_is_verified_in_every_version(version):
    entry = V1.entry()
    stranger = LogMaker(private=ec.generate_private_key(ec.SECP256R1()))
    forged = replace(entry.proof, checkpoint=stranger.checkpoint(entry.proof.size, entry.proof.root))
    assert refused(replace(entry, proof=forged), version) == "CHECKPOINT_UNSIGNED"


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
def test_a_promise_that_is_there_is_verified_in_every_version(version):
    assert refused(replace(V1.entry(), integrated=1), version) == "LOG_PERIOD"
    assert refused(replace(V1.entry(), integrated=int(MADE.timestamp()) + 1), version) == "LOG_SET"


def test_a_time_that_nobody_signed_is_none():
    entry = replace(V1.entry(), promise=None)
    assert entry.integrated
    assert witness(entry).at is None


def test_an_entry_with_neither_promise_nor_proof_is_refused():
    entry = replace(V1.entry(), promise=None)
    assert refused(replace(entry, proof=None), "0.1") == "LOG_NO_PROMISE"


def test_the_shard_of_rekor_v1_counts_by_itself():
    entry = V1.entry()
    assert entry.index != entry.proof.index
    witness(entry)


def test_rekor_v2_has_one_index():
    assert refused(replace(V2.entry(), index=3)) == "LOG_PROOF_INDEX"


@pytest.mark.parametrize("changed", [{"promise": b"x"}, {"integrated": 1}])
def test_rekor_v2_gives_no_promise_and_no_time(changed):
    assert refused(replace(V2.entry(), **changed)) == "LOG_V2_FORM"


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3"])
def test_rekor_v2_always_gives_proof_and_checkpoint(version):
    entry = V2.entry()
    assert refused(replace(entry, proof=None), version) == "LOG_NO_PROOF"
    assert refused(replace(entry, proof=replace(entry.proof, checkpoint="")), version) == "LOG_NO_CHECKPOINT"


@pytest.mark.parametrize("maker", [V1, V2], ids=["v1", "v2"])
def test_parts_of_two_entries_do_not_mix(maker):
    one, other = maker.entry(body=b"one"), maker.entry(body=b"other")
    for part in ("body", "proof"):
        code = refused(replace(one, **{part: getattr(other, part)}))
        assert code in {"LOG_SET", "LOG_PROOF_ROOT"}
    mixed = replace(one.proof, checkpoint=other.proof.checkpoint)
    assert refused(replace(one, proof=mixed)) == "CHECKPOINT_ROOT"


@pytest.mark.parametrize("maker", [V1, V2], ids=["v1", "v2"])
@pytest.mark.parametrize("by", [1, -1])
def test_another_tree_size_is_refused(maker, by):
    leaves = [b"a", b"b", BODY, b"d", b"e"]
    proof = proof_of(2, leaves, maker.checkpoint(5 + by, root_of(leaves)))
    assert refused(replace(maker.entry(), proof=proof)) == "CHECKPOINT_TREE_SIZE"
    entry = maker.entry()
    assert refused(replace(entry, proof=replace(entry.proof, size=5 + by))) in {
        "CHECKPOINT_TREE_SIZE",
        "LOG_PROOF_LENGTH",
        "LOG_PROOF_ROOT",
    }


def test_a_time_from_elsewhere_is_held_to_the_period_of_the_log():
    period = Period(start=MADE, end=MADE)
    log.require_period(V2.log(period), MADE)
    with pytest.raises(RejectedError) as caught:
        log.require_period(V2.log(period), NOW)
    assert caught.value.code == "LOG_PERIOD"
