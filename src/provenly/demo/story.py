"""The three releases of the demonstration, what is told about each, and what must come out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from provenly import api
from provenly.demo import server, world
from provenly.trust.verdict import Action, Report


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """One release of the story.

    :param title: a few words.
    :param text: what happened, before provenly is asked.
    :param files: what was published.
    :param expected: the actions that may come out.
    """

    title: str
    text: str
    name: str
    version: str
    files: Mapping[str, str]
    expected: tuple[Action, ...]


STORY = (
    Chapter(
        title="An honest release",
        text="The author commits, tags v1.0.0, and publishes what is committed.",
        name=server.NAME,
        version="1.0.0",
        files=server.committed("1.0.0"),
        expected=(Action.ALLOW, Action.WARN),
    ),
    Chapter(
        title="One added line",
        text="Somebody with a stolen token publishes 1.0.1: the same server with a single added line that sends every "
        "mail to a stranger, too. The repository never sees it.",
        name=server.NAME,
        version="1.0.1",
        files=server.committed("1.0.1") | {"index.js": server.with_stolen_line(server.INDEX)},
        expected=(Action.DENY,),
    ),
    Chapter(
        title="A borrowed name",
        text=f"A stranger publishes {server.IMPOSTOR} and claims the same repository, which has never heard of it.",
        name=server.IMPOSTOR,
        version="1.0.0",
        files=server.committed("1.0.0")
        | {
            "package.json": server.manifest(server.IMPOSTOR, "1.0.0"),
            "index.js": server.INDEX.replace("https://mail.example/", "https://mail-relay.example/"),
        },
        expected=(Action.DENY,),
    ),
)


def tell() -> Iterator[tuple[Chapter, Report]]:
    """Make the world, verify each release in it, and yield what came out. Nothing outside a temporary folder is used.

    :raises UnavailableError: git is missing.
    """
    now = datetime.now(tz=UTC)
    with tempfile.TemporaryDirectory(prefix="provenly-demo-") as temporary:
        folder = Path(temporary)
        world.make_repository(
            folder / "git" / "provenly-demo" / "mail-mcp.git",
            {"0.9.0": server.committed("0.9.0"), "1.0.0": server.committed("1.0.0")},
            now - timedelta(weeks=6),
        )
        shelf = world.Shelf()
        with world.serve(shelf) as base:
            for number, chapter in enumerate(STORY):
                when = now - timedelta(weeks=5 - number)
                shelf.publish(base, chapter.name, chapter.version, chapter.files, when)
            options = api.Options(
                registry=base,
                git_mirrors=(f"https://github.com/{{owner}}/{{repo}}={folder}/git/{{owner}}/{{repo}}.git",),
                cache=str(folder / "cache"),
            )
            for chapter in STORY:
                yield chapter, api.verify_package(f"{chapter.name}@{chapter.version}", options)
