"""Which locked packages are fetched for a bundle."""

import json

from provenly.verify.dependencies.read import read
from provenly.verify.explain.bundled.installed import installed, undeclared

SOURCE = {"src/index.ts": b'import "rollup";\nimport "@img/sharp-linux-x64";\nimport "tool-linux";\n'}


def entry(*, optional: bool = False, **needs: str) -> dict[str, object]:
    return {"version": "1.0.0", "integrity": "", "optional": optional, "optionalDependencies": needs}


LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"rollup": "1", "tool-linux": "1"}},
        "node_modules/rollup": entry(**{"@rollup/rollup-darwin-arm64": "1", "fsevents": "1"}),
        "node_modules/@rollup/rollup-darwin-arm64": entry(optional=True),
        "node_modules/@img/sharp-linux-x64": entry(optional=True),
        "node_modules/fsevents": entry(optional=True),
        "node_modules/tool-linux": entry(),
    },
}


class Asked:
    """Remembers what is asked for, and which files of it are wanted."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.wanted: list[str] = []

    def fetch(self, packages, wanted):
        self.names += [package.name for package in packages]
        self.wanted += [path for path in ("a.js", "a.node", "a.exe", "a.json", "a.wasm", "a.map") if wanted(path)]
        return {package: {} for package in packages}


def test_programs_of_one_system_are_not_fetched():
    lock, asked = read("package-lock.json", json.dumps(LOCK).encode()), Asked()
    held = installed(lock, asked, SOURCE, ())
    assert sorted(asked.names) == ["fsevents", "rollup", "tool-linux"]
    assert asked.wanted == ["a.js", "a.json", "a.wasm"]
    assert undeclared(lock, held, SOURCE, ()) == ()
