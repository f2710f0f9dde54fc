"""Forecast and rejoin over a race: what is asked, of whom, with which seed."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import polars as pl

from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.track.reading import TrackEstimate, filter_track
from dryline.domain.clock_text import format_clock
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.instant import Duration
from dryline.model.forecast_parameters import shipped
from dryline.model.race_priors import shipped_priors
from dryline.model.rejoin import RankForecast, Rejoin, rejoin
from dryline.model.rejoin_field import RejoinField
from dryline.model.rejoin_field import crossings as rejoin_crossings
from dryline.model.statistical import CarForecast, ForecastTable, forecast_statistical
from dryline.race.moment import Moment
from dryline.race.status import Status
from dryline.strategy.forecast_blend import ClassPlaces, blended, simulated_places

FORECASTERS = ("blend", "statistical")
REPLICATES = 2000
_AFTER_FLAG = Duration(600_000)
"""So long after the winner's finish everybody who is still running has taken the flag."""
QUANTILES = ("p10", "p50", "p90")


def forecast(
    moment: Moment,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    forecaster: str = FORECASTERS[0],
    track: TrackEstimate | None = None,
    tell: Callable[[float], None] | None = None,
) -> ForecastTable:
    """How the race will end, seen from a moment.

    ``forecaster`` is ``blend`` (statistics and simulation), or ``statistical`` alone. ``track`` is
    the rain gauge's estimate then, where the caller has it already. ``tell`` hears the share
    of the simulation that is done.

    Raises:
        UnknownLength: where nobody has said how long the race is.
        NotKnown: where no car has crossed the line yet.
        BadOption: for an unknown forecaster or no replicate.
    """
    if forecaster not in FORECASTERS:
        raise BadOption(f"no forecaster {forecaster!r}", remedy=f"Use {', '.join(FORECASTERS)}.")
    if replicates < 1:
        raise BadOption("--replicates must be at least 1")
    race, at = moment.race, moment.at
    if race.crossings.is_empty():
        raise NotKnown(
            f"no car of {race.info.name} has crossed the line by {format_clock(at.ms)}",
            remedy="Ask a little later.",
        )
    if race.finish is not None and at >= race.finish + _AFTER_FLAG:
        return _certain(moment, replicates, seed)
    length = moment.length_ms
    table = forecast_statistical(
        race.crossings,
        at.ms,
        length,
        shipped(),
        series=race.info.series,
        year=race.info.year,
        replicates=replicates,
        seed=seed,
    )
    if forecaster == "statistical" or at.ms >= length:
        return table
    from dryline.strategy.race_weather import Weather, track_outlook

    if track is None:
        track = filter_track(race.laps, at.ms, race.messages)
    places = _simulated(moment, track, replicates, seed, tell)
    weather = Weather(track, shipped_priors()["rain"])
    return replace(blended(table, places), track=track_outlook(weather, float(length)))


def _simulated(
    moment: Moment,
    track: TrackEstimate,
    replicates: int,
    seed: int,
    tell: Callable[[float], None] | None,
) -> dict[str, ClassPlaces]:
    from dryline.strategy.simulate_race import forecast_simulated

    done = 0

    def advanced(more: int) -> None:
        nonlocal done
        done += more
        if tell is not None:
            tell(done / replicates)

    race = moment.race
    found = forecast_simulated(
        race.laps,
        race.stops,
        race.neutralisations,
        moment.at_ms,
        moment.length_ms,
        race.info.series,
        replicates=replicates,
        seed=seed,
        threads=os.cpu_count() or 1,
        track=track,
        progress=advanced,
    )
    return simulated_places(found)


def _certain(moment: Moment, replicates: int, seed: int) -> ForecastTable:
    """The forecast of a race that is over: everybody is where he is."""
    race = moment.race
    final = race.at(race.end)
    sizes = Counter(car.car_class for car in final.cars)
    cars = []
    for car in final.cars:
        place = [0.0] * sizes[car.car_class]
        place[car.position_in_class - 1] = 1.0
        cars.append(
            CarForecast(
                car_number=car.car_number,
                car_class=car.car_class,
                p_position_in_class=tuple(place),
                p_win_class=place[0],
                p_podium_class=sum(place[:3]),
                p_win=float(car.position == 1),
                p_retire=float(car.status is not Status.FINISHED),
                laps=(car.laps, car.laps, car.laps),
                stops_left=(0, 0, 0),
            )
        )
    return ForecastTable(moment.at_ms, moment.length_ms, replicates, seed, tuple(cars))


