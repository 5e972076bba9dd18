"""The errors of provenly.

Each branch of the tree means a different status of a check::

    Error
    ├── UsageError        the request makes no sense            the command ends with exit code 2
    ├── UnavailableError  we could not look                     the check is *unchecked*
    ├── MalformedError    what we were given is ill-formed      the check has *failed*
    └── RejectedError     we looked and the answer is no        the check has *failed*

A limit that was reached is a :class:`MalformedError`: whoever chose the input chose its size. Readers and verifiers
raise; :mod:`provenly.verify.gather` turns errors into evidence in one place; only the command line prints and exits.
"""

from __future__ import annotations

from provenly.trust.text import redact


class Error(Exception):
    """Base of all errors that provenly raises on purpose.

    :param message: one sentence: what was expected, what was found, and where. It may quote hostile text: whoever
        displays it passes it through :func:`provenly.trust.text.show`. Passwords in addresses are removed from it.
    :param code: a stable identifier of the fault such as ``TAR_DUPLICATE``, for tests and for machines.
    :param hint: what to do next, or an empty string.
    """

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        self.message = redact(message)
        super().__init__(self.message)
        self.code = code
        self.hint = redact(hint)


class UsageError(Error):
    """The request makes no sense: nothing was looked at."""


class UnavailableError(Error):
    """We could not look: no network, no such document, a service that refused. Never an answer about the package."""


class NotFoundError(UnavailableError):
    """The other side answered, and has no such thing. Callers for whom that is an answer catch it by name."""


class MalformedError(Error):
    """What we were given is ill-formed, ambiguous or over a limit; it was not interpreted."""


class LayoutError(MalformedError):
    """An archive whose bytes are the right ones cannot be read in one way only."""


class RejectedError(Error):
    """We looked, and the answer is no.

    :param expected: what should have been found.
    :param actual: what was found instead.
    """

    def __init__(self, message: str, *, code: str = "", hint: str = "", expected: str = "", actual: str = "") -> None:
        super().__init__(message, code=code, hint=hint)
        self.expected = redact(expected)
        self.actual = redact(actual)
