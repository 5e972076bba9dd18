import json
import urllib.request

import pytest

from provenly.verify.compiler.releases import PINNED, nearest


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ("5.8.3", "5.8.3"),
        ("5.8.2", "5.8.3"),
        ("^5.3.2", "5.9.3"),
        ("~5.3.2", "5.3.3"),
        ("5.3 - 5.6", "5.6.3"),
        ("~5.0.0", "5.0.4"),
        (">=5.4 <6", "5.9.3"),
        (">=5.4", "5.9.3"),
        ("npm:typescript@5.6.1", "5.6.3"),
        ("5", "5.9.3"),
        ("^5", "5.9.3"),
        ("^6.0.1-rc", "6.0.3"),
        ("6.7.0", "6.0.3"),
        ("^7.0.0", "6.0.3"),
        ("7", "6.0.3"),
        ("5.99.0", "5.9.3"),
        ("4.9.5", "5.0.4"),
        ("4", "5.0.4"),
        ("^3.2", "5.0.4"),
        ("", "5.9.3"),
        ("latest", "5.9.3"),
        ("*", "5.9.3"),
        ("workspace:^", "5.9.3"),
        ("9" * 400, "6.0.3"),
    ],
)
def test_the_nearest_release_to_what_a_lockfile_or_manifest_names(wanted, version):
    assert nearest(wanted).version == version


def test_the_releases_are_sorted_and_there_is_one_of_each_minor_version():
    assert list(PINNED) == sorted(PINNED, key=lambda release: release.numbers)
    assert len({release.numbers[:2] for release in PINNED}) == len(PINNED)


def test_every_digest_is_a_sha512_of_its_own():
    assert {release.digest.algorithm for release in PINNED} == {"sha512"}
    assert len({release.digest.value for release in PINNED}) == len(PINNED)


@pytest.mark.registry
def test_the_registry_says_the_same_digests():
    with urllib.request.urlopen("https://registry.npmjs.org/typescript", timeout=60) as answer:
        versions = json.load(answer)["versions"]
    for release in PINNED:
        assert versions[release.version]["dist"]["integrity"] == release.integrity
        assert versions[release.version]["dist"]["tarball"].endswith(release.path)
