"""pnpm-lock.yaml, versions 5, 6 and 9."""

from __future__ import annotations

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.dependencies.model import Origin
from provenly.verify.dependencies.pnpm_names import Names
from tests.verify.dependencies.locks import A, B, lock, places

V9 = f"""lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

catalogs:
  default:
    zod:
      specifier: ^3
      version: 3.25.76

overrides:
  semver: 7.0.0

patchedDependencies:
  is-odd@3.0.1:
    hash: 1fc8
    path: patches/is-odd.patch

importers:

  .:
    devDependencies:
      typescript:
        specifier: ^5
        version: 5.9.3

  packages/a:
    dependencies:
      core:
        specifier: workspace:*
        version: link:../core
      plugin:
        specifier: ^1
        version: 1.0.0(zod@3.25.76)
      short:
        specifier: npm:@long/name@^2
        version: '@long/name@2.0.0'
      outside:
        specifier: link:../../../x
        version: link:../../../x
    optionalDependencies:
      fsevents:
        specifier: ^2
        version: 2.3.3
    devDependencies:
      is-odd:
        specifier: ^3
        version: 3.0.1(patch_hash=1fc8)
      from-git:
        specifier: github:o/from-git
        version: https://codeload.github.com/o/from-git/tar.gz/abc

  packages/core:
    dependencies:
      zod:
        specifier: 'catalog:'
        version: 3.25.76

packages:

  '@long/name@2.0.0':
    resolution: {{integrity: {A}}}

  from-git@https://codeload.github.com/o/from-git/tar.gz/abc:
    resolution: {{tarball: https://codeload.github.com/o/from-git/tar.gz/abc}}
    version: 0.1.0

  fsevents@2.3.3:
    resolution: {{integrity: {A}}}
    os: [darwin]

  is-odd@3.0.1:
    resolution: {{integrity: {A}}}

  plugin@1.0.0:
    resolution: {{integrity: {B}}}
    peerDependencies:
      zod: '*'

  typescript@5.9.3:
    resolution: {{integrity: {A}}}
    hasBin: true

  zod@3.25.76:
    resolution: {{integrity: {A}, tarball: https://npm.corp.example/zod/-/zod-3.25.76.tgz}}

snapshots:

  '@long/name@2.0.0': {{}}

  from-git@https://codeload.github.com/o/from-git/tar.gz/abc: {{}}

  fsevents@2.3.3:
    optional: true

  is-odd@3.0.1(patch_hash=1fc8): {{}}

  plugin@1.0.0(zod@3.25.76):
    dependencies:
      zod: 3.25.76

  typescript@5.9.3: {{}}

  zod@3.25.76: {{}}
"""
V6 = f"""lockfileVersion: '6.0'
dependencies:
  plugin:
    specifier: ^1
    version: 1.0.0(zod@3.25.76)
devDependencies:
  '@types/node':
    specifier: ^20
    version: 20.0.0
packages:
  /@types/node@20.0.0:
    resolution: {{integrity: {A}}}
    dev: true
  /plugin@1.0.0(zod@3.25.76):
    resolution: {{integrity: {B}}}
    dependencies:
      zod: 3.25.76
    dev: false
  /zod@3.25.76:
    resolution: {{integrity: {A}}}
    dev: false
"""
V5 = f"""lockfileVersion: 5.4
specifiers:
  plugin: ^1
  '@types/node': ^20
dependencies:
  plugin: 1.0.0_zod@3.25.76
devDependencies:
  '@types/node': 20.0.0
packages:
  /@types/node/20.0.0:
    resolution: {{integrity: {A}}}
    dev: true
  /plugin/1.0.0_zod@3.25.76:
    resolution: {{integrity: {B}}}
    dependencies:
      zod: 3.25.76
    dev: false
  /zod/3.25.76:
    resolution: {{integrity: {A}}}
    dev: false
"""


def test_each_package_has_a_folder_of_its_own():
    assert places(lock("pnpm-lock.yaml", V9)) == {
        "node_modules/.pnpm/@long+name@2.0.0/node_modules/@long/name": "@long/name@2.0.0",
        "node_modules/.pnpm/from-git@https+++codeload.github.com+o+from-git+tar.gz+abc/node_modules/from-git": (
            "from-git@0.1.0"
        ),
        "node_modules/.pnpm/fsevents@2.3.3/node_modules/fsevents": "fsevents@2.3.3",
        "node_modules/.pnpm/is-odd@3.0.1_patch_hash=1fc8/node_modules/is-odd": "is-odd@3.0.1",
        "node_modules/.pnpm/plugin@1.0.0_zod@3.25.76/node_modules/plugin": "plugin@1.0.0",
        "node_modules/.pnpm/typescript@5.9.3/node_modules/typescript": "typescript@5.9.3",
        "node_modules/.pnpm/zod@3.25.76/node_modules/zod": "zod@3.25.76",
    }


def test_links_lead_from_importers_and_packages_to_what_they_ask_for():
    links = dict(lock("pnpm-lock.yaml", V9).links)
    zod = "node_modules/.pnpm/zod@3.25.76/node_modules/zod"
    assert links["packages/a/node_modules/core"] == "packages/core"
    assert links["packages/a/node_modules/short"] == "node_modules/.pnpm/@long+name@2.0.0/node_modules/@long/name"
    assert links["packages/core/node_modules/zod"] == zod
    assert links["node_modules/.pnpm/plugin@1.0.0_zod@3.25.76/node_modules/zod"] == zod
    assert links["node_modules/.pnpm/node_modules/zod"] == zod
    assert "packages/a/node_modules/outside" not in links
    assert "node_modules/.pnpm/node_modules/typescript" not in links


