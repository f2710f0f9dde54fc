"""Turning the crank: feeds into the session as the clock goes on, and the controls of a replay."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import partial

from dryline.domain.errors import BadOption
from dryline.domain.instant import Instant
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.replay_feed import ReplayFeed
from dryline.engine.live.session import LiveSession
from dryline.feeds.live.arrival import LiveFeed
from dryline.feeds.live.growing import GrowingFiles
from dryline.feeds.live.inbox import Inbox

_LOG = logging.getLogger(__name__)


class Player:
    """A session and its feeds, gone on with turn by turn or by a thread of its own.

    ``fault`` is what stopped that thread, if anything ever did.
    """

    def __init__(self, session: LiveSession, feeds: Sequence[LiveFeed]) -> None:
        self.session, self.feeds = session, tuple(feeds)
        self.wake = threading.Event()
        self._stopped = threading.Event()
        self._controls = threading.RLock()
        self._thread: threading.Thread | None = None
        self.fault: Exception | None = None
        self._timed = any(isinstance(feed, ReplayFeed) for feed in self.feeds)
        for feed in self.feeds:
            if isinstance(feed, Inbox):
                feed.arrived = self.wake
        self._take_up()

    @property
    def ended(self) -> bool:
        """Whether every feed is over and no answer is awaited."""
        return all(feed.ended for feed in self.feeds) and not self.session.state.asks

    def turn(self) -> None:
        """What has arrived goes in, what was answered too; then time may pass."""
        self.wake.clear()
        busy = self._hand_over()
        if not busy and not self._stopped.is_set():
            self.session.clock.wait(self._next_at(), self.wake)

    def run(self) -> None:
        """Turn until every feed is over or ``stop`` is called."""
        while not self._stopped.is_set() and not self.ended:
            self.turn()

    def start(self) -> None:
        """Go on in a thread, past the end of the feeds too, until ``stop``."""
        self._thread = threading.Thread(target=self._keep_on, name="player", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Return after ``seconds``, or as soon as the player was stopped."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """Stop turning and close feeds and session."""
        self._stopped.set()
        self.wake.set()
        if self._thread is not None:
            self._thread.join()
        for feed in self.feeds:
            feed.close()
        self.session.close()

    def pause(self) -> None:
        """Stand still."""
        self._clock().pause()

    def resume(self) -> None:
        """Go on."""
        self._clock().resume()
        self.wake.set()

    def set_speed(self, speed: float) -> None:
        """Go on at another speed."""
        self._clock().set_speed(speed)
        self.wake.set()

    def step(self) -> Instant | None:
        """On to the next fact, paused there; its instant, ``None`` at the end."""
        clock = self._clock()
        with self._controls:
            clock.pause()
            upcoming = self._next_at()
            if upcoming is not None:
                clock.jump(upcoming)
                self._hand_over()
            return upcoming

    def jump(self, to: Instant) -> None:
        """Be at another instant, earlier or later; what is known is what was known then."""
        clock = self._clock()
        with self._controls:
            clock.jump(to)
            self.session.catch_up()
            if to < self.session.state.now:
                self.session.jump_back(to)
                self._take_up()
            while self._hand_over():
                pass

    def jump_to_lap(self, car_number: str, lap: int) -> Instant:
        """Be where a car completes a lap; the instant.

        Raises:
            NotKnown: where it never does.
        """
        for feed in self.feeds:
            if isinstance(feed, ReplayFeed):
                at = feed.crossing(car_number, lap)
                self.jump(at)
                return at
        raise BadOption("only a replay can be jumped in")

    def _hand_over(self) -> bool:
        with self._controls:
            now = self.session.clock.now()
            arrivals = [arrival for feed in self.feeds for arrival in feed.poll(now)]
            if arrivals:
                self.session.receive(arrivals)
            upcoming = self._next_at()
            if self._timed and (upcoming is None or upcoming > now):
                self.session.reach(now)
                self.session.caught_up()
            return bool(arrivals) | bool(self.session.collect())

    def _next_at(self) -> Instant | None:
        upcoming = [at for feed in self.feeds if (at := feed.next_at()) is not None]
        return min(upcoming, default=None)

    def _take_up(self) -> None:
        """Every feed goes on where the state leaves off."""
        session, state = self.session, self.session.state
        for feed in self.feeds:
            if isinstance(feed, ReplayFeed | Inbox):
                feed.resume(state.positions.get(feed.source, 0))
            elif isinstance(feed, GrowingFiles):
                feed.take_up(partial(session.file_content, feed.source))
        clock = session.clock
        if isinstance(clock, ReplayClock) and clock.now() < state.now:
            clock.jump(state.now)
        if self._timed:
            session.reach(state.now)
            if isinstance(clock, ReplayClock) and clock.begins > state.now:
                session.catch_up()

    def _keep_on(self) -> None:
        try:
            while not self._stopped.is_set():
                self.turn()
        except Exception as fault:
            _LOG.exception("the session has stopped turning")
            self.fault = fault

    def _clock(self) -> ReplayClock:
        clock = self.session.clock
        if not isinstance(clock, ReplayClock):
            raise BadOption("a live race cannot be paused, hurried or jumped in")
        return clock
