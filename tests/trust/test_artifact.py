import dataclasses

import pytest

from provenly.trust import artifact as artifacts
from provenly.trust import evidence, model, verdict
from provenly.trust import source as sources
from provenly.trust.artifact import Artifact, FileEntry, Listing, admit, admit_unclaimed
from provenly.trust.digest import Digest
from provenly.trust.errors import LayoutError, MalformedError, RejectedError
from provenly.trust.model import Package, Release

DATA = b"the archive"


def package(integrity=None):
    integrity = Digest.of(DATA, "sha512").sri if integrity is None else integrity
    return Package(name="@scope/pkg", version="1.0.0+b", integrity=integrity, release=Release(version="1.0.0+b"))


def read(data):
    entry = FileEntry(path="index.js", size=len(data), digest=Digest.of(data), blob="0" * 40)
    return Listing(files=(entry,), contents={"index.js": data})


def test_the_bytes_that_are_hashed_are_the_bytes_that_are_read():
    seen = []

    def reader(data):
        seen.append(data)
        return read(data)

    artifact = admit(package(), DATA, "https://registry.example/x.tgz", reader)
    assert seen == [DATA]
    assert seen[0] is DATA
    assert artifact.claimed
    assert artifact.sha512 == Digest.of(DATA, "sha512")
    assert artifact.sha256 == Digest.of(DATA)
    assert artifact.contents["index.js"] == DATA


def test_other_bytes_are_rejected_before_they_are_read():
    def reader(data):
        pytest.fail("bytes with the wrong digest were read")

    with pytest.raises(RejectedError) as caught:
        admit(package(), DATA + b"!", "x", reader)
    assert caught.value.code == "INTEGRITY_MISMATCH"
    assert caught.value.expected == package().integrity
    assert caught.value.actual == Digest.of(DATA + b"!", "sha512").sri


def test_a_weak_integrity_admits_nothing():
    with pytest.raises(MalformedError) as caught:
        admit(package("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="), DATA, "x", read)
    assert caught.value.code == "INTEGRITY_WEAK"


def test_an_archive_that_cannot_be_read_is_told_from_wrong_bytes():
    def reader(data):
        raise MalformedError("two files of one name", code="TAR_DUPLICATE", hint="ask")

    with pytest.raises(LayoutError) as caught:
        admit(package(), DATA, "x", reader)
    assert (caught.value.code, caught.value.hint) == ("TAR_DUPLICATE", "ask")


def test_unclaimed_bytes_are_marked_as_such():
    assert not admit_unclaimed(package(""), DATA, "./x.tgz", read).claimed


def test_nobody_else_makes_an_artifact():
    artifact = admit(package(), DATA, "x", read)
    values = {field.name: getattr(artifact, field.name) for field in dataclasses.fields(Artifact)}
    with pytest.raises(TypeError, match="admit only"):
        Artifact(**values, seal=None)
    with pytest.raises(TypeError):
        Artifact(**values)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(artifact, size=0)


def test_frozen_means_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        package().name = "other"
    with pytest.raises(TypeError):
        package().manifest["name"] = "other"
    assert model.nothing() == {}


def test_the_purl_of_a_scoped_package_with_build_metadata():
    assert package().purl == "pkg:npm/%40scope/pkg@1.0.0%2Bb"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (model.Ecosystem, "npm"),
        (model.Selector, "exact range tag none file folder evidence"),
        (model.Claimant, "homepage manifest registry provenance user"),
        (sources.FoundBy, "provenance user git-head tag manifest-equal version-set best-match search nearest"),
        (evidence.Status, "passed failed absent unchecked"),
        (
            evidence.FileClass,
            "identical manifest equivalent recompiled rebuilt traced vocabulary unexplained",
        ),
        (verdict.Action, "allow warn hold deny"),
    ],
)
def test_the_words_of_reports_and_policies_keep_their_spelling_and_their_order(words, expected):
    assert [str(word) for word in words] == expected.split()


CLASSES = [
    value
    for module in (model, artifacts, sources, evidence, verdict)
    for value in vars(module).values()
    if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_nothing_that_a_verdict_rests_on_can_be_changed_afterwards(kind):
    thing = object.__new__(kind)
    for field in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, field.name, "another")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_what_nobody_said_is_empty(kind):
    said = {"ecosystem": "npm", "selector": "none", "mode": 0o644}
    for field in dataclasses.fields(kind):
        if field.default is not dataclasses.MISSING:
            assert field.default in ("", (), None, False, said.get(field.name)), field.name


def test_a_rejected_archive_is_described_and_told_what_to_do():
    with pytest.raises(RejectedError) as caught:
        admit(package(), b"", "x", read)
    assert "@scope/pkg@1.0.0+b" in caught.value.message
    assert caught.value.hint


def test_an_artifact_tells_what_was_read():
    artifact = admit(package(), DATA, "https://registry.example/x.tgz", read)
    assert (artifact.size, artifact.origin) == (len(DATA), "https://registry.example/x.tgz")
    assert [entry.path for entry in artifact.files] == ["index.js"]
    assert artifact.files[0].mode == 0o644
    assert artifact.package == package()


def test_bytes_that_nobody_vouched_for_are_hashed_too():
    artifact = admit_unclaimed(package(""), DATA, "./x.tgz", read)
    assert (artifact.sha256, artifact.sha512) == (Digest.of(DATA), Digest.of(DATA, "sha512"))
    with pytest.raises(MalformedError):
        admit(package(""), DATA, "./x.tgz", read)
