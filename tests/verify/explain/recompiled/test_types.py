"""Declarations whose types npm packages have: real packages of the registry, at what a lockfile locks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.comparison.compare import compare
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.context import Context, Silence
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.explain.scene import Tools
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.transport import HttpTransport
from tests.verify.explain.scenes import Files, Objects, packed, source_of

pytestmark = pytest.mark.registry

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PUBLISHED = datetime(2026, 2, 1, tzinfo=UTC)
MAIN = {"name": "left-pad", "version": "1.3.0", "main": "dist/index.js", "type": "module"}
CONFIG = {
    "compilerOptions": {
        "target": "es2022",
        "module": "node16",
        "outDir": "dist",
        "rootDir": "src",
        "declaration": True,
        "strict": True,
    }
}
SOURCE = 'import ms from "ms";\n\nexport const wait = (text: ms.StringValue) => [ms(text), ms(80)] as const;\n'
LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"ms": "^2.1.3"}, "devDependencies": {"@types/ms": "^2.1.0"}},
        "node_modules/ms": {
            "version": "2.1.3",
            "integrity": "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXv"
            "cLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==",
        },
        "node_modules/@types/ms": {
            "version": "2.1.0",
            "dev": True,
            "integrity": "sha512-GsCCIZDE/p3i96vtEqx+7dBUGXrc7zeSK3wwPHIa"
            "RThS+9OhWIXRqzs4d6k1SVU8g91DrNRWxWUGhp5KXQb2VA==",
        },
    },
}
TREE: Files = {
    "package.json": MAIN,
    "tsconfig.json": CONFIG,
    "src/index.ts": SOURCE,
    "package-lock.json": LOCK,
}
BUILT = {
    "dist/index.js": 'import ms from "ms";\nexport const wait = (text) => [ms(text), ms(80)];\n',
    "dist/index.d.ts": 'import ms from "ms";\n'
    "export declare const wait: (text: ms.StringValue) => readonly [number, string];\n",
}


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    settings = npmrc.load(environment={})
    with (
        Cache(tmp_path_factory.mktemp("cache"), NOW) as cache,
        HttpTransport(cache, settings) as transport,
        Compilers(transport, cache) as compilers,
    ):
        yield Tools(compilers=compilers, dependencies=dependencies(transport, settings))


def dependencies(transport, settings) -> Dependencies:
    return Dependencies(
        Context(now=NOW, transport=transport, registries=settings, forge=None, progress=Silence(), anchors=None)
    )


def compared(
    tools: Tools, package: Files, tree: Files = TREE, directory: str = "", *, published: datetime | None = None
) -> Mapping[str, Explanation]:
    objects = Objects()
    source = source_of(objects, tree, directory)
    artifact = packed({"package.json": MAIN, **package}, published)
    comparison = compare(artifact, source, objects, tools=tools)
    return {file.path: file for file in comparison.files}


def test_a_declaration_is_inferred_from_the_types_of_the_locked_packages(tools):
    found = compared(tools, BUILT)
    assert {found[path].file_class for path in BUILT} == {FileClass.RECOMPILED}


def test_a_changed_type_is_shown(tools):
    changed = BUILT["dist/index.d.ts"].replace("readonly [number, string]", "readonly [number, number]")
    file = compared(tools, {**BUILT, "dist/index.d.ts": changed})["dist/index.d.ts"]
    assert (file.file_class, file.lines) == (FileClass.UNEXPLAINED, ((2, 2),))
    assert "[number, string]" in file.diff


def test_a_package_below_the_root_sees_what_the_root_installs(tools):
    tree = {
        "package.json": {"private": True, "workspaces": ["packages/*"]},
        "package-lock.json": LOCK,
        **{f"packages/a/{path}": data for path, data in TREE.items() if path != "package-lock.json"},
    }
    found = compared(tools, BUILT, tree, "packages/a")
    assert found["dist/index.d.ts"].file_class is FileClass.RECOMPILED


def test_without_a_lockfile_or_the_network_it_is_unexplained_and_the_reason_said(tools, tmp_path):
    bare = {path: data for path, data in TREE.items() if path != "package-lock.json"}
    file = compared(tools, BUILT, bare)["dist/index.d.ts"]
    assert file.file_class is FileClass.UNEXPLAINED
    settings = npmrc.load(environment={})
    with Cache(tmp_path, NOW) as cache, HttpTransport(cache, settings, offline=True) as transport:
        offline = replace(tools, dependencies=dependencies(transport, settings))
        # Another source, as the first one's declarations are known by now.
        tree = {**TREE, "src/index.ts": SOURCE.replace("80", "81")}
        package = {path: text.replace("80", "81") for path, text in BUILT.items()}
        found = compared(offline, package, tree)
    assert found["dist/index.js"].file_class is FileClass.RECOMPILED
    file = found["dist/index.d.ts"]
    assert (file.file_class, file.unchecked) == (FileClass.UNEXPLAINED, "")
    assert "types of npm packages that it may be inferred from are missing" in file.detail
    assert "ms" in file.detail


@pytest.mark.parametrize(
    "lock", ["{", '{"lockfileVersion": 99}', '{"lockfileVersion": 3, "packages": {"a/../..": {}}}']
)
def test_a_lockfile_that_cannot_be_read_breaks_nothing(tools, lock):
    found = compared(tools, BUILT, {**TREE, "package-lock.json": lock})
    assert found["dist/index.js"].file_class is FileClass.RECOMPILED
    assert found["dist/index.d.ts"].file_class is FileClass.UNEXPLAINED


EXPORTED = 'export { StringValue } from "ms";\nexport const one = 1;\n'
COMMON = {**CONFIG, "compilerOptions": {**CONFIG["compilerOptions"], "declaration": False}}
AGAIN: Files = {**TREE, "tsconfig.json": COMMON, "src/index.ts": EXPORTED}


@pytest.mark.parametrize(
    ("built", "lines"),
    [
        ("export const one = 1;\n", ()),
        ("export const one = 1;\nfetch(address);\n", ((2, 2),)),
        ('export { StringValue } from "ms/evil.js";\nexport const one = 1;\n', ((1, 1),)),
    ],
)
def test_a_type_that_is_exported_again_is_left_out_by_the_types_of_the_locked_packages(tools, built, lines):
    file = compared(tools, {"dist/index.js": built}, AGAIN)["dist/index.js"]
    assert (file.file_class is FileClass.RECOMPILED, file.lines) == (not lines, lines)


def test_of_files_that_are_compiled_as_if_they_were_alone_no_types_are_read(tools):
    alone = {**COMMON, "compilerOptions": {**COMMON["compilerOptions"], "isolatedModules": True}}
    tree = {**AGAIN, "tsconfig.json": alone}
    file = compared(tools, {"dist/index.js": EXPORTED}, tree)["dist/index.js"]
    assert file.file_class is FileClass.RECOMPILED
    file = compared(replace(tools, dependencies=None), {"dist/index.js": "export const one = 1;\n"}, tree)
    assert file["dist/index.js"].file_class is FileClass.UNEXPLAINED


UNLOCKED: Files = {
    "package.json": {**MAIN, "dependencies": {"ms": "^2.1.3"}, "devDependencies": {"@types/ms": "^2.1.0"}},
    "tsconfig.json": CONFIG,
    "src/index.ts": SOURCE,
}


@pytest.mark.parametrize("lock", [{}, {"bun.lockb": "#!/usr/bin/env bun\nbun-lockfile-format-v0\n"}])
def test_without_a_lockfile_the_types_are_those_of_the_time_of_the_publication(tools, lock):
    file = compared(tools, BUILT, {**UNLOCKED, **lock}, published=PUBLISHED)["dist/index.d.ts"]
    assert file.file_class is FileClass.RECOMPILED
    assert "with the newest types of npm packages at 2026-02-01, which no lockfile fixes" in file.detail


def test_what_was_published_later_is_not_read(tools):
    early = datetime(2012, 1, 1, tzinfo=UTC)
    file = compared(tools, BUILT, UNLOCKED, published=early)["dist/index.d.ts"]
    assert file.file_class is FileClass.UNEXPLAINED


def test_types_that_no_lockfile_fixes_leave_out_of_code_what_is_a_type_too(tools):
    tree = {**UNLOCKED, "tsconfig.json": COMMON, "src/index.ts": EXPORTED}
    file = compared(tools, {"dist/index.js": "export const one = 1;\n"}, tree, published=PUBLISHED)["dist/index.js"]
    assert file.file_class is FileClass.RECOMPILED
    assert "which no lockfile fixes" in file.detail


LINKED = {
    "lockfileVersion": 3,
    "packages": {
        "": {"workspaces": ["packages/*"]},
        "node_modules/ms": LOCK["packages"]["node_modules/ms"],
        "node_modules/@types/ms": {"resolved": "packages/types", "link": True},
        "packages/types": {"name": "@types/ms", "version": "2.1.0"},
        "packages/a": {"dependencies": {"ms": "^2.1.3", "@types/ms": "2.1.0"}},
    },
}


def test_another_package_of_the_repository_has_the_types_that_the_registry_has_of_it(tools):
    tree: dict[str, bytes | str | Mapping[str, object]] = {
        "package.json": {"private": True, "workspaces": ["packages/*"]},
        "package-lock.json": LINKED,
        "packages/types/package.json": {"name": "@types/ms", "version": "2.1.0", "types": "index.d.ts"},
        **{f"packages/a/{path}": data for path, data in TREE.items() if path != "package-lock.json"},
    }
    said = "with the types of packages of the repository as npm has them"
    file = compared(tools, BUILT, tree, "packages/a")["dist/index.d.ts"]
    assert file.file_class is FileClass.RECOMPILED
    assert said in file.detail
    tree |= {"packages/a/tsconfig.json": COMMON, "packages/a/src/index.ts": EXPORTED}
    file = compared(tools, {"dist/index.js": "export const one = 1;\n"}, tree, "packages/a")["dist/index.js"]
    assert file.file_class is FileClass.RECOMPILED
    assert said in file.detail
    tree["packages/types/package.json"] = {"name": "@types/ms", "version": "99.0.0"}
    file = compared(tools, {"dist/index.js": "export const one = 1;\n"}, tree, "packages/a")["dist/index.js"]
    assert file.file_class is FileClass.UNEXPLAINED


def test_another_archive_than_the_locked_one_is_not_read(tools):
    lock = json.loads(json.dumps(LOCK))
    lock["packages"]["node_modules/@types/ms"]["integrity"] = f"sha512-{'A' * 86}=="
    for _ in range(2):
        # The second time it is known what comes out, and said all the same.
        file = compared(tools, BUILT, {**TREE, "package-lock.json": lock})["dist/index.d.ts"]
        assert file.file_class is FileClass.UNEXPLAINED
        assert "is not the archive that the lockfile names" in file.detail
