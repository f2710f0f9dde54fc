"""The limits of stops, flags and halts: a case just inside, just outside, and on each."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.race.field_halts import field_halts, may_halt
from dryline.race.field_speed import Ints
from dryline.race.flag_periods import flag_periods
from dryline.race.neutralisations import neutralisations
from dryline.race.race import Race
from tests.made_up.by_hand import crossed

from .test_neutralisations_inferred import MINUTE, field, held, virtual_first

INFO = RaceInfo(name="made up")
MINUTE_MS = 60_000


def exception_after(lane_ms: int) -> str | None:
    rows = crossed(
        *(("7", lap, lap * 100_000) for lap in range(1, 4)),
        in_pit=[False, True, False],
        pit_lane_ms=[None, None, lane_ms],
    )
    found: str | None = Race(INFO, rows).stops["exception"].item()
    return found


def test_a_stop_is_long_when_it_lasts_for_more_than_an_hour() -> None:
    assert exception_after(60 * MINUTE_MS) is None
    assert exception_after(60 * MINUTE_MS + 1) == "long"


def test_stops_at_one_instant_stand_by_car_number() -> None:
    rows = crossed(
        *(("9", 1, 100_000), ("8", 1, 100_000), ("9", 2, 200_000), ("8", 2, 200_000)),
        in_pit=[True, True, False, False],
        pit_lane_ms=[None, None, 60_000, 60_000],
    )
    assert Race(INFO, rows).stops["car_number"].to_list() == ["8", "9"]


def flags_around(apart_ms: int) -> pl.DataFrame:
    """One green crossing between two under yellow that lie so far apart."""
    at = (10_000, 20_000, 20_400, 20_000 + apart_ms, 60_000)
    flags = ["green", "fcy", "green", "fcy", "green"]
    return flag_periods(crossed(*(("7", 2, ms) for ms in at), flag=flags))


def test_a_crossing_is_odd_where_its_neighbours_are_within_a_second() -> None:
    assert flags_around(1_000)["start_ms"].to_list() == [20_000]
    assert flags_around(1_001)["start_ms"].to_list() == [20_000, 21_001]


@pytest.mark.parametrize("flags", [[], ["fcy"], ["fcy", "green"]])
def test_two_crossings_are_too_few_to_overrule_one(flags: list[str]) -> None:
    seen = crossed(*(("7", 2, 400 * place) for place in range(len(flags))), flag=flags)
    assert flag_periods(seen).height == min(len(flags), 1)


def virtual_until(safety_car_s: int) -> list[tuple[str, int, int | None]]:
    """A virtual safety car said at 100 s, and a coded safety car from then on."""
    at = (10_000, safety_car_s * 1000, 900_000)
    seen = crossed(*(("7", 2, ms) for ms in at), flag=["green", "safety_car", "green"])
    said = [
        RaceControlMessage(happened_at=Instant(ms), known_at=Instant(ms), kind="flag", flag=flag)
        for ms, flag in ((100_000, Flag.VSC), (400_000, Flag.GREEN))
    ]
    return neutralisations(seen, said).select("kind", "start_ms", "end_ms").rows()


def test_what_the_flags_leave_of_a_message_counts_from_a_minute_on() -> None:
    coded = ("safety_car", 160_000, 900_000)
    assert virtual_until(160) == [("vsc", 100_000, 160_000), coded]
    assert [kind for kind, *_ in virtual_until(159)] == ["safety_car"]


def with_safety_car(rows: pl.DataFrame, start_ms: int) -> tuple[int, int]:
    """The end of the virtual safety car, and the start of the safety car that flags state."""
    inside = pl.col("elapsed_ms").is_between(start_ms, 75 * MINUTE_MS)
    coded = rows.with_columns(flag=pl.when(inside).then(pl.lit("safety_car")).otherwise("flag"))
    periods = neutralisations(coded, series="wec")
    assert periods["kind"].to_list() == ["vsc", "safety_car"]
    return periods["end_ms"][0], periods["start_ms"][1]


def test_a_virtual_safety_car_lasts_until_a_safety_car_that_comes_within_a_minute() -> None:
    rows = field(held(40, 60, 0.45), trap=virtual_first).with_columns(flag=pl.lit("green"))
    alone, _ = with_safety_car(rows, 55 * MINUTE_MS)
    assert alone == pytest.approx(48 * MINUTE * 1000, abs=45_000)
    at = rows["elapsed_ms"]
    soon = int(at.filter(at <= alone + MINUTE_MS)[-1])
    late = int(at.filter(at > alone + MINUTE_MS)[0])
    assert soon > alone + 50_000
    assert late < alone + 70_000
    assert with_safety_car(rows, soon) == (soon, soon)
    assert with_safety_car(rows, late) == (alone, late)


def line(quiet_ms: int, *, stragglers: int = 0, lap_ms: int = 60_000) -> tuple[Ints, pl.Series]:
    """Four cars that come round 20 times, then after a quiet time; stragglers halfway into two."""
    at = [lap * lap_ms + car for lap in range(20) for car in range(4)]
    if stragglers:
        at += [at[-1] + quiet_ms + car for car in range(stragglers)]
    at += [at[-1] + quiet_ms + car for car in range(4)]
    cars = [*range(4)] * 20 + [*range(stragglers)] + [*range(4)]
    return np.array(at, dtype=np.int64), pl.Series([str(car) for car in cars])


@pytest.mark.parametrize(("lap_ms", "most_ms"), [(60_000, 300_000), (100_000, 400_000)])
def test_the_field_stood_where_nobody_came_for_five_minutes_and_four_laps(
    lap_ms: int, most_ms: int
) -> None:
    for quiet, halts in ((most_ms, 0), (most_ms + 1, 1)):
        at, who = line(quiet, lap_ms=lap_ms)
        assert len(field_halts(at, who, lap_ms)) == halts


def test_a_line_that_was_never_empty_for_more_than_five_minutes_saw_no_halt() -> None:
    assert not may_halt(np.array([0, 300_000, 600_000]))
    assert may_halt(np.array([0, 300_001]))


@pytest.mark.parametrize("stragglers", [1, 2])
def test_one_or_two_stragglers_do_not_end_a_halt(stragglers: int) -> None:
    at, who = line(400_000, stragglers=stragglers)
    assert field_halts(at, who, 60_000).tolist() == [[at[79], at[80 + stragglers]]]


def test_three_cars_in_a_row_end_a_halt() -> None:
    at, who = line(400_000, stragglers=3)
    assert field_halts(at, who, 60_000).tolist() == [[at[79], at[80]], [at[82], at[83]]]


def halts_of(before: int, after: int) -> int:
    """How many halts are seen where so many cars went before it, and so many of them after."""
    at = np.array([*range(before), *(500_000 + car for car in range(after))], dtype=np.int64)
    who = pl.Series([str(car) for car in (*range(before), *range(after))])
    return len(field_halts(at, who, 60_000))


def test_a_halt_needs_three_cars_of_which_half_come_round_again() -> None:
    assert halts_of(2, 2) == 0
    assert halts_of(3, 3) == 1
    assert halts_of(4, 2) == 1
    assert halts_of(5, 2) == 0


@pytest.mark.parametrize(("lap_ms", "reach_ms"), [(80_000, 640_000), (30_000, 480_000)])
def test_the_cars_of_a_halt_are_those_seen_within_eight_laps_of_it(
    lap_ms: int, reach_ms: int
) -> None:
    for since, halts in ((reach_ms, 1), (reach_ms + 1, 0)):
        alone = range(-since + 200_000, -1, 200_000)
        at = np.array([-since, *alone, -1, 0, 600_000, 600_001, 600_002]) + 10_000_000
        who = pl.Series(["1", *("2" for _ in alone), "2", "3", "1", "2", "3"])
        assert len(field_halts(at, who, lap_ms)) == halts


def test_the_first_lap_is_never_green_and_the_second_is() -> None:
    race = Race(INFO, crossed(*(("7", lap, lap * 100_000) for lap in range(1, 4))))
    assert race.laps["is_green"].to_list() == [False, True, True]


def under_of(lane_s: int | None, red_from_s: int) -> str | None:
    """The state of a stop that begins at 200 s; the red flag lasts from then on until 1,200 s."""
    others = [("8", lap, red_from_s * 1000 if lap == 3 else lap * 100_000) for lap in (1, 2, 3)]
    rows = [("7", 1, 100_000), ("7", 2, 200_000), *others, ("8", 4, 1_200_000), ("7", 3, 1_300_000)]
    flags = [*["green"] * 4, "red", "green", "green"]
    lanes = [*[None] * 6, None if lane_s is None else lane_s * 1000]
    frame = crossed(*rows, flag=flags, pit_lane_ms=lanes, in_pit=[False, True, *[False] * 5])
    found: str | None = Race(INFO, frame.sort("elapsed_ms")).stops["under"].item()
    return found


def test_a_stop_is_under_red_where_the_flag_found_the_car_in_the_lane() -> None:
    assert under_of(101, red_from_s=300) == "red"
    assert under_of(100, red_from_s=300) == "green"
    assert under_of(None, red_from_s=300) == "red", "without lane times: until the out-lap is over"
