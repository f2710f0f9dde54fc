"""The sender's own count of its lines: what is missing, and where a lost connection goes on."""

from __future__ import annotations

LEAP = 100_000
"""More lines than any race says in a day: a number further on needs another one that follows it."""
MOST = 2**53 - 1
"""The largest whole number that every reader of JSON has."""


class Numbering:
    """Numbers from 1, perhaps with holes, repeats and other nonsense between them.

    Args:
        last: the last number that was counted before, 0 where none was.
    """

    def __init__(self, last: int = 0) -> None:
        self.last = last
        self._begun = last > 0
        self._leapt: int | None = None

    def take(self, seq: int) -> int | None:
        """How many lines are missing before line ``seq``; ``None`` where that is no number of it.

        A sender may begin anywhere and lose any number of lines: a leap counts from the line that
        follows it.
        """
        leapt, self._leapt = self._leapt, None
        if not 0 < seq <= MOST:
            return None
        if seq <= self.last:
            return 0
        if seq > self.last + LEAP and not (leapt is not None and leapt < seq <= leapt + LEAP):
            self._leapt = seq
            return None
        known = 1 if seq <= self.last + LEAP else 2
        missing = seq - self.last - known if self._begun else 0
        self.last, self._begun = seq, True
        return missing
