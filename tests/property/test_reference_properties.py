"""References: properties of what is read, over generated text."""

from __future__ import annotations

import contextlib
import itertools

from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from provenly.trust.errors import UsageError
from provenly.trust.model import Package, Reference, Release, Selector
from provenly.trust.text import show
from provenly.verify.references import launch, purl, reference
from provenly.verify.registry import names, versions

PART = st.from_regex(r"[a-z0-9][a-z0-9\-_.]{0,20}", fullmatch=True)
NAME = st.one_of(PART, st.builds("@{}/{}".format, PART, PART)).filter(lambda name: names.fault(name) == "")
IDENTIFIER = st.from_regex(r"0|[1-9][0-9]{0,5}|[a-z][a-z0-9\-]{0,5}", fullmatch=True)
NUMBER = st.integers(0, 2**53 - 2)
VERSION = st.builds(
    lambda numbers, prerelease, build: (
        ".".join(map(str, numbers))
        + ("-" + ".".join(prerelease) if prerelease else "")
        + ("+" + ".".join(build) if build else "")
    ),
    st.tuples(NUMBER, NUMBER, NUMBER),
    st.lists(IDENTIFIER, max_size=3),
    st.lists(IDENTIFIER, max_size=2),
)
COMMON = "npx npm exec x -y -- -p -c --package=a pkg@1.0.0 dlx pnpm bunx --registry".split()  # noqa: SIM905 - readable
WORD = st.one_of(st.sampled_from(COMMON), st.text(max_size=12))
RANGE = st.sampled_from(["^1", "~1.2", ">=1", "<2", "*", "1.x || 2", "1 - 3", ">0.0.0-0"])


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str):
    """A typo gives the nearest existing meaning and exit 2, never a traceback."""
    refusal = UsageError("", code="none")
    read: tuple[Reference, ...] = ()
    try:
        read = reference.parse_many(text)
    except UsageError as error:
        refusal = error
    assert refusal.code
    assert show(refusal.message, limit=10_000) == refusal.message
    assert all(one.name == "" or names.fault(one.name) == "" for one in read)
    assert read or refusal.message


@given(st.lists(WORD, min_size=1, max_size=8))
def test_any_words_are_read_or_refused(words: list[str]):
    with contextlib.suppress(UsageError):
        assert reference.parse_words(words)


@given(st.lists(WORD, max_size=8))
def test_words_behind_the_package_change_nothing(words: list[str]):
    """A decoy behind the package is an argument of the program."""
    read = launch.parse(["npx", "-y", "the-package@1.0.0", *words])
    assert read.packages == ("the-package@1.0.0",)
    assert {note.code for note in read.notes} <= {"LAUNCH_NESTED", "LAUNCH_TEMPLATE"}


@given(NAME, VERSION)
def test_a_package_url_survives_a_round_trip(name: str, version: str):
    """``+`` in the version and ``%40`` in the scope come back as they went in, and mean the same to packageurl."""
    text = purl.spell(name, version)
    assert purl.parse(text) == (name, version)
    other = PackageURL.from_string(text)
    assert ("/".join(filter(None, (other.namespace, other.name))), other.version) == (name.lower(), version)
    assert Package(name=name, version=version, release=Release(version=version)).purl == text


@given(st.text(alphabet="pkg:npm/%40abAB12.@+?#-_~ \u043e", max_size=40))
def test_a_package_url_has_one_spelling(text: str):
    """What is accepted is what we would write, but for the ``+`` that purl may leave alone and the case of hex."""
    with contextlib.suppress(UsageError):
        name, version = purl.parse("pkg:" + text)
        if names.fault(name) == "" and versions.parse_exact(version) == version:
            written = ("pkg:" + text).replace("+", "%2B").replace("%2b", "%2B")
            assert written.partition("/")[2].lstrip("/") == purl.spell(name, version).partition("/")[2]


@given(NAME, VERSION)
def test_an_exact_reference_means_itself(name: str, version: str):
    if len(name) + len(version) < 250:  # the limit of a reference
        read = reference.parse(f"{name}@{version}")
        assert (read.name, read.selector, read.spec) == (name, Selector.EXACT, versions.parse_exact(version))
        assert reference.parse(f"npm:{name}@{version}").spec == read.spec
        assert reference.parse(f"npx -y {name}@{version} other").spec == read.spec


@given(st.lists(VERSION, min_size=2, max_size=8))
def test_versions_are_in_one_order(texts: list[str]):
    """Precedence is total: sorting any arrangement gives the same order, and ``compare`` agrees with it."""
    read = sorted(filter(None, map(versions.parse, texts)))
    for left, right in itertools.pairwise(read):
        assert versions.compare(str(left), str(right)) <= 0


@given(st.lists(VERSION, max_size=8), RANGE)
def test_the_greatest_version_satisfies_its_range(texts: list[str], wanted: str):
    found = versions.max_satisfying(texts, wanted)
    assert found is None or found in versions.satisfying(texts, wanted)
    assert found is not None or versions.satisfying(texts, wanted) == ()
