"""What other races say of drivers: more of it weighs more, nearer seasons too."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.entry import Driver, Rating
from dryline.model.crew.history import (
    NO_HISTORY,
    CrewHistory,
    DriverRun,
    DriveShares,
    RaceCrews,
    believed,
    drive_shares,
    pool_crews,
    race_crews,
    rating_in,
)
from dryline.model.crew.wheel import wheel_of
from dryline.model.running import running_at
from tests.made_up.steady import steady_race

RACE = steady_race({"GTP": ["1", "02"], "GTD": ["7", "9"]}, fcy_s=None)
CREWS = {"7": [Driver("Driver 7A", Rating.BRONZE), Driver("Driver 7B", Rating.GOLD)]}
WHEEL = wheel_of(running_at(RACE, 10**9), 7200.0, CREWS)


def _history(*runs: DriverRun, licence: float = 0.01) -> CrewHistory:
    return CrewHistory({"x": list(runs)}, {}, {}, {"GTD": {"bronze": licence}}, {})


def _sharing(shares: dict[str, DriveShares]) -> CrewHistory:
    return CrewHistory({}, {}, shares, {}, {})


@given(
    years=st.lists(st.integers(2018, 2026), min_size=1, max_size=4),
    pace=st.floats(-0.02, 0.02),
    weight=st.floats(0.05, 1.0),
)
def test_a_driver_is_the_mean_of_his_races_and_of_one_race_of_his_licence(
    years: list[int], pace: float, weight: float
) -> None:
    runs = [DriverRun(year, "GTD", "bronze", weight, weight * pace) for year in years]
    seen = sum(weight * math.exp(-abs(year - 2024) / 2) for year in years)
    mean, sd = believed(_history(*runs), "x", "GTD", "bronze", 2024)
    assert mean == pytest.approx((seen * pace + 0.01) / (seen + 1.0))
    assert sd < believed(NO_HISTORY, "x", "GTD", None, 2024)[1] == pytest.approx(0.008)


def test_another_class_says_nothing() -> None:
    history = _history(DriverRun(2024, "LMP2", "bronze", 1.0, 0.02))
    assert believed(history, "x", "GTD", "bronze", 2024)[0] == pytest.approx(0.01)


def test_the_rating_is_that_of_the_nearest_season_that_states_one() -> None:
    runs = [
        DriverRun(2021, "GTD", "silver", 1.0, 0.0),
        DriverRun(2024, "GTD", "bronze", 1.0, 0.0),
        DriverRun(2026, "GTD", None, 1.0, 0.0),
    ]
    history = _history(*runs)
    assert [rating_in(history, "x", year) for year in (2021, 2026)] == ["silver", "bronze"]
    assert rating_in(history, "nobody", 2024) is None


def test_leaving_a_race_out_leaves_no_trace_of_it() -> None:
    one = race_crews("one", WHEEL, "imsa", 2024)
    two = race_crews("two", WHEEL, "imsa", 2025)
    both = pool_crews([one, two])
    assert pool_crews([one]) != both
    assert {r.year for runs in pool_crews([one]).drivers.values() for r in runs} == {2024}
    assert both.drivers["driver7a"][0].rating == "bronze"
    assert both.shares["imsa/GTD/sprint/2"].crews == 4


def test_licences_are_shrunk_and_spreads_come_from_the_class() -> None:
    def race(name: str, worths: dict[str, float]) -> RaceCrews:
        runs = {k: [DriverRun(2024, "GTD", "bronze", 1.0, v)] for k, v in worths.items()}
        return RaceCrews(name, runs, {}, {})

    found = pool_crews([race("a", {str(k): 0.012 for k in range(18)})])
    assert found.licences["GTD"]["bronze"] == pytest.approx(18 * 0.012 / 20, abs=1e-5)
    wide = math.sqrt((20 * 0.008**2 + 18 * 0.012**2) / 38)
    assert found.spreads["GTD"] == pytest.approx(wide, abs=1e-5)


def test_drive_time_goes_by_pace_as_far_as_crews_were_seen() -> None:
    assert drive_shares(NO_HISTORY, "imsa", "GTD", 7200.0, 2).tolist() == [0.5, 0.5]
    seen = {"imsa/GTD/sprint/2": DriveShares(95, [57.0, 38.0])}
    found = drive_shares(_sharing(seen), "imsa", "GTD", 7200.0, 2)
    assert found == pytest.approx([(57 + 2.5) / 100, (38 + 2.5) / 100])
    assert drive_shares(_sharing(seen), "imsa", "GTD", 10_800.0, 2).tolist() == [0.5, 0.5]


def test_nobody_is_further_from_his_class_than_three_per_cent() -> None:
    slow = replace(
        WHEEL, turns=replace(WHEEL.turns, log_s=WHEEL.turns.log_s + 0.3 * (WHEEL.turns.driver == 0))
    )
    runs = [r for v in race_crews("r", slow, "imsa", 2024).drivers.values() for r in v]
    assert max(np.abs([r.paces / r.weight for r in runs])) == pytest.approx(0.03)
