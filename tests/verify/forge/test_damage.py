"""Caches that were damaged between two runs, mirrors that have not all, servers that stop in the middle."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.simulator.forge import Misbehaviour
from tests.simulator.repositories import GIT, environment
from tests.world import NAME, README, files, statuses


def packed_with_another_readme(version="1.0.0"):
    """Return files of which one differs, so that blobs are fetched, too."""
    return files(version) | {"README.md": README + "More.\n"}


class FailingAfter(dict):
    """The behaviour of a forge that answers ``count`` requests honestly."""

    def __init__(self, count, how):
        super().__init__()
        self.count, self.how = count, how

    def get(self, name, default):
        self.count -= 1
        return (self.how, b"") if self.count < 0 else default


@pytest.mark.parametrize("how", [Misbehaviour.BROKEN, Misbehaviour.EARLY_EOF, Misbehaviour.REDIRECT])
def test_a_server_that_stops_in_the_middle_holds_whenever_it_stops(world, how):
    world.commit()
    world.publish("1.0.0", packed_with_another_readme())
    for count in range(20):
        world.forge.behaviour = FailingAfter(count, how)
        shutil.rmtree(world.folder / "cache", ignore_errors=True)
        report = world.verify()
        if world.forge.behaviour.count >= 0:
            break
        assert report.verdict.action == "hold", count
        assert "failed" not in {statuses(report)[check] for check in ("source-acknowledged", "source-match")}
    assert (report.verdict.action, count > 3) == ("warn", True)


@pytest.mark.parametrize("pattern", ["*/content.git/config", "*/content.git/**/*.idx", "*/history.git/**/*.idx"])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[: len(data) // 2]])
def test_a_damaged_cache_is_fetched_again(world, pattern, damage):
    head = world.commit()
    world.publish("1.0.0", packed_with_another_readme())
    world.registry.packuments[NAME]["versions"]["1.0.0"]["gitHead"] = head
    world.repository.commit({"later": "x"})
    assert world.verify().verdict.action == "warn"
    found = list((world.folder / "cache").rglob(pattern.removeprefix("*/")))
    assert found or "history" in pattern
    for path in found:
        path.chmod(0o600)
        path.write_bytes(damage(path.read_bytes()))
    assert world.verify().verdict.action == "warn"


@pytest.mark.parametrize("depth", [1, 3])
def test_a_shallow_mirror_accuses_nobody(world, tmp_path, depth):
    old = world.commit(tag=False)
    for number in range(1, 5):
        world.repository.commit({"package.json": files(f"1.0.{number}")["package.json"]})
    world.publish()
    mirror = tmp_path / "shallow.git"
    clone = ("clone", "-q", "--bare", f"--depth={depth}", f"file://{world.repository.path}", str(mirror))
    subprocess.run([GIT, *clone], check=True, env=environment(world.repository.config))
    options = {"git_mirrors": (f"https://github.com/{{owner}}/{{repo}}={mirror}",)}
    report = world.verify(**options)
    assert (report.verdict.action, statuses(report)["version-known"]) == ("hold", "unchecked")
    world.registry.packuments[NAME]["versions"]["1.0.0"]["gitHead"] = old
    shutil.rmtree(world.folder / "cache")
    report = world.verify(**options)
    assert statuses(report)["source-reachable"] == "unchecked"
    assert "shallow" in next(item.summary for item in report.evidence if item.check == "source-reachable")


def test_a_shallow_mirror_does_not_call_a_commit_an_imposter(world, tmp_path):
    """Its tag is enough; what leads to another commit it cannot say."""
    old = world.repository.commit(files())
    world.commit()
    world.publish()
    world.registry.packuments[NAME]["versions"]["1.0.0"]["gitHead"] = old
    mirror = tmp_path / "shallow.git"
    clone = ("clone", "-q", "--bare", "--depth=1", f"file://{world.repository.path}", str(mirror))
    subprocess.run([GIT, *clone], check=True, env=environment(world.repository.config))
    report = world.verify(git_mirrors=(f"https://github.com/{{owner}}/{{repo}}={mirror}",))
    assert report.verdict.action == "warn"
    assert {"GIT_HEAD_UNCHECKED"} == {note.code for note in report.notes}


def test_a_tag_on_a_file_is_no_release_and_spares_the_one_on_the_commit(world):
    world.commit()
    world.repository.tag("1.0.0", commit=world.repository.object("blob", b"x"))
    world.publish()
    report = world.verify()
    assert report.verdict.action == "warn"
    assert "TAG_NOT_COMMIT" in {note.code for note in report.notes}


@pytest.mark.parametrize("lost", ["content.git", "refs.json"])
def test_offline_with_half_a_cache_holds(world, lost):
    world.commit()
    world.publish("1.0.0", packed_with_another_readme())
    world.verify()
    assert world.verify(offline=True).verdict.action == "warn"
    (path,) = (world.folder / "cache").rglob(lost)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert world.verify(offline=True).verdict.action == "hold"


def test_processes_that_share_a_cache(world):
    world.release()
    program = "from provenly.cli.main import run; run()"
    command = [sys.executable, "-c", program, "verify", f"{NAME}@1.0.0", *world.arguments]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    said = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert len({output for output, _ in said}) == 1
