"""The version of provenly, and the only place where it is written.

Packaging reads it from here, too. A report carries it, and reading it back from the installed distribution's metadata
would take a twentieth of a warm verification's time.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
