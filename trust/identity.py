"""Identities: who a certificate of Sigstore's authority says the signer is.

The authority (Fulcio) checked a token of the build service and copied what it says into extensions of the certificate
(sigstore/fulcio, docs/oid-info.md, arc 1.3.6.1.4.1.57264.1). What the predicate of an attestation says, its signer
wrote himself: where the two disagree, the certificate is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_REF: Final = "@refs/"
"""Between the URL of a workflow and its ref, which is written in full."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What a verified certificate says about its holder. An empty text: it does not say.

    :param issuer: the OpenID issuer that vouched for the holder (.8, in old certificates .1).
    :param subject: the only name in the certificate: a workflow's URL, a mail address, …
    :param subject_kind: ``uri`` or ``email`` or ``other``.
    :param signer: the workflow that signed, with its ref (.9); of old certificates the subject.
    :param signer_digest: the commit of that workflow (.10).
    :param runner: ``github-hosted``, ``self-hosted``, ``gitlab-hosted`` … (.11).
    :param repository: URL of the source repository (.12, in old certificates made of .5).
    :param commit: (.13, .3).
    :param ref: ``refs/heads/main`` (.14, .6).
    :param repository_id: the forge's number (.15); it stays when a name changes hands.
    :param owner: URL of the repository's owner (.16).
    :param owner_id: the forge's number (.17).
    :param workflow: the build's top-level configuration, with its ref (.18, in old certificates the subject).
    :param workflow_digest: the commit of that configuration (.19).
    :param trigger: the event that started it (.20, .2).
    :param run: URL of the run (.21).
    :param visibility: ``public``, ``private`` or ``internal`` when it was signed (.22).
    :param environment: the deployment environment (.23).
    :param token_subject: the token's own subject (.24).
    """

    issuer: str
    subject: str
    subject_kind: str = "uri"
    signer: str = ""
    signer_digest: str = ""
    runner: str = ""
    repository: str = ""
    commit: str = ""
    ref: str = ""
    repository_id: str = ""
    owner: str = ""
    owner_id: str = ""
    workflow: str = ""
    workflow_digest: str = ""
    trigger: str = ""
    run: str = ""
    visibility: str = ""
    environment: str = ""
    token_subject: str = ""

    @property
    def workflow_path(self) -> str:
        """The path of :attr:`workflow` in the source repository; empty where it is in another one, or is not named.

        The ref begins at the first ``@refs/``: a tag may have an at sign in it (``@scope/name@1.0.0``, as monorepos
        have them), and GitHub looks for workflows in no folder whose name could end so. GitLab doubles the slash.
        """
        path, at, _ = self.workflow.partition(_REF)
        inside = f"{self.repository}/"
        return path.removeprefix(inside).lstrip("/") if self.repository and at and path.startswith(inside) else ""

    @property
    def workflow_ref(self) -> str:
        """The ref that :attr:`workflow` was taken from; empty where it is not named."""
        _, at, ref = self.workflow.partition(_REF)
        return f"refs/{ref}" if at else ""
