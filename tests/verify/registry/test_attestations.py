"""Where attestation documents are asked for, and what it means that there is none."""

import os

import pytest

from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError, UsageError
from provenly.trust.model import Release
from provenly.verify.context import Context, Response, Silence
from provenly.verify.registry import attestations
from tests.verify.checks.subjects import NOW, package

NPM = "https://registry.npmjs.org"
PATH = "/-/npm/v1/attestations/mail-mcp@1.0.0"


class Answering:
    """A transport that answers every request alike."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, int]] = []

    def get(self, url, *, accept, max_bytes, what, fresh=False):
        self.asked.append((url, accept, max_bytes))
        if isinstance(self.answer, Exception):
            raise self.answer
        return Response(url=url, body=self.answer, content_type="application/json", fetched=NOW)


def context(answer=b"{}", **changes):
    transport = Answering(answer)
    parts = {"now": NOW, "registries": None, "forge": None, "progress": Silence(), "anchors": None}
    return Context(transport=transport, **(parts | changes)), transport


@pytest.mark.parametrize("base", ["https://registry.example", "https://npm.example/npm/mirror", NPM])
def test_the_registry_itself_is_asked_below_its_base(base):
    looked, transport = context(b'{"attestations":[]}')
    assert attestations.acquire(package(registry=base, attestations=PATH), looked) == b'{"attestations":[]}'
    assert transport.asked == [(base + PATH, "application/json", 4 * 1024 * 1024)]


def test_the_version_before_has_the_usual_path():
    looked, transport = context()
    before = Release(version="0.9.0", attested=True)
    attestations.acquire_previous(package(name="@example/mail"), before, looked)
    assert transport.asked[0][0] == "https://registry.example/-/npm/v1/attestations/@example%2fmail@0.9.0"


def test_what_is_advertised_and_not_served_is_kept_back_and_not_absent():
    looked, _ = context(NotFoundError("404"))
    for ask in (
        lambda: attestations.acquire(package(attestations=PATH), looked),
        lambda: attestations.acquire_previous(package(), Release(version="0.9.0"), looked),
    ):
        with pytest.raises(UnavailableError) as caught:
            ask()
        assert (caught.value.code, isinstance(caught.value, NotFoundError)) == ("ATT_MISSING", False)


@pytest.mark.parametrize("error", [UnavailableError("503"), MalformedError("too large")])
def test_other_failures_stay_what_they_are(error):
    looked, _ = context(error)
    with pytest.raises(type(error), match=error.message):
        attestations.acquire(package(attestations=PATH), looked)


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({}, NotFoundError, "ATT_NONE"),
        ({"registry": NPM, "signatures_served": True}, NotFoundError, "ATT_NONE"),
        ({"registry": NPM}, UnavailableError, "ATT_STRIPPED"),
        ({"registry": ""}, UnavailableError, "ATT_LOCAL"),
    ],
)
def test_none_served_has_three_meanings(changes, kind, code):
    looked, transport = context()
    with pytest.raises(UnavailableError) as caught:
        attestations.acquire(package(**changes), looked)
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert transport.asked == []


@pytest.mark.parametrize("changes", [{}, {"attestations": PATH}, {"registry": ""}, {"registry": NPM}])
def test_what_the_user_gave_takes_the_place_of_all(changes):
    looked, transport = context(attestations=b"given")
    assert attestations.acquire(package(**changes), looked) == b"given"
    assert attestations.place(package(**changes), looked) == "--attestations"
    assert transport.asked == []


def test_the_place_is_the_address():
    looked, _ = context()
    assert attestations.place(package(attestations=PATH), looked) == f"https://registry.example{PATH}"


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "a.json").write_bytes(b"{}")
    assert attestations.read_given(str(tmp_path / "a.json")) == b"{}"


def test_what_is_no_file_of_a_fair_size_is_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(attestations.MAX_DOCUMENT + 1)
    for name in ("gone", "fifo", "large", ".", "a\0b"):
        with pytest.raises(UsageError) as caught:
            attestations.read_given(str(tmp_path / name))
        assert caught.value.code == "ATT_FILE"
        assert "--attestations" in caught.value.message
