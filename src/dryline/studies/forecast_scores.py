"""`dryline backtest forecast`: each class-race at each fraction, scored against naive.

Every class of at least three starters at 25, 50 and 75 % of the scheduled length; races over by
then drop out; truth is the order on the track. Gains are paired, with a bootstrap over races.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol, TypeVar

import numpy as np

from dryline.model import proper_scores as ps
from dryline.model.running import Floats
from dryline.studies.cases import SMALLEST_CLASS, Case
from dryline.studies.naive import PlaceCounts, naive_places

Forecaster = Callable[[Case], Floats]
"""A case in, [C, C] probabilities of places in class out, cars as in the state."""

PROTOCOL = (
    "every class of at least three starters at 25, 50 and 75 % of the scheduled length; whole "
    "races left out of the fit; truth: order on the track (laps, then the earlier crossing); "
    "naive: the order stays, and winners come from each place as often as in the other races"
)
LONG_RACE_S = 5.0 * 3600


@dataclass(frozen=True)
class ScoredCase:
    """The scores of one class-race at one fraction, model beside naive; places from 0."""

    race: str
    series: str
    car_class: str
    fraction: float
    length_h: float
    wet: bool
    cars: int
    log_loss: float
    naive_log_loss: float
    brier: float
    naive_brier: float
    hit: float
    naive_hit: float
    error: float
    naive_error: float
    median_error: float
    rps: float
    naive_rps: float
    pit: tuple[float, ...]
    p_win: tuple[float, ...]
    winner: int


def scored(cases: Sequence[Case], forecaster: Forecaster, *, seed: int = 0) -> list[ScoredCase]:
    """Score a forecaster on cases; naive counts come from the other races of the same cases."""
    kept = [c for c in cases if c.state.size >= SMALLEST_CLASS]
    out = []
    for number, case in enumerate(kept):
        others = [
            c.truth.place for c in kept if c.race != case.race and c.fraction == case.fraction
        ]
        p_naive = PlaceCounts.of(others).win_probability(case.state.size)
        random = np.random.Generator(
            np.random.Philox(key=np.array([seed, number], dtype=np.uint64))
        )
        out.append(_score(case, forecaster(case), p_naive, random.random(case.state.size)))
    return out


def _score(case: Case, p: Floats, p_naive: Floats, uniform: Floats) -> ScoredCase:
    place = case.truth.place
    winner = int(np.flatnonzero(place == 0)[0])
    p_win, still = p[:, 0], naive_places(case.state.size)
    first = np.eye(case.state.size)[0]
    return ScoredCase(
        case.race, case.series or "", case.state.car_class, case.fraction,
        case.length_s / 3600, case.wet, case.state.size,
        ps.log_loss(p_win, winner), ps.log_loss(p_naive, winner),
        ps.brier(p_win, winner), ps.brier(p_naive, winner),
        ps.hit(p_win, winner), ps.hit(first, winner),
        ps.expected_place_error(p, place), ps.expected_place_error(still, place),
        ps.median_place_error(p, place),
        ps.rank_probability_score(p, place), ps.rank_probability_score(still, place),
        tuple(ps.randomised_pit(p, place, uniform).tolist()), tuple(p_win.tolist()), winner,
    )  # fmt: skip


def summary(rows: Sequence[ScoredCase], *, seed: int = 0) -> dict[str, object]:
    """Means, paired gains with 90 % bootstrap intervals, calibration: at each fraction for all
    races and by series, length and wetness.
    """
    table = [
        {"fraction": fraction, "races": name, **_means(chosen, seed)}
        for fraction, name, chosen in by_fraction_and_kind(rows)
    ]
    return {"fractions": table, "reliability": _reliability(rows)}


class OfARace(Protocol):
    """What is known of a scored class-race: its fraction and the kind of its race."""

    @property
    def fraction(self) -> float: ...  # noqa: D102
    @property
    def series(self) -> str: ...  # noqa: D102
    @property
    def length_h(self) -> float: ...  # noqa: D102
    @property
    def wet(self) -> bool: ...  # noqa: D102


Scored = TypeVar("Scored", bound=OfARace)


def by_fraction_and_kind(rows: Sequence[Scored]) -> Iterator[tuple[float, str, list[Scored]]]:
    """At each fraction the rows of all races, then by series, length and wetness, none empty."""
    kinds: Mapping[str, Callable[[Scored], bool]] = {
        "all": lambda _: True,
        **{name: _of(name) for name in sorted({r.series for r in rows} - {""})},
        "short": lambda r: r.length_h * 3600 < LONG_RACE_S,
        "long": lambda r: r.length_h * 3600 >= LONG_RACE_S,
        "dry": lambda r: not r.wet,
        "wet": lambda r: r.wet,
    }
    for fraction in sorted({r.fraction for r in rows}):
        for name, belongs in kinds.items():
            chosen = [r for r in rows if r.fraction == fraction and belongs(r)]
            if chosen:
                yield fraction, name, chosen


def _of(series: str) -> Callable[[OfARace], bool]:
    return lambda row: row.series == series


def _means(rows: Sequence[ScoredCase], seed: int) -> dict[str, object]:
    def mean(name: str) -> float:
        return float(np.mean([getattr(r, name) for r in rows]))

    def gain(name: str) -> dict[str, float]:
        reference = [getattr(r, f"naive_{name}") for r in rows]
        model = [getattr(r, name) for r in rows]
        return asdict(ps.paired_gain(reference, model, [r.race for r in rows], seed=seed))

    pit = np.concatenate([r.pit for r in rows])
    names = ("log_loss", "brier", "hit", "error", "rps")
    return {
        "class_races": len(rows),
        **{n: mean(n) for n in names},
        **{f"naive_{n}": mean(f"naive_{n}") for n in names},
        "median_error": mean("median_error"),
        "gain": {n: gain(n) for n in ("log_loss", "brier", "error", "rps")},
        "coverage_80": ps.interval_coverage(pit),
        "pit": (np.histogram(pit, 10, (0.0, 1.0))[0] / len(pit)).tolist(),
    }


def _reliability(rows: Sequence[ScoredCase]) -> list[dict[str, float]]:
    p = np.concatenate([r.p_win for r in rows])
    won = np.concatenate([np.arange(r.cars) == r.winner for r in rows])
    return [asdict(b) for b in ps.reliability(p, won)]
