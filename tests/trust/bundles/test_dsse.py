from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.bundles.dsse import pae


def test_the_example_of_the_specification():
    # secure-systems-lab/dsse, protocol.md, "Test Vectors"
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected


def test_lengths_are_those_of_bytes():
    assert pae("é", "é!".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xc3\xa9!"
    assert pae("", b"") == b"DSSEv1 0  0 "


TYPES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(TYPES, st.binary(max_size=40), TYPES, st.binary(max_size=40))
def test_two_contents_never_have_one_encoding(kind, payload, other_kind, other_payload):
    """protocol.md: the encoding is injective, whatever spaces and digits the parts have."""
    same = (kind, payload) == (other_kind, other_payload)
    assert (pae(kind, payload) == pae(other_kind, other_payload)) == same


@given(TYPES, st.binary(max_size=40), st.integers(min_value=0, max_value=20))
def test_moving_the_border_changes_the_encoding(kind, payload, shift):
    moved = payload[:shift].decode("latin-1")
    assert pae(kind + moved, payload[shift:]) != pae(kind, payload) or not moved
