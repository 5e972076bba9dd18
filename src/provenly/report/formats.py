"""The documents that one report becomes: every format by its name, whether the report is fresh or saved.

A renderer is imported when its format is asked for. It gets the JSON report as parsed data and returns the whole text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from provenly.report.saved import Document
from provenly.trust.errors import UsageError
from provenly.trust.strict_json import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One format.

    :param render: makes the document of one report.
    :param several: makes one document of several reports; ``None`` where a document is about one package.
    :param what: what it is, for help and messages.
    """

    render: Callable[[Document], str]
    several: Callable[[Sequence[Document]], str] | None
    what: str


def _json(document: Document) -> str:
    from provenly.report import json_report

    return json_report.dump(_members(document), indent=2)


def _members(document: Document) -> dict[str, object]:
    """Return plain dicts and lists: the encoder of the standard library knows no read-only mapping."""
    return {name: _plain(value) for name, value in document.items()}


def _plain(value: Json) -> object:
    if isinstance(value, Mapping):
        return _members(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _json_lines(documents: Sequence[Document]) -> str:
    from provenly.report import json_report

    return "".join(json_report.dump(_members(document), indent=None) for document in documents)


def _text(document: Document) -> str:
    from provenly.report import saved_text

    return saved_text.render(document)


def _texts(documents: Sequence[Document]) -> str:
    return "\n".join(map(_text, documents))


def _cyclonedx(document: Document) -> str:
    from provenly.sbom import cyclonedx

    return cyclonedx.render(document)


def _spdx(document: Document) -> str:
    from provenly.sbom import spdx

    return spdx.render(document)


def _html(document: Document) -> str:
    from provenly.report.html import report

    return report.render(document)


def _sarif(documents: Sequence[Document]) -> str:
    from provenly.report import sarif

    return sarif.render_all([(document, None) for document in documents])


def _junit(documents: Sequence[Document]) -> str:
    from provenly.report import junit

    return junit.render_all(documents)


def _github(documents: Sequence[Document]) -> str:
    from provenly.report import github

    return github.commands([(document, None) for document in documents])


def _markdown(documents: Sequence[Document]) -> str:
    from provenly.report import github

    return "\n".join(map(github.markdown, documents))


def _vsa(document: Document) -> str:
    from provenly.sbom import vsa

    return vsa.render(document)


def _of_one(render: Callable[[Sequence[Document]], str]) -> Callable[[Document], str]:
    return lambda document: render([document])


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "text": Format(render=_text, several=_texts, what="a summary for people"),
        "json": Format(render=_json, several=_json_lines, what="the report itself; several as JSON lines"),
        "cyclonedx": Format(render=_cyclonedx, several=None, what="a CycloneDX document"),
        "spdx": Format(render=_spdx, several=None, what="an SPDX document"),
        "html": Format(render=_html, several=None, what="a page"),
        "sarif": Format(render=_of_one(_sarif), several=_sarif, what="SARIF for code scanning"),
        "junit": Format(render=_of_one(_junit), several=_junit, what="JUnit XML for CI"),
        "github": Format(render=_of_one(_github), several=_github, what="annotations for GitHub Actions"),
        "markdown": Format(render=_of_one(_markdown), several=_markdown, what="a job summary in Markdown"),
        "vsa": Format(render=_vsa, several=None, what="a verification summary (VSA), unsigned"),
    }
)
"""Every format that a report can be written in. Whoever adds one adds a line; the commands and their help follow."""


def check(name: str) -> None:
    """Return where there is a format of that name.

    :raises UsageError: there is none (``FORMAT_NAME``).
    """
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise UsageError(f"there is no format {name[:64]!r}", code="FORMAT_NAME", hint=f"There are {known}.")


def render(name: str, documents: Sequence[Document]) -> str:
    """Return the document of one or several reports in a format.

    :param name: one of :data:`FORMATS`.
    :param documents: at least one.
    :raises UsageError: there is no such format (``FORMAT_NAME``), or it is about one package and there are several
        (``OPTION_CONFLICT``).
    """
    check(name)
    form = FORMATS[name]
    if len(documents) == 1:
        return form.render(documents[0])
    if form.several is None:
        message = f"{form.what} is about one package, and there are {len(documents)} reports"
        raise UsageError(message, code="OPTION_CONFLICT", hint="Give the reports one after the other.")
    return form.several(documents)
