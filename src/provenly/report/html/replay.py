"""How somebody else can come to the same answer: commands to copy, and digests to compare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Child, Html, code, tag
from provenly.report.read import Members

_NAME: Final = re.compile(r"(?:@[a-z0-9][a-z0-9._-]{0,100}/)?[a-z0-9][a-z0-9._-]{0,213}")
"""Names of packages that commands are written for: npm's, without the few that a shell would read otherwise."""

_VERSION: Final = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,16}){2}(?:[-+][0-9A-Za-z.+-]{1,100})?")

_POLICY: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")
"""Names of policies that can be given as they are; of a file only its owner knows the path."""

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,16}Z")


def section(document: Members) -> Iterator[Html]:
    """Yield the steps; a command holds nothing that a stranger wrote unless it has the shape of a name."""
    name = _package(document)
    policy, at = _policy(document), _time(document)
    artifact = read.mapping(document, "artifact")
    if name:
        yield tag("h3", "Verify it again")
        yield from _commands(
            "Keep all that is consulted in a folder, judged by the same policy and as of the same time:",
            f"provenly verify {name} --policy {policy}{at} --save-evidence evidence --format json --output report.json",
        )
    else:
        asked = code(read.text(document, "reference"))
        yield tag("p", "What was asked for cannot be given as a command that is safe to copy. It was: ", asked, ".")
    yield tag("h3", "Replay it without a network")
    yield from _commands(
        "From the folder that was saved with the report (or in the step above). Every byte in it is held against its "
        "digest again:",
        f"provenly verify --evidence evidence --policy {policy}",
    )
    yield tag("h3", "Judge the same evidence by another policy, or write it in another form")
    yield from _commands(
        "From the JSON document alone, which is as trustworthy as whoever kept it:",
        "provenly decide report.json --policy strict",
        "provenly report report.json --format html --output report.html",
    )
    if name and artifact and _tarball(document):
        yield tag("h3", "Compare the bytes yourself")
        yield from _commands("The file that npm fetches must have the digest below:", f"npm pack {name}", _sum(name))
    yield tag("h3", "What to compare")
    yield tag("dl", _digests(document))
    yield tag(
        "p",
        "This page is not signed and changes nothing: it repeats what the JSON document says. Options that were ",
        "given when it was made (mirrors, an attestation file, a registry of one's own) are not repeated here; the ",
        "folder of saved evidence has what they led to.",
    )


def _commands(about: str, *lines: str) -> Iterator[Html]:
    yield tag("p", about)
    yield tag("pre", ([tag("code", line), Html("\n")] for line in lines))


def _package(document: Members) -> str:
    """Return ``name@version`` as an argument, or nothing where it is none of a registry or has an odd shape."""
    package = read.mapping(document, "package")
    name, version = read.text(package, "name"), read.text(package, "version")
    if not (read.text(package, "registry") and _NAME.fullmatch(name) and _VERSION.fullmatch(version)):
        return ""
    return f"{name}@{version}"


def _policy(document: Members) -> str:
    name = read.text(read.mapping(read.mapping(document, "verdict"), "policy"), "name")
    return name if _POLICY.fullmatch(name) else "POLICY.toml"


def _time(document: Members) -> str:
    time = read.text(document, "checked_at")
    return f" --at {time}" if _TIME.fullmatch(time) else ""


def _tarball(document: Members) -> bool:
    return read.text(read.mapping(document, "package"), "registry").rstrip("/") == "https://registry.npmjs.org"


def _sum(package: str) -> str:
    """Return the command for the digest of the file that npm pack writes, whose name has no at sign and no slash."""
    file = package.removeprefix("@").replace("/", "-").replace("@", "-")
    return f"sha256sum {file}.tgz"


def _digests(document: Members) -> Iterator[Html]:
    artifact = read.mapping(document, "artifact")
    rows: list[tuple[str, Child]] = []
    if artifact:
        rows += [(f"Archive, {kind}", code(read.text(artifact, kind))) for kind in ("sha256", "sha512")]
    commit = read.text(read.mapping(document, "source"), "commit")
    if commit:
        rows.append(("Commit of the source", code(commit)))
    policy = read.mapping(read.mapping(document, "verdict"), "policy")
    rows.append(("Policy", code(read.text(policy, "digest"))))
    for label, said in rows:
        yield tag("dt", label)
        yield tag("dd", said)
