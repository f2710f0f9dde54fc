"""Crossing the line: laps, leaders, the flag, and what is written down."""

from __future__ import annotations

import numpy as np
import pytest

from dryline.kernels import race_columns as col
from dryline.kernels.race_path import TimingSheet
from dryline.kernels.race_state import (
    FAR,
    G_CHANGES,
    G_FLAG_MS,
    G_LEAD_LAPS,
    G_LEADER,
    G_LEADER_MS,
    G_PATH,
)
from dryline.kernels.random import normal
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_race, neutralised


def test_a_crossing_counts_lap_age_fuel_and_drive_time() -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_LAST, col.W_DRIVER, col.W_BURN, col.W_AGE]] = 20_000.0, 1.0, 0.5, 4.0
    assert called.cross_line(0, 121_000.0, race, run)
    mine = run.cars[0, [col.W_LAST, col.W_LAPS, col.W_AGE, col.W_STINT_LAPS, col.W_FUEL]]
    assert mine.tolist() == [121_000.0, 1.0, 5.0, 1.0, 19.5]
    assert run.drive[0].tolist() == [0.0, 101_000.0]


def test_the_lead_changes_when_another_car_is_the_first_on_its_lap() -> None:
    race, run = a_race(0, 0, 1)
    assert called.cross_line(0, 100.0, race, run)
    assert not called.cross_line(1, 101.0, race, run)
    assert not called.cross_line(2, 102.0, race, run)
    assert called.cross_line(1, 200.0, race, run)
    assert not called.cross_line(0, 201.0, race, run)
    assert run.whole[[G_LEADER, G_LEAD_LAPS, G_LEADER_MS]].tolist() == [1.0, 2.0, 200.0]
    assert run.whole[G_CHANGES] == 2.0  # from nobody to car 0, and to car 1
    assert run.lead.tolist() == [[2.0, 1.0], [1.0, 2.0]]


@pytest.mark.parametrize(("t", "flag"), [(3.6e6 - 1.0, FAR), (3.6e6, 3.6e6)])
def test_the_leader_takes_the_flag_once_the_time_is_up(t: float, flag: float) -> None:
    race, run = a_race(0)
    called.cross_line(0, t, race, run)
    assert run.whole[G_FLAG_MS] == flag


@pytest.mark.parametrize(("laps", "flag"), [(2.0, FAR), (1.0, 5.0)])
def test_the_leader_takes_the_flag_once_the_laps_are_run(laps: float, flag: float) -> None:
    race, run = a_race(0, length_ms=1e15, laps=laps)
    called.cross_line(0, 5.0, race, run)
    assert run.whole[G_FLAG_MS] == flag


@pytest.mark.parametrize(("t", "flag"), [(3.6e6 + 474_999.0, FAR), (4_075_000.0, 4_075_000.0)])
def test_two_and_a_half_trains_late_anybody_brings_the_flag_out(t: float, flag: float) -> None:
    race, run = a_race(0)
    run.whole[G_LEAD_LAPS] = 9.0
    called.cross_line(0, t, race, run)
    assert run.whole[G_FLAG_MS] == flag


def _row(run: object, race: object, t: float, rows: int = 1) -> np.ndarray:
    path = np.full((rows, col.PATH_COLUMNS), np.nan)
    called.write_path(0, t, race.field, run, path, KEY)  # type: ignore[attr-defined]
    return path[0]


def test_a_plain_lap_is_written_with_sectors_that_wobble_but_leave_its_time() -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_LAST, col.W_START, col.W_LAPS]] = 50_000.0, 50_000.0, 6.0
    out = _row(run, race, 150_000.0)
    wobble = 0.004 * normal(KEY, 7, col.S_SECTOR)
    a, b, rest = 0.25 * (1.0 + wobble), 0.35 * (1.0 - wobble), 0.4
    assert out[[col.PATH_CAR, col.PATH_LAP, col.PATH_T_MS]].tolist() == [0.0, 7.0, 150_000.0]
    assert out[[col.PATH_LAP_MS, col.PATH_GREEN_MS]].tolist() == [100_000.0, 100_000.0]
    assert out[[col.PATH_PIT_MS, col.PATH_FLAG, col.PATH_IN_PIT]].tolist() == [0.0, 0.0, 0.0]
    assert out[col.PATH_S1_MS] == pytest.approx(100_000.0 * a / (a + b + rest))
    assert out[col.PATH_S2_MS] == pytest.approx(100_000.0 * b / (a + b + rest))
    assert run.whole[G_PATH] == 1.0


def test_a_stop_is_taken_out_of_the_green_time_where_it_fell() -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_INLAP, col.W_PITTED_MS]] = 1.0, 60_000.0
    assert _row(run, race, 112_000.0)[col.PATH_GREEN_MS] == 100_000.0
    race, run = a_race(0)
    run.cars[0, [col.W_START, col.W_SERVED_MS]] = 48_000.0, 60_000.0
    out = _row(run, race, 148_000.0)
    assert out[[col.PATH_GREEN_MS, col.PATH_PIT_MS]].tolist() == [100_000.0, 60_000.0]
    assert out[col.PATH_S1_MS] > 48_000.0 + 20_000.0


def test_no_more_than_a_minute_of_a_stop_falls_before_the_line() -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_INLAP, col.W_PITTED_MS]] = 1.0, 600_000.0
    assert _row(run, race, 160_000.0)[col.PATH_GREEN_MS] == 100_000.0


def test_flag_tyre_and_driver_are_those_at_the_crossing() -> None:
    race, run = a_race(0)
    neutralised(run, (90_000.0, 200_000.0, col.VSC))
    run.cars[0, [col.W_TYRE, col.W_DRIVER]] = 1.0, 1.0
    out = _row(run, race, 100_000.0)
    assert out[[col.PATH_FLAG, col.PATH_TYRE, col.PATH_DRIVER]].tolist() == [col.VSC, 1.0, 1.0]


def test_a_full_path_takes_no_more() -> None:
    race, run = a_race(0)
    run.whole[G_PATH] = 1.0
    assert np.isnan(_row(run, race, 100_000.0)).all()
    assert run.whole[G_PATH] == 1.0


def test_the_sheet_counts_neutralised_time_between_now_and_the_flag() -> None:
    _, run = a_race(0, 1)
    neutralised(run, (0.0, 100.0, 1), (150.0, 300.0, 1), (400.0, 900.0, 3), (950.0, 990.0, 1))
    run.whole[G_FLAG_MS], run.whole[G_CHANGES] = 500.0, 3.0
    run.cars[:, col.W_LAPS], run.cars[:, col.W_LAST] = [9.0, 8.0], [500.0, 450.0]
    run.cars[:, col.W_STOPS], run.cars[:, col.W_DONE] = [2.0, 1.0], [1.0, 0.0]
    sheet = TimingSheet(
        np.zeros((2, 2), np.int32), np.zeros((2, 2)), np.zeros((2, 2), np.int32),
        np.zeros((2, 2), np.int8), np.zeros((2, 4)), np.zeros((0, col.PATH_COLUMNS)),
    )  # fmt: skip
    called.write_race(1, 200.0, run, sheet)
    assert sheet.race.tolist() == [[0.0] * 4, [500.0, 3.0, 100.0 + 100.0, 2.0]]
    assert sheet.laps[1].tolist() == [9, 8]
    assert sheet.finish[1].tolist() == [500.0, 450.0]
    assert sheet.stops[1].tolist() == [2, 1]
    assert sheet.out[1].tolist() == [0, 1]
