"""A race measured: pace, services, track, with whatever the race and its library say of drivers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl

from dryline.analysis.pace.estimate import Pace, pace_filtered, pace_smoothed
from dryline.analysis.stops.fuel_range import range_filtered
from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.stops.services import services_smoothed
from dryline.analysis.track.crossover import CrossoverForecast, forecast_crossovers
from dryline.analysis.track.model import TrackModel
from dryline.analysis.track.reading import TrackEstimate, filter_track, shown_since, smooth_track
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.stop_tyres import TyresAtStop, TyreStints, read_tyres
from dryline.analysis.track.weekend import priors_of
from dryline.analysis.track.words import is_dry
from dryline.answers.pace import COMPARED, Paces
from dryline.answers.ranges import CarRange, Ranges
from dryline.answers.stops import Stops
from dryline.answers.track import Track
from dryline.answers.tyre_kinds import KindsOfStints
from dryline.domain.errors import BadOption
from dryline.domain.instant import Instant
from dryline.domain.series import Series
from dryline.domain.tyre_kind import has_kinds_of_rain_tyre
from dryline.engine.questions import Aid, AskPace, AskRange, AskStops, AskTrack
from dryline.engine.timing import only
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.status import Status


def answer_pace(moment: Moment, question: AskPace, _: Aid) -> Paces:
    """How fast everyone really is: as known then, or by all that the moment holds.

    Raises:
        BadOption: where nobody knows what to compare.
        UnknownCar: where the race has no such car.
    """
    if question.by not in COMPARED:
        raise BadOption(f"--by {question.by!r} is not known", remedy="Use car, driver or stint.")
    race = moment.race
    found = pace_of(race, None if question.hindsight else moment.at)
    wanted = question.car_number, question.car_class
    table = only(race, pace_table(race, found, question.by), *wanted)
    return Paces.of(race, question.by, table, found, only(race, found.judged, *wanted))


def answer_stops(moment: Moment, question: AskStops, aid: Aid) -> Stops:
    """Every stop, what it was and on which tyres, in the light of all that is known by then.

    Outside races neither is known: nobody hurries, and no rule says what may be done.

    Raises:
        UnknownCar: where the race has no such car.
    """
    race = moment.race
    table = only(race, race.stops, question.car_number, question.car_class)
    tyres: dict[tuple[str, int], TyresAtStop] = {}
    kinds = None
    if question.track and race.is_race:
        read = aid.track
        if read is None and has_kinds_of_rain_tyre(Series.of(race.series).tyres):
            read = track_of(race, live=True)
        if read is None:
            known = read_tyres(race.laps, race.messages, priors=priors_of(race), tell=aid.tell)
        else:
            known, kinds = TyreStints.of(read), KindsOfStints(race, read)
        tyres = known.at_stops(table)
    served = services(race)
    return Stops.of(race, table, served if race.is_race else served.clear(), tyres, kinds)


def answer_range(moment: Moment, question: AskRange, _: Aid) -> Ranges:
    """How far every car that is still in the race goes on what it has.

    Raises:
        UnknownCar: where the race has no such car.
    """
    race, found = moment.race, moment.race.at(moment.at)
    wanted = only(race, found.table, question.car_number, question.car_class)
    left = range_filtered(race.laps, moment.at_ms, stop_priors().range, sprint=moment.is_sprint)
    return Ranges.of(
        moment,
        (
            CarRange.of(found[number], left[number])
            for number in wanted["car_number"]
            if found[number].status in (Status.RUNNING, Status.IN_PIT)
        ),
    )


def answer_track(moment: Moment, question: AskTrack, aid: Aid) -> Track:
    """The track, and while the race is on what may become of it."""
    found = track_of(moment.race, live=not question.hindsight, tell=aid.tell)
    past = question.hindsight or moment.is_over
    return Track.of(
        moment.race, found, None if past else crossovers_ahead(found.last, question.seed)
    )


def crossovers_ahead(state: TrackState, seed: int) -> list[CrossoverForecast] | None:
    """When the faster tyre changes next, for every class with a dry lap time to compare by.

    Nothing on a dry track: the field shows the water that is there, not the rain to come.
    """
    if is_dry(state):
        return None
    known = {
        name for name, ms in zip(state.classes, state.lap_ms, strict=True) if math.isfinite(ms)
    }
    found = forecast_crossovers(state, TrackModel(), np.random.default_rng(seed))
    return [each for each in found if each.car_class in known]


def ratings(race: Race) -> dict[tuple[str, str], str]:
    """Ratings by car and driver, where somebody has stated them."""
    return {
        (number, driver.name): driver.rating.value
        for number, entry in race.entries.items()
        for driver in entry.drivers
        if driver.rating is not None
    }


def pace_of(race: Race, at: Instant | None = None) -> Pace:
    """The pace of a race: filtered at an instant, smoothed over the whole of it without one."""
    if at is None:
        return pace_smoothed(race.laps, ratings=ratings(race))
    return pace_filtered(race.laps, at.ms, ratings=ratings(race))


def pace_table(race: Race, pace: Pace, by: str) -> pl.DataFrame:
    """Paces by ``car``, ``driver`` or ``stint``, quickest first in its class.

    Adds ``car_class`` and ``behind_ms``, the distance to the quickest of the class.
    """
    frame = {"car": pace.cars, "driver": pace.drivers, "stint": pace.stints}[by]
    classes = pl.DataFrame(
        {
            "car_number": list(race.entries),
            "car_class": [e.car_class for e in race.entries.values()],
        }
    )
    joined = frame if "car_class" in frame.columns else frame.join(classes, on="car_number")
    order = {name: place for place, name in enumerate(race.classes)}
    return (
        joined.with_columns(
            behind_ms=pl.col("pace_ms") - pl.col("pace_ms").min().over("car_class"),
            _class=pl.col("car_class").replace_strict(order, default=99),
        )
        .sort("_class", "pace_ms")
        .drop("_class")
    )


def services(race: Race) -> pl.DataFrame:
    """What each stop was, in the light of everything this race holds: schema ``SERVICES``."""
    length = race.info.length
    return services_smoothed(
        race.laps,
        race.stops,
        stop_priors(),
        series=race.series,
        length_ms=None if length is None else length.ms,
    )


def track_of(
    race: Race, *, live: bool, tell: Callable[[float], None] | None = None
) -> TrackEstimate:
    """The track of a race: as it could be known at its end (``live``), or in hindsight.

    Dry expectations from outside the race come with the package or from its weekend; a race
    recognises by its first crossing what was fitted on its own laps, and does without it.
    """
    priors, kinds = priors_of(race), Series.of(race.series).tyres
    if live:
        return filter_track(race.laps, None, race.messages, priors=priors, kinds=kinds)
    return smooth_track(race.laps, race.messages, priors=priors, kinds=kinds, tell=tell)


def track_told(race: Race) -> TrackEstimate:
    """The track as a report tells it: as it came, and in hindsight where only that tells the start.

    Where nothing from outside the race says what dry is here, a wet start looks like a dry one
    until the race has shown otherwise.
    """
    came = track_of(race, live=True)
    _, shown = shown_since(race.laps, came.last.reference)
    return track_of(race, live=False) if shown else came
