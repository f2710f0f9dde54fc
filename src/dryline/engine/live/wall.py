"""The public half of the pit wall, from the state alone: nothing here has seen the team's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as with_
from typing import Any

import msgspec
import polars as pl

from dryline.analysis.track.tyres import tyre_name
from dryline.answers.wall import (
    Band,
    CarOutlook,
    ClassContrast,
    DriverTime,
    ForecastView,
    NeutralisationView,
    PenaltyView,
    PitLane,
    StintView,
    TrackView,
    TyreView,
    Wall,
    WeatherView,
)
from dryline.domain.decision import DecisionKind
from dryline.domain.errors import NotKnown
from dryline.domain.event import RaceControlMessage
from dryline.engine.championship import known_book, ledger
from dryline.engine.live.frames import Frames
from dryline.engine.live.state import Answer, SessionState
from dryline.engine.live.works import FORECAST, TRACK
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.snapshot import CarState
from dryline.rules.drive_alarms import LedgerRow
from dryline.rules.penalties import pending_penalties
from dryline.rules.pit_lane import LaneState
from dryline.rules.wheel_time import wheel_times
from dryline.strategy.cards import lane_now

TOP = 6
MOST_POINTS = 180
_SERVED_ON_TRACK = (DecisionKind.DRIVE_THROUGH, DecisionKind.STOP_AND_GO)

Chances = Mapping[str, tuple[str, float]]
"""Per car its class and the probability of winning it."""


@dataclass
class Memory:
    """What was worked out before and need not be again; the wall is the same without it."""

    frames: Frames = field(default_factory=Frames)
    race: Race | None = None
    of: tuple[object, ...] = ()
    sections: dict[str, Any] = field(default_factory=dict)
    decoded: dict[int, Any] = field(default_factory=dict)

    def race_of(self, state: SessionState) -> Race:
        """The race of a state as everybody may know it."""
        known = state.race
        of = (known.rows, known.messages, known.weather, known.info)
        if self.race is None or any(a is not b for a, b in zip(of, self.of, strict=True)):
            race = with_(self.frames.race(known), crews=state.crews)
            self.race, self.of, self.sections = race.moment(state.now).for_all().race, of, {}
        return self.race

    def value_of(self, answer: Answer) -> Any:
        """An answer's value, decoded once."""
        if answer.ask not in self.decoded:
            self.decoded[answer.ask] = msgspec.json.decode(answer.value)
        return self.decoded[answer.ask]


def public_wall(state: SessionState, memory: Memory | None = None) -> Wall:
    """What the pit wall shows to everybody."""
    memory = Memory() if memory is None else memory
    race = memory.race_of(state)
    moment = race.moment(state.now)
    track = newest(state, TRACK)
    read = None if track is None else memory.value_of(track)
    shared = memory.sections
    if not shared:
        shared.update(_sections(race))
    return Wall(
        version=state.seq,
        as_of_ms=moment.at_ms,
        simulated=race.info.simulated,
        pit_lane=_lanes(moment),
        wet_declared_ms=_declared_wet(race),
        track=None if track is None or read is None else _track(track, read),
        classes={} if read is None else msgspec.convert(
            read["classes"], dict[str, ClassContrast]
        ),
        tyres=_tyres(shared["cars"], track, read),
        forecast=_forecast(state, memory),
        worm=worm(forecasts(state, memory)),
        stints=tuple(stints(race, track, read)),
        neutralisations=shared["neutralisations"],
        penalties=_penalties(moment),
        driver_time=shared["driver_time"],
        weather=shared["weather"],
    )  # fmt: skip


def newest(state: SessionState, kind: str) -> Answer | None:
    """The newest answer of a kind that is one, by the instant that it is about."""
    latest = state.latest.get(kind)
    if latest is None or latest.error is None:
        return latest
    found = [each for each in state.answers if each.kind == kind and each.error is None]
    return max(found, key=lambda each: each.as_of_ms, default=None)


def forecasts(state: SessionState, memory: Memory) -> list[tuple[int, Chances]]:
    """Every forecast of the session in order of its instant: who wins each class."""
    out = []
    for answer in state.answers:
        if answer.kind != FORECAST or answer.error is not None:
            continue
        if answer.ask not in memory.decoded:
            cars = msgspec.json.decode(answer.value)["cars"]
            memory.decoded[answer.ask] = {
                car: (each["car_class"], each["p_win_class"]) for car, each in cars.items()
            }
        out.append((answer.as_of_ms, memory.decoded[answer.ask]))
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


def _sections(race: Race) -> dict[str, Any]:
    """What follows from the rows alone."""
    weather = race.weather.tail(1).to_dicts()
    return {
        "cars": () if race.crossings.is_empty() else race.at(race.end).cars,
        "neutralisations": tuple(
            NeutralisationView(kind=kind, start_ms=start, end_ms=end)
            for kind, start, end in race.neutralisations.select(
                "kind", "start_ms", "end_ms"
            ).iter_rows()
        ),
        "driver_time": _driver_time(race),
        "weather": None if not weather else WeatherView(
            at_ms=weather[0]["at_ms"], air_c=weather[0]["air_c"], track_c=weather[0]["track_c"]
        ),
    }  # fmt: skip


