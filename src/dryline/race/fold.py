"""The fold: one timing event after another into a race that can be read at any time.

``step`` is the live way of rebuilding a race; ``Race`` over a whole table is the fast way. They
are written apart and must agree: folding to *t* gives what cutting the batch at *t* gives.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from dryline.domain.crossing_row import crossing_row
from dryline.domain.event import (
    Correction,
    Evidence,
    LineCrossing,
    LoopPassing,
    RaceControlMessage,
    TeamInput,
    TimingEvent,
    WeatherSample,
)
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.domain.tables import CROSSINGS, LAPS, WEATHER
from dryline.domain.weekend import NO_WEEKEND, Weekend
from dryline.race.laps import CAUSAL
from dryline.race.log import Log
from dryline.race.loops import CarLoops, passed
from dryline.race.race import Race
from dryline.race.team_evidence import evidence_of

Row = tuple[Any, ...]
"""One crossing in the order of ``CROSSINGS``, once folded followed by that of ``CAUSAL``."""
_CAR, _LAP, _DRIVER, _CLASS, _LAP_TIME, _ELAPSED, _IN_PIT, _LANE, _LINE = (
    list(CROSSINGS).index(name)
    for name in (
        "car_number", "lap", "driver", "car_class", "lap_time_ms", "elapsed_ms", "in_pit",
        "pit_lane_ms", "line",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CarSoFar:
    """One car after its latest crossing."""

    lap: int
    elapsed_ms: int
    driver: str
    in_pit: bool
    stint: int
    driver_stint: int
    stint_lap: int


@dataclass(frozen=True, slots=True)
class RaceState:
    """Everything that the events so far have told. ``step`` returns a new one.

    ``passed`` is what the loops other than the line tell of each car, ``loops`` all that they
    told. ``amended`` counts the crossings that came out of order or were put right; ``weekend``
    is as ``Race`` has it.
    """

    info: RaceInfo
    now: Instant = field(default_factory=lambda: Instant(0))
    cars: Mapping[str, CarSoFar] = field(default_factory=dict)
    done: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    rows: Log[Row] = field(default_factory=Log)
    messages: Log[RaceControlMessage | Evidence] = field(default_factory=Log)
    weather: Log[WeatherSample] = field(default_factory=Log)
    team: Log[TeamInput] = field(default_factory=Log)
    loops: Log[LoopPassing] = field(default_factory=Log)
    passed: Mapping[str, CarLoops] = field(default_factory=dict)
    amended: int = 0
    weekend: Weekend = NO_WEEKEND

    def race(self) -> Race:
        """The race as it stands: the same as the batch path over the same events."""
        return self.race_over(rows_frame(self.rows))

    def race_over(self, causal: pl.DataFrame) -> Race:
        """The same, where somebody has ``rows_frame(self.rows)`` already."""
        samples = [_weather_row(sample) for sample in self.weather]
        return Race(
            info=self.info,
            crossings=causal.select(*CROSSINGS),
            messages=tuple(self.said()),
            weather=pl.DataFrame(samples, schema=WEATHER, orient="row"),
            weekend=self.weekend,
            causal=None if self.amended else causal,
        )

    def said(self) -> list[RaceControlMessage | Evidence]:
        """Messages and what the team has seen, in order of ``known_at``; undone inputs apart."""
        seen = evidence_of(self.team)
        if not seen:
            return list(self.messages)
        return sorted((*self.messages, *seen), key=lambda message: message.known_at.ms)


def rows_frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Folded rows as a frame: the columns of ``CROSSINGS``, then those of ``CAUSAL``."""
    schema = {**CROSSINGS, **{name: LAPS[name] for name in CAUSAL}}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def step(state: RaceState, event: TimingEvent) -> RaceState:
    """The state after one more event. Events arrive in order of ``known_at``.

    A crossing that happened before others already known is put in its place; a correction
    takes the lap that it names out and puts the crossing that holds in.
    """
    now = max(state.now, event.known_at)
    match event:
        case LineCrossing():
            return _crossing(state, now, crossing_row(event))
        case LoopPassing():
            cars = passed(state.passed, event)
            return replace(state, now=now, loops=state.loops.append(event), passed=cars)
        case RaceControlMessage() | Evidence():
            return replace(state, now=now, messages=state.messages.append(event))
        case WeatherSample():
            return replace(state, now=now, weather=state.weather.append(event))
        case Correction():
            return _corrected(state, now, event)
        case TeamInput():
            return replace(state, now=now, team=state.team.append(event))


