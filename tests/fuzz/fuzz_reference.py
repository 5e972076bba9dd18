"""Fuzz the reference parser: any exception but UsageError is a crash, and so is a control character in its words.

Run for a minute: python tests/fuzz/fuzz_reference.py -max_total_time=60
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["provenly"]):
    from provenly.trust.errors import UsageError
    from provenly.trust.text import show
    from provenly.verify.references import reference
    from provenly.verify.registry import versions


def one_input(data: bytes) -> None:
    """Read the bytes as one line, as words, and as a range."""
    provider = atheris.FuzzedDataProvider(data)
    kind = provider.ConsumeIntInRange(0, 3)
    text = provider.ConsumeUnicode(400)
    prefixes = ("", "npx ", "pkg:npm/", "a@")
    try:
        if kind == 1 and provider.ConsumeBool():
            reference.parse_words(["npx", *text.split(" ")])
        else:
            reference.parse_many(prefixes[kind] + text)
    except UsageError as error:
        if not error.code or show(error.message, limit=10_000) != error.message:
            raise AssertionError(error.message) from error
    versions.satisfying(("1.0.0", "2.0.0-rc.1"), text)
    versions.nearest(("1.0.0", "2.0.0-rc.1"), text)


def main() -> None:
    """Hand over to the fuzzer."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