def test_what_each_directory_sees():
    found = lock("pnpm-lock.yaml", V9)
    assert [package.name for package in found.reachable("packages/a")] == [
        "plugin",
        "@long/name",
        "fsevents",
        "is-odd",
        "from-git",
        "zod",
    ]
    assert found.find("zod", "packages/core").integrity == A
    assert found.find("core", "packages/a") is None
    assert found.find("typescript", "packages/a").version == "5.9.3"
    assert found.find("short", "packages/a").name == "@long/name"


def test_flags_and_origins():
    found = {package.name: package for package in lock("pnpm-lock.yaml", V9).packages}
    assert {name for name, package in found.items() if package.dev} == {"typescript", "is-odd", "from-git"}
    assert [name for name, package in found.items() if package.optional] == ["fsevents"]
    assert [name for name, package in found.items() if package.patched] == ["is-odd"]
    start, _, rest = V9.partition("patchedDependencies:")
    either = lock("pnpm-lock.yaml", start + rest[rest.index("importers:") :])
    assert [package.name for package in either.packages if package.patched] == ["is-odd"]
    assert found["from-git"].origin is Origin.ARCHIVE
    assert found["zod"].origin is Origin.REGISTRY
    assert not found["zod"].url


@pytest.mark.parametrize("text", [V6, V5])
def test_older_versions_have_the_same_places(text):
    found = lock("pnpm-lock.yaml", text)
    assert places(found) == {
        "node_modules/.pnpm/@types+node@20.0.0/node_modules/@types/node": "@types/node@20.0.0",
        "node_modules/.pnpm/plugin@1.0.0_zod@3.25.76/node_modules/plugin": "plugin@1.0.0",
        "node_modules/.pnpm/zod@3.25.76/node_modules/zod": "zod@3.25.76",
    }
    assert [package.name for package in found.reachable("")] == ["plugin", "@types/node", "zod"]
    assert [package.name for package in found.packages if package.dev] == ["@types/node"]


LONG = (
    "@typescript-eslint/eslint-plugin@8.47.0(@typescript-eslint/parser@8.47.0(eslint@9.39.4(jiti@2.7.0))"
    "(typescript@5.9.3))(eslint@9.39.4(jiti@2.7.0))(typescript@5.9.3)"
)
# The hash was seen in a folder that pnpm 10 made.
LONG_FOLDER = (
    "@typescript-eslint+eslint-plugin@8.47.0_@typescript-eslint+parser@8.47.0_eslint@9.39.4_"
    "_041ad0c78b17c54dad3262d44b215a5e"
)


@pytest.mark.parametrize(
    ("lockfile", "manager", "key", "folder"),
    [
        (9, 10, "zod@3.0.0", "zod@3.0.0"),
        (9, 10, "@a/b@1.0.0(@c/d@2.0.0(e@3.0.0))(f@4.0.0)", "@a+b@1.0.0_@c+d@2.0.0_e@3.0.0__f@4.0.0"),
        (9, 10, "file:packages/Core(x@1.0.0)", "file+packages+Core_x@1.0.0"),
        (9, 10, LONG, LONG_FOLDER),
        (6, 8, "/@a/b@1.0.0(c@2.0.0)", "@a+b@1.0.0_c@2.0.0"),
        (5, 7, "/@a/b/1.0.0_c@2.0.0", "@a+b@1.0.0_c@2.0.0"),
    ],
)
def test_the_name_of_a_folder(lockfile, manager, key, folder):
    assert Names(lockfile=lockfile, manager=manager).folder(key) == folder


def test_the_manager_decides_about_the_hash_of_a_folder():
    folders = {manager: Names(lockfile=9, manager=manager).folder("JSONStream@1.3.5") for manager in (0, 9, 10, 11)}
    assert folders[0] == folders[10] == folders[11] == "JSONStream@1.3.5_" + folders[10].rpartition("_")[2]
    assert len(folders[10].rpartition("_")[2]) == 32
    assert len(folders[9].rpartition("_")[2]) == 26


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lockfileVersion: '4.0'\n", "LOCKFILE_VERSION"),
        ("packages: {}\n", "LOCKFILE_VERSION"),
        ("", "LOCKFILE_VERSION"),
        ("- a\n", "LOCKFILE_VERSION"),
        ("lockfileVersion: '9.0'\nsnapshots:\n  x@1.0.0\n  y: {\n", "YAML_SYNTAX"),
        ("lockfileVersion: '9.0'\nsnapshots:\n  ../x@1.0.0: {}\n", "LOCKFILE_NAME"),
        ("lockfileVersion: '9.0'\nsnapshots:\n  x@latest: {}\n", ""),
        ("lockfileVersion: '9.0'\nsnapshots:\n  a: [1]\n  b@: {}\n  '': {}\n", ""),
        ("lockfileVersion: '9.0'\nsnapshots:\n  '@': {}\n", "LOCKFILE_NAME"),
        ("lockfileVersion: '9.0'\nimporters:\n  ../out: {dependencies: {x: link:../../y}}\n  a: 1\n", ""),
        ("lockfileVersion: '9.0'\nimporters:\n  .: {dependencies: {x: 1.0.0, ../y: 'link:z'}}\n", "LOCKFILE_PLACE"),
    ],
)
def test_what_cannot_be_is_refused_or_left_out(text, code):
    if code:
        with pytest.raises(MalformedError) as caught:
            lock("pnpm-lock.yaml", text)
        assert caught.value.code == code
    else:
        assert all(package.origin is not Origin.REGISTRY for package in lock("pnpm-lock.yaml", text).packages)
