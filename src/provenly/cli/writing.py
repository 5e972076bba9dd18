"""Writing the reports of ``provenly verify``: each when it is there, or all in one document at the end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import UsageError

if TYPE_CHECKING:
    from provenly.report.places import Place
    from provenly.report.saved import Document
    from provenly.trust.verdict import Report


class Format(StrEnum):
    """How a report is written; a test holds these names to those of :data:`provenly.report.formats.FORMATS`."""

    TEXT = "text"
    JSON = "json"
    CYCLONEDX = "cyclonedx"
    SPDX = "spdx"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    MARKDOWN = "markdown"
    VSA = "vsa"


STREAMED: Final = frozenset({Format.TEXT, Format.JSON})
"""Formats in which each report stands for itself, and is shown when it is there; the others are made of all."""

PLACED: Final = frozenset({Format.SARIF, Format.GITHUB})
"""Formats whose findings point to a line of the user's own files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How reports are to look.

    :param asked_in: the file that asks for the packages; empty to look for it.
    """

    form: Format
    quiet: bool
    verbose: bool
    colour: bool
    asked_in: str = ""


class Writing:
    """Takes the reports and writes them.

    :param output: the file to write to; empty for standard output.
    :param sbom: a file for the CycloneDX document beside the report; empty for none.
    :raises UsageError: a file cannot be written, or the one that is said to ask for the packages cannot be read.
    """

    def __init__(self, look: Look, *, output: str, sbom: str) -> None:
        from provenly.cli.output import check_target

        check_target(output)
        check_target(sbom)
        self._look, self._output, self._sbom = look, output, sbom
        self._several = False
        self._texts: list[str] = []
        self._documents: list[Document] = []
        if look.asked_in:
            self._place("")

    def expect_several(self) -> None:
        """Be told that there will be several reports.

        :raises UsageError: the document that was asked for is about one.
        """
        self._several = True
        what = "a CycloneDX document" if self._sbom else self._about_one()
        if what:
            hint = "Ask for the packages one after the other."
            raise UsageError(f"{what} is about one package", code="OPTION_CONFLICT", hint=hint)

    def add(self, report: Report) -> None:
        """Take a report, and show it where its format lets it stand alone: an interrupt then loses nothing."""
        from provenly.cli.output import write

        form = self._look.form
        if form not in STREAMED or self._sbom:
            from provenly.report import saved

            self._documents.append(saved.of(report))
        if form not in STREAMED:
            return
        apart = "\n" if self._texts and form is Format.TEXT and not self._look.quiet else ""
        self._texts.append(apart + self._streamed(report))
        if not self._output:
            write(self._texts[-1], "", exact=form is not Format.TEXT)

    def finish(self) -> None:
        """Write what is written at the end."""
        from provenly.cli.output import write

        if self._sbom and self._documents:
            from provenly.sbom import cyclonedx

            write(cyclonedx.render(self._documents[0]), self._sbom, exact=True)
        if self._look.form in STREAMED:
            if self._output:
                write("".join(self._texts), self._output, exact=self._look.form is not Format.TEXT)
        elif self._documents:
            write(self._whole(), self._output, exact=True)

    def _about_one(self) -> str:
        """Return what the format's document is called where it is about one package; nothing for the others."""
        from provenly.report.formats import FORMATS

        form = FORMATS[self._look.form]
        return "" if form.several else form.what

    def _streamed(self, report: Report) -> str:
        look = self._look
        if look.form is Format.JSON:
            from provenly.report import json_report

            return json_report.render_line(report) if self._several else json_report.render(report)
        if look.quiet:
            from provenly.report import summary

            return summary.line(report) + "\n"
        from provenly.cli.output import width
        from provenly.report import terminal

        return terminal.render(report, width=width(), colour=look.colour, verbose=look.verbose)

    def _whole(self) -> str:
        """Return the one document of all reports."""
        from provenly.report import findings, formats, github, sarif

        if self._look.form not in PLACED:
            return formats.render(self._look.form, self._documents)
        placed = [(one, self._place(findings.of(one).name)) for one in self._documents]
        return sarif.render_all(placed) if self._look.form is Format.SARIF else github.commands(placed)

    def _place(self, name: str) -> Place | None:
        from pathlib import Path

        from provenly.report import places

        return places.find(name, Path.cwd(), self._look.asked_in)
