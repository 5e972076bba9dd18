"""What exceptions of the network mean.

Apart from :mod:`~provenly.verify.network.answers`, since a warm run needs none of this.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from provenly.trust.errors import Error, UnavailableError
from provenly.verify.network.addresses import without_query

_CHECK: Final = "Check the network; --offline uses what was fetched before."
_FAILURES: Final = (
    (
        ssl.SSLCertVerificationError,
        "NET_CERTIFICATE",
        "shows a certificate that is not accepted: {}",
        "If an authority of your own signed it, install that on the system or name it with --ca-file.",
    ),
    (ssl.SSLError, "NET_TLS", "makes no secure connection: {}", _CHECK),
    (socket.gaierror, "NET_DNS", "has a host without an address: {}", _CHECK),
    (TimeoutError, "NET_TIMEOUT", "does not answer in time", _CHECK),
    (ConnectionError, "NET_CONNECT", "cannot be reached or hung up: {}", _CHECK),
)
"""What exceptions mean; the first row that fits, of subclasses before their bases."""


def network_error(error: Exception, *, what: str, url: str, deadline: float | None) -> Error:
    """Return the error that an exception of the network means. Its text has no header, query or credential.

    :param deadline: the seconds within which the answer had to be complete, where they are over.
    """
    place = without_query(url)
    if deadline is not None:
        message = f"{place} did not deliver {what} within {round(deadline, 1):g} seconds"
        return UnavailableError(message, code="NET_DEADLINE", hint="Try again, or use a nearer registry or mirror.")
    causes = tuple(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    if "ProxyError" in names:
        hint = "Check the proxy's address, name and password."
        return UnavailableError(f"the proxy does not let us through to {place}", code="NET_PROXY", hint=hint)
    if "InvalidChunkLength" in names or any(isinstance(cause, http.client.IncompleteRead) for cause in causes):
        # Half an answer is none: a connection that broke says nothing about the package.
        message = f"the answer for {what} breaks off before its end ({place})"
        return UnavailableError(message, code="NET_TRUNCATED", hint="Try again; a proxy between may cut answers off.")
    for cause in causes:
        for kind, code, text, hint in _FAILURES:
            if isinstance(cause, kind):
                reason = str(getattr(cause, "verify_message", "") or getattr(cause, "strerror", "") or "it broke")
                return UnavailableError(f"{place} {text.format(reason)}", code=code, hint=hint)
    return UnavailableError(f"{place} does not answer as HTTP does", code="NET_PROTOCOL", hint="Check the URL.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps; libraries hide the cause in ``args``, ``reason`` or the context."""
    seen: set[int] = set()
    pending: list[object] = [error]
    while pending:
        current = pending.pop(0)
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            pending += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
