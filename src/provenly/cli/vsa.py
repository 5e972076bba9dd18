"""``provenly vsa``: a signed verification summary of a saved report."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from typing import Annotated

import typer

from provenly.cli import options as given
from provenly.cli.report import Saved
from provenly.trust.errors import UsageError

PASSWORD: str = "PROVENLY_KEY_PASSWORD"  # noqa: S105 - the name of a variable
"""The variable of the environment that holds the password of an encrypted key: command lines can be read by others."""


class Envelope(StrEnum):
    """In what the signed statement travels."""

    DSSE = "dsse"
    BUNDLE = "bundle"


def vsa(
    saved_report: Saved,
    *,
    key: Annotated[
        str, typer.Option(metavar="FILE", help="The private key to sign with (PEM).", rich_help_panel=given.WITH)
    ],
    verifier: Annotated[
        str,
        typer.Option(metavar="URI", help="Who answers for the verification; part of what is signed."),
    ] = "",
    form: Annotated[
        Envelope,
        typer.Option(
            "--format", help="A plain DSSE envelope, or a Sigstore bundle around it.", rich_help_panel=given.OUT
        ),
    ] = Envelope.DSSE,
    output: given.Output = "",
) -> int:
    """Sign a verification summary (SLSA VSA) of a saved report, for those who trust your verification.

    Sign only reports that you made yourself: the summary says what the file says. The exit code is that of the verdict.
    """
    from provenly.cli import saved_input
    from provenly.cli.output import check_target, write
    from provenly.sbom import vsa as summaries
    from provenly.trust.summaries import signing
    from provenly.verify.tarball.local_files import read_local

    check_target(output)
    documents = saved_input.read(saved_report)
    if len(documents) != 1:
        hint = "Save the reports one by one."
        raise UsageError("a verification summary is about one package", code="OPTION_CONFLICT", hint=hint)
    if verifier and ":" not in verifier:
        hint = "Give a URI of yours, such as https://security.example.com/provenly."
        raise UsageError(f"the verifier {verifier!r} is no URI", code="VSA_VERIFIER_URI", hint=hint)
    password = os.environ.get(PASSWORD)
    signer = signing.load(
        read_local(key, max_bytes=signing.MAX_KEY_FILE),
        password=password.encode() if password else None,
        what=f"the key in {key}",
    )
    statement = summaries.statement(documents[0], verifier=verifier or summaries.VERIFIER)
    payload = json.dumps(statement, separators=(",", ":")).encode()
    made = signing.bundle(payload, signer) if form is Envelope.BUNDLE else signing.envelope(payload, signer)
    write(made, output, exact=True)
    return saved_input.exit_code(documents)
