"""``provenly verify-bundle``: any Sigstore bundle, the file that it is about, and who must have signed it."""

from __future__ import annotations

from typing import Annotated

import typer

from provenly.cli import options as given
from provenly.trust.errors import UsageError

WHO = "Who must have signed it"


EXIT_CODES = {"passed": 0, "failed": 1, "unchecked": 3}
"""The exit code by status; 2 is for requests without a meaning, as everywhere."""

_ONE_SIGNER = "Give --certificate-identity and --certificate-issuer, or --key, or --policy: one of the three."


def verify_bundle(  # noqa: PLR0913 - one parameter an option
    artifact: Annotated[
        str,
        typer.Argument(
            metavar="FILE_OR_DIGEST",
            help="The file that was signed, or its digest as sha256:HEX. For a statement: one of its subjects.",
            show_default=False,
        ),
    ],
    *,
    bundle: Annotated[str, typer.Option(metavar="FILE", help="The bundle; - for standard input.", show_default=False)],
    certificate_identity: Annotated[
        str,
        typer.Option(metavar="ID", help="The signer's name in the certificate: a URI, a mail …", rich_help_panel=WHO),
    ] = "",
    certificate_issuer: Annotated[
        str, typer.Option(metavar="URL", help="The OpenID issuer that vouched for that name.", rich_help_panel=WHO)
    ] = "",
    key: Annotated[str, typer.Option(metavar="FILE", help="The signer's public key (PEM).", rich_help_panel=WHO)] = "",
    policy: Annotated[
        str,
        typer.Option(metavar="NAME|FILE", help="A policy: anyone whom its [[identities]] list.", rich_help_panel=WHO),
    ] = "",
    trusted_root: given.TrustedRoot = "",
    at: given.At = "",
    form: given.AnswerForm = given.Form.TEXT,
    output: given.Output = "",
    quiet: given.Quiet = False,
    no_color: given.NoColor = False,
) -> int:
    """Verify a Sigstore bundle: that it holds, is about this file, and was signed by whom you name.

    Names are compared whole, character by character. No network is used.

    Exit codes: 0 verified, 1 refused, 2 the request makes no sense, 3 it could not be checked.
    """
    _require_one_signer(identity=certificate_identity, issuer=certificate_issuer, key=key, policy=policy)
    from provenly.cli import bundle_signer, judge_bundle
    from provenly.cli.output import check_target, wants_colour, width, write
    from provenly.report import bundle_report

    check_target(output)
    answer = judge_bundle.judge(
        judge_bundle.Asked(
            artifact=artifact,
            bundle=bundle,
            signer=bundle_signer.named(
                identity=certificate_identity, issuer=certificate_issuer, key=key, policy=policy
            ),
            trusted_root=trusted_root,
            at=at,
        )
    )
    machine = form is given.Form.JSON
    if machine:
        text = bundle_report.render_json(answer)
    elif quiet:
        text = bundle_report.line(answer) + "\n"
    else:
        text = bundle_report.render_text(answer, width=width(), colour=wants_colour(no_color) and not output)
    write(text, output, exact=machine)
    return EXIT_CODES[answer.status]


def _require_one_signer(*, identity: str, issuer: str, key: str, policy: str) -> None:
    """Refuse a request that names no signer, half of one, or several in different ways.

    A bundle that verifies says that somebody signed; anybody can. Without a name there is nothing to answer.

    :raises UsageError: ``SIGNER_MISSING``, ``SIGNER_HALF``, ``OPTION_CONFLICT``.
    """
    if bool(identity) != bool(issuer):
        raise UsageError(
            "a certificate's identity means nothing without its issuer, and the other way round",
            code="SIGNER_HALF",
            hint="Give both --certificate-identity and --certificate-issuer.",
        )
    ways = sum(map(bool, (identity, key, policy)))
    if not ways:
        raise UsageError("who must have signed the bundle is not said", code="SIGNER_MISSING", hint=_ONE_SIGNER)
    if ways > 1:
        raise UsageError("who must have signed the bundle is said twice", code="OPTION_CONFLICT", hint=_ONE_SIGNER)
