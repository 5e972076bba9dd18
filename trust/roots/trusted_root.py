"""Reading a Sigstore trusted root (sigstore/protobuf-specs, sigstore_trustroot.proto), strictly.

Protobuf's own reader takes unknown members, missing periods and any base64. Ours refuses the whole document where a
part of it is ill-formed; a log whose key is only of a kind that we do not accept is left out, and remembered, since
roots keep the logs of the past (the staging instance's first CT log has an RSA key in PKCS #1 form).
"""

from __future__ import annotations

import hashlib
import warnings
from functools import lru_cache
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from provenly.trust import strict_json
from provenly.trust.encoding import base64_bytes, items, members, text
from provenly.trust.errors import MalformedError
from provenly.trust.keys import PublicKey, Scheme
from provenly.trust.roots import reading
from provenly.trust.roots.material import Material
from provenly.trust.roots.model import Authority, Log, TrustedRoot, Unusable
from provenly.trust.strict_json import Json

MEDIA_TYPES: Final = frozenset(
    {
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot.v0.1+json",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    }
)
"""The media types of trusted roots; the first is the older spelling of the second."""

CONFIG_MEDIA_TYPE: Final = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
"""The media type of a document that holds a trusted root beside settings for signing, which we do not need."""

MAX_ENTRIES: Final = 64
"""Logs or authorities of one kind. The public instance has two of each; roots keep those of the past."""

MAX_CHAIN: Final = 8
"""Certificates of one authority. Real chains have one to four."""

MAX_CERTIFICATE: Final = 16 * 1024
"""Bytes of a certificate; those of authorities stay below a thousand."""

MAX_URL: Final = 2_048
"""Characters of a URL or name, as in :mod:`provenly.verify.network.addresses`."""

MIN_KEY_ID: Final = 4
"""Bytes of the shortest checkpoint key id: what a signed note carries (C2SP signed-note)."""

_LOG: Final = frozenset({"baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator"})
_PUBLIC_KEY: Final = frozenset({"rawBytes", "keyDetails", "validFor"})
_AUTHORITY: Final = frozenset({"subject", "uri", "certChain", "validFor", "operator"})


@lru_cache(maxsize=8)  # a pure function of frozen bytes; bundles are many and roots are few
def load(material: Material) -> TrustedRoot:
    """Read a trusted root, or the one inside a client trust configuration.

    Steps: (1) strict JSON within the limits; (2) the media type; (3) each log: its period, its key, its id, which must
    be the key's own; (4) each authority: its period and its certificates, each issued by the next; (5) no log twice.

    :raises MalformedError: a step failed: ``JSON_…``, ``B64_…``, ``TIME_FORMAT``, ``KEY_FORMAT`` or ``TRUST_…``.
    """
    what = "the trusted root"
    # Step 1.
    document = members(
        strict_json.loads(material.data, what=what, max_bytes=reading.MAX_DOCUMENT), what=what, code="TRUST_FORM"
    )
    # Step 2. Members at the top that we do not know are other kinds of trust, which we do not use.
    if document.get("mediaType") == CONFIG_MEDIA_TYPE:
        document = members(document.get("trustedRoot"), what=what, code="TRUST_FORM")
    media_type = document.get("mediaType")
    if not isinstance(media_type, str) or media_type not in MEDIA_TYPES:
        raise MalformedError(f"{what} has no media type of a trusted root", code="TRUST_MEDIA_TYPE")
    # Step 3.
    logs = [_log(value, "tlogs", index) for index, value in enumerate(_entries(document.get("tlogs"), "tlogs"))]
    ct_logs = [_log(value, "ctlogs", index) for index, value in enumerate(_entries(document.get("ctlogs"), "ctlogs"))]
    # Step 4.
    authorities, timestamps = (
        tuple(_authority(value, f"{kind}[{index}]") for index, value in enumerate(_entries(document.get(kind), kind)))
        for kind in ("certificateAuthorities", "timestampAuthorities")
    )
    if not (logs or ct_logs or authorities or timestamps):
        raise MalformedError(f"{what} names neither a log nor an authority", code="TRUST_EMPTY")
    root = TrustedRoot(
        logs=tuple(log for log in logs if isinstance(log, Log)),
        authorities=authorities,
        ct_logs=tuple(log for log in ct_logs if isinstance(log, Log)),
        timestamp_authorities=timestamps,
        origin=material.origin,
        unusable=tuple(log for log in (*logs, *ct_logs) if isinstance(log, Unusable)),
    )
    # Step 5.
    for known in (root.logs, root.ct_logs):
        if len({log.log_id for log in known}) < len(known):
            raise MalformedError(f"{what} names one log twice: which period counts?", code="TRUST_DUPLICATE")
    return root


def _entries(value: Json, kind: str) -> tuple[Json, ...]:
    if value is None:
        return ()
    return items(value, what=f"{kind} of the trusted root", code="TRUST_FORM", least=0, most=MAX_ENTRIES)


def _log(value: Json, kind: str, index: int) -> Log | Unusable:
    """Read a log; one whose key is of a kind that we do not accept comes back as unusable."""
    what = f"{kind}[{index}] of the trusted root"
    log = reading.closed(value, what=what, known=_LOG)
    public = reading.closed(log.get("publicKey"), what=f"the key of {what}", known=_PUBLIC_KEY)
    period = reading.period(public.get("validFor"), what=f"the period of {what}")
    url = _url(log.get("baseUrl"), what)
    log_id = _key_id(log.get("logId"), what)
    key = reading.key(public.get("rawBytes"), public.get("keyDetails"), what=f"the key of {what}")
    if log.get("hashAlgorithm") != "SHA2_256":
        key = "its tree is not hashed with SHA-256"
    if isinstance(key, str):
        return Unusable(kind=kind, url=url, name=log_id.hex(), reason=key)
    # CT logs (RFC 6962 section 3.2) and Rekor v1 have the sha256 of their key; Rekor v2 has its checkpoints' key id.
    forms = _ids(key, url) if kind == "tlogs" else (key.digest.value,)
    if log_id not in forms:
        raise MalformedError(f"the id of {what} is not that of its key", code="TRUST_LOG_ID")
    if kind == "tlogs" and "checkpointKeyId" in log:
        checkpoint = _key_id(log["checkpointKeyId"], what)
        if not any(form.startswith(checkpoint) for form in forms):
            raise MalformedError(f"the checkpoint key id of {what} is not that of its key", code="TRUST_LOG_ID")
    return Log(url=url, key=key, log_id=log_id, period=period)


def _ids(key: PublicKey, url: str) -> tuple[bytes, ...]:
    """Return the ids by which a transparency log may be called.

    The second is the key id of a signed note before it is cut to 4 bytes: sha256 of the log's name, a line feed, the
    number of the algorithm (1 for Ed25519) and the key (C2SP signed-note, section Signatures). For ECDSA it is the
    sha256 of the SubjectPublicKeyInfo again.
    """
    if key.scheme is not Scheme.ED25519:
        return (key.digest.value,)
    raw = key.spki[-32:]  # RFC 8410: the key is the end of the structure
    host = _host(url)
    return (key.digest.value, hashlib.sha256(host.encode() + b"\n\x01" + raw).digest())


def _host(url: str) -> str:
    """Return what a log of Rekor v2 calls itself: its URL without the scheme, and without a slash at the end."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.netloc + parts.path).rstrip("/")


def _url(value: Json, what: str) -> str:
    url = text(value, what=f"the URL of {what}", code="TRUST_URL")
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or not url.startswith(("https://", "http://")):
        raise MalformedError(f"the URL of {what} is none", code="TRUST_URL")
    return url


def _key_id(value: Json, what: str) -> bytes:
    found = reading.closed(value, what=f"the id of {what}", known=frozenset({"keyId"}))
    key_id = base64_bytes(found.get("keyId"), what=f"the id of {what}", max_bytes=32)
    if len(key_id) < MIN_KEY_ID:
        raise MalformedError(f"the id of {what} has fewer than {MIN_KEY_ID} bytes", code="TRUST_LOG_ID")
    return key_id


def _authority(value: Json, what: str) -> Authority:
    """Read a certificate or timestamp authority."""
    what = f"{what} of the trusted root"
    found = reading.closed(value, what=what, known=_AUTHORITY)
    chain = reading.closed(found.get("certChain"), what=f"the chain of {what}", known=frozenset({"certificates"}))
    listed = items(chain.get("certificates"), what=f"the chain of {what}", code="TRUST_FORM", least=1, most=MAX_CHAIN)
    certificates = tuple(_certificate(entry, what) for entry in listed)
    for certificate, issuer in pairwise(certificates):
        _check_issued(certificate, issuer, what)
    return Authority(
        uri=_url(found["uri"], what) if found.get("uri") else "",
        chain=certificates,
        period=reading.period(found.get("validFor"), what=f"the period of {what}"),
    )


_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What ``cryptography`` raises for a certificate that it cannot read; the last three are no ``ValueError``."""


def _certificate(value: Json, what: str) -> x509.Certificate:
    entry = reading.closed(value, what=f"a certificate of {what}", known=frozenset({"rawBytes"}))
    data = base64_bytes(entry.get("rawBytes"), what=f"a certificate of {what}", max_bytes=MAX_CERTIFICATE)
    try:
        with warnings.catch_warnings():
            # Names that are longer than X.520 allows are only warned of, on the user's terminal.
            warnings.simplefilter("ignore", UserWarning)
            certificate = x509.load_der_x509_certificate(data)
            # Extensions and keys are parsed when they are first asked for: ask now, where the document can be named.
            _ = certificate.extensions, certificate.public_key(), certificate.subject, certificate.issuer
        again = certificate.public_bytes(Encoding.DER)
    except _UNREADABLE as error:
        raise MalformedError(f"a certificate of {what} is ill-formed", code="TRUST_CERTIFICATE") from error
    if again != data:
        raise MalformedError(f"a certificate of {what} is not in its one form (DER)", code="TRUST_CERTIFICATE")
    return certificate


def _check_issued(certificate: x509.Certificate, issuer: x509.Certificate, what: str) -> None:
    """Refuse a chain in which a certificate was not issued by the next one: whose word it is would be unclear."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        message = f"the chain of {what} is broken: a certificate was not issued by the next one"
        raise MalformedError(message, code="TRUST_CHAIN") from error
