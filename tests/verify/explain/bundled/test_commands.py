"""Commands are read out of scripts as a shell would split them; nothing is run."""

import pytest

from provenly.verify.explain.bundled.commands import MAX_SCRIPT, Command, commands


def found(directory="", version="1.2.3", **scripts):
    return [command.words for command in commands({"version": version, "scripts": scripts}, directory)]


def only(**scripts) -> Command:
    (command,) = commands({"scripts": scripts}, "")
    return command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tsup", [("tsup",)]),
        ("rm -rf dist && tsup src/a.ts --format esm", [("rm", "-rf", "dist"), ("tsup", "src/a.ts", "--format", "esm")]),
        ("npx tsup", [("tsup",)]),
        ("pnpm exec tsup --dts", [("tsup", "--dts")]),
        ("bunx esbuild a.js", [("esbuild", "a.js")]),
        ("cross-env A=1 B=2 tsup", [("tsup",)]),
        ('esbuild a.ts --banner:js="#!/usr/bin/env node"', [("esbuild", "a.ts", "--banner:js=#!/usr/bin/env node")]),
        ("tsc; tsup || exit 1", [("tsc",), ("tsup",), ("exit", "1")]),
        ("(tsup)", [("tsup",)]),
        ("bun build a.ts", [("bun", "build", "a.ts")]),
        ('sh -c "tsup --minify"', [("tsup", "--minify")]),
        ("esbuild a.ts --define:V=$npm_package_version", [("esbuild", "a.ts", "--define:V=1.2.3")]),
        ("tsup 'open", []),
    ],
)
def test_a_script_is_its_commands(text, words):
    assert found(build=text) == words


def test_scripts_call_scripts_with_words_of_their_own():
    assert found(build="npm run bundle -- --minify", bundle="tsc && tsup") == [
        ("tsc",),
        ("tsup", "--minify"),
        ("tsup",),
    ]


def test_lists_of_scripts_are_followed():
    assert found(all="run-s bundle:*", **{"bundle:a": "tsup a.ts", "bundle:b": "tsup b.ts"}) == [
        ("tsup", "a.ts"),
        ("tsup", "b.ts"),
    ]


def test_scripts_that_call_each_other_end():
    assert found(a="npm run b && tsup", b="npm run a") == [("tsup",)]


def test_variables_and_folders_are_kept():
    command = only(build="NODE_ENV=production tsup")
    assert command.variables == (("NODE_ENV", "production"),)
    assert [one.directory for one in commands({"scripts": {"a": "cd sub && tsup"}}, "packages/x")] == ["packages/x/sub"]


def test_a_folder_beyond_the_root_is_the_root():
    assert [one.directory for one in commands({"scripts": {"a": "cd ../../.. && tsup"}}, "p")] == [""]


def test_what_leads_to_a_release_comes_first():
    assert [one.script for one in commands({"scripts": {"other": "a", "build": "b", "prepack": "c"}}, "")] == [
        "prepack",
        "build",
        "other",
    ]


@pytest.mark.parametrize("scripts", [None, [], {"a": 1}, {"a": "x" * (MAX_SCRIPT + 1)}])
def test_what_is_no_script_is_passed_over(scripts):
    assert commands({"scripts": scripts}, "") == ()


def test_scripts_for_development_count_only_where_others_call_them():
    assert found(dev="tsup --watch", start="tsup", build="tsup") == [("tsup",)]
    assert found(build="npm run dev:once", **{"dev:once": "tsup --minify"}) == [("tsup", "--minify")]
