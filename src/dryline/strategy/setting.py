"""A race as calls are made on it: fitted, the track read, the team's word in place of inference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from dryline.analysis.stops.reach import Reach
from dryline.analysis.track.crossover import TyreContrast, tyre_contrasts, wets_likely
from dryline.analysis.track.kinds import rain_kinds
from dryline.analysis.track.model import kin_of
from dryline.analysis.track.rain_tyres import quickest_rain_kind, rain_losses
from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.state import TrackState
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.language import language
from dryline.domain.series import Series
from dryline.domain.tyre_kind import INTER, SLICK, WET, TyreKind
from dryline.kernels import race_columns as col
from dryline.kernels.race_state import FLYING, KNOWN_BY
from dryline.model.flag.projection import LapsAtFlag, laps_at_flag
from dryline.model.race_params import FittedRace, fit_race_params
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.team_evidence import evidence_of
from dryline.rules.book import RuleBook
from dryline.rules.drive_limits import driver_rating
from dryline.rules.drive_time import Ledger, drive_time_ledger
from dryline.rules.pit_lane import PitLane
from dryline.rules.tyre_rules import tyres_allowed
from dryline.sim.params import FieldPlans, RaceParams, SimState
from dryline.strategy.candidates import Situation
from dryline.strategy.cards import lane_now, with_lane
from dryline.strategy.futures import Futures, is_wet
from dryline.strategy.own_range import own_reaches, with_own_ranges
from dryline.strategy.own_stop import stop_ms, with_wear
from dryline.strategy.simulate_race import simulator_inputs
from dryline.strategy.team_said import NOTHING, CarSaid, said_at
from dryline.strategy.told_race import agreeing_stop, service_times, told_race
from dryline.strategy.track_reading import read_track
from dryline.strategy.turns import Crew, Turn, crew_of, stays_in, turns_now
from dryline.strategy.unused import unused

SENSIBLE_P, ON_WETS_P = 0.1, 0.5
"""Slicks are worth comparing for a car on wets from this probability of being the faster ones."""

OPEN_P = 0.2
"""Below this probability of being the faster ones no first lap on the other tyres is waited for."""

SAFE = 0.1
"""What is left in the tank, where nobody told it, is what it holds at least with nine in ten."""


@dataclass(frozen=True)
class Setting:
    """The race at an instant, as the simulator takes it; ``own`` are the cars that ask.

    ``reach`` is how far each of those goes on its tank, ``flag`` the projection of everybody's laps
    at the flag, ``rain_tyres`` the likeliest kind of each car where the series has several.
    """

    moment: Moment
    length_ms: int
    book: RuleBook | None
    fit: FittedRace
    params: RaceParams
    state: SimState
    plans: FieldPlans
    track: TrackState
    own: Mapping[str, CarSaid]
    ledger: Ledger | None
    reach: Mapping[str, Reach]
    flag: LapsAtFlag
    rain_tyres: Mapping[str, str]

    @property
    def race(self) -> Race:
        """The race as it was known then."""
        return self.moment.race

    @property
    def at(self) -> Instant:
        """The instant."""
        return self.moment.at

    @property
    def neutralised(self) -> int | None:
        """The kind of neutralisation in force, as the simulator counts; None under green."""
        running = self.state.known[self.state.known[:, 1] < 0.0]
        return int(running[-1][2]) if len(running) else None

    @property
    def yellow(self) -> bool:
        """Whether the race is neutralised and goes on."""
        return self.neutralised not in (None, col.RED)


@dataclass(frozen=True)
class OwnCar:
    """A car that asks, with the race as it stands for it.

    ``against`` are the rules that its crew breaks or cannot keep, in words; ``notes`` what is not
    known.
    """

    number: str
    car: int
    klass: int
    lap_ms: float
    params: RaceParams
    lane: PitLane
    now: Situation
    contrast: TyreContrast | None
    p_own_wets: float
    said: CarSaid
    at_wheel: str
    against: tuple[str, ...]
    notes: tuple[str, ...]
    unused: tuple[str, ...] = ()

    @property
    def on_wets(self) -> bool:
        """Whether it is taken to be on wets."""
        return self.p_own_wets > ON_WETS_P


def read_setting(
    moment: Moment,
    own: Sequence[str],
    length_ms: int,
    book: RuleBook | None,
    *,
    track: TrackEstimate | None = None,
    hurried: bool = False,
) -> Setting:
    """A race at a moment for the cars ``own``.

    ``track`` is the rain gauge's estimate where the caller has it; ``hurried`` reads it coarsely
    otherwise.
    """
    race, at, team = moment.race, moment.at, said_at(moment)
    if track is None:
        track = read_track(moment, hurried=hurried)
    starters = {number: entry.car_class for number, entry in race.entries.items()}
    fit = fit_race_params(
        race.laps, race.stops, race.neutralisations, at.ms, length_ms, race.series,
        starters=starters, track=track,
    )  # fmt: skip
    params, state = simulator_inputs(fit)
    said = {number: team.own(number) for number in own}
    told = told_race(params, state, fit.cars, said, team, race.laps)
    reach = own_reaches(moment, said)
    params, state = with_own_ranges(told.params, told.state, fit.cars, reach)
    ledger = None
    if book is not None:
        ledger = drive_time_ledger(
            book, race.laps, race.entries, instant=at, length_ms=length_ms,
            neutralisations=race.neutralisations,
        )  # fmt: skip
    return Setting(
        moment,
        length_ms,
        book,
        fit,
        params,
        state,
        told.plans,
        track.last,
        said,
        ledger,
        reach,
        laps_at_flag(moment),
        _rain_tyres(moment, track),
    )


def _rain_tyres(moment: Moment, track: TrackEstimate) -> dict[str, str]:
    """By car the rain tyre that it is likeliest on if it is on one; none where there is but one."""
    race, names = moment.race, [each.name for each in _kinds(moment.race)[1:]]
    heard = (*race.messages, *evidence_of(moment.inputs))
    found = rain_kinds(race.laps, track, _kinds(race), heard)
    return {car: names[int(np.argmax(shares))] for (car, _), shares in sorted(found.items())}


def _kinds(race: Race) -> Sequence[TyreKind]:
    return Series.of(race.series).tyres


def own_car(setting: Setting, number: str) -> OwnCar:
    """One of the cars that ask: its lane, its range, its crew, the tyres worth comparing."""
    fit = setting.fit
    car = fit.cars.index(number)
    klass = int(setting.params.car[car, col.CAR_CLASS])
    car_class = fit.classes[klass]
    said = setting.own.get(number, NOTHING)
    lane = lane_now(setting.moment, setting.book, car_class, setting.race.neutralisations)
    params = agreeing(setting, klass, lane)
    service = service_times(said, setting.book, params, car)
    if service is not None:
        params = agreeing_stop(params, car, said, service)
        service = replace(service, beside_ms=float(params.car[car, col.CAR_PIT_MS]))
        params = params if service.tyres_ms is None else with_wear(params)
    driver = int(setting.state.cars[car, col.STATE_DRIVER])
    lap_ms = float(params.cls[klass, col.CLASS_BASE_MS] * (1.0 + params.pace[car, driver]))
    contrast = next((c for c in tyre_contrasts(setting.track) if c.car_class == car_class), None)
    p_own = setting.track.tyres.get(number, (0.0, False))[0]
    held, rain = _on_and_next(setting, number, car_class, p_own)
    tyres, notes = _tyres(setting, contrast, p_own, (held, rain), said)
    if held not in (SLICK, rain):
        notes.append(_another(setting, car_class, held, rain, lap_ms))
    now = _situation(setting, params, number, lap_ms, lane)
    in_lane = bool(setting.state.cars[car, col.STATE_IN_LANE])
    now = _with_reach(now, setting.reach.get(number), in_lane=in_lane)
    crew = _crew(setting, number, car, lap_ms)
    turns, against = _turns(setting, crew, said, car)
    now = replace(
        now, tyres=tyres, held=held, rain=rain, turns=turns, service=service,
        change_by=_change_by(setting, car, turns, lap_ms),
        gap_unknown=_gap_unknown(setting, klass, contrast, on_wets=p_own > ON_WETS_P),
        green_stop_s=stop_ms(params, car, now.range_laps - now.fuel_laps) / 1000.0,
        yellow_price=Series.of(setting.race.info.series).neutralisations.stop_price,
        no_stop=tuple(
            (each.value.first_lap, each.value.last_lap) for each in said.no_stop.values()
        ),
    )  # fmt: skip
    if in_lane:
        notes = [*notes, "what was done at its stop: it is taken to be on its out-lap, refuelled"]
    return OwnCar(
        number, car, klass, lap_ms, params, lane, now, contrast, p_own, said, crew.at_wheel,
        against, tuple(notes),
        unused(
            said, crew, now, stops_made(setting, car),
            setting.race.laps.filter(pl.col("car_number") == number), setting.at.ms,
        ),
    )  # fmt: skip


def futures_of(
    setting: Setting, mine: OwnCar, seed: int, sisters: Sequence[OwnCar] = ()
) -> Futures:
    """The futures against which the car's calls are compared."""
    return Futures(
        mine.params, setting.state, setting.fit.classes, setting.fit.cars, mine.car, setting.track,
        mine.on_wets, seed, setting.plans, {each.car: each.on_wets for each in sisters},
    )  # fmt: skip


