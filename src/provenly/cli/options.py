"""The options that mean the same in every command."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

WHAT = "What to look at"
WITH = "What to look with"
OUT = "Output"


class Form(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


class Depth(StrEnum):
    """How much of the tree of dependencies is looked at."""

    NONE = "none"
    DIRECT = "direct"
    ALL = "all"


References: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="REF",
        help="A package (name, name@1.2.3, @scope/name@range), a purl, a launch line in quotes ('npx -y pkg@1'), "
        "a packed .tgz (./pkg.tgz), an unpacked folder, or an evidence folder.",
        show_default=False,
    ),
]
OneReference: TypeAlias = Annotated[
    str, typer.Argument(metavar="REF", help="A package, as for verify.", show_default=False)
]
Policy: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE", help="default, strict, audit, procurement, or a policy file.", rich_help_panel=WITH
    ),
]
Source: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="URL[#COMMIT]",
        help="Compare with this repository, whatever the package claims.",
        rich_help_panel=WHAT,
    ),
]
Attestations: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="Go by this attestation document, as a registry serves it, whatever the registry says.",
        rich_help_panel=WHAT,
    ),
]
Registry: TypeAlias = Annotated[
    str, typer.Option(metavar="URL", help="The registry to ask instead of npm's.", rich_help_panel=WITH)
]
Npmrc: TypeAlias = Annotated[
    list[str],
    typer.Option(
        metavar="user|project|FILE",
        help="Take registries, tokens, CAs and proxies from this .npmrc. No .npmrc is read unless you ask.",
        rich_help_panel=WITH,
    ),
]
CaFile: TypeAlias = Annotated[
    str, typer.Option(metavar="FILE", help="Trust these CA certificates instead of the system's.", rich_help_panel=WITH)
]
GitMirror: TypeAlias = Annotated[
    list[str],
    typer.Option(
        metavar="URL=MIRROR",
        help="Read a repository from a mirror: 'https://github.com/{owner}/{repo}=/srv/git/{owner}/{repo}.git'.",
        rich_help_panel=WITH,
    ),
]
AllowHost: TypeAlias = Annotated[
    list[str],
    typer.Option(
        metavar="HOST",
        help="Ask this host, too: for the --source that you name, and for a registry's archives.",
        rich_help_panel=WITH,
    ),
]
Offline: TypeAlias = Annotated[
    bool, typer.Option("--offline", help="Use caches, files and local mirrors only.", rich_help_panel=WITH)
]
CacheFolder: TypeAlias = Annotated[
    str, typer.Option("--cache", metavar="DIR", help="The cache folder.", rich_help_panel=WITH)
]
TrustedRoot: TypeAlias = Annotated[
    str,
    typer.Option(metavar="FILE", help="Go by this Sigstore trusted root, not by the one in use.", rich_help_panel=WITH),
]
NpmKeys: TypeAlias = Annotated[
    str, typer.Option(metavar="FILE", help="Go by these keys of the registry, not by npm's.", rich_help_panel=WITH)
]
At: TypeAlias = Annotated[
    str, typer.Option(metavar="TIME", help="Judge as of this time (ISO 8601, UTC).", rich_help_panel=WITH)
]
Vsa: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="Go by this signed verification summary, where it holds; else look at everything.",
        rich_help_panel=WITH,
    ),
]
VsaKey: TypeAlias = Annotated[
    str, typer.Option(metavar="FILE", help="The public key of the summary's verifier (PEM).", rich_help_panel=WITH)
]
VsaVerifier: TypeAlias = Annotated[
    str,
    typer.Option(metavar="URI", help="The id of that verifier; provenly's own by default.", rich_help_panel=WITH),
]
VsaPolicy: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="The verifier's policy, if it is none of provenly's and not --policy: it must be at least as strict.",
        rich_help_panel=WITH,
    ),
]
VsaMaxAge: TypeAlias = Annotated[
    float,
    typer.Option(metavar="HOURS", min=0.01, help="How old the summary may be.", rich_help_panel=WITH),
]
Deps: TypeAlias = Annotated[
    Depth,
    typer.Option(
        "--deps",
        help="Look at the dependencies, too: at those that the package asks for, or at the whole tree that npm would "
        "install.",
        rich_help_panel=WHAT,
    ),
]
Evidence: TypeAlias = Annotated[
    str,
    typer.Option(metavar="DIR", help="Replay an evidence folder; no network is used.", rich_help_panel=WHAT),
]
SaveEvidence: TypeAlias = Annotated[
    str,
    typer.Option(metavar="DIR", help="Save all that was consulted, for an audit or a replay.", rich_help_panel=OUT),
]
AskedIn: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="The file of this folder that asks for the package: SARIF and annotations point to its line. The usual "
        "client configurations are found without it.",
        rich_help_panel=OUT,
    ),
]
AnswerForm: TypeAlias = Annotated[Form, typer.Option("--format", help="How to write the answer.", rich_help_panel=OUT)]
Output: TypeAlias = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.", rich_help_panel=OUT)
]
Sbom: TypeAlias = Annotated[
    str,
    typer.Option(metavar="FILE", help="Write a CycloneDX document of the package as well.", rich_help_panel=OUT),
]
SpecVersion: TypeAlias = Annotated[
    str,
    typer.Option(metavar="VERSION", help="Of CycloneDX: 1.5, 1.6 or 1.7.", rich_help_panel=OUT),
]
Author: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Who answers for the document, as 'Name <address>': buyers ask for it.",
        rich_help_panel=OUT,
    ),
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="One line, or one a package; no progress.", rich_help_panel=OUT)
]
Verbose: TypeAlias = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show every check and every file.", rich_help_panel=OUT)
]
NoColor: TypeAlias = Annotated[
    bool, typer.Option("--no-color", help="No colours, as with NO_COLOR.", rich_help_panel=OUT)
]
Jobs: TypeAlias = Annotated[
    int, typer.Option(metavar="N", min=1, max=32, help="How many packages to verify at a time.", rich_help_panel=WITH)
]
