"""Rows of one car as chains: the lap that begins where another ends follows upon it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.feeds.remarks import Mask

Ints = npt.NDArray[np.int64]
_SPAN = 1 << 33  # ms; more than any elapsed time, so that no car reaches into the next one's
_ENOUGH = 20  # times that all end in zeros; fewer may do so by chance


def ints(column: pl.Series) -> Ints:
    """The column as whole numbers, 0 where it is null."""
    filled = column.fill_null(0) if column.null_count() else column
    return filled.to_numpy().astype(np.int64, copy=False)


def car_codes(rows: pl.DataFrame) -> Ints:
    """A number per row that is the same for rows of the same car."""
    return rows["car_number"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)


def in_order_of_car_and_time(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in order of car (as ``car_codes`` counts them), elapsed and line."""
    return rows[np.lexsort((rows["line"].to_numpy(), ints(rows["elapsed_ms"]), car_codes(rows)))]


def step_ms(times: Ints) -> int:
    """The step in which times are written: 1 ms, or 10, 100, 1000 where all end in zeros."""
    if len(times) >= _ENOUGH:
        for step in (1000, 100, 10):
            if not (times % step).any():
                return step
    return 1


@dataclass(frozen=True)
class Chains:
    """Which row follows upon which, by ELAPSED and LAP_TIME alone (all arrays (n,)).

    ``before`` and ``behind`` are the places of the row a lap earlier and later, -1 where there is
    none; ``root`` marks rows whose lap began with the race. ``head`` is the place of the chain's
    first row, ``depth`` the number of rows before this one in it, ``length`` that of the chain.
    """

    before: Ints
    behind: Ints
    root: Mask
    head: Ints
    depth: Ints
    length: Ints

    @property
    def tied(self) -> Mask:
        """Rows that follow upon another or upon the start."""
        return (self.before >= 0) | self.root

    @property
    def lone(self) -> Mask:
        """Rows that no other row of the car follows upon, and which follow upon none."""
        return np.asarray(self.length == 1)


def chains_of(rows: pl.DataFrame, tolerance_ms: int) -> Chains:
    """The chains in ``rows``, which are in order of car and elapsed."""
    code, lap = car_codes(rows), ints(rows["lap"])
    elapsed, lap_time = ints(rows["elapsed_ms"]), ints(rows["lap_time_ms"])
    before = _before(code * _SPAN + elapsed, lap_time, tolerance_ms)
    before = _one_follower_each(before, lap)
    behind = np.full(len(rows), -1)
    follows = np.flatnonzero(before >= 0)
    behind[before[follows]] = follows
    root = (np.abs(elapsed - lap_time) <= tolerance_ms) & (before < 0) & (lap_time > 0)
    head, depth = _heads(before)
    return Chains(before, behind, root, head, depth, np.bincount(head, minlength=len(rows))[head])


def _before(key: Ints, lap_time: Ints, tolerance_ms: int) -> Ints:
    """The nearest row that ends where the lap begins, within the tolerance; -1 without one."""
    wanted = key - lap_time
    at = np.searchsorted(key, wanted - tolerance_ms)
    best, off = np.full(len(key), -1), np.full(len(key), tolerance_ms + 1)
    for step in range(2 if tolerance_ms else 1):
        place = np.minimum(at + step, len(key) - 1)
        distance = np.abs(key[place] - wanted)
        nearer = (distance < off) & (lap_time > tolerance_ms) & (place != np.arange(len(key)))
        best[nearer], off[nearer] = place[nearer], distance[nearer]
    return best


def _one_follower_each(before: Ints, lap: Ints) -> Ints:
    """Of several rows that follow upon one, the one with the next lap number, else the first."""
    at = np.flatnonzero(before >= 0)
    odd = lap[at] != lap[before[at]] + 1
    at = at[np.lexsort((at, odd, before[at]))]
    first = np.ones(len(at), np.bool_)
    first[1:] = before[at][1:] != before[at][:-1]
    kept = np.full(len(before), -1)
    kept[at[first]] = before[at[first]]
    return kept


def _heads(before: Ints) -> tuple[Ints, Ints]:
    """Each row's chain, by its first row, and how many rows stand before it (pointer jumping)."""
    head = np.where(before >= 0, before, np.arange(len(before)))
    depth = (before >= 0).astype(np.int64)
    while True:
        further = head[head]
        if (further == head).all():
            return head, depth
        depth, head = depth + depth[head], further
