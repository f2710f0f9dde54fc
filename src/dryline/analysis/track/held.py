"""When the field was held back, as far as it was known at an instant: by flags, and without.

A field under a virtual safety car is as slow as on a flooded track. The race's own inference tells
them apart, and so do speed traps: nobody takes a straight at speed behind a safety car. They are
asked whenever the field is slow, about what had been seen by then, with or without flags: some
feeds code a safety car and no virtual one.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.track.laps import Crossing, Shared
from dryline.race.field_speed import LONG_LAP_MS
from dryline.race.inferred_periods import inferred_periods

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SLOW_FROM = 0.10
"""A field so much over its dry pace, log time, may be held back."""
ZONE_FROM, ZONE_ENDS, AS_EVER, ALIKE = 0.15, 0.06, 0.02, 0.008
"""A slow zone costs so much of a sector, log time, and is over below the second; the other sectors
are not over the third. There the cars of a class differ by less than the last: on a dry track they
differ by 0.007, on slicks in the wet by 0.015 and more (labelled races)."""
TELLING = 8
"""So many cars tell how alike they are."""
RECENT_MS = 5_400_000
"""How far back the field's speed is read: its baseline is that of forty minutes."""
LOOK_BACK_MS = 120_000
BEFORE_MS = 90_000
"""How long before its inferred start a field may be held back already: times are those of whole
sectors, and the first cars to slow are few."""
TRAP_MS, HELD_BELOW, FREE_ABOVE, READINGS = 90_000, 0.85, 0.92, 3
"""The field's speed at the trap over so long, as a share of each car's own: under 0.85 in 90 % of
what is held back, and in 3.8 % of the rest (measured over the labelled races). It takes so many
readings."""
HELD_OVER, FREE_OVER = 0.22, 0.12
"""A virtual safety car costs 0.26 and more; rain seldom so much."""
APART_MS = 60_000
"""Periods that begin so far apart are two, and one turned into the other."""
LONG_FLAGGED_MS = 240_000
"""By then a neutralisation that another turned into has been seen."""
USUAL_LAPS, OWN_LAPS = 2, 15
_SCHEMA = {
    "car_number": pl.String, "car_class": pl.String, "lap": pl.Int64, "lap_time_ms": pl.Int64,
    "s1_ms": pl.Int64, "s2_ms": pl.Int64, "s3_ms": pl.Int64, "elapsed_ms": pl.Int64,
    "in_pit": pl.Boolean, "pit_lane_ms": pl.Int64, "top_speed_kmh": pl.Float64,
}  # fmt: skip

Period = tuple[float, float, int | None]
"""From and until, ms, and the sector (0 to 2) where it is one alone; until is infinite while it
lasts."""


@dataclass(frozen=True)
class SeenLately:
    """How far the field is over its dry pace, log time: all in all, and in each sector, (3,).

    ``spread`` is by how much the cars of a class differ there, as a standard deviation, (3,);
    infinite where too few have been through.
    """

    over: float = 0.0
    sectors: Floats = field(default_factory=lambda: np.zeros(3))
    spread: Floats = field(default_factory=lambda: np.full(3, np.inf))

    @classmethod
    def of(cls, y: Floats, sector: Ints, klass: Ints, to_ms: Ints, now_ms: int) -> SeenLately:
        """From the sector times, as log time over dry, of two minutes; 0 where there are too few.

        ``y``, the sector, the class and the end of each have the shape (N,).
        """
        late = (to_ms > now_ms - LOOK_BACK_MS) & np.isfinite(y)
        y, sector, klass = y[late], sector[late], klass[late]
        if len(y) < READINGS:
            return cls()
        middles, spread = np.zeros(3), np.full(3, np.inf)
        for k in range(3):
            values, own = y[sector == k], klass[sector == k]
            if len(values) >= READINGS:
                middles[k] = np.median(values)
            if len(values) >= TELLING:
                apart = np.zeros(len(values))
                for c in np.unique(own):
                    mine = own == c
                    apart[mine] = np.abs(values[mine] - np.median(values[mine]))
                spread[k] = 1.4826 * np.median(apart)
        return cls(float(np.median(y)), middles, spread)


