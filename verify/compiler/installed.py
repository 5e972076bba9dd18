"""Packages that lie beside the sources, below ``node_modules``: fetched only where a result is not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """Files of packages.

    :param files: path → bytes, from the root of the repository.
    :param links: the symbolic links that a package manager makes: path → path.
    :param missing: why some files are not there; empty where all are.
    :param final: whether another attempt would find the same; what is made of others is not kept.
    """

    files: Mapping[str, bytes] = field(repr=False)
    links: Mapping[str, str] = field(repr=False)
    missing: str = ""
    final: bool = True


class Installation(Protocol):
    """Packages that can be fetched."""

    @property
    def key(self) -> str:
        """Everything that their files are made from, the sources of a project apart."""

    def installed(self) -> Installed:
        """Return the files; fetched once."""
