from __future__ import annotations

import itertools
import random
import time

import pytest

from provenly.verify.registry import versions
from tests.simulator.npm_oracle import ask

NUMBERS = ("0", "1", "2", "3", "10", "11")
WORDS = ("0", "1", "2", "10", "alpha", "beta", "rc", "x", "a-b", "rc1", "-", "1a", "00")
CORNERS = (
    """
*|x|X|||^|~|>=|^*|~x|>*|<x|>=x|x.x.x|1.x.2|*.1|^1.x.2|~1.x.2|>1.x.2|1.x.2 - 3|=*|=* \\|\\| 1.0.0-0|* \\|\\| ~0.0.0-0
1.0.0a|01.2.3|1.2.3beta|^1.2.3beta|^01.2.3|1.2.3.4|1.2.3foo bar|1.0.0 2.0.0|v1|= 1.2.3|==1.2.3|v v1.2.3|1.2.3-|1..2
-1|1.2.3 -1.2.4|1.2.3 - |1 - 2 - 3|1.2.3 - 2 <3|>1 \\|\\| foo|latest|next|>=0.0.0|>=0.0.0-0|<0.0.0-0|^1.2.3-x.7.z.92
>1.2.3-rc+b|1.2.3+b|^ 1.2|~> 1.2|9007199254740992.0.0|^9007199254740991.0.0|1.0.0-9007199254740990
1.0|1|v1.0.0|=1.0.0|1.0.0-beta+build|  1.0.0  |>1 <2|>=1 <2 \\|\\| >=3|^0.0.1|^0.1.0|^0|~0|<=1|<1|>1|>1.2|<=1.2|^0.0
^0.x
""".replace("\n", "|")
    .replace("\\|", "\0")
    .split("|")
)


def some_versions(chance: random.Random) -> list[str]:
    found = set()
    while len(found) < 120:
        text = ".".join(chance.choice(NUMBERS) for _ in range(3))
        if chance.random() < 0.4:
            text += "-" + ".".join(chance.choice(WORDS) for _ in range(chance.choice((1, 1, 2))))
        if chance.random() < 0.1:
            text += "+" + chance.choice(("build", "001", "a.b"))
        found.add(text)
    return sorted(found)


def a_range(chance: random.Random) -> str:
    def part() -> str:
        count = chance.choice((1, 2, 3, 3, 3))
        text = ".".join(chance.choice(NUMBERS) if chance.random() < 0.8 else chance.choice("xX*") for _ in range(count))
        if count == 3 and chance.random() < 0.35:
            text += "-" + chance.choice(WORDS)
        return chance.choice(("", "", "", "", "v", "=")) + text

    def comparator() -> str:
        return (
            chance.choice(("", "", "^", "~", ">=", ">", "<", "<=", "=", "~>")) + chance.choice(("", "", " ")) + part()
        )

    kind = chance.random()
    if kind < 0.15:
        return f"{part()} - {part()}"
    if kind < 0.65:
        return comparator()
    if kind < 0.85:
        return f"{comparator()} {comparator()}"
    return a_range(chance) + chance.choice((" || ", "||")) + a_range(chance)


@pytest.mark.node
@pytest.mark.parametrize("seed", range(3))
def test_ranges_mean_what_they_mean_to_npm(seed: int):
    chance = random.Random(seed)
    known = some_versions(chance)
    ranges = sorted({a_range(chance) for _ in range(250)} | {text.replace("\0", "|") for text in CORNERS})
    answers = ask(
        """const semver = npm('semver')
        return questions.ranges.map(range => semver.validRange(range, true) === null ? null
          : questions.versions.filter(version => semver.satisfies(version, range, true)))""",
        {"versions": known, "ranges": ranges},
    )
    different = {
        text: (ours, theirs)
        for text, theirs in zip(ranges, answers, strict=True)
        if (ours := sorted(versions.satisfying(known, text)) if versions.is_range(text) else None)
        != (theirs if theirs is None else sorted(theirs))
    }
    assert len(ranges) > 250
    assert different == {}


@pytest.mark.node
def test_versions_are_read_and_ordered_as_npm_does():
    chance = random.Random(5)
    texts = [
        *some_versions(chance),
        *(text.replace("\0", "|") for text in CORNERS),
        *(
            "1.2",
            "1.2.3.4",
            "a.b.c",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3-a..b",
            "1.2.3+",
            "v=v1.2.3",
            "1.2.3 4",
            "\uff11.2.3",
            "1.2.3\n",
            "9007199254740991.0.0",
        ),
        "1.0.0-" + "a" * 249,
        "1.0.0-" + "a" * 251,
        "1" * 400 + ".0.0",
    ]
    read = ask("const semver = npm('semver'); return questions.map(text => semver.valid(text, true))", texts)
    ours = [str(version) if (version := versions.parse(text)) else None for text in texts]
    assert ours == read

    pairs = [(a, b) for a, b in itertools.combinations(chance.sample(texts[:120], 50), 2)]
    order = ask("const semver = npm('semver'); return questions.map(([a, b]) => semver.compare(a, b, true))", pairs)
    assert [versions.compare(a, b) for a, b in pairs] == order
    assert set(order) == {-1, 0, 1} or set(order) == {-1, 1}


