"""``provenly verify-attestations``: an attestation document, held to a package and its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from provenly.cli import options as given
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, UsageError
from provenly.trust.evidence import Status

if TYPE_CHECKING:
    from provenly.verify.attestation_file import Asked

EXIT_CODES: Final = {Status.PASSED: 0, Status.FAILED: 1, Status.ABSENT: 3, Status.UNCHECKED: 3}
"""Nothing but success is 0: a document without an attestation has proved nothing."""

HEX_DIGITS: Final = 128
"""Digits of a sha512 digest."""


def verify_attestations(  # noqa: PLR0913 - one parameter an option
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The document as the registry's endpoint /-/npm/v1/attestations/NAME@VERSION serves it; - for "
            "standard input.",
            show_default=False,
        ),
    ],
    *,
    package: Annotated[
        str, typer.Option(metavar="NAME@VERSION", help="The package.", rich_help_panel=given.WHAT, show_default=False)
    ],
    sha512: Annotated[
        str,
        typer.Option(
            metavar="HEX", help="The digest of its archive, in hexadecimal or as sha512-….", rich_help_panel=given.WHAT
        ),
    ] = "",
    tarball: Annotated[
        str, typer.Option(metavar="FILE", help="Its archive, instead of the digest.", rich_help_panel=given.WHAT)
    ] = "",
    registry: Annotated[
        str,
        typer.Option(metavar="URL", help="The registry that it was published to.", rich_help_panel=given.WITH),
    ] = "https://registry.npmjs.org",
    trusted_root: given.TrustedRoot = "",
    npm_keys: given.NpmKeys = "",
    at: given.At = "",
    form: given.AnswerForm = given.Form.TEXT,
    output: given.Output = "",
    quiet: given.Quiet = False,
    no_color: given.NoColor = False,
) -> int:
    """Verify the attestations of an npm package from a file. Nothing is fetched.

    Exit codes: 0 every attestation holds and is about these bytes, 1 one is refused, 2 the request makes no sense,
    3 one could not be checked, or there is none.
    """
    from provenly import reference_time
    from provenly.cli.output import check_target, wants_colour, width, write
    from provenly.report import attestations_json, attestations_text
    from provenly.verify import anchors
    from provenly.verify.attestation_file import answer
    from provenly.verify.registry.settings import registry_url

    check_target(output)
    now = reference_time.read(at)
    believed = anchors.opened(None, trusted_root=trusted_root, npm_keys=npm_keys)
    asked = _asked(package, sha512, tarball, registry_url(registry, where="--registry"))
    result = answer(_document(file), asked, believed, now)
    if form is given.Form.JSON:
        text = attestations_json.render(result)
    elif quiet:
        text = attestations_text.line(result) + "\n"
    else:
        text = attestations_text.render(result, width=width(), colour=wants_colour(no_color) and not output)
    write(text, output, exact=form is given.Form.JSON)
    return EXIT_CODES[result.status]


def _asked(package: str, sha512: str, tarball: str, registry: str) -> Asked:
    """Return what the document is held to.

    :raises UsageError: a name, version or digest that is none; both or none of the digest and the archive.
    """
    from provenly.trust.model import Selector
    from provenly.verify.attestation_file import Archive, Asked
    from provenly.verify.references.reference import parse
    from provenly.verify.tarball.local_files import read_local

    reference = parse(package)
    if reference.selector is not Selector.EXACT or reference.alias or reference.launch:
        raise UsageError(
            f"{package} is not a package with an exact version",
            code="OPTION_PACKAGE",
            hint="Write it as --package NAME@1.2.3.",
        )
    if bool(sha512) == bool(tarball):
        given_are = "both the digest and the archive" if sha512 else "neither the digest nor the archive"
        raise UsageError(
            f"{given_are} of the package are given",
            code="OPTION_CONFLICT",
            hint="Give one of --sha512 HEX and --tarball FILE; with the archive its package.json is looked at, too.",
        )
    archive = Archive(path=tarball, data=read_local(tarball)) if tarball else None
    return Asked(
        name=reference.name,
        version=reference.spec,
        sha512=Digest.of(archive.data, "sha512") if archive else _digest(sha512),
        registry=registry,
        archive=archive,
    )


def _digest(text: str) -> Digest:
    """Read ``--sha512``: 128 hexadecimal digits, or an integrity as registries write it."""
    try:
        if text.startswith("sha512-"):
            return Digest.from_sri(text, what="--sha512")
        if len(text) == HEX_DIGITS and text.isalnum():
            return Digest(algorithm="sha512", value=bytes.fromhex(text))
    except (ValueError, MalformedError):
        pass
    raise UsageError(
        "--sha512 is not a sha512 digest",
        code="OPTION_DIGEST",
        hint="Write it in 128 hexadecimal digits, as sha512sum does, or as sha512-… like dist.integrity.",
    )


def _document(path: str) -> bytes:
    """Return the bytes of the document, at most one more than are accepted.

    :raises UsageError: it cannot be read.
    """
    from provenly.cli import named_input
    from provenly.trust.attestations.document import MAX_DOCUMENT

    try:
        return named_input.read(path, max_bytes=MAX_DOCUMENT, what="the document")
    except MalformedError:
        return bytes(MAX_DOCUMENT + 1)
