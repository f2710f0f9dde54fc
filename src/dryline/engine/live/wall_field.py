"""The field on the public half of the pit wall: stints, tyres, penalties, time at the wheel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dryline.analysis.track.tyres import tyre_name
from dryline.answers.live_track import LiveTrack
from dryline.answers.rows import rows_of
from dryline.answers.wall import TyreView, WeatherView
from dryline.answers.wall_field import DriverTime, NeutralisationView, PenaltyView, StintView
from dryline.domain.decision import DecisionKind
from dryline.domain.errors import NotKnown
from dryline.domain.event import RaceControlMessage
from dryline.engine.championship import known_book, ledger
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.snapshot import CarState
from dryline.rules.drive_alarms import LedgerRow
from dryline.rules.penalties import pending_penalties
from dryline.rules.wheel_time import wheel_times

_SERVED_ON_TRACK = (DecisionKind.DRIVE_THROUGH, DecisionKind.STOP_AND_GO)


@dataclass(frozen=True)
class FieldNow:
    """What follows from the rows alone."""

    cars: tuple[CarState, ...]
    neutralisations: tuple[NeutralisationView, ...]
    driver_time: Mapping[str, tuple[DriverTime, ...]]
    weather: WeatherView | None

    @classmethod
    def of(cls, race: Race) -> FieldNow:
        """Of a race as it is known."""
        latest = race.weather.tail(1).select("at_ms", "air_c", "track_c")
        periods = race.neutralisations.select("kind", "start_ms", "end_ms")
        return cls(
            cars=() if race.crossings.is_empty() else race.at(race.end).cars,
            neutralisations=rows_of(NeutralisationView, periods),
            driver_time=_driver_time(race),
            weather=next(iter(rows_of(WeatherView, latest)), None),
        )


def tyres(cars: tuple[CarState, ...], read: LiveTrack | None) -> dict[str, TyreView]:
    """Tyres and range of every car; of one that has stopped since they were read, the age alone."""
    return {car.car_number: _tyre(car, read) for car in cars}


def _tyre(car: CarState, read: LiveTrack | None) -> TyreView:
    age = TyreView(age_laps=car.stint_laps)
    if read is None:
        return age
    left, believed = read.ranges.get(car.car_number), read.tyres.get(car.car_number)
    since = car.laps - (car.laps if left is None else left.lap)
    if since >= car.stint_laps and car.stops:
        return age
    return TyreView(
        p_wet=None if believed is None else believed.p_wet,
        seen=believed is not None and believed.seen,
        age_laps=car.stint_laps,
        laps_left=None if left is None else round(max(0.0, left.laps_left - since), 1),
        range_sd=None if left is None else left.sd,
        kinds=None if believed is None else believed.kinds,
    )


def stints(race: Race, read: LiveTrack | None = None) -> list[StintView]:
    """Every stint so far; ``wet`` where the rain gauge was sure of the tyres by its last answer."""
    wets = (
        {}
        if read is None
        else {(each.car_number, each.stop_ms): each.p_wet for each in read.stints}
    )
    known = set() if read is None else set(read.tyres)
    until = -1 if read is None else read.at_ms
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


def penalties(moment: Moment) -> tuple[PenaltyView, ...]:
    """Every penalty that race control has given, and what is left of it."""
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
