"""Licences as CycloneDX wants them: a known SPDX id, a valid SPDX expression, or just a name.

Two things are told apart. *Declared* is what the manifest says. *Concluded* is what we take to apply: what is declared
by those who can grant it, where that is SPDX and no licence text in the package says otherwise; or the text alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from provenly.sbom.members import shown

if TYPE_CHECKING:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.license import License
    from license_expression import Licensing

MAX_EXPRESSION: Final = 256
"""Characters of a licence that are parsed as an expression: its parser is recursive, and real ones are shorter."""

MAX_LICENCES: Final = 16
"""Licences of the old array form that are written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion:
    """What we take to apply, and why.

    :param expression: SPDX, with current ids; empty where nothing can be concluded.
    :param why: one sentence.
    """

    expression: str
    why: str


def conclude(texts: Sequence[str], identified: Sequence[str] = ()) -> Conclusion:
    """Return what follows from the licences that are declared and the texts that were recognised.

    :param texts: what the manifest declares.
    :param identified: SPDX ids of the licence texts in the package; none where they were not looked at.
    """
    declared = modern(texts[0]) if len(texts) == 1 else ""
    known = sorted({one for one in map(modern, identified) if one})
    if not declared and len(known) == 1:
        return Conclusion(expression=known[0], why="from the licence text in the package")
    if not declared:
        return Conclusion(expression="", why="what is declared is no SPDX expression")
    if not known:
        return Conclusion(expression=declared, why="from the declaration alone")
    if any(_named(one) & _named(declared) for one in known):
        return Conclusion(expression=declared, why="from the declaration and the licence text in the package")
    return Conclusion(expression="", why=f"declared is {declared}, and the licence text is that of {', '.join(known)}")


@lru_cache(maxsize=1_024)
def modern(text: str) -> str:
    """Return a licence as an SPDX expression with current ids (``GPL-2.0`` becomes ``GPL-2.0-only``), or empty."""
    from license_expression import ExpressionError

    if not complete(text):
        return ""
    try:
        parsed = _licensing().parse(text, validate=True)
    except (ExpressionError, RecursionError):
        return ""
    rendered = "" if parsed is None else str(parsed)
    return rendered if "LicenseRef" not in rendered else ""


@cache
def _licensing() -> Licensing:
    """Return the parser with the SPDX list in it, which takes some 60 ms to make."""
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def made(texts: Sequence[str], conclusion: Conclusion, *, acknowledged: bool = True) -> list[License]:
    """Return the licences of a component: what is declared, and beside it what is concluded.

    CycloneDX allows one expression alone, or any number of ids and names. Where only one can be said, it is what is
    concluded; the document has the declaration as a property as well.

    :param acknowledged: whether this version of CycloneDX can tell the two apart (1.6 can).
    """
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement

    factory = LicenseFactory()
    declared = _declared(texts, factory)
    if not conclusion.expression:
        return declared
    concluded = factory.make_from_string(
        conclusion.expression, license_acknowledgement=LicenseAcknowledgement.CONCLUDED
    )
    alone = not isinstance(concluded, DisjunctiveLicense) or not all(
        isinstance(one, DisjunctiveLicense) for one in declared
    )
    return [concluded] if alone or not acknowledged else [*declared, concluded]


def _declared(texts: Sequence[str], factory: LicenseFactory) -> list[License]:
    from cyclonedx.contrib.license.exceptions import InvalidSpdxLicenseException
    from cyclonedx.model.license import LicenseAcknowledgement

    said = LicenseAcknowledgement.DECLARED
    if len(texts) == 1 and complete(texts[0]):
        return [factory.make_from_string(modern(texts[0]) or texts[0], license_acknowledgement=said)]
    found: list[License] = []
    for text in texts[:MAX_LICENCES]:
        try:
            found.append(factory.make_with_id(text, acknowledgement=said))
        except InvalidSpdxLicenseException:
            found.append(factory.make_with_name(shown(text), acknowledgement=said))
    return found


def complete(text: str) -> bool:
    """Return whether every operator of a licence expression stands between two operands.

    The parser behind cyclonedx-python-lib reads ``MIT AND`` as ``MIT``; SPDX, Annex D, does not allow it.
    """
    if not 0 < len(text) <= MAX_EXPRESSION or not (text.isascii() and text.isprintable()):
        return False
    wants_operand = True
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        operator = word.upper() in ("AND", "OR", "WITH", ")")
        if operator == wants_operand:
            return False
        wants_operand = word == "(" or (operator and word != ")")
    return not wants_operand


def _named(expression: str) -> set[str]:
    """Return the ids in an expression; ``-only`` and ``-or-later`` have one text."""
    words = expression.replace("(", " ").replace(")", " ").split()
    return {word.removesuffix("-only").removesuffix("-or-later") for word in words} - {"AND", "OR", "WITH"}
