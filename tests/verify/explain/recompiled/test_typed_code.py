"""What types may change in JavaScript, and whose types may."""

from __future__ import annotations

import pytest

from provenly.verify.compiler.answers import Emitted
from provenly.verify.explain.recompiled.attempt import Attempt
from provenly.verify.explain.recompiled.typed_code import harmless
from provenly.verify.explain.scene import Expected
from tests.verify.explain.scenes import scene

KNOWN = """import { Mail } from "mail";
__decorate([ __metadata("design:type", Object) ], A.prototype, "one");
send(Mail.To, 5);
"""


def attempt(expected: str = KNOWN) -> Attempt:
    seen = scene({"dist/index.js": "whatever", "dist/index.js.map": "{}"}, {"src/index.ts": ""})
    made = Attempt(seen, "recompiled", [file for file in seen.artifact.files if file.path != "package.json"])
    made.expect("dist/index.js", Expected(source="src/index.ts", data=expected.encode(), how="compiles to"))
    return made


def emitted(text: str) -> Emitted:
    return Emitted(
        outputs={"dist/index.js": text.encode(), "dist/index.js.map": b'{"mappings": "AAAA"}'},
        origins={},
        diagnostics=(),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Object)", "Mail)"),
        ('import { Mail } from "mail";\n', ""),
    ],
)
def test_types_that_nothing_fixes_may_name_classes_and_leave_out_imports(old, new):
    outputs = harmless(attempt(), emitted(KNOWN.replace(old, new))).outputs
    assert set(outputs) == {"dist/index.js", "dist/index.js.map"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Mail.To", '"thief@evil.example" /* Mail.To */'),
        ("Mail.To", "'thief@evil.example'"),
        ("Mail.To", "7 /* Mail.To */"),
        ("Mail.To", "5 /* Mail.To */"),
        ("Mail.To", "`thief`"),
        ("Object)", '"a \\" b")'),
    ],
)
def test_they_may_not_choose_a_value(old, new):
    changed = KNOWN.replace(old, new)
    assert changed != KNOWN
    assert set(harmless(attempt(), emitted(changed)).outputs) == {"dist/index.js.map"}


def test_where_nothing_was_expected_they_make_nothing():
    made = attempt()
    made.expected.clear()
    assert set(harmless(made, emitted(KNOWN)).outputs) == {"dist/index.js.map"}
