"""Write the transcript in README.md anew: the second release of the demonstration, as provenly shows it."""

from __future__ import annotations

import re
from pathlib import Path

from provenly.demo import story
from provenly.report import terminal

README = Path(__file__).parent.parent / "README.md"
WIDTH = 100
"""Columns, as where the output is no terminal."""

_PLACE = re.compile(r"(<!-- transcript -->\n```text\n)(.*?)(^```$)", re.DOTALL | re.MULTILINE)


def transcript() -> str:
    """Return the command and its report; the warnings are left out, for which ``…`` stands."""
    chapter, report = next(item for item in story.tell() if item[0].version == "1.0.1")
    shown = terminal.render(report, width=WIDTH, colour=False, verbose=False)
    before, after = re.split(r"(?:^  warn .*\n(?:    +.*\n)*\n)+", shown, maxsplit=1, flags=re.MULTILINE)
    lines = f"$ provenly verify {chapter.name}@{chapter.version}\n{before}  …\n\n{after.rstrip()}\n".splitlines()
    return "".join(line.rstrip() + "\n" for line in lines)


def current(page: str) -> str:
    """Return the transcript that a page has.

    :raises ValueError: it has none.
    """
    match = _PLACE.search(page)
    if match is None:
        message = "the page has no block below <!-- transcript -->"
        raise ValueError(message)
    return match[2]


def main() -> None:
    """Write the page."""
    page, fresh = README.read_text(encoding="utf-8"), transcript()
    current(page)
    README.write_text(_PLACE.sub(lambda match: match[1] + fresh + match[3], page), encoding="utf-8")


if __name__ == "__main__":
    main()