def fold(info: RaceInfo, events: Iterable[TimingEvent]) -> RaceState:
    """All events, one after another, from an empty race."""
    state = RaceState(info)
    for event in events:
        state = step(state, event)
    return state


def _crossing(state: RaceState, now: Instant, stated: Row) -> RaceState:
    if len(state.rows) and _key(stated) < _key(state.rows[-1]):
        rows = list(state.rows)
        place = bisect_right(rows, _key(stated), key=_key)
        return _refolded(state, now, [*rows[:place], stated, *rows[place:]], place)
    number, lap, car_class = stated[_CAR], stated[_LAP], stated[_CLASS]
    completed = state.done.get(lap, {})
    after, row = _advanced(state.cars.get(number), completed, stated)
    return replace(
        state,
        now=now,
        cars={**state.cars, number: after},
        done={**state.done, lap: {**completed, car_class: row[-1]}},
        rows=state.rows.append(row),
    )


def _corrected(state: RaceState, now: Instant, event: Correction) -> RaceState:
    wrong = (event.car_number, event.lap)
    rows = list(state.rows)
    places = [i for i, row in enumerate(rows) if (row[_CAR], row[_LAP]) == wrong]
    kept = [row for row in rows if (row[_CAR], row[_LAP]) != wrong]
    first = places[0] if places else len(rows)
    if event.crossing is not None:
        stated = crossing_row(event.crossing)
        place = bisect_right(kept, _key(stated), key=_key)
        kept.insert(place, stated)
        first = min(first, place)
    return _refolded(state, now, kept, first)


def _refolded(state: RaceState, now: Instant, rows: list[Row], place: int) -> RaceState:
    """The state over ``rows``; those before ``place`` are folded already."""
    cars: dict[str, CarSoFar] = {}
    done: dict[int, dict[str, int]] = {}
    folded: list[Row] = []
    for index, stated in enumerate(rows):
        completed = done.setdefault(stated[_LAP], {})
        if index < place:
            after, row = _as_folded(stated), stated
        else:
            after, row = _advanced(cars.get(stated[_CAR]), completed, stated)
        cars[stated[_CAR]] = after
        completed[stated[_CLASS]] = row[-1]
        folded.append(row)
    return replace(
        state, now=now, cars=cars, done=done, rows=Log(folded), amended=state.amended + 1
    )


def _advanced(
    before: CarSoFar | None, completed: Mapping[str, int], stated: Row
) -> tuple[CarSoFar, Row]:
    """The car after a crossing, and the crossing with the columns of ``CAUSAL``."""
    stated = stated[: len(CROSSINGS)]
    in_pit, driver = stated[_IN_PIT], stated[_DRIVER]
    out_lap = stated[_LANE] is not None or (before is not None and before.in_pit)
    stint = 1 if before is None else before.stint + out_lap
    after = CarSoFar(
        lap=stated[_LAP],
        elapsed_ms=stated[_ELAPSED],
        driver=driver,
        in_pit=in_pit,
        stint=stint,
        driver_stint=1 if before is None else before.driver_stint + (before.driver != driver),
        stint_lap=1 if before is None or stint != before.stint else before.stint_lap + 1,
    )
    return after, (
        *stated,
        stated[_ELAPSED] - stated[_LAP_TIME],
        in_pit,
        out_lap,
        after.stint,
        after.driver_stint,
        after.stint_lap,
        sum(completed.values()) + 1,
        completed.get(stated[_CLASS], 0) + 1,
    )


def _as_folded(row: Row) -> CarSoFar:
    stint, driver_stint, stint_lap = row[-5:-2]
    return CarSoFar(
        lap=row[_LAP],
        elapsed_ms=row[_ELAPSED],
        driver=row[_DRIVER],
        in_pit=row[_IN_PIT],
        stint=stint,
        driver_stint=driver_stint,
        stint_lap=stint_lap,
    )


def _key(row: Row) -> tuple[int, int]:
    """Crossings stand in order of elapsed, then line; those without a line as they came."""
    return row[_ELAPSED], row[_LINE] or 0


def _weather_row(sample: WeatherSample) -> tuple[object, ...]:
    return (
        sample.happened_at.ms,
        sample.air_c,
        sample.track_c,
        sample.humidity_pct,
        sample.pressure_hpa,
        sample.wind_ms,
        sample.wind_from_deg,
        sample.rain,
    )
