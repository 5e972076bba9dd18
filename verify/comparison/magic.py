"""What kind of code a file is, told by its first bytes and its name; the bytes win."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WASM: Final = "WebAssembly"

NATIVE: Final = frozenset({"ELF", "PE", "Mach-O", "Java class", "archive of native code", "native by its name"})
"""The kinds that :func:`kind` returns for code that a processor or a virtual machine runs as it is."""

SCRIPT: Final = "script"

_MARKS: Final[Mapping[str, tuple[bytes, ...]]] = MappingProxyType(
    {
        "ELF": (b"\x7fELF",),
        WASM: (b"\0asm",),
        "Mach-O": (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
        "Java class": (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf", b"\xbe\xba\xfe\xca"),
        "archive of native code": (b"!<arch>\n",),
        "PE": (b"MZ",),
    }
)
"""The first bytes of each kind; a universal Mach-O file starts like a Java class."""

_MAX_FAT: Final = 40
"""Architectures in a universal Mach-O file; a Java class has its major version, 45 or more, in the same place."""

_NATIVE_NAMES: Final = frozenset(
    {
        *(".node", ".exe", ".dll", ".so", ".dylib", ".com", ".scr", ".msi", ".sys", ".o", ".a"),
        *(".lib", ".obj", ".class", ".jar", ".war", ".pyc", ".pyd", ".asar", ".app", ".appimage"),
        *(".deb", ".rpm", ".apk", ".dmg", ".pkg", ".whl", ".egg", ".xpi", ".crx", ".vsix", ".mcpb"),
        *(".dxt",),
    }
)

_PE_OFFSET: Final = 0x3C
"""Where a PE file has the offset of its header (Microsoft, PE Format)."""


def kind(path: str, data: bytes) -> str:
    """Return what kind of machine code ``data`` is, :data:`SCRIPT` for a hashbang, or an empty string.

    :param path: the file's name decides only where its bytes do not.
    :returns: a member of :data:`NATIVE`, :data:`WASM`, :data:`SCRIPT` or ``""``.
    """
    found = _by_content(data)
    if found:
        return found
    suffix = posixpath.splitext(path)[1].lower()
    if suffix == ".wasm":
        return WASM
    return "native by its name" if suffix in _NATIVE_NAMES or ".so." in posixpath.basename(path) else ""


def _by_content(data: bytes) -> str:
    found = next((name for name, marks in _MARKS.items() if data.startswith(marks)), "")
    if found == "Java class" and int.from_bytes(data[4:8], "big") <= _MAX_FAT:
        return "Mach-O"
    if found == "PE":
        header = int.from_bytes(data[_PE_OFFSET : _PE_OFFSET + 4], "little")
        return found if data[header : header + 4] == b"PE\0\0" or b"\0" in data[:_PE_OFFSET] else ""
    if not found and data.removeprefix(b"\xef\xbb\xbf").startswith(b"#!"):
        return SCRIPT
    return found
