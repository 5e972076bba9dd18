"""``provenly sbom``: the CycloneDX document with the verdict in it."""

from __future__ import annotations

from provenly.cli import options as given
from provenly.cli import verify as verifying


def sbom(  # noqa: PLR0913 - one parameter an option
    reference: given.OneReference,
    *,
    policy: given.Policy = "default",
    source: given.Source = "",
    attestations: given.Attestations = "",
    evidence: given.Evidence = "",
    registry: given.Registry = "",
    npmrc: given.Npmrc = [],  # noqa: B006 - typer copies it
    ca_file: given.CaFile = "",
    git_mirror: given.GitMirror = [],  # noqa: B006 - likewise
    allow_host: given.AllowHost = [],  # noqa: B006 - likewise
    offline: given.Offline = False,
    cache: given.CacheFolder = "",
    trusted_root: given.TrustedRoot = "",
    npm_keys: given.NpmKeys = "",
    at: given.At = "",
    output: given.Output = "",
    save_evidence: given.SaveEvidence = "",
    quiet: given.Quiet = False,
    no_color: given.NoColor = False,
) -> int:
    """Write a CycloneDX 1.6 document of one package, with the verdict in it.

    The exit code is the verdict's, as for verify; the document is written whatever the verdict is.
    """
    return verifying.verify(
        [reference],
        policy=policy,
        source=source,
        attestations=attestations,
        evidence=evidence,
        registry=registry,
        npmrc=npmrc,
        ca_file=ca_file,
        git_mirror=git_mirror,
        allow_host=allow_host,
        offline=offline,
        cache=cache,
        trusted_root=trusted_root,
        npm_keys=npm_keys,
        at=at,
        report_format=verifying.Format.CYCLONEDX,
        output=output,
        save_evidence=save_evidence,
        quiet=quiet,
        no_color=no_color,
    )
