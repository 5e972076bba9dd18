"""Git repositories that tests write: bare, made with git's own plumbing, with fixed dates and identities.

Commit ids are the same on every run, and the user's git configuration is never read.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

GIT: Final = "/usr/bin/git" if Path("/usr/bin/git").exists() else "git"
EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The date of the first commit where a test names none; each further one is an hour later."""


def environment(config: Path | str = os.devnull) -> dict[str, str]:
    """Return the environment of every git process of the simulator: nothing of the user's, and a fixed identity."""
    names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _IDENTITY}
    return names | {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(config),
    }


_IDENTITY: Final = (("NAME", "A Maintainer"), ("EMAIL", "maintainer@example.org"))


def packet(data: bytes) -> bytes:
    """Return ``data`` as one pkt-line (gitprotocol-common)."""
    return b"%04x" % (len(data) + 4) + data


@dataclass(kw_only=True)
class WorkRepo:
    """A repository that a test writes.

    :param path: the bare repository.
    :param owner: of the repository on the forge.
    :param name: of the repository on the forge.
    """

    path: Path
    owner: str
    name: str
    config: Path
    clock: Iterator[datetime] = field(default_factory=lambda: (EPOCH + timedelta(hours=n) for n in range(1_000_000)))

    @property
    def url(self) -> str:
        """The canonical URL under which packages claim this repository."""
        return f"https://github.com/{self.owner}/{self.name}"

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git in the repository and return its output without the newline at its end."""
        done = subprocess.run(
            [GIT, f"--git-dir={self.path}", *arguments],
            input=stdin,
            capture_output=True,
            env=environment(self.config),
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"git {arguments} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def commit(  # noqa: PLR0913 - everything after the message is optional
        self,
        files: Mapping[str, str | bytes | None],
        message: str = "change",
        *,
        date: datetime | None = None,
        ref: str = "refs/heads/main",
        parents: Sequence[str] | None = None,
        modes: Mapping[str, str] | None = None,
    ) -> str:
        """Commit changes on top of ``ref`` and return the commit's id.

        :param files: path → new content; ``None`` deletes the file.
        :param ref: the full name of the ref to advance; it is made where it does not exist.
        :param parents: other parents than the tip of ``ref``.
        :param modes: path → mode (``100755``, ``120000``, ``160000`` with a commit id as content).
        """
        when = int((date or next(self.clock)).timestamp())
        text = message.encode()
        stream = [b"commit %s\nmark :1\n" % ref.encode()]
        stream += [b"%s %s %d +0000\n" % (who, _WHO, when) for who in (b"author", b"committer")]
        stream.append(b"data %d\n%s\n" % (len(text), text))
        if parents is None:
            parents = [self.tip(ref)] if self.tip(ref) else []
        stream += [b"%s %s\n" % (b"merge" if n else b"from", parent.encode()) for n, parent in enumerate(parents)]
        for path, content in files.items():
            quoted = b'"%s"' % path.encode("utf-8", "surrogateescape").replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            quoted = quoted.replace(b"\n", b"\\n")
            data = content.encode() if isinstance(content, str) else content
            mode = (modes or {}).get(path, "100644").encode()
            if data is None:
                stream.append(b"D %s\n" % quoted)
            elif mode == b"160000":
                stream.append(b"M 160000 %s %s\n" % (data, quoted))
            else:
                stream.append(b"M %s inline %s\ndata %d\n%s\n" % (mode, quoted, len(data), data))
        stream.append(b"get-mark :1\n")
        return self.git("fast-import", "--quiet", "--force", stdin=b"".join(stream))

    def tip(self, ref: str = "refs/heads/main") -> str:
        """Return the object that a ref names, or an empty string."""
        return self.git("for-each-ref", "--format=%(objectname)", ref)

    def branch(self, name: str, commit: str = "") -> None:
        """Make or move a branch."""
        self.ref(f"refs/heads/{name}", commit)

    def ref(self, name: str, commit: str = "") -> None:
        """Make or move any ref, by its full name."""
        self.git("update-ref", name, commit or self.tip())

    def tag(self, name: str, *, commit: str = "", annotated: bool = False, own_name: str = "") -> str:
        """Make or move a tag and return the object that it names.

        :param annotated: whether it is an object of its own, rather than a name of the commit.
        :param own_name: the name inside the annotated tag where that is not the ref's.
        """
        target = commit or self.tip()
        if annotated:
            kind = self.git("cat-file", "-t", target)
            when = int(next(self.clock).timestamp())
            head = f"object {target}\ntype {kind}\ntag {own_name or name}\ntagger {_WHO.decode()} {when} +0000"
            target = self.object("tag", f"{head}\n\nrelease\n".encode())
        self.ref(f"refs/tags/{name}", target)
        return target

    def object(self, kind: str, data: bytes) -> str:
        """Write an object as it is, however ill-formed, and return its id."""
        return self.git("hash-object", "-w", "-t", kind, "--literally", "--stdin", stdin=data)

    def tree_object(self, entries: Sequence[tuple[str, bytes, str]]) -> str:
        """Write a tree of ``(mode, name, id)`` exactly in this order and return its id."""
        rows = [mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries]
        return self.object("tree", b"".join(rows))

    def commit_tree(self, tree: str, *, ref: str = "refs/heads/main", parent: str = "") -> str:
        """Commit a tree that exists and set ``ref`` to the commit."""
        when = int(next(self.clock).timestamp())
        who = f"{_WHO.decode()} {when} +0000"
        head = f"tree {tree}\n" + (f"parent {parent}\n" if parent else "")
        commit = self.object("commit", f"{head}author {who}\ncommitter {who}\n\nchange\n".encode())
        self.ref(ref, commit)
        return commit

    def packed_ref(self, name: bytes, commit: str) -> None:
        """Add a ref with a name that git would not make, straight into ``packed-refs``."""
        with (self.path / "packed-refs").open("ab") as file:
            file.write(commit.encode() + b" " + name + b"\n")


_WHO: Final = b"A Maintainer <maintainer@example.org>"
