"""A build script or configuration whose literals are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from provenly.verify.compiler import sources

MAX_PATHS: Final = 20_000
"""Paths of the tree that a script may list. More than any package of the survey has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A script, and what it would see of its surroundings.

    :param path: its path in the repository.
    :param files: the script itself and files that it reads, by path in the repository.
    :param paths: the paths of the tree, for scripts that list folders.
    :param directory: the directory in which it would be run.
    :param environment: the environment variables that it would see; all others are not set.
    :param arguments: what would follow its name on the command line.
    :param module_format: the ``type`` of the package.json of the directory, or empty.
    """

    path: str
    files: Mapping[str, bytes] = field(repr=False)
    paths: tuple[str, ...] = field(default=(), repr=False)
    directory: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    arguments: tuple[str, ...] = ()
    module_format: str = ""

    def request(self) -> Mapping[str, object]:
        """Return what is sent of it."""
        return {
            "path": self.path,
            "files": sorted((path, sources.decoded(data)) for path, data in self.files.items()),
            "paths": sorted(self.paths)[:MAX_PATHS],
            "directory": self.directory,
            "environment": sorted(self.environment.items()),
            "arguments": list(self.arguments),
            "type": self.module_format,
        }
