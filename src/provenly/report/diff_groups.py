"""The files of a diff in groups, by how much they matter to whoever runs the package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from provenly.report.diff_view import File


def groups(files: Iterable[File]) -> Iterator[tuple[str, Sequence[File]]]:
    """Yield the files by how much they matter, each group with its heading."""
    names = {
        (True, True): "Files that can run and are led to",
        (True, False): "Files that can run, and nothing leads to (stale ones, mostly)",
        (False, True): "Files that are data",
    }
    groups: dict[tuple[bool, bool], list[File]] = {key: [] for key in names}
    for file in files:
        groups[file.executable, file.reachable or not file.executable].append(file)
    return ((names[key], group) for key, group in groups.items() if group)
