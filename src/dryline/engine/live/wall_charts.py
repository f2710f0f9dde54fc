"""Charts of a live race as it stands: what the works have told goes into them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from dryline.answers.live_track import LiveTrack
from dryline.answers.wall_field import StintView
from dryline.domain.errors import BadOption
from dryline.engine.live.answered import newest
from dryline.engine.live.state import SessionState
from dryline.engine.live.wall import Memory, forecasts, samples
from dryline.engine.live.wall_field import stints
from dryline.engine.live.works import TRACK
from dryline.present.charts.grammar import Spec
from dryline.present.charts.of_race import KINDS, Asked, race_chart
from dryline.present.charts.view import View
from dryline.race.race import Race

NAMES = {"position": "positions", "worm": "win", "class-position": "class-positions"}
"""Names of the page for charts that the command line calls otherwise."""


@dataclass(frozen=True)
class ChartAsked:
    """Which chart is wanted: by the page's name, of these cars or this class."""

    name: str
    car: str | None = None
    against: str | None = None
    car_class: str | None = None


def wall_chart(state: SessionState, memory: Memory, asked: ChartAsked) -> Spec:
    """A chart as a Vega-Lite specification, in the dark; nothing of the team's is in it.

    Raises:
        BadOption: for an unknown name, or before there is anything to draw.
        UnknownCar: where a car named is not in the race.
    """
    kind, car_class = NAMES.get(asked.name, asked.name), asked.car_class
    if kind not in KINDS:
        raise BadOption(f"no chart {asked.name[:40]!r}", remedy=f"Charts: {', '.join(KINDS)}.")
    race = memory.race_of(state)
    cars = tuple(race.known_car(each) for each in dict.fromkeys((asked.car, asked.against)) if each)
    classes = {entry.car_class for entry in race.entries.values()}
    if car_class is not None and car_class not in classes:
        raise BadOption(f"no class {car_class[:40]!r}", remedy=f"Classes: {', '.join(classes)}.")
    view = View(car_class=car_class, cars=cars)
    return race_chart(race, kind, Asked(view=view, tables=_tables(state, memory, race)))


def _tables(state: SessionState, memory: Memory, race: Race) -> dict[str, pl.DataFrame]:
    told = _stints(race, state)
    return {
        "samples": samples(state),
        "win_probability": pl.DataFrame(
            [
                (at, car, p)
                for at, chances in forecasts(state, memory)
                for car, (_, p) in chances.items()
            ],
            schema={"at_ms": pl.Int64, "car_number": pl.String, "p_win_class": pl.Float64},
            orient="row",
        ),
        "stint_tyres": pl.DataFrame(
            [(each.car_number, each.number, float(each.wet)) for each in told
             if each.wet is not None],
            schema={"car_number": pl.String, "stint": pl.Int32, "p_wet": pl.Float64},
            orient="row",
        ),
        "tyre_changes": _changes(race, told),
    }  # fmt: skip


def _stints(race: Race, state: SessionState) -> list[StintView]:
    track = newest(state, TRACK, LiveTrack)
    return stints(race, None if track is None else track[1])


def _changes(race: Race, told: Iterable[StintView]) -> pl.DataFrame:
    """Changes from slicks to wets and back, as the rain gauge believes them now."""
    rows: list[tuple[int, str, str, str, float]] = []
    before: dict[str, bool] = {}
    for each in told:
        if each.wet is None:
            continue
        if before.get(each.car_number, each.wet) != each.wet:
            car_class = race.entries[each.car_number].car_class
            tyre = "wet" if each.wet else "slick"
            rows.append((each.start_ms, each.car_number, car_class, tyre, 1.0))
        before[each.car_number] = each.wet
    schema = {
        "at_ms": pl.Int64, "car_number": pl.String, "car_class": pl.String, "tyre": pl.String,
        "p": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
