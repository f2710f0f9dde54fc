"""A race's habits, worked out anew only now and then."""

from __future__ import annotations

from dryline.race.habits import Habits
from dryline.race.race import Race

EVERY_ROWS = 64


class HabitsSoFar:
    """Habits from the last whole ``EVERY_ROWS`` rows: the same for the same rows."""

    def __init__(self) -> None:
        self._rows, self._habits = 0, Habits()
        self._last: tuple[object, ...] = ()

    def of(self, race: Race) -> Habits:
        """What the race so far has shown."""
        rows = race.crossings.height // EVERY_ROWS * EVERY_ROWS
        last = race.crossings.row(rows - 1) if rows else ()
        if (rows, last) != (self._rows, self._last):
            self._rows, self._last = rows, last
            self._habits = Habits.of(race.crossings.head(rows))
        return self._habits