@pytest.mark.node
def test_the_version_that_npm_would_install_is_chosen():
    chance = random.Random(9)
    questions = []
    for _ in range(300):
        known = sorted({str(versions.parse(text)) for text in chance.sample(some_versions(chance)[:80], 12)})
        deprecated = [text for text in known if chance.random() < 0.3]
        latest = chance.choice(known)
        questions.append((known, deprecated, latest, chance.choice(["*", "", a_range(chance)])))
    answers = ask(
        """const pick = npm('npm-pick-manifest')
        return questions.map(([known, deprecated, latest, range]) => {
          const versions = Object.fromEntries(known.map(version =>
            [version, {name: 'x', version, ...(deprecated.includes(version) ? {deprecated: 'no'} : {})}]))
          const packument = {name: 'x', 'dist-tags': {latest}, versions}
          try { return npm('npm-package-arg').resolve('x', range || '*').type === 'tag' ? null
            : pick(packument, range || '*').version } catch (error) { return null } })""",
        questions,
    )
    ours = [
        versions.max_satisfying(known, text, latest=latest, deprecated=deprecated)
        for known, deprecated, latest, text in questions
    ]
    exact = [versions.parse(text) is not None for *_, text in questions]
    assert [a for a, skip in zip(ours, exact, strict=True) if not skip] == [
        b for b, skip in zip(answers, exact, strict=True) if not skip
    ]
    assert sum(answer is not None for answer in answers) > 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("=1.2.3", "1.2.3"),
        ("01.2.3", "1.2.3"),
        ("1.2.3-beta+build.1", "1.2.3-beta+build.1"),
        ("1.2.3beta", "1.2.3-beta"),
        ("1.2", None),
        ("^1.2.3", None),
        ("1.2.3.4", None),
        ("latest", None),
        ("", None),
        ("٣.1.2", None),
    ],
)
def test_exact_versions_have_one_spelling(text: str, expected: str | None):
    assert versions.parse_exact(text) == expected


def test_deprecated_and_latest_decide_as_npm_says():
    known = ["1.0.0", "1.1.0", "1.2.0", "2.0.0", "3.0.0-rc.1"]
    assert versions.max_satisfying(known, "^1") == "1.2.0"
    assert versions.max_satisfying(known, "^1", latest="1.1.0") == "1.1.0"
    assert versions.max_satisfying(known, "^1", latest="1.1.0", deprecated={"1.1.0"}) == "1.2.0"
    assert versions.max_satisfying(known, "^1", deprecated=set(known)) == "1.2.0"
    assert versions.max_satisfying(known, "*", latest="3.0.0-rc.1") == "3.0.0-rc.1"
    assert versions.max_satisfying(known, "*") == "2.0.0"
    assert versions.max_satisfying(known, "^3") is None
    assert versions.max_satisfying(known, "nonsense!") is None
    assert versions.max_satisfying([], "*", latest="1.0.0") is None


@pytest.mark.parametrize(
    "text",
    [
        "||" * 3_000,
        "1.0." + "9" * 400,
        " ".join(["1.x"] * 200),
        "^" * 256,
        "1.2.3-" + "a." * 120 + "a",
        " " * 100_000 + "1",
        "1-" * 120,
        "9" * 256,
        ">" * 100 + "=" * 100,
    ],
)
def test_hostile_ranges_take_no_time(text: str):
    start = time.process_time()
    versions.is_range(text)
    versions.parse(text)
    versions.satisfying(["1.0.0"] * 10, text)
    assert time.process_time() - start < 0.2


def test_too_large_numbers_are_neither_versions_nor_ranges():
    assert versions.parse("1.0." + "9" * 400) is None
    assert not versions.is_range("^1.0." + "9" * 400)
    assert not versions.is_range("||".join(["1"] * 60))
    assert versions.is_range("||".join(["1"] * 10))


def test_comparing_what_is_no_version_is_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="'x' is no version"):
        versions.compare("1.0.0", "x")


def test_the_nearest_versions_share_the_beginning():
    assert versions.nearest(["1.0.0", "1.2.3", "1.2.4", "2.0.0"], "v1.2.9", 2) == ("1.2.4", "1.2.3")
    assert versions.nearest(["1.0.0", "2.0.0"], "9.9.9") == ("2.0.0", "1.0.0")
    assert versions.nearest([], "1") == ()
