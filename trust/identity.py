"""Identities: who a certificate of Sigstore's authority says the signer is.

The authority (Fulcio) checked a token of the build service and copied what it says into extensions of the certificate
(sigstore/fulcio, docs/oid-info.md, arc 1.3.6.1.4.1.57264.1). What the predicate of an attestation says, its signer
wrote himself: where the two disagree, the certificate is right.
"""

from __future__ import annotations

from dataclasses import dataclass


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
