"""``--at``: one reading of it for every command, and no text that ends in anything but a time or a sentence."""

from datetime import UTC, datetime

import pytest

from provenly import api, reference_time
from provenly.trust.errors import UsageError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_without_a_text_it_is_now():
    assert reference_time.read("", NOW) == NOW
    assert reference_time.read("").tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-11-01T01:00:00+01:00", "2026-11-01T00:00:00Z", "2026-11-01"])
def test_every_offset_is_turned_into_utc_and_none_means_it(text):
    assert reference_time.read(text, NOW) == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-13-01", "2026-11-22T12:00:01Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"],
)
def test_what_is_no_time_that_has_been_is_refused_by_every_command(text):
    with pytest.raises(UsageError) as caught:
        reference_time.read(text, NOW)
    assert caught.value.code == "OPTION_TIME"
    if "11-22" not in text:
        with pytest.raises(UsageError):
            api.Request(["mail-mcp@1.0.0"], api.Options(at=text))
