"""``dryline library``: races kept on this machine, ready to be asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dryline.apps.cli.bundles import bundled
from dryline.apps.cli.emit import Form, emit, say

if TYPE_CHECKING:
    from dryline.store.library import Library

app = typer.Typer(
    no_args_is_help=True,
    help="Races kept on this machine: add them once, open them by id, ask them in SQL.",
)

Where = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="FOLDER",
        envvar="DRYLINE_LIBRARY",
        help="The library's folder; yours by default.",
    ),
]


def _library(where: Path | None) -> Library:
    from dryline.store.library import Library

    return Library(where)


@app.command()
def add(
    sources: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Timing files, or folders of them.")
    ],
    where: Where = None,
    as_id: Annotated[
        str | None, typer.Option("--as", metavar="ID", help="Library id: series/year/event.")
    ] = None,
    series: Annotated[str | None, typer.Option("--series", metavar="wec|imsa")] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="YYYY")] = None,
    length: Annotated[
        str | None, typer.Option("--length", metavar="H:MM|LAPS", help="Scheduled length.")
    ] = None,
) -> None:
    """Add races; a folder is searched for sessions. Adding one twice changes nothing.

    Example: dryline library add ~/timing/2024 --series wec
    """
    from dryline.apps.cli.progress import steps
    from dryline.domain.errors import BadOption, InputError
    from dryline.engine.library import add_race, sessions_below
    from dryline.engine.race_length import parse_length

    found = [session for source in sources for session in sessions_below(source)]
    if as_id is not None and len(found) != 1:
        raise BadOption(f"--as names one race, and there are {len(found)}")
    library, refused = _library(where), []
    said = None if length is None else parse_length(length)
    now = datetime.now(tz=UTC).isoformat(timespec="seconds")
    for session in steps(found, "adding races"):
        try:
            added = add_race(
                library, session, race_id=as_id, series=series, year=year, length=said, now=now
            )
        except InputError as error:
            if len(found) == 1:
                raise
            refused.append(str(error))
            continue
        say(f"{added.outcome:<9} {added.id}")
    for reason in refused:
        say(f"left out  {reason}", stderr=True)
    if refused:
        raise typer.Exit(2)


def list_races(form: Form, where: Where = None) -> None:
    """List the races in the library.

    Example: dryline library list
    """
    from dryline.present.terminal import library_screen

    library = _library(where)
    races = library.list()
    emit(
        form,
        json=lambda: {"path": str(library.path), "races": races.to_dicts()},
        table=lambda: races,
        screen=lambda width: library_screen.races(races, library.path, width),
    )


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT, in DuckDB's SQL.")],
    form: Form,
    where: Where = None,
) -> None:
    """Ask every race at once, in SQL: tables crossings, results, weather, findings, sessions.

    Example: dryline library sql "select race, count(*) from crossings group by race"
    """
    from dryline.present.terminal import library_screen

    answer = _library(where).sql(query)
    emit(
        form,
        json=lambda: {"columns": answer.columns, "rows": answer.rows()},
        table=lambda: answer,
        screen=lambda width: library_screen.any_table(answer, width),
    )


app.command("list")(bundled(list_races))
app.command("sql")(bundled(sql))


@app.command()
def export(
    race: Annotated[str, typer.Argument(metavar="RACE", help="A library id, or a part of one.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write.")],
    form: Annotated[str, typer.Option("--format", metavar="csv|parquet|timing")] = "csv",
    where: Where = None,
) -> None:
    """Write a race's tables as CSV or Parquet, or its timing file as it was.

    Example: dryline library export le-mans-24h out/ --format parquet
    """
    from dryline.engine.library import export_race

    for path in export_race(_library(where), race, folder, form):
        say(f"wrote {path}")


@app.command()
def remove(
    race: Annotated[str, typer.Argument(metavar="RACE", help="A library id, in full.")],
    where: Where = None,
) -> None:
    """Forget a race.

    Example: dryline library remove wec/2024/le-mans-24h
    """
    _library(where).remove(race)
    say(f"removed   {race}")


@app.command()
def check(where: Where = None) -> None:
    """Read every byte and report what is damaged; opening a damaged race rebuilds it.

    Example: dryline library check
    """
    damages = _library(where).check()
    for damage in damages:
        say(str(damage))
    say("sound" if not damages else f"{len(damages)} damaged files")
    if damages:
        raise typer.Exit(2)


@app.command()
def path(where: Where = None) -> None:
    """Print the library's folder.

    Example: dryline library path
    """
    typer.echo(str(_library(where).path))
