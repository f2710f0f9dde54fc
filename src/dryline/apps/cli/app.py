"""The tree of commands."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from dryline._version import __version__
from dryline.apps.cli import (
    advise,
    backtest,
    bench,
    championship,
    charts,
    debrief,
    demo,
    fetch,
    forecast,
    journal,
    library,
    live,
    measured,
    plan,
    report,
    show,
    tables,
    track,
    warm,
)
from dryline.apps.cli.bundles import bundled

app = typer.Typer(
    name="dryline",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Rebuild an endurance race from its official timing; forecast it; say what to do now.\n\n"
        "Start with [bold]dryline demo[/], or open a timing file: "
        "[bold]dryline show 23_Analysis_Race.CSV[/]"
    ),
    epilog="Every command takes --help, with an example. Times are H:MM:SS since the start.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"dryline {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, help="Say more; twice for everything.")
    ] = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("dryline").setLevel(level)


for group in (
    demo,
    show,
    tables,
    measured,
    track,
    forecast,
    advise,
    plan,
    championship,
    charts,
    report,
    debrief,
    backtest,
    bench,
    live,
    warm,
):
    for name, command in group.COMMANDS.items():
        app.command(name, rich_help_panel=group.PANEL)(bundled(command))
app.add_typer(backtest.app, name="backtest", rich_help_panel="Look ahead")
app.add_typer(library.app, name="library")
app.add_typer(fetch.app, name="fetch")
app.add_typer(journal.app, name="journal")
