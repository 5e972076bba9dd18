"""The command line options of npm, as data: which take a value, and which change what a launch line runs.

The lists are those of npm 11.19's ``@npmcli/config`` definitions, from which npm's own parser takes them; a test
compares them with the npm that is installed. An option that a later npm adds is unknown here, and an option that npm
does not know takes no value unless it has one behind ``=``: reading it so is also what npm itself does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

BOOLEANS: Final = frozenset(
    """
    all allow-same-version allow-scripts-pending allow-scripts-pin audit bin-links browser bypass-2fa color
    commit-hooks dangerously-allow-all-scripts description dev diff-ignore-all-space diff-name-only diff-no-prefix
    diff-text dry-run engine-strict expect-results force foreground-scripts format-package-lock fund git-tag-version
    global global-style if-present ignore-scripts include-attestations include-staged include-workspace-root
    init-private install-links json legacy-bundling legacy-peer-deps link long offline omit-lockfile-registry-resolved
    optional package-lock package-lock-only packages-all parseable prefer-dedupe prefer-offline prefer-online
    production progress provenance read-only rebuild-bundle save save-bundle save-dev save-exact save-optional
    save-peer save-prod shrinkwrap sign-git-commit sign-git-tag strict-allow-scripts strict-peer-deps strict-ssl
    timing unicode update-notifier usage version versions workspaces workspaces-update yes
    """.split()  # noqa: SIM905 - easier to read than eighty quoted names
)
"""Options without a value. The word ``true`` or ``false`` behind one belongs to it all the same."""

STRINGS: Final = frozenset(
    """
    call diff-dst-prefix diff-src-prefix editor git heading init-author-email init-author-name init-license init-type
    init.author.email init.author.name init.license message pack-destination preid save-prefix scope searchexclude
    searchopts shell tag tag-version-prefix user-agent viewer
    """.split()  # noqa: SIM905 - likewise
)
"""Options with a value that cannot be a word with a dash in front: there, npm takes the value to be empty."""

VALUED: Final = frozenset(
    """
    _auth access allow-directory allow-file allow-git allow-remote allow-scripts also audit-level auth-type before ca
    cache cache-max cache-min cafile cert cidr cpu depth diff diff-unified expect-result-count expires fetch-retries
    fetch-retry-factor fetch-retry-maxtimeout fetch-retry-mintimeout fetch-timeout globalconfig https-proxy include
    init-author-url init-module init-version init.author.url init.module init.version install-strategy key libc
    local-address location lockfile-version loglevel logs-dir logs-max maxsockets min-release-age
    min-release-age-exclude name node-gyp node-options noproxy omit only orgs orgs-permission os otp package packages
    packages-and-scopes-permission password prefix provenance-file proxy registry replace-registry-host sbom-format
    sbom-type scopes script-shell searchlimit searchstaleness token-description umask userconfig which workspace
    """.split()  # noqa: SIM905 - likewise
)
"""Options with any value."""

KNOWN: Final = BOOLEANS | STRINGS | VALUED
"""All of them."""

NULLABLE: Final = frozenset({"expect-results", "optional", "production", "workspaces", "yes", "browser"})
"""Booleans behind which the word ``null`` is a value."""

SHORTHANDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "?": ("--usage",),
        "B": ("--save-bundle",),
        "C": ("--prefix",),
        "D": ("--save-dev",),
        "E": ("--save-exact",),
        "H": ("--usage",),
        "L": ("--location",),
        "O": ("--save-optional",),
        "P": ("--save-prod",),
        "S": ("--save",),
        "a": ("--all",),
        "c": ("--call",),
        "d": ("--loglevel", "info"),
        "dd": ("--loglevel", "verbose"),
        "ddd": ("--loglevel", "silly"),
        "desc": ("--description",),
        "enjoy-by": ("--before",),
        "f": ("--force",),
        "g": ("--global",),
        "h": ("--usage",),
        "help": ("--usage",),
        "iwr": ("--include-workspace-root",),
        "l": ("--long",),
        "local": ("--no-global",),
        "m": ("--message",),
        "n": ("--no-yes",),
        "no": ("--no-yes",),
        "p": ("--parseable",),
        "porcelain": ("--parseable",),
        "q": ("--loglevel", "warn"),
        "quiet": ("--loglevel", "warn"),
        "readonly": ("--read-only",),
        "reg": ("--registry",),
        "s": ("--loglevel", "silent"),
        "silent": ("--loglevel", "silent"),
        "v": ("--version",),
        "verbose": ("--loglevel", "verbose"),
        "w": ("--workspace",),
        "ws": ("--workspaces",),
        "y": ("--yes",),
    }
)
"""What npm puts in the place of a short option."""

REMOVED: Final = frozenset({"always-spawn", "ignore-existing", "shell-auto-fallback", "npm", "node-arg", "n"})
"""Options that npx drops since npm 7."""

REMOVED_VALUED: Final = frozenset({"npm", "node-arg", "n"})
"""Those of :data:`REMOVED` whose value npx drops too."""

OVERRIDES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "_auth": "it sends credentials",
        "allow-scripts": "it lets install scripts run",
        "before": "it picks another version than the newest",
        "ca": "it trusts another certificate authority",
        "cache": "it takes packages from another cache",
        "cafile": "it trusts another certificate authority",
        "dangerously-allow-all-scripts": "it lets install scripts run",
        "global": "it may run what is installed globally instead",
        "globalconfig": "it reads settings from another file",
        "https-proxy": "it fetches through another server",
        "location": "it reads settings from another place",
        "node-options": "it makes Node.js load other code",
        "prefix": "it may run what is installed in another folder instead",
        "proxy": "it fetches through another server",
        "registry": "it fetches from another registry",
        "replace-registry-host": "it fetches archives from another host",
        "scope": "it may fetch from another registry",
        "script-shell": "it runs the command with another program",
        "shell": "it runs the command with another program",
        "strict-ssl": "it may switch off the check of certificates",
        "tag": "it picks another version where none is named",
        "userconfig": "it reads settings from another file",
        "workspace": "it may run what is installed in another folder instead",
    }
)
"""Options that make a launch run something else than the package of that name in the registry, each with its why."""
