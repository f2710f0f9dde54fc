"""Cards for every car at once: neutralised now, and rain that begins in a sector.

Cars of different classes share a simulated race: what one of them does hardly touches the others'
places in their classes. So a field of sixty cars costs as much as its largest class alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from dryline.domain.instant import Instant
from dryline.race.moment import Moment
from dryline.rules.book import RuleBook
from dryline.rules.pit_lane import PitLane
from dryline.sim.params import RaceParams
from dryline.strategy.candidates import Candidate
from dryline.strategy.cards import (
    KIND,
    Card,
    asked_under,
    begun,
    card_by_rule,
    lane_now,
    last_chance_ms,
    with_lane,
    with_period,
)
from dryline.strategy.evaluate import PairedDifference, drive, mean_se
from dryline.strategy.futures import Futures
from dryline.strategy.outlook import RAINS_P, SECTORS, RainCall, rain_candidates
from dryline.strategy.setting import OwnCar, Setting, agreeing
from dryline.strategy.utility import TIE_BREAK_PER_S, SimulatedFinishes, Utility

REPLICATES = 64


@dataclass(frozen=True)
class DrawnCards:
    """A car's cards: one per kind of neutralisation, one per sector that may turn wet."""

    car_number: str
    car_class: str
    neutralised: tuple[Card, ...]
    rain: tuple[RainCall, ...]


def field_cards(
    setting: Setting,
    cars: Sequence[OwnCar],
    utility: Utility,
    *,
    seed: int,
    threads: int = 1,
    replicates: int = REPLICATES,
) -> tuple[DrawnCards, ...]:
    """The cards of some cars, in their order; while a neutralisation is in force, of it alone."""
    book = setting.book
    plain = Futures(
        setting.params, setting.state, setting.fit.classes, setting.fit.cars,
        cars[0].car if cars else 0, setting.track, bool(cars and cars[0].on_wets), seed,
        setting.plans, {each.car: each.on_wets for each in cars},
    )  # fmt: skip
    spend = _Spend(utility, seed, threads, replicates)
    neutral: dict[str, list[Card]] = {each.number: [] for each in cars}
    if setting.neutralised is not None:
        _under_way(setting, cars, plain, spend, neutral)
    elif book is not None:
        names = {name.partition("@")[0] for name in book.text.neutralisations}
        for kind in (name for name in KIND if name in names):
            _neutralised(setting, book, cars, plain, kind, spend, neutral)
    rain: dict[str, list[RainCall]] = {each.number: [] for each in cars}
    for sector in range(SECTORS):
        if setting.track.p_rain[sector] < RAINS_P:
            _raining(cars, replace(plain, rain_in=sector), sector, spend, rain)
    return tuple(
        DrawnCards(
            each.number,
            setting.fit.classes[each.klass],
            tuple(neutral[each.number]),
            tuple(rain[each.number]),
        )
        for each in cars
    )


@dataclass(frozen=True)
class _Spend:
    utility: Utility
    seed: int
    threads: int
    replicates: int


def _neutralised(
    setting: Setting,
    book: RuleBook,
    cars: Sequence[OwnCar],
    plain: Futures,
    kind: str,
    spend: _Spend,
    out: dict[str, list[Card]],
) -> None:
    params, lanes = _closed(setting.moment, book, setting, kind, plain.params)
    there = replace(plain, params=params, state=begun(plain.state, kind, setting.at))
    _add(cars, there, setting.at, kind, lanes, spend, out)


def _under_way(
    setting: Setting,
    cars: Sequence[OwnCar],
    plain: Futures,
    spend: _Spend,
    out: dict[str, list[Card]],
) -> None:
    """The cards of the neutralisation in force, with every class's lane as it is."""
    kind = next(name for name, code in KIND.items() if code == setting.neutralised)
    lanes = {each.klass: each.lane for each in cars}
    params = setting.params
    for klass, lane in lanes.items():
        params = agreeing(replace(setting, params=params), klass, lane)
    _add(cars, replace(plain, params=params), setting.at, kind, lanes, spend, out)


def _add(
    cars: Sequence[OwnCar],
    there: Futures,
    at: Instant,
    kind: str,
    lanes: Mapping[int, PitLane],
    spend: _Spend,
    out: dict[str, list[Card]],
) -> None:
    asked = {
        each.number: asked_under(replace(each.now, may_stop=lanes[each.klass].may_stop))
        for each in cars
    }
    raced = [each for each in cars if each.now.tyres_in_question]
    found: dict[str, tuple[Candidate, PairedDifference | None]] = {
        each.number: (
            card_by_rule(
                each.now,
                asked[each.number],
                kind,
                lanes[each.klass],
                last_chance_ms(each.now, at, each.lap_ms),
            ),
            None,
        )
        for each in cars
        if not each.now.tyres_in_question
    }
    found |= _best(there, raced, asked, spend)
    for each in cars:
        call, margin = found[each.number]
        lane = lanes[each.klass]
        out[each.number].append(Card(kind, lane, call, margin, spend.utility.unit))


