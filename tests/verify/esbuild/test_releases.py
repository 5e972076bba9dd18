import json
import platform
import sys
import urllib.request

import pytest

from provenly.trust.errors import UnavailableError
from provenly.verify.esbuild import releases
from provenly.verify.esbuild.releases import nearest, pinned

PLATFORMS = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64"]


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ("0.27.3", "0.27.3"),
        ("0.17.0", "0.17.0"),
        ("^0.25.0", "0.25.12"),
        ("~0.21.3", "0.21.5"),
        (">=0.20 <0.22", "0.21.5"),
        ("0.25", "0.25.12"),
        ("0.22.9", "0.22.0"),
        ("0.25.99", "0.25.12"),
        ("npm:esbuild@0.25.8", "0.25.8"),
        ("0.14.54", "0.17.0"),
        ("^0.14.0", "0.17.0"),
        ("0.25.0-rc.1", "0.25.0"),
    ],
)
def test_the_nearest_release_to_what_a_lockfile_or_manifest_names(wanted, version):
    assert nearest(wanted).version == version


@pytest.mark.parametrize("wanted", ["", "latest", "*", "workspace:^", "99.0.0", "9" * 400])
def test_where_nothing_fits_it_is_the_newest(wanted):
    assert nearest(wanted) is pinned()[-1]


def test_the_releases_are_sorted_and_each_has_every_platform():
    assert [release.numbers for release in pinned()] == sorted({release.numbers for release in pinned()})
    assert [list(release.integrities) for release in pinned()] == [PLATFORMS] * len(pinned())


def test_every_digest_is_a_sha512_of_its_own():
    digests = [release.digest(name) for release in pinned() for name in PLATFORMS]
    assert {digest.algorithm for digest in digests} == {"sha512"}
    assert len({digest.value for digest in digests}) == len(digests)


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "linux-x64"),
        ("linux", "aarch64", "linux-arm64"),
        ("darwin", "arm64", "darwin-arm64"),
        ("darwin", "x86_64", "darwin-x64"),
    ],
)
def test_platforms_have_npms_names(monkeypatch, system, machine, name):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert releases.platform() == name


@pytest.mark.parametrize(("system", "machine"), [("linux", "riscv64"), ("sunos5", "x86_64"), ("linux", "")])
def test_there_is_no_esbuild_for_a_platform_without_digests(monkeypatch, system, machine):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(UnavailableError) as caught:
        releases.platform()
    assert caught.value.code == "ESBUILD_PLATFORM"


@pytest.mark.registry
@pytest.mark.parametrize("name", PLATFORMS)
def test_the_registry_says_the_same_digests(name):
    with urllib.request.urlopen(f"https://registry.npmjs.org/@esbuild%2f{name}", timeout=60) as answer:
        versions = json.load(answer)["versions"]
    for release in pinned():
        assert versions[release.version]["dist"]["integrity"] == release.integrities[name]
        assert versions[release.version]["dist"]["tarball"].endswith(release.path(name))
