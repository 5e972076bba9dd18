"""The explainers: why a packed file may differ from the source, one reason a module.

An explainer gets all the files that those before it left, as a batch, so that a later one can build a whole program
once. It yields an :class:`~provenly.trust.evidence.Explanation` for each file that it explains. For a file that it was
made for and cannot explain it may yield one of class ``unexplained``: that keeps the reason, and the file goes on to
the next explainer. It can be wrong only towards that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from provenly.trust.artifact import FileEntry
from provenly.trust.evidence import Explanation
from provenly.verify.explain.bundled import Bundled
from provenly.verify.explain.equivalent import Equivalent
from provenly.verify.explain.identical import Identical
from provenly.verify.explain.manifest import Manifest
from provenly.verify.explain.recompiled.explainer import Recompiled
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.traced.explainer import Traced
from provenly.verify.explain.version_module import VersionModule


class Explainer(Protocol):
    """One reason why a packed file may be what the source says it is."""

    @property
    def name(self) -> str:
        """The name that evidence carries; stable."""

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterable[Explanation]:
        """Yield an explanation for each file of ``left`` that this explainer has an answer for.

        :param scene: the package, its source, and what is known of both.
        :param left: the files that nothing has explained yet, sorted by path.
        :raises UnavailableError: the source could not be read.
        """


EXPLAINERS: Final[tuple[Explainer, ...]] = (
    Identical(),
    Manifest(),
    Equivalent(),
    VersionModule(),
    Recompiled(),
    Bundled(),
    Traced(),
)
"""Every explainer, the strongest first."""
