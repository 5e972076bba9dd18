"""Fuzz the policy loader: any bytes are a policy or a UsageError, within two seconds of CPU.

Run it for a minute, with the packaged policies and the test assets as seeds::

    python tests/fuzz/fuzz_policy.py -max_total_time=60 CORPUS policies tests/policies/assets

What is found is written to CORPUS; an input that crashes, to ``crash-…`` in the current folder.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import Final

import atheris

with atheris.instrument_imports(include=["provenly.policies", "tomllib"]):
    from provenly.policies.decide import decide
    from provenly.policies.lint import lint
    from provenly.policies.load import load
    from provenly.policies.mistakes import PolicyError
    from provenly.policies.show import describe

from provenly.trust.verdict import Action

MAX_SECONDS: Final = 2.0
"""CPU seconds that one policy may take; the slowest known takes half a second without instrumentation."""

HEAD: Final = b'schema = 1\nname = "fuzz"\nextends = "default"\n'
"""Put before every other input, so that the fuzzer need not find it again and again."""

NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)


def one(data: bytes) -> None:
    """Load ``data`` as a policy; where it is one, lint, show and apply it."""
    text = data[1:]
    if data[:1] and data[0] % 2:
        text = HEAD + text
    begun = time.process_time()
    try:
        policy = load(text, "fuzz.toml")
    except PolicyError as error:
        if not error.mistakes or any(not 0 <= m.line <= text.count(b"\n") + 1 for m in error.mistakes):
            raise AssertionError(error.mistakes) from error
    else:
        lint(policy, NOW.date())
        describe(policy, NOW.date())
        if decide(policy, [], None, NOW).action is not Action.DENY:
            raise AssertionError("no evidence was let through")
    seconds = time.process_time() - begun
    if seconds > MAX_SECONDS:
        raise AssertionError(f"{seconds:.1f} s for {len(text):,} bytes")


def main() -> None:
    """Hand the target to libFuzzer, with its options from the command line."""
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
