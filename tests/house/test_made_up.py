"""Races that are made up are sound: their times add up, whoever made them."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from dryline.domain.tables import CROSSINGS, LAPS
from tests.made_up import (
    field,
    paces,
    pairs,
    services,
    sessions,
    showers,
    steady,
    three_tyres,
    timing_files,
)
from tests.made_up.driving import Car, Lap, crossings_of, green_laps, race_of

MAKERS: dict[str, Callable[[], pl.DataFrame]] = {
    "a field": field.crossings,
    "steady": lambda: steady.steady_race({"HYPERCAR": ["7", "8"], "LMGT3": ["46"]}),
    "pairs": lambda: pairs.paired_race({"7": pairs.Driven(stops={5: 60_000})}).crossings,
    "paces": lambda: paces.pace_world(1, cars=2, stints=2).laps,
    "services": lambda: services.stop_world(1, cars=2, hours=2.0).laps,
    "showers": lambda: showers.drive(showers.shower(5, 0.3, 10), 20.0).laps,
    "three tyres": lambda: (
        three_tyres.drive(three_tyres.shower, 22, three_tyres.on_wets_first(1, 2)).laps
    ),
    "timing files": timing_files.crossings,
    "sessions": sessions.crossings,
}


@pytest.mark.parametrize("maker", MAKERS)
def test_laps_add_up_to_the_race_and_sectors_to_the_lap(maker: str) -> None:
    rows = MAKERS[maker]().sort("car_number", "lap")
    assert rows.height > 5
    assert rows["line"].n_unique() == rows.height
    by_car = rows.with_columns(sum=pl.col("lap_time_ms").cum_sum().over("car_number"))
    assert by_car["sum"].equals(by_car["elapsed_ms"])
    timed = rows.drop_nulls("s3_ms")
    sectors = timed.select(pl.sum_horizontal("s1_ms", "s2_ms", "s3_ms")).to_series()
    assert sectors.equals(timed["lap_time_ms"])
    assert timed.filter(pl.min_horizontal("s1_ms", "s2_ms", "s3_ms") <= 0).is_empty()


def test_laps_made_here_are_those_that_the_race_finds_in_the_same_crossings() -> None:
    stint = [Lap(90_000 + lap, in_pit=lap == 3, lane_ms=60_000 if lap == 4 else None, seat=1)
             for lap in range(1, 8)]  # fmt: skip
    crossings = crossings_of([Car("7", "LMGT3", stint), Car("07", "LMGT3", stint[:5])])
    made, found = green_laps(crossings), race_of(crossings).laps
    places = ["driver_stint", "position", "position_in_class"]
    later = pl.col("lap") > 1  # a race never takes its first lap for green
    assert made.filter(later).drop(places).equals(found.filter(later).drop(places))
    assert (crossings.schema, made.schema) == (pl.Schema(CROSSINGS), pl.Schema(LAPS))
