"""What sigstore-python says of a bundle of the corpus: the second opinion."""

from __future__ import annotations

import json
import logging
from functools import cache
from pathlib import Path

from sigstore.errors import Error
from sigstore.models import Bundle, InvalidBundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import UnsafeNoOp

from tests.differential import corpus

logging.getLogger("sigstore.verify.policy").setLevel(logging.ERROR)  # each use of UnsafeNoOp warns


@cache
def verifier(root: Path) -> Verifier:
    return Verifier(trusted_root=TrustedRoot.from_file(str(root)))


def refusal(item: corpus.Item) -> str:
    """Return why sigstore-python refuses a bundle, or an empty text. Who signed it is not asked."""
    try:
        verify(json.dumps(item.bundle), item)
    except (Error, InvalidBundle, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def verify(text: str, item: corpus.Item) -> None:
    """Parse and verify a bundle.

    :raises Exception: it does not hold, or is of a form that the library does not verify.
    """
    bundle = Bundle.from_json(text)
    if "dsseEnvelope" in item.bundle:
        verifier(item.root).verify_dsse(bundle, UnsafeNoOp())
    elif item.artifact is not None:
        verifier(item.root).verify_artifact(item.artifact.read_bytes(), bundle, UnsafeNoOp())
    else:
        raise ValueError("a message signature without an artifact")
