"""esbuild in a verification: opened with it, recorded with its evidence, and replayed without a network."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import UnavailableError
from provenly.verify.context import Silence
from provenly.verify.esbuild import releases
from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.esbuild.releases import nearest
from provenly.verify.evidence.audit import recording
from provenly.verify.evidence.replay import ReplayTransport
from provenly.verify.surroundings import Surroundings, opened

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
TREE = {"a.ts": b"export const a: number = 1;"}
ARGUMENTS = ("a.ts", "--outdir=dist")


def built(esbuild):
    return esbuild.build(nearest("0.27.3"), TREE, ARGUMENTS, directory="").outputs


def surroundings(tmp_path, **options):
    return Surroundings(npmrc=(), cache=str(tmp_path / "cache"), **options)


def test_opening_the_surroundings_fetches_nothing(tmp_path):
    with opened(surroundings(tmp_path, offline=True), NOW, NOW, Silence()) as world:
        assert world.context.esbuild is not None
        with pytest.raises(UnavailableError) as caught:
            built(world.context.esbuild)
        assert caught.value.code == "ESBUILD_UNAVAILABLE"
        assert "--offline" in caught.value.hint


@pytest.mark.registry
def test_the_binary_is_part_of_the_evidence(tmp_path):
    with opened(surroundings(tmp_path), NOW, NOW, Silence()) as world:
        first = built(world.context.esbuild)
        # The result is in the cache now; a replay has none, so that a recording must not go by it.
        with recording(world.context) as recorded:
            assert built(recorded.context.esbuild) == first
            exchanges = list(recorded.recorder.exchanges.values())
        assert [exchange.url.rpartition("/")[2] for exchange in exchanges] == [f"{releases.platform()}-0.27.3.tgz"]
        with recording(replace(world.context, esbuild=None)) as recorded:
            assert recorded.context.esbuild is None
    with Esbuild(ReplayTransport(exchanges)) as again:
        assert built(again) == first
    with Esbuild(ReplayTransport([])) as empty, pytest.raises(UnavailableError):
        built(empty)


@pytest.mark.registry
def test_what_was_fetched_once_is_there_offline(tmp_path):
    with opened(surroundings(tmp_path), NOW, NOW, Silence()) as world:
        first = built(world.context.esbuild)
        other = world.context.esbuild.build(nearest("0.27.3"), TREE, (*ARGUMENTS, "--minify"), directory="").outputs
    with opened(surroundings(tmp_path, offline=True), NOW, NOW, Silence()) as world:
        assert built(world.context.esbuild) == first != other
        assert world.context.esbuild.build(nearest("0.27.3"), TREE, (*ARGUMENTS, "--format=cjs"), directory="").outputs
