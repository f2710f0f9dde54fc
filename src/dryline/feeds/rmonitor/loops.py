"""What the loops of the pit lane tell (IMSA's ``$L``): in-laps, time in the lane, time of day.

Loops bear times of day, laps the time since the run began; a car's passing of the line bears both.
Which lap's end goes with which passing is not said: the difference that comes twice ties the two
clocks together. Until then nothing is known of the lane.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from dryline.domain.clock_text import DAY_MS

_SAME_MS = 20
_KEPT, _GUESSES = 24, 200
_LINE = ("SFT", "SFP")


class LoopWatch:
    """The passings of all cars. ``begun_day_ms`` is the time of day at which the run began."""

    def __init__(self) -> None:
        self.begun_day_ms: int | None = None
        self._guesses: deque[int] = deque(maxlen=_GUESSES)
        self._lines: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=2))
        self._laps: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=2))
        self._seen: dict[str, deque[tuple[str, int]]] = defaultdict(lambda: deque(maxlen=_KEPT))

    def lap_ended(self, car: str, end_ms: int) -> None:
        """A car has completed a lap."""
        if end_ms not in self._laps[car]:
            self._laps[car].append(end_ms)
            self._tie(day_ms - end_ms for day_ms in self._lines[car])

    def passed(self, car: str, loop: str, day_ms: int) -> None:
        """A car has passed a loop."""
        self._seen[car].append((loop, day_ms))
        if loop in _LINE:
            self._lines[car].append(day_ms)
            self._tie(day_ms - end_ms for end_ms in self._laps[car])

    def run_ms(self, day_ms: int) -> int | None:
        """The time since the run began."""
        return None if self.begun_day_ms is None else (day_ms - self.begun_day_ms) % DAY_MS

    def day_ms(self, run_ms: int) -> int | None:
        """The time of day."""
        return None if self.begun_day_ms is None else (self.begun_day_ms + run_ms) % DAY_MS

    def in_pit(self, car: str, end_ms: int) -> bool:
        """Whether the car crossed the line in the pits when its lap ended."""
        return any(loop == "SFP" and self.is_at(day_ms, end_ms) for loop, day_ms in self._seen[car])

    def lane_ms(self, car: str, begun_ms: int, end_ms: int) -> int | None:
        """How long it was in the lane that it left in a lap; ``None`` where nobody saw both."""
        entry: int | None = None
        lane: int | None = None
        for loop, day_ms in self._seen[car]:
            if loop == "PIP":
                entry = day_ms
            elif loop == "POP":
                left_ms = self.run_ms(day_ms)
                if entry is not None and left_ms is not None and begun_ms < left_ms <= end_ms:
                    lane = (day_ms - entry) % DAY_MS
                entry = None
        return lane

    def is_at(self, day_ms: int, run_ms: int) -> bool:
        """Whether both clocks tell the same instant."""
        told = self.run_ms(day_ms)
        return told is not None and _apart(told, run_ms) <= _SAME_MS

    def _tie(self, guesses: Iterable[int]) -> None:
        """What the difference between the clocks may be."""
        for guess in guesses:
            if self.begun_day_ms is None:
                if any(_apart(guess, other) <= _SAME_MS for other in self._guesses):
                    self.begun_day_ms = guess % DAY_MS
                self._guesses.append(guess)


def _apart(one_ms: int, other_ms: int) -> int:
    apart = (one_ms - other_ms) % DAY_MS
    return min(apart, DAY_MS - apart)
