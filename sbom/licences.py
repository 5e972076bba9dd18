"""Licences as CycloneDX wants them: a known SPDX id, a valid SPDX expression, or just a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from provenly.sbom.claims import shown

if TYPE_CHECKING:
    from cyclonedx.model.license import License

MAX_EXPRESSION: Final = 256
"""Characters of a licence that are parsed as an expression: its parser is recursive, and real ones are shorter."""

MAX_LICENCES: Final = 16
"""Licences of the old array form that are written."""


def declared(texts: Sequence[str]) -> list[License]:
    """Return the licences that a manifest declares, as *declared*: nobody has concluded that they apply.

    CycloneDX allows one expression alone or any number of ids and names; of several, none becomes an expression.
    """
    from cyclonedx.contrib.license.exceptions import InvalidSpdxLicenseException
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.license import LicenseAcknowledgement

    factory = LicenseFactory()
    said = LicenseAcknowledgement.DECLARED
    if len(texts) == 1 and _complete(texts[0]):
        return [factory.make_from_string(texts[0], license_acknowledgement=said)]
    found: list[License] = []
    for text in texts[:MAX_LICENCES]:
        try:
            found.append(factory.make_with_id(text, acknowledgement=said))
        except InvalidSpdxLicenseException:
            found.append(factory.make_with_name(shown(text), acknowledgement=said))
    return found


def _complete(text: str) -> bool:
    """Return whether every operator of a licence expression stands between two operands.

    The parser behind cyclonedx-python-lib reads ``MIT AND`` as ``MIT``; SPDX, Annex D, does not allow it.
    """
    if len(text) > MAX_EXPRESSION or not (text.isascii() and text.isprintable()):
        return False
    wants_operand = True
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        operator = word.upper() in ("AND", "OR", "WITH", ")")
        if operator == wants_operand:
            return False
        wants_operand = word == "(" or (operator and word != ")")
    return not wants_operand
