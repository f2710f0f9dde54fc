"""Stops of a source that states no time in the pit lane: the same stops, and what they lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dryline.domain.race_info import RaceInfo
from dryline.engine.library import sessions_below
from dryline.engine.opening import open_race
from dryline.race.fold import fold
from dryline.race.neutralisation_overlap import overlap_ms
from dryline.race.race import Race
from tests.conftest import DATA
from tests.made_up.driving import Car, Lap, crossings_of
from tests.made_up.field import crossings, events

INFO = RaceInfo(name="made up", series="wec")
NO_LANE = pl.lit(None, pl.Int64).alias("pit_lane_ms")
LAP_S, STOP_LAP, LAPS = (32.0, 41.0, 35.0), 9, 20


def hidden(race: Race) -> Race:
    """The race as a source without lane times would have told it."""
    return replace(race, crossings=race.crossings.with_columns(NO_LANE), causal=None)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 9), st.integers(0, 999), st.integers(5, 15), st.booleans())
@example(6, 0, 5, False)  # all in at once, and by chance alike for one of them
@example(6, 271, 6, False)  # a class of three in at once under yellow, the others not alike
def test_the_stops_are_those_that_lane_times_would_have_told(
    cars: int, seed: int, stint_laps: int, flags: bool
) -> None:
    told = Race(
        INFO, crossings(cars=cars, seed=seed, stint_laps=stint_laps, flags=flags, hours=0.6)
    )
    found = hidden(told)
    same = ["car_number", "lap", "in_ms", "out_ms", "driver_in", "driver_out", "exception"]
    assert found.stops.select(same).equals(told.stops.select(same))
    assert found.stops["pit_lane_ms"].null_count() == found.stops.height
    assert found.stints.equals(told.stints)
    assert [car.stops for car in found.at(found.end).cars] == [
        car.stops for car in told.at(told.end).cars
    ]


def test_where_lane_times_are_stated_nothing_is_estimated() -> None:
    stops = Race(INFO, crossings()).stops
    assert stops["lost_ms"].null_count() == stops["lost_sd_ms"].null_count() == stops.height


def test_a_live_feed_without_lane_times_tells_the_same_stops() -> None:
    batch = hidden(Race(INFO, crossings(cars=5, hours=0.6)))
    folded = fold(INFO, events(batch.crossings)).race()
    assert folded.stops.equals(batch.stops)
    assert folded.at(batch.end) == batch.at(batch.end)


def stopping(
    lost_s: float,
    *,
    before_line: float = 0.3,
    held: bool = False,
    sectors: bool = True,
    flag: str = "safety_car",
) -> Race:
    """Ten cars of which #0 loses ``lost_s`` at one stop, a share of it before the line.

    ``held``: everybody at 0.55 of the pace on the laps around it, under ``flag``.
    """
    chance = np.random.default_rng(3)

    def laps(index: int) -> list[Lap]:
        driven = []
        for lap in range(1, LAPS + 1):
            slow = held and STOP_LAP - 2 <= lap <= STOP_LAP + 3
            times = [t / (0.55 if slow else 1.0) * (1 + chance.normal(0, 0.002)) for t in LAP_S]
            if index == 0 and lap == STOP_LAP:
                times[2] += before_line * lost_s
            if index == 0 and lap == STOP_LAP + 1:
                times[0] += (1 - before_line) * lost_s
            first, second, third = (round(1000 * time) for time in times)
            driven.append(
                Lap(
                    first + second + third,
                    sectors_ms=(first, second) if sectors else None,
                    flag=flag if slow else "green",
                    in_pit=index == 0 and lap == STOP_LAP,
                )
            )
        return driven

    more = {"team": "Team", "manufacturer": ""}
    return Race(INFO, crossings_of(Car(str(i), "GT", laps(i), more) for i in range(10)))


@settings(deadline=None, max_examples=40)
@given(st.floats(15, 300), st.floats(0, 1), st.booleans(), st.booleans())
def test_what_a_stop_lost_is_found_again_within_its_doubt(
    lost_s: float, before_line: float, held: bool, sectors: bool
) -> None:
    race = stopping(lost_s, before_line=before_line, held=held, sectors=sectors)
    (stop,) = race.stops.iter_rows(named=True)
    assert stop["lost_sd_ms"] >= 2_000
    assert abs(stop["lost_ms"] - 1000 * lost_s) < 3 * stop["lost_sd_ms"]


def test_nothing_was_lost_at_a_stop_under_a_red_flag() -> None:
    (stop,) = stopping(900, held=True, flag="red").stops.iter_rows(named=True)
    assert (stop["under"], stop["lost_ms"], stop["lost_sd_ms"]) == ("red", None, None)


def test_what_a_stop_costs_is_not_known_while_the_car_is_in() -> None:
    race = stopping(60)
    at_ms = race.stops["in_ms"].item()
    (stop,) = race.cut(race.instant(at_ms // 1000 + 1)).stops.iter_rows(named=True)
    assert (stop["exception"], stop["lost_ms"]) == ("still_in", None)


def test_a_car_without_a_lap_of_its_own_is_held_against_its_class() -> None:
    race = stopping(60)
    late = pl.col("lap").is_between(STOP_LAP, STOP_LAP + 1) | (pl.col("car_number") != "0")
    alone = Race(INFO, race.crossings.filter(late))
    (stop,) = alone.stops.iter_rows(named=True)
    assert abs(stop["lost_ms"] - 60_000) < 3 * stop["lost_sd_ms"]


@pytest.mark.needs_data
def test_in_twenty_races_the_stops_are_found_and_what_they_lost_is_within_4_s() -> None:
    """Lane time less the class's own constant (what passing the lane saves) is the truth."""
    assert DATA is not None
    stated = found = both = 0
    wrong_ms: list[float] = []
    races = sessions_below(DATA)
    for path in races[:: max(1, len(races) // 20)][:20]:
        race = open_race(path)
        told = race.stops.drop_nulls("out_ms").drop("lost_ms", "lost_sd_ms")
        guess = hidden(race).stops.drop_nulls("out_ms")
        pairs = told.join(
            guess.select("car_number", "lap", "lost_ms"), on=["car_number", "lap"], how="inner"
        )
        stated, found, both = stated + told.height, found + guess.height, both + pairs.height
        wrong_ms += _wrong(race, pairs)
    assert both / stated > 0.98
    assert both / found > 0.98
    assert float(np.median(np.abs(wrong_ms))) < 4_000


def _wrong(race: Race, pairs: pl.DataFrame) -> list[float]:
    """Time lost less lane time, beyond its median in the class, of stops wholly under green."""
    out = pairs["out_ms"].to_numpy()
    took = (pairs["in_lap_ms"] + pairs["out_lap_ms"]).fill_null(0).to_numpy()
    held = pl.Series(overlap_ms(race.neutralisations, out - took, out) > 0, dtype=pl.Boolean)
    apart = pl.col("lost_ms") - pl.col("pit_lane_ms")
    green = pairs.filter(~held).with_columns(apart=apart - apart.median().over("car_class"))
    return [float(ms) for ms in green["apart"].drop_nulls()]


def test_a_car_of_which_nothing_else_is_known_has_lost_nobody_knows_what() -> None:
    rows = stopping(60).crossings.filter(
        (pl.col("car_number") == "0") & pl.col("lap").is_between(STOP_LAP, STOP_LAP + 1)
    )
    (stop,) = Race(INFO, rows).stops.iter_rows(named=True)
    assert (stop["lap"], stop["lost_ms"], stop["lost_sd_ms"]) == (STOP_LAP, None, None)
