"""What holds for every tag that is taken for a version of a package.

"A pre-release version indicates that the version is unstable and might not satisfy the intended compatibility
requirements as denoted by its associated normal version" (https://semver.org, section 9).
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenly.verify.registry.versions import parse
from provenly.verify.sources.tags import Form, below, rank

NAME = "@scope/mcp-server"
PLACE = "packages/server"
COMMIT = "c" * 40

number = st.integers(min_value=0, max_value=99)
release = st.builds("{}.{}.{}".format, number, number, number)
label = st.sampled_from(
    [
        "",
        "v",
        "v.",
        "release-",
        "release/v",
        "server@",
        "mcp-server-v",
        "@scope/mcp-server@",
        "mcp-server/",
        "cli@",
        "x-",
    ]
)
own = st.sampled_from(["", "v", "release-", "server@", "mcp-server-v", "@scope/mcp-server@", "packages/server/v"])
noise = st.text(st.sampled_from("v-.@/_+0123456789abcr"), max_size=24)


@given(own, release)
def test_own_tag_is_found(prefix: str, version: str) -> None:
    assert [match.tag for match in rank(NAME, version, {prefix + version: COMMIT}, PLACE)] == [prefix + version]


@given(st.one_of(noise, st.builds("{}{}{}".format, label, release, noise)), release)
def test_what_is_found_ends_in_the_version_and_nothing_else(tag: str, version: str) -> None:
    for match in rank(NAME, version, {tag: COMMIT}, PLACE):
        assert tag.endswith(match.version)
        found = parse(match.version)
        assert found is not None
        assert found == parse(version)
        assert not found.prerelease
        before = tag.removesuffix(match.version)
        assert not before or not before[-1].isdigit()


@given(own, st.builds("{}.{}.1".format, number, number), st.text(st.sampled_from("019abcrv.-"), min_size=1, max_size=4))
def test_nothing_may_follow_the_version(prefix: str, version: str, more: str) -> None:
    assert rank(NAME, version, {prefix + version + more: COMMIT}, PLACE) == ()


@given(own, release, st.sampled_from(["rc", "rc.1", "0", "alpha-1", "beta.2.3"]))
def test_release_and_prerelease_are_never_taken_for_each_other(prefix: str, version: str, stage: str) -> None:
    tags = {prefix + version: "a" * 40, f"{prefix}{version}-{stage}": "b" * 40}
    assert [match.commit for match in rank(NAME, version, tags, PLACE)] == ["a" * 40]
    assert [match.commit for match in rank(NAME, f"{version}-{stage}", tags, PLACE)] == ["b" * 40]


@given(st.text(st.sampled_from("abcxyz-"), min_size=1, max_size=8), release)
def test_label_of_another_package_never_counts(other: str, version: str) -> None:
    tag = f"{other}@{version}"
    expected = other in {"server", "mcp-server", "scope-mcp-server", "v", "rel", "ver"}
    assert bool(rank(NAME, version, {tag: COMMIT}, PLACE)) is expected


@given(st.dictionaries(st.builds("{}{}".format, own, release), st.just(COMMIT), max_size=12), release)
def test_below_is_below_and_the_highest_of_its_kind(tags: dict[str, str], version: str) -> None:
    limit = parse(version)
    found = below(NAME, version, tags, PLACE)
    assert limit is not None
    for match in found:
        highest = parse(match.version)
        assert highest is not None
        assert highest < limit
        for tag in tags:
            (other,) = rank(
                NAME, tag.rsplit("@", 1)[-1].rsplit("/", 1)[-1].rsplit("-", 1)[-1].lstrip("v"), {tag: ""}, PLACE
            )
            parsed = parse(other.version)
            assert parsed is not None
            same_kind = (other.form is Form.BARE) is (match.form is Form.BARE)
            assert not (same_kind and highest < parsed < limit)
