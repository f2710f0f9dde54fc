"""``dryline library``: races kept on this machine, ready to be asked."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dryline.apps.cli.bundles import SERIES, bundled
from dryline.apps.cli.emit import OutputForm, emit_as, say
from dryline.apps.cli.options import Replace, option

if TYPE_CHECKING:
    from dryline.store.library import Added, Library

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
    as_id: Annotated[str | None, option("--as", "ID", "Library id: series/year/event.")] = None,
    series: Annotated[str | None, typer.Option("--series", metavar=SERIES)] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="YYYY")] = None,
    length: Annotated[str | None, option("--length", "H:MM|LAPS", "Scheduled length.")] = None,
    replace: Replace = False,
) -> None:
    """Add races; a folder is searched for sessions. Adding one twice changes nothing.

    A later version of a session takes the place of an earlier one. Another session under the
    same id is only replaced when told to.

    Example: dryline library add ~/timing/2024 --series wec
    """
    from dryline.apps.cli.progress import steps
    from dryline.domain.errors import BadOption, InputError
    from dryline.engine.claims import claims_in, settle
    from dryline.engine.library import add_race
    from dryline.engine.naming import known_series
    from dryline.engine.race_length import parse_length

    series = None if series is None else known_series(series)
    settled = settle(claims_in(sources), series)
    found = settled.standing
    if as_id is not None and len(found) + len(settled.clashing) != 1:
        raise BadOption(f"--as names one race, and there are {len(found)}")
    refused = list(settled.clashing)
    adding = partial(
        add_race,
        _library(where),
        race_id=as_id,
        series=series,
        year=year,
        length=None if length is None else parse_length(length),
        replacing=replace,
        now=datetime.now(tz=UTC).isoformat(timespec="seconds"),
    )
    for claim in steps(found, "adding races"):
        try:
            added = adding(claim.laps, beside=claim.beside)
        except InputError as error:
            if len(found) == 1 and not refused:
                raise
            refused.append(str(error))
            continue
        say(_added(added, claim.laps))
    for reason in (*settled.superseded, *refused):
        say(f"left out  {reason}", stderr=True)
    if refused:
        raise typer.Exit(2)


def _added(added: Added, laps: Path) -> str:
    line = f"{added.outcome:<9} {added.id}"
    if added.outcome == "kept":
        return f"{line}: it goes further than {laps} (--replace takes that all the same)"
    return line


def list_races(form: OutputForm, where: Where = None) -> None:
    """List the races in the library.

    Example: dryline library list
    """
    from dryline.present.terminal import library_screen

    library = _library(where)
    races, damaged = library.list(), library.unreadable()
    for race_id in damaged:
        say(f"damaged   {race_id}: not in this list; {_rebuild(race_id)}", stderr=True)
    emit_as(
        form,
        json=lambda: {
            "path": str(library.path),
            "races": races.to_dicts(),
            "damaged": list(damaged),
        },
        table=lambda: races,
        screen=lambda width: library_screen.races(races, library.path, width),
    )


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT, in DuckDB's SQL.")],
    form: OutputForm,
    where: Where = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", min=0.1, help="Stop after so long.")
    ] = 60.0,
) -> None:
    """Ask every race at once, in SQL: tables crossings, results, weather, findings, sessions.

    Example: dryline library sql "select race, count(*) from crossings group by race"
    """
    from dryline.present.terminal import library_screen
    from dryline.store.query_bounds import Bounds

    answer = _library(where).sql(query, bounds=Bounds(time_s=time_limit))
    emit_as(
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
    """Read every byte and report what is damaged, and what to do about it.

    Example: dryline library check
    """
    library = _library(where)
    damages = library.check()
    for damage in damages:
        say(str(damage))
    if not damages:
        say(f"sound: {_races(library.list().height)} in {library.path}")
        return
    races = sorted({damage.id for damage in damages if damage.id is not None})
    named = f" of {', '.join(races)}" if races else ""
    files = "1 damaged file" if len(damages) == 1 else f"{len(damages)} damaged files"
    say(f"{files}{named}; {_rebuild(races[0] if len(races) == 1 else '')}")
    raise typer.Exit(2)


@app.command()
def rebuild(
    race: Annotated[
        str | None, typer.Argument(metavar="[RACE]", help="A library id; all when left out.")
    ] = None,
    where: Where = None,
) -> None:
    """Make damaged races whole again, from the original files that the library keeps.

    Example: dryline library rebuild
    """
    from dryline.domain.errors import LibraryError
    from dryline.engine.stored import rebuild_race

    library, lost = _library(where), []
    damaged = library.take_stock()
    for race_id in damaged if race is None else [library.resolve(race)]:
        try:
            rebuild_race(library, race_id)
        except LibraryError as error:
            lost.append(str(error))
            continue
        say(f"rebuilt   {race_id}")
    for reason in lost:
        say(f"lost      {reason}", stderr=True)
    if lost:
        raise typer.Exit(2)
    if race is None and not damaged:
        say(f"sound: {_races(library.list().height)} in {library.path}")


def _races(count: int) -> str:
    return "1 race" if count == 1 else f"{count} races"


def _rebuild(race_id: str) -> str:
    command = f"dryline library rebuild{' ' if race_id else ''}{race_id}"
    return f"`{command}` rebuilds from the originals that are whole; add the rest again"


@app.command()
def path(where: Where = None) -> None:
    """Print the library's folder.

    Example: dryline library path
    """
    typer.echo(str(_library(where).path))