def forecast_object(table: ForecastTable, elapsed_s: float, simulated: bool) -> dict[str, Any]:
    """A forecast as the contract words it."""
    return {
        "at_ms": table.at_ms,
        "length_ms": table.length_ms,
        "replicates": table.replicates,
        "seed": table.seed,
        "simulated": simulated,
        "track": None if table.track is None else asdict(table.track),
        "cars": [_car(car) for car in table.cars],
        "elapsed_s": round(elapsed_s, 3),
    }


def forecast_table(answer: dict[str, Any]) -> pl.DataFrame:
    """A forecast as a table of plain cells: a row per car, a column per place in class.

    Columns of places that a smaller class does not have are null in its rows; the quantiles are
    ``laps_p10`` to ``stops_left_p90``.
    """
    cars = answer["cars"]
    places = max((len(car["p_position_in_class"]) for car in cars), default=0)
    schema: dict[str, Any] = {
        "car_number": pl.String, "car_class": pl.String,
        **dict.fromkeys(("p_win_class", "p_podium_class", "p_win", "p_retire"), pl.Float64),
        **{f"{what}_{q}": pl.Int64 for what in ("laps", "stops_left") for q in QUANTILES},
        **{f"p_position_in_class_{place}": pl.Float64 for place in range(1, places + 1)},
    }  # fmt: skip
    rows = [
        {
            **car,
            **{f"{what}_{q}": car[what][q] for what in ("laps", "stops_left") for q in QUANTILES},
            **{
                f"p_position_in_class_{place}": p
                for place, p in enumerate(car["p_position_in_class"], start=1)
            },
        }
        for car in cars
    ]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def _car(car: CarForecast) -> dict[str, Any]:
    return {
        "car_number": car.car_number,
        "car_class": car.car_class,
        "p_position_in_class": list(car.p_position_in_class),
        "p_win_class": car.p_win_class,
        "p_podium_class": car.p_podium_class,
        "p_win": car.p_win,
        "p_retire": car.p_retire,
        "laps": dict(zip(QUANTILES, car.laps, strict=True)),
        "stops_left": dict(zip(QUANTILES, car.stops_left, strict=True)),
    }


def timed(work: Callable[[], ForecastTable]) -> tuple[ForecastTable, float]:
    """What ``work`` gives, and how many seconds it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def box_now(
    moment: Moment, car_number: str, *, replicates: int = REPLICATES, seed: int = 1
) -> Rejoin:
    """Where the car comes out if it enters the pits on the lap it is on.

    Raises:
        UnknownCar: where it has not crossed the line.
        NotKnown: where it is in the pits, or out of the race.
    """
    race, at = moment.race, moment.at
    number = race.known_car(car_number)
    state = race.at(at)[number]
    if state.status in ("in_pit", "garage", "retired", "finished"):
        raise NotKnown(
            f"car {number} is {state.status.replace('_', ' ')} at {at}: it cannot box now",
            remedy="Ask about a car that is on the track.",
        )
    length = race.info.length
    field = RejoinField.start(
        stop_priors(), race.info.series, None if length is None else length.ms
    )
    for row in rejoin_crossings(race.laps):
        field.cross(row)
    return rejoin(field, number, at.ms, replicates=replicates, seed=seed)


def rejoin_object(found: Rejoin) -> dict[str, Any]:
    """A rejoin forecast as the contract words it."""
    return {
        "car_number": found.car_number,
        "out_ms": dict(zip(QUANTILES, found.out_ms, strict=True)),
        "pit_lane_ms": dict(zip(QUANTILES, found.pit_lane_ms, strict=True)),
        "full": _ranks(found.full),
        "ghost": _ranks(found.ghost),
    }


def _ranks(ranks: RankForecast) -> dict[str, Any]:
    def named(pairs: tuple[tuple[str, float], ...]) -> list[dict[str, Any]]:
        return [{"car_number": number or None, "p": p} for number, p in pairs]

    return {
        "p_position_in_class": ranks.p_position.tolist(),
        "ahead": named(ranks.ahead),
        "behind": named(ranks.behind),
    }
