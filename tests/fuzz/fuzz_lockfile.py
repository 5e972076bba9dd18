"""Fuzz the lockfile readers: any bytes are a lock that its users can rely on or a MalformedError, within two seconds.

Run it for a minute::

    python tests/fuzz/fuzz_lockfile.py -max_total_time=60 CORPUS
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["provenly.verify.dependencies"]):
    from provenly.verify.dependencies.read import NAMES, read

from provenly.trust.errors import MalformedError
from tests.fuzz.edits import OPTIONS, edited
from tests.verify.dependencies.samples import BESIDE, SAMPLES, check

MAX_SECONDS: Final = 2.0
"""CPU seconds that one lockfile of this size may take."""


def one(data: bytes) -> None:
    """Read ``data``, or an honest lockfile that it edits, and hold the lock to what holds of every one."""
    provider = atheris.FuzzedDataProvider(data)
    number = provider.ConsumeIntInRange(0, len(SAMPLES) + len(NAMES) - 1)
    if number < len(SAMPLES):
        path, sample = SAMPLES[number]
        text = edited(sample, provider)
    else:
        path, text = NAMES[number - len(SAMPLES)], provider.ConsumeBytes(provider.remaining_bytes())
    begun = time.process_time()
    try:
        lock = read(path, text, BESIDE)
    except MalformedError as error:
        if not error.code:
            raise AssertionError(error.message) from error
    else:
        check(lock)
    seconds = time.process_time() - begun
    if seconds > MAX_SECONDS:
        raise AssertionError(f"{seconds:.1f} s for {len(text):,} bytes")


def main() -> None:
    """Hand the target to libFuzzer, with its options from the command line."""
    atheris.Setup([*sys.argv, *OPTIONS], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
