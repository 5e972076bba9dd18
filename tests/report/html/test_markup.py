"""Building elements: what is text stays text, and only known addresses become links."""

import pytest

from provenly.report.html.markup import Html, address, code, join, link, tag, text


def test_text_is_escaped_and_markup_is_not():
    made = tag("p", "<b>", tag("b", "&"), ["'", None, ('"',)])
    assert made == "<p>&lt;b&gt;<b>&amp;</b>&#x27;&quot;</p>"
    assert isinstance(made, Html)


def test_a_joined_or_formatted_piece_of_markup_is_text_again():
    # What str's own methods make of markup is no markup: forgetting about them shows tags, and never obeys them.
    assert tag("p", f"{tag('b', 'x')}") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"
    assert tag("p", tag("b", "x") + "") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_attributes_are_escaped():
    assert tag("p", class_='" onclick="x', aria_label="<>") == (
        '<p class="&quot; onclick=&quot;x" aria-label="&lt;&gt;"></p>'
    )


def test_attributes_without_a_value():
    assert tag("details", open=True) == "<details open></details>"
    assert tag("details", open=False, class_="", id=None) == "<details></details>"
    assert tag("svg", width=0) == '<svg width="0"></svg>'


def test_elements_without_content():
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert tag("rect", x=1) == '<rect x="1"/>'


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\u202egpj.exe", "\\u{202e}gpj.exe"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\x00", "a\\x0ab\\x00"),
        ("https://user:secret@host.example/", "https://&lt;redacted&gt;@host.example/"),
    ],
    ids=["direction", "terminal", "control", "password"],
)
def test_what_misleads_is_shown_as_such_in_text_and_attributes(hostile, shown):
    assert text(hostile) == shown
    assert join(hostile) == shown
    assert code(hostile) == f"<code>{shown}</code>"
    assert tag("p", title=hostile) == f'<p title="{shown}"></p>'


@pytest.mark.parametrize(
    "good",
    [
        "https://github.com/acme/mail-mcp",
        "https://github.com/acme/mail-mcp/commit/3f1c2b7a9d8e4f5061728394a5b6c7d8e9f00112",
        "https://gitlab.com/group/sub/project",
        "https://www.npmjs.com/package/@acme/mail-mcp/v/1.0.16",
        "https://search.sigstore.dev/?logIndex=42",
    ],
)
def test_known_addresses_become_links(good):
    assert address(good) == f'<a href="{good}" rel="noreferrer">{good}</a>'


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)//https://github.com/a/b",
        "data:text/html,x",
        "http://github.com/acme/mail-mcp",
        "https://github.com",
        "https://github.com.evil.example/acme/mail-mcp",
        "https://evil.example/github.com/acme",
        "https://github.com@evil.example/acme",
        "https://user:x@github.com/acme/mail-mcp",
        "https://github.com:8443/acme/mail-mcp",
        "https://github.com/acme/../../login",
        "https://github.com/./acme",
        "https://github.com/acme/..",
        "https://github.com/acme/%2e%2e/x",
        "https://github.com/acme/mail?redirect=https://evil.example",
        "https://github.com/acme/mail#x",
        "https://github.com//evil.example",
        "https://github.com\\evil.example",
        "https://github.com/acme/mail\n",
        "https://github.com/acme/\u202email",
        "https://github.com/аcme/mail",  # noqa: RUF001 - a Cyrillic letter
        "https://github.com/" + "a" * 200,
    ],
)
def test_other_addresses_do_not(bad):
    assert "<a" not in address(bad)
    assert "href" not in link(bad, "here")
    assert address(bad).startswith("<code>")


def test_a_link_that_does_not_say_where_it_leads_says_it_in_print():
    assert link("https://github.com/acme/mail-mcp", code("here")) == (
        '<a href="https://github.com/acme/mail-mcp" rel="noreferrer" class="to"><code>here</code></a>'
    )
