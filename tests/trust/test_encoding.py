"""The spellings of bundles: one for each value (threats B17, B18)."""

import base64
from datetime import UTC, datetime

import pytest

from provenly.trust import encoding
from provenly.trust.errors import MalformedError


def malformed(code, call):
    with pytest.raises(MalformedError) as caught:
        call()
    assert caught.value.code == code
    assert "the value" in caught.value.message
    return caught.value


# ------------------------------------------------------------------------------------------------ base64


@pytest.mark.parametrize("size", [1, 2, 3, 57, 58, 1_000])
def test_canonical_base64_is_read(size):
    data = bytes(range(256))[:size] * (size // 256 + 1)
    text = base64.b64encode(data[:size]).decode()
    assert encoding.base64_bytes(text, what="the value", max_bytes=size) == data[:size]


@pytest.mark.parametrize(
    "text",
    [
        "TQ",  # without padding
        "TQ=",
        "TQ===",
        "TWE==",
        "TQ==TQ==",
        "TR==",  # unused bits that are not zero
        "TWF=",
        " TQ==",
        "TQ==\n",
        "T\nQ==",
        "TQ ==",
        "T*Q==",  # junk that protobuf and Python's default pass over
        "\ufeffTQ==",
        "-_-_",  # the alphabet of URLs
        "TQ＝＝",  # noqa: RUF001 - that is the point
        "ＴＱ==",  # noqa: RUF001
        "=",
        "====",
        "A",
        "data:;base64,TQ==",
        "\x00TQ==",
        "é===",
    ],
)
def test_every_other_base64_is_refused(text):
    malformed("B64_NOT_CANONICAL", lambda: encoding.base64_bytes(text, what="the value", max_bytes=100))


@pytest.mark.parametrize("value", [None, 1, True, (), {}, b"TQ=="])
def test_what_is_no_text_is_no_base64(value):
    malformed("B64_NOT_CANONICAL", lambda: encoding.base64_bytes(value, what="the value", max_bytes=100))


def test_nothing_is_no_value():
    malformed("B64_EMPTY", lambda: encoding.base64_bytes("", what="the value", max_bytes=100))


def test_the_size_is_looked_at_before_anything_is_decoded():
    for size in (1, 2, 3, 4, 300):
        text = base64.b64encode(b"x" * size).decode()
        assert encoding.base64_bytes(text, what="the value", max_bytes=size) == b"x" * size
        more = base64.b64encode(b"x" * (size + 3)).decode()
        malformed(
            "B64_SIZE", lambda more=more, size=size: encoding.base64_bytes(more, what="the value", max_bytes=size)
        )
    malformed("B64_SIZE", lambda: encoding.base64_bytes("*" * 1_000, what="the value", max_bytes=9))


@pytest.mark.parametrize("most", [1, 2, 4, 5])
def test_the_size_is_a_limit_to_the_byte(most):
    more = base64.b64encode(b"x" * (most + 1)).decode()
    with pytest.raises(MalformedError) as caught:
        encoding.base64_bytes(more, what="the value", max_bytes=most)
    assert caught.value.code == "B64_SIZE"


# ------------------------------------------------------------------------------------------------ integers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        ("0", 0),
        (7, 7),
        ("7", 7),
        ("2134982081", 2_134_982_081),
        ("9223372036854775807", 2**63 - 1),
        (2**63 - 1, 2**63 - 1),
    ],
)
def test_integers_are_read_as_text_and_as_numbers(value, expected):
    assert encoding.integer(value, what="the value") == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "+1",
        "-1",
        "-0",
        " 1",
        "1 ",
        "1\n",
        "01",
        "00",
        "1.0",
        "1e3",
        "0x1",
        "1_000",
        "١",  # noqa: RUF001 - an Arabic digit
        "９",  # noqa: RUF001 - a full-width digit
        "9223372036854775808",
        "99999999999999999999",
        "9" * 400,
        -1,
        2**63,
        1.0,
        True,
        False,
        None,
        (),
        {},
    ],
)
def test_every_other_integer_is_refused(value):
    malformed("INT_NOT_CANONICAL", lambda: encoding.integer(value, what="the value"))


# ------------------------------------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-12-31T23:59:59Z", datetime(2022, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2022-12-31T23:59:59.999Z", datetime(2022, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("2022-12-31T23:59:59.999999999Z", datetime(2022, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2024-02-29T00:00:00.1Z", datetime(2024, 2, 29, 0, 0, 0, 100_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times_are_in_utc(text, expected):
    found = encoding.time(text, what="the value")
    assert found == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2022-12-31",
        "2022-12-31T23:59:59",
        "2022-12-31T23:59:59+00:00",
        "2022-12-31T23:59:59z",
        "2022-12-31 23:59:59Z",
        "2022-12-31T23:59:59.Z",
        "2022-12-31T23:59:59.1234567890Z",
        "2022-12-31T23:59:59Z\n",
        "2022-12-31T23:59:60Z",
        "2022-12-31T24:00:00Z",
        "2023-02-29T00:00:00Z",
        "2022-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "12022-12-31T23:59:59Z",
        "２０２２-12-31T23:59:59Z",  # noqa: RUF001 - full-width digits
        1_672_531_199,
        None,
        (),
    ],
)
def test_every_other_time_is_refused(value):
    malformed("TIME_FORMAT", lambda: encoding.time(value, what="the value"))


# ------------------------------------------------------------------------------------------------ shapes


def test_objects_arrays_and_texts_are_what_they_are_called():
    assert encoding.members({"a": 1}, what="the value", code="X") == {"a": 1}
    assert encoding.items((1, 2), what="the value", code="X", least=1, most=2) == (1, 2)
    assert encoding.text("a", what="the value", code="X") == "a"
    for value in (None, True, 1, "a", (1,)):
        malformed("X", lambda value=value: encoding.members(value, what="the value", code="X"))
    for value in (None, True, 1, "a", {}, [1]):
        malformed("X", lambda value=value: encoding.items(value, what="the value", code="X", least=0, most=9))
    for value in (None, True, 1, "", (), {}, b"a"):
        malformed("X", lambda value=value: encoding.text(value, what="the value", code="X"))


def test_a_number_of_members_is_asked_for_in_words():
    few = malformed("X", lambda: encoding.items((), what="the value", code="X", least=1, most=1))
    assert few.message == "the value has 0 members; exactly 1 are accepted"
    many = malformed("X", lambda: encoding.items((1,) * 3_000, what="the value", code="X", least=0, most=8))
    assert many.message == "the value has 3,000 members; 0 to 8 are accepted"


def test_members_have_one_spelling():
    known = frozenset({"subject", "predicateType"})
    encoding.one_spelling({"subject": 1, "predicateType": 2, "_type": 3}, known, what="it", code="A_CODE")
    for name in ("Subject", "SUBJECT", "predicatetype"):
        with pytest.raises(MalformedError, match=name) as caught:
            encoding.one_spelling({"subject": 1, name: 2}, known, what="it", code="A_CODE")
        assert caught.value.code == "A_CODE"
