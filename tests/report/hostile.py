"""A report in which every foreign string attacks its reader."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from provenly.trust.artifact import admit_unclaimed
from provenly.trust.evidence import Comparison, Explanation, FileClass, Status
from provenly.trust.model import Claimant, Note, Reference, Release, SourceClaim
from provenly.trust.source import Candidate, FoundBy, Source
from provenly.trust.verdict import Action, Report, Waiver
from tests.report.parts import (
    CHECKS,
    COMMIT,
    NOW,
    evidence,
    package,
    reader,
    verdict,
)

HOSTILE: Final = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m\r::set-output name=x::y\n::add-mask::z\n##[error]bad\nPASS other-package\n"
    "[red]x[/red] [link=https://evil.example]here[/link] :skull: \u202egpj.exe\u2069\u200b\u2028 \U000e0041"
    " {0.__class__} %s <script>alert(1)</script> | `x` e\u0301\u0301\u0301\u0301\u0301\u0301\u0301 \x00 \ud800"
)
"""Everything in one string: terminal control, Actions commands, records, markup, direction, invisibles, formats."""

SECRET: Final = "https://user:canary-token@registry.example/x"  # noqa: S105 - a canary that no output may have


def hostile() -> Report:
    """Return a report in which every foreign string attacks its reader."""
    text = HOSTILE
    of = package(
        name=f"evil{text}",
        version=f"1.0.0{text}",
        url=f"javascript:{text}",
        registry=f"{SECRET}{text}",
        claims=(SourceClaim(claimant=Claimant.MANIFEST, text=text, repository=text, refused=text),),
        release=Release(version="1.0.0", publisher=text),
        deprecated=text,
    )
    manifest = {
        "name": text,
        "version": text,
        "description": text + "x" * 2_000_000,
        "license": text,
        "author": {"name": text, "url": f"javascript:{text}", "email": text},
        "homepage": "javascript:alert(1)",
        "bugs": {"url": "https://user:canary-token@evil.example/"},
        "dependencies": {text: text, "ok": text, "../up": "1", "evil[link=x]": "*"},
    }
    packed = json.dumps(manifest).replace("\\u0000", "").replace("\\ud800", "").encode()
    made = admit_unclaimed(of, b"evil", f"{SECRET}{text}", reader({"package.json": packed}))
    found = tuple(
        evidence(
            check,
            tuple(Status)[number % 4],
            summary=f"summary {text}",
            expected=f"expected {text}",
            actual=f"actual {SECRET} {text}",
            hint=f"hint {text}",
            strength=text,
            facts=MappingProxyType({text: (text, MappingProxyType({"long": "y" * 10_000}), None, 1.5, True)}),
            consulted=(text, SECRET),
        )
        for number, check in enumerate(CHECKS)
    )
    made_verdict = verdict(
        *found,
        asks={check: tuple(Action)[number % 4] for number, check in enumerate(CHECKS)},
        turns=dict.fromkeys(CHECKS, text),
    )
    waiver = Waiver(check="provenance", package=text, version="", reason=text, owner=text, expires=date(2027, 1, 1))
    reasons = (*(replace(reason, waived=text) for reason in made_verdict.reasons[:2]), *made_verdict.reasons[2:])
    files = tuple(
        Explanation(
            path=f"{number}/{text}",
            size=number,
            file_class=FileClass.UNEXPLAINED,
            executable=True,
            reachable=True,
            source=text,
            elsewhere=True,
            detail=text,
            lines=((1, 2),),
            diff=f"--- a\n+++ b\n@@ -1 +1 @@\n+{text}\n::error::x\n+{'z' * 100_000}\n\r\n+tab\there\n",
        )
        for number in range(3)
    )
    notes = (Note(code="NOTE", text=text, where=text),)
    return Report(
        tool_version="0.1.0",
        reference=Reference(text=text, name=text),
        checked_at=NOW,
        package=of,
        artifact=made,
        source=Source(
            claim=of.claims[0],
            repository=f"https://evil.example/{text}",
            commit=COMMIT,
            found_by=FoundBy.TAG,
            directory=text,
            candidates=(Candidate(commit=COMMIT, found_by=FoundBy.TAG, name=text, chosen=True, note=text),),
            tree=MappingProxyType({}),
            notes=notes,
        ),
        comparison=Comparison(files=files),
        evidence=found,
        verdict=replace(made_verdict, reasons=reasons, policy=text, waivers=(waiver,)),
        notes=notes,
    )
