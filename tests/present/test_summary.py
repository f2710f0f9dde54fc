"""The lines that sum a race up."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.race_info import RaceInfo
from dryline.present.terminal.summary import headline
from dryline.race.race import Race
from tests.made_up.field import crossings

FRAME = crossings(cars=2, hours=0.2)


@pytest.mark.parametrize(
    ("cars", "laps", "said"),
    [(1, 1, "1 car, 1 lap"), (1, 2, "1 car, 2 laps"), (2, 1, "2 cars, 2 laps")],
)
def test_one_is_said_as_one(cars: int, laps: int, said: str) -> None:
    numbers = FRAME["car_number"].unique(maintain_order=True)[:cars].to_list()
    frame = FRAME.filter(pl.col("car_number").is_in(numbers), pl.col("lap") <= laps)
    assert headline(Race(RaceInfo(name="x"), frame)) == said
