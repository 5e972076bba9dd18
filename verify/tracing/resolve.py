"""What a name in a source file stands for: the declaration it leads to, through imports and re-exports.

Modules are found as bundlers find them, but for packages: which file of a package its name leads to depends on
conditions that only its builder knows, so every file of it may be the one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from provenly.verify.tracing.entries import led
from provenly.verify.tracing.index import Index
from provenly.verify.tracing.prints import Ref, RefKind

BUNDLER: Final = "*"
"""The owner of helpers that bundlers add."""

WHOLE: Final = "*"
DEFAULT: Final = "default"

MAX_STEPS: Final = 40
"""Re-exports that are followed one after the other."""

_SHORT: Final = ("@/", "~/", "~", "#")
"""What paths that a configuration shortens begin with."""

_EXTENSIONS: Final = ("", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json")
_REPLACED: Final = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}

Key: TypeAlias = tuple[str, str]
"""A file: its owner and its path."""


class Entity(NamedTuple):
    """What a name stands for in the end.

    :param file: the file that declares it; ``None`` for what stays outside of the bundle.
    :param module: the specifier of what stays outside.
    :param name: its name there; ``*`` for the module as a whole.
    """

    file: Key | None
    module: str
    name: str


class Resolver:
    """Follows names through the files of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._named: dict[str, Mapping[str, set[Key]]] = {}
        self._short: dict[str, tuple[Key, ...]] = {}
        self._paths: dict[tuple[str, str], tuple[Key, ...]] = {}
        self._led: dict[str, tuple[Key, ...]] = {}
        self._known: dict[tuple[Key, str, str], frozenset[Entity]] = {}

    def fits(self, entity: Entity, at: Key, ref: Ref) -> bool:
        """Whether a reference of a source file can be what a bundle's name stands for."""
        if ref.kind is RefKind.LOCAL:
            if at[0] == BUNDLER:
                return entity.file is not None and entity.file[0] == BUNDLER and entity.name == ref.name
            return entity in self.own(at, ref.name)
        if ref.kind is not RefKind.IMPORTED:
            return False
        if entity.file is None:
            direct = builtin(ref.module) == builtin(entity.module) and ref.name == entity.name
            return direct or entity in self.imported(at, ref.module, ref.name)
        if entity in self.imported(at, ref.module, ref.name):
            return True
        return self._in_repository(entity, at, ref)

    def meanings(self, at: Key, ref: Ref) -> frozenset[Entity]:
        """Return what a reference of a source file may stand for."""
        if ref.kind is RefKind.IMPORTED:
            return self.imported(at, ref.module, ref.name)
        return self.own(at, ref.name)

    def own(self, at: Key, name: str) -> frozenset[Entity]:
        """Return what a name that a file declares may stand for: itself, or what it only passes on."""
        return frozenset({Entity(at, "", name)})

    def imported(self, at: Key, module: str, name: str) -> frozenset[Entity]:
        """Return what ``name`` of ``module`` stands for, as seen from a file."""
        known = self._known.get((at, module, name))
        if known is None:
            self._known[at, module, name] = frozenset()  # whoever comes by here again goes in circles
            known = frozenset(self._imported(at, module, name, 0))
            self._known[at, module, name] = known
        return known

    def gives(self, file: Key, name: str) -> frozenset[Entity]:
        """Return what a file gives under a name."""
        known = self._known.get((file, "", name))
        if known is None:
            known = self._known[file, "", name] = frozenset(self._exported(file, name, 0))
        return known

    def modules(self, at: Key, module: str) -> tuple[Key, ...]:
        """Return the files that a specifier can lead to, where it is a path."""
        owner, path = at
        if not module.startswith("."):
            return self._shortened(owner, module)
        base = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
        found = self._paths.get((owner, base))
        if found is None:
            found = tuple(one for one in self._spellings(owner, base) if one in self._index.by_path)
            self._paths[owner, base] = found
        return found

    def _shortened(self, owner: str, module: str) -> tuple[Key, ...]:
        """Return the sources that a path like ``@/tools/search`` can be, which the project's configuration explains."""
        if owner or not module.startswith(_SHORT):
            return ()
        tail = module.lstrip("@~#").lstrip("/")
        if tail not in self._short:
            spelled = {path for _, path in self._spellings("", tail)}
            self._short[tail] = tuple(
                key
                for key in self._index.by_path
                if not key[0] and any(f"/{key[1]}".endswith(f"/{one}") for one in spelled)
            )
        return self._short[tail]

    def _spellings(self, owner: str, base: str) -> Iterator[Key]:
        for extension in _EXTENSIONS:
            yield owner, base + extension
        stem, extension = posixpath.splitext(base)
        for other in _REPLACED.get(extension, ()):
            yield owner, stem + other
        for extension in _EXTENSIONS[1:]:
            yield owner, posixpath.join(base, f"index{extension}")

    def _imported(self, at: Key, module: str, name: str, steps: int) -> Iterator[Entity]:
        if steps > MAX_STEPS:
            return
        if not module.startswith("."):
            yield Entity(None, builtin(module), name)
        for file in self.modules(at, module):
            yield from self._exported(file, name, steps)
        if not module.startswith("."):
            for file in self._entries(module):
                yield from self._exported(file, name, steps + 1)

    def _entries(self, module: str) -> tuple[Key, ...]:
        """Return the files of packages that a specifier leads to, under whatever conditions."""
        found = self._led.get(module)
        if found is None:
            name = package_name(module)
            owners = [owner for owner in self._index.manifests if owner.rpartition("@")[0] == name]
            found = self._led[module] = tuple(
                (owner, path)
                for owner in owners
                for path in led(self._index.manifests[owner], module[len(name) + 1 :])
                if (owner, path) in self._index.by_path
            )
        return found

    def _exported(self, file: Key, name: str, steps: int) -> Iterator[Entity]:
        """Yield what a file gives under a name."""
        if steps > MAX_STEPS:
            return
        if "." in name:
            yield from self._inside(file, name, steps)
            return
        yield Entity(file, "", name) if name == WHOLE else Entity(file, "exports", name)
        prints = self._index.prints(self._index.by_path[file][0])
        if name == DEFAULT:
            yield Entity(file, "", DEFAULT)
        for number in prints.exported.get(name, ()):
            ref = prints.refs[number]
            if ref.kind is RefKind.LOCAL:
                yield Entity(file, "", ref.name)
            elif ref.kind is RefKind.IMPORTED:
                yield from self._imported(file, ref.module, ref.name, steps + 1)
        for exported, module, there in prints.raw["passed"]:
            if exported == name:
                yield from self._imported(file, module, there, steps + 1)
            elif exported == WHOLE and name != DEFAULT:
                yield from self._imported(file, module, name, steps + 1)

    def _inside(self, file: Key, name: str, steps: int) -> Iterator[Entity]:
        """Yield what a file gives under a name of another module that it gives as a whole: ``util.x``."""
        space, _, rest = name.partition(".")
        prints = self._index.prints(self._index.by_path[file][0])
        refs = [prints.refs[number] for number in prints.exported.get(space, ())]
        wholes = [ref.module for ref in refs if ref.kind is RefKind.IMPORTED and ref.name == WHOLE]
        for exported, module, there in prints.raw["passed"]:
            if exported == space and there == WHOLE:
                wholes.append(module)
            elif exported == WHOLE:
                yield from self._imported(file, module, name, steps + 1)
        for module in wholes:
            yield from self._imported(file, module, rest, steps + 1)

    def _in_repository(self, entity: Entity, at: Key, ref: Ref) -> bool:
        """Whether something that the repository declares is exported under a name that is asked of a package.

        Which of its folders a package is in, its manifests and configurations say in more ways than are followed here.
        """
        assert entity.file is not None  # noqa: S101 - the caller has looked
        owner, _ = entity.file
        if ref.module.startswith("."):
            return False
        if owner or at[0] or ref.module.startswith(_SHORT) or self._entries(ref.module):
            return False  # followed already
        if entity.name == WHOLE and ref.name != WHOLE:
            return entity.file in self._wholes(owner).get(ref.name, ())
        return ref.name in {WHOLE, entity.name} or ref.name in self._names(entity)

    def _wholes(self, owner: str) -> Mapping[str, set[Key]]:
        """Return the names under which files of a package pass on another file as a whole."""
        if owner not in self._named:
            found: dict[str, set[Key]] = {}
            for file, numbers in self._index.by_path.items():
                if file[0] != owner:
                    continue
                prints = self._index.prints(numbers[0])
                passed = [(name, module) for name, module, there in prints.raw["passed"] if there == WHOLE]
                for name, refs in prints.exported.items():
                    passed += [(name, prints.refs[ref].module) for ref in refs if prints.refs[ref].name == WHOLE]
                for name, module in passed:
                    found.setdefault(name, set()).update(self.modules(file, module))
            self._named[owner] = found
        return self._named[owner]

    def _names(self, entity: Entity) -> set[str]:
        """Return the names under which something is exported by its file."""
        assert entity.file is not None  # noqa: S101 - as above
        prints = self._index.prints(self._index.by_path[entity.file][0])
        found = set()
        for name, numbers in prints.exported.items():
            for number in numbers:
                ref = prints.refs[number]
                if ref.kind is RefKind.LOCAL and ref.name == entity.name:
                    found.add(name)
        return found


def builtin(module: str) -> str:
    """Return a specifier without the scheme of Node.js' own modules."""
    return module.removeprefix("node:")


def package_name(module: str) -> str:
    """Return the package that a specifier begins with."""
    parts = module.split("/")
    return "/".join(parts[:2]) if module.startswith("@") else parts[0]
