"""What a transparency log says is not true, or about something else."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any, Final

from tests.forgeries.forgery import GONE, Forgery, Later, edited, provenance, publish, stamped, trusting
from tests.simulator.sigstore.authority import SIGNED
from tests.simulator.sigstore.bundle import V01
from tests.simulator.sigstore.instance import NOW, Instance, zulu
from tests.simulator.sigstore.rekor import Rekor, b64, second_log

SECOND: Final = timedelta(seconds=1)
ENTRY: Final = "verificationMaterial.tlogEntries.0"
PROOF: Final = f"{ENTRY}.inclusionProof"
CHECKPOINT: Final = f"{PROOF}.checkpoint.envelope"
OTHER_BODY: Final = b'{"apiVersion":"0.0.1","kind":"dsse","spec":{}}'


@cache
def other_log() -> Rekor:
    """Return a log that nobody trusts, of the trusted one's name."""
    return Rekor()


def words(name: str, row: str, code: str, /, says: str = "", **members: Any) -> Forgery:
    """Return a forgery for whose entry the log has other words (:class:`Words`)."""
    return provenance(name, row, code, says, words=members)


def _logs(by: Instance, **valid: str | None) -> list[Any]:
    """Return the trusted root's logs with another period of the first."""
    first, *rest = json.loads(json.dumps(by.trusted_root()["tlogs"]))
    period = first["publicKey"]["validFor"] | valid
    first["publicKey"]["validFor"] = {name: value for name, value in period.items() if value is not None}
    return [first, *rest]


def _other_id(by: Instance) -> list[Any]:
    logs = _logs(by)
    logs[0]["logId"] = {"keyId": b64(b"\x01" * 32)}
    return logs


PROMISES: Final = (
    words("promise by another key", "B16", "LOG_SET", promise_key=Later(lambda _: other_log().key)),
    words("promise about another body", "B16", "LOG_SET", promise_body=OTHER_BODY),
    words("promise about another time", "B16", "LOG_SET", promise_at=SIGNED - SECOND),
    words("promise about another index", "B16", "LOG_SET", promise_index=5),
    words("entry in an unknown log", "B16", "LOG_UNKNOWN", log_id=b"\x01" * 32),
    words("integrated before the certificate", "GHSA-hhfg-fwrw-87w7", "CERT_PERIOD", at=SIGNED - timedelta(seconds=6)),
    words("integrated after the certificate", "GHSA-hhfg-fwrw-87w7", "CERT_PERIOD", at=SIGNED + timedelta(seconds=601)),
    words("integrated in the future", "B31", "LOG_TIME_FUTURE", at=NOW + timedelta(hours=1)),
    words("integrated before the log", "B31", "LOG_PERIOD", at=SIGNED - timedelta(days=4000)),
    edited("integrated time altered", "B16", "LOG_SET", f"{ENTRY}.integratedTime", str(int(SIGNED.timestamp()) + 1)),
    edited("log index altered", "B16", "LOG_SET", f"{ENTRY}.logIndex", "1"),
    provenance("entry of an untrusted log", "B16", "LOG_UNKNOWN", log=Later(lambda _: other_log())),
    provenance(
        "entry of an untrusted log in the trusted one's name",
        "B16",
        "LOG_SET",
        log=Later(lambda _: other_log()),
        words={"log_id": Later(lambda by: by.log.log_id)},
    ),
    publish("publish: entry of an untrusted log", "B16", "LOG_UNKNOWN", log=Later(lambda _: other_log())),
    publish("publish: promise about another body", "B16", "LOG_SET", words={"promise_body": OTHER_BODY}),
    publish("publish: no proof", "B15", "LOG_NO_PROOF", words={"proof": False}),
    provenance(
        "version 0.1 with neither promise nor proof",
        "B15",
        "LOG_NO_PROMISE",
        words={"promise": False, "proof": False},
        media_type=V01,
    ),
    provenance(
        "version 0.1 with a promise by another key",
        "B15",
        "LOG_SET",
        words={"proof": False, "promise_key": Later(lambda _: other_log().key)},
        media_type=V01,
    ),
    provenance("version 0.3 with a promise only", "B15", "LOG_NO_PROOF", words={"proof": False}),
    provenance("version 0.3 without a checkpoint", "B15", "LOG_NO_CHECKPOINT", words={"checkpoint": False}),
    provenance(
        "version 0.1 without a checkpoint", "B15", "LOG_NO_CHECKPOINT", media_type=V01, words={"checkpoint": False}
    ),
    edited("no time at all", "B31", "BUNDLE_NO_TIME", f"{ENTRY}.inclusionPromise", GONE),
    edited("no log entry", "B14", "BUNDLE_NO_LOG", "verificationMaterial.tlogEntries", []),
    trusting("a root without logs", "B16", "LOG_UNKNOWN", tlogs=lambda _: []),
    trusting("a log whose period is over", "K08", "LOG_PERIOD", tlogs=lambda by: _logs(by, end=zulu(SIGNED - SECOND))),
    trusting(
        "a log whose period has not begun", "K08", "LOG_PERIOD", tlogs=lambda by: _logs(by, start=zulu(SIGNED + SECOND))
    ),
    trusting("a log without a start", "K03", "TRUST_PERIOD", tlogs=lambda by: _logs(by, start=None)),
    trusting("a log id that is not that of its key", "K06", "TRUST_LOG_ID", tlogs=_other_id),
    trusting("a log listed twice", "CVE-2020-6174", "TRUST_DUPLICATE", tlogs=lambda by: _logs(by) * 2),
)


