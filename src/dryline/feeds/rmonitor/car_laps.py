"""One car's laps, as its passings (``$J``) and the count of its laps (``$G``) tell them.

A passing says how long the lap was and when it ended; the count says which lap that was. Where
passings were not heard (somebody joins late, a connection breaks), the laps between stay unknown:
of those only the last is told, and the best where the feed knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dryline.domain.flag import Flag


@dataclass(frozen=True, slots=True)
class HeardLap:
    """A lap that ended at ``end_ms``.

    ``time_ms`` is stated, or else the time since the lap before that is known (``is_derived``), of
    several the mean; ``is_placed`` says that the end lies somewhere between two that are known.
    """

    lap: int
    end_ms: int
    time_ms: int
    flag: Flag | None = None
    is_derived: bool = False
    is_placed: bool = False


@dataclass(frozen=True, slots=True)
class LapGone:
    """A lap that was told and does not count."""

    lap: int


Change = HeardLap | LapGone


@dataclass
class CarLaps:
    """What is known of a car's laps. ``done`` is ``None`` until anything says how many there are.

    ``unheard`` counts laps of which nothing is known but that they were completed; ``uncounted``
    are laps quicker than the best that the feed gives the car: it gave a quicker one before.
    """

    done: int | None = None
    laps: dict[int, HeardLap] = field(default_factory=dict)
    unheard: int = 0
    best: tuple[int, int] | None = None
    uncounted: frozenset[int] = frozenset()
    _begun_ms: int = 0
    _passings: dict[int, tuple[int, Flag | None]] = field(default_factory=dict)

    @property
    def end_ms(self) -> int:
        """When the last lap ended, or the first began."""
        last = self.laps.get(self.done or 0)
        return self._begun_ms if last is None else last.end_ms

    def passed(self, time_ms: int, end_ms: int, flag: Flag | None) -> None:
        """It crossed the line; which lap that was is still to be said."""
        if time_ms:
            self._passings[end_ms] = time_ms, flag
        elif not self.done:
            self.done, self._begun_ms = 0, end_ms

    def counted_itself(self) -> Iterator[Change]:
        """The passings where no feed says how many laps there are: each is one more."""
        for end_ms in sorted(self._passings):
            if end_ms > self.end_ms:
                yield from self.counted((self.done or 0) + 1, end_ms)

    def counted(self, laps: int, end_ms: int | None) -> Iterator[Change]:
        """It has done so many laps, the last of which ended at ``end_ms``.

        Raises:
            ValueError: where that cannot be.
        """
        done = self.done or 0
        if laps == 0 or end_ms is None:
            if self.done is None:
                self.done, self._begun_ms = 0, end_ms or 0
            return
        if laps > done:
            yield from self._gone_on(laps, end_ms)
        elif laps < done:
            yield from self._taken_back(laps, end_ms)
        yield from self._moved(laps, end_ms)

    def corrected(self, lap: int, end_ms: int) -> Iterator[Change]:
        """A lap that was told ended at another instant (``$COR``)."""
        if lap in self.laps:
            yield from self._moved(lap, end_ms)

    def best_is(self, lap: int, time_ms: int) -> Iterator[Change]:
        """Its best lap, which may be one that was not heard, or whose time was not.

        Where it is slower than the best before, the quicker ones have been taken away.
        """
        known = self.laps if self.best and time_ms > self.best[1] else self.uncounted
        self.best = lap, time_ms
        self.uncounted = frozenset(
            each for each in known if each in self.laps and self.laps[each].time_ms < time_ms
        )
        yield from self._best_told()

    def stated(self, lap: HeardLap) -> Iterator[Change]:
        """A lap of which everything is said."""
        if self.laps.get(lap.lap) != lap:
            self.unheard -= 0 < lap.lap < (self.done or 0) and lap.lap not in self.laps
            yield from self._told(lap)
        if lap.lap > (self.done or 0):
            self.unheard += lap.lap - (self.done or 0) - 1
            self.done = lap.lap

    def _gone_on(self, laps: int, end_ms: int) -> Iterator[Change]:
        done, since_ms = self.done or 0, self.end_ms
        if end_ms <= since_ms:
            raise ValueError(f"{laps} laps at a time when there were {done}")
        heard, lap, ended_ms = [], laps, end_ms
        while lap > done and ended_ms in self._passings:
            time_ms, flag = self._passings[ended_ms]
            heard.append(HeardLap(lap, ended_ms, time_ms, flag))
            lap, ended_ms = lap - 1, ended_ms - time_ms
        if lap > done and ended_ms > since_ms:
            heard.append(self._derived(lap, ended_ms))
            self.unheard += lap - done - 1
        self.done = laps
        for each in reversed(heard):
            yield from self._told(each)
        self._passings = {at: said for at, said in self._passings.items() if at > end_ms}
        yield from self._best_told()

    def _taken_back(self, laps: int, end_ms: int) -> Iterator[Change]:
        """The later laps do not count, for now: what was heard of them is kept in mind."""
        for lap in sorted(lap for lap in self.laps if lap > laps):
            gone = self.laps.pop(lap)
            if not gone.is_placed and gone.end_ms > end_ms:
                self._passings[gone.end_ms] = gone.time_ms, gone.flag
            yield LapGone(lap)
        self.done = laps

    def _moved(self, laps: int, end_ms: int) -> Iterator[Change]:
        """The last lap ended at another instant than was said."""
        last = self.laps.get(laps)
        if last is None:
            yield from self._told(self._derived(laps, end_ms))
        elif last.end_ms != end_ms:
            time_ms, flag = self._passings.pop(end_ms, (0, last.flag))
            time_ms = time_ms or max(last.time_ms + end_ms - last.end_ms, 1)
            yield from self._told(replace(last, end_ms=end_ms, time_ms=time_ms, flag=flag))

    def _derived(self, lap: int, end_ms: int) -> HeardLap:
        """A lap whose time nobody stated: as long as those since the last known, on average."""
        before, since_ms = self._before(lap)
        return HeardLap(lap, end_ms, max((end_ms - since_ms) // (lap - before), 1), is_derived=True)

    def _before(self, lap: int) -> tuple[int, int]:
        """The last lap known before ``lap``, and when it ended."""
        before = max((each for each in self.laps if each < lap), default=0)
        return before, self.laps[before].end_ms if before else self._begun_ms

    def _best_told(self) -> Iterator[Change]:
        if self.best is None or not 0 < self.best[0] <= (self.done or 0):
            return
        lap, time_ms = self.best
        known = self.laps.get(lap)
        if known is None:
            self.unheard -= 1
            end_ms = self._between(lap)
            yield from self._told(HeardLap(lap, end_ms, time_ms, is_placed=True))
        elif known.is_derived and known.time_ms != time_ms:
            yield from self._told(replace(known, time_ms=time_ms, is_derived=False))

    def _between(self, lap: int) -> int:
        """Where a lap's end lies, were all that were not heard alike."""
        before, since_ms = self._before(lap)
        after = min(each for each in self.laps if each > lap)
        span_ms = self.laps[after].end_ms - since_ms
        return since_ms + span_ms * (lap - before) // (after - before)

    def _told(self, lap: HeardLap) -> Iterator[Change]:
        self.laps[lap.lap] = lap
        yield lap
