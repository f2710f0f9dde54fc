"""The public half of the pit wall, from the state alone: nothing here has seen the team's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as with_

import polars as pl

from dryline.answers.forecast import Forecast
from dryline.answers.live_track import SECTORS, LiveTrack
from dryline.answers.wall import ForecastView, PitLaneView, TrackView, Wall
from dryline.domain.event import RaceControlMessage
from dryline.engine.championship import known_book
from dryline.engine.live.answered import answers_of, newest, value_of
from dryline.engine.live.frames import Frames
from dryline.engine.live.state import SessionState
from dryline.engine.live.wall_field import FieldNow, penalties, stints, tyres
from dryline.engine.live.works import FORECAST, TRACK
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.rules.pit_lane import LaneState
from dryline.strategy.cards import lane_now

TOP = 6
MOST_POINTS = 180
PLACES = 4
"""Of a probability over time: as many as the forecast on the wall has."""

Chances = Mapping[str, tuple[str, float]]
"""Per car its class and the probability of winning it."""


@dataclass
class Memory:
    """What was worked out before and need not be again; the wall is the same without it."""

    frames: Frames = field(default_factory=Frames)
    race: Race | None = None
    of: tuple[object, ...] = ()
    known: FieldNow | None = None
    chances: dict[int, Chances] = field(default_factory=dict)

    def race_of(self, state: SessionState) -> Race:
        """The race of a state as everybody may know it."""
        known = state.race
        of = (known.rows, known.messages, known.weather, known.info, known.weekend)
        if self.race is None or any(a is not b for a, b in zip(of, self.of, strict=True)):
            race = with_(self.frames.race(known), crews=state.crews)
            self.race, self.of, self.known = race.moment(state.now).for_all().race, of, None
        return self.race

    def field_of(self, race: Race) -> FieldNow:
        """What follows from the rows of that race alone."""
        if self.known is None:
            self.known = FieldNow.of(race)
        return self.known


def public_wall(state: SessionState, memory: Memory | None = None) -> Wall:
    """What the pit wall shows to everybody."""
    memory = Memory() if memory is None else memory
    race = memory.race_of(state)
    moment, shared = race.moment(state.now), memory.field_of(race)
    track, forecast = newest(state, TRACK, LiveTrack), newest(state, FORECAST, Forecast)
    read = None if track is None else track[1]
    return Wall(
        version=state.seq,
        as_of_ms=moment.at_ms,
        simulated=race.info.simulated,
        pit_lane=_lanes(moment),
        wet_declared_ms=_declared_wet(race),
        track=None if read is None else TrackView.of(read),
        classes={} if read is None else read.classes,
        tyres=tyres(shared.cars, read),
        forecast=None
        if forecast is None
        else ForecastView.of(forecast[1], known_ms=forecast[0].known_ms),
        worm=worm(forecasts(state, memory)),
        stints=tuple(stints(race, read)),
        neutralisations=shared.neutralisations,
        penalties=penalties(moment),
        driver_time=shared.driver_time,
        weather=shared.weather,
        crossovers_ahead={each.car_class: each for each in (read and read.crossovers_ahead) or ()},
    )


def forecasts(state: SessionState, memory: Memory) -> list[tuple[int, Chances]]:
    """Every forecast of the session in order of its instant: who wins each class."""
    told = memory.chances
    for answered in state.answers:
        if answered.kind == FORECAST and answered.ask not in told:
            read = value_of(answered, Forecast)
            told[answered.ask] = (
                {}
                if read is None
                else {
                    car.car_number: (car.car_class, round(car.p_win_class, PLACES))
                    for car in read.cars
                }
            )
    out = [
        (each.as_of_ms, told[each.ask])
        for each in state.answers
        if each.kind == FORECAST and told[each.ask]
    ]
    return sorted(out, key=lambda each: each[0])


def worm(
    told: Sequence[tuple[int, Chances]],
) -> dict[str, dict[str, tuple[tuple[int, float], ...]]]:
    """Per class, the chances over time of the cars that ever stood highest."""
    most: dict[str, dict[str, float]] = {}
    for _, chances in told:
        for car, (car_class, p) in chances.items():
            cars = most.setdefault(car_class, {})
            cars[car] = max(cars.get(car, 0.0), p)
    kept = _thinned(told)
    return {
        car_class: {
            car: tuple((at, chances[car][1]) for at, chances in kept if car in chances)
            for car in sorted(cars, key=lambda car: -cars[car])[:TOP]
        }
        for car_class, cars in most.items()
    }


def _thinned(told: Sequence[tuple[int, Chances]]) -> Sequence[tuple[int, Chances]]:
    step = -(-len(told) // MOST_POINTS) or 1
    return told[::-1][::step][::-1]


def _lanes(moment: Moment) -> dict[str, PitLaneView]:
    race = moment.race
    book = known_book(race)
    out = {}
    for name in dict.fromkeys(entry.car_class for entry in race.entries.values()):
        lane = lane_now(moment, book, name, race.neutralisations)
        state = "open" if lane.may_stop else "closed"
        out[name] = PitLaneView(
            state="unknown" if lane.state is LaneState.UNKNOWN else state,
            why=lane.why,
            opens_at_ms=None if lane.opens_at is None else lane.opens_at.ms,
        )
    return out


def _declared_wet(race: Race) -> int | None:
    """Since when the track is declared wet by race control."""
    said = [
        each
        for each in race.messages
        if isinstance(each, RaceControlMessage) and each.kind.startswith("track_declared")
    ]
    if not said or said[-1].kind != "track_declared_wet":
        return None
    return said[-1].happened_at.ms


def samples(state: SessionState) -> pl.DataFrame:
    """The track as it was read lap by lap: schema ``TRACK_SAMPLES`` of the charts."""
    rows = [
        (track.at_ms, *map(float, (*track.wetness, *track.sd, *track.p_wet, max(track.p_rain))))
        for _, track in answers_of(state, TRACK, LiveTrack)
    ]
    names = [f"{name}{k}" for name in ("w", "sd", "p_wet") for k in SECTORS]
    schema = {"at_ms": pl.Int64, **dict.fromkeys([*names, "p_rain"], pl.Float64)}
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")
