"""Where the JavaScript that comes out depends on the types of npm packages.

The compiler removes types, and needs to know nothing of them for that, with three exceptions: it writes the value of a
constant enumeration in the place of its name, it leaves out what is exported again and is a type, with the import that
then nothing uses, and it records the types of what is decorated. Where an expected output differs in nothing of the
kind, no type makes the packed file of the source.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from provenly.verify.explain.projects import Project
from provenly.verify.explain.recompiled.attempt import COMPILED, Attempt

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Emitted

_ALONE: Final = ("isolatedModules", "verbatimModuleSyntax")
"""Options with which every file is compiled as if it were alone."""

_CONSTANT: Final = b" /* "
_TRACES: Final = (b"import ", b"export ", b"exports", b"require(", b"__metadata(", _CONSTANT)
"""What stands in a line that depends on a type; behind the value of a constant is its name as a comment."""

_VALUES: Final = re.compile(rb"""\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`|\b[0-9][\w.]*""")
"""Strings, templates and numbers."""


def may_need_types(attempt: Attempt, path: str, project: Project) -> bool:
    """Whether a packed file differs from what is expected of a project as it may for want of types.

    :param path: the packed path of code that is left.
    """
    if not path.endswith(COMPILED) or path not in attempt.left:
        return False
    options = project.effective
    decorated = options.get("emitDecoratorMetadata") is True
    if not decorated and any(options.get(name) is True for name in _ALONE):
        return False
    packed = set(attempt.scene.content(attempt.left[path]).split(b"\n"))
    for expected in attempt.expected.get(path, ()):
        made = set(expected.data.split(b"\n"))
        if options.get("removeComments") is True or (
            any(_shows(line) for line in packed ^ made) and (decorated or _is_near(packed - made, made - packed))
        ):
            return True
    return False


def _shows(line: bytes) -> bool:
    return any(trace in line for trace in _TRACES)


def _is_near(added: Collection[bytes], lost: Collection[bytes]) -> bool:
    """Whether types may make the lines that were added of those that were lost: other code is neither.

    A constant was a member of its enumeration before, in a line that shows nothing.
    """
    constants = sum(_CONSTANT in line for line in added)
    return all(map(_shows, added)) and sum(not _shows(line) for line in lost if line.strip()) <= constants


def harmless(attempt: Attempt, emitted: Emitted) -> Emitted:
    """Return what is made with types that somebody else than the commit has a say in, as far as these add no value.

    Then types can leave out imports and name other classes in what decorators record; the value of a constant is not
    theirs to choose: whoever publishes the package would decide what code says.
    """
    outputs = dict(emitted.outputs)
    for path in attempt.left:
        output = attempt.scene.beside(path)
        if output in outputs and path.endswith(COMPILED):
            values = Counter(_VALUES.findall(outputs[output]))
            known = (Counter(_VALUES.findall(expected.data)) for expected in attempt.expected.get(path, ()))
            if not any(values <= counts for counts in known):
                del outputs[output]
    return replace(emitted, outputs=outputs)