def agreeing(setting: Setting, klass: int, lane: PitLane) -> RaceParams:
    """The simulator's pit entry made to agree with the lane as it is, where one is in force."""
    running = setting.state.known[setting.state.known[:, 1] < 0.0]
    if not len(running):
        return setting.params
    start, _, kind = running[-1]
    if lane.may_stop:
        opens = setting.params.opens.copy()
        opens[int(kind), klass] = min(opens[int(kind), klass], setting.at.ms - start)
        return replace(setting.params, opens=opens)
    return with_lane(setting.params, int(kind), klass, float(start), lane)


def _situation(
    setting: Setting, params: RaceParams, number: str, lap_ms: float, lane: PitLane
) -> Situation:
    car = setting.fit.cars.index(number)
    row = setting.state.cars[car]
    done = int(row[col.STATE_LAPS])
    to_go = max(1.0, float(setting.flag.quantiles(number)[1] - done))
    full, in_lane = float(params.car[car, col.CAR_RANGE]), bool(row[col.STATE_IN_LANE])
    return Situation(
        lap=done + 1,
        fuel_laps=max(1.0, float(row[col.STATE_FUEL])) if not in_lane else min(full, to_go),
        range_laps=full,
        laps_to_go=to_go,
        may_stop=lane.may_stop,
        tyres=("usual",),
        wave_by=_wave_by(setting, params, car, lap_ms),
        chances=setting.flag.to_go(number, done),
    )