def _closed(
    moment: Moment, book: RuleBook, setting: Setting, kind: str, params: RaceParams
) -> tuple[RaceParams, dict[int, PitLane]]:
    """The pit entry of every class as the rule book says under a period that begins now."""
    frame = with_period(moment.race.neutralisations, kind, moment.at)
    lanes = {}
    for k, car_class in enumerate(setting.fit.classes):
        lanes[k] = lane_now(moment, book, car_class, frame)
        params = with_lane(params, KIND[kind], k, float(setting.at.ms), lanes[k])
    return params, lanes


def _raining(
    cars: Sequence[OwnCar],
    there: Futures,
    sector: int,
    spend: _Spend,
    out: dict[str, list[RainCall]],
) -> None:
    asked = {
        each.number: list(rain_candidates(each.now))
        for each in cars
        if each.now.may_stop and not each.on_wets
    }
    chosen = [each for each in cars if len(asked.get(each.number, ())) > 1]
    for number, (call, margin) in _best(there, chosen, asked, spend).items():
        out[number].append(RainCall(sector + 1, call, margin, spend.utility.unit))


def _best(
    there: Futures,
    cars: Sequence[OwnCar],
    asked: Mapping[str, Sequence[Candidate]],
    spend: _Spend,
) -> dict[str, tuple[Candidate, PairedDifference]]:
    """Each car's best candidate and its margin over the next, by groups of one car a class."""
    groups = _groups(cars)

    def work(group: Sequence[OwnCar]) -> dict[str, list[SimulatedFinishes]]:
        most = max(len(asked[each.number]) for each in group)
        rounds = [_joint(there, group, asked, at, spend) for at in range(most)]
        return {
            each.number: [
                rounds[at].of_car(i) for at in range(len(asked[each.number]))
            ]
            for i, each in enumerate(group)
        }  # fmt: skip

    if spend.threads > 1:
        with ThreadPoolExecutor(spend.threads) as pool:
            found = list(pool.map(work, groups))
    else:
        found = [work(group) for group in groups]
    block = there.replicates if there.wet else 1
    return {
        number: _first_two(asked[number], finishes, spend.utility, block)
        for each in found
        for number, finishes in each.items()
    }


def _joint(
    there: Futures,
    group: Sequence[OwnCar],
    asked: Mapping[str, Sequence[Candidate]],
    at: int,
    spend: _Spend,
) -> SimulatedFinishes:
    """Every car of the group does its candidate number ``at``, or its last."""
    own = []
    for each in group:
        mine = asked[each.number]
        own.append((each.car, mine[min(at, len(mine) - 1)]))
    step = there.replicates
    parts = []
    for first in range(0, spend.replicates, step):
        many = min(step, spend.replicates - first)
        future = there.block(first // step)
        parts.append(drive(own, future, there.plans, seed=spend.seed, first=first, replicates=many))
    return SimulatedFinishes.none().joined(parts)


def _groups(cars: Sequence[OwnCar]) -> list[list[OwnCar]]:
    """Cars in groups of at most one of each class."""
    classes: dict[int, list[OwnCar]] = {}
    for each in cars:
        classes.setdefault(each.klass, []).append(each)
    most = max((len(each) for each in classes.values()), default=0)
    return [[each[at] for each in classes.values() if at < len(each)] for at in range(most)]


def _first_two(
    asked: Sequence[Candidate], finishes: Sequence[SimulatedFinishes], utility: Utility, block: int
) -> tuple[Candidate, PairedDifference]:
    worth = [utility.of(f) for f in finishes]
    score = [
        float((w - TIE_BREAK_PER_S * f.time).mean()) for w, f in zip(worth, finishes, strict=True)
    ]
    order = sorted(range(len(asked)), key=lambda at: -score[at])
    if len(order) < 2:
        return asked[order[0]], PairedDifference(0.0, 0.0)
    return asked[order[0]], mean_se(worth[order[0]] - worth[order[1]], block)


def running_cars(moment: Moment) -> list[str]:
    """The cars that are on the track."""
    return [each.car_number for each in moment.race.at(moment.at) if each.status == "running"]