PROOFS: Final = (
    words("proof of another body", "B16", "LOG_PROOF_ROOT", proof_body=OTHER_BODY),
    words("proof of another leaf", "B16", "LOG_PROOF_ROOT", proof_index=3),
    words("proof of a leaf beyond the tree", "B16", "LOG_PROOF_INDEX", proof_index=10),
    words("proof of a larger tree", "B16", "LOG_PROOF_LENGTH", size=1000),
    edited("tree size plus one", "B16", "CHECKPOINT_TREE_SIZE", f"{PROOF}.treeSize", "11"),
    edited("hash altered", "B16", "LOG_PROOF_ROOT", f"{PROOF}.hashes.0", b64(b"\x00" * 32)),
    edited("hash missing", "B16", "LOG_PROOF_LENGTH", f"{PROOF}.hashes", lambda old, _: old[:-1]),
    edited("hash too many", "B16", "LOG_PROOF_LENGTH", f"{PROOF}.hashes", lambda old, _: [*old, b64(b"\x00" * 32)]),
    edited("hash of 31 bytes", "B16", "BUNDLE_FORMAT", f"{PROOF}.hashes.0", b64(b"\x00" * 31)),
    edited("root altered", "B16", "LOG_PROOF_ROOT", f"{PROOF}.rootHash", b64(b"\x00" * 32)),
    words("checkpoint of another size", "B16", "CHECKPOINT_TREE_SIZE", checkpoint_size=11),
    words("checkpoint of another tree", "B16", "CHECKPOINT_ROOT", checkpoint_root=b"\x01" * 32),
    words("checkpoint by another key", "B16", "CHECKPOINT_SIGNATURE", checkpoint_key=Later(lambda _: other_log().key)),
    words("checkpoint with another hint", "B16", "CHECKPOINT_UNSIGNED", key_hint=b"evil"),
    words("checkpoint signed in another name", "B16", "CHECKPOINT_UNSIGNED", checkpoint_name="rekor.evil.example"),
    words("checkpoint of another log", "B16", "CHECKPOINT_ORIGIN", origin="rekor.evil.example - 1"),
    words("checkpoint of a longer name", "B16", "CHECKPOINT_ORIGIN", origin="rekor.forge.example.evil - 1"),
    edited(
        "checkpoint without signatures",
        "B16",
        "CHECKPOINT_FORMAT",
        f"{PROOF}.checkpoint.envelope",
        lambda old, _: old.partition("\n\n")[0] + "\n\n",
    ),
    edited(
        "checkpoint with a second empty line",
        "B16",
        "CHECKPOINT_FORMAT",
        f"{PROOF}.checkpoint.envelope",
        lambda old, _: old + "\n\n",
    ),
    edited(
        "checkpoint with a size of 011",
        "B18",
        "INT_NOT_CANONICAL",
        f"{PROOF}.checkpoint.envelope",
        lambda old, _: old.replace("\n10\n", "\n010\n"),
    ),
    edited(
        "checkpoint signed twice",
        "B16",
        "CHECKPOINT_UNSIGNED",
        CHECKPOINT,
        lambda old, _: old + old.partition("\n\n")[2],
    ),
    edited(
        "checkpoint with another line",
        "B16",
        "CHECKPOINT_SIGNATURE",
        CHECKPOINT,
        lambda old, _: old.replace("\n\n", "\nTimestamp: 1\n\n"),
    ),
    edited(
        "checkpoint with other line ends",
        "B16",
        "CHECKPOINT_FORMAT",
        CHECKPOINT,
        lambda old, _: old.replace("\n", "\r\n"),
    ),
    edited("checkpoint that is empty", "B16", "LOG_NO_CHECKPOINT", f"{PROOF}.checkpoint.envelope", ""),
    edited(
        "older checkpoint",
        "B16",
        "CHECKPOINT_ROOT",
        f"{PROOF}.checkpoint.envelope",
        lambda _, by: by.log.checkpoint(4, b"\x02" * 32),
    ),
    stamped(
        "v2: checkpoint by another key",
        "B16",
        "CHECKPOINT_SIGNATURE",
        words={"at": None, "promise": False, "checkpoint_key": Later(lambda _: second_log().key)},
    ),
    stamped("v2: entry of an untrusted log", "B16", "LOG_UNKNOWN", log=Later(lambda _: second_log())),
    stamped(
        "v2: proof of another body",
        "B16",
        "LOG_PROOF_ROOT",
        words={"at": None, "promise": False, "proof_body": OTHER_BODY},
    ),
    stamped("v2: no proof", "B15", "LOG_NO_PROOF", words={"at": None, "promise": False, "proof": False}),
    stamped("v2: a time", "B31", "LOG_V2_FORM", words={"at": SIGNED + SECOND, "promise": False}),
    stamped(
        "v2: an index that is not the proof's",
        "B16",
        "LOG_PROOF_INDEX",
        words={"at": None, "promise": False, "index": 5},
    ),
)

