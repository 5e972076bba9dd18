import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.trust import strict_json
from provenly.trust.errors import MalformedError


def loads(data, **options):
    return strict_json.loads(data, what="the document", max_bytes=1 << 20, **options)


def test_values_are_read_only():
    value = loads(b'{"a": [1, {"b": null}], "c": 1.5, "d": "x", "e": true}')
    assert strict_json.thaw(value) == {"a": [1, {"b": None}], "c": 1.5, "d": "x", "e": True}
    with pytest.raises(TypeError):
        value["a"] = 1
    assert isinstance(value["a"], tuple)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a": 1, "a": 1}', "JSON_DUPLICATE_KEY"),
        (b'[{"a": {"b": 1, "\\u0062": 2}}]', "JSON_DUPLICATE_KEY"),
        (b"[" * 65 + b"]" * 65, "JSON_DEPTH"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "JSON_DEPTH"),
        (b"[" * 500_000, "JSON_DEPTH"),
        (b'{"a":' * 150_000, "JSON_DEPTH"),
        (b"NaN", "JSON_SYNTAX"),
        (b"[-Infinity]", "JSON_SYNTAX"),
        (b"1e999", "JSON_NUMBER"),
        (b"1" * 33, "JSON_NUMBER"),
        (b"-" + b"1" * 5_000, "JSON_NUMBER"),
        (b"0." + b"1" * 500, "JSON_NUMBER"),
        (b'"\\ud800"', "JSON_SURROGATE"),
        (b'{"\\udc00": 1}', "JSON_SURROGATE"),
        (b'"\\u0000"', "JSON_CONTROL"),
        (b'{"a\\u0000b": 1}', "JSON_CONTROL"),
        (b'"\x00"', "JSON_ENCODING"),
        (b'"\x01"', "JSON_SYNTAX"),
        (b'"\xff"', "JSON_ENCODING"),
        ('{"a": 1}'.encode("utf-16"), "JSON_ENCODING"),
        ('{"a": 1}'.encode("utf-16-le"), "JSON_ENCODING"),
        (b"\xef\xbb\xbf{}", "JSON_BOM"),
        (b"", "JSON_SYNTAX"),
        (b"{} {}", "JSON_SYNTAX"),
        (b"{,}", "JSON_SYNTAX"),
        (b"[1,]", "JSON_SYNTAX"),
        (b"{'a': 1}", "JSON_SYNTAX"),
        (b"// x\n{}", "JSON_SYNTAX"),
        (b" " * ((1 << 20) + 1), "JSON_SIZE"),
        (b"Infinity", "JSON_SYNTAX"),
        (b"-1e999", "JSON_NUMBER"),
        (b"0." + b"1" * 63, "JSON_NUMBER"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "JSON_BOM"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(data, code):
    with pytest.raises(MalformedError) as caught:
        loads(data)
    assert caught.value.code == code
    assert "the document" in caught.value.message


def test_limits_are_reached_from_below():
    assert loads(b"[" * 64 + b"]" * 64) is not None
    assert loads(b'{"a":' * 64 + b"1" + b"}" * 64) is not None
    assert loads(b"1" * 32) == int("1" * 32)
    assert loads(b"0." + b"1" * 62) == pytest.approx(1 / 9)
    assert loads(b"[[1]]", max_depth=2) == ((1,),)
    assert loads(b"\xef\xbb\xbf{}", allow_bom=True) == {}
    assert loads(b" " * ((1 << 20) - 2) + b"{}") == {}


def test_the_callers_depth_counts():
    with pytest.raises(MalformedError) as caught:
        loads(b"[[[]]]", max_depth=2)
    assert caught.value.code == "JSON_DEPTH"


def test_a_string_has_a_limit_of_its_own():
    text = "x" * (16 << 20)
    assert strict_json.loads(json.dumps(text).encode(), what="x", max_bytes=1 << 25) == text
    for value in (text + "x", {text + "x": 1}):
        with pytest.raises(MalformedError) as caught:
            strict_json.loads(json.dumps(value).encode(), what="x", max_bytes=1 << 25)
        assert caught.value.code == "JSON_STRING"


@pytest.mark.parametrize("empty", [b"[]", b"{}"])
def test_millions_of_empty_containers_are_refused_before_they_take_memory(empty):
    data = b"[" + b",".join([empty] * 1_000_000) + b"]"
    with pytest.raises(MalformedError) as caught:
        strict_json.loads(data, what="x", max_bytes=1 << 25)
    assert caught.value.code == "JSON_SIZE"


@pytest.mark.parametrize("data", [b"[1,2,3,4]", b'["a,,,b"]', b"[[[[]]]]", b'["[[[["]'])
def test_the_callers_number_of_values_counts(data):
    assert loads(data, max_values=5)
    with pytest.raises(MalformedError) as caught:
        loads(data, max_values=2)
    assert caught.value.code == "JSON_SIZE"


def test_millions_of_small_values_are_refused_before_they_take_memory():
    data = b"[" + b"1," * strict_json.MAX_VALUES + b"1]"
    assert len(strict_json.loads(data[:-5_000_001] + b"1]", what="x", max_bytes=1 << 25)) < strict_json.MAX_VALUES
    with pytest.raises(MalformedError) as caught:
        strict_json.loads(data.replace(b"1]", b"1,1]"), what="x", max_bytes=1 << 25)
    assert caught.value.code == "JSON_SIZE"


def test_minus_zero_is_no_whole_number():
    assert [type(value) for value in loads(b"[-0, 0, -1]")] == [float, int, int]


def test_a_doubled_key_is_found_in_linear_time():
    data = b"{" + b",".join(b'"%d":0' % number for number in range(50_000)) + b',"x":0,"x":0}'
    before = time.process_time()
    with pytest.raises(MalformedError, match="'x' twice"):
        loads(data)
    assert time.process_time() - before < 10


def test_one_spelling_is_hashed():
    assert strict_json.canonical(loads('{"b": [1, "é"], "a": null}'.encode())) == '{"a":null,"b":[1,"é"]}'.encode()


def test_brackets_in_strings_do_not_count_as_depth():
    assert loads(json.dumps("[" * 1_000).encode()) == "[" * 1_000


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))), inner)
    ),
    max_leaves=20,
)


@given(json_values)
def test_honest_json_survives_a_round_trip(value):
    assert strict_json.thaw(loads(json.dumps(value).encode())) == value
    assert strict_json.thaw(loads(strict_json.canonical(loads(json.dumps(value).encode())))) == value


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused(data):
    with contextlib.suppress(MalformedError):
        loads(data)
