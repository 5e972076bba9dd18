"""What we make with esbuild's binary against what npm's esbuild makes in a folder on the disk, byte for byte."""

import io
import json
import os
import subprocess
import tarfile

import pytest

from provenly.verify.esbuild.releases import nearest

pytestmark = [pytest.mark.registry, pytest.mark.node, pytest.mark.slow]

VERSIONS = ["0.17.19", "0.21.5", "0.27.3"]

ZOD = "https://registry.npmjs.org/zod/-/zod-3.25.76.tgz"
"""A package that ships its sources, 170 files in TypeScript."""

STORE = "node_modules/.pnpm/dep@1.0.0/node_modules/dep"
OWN = {
    "package.json": '{"name": "root", "type": "module", "sideEffects": false}',
    "tsconfig.base.json": '{"compilerOptions": {"target": "es2021", "useDefineForClassFields": false}}',
    "packages/tool/package.json": '{"name": "tool"}',
    "packages/tool/tsconfig.json": '{"extends": "../../tsconfig.base.json", /* such */ "compilerOptions": '
    '{"jsx": "react-jsx", "experimentalDecorators": true, "paths": {"@/*": ["./src/*"]}},}',
    "packages/tool/src/index.tsx": "import fs from 'node:fs';\nimport path from 'path';\n"
    "import { helper } from '@/helper';\n"
    "import dep from 'dep';\nimport { z } from 'zod';\nimport { z as source } from '../../zod/src/index';\n"
    "import text from './text.md';\nexport class A { @helper x = 1; #y = 2; static z = <b>{text}</b>; }\n"
    "export const lazy = () => import('./lazy');\nenum E { A = 'a', B = 2 }\n"
    "console.log(fs, path, dep, z, source, E.A, process.env.NODE_ENV, import.meta.url);\n",
    "packages/tool/src/helper.ts": "export function helper(...all: unknown[]): any { return all?.[0] ?? 'ü\u2028'; }\n",
    "packages/tool/src/lazy.ts": "/*! (c) */ import { helper } from './helper';\nexport const value = helper`x`;\n",
    "packages/tool/src/cli.ts": "#!/usr/bin/env node\nimport { lazy } from './index';\nlazy();\n",
    "packages/tool/src/text.md": "# Text\n",
    f"{STORE}/package.json": '{"name": "dep", "version": "1.0.0", "main": "main.js"}',
    f"{STORE}/main.js": "exports.dep = require('./other.json'); if (process.env.NODE_ENV !== 'production') log();\n",
    f"{STORE}/other.json": '{"a": [1, 2.50, "x"]}',
}
LINKS = {"packages/tool/node_modules/dep": STORE}

COMMON = ["--bundle", "--platform=node", "--format=esm", "--loader:.md=text", "--external:zod", "--external:react"]
CASES = {
    "esm": [*COMMON, "--outdir=dist", "--splitting", "--target=node18", "--sourcemap"],
    "minified": [*COMMON, "--outdir=dist", "--minify", "--keep-names", "--legal-comments=external"],
    "named": [*COMMON, "--outdir=out", "--splitting", "--chunk-names=c/[name]-[hash]", "--out-extension:.js=.mjs"],
    "defined": [*COMMON, "--outdir=dist", '--define:process.env.NODE_ENV="production"', "--minify-syntax"],
    "external": [*COMMON, "--outdir=dist", "--packages=external", "--alias:node:fs=fs", "--format=cjs"],
    "mapped": [*COMMON, "--outdir=dist", "--sourcemap=inline", "--sources-content=false", "--charset=utf8"],
    "each": ["--format=cjs", "--outdir=dist", "--outbase=src", "--target=es2019", "--supported:top-level-await=true"],
}


@pytest.fixture(scope="module")
def tree(registry):
    archive = registry.download(ZOD, expected=None, max_bytes=16 << 20, what="zod")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {
            member.name.removeprefix("package/"): tar.extractfile(member).read() for member in tar if member.isfile()
        }
    found = {f"packages/zod/{path}": data for path, data in files.items() if path.startswith("src/")}
    assert len(found) > 100
    return found | {path: text.encode() for path, text in OWN.items()}


@pytest.fixture(scope="module")
def folder(tree, tmp_path_factory):
    """The same tree where anybody would have it."""
    folder = tmp_path_factory.mktemp("checkout")
    for path, data in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for place, target in LINKS.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).symlink_to(os.path.relpath(folder / target, (folder / place).parent))
    return folder


@pytest.fixture(scope="module", params=VERSIONS)
def installed(request, tmp_path_factory):
    """An esbuild as npm installs it."""
    place = tmp_path_factory.mktemp(f"esbuild-{request.param}")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"esbuild@{request.param}"]
    subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=300)
    return request.param, place / "node_modules" / "esbuild"


def ran(command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", CASES)
def test_a_build_is_what_the_command_line_writes(esbuild, installed, tree, folder, name):
    version, package = installed
    arguments = ["src/index.tsx", "tool=src/cli.ts", *CASES[name]]
    if name == "each":
        arguments = ["src/index.tsx", "src/lazy.ts", "src/helper.ts", *CASES[name]]
    before = {path for path in folder.rglob("*") if path.is_file()}
    ran(["node", package / "bin" / "esbuild", *arguments], folder / "packages/tool")
    made = {path for path in folder.rglob("*") if path.is_file()} - before
    expected = {str(path.relative_to(folder)): path.read_bytes() for path in made}
    for path in made:
        path.unlink()
    built = esbuild.build(nearest(version), tree, arguments, directory="packages/tool", links=LINKS)
    assert {path: data.decode() for path, data in built.outputs.items()} == {
        path: data.decode() for path, data in expected.items()
    }
    assert len(expected) >= 2


def test_a_build_is_what_the_programming_interface_gives(esbuild, installed, tree, folder):
    version, package = installed
    options = {
        "entryPoints": {"index": "src/index.tsx", "deep/cli": "./src/cli.ts"},
        "absWorkingDir": str(folder / "packages/tool"),
        "bundle": True,
        "write": False,
        "outdir": "dist",
        "format": "esm",
        "platform": "node",
        "target": ["node18", "es2021"],
        "external": ["zod", "dep", "react"],
        "loader": {".md": "text"},
        "banner": {"js": "#!/usr/bin/env node\n// ü"},
        "define": {"process.env.X": '"y"'},
        "sourcemap": True,
        "minifyWhitespace": True,
    }
    program = (
        "require(process.argv[1]).build(JSON.parse(process.argv[2])).then(done => console.log(JSON.stringify("
        "done.outputFiles.map(file => [file.path, file.text]))))"
    )
    command = ["node", "-e", program, str(package), json.dumps(options)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    expected = {str(path).removeprefix(f"{folder}/"): text for path, text in json.loads(said)}
    arguments = ["index=src/index.tsx", "deep/cli=./src/cli.ts", "--bundle", "--outdir=dist", "--format=esm"]
    arguments += [
        "--platform=node",
        "--target=node18,es2021",
        "--external:zod",
        "--external:dep",
        "--external:react",
        "--loader:.md=text",
    ]
    arguments += ["--banner:js=#!/usr/bin/env node\n// ü", '--define:process.env.X="y"', "--sourcemap"]
    arguments += ["--minify-whitespace"]
    built = esbuild.build(nearest(version), tree, arguments, directory="packages/tool", links=LINKS)
    assert {path: data.decode() for path, data in built.outputs.items()} == expected
    assert len(expected) == 4
