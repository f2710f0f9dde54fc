"""From a race to one of its charts: which frames each kind of chart asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.stops.pit_loss import pit_losses
from dryline.domain.errors import BadOption
from dryline.present.charts.best_laps import best_lap_progress
from dryline.present.charts.evolution import lap_evolution
from dryline.present.charts.gantt import stint_gantt
from dryline.present.charts.gap import gap_to, pit_loss_rows
from dryline.present.charts.given import checked
from dryline.present.charts.grammar import Spec
from dryline.present.charts.pace_boxes import By, pace
from dryline.present.charts.pits import pit_time
from dryline.present.charts.position import positions
from dryline.present.charts.slope import stint_slope
from dryline.present.charts.trace import race_trace
from dryline.present.charts.tyre_wave import crossover
from dryline.present.charts.view import View, running_order
from dryline.present.charts.wetness_panels import wetness
from dryline.present.charts.worm import win_probability
from dryline.race.race import Race


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see of a race.

    ``tables`` holds frames from outside the race by the names of ``given.SCHEMAS``; rows later
    than the race's end are not looked at.
    """

    view: View = field(default_factory=View)
    by: By = "car"
    tyre: str = "slick"
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def race_chart(race: Race, kind: str, asked: Asked = Asked()) -> Spec:
    """One chart of a race, of a kind in ``KINDS``; of ``race.cut(t)`` it knows nothing after t.

    Raises:
        BadOption: for an unknown kind, or where a table it needs has not been given.
        UnknownCar: where a car named is not in the race.
    """
    refuse_chart(race, kind)
    if race.laps.is_empty():
        raise BadOption(f"{race.info.name} has no lap to draw by then", remedy="Ask for later.")
    for car in asked.view.cars:
        race.known_car(car)
    return KINDS[kind](race, asked)


def refuse_chart(race: Race, kind: str) -> None:
    """Nothing, where a session can be drawn so.

    Raises:
        BadOption: where there is no such kind, or it is one of races and the session is none.
    """
    if kind not in KINDS:
        raise BadOption(f"no chart {kind!r}", remedy=f"Charts: {', '.join(KINDS)}.")
    if kind in OF_RACES and not race.is_race:
        rest = ", ".join(each for each in KINDS if each not in OF_RACES)
        raise BadOption(
            f"the chart {kind} is one of races, {race.info.name} is {race.info.session_kind.words}",
            remedy=f"Charts: {rest}; if it is a race, say --session race.",
        )


def _table(race: Race, asked: Asked, name: str) -> pl.DataFrame | None:
    frame = asked.tables.get(name)
    return None if frame is None else checked(name, frame, race.end.ms)


def _needed(race: Race, asked: Asked, name: str) -> pl.DataFrame:
    frame = _table(race, asked, name)
    if frame is None:
        raise BadOption(f"this chart needs the table {name}", remedy=f"Give --table {name}=FILE.")
    return frame


def _pace(race: Race, asked: Asked) -> Spec:
    estimates = _table(race, asked, "estimates")
    return pace(race.laps, by=asked.by, view=asked.view, estimates=estimates)


def _laps(race: Race, asked: Asked) -> Spec:
    wet, view = _table(race, asked, "wet"), asked.view
    if not race.is_race and not view.cars:
        view = replace(view, cars=tuple(view.of_class(race.at(race.end).table)["car_number"][:3]))
    return lap_evolution(race.laps, race.neutralisations, wet=wet, view=view)


def _best_laps(race: Race, asked: Asked) -> Spec:
    return best_lap_progress(
        race.laps, race.neutralisations, taken_away=race.taken_away, view=asked.view
    )


def _slope(race: Race, asked: Asked) -> Spec:
    return stint_slope(race.laps, view=asked.view)


def _wetness(race: Race, asked: Asked) -> Spec:
    samples = _needed(race, asked, "samples")
    changes = _needed(race, asked, "tyre_changes")
    return wetness(samples, changes, race.neutralisations, view=asked.view)


def _crossover(race: Race, asked: Asked) -> Spec:
    changes = _needed(race, asked, "tyre_changes")
    return crossover(race.laps, changes, race.neutralisations, tyre=asked.tyre, view=asked.view)


def _stints(race: Race, asked: Asked) -> Spec:
    return stint_gantt(
        race.stints,
        race.neutralisations,
        stops=race.stops,
        tyres=_table(race, asked, "stint_tyres"),
        forecast=_table(race, asked, "stint_forecast"),
        view=asked.view,
    )


def _gap(race: Race, asked: Asked) -> Spec:
    """The first car named is the reference; without one, the class's or the race's leader.

    Of everybody else, only the classes of the cars named are drawn.
    """
    view = asked.view
    reference = view.chosen(race.laps, 1)[0]
    car_class = race.entries[reference].car_class
    loss = _table(race, asked, "pit_loss")
    if loss is None:
        loss = pit_loss_rows(pit_losses(race.stops, clean_laps(race.laps)), car_class)
    named = {race.entries[car].car_class for car in (reference, *view.cars)}
    gaps = race.gaps(reference).filter(pl.col("car_class").is_in(named))
    return gap_to(gaps, race.neutralisations, reference, pit_loss=loss, view=view)


def _positions(race: Race, asked: Asked) -> Spec:
    return positions(race.laps, race.neutralisations, view=asked.view)


def _class_positions(race: Race, asked: Asked) -> Spec:
    return positions(race.laps, race.neutralisations, place="position_in_class", view=asked.view)


def _trace(race: Race, asked: Asked) -> Spec:
    return race_trace(race.laps, race.neutralisations, view=asked.view)


def _pits(race: Race, asked: Asked) -> Spec:
    return pit_time(race.stops, race.laps, view=asked.view)


def _win(race: Race, asked: Asked) -> Spec:
    forecasts = _needed(race, asked, "win_probability")
    view = asked.view
    if view.car_class is not None:
        known = running_order(view.of_class(race.laps))["car_number"]
        forecasts = forecasts.filter(pl.col("car_number").is_in(known.to_list()))
    wet = _table(race, asked, "wet")
    return win_probability(forecasts, race.neutralisations, wet=wet, view=view)


KINDS: dict[str, Callable[[Race, Asked], Spec]] = {
    "pace": _pace,
    "laps": _laps,
    "best-laps": _best_laps,
    "slope": _slope,
    "wetness": _wetness,
    "crossover": _crossover,
    "stints": _stints,
    "gap": _gap,
    "positions": _positions,
    "class-positions": _class_positions,
    "trace": _trace,
    "pits": _pits,
    "win": _win,
}
"""Every chart of a race by the name it has on the command line."""
OF_RACES = {"wetness", "crossover", "gap", "positions", "class-positions", "trace", "pits", "win"}
"""Those that make sense of a race only."""
