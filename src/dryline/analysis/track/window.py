"""The observations that are still open to revision, as columns.

A row is one sector time of one car, or one decision (a car passed the pits, or stopped).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dryline.analysis.track.model import BIN_MS

FIELDS: dict[str, type] = {
    "from_ms": np.int64,
    "to_ms": np.int64,
    "sector": np.int64,
    "segment": np.int64,
    "klass": np.int64,
    "crew": np.int64,
    "log_time": np.float64,
    "y": np.float64,  # log of sector time over the crew's dry expectation; nan: a decision
    "noise": np.float64,
    "weight": np.float64,
    "level": np.float64,  # the class's dry log sector time against the other classes'
    "stopped": np.int64,  # of a decision: 1 stopped, 0 stayed out; -1: a sector time
    "learned": np.bool_,
    "held": np.bool_,  # under a flag that holds the field back
}
SLOW = 0.36
FREE = 0.30


class OpenObservations:
    """Columns of open observations, with their log-likelihoods on slicks and on wets."""

    def __init__(self, levels: int) -> None:
        self._columns: dict[str, npt.NDArray[Any]] = {
            name: np.empty(0, dtype=kind) for name, kind in FIELDS.items()
        }
        self._new: list[tuple[object, ...]] = []
        self.on_slick = np.empty((0, levels))
        self.on_wet = np.empty((0, levels))

    def __len__(self) -> int:
        return len(self._columns["sector"])

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self._columns[name]

    def add(self, *row: object) -> None:
        """Take one observation in, in the order of ``FIELDS``; seen after ``merge``."""
        self._new.append(row)

    def merge(self) -> int:
        """Append what was added; returns the number of rows from before."""
        before = len(self)
        if self._new:
            for (name, kind), values in zip(
                FIELDS.items(), zip(*self._new, strict=True), strict=True
            ):
                fresh: npt.NDArray[Any] = np.array(values, dtype=kind)
                self._columns[name] = np.concatenate([self._columns[name], fresh])
            self._new = []
        return before

    def keep(self, rows: npt.NDArray[np.bool_]) -> None:
        """Drop the observations where ``rows`` is false."""
        for name in FIELDS:
            self._columns[name] = self._columns[name][rows]
        self.on_slick, self.on_wet = self.on_slick[rows], self.on_wet[rows]

    def bins(self, first: int) -> tuple[npt.NDArray[np.int64], ...]:
        """First, middle and last bin of every observation, counted from bin ``first``."""
        a, b = self._columns["from_ms"], self._columns["to_ms"]
        return a // BIN_MS - first, (a + b) // (2 * BIN_MS) - first, b // BIN_MS - first

    def usable(self) -> npt.NDArray[np.float64]:
        """Weight of every observation; 0 where it says nothing about water."""
        c = self._columns
        timed = c["stopped"] < 0
        with np.errstate(invalid="ignore"):
            odd = timed & ((c["y"] > SLOW) | (c["y"] < -0.15))
        return np.where(odd | c["held"], 0.0, c["weight"])
