"""The race's clock: replayed at any speed, live, or moved by the feed."""

from __future__ import annotations

import math
import threading

import pytest

from dryline.domain.instant import START, Instant
from dryline.engine.live.clock import FollowingClock, LiveClock, ReplayClock


def at(s: float) -> Instant:
    return Instant.from_seconds(s)


def test_a_replay_runs_as_many_times_faster_as_was_said() -> None:
    passing = FollowingClock()
    clock = ReplayClock(20.0, at(100), base=passing)
    passing.sync(at(3))
    assert clock.now() == at(160)
    clock.set_speed(1.0)
    passing.sync(at(5))
    assert clock.now() == at(162)


def test_a_paused_replay_stands_and_goes_on_from_there() -> None:
    passing = FollowingClock()
    clock = ReplayClock(10.0, base=passing)
    passing.sync(at(1))
    clock.pause()
    passing.sync(at(50))
    assert clock.now() == at(10)
    clock.resume()
    passing.sync(at(51))
    assert clock.now() == at(20)


def test_a_replay_can_be_set_to_any_instant_and_waits_for_nobody_when_as_fast_as_possible() -> None:
    clock = ReplayClock(math.inf)
    clock.wait(at(7), threading.Event())
    assert clock.now() == at(7)
    clock.jump(at(2))
    assert clock.now() == at(2)
    clock.sync(at(90))
    assert clock.now() == at(2)


def test_a_speed_must_be_positive() -> None:
    for speed in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="positive"):
            ReplayClock(speed)


def test_a_live_clock_stands_at_the_start_until_the_race_is_seen_and_is_only_set_forward() -> None:
    clock = LiveClock()
    assert clock.now() == START
    clock.sync(at(3_600))
    first = clock.now()
    assert at(3_600) <= first < at(3_610)
    clock.sync(at(60))
    assert clock.now() >= first
    clock.sync(at(7_200))
    assert clock.now() >= at(7_200)


def test_waiting_ends_when_the_feed_wakes_us() -> None:
    wake = threading.Event()
    wake.set()
    for clock in (LiveClock(), FollowingClock(), ReplayClock(1.0)):
        clock.wait(at(1_000), wake)
