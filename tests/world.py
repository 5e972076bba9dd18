"""A small honest world for end-to-end tests: a registry and a forge on loopback with one MCP server on each.

Each test changes the part that it is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, Self

from provenly import api
from provenly.trust.verdict import Report
from tests.simulator.forge import Forge
from tests.simulator.registry import Registry, make_tarball

SCHEMA = Path(__file__).parent.parent / "schema" / "report-1.schema.json"
NAME = "mail-mcp"
REPOSITORY = "https://github.com/example/mail-mcp"
INDEX = """\
#!/usr/bin/env node
import { send } from "./lib/send.js";
const mail = {
  To: process.argv[2],
  Subject: "hello",
};
send(mail);
"""
SEND = """\
export async function send(mail) {
  return fetch("https://mail.example/send", { method: "POST", body: JSON.stringify(mail) });
}
"""
README = "# mail-mcp\n\nSends mail.\n"


def manifest(version: str = "1.0.0", **changes: Any) -> str:
    """Return a package.json."""
    document = {
        "name": NAME,
        "version": version,
        "type": "module",
        "license": "MIT",
        "bin": {NAME: "index.js"},
        "repository": {"type": "git", "url": f"git+{REPOSITORY}.git"},
        "dependencies": {"zod": "^4.0.0"},
    }
    return json.dumps(document | changes, indent=2) + "\n"


def files(version: str = "1.0.0", **changes: Any) -> dict[str, str]:
    """Return the files of a release, as committed and as packed."""
    return {
        "package.json": manifest(version, **changes),
        "index.js": INDEX,
        "lib/send.js": SEND,
        "README.md": README,
    }


class World:
    """A registry, a forge and a cache folder. Use it as a context manager.

    :param folder: where repositories and the cache are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.registry = self._stack.enter_context(Registry())
        self.forge = self._stack.enter_context(Forge(self.folder / "forge"))
        self.repository = self.forge.create("example", "mail-mcp")
        # What the server depends on, so that it can be installed.
        self.registry.publish("zod", "4.0.0", make_tarball({"package.json": '{"name":"zod","version":"4.0.0"}\n'}))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def release(self, version: str = "1.0.0", packed: Mapping[str, str | bytes] | None = None) -> None:
        """Commit and tag a version, and publish it; ``packed`` is what is published where that differs."""
        self.commit(version)
        self.publish(version, packed)

    def commit(self, version: str = "1.0.0", *, tag: bool = True) -> str:
        """Commit a version and tag it."""
        commit = self.repository.commit(files(version), f"Release {version}")
        if tag:
            self.repository.tag(f"v{version}")
        return commit

    def publish(
        self, version: str = "1.0.0", packed: Mapping[str, str | bytes] | None = None, name: str = NAME
    ) -> None:
        """Publish an archive."""
        self.registry.publish(name, version, make_tarball(dict(packed or files(version))))

    @property
    def arguments(self) -> list[str]:
        """The command line options that lead to this world."""
        return [
            *("--registry", self.registry.url),
            *("--git-mirror", self.forge.mirror_option()),
            *("--cache", str(self.folder / "cache")),
        ]

    def options(self, **changes: Any) -> api.Options:
        """Return the options of the library that lead to this world."""
        values = {
            "registry": self.registry.url,
            "git_mirrors": (self.forge.mirror_option(),),
            "cache": str(self.folder / "cache"),
        }
        return api.Options(**(values | changes))

    def verify(self, text: str = f"{NAME}@1.0.0", **changes: Any) -> Report:
        """Verify a reference in this world."""
        report = api.verify_package(text, self.options(**changes))
        check_report(report)
        return report


@cache
def _schema() -> Any:
    """Return the validator of the JSON report, made once."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_bytes()))


def check_report(report: Report) -> dict[str, Any]:
    """Return the JSON report as a document that was held to the schema."""
    from provenly.report import json_report

    document: dict[str, Any] = json.loads(json_report.render(report))
    faults = [f"{error.json_path}: {error.message}"[:300] for error in _schema().iter_errors(document)]
    assert not faults, faults
    return document


def statuses(report: Report) -> dict[str, str]:
    """Return the status of each check."""
    return {item.check: str(item.status) for item in report.evidence}


def actions(report: Report) -> dict[str, str]:
    """Return the action of each check's reason."""
    return {reason.check: str(reason.action) for reason in report.verdict.reasons}
