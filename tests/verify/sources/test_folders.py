import pytest

from provenly.verify.sources.folders import is_doubtful, is_no_source


@pytest.mark.parametrize(
    "folder",
    [
        *(
            "test",
            "Tests/unit",
            "packages/x/__fixtures__/y",
            "node_modules/pkg",
            "examples/pkg",
            "a/dist",
            "vendor/pkg",
        ),
    ],
)
def test_what_is_no_source_is_doubtful_too(folder):
    assert is_no_source(f"{folder}/package.json")
    assert is_doubtful(f"{folder}/package.json", "pkg")


@pytest.mark.parametrize("folder", ["docs", "Demo/x", "third_party/pkg", ".github/pkg", "__golden__/x", "e2e-app/pkg"])
def test_what_is_doubtful(folder):
    assert is_doubtful(f"{folder}/package.json", "pkg")
    assert not is_no_source(f"{folder}/package.json")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("package.json", "test"),
        ("packages/mcp/package.json", "@x/mcp"),
        ("src/filesystem/package.json", "@x/server-filesystem"),
        ("packages/mail-test/package.json", "@x/mail-test"),
        ("packages/docs/package.json", "@x/docs-mcp"),
        ("contest/latest/package.json", "pkg"),
    ],
)
def test_what_is_not(path, name):
    assert not is_doubtful(path, name)


def test_a_package_that_is_called_example_is_not_at_home_among_examples():
    assert is_doubtful("examples/package.json", "examples-mcp")
