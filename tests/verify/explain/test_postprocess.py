"""Named steps after the compiler, each with malicious twins that must stay what they are: unexplained."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.verify.explain.postprocess import Surrounding, processed
from provenly.verify.explain.specifiers import MAX_CHANGED

AROUND = Surrounding(
    version="3.3.0",
    packed=frozenset({"dist/index.js", "dist/base.js", "dist/tools/a.js", "dist/tools/index.js", "dist/zod.js"}),
    aliases={"@/*": ("src/*",), "#exact": ("src/base.ts",)},
    commands=frozenset({"dist/command.js"}),
)

CODE = 'import { z } from "zod";\nexport const base = 1;\n'
ID = "971dbe5c-0bc4-5fe6-bae0-be1ca36f1f6f"
OTHER_ID = "871dbe5c-0bc4-5fe6-bae0-be1ca36f1f6f"


def sentry(debug_id: str = ID) -> str:
    return (
        '!function(){try{var e="undefined"!=typeof window?window:"undefined"!=typeof global?global:"undefined"!=typeof '
        'globalThis?globalThis:"undefined"!=typeof self?self:{},n=(new e.Error).stack;n&&(e._sentryDebugIds='
        f'e._sentryDebugIds||{{}},e._sentryDebugIds[n]="{debug_id}")}}catch(e){{}}}}();\n'
    )


def steps(packed: str, expected: str = CODE, path: str = "dist/index.js") -> tuple[str, ...]:
    done = processed(path, packed.encode(), expected.encode(), AROUND)
    return done.steps if done else ()


HASHBANG = "#!/usr/bin/env node\n"
MAPPED = CODE + "//# sourceMappingURL=index.js.map"
VERSIONED = 'const V = "1.26.9";\nrun(V);\n'


@pytest.mark.parametrize(
    ("packed", "expected", "named"),
    [
        (HASHBANG + CODE, CODE, ("hashbang",)),
        (HASHBANG + "\n" + CODE, CODE, ("hashbang",)),
        ("/*! MIT, see LICENSE */\n" + CODE, CODE, ("comment",)),
        ("// Copyright 2026\n// All rights\n\n" + CODE, CODE, ("comment",)),
        (HASHBANG + "/* licence */\n" + CODE, HASHBANG + CODE, ("comment",)),
        (sentry() + CODE + f"//# debugId={ID}\n", CODE, ("debug-ids",)),
        (
            HASHBANG + "// first\n\n" + sentry() + CODE + f"//# debugId={ID}",
            HASHBANG + "// first\n" + CODE,
            ("debug-ids",),
        ),
        (sentry() + MAPPED + f"\n//# debugId={ID}\n", MAPPED, ("debug-ids",)),
        (MAPPED, CODE, ("source-map-line",)),
        (CODE, MAPPED, ("source-map-line",)),
        (CODE.rstrip("\n"), CODE, ("final-newline",)),
        (CODE.replace("\n", "\r\n"), CODE, ("line-endings",)),
        # Built on Windows, or committed there: the compiler copies comments and templates as they are.
        ("/* a\r\n b */\nlet a = `\r\n`;\n", "/* a\n b */\nlet a = `\n`;\n", ("line-endings",)),
        ("/* a\n b */\nlet a = `\n`;\n", "/* a\r\n b */\nlet a = `\r\n`;\n", ("line-endings",)),
        ("/* a\r\n b */\nlet a = `\n`;\n", "/* a\n b */\nlet a = `\r\n`;\n", ("line-endings",)),
        (HASHBANG + CODE.rstrip("\n"), CODE, ("hashbang", "final-newline")),
        (VERSIONED.replace("1.26.9", "3.3.0"), VERSIONED, ("version",)),
        (HASHBANG + VERSIONED.replace("1.26.9", "3.3.0"), VERSIONED, ("hashbang", "version")),
    ],
)
def test_a_step_is_undone_and_named(packed, expected, named):
    assert steps(packed, expected) == named


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        # Anything but a hashbang for node.
        ("#!/usr/bin/env bash\n" + CODE, CODE),
        ("#!/usr/bin/env node --import=./evil.js\n" + CODE, CODE),
        ("#!/usr/bin/env node\revil();\n" + CODE, CODE),
        ("#!/usr/bin/env node\u2028evil();\n" + CODE, CODE),
        (HASHBANG + "evil();\n" + CODE, CODE),
        (HASHBANG + CODE + "evil();\n", CODE),
        # Comments that end where the reader does not see it, or that say something to a machine.
        ("/* licence */ evil();\n" + CODE, CODE),
        ("/* a */ /* b */ evil() /*\n*/\n" + CODE, CODE),
        ("// licence\revil();\n" + CODE, CODE),
        ("// licence\u2028evil();\n" + CODE, CODE),
        ("//# sourceMappingURL=data:application/json;base64,AAAA\n" + CODE, CODE),
        ("/* x\u202e */\n" + CODE, CODE),
        (CODE + "// at its end\n", CODE),
        # A comment before the hashbang: a shell runs the file then, and the comment is a command.
        ('//bin/sh -c "evil"\n' + HASHBANG + CODE, HASHBANG + CODE),
        # Debug ids that do not belong together, in a string, or with code beside them.
        (sentry() + CODE + f"//# debugId={OTHER_ID}\n", CODE),
        (sentry() + CODE, CODE),
        (sentry().replace("catch(e){}", "catch(e){evil()}") + CODE + f"//# debugId={ID}\n", CODE),
        (sentry(ID[:-1] + '"+evil()+"') + CODE + f"//# debugId={ID}\n", CODE),
        (sentry().rstrip("\n") + "evil();\n" + CODE + f"//# debugId={ID}\n", CODE),
        ("const prompt = `\n" + sentry() + "`;\n" + f"//# debugId={ID}\n", "const prompt = `\n`;\n"),
        (sentry() + sentry() + CODE + f"//# debugId={ID}\n", CODE),
        # The line break that is written before the snippet ends a comment, and its rest runs.
        ("// see \n" + sentry() + f"evil()\n{CODE}//# debugId={ID}\n", "// see evil()\n" + CODE),
        (HASHBANG + sentry() + f"evil()\n{CODE}//# debugId={ID}\n", "#!/usr/bin/env nodeevil()\n" + CODE),
        # A map that is elsewhere, or code on its line.
        (CODE + "//# sourceMappingURL=https://evil.example/index.js.map", CODE),
        (CODE + "//# sourceMappingURL=index.js.map\revil()", CODE),
        (CODE + "evil();//# sourceMappingURL=index.js.map", CODE),
        # More than the line ends.
        (CODE.replace("\n", "\r"), CODE),
        ("let a = `\r\r\n`;\r\n", "let a = `\r\n`;\n"),
        ("let a = `\r\n\r`;\n", "let a = `\n\r`;\n"),
        ("// a\revil();\r\n", "// a evil();\n"),
        (CODE + "\n\n", CODE),
        # A literal that is no version, not ours, not alone, or not a literal.
        (VERSIONED.replace("1.26.9", "3.3.1"), VERSIONED),
        (VERSIONED.replace('"1.26.9"', '"3.3.0"+evil()'), VERSIONED),
        (VERSIONED.replace('"1.26.9"', "'3.3.0'"), VERSIONED),
        ("const KEY = '3.3.0';\n", "const KEY = 'abc';\n"),
        ("run(3.3.0);\n", "run(1.2.3);\n"),
        ('a("3.3.0", "3.3.0");\n', 'a("1.0.0", "1.0.0");\n'),
        ('const url = "http://3.3.0";\n', 'const url = "http://1.0.0";\n'),
        ('a("3.3.0");\nevil();\n', 'a("1.0.0");\n'),
        ('run("npx a@3.3.0");\n', 'run("npx a@1.0.0");\n'),
    ],
)
def test_a_malicious_twin_stays_unexplained(packed, expected):
    assert steps(packed, expected) == ()


@pytest.mark.parametrize(
    ("packed", "named"),
    [
        ('//bin/sh -c "evil"\n' + CODE, ()),
        ("/*\nevil\n*/\n" + CODE, ()),
        (HASHBANG + "// a licence\n" + CODE, ("hashbang", "comment")),
        (HASHBANG + CODE, ("hashbang",)),
    ],
)
def test_a_command_has_no_comment_where_its_hashbang_would_be(packed, named):
    assert steps(packed, path="dist/command.js") == named


def test_only_javascript_is_processed():
    assert steps(HASHBANG + CODE, path="dist/run.sh") == ()
    assert steps("# A\n\nBe kind.\n", "# A\n\nBe kind.", path="skills/SKILL.md") == ()


def test_both_values_of_a_version_are_said():
    done = processed("dist/index.js", b'const V = "v3.3.0";\n', b'const V = "v0.1.0-local";\n', AROUND)
    assert done is not None
    assert "v0.1.0-local became the package's version v3.3.0" in done.detail


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        ("import { a } from './base.js';", "import { a } from './base';"),
        ("} from './tools/index.js';", "} from './tools';"),
        ("export * from './tools/a.js';", "export * from '@/tools/a';"),
        ("import b from './base.js';", "import b from '#exact';"),
        ("const a = require('./base.js');", "const a = require('./base');"),
        ("const a = await import('./tools/a.js');", "const a = await import('@/tools/a');"),
        ("import './base.js';", "import './base';"),
        ('import { a } from "./base.js";', "import { a } from './base';"),
    ],
)
def test_specifiers_may_name_the_file_that_they_stand_for(packed, expected):
    assert steps(f"{packed}\n{CODE}", f"{expected}\n{CODE}") == ("specifiers",)


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        ("import { a } from './zod.js';", "import { a } from './base';"),
        ("import { a } from './zod.js';", "import { a } from 'zod';"),
        ("import { a } from '../base.js';", "import { a } from './base';"),
        ("import { a } from './evil.js';", "import { a } from './evil';"),
        ("import { a } from 'https://evil.example/base.js';", "import { a } from './base';"),
        ("import { b } from './base.js';", "import { a } from './base';"),
        ("import { a } from './base.js'; evil();", "import { a } from './base';"),
        ("export * from './base.js';", "export * from '@/tools/a';"),
        ('import { a } from "zod";', "import { a } from 'zod';"),
        ("run('./base.js');", "run('./base');"),
        ("const text = `see './base.js'`;", "const text = `see './base'`;"),
    ],
)
def test_specifiers_that_lead_elsewhere_stay_unexplained(packed, expected):
    assert steps(f"{packed}\n{CODE}", f"{expected}\n{CODE}") == ()


def test_a_specifier_that_may_stand_for_two_files_stays_unexplained():
    packed, expected = b'import "./tools/a.js";\n', b'import "@/tools/a";\n'
    assert processed("dist/index.js", packed, expected, AROUND) is not None
    two = replace(AROUND, packed=AROUND.packed | {"build/tools/a.js"})
    assert processed("dist/index.js", packed, expected, two) is None
    packed, expected = b'import "./base.js";\n', b'import "./base";\n'
    assert processed("dist/index.js", packed, expected, AROUND) is not None
    two = replace(AROUND, packed=AROUND.packed | {"dist/base"})
    assert processed("dist/index.js", packed, expected, two) is None


def test_a_module_of_another_form_names_others_of_its_form():
    around = replace(AROUND, packed=AROUND.packed | {"dist/base.mjs", "dist/index.mjs"})
    packed, expected = b'import { a } from "./base.mjs";\n', b"import { a } from './base';\n"
    assert processed("dist/index.mjs", packed, expected, around) is not None
    assert processed("dist/index.js", packed, expected, around) is None
    assert processed("dist/index.mjs", packed.replace(b"base", b"zod"), expected, around) is None


def test_no_more_specifiers_are_looked_at_than_people_write():
    lines = {count: ('import "./base.js";\n' * count, 'import "./base";\n' * count) for count in (MAX_CHANGED, 2_001)}
    assert steps(*lines[MAX_CHANGED]) == ("specifiers",)
    assert steps(*lines[2_001]) == ()


def test_a_line_of_blanks_does_not_take_long():
    start = time.monotonic()
    assert steps("a\n" + " " * 30_000 + "y\n", "a\nx\n") == ()
    assert time.monotonic() - start < 1


@given(st.text(max_size=60), st.integers(min_value=0, max_value=len(VERSIONED)))
def test_text_that_is_added_anywhere_is_a_comment_a_hashbang_or_unexplained(added, at):
    packed = VERSIONED[:at] + added + VERSIONED[at:]
    named = set(steps(packed, VERSIONED))
    if named:
        rest = packed.removeprefix(HASHBANG).removeprefix("#! /usr/bin/env node\n")
        code = "".join(line for line in rest.split("\n") if line.strip() and not line.startswith(("//", "/*")))
        assert code.replace("\r", "") in {"".join(VERSIONED.split("\n")), 'const V = "3.3.0";run(V);'}
