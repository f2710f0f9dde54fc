"""Compare candidates on common luck, spending replicates where the ranking is in doubt.

Every candidate runs on the same futures with the same random numbers, so differences are paired.
Rounds of sequential halving (Karnin et al. 2013): all run, the better half runs twice as many,
until two are left or nothing is left to spend. A candidate that lies within two standard errors of
the best is never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dryline.kernels import race_columns as col
from dryline.sim.params import FieldPlans
from dryline.sim.simulate import simulate
from dryline.strategy.candidates import Candidate
from dryline.strategy.futures import Future, Futures
from dryline.strategy.utility import TIE_BREAK_PER_S, SimulatedFinishes, Utility

Floats = NDArray[np.float64]
FIRST_ROUND = 64
CLEAR, SURE_OF = 3.0, 128
"""A margin is clear at so many standard errors over at least so many pairs."""
KEPT = 2.0
SURE_BETTER = 0.8
"""A call is clear from this share of the futures on in which it is the better one: of 21 old
changes of tyres so said 17 were right."""
STOPPED = ("margin clear", "replicates used", "budget gone")


@dataclass(frozen=True)
class PairedDifference:
    """A paired difference of means and its standard error."""

    value: float
    se: float


@dataclass(frozen=True)
class Ranking:
    """Candidates from best to worst, their finishes, and why the comparison stopped.

    ``block`` replicates share one future, so standard errors count blocks; ``futures`` are those
    drawn, by block.
    """

    order: tuple[Candidate, ...]
    finishes: Mapping[str, SimulatedFinishes]
    stopped: str
    block: int
    utility: Utility
    futures: Mapping[int, Future]

    @property
    def call(self) -> Candidate:
        """The best of them."""
        return self.order[0]

    @property
    def runner_up(self) -> Candidate | None:
        """The second best; None where there was no choice."""
        return self.order[1] if len(self.order) > 1 else None

    @property
    def other_kind(self) -> Candidate | None:
        """The best call that differs in what is done, not only in the lap or the fuel."""
        first = self.call
        for each in self.order[1:]:
            if (each.action, each.tyres) != (first.action, first.tyres):
                return each
        return None

    @property
    def rival(self) -> Candidate | None:
        """What stands against the call: the best of another kind, else the runner-up."""
        return self.other_kind or self.runner_up

    def led_by(self, call: Candidate) -> Ranking:
        """The same comparison with another candidate first, the others as they were."""
        others = tuple(each for each in self.order if each.key != call.key)
        return replace(self, order=(call, *others))

    def p_better(self, better: Candidate, worse: Candidate) -> float:
        """In which share of the futures one does better than another; even ones count half.

        What the utility cannot tell apart, seconds do.
        """
        a, b = self._paired(better, worse)
        gaps = _score(a, self.utility) - _score(b, self.utility)
        return float(((gaps > 0.0) + 0.5 * (gaps == 0.0)).mean()) if len(gaps) else 0.5

    @property
    def is_clear(self) -> bool:
        """Whether the call beats its rival beyond luck, that of the draws and that of races."""
        return self.rival is None or self.clearly(self.call, self.rival)

    def clearly(self, better: Candidate, worse: Candidate, share: float = SURE_BETTER) -> bool:
        """Whether one is better than another beyond both kinds of luck."""
        gap = self.margin(better, worse)
        return gap.value > KEPT * gap.se and self.p_better(better, worse) >= share

    def stopped_by(self, why: str) -> Ranking:
        """The same comparison, stopped for another reason."""
        return replace(self, stopped=why)

    def worth(self, which: Candidate) -> PairedDifference:
        """Mean worth of a candidate, more being better, with its standard error."""
        return mean_se(self.utility.of(self.finishes[which.key]), self.block)

    def margin(self, better: Candidate, worse: Candidate) -> PairedDifference:
        """How much more one is worth than another, over the replicates that both ran."""
        return mean_se(self.gaps(better, worse), self.block)

    def margin_s(self, better: Candidate, worse: Candidate) -> PairedDifference:
        """The same in seconds on the road, over the pairs in which the car finishes both times."""
        a, b = self._paired(better, worse)
        gaps = np.where(a.gone | b.gone, np.nan, b.time - a.time)
        return mean_se(gaps, self.block)

    def gaps(self, better: Candidate, worse: Candidate) -> Floats:
        """Paired differences of worth, (R,)."""
        a, b = self._paired(better, worse)
        return self.utility.of(a) - self.utility.of(b)

    def _paired(
        self, one: Candidate, other: Candidate
    ) -> tuple[SimulatedFinishes, SimulatedFinishes]:
        a, b = self.finishes[one.key], self.finishes[other.key]
        both = min(len(a.place), len(b.place))
        return a.first(both), b.first(both)


def mean_se(values: Floats, block: int) -> PairedDifference:
    """Mean and standard error of values that come in blocks sharing a future; nan is left out."""
    step = block if len(values) >= 4 * block else 1
    rows = values[: len(values) // step * step].reshape(-1, step)
    known = np.isfinite(rows)
    rows, known = rows[known.any(axis=1)], known[known.any(axis=1)]
    if not len(rows):
        return PairedDifference(0.0, 0.0)
    means = np.where(known, rows, 0.0).sum(axis=1) / known.sum(axis=1)
    spread = float(means.std(ddof=1)) if len(means) > 1 else 0.0
    return PairedDifference(float(np.nanmean(values)), spread / len(means) ** 0.5)


def rank(
    futures: Futures,
    asked: Sequence[Candidate],
    utility: Utility,
    *,
    replicates: int,
    seed: int,
    threads: int = 1,
    out_of_time: Callable[[], bool] = lambda: False,
    tell: Callable[[float], None] = lambda _: None,
    first_round: int = FIRST_ROUND,
) -> Ranking:
    """Rank the candidates; at most ``replicates`` futures each.

    The answer depends on the seed and on how many replicates were spent, never on ``threads``.
    ``out_of_time`` is asked between rounds; ``tell`` hears the share done; all run
    ``first_round`` futures.
    """
    run = _Runner(futures, seed, threads)
    finishes = {each.key: SimulatedFinishes.none() for each in asked}
    alive, dropped = list(asked), list[Candidate]()
    done, stopped = 0, ""
    while not stopped:
        upto = min(replicates, first_round if done == 0 else 2 * done)
        late = False
        while done < upto and not late:
            run.extend(finishes, alive, done, min(upto, done + FIRST_ROUND))
            done = min(upto, done + FIRST_ROUND)
            late = out_of_time()
            tell(min(1.0, done / replicates))
        alive = _by_score(alive, finishes, utility)
        if len(alive) < 2 or _is_clear(alive, finishes, utility, run.cluster):
            stopped = STOPPED[0]
        elif done >= replicates:
            stopped = STOPPED[1]
        elif late:
            stopped = STOPPED[2]
        else:
            alive, gone = _halved(alive, finishes, utility, run.cluster)
            dropped = [*gone, *dropped]
    found = Ranking((*alive, *dropped), finishes, stopped, run.cluster, utility, run.drawn)
    other = found.other_kind
    if other is not None and stopped != STOPPED[2]:
        run.extend(finishes, [other], len(finishes[other.key].place), done)
    return found


class _Runner:
    """Runs candidates over ranges of replicates, block by block."""

    def __init__(self, futures: Futures, seed: int, threads: int) -> None:
        self.futures, self.seed, self.threads = futures, seed, threads
        self.block = futures.replicates
        self.cluster = futures.replicates if futures.wet else 1
        self.drawn: dict[int, Future] = {}

    def extend(
        self,
        finishes: dict[str, SimulatedFinishes],
        which: Sequence[Candidate],
        begin: int,
        end: int,
    ) -> None:
        """Run replicates ``begin`` to ``end`` of some candidates."""
        blocks = range(begin // self.block, -(-end // self.block))
        jobs = [(each, number) for each in which for number in blocks]
        for number in blocks:
            if number not in self.drawn:
                self.drawn[number] = self.futures.block(number)

        def work(job: tuple[Candidate, int]) -> SimulatedFinishes:
            return self._run(job[0], job[1], begin, end)

        if self.threads > 1 and len(jobs) > 1:
            with ThreadPoolExecutor(self.threads) as pool:
                found = list(pool.map(work, jobs))
        else:
            found = [work(job) for job in jobs]
        for at, each in enumerate(which):
            mine = found[at * len(blocks) : (at + 1) * len(blocks)]
            finishes[each.key] = finishes[each.key].joined(mine)

    def _run(self, which: Candidate, number: int, begin: int, end: int) -> SimulatedFinishes:
        at = max(begin, number * self.block)
        own = ((self.futures.car, which), *which.partners)
        return drive(
            own, self.drawn[number], self.futures.plans, seed=self.seed, first=at,
            replicates=min(end, (number + 1) * self.block) - at,
        )  # fmt: skip


def drive(
    own: Sequence[tuple[int, Candidate]],
    future: Future,
    others: FieldPlans | None,
    *,
    seed: int,
    first: int,
    replicates: int,
) -> SimulatedFinishes:
    """Some cars' finishes in one future, each doing its candidate; ``others`` are announced."""
    params, state = future.params, future.state
    plans = others or FieldPlans.none(params.cars)
    for car, each in own:
        plans = plans.with_car(car, each.planned, each.allowed, reacts=True)
        params, state = each.applied(params, state, car)
    out = simulate(params, state, plans, seed=seed, first=first, replicates=replicates)
    base = params.cls[:, col.CLASS_BASE_MS]
    classes = params.car[:, col.CAR_CLASS].astype(np.int64)
    return SimulatedFinishes.together(
        [SimulatedFinishes.of(out, car, float(base[classes[car]])) for car, _ in own]
    )


