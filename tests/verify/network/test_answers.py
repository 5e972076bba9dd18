from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.verify.network.answers import Answer, retry_after, ttl
from provenly.verify.network.documents import Document, Key, decode, encode

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
KEY = Key(url="https://a.example/x", accept="application/json", scope="s")


def answer(**headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(url="https://a.example/x", status=200, headers=named, body=b"")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/left-pad", timedelta(minutes=5)),
        ("https://a.example/left-pad/latest", timedelta(minutes=5)),
        ("https://a.example/left-pad/1", timedelta(minutes=5)),
        ("https://a.example/left-pad/%5E1.0.0", timedelta(minutes=5)),
        ("https://a.example/-/npm/v1/keys", timedelta(minutes=5)),
        ("https://a.example/-/npm/v1/attestations/left-pad@1.0.0", timedelta(minutes=5)),
        ("https://a.example/left-pad/1.0.0", timedelta(days=1)),
        ("https://a.example/@a%2fb/1.0.0-beta.1+build", timedelta(days=1)),
    ],
)
def test_documents_are_fresh_for_as_long_as_they_hardly_change(url, expected):
    assert ttl(url) == expected


@given(st.text())
def test_any_retry_after_is_seconds_or_nothing(text):
    wait = retry_after(answer(retry_after=text), NOW)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    ("etag", "kept"), [('"a"', True), ('W/"a"', True), ("a", False), ('"a\x7f"', False), ("", False)]
)
def test_only_well_formed_etags_are_kept(etag, kept):
    assert answer(etag=etag).etag == (etag if kept else "")
    assert answer(etag='"' + "a" * 10_000 + '"').etag == ""


def test_the_media_type_has_no_parameters():
    assert answer(content_type="Application/JSON; charset=utf-8").content_type == "application/json"


@given(st.binary())
def test_what_is_kept_comes_back_unchanged(body):
    kept = Document(status=200, content_type="x", etag="", fetched=NOW, body=body)
    assert decode(KEY, b"".join(encode(KEY, kept))) == kept


@given(st.binary() | st.binary().map(lambda data: b'{"status": 200, "key": [], "sha256": ""}\n' + data))
def test_bytes_that_were_not_written_so_are_refused(data):
    with pytest.raises(ValueError, match=r"it cannot be read|not those that were written"):
        decode(KEY, data)


@given(st.data())
def test_a_changed_byte_is_seen_or_changes_nothing(data):
    kept = Document(status=200, content_type="x", etag='"1"', fetched=NOW, body=b"body")
    written = bytearray(b"".join(encode(KEY, kept)))
    written[data.draw(st.integers(written.index(b"\n"), len(written) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match=r"it cannot be read|not those that were written"):
        decode(KEY, bytes(written))
