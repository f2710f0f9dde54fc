"""The gap between two cars: a time, laps, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from dryline.domain.clock_text import format_ms
from dryline.domain.instant import Duration


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a car is behind another.

    ``laps`` is the difference in laps completed. ``time`` is the time since the car ahead
    completed the lap that this car completed last, so it is in seconds even when laps down;
    ``None`` where the car has no crossing.
    """

    laps: int
    time: Duration | None

    def __str__(self) -> str:
        if self.laps:
            return "1 lap" if self.laps == 1 else f"{self.laps} laps"
        if self.time is None:
            return ""
        return f"+{format_ms(self.time.ms)}" if self.time.ms >= 0 else format_ms(self.time.ms)


NO_GAP = Gap(0, None)
"""The leader's own gap, and that of a car which has not crossed the line."""
