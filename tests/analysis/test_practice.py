"""Runs, best laps and lost time on laps made for the purpose, each side of every threshold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dryline.analysis.practice.best_laps import best_laps, taken_away_laps
from dryline.analysis.practice.runs import programmes, run_laps, runs_table
from dryline.analysis.practice.session import lost_in_one_sector, pace_by_lap_of_run, segments
from dryline.domain.session_kind import SessionKind
from tests.made_up.driving import Car, Lap, crossings_of, race_of

OUT_MS, IN_MS, STAY_MS = 160_000, 115_000, 50_000
BEST_MS = 100_000


def run(flying: Sequence[int], *, lane_ms: int | None = STAY_MS, driver: str = "A") -> list[Lap]:
    """Out of the garage, these flying laps, and in again."""
    out = Lap(OUT_MS, (70_000, 50_000), driver=driver, lane_ms=lane_ms)
    laps = [Lap(ms, (30_000, 40_000), driver=driver) for ms in flying]
    return [out, *laps, Lap(IN_MS, (30_000, 40_000), driver=driver, in_pit=True)]


def judged(
    cars: dict[str, Sequence[Lap]],
    taken_away: Sequence[tuple[str, int]] = (),
    car_class: str = "GTP",
) -> pl.DataFrame:
    """Laps of a practice in which these cars of one class drove."""
    made = [Car(number, car_class, laps) for number, laps in cars.items()]
    race = race_of(crossings_of(made), session_kind=SessionKind.PRACTICE)
    return run_laps(race.laps, taken_away)


def test_a_run_ends_in_the_pits_and_its_laps_are_told_apart() -> None:
    laps = judged({"7": [*run([101_000, BEST_MS]), *run([BEST_MS + 500], driver="B")]})
    assert laps["run"].to_list() == [1, 1, 1, 1, 2, 2, 2]
    assert laps["flying"].to_list() == [False, True, True, False, False, True, False]
    table = runs_table(laps)
    assert table["driver"].to_list() == ["A", "B"]
    assert table["first_lap"].to_list() == [1, 5]
    assert table["best_ms"].to_list() == [BEST_MS, BEST_MS + 500]
    assert table["kind"].to_list() == ["push", "push"]


@pytest.mark.parametrize(
    ("flying", "kind"),
    [
        ([BEST_MS] * 5, "long"),
        ([BEST_MS] * 4, None),
        ([BEST_MS] * 4 + [104_000], "long"),
        ([BEST_MS] * 4 + [104_001], None),
        ([BEST_MS] * 2, "push"),
        ([BEST_MS] * 3, None),
        ([BEST_MS, 130_000, 130_000], "push"),
        ([], None),
    ],
)
def test_five_laps_within_four_per_cent_make_a_long_run_and_two_a_push(
    flying: list[int], kind: str | None
) -> None:
    assert runs_table(judged({"7": run(flying)}))["kind"].to_list() == [kind]


@pytest.mark.parametrize(("first", "kind"), [(104_000, "push"), (104_001, None)])
def test_a_run_at_no_speed_is_no_push(first: int, kind: str | None) -> None:
    """An installation lap is the best of its run, and not quick for its driver."""
    table = runs_table(judged({"7": [*run([first]), *run([BEST_MS])]}))
    assert table["kind"].to_list() == [kind, "push"]
    other = runs_table(judged({"7": [*run([first]), *run([BEST_MS], driver="B")]}))
    assert other["kind"].to_list() == ["push", "push"], "each driver by the own best"


@given(
    tail=st.lists(st.integers(0, 4_000), min_size=4, max_size=30),
    slow=st.lists(st.integers(4_001, 60_000), max_size=3),
)
def test_a_long_run_is_its_steady_laps_with_their_slope(tail: list[int], slow: list[int]) -> None:
    flying = [BEST_MS, *(BEST_MS + more for more in (*tail, *slow))]
    row = runs_table(judged({"7": run(flying)})).row(0, named=True)
    times = flying[: 1 + len(tail)]
    assert (row["kind"], row["steady_laps"]) == ("long", len(times))
    assert row["average_ms"] == pytest.approx(np.mean(times), abs=0.5)
    at = np.arange(len(times)) - (len(times) - 1) / 2
    slope, middle = np.polyfit(at, times, 1)
    left = np.sum((times - middle - slope * at) ** 2) / (len(times) - 2)
    half = stats.t.ppf(0.9, len(times) - 2) * np.sqrt(left / np.sum(at**2))
    assert row["slope_ms"] == pytest.approx(slope, abs=1e-6)
    assert row["slope_hi_ms"] - row["slope_ms"] == pytest.approx(half, rel=1e-6, abs=1e-2)
    assert row["slope_ms"] - row["slope_lo_ms"] == pytest.approx(half, rel=1e-6, abs=1e-2)


@given(count=st.integers(0, 4))
def test_of_a_run_that_is_not_long_neither_average_nor_slope_is_known(count: int) -> None:
    row = runs_table(judged({"7": run([BEST_MS] * count)})).row(0, named=True)
    assert {row[name] for name in ("average_ms", "slope_ms", "slope_lo_ms", "slope_hi_ms")} == {
        None
    }


def test_a_lap_under_yellow_is_in_no_long_run() -> None:
    out, *green, back = run([BEST_MS] * 5)
    held = [Lap(BEST_MS, (30_000, 40_000), driver="A", flag="safety_car") for _ in range(3)]
    row = runs_table(judged({"7": [out, *green, *held, back]})).row(0, named=True)
    assert row["flying_laps"] == 8
    assert row["steady_laps"] == 6, "the flag was first seen as the first of the three ended"
    assert runs_table(judged({"7": [out, *green[:3], *held, back]}))["kind"].to_list() == [None]


@given(data=st.data())
def test_the_time_on_the_track_is_that_outside_the_pits(data: st.DataObject) -> None:
    stays = data.draw(st.lists(st.integers(1_000, 150_000), min_size=1, max_size=4))
    laps = [lap for stay in stays for lap in run([BEST_MS] * 2, lane_ms=stay)]
    told = programmes(judged({"7": laps})).row(0, named=True)
    assert told["runs"] == len(stays)
    assert told["longest_run_laps"] == 4
    assert told["on_track_ms"] == sum(lap.ms for lap in laps) - sum(stays)


def test_without_the_length_of_every_stay_the_time_on_the_track_is_not_known() -> None:
    laps = judged({"7": [*run([BEST_MS]), *run([BEST_MS], lane_ms=None)]})
    assert programmes(laps)["on_track_ms"].to_list() == [None]


@given(times=st.lists(st.tuples(*[st.integers(20_000, 40_000)] * 3), min_size=1, max_size=12))
def test_the_theoretical_best_is_the_sum_of_the_best_sectors(
    times: list[tuple[int, int, int]],
) -> None:
    out, *_, back = run([])
    laps = judged({"7": [out, *(Lap(sum(each), each[:2]) for each in times), back]})
    found = best_laps(laps, ["car_number"]).row(0, named=True)
    sums = [sum(each) for each in times]
    quickest = sums.index(min(sums))
    assert found["best_ms"] == sums[quickest]
    assert found["best_lap"] == quickest + 2
    assert [found[name] for name in ("s1_ms", "s2_ms", "s3_ms")] == list(times[quickest])
    assert found["theoretical_ms"] == sum(min(each[i] for each in times) for i in range(3))
    before = sums[:quickest]
    assert found["improved_ms"] == (min(before) - sums[quickest] if before else None)


def test_without_sectors_there_is_no_theoretical_best() -> None:
    out, *_, back = run([])
    stated, unstated = Lap(101_000, (30_000, 40_000)), Lap(BEST_MS)
    for flying in ([unstated], [stated, unstated]):
        found = best_laps(judged({"7": [out, *flying, back]}), ["car_number"])
        assert found["best_ms"].to_list() == [BEST_MS]
        assert found["theoretical_ms"].to_list() == [None]
    slower = best_laps(judged({"7": [out, stated, Lap(102_000), back]}), ["car_number"])
    assert slower["theoretical_ms"].to_list() == [101_000]


@given(
    others=st.lists(st.integers(95_000, 105_000), min_size=1, max_size=6),
    gone=st.integers(95_000, 105_000),
)
def test_a_lap_taken_away_would_have_given_a_place(others: list[int], gone: int) -> None:
    cars = {str(number): run([ms]) for number, ms in enumerate(others, 10)}
    laps = judged({**cars, "7": run([106_000, gone])}, [("7", 3)])
    best = best_laps(laps, ["car_number"]).with_columns(car_class=pl.lit("GTP"))
    assert best.filter(pl.col("car_number") == "7")["best_ms"].to_list() == [106_000]
    row = taken_away_laps(laps, best).row(0, named=True)
    assert (row["car_number"], row["lap"], row["lap_time_ms"]) == ("7", 3, gone)
    assert row["would_be"] == 1 + sum(ms <= gone for ms in others), "who is level was earlier"


@pytest.mark.parametrize(
    ("sectors", "lost"),
    [
        ((30_000, 41_201, 30_000), (2, 1_201)),
        ((30_000, 41_200, 30_000), None),
        ((30_150, 45_000, 29_850), (2, 5_000)),
        ((30_151, 45_000, 30_000), None),
        ((30_000, 45_000, 29_849), None),
        ((33_000, 45_000, 30_000), None),
        ((31_000, 40_000, 30_000), (1, 1_000)),
        ((30_000, 40_000, 31_000), (3, 1_000)),
    ],
)
def test_time_lost_is_told_where_one_sector_alone_was_slow(
    sectors: tuple[int, int, int], lost: tuple[int, int] | None
) -> None:
    usual = Lap(BEST_MS, (30_000, 40_000))
    out, *_, back = run([])
    hindered = Lap(sum(sectors), sectors[:2])
    found = lost_in_one_sector(judged({"7": [out, usual, usual, hindered, back]}))
    told = [(row["sector"], row["lost_ms"]) for row in found.iter_rows(named=True)]
    assert told == ([] if lost is None else [lost])
    short = lost_in_one_sector(judged({"7": [out, usual, hindered, back]}))
    assert short.is_empty(), "two laps tell no usual sector"


def test_classes_that_are_out_in_turn_are_segments() -> None:
    def out(wait_ms: int) -> list[Lap]:
        first = Lap(OUT_MS + wait_ms, (70_000, 50_000), lane_ms=STAY_MS + wait_ms)
        return [first, *run([BEST_MS] * 3)[1:]]

    waits = {"GTD": 0, "GTDPRO": 100_000, "LMP2": 400_000}
    made = [Car(name, name, out(wait)) for name, wait in waits.items()]
    race = race_of(crossings_of(made), session_kind=SessionKind.QUALIFYING)
    found = segments(run_laps(race.laps, ())).to_dicts()
    assert [part["classes"] for part in found] == [["GTD", "GTDPRO"], ["LMP2"]]
    assert [part["from_ms"] for part in found] == [OUT_MS, OUT_MS + 400_000]
    assert [part["to_ms"] for part in found] == [OUT_MS + 400_000, OUT_MS + 700_000]
    assert [part["laps"] for part in found] == [6, 3]


@given(
    cars=st.lists(
        st.lists(st.integers(BEST_MS, 104_000), min_size=1, max_size=6), min_size=1, max_size=5
    )
)
def test_pace_by_lap_of_the_run_is_a_median_over_cars(cars: list[list[int]]) -> None:
    laps = judged({str(number): run(flying) for number, flying in enumerate(cars, 1)})
    found = {row["lap_of_run"]: row for row in pace_by_lap_of_run(laps).iter_rows(named=True)}
    for age in range(max(map(len, cars))):
        there = [(car[age], car[age] - min(car)) for car in cars if len(car) > age]
        there = [each for each in there if each[0] <= (each[0] - each[1]) * 1.04]
        if not there:
            assert age + 2 not in found
            continue
        row = found[age + 2]
        assert row["cars"] == len(there)
        assert row["lap_time_ms"] == pytest.approx(np.median([ms for ms, _ in there]), abs=0.5)
        assert row["behind_best_ms"] == pytest.approx(np.median([b for _, b in there]), abs=0.5)
