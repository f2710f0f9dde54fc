"""Who drives still: what is missing to the shares, and crews that are guessed without a list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.entry import Driver, Rating
from dryline.model.crew.history import (
    NO_HISTORY,
    CrewHistory,
    DriverRun,
    pool_crews,
    race_crews,
)
from dryline.model.crew.to_come import crew_columns, time_to_come, with_last_crews
from dryline.model.crew.wheel import Wheel, wheel_of
from dryline.model.forecast_parameters import shipped
from dryline.model.running import running_at
from tests.made_up.steady import steady_race

RACE = steady_race({"GTP": ["1", "02"], "GTD": ["7", "9"]}, fcy_s=None)
EARLY = running_at(RACE, 1_500_000)  # each car's first driver is at the wheel
TAUGHT = pool_crews([race_crews("x", wheel_of(running_at(RACE, 10**9), 7200.0), "imsa", 2023)])


def _crew(wheel: Wheel, number: str) -> list[str]:
    car = next(c for c in wheel.cars if c.car_number == number)
    return [wheel.drivers[d][1] for d in car.crew]


@given(
    shares=st.lists(st.floats(0.1, 1.0), min_size=1, max_size=4),
    ran=st.floats(0.0, 1.0),
    at=st.floats(0.0, 0.99),
)
def test_the_time_to_come_is_what_is_left_and_nobody_has_none(
    shares: list[float], ran: float, at: float
) -> None:
    share = np.array(shares) / sum(shares)
    driven = at * 7200.0 * np.eye(len(share))[0] * ran
    found = time_to_come(share, driven, 7200.0, (1 - at) * 7200.0)
    assert found.sum() == pytest.approx((1 - at) * 7200.0)
    assert np.all(found > 0)


def test_who_has_had_his_share_drives_the_least() -> None:
    found = time_to_come(np.array([0.6, 0.4]), np.array([0.0, 3000.0]), 7200.0, 4200.0)
    assert found == pytest.approx(np.array([4320.0, 144.0]) * 4200 / 4464)


def test_the_last_crew_joins_whoever_of_it_is_seen() -> None:
    before = wheel_of(EARLY, 7200.0)
    wheel = with_last_crews(before, TAUGHT, "imsa", 2024)
    assert _crew(before, "7") == ["driver7a"]
    assert _crew(wheel, "7") == ["driver7a", "driver7b"]
    assert len(wheel.turns.driver_class) == len(wheel.drivers) == 8


def test_a_crew_that_is_listed_or_new_is_left_as_it_is() -> None:
    listed = wheel_of(EARLY, 7200.0, {"7": [Driver("Driver 7A"), Driver("New Man")]})
    assert _crew(with_last_crews(listed, TAUGHT, "imsa", 2024), "7") == ["driver7a", "newman"]
    renamed = RACE.with_columns(pl.lit("Stranger").alias("driver"))
    strange = wheel_of(running_at(renamed, 1_500_000), 7200.0)
    assert _crew(with_last_crews(strange, TAUGHT, "imsa", 2024), "7") == ["stranger"]


def test_a_professional_who_takes_over_shows_before_he_has_driven() -> None:
    crews = {"7": [Driver("Driver 7A", Rating.BRONZE), Driver("Driver 7B", Rating.PLATINUM)]}
    licences = {"GTD": {"bronze": 0.012, "platinum": -0.01}}
    wheel = wheel_of(EARLY, 7200.0, crews)
    history = CrewHistory({}, {}, {}, licences, {})
    columns = dict(
        zip(
            [c.car_number for c in wheel.cars if c.car_class == "GTD"],
            crew_columns(wheel, history, "imsa", 2024)["GTD"],
            strict=True,
        )
    )
    now, to_come, change, amateur = columns["7"][:4]
    assert to_come < now
    assert change == pytest.approx(to_come - now)
    driven = next(c for c in wheel.cars if c.car_number == "7").driven_s.sum()
    assert amateur == pytest.approx((3600.0 - driven) / (7200.0 - driven), abs=1e-6)
    assert columns["9"][3] == 0.0


def test_a_rating_is_known_from_other_races_where_no_list_states_it() -> None:
    history = CrewHistory(
        {"driver9a": [DriverRun(2023, "GTD", "silver", 1.0, 0.0)]}, {}, {}, {}, {}
    )
    wheel = wheel_of(EARLY, 7200.0)
    columns = crew_columns(wheel, history, "imsa", 2024)["GTD"]
    number = [c.car_number for c in wheel.cars if c.car_class == "GTD"]
    assert dict(zip(number, columns[:, 3], strict=True)) == {"7": 0.0, "9": 1.0}


def test_a_race_without_a_lap_has_columns_of_noughts() -> None:
    wheel = wheel_of(running_at(RACE, 1, {"1": "GTP", "7": "GTD"}), 7200.0)
    found = crew_columns(wheel, NO_HISTORY, None, None)
    assert {k: v.tolist() for k, v in found.items()} == {"GTP": [[0.0] * 6], "GTD": [[0.0] * 6]}


@pytest.mark.parametrize("car_class", ["LMP2", "LMP3", "GTD"])
def test_bronze_drivers_are_slower_than_the_professionals_of_their_class(car_class: str) -> None:
    licences = shipped().crews.licences[car_class]
    assert licences["bronze"] - licences["gold"] > 0.01
    assert licences["bronze"] > 0.005 > licences["silver"]


@pytest.mark.needs_data
@pytest.mark.parametrize("hours", [1, 3, 5])
def test_the_columns_are_the_same_on_a_real_file_that_ends_there(data: Path, hours: int) -> None:
    from dryline.engine.opening import open_race

    race = open_race(str(data / "wec/2025/imola_6h.csv")).crossings
    at = hours * 3_600_000
    both = [
        crew_columns(wheel_of(running_at(rows, at), 21_600.0), shipped().crews, "wec", 2025)
        for rows in (race, race.filter(pl.col("elapsed_ms") <= at))
    ]
    assert both[0].keys() == both[1].keys() == {"HYPERCAR", "LMGT3"}
    for name, columns in both[0].items():
        assert np.array_equal(columns, both[1][name])
        assert np.abs(columns[:, :3]).max() > 0.001
