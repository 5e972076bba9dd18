"""What buyers cite, and which checks speak to it: data only.

Every text is ours, one sentence about what we look at; what a standard itself says is at the address. A requirement is
judged by ``checks``, ids of checks of provenly, or by ``elements``, what the document has of every component. Neither
is a certificate: most requirements ask for more than one package can show, and the sentence says what was looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """One requirement of a standard.

    :param identifier: as the standard writes it.
    :param text: what we look at.
    :param url: where the standard says so.
    :param checks: ids of the checks that must pass.
    :param elements: keys of :data:`provenly.sbom.elements.ELEMENTS` that every component must have.
    """

    identifier: str
    text: str
    url: str
    checks: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Standard:
    """A standard, and those of its requirements to which one package can answer.

    :param ref: the beginning of its references in the document.
    """

    ref: str
    name: str
    version: str
    owner: str
    url: str
    requirements: tuple[Requirement, ...]


_SLSA: Final = "https://slsa.dev/spec/v1.2"
_AISVS: Final = "https://github.com/OWASP/AISVS/blob/main/1.0/en/0x10-C10-MCP-Security.md"
_MCP10: Final = "https://owasp.org/www-project-mcp-top-10/"
_BSI: Final = "https://www.bsi.bund.de/dok/TR-03183-en"
_NTIA: Final = "https://www.ntia.gov/report/2021/minimum-elements-software-bill-materials-sbom"
_CISA: Final = "https://www.cisa.gov/resources-tools/resources/2025-minimum-elements-software-bill-materials-sbom"

STANDARDS: Final = (
    Standard(
        ref="slsa-build",
        name="SLSA Build Track",
        version="1.2",
        owner="OpenSSF",
        url=f"{_SLSA}/build-requirements",
        requirements=(
            Requirement(
                identifier="Build L1: provenance exists",
                text="A statement of how these very bytes were built is there for the one who installs them.",
                url=f"{_SLSA}/build-requirements#provenance-exists",
                checks=("provenance",),
            ),
            Requirement(
                identifier="Build L2: provenance is authentic",
                text="The statement is signed by the build service, and agrees with the certificate of the signer.",
                url=f"{_SLSA}/build-requirements#provenance-authentic",
                checks=("provenance", "provenance-identity"),
            ),
            Requirement(
                identifier="Build L2: hosted",
                text="The build ran at a build service that we know, and not on somebody's own machine.",
                url=f"{_SLSA}/build-requirements#hosted",
                checks=("provenance-builder",),
            ),
            Requirement(
                identifier="Verifying artifacts: expectations",
                text="The bytes are those of the statement, built from the repository and commit that are claimed.",
                url=f"{_SLSA}/verifying-artifacts",
                checks=("artifact-integrity", "provenance-source", "provenance-commit", "provenance-workflow"),
            ),
        ),
    ),
    Standard(
        ref="slsa-source",
        name="SLSA Source Track",
        version="1.2",
        owner="OpenSSF",
        url=f"{_SLSA}/source-requirements",
        requirements=(
            Requirement(
                identifier="Source L1: version controlled",
                text="The source is a commit of a repository that can be read, and a branch or tag leads to it.",
                url=f"{_SLSA}/source-requirements",
                checks=("source-reachable", "version-known"),
            ),
        ),
    ),
    Standard(
        ref="aisvs",
        name="OWASP Artificial Intelligence Security Verification Standard",
        version="1.0",
        owner="OWASP",
        url=_AISVS,
        requirements=(
            Requirement(
                identifier="10.1.1",
                text="The server comes from a source that acknowledges it, and signatures and digests were verified.",
                url=_AISVS,
                checks=(
                    "artifact-integrity",
                    "registry-signature",
                    "provenance",
                    "source-acknowledged",
                    "source-match",
                ),
            ),
            Requirement(
                identifier="10.1.2",
                text="The launch names one exact version, so that a list of allowed servers means these bytes.",
                url=_AISVS,
                checks=("artifact-integrity", "launch-pinned"),
            ),
        ),
    ),
    Standard(
        ref="mcp-top-10",
        name="OWASP MCP Top 10",
        version="2025",
        owner="OWASP",
        url=_MCP10,
        requirements=(
            Requirement(
                identifier="MCP04:2025",
                text="Neither the server nor what it installs differs from what its source and registry say.",
                url=f"{_MCP10}#top-10",
                checks=(
                    "artifact-integrity",
                    "artifact-layout",
                    "manifest-match",
                    "source-match",
                    "install-scripts",
                    "bundled-dependencies",
                    "dependencies",
                    "tree-complete",
                    "tree-integrity",
                    "tree-scripts",
                    "tree-status",
                    "continuity",
                ),
            ),
            Requirement(
                identifier="MCP09:2025",
                text="The server is the one that was asked for, of a known publisher, and still stood by.",
                url=f"{_MCP10}#top-10",
                checks=("source-acknowledged", "publish-identity", "version-status", "launch-pinned"),
            ),
        ),
    ),
    Standard(
        ref="bsi",
        name="BSI TR-03183-2 Software Bill of Materials",
        version="2.1.0",
        owner="Bundesamt für Sicherheit in der Informationstechnik",
        url=_BSI,
        requirements=(
            Requirement(
                identifier="5.2.1",
                text="The document says who made it, when, and under which address it is referred to.",
                url=_BSI,
                elements=("document-author", "document-time", "document-uri"),
            ),
            Requirement(
                identifier="5.2.2",
                text="Each component has creator, name, version, file name, licence, SHA-512 and the three properties.",
                url=_BSI,
                elements=("supplier", "name", "version", "filename", "licence", "sha512", "nature"),
            ),
            Requirement(
                identifier="5.2.2 dependencies",
                text="All dependencies of each component are listed, and it is said that they are all.",
                url=_BSI,
                elements=("dependencies",),
            ),
        ),
    ),
    Standard(
        ref="ntia",
        name="NTIA Minimum Elements for an SBOM",
        version="2021",
        owner="NTIA",
        url=_NTIA,
        requirements=(
            Requirement(
                identifier="Data fields",
                text="Each component has supplier, name, version and identifier; the document has author and time.",
                url=_NTIA,
                elements=("supplier", "name", "version", "identifier", "document-author", "document-time"),
            ),
            Requirement(
                identifier="Dependency relationship",
                text="All dependencies are listed, or it is said what is not known.",
                url=_NTIA,
                elements=("dependencies",),
            ),
        ),
    ),
    Standard(
        ref="cisa",
        name="CISA Minimum Elements for an SBOM (draft)",
        version="2025",
        owner="CISA",
        url=_CISA,
        requirements=(
            Requirement(
                identifier="Component data",
                text="Each component has producer, name, version, identifier, hash and licence.",
                url=_CISA,
                elements=("supplier", "name", "version", "identifier", "hash", "licence"),
            ),
            Requirement(
                identifier="Document data",
                text="The document names its author, the tool, the time and the stage at which it was made.",
                url=_CISA,
                elements=("document-author", "document-tool", "document-time", "document-context"),
            ),
            Requirement(
                identifier="Coverage",
                text="Transitive dependencies are listed, and what is not known is said.",
                url=_CISA,
                elements=("dependencies",),
            ),
        ),
    ),
)
"""The standards, in the order in which they are written."""

PREDICATES: Final = {
    "artifact-integrity": "The bytes that were analysed are those that the registry describes.",
    "artifact-layout": "Every reader of the archive sees the files that npm would install.",
    "manifest-match": "The registry's description agrees with the package.json inside the archive.",
    "registry-signature": "The registry signed the name, the version and the digest.",
    "publish-attestation": "The registry attests in a public log that it took in these bytes.",
    "publish-identity": "The registry's attestation names this package, this version and the registry itself.",
    "provenance": "A signed statement says who built these bytes, and from which commit.",
    "provenance-identity": "The provenance agrees with the certificate of the key that signed it.",
    "provenance-builder": "The package was built by a known build service.",
    "provenance-source": "The package was built from the repository that it claims.",
    "provenance-commit": "The commit that the files were compared with is the one it was built from.",
    "provenance-workflow": "No stranger can have taken part in the build.",
    "source-reachable": "The source is there, and a branch or tag of it leads to the commit.",
    "source-acknowledged": "The claimed source acknowledges the package.",
    "version-known": "The source knows this version.",
    "source-match": "The source explains every executable file that an entry point or install script leads to.",
    "source-data": "The source explains the files that are data, and those that nothing leads to.",
    "install-scripts": "Installing the package runs code that the source explains.",
    "bundled-dependencies": "The packages inside the archive are what the registry has under their names.",
    "dependencies": "All direct dependencies come from the registry, under their own names.",
    "version-status": "The publisher still stands by this version.",
    "version-age": "The version has been out for long enough.",
    "continuity": "The version was published by the same people in the same way as those before it.",
    "launch-pinned": "The reference names one exact version.",
    "tree-complete": "The whole tree of dependencies is known, and all of it comes from registries.",
    "tree-integrity": "The registry names a digest of each dependency, and the resolver goes by it.",
    "tree-signatures": "The registry signed name, version and digest of each dependency.",
    "tree-provenance": "A signed statement says who built each dependency.",
    "tree-scripts": "No dependency runs code when it is installed.",
    "tree-status": "The publishers still stand by each dependency.",
    "tree-age": "Each dependency has been out for long enough.",
}
"""What each check claims where it passes, as one sentence."""

FINE_WHEN_ABSENT: Final = frozenset({"install-scripts", "bundled-dependencies"})
"""Checks that look for something dangerous: that there is none is as good as an explanation."""