def _score(finish: SimulatedFinishes, utility: Utility) -> Floats:
    return utility.of(finish) - TIE_BREAK_PER_S * finish.time


def _by_score(
    which: Sequence[Candidate], finishes: Mapping[str, SimulatedFinishes], utility: Utility
) -> list[Candidate]:
    return sorted(which, key=lambda each: -float(_score(finishes[each.key], utility).mean()))


def _is_clear(
    alive: Sequence[Candidate],
    finishes: Mapping[str, SimulatedFinishes],
    utility: Utility,
    block: int,
) -> bool:
    first, second = finishes[alive[0].key], finishes[alive[1].key]
    if len(first.place) < SURE_OF:
        return False
    gap = mean_se(utility.of(first) - utility.of(second), block)
    return gap.value > CLEAR * gap.se > 0.0


def _halved(
    alive: Sequence[Candidate],
    finishes: Mapping[str, SimulatedFinishes],
    utility: Utility,
    block: int,
) -> tuple[list[Candidate], list[Candidate]]:
    """The better half, and whoever cannot be told from the best; then those that are dropped."""
    best = _score(finishes[alive[0].key], utility)
    keep, gone = list[Candidate](), list[Candidate]()
    for at, each in enumerate(alive):
        gap = mean_se(best - _score(finishes[each.key], utility), block)
        close = gap.value <= KEPT * gap.se
        (keep if at < max(2, (len(alive) + 1) // 2) or close else gone).append(each)
    return keep, gone