class HeldField:
    """What the crossings so far show of a field held back.

    ``let_go_ms``: until when it was held back from the start on, where that has turned out since.
    """

    def __init__(self, let_go_ms: int = 0) -> None:
        self._before: list[Period] = [(0.0, float(let_go_ms), None)] if let_go_ms else []
        self._has_flags = False
        self._flagged: list[list[float]] = []
        self._last_green_ms = 0
        self._spans: list[tuple[float, float]] | None = None
        self._inferred: list[Period] = []
        self._trapped: list[Period] = []
        self._zones: list[tuple[float, float, int]] = []
        self._columns: dict[str, Shared[object]] = {name: Shared() for name in _SCHEMA}
        self._crossed_ms = Shared[int]()
        self._lap_ms = math.inf
        self._usual: dict[str, list[float]] = {}
        self._trap_ms, self._trap = Shared[int](), Shared[float]()

    def take(self, c: Crossing) -> int | None:
        """One more crossing; since when a flag holds the field back, where this is the first."""
        self._crossed_ms.append(c.elapsed_ms)
        self._lap_ms = min(self._lap_ms, c.lap_time_ms)
        row = (
            c.car_number, c.car_class, c.lap, c.lap_time_ms, *c.sectors_ms, c.elapsed_ms,
            c.in_pit, c.pit_lane_ms, c.top_speed_kmh,
        )  # fmt: skip
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)
        self._pass_the_trap(c)
        if c.held is None:
            return None
        self._has_flags = True
        lasts = bool(self._flagged) and math.isinf(self._flagged[-1][1])
        if c.held and not lasts:
            self._flagged.append([self._last_green_ms, math.inf])
            self._spans = None
            return self._last_green_ms
        if not c.held:
            if lasts:
                self._flagged[-1][1] = c.elapsed_ms
                self._spans = None
            self._last_green_ms = c.elapsed_ms
        return None

    def _pass_the_trap(self, c: Crossing) -> None:
        if not c.top_speed_kmh or c.in_pit:
            return
        own = self._usual.setdefault(c.car_number, [])
        if len(own) >= USUAL_LAPS:
            self._trap_ms.append(c.elapsed_ms)
            self._trap.append(c.top_speed_kmh / sorted(own)[len(own) // 2])
        own.append(c.top_speed_kmh)
        del own[:-OWN_LAPS]

    @property
    def flagged(self) -> list[tuple[float, float]]:
        """Periods in which a flag held the field back, ms; an open one ends at infinity."""
        return [(a, b) for a, b in self._flagged]

    def is_flagged(self, from_ms: float, to_ms: float) -> bool:
        """Whether a flag held the field back at some time in between."""
        return any(a < to_ms and from_ms < b for a, b in self._flagged[-12:])

    def _lasts_since(self, at_ms: int) -> bool:
        """Whether a flag that still holds the field back has done so since an instant."""
        return any(a < at_ms and math.isinf(b) for a, b in self._flagged[-1:])

    def covers(self, from_ms: float, to_ms: float) -> bool:
        """Whether the whole field was held back at some time in between, flag or no flag."""
        if self._spans is None:
            whole = [(a, b) for a, b, sector in self.periods if sector is None]
            self._spans = [*whole, *self.flagged]
        return any(a < to_ms and from_ms < b for a, b in self._spans)

    @property
    def periods(self) -> list[Period]:
        """Every period that no flag states, as known now.

        Where it runs into a period of flags it ends there; and where it began shortly before, flags
        know better when, and what was seen just before may have been rain.
        """
        every = [*self._before, *self._inferred, *self._trapped, *self._zones]
        return [each for period in every if (each := self._before_flags(period)) is not None]

    def _before_flags(self, period: Period) -> Period | None:
        from_ms, until_ms, sector = period
        flagged = [a for a, b in self._flagged if a < until_ms and from_ms < b]
        if not flagged:
            return period
        apart = flagged[0] - from_ms - BEFORE_MS
        if apart <= 0:
            return None
        return (from_ms if apart > APART_MS else from_ms + BEFORE_MS, flagged[0], sector)

    @property
    def lasts(self) -> bool:
        """Whether the field was held back when last looked at."""
        return self._lasts(self._inferred) or self._lasts(self._trapped)

    @staticmethod
    def _lasts(periods: list[Period]) -> bool:
        return any(math.isinf(until) for _, until, _ in periods)

    def look(self, at_ms: int, seen: SeenLately) -> None:
        """Ask where the field is slow, or was held back when last asked.

        Long under a flag, or where cars pass the speed trap at speed, there is nothing to ask.
        """
        self._spans = None
        at_the_trap = self._at_the_trap(at_ms - TRAP_MS, at_ms)
        if at_the_trap is not None and self._lap_ms <= LONG_LAP_MS:
            self._look_at_the_trap(at_ms, seen.over, at_the_trap)
        self._look_at_one_sector(at_ms, seen)
        is_free = at_the_trap is not None and at_the_trap > FREE_ABOVE
        long_flagged = self._lasts_since(at_ms - LONG_FLAGGED_MS)
        is_slow = seen.over > SLOW_FROM and not is_free and not long_flagged
        if self._lasts(self._inferred) or is_slow:
            self.infer()

    def _look_at_one_sector(self, at_ms: int, seen: SeenLately) -> None:
        """One sector slow for all cars alike, and the others as ever, is a slow zone.

        Cars that take the others at their dry pace are on slicks, and on water those scatter. Asked
        only where there are no flags: a first shower over one sector can look like this.
        """
        if self._has_flags:
            return
        if self._zones and math.isinf(self._zones[-1][1]):
            from_ms, _, zone = self._zones[-1]
            if seen.sectors[zone] < ZONE_ENDS:
                self._zones[-1] = (from_ms, float(at_ms), zone)
            return
        zone = int(seen.sectors.argmax())
        others = np.delete(seen.sectors, zone).max()
        if seen.sectors[zone] > ZONE_FROM and others < AS_EVER and seen.spread[zone] < ALIKE:
            self._zones.append((at_ms - LOOK_BACK_MS - self._lap_ms, math.inf, zone))

    def _look_at_the_trap(self, at_ms: int, over: float, at_the_trap: float) -> None:
        """A field slow at the trap and all round the lap is held back.

        Heavy rain takes as much speed on a long straight, and less of the lap.
        """
        lasts = self._lasts(self._trapped)
        if not lasts and at_the_trap < HELD_BELOW and over > HELD_OVER:
            self._trapped.append((at_ms - TRAP_MS - BEFORE_MS, math.inf, None))
        elif lasts and (at_the_trap > FREE_ABOVE or over < FREE_OVER):
            self._trapped[-1] = (self._trapped[-1][0], float(at_ms), None)

    def _at_the_trap(self, from_ms: float, to_ms: float) -> float | None:
        """The cars' median speed there as a share of their own; None where too few have passed."""
        inside = slice(bisect_left(self._trap_ms, from_ms), bisect_left(self._trap_ms, to_ms + 1))
        speeds = sorted(self._trap[inside])
        return speeds[len(speeds) // 2] if len(speeds) >= READINGS else None

    def infer(self) -> None:
        """Read the field's speed anew, up to the last crossing."""
        self._spans = None
        if not self._crossed_ms:
            return
        first = bisect_left(self._crossed_ms, self._crossed_ms[-1] - RECENT_MS)
        columns = {name: values[first:] for name, values in self._columns.items()}
        found = inferred_periods(pl.DataFrame(columns, schema=_SCHEMA), None)
        self._inferred = [
            (
                start - BEFORE_MS,
                math.inf if end is None else end,
                None if sector is None else sector - 1,
            )
            for start, end, sector in found.select("start_ms", "end_ms", "sector").iter_rows()
            if self._is_borne_out(start, math.inf if end is None else end)
        ]

    def _is_borne_out(self, from_ms: float, until_ms: float) -> bool:
        """Whether cars were slow at the trap too; without one flags are believed, if there are."""
        middle = self._at_the_trap(from_ms, until_ms)
        if middle is None:
            return bool(self._usual) or not self._has_flags
        return middle < FREE_ABOVE
