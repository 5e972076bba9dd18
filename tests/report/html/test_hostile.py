"""Whatever strings a document has, the page has our elements, our attributes and our addresses, and nothing else."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenly.report import saved
from provenly.report.html import frame, report
from provenly.trust.text import show
from tests.report.hostile import HOSTILE, SECRET, hostile
from tests.report.html.pages import Page, full, replaced

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section", "h1", "h2", "h3"),
    *("p", "a", "b", "div", "span", "code", "pre", "mark", "ul", "ol", "li", "dl", "dt", "dd", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "rect"),
}

ATTRIBUTES = {
    "html": {"lang", "dir"},
    "meta": {"charset", "http-equiv", "content", "name"},
    "a": {"href", "rel", "class"},
    "svg": {"viewBox", "preserveAspectRatio", "role", "aria-label", "aria-hidden"},
    "rect": {"x", "width", "height", "class"},
    "th": {"scope", "class"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "details": {"class", "open"},
    "section": {"aria-label", "aria-labelledby"},
    "nav": {"aria-label"},
    "ul": {"class", "aria-label"},
    "span": {"class", "aria-hidden"},
    "h2": {"id"},
}

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</style><style>*{background:url(https://evil.example)}",
    "</title><script>alert(1)</script>",
    "--><svg onload=alert(1)>",
    "</pre></details></main>",
    "]]><script/>",
    "&lt;b&gt; &#60;script&#62; &NewLine;",
    "<a href=https://github.com/evil/evil>",
    "{{7*7}} ${7*7} %s \\u003cscript\\u003e",
    "<!--",
    "<plaintext>",
    "<textarea><noscript><template>",
    "i-identical; background:url(x)",
    "\u202e\u2066\u200b\x1b[2J\x00\x07",
    'https://github.com/a/b" onclick=x',
    HOSTILE,
)

CLASSES = frozenset(re.findall(r"\.([a-zA-Z][\w-]*)", frame.style())) | {"asks", "steps", "inside"}


def assert_ours(text, *, attack=""):
    """Check a page as two parsers read it; they must agree about every tag."""
    shown = Page.of(text)
    assert {one.tag for one in shown.elements} <= ELEMENTS
    for element, name, value in shown.attributes():
        assert name in ATTRIBUTES.get(element, set()) | {"class"}, (element, name)
        if name == "class":
            assert set(value.split()) <= CLASSES, value
        elif name == "href":
            assert value.startswith("#") or known(value), value
        elif name == "content":
            assert value in {frame.policy(), "no-referrer", "width=device-width, initial-scale=1"}
        elif name in {"id", "aria-labelledby", "rel", "role", "scope", "aria-hidden"}:
            assert re.fullmatch(r"[a-z-]+", value)
    links = [one for one in shown.all("a") if not one.get("href").startswith("#")]
    assert all(one.get("rel") == "noreferrer" for one in links)
    simple = Simple()
    simple.feed(text)
    assert sorted(simple.tags) == sorted(one.tag for one in shown.elements)
    plain = text.replace("\n", "")
    assert plain == show(plain, limit=len(plain))
    if attack.strip() and attack == show(attack) and "https://" not in attack:
        assert attack.split()[0] in "".join(simple.texts)


def known(address):
    """Whether an address is https, at a host that we link to, and otherwise plain. The code under test is not asked."""
    parts = urlsplit(address)
    hosts = {"github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "www.npmjs.com", "search.sigstore.dev"}
    plain = re.fullmatch(r"[\w@.~+/-]*", parts.path, re.ASCII) and "/.." not in parts.path and not parts.fragment
    return bool(
        parts.scheme == "https" and parts.netloc in hosts and plain and re.fullmatch(r"(logIndex=\d+)?", parts.query)
    )


class Simple(HTMLParser):
    """A second opinion: the parser of the standard library."""

    def __init__(self):
        super().__init__()
        self.tags = []
        self.texts = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_a_report_in_which_everything_attacks_is_harmless():
    text = report.render(saved.of(hostile()))
    assert_ours(text)
    assert "canary-token" not in text
    assert SECRET not in text


@pytest.mark.parametrize("attack", ATTACKS, ids=[f"attack-{number}" for number in range(len(ATTACKS))])
def test_a_document_whose_every_string_attacks_is_harmless(attack):
    assert_ours(report.render(replaced(full(), lambda _: attack)), attack=attack)


@pytest.mark.parametrize("attack", ATTACKS[1::2], ids=[f"attack-{number}" for number in range(1, len(ATTACKS), 2)])
def test_what_is_hidden_in_strings_that_look_right_is_harmless(attack):
    assert_ours(report.render(replaced(full(), lambda text: text + attack)))


@pytest.mark.parametrize("attack", ATTACKS[:8], ids=[f"attack-{number}" for number in range(8)])
def test_the_names_of_facts_and_dependencies_are_data_too(attack):
    document = dict(full())
    document["evidence"] = tuple({**one, "facts": {attack: {attack: (attack,)}}} for one in document["evidence"])
    files = document["files"]
    document["files"] = {**files, "traced": tuple({**one, "dependencies": {attack: 7}} for one in files["traced"])}
    graph = document["graph"]
    document["graph"] = {
        **graph,
        "edges": {attack: (attack,)},
        "dependencies": tuple({**one, "id": attack, "checks": {attack: "failed"}} for one in graph["dependencies"]),
    }
    assert_ours(report.render(document))


TEXT = st.text(max_size=40) | st.sampled_from(ATTACKS) | st.text(alphabet="<>\"'&=/ ;:#\n\x00\u202eab", max_size=40)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(TEXT, min_size=1, max_size=6))
def test_any_strings_at_all_are_harmless(texts):
    turn = iter(range(1_000_000))
    assert_ours(report.render(replaced(full(), lambda _: texts[next(turn) % len(texts)])))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_values_at_all_do_not_break_the_page(data):
    # A document that no schema held: members of the wrong kind are as good as missing.
    document = dict(full())
    member = data.draw(st.sampled_from(sorted(document)))
    values = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXT | st.just(()) | st.just({})
    document[member] = data.draw(values | st.lists(values, max_size=3).map(tuple) | st.dictionaries(TEXT, values))
    assert_ours(report.render(document))
