"""HOUR less ELAPSED: the wall clock of the start, one value for a whole race."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.clock_text import DAY_MS
from dryline.feeds.alkamel.chains import Ints, ints, step_ms
from dryline.feeds.remarks import Mask

_HOLDS = 0.5  # of the rows must give one start, or HOUR is no witness
_ONE_START_MS = 1000


@dataclass(frozen=True)
class StartClock:
    """What HOUR says of each row (n,): ``off_ms`` from the start that most rows give.

    ``holds`` is false where the file states no such clock; then it agrees with no row.
    """

    off_ms: Ints
    stated: Mask
    elapsed_ms: Ints
    holds: bool
    tolerance_ms: int

    @classmethod
    def of(cls, rows: pl.DataFrame, tolerance_ms: int) -> StartClock:
        """The clock of ``rows``; a HOUR in whole seconds is held to the second."""
        hour, elapsed = ints(rows["time_of_day_ms"]), ints(rows["elapsed_ms"])
        stated = rows["time_of_day_ms"].is_not_null().to_numpy()
        step = max(tolerance_ms, step_ms(hour[stated]))
        start = (hour - elapsed) % DAY_MS
        off = (start - _usual(start[stated]) + DAY_MS // 2) % DAY_MS - DAY_MS // 2
        within = step if step > 1 else 0
        share = np.mean(stated & (np.abs(off) <= _ONE_START_MS)) if len(rows) else 0
        return cls(off, stated, elapsed, bool(share >= _HOLDS), within)

    @property
    def agrees(self) -> Mask:
        """Where HOUR bears ELAPSED out."""
        return self.stated & (np.abs(self.off_ms) <= self.tolerance_ms) & self.holds

    def elapsed_at(self, at: int) -> list[int]:
        """The elapsed time that HOUR gives the row, in a list that is empty where it gives none."""
        if not (self.holds and self.stated[at]):
            return []
        return [int(self.elapsed_ms[at] + self.off_ms[at])]

    def shift_of(self, rows: Mask) -> int:
        """By how much ELAPSED must move in all ``rows`` to agree with HOUR; 0 for not at all."""
        off = self.off_ms[rows]
        if not self.holds or not self.stated[rows].all() or np.ptp(off) > 2 * self.tolerance_ms:
            return 0
        middle = int(np.median(off))
        return middle if abs(middle) > self.tolerance_ms else 0


def _usual(start: Ints) -> int:
    """The start that most rows give: the median of those near the commonest minute."""
    if not len(start):
        return 0
    minutes = start // 60_000
    common = int(np.bincount(minutes).argmax())
    near = (start - common * 60_000 + DAY_MS // 2) % DAY_MS - DAY_MS // 2
    return int(np.median(near[np.abs(near) < 120_000])) + common * 60_000
