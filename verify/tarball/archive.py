"""Lists what npm would install from a package archive, or refuses the archive.

The whole archive is read, nothing is written to disk, and the listing has npm's final names: the first component is
gone and ``.gitignore`` has become ``.npmignore`` (pacote, ``lib/fetcher.js``). Whatever npm, ``tarfile``, GNU tar and
libarchive could read differently is refused: a checker that sees other files than npm installs proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from provenly.trust.artifact import FileEntry, Listing
from provenly.trust.digest import Digest
from provenly.verify.tarball import tar
from provenly.verify.tarball.archive_faults import Remarks, fault, quoted
from provenly.verify.tarball.archive_limits import LIMITS, Limits
from provenly.verify.tarball.gzip_member import inflate
from provenly.verify.tarball.paths import Names, checked, remark

MANIFEST: Final = "package.json"

Identify: TypeAlias = Callable[[Sequence[bytes]], Sequence[str]]
"""Gives the git blob ids of many byte strings, in their order; :func:`provenly.verify.git.object_ids` is one."""

_PERMISSIONS: Final = 0o7777
_SPECIAL: Final = 0o7000
_WORLD_WRITABLE: Final = 0o002
_USUAL_MODE: Final = 0o644
_USUAL_ROOT: Final = "package"


@dataclass(frozen=True, kw_only=True, slots=True)
class PackedFile:
    """A file on its way into a listing.

    :param path: its final name.
    :param mode: its permission bits.
    """

    path: str
    mode: int
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class _Member:
    """A file or folder (``content`` is ``None``) of the archive, its name with the first component."""

    name: str
    mode: int
    content: bytes | None


def read_tarball(data: bytes, identify: Identify, limits: Limits = LIMITS) -> Listing:
    """Return the files that npm would install from ``data``.

    :param data: a gzip-compressed tar archive.
    :param identify: computes the git blob ids.
    :raises MalformedError: the archive is damaged, ambiguous or over a limit. The code names the fault: ``GZIP_…``,
        ``TAR_…``, ``LIMIT_…``, or ``PKG_NO_MANIFEST`` where there is no package.json.
    """
    remarks = Remarks()
    members = []
    name_bytes = 0
    for entry in tar.entries(inflate(data, limits, remarks), limits, remarks):
        name_bytes += len(entry.name)
        if name_bytes > limits.names:
            raise fault("LIMIT_NAME_BYTES", f"the names in the archive have more than {limits.names:,} bytes")
        name = checked(entry.name, limits)
        members.append(_Member(name=name, mode=entry.mode, content=entry.content))
    _check_roots(members, remarks)
    return listing(_install(members, remarks, limits), identify, remarks)


def listing(files: Iterable[PackedFile], identify: Identify, remarks: Remarks) -> Listing:
    """Return the listing of files whose final names are all different.

    :raises MalformedError: ``PKG_NO_MANIFEST``.
    """
    ordered = sorted(files, key=lambda file: file.path)
    if all(file.path != MANIFEST for file in ordered):
        raise fault("PKG_NO_MANIFEST", f"there is no {MANIFEST}: this is no npm package")
    blobs = identify([file.content for file in ordered])
    for file in ordered:
        remark(file.path, remarks)
    return Listing(
        files=tuple(
            FileEntry(path=file.path, size=len(file.content), digest=Digest.of(file.content), blob=blob, mode=file.mode)
            for file, blob in zip(ordered, blobs, strict=True)
        ),
        contents=MappingProxyType({file.path: file.content for file in ordered}),
        notes=remarks.notes(),
    )


def _check_roots(members: Sequence[_Member], remarks: Remarks) -> None:
    """Note first components that are not the usual one; npm strips whatever is there."""
    roots = list(dict.fromkeys(member.name.partition("/")[0] for member in members if "/" in member.name))
    if len(roots) > 1:
        names = ", ".join(quoted(root) for root in roots[:3])
        text = f"The archive has {len(roots):,} folders at its top ({names}); npm installs all of them as one."
        remarks.add("TAR_MULTIPLE_ROOTS", text)
    elif roots and roots[0] != _USUAL_ROOT:
        remarks.add("TAR_ROOT_NOT_PACKAGE", f"The archive's top folder is {quoted(roots[0])}; npm strips any.")


def _install(members: Sequence[_Member], remarks: Remarks, limits: Limits) -> Iterable[PackedFile]:
    """Give the members the names that npm gives them and hold these against each other."""
    names = Names(limits)
    files: dict[str, PackedFile] = {}
    for name, member in _renamed(members, remarks):
        path = _stripped(name)
        if member.content is None:
            names.add_folder(path)
        elif not path:
            text = f"{quoted(name)} is beside the package's folder; npm does not install it."
            remarks.add("TAR_ROOT_FILE", text, name)
        elif names.add_file(path, member.name):
            files[path] = PackedFile(path=path, mode=_mode(member.mode, path, remarks), content=member.content)
        elif files[path].content == member.content:
            remarks.add("TAR_DUPLICATE_IDENTICAL", f"{quoted(name)} is there twice with the same content.", path)
        else:
            message = f"{quoted(member.name)} is there twice with different content; npm takes the last one"
            raise fault("TAR_DUPLICATE", message)
    names.check_kinds()
    return files.values()


def _stripped(name: str) -> str:
    """Return a name without its first component, as npm installs it; empty where it has only one."""
    return name.partition("/")[2]


def _renamed(members: Sequence[_Member], remarks: Remarks) -> Iterable[tuple[str, _Member]]:
    """Yield the members with npm's own renaming: ``.gitignore`` becomes ``.npmignore`` unless one stands beside it.

    npm decides by the order of the entries, with the same end: beside a ``.npmignore`` the other one is not installed,
    or is overwritten by it.
    """
    ignores = {member.name for member in members if member.name.endswith("/.npmignore") and member.content is not None}
    for member in members:
        folder, _, base = member.name.rpartition("/")
        renamed = f"{folder}/.npmignore"
        if base != ".gitignore" or not folder or member.content is None:
            yield member.name, member
        elif renamed in ignores:
            text = "npm does not install a .gitignore beside a .npmignore."
            remarks.add("TAR_NPM_RENAME", text, _stripped(member.name))
        else:
            remarks.add("TAR_NPM_RENAME", "npm installs this .gitignore as .npmignore.", _stripped(member.name))
            yield renamed, member


def _mode(mode: int, path: str, remarks: Remarks) -> int:
    if mode & _SPECIAL:
        remarks.add("TAR_MODE_SPECIAL", f"{quoted(path)} has set-user-id, set-group-id or sticky bits.", path)
    if mode & _WORLD_WRITABLE:
        remarks.add("TAR_MODE_WRITABLE", f"{quoted(path)} may be written by everybody, as far as the mode goes.", path)
    return mode & _PERMISSIONS or _USUAL_MODE
