"""The queue of next events: passing, following, holding station, and who leads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.kernels import race_columns as col
from dryline.kernels.race_state import (
    G_HEAD,
    G_LEAD_LAPS,
    G_LEADER,
    G_LEADER_MS,
    G_TAIL,
    QUEUE,
    RaceRun,
)
from dryline.kernels.random import uniform
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_control, a_race, neutralised


def _queued(run: RaceRun) -> list[int]:
    return list(run.queue[int(run.whole[G_HEAD]) : int(run.whole[G_TAIL])])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 5).map(float), min_size=8, max_size=8))
def test_the_queue_is_in_order_of_time_and_who_came_first_stays_first(times: list[float]) -> None:
    _, run = a_race(*[0] * 8)
    for c, t in enumerate(times):
        called.place_in_queue(c, t, run)
    assert _queued(run) == sorted(range(8), key=lambda c: (times[c], c))


@pytest.mark.parametrize(("tail", "head"), [(QUEUE - 2, QUEUE - 4), (QUEUE - 1, 0)])
def test_a_full_queue_moves_to_the_start_of_its_room(tail: int, head: int) -> None:
    _, run = a_race(0, 0, 0)
    run.whole[G_HEAD], run.whole[G_TAIL] = tail - 2, tail
    run.queue[tail - 2 : tail] = [1, 2]
    run.cars[:, col.W_NEXT] = [0.0, 10.0, 30.0]
    called.place_in_queue(0, 20.0, run)
    assert _queued(run) == [1, 0, 2]
    assert run.whole[G_HEAD] == head


def _behind(rival: int, at: float = 50_000.0, **changes: float) -> tuple[object, RaceRun]:
    """Car 0 of class 0, and a car of class ``rival`` that crosses at ``at``."""
    race, run = a_race(0, rival)
    for name, value in changes.items():
        run.cars[1, getattr(col, f"W_{name.upper()}")] = value
    called.place_in_queue(1, at, run)
    return race.field, run


def test_who_is_already_home_is_not_met() -> None:
    field, run = _behind(0)
    assert called.race_into(0, 0, 50_000.0, field, run, KEY) == 50_000.0


U = uniform(KEY, 1 * 64 + 1, col.S_PASS)
SETTLED_MS = -2_000.0 * np.log(U)
"""The advantage at which the draw for lap 1 against car 1 decides for passing."""


@pytest.mark.parametrize("more", [-1.0, 1.0])
def test_a_rival_is_passed_from_the_drawn_advantage_on_else_followed(more: float) -> None:
    field, run = _behind(0)
    t = 50_000.0 - SETTLED_MS - more
    follows = 50_000.0 + 600.0 * (0.5 + uniform(KEY, 1, col.S_SECTOR))
    assert called.race_into(0, 0, t, field, run, KEY) == (t if more > 0.0 else follows)


@pytest.mark.parametrize("more", [-1.0, 1.0])
def test_a_rival_a_lap_down_takes_a_quarter_of_it(more: float) -> None:
    field, run = _behind(0)
    run.cars[0, col.W_LAPS] = 1.0
    u = uniform(KEY, 2 * 64 + 1, col.S_PASS)
    t = 50_000.0 + 0.25 * 2_000.0 * np.log(u) - more
    assert (called.race_into(0, 0, t, field, run, KEY) == t) == (more > 0.0)


def test_a_car_of_another_class_costs_what_its_class_costs() -> None:
    field, run = _behind(1)
    assert called.race_into(0, 0, 10_000.0, field, run, KEY) == 10_000.0 + 300.0 * (0.4 + 1.2 * U)
    field, run = _behind(0)
    run.pace[0] = 110_000.0
    field.car[0, col.CAR_CLASS] = 1.0
    assert called.race_into(0, 1, 10_000.0, field, run, KEY) == 10_000.0 + 400.0 * (0.4 + 1.2 * U)


@pytest.mark.parametrize("where", ["lane", "inlap", "crawl"])
@pytest.mark.parametrize("rival", [0, 1])
def test_a_car_in_the_lane_or_crawling_is_in_nobodys_way(where: str, rival: int) -> None:
    field, run = _behind(rival, **{where: 1.0})
    assert called.race_into(0, 0, 49_999.0, field, run, KEY) == 49_999.0


def test_time_lost_to_traffic_can_spare_the_next_fight() -> None:
    race, run = a_race(0, 0, 1)
    called.place_in_queue(1, 10_100.0, run)
    called.place_in_queue(2, 50_000.0, run)
    u = uniform(KEY, 64 + 2, col.S_PASS)
    assert 300.0 * (0.4 + 1.2 * u) > 100.0
    end = called.race_into(0, 0, 10_000.0, race.field, run, KEY)
    assert end == 10_000.0 + 300.0 * (0.4 + 1.2 * u)


@pytest.mark.parametrize(
    ("t", "rival", "end"),
    [
        (51_500.0, 0, 51_500.0), (51_499.0, 0, 51_500.0), (10_000.0, 0, 51_500.0),
        (10_000.0, 1, 50_300.0), (50_301.0, 1, 50_301.0),
    ],
)  # fmt: skip
def test_station_is_held_a_gap_behind_and_a_smaller_one_between_classes(
    t: float, rival: int, end: float
) -> None:
    field, run = _behind(rival)
    assert called.behind_the_queue(0, t, 1_500.0, 0.8, field, run) == pytest.approx(end)


@pytest.mark.parametrize("where", ["lane", "crawl"])
def test_station_is_held_behind_the_last_car_on_the_road(where: str) -> None:
    race, run = a_race(0, 0, 0)
    called.place_in_queue(1, 40_000.0, run)
    called.place_in_queue(2, 50_000.0, run)
    run.cars[2, getattr(col, f"W_{where.upper()}")] = 1.0
    assert called.behind_the_queue(0, 10_000.0, 1_500.0, 0.0, race.field, run) == 41_500.0
    run.cars[1, col.W_LANE] = 1.0
    assert called.behind_the_queue(0, 10_000.0, 1_500.0, 0.0, race.field, run) == 10_000.0


def _queue_behind_safety_car() -> tuple[object, RaceRun]:
    """Car 1 leads class 0 and the race has just gone by: car 0 is ahead of it in the queue."""
    _, run = a_race(0, 0)
    neutralised(run, (100_000.0, 900_000.0, col.SAFETY_CAR))
    run.lead[0] = [5.0, 1.0]
    run.whole[G_LEADER_MS], run.cars[1, col.W_LAST] = 300_000.0, 299_999.0
    return a_control(wave_ms=200_000.0), run


def _waved(control: object, run: RaceRun, t: float = 300_000.0, c: int = 0) -> bool:
    return bool(called.may_pass_round(c, 0, t, 0, col.SAFETY_CAR, control, run))


def test_cars_are_waved_round_once_a_period_and_after_the_wait() -> None:
    control, run = _queue_behind_safety_car()
    assert not _waved(control, run, 299_999.0)
    assert _waved(control, run)
    assert not _waved(control, run)


def test_nobody_is_waved_round_where_that_is_not_done_or_makes_no_sense() -> None:
    _, run = _queue_behind_safety_car()
    assert not _waved(a_control(wave_ms=0.0), run)
    control, run = _queue_behind_safety_car()
    assert not _waved(control, run, c=1)  # leads its class
    run.cars[1, col.W_LAST] = 300_000.0  # its leader is not behind the race's
    assert not _waved(control, run)
    control, run = _queue_behind_safety_car()
    run.cars[1, col.W_OUT] = 1.0
    assert not _waved(control, run)
    control, run = _queue_behind_safety_car()
    run.lead[0, 1] = -1.0
    assert not _waved(control, run)


def test_when_a_leader_is_gone_the_most_laps_lead() -> None:
    race, run = a_race(0, 0, 1, 0)
    run.cars[:, col.W_LAPS] = [9.0, 7.0, 8.0, 7.0]
    run.cars[0, col.W_OUT] = 1.0
    run.whole[G_LEADER], run.whole[G_LEAD_LAPS] = 0.0, 9.0
    run.lead[0], run.lead[1] = [9.0, 0.0], [8.0, 2.0]
    called.new_leaders(0, 0, race.field, run)
    assert (run.whole[G_LEADER], run.whole[G_LEAD_LAPS]) == (2.0, 8.0)
    assert run.lead.tolist() == [[7.0, 1.0], [8.0, 2.0]]


def test_when_another_car_is_gone_the_leaders_stay() -> None:
    race, run = a_race(0, 0)
    run.whole[G_LEADER], run.whole[G_LEAD_LAPS], run.lead[0] = 1.0, 3.0, [3.0, 1.0]
    called.new_leaders(0, 0, race.field, run)
    assert (run.whole[G_LEADER], run.whole[G_LEAD_LAPS]) == (1.0, 3.0)
    assert run.lead[0].tolist() == [3.0, 1.0]
