"""``provenly trust``: what is believed from the start, and refreshing it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from provenly.cli import options as given
from provenly.trust.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from provenly.verify.anchor_update import Updated

app = typer.Typer(help="Show and refresh what is trusted from the start.", no_args_is_help=True, rich_markup_mode=None)

EXIT_UNAVAILABLE = 3
"""As hold: something could not be looked at."""


@app.command("show", short_help="Show what a verification would trust.")
def show(
    *,
    trusted_root: given.TrustedRoot = "",
    npm_keys: given.NpmKeys = "",
    form: given.AnswerForm = given.Form.TEXT,
) -> int:
    """Show which logs, authorities and keys a verification would trust, and where they come from.

    Exit codes: 0 shown, 2 a file is no such document, 3 the refreshed copies are damaged.
    """
    from provenly.cli import trust_show
    from provenly.cli.streams import complain, put
    from provenly.trust.roots import embedded
    from provenly.trust.roots.npm_keys import load as load_keys
    from provenly.trust.roots.trusted_root import load as load_root
    from provenly.verify import anchors

    using = anchors.opened(None, trusted_root=trusted_root, npm_keys=npm_keys)
    now = datetime.now(tz=UTC)
    try:
        root = load_root(using.trusted_root())
        keys = load_keys(using.registry_keys(embedded.NPM_REGISTRY), "" if npm_keys else embedded.NPM_REGISTRY)
    except UnavailableError as error:
        complain(error)
        return EXIT_UNAVAILABLE
    notes = using.notes(now)
    as_json = form is given.Form.JSON
    text = trust_show.as_json(root, keys, notes) if as_json else trust_show.as_text(root, keys, notes, now)
    put(text, exact=as_json)
    return 0


@app.command("update", short_help="Refresh what is trusted, through TUF.")
def update(  # noqa: PLR0913 - one parameter an option
    *,
    tuf_url: Annotated[
        str, typer.Option(metavar="URL", help="The TUF repository of a private Sigstore instance.", show_default=False)
    ] = "",
    tuf_root: Annotated[
        str,
        typer.Option(metavar="FILE", help="The TUF root to start from; needed for a --tuf-url.", show_default=False),
    ] = "",
    npmrc: given.Npmrc = [],  # noqa: B006 - typer copies it
    ca_file: given.CaFile = "",
    offline: given.Offline = False,
    quiet: given.Quiet = False,
) -> int:
    """Refresh Sigstore's trusted root and npm's keys, through The Update Framework.

    Exit codes: 0 refreshed, 2 the request makes no sense, 3 a document that verifies could not be had, and stays as it
    was; the other one is refreshed where that says so.
    """
    from provenly.cli.output import wants_colour
    from provenly.cli.progress import progress
    from provenly.cli.streams import complain, say
    from provenly.trust.roots.embedded import PUBLIC_URL
    from provenly.trust.roots.refresh import UNCHANGED
    from provenly.verify import anchor_update, surroundings
    from provenly.verify.anchor_store import AnchorStore
    from provenly.verify.anchors import NAMES
    from provenly.verify.tarball.local_files import read_local

    if offline:
        raise UsageError(
            "trust update is about the network, and --offline forbids it",
            code="OPTION_CONFLICT",
            hint="Without a network, verify goes by what was refreshed before, or by --trusted-root and --npm-keys.",
        )
    way = surroundings.configured(surroundings.Surroundings(npmrc=tuple(npmrc), ca_file=ca_file))
    bootstrap = read_local(tuf_root, max_bytes=anchor_update.MAX_ROOT) if tuf_root else None
    teller, spinner = progress(quiet=quiet, colour=wants_colour(no_color=False))
    try:
        done = anchor_update.update(
            AnchorStore(AnchorStore.default_root()),
            url=tuf_url or PUBLIC_URL,
            bootstrap=bootstrap,
            way=way,
            now=datetime.now(tz=UTC).replace(microsecond=0),
            progress=teller,
        )
    except UnavailableError as error:
        complain(error)
        return EXIT_UNAVAILABLE
    finally:
        if spinner:
            spinner.stop()
    for note in done.notes:
        say(f"note: {note.text} [{note.code}]")
    if not quiet:
        _tell(done)
    for name, why in done.refused.items():
        # The documents do not hang together: what was had is refreshed all the same, and said above.
        hint = why.hint.removeprefix(UNCHANGED).strip()
        complain(UnavailableError(f"not refreshed: {NAMES[name]}: {why.message}", code=why.code, hint=hint))
    return EXIT_UNAVAILABLE if done.refused else 0


def _tell(done: Updated) -> None:
    """Say what changed, a document a line, and where it came from."""
    from provenly.cli.streams import put
    from provenly.trust.text import show as shown
    from provenly.verify.anchors import NAMES

    lines = []
    for change in done.changes:
        name = NAMES[change.entry.name]
        state = "changed" if change.changed else "unchanged"
        lines.append(shown(f"{name}: {state}, sha256 {change.entry.sha256}"))
    last = done.changes[0].entry
    lines.append(shown(f"from {last.url}, TUF root {last.root_version}, good until {last.expires:%Y-%m-%d}"))
    put("\n".join(lines) + "\n", exact=False)
