"""The fold: one timing event after another into a race that can be read at any time.

``step`` is the live way of rebuilding a race; ``Race`` over a whole table is the fast way. They
are written apart and must agree: folding to *t* gives what cutting the batch at *t* gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from dryline.domain.event import (
    Evidence,
    LineCrossing,
    RaceControlMessage,
    TimingEvent,
    WeatherSample,
)
from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from dryline.domain.race_info import RaceInfo
from dryline.domain.tables import CROSSINGS, LAPS, WEATHER
from dryline.race.laps import CAUSAL
from dryline.race.log import Log
from dryline.race.race import Race


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
    """Everything that the events so far have told. ``step`` returns a new one."""

    info: RaceInfo
    now: Instant = field(default_factory=lambda: Instant(0))
    cars: Mapping[str, CarSoFar] = field(default_factory=dict)
    done: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    rows: Log[tuple[object, ...]] = field(default_factory=Log)
    messages: Log[RaceControlMessage | Evidence] = field(default_factory=Log)
    weather: Log[WeatherSample] = field(default_factory=Log)

    def race(self) -> Race:
        """The race as it stands: the same as the batch path over the same events."""
        schema = {**CROSSINGS, **{name: LAPS[name] for name in CAUSAL}}
        causal = pl.DataFrame(list(self.rows), schema=schema, orient="row")
        samples = [_weather_row(sample) for sample in self.weather]
        return Race(
            info=self.info,
            crossings=causal.select(*CROSSINGS),
            messages=tuple(self.messages),
            weather=pl.DataFrame(samples, schema=WEATHER, orient="row"),
            causal=causal,
        )


def step(state: RaceState, event: TimingEvent) -> RaceState:
    """The state after one more event. Events arrive in order of ``known_at``."""
    now = max(state.now, event.known_at)
    match event:
        case LineCrossing():
            return _crossing(replace(state, now=now), event)
        case RaceControlMessage() | Evidence():
            return replace(state, now=now, messages=state.messages.append(event))
        case WeatherSample():
            return replace(state, now=now, weather=state.weather.append(event))


def fold(info: RaceInfo, events: Iterable[TimingEvent]) -> RaceState:
    """All events, one after another, from an empty race."""
    state = RaceState(info)
    for event in events:
        state = step(state, event)
    return state


def _crossing(state: RaceState, event: LineCrossing) -> RaceState:
    before = state.cars.get(event.car_number)
    out_lap = event.pit_lane is not None or (before is not None and before.in_pit)
    stint = 1 if before is None else before.stint + out_lap
    after = CarSoFar(
        lap=event.lap,
        elapsed_ms=event.happened_at.ms,
        driver=event.driver,
        in_pit=event.in_pit,
        stint=stint,
        driver_stint=(
            1 if before is None else before.driver_stint + (before.driver != event.driver)
        ),
        stint_lap=1 if before is None or stint != before.stint else before.stint_lap + 1,
    )
    completed = state.done.get(event.lap, {})
    position = sum(completed.values()) + 1
    in_class = completed.get(event.car_class, 0) + 1
    row = (
        *_stated(event),
        event.happened_at.ms - event.lap_time.ms,
        event.in_pit,
        out_lap,
        after.stint,
        after.driver_stint,
        after.stint_lap,
        position,
        in_class,
    )
    return replace(
        state,
        cars={**state.cars, event.car_number: after},
        done={**state.done, event.lap: {**completed, event.car_class: in_class}},
        rows=state.rows.append(row),
    )


def _stated(event: LineCrossing) -> tuple[object, ...]:
    """An event as a row of ``CROSSINGS``."""
    return (
        event.car_number,
        event.lap,
        event.driver,
        event.driver_seat,
        event.car_class,
        event.team,
        event.manufacturer,
        event.group,
        event.lap_time.ms,
        *(_ms(sector) for sector in event.sectors),
        event.happened_at.ms,
        event.known_at.ms,
        _ms(event.time_of_day),
        _flag(event.flag),
        event.in_pit,
        _ms(event.pit_lane),
        event.top_speed_kmh,
        event.speed_kmh,
        event.line,
    )


def _ms(value: Duration | None) -> int | None:
    return None if value is None else value.ms


def _flag(value: Flag | None) -> str | None:
    return None if value is None else value.value


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
