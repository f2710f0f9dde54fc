"""Which stamps of a feed can be: the one bound for all that moves a clock or ends a silence."""

from __future__ import annotations

from dataclasses import dataclass

from dryline.domain.event import LineCrossing
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceLength
from dryline.engine.live.limits import LONGEST_MS

OVERTIME_MS = 2 * 3_600_000
BEFORE_MS = 24 * 3_600_000
LEAP_MS = 6 * 3_600_000
"""No race starts before six in the morning: a time of day given for the race's leaps further."""
SLOWEST_LAP_MS = 600_000
"""What a lap that nobody has stated may have lasted, on average."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """The bounds of a race that is meant to last ``length``, where anybody has said so."""

    length: RaceLength | None = None

    @property
    def longest_ms(self) -> int:
        """Nothing happens later than this."""
        known = None if self.length is None else self.length.ms
        return LONGEST_MS if known is None else known + OVERTIME_MS

    def can_be(self, at: Instant, now: Instant) -> bool:
        """Whether what comes ``now`` can bear the stamp ``at``: within the race, and no leap."""
        latest_ms = min(max(self.longest_ms, now.ms), now.ms + LEAP_MS)
        return -BEFORE_MS <= at.ms <= latest_ms

    def is_borne_out(self, crossing: LineCrossing, before: LineCrossing | None) -> bool:
        """Whether its car's laps since the one ``before`` can have lasted until the crossing."""
        since, lap = (0, 0) if before is None else (before.happened_at.ms, before.lap)
        unstated_ms = (crossing.lap - lap - 1) * SLOWEST_LAP_MS
        latest_ms = since + unstated_ms + crossing.lap_time.ms + LEAP_MS
        return crossing.happened_at.ms <= min(latest_ms, self.longest_ms)
