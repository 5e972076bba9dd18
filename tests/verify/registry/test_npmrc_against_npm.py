"""npm itself reads the same files and asks the same registry: what it sends is what we send."""

import os
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import Error
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.transport import HttpTransport
from tests.simulator.registry import FULL, Registry, make_tarball

NPM = shutil.which("npm")
pytestmark = [pytest.mark.node, pytest.mark.skipif(not NPM, reason="npm is not installed here")]

TARBALL = make_tarball({"package.json": '{"name":"@corp/tool","version":"1.0.0"}', "index.js": "1"})


@pytest.fixture
def registry():
    with Registry() as registry:
        registry.publish("@corp/tool", "1.0.0", TARBALL)
        yield registry


def npm(folder, *arguments):
    options = [f"--userconfig={folder / 'user.npmrc'}", f"--cache={folder / 'cache'}", "--no-update-notifier"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TOKEN": "from-the-environment"}
    command = [NPM, *arguments, *options, "--fetch-retries=0", "--loglevel=silent", "--no-audit", "--no-fund"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def test_npm_packs_and_checks_what_the_simulator_serves(registry, tmp_path):
    (tmp_path / "user.npmrc").write_text(f"registry={registry.url}/\n")
    assert npm(tmp_path, "pack", "@corp/tool@1.0.0").returncode == 0
    assert (tmp_path / "corp-tool-1.0.0.tgz").read_bytes() == TARBALL
    registry.tarballs["/@corp/tool/-/tool-1.0.0.tgz"] = TARBALL + b"\x00"
    shutil.rmtree(tmp_path / "cache")
    assert npm(tmp_path, "pack", "@corp/tool@1.0.0").returncode != 0


@pytest.mark.parametrize(
    "lines",
    [
        "//HOST/:_authToken=T",
        "//HOST:_authToken=T",
        '//HOST/:_authToken="${TOKEN}" ; a comment',
        "//HOST/:_auth=dTpw",
        "//HOST/:username=u\n//HOST/:_password=cA==",
        "//HOST/:_authToken=T\n//HOST/:_auth=dTpw",
        "//HOST/other/:_authToken=T",
        "//elsewhere.example/:_authToken=T",
        "@corp:registry=http://HOST/\nregistry=http://127.0.0.1:9/\n//HOST/:_authToken=${UNSET?}T",
    ],
)
def test_the_registry_and_the_credential_are_npms(registry, tmp_path, lines):
    host = registry.url.removeprefix("http://")
    path = tmp_path / "user.npmrc"
    path.write_text(f"registry={registry.url}/\n" + lines.replace("HOST", host) + "\n")
    npm(tmp_path, "view", "@corp/tool")
    theirs = registry.requests[-1]
    settings = npmrc.load(user=path, environment={"TOKEN": "from-the-environment"})
    with HttpTransport(Cache(None, datetime(2026, 2, 1, tzinfo=UTC)), settings) as transport:
        url = f"{settings.base('@corp/tool')}/@corp%2ftool"
        try:
            transport.get(url, accept=FULL, max_bytes=9999, what="x")
        except Error as error:
            pytest.fail(str(error))
    ours = registry.requests[-1]
    assert len(registry.requests) == 2
    assert ours.path.lower() == theirs.path.lower()
    assert ours.headers.get("authorization") == theirs.headers.get("authorization")
