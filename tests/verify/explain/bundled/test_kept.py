"""A bundle that was made before is found again without the packages in it, and only for the very same commit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.dependencies.fetch import Dependencies
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