def _with_reach(now: Situation, reach: Reach | None, *, in_lane: bool) -> Situation:
    """The situation with what the tank surely holds; in the lane it is taken to be refuelled."""
    if reach is None:
        return now
    if in_lane:
        reach = replace(reach, load=0.0)
    left = max(1.0, reach.left(0.5 if reach.told else SAFE))
    return replace(now, reach=reach, fuel_laps=min(left, now.laps_to_go) if in_lane else left)


def _wave_by(setting: Setting, params: RaceParams, car: int, lap_ms: float) -> int | None:
    """Laps until a car behind the safety car has been waved past; None where none will be."""
    running = setting.state.known[setting.state.known[:, 1] < 0.0]
    if not len(running):
        return None
    start, _, kind = running[-1]
    row = params.neu[int(kind)]
    to_come = float(start) + float(row[col.NEU_WAVE_MS]) - setting.at.ms
    if row[col.NEU_WAVE_MS] <= 0.0 or to_come <= 0.0 or _leads(setting, car):
        return None
    return 1 + math.ceil(to_come / max(lap_ms, float(row[col.NEU_TRAIN_MS])))


def _change_by(setting: Setting, car: int, turns: Sequence[Turn], lap_ms: float) -> int | None:
    """Laps after the one under way at whose end the driver must change; None before the flag."""
    by_ms = next((each.by_ms for each in turns if each.forced and each.by_ms is not None), None)
    if by_ms is None or by_ms >= setting.length_ms:
        return None
    ends = float(setting.state.cars[car, col.STATE_LAST_MS]) + lap_ms
    return max(0, int((by_ms - max(ends, float(setting.at.ms))) / lap_ms))


