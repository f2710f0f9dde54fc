"""The command that draws: one chart of a race, or of a season's table, to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import say
from dryline.apps.cli.options import CarClass, flag, option
from dryline.domain.errors import BadOption, UnreadableFile, writing

if TYPE_CHECKING:
    import polars as pl

    from dryline.present.charts.of_race import Asked
    from dryline.race.race import Race

FORMS = (".svg", ".png", ".json", ".html")
FROM_THE_TRACK = {"wetness", "crossover"}
"""Charts that are nothing without an estimate of the track."""
CHAMPIONSHIP = "championship"

Table = Annotated[
    list[str] | None,
    option(
        "--table",
        "NAME=FILE",
        "A table of your own (CSV, Parquet): samples, tyre_changes, wet, win_probability, "
        "estimates, stint_tyres, stint_forecast, pit_loss, movement.",
    ),
]

Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="pace, laps, best-laps, slope, wetness, crossover, stints, gap, positions, "
        "class-positions, trace, pits, win, championship.",
        show_default=False,
    ),
]
Highlighted = Annotated[
    list[str] | None, option("--car", "N", "Highlight this car; again for more, up to 8.")
]
Since = Annotated[str | None, option("--from", "H:MM:SS", "Start of the time axis.")]
Model = Annotated[
    bool, flag("--model", "Add what the models say: wet bands, tyres, pace with its interval.")
]


@dataclass(frozen=True, slots=True)
class Picture:
    """What of a race is drawn, and in which colours, as options."""

    car: Highlighted = None
    car_class: CarClass = None
    since: Since = None
    until: Annotated[str | None, option("--to", "H:MM:SS", "End of the time axis.")] = None
    by: Annotated[str, option("--by", "class|car|driver", "Pace: a box for each.")] = "car"
    tyre: Annotated[str, option("--tyre", "wet|slick", "Crossover: the wave's new tyre.")] = "slick"
    theme: Annotated[str, option("--theme", "dark|light", "For the night, or for paper.")] = "dark"


def chart(
    kind: Kind,
    source: RaceSource,
    out: Annotated[Path, option("--out", "FILE", "Where to: .svg, .png, .json or .html.")],
    picture: Picture,
    model: Model = False,
    table: Table = None,
    after: Annotated[int | None, option("--after", "ROUND", "Championship: this round.")] = None,
    title: Annotated[str | None, option("--title", "NAME", "Championship: which table.")] = None,
) -> None:
    """Draw one chart: as SVG, PNG, a Vega-Lite JSON, or a page that works offline.

    Of a race read with --at, nothing later is drawn. wetness, crossover and --model read the
    track first, in the light of all laps up to then. championship takes a season for RACE.

    Example: dryline chart gap 23_Analysis_Race.CSV --car 7 --car 50 --out gap.svg
    """
    form = _form(out)
    given = _tables(table or [])
    if kind == CHAMPIONSHIP:
        spec = _championship(source.race, after, title, given, picture.theme)
    else:
        from dryline.present.charts.of_race import race_chart, refuse_chart

        _known_kind(kind)
        race = source.open()
        refuse_chart(race, kind)
        asked = _asked(_view(race, picture), picture.by, picture.tyre, given)
        spec = race_chart(race, kind, _with_models(race, kind, asked, model=model))
    _write(out, _drawn(spec, form))


def _form(out: Path) -> str:
    form = out.suffix.lower()
    if form not in FORMS:
        raise BadOption(f"cannot draw to {out.name!r}", remedy=f"Let it end in {', '.join(FORMS)}.")
    return form


def _known_kind(kind: str) -> None:
    from dryline.present.charts.of_race import KINDS

    if kind not in KINDS:
        raise BadOption(
            f"no chart {kind!r}", remedy=f"Charts: {', '.join([*KINDS, CHAMPIONSHIP])}."
        )


def _theme(name: str) -> Any:
    from dryline.present.charts.theme import THEMES

    if name not in THEMES:
        raise BadOption(f"no theme {name!r}", remedy=f"Themes: {', '.join(THEMES)}.")
    return THEMES[name]


def _view(race: Race, picture: Picture) -> Any:
    from dryline.present.charts.view import View

    since, until = picture.since, picture.until
    start = 0 if since is None else race.instant(since).ms
    end = None if until is None else min(race.instant(until).ms, race.end.ms)
    if end is not None and end <= start:
        raise BadOption("the chart would end before it starts", remedy="Mend --from and --to.")
    if start >= race.end.ms > 0:
        raise BadOption(f"--from {since} is after the last crossing", remedy="Start earlier.")
    return View(
        theme=_theme(picture.theme),
        car_class=None if picture.car_class is None else race.known_class(picture.car_class),
        cars=tuple(dict.fromkeys(race.known_car(car) for car in picture.car or ())),
        start_ms=start,
        end_ms=end,
    )


def _asked(view: Any, by: str, tyre: str, tables: dict[str, pl.DataFrame]) -> Asked:
    from dryline.present.charts.of_race import Asked
    from dryline.present.charts.pace_boxes import KEYS

    if by not in KEYS:
        raise BadOption(f"no pace by {by!r}", remedy=f"By: {', '.join(KEYS)}.")
    if tyre not in ("wet", "slick"):
        raise BadOption(f"no tyre {tyre!r}", remedy="Tyres: wet, slick.")
    return Asked(view=view, by=by, tyre=tyre, tables=tables)


def _with_models(race: Race, kind: str, asked: Asked, *, model: bool) -> Asked:
    """The tables that the chart cannot do without, and with ``--model`` those that it may have."""
    from dataclasses import replace

    from dryline.apps.cli.progress import share
    from dryline.engine.measured import pace_of, track_of
    from dryline.engine.session_kinds import refuse_unless_race
    from dryline.present.charts.estimates import pace_tables, track_tables

    added: dict[str, pl.DataFrame] = {}
    needs_track = kind in FROM_THE_TRACK and "tyre_changes" not in asked.tables
    if model and kind != "pace":
        refuse_unless_race(race)
    if needs_track or (model and kind in {"laps", "stints", "win"}):
        with share("reading the track") as tell:
            added = track_tables(race, track_of(race, live=False, tell=tell))
    if model and kind == "pace" and asked.by != "class":
        added = pace_tables(pace_of(race), asked.by)
    return replace(asked, tables={**added, **asked.tables})


def _tables(given: list[str]) -> dict[str, pl.DataFrame]:
    from dryline.present.charts.given import SCHEMAS

    found = {}
    for text in given:
        name, _, file = text.partition("=")
        if name not in SCHEMAS or not file:
            raise BadOption(
                f"--table {text!r} is no NAME=FILE", remedy=f"Names: {', '.join(SCHEMAS)}."
            )
        found[name] = _read(Path(file), name)
    return found


def _read(path: Path, name: str) -> pl.DataFrame:
    import polars as pl

    from dryline.domain.table_text import legible_table, unguarded
    from dryline.present.charts.given import SCHEMAS

    text = {c: kind for c, kind in SCHEMAS[name].items() if kind == pl.String}
    try:
        if path.suffix.lower() == ".parquet":
            return legible_table(pl.read_parquet(path))
        return legible_table(unguarded(pl.read_csv(path, schema_overrides=text)))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnreadableFile(
            f"cannot read the {name} table: {str(error).splitlines()[0]}", file=str(path)
        ) from error


def _championship(
    season_id: str,
    after: int | None,
    title: str | None,
    given: dict[str, pl.DataFrame],
    theme: str,
) -> dict[str, Any]:
    from dryline.present.charts.given import checked
    from dryline.present.charts.movement import championship_movement, movement_rows
    from dryline.present.charts.view import View

    view = View(theme=_theme(theme))
    if "movement" in given:
        rows = checked("movement", given["movement"])
        return championship_movement(rows, title or season_id, view=view)
    from dryline.engine.championship import open_season, season_tables

    season = open_season(season_id)
    number = after if after is not None else season.last_round
    tables = {table.title: table for table in season_tables(season, number)}
    if title is not None and title not in tables:
        raise BadOption(f"no table {title!r}", remedy=f"Tables: {'; '.join(tables)}.")
    now = tables[title] if title is not None else next(iter(tables.values()))
    earlier = {each.title: each for each in season_tables(season, number - 1)}
    if now.title not in earlier:
        raise BadOption(f"{now.title} has nothing before round {number}", remedy="Ask for later.")
    return championship_movement(movement_rows(earlier[now.title], now), now.title, view=view)


def _drawn(spec: dict[str, Any], form: str) -> bytes:
    from dryline.present.charts import render

    if form == ".png":
        return render.png(spec)
    if form == ".svg":
        return render.svg(spec).encode()
    return (render.page(spec) if form == ".html" else render.to_json(spec)).encode()


def _write(out: Path, data: bytes) -> None:
    with writing(out):
        out.write_bytes(data)
    say(f"wrote {out}", stderr=True)


PANEL = "Read a race"
COMMANDS = {"chart": chart}
