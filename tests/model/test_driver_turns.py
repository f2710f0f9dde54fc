"""Who has driven, how long, and how often crews handed over, lap by lap."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.analysis.stops.driver_turn import TurnSoFar
from dryline.model.driver_turns import DriverTurns

LAP_MS = 100_000.0


def driven(
    stints: list[tuple[str, int]], length_ms: float | None = 36e6
) -> tuple[TurnSoFar, float]:
    """The turn after these stints (driver, laps) of one car, and its instant."""
    turns, at_ms = DriverTurns(length_ms), 0.0
    for number, (driver, laps) in enumerate(stints):
        for lap in range(laps):
            stopped = number > 0 and lap == 0
            turns.crossed(("1", "GTP"), driver, at_ms, at_ms + LAP_MS, stopped=stopped)
            at_ms += LAP_MS
    return turns.turn(("1", "GTP"), at_ms, LAP_MS, 0.5), at_ms


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(5, 40)), min_size=1, max_size=9))
def test_a_turn_is_what_the_stints_say(stints: list[tuple[str, int]]) -> None:
    turn, at_ms = driven(stints)
    last = stints[-1][0]
    own = 0
    while own < len(stints) and stints[-1 - own][0] == last:
        own += 1
    assert turn.wheel_h == pytest.approx(sum(laps for _, laps in stints[-own:]) * LAP_MS / 3.6e6)
    assert turn.stints == min(own, 4)
    assert turn.crew_seen == len({driver for driver, _ in stints})
    his_ms = sum(laps for driver, laps in stints if driver == last) * LAP_MS
    assert turn.driven_share == pytest.approx(his_ms / max(at_ms, 1e6))
    assert turn.run_share == pytest.approx(at_ms / 36e6)
    assert math.isnan(turn.usual_h) == (len({driver for driver, _ in stints}) == 1)


def test_the_usual_turn_is_the_middle_of_the_cars_own() -> None:
    turn, _ = driven([("a", 36), ("b", 18), ("c", 72), ("a", 5)])
    assert turn.usual_h == pytest.approx(1.0)


def test_stops_of_the_class_tell_for_three_laps() -> None:
    turns = DriverTurns(None)
    turns.crossed(("1", "GTP"), "a", 0.0, LAP_MS, stopped=False)
    turns.crossed(("1", "GTP"), "b", LAP_MS, 2 * LAP_MS, stopped=True)
    for at_ms, share in ((5 * LAP_MS - 1, 1.8 / 3), (5 * LAP_MS, 0.8 / 2)):
        turn = turns.turn(("2", "GTP"), at_ms, LAP_MS, 0.5)
        assert turn.recent_share == pytest.approx(share)
    assert turns.turn(("2", "LMP2"), 3 * LAP_MS, LAP_MS, 0.5).recent_share == pytest.approx(0.4)
    assert turn.run_share == 0.5
