#!/usr/bin/env python3
"""The entry point for the public conformance suite of Sigstore clients (sigstore/sigstore-conformance).

Its docs/cli_protocol.md says which words come; run the suite with ``pytest --entrypoint tests/conformance/client.py``.
``verify-bundle`` is ours with one option renamed. ``sign-bundle`` is refused: provenly signs nothing yet, so leave the
suite's signing tests out with ``--skip-signing``. ``--staging`` is refused, too: name that instance's trusted root.
"""

from __future__ import annotations

import sys

NOT_SUPPORTED = 2

RENAMED = {"--certificate-oidc-issuer": "--certificate-issuer"}


def translated(words: list[str]) -> list[str]:
    """Return the suite's words as those of ``provenly``."""
    return [RENAMED.get(word, word) for word in words]


def refused(what: str, why: str) -> int:
    """Say what is not supported and return the exit code."""
    sys.stderr.write(f"{what}: not supported: {why}\n")
    return NOT_SUPPORTED


def run(words: list[str]) -> int:
    """Run one command of the protocol and return its exit code: 0 only where a bundle verifies."""
    if words[:1] != ["verify-bundle"]:
        return refused(words[0] if words else "nothing", "provenly verifies, and does not sign yet")
    if "--staging" in words:
        return refused("--staging", "give --trusted-root with the trusted root of that instance")
    from provenly.cli.main import main

    return main(translated(words))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
