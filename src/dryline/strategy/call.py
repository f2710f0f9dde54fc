"""Make the call: what one car should do now, and why.

Everything is read from a race that holds nothing later than the instant. The candidates come from
the pit lane, the rules, the range and the track; each is driven to the flag by the simulator on
common luck; the explanation is read from the same runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from dryline.analysis.crossover import TyreContrast, tyre_contrasts
from dryline.analysis.track import TrackEstimate, filter_track
from dryline.analysis.track_filter import TrackState
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.kernels import race_columns as col
from dryline.model.race_params import FittedRace, fit_race_params
from dryline.race.race import Race
from dryline.rules.book import RuleBook
from dryline.rules.pit_lane import PitLane
from dryline.rules.tyre_rules import tyres_allowed
from dryline.sim.params import RaceParams, RaceState
from dryline.strategy.candidates import Situation, candidates
from dryline.strategy.cards import KIND, Card, lane_now, neutralised_now, with_lane
from dryline.strategy.evaluate import Difference, Ranking, rank
from dryline.strategy.flips import Flip, flips, value_of_waiting
from dryline.strategy.futures import Futures, is_wet
from dryline.strategy.simulate_race import simulator_inputs
from dryline.strategy.utility import Utility

SENSIBLE_P, ON_WETS_P = 0.1, 0.5
"""A tyre is worth comparing from this probability of being the faster one on."""
MEASURED_STOPS = 6
SEEN_P = 0.8


@dataclass(frozen=True)
class Budget:
    """What may be spent: futures per candidate and card, and time as the caller counts it."""

    replicates: int = 500
    seed: int = 1
    threads: int = 1
    card_replicates: int = 128
    out_of_time: Callable[[], bool] = lambda: False
    tell: Callable[[float], None] = lambda _: None


@dataclass(frozen=True)
class Advice:
    """A call with its reasons.

    ``ranking`` holds every candidate; ``waiting`` the value of waiting a lap in the utility's
    unit; ``evidence`` A measured in this race, B in other races, C assumed; ``cannot_tell`` what
    the data leave open, in words.
    """

    car_number: str
    car_class: str
    at_ms: int
    length_ms: int
    situation: Situation
    lane: PitLane
    ranking: Ranking
    flips: tuple[Flip, ...]
    waiting: Difference | None
    cards: tuple[Card, ...]
    evidence: str
    wet: bool
    contrast: TyreContrast | None
    p_own_wets: float
    p_rain: float
    cannot_tell: tuple[str, ...]


@dataclass(frozen=True)
class _Setting:
    """The race as the simulator takes it, with what belongs to the car that asks."""

    fit: FittedRace
    params: RaceParams
    state: RaceState
    car: int
    klass: int
    lap_ms: float
    track: TrackEstimate


def advise(
    race: Race,
    car_number: str,
    at: Instant,
    length_ms: int,
    book: RuleBook | None,
    utility: Utility,
    budget: Budget,
    *,
    track: TrackEstimate | None = None,
) -> Advice:
    """The call for a running car of a race that holds nothing later than ``at``.

    ``book`` is None where no rule book covers the season: then no stop is offered under a
    neutralisation, for nobody knows whether the lane is open. ``track`` is the rain gauge's
    estimate at ``at`` where the caller has it already; it is read from the laps otherwise.
    """
    setting = _setting(race, car_number, at, length_ms, track)
    car_class = setting.fit.classes[setting.klass]
    lane = lane_now(race, book, car_class, at, race.neutralisations)
    setting = replace(setting, params=_agreeing(setting, lane, at))
    state = setting.track.last
    contrast = _contrast(state, car_class)
    p_own = state.tyres.get(car_number, (0.0, False))[0]
    tyres, notes = _tyres(race, book, at, state, contrast, p_own)
    now = _situation(setting, lane, tyres, p_own > ON_WETS_P)
    futures = Futures(
        setting.params, setting.state, setting.fit.classes, setting.fit.cars, setting.car, state,
        p_own > ON_WETS_P, budget.seed,
    )  # fmt: skip
    found = rank(
        futures, candidates(now), utility, replicates=budget.replicates, seed=budget.seed,
        threads=budget.threads, out_of_time=budget.out_of_time, tell=budget.tell,
    )  # fmt: skip
    cards = neutralised_now(
        race, book, futures, now, utility, at=at, lap_ms=setting.lap_ms,
        replicates=min(budget.card_replicates, budget.replicates), seed=budget.seed,
        threads=budget.threads,
    )  # fmt: skip
    cards = cards or _under_way(setting, lane, found)
    return Advice(
        car_number=car_number,
        car_class=car_class,
        at_ms=at.ms,
        length_ms=length_ms,
        situation=now,
        lane=lane,
        ranking=found,
        flips=flips(found, futures, cards, setting.lap_ms),
        waiting=value_of_waiting(found),
        cards=cards,
        evidence=_evidence(race, car_class, state, futures.wet),
        wet=futures.wet,
        contrast=contrast,
        p_own_wets=p_own,
        p_rain=float(state.p_rain.max()),
        cannot_tell=(*notes, *_unknown(lane, futures.wet)),
    )


def _under_way(setting: _Setting, lane: PitLane, found: Ranking) -> tuple[Card, ...]:
    """The card of the neutralisation in force: the call itself; nothing under green."""
    running = setting.state.known[setting.state.known[:, 1] < 0.0]
    if not len(running):
        return ()
    kind = next(name for name, code in KIND.items() if code == int(running[-1][2]))
    second = found.runner_up
    margin = Difference(0.0, 0.0) if second is None else found.margin(found.call, second)
    return (Card(kind, lane, found.call, margin, found.utility.unit),)


def _setting(
    race: Race, car_number: str, at: Instant, length_ms: int, track: TrackEstimate | None
) -> _Setting:
    starters = {number: entry.car_class for number, entry in race.entries.items()}
    fit = fit_race_params(
        race.laps, race.stops, race.neutralisations, at.ms, length_ms, race.info.series,
        starters=starters,
    )  # fmt: skip
    params, state = simulator_inputs(fit)
    car = fit.cars.index(car_number)
    klass = int(params.car[car, col.CAR_CLASS])
    driver = int(state.cars[car, col.STATE_DRIVER])
    lap_ms = float(params.cls[klass, col.CLASS_BASE_MS] * (1.0 + params.pace[car, driver]))
    track = filter_track(race.laps, at.ms, race.messages) if track is None else track
    return _Setting(fit, params, state, car, klass, lap_ms, track)


def _agreeing(setting: _Setting, lane: PitLane, at: Instant) -> RaceParams:
    """The simulator's pit entry made to agree with the lane as it is, where one is in force."""
    running = setting.state.known[setting.state.known[:, 1] < 0.0]
    if not len(running):
        return setting.params
    start, _, kind = running[-1]
    if lane.may_stop:
        opens = setting.params.opens.copy()
        opens[int(kind), setting.klass] = min(opens[int(kind), setting.klass], at.ms - start)
        return replace(setting.params, opens=opens)
    return with_lane(setting.params, int(kind), setting.klass, float(start), lane)


