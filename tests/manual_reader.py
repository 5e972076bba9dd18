"""A reader of the manual: somebody at a shell, in a world where the packages and hosts of the manual exist."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.attested_world import Attested
from tests.manual import PAGES, blocks, plain
from tests.simulator.registry import Registry, make_tarball
from tests.simulator.sigstore.instance import dump
from tests.simulator.sigstore.predicates import HONEST
from tests.simulator.tls import Authority
from tests.world import INDEX, NAME, World, files

COMPANY = "npm.acme.example"
ENTRANCE = "from provenly.cli.main import run; run()"
SCRIPT = """\
#!/bin/bash
# What a reader calls provenly: the real one, led into the world of the test unless the command says where to look.
more=()
case $1 in
  verify-attestations)
    more+=(--registry {registry})
    ;;
  verify | sbom | diff)
    [[ $* == *--registry* || $* == *--npmrc* ]] || more+=(--registry {registry})
    [[ $* == *--git-mirror* ]] || more+=(--git-mirror '{mirror}')
    ;;
esac
exec {python} -c "{entrance}" "$@" "${{more[@]}}"
"""
SEPARATOR = "\x1e"


class Reader:
    """A reader of the manual at a shell, in a world where the packages and hosts of the manual exist."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder = folder / "work"
        self.home = folder / "home"
        self.world = world
        self.folder.mkdir()
        self.home.mkdir()
        stolen = files("1.0.1") | {"index.js": INDEX.replace("  Subject", '  Bcc: "phan@giftshop.example",\n  Subject')}
        world.release("1.0.0")
        world.publish("1.0.1", stolen)
        world.registry.tag(NAME, "latest", "1.0.0")
        (self.folder / "mail-mcp-1.0.0.tgz").write_bytes(make_tarball(files()))
        (self.folder / "mail-mcp-1.0.1.tgz").write_bytes(make_tarball(stolen))
        self._attest()
        self._make_key()
        authority = Authority(folder)
        self.company = Registry(tls=authority.server("127.0.0.1"))
        for at in (self.folder, self.home):
            (at / "acme-ca.pem").write_text(authority.pem)

    def __enter__(self) -> Self:
        self.company.__enter__()
        self.company.publish(NAME, "1.0.0", make_tarball(files()))
        for page in PAGES:
            for block in blocks(page):
                if block.mark.startswith("file: "):
                    self.write(block.mark.removeprefix("file: "), block.text)
        script = self.folder.parent / "bin" / "provenly"
        script.parent.mkdir()
        registry, mirror = self.world.registry.url, self.world.forge.mirror_option()
        script.write_text(SCRIPT.format(python=sys.executable, entrance=ENTRANCE, registry=registry, mirror=mirror))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return self

    def __exit__(self, *_: object) -> None:
        self.company.__exit__(None, None, None)

    def _attest(self) -> None:
        """Write what the manual's release workflow would have left: attestations, a bundle, and whose keys to trust."""
        signed = Attested(self.world)
        target, tip = signed.target(), self.world.repository.tip()
        provenance = signed.instance.provenance(target, replace(HONEST, commit=tip))
        documents = {
            "attestations.json": signed.instance.document(signed.publish(target), provenance),
            "mail-mcp-1.0.0.sigstore.json": dump(provenance["bundle"]),
            "demo-root.json": dump(signed.instance.trusted_root()),
            "demo-keys.json": dump(signed.instance.npm_keys()),
        }
        for name, data in documents.items():
            (self.folder / name).write_bytes(data)

    def _make_key(self) -> None:
        """Write the verifier's key, as the manual has the reader make it with OpenSSL, which not every machine has."""
        private = ec.generate_private_key(ec.SECP256R1())
        secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (self.folder / "verifier.pem").write_bytes(secret)
        (self.folder / "verifier.pub").write_bytes(public)

    @property
    def names(self) -> dict[str, str]:
        return {
            self.company.url: f"https://{COMPANY}",
            self.world.registry.url: "https://registry.npmjs.org",
            str(self.world.forge.root): "/srv/git",
        }

    def write(self, name: str, text: str) -> None:
        """Write a file that the manual shows."""
        place = self.home / name[2:] if name.startswith("~/") else self.folder / name
        place.write_text(self.here(text))

    def here(self, text: str) -> str:
        """Return text of the manual with the hosts and folders that this world has in their place."""
        text = text.replace(f"//{COMPANY}/", f"//{self.company.url.removeprefix('https://')}/")
        return text.replace(f"https://{COMPANY}", self.company.url).replace("/srv/git", str(self.world.forge.root))

    def type(self, commands: list[str]) -> list[str]:
        """Run commands in one shell and return what each wrote."""
        lines = [f"{self.here(command)} 2>&1\ncode=$?; printf '{SEPARATOR}'; (exit $code)" for command in commands]
        done = subprocess.run(
            ["/bin/bash", "-c", "\n".join(lines)],
            cwd=self.folder,
            env={
                "PATH": f"{self.folder.parent / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.home),
                "PROVENLY_CACHE": str(self.folder.parent / "cache"),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.stderr == ""
        return [plain(output, self.names) for output in done.stdout.split(SEPARATOR)[:-1]]
