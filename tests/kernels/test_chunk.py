"""Whole races through the kernel: what holds whatever is drawn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.kernels import race_columns as col
from dryline.kernels.race_lap import simulate_chunk
from dryline.kernels.race_path import TimingSheet
from dryline.kernels.race_state import AFTER_MIN, horizon_ms, room_for
from dryline.kernels.race_tables import RaceTables
from tests.kernels.a_grid import a_control, a_race, a_sheet, a_sky

SEEDS = st.integers(0, 2**31)
ENTRY_TO_LINE_MS = 80_000.0
"""At most so long from the pit entry to the line, the part of the stop before it included."""


def _lively(**changes: float) -> RaceTables:
    """An hour with traffic, trouble, stops, showers and neutralisations."""
    control = a_control(sd=0.4, wave_ms=100_000.0)
    control.neu[[col.FCY, col.VSC, col.SAFETY_CAR], col.NEU_RATE] = 1.0
    control.neu[col.VSC, col.NEU_THEN] = col.SAFETY_CAR
    control.stop_under[:] = [-1.0, 3.0, 0.5, -5.0]
    sky = a_sky(rates=np.array([[0.0, 0.6, 0.2], [2.0, 0.0, 1.0], [2.0, 1.0, 0.0]]))
    values = {
        "noise": 0.006, "noise_rho": 0.3, "slow_p": 0.05, "slow_mean": 0.01, "stand_sd": 0.05,
        "retire_per_h": 0.1, "trouble_per_h": 0.2, "trouble_mu": 10.0, "penalty_per_h": 0.3,
        "driver_p": 0.5, "early": 0.05, "delay": 1.0, "lane_share": 0.08, **changes,
    }  # fmt: skip
    state = {"last_ms": 500.0}
    return a_race(0, 0, 0, 1, 1, 1, control=control, sky=sky, state=state, **values)[0]


def _raced(race: RaceTables, seed: int, first: int, replicates: int) -> TimingSheet:
    sheet = a_sheet(race, replicates)
    assert simulate_chunk(race, seed, first, room_for(race), sheet) == 0
    return sheet


def _same(one: TimingSheet, parts: list[TimingSheet]) -> bool:
    whole = [np.concatenate(arrays) for arrays in zip(*(part[:5] for part in parts), strict=True)]
    return all(np.array_equal(a, b) for a, b in zip(one[:5], whole, strict=True))


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(1, 7))
def test_races_do_not_depend_on_how_they_are_cut_into_pieces(seed: int, cut: int) -> None:
    race = _lively()
    parts = [_raced(race, seed, 0, cut), _raced(race, seed, cut, 8 - cut)]
    assert _same(_raced(race, seed, 0, 8), parts)


def test_races_do_not_depend_on_threads() -> None:
    race = _lively()
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda first: _raced(race, 5, first, 20), range(0, 160, 20)))
    assert _same(_raced(race, 5, 0, 160), parts)


def test_a_room_keeps_nothing_of_the_race_before() -> None:
    race, other = _lively(), _lively(retire_per_h=2.0, slick_gain=2.0)
    used, sheet = room_for(race), a_sheet(race, 6)
    simulate_chunk(other, 9, 0, used, a_sheet(other, 3))
    simulate_chunk(race, 5, 0, used, sheet)
    assert _same(sheet, [_raced(race, 5, 0, 6)])


def test_another_seed_is_another_race() -> None:
    race = _lively()
    assert not _same(_raced(race, 1, 0, 3), [_raced(race, 2, 0, 3)])


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(0, 1000))
def test_cars_go_forward_in_time_lap_by_lap_and_are_driven_all_the_while(
    seed: int, number: int
) -> None:
    race = _lively()
    run, sheet = room_for(race), a_sheet(race, 1, 400)
    rows = simulate_chunk(race, seed, number, run, sheet)
    path = sheet.path[:rows]
    assert np.all(np.diff(path[:, col.PATH_T_MS]) >= 0.0)
    for c in range(6):
        mine = path[path[:, col.PATH_CAR] == c]
        assert mine[:, col.PATH_LAP].tolist() == list(range(1, sheet.laps[0, c] + 1))
        assert np.all(mine[:, col.PATH_LAP_MS] > 0.0)
        assert np.all(mine[:, col.PATH_S1_MS] + mine[:, col.PATH_S2_MS] < mine[:, col.PATH_LAP_MS])
        assert mine[:, col.PATH_LAP_MS].sum() == pytest.approx(sheet.finish[0, c] - 500.0)
        assert run.drive[c].sum() == pytest.approx(sheet.finish[0, c] - 500.0)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_everybody_who_is_classified_crosses_at_or_after_the_flag(seed: int) -> None:
    race = _lively()
    sheet = _raced(race, seed, 0, 4)
    flag = sheet.race[:, 0]
    assert np.all(flag >= race.length_ms)
    home = sheet.finish >= flag[:, None]
    assert np.array_equal(sheet.out == 0, home)
    late = 2.5 * 190_000.0
    led = sheet.laps.max(axis=1)
    for r in range(4):
        first = sheet.finish[r][sheet.laps[r] == led[r]].min()
        assert first == flag[r] or flag[r] >= race.length_ms + late


def test_a_finished_car_found_at_the_start_has_brought_the_flag_out() -> None:
    race = a_race(0, 0, state={"laps": 36.0, "last_ms": 3.58e6}, now_ms=3.61e6)[0]
    race.start.state[0, [col.STATE_OUT, col.STATE_LAST_MS]] = 1.0, 3.605e6
    sheet = _raced(race, 1, 0, 1)
    assert sheet.race[0, 0] == 3.605e6
    assert sheet.laps[0].tolist() == [36, 37]
    assert sheet.out[0].tolist() == [0, 0]


def test_a_retired_car_found_at_the_start_stays_as_it_is() -> None:
    race = a_race(0, 0)[0]
    race.start.state[0, [col.STATE_OUT, col.STATE_LAPS]] = 1.0, 3.0
    sheet = _raced(race, 1, 0, 1)
    assert sheet.laps[0].tolist() == [3, 36]
    assert sheet.out[0].tolist() == [1, 0]


def test_a_race_without_chance_is_known() -> None:
    """36 laps of 100 s; a tank lasts 20, and then as many as the crew reckons are left, and one."""
    race = a_race(0)[0]
    sheet = a_sheet(race, 1, 50)
    rows = simulate_chunk(race, 1, 0, room_for(race), sheet)
    assert np.flatnonzero(sheet.path[:rows, col.PATH_IN_PIT]).tolist() == [19]
    assert (sheet.laps[0, 0], sheet.stops[0, 0], sheet.out[0, 0]) == (36, 1, 0)
    filled = 1.6e6 / 101_000.0 + 2.0
    flag = 36 * 100_000.0 + 30_000.0 + 5_000.0 + 1_000.0 * filled
    assert sheet.finish[0, 0] == pytest.approx(flag)
    assert sheet.race[0].tolist() == [sheet.finish[0, 0], 0.0, 0.0, 0.0]


def test_the_room_reaches_beyond_the_end_by_time_or_by_laps() -> None:
    assert horizon_ms(a_race(0)[0]) == 3.6e6
    by_laps = a_race(0, length_ms=1e15, laps=30.0, now_ms=1e5)[0]
    assert horizon_ms(by_laps) == 1e5 + 1.6 * 30 * 100_000.0
    assert room_for(by_laps).surface.wet.shape == (81 + AFTER_MIN, 3)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_no_car_comes_in_twice_under_one_neutralisation(seed: int) -> None:
    """Whatever brought it in the first time: the neutralisation, its tank, its reserve.

    A stop decided before it began may cross the line within it, and answers nothing.
    """
    control = a_control(sd=0.4)
    control.neu[[col.FCY, col.VSC, col.SAFETY_CAR], col.NEU_RATE] = 3.0
    control.stop_under[:] = [2.0, 0.0, 0.0, 2.0]
    race, run = a_race(0, 0, 0, 1, 1, 1, control=control, state={"last_ms": 500.0}, early=0.2)
    sheet = a_sheet(race, 1, 600)
    rows = simulate_chunk(race, seed, 0, run, sheet)
    came = sheet.path[:rows][sheet.path[:rows, col.PATH_IN_PIT] > 0.0]
    for begin, end, kind in zip(*run.schedule, strict=True):
        if kind > 0.0 and begin < end:
            decided = came[:, col.PATH_T_MS] - ENTRY_TO_LINE_MS
            inside = came[(decided > begin) & (came[:, col.PATH_T_MS] <= end)]
            cars = inside[:, col.PATH_CAR].tolist()
            assert len(cars) == len(set(cars))
