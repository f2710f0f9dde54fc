"""The deterministic part of a plan as a mixed-integer linear program.

Stints 1 to K, whole laps, one driver each, tyres new or kept, the least time for a number of
laps. What bends is convex (tyre age, fuel on board), so tangents hold it from below. Solved by
HiGHS (Huangfu & Hall 2018) through scipy; ``node_limit`` keeps long races within bounds, and the
same setup gives the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from dryline.strategy.plan_setup import RaceSetup
from dryline.strategy.plan_stints import StintChoice, wear

INFINITE = float("inf")
NODES, GAP, LONG_GAP, LONG = 300, 2.0e-5, 2.0e-4, 12
"""The solver stops within this share of the best, a larger one beyond twelve stints."""
TANGENTS = 36
"""About so many tangents to a bend; exact at every lap where it has no more laps."""
SLACK_COST = 1.0e4
Terms = dict[int, float]


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
    """The choices; ``within_s`` of the best there can be; where limits had to give, by how much.

    ``short`` maps the limit's name to seconds or sets.
    """

    choices: tuple[StintChoice, ...]
    within_s: float
    short: Mapping[str, float]


@dataclass
class _Rows:
    """Variables and rows as they are written down."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[Terms, float, float]] = field(default_factory=list)
    slacks: dict[str, int] = field(default_factory=dict)

    def add(
        self, *, cost: float = 0.0, low: float = 0.0, high: float = INFINITE, whole: bool = False
    ) -> int:
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms: Terms, low: float = -INFINITE, high: float = INFINITE) -> None:
        self.rows.append((terms, low, high))

    def slack(self, name: str) -> int:
        if name not in self.slacks:
            self.slacks[name] = self.add(cost=SLACK_COST)
        return self.slacks[name]

    def solve(self, gap: float) -> tuple[np.ndarray, float] | None:
        """The values, and how far from the best they can be; None where there are none."""
        data, at, to = [], [], []
        for i, (terms, _, _) in enumerate(self.rows):
            for j, value in terms.items():
                data.append(value)
                at.append(i)
                to.append(j)
        matrix = csr_array((data, (at, to)), shape=(len(self.rows), len(self.cost)))
        found = milp(
            np.array(self.cost),
            integrality=np.array(self.whole),
            bounds=Bounds(np.array(self.low), np.array(self.high)),
            constraints=LinearConstraint(
                matrix,
                np.array([low for _, low, _ in self.rows]),
                np.array([high for _, _, high in self.rows]),
            ),
            options={"node_limit": NODES, "mip_rel_gap": gap},
        )
        if found.x is None:
            return None
        return np.asarray(found.x), max(0.0, float(found.fun - found.mip_dual_bound))


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


def _step(laps: int) -> int:
    return max(1, round(laps / TANGENTS))


def _longest_s(setup: RaceSetup, shape: Shape) -> float:
    """No plan of that shape takes longer."""
    slowest = max(setup.lap_s(d) for d in range(len(setup.drivers)))
    pit, fuel, tyres = setup.pit, setup.fuel, setup.tyres
    worn = tyres.loss_s * min(shape.laps, tyres.laps or shape.laps)
    stop = pit.lane_s + pit.tyres_s + max(pit.driver_s, fuel.hose_s_per_lap * fuel.laps)
    return shape.laps * (slowest + worn) + shape.stints * stop


