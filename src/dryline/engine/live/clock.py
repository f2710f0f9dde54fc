"""The race's clock as an argument: replayed, live, or driven by the feed itself."""

from __future__ import annotations

import math
import threading
import time
from typing import Protocol

from dryline.domain.instant import START, Instant

AT_MOST_S = 0.1


class Clock(Protocol):
    """Where the race is now."""

    def now(self) -> Instant:
        """The instant of the race."""

    def sync(self, at: Instant) -> None:
        """The race has been seen to be at least at ``at``."""

    def wait(self, until: Instant | None, wake: threading.Event) -> None:
        """Let time pass until ``until``, until ``wake`` is set, or a tenth of a second."""


class LiveClock:
    """Time as it passes. The only place of the engine that looks at the wall.

    Until the race is seen for the first time the clock stands at the start; it is set forward
    whenever the feed shows that the race is further, so it settles on the least delay seen.
    """

    def __init__(self, at: Instant | None = None) -> None:
        self._zero_ns: int | None = None
        if at is not None:
            self.sync(at)

    def now(self) -> Instant:
        """The instant of the race; the start until the race has been seen."""
        if self._zero_ns is None:
            return START
        return Instant((time.monotonic_ns() - self._zero_ns) // 1_000_000)

    def sync(self, at: Instant) -> None:
        """Set the clock forward to ``at``, if it is behind."""
        zero_ns = time.monotonic_ns() - at.ms * 1_000_000
        if self._zero_ns is None or zero_ns < self._zero_ns:
            self._zero_ns = zero_ns

    def wait(self, until: Instant | None, wake: threading.Event) -> None:
        """Wait a tenth of a second at most, less where ``until`` is nearer."""
        left_s = AT_MOST_S if until is None else (until.ms - self.now().ms) / 1000
        wake.wait(max(0.0, min(left_s, AT_MOST_S)))


class FollowingClock:
    """A clock that stands still and is moved by the feed: whoever sends keeps the time."""

    def __init__(self, at: Instant = START) -> None:
        self._now = at

    def now(self) -> Instant:
        """The latest instant seen."""
        return self._now

    def sync(self, at: Instant) -> None:
        """Move on to ``at``, if it is later."""
        self._now = max(self._now, at)

    def wait(self, until: Instant | None, wake: threading.Event) -> None:
        """Wait for the feed, a tenth of a second at most."""
        wake.wait(AT_MOST_S)


class ReplayClock:
    """A race that is over, running again at any speed; ``math.inf`` is as fast as possible.

    Args:
        speed: race seconds per second; more than 0.
        at: where to begin.
        base: what tells how time passes meanwhile.
        end: where it stands still, when there is nothing more to come.
    """

    def __init__(
        self,
        speed: float = math.inf,
        at: Instant = START,
        base: Clock | None = None,
        end: Instant | None = None,
    ) -> None:
        self.begins = at
        self._end = end
        self._base: Clock = LiveClock(START) if base is None else base
        self._lock = threading.RLock()
        self._speed = speed
        self._paused = False
        self._at = at
        self._since = self._base.now()
        self.set_speed(speed)

    @property
    def speed(self) -> float:
        """Race seconds per second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether the race stands still."""
        return self._paused

    def now(self) -> Instant:
        """The instant that the replay has reached."""
        with self._lock:
            if self._paused or math.isinf(self._speed):
                return self._at
            passed_ms = self._base.now().ms - self._since.ms
            reached = Instant(self._at.ms + round(passed_ms * self._speed))
            return reached if self._end is None else max(self._at, min(reached, self._end))

    def sync(self, at: Instant) -> None:
        """A replay is not moved by its feed."""

    def wait(self, until: Instant | None, wake: threading.Event) -> None:
        """Wait for ``until`` to come; as fast as possible it is there at once."""
        with self._lock:
            if not self._paused and math.isinf(self._speed) and until is not None:
                self._at = max(self._at, until)
                return
            idle = self._paused or until is None or math.isinf(self._speed)
        if idle or until is None:
            wake.wait(AT_MOST_S)
            return
        left_s = (until.ms - self.now().ms) / 1000 / self._speed
        wake.wait(max(0.0, min(left_s, AT_MOST_S)))

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from here.

        Raises:
            ValueError: where it is not positive.
        """
        if not speed > 0:
            raise ValueError(f"a replay's speed is positive, not {speed!r}")
        with self._lock:
            self._anchor(self.now())
            self._speed = speed

    def pause(self) -> None:
        """Stand still."""
        with self._lock:
            self._anchor(self.now())
            self._paused = True

    def resume(self) -> None:
        """Go on."""
        with self._lock:
            self._anchor(self.now())
            self._paused = False

    def jump(self, to: Instant) -> None:
        """Be at another instant at once, running or paused as before."""
        with self._lock:
            self._anchor(to)

    def _anchor(self, at: Instant) -> None:
        self._at, self._since = at, self._base.now()
