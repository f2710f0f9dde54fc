"""Make the call: what one car should do now, and why.

Everything is read from a race that holds nothing later than the instant. The candidates come from
the pit lane, the rules, the range, the crew and the track; each is driven to the flag by the
simulator on common luck; the explanation is read from the same runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from dryline.analysis.track.crossover import TyreContrast
from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.words import missing_in_words
from dryline.domain.language import language
from dryline.kernels import race_columns as col
from dryline.race.moment import Moment
from dryline.rules.book import RuleBook
from dryline.rules.pit_lane import PitLane
from dryline.strategy.candidates import Candidate, Situation, candidates, core, driver_choices
from dryline.strategy.cards import KIND, Card, last_chance_ms, neutralised_now
from dryline.strategy.evaluate import FIRST_ROUND, STOPPED, PairedDifference, Ranking, rank
from dryline.strategy.flips import Flip, flips, value_of_waiting
from dryline.strategy.futures import Futures
from dryline.strategy.outlook import (
    CarToFlag,
    PitWindow,
    RainCall,
    field_outlook,
    pit_window,
    rain_cards,
)
from dryline.strategy.own_stop import SAVING_PRICE, splash_ms
from dryline.strategy.plain_rule import by_rule, led_by_rule
from dryline.strategy.setting import (
    OwnCar,
    Setting,
    futures_of,
    own_car,
    read_setting,
)
from dryline.strategy.team_said import NOTHING, CarSaid, TeamSaid, said_at
from dryline.strategy.turns import Turn
from dryline.strategy.utility import Utility

MEASURED_STOPS = 6
SEEN_P = 0.8
SHORT, SCARCE = 0.45, 0.25
"""With less of the budget left, only the core is compared; with still less, on fewer futures."""


@dataclass(frozen=True)
class Budget:
    """What may be spent: futures per candidate and card, and time as the caller counts it.

    ``left`` is the share of the time budget that is left, 1 where there is none. ``extras``: the
    cards of rain and the outlook of the rivals too.
    """

    replicates: int = 500
    seed: int = 1
    threads: int = 1
    card_replicates: int = 128
    out_of_time: Callable[[], bool] = lambda: False
    tell: Callable[[float], None] = lambda _: None
    left: Callable[[], float] = lambda: 1.0
    extras: bool = True


@dataclass(frozen=True)
class ReasonedCall:
    """A call with its reasons.

    ``ranking`` holds every candidate; ``waiting`` the value of waiting a lap in the utility's
    unit; ``evidence`` A measured in this race, B in other races, C assumed; ``cannot_tell`` what
    the data leave open, in words; ``against`` the rules that the crew breaks or cannot keep;
    ``not_used`` what the team typed and has no part in it;
    ``turn`` who drives after the called stop, None where that is not known, ``drivers`` the
    comparison that it comes from; ``rivals`` the outlook of the cars of the class, the car that
    asks among them; ``splash_ms`` what a stop for the laps that the tank may lack would cost;
    ``rule`` what the plain rule would do.
    """

    car_number: str
    car_class: str
    at_ms: int
    length_ms: int
    situation: Situation
    lane: PitLane
    ranking: Ranking
    flips: tuple[Flip, ...]
    waiting: PairedDifference | None
    cards: tuple[Card, ...]
    evidence: str
    wet: bool
    contrast: TyreContrast | None
    p_own_wets: float
    p_rain: float
    cannot_tell: tuple[str, ...]
    against: tuple[str, ...] = ()
    not_used: tuple[str, ...] = ()
    turn: Turn | None = None
    drivers: Ranking | None = None
    at_wheel: str = ""
    rain: tuple[RainCall, ...] = ()
    window: PitWindow | None = None
    rivals: tuple[CarToFlag, ...] = ()
    said: CarSaid = NOTHING
    team: TeamSaid | None = None
    splash_ms: float = 0.0
    rule: Candidate | None = None


def advise(
    moment: Moment,
    car_number: str,
    length_ms: int,
    book: RuleBook | None,
    utility: Utility,
    budget: Budget,
    *,
    track: TrackEstimate | None = None,
    hurried: bool = False,
) -> ReasonedCall:
    """The call for a running car.

    ``book`` is None where no rule book covers the season: then no stop is offered under a
    neutralisation, for nobody knows whether the lane is open. ``track`` is the rain gauge's
    estimate then where the caller has it already; it is read from the laps otherwise,
    coarsely where ``hurried``.
    """
    setting = read_setting(moment, (car_number,), length_ms, book, track=track, hurried=hurried)
    return call_for(setting, own_car(setting, car_number), utility, budget)


def call_for(setting: Setting, mine: OwnCar, utility: Utility, budget: Budget) -> ReasonedCall:
    """The call for one car of a race that has been read."""
    futures = futures_of(setting, mine, budget.seed)
    asked = candidates(mine.now)
    found = ranked(futures, asked, utility, budget)
    until_ms = last_chance_ms(mine.now, setting.at, mine.lap_ms)
    yellow = setting.yellow and mine.lane.opens_by(until_ms)
    found = led_by_rule(found, asked, mine.now, yellow=yellow)
    few = min(budget.card_replicates, budget.replicates)
    cards = neutralised_now(
        setting.moment, setting.book, futures, mine.now, utility, lap_ms=mine.lap_ms,
        replicates=few, seed=budget.seed, threads=budget.threads,
        out_of_time=lambda: budget.left() <= 0.0,
    )  # fmt: skip
    cards = cards or _under_way(setting, mine, found)
    extras = budget.extras and budget.left() > 0.0
    choice = driver_choices(mine.now, found.call) if budget.left() > 0.0 else ()
    drivers = None
    if choice:
        drivers = rank(
            futures, choice, utility, replicates=few, seed=budget.seed, threads=budget.threads
        )
    rain: tuple[RainCall, ...] = ()
    if extras:
        rain = rain_cards(
            futures, mine.now, utility, replicates=few, seed=budget.seed, threads=budget.threads
        )
    car_class = setting.fit.classes[mine.klass]
    window = pit_window(mine.now, float(mine.params.car[mine.car, col.CAR_RANGE_SD]))
    return ReasonedCall(
        car_number=mine.number,
        car_class=car_class,
        at_ms=setting.at.ms,
        length_ms=setting.length_ms,
        situation=mine.now,
        lane=mine.lane,
        ranking=found,
        flips=flips(found, futures, cards, mine.lap_ms, mine.now),
        waiting=value_of_waiting(found),
        cards=cards,
        evidence=_evidence(setting, car_class, futures.wet),
        wet=futures.wet,
        contrast=mine.contrast,
        p_own_wets=mine.p_own_wets,
        p_rain=float(setting.track.p_rain.max()),
        cannot_tell=(*mine.notes, *_unknown(mine, setting, futures.wet, found)),
        against=mine.against,
        not_used=mine.unused,
        turn=_turn(found, drivers, mine),
        drivers=drivers,
        at_wheel=mine.at_wheel,
        rain=rain,
        window=window,
        rivals=_rivals(setting, mine, futures, budget, window) if extras else (),
        said=mine.said,
        team=said_at(setting.moment),
        rule=by_rule(mine.now, asked, yellow=yellow)[0],
        splash_ms=splash_ms(mine.params, mine.car, mine.now.laps_to_go - mine.now.fuel_laps),
    )


def ranked(
    futures: Futures, asked: tuple[Candidate, ...], utility: Utility, budget: Budget
) -> Ranking:
    """The candidates compared; only their core where little of the time budget is left."""
    left = budget.left()
    short = left < SHORT
    some = core(asked) if short else asked
    found = rank(
        futures, some, utility, replicates=budget.replicates, seed=budget.seed,
        threads=budget.threads, out_of_time=budget.out_of_time, tell=budget.tell,
        first_round=FIRST_ROUND // 4 if left < SCARCE else FIRST_ROUND,
    )  # fmt: skip
    return found.stopped_by(STOPPED[2]) if len(some) < len(asked) else found


def _under_way(setting: Setting, mine: OwnCar, found: Ranking) -> tuple[Card, ...]:
    """The card of the neutralisation in force: the call itself; nothing under green.

    Where the plain rule makes it nothing simulated says whether it is close.
    """
    if setting.neutralised is None:
        return ()
    kind = next(name for name, code in KIND.items() if code == setting.neutralised)
    second = found.runner_up
    compared = second if mine.now.tyres_in_question else None
    margin = None if compared is None else found.margin(found.call, compared)
    return (Card(kind, mine.lane, found.call, margin, found.utility.unit),)


def _turn(found: Ranking, drivers: Ranking | None, mine: OwnCar) -> Turn | None:
    """Who drives after the called stop: whom the rules or the team ask for, else the better one."""
    if found.call.laps_ahead is None:
        return None
    if found.call.turn.forced:
        return found.call.turn
    return drivers.call.turn if drivers is not None else next(iter(mine.now.turns), None)


def _rivals(
    setting: Setting, mine: OwnCar, futures: Futures, budget: Budget, window: PitWindow
) -> tuple[CarToFlag, ...]:
    """The cars of the class to the flag; the one that asks with the window of its own call."""
    rows = setting.state.cars
    cars = [
        c
        for c in range(len(rows))
        if setting.params.car[c, col.CAR_CLASS] == mine.klass and rows[c, col.STATE_OUT] == 0.0
    ]
    cars.sort(key=lambda c: (-rows[c, col.STATE_LAPS], rows[c, col.STATE_LAST_MS]))
    found = field_outlook(futures, cars, setting.flag, seed=budget.seed, threads=budget.threads)
    return tuple(
        replace(each, window=window) if each.car_number == mine.number else each for each in found
    )


def _evidence(setting: Setting, car_class: str, wet: bool) -> str:
    """A measured in this race, B in other races, C assumed."""
    race, track = setting.race, setting.track
    if wet:
        mine = set(race.laps.filter(pl.col("car_class") == car_class)["car_number"].unique())
        seen = any(known and p > SEEN_P for car, (p, known) in track.tyres.items() if car in mine)
        return "B" if seen else "C"
    stops = race.stops.filter(pl.col("car_class") == car_class).height
    return "A" if stops >= MEASURED_STOPS else "B"


def _unknown(mine: OwnCar, setting: Setting, wet: bool, found: Ranking) -> list[str]:
    out = []

    def say(key: str, **places: object) -> None:
        out.append(language().say("cannot_tell", key, **places))

    if any(each.save > 0.0 for each in found.order):
        say("saving", pct=f"{SAVING_PRICE:.0%}")
    if any(each.count is not None for each in found.order) and not wet:
        say("old_tyres")
    if not mine.lane.may_stop:
        say("pit_lane", why=mine.lane.why)
    elif setting.book is None:
        say("lane_if_neutralised")
    if missing := missing_in_words(setting.track):
        say("track", why=missing)
    for key in ("rain", "crews") if wet else ("dry",):
        say(key)
    untold = [
        language().say("cannot_tell", word)
        for word, told in (
            ("fuel", mine.now.reach is not None and mine.now.reach.told),
            ("sets", mine.said.sets or mine.said.stock),
            ("drivers", mine.said.drivers or mine.said.driver or mine.said.pin),
        )
        if not told
    ]
    if untold:
        say("own", what=", ".join(untold))
    return out
