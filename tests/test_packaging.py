"""What is installed is what is in the repository, under one name."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import provenly

ROOT = Path(__file__).parent.parent
FOLDERS = ("verify", "trust", "policies", "sbom", "schema")
DATA = ("trust/roots/data/", "schema/", "verify/esbuild/releases.json")


def git_files() -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in listed.stdout.splitlines() if (ROOT / path).exists()]


def expected() -> set[str]:
    """Return the files of the package, under the names that they have once installed."""
    found = set()
    for path in git_files():
        if (
            not (path.endswith((".py", ".js", ".css", ".toml", "py.typed")) or path.startswith(DATA))
            or (ROOT / path).is_symlink()
        ):
            continue
        first, _, rest = path.partition("/")
        if first in FOLDERS:
            found.add(f"provenly/{first}/{rest}")
        elif path.startswith("src/provenly/"):
            found.add(path.removeprefix("src/"))
    return found


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(tmp_path):
    # From a copy of what git has: setuptools would pack what an earlier build left lying about.
    copy = tmp_path / "checkout"
    for path in git_files():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path, follow_symlinks=False)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, copy]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == expected()


def test_every_subpackage_is_listed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {str(Path(path).parent).replace("/", ".") for path in expected() if path.endswith("__init__.py")}
    assert set(project["tool"]["setuptools"]["packages"]) == packages


def test_the_links_lead_to_the_folders():
    for name in FOLDERS:
        link = ROOT / "src" / "provenly" / name
        assert link.is_symlink()
        assert link.resolve() == ROOT / name


def test_the_public_names_are_these():
    assert set(provenly.__all__) == {
        "Action",
        "Error",
        "Evidence",
        "Options",
        "Report",
        "Status",
        "UsageError",
        "Verdict",
        "verify_package",
    }
    for name in provenly.__all__:
        assert getattr(provenly, name).__name__ == name
    assert set(provenly.__all__) <= set(dir(provenly))
    with pytest.raises(AttributeError):
        _ = provenly.no_such_name


def test_importing_the_package_is_cheap():
    code = "import sys, provenly; sys.exit(len([name for name in sys.modules if name.startswith('provenly.')]))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
