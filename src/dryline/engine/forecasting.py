"""Forecast and rejoin over a race: what is asked, of whom, with which seed."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.track.reading import TrackEstimate, filter_track
from dryline.analysis.track.weekend import priors_of
from dryline.answers.forecast import Forecast, Rejoin
from dryline.domain.clock_text import format_clock
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.instant import Duration
from dryline.engine.questions import Aid, AskForecast, AskRejoin
from dryline.model.flag.projection import LapsAtFlag, laps_at_flag
from dryline.model.forecast_parameters import shipped
from dryline.model.race_priors import shipped_priors
from dryline.model.rejoin import RejoinForecast, rejoin
from dryline.model.rejoin_field import RejoinField
from dryline.model.rejoin_field import crossings as rejoin_crossings
from dryline.model.statistical import CarForecast, ForecastTable, forecast_statistical
from dryline.race.moment import Moment
from dryline.race.status import Status
from dryline.strategy.forecast_blend import ClassPlaces, blended, simulated_places

if TYPE_CHECKING:  # it brings the simulator along
    from dryline.strategy.race_weather import Weather

FORECASTERS = ("blend", "statistical")
REPLICATES = 2000
_AFTER_FLAG = Duration(600_000)
"""So long after the winner's finish everybody who is still running has taken the flag."""


def answer_forecast(moment: Moment, question: AskForecast, aid: Aid) -> Forecast:
    """How the race will end, with how long it took to say so."""
    begun = time.perf_counter()
    table = forecast(
        moment,
        replicates=question.replicates,
        seed=question.seed,
        forecaster=question.forecaster,
        track=aid.track,
        tell=aid.tell,
    )
    flag = _laps(moment)
    spent_s = time.perf_counter() - begun
    return Forecast.of(table, flag, spent_s, simulated=moment.race.info.simulated)


def answer_rejoin(moment: Moment, question: AskRejoin, _: Aid) -> Rejoin:
    """Where a car comes out if it boxes now."""
    found = box_now(moment, question.car_number, replicates=question.replicates, seed=question.seed)
    return Rejoin.of(found, simulated=moment.race.info.simulated)


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
    if _is_settled(moment):
        return _certain(moment, replicates, seed)
    length = moment.length_ms
    table = forecast_statistical(
        race.crossings,
        at.ms,
        length,
        shipped(),
        series=race.series,
        year=race.info.year,
        crews=race.crews,
        paces=race.weekend.paces,
        replicates=replicates,
        seed=seed,
    )
    if forecaster == "statistical" or at.ms >= length:
        return table
    from dryline.strategy.race_weather import Weather, track_outlook

    if track is None:
        track = filter_track(race.laps, at.ms, race.messages, priors=priors_of(race))
    weather = Weather(track, shipped_priors()["rain"])
    places = _simulated(moment, weather, replicates, seed, tell)
    return replace(blended(table, places), track=track_outlook(weather, float(length)))


def _is_settled(moment: Moment) -> bool:
    """Whether everybody who is still running has taken the flag."""
    finish = moment.race.finish
    return finish is not None and moment.at >= finish + _AFTER_FLAG


def _laps(moment: Moment) -> LapsAtFlag:
    """Every car's laps at the flag; those that it has, once everybody has taken it."""
    if not _is_settled(moment):
        return laps_at_flag(moment)
    final = moment.race.at(moment.race.end)
    return LapsAtFlag.certain({car.car_number: car.laps for car in final.cars})


def _simulated(
    moment: Moment,
    weather: Weather,
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

    found = forecast_simulated(
        moment,
        moment.length_ms,
        replicates=replicates,
        seed=seed,
        threads=os.cpu_count() or 1,
        track=weather.track,
        progress=advanced,
    )
    return simulated_places(found, has_been_wet=weather.has_been_wet)


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
                stops_left=(0, 0, 0),
            )
        )
    return ForecastTable(moment.at_ms, moment.length_ms, replicates, seed, tuple(cars))


WHERE = {
    Status.IN_PIT: "in the pits",
    Status.GARAGE: "in its garage",
    Status.RETIRED: "out of the race",
    Status.FINISHED: "at the flag",
}
"""Where a car is that cannot box now."""


def box_now(
    moment: Moment, car_number: str, *, replicates: int = REPLICATES, seed: int = 1
) -> RejoinForecast:
    """Where the car comes out if it enters the pits on the lap it is on.

    Raises:
        UnknownCar: where it has not crossed the line.
        NotKnown: where it is in the pits, or out of the race.
    """
    race, at = moment.race, moment.at
    number = race.known_car(car_number)
    state = race.at(at)[number]
    if state.status in WHERE:
        raise NotKnown(
            f"car {number} is {WHERE[state.status]} at {format_clock(at.ms)}: it cannot box now",
            remedy="Ask about a car that is on the track.",
        )
    length = race.info.length
    field = RejoinField.start(stop_priors(), race.series, None if length is None else length.ms)
    for row in rejoin_crossings(race.laps):
        field.cross(row)
    return rejoin(field, number, at.ms, replicates=replicates, seed=seed)
