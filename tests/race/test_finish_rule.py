"""When the flag falls and with how many laps everybody ends: the corner cases, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.race.finish_rule import flag_after, laps_when_flagged

TIME_S = 21_600.0
AHEAD = 6


def at_the_flag(
    *cars: tuple[int, list[float]], stands: tuple[int, ...] = ()
) -> tuple[float, int, list[int]]:
    """Flag, winner and laps; a car is its laps by the time, and when it crosses from then on."""
    far = [[*times, *(1e6 + np.arange(AHEAD - len(times)))] for _, times in cars]
    flag = flag_after(
        np.array([[done for done, _ in cars]]),
        np.array([far]),
        np.array([c not in stands for c in range(len(cars))]),
    )
    return float(flag.at_s[0]), int(flag.winner[0]), flag.laps[0].tolist()


def test_a_leader_who_came_by_a_second_before_the_time_runs_another_lap() -> None:
    at, winner, laps = at_the_flag((200, [TIME_S + 94.0]), (199, [TIME_S + 5.0, TIME_S + 101.0]))
    assert (at, winner) == (TIME_S + 94.0, 0)
    assert laps == [201, 201]


def test_a_crossing_at_the_very_time_brings_the_flag_out() -> None:
    at, _, laps = at_the_flag((200, [TIME_S]), (200, [TIME_S + 1.0]))
    assert (at, laps) == (TIME_S, [201, 201])


def test_the_flag_is_not_shown_to_the_leader_of_another_class() -> None:
    prototype, gt = (200, [TIME_S + 60.0]), (180, [TIME_S + 10.0, TIME_S + 115.0])
    at, winner, laps = at_the_flag(gt, prototype)
    assert (at, winner) == (TIME_S + 60.0, 1)
    assert laps == [182, 201]


def test_a_slower_class_that_leads_overall_brings_it_out() -> None:
    gt, prototype = (180, [TIME_S + 50.0]), (178, [TIME_S + 20.0, TIME_S + 110.0])
    at, winner, laps = at_the_flag(gt, prototype)
    assert (at, winner, laps) == (TIME_S + 50.0, 0, [181, 180])


@pytest.mark.parametrize(("crosses", "laps"), [(59.0, 201), (61.0, 200)])
def test_a_car_that_the_leader_laps_on_the_way_ends_one_lap_earlier(
    crosses: float, laps: int
) -> None:
    mine = [TIME_S + crosses, TIME_S + crosses + 95.0]
    assert at_the_flag((200, [TIME_S + 60.0]), (199, mine))[2] == [201, laps]


def test_a_car_in_the_lane_at_the_flag_ends_with_the_lap_that_it_is_on() -> None:
    long_stop = [TIME_S + 400.0]
    assert at_the_flag((200, [TIME_S + 60.0]), (199, long_stop))[2] == [201, 200]


def test_a_leader_passed_on_the_last_lap_sees_the_flag_behind_the_winner() -> None:
    at, winner, laps = at_the_flag((200, [TIME_S + 80.0]), (200, [TIME_S + 70.0]))
    assert (at, winner, laps) == (TIME_S + 70.0, 1, [201, 201])


def test_a_leader_who_stands_is_not_waited_for() -> None:
    at, winner, laps = at_the_flag((201, []), (200, [TIME_S + 30.0]), stands=(0,))
    assert (at, winner, laps[1]) == (TIME_S + 30.0, 1, 201)


def test_of_two_cars_at_one_instant_the_first_in_order_wins_and_both_have_the_laps() -> None:
    at, winner, laps = at_the_flag((200, [TIME_S + 60.0]), (200, [TIME_S + 60.0]))
    assert (at, winner, laps) == (TIME_S + 60.0, 0, [201, 201])


def test_a_crossing_at_the_instant_of_the_flag_takes_it() -> None:
    done, crossings = np.array([[10]]), np.array([[[5.0, 9.0]]])
    assert laps_when_flagged(done, crossings, np.array([5.0])).tolist() == [[11]]
    assert laps_when_flagged(done, crossings, np.array([5.1])).tolist() == [[12]]


FIELD = st.lists(
    st.tuples(st.floats(0.5, 30.0), st.lists(st.floats(20.0, 60.0), min_size=60, max_size=60)),
    min_size=1,
    max_size=6,
)


@given(FIELD, st.floats(100.0, 600.0))
def test_the_rule_agrees_with_a_marshal_who_watches_the_line(
    field: list[tuple[float, list[float]]], time_s: float
) -> None:
    """Every crossing in order: the first new lead lap after the time; then each car once more."""
    cars = [np.cumsum([first, *laps]) for first, laps in field]
    line = sorted((t, c) for c, times in enumerate(cars) for t in times)
    laps, lead, flag_s = [0] * len(cars), 0, None
    for t, c in line:
        laps[c] += 1
        if flag_s is None and laps[c] > lead and t >= time_s:
            flag_s = t
        lead = max(lead, laps[c])
    assert flag_s is not None
    ended = [next(n for n, t in enumerate(times, start=1) if t >= flag_s) for times in cars]
    done = np.array([[int((times < time_s).sum()) for times in cars]])
    ahead = [times[times >= time_s][:AHEAD] for times in cars]
    found = flag_after(done, np.array([ahead]), np.ones(len(cars), dtype=bool))
    assert found.at_s[0] == flag_s
    assert found.laps[0].tolist() == ended
