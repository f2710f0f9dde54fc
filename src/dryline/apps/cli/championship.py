"""``standings``, ``points`` and ``ledger``: who scores what, who must drive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from dryline.apps.cli.bundles import RaceSource, bundled
from dryline.apps.cli.emit import Form, emit
from dryline.apps.cli.show import Decisions, read_decisions

if TYPE_CHECKING:
    import polars as pl

    from dryline.engine.championship import WhatIf
    from dryline.rules.season import Season
    from dryline.rules.standings import StandingsTable

Rules = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="Your own rule values over the shipped (TOML)."),
]


def register(app: typer.Typer) -> None:
    """Add the commands in the order in which the help lists them."""
    for command in (standings, points, ledger, penalties):
        app.command(rich_help_panel="Championship and rules")(bundled(command))


def standings(
    season: Annotated[
        str, typer.Argument(metavar="SEASON", help="A shipped season (wec/2024), or a season file.")
    ],
    form: Form,
    after: Annotated[
        int | None, typer.Option("--after", metavar="ROUND", help="After this round.")
    ] = None,
    if_it_ended_at: Annotated[
        str | None,
        typer.Option("--if-it-ended-at", metavar="RACE@T", help="As if this race ended then."),
    ] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="What the round changed, in words.")
    ] = False,
    title: Annotated[
        bool, typer.Option("--title", help="Who can still win each table, exactly.")
    ] = False,
    everybody: Annotated[bool, typer.Option("--all", help="Every row, not the first ten.")] = False,
    decisions: Decisions = None,
    rules: Rules = None,
) -> None:
    """The championship tables, as the federation publishes them.

    Example: dryline standings wec/2024 --after 2
    """
    from dryline.engine.championship import open_season, season_tables
    from dryline.present.terminal import championship_screen
    from dryline.rules.standings import as_contract

    opened = open_season(season, rules)
    ended = None if if_it_ended_at is None else _what_if(if_it_ended_at, decisions)
    tables = season_tables(opened, after, ended)
    number = _round(opened, after, ended)
    simulated = ended is not None and ended.race.info.simulated
    if changes:
        _changes(opened, tables, number, form)
        return
    if title:
        _title(opened, after, form)
        return
    when = "if it had ended then:" if ended else "after"
    heading = f"{opened.text.title}, {when} round {number}, {opened.round(number).name}"
    heading += " (SIMULATED)" if simulated else ""
    emit(
        form,
        json=lambda: {**as_contract(tables), "round": number, "simulated": simulated},
        table=lambda: _flat(tables),
        screen=lambda width: championship_screen.standings(
            tables, heading, width, None if everybody else 10
        ),
    )


def _round(season: Season, after: int | None, ended: WhatIf | None) -> int:
    """The round that the tables stand after: the what-if's own, where the season links it."""
    if ended is None:
        return season.last_round if after is None else after
    if after is not None:
        return after + 1
    event = ended.race.info.event
    linked = (each.round for each in season.text.rounds if event and each.event == event)
    return next(linked, season.last_round + 1)


def _what_if(text: str, decisions: Path | None) -> WhatIf:
    from dryline.engine.championship import WhatIf, split_what_if

    source, at = split_what_if(text)
    race = RaceSource(race=source, at=at).open()
    return WhatIf(race, race.instant(at), tuple(read_decisions(decisions, source)))


def _changes(season: Season, tables: tuple[StandingsTable, ...], number: int, form: Form) -> None:
    import polars as pl

    from dryline.engine.championship import season_tables
    from dryline.present.terminal import championship_screen
    from dryline.rules.changes import standings_changes

    earlier = {table.title: table for table in season_tables(season, number - 1)}
    lines = {
        table.title: standings_changes(earlier[table.title], table)
        for table in tables
        if table.title in earlier
    }
    heading = f"What round {number} changed: {season.round(number).name}"
    rows = [{"title": name, "change": line} for name, said in lines.items() for line in said]
    emit(
        form,
        json=lambda: {"round": number, "changes": lines},
        table=lambda: pl.DataFrame(rows, schema={"title": pl.String, "change": pl.String}),
        screen=lambda width: championship_screen.changes(lines, heading),
    )


