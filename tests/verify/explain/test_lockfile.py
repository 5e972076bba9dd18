"""What lockfiles say of a build tool, in the layouts of npm, pnpm, yarn and Bun."""

from __future__ import annotations

import json

import pytest

from provenly.verify.explain.lockfile import Locked, Lockfile

A = "sha512-" + "A" * 86 + "=="
B = "sha512-" + "B" * 86 + "=="

NPM = {
    "lockfileVersion": 3,
    "packages": {
        "node_modules/typescript": {"version": "5.9.3", "integrity": A},
        "packages/a/node_modules/typescript": {"version": "5.4.5", "integrity": B},
    },
}
PNPM_9 = f"""lockfileVersion: '9.0'

importers:

  .:
    devDependencies:
      typescript:
        specifier: ^5.8.2
        version: 5.8.3

  packages/a:
    devDependencies:
      '@tsconfig/node20':
        specifier: ^20
        version: 20.1.4
      typescript:
        specifier: ^5.9
        version: 5.9.3

packages:

  '@tsconfig/node20@20.1.4':
    resolution: {{integrity: {B}}}

  typescript@5.8.3:
    resolution: {{integrity: {A}}}
    engines: {{node: '>=14.17'}}
    hasBin: true

  typescript@5.9.3:
    resolution: {{integrity: {B}}}

snapshots:

  typescript@5.9.3: {{}}
"""
PNPM_6 = f"""lockfileVersion: '6.0'

devDependencies:
  typescript:
    specifier: ^5.1.6
    version: 5.1.6

packages:

  /typescript@5.1.6:
    resolution: {{integrity: {A}}}
    dev: true
"""
PNPM_5 = f"""lockfileVersion: 5.4
devDependencies:
  typescript: 5.0.4
packages:
  /typescript/5.0.4:
    resolution: {{integrity: {A}}}
"""
YARN_1 = f"""# yarn lockfile v1


typescript@^4.0.0:
  version "4.9.5"
  resolved "https://registry.yarnpkg.com/typescript/-/typescript-4.9.5.tgz#095979f"
  integrity {A}

typescript@^5.0.0, typescript@^5.3.3:
  version "5.4.5"
  resolved "https://registry.yarnpkg.com/typescript/-/typescript-5.4.5.tgz#42ccef2"
  integrity {B}
"""
YARN_4 = """__metadata:
  version: 8

"typescript@npm:^5.3.3":
  version: 5.4.5
  resolution: "typescript@npm:5.4.5"
  checksum: 10c0/2954022ada340fd3d6a9e2b8e534f65d
  languageName: node
  linkType: hard

"typescript@patch:typescript@npm%3A^5.3.3#optional!builtin<compat/typescript>":
  version: 5.4.5
"""
BUN = """{
  "lockfileVersion": 1, // a comment
  "packages": {
    "typescript": ["typescript@5.8.3", "", { "bin": { "tsc": "bin/tsc" } }, "INTEGRITY_A"],
    "@tsconfig/bun": ["@tsconfig/bun@1.0.8", "", {}, "INTEGRITY_B"],
  },
}
""".replace("INTEGRITY_A", A).replace("INTEGRITY_B", B)


@pytest.mark.parametrize(
    ("path", "text", "name", "directory", "wanted", "expected"),
    [
        ("package-lock.json", json.dumps(NPM), "typescript", "", "", Locked(version="5.9.3", integrity=A)),
        ("package-lock.json", json.dumps(NPM), "typescript", "packages/a", "", Locked(version="5.4.5", integrity=B)),
        ("package-lock.json", json.dumps(NPM), "typescript", "packages/b", "", Locked(version="5.9.3", integrity=A)),
        (
            "npm-shrinkwrap.json",
            '{"dependencies": {"typescript": {"version": "5.0.4"}}}',
            "typescript",
            "",
            "",
            Locked(version="5.0.4"),
        ),
        ("pnpm-lock.yaml", PNPM_9, "typescript", "packages/a", "", Locked(version="5.9.3", integrity=B)),
        ("pnpm-lock.yaml", PNPM_9, "typescript", "", "", Locked(version="5.8.3", integrity=A)),
        ("pnpm-lock.yaml", PNPM_9, "typescript", "packages/b", "", Locked(version="5.8.3", integrity=A)),
        ("pnpm-lock.yaml", PNPM_9, "@tsconfig/node20", "packages/a", "", Locked(version="20.1.4", integrity=B)),
        ("pnpm-lock.yaml", PNPM_6, "typescript", "", "", Locked(version="5.1.6", integrity=A)),
        ("pnpm-lock.yaml", PNPM_5, "typescript", "", "", Locked(version="5.0.4", integrity=A)),
        ("yarn.lock", YARN_1, "typescript", "", "^5.3.3", Locked(version="5.4.5", integrity=B)),
        ("yarn.lock", YARN_1, "typescript", "", "^4.0.0", Locked(version="4.9.5", integrity=A)),
        ("yarn.lock", YARN_1, "typescript", "", "", Locked(version="5.4.5", integrity=B)),
        ("yarn.lock", YARN_4, "typescript", "", "^5.3.3", Locked(version="5.4.5")),
        ("bun.lock", BUN, "typescript", "", "", Locked(version="5.8.3", integrity=A)),
        ("bun.lock", BUN, "@tsconfig/bun", "", "", Locked(version="1.0.8", integrity=B)),
        ("packages/a/yarn.lock", YARN_1, "typescript", "packages/a", "", Locked(version="5.4.5", integrity=B)),
    ],
)
def test_the_locked_version_is_found(path, text, name, directory, wanted, expected):  # noqa: PLR0913, PLR0917 - a table
    assert Lockfile(path, text.encode()).find(name, directory, wanted) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package-lock.json", "{"),
        ("package-lock.json", "[]"),
        ("package-lock.json", '{"packages": {"node_modules/typescript-eslint": {"version": "8.0.0"}}}'),
        ("package-lock.json", '{"packages": []}'),
        ("pnpm-lock.yaml", "packages:\n  typescript-eslint@8.0.0:\n    resolution: {}\n"),
        ("pnpm-lock.yaml", "\xff" * 100),
        ("yarn.lock", "not-typescript@^5.0.0:\n  version 5.0.0\n"),
        ("yarn.lock", ""),
        ("bun.lock", '{"packages": {"typescript": []}}'),
        ("bun.lock", '{"packages": {"typescript": ["typescript@link:../evil"]}}'),
    ],
)
def test_what_is_not_locked_is_not_found(path, text):
    assert Lockfile(path, text.encode()).find("typescript", "") is None


def test_an_integrity_is_a_sha512_or_nothing():
    text = json.dumps({"packages": {"node_modules/typescript": {"version": "5.9.3", "integrity": "sha1-abc"}}})
    assert Lockfile("package-lock.json", text.encode()).find("typescript", "") == Locked(version="5.9.3")