V2_IN_V1: Final = {"kind": "hashedrekord", "version": "0.0.2"}
MIXED_VERSIONS: Final = (
    provenance(
        "v1 entry in a v2 log", "B14", "LOG_UNKNOWN", log=Later(lambda by: by.second), words={"at": SIGNED + SECOND}
    ),
    provenance("v2 entry in a v1 log", "B14", "LOG_V2_FORM", **V2_IN_V1),
    provenance(
        "v2 entry in a v1 log without its promise",
        "B14",
        "LOG_PROOF_INDEX",
        words={"at": None, "promise": False},
        **V2_IN_V1,
    ),
    provenance(
        "v2 entry in a v1 log with the proof's index",
        "B14",
        "CHECKPOINT_ORIGIN",
        words={"at": None, "promise": False, "index": 4},
        **V2_IN_V1,
    ),
    provenance(
        "version 0.1 with a wrong proof beside the promise",
        "B15",
        "LOG_PROOF_ROOT",
        media_type=V01,
        words={"proof_body": OTHER_BODY},
    ),
    provenance(
        "version 0.1 with a wrong checkpoint beside the promise",
        "B15",
        "CHECKPOINT_SIGNATURE",
        media_type=V01,
        words={"checkpoint_key": Later(lambda _: other_log().key)},
    ),
)

ALL: Final = (*PROMISES, *PROOFS, *MIXED_VERSIONS)
