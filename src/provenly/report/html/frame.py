"""The frame of every page: its head, its style, and the policy that lets nothing be loaded and nothing run."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from provenly.report.html.markup import Child, Html, tag


def page(title: str, *body: Child) -> str:
    """Return a whole document.

    :param title: of the window; text.
    :param body: what stands in the body.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy()),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(style())),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', *body), lang='en', dir='ltr')}\n"


def policy() -> str:
    """Return the page's content security policy: its own style and nothing else (CSP Level 3)."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def style() -> str:
    """Return the style sheet of all pages."""
    return resources.files("provenly.report.html").joinpath("style.css").read_text("utf-8")
