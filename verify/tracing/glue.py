"""What bundlers add to a bundle: the helpers of each, compared like any other source.

The files are data to compare with, and never run: what esbuild, rolldown, bun, webpack, rspack and rollup (each under
the MIT licence) write at the head of what they make, as it stands in published bundles. Every byte of them decides what
counts as a helper, so they are neither formatted nor reworded.

The require function of webpack has parts that it leaves out where no module needs them, so its text is a pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import product
from typing import Final

_PATTERN: Final = "webpack-require.js"
"""The require function with all of its parts."""

_TRYING: Final = (
    "  var threw = true;\n  try {\n  ",
    "    threw = false;\n  } finally {\n    if(threw) delete __webpack_module_cache__[moduleId];\n  }\n",
)

_LOOKING: Final = """\
  if (!(moduleId in __webpack_modules__)) {
    delete __webpack_module_cache__[moduleId];
    var e = new Error("Cannot find module '" + moduleId + "'");
    e.code = 'MODULE_NOT_FOUND';
    throw e;
  }
"""

_PARTS: Final[tuple[tuple[tuple[str, str], ...], ...]] = (
    ((".call(module.exports, module, ", "(module, "),),
    (("    id: moduleId,\n", ""),),
    (("    loaded: false,\n", ""), ("  module.loaded = true;\n", "")),
    ((_LOOKING, ""),),
    ((_TRYING[0], ""), (_TRYING[1], "")),
    (
        ("var cachedModule", "const cachedModule"),
        ("var module", "const module"),
        ("var threw", "let threw"),
        ("var e ", "const e "),
    ),
    (("cachedModule !== undefined", "undefined !== cachedModule"),),
)
"""What may be otherwise in the require function: all changes of a line together."""


@cache
def helpers() -> Mapping[str, bytes]:
    """Return the texts of the helpers, one file for each bundler and form."""
    folder = resources.files("provenly.verify.tracing").joinpath("helpers")
    files = sorted(folder.iterdir(), key=lambda one: one.name)
    found = {one.name: one.read_bytes() for one in files if one.name.endswith(".js")}
    forms = _forms(found.pop(_PATTERN).decode())
    return found | {f"{number}-{_PATTERN}": form.encode() for number, form in enumerate(forms)}


def _forms(pattern: str) -> list[str]:
    """Return all forms of the require function."""
    found = []
    for chosen in product((False, True), repeat=len(_PARTS)):
        form = pattern
        for changes in (part for part, wanted in zip(_PARTS, chosen, strict=True) if wanted):
            for old, new in changes:
                form = form.replace(old, new)
        found.append(form)
    return found
