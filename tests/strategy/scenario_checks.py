"""What is known of an embedded race beside what its scenario gives when it is run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dryline.kernels import race_columns as col
from dryline.rules.embedded import EmbeddedEvent
from dryline.sim.outcomes import Outcomes
from dryline.sim.simulate import simulate, simulate_path
from dryline.strategy.scenario import Scenario

LEADER_LAPS = (
    (10_500_000, 111, "S39: 2:55, leader has completed 111 laps"),
    (14_400_000, 138, "S21b: 4:00, leader on lap 138"),
    (21_600_000, 205, "S00: 205 laps at the flag"),
)
"""Instants at which the sources state the leader's laps; the first two do not agree together."""


@dataclass(frozen=True)
class Check:
    """One known fact beside the simulated distribution (10, 50 and 90 %) of the same quantity."""

    what: str
    known: float
    p10: float
    p50: float
    p90: float
    source: str

    @property
    def holds(self) -> bool:
        """Whether what is known lies between the simulated 10 and 90 %, bounds included."""
        return self.p10 <= self.known <= self.p90


def known_against_simulated(
    scenario: Scenario,
    event: EmbeddedEvent,
    *,
    replicates: int = 400,
    paths: int = 30,
    seed: int = 1,
) -> list[Check]:
    """Laps and places at the flag, and the leader's laps at known instants, run from the grid."""
    out = simulate(
        scenario.params, scenario.start, scenario.plans, seed=seed, replicates=replicates
    )
    return [*_leader(scenario, paths, seed), *_classification(scenario, event, out)]


def _leader(scenario: Scenario, paths: int, seed: int) -> list[Check]:
    laps: dict[int, list[float]] = {at: [] for at, *_ in LEADER_LAPS}
    for replicate in range(paths):
        _, path = simulate_path(
            scenario.params, scenario.start, scenario.plans, seed=seed, replicate=replicate
        )
        for at, so_far in laps.items():
            slack = 120000 if at == LEADER_LAPS[-1][0] else 0
            before = path[path[:, col.PATH_T_MS] <= at + slack]
            so_far.append(float(before[:, col.PATH_LAP].max()))
    return [
        _check(f"leader's laps at {at // 60000} min", known, np.array(laps[at]), source)
        for at, known, source in LEADER_LAPS
    ]


def _classification(scenario: Scenario, event: EmbeddedEvent, out: Outcomes) -> list[Check]:
    places = out.class_positions()
    checks = []
    for row in event.on_the_road:
        if row.car_number is None or row.car_number not in scenario.cars:
            continue
        c = scenario.car(row.car_number)
        source = ", ".join(row.origin.sources)
        if row.laps is not None:
            checks.append(_check(f"#{row.car_number} laps", row.laps, out.laps[:, c], source))
        if row.position_in_class is not None:
            label = f"#{row.car_number} place in class"
            checks.append(_check(label, row.position_in_class, places[:, c], source))
    return checks


def _check(what: str, known: float, simulated: np.ndarray, source: str) -> Check:
    p10, p50, p90 = (float(x) for x in np.quantile(simulated, [0.1, 0.5, 0.9]))
    return Check(what, float(known), p10, p50, p90, source)