def _lanes(moment: Moment) -> dict[str, PitLane]:
    race = moment.race
    book = known_book(race)
    out = {}
    for name in dict.fromkeys(entry.car_class for entry in race.entries.values()):
        lane = lane_now(moment, book, name, race.neutralisations)
        state = "open" if lane.may_stop else "closed"
        out[name] = PitLane(
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


def _track(answer: Answer, read: Mapping[str, Any]) -> TrackView:
    return TrackView(
        as_of_ms=answer.as_of_ms,
        wetness=tuple(read["wetness"]),
        sd=tuple(read["sd"]),
        p_wet=tuple(read["p_wet"]),
        p_rain=tuple(read["p_rain"]),
        trend=tuple(read["trend"]),
    )


def _tyres(
    cars: tuple[CarState, ...], answer: Answer | None, read: Mapping[str, Any] | None
) -> dict[str, TyreView]:
    out = {}
    for car in cars:
        number, stint = car.car_number, car.stint_laps
        view = TyreView(age_laps=stint)
        if answer is not None and read is not None:
            before = read["ranges"].get(number)
            since = car.laps - (before[2] if before else car.laps)
            if since < stint or car.stops == 0:
                p_wet, seen = read["tyres"].get(number, (None, False))
                left = None if before is None else round(max(0.0, before[0] - since), 1)
                view = TyreView(
                    p_wet=p_wet, seen=seen, age_laps=stint, laps_left=left,
                    range_sd=None if before is None else before[1],
                )  # fmt: skip
        out[number] = view
    return out


def _forecast(state: SessionState, memory: Memory) -> ForecastView | None:
    answer = newest(state, FORECAST)
    if answer is None:
        return None
    read = msgspec.json.decode(answer.value)
    return ForecastView(
        as_of_ms=answer.as_of_ms,
        known_ms=answer.known_ms,
        replicates=read["replicates"],
        cars={
            car: CarOutlook(
                p_win_class=each["p_win_class"],
                p_win=each["p_win"],
                p_podium_class=each["p_podium_class"],
                p_retire=each["p_retire"],
                laps=Band(**each["laps"]),
                stops_left=Band(**each["stops_left"]),
            )
            for car, each in read["cars"].items()
        },
    )


def stints(
    race: Race, answer: Answer | None = None, read: Mapping[str, Any] | None = None
) -> list[StintView]:
    """Every stint so far; ``wet`` where the rain gauge was sure of the tyres by its last answer."""
    wets = {} if read is None else {(car, stop): p for car, stop, p in read["stints"]}
    known = set() if read is None else set(read["tyres"])
    until = -1 if answer is None else answer.as_of_ms
    last = {row[0]: row[1] for row in race.stints.select("car_number", "stint").iter_rows()}
    out = []
    for row in race.stints.iter_rows(named=True):
        number, start = row["car_number"], row["start_ms"]
        told = number in known and start < until
        out.append(
            StintView(
                car_number=number,
                number=row["stint"],
                driver=row["driver"],
                start_ms=start,
                end_ms=row["end_ms"],
                laps=row["laps"],
                wet=_is_wet(wets.get((number, start), 0.0)) if told else None,
                running=last[number] == row["stint"],
            )
        )
    return out


def _is_wet(p_wet: float) -> bool | None:
    return {"wet": True, "slick": False}.get(tyre_name(p_wet))


def _penalties(moment: Moment) -> tuple[PenaltyView, ...]:
    race, at = moment.race, moment.at
    book = known_book(race)
    given = [
        each
        for each in race.messages
        if isinstance(each, RaceControlMessage) and each.kind == "penalty" and each.car_number
    ]
    if not given:
        return ()
    waiting = (
        []
        if book is None
        else pending_penalties(book, (), race.messages, race.laps, race.stops, at)
    )
    out = []
    for said in given:
        kind = (said.penalty or "").replace("-", "_").replace(" ", "_")
        owed = [
            each
            for each in waiting
            if (each.car_number, each.kind, each.reason) == (said.car_number, kind, said.text)
        ]
        on_track = book is not None and kind in _SERVED_ON_TRACK
        out.append(
            PenaltyView(
                car_number=said.car_number or "",
                kind=kind,
                since_ms=said.happened_at.ms,
                text=said.text,
                seconds=said.seconds,
                served=not owed if on_track else None,
                laps_left=owed[0].laps_left if owed else None,
            )
        )
    return tuple(out)


def _driver_time(race: Race) -> dict[str, tuple[DriverTime, ...]]:
    out: dict[str, list[DriverTime]] = {}
    try:
        told = ledger(race.moment())
    except NotKnown:
        for time in wheel_times(race.laps, race.entries):
            view = DriverTime(driver=time.driver, driven_ms=time.total_ms, driving=time.at_wheel)
            out.setdefault(time.car_number, []).append(view)
    else:
        crews = {alarm.car_number: alarm.words for alarm in told.crew_alarms}
        for row in told.rows:
            out.setdefault(row.car_number, []).append(_account(row, crews.get(row.car_number)))
    return {car: tuple(crew) for car, crew in out.items()}


def _account(row: LedgerRow, crew: str | None) -> DriverTime:
    """A driver's account; what threatens the whole crew stands with whoever drives."""
    own = row.alarms[0].words if row.alarms else None
    return DriverTime(
        driver=row.driver,
        driven_ms=row.total_ms,
        min_ms=row.minimum_ms,
        max_ms=row.maximum_ms,
        alarm=own or (crew if row.at_wheel else None),
        driving=row.at_wheel,
    )


def samples(state: SessionState, memory: Memory) -> pl.DataFrame:
    """The track as it was read lap by lap: schema ``TRACK_SAMPLES`` of the charts."""
    rows = []
    for answer in state.answers:
        if answer.kind != TRACK or answer.error is not None:
            continue
        read = memory.value_of(answer)
        values = (*read["wetness"], *read["sd"], *read["p_wet"], max(read["p_rain"]))
        rows.append((answer.as_of_ms, *map(float, values)))
    names = [f"{name}{k}" for name in ("w", "sd", "p_wet") for k in (1, 2, 3)]
    schema = {"at_ms": pl.Int64, **dict.fromkeys([*names, "p_rain"], pl.Float64)}
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")
