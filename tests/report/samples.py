"""Reports to render: one for each way in which a verification ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from provenly.trust.artifact import admit_unclaimed
from provenly.trust.digest import Digest
from provenly.trust.evidence import Comparison, Explanation, FileClass, Status
from provenly.trust.model import Note, Reference, Release, Selector
from provenly.trust.verdict import Action, Report, Waiver
from tests.report.hostile import hostile
from tests.report.parts import (
    CHECKS,
    COMMIT,
    PACKED_MANIFEST,
    UNEXPLAINED,
    evidence,
    identical,
    package,
    reader,
    report,
    verdict,
)


def allow() -> Report:
    """Return a report of a package in which every check passed."""
    return report()


def warn() -> Report:
    """Return a report with warnings, a waiver, an absence that the policy allows and notes."""
    found = (
        *(evidence(check) for check in CHECKS[:3]),
        evidence("provenance", Status.ABSENT, summary="the registry has no provenance for this version"),
        evidence(
            "version-age",
            Status.FAILED,
            summary="the version is 2 days old",
            expected="at least 3 days",
            actual="2 days",
        ),
        evidence("continuity", Status.ABSENT, summary="there is no earlier version to compare with"),
    )
    made = verdict(*found, asks={"provenance": Action.WARN, "version-age": Action.WARN})
    waiver = Waiver(
        check="version-age",
        package="@acme/mail-mcp",
        version="1.0.16",
        reason="Urgent fix, read by hand",
        owner="security@corp.example",
        expires=date(2026, 12, 1),
    )
    reasons = tuple(
        replace(reason, waived=waiver.reason) if reason.check == "version-age" else reason for reason in made.reasons
    )
    return report(
        evidence=found,
        verdict=replace(made, reasons=reasons, waivers=(waiver,)),
        notes=(Note(code="TAR_MODE_WRITABLE", text="2 files are writable by everybody.", where="index.js"),),
    )


def hold() -> Report:
    """Return a report of a package with one added line that the source does not explain"""
    of = package()
    found = (
        *(evidence(check) for check in CHECKS if check not in ("registry-signature", "provenance", "source-match")),
        evidence(
            "registry-signature",
            Status.UNCHECKED,
            summary="the registry's keys could not be read: the server answered 404",
            hint="Ask a registry that serves signatures, or name one with --registry.",
        ),
        evidence("provenance", Status.ABSENT, summary="the registry has no provenance for this version"),
        evidence(
            "source-match",
            Status.FAILED,
            summary="index.js, the only executable file, has 1 line that the source does not explain",
            expected="every executable file explained by commit 3f1c2b7a9d8e",
            actual="1 file of 12.3 kB unexplained, line 211",
            facts=MappingProxyType({"unexplained": ("index.js",), "ratio": 0.5, "limits": MappingProxyType({"b": 1})}),
            consulted=("https://github.com/acme/mail-mcp", COMMIT),
        ),
    )
    asks = {"source-match": Action.HOLD, "registry-signature": Action.HOLD, "provenance": Action.WARN}
    turns = {
        "source-match": "Read the lines below; publish from the tagged source, or waive this version with a reason.",
        "provenance": "Publish with npm publish --provenance.",
    }
    found = tuple(sorted(found, key=lambda one: one.check != "source-match"))
    return report(
        package=of,
        comparison=Comparison(
            files=(identical("LICENSE", 1_071), identical("README.md", 4_300), UNEXPLAINED, PACKED_MANIFEST)
        ),
        evidence=found,
        verdict=verdict(*found, asks=asks, turns=turns),
    )


def built() -> Report:
    """Return a report of a package with many built files that nothing explains yet."""
    hunk = "".join(
        f"+  const value{number} = compute({number}, 'a long argument that fills the line', {{}});\n"
        for number in range(60)
    )
    files = tuple(
        Explanation(
            path=f"dist/some/deeply/nested/folder/of/a/large/package/with-a-long-name/module-{number:02}/index.js",
            size=20_000 + number,
            file_class=FileClass.UNEXPLAINED,
            executable=number % 3 != 2,
            reachable=number % 2 == 0,
            source=f"src/some/deeply/nested/folder/of/a/large/package/with-a-long-name/module-{number:02}/index.ts",
            detail="The file was built; 60 of its lines are in no source file",
            lines=tuple((10 * start + 1, 10 * start + 6) for start in range(12)),
            diff=f"--- source\n+++ package\n@@ -1,1 +1,60 @@\n{hunk}" if number % 3 != 2 else "",
        )
        for number in range(14)
    )
    made = hold()
    return replace(made, comparison=Comparison(files=(*files, PACKED_MANIFEST)))


def deny() -> Report:
    """Return a report of a package whose claimed repository does not know it."""
    found = (
        evidence(
            "source-acknowledged",
            Status.FAILED,
            summary="https://github.com/acme/mail-mcp is claimed, and nothing in it acknowledges @acme/mail-mcp",
            expected="the package's name in a manifest, a workflow or a tag of the repository",
            actual="manifests of mail-server and mail-client",
        ),
        *(one for one in hold().evidence if one.check != "source-acknowledged"),
    )
    asks = {"source-acknowledged": Action.DENY, "source-match": Action.DENY, "registry-signature": Action.HOLD}
    turns = {"source-acknowledged": "Ask the repository's owners to name the package, or the publisher for the source."}
    return replace(hold(), evidence=found, verdict=verdict(*found, asks=asks, turns=turns))


def no_source() -> Report:
    """Return a report of a package that claims no source."""
    absent = {
        check: evidence(check, Status.ABSENT, summary=f"the package claims no public source, so {what}")
        for check, what in (
            ("source-reachable", "there is none to read"),
            ("source-acknowledged", "nothing can acknowledge it"),
            ("source-match", "no file can be compared"),
        )
    }
    found = (*absent.values(), *(evidence(check) for check in CHECKS if check not in absent))
    asks = dict.fromkeys(absent, Action.HOLD)
    turns = dict.fromkeys(absent, "Name the repository with --source, or ask the publisher to.")
    return report(
        package=package(claims=()),
        source=None,
        comparison=None,
        evidence=found,
        verdict=verdict(*found, asks=asks, turns=turns),
    )


def refused() -> Report:
    """Return a report of an artifact that has another digest than the registry claims."""
    found = (
        evidence(
            "artifact-integrity",
            Status.FAILED,
            summary="the archive of @acme/mail-mcp@1.0.16 is not the one that the registry describes",
            expected=Digest.of(b"claimed", "sha512").sri,
            actual=Digest.of(b"served", "sha512").sri,
            hint="Fetch it again without a cache or a mirror between; if it stays so, do not install it.",
        ),
        *(
            evidence(check, Status.UNCHECKED, summary="there is no archive that could be looked into")
            for check in CHECKS[1:]
        ),
    )
    asks = {one.check: Action.HOLD for one in found} | {"artifact-integrity": Action.DENY}
    return report(artifact=None, source=None, comparison=None, evidence=found, verdict=verdict(*found, asks=asks))


def unresolved() -> Report:
    """Return a report of a reference that no registry answered for."""
    found = tuple(
        evidence(check, Status.UNCHECKED, summary="registry.npmjs.org could not be reached") for check in CHECKS
    )
    return report(
        package=None,
        artifact=None,
        source=None,
        comparison=None,
        evidence=found,
        verdict=verdict(*found, asks=dict.fromkeys(CHECKS, Action.HOLD)),
    )


def local() -> Report:
    """Return a report of a tarball on disk, for which no registry claims anything."""
    of = package(url="", registry="", integrity="", published=None, claims=(), release=Release(version="1.0.16"))
    made = admit_unclaimed(of, b"the archive", "./mail-mcp-1.0.16.tgz", reader({"package.json": b"{}"}))
    reference = Reference(text="./mail-mcp-1.0.16.tgz", selector=Selector.FILE, path="./mail-mcp-1.0.16.tgz")
    return report(reference=reference, package=of, artifact=made, source=None, comparison=None)


def attested() -> Report:
    """Return a report of a package whose signature and provenance hold."""
    facts: dict[str, Mapping[str, object]] = {
        "registry-signature": {
            "registry": "https://registry.npmjs.org",
            "signer": "https://registry.npmjs.org",
            "keyid": "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U",
        },
        "publish-attestation": {"signed_at": "2026-09-17T06:30:12Z"},
        "provenance-identity": {
            "issuer": "https://token.actions.githubusercontent.com",
            "repository": "https://github.com/acme/mail-mcp",
            "repository_id": "890668799",
            "workflow": ".github/workflows/release.yml",
            "commit": COMMIT,
            "ref": "refs/tags/v1.0.16",
            "trigger": "push",
            "signed_at": "2026-09-17T06:30:08+00:00",
        },
    }
    consulted = ("https://registry.npmjs.org/-/npm/v1/attestations/@acme%2fmail-mcp@1.0.16",)
    found = tuple(
        evidence(check, facts=MappingProxyType(facts.get(check, {})), consulted=consulted if check in BUILD else ())
        for check in (*CHECKS[:5], *BUILD, *CHECKS[6:])
    )
    return report(evidence=found, verdict=verdict(*found, asks={}))


BUILD: Final = ("publish-identity", "provenance", "provenance-identity", "provenance-builder", "provenance-source")


ALL: Final[Mapping[str, Callable[[], Report]]] = MappingProxyType(
    {
        "allow": allow,
        "attested": attested,
        "warn": warn,
        "hold": hold,
        "built": built,
        "deny": deny,
        "no-source": no_source,
        "refused": refused,
        "unresolved": unresolved,
        "local": local,
        "hostile": hostile,
    }
)
