"""A bundle that was made before is found again without the packages in it, and only for the very same commit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.network.cache import Cache
from tests.verify.explain.bundled.test_explainer import BY_COMMAND, COMMAND, SOURCES, compared, lockfile, manifest

TREE = {
    **SOURCES,
    "src/index.ts": 'import ms from "ms";\nconsole.log(ms("3 days"));\n',
    "package-lock.json": lockfile("2.1.3"),
}
STATED = manifest(COMMAND.replace(" --packages=external", ""), {"esbuild": "0.25.8"}, dependencies={"ms": "2"})


class Gone(Dependencies):
    """Dependencies that nobody can fetch."""

    def fetch(self, packages, wanted=None):
        return {package: UnavailableError("gone", code="GONE") for package in packages}


@pytest.mark.registry
def test_what_was_made_before_needs_no_packages(bench):
    from tests.verify.explain.bundled.test_explainer import _ms

    (files,) = bench.tools.dependencies.fetch(_ms("2.1.3")).values()
    inside = {f"node_modules/ms/{path}": text.decode() for path, text in files.items() if path.endswith(".js")}
    inside["node_modules/ms/package.json"] = files["package.json"].decode()
    arguments = [word for word in BY_COMMAND if word != "--packages=external"]
    made = bench.bundle({**TREE, **inside, "package.json": json.dumps(STATED)}, *arguments)
    away = replace(bench.tools, dependencies=Gone(None))

    (file,) = compared(away, made, TREE, STATED).values()
    assert (file.file_class, "gone" in file.unchecked) == (FileClass.UNEXPLAINED, True)
    (first,) = compared(bench.tools, made, TREE, STATED).values()
    (again,) = compared(away, made, TREE, STATED).values()
    assert first == again
    assert first.file_class is FileClass.RECOMPILED
    (other,) = compared(away, made, {**TREE, "src/mail.ts": "export {};\n"}, STATED).values()
    assert other.file_class is FileClass.UNEXPLAINED
    (other,) = compared(away, made, {**TREE, "package-lock.json": TREE["package-lock.json"] + " "}, STATED).values()
    assert other.file_class is FileClass.UNEXPLAINED


class Lacking(Dependencies):
    """Dependencies of which the registry has none, or all; what is asked for is counted.

    :ivar there: whether it has them by now.
    """

    def __init__(self, of: Dependencies) -> None:
        super().__init__(None)
        self.of = of
        self.there = False
        self.fetched = 0
        self.asked = 0

    def fetch(self, packages, wanted=None):
        self.fetched += len(packages)
        gone = NotFoundError("it is not there", code="NET_NOT_FOUND")
        return self.of.fetch(packages, wanted) if self.there else dict.fromkeys(packages, gone)

    def each(self, packages, wanted=None):
        for package in packages:
            self.asked += 1
            yield from self.fetch([package], wanted).items()


@pytest.mark.registry
def test_what_could_not_be_made_is_not_tried_again_until_what_was_missing_is_there(bench, tmp_path):
    lacking = Lacking(bench.tools.dependencies)
    tools = replace(bench.tools, dependencies=lacking, prints=Cache(tmp_path / "cache", datetime.now(UTC)))
    tree = {**TREE, "src/third.ts": "export const third = 3;\n"}  # nobody has made this one
    (first,) = compared(tools, {"dist/index.js": "console.log(1);\n"}, tree, STATED).values()
    assert (first.file_class, first.unchecked) == (FileClass.UNEXPLAINED, "")
    assert "it is not there" in first.detail
    fetched = lacking.fetched
    assert lacking.asked == 0
    (again,) = compared(tools, {"dist/index.js": "console.log(1);\n"}, tree, STATED).values()
    assert again == first
    assert lacking.asked == lacking.fetched - fetched > 0
    lacking.there = True
    (now,) = compared(tools, {"dist/index.js": "console.log(1);\n"}, tree, STATED).values()
    assert "it is not there" not in now.detail
    asked = lacking.asked
    (kept,) = compared(tools, {"dist/index.js": "console.log(1);\n"}, tree, STATED).values()
    assert kept == now
    assert lacking.asked == asked
