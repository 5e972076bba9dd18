import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.verify.esbuild import protocol

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_a_request_has_the_bytes_that_esbuild_documents():
    # {id: 3, isRequest: true, value: {"a": [true, 1, "b", bytes [2], null]}}, written out by hand.
    value = {"a": [True, 1, "b", b"\2", None]}
    body = "06000000 06 01000000 01000000 61 05 05000000 01 01 02 01000000 03 01000000 62 04 01000000 02 00"
    raw = bytes.fromhex(body)
    assert protocol.packet(3, value) == len(raw).to_bytes(4, "little") + raw


@given(st.integers(0, 2**31 - 1), VALUES, st.booleans())
def test_what_is_written_is_read_again(number, value, answer):
    packet = protocol.packet(number, value, answer=answer)
    assert int.from_bytes(packet[:4], "little") == len(packet) - 4
    assert protocol.read(packet[4:]) == (number, answer, value)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(data):
    with contextlib.suppress(ValueError):
        protocol.read(data)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "07",
        "01",
        "02 000000",
        "03 05000000 61",
        "05 ffffffff",
        "06 ffffffff",
        "00 00",
        "05 01000000" * 40 + "00",
    ],
)
def test_what_is_no_value_is_refused(value):
    with pytest.raises(ValueError, match=r"ends|kind|follows|inside"):
        protocol.read(bytes(4) + bytes.fromhex(value))
