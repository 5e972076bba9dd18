"""Work that nobody waits for any more, and compilation with types where these change nothing, is not done."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.comparison.compare import compare
from provenly.verify.explain.recompiled.attempt import Attempt
from provenly.verify.explain.recompiled.typed_code import may_need_types
from provenly.verify.explain.scene import Expected, Tools
from tests.verify.explain.scenes import Files, Objects, packed, source_of

MAIN = {"name": "left-pad", "version": "1.3.0", "main": "dist/index.js", "type": "module"}
CONFIG = {"compilerOptions": {"target": "es2022", "module": "node16", "outDir": "dist", "rootDir": "src"}}
TREE: Files = {"package.json": MAIN, "tsconfig.json": CONFIG, "src/index.ts": "export const a: number = 1;\n"}
PACKED: Files = {"package.json": MAIN, "dist/index.js": "export const a = 1;\n"}


def compared(tools: Tools) -> Mapping[str, Explanation]:
    objects = Objects()
    found = compare(packed(PACKED), source_of(objects, TREE), objects, tools=tools)
    return {file.path: file for file in found.files}


@pytest.mark.registry
def test_after_its_end_nothing_is_compiled(compilers):
    late = compared(Tools(compilers=compilers, until=time.monotonic()))["dist/index.js"]
    assert late.file_class is FileClass.UNEXPLAINED
    assert "was not compiled" in late.detail
    assert compared(Tools(compilers=compilers, until=time.monotonic() + 60))["dist/index.js"].file_class is (
        FileClass.RECOMPILED
    )


class _Project:
    effective: Mapping[str, object] = {}


class _Entry:
    path = "dist/index.js"


class _Scene:
    def __init__(self, text: str) -> None:
        self.text = text.encode()

    def content(self, _: object) -> bytes:
        return self.text


EXPECTED = 'import { A } from "a";\nexport { T } from "t";\nif (x === A.B)\n    run();\n'


@pytest.mark.parametrize(
    ("text", "may"),
    [
        (EXPECTED.replace('export { T } from "t";\n', ""), True),
        (EXPECTED.replace("A.B", "2 /* A.B */").replace('import { A } from "a";\n', ""), True),
        (EXPECTED.replace("    run();", "    walk();"), False),
        (EXPECTED.replace('import { A } from "a";', 'import { A } from "b";').replace("run()", "walk()"), False),
        ('import "./esm/index.js";', False),
    ],
)
def test_types_are_asked_for_where_they_may_be_the_difference(text: str, may: bool) -> None:
    attempt = Attempt(_Scene(text), "recompiled", [_Entry()])
    attempt.expect("dist/index.js", Expected(source="src/index.ts", data=EXPECTED.encode(), how="compiles to"))
    assert may_need_types(attempt, "dist/index.js", _Project()) is may
