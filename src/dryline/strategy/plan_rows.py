"""Variables and rows of a mixed-integer linear program as they are written down, and its solver.

HiGHS (Huangfu & Hall 2018) through scipy; ``nodes`` keeps it within bounds, and the same rows give
the same values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

INFINITE = float("inf")
SLACK_COST = 1.0e4
Terms = dict[int, float]


@dataclass(frozen=True)
class Solved:
    """The values, and what no other values can cost less than."""

    values: NDArray[np.float64]
    bound: float


@dataclass
class Rows:
    """A program to be: costs, bounds, which variables are whole numbers, rows, slacks by name."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[Terms, float, float]] = field(default_factory=list)
    slacks: dict[str, int] = field(default_factory=dict)

    def add(
        self, *, cost: float = 0.0, low: float = 0.0, high: float = INFINITE, whole: bool = False
    ) -> int:
        """A variable; its index."""
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms: Terms, low: float = -INFINITE, high: float = INFINITE) -> None:
        """A sum that lies between two values."""
        self.rows.append((terms, low, high))

    def slack(self, name: str) -> int:
        """What may give under that name, at a price."""
        if name not in self.slacks:
            self.slacks[name] = self.add(cost=SLACK_COST)
        return self.slacks[name]

    def solve(self, *, nodes: int, gap: float, relaxed: bool = False) -> Solved | None:
        """The cheapest values within the share ``gap``; None where there are none.

        ``relaxed``: fractions are allowed where whole numbers are asked for.
        """
        data, at, to = [], [], []
        for i, (terms, _, _) in enumerate(self.rows):
            for j, value in terms.items():
                data.append(value)
                at.append(i)
                to.append(j)
        matrix = csr_array((data, (at, to)), shape=(len(self.rows), len(self.cost)))
        found = milp(
            np.array(self.cost),
            integrality=np.zeros(len(self.whole)) if relaxed else np.array(self.whole),
            bounds=Bounds(np.array(self.low), np.array(self.high)),
            constraints=LinearConstraint(
                matrix,
                np.array([low for _, low, _ in self.rows]),
                np.array([high for _, _, high in self.rows]),
            ),
            options={"node_limit": nodes, "mip_rel_gap": gap},
        )
        if found.x is None:
            return None
        bound = found.fun if relaxed else found.mip_dual_bound
        return Solved(np.asarray(found.x), float(bound))
