"""The pages of the manual, read for their tests: fenced blocks, tables, links, and commands with what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))
ELSEWHERE = (ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs" / "adr").glob("*.md")))

_FENCE = re.compile(
    r"(?:^<!-- (?P<mark>.+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_IDS = re.compile(r"\b[0-9a-f]{12,128}\b")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block.

    :param mark: the comment right above it, by which a test knows what to do with it; empty for none.
    """

    page: Path
    line: int
    mark: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page in their order."""
    text = page.read_text()
    for match in _FENCE.finditer(text):
        yield Block(
            page=page,
            line=text.count("\n", 0, match.start("language")) + 1,
            mark=match["mark"] or "",
            language=match["language"],
            text=match["text"],
        )


def steps(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output that the manual shows."""
    found: list[tuple[str, str]] = []
    for line in block.text.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:].rstrip("\n"), ""))
        else:
            command, shown = found.pop()
            found.append((command, shown + line))
    return found


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def plain(text: str, names: Mapping[str, str]) -> str:
    """Return output without what depends on the run: ids, blanks at the ends of lines, and the hosts of the test.

    :param names: what stands in the output → what the manual calls it.
    """
    for found, called in names.items():
        text = text.replace(found, called)
    text = _IDS.sub("ID", text)
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def fits(shown: str, actual: str) -> bool:
    """Say whether output is what the manual shows; ``…`` stands for any text of a line, or for any lines."""
    parts = ["(?:.*\n)*?" if line == "…\n" else re.escape(line).replace("…", ".*") for line in shown.splitlines(True)]
    return re.fullmatch("".join(parts), actual) is not None


def tabled(page: Path, heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the first table below a heading, its head left out, as the texts of its cells."""
    section = f"\n{page.read_text()}".partition(f"\n{heading}\n")[2]
    rows = re.search(r"(?:^\|.*\|\n)+", section, re.MULTILINE)
    assert rows, f"{page.name} has no table below {heading}"
    cells = [re.split(r"(?<!\\)\|", row.strip("|\n")) for row in rows[0].splitlines()[2:]]
    return [tuple(cell.strip() for cell in row) for row in cells]