def _leads(setting: Setting, car: int) -> bool:
    """Whether the car is the first of its class on the road: it gains nothing by a wave-by."""
    mine = setting.params.car[:, col.CAR_CLASS] == setting.params.car[car, col.CAR_CLASS]
    rows = setting.state.cars
    score = rows[:, col.STATE_LAPS] - rows[:, col.STATE_LAST_MS] / 1.0e12
    return bool(score[car] >= score[mine].max())


def stops_made(setting: Setting, car: int) -> int:
    """Stops that a car has made or is making."""
    row = setting.state.cars[car]
    return int(row[col.STATE_STOPS] + row[col.STATE_IN_LANE])


def _turns(
    setting: Setting, crew: Crew, said: CarSaid, car: int
) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    """Who may get in at a stop now, and what stands against the rules."""
    left = setting.length_ms - setting.at.ms
    turns, against = turns_now(crew, setting.ledger, said, setting.at.ms, left)
    coming = stops_made(setting, car) + 1
    if any(each.value == coming for each in said.no_change.values()):
        return (stays_in(crew, coming),), against
    return turns, against


def _crew(setting: Setting, number: str, car: int, lap_ms: float) -> Crew:
    """The car's crew, and who is at the wheel."""
    seats = tuple(name for name in setting.fit.drivers[car] if name)
    told = setting.own.get(number, NOTHING).driver
    last = int(setting.state.cars[car, col.STATE_DRIVER])
    at_wheel = seats[last] if last < len(seats) else ""
    row = setting.race.laps.filter(pl.col("car_number") == number)
    newer = told is not None and (row.is_empty() or told.at.ms >= row["elapsed_ms"].max())  # type: ignore[operator]
    if told is not None and newer:
        at_wheel = told.value
    entry = setting.race.entries.get(number)
    range_ms = float(setting.params.car[car, col.CAR_RANGE]) * lap_ms
    places = int(setting.params.car[car, col.CAR_DRIVERS])
    book = setting.book
    return crew_of(
        number,
        seats,
        () if entry is None else entry.drivers,
        at_wheel,
        places,
        range_ms,
        None if book is None else lambda name: driver_rating(book, entry, name),
    )


def _tyres(
    setting: Setting,
    contrast: TyreContrast | None,
    p_own: float,
    on_and_next: tuple[str, str],
    said: CarSaid,
) -> tuple[tuple[str, ...], list[str]]:
    """The tyres worth comparing, what the car is on first, and what is not known of them."""
    if not is_wet(setting.track):
        return ("usual",), []
    p_wet = 0.0 if contrast is None else contrast.p_wet_faster
    held, rain = on_and_next
    out, notes = [held], []
    if held != SLICK and p_wet < 1.0 - SENSIBLE_P:
        out.append(SLICK)
    if held == SLICK and wets_likely(setting.track, p_wet):
        allowed, note = rain_tyre_allowed(setting, rain)
        out += [rain] if allowed else []
        notes += [note] if note else []
    elif held == SLICK and p_wet > SENSIBLE_P:
        notes.append(language().say("cannot_tell", "too_early_for_wets", p=f"{p_wet:.0%}"))
    if abs(p_own - ON_WETS_P) < 0.3:
        notes.append(f"which tyres the car is on: wets with {p_own:.0%}")
    for kind in out[1:]:
        gone = said.has_none(kind)
        if gone is not None:
            out.remove(kind)
            notes.append(f"{kind}s are not offered: {gone.author} said none is left")
    return tuple(out), [*notes, *_inters(setting)]