class _Program:
    def __init__(self, setup: RaceSetup, shape: Shape, margins: Margins, elastic: bool) -> None:
        self.setup, self.shape, self.margins, self.elastic = setup, shape, margins, elastic
        self.far = _longest_s(setup, shape)
        self.rows = _Rows()
        self._choices()
        self._tyres()
        self._clock()
        for d in range(len(setup.drivers)):
            self._limits(d)

    def _choices(self) -> None:
        """Laps by stint and driver, one driver a stint, never beyond a tank (and what is saved)."""
        setup, rows = self.setup, self.rows
        crew, stints = range(len(setup.drivers)), range(self.shape.stints)
        fuel = setup.fuel
        most = fuel.laps + fuel.save_laps
        self.n = [
            [rows.add(cost=setup.lap_s(d), high=most, whole=True) for d in crew] for _ in stints
        ]
        self.x = [[rows.add(high=1.0, whole=True) for _ in crew] for _ in stints]
        self.saved = [rows.add(cost=fuel.save_s, high=fuel.save_laps) for _ in stints]
        for k in stints:
            rows.row(dict.fromkeys(self.x[k], 1.0), 1.0, 1.0)
            for d in crew:
                rows.row({self.n[k][d]: 1.0, self.x[k][d]: -most}, high=0.0)
                rows.row({self.n[k][d]: 1.0, self.x[k][d]: -1.0}, low=0.0)
            rows.row({**self._laps(k), self.saved[k]: -1.0}, high=fuel.laps)
            if fuel.burn_gain_s:
                self._burn(k)
        every = {j: 1.0 for k in stints for j in self.n[k]}
        rows.row(every, self.shape.laps, self.shape.laps)
        for d, who in enumerate(setup.drivers):
            if who.starts:
                rows.row({self.x[0][d]: 1.0}, 1.0, 1.0)

    def _laps(self, k: int, sign: float = 1.0) -> Terms:
        return dict.fromkeys(self.n[k], sign)

    def _burn(self, k: int) -> None:
        """Fuel on board: half the square of a stint's laps, by tangents from below."""
        gain, rows = self.setup.fuel.burn_gain_s, self.rows
        cost = rows.add(cost=gain)
        for at in range(0, self.setup.fuel.laps + 1, _step(self.setup.fuel.laps)):
            rows.row({cost: 1.0, **self._laps(k, -(at + 1.0))}, low=-at * (at + 1.0) / 2.0)

    def _tyres(self) -> None:
        """A set's age at the end of each stint; its cost is counted when it comes off."""
        setup, rows, stints = self.setup, self.rows, range(self.shape.stints)
        tyres = setup.tyres
        most = float(min(self.shape.laps, tyres.laps or self.shape.laps))
        self.new = [
            rows.add(cost=tyres.cold_s if k else 0.0, low=0.0 if k else 1.0, high=1.0, whole=True)
            for k in stints
        ]
        age = [rows.add(high=most) for _ in stints]
        for k in stints:
            terms = {age[k]: 1.0, **self._laps(k, -1.0)}
            if k:
                terms |= {age[k - 1]: -1.0, self.new[k]: most}
            rows.row(terms, low=0.0)
            if tyres.loss_s:
                self._wear(k, age[k], most)
        sets = dict.fromkeys(self.new, 1.0)
        if self.shape.sets is not None:
            rows.row(sets, self.shape.sets, self.shape.sets)
        elif tyres.sets is not None:
            if self.elastic:
                sets[rows.slack("sets")] = -1.0
            rows.row(sets, high=tyres.sets)

    def _wear(self, k: int, age: int, most: float) -> None:
        rows, loss = self.rows, self.setup.tyres.loss_s
        cost = rows.add(cost=1.0)
        worst = loss * wear(int(most)) + 1.0
        last = k == self.shape.stints - 1
        for at in range(0, int(most) + 1, _step(int(most))):
            terms, low = {cost: 1.0, age: -loss * at}, loss * (wear(at) - at * at)
            if not last:
                terms[self.new[k + 1]] = -worst
                low -= worst
            rows.row(terms, low=low)

    def _clock(self) -> None:
        """Standing times, and the end of each stint on the clock, wear at its average."""
        setup, rows, pit = self.setup, self.rows, self.setup.pit
        crew = range(len(setup.drivers))
        self.stand = [rows.add(cost=1.0) for _ in range(self.shape.stints)]
        self.end = [rows.add() for _ in range(self.shape.stints)]
        for k in range(self.shape.stints):
            clock: Terms = {self.end[k]: 1.0}
            for d in crew:
                clock[self.n[k][d]] = -self._typical_s(d)
            if k:
                change = rows.add(high=1.0)
                for d in crew:
                    rows.row({change: 1.0, self.x[k][d]: -1.0, self.x[k - 1][d]: 1.0}, low=0.0)
                hose = setup.fuel.hose_s_per_lap
                fuel = {**self._laps(k, -hose), self.saved[k]: hose}
                tyres = {self.new[k]: -pit.tyres_s}
                driver = {change: -pit.driver_s}
                works = (
                    [fuel | tyres, driver | tyres]
                    if pit.tyres_after_fuel
                    else [fuel, tyres, driver]
                )
                for work in works:
                    rows.row({self.stand[k]: 1.0, **work}, low=0.0)
                clock |= {self.end[k - 1]: -1.0, self.stand[k]: -1.0}
            rows.row(clock, low=pit.lane_s if k else 0.0, high=pit.lane_s if k else 0.0)

    def _typical_s(self, d: int) -> float:
        half = min(self.setup.fuel.laps, self.shape.laps) / 2.0
        bend = self.setup.tyres.loss_s - self.setup.fuel.burn_gain_s
        return self.setup.lap_s(d) + bend * half

    def _limits(self, d: int) -> None:
        rows, who = self.rows, self.setup.drivers[d]
        driven = {self.n[k][d]: self._typical_s(d) for k in range(self.shape.stints)}
        if who.min_s is not None:
            low = who.min_s + self._margin(d, "least")
            rows.row({**driven, **self._give(f"{d}:least", 1.0)}, low=low)
        if who.max_s is not None:
            high = who.max_s - self._margin(d, "most")
            rows.row({**driven, **self._give(f"{d}:most", -1.0)}, high=high)
        if who.until_s is not None:
            self._until(d, who.until_s - self._margin(d, "until"))
        if who.from_s:
            self._from(d, who.from_s + self._margin(d, "from"))

    def _until(self, d: int, until_s: float) -> None:
        """A stint of the driver ends by then."""
        for k in range(self.shape.stints):
            far = max(0.0, self.far - until_s)
            terms = {self.end[k]: 1.0, self.x[k][d]: far, **self._give(f"{d}:until", -1.0)}
            self.rows.row(terms, high=until_s + far)

    def _from(self, d: int, from_s: float) -> None:
        """A stint of the driver begins no earlier."""
        first = {self.x[0][d]: 1.0, **self._give(f"{d}:from", -1.0 / from_s)}
        self.rows.row(first, high=0.0)
        for k in range(1, self.shape.stints):
            terms = {self.end[k - 1]: 1.0, self.stand[k]: 1.0, self.x[k][d]: -from_s}
            low = -self.setup.pit.lane_s
            self.rows.row({**terms, **self._give(f"{d}:from", 1.0)}, low=low)

    def _margin(self, d: int, limit: str) -> float:
        return self.margins.get((d, limit), 0.0)

    def _give(self, name: str, sign: float) -> Terms:
        return {self.rows.slack(name): sign} if self.elastic else {}

    def cut(self, cut: Cut) -> None:
        """Hold what the exact clock found broken."""
        terms = {self.n[k][cut.driver]: self._typical_s(cut.driver) for k in cut.stints}
        self.rows.row({**terms, **self._give(f"{cut.driver}:turn", -1.0)}, high=cut.most_s)

    def solution(self) -> Solution | None:
        solved = self.rows.solve(GAP if self.shape.stints <= LONG else LONG_GAP)
        if solved is None:
            return None
        found, within_s = solved
        choices = tuple(
            StintChoice(
                driver=int(np.argmax([found[j] for j in self.x[k]])),
                laps=round(sum(found[j] for j in self.n[k])),
                new_tyres=bool(found[self.new[k]] > 0.5),
            )
            for k in range(self.shape.stints)
        )
        short = {name: float(found[j]) for name, j in self.rows.slacks.items() if found[j] > 0.01}
        return Solution(choices, within_s, short)
