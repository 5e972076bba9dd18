"""The signed entry timestamp: each signed field, the period of the log, and the clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from provenly.trust.bundles import promise
from provenly.trust.errors import Error
from provenly.trust.roots.model import Period
from tests.trust.bundles.log_maker import MADE, NOW, V1, LogMaker

ENTRY = V1.entry()


def refused(entry, log=None, *, now=NOW):
    with pytest.raises(Error) as caught:
        promise.verify(entry, entry.promise, log or V1.log(), now=now)
    return caught.value.code


def test_it_gives_the_time_that_was_signed():
    assert promise.verify(ENTRY, ENTRY.promise, V1.log(), now=NOW) == MADE


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b"another"},
        {"integrated": ENTRY.integrated + 1},
        {"log_id": bytes(32)},
        {"index": ENTRY.index + 1},
        {"promise": ENTRY.promise[:-1]},
        {"promise": b""},
    ],
)
def test_every_signed_field_counts(changed):
    assert refused(replace(ENTRY, **changed)) == "LOG_SET"


def test_the_key_of_another_log_signed_nothing():
    assert refused(ENTRY, LogMaker(private=ec.generate_private_key(ec.SECP256R1())).log()) == "LOG_SET"


def test_the_period_of_the_log_covers_the_time_and_both_its_ends_belong_to_it():
    second = timedelta(seconds=1)
    promise.verify(ENTRY, ENTRY.promise, V1.log(Period(start=MADE, end=MADE)), now=NOW)
    assert refused(ENTRY, V1.log(Period(start=MADE + second, end=None))) == "LOG_PERIOD"
    assert refused(ENTRY, V1.log(Period(start=None, end=MADE - second))) == "LOG_PERIOD"


def test_a_time_in_the_future_is_refused_beyond_what_clocks_differ():
    promise.verify(ENTRY, ENTRY.promise, V1.log(), now=MADE - timedelta(minutes=5))
    assert refused(ENTRY, now=MADE - timedelta(minutes=5, seconds=1)) == "LOG_TIME_FUTURE"


@pytest.mark.parametrize("integrated", [0, 253_402_300_800, 2**63 - 1])
def test_a_promise_without_a_time_is_refused(integrated):
    assert refused(V1.promised(replace(ENTRY, integrated=integrated))) == "LOG_TIME"


def test_the_last_time_that_there_is_does_not_overflow():
    last = V1.promised(replace(ENTRY, integrated=253_402_300_799))
    assert refused(last) == "LOG_TIME_FUTURE"
    assert datetime.fromtimestamp(253_402_300_799, UTC).year == 9999


def test_the_signed_form_is_that_of_the_log():
    assert promise.signed_bytes(replace(ENTRY, body=b"?", log_id=b"\xab", index=7, integrated=8)) == (
        b'{"body":"Pw==","integratedTime":8,"logID":"ab","logIndex":7}'
    )
