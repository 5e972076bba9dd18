"""Write docs/checks.md from what the checks say about themselves."""

from __future__ import annotations

import textwrap
from pathlib import Path

from provenly.verify.checks import CHECKS

HEAD = """\
# The checks

Each check asks one question and has four possible answers: *passed*, *failed*, *absent* (we looked, and there is none)
and *unchecked* (we could not look). What an answer leads to, the policy decides: see [policies.md](policies.md).
`provenly explain CHECK` shows a section of this page.
"""


def main() -> None:
    """Write the page."""
    sections = [HEAD]
    for check in CHECKS:
        about = check.ABOUT
        parts = [about.question, f"**Proves.** {about.proves}", f"**Does not prove.** {about.does_not_prove}"]
        parts.append(f"**What to do.** {about.remedy}")
        body = "\n\n".join(textwrap.fill(part, 120, break_long_words=False, break_on_hyphens=False) for part in parts)
        sections.append(f"## {check.ID}\n\n{body}\n")
    page = Path(__file__).parent.parent / "docs" / "checks.md"
    page.write_text("\n".join(sections), encoding="utf-8")


if __name__ == "__main__":
    main()
