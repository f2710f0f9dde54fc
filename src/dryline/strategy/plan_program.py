"""The deterministic part of a plan as a mixed-integer linear program.

Stints 1 to K, whole laps, one driver each, tyres new or kept, the least time for a number of
laps. What bends is convex (tyre age, fuel on board), so tangents hold it from below; of the stint
that a car is driving already every length is a choice of its own. ``plan_rows`` solves it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dryline.strategy.plan_rows import Rows, Solved, Terms
from dryline.strategy.plan_setup import RaceSetup
from dryline.strategy.plan_stints import StintChoice, wear
from dryline.strategy.plan_tyres import most_laps, step, tyre_rows

NODES, LONG_NODES, GAP, LONG_GAP, LONG = 300, 1, 2.0e-5, 1.0e-4, 12
"""The solver stops within this share of the best; beyond twelve stints a larger one, at its root:
what branching adds there is seconds in a day's race and minutes of work.
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is fixed before the solver runs: laps, stints, and sets of tyres where asked for."""

    laps: int
    stints: int
    sets: int | None = None


Margins = Mapping[tuple[int, str], float]
"""By driver and limit: seconds by which the limit is kept tighter than it is."""
NO_MARGINS: Margins = {}


@dataclass(frozen=True, slots=True)
class Cut:
    """Together the stints may hold at most so much driving by the driver."""

    driver: int
    stints: tuple[int, ...]
    most_s: float


@dataclass(frozen=True)
class Solution:
    """The choices; ``bound_s``: none of that shape ends sooner; where limits had to give, how much.

    ``short`` maps the limit's name to seconds or sets.
    """

    choices: tuple[StintChoice, ...]
    bound_s: float
    short: Mapping[str, float]


def solve(
    setup: RaceSetup,
    shape: Shape,
    cuts: Sequence[Cut] = (),
    margins: Margins = NO_MARGINS,
    *,
    elastic: bool = False,
) -> Solution | None:
    """The fastest choices of that shape; None where there are none.

    ``elastic`` lets the crew's limits and the tyre stock give, as little as can be, and says by
    how much: to tell a user what stands in the way.
    """
    program = _Program(setup, shape, margins, elastic)
    for cut in cuts:
        program.cut(cut)
    return program.solution()


def bound(setup: RaceSetup, shape: Shape) -> float | None:
    """A finish that no plan of that shape can be sooner than; None where there is no such plan."""
    program = _Program(setup, shape, NO_MARGINS, elastic=False)
    found = program.rows.solve(nodes=1, gap=0.0, relaxed=True)
    return None if found is None else program.fixed_s + found.bound


class _Program:
    def __init__(self, setup: RaceSetup, shape: Shape, margins: Margins, elastic: bool) -> None:
        self.setup, self.shape, self.margins, self.elastic = setup, shape, margins, elastic
        self.rows = Rows()
        self.crew, self.stints = range(len(setup.drivers)), range(shape.stints)
        self.quickest = min(setup.lap_s(d) for d in self.crew)
        stops = sum(setup.stops_before(k) for k in self.stints)
        self.fixed_s = setup.begins_s + setup.pit.lane_s * stops
        self._laps()
        self._drivers()
        self.new = tyre_rows(self.rows, setup, self.n, shape.sets, elastic=elastic)
        self._stands()
        if any(who.from_s or who.until_s is not None for who in setup.drivers):
            self._clock()
        for d in self.crew:
            self._limits(d)
            self._spans(d)
        self._wishes()

    def _laps(self) -> None:
        """Laps by stint, never beyond a tank and what is saved."""
        setup, rows, fuel = self.setup, self.rows, self.setup.fuel
        self.n = [
            rows.add(cost=self._lap_cost(k), low=1.0, high=max(1, setup.longest(k)), whole=True)
            for k in self.stints
        ]
        lighter = fuel.burn_gain_s * (fuel.laps + fuel.save_laps)
        self.saved = [
            rows.add(
                cost=fuel.save_s if self._is_under_way(k) else max(0.0, fuel.save_s - lighter),
                high=setup.saving(k),
            )
            for k in self.stints
        ]
        for k in self.stints:
            tank = max(1, setup.longest(k) - setup.saving(k))
            rows.row({self.n[k]: 1.0, self.saved[k]: -1.0}, high=tank)
            if k == 0 and setup.under_way is not None:
                self._under_way(setup.under_way.fuel_laps)
            elif fuel.burn_gain_s:
                self._burn(k)
        rows.row(dict.fromkeys(self.n, 1.0), self.shape.laps, self.shape.laps)

    def _lap_cost(self, k: int) -> float:
        """A lap of the quickest driver; of a car that is filled as needed, all but empty."""
        light = self.setup.fuel.burn_gain_s * self.setup.fuel.laps
        return self.quickest - (0.0 if self._is_under_way(k) else light)

    def _is_under_way(self, k: int) -> bool:
        return k == 0 and self.setup.under_way is not None

    def _burn(self, k: int) -> None:
        """Fuel on board: half the square of a stint's laps, by tangents from below."""
        gain, rows = self.setup.fuel.burn_gain_s, self.rows
        cost = rows.add(cost=gain)
        for at in range(0, self.setup.fuel.laps + 1, step(self.setup.fuel.laps)):
            rows.row({cost: 1.0, self.n[k]: -(at + 1.0)}, low=-at * (at + 1.0) / 2.0)

    def _under_way(self, on_board: int) -> None:
        """The stint under way, every length a choice: what burning gains bends the wrong way."""
        setup, rows, gain = self.setup, self.rows, self.setup.fuel.burn_gain_s
        only = setup.wishes.next_lap
        alone = self.shape.stints == 1
        lengths: Terms = {}
        for laps in range(1, max(1, setup.longest(0)) + 1):
            ends = setup.laps_done + laps
            if not alone and ((only is not None and ends != only) or self._forbidden(ends)):
                continue
            light = gain * (laps * (setup.fuel.laps - on_board) + wear(laps))
            lengths[rows.add(cost=-light, high=1.0, whole=True)] = float(laps)
        rows.row(dict.fromkeys(lengths, 1.0), 1.0, 1.0)
        rows.row({**lengths, self.n[0]: -1.0}, 0.0, 0.0)

    def _forbidden(self, lap: int) -> bool:
        return any(first <= lap <= last for first, last in self.setup.wishes.no_stop)

    def _drivers(self) -> None:
        """One driver a stint, his laps, what he is slower than the quickest."""
        setup, rows, crew = self.setup, self.rows, self.crew
        self.y = [
            [rows.add(cost=setup.lap_s(d) - self.quickest) for d in crew] for _ in self.stints
        ]
        self.x = [[rows.add(high=1.0, whole=True) for _ in crew] for _ in self.stints]
        for k in self.stints:
            most = max(1, setup.longest(k))
            rows.row(dict.fromkeys(self.x[k], 1.0), 1.0, 1.0)
            rows.row({**dict.fromkeys(self.y[k], 1.0), self.n[k]: -1.0}, 0.0, 0.0)
            for d in crew:
                rows.row({self.y[k][d]: 1.0, self.x[k][d]: -most}, high=0.0)
                rows.row({self.y[k][d]: 1.0, self.x[k][d]: -1.0}, low=0.0)
        now = setup.under_way
        if now is not None and now.driver is not None:
            rows.low[self.x[0][now.driver]] = 1.0
        for d, who in enumerate(setup.drivers):
            if who.starts and setup.so_far is None:
                rows.low[self.x[0][d]] = 1.0

    def _in_before(self, k: int, d: int) -> tuple[Terms, float]:
        """Whether a driver is at the wheel before a stint: a variable, or a number."""
        if k:
            return {self.x[k - 1][d]: 1.0}, 0.0
        at_wheel = None if self.setup.so_far is None else self.setup.so_far.driver
        return {}, 1.0 if at_wheel is None else float(at_wheel == d)

    def _stands(self) -> None:
        """Standing times: fuel, tyres and a driver change, one after another or together."""
        rows, pit, hose = self.rows, self.setup.pit, self.setup.fuel.hose_s_per_lap
        self.stand = [rows.add(cost=1.0) for _ in self.stints]
        for k in self.stints:
            if not self.setup.stops_before(k):
                rows.high[self.stand[k]] = 0.0
                continue
            change = rows.add(high=1.0)
            for d in self.crew:
                before, known = self._in_before(k, d)
                terms = {change: 1.0, self.x[k][d]: -1.0, **before}
                rows.row(terms, low=-known)
            fuel = {self.n[k]: -hose, self.saved[k]: hose}
            left = 0.0
            if k == 0:
                left = hose * self.setup.left_in_tank
            elif k == 1 and self.setup.under_way is not None:
                left = hose * self.setup.left_in_tank
                fuel |= {self.n[0]: -hose, self.saved[0]: hose}
            tyres = {j: -pit.tyres_s * value for j, value in self.new[k].items()}
            driver = {change: -pit.driver_s}
            works = (
                [(fuel | tyres, -left), (driver | tyres, 0.0)]
                if pit.tyres_after_fuel
                else [(fuel, -left), (tyres, 0.0), (driver, 0.0)]
            )
            for work, low in works:
                rows.row({self.stand[k]: 1.0, **work}, low=low)

    def _clock(self) -> None:
        """The end of each stint on the clock, from where the plan begins, wear at its average."""
        rows, setup = self.rows, self.setup
        self.end = [rows.add() for _ in self.stints]
        for k in self.stints:
            clock: Terms = {self.end[k]: 1.0, self.stand[k]: -1.0}
            for d in self.crew:
                clock[self.y[k][d]] = -self._typical_s(d)
            if k:
                clock[self.end[k - 1]] = -1.0
            lane_s = setup.pit.lane_s * setup.stops_before(k)
            rows.row(clock, lane_s, lane_s)
        for d, who in enumerate(setup.drivers):
            if who.until_s is not None:
                self._until(d, who.until_s - self._margin(d, "until") - setup.begins_s)
            if who.from_s:
                self._from(d, who.from_s + self._margin(d, "from") - setup.begins_s)

    def _until(self, d: int, until_s: float) -> None:
        """A stint of the driver ends by then; the one under way is no choice."""
        far = max(0.0, self._longest_s(self.shape.laps, self.shape.stints) - until_s)
        for k in self.stints[1 if self.setup.under_way is not None else 0 :]:
            terms = {self.end[k]: 1.0, self.x[k][d]: far, **self._give(f"{d}:until", -1.0)}
            self.rows.row(terms, high=until_s + far)

    def _from(self, d: int, from_s: float) -> None:
        """A stint of the driver begins no earlier; the one under way is no choice."""
        if from_s <= 0.0:
            return
        for k in self.stints[1 if self.setup.under_way is not None else 0 :]:
            begins: Terms = {self.stand[k]: 1.0} if self.setup.stops_before(k) else {}
            if k:
                begins[self.end[k - 1]] = 1.0
            low = -self.setup.pit.lane_s * self.setup.stops_before(k)
            give = self._give(f"{d}:from", 1.0)
            self.rows.row({**begins, self.x[k][d]: -from_s, **give}, low=low)

    def _longest_s(self, laps: int, stints: int) -> float:
        """So many laps in so many stints, each after a stop, take no longer."""
        setup = self.setup
        slowest = max(setup.lap_s(d) for d in self.crew)
        pit, fuel, tyres = setup.pit, setup.fuel, setup.tyres
        worn = tyres.loss_s * min(
            self.shape.laps, most_laps(setup, self.shape.stints, self.shape.sets)
        )
        stop = pit.lane_s + pit.tyres_s + max(pit.driver_s, fuel.hose_s_per_lap * fuel.laps)
        return laps * (slowest + worn) + stints * (stop + fuel.save_laps * fuel.save_s)

    def _typical_s(self, d: int) -> float:
        half = min(self.setup.fuel.laps, self.shape.laps) / 2.0
        bend = self.setup.tyres.loss_s - self.setup.fuel.burn_gain_s
        return self.setup.lap_s(d) + bend * half

    def _limits(self, d: int) -> None:
        """The least and the most time at the wheel that are left.

        A lap is taken at its average, so both are kept as loosely as laps may differ from it; the
        exact clock then says by how much more.
        """
        rows, who, done = self.rows, self.setup.drivers[d], self.setup.driven_s(d)
        loose = abs(self._typical_s(d) / self.setup.lap_s(d) - 1.0)
        driven = self._driven(d, self.stints)
        if who.min_s is not None and who.min_s > done:
            low = (who.min_s - done) * (1.0 - loose) + self._margin(d, "least")
            rows.row({**driven, **self._give(f"{d}:least", 1.0)}, low=low)
        if who.max_s is not None:
            left_s = who.max_s - done
            high = left_s + abs(left_s) * loose - self._margin(d, "most")
            rows.row({**driven, **self._give(f"{d}:most", -1.0)}, high=high)

    def _driven(self, d: int, stints: Sequence[int]) -> Terms:
        return {self.y[k][d]: self._typical_s(d) for k in stints}

    def _spans(self, d: int) -> None:
        """So many stints in a row surely lie within a window, or are more than a turn."""
        setup, who = self.setup, self.setup.drivers[d]
        stint_s = setup.fuel.laps * self._typical_s(d)
        tank = setup.fuel.laps + setup.fuel.save_laps
        longest_s = self._longest_s(tank, 1)
        if who.window_s is not None and who.window_max_s is not None:
            span = max(1, int(who.window_s // longest_s))
            self._every_span(d, span, who.window_max_s)
            self._beyond(d, span, (span + 1) * longest_s - who.window_s, who.window_max_s)
            for stints in range(1, min(span, self.shape.stints) + 1):
                since = setup.begins_s + stints * longest_s - who.window_s
                past = self._past_s(d, since)
                if past:
                    give = self._give(f"{d}:turn", -1.0)
                    driven = self._driven(d, self.stints[:stints])
                    self.rows.row({**driven, **give}, high=who.window_max_s - past)
        if who.turn_max_s is not None:
            self._every_span(d, int(who.turn_max_s // stint_s) + 1, who.turn_max_s)

    def _every_span(self, d: int, span: int, most_s: float) -> None:
        for k in range(self.shape.stints - span + 1):
            driven = self._driven(d, self.stints[k : k + span])
            self.rows.row({**driven, **self._give(f"{d}:turn", -1.0)}, high=most_s)

    def _beyond(self, d: int, span: int, beyond_s: float, most_s: float) -> None:
        """One stint more than a window surely holds: what of it lies beyond does not count."""
        for k in range(self.shape.stints - span):
            driven = self._driven(d, self.stints[k : k + span + 1])
            give = self._give(f"{d}:turn", -1.0)
            for outside in (k, k + span):
                terms = {**driven, self.x[outside][d]: -beyond_s, **give}
                self.rows.row(terms, high=most_s)

    def _past_s(self, d: int, since_s: float) -> float:
        spells = () if self.setup.so_far is None else self.setup.so_far.spells[d]
        return sum(max(0.0, end - max(start, since_s)) for start, end in spells)

    def _wishes(self) -> None:
        """What the team wants: no stop on some laps, no change at some stops, an order."""
        setup, wishes = self.setup, self.setup.wishes
        first = 0 if setup.stops_before(0) else 1
        for number in wishes.no_change:
            k = number - setup.stops_made - 1 + first
            if first <= k < self.shape.stints:
                for d in self.crew:
                    before, known = self._in_before(k, d)
                    terms = {self.x[k][d]: 1.0, **dict.fromkeys(before, -1.0)}
                    self.rows.row(terms, known, known)
        for k in self.stints[first:]:
            for d in self.crew if wishes.order else ():
                self._in_order(k, d)
        for low, high in wishes.no_stop:
            for k in self.stints[0 if setup.under_way is None else 1 : -1]:
                self._no_stop(k, low - setup.laps_done, high - setup.laps_done)

    def _in_order(self, k: int, d: int) -> None:
        """A driver gets in after the one before him in the team's order, or stays."""
        order = self.setup.wishes.order
        before, known = self._in_before(k, d)
        terms = {self.x[k][d]: 1.0, **dict.fromkeys(before, -1.0)}
        if d in order:
            after, sure = self._in_before(k, order[order.index(d) - 1])
            terms |= dict.fromkeys(after, -1.0)
            known = min(1.0, known + sure)
        self.rows.row(terms, high=known)

    def _no_stop(self, k: int, low: int, high: int) -> None:
        """The laps after that stint are fewer than ``low`` or more than ``high``."""
        most = sum(max(1, self.setup.longest(i)) for i in range(k + 1))
        if high < k + 1 or low > most:
            return
        driven = dict.fromkeys(self.n[: k + 1], 1.0)
        beyond = self.rows.add(high=1.0, whole=True)
        self.rows.row({**driven, beyond: -float(most)}, high=low - 1)
        self.rows.row({**driven, beyond: -(high + 1.0)}, low=0.0)

    def _margin(self, d: int, limit: str) -> float:
        return self.margins.get((d, limit), 0.0)

    def _give(self, name: str, sign: float) -> Terms:
        return {self.rows.slack(name): sign} if self.elastic else {}

    def cut(self, cut: Cut) -> None:
        """Hold what the exact clock found broken."""
        terms = self._driven(cut.driver, cut.stints)
        self.rows.row({**terms, **self._give(f"{cut.driver}:turn", -1.0)}, high=cut.most_s)

    def solution(self) -> Solution | None:
        """The choices of the best values found."""
        few = self.shape.stints <= LONG
        solved = self.rows.solve(nodes=NODES if few else LONG_NODES, gap=GAP if few else LONG_GAP)
        if solved is None:
            return None
        found = solved.values
        short = {name: float(found[j]) for name, j in self.rows.slacks.items() if found[j] > 0.01}
        choices = tuple(self._choice(k, solved) for k in self.stints)
        return Solution(choices, self.fixed_s + solved.bound, short)

    def _choice(self, k: int, solved: Solved) -> StintChoice:
        found = solved.values
        return StintChoice(
            driver=int(np.argmax([found[j] for j in self.x[k]])),
            laps=round(found[self.n[k]]),
            new_tyres=bool(sum(found[j] for j in self.new[k]) > 0.5),
        )


def least_stints(setup: RaceSetup, laps: int) -> int:
    """So few stints can cover the laps with the fuel there is, each driver due in one of them."""
    tank = setup.fuel.laps + setup.fuel.save_laps
    ahead = laps if setup.under_way is None else laps - max(1, setup.longest(0))
    by_fuel = math.ceil(ahead / tank) + (setup.under_way is not None)
    at_wheel = None if setup.under_way is None else setup.under_way.driver
    due = [
        d
        for d, who in enumerate(setup.drivers)
        if (who.min_s or 0.0) > setup.driven_s(d) and d != at_wheel
    ]
    return max(1, by_fuel, len(due) + (at_wheel is not None))
