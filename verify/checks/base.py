"""The shape of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from provenly.trust.evidence import Evidence
from provenly.verify.subject import Subject


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What a check means, for ``provenly explain`` and docs/checks.md.

    :param question: the question that it answers, as one.
    :param proves: what is certain when it passed.
    :param does_not_prove: what is not, in as many words.
    :param remedy: what the reader, or the package's author, can do when it did not pass.
    """

    question: str
    proves: str
    does_not_prove: str
    remedy: str


class Check(Protocol):
    """A module of this package. It looks at the subject and says what it saw; it never decides."""

    @property
    def ID(self) -> str:  # noqa: N802 - a constant of a module
        """The stable id."""

    @property
    def ABOUT(self) -> About:  # noqa: N802 - a constant of a module
        """What the check means."""

    def check(self, subject: Subject) -> Evidence:
        """Return what was seen.

        :raises UnavailableError: could not look: unchecked.
        :raises MalformedError: what there is to look at is ill-formed: failed.
        :raises RejectedError: looked, and the answer is no: failed.
        """
