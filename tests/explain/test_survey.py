"""The tool that measures how packages are explained writes one row for each."""

from tools import survey

from tests.world import NAME, REPOSITORY, World, files, manifest


def columns(cells: list[str]) -> dict[str, str]:
    return dict(zip(survey.HEAD, cells, strict=True))


def test_a_row_has_the_files_by_class(world: World):
    world.release("1.0.0", files() | {"x.js": "added();\n"})
    row = columns(survey.row(f"{NAME}@1.0.0", world.options()))
    assert row["package"] == f"{NAME}@1.0.0"
    assert (row["found by"], len(row["commit"])) == ("tag", 12)
    assert (row["identical"], row["recompiled"], row["unexplained"]) == ("4", "", "1")
    assert row["code explained"] == "3 of 4 files, 1 of 1 kB"
    assert float(row["seconds"]) > 0


def test_a_package_that_could_not_be_compared_has_a_row(world: World):
    world.publish("1.0.0", files(repository=None))
    assert columns(survey.row(f"{NAME}@1.0.0", world.options()))["code explained"] == "not compared"


def test_a_package_may_be_compared_with_a_repository_that_it_does_not_claim(world: World):
    world.commit("1.0.0")
    world.publish("1.0.0", files() | {"package.json": manifest(repository=None)})
    row = columns(survey.row(f"{NAME}@1.0.0={REPOSITORY}", world.options()))
    assert (row["package"], row["found by"], row["identical"]) == (f"{NAME}@1.0.0", "tag", "3")


def test_a_package_that_is_not_there_has_a_row(world: World):
    row = columns(survey.row("nothing@1.0.0", world.options()))
    assert (row["package"], row["commit"]) == ("nothing@1.0.0", "")
    assert "nothing" in row["code explained"]


def test_the_table_is_markdown(world: World, capsys):
    survey.main(["nothing@1.0.0", "--offline", "--cache", str(world.folder / "cache")])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("| ") and line.count("|") == len(survey.HEAD) + 1 for line in lines)