def _title(season: Season, after: int | None, form: Form) -> None:
    import polars as pl

    from dryline.present.terminal import championship_screen
    from dryline.rules.title import title_arithmetic

    chances = [title_arithmetic(season, rule.title, after) for rule in season.book.text.tables]
    plain: list[dict[str, Any]] = [msgspec.to_builtins(each) for each in chances]
    rows = [{"title": each["title"], **row} for each in plain for row in each["chances"]]
    emit(
        form,
        json=lambda: {"titles": plain},
        table=lambda: pl.DataFrame(rows),
        screen=lambda width: championship_screen.title(chances, width),
    )


def points(
    source: RaceSource,
    form: Form,
    decisions: Decisions = None,
    rules: Rules = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every row, not the first ten.")] = False,
) -> None:
    """What one race alone pays, per class and table; pole and qualifying are not in the timing.

    Example: dryline points imsa/2024/12-watkins-glen-international --decisions stewards.csv
    """
    from dryline.engine.championship import race_points
    from dryline.present.contract import named
    from dryline.present.terminal import championship_screen, words
    from dryline.rules.standings import as_contract

    race = source.open()
    tables = race_points(race, read_decisions(decisions, source.race), rules)
    heading = f"{words.race_name(race.info)}: what this race pays"
    emit(
        form,
        json=lambda: {**named(race), **as_contract(tables)},
        table=lambda: _flat(tables),
        screen=lambda width: championship_screen.standings(
            tables, heading, width, None if everybody else 10
        ),
    )


def ledger(
    source: RaceSource,
    form: Form,
    car: Annotated[str | None, typer.Option("--car", metavar="N", help="Only this car.")] = None,
    car_class: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Only this class.")
    ] = None,
    rules: Rules = None,
) -> None:
    """Who has driven how long, who must still get in and by when, who may no longer.

    Limits that need a rating which nobody has stated, or that are not sourced for the season,
    are said to be unknown; --rules gives your own.

    Example: dryline ledger wec/2025/imola_6h.csv --at 4:00:00 --car 31
    """
    from dryline.apps.cli.opening import known_class
    from dryline.engine.championship import ledger as account_at
    from dryline.present.contract import named
    from dryline.present.terminal import championship_screen, words

    race = source.open()
    account = account_at(race.moment(source.at), rules)
    only_class = None if car_class is None else known_class(race, car_class)
    only_car = None if car is None else race.known_car(car)
    rows = [
        row
        for row in account.rows
        if only_car in (None, row.car_number) and only_class in (None, row.car_class)
    ]
    emit(
        form,
        json=lambda: {**named(race), **_ledger_object(account, rows)},
        table=lambda: _ledger_table(rows),
        screen=lambda width: championship_screen.ledger(
            account, words.race_name(race.info), rows, width
        ),
    )


def penalties(
    source: RaceSource, form: Form, decisions: Decisions = None, rules: Rules = None
) -> None:
    """What the stewards' decisions change, what is still to be served, what the timing shows.

    Speeding in the pit lane and overtaking under yellow cannot be seen in timing.

    Example: dryline penalties 23_Analysis_Race.CSV --decisions stewards.csv
    """
    from dryline.engine.penalties import penalties_of
    from dryline.present.contract import named
    from dryline.present.terminal import penalties_screen, words

    race = source.open()
    moment = race.moment(source.at)
    found = penalties_of(moment, tuple(read_decisions(decisions, source.race)), rules)
    emit(
        form,
        json=lambda: {**named(race), **msgspec.to_builtins(found)},
        table=found.table,
        screen=lambda width: penalties_screen.screen(
            found.changed,
            found.pending,
            found.candidates,
            found.unseen,
            penalties_screen.heading(words.race_name(race.info), moment.at_ms),
            width,
        ),
    )


def _ledger_object(account: msgspec.Struct, rows: list[Any]) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(account)
    plain["rows"] = [msgspec.to_builtins(row) for row in rows]
    return plain


def _ledger_table(rows: list[Any]) -> pl.DataFrame:
    import polars as pl

    plain = [msgspec.to_builtins(row) for row in rows]
    for row in plain:
        row["alarms"] = "; ".join(alarm["words"] for alarm in row["alarms"])
    return pl.DataFrame(plain, infer_schema_length=None)


def _flat(tables: tuple[StandingsTable, ...]) -> pl.DataFrame:
    import polars as pl

    rows = [
        {
            "title": table.title,
            "position": row.position,
            "car_number": row.car_number,
            "names": list(row.names),
            "points": row.points,
            "wins": row.wins,
        }
        for table in tables
        for row in table.rows
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "title": pl.String, "position": pl.Int32, "car_number": pl.String,
        "names": pl.List(pl.String), "points": pl.Float64, "wins": pl.Int32,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