def _gap_unknown(
    setting: Setting, klass: int, contrast: TyreContrast | None, *, on_wets: bool
) -> bool:
    """Whether it is open which tyre is faster, and too few cars have shown the other kind.

    Those of the class's kin count that have driven a flying lap on it. Under a neutralisation
    nobody waits for one.
    """
    p_wet = 0.0 if contrast is None else contrast.p_wet_faster
    if setting.neutralised is not None or (1.0 - p_wet if on_wets else p_wet) < OPEN_P:
        return False
    kin = kin_of(setting.fit.classes[klass])
    rows, shown = setting.state.cars, 0
    for c, number in enumerate(setting.fit.cars):
        its = kin_of(setting.fit.classes[int(setting.params.car[c, col.CAR_CLASS])])
        wets = setting.track.tyres.get(number, (0.0, False))[0] > ON_WETS_P
        running = rows[c, col.STATE_OUT] == 0.0 and rows[c, col.STATE_STINT_LAPS] >= FLYING
        shown += its == kin and wets != on_wets and running
    return shown < KNOWN_BY


def _on_and_next(setting: Setting, number: str, car_class: str, p_own: float) -> tuple[str, str]:
    """The kind that the car is on, and the rain tyre that would be fitted: the quickest now."""
    kinds = _kinds(setting.race)
    rain = kinds[1].name
    if car_class in setting.track.classes:
        rain = quickest_rain_kind(setting.track, car_class, kinds).name
    held = setting.rain_tyres.get(number, kinds[1].name) if p_own > ON_WETS_P else SLICK
    return held, rain


def _another(setting: Setting, car_class: str, held: str, rain: str, lap_ms: float) -> str:
    """That another rain tyre is quicker now, which the futures cannot compare."""
    loss = rain_losses(setting.track, car_class, _kinds(setting.race))
    called = {each.name: each.words for each in _kinds(setting.race)}
    spared_s = lap_ms * (loss[held] - loss[rain]) / 1000.0
    return language().say(
        "cannot_tell", "which_rain_tyre", held=called[held], kind=called[rain],
        seconds=f"{spared_s:.1f}",
    )  # fmt: skip


def rain_tyre_allowed(setting: Setting, kind: str) -> tuple[bool, str]:
    """Whether a rain tyre may be offered; race control's silence is not its word."""
    race, book = setting.race, setting.book
    if book is None:
        return True, "whether the rules allow wets now: no rule book covers this season"
    choices = tyres_allowed(book, race.messages, setting.at)
    choice = choices.get(kind, choices[WET])
    if choice.allowed:
        return True, ""
    if choice.allowed is None:
        return True, choice.why
    heard = any(
        isinstance(each, RaceControlMessage) and each.kind.startswith("track_declared")
        for each in race.messages
    )
    if heard:
        return False, f"wets are not offered: {choice.why}"
    return True, "whether race control has declared the track wet: wets wait for it"


def _inters(setting: Setting) -> list[str]:
    """Intermediates that the rules allow and the series' file does not name are never compared."""
    if setting.book is None or INTER in [each.name for each in _kinds(setting.race)]:
        return []
    choice = tyres_allowed(setting.book, setting.race.messages, setting.at)[INTER]
    if not choice.allowed:
        return []
    return ["intermediates: allowed here, but their answer to water is not measured"]