def _situation(
    setting: _Setting, lane: PitLane, tyres: tuple[str, ...], on_wets: bool
) -> Situation:
    row = setting.state.cars[setting.car]
    last, lap_ms = float(row[col.STATE_LAST_MS]), setting.lap_ms
    by_time = (setting.params.length_ms - last) / (1.01 * lap_ms) + 1.0
    by_laps = setting.params.laps - float(row[col.STATE_LAPS])
    return Situation(
        lap=int(row[col.STATE_LAPS]) + 1,
        fuel_laps=max(1.0, float(row[col.STATE_FUEL])),
        range_laps=float(setting.params.car[setting.car, col.CAR_RANGE]),
        laps_to_go=max(1.0, min(by_time, by_laps)),
        may_stop=lane.may_stop,
        tyres=tyres,
        on_wets=on_wets,
    )


def _contrast(track: TrackState, car_class: str) -> TyreContrast | None:
    found = (each for each in tyre_contrasts(track) if each.car_class == car_class)
    return next(found, None)


def _tyres(
    race: Race,
    book: RuleBook | None,
    at: Instant,
    track: TrackState,
    contrast: TyreContrast | None,
    p_own: float,
) -> tuple[tuple[str, ...], list[str]]:
    """The tyres worth comparing, the likeliest fitted first, and what is not known of them."""
    if not is_wet(track):
        return ("usual",), []
    p_wet = 0.0 if contrast is None else contrast.p_wet_faster
    held = "wet" if p_own > ON_WETS_P else "slick"
    out, notes = [held], []
    if held == "wet" and p_wet < 1.0 - SENSIBLE_P:
        out.append("slick")
    if held == "slick" and p_wet > SENSIBLE_P:
        allowed, note = _wets(race, book, at)
        out += ["wet"] if allowed else []
        notes += [note] if note else []
    if abs(p_own - ON_WETS_P) < 0.3:
        notes.append(f"which tyres the car is on: wets with {p_own:.0%}")
    return tuple(out), notes


def _wets(race: Race, book: RuleBook | None, at: Instant) -> tuple[bool, str]:
    """Whether wets may be offered; race control's silence is not its word."""
    if book is None:
        return True, "whether the rules allow wets now: no rule book covers this season"
    choice = tyres_allowed(book, race.messages, at)["wet"]
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


def _evidence(race: Race, car_class: str, track: TrackState, wet: bool) -> str:
    """A measured in this race, B in other races, C assumed."""
    if wet:
        mine = set(race.laps.filter(pl.col("car_class") == car_class)["car_number"].unique())
        seen = any(known and p > SEEN_P for car, (p, known) in track.tyres.items() if car in mine)
        return "B" if seen else "C"
    stops = race.stops.filter(pl.col("car_class") == car_class).height
    return "A" if stops >= MEASURED_STOPS else "B"


def _unknown(lane: PitLane, wet: bool) -> list[str]:
    out = []
    if not lane.may_stop:
        out.append(f"the pit lane: {lane.why}")
    if wet:
        out.append("how the rain goes on: drawn from usual rates, no forecast is read")
        out.append("when crews change tyres: assumed, 2 % of a lap and two laps' delay")
    else:
        out.append("rain: none is seen and none is foreseen")
    out.append("the car's own fuel, tyre sets and drivers: inferred from its laps, not told")
    return out
