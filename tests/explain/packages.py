"""Real packages that carry all of their sources, and a world in which each is published anew, clean or altered.

The archive is fetched from the public registry with provenly's own code. A git server on loopback serves a repository
that is made of the sources in it, and a registry on loopback serves the archive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from provenly import api
from provenly.trust.digest import Digest
from provenly.trust.errors import NotFoundError
from provenly.trust.verdict import Report
from provenly.verify import surroundings
from provenly.verify.context import Silence
from provenly.verify.references import reference
from provenly.verify.registry import npm
from provenly.verify.registry.settings import DEFAULT_REGISTRY
from provenly.verify.tarball import artifact
from tests.simulator.forge import Forge
from tests.simulator.registry import Registry, make_tarball
from tests.simulator.web import Answer, Request
from tests.world import check_report

MAX_BYTES = 64 * 1024 * 1024
"""Of one document or archive that is passed on."""


@dataclass(frozen=True, kw_only=True)
class Real:
    """A package.

    :param package: ``name@version``.
    :param project: where its repository is: owner and name.
    :param code: the packed file that gets most of the insertions.
    :param entry: the packed file that its command starts, with a hashbang.
    :param prose: a packed Markdown file.
    :param directory: the package's directory in the repository.
    :param built: how the paths of what was built from the sources begin; they are not in the repository.
    :param compiler: the TypeScript release of the lockfile, which is never packed; empty where the range will do.
    :param claims: whether its manifest names the repository; otherwise the user does.
    """

    package: str
    project: str
    code: str
    entry: str
    prose: str
    directory: str = ""
    built: tuple[str, ...] = ()
    compiler: str = ""
    claims: bool = True

    @property
    def name(self) -> str:
        return self.package.rpartition("@")[0]

    @property
    def version(self) -> str:
        return self.package.rpartition("@")[2]

    @property
    def url(self) -> str:
        return f"https://github.com/{self.project}"

    def __str__(self) -> str:
        return self.package


COMPILED = (
    Real(
        package="supergateway@3.4.0",
        project="supercorp-ai/supergateway",
        code="dist/gateways/stdioToSse.js",
        entry="dist/index.js",
        prose="README.md",
        built=("dist/",),
    ),
    Real(
        package="mcp-shrimp-task-manager@1.0.21",
        project="cjo4m06/mcp-shrimp-task-manager",
        code="dist/models/taskModel.js",
        entry="dist/index.js",
        prose="dist/prompts/templates_en/planTask/index.md",
        built=("dist/",),
        compiler="5.8.3",
    ),
    Real(
        package="@anaisbetts/mcp-installer@0.5.0",
        project="anaisbetts/mcp-installer",
        code="lib/index.mjs",
        entry="lib/index.mjs",
        prose="README.md",
        built=("lib/",),
        claims=False,
    ),
)
"""Packages whose code was compiled with ``tsc`` from sources that they ship."""

PLAIN = (
    Real(
        package="@angiejones/mcp-selenium@0.2.3",
        project="angiejones/mcp-selenium",
        code="src/lib/server.js",
        entry="src/lib/server.js",
        prose="AGENTS.md",
        claims=False,
    ),
    Real(
        package="@google-cloud/cloud-run-mcp@1.10.0",
        project="GoogleCloudPlatform/cloud-run-mcp",
        code="mcp-server.js",
        entry="mcp-server.js",
        prose="README.md",
    ),
    Real(
        package="hostinger-api-mcp@1.63.2",
        project="hostinger/api-mcp-server",
        code="src/core/runtime.js",
        entry="src/servers/all.js",
        prose="skills/headless/SKILL.md",
    ),
    Real(
        package="@hyperdrive-eng/mcp-nodejs-debugger@0.2.2",
        project="hyperdrive-eng/mcp-nodejs-debugger",
        code="src/mcp-server.js",
        entry="index.js",
        prose="README.md",
    ),
    Real(
        package="@idachev/mcp-javadc@1.2.4",
        project="idachev/mcp-javadc",
        code="index.js",
        entry="index.js",
        prose="README.md",
    ),
    Real(
        package="@playwright/mcp@0.0.75",
        project="microsoft/playwright-mcp",
        code="cli.js",
        entry="cli.js",
        prose="README.md",
    ),
    Real(
        package="@eslint/mcp@0.3.13",
        project="eslint/rewrite",
        code="src/mcp-server.js",
        entry="src/mcp-cli.js",
        prose="README.md",
        directory="packages/mcp",
    ),
)
"""Packages whose code is the source."""

REAL = COMPILED + PLAIN


class Shelf:
    """The archives as the public registry serves them, each fetched once.

    :param folder: where the cache is that all verifications of a test run share.
    """

    def __init__(self, folder: Path) -> None:
        self.cache = folder
        self._contents: dict[str, Mapping[str, bytes]] = {}
        self._passed: dict[str, bytes | None] = {}

    def contents(self, real: Real) -> dict[str, bytes]:
        """Return the packed files."""
        if real.package not in self._contents:
            now = datetime.now(tz=UTC)
            asked = surroundings.Surroundings(cache=str(self.cache))
            with surroundings.opened(asked, now, now, Silence()) as opened:
                package = npm.resolve(reference.parse(real.package), opened.context)
                self._contents[real.package] = artifact.acquire(package, opened.context).contents
        return dict(self._contents[real.package])

    def pass_on(self, path: str) -> bytes | None:
        """Return what the public registry has at a path, or ``None``."""
        if path not in self._passed:
            now = datetime.now(tz=UTC)
            asked = surroundings.Surroundings(cache=str(self.cache))
            with surroundings.opened(asked, now, now, Silence()) as opened:
                get = opened.context.transport.get
                try:
                    answer = get(DEFAULT_REGISTRY + path, accept="*/*", max_bytes=MAX_BYTES, what=path)
                    self._passed[path] = answer.body
                except NotFoundError:
                    self._passed[path] = None
        return self._passed[path]


class Stage:
    """One package with its repository, ready to be published in several versions of the truth."""

    def __init__(self, real: Real, shelf: Shelf, forge: Forge, stack: ExitStack) -> None:
        self.real = real
        self._stack = stack
        self.files = shelf.contents(real)
        self._shelf = shelf
        self._forge = forge
        repository = forge.create(*real.project.split("/"))
        prefix = f"{real.directory}/" if real.directory else ""
        sources = {path: data for path, data in self.files.items() if not path.startswith(real.built or ("\0",))}
        if real.compiler:
            locked = {"packages": {"node_modules/typescript": {"version": real.compiler}}}
            sources["package-lock.json"] = json.dumps({"lockfileVersion": 3} | locked).encode()
        repository.commit({prefix + path: data for path, data in sources.items()}, f"Release {real.version}")
        repository.tag(f"v{real.version}")

    def verify(self, files: Mapping[str, bytes]) -> Report:
        """Publish an archive of ``files`` and verify it."""
        # It stays open to the end: another one at its port would be answered for from the cache.
        registry = self._stack.enter_context(Mirror(self._shelf))
        # This registry is honest: it serves the manifest of the archive that it was given.
        registry.publish(self.real.name, self.real.version, make_tarball(files))
        options = api.Options(
            registry=registry.url,
            git_mirrors=(self._forge.mirror_option(),),
            cache=str(self._shelf.cache),
            source="" if self.real.claims else self.real.url,
        )
        report = api.verify_package(self.real.package, options)
        check_report(report)
        return report


class Mirror(Registry):
    """A registry of one package that passes on what else the public one has: compilers, shared configurations."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self._shelf = shelf

    def _respond(self, request: Request) -> Answer:
        answer = super()._respond(request)
        if answer.status != HTTPStatus.NOT_FOUND or request.path.startswith("/-/"):
            return answer
        body = self._shelf.pass_on(request.path)
        if body is None:
            return answer
        if request.path.endswith(".tgz"):
            return Answer(body=body, content_type="application/octet-stream")
        return Answer(body=body.replace(DEFAULT_REGISTRY.encode(), self.url.encode()))


class Stages:
    """The stages of a test run, each set up when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._folder = folder
        self._shelf = Shelf(folder / "cache")
        self._made: dict[str, Stage] = {}

    def close(self) -> None:
        """Stop all servers."""
        self._stack.close()

    def of(self, real: Real) -> Stage:
        """Return the stage of a package."""
        if real.package not in self._made:
            folder = self._folder / Digest.of(real.package.encode()).hex[:12]
            forge = self._stack.enter_context(Forge(folder))
            self._made[real.package] = Stage(real, self._shelf, forge, self._stack)
        return self._made[real.package]
