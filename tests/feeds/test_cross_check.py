"""One wrong cell never makes another winner: it is put right, set aside, or said."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.clock_text import format_ms
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.lap_sheet import LapSheet
from dryline.race.race import Race
from tests.made_up.field import crossings
from tests.made_up.timing_files import edited, without_column

RACE = crossings(cars=6, hours=0.8)
BY_CAR = RACE.sort("car_number", "lap").with_columns(
    line=pl.int_range(2, pl.len() + 2, dtype=pl.Int32)
)
HOUR_MS = 3_600_000
CELLS = (
    "LAP_NUMBER", "ELAPSED", "LAP_TIME", "HOUR", "S1", "S2", "S3", "NUMBER", "DRIVER_NUMBER",
    "CLASS", "TEAM", "FLAG_AT_FL", "PIT_TIME", "CROSSING_FINISH_LINE_IN_PIT",
)  # fmt: skip
WORDS = ("", "0", "-1", "9", "99", "7", "007", "B", "FF", "GF", "LMGT3", "1:02:03.004", "x")


def order(sheet: LapSheet) -> list[tuple[str, int]]:
    race = Race(RaceInfo(name="x"), sheet.crossings)
    return [(car.car_number, car.laps) for car in race.at(race.end).cars]


def grave(sheet: LapSheet) -> list[str]:
    return [finding.kind for finding in sheet.findings if finding.severity != Severity.NOTE]


def last_line(frame: pl.DataFrame, car: str) -> int:
    return int(frame.filter(pl.col("car_number") == car).sort("lap")["line"][-1])


def said(frame: pl.DataFrame, line: int, column: str) -> str | int:
    return frame.row(by_predicate=pl.col("line") == line, named=True)[column]


@st.composite
def slips(draw: st.DrawFn) -> tuple[int, str, str, int]:
    """A line, a column, and what happens there: a digit changed, added or lost, or a word."""
    ends = [last_line(BY_CAR, car) for car in sorted(set(BY_CAR["car_number"]))]
    line = draw(st.sampled_from(ends) | st.integers(2, len(BY_CAR) + 1))
    how = draw(st.sampled_from(["change", "change", "add", "lose", "word"]))
    return line, draw(st.sampled_from(CELLS)), how, draw(st.integers(0, 10_000))


def slipped(data: bytes, slip: tuple[int, str, str, int]) -> bytes:
    line, column, how, seed = slip
    chance = random.Random(seed)
    lines = data.decode("utf-8-sig").split("\n")
    place = [name.strip() for name in lines[0].split(";")].index(column)
    cell = lines[line - 1].split(";")[place]
    digits = [at for at, letter in enumerate(cell) if letter.isdigit()]
    if how == "word" or not digits:
        return edited(data, line, column, chance.choice(WORDS))
    at, digit = chance.choice(digits), str(chance.randrange(10))
    rest = cell[at:] if how == "add" else cell[at + 1 :]
    return edited(data, line, column, cell[:at] + ("" if how == "lose" else digit) + rest)


@pytest.mark.parametrize("frame", [RACE, BY_CAR], ids=["by time", "by car"])
@pytest.mark.parametrize("gone", [(), ("HOUR",), ("LAP_TIME",), ("FLAG_AT_FL", "TEAM")], ids=str)
@settings(deadline=None, max_examples=60)
@given(slip=slips())
def test_one_wrong_cell_leaves_the_order_or_is_said(
    frame: pl.DataFrame, gone: tuple[str, ...], slip: tuple[int, str, str, int]
) -> None:
    clean = without_column(write_laps(frame), *gone) if gone else write_laps(frame)
    if slip[1] in gone:
        return
    before = parse_laps(clean, "laps.csv")
    try:
        after = parse_laps(slipped(clean, slip), "laps.csv")
    except UnreadableFile:
        return
    assert order(after) == order(before) or grave(after) != grave(before)


@pytest.mark.parametrize("car", ["31", "7"])
@pytest.mark.parametrize("number", [962, 6, 63, 1, 0, -3])
def test_a_lap_number_that_the_times_contradict_is_put_right(car: str, number: int) -> None:
    line = last_line(RACE, car)
    sheet = parse_laps(edited(write_laps(RACE), line, "LAP_NUMBER", str(number)), "laps.csv")
    (finding,) = sheet.findings
    lap = said(RACE, line, "lap")
    assert (finding.kind, finding.line, finding.car_number) == ("lap_number_mended", line, car)
    assert f"LAP_NUMBER {number} should be {lap}" in finding.message
    assert sheet.crossings.equals(RACE)


@pytest.mark.parametrize("off_ms", [-HOUR_MS // 2, -1, 1, 250, HOUR_MS])
@pytest.mark.parametrize("gone", [(), ("HOUR",), ("S1", "S2", "S3")], ids=str)
def test_an_elapsed_that_its_neighbours_contradict_is_put_right(
    off_ms: int, gone: tuple[str, ...]
) -> None:
    for line in (last_line(RACE, "92"), 120, 3):
        right = int(said(RACE, line, "elapsed_ms"))
        wrong = format_ms(right + off_ms)
        data = edited(write_laps(RACE), line, "ELAPSED", wrong)
        if right + off_ms <= 0:
            continue
        large = tuple(
            f"{name}{end}" for name in gone for end in ("_LARGE", "_SECONDS") if "S" in name[0]
        )
        sheet = parse_laps(without_column(data, *gone, *large) if gone else data, "laps.csv")
        assert "elapsed_mended" in grave(sheet)
        mended = next(f for f in sheet.findings if f.kind == "elapsed_mended")
        assert f"ELAPSED {wrong} should be {format_ms(right)}" in mended.message
        assert mended.line == line
        assert said(sheet.crossings, line, "elapsed_ms") == right


def test_a_lap_time_that_elapsed_and_the_sectors_contradict_is_put_right() -> None:
    for line in (2, 100, last_line(RACE, "7")):
        sheet = parse_laps(edited(write_laps(RACE), line, "LAP_TIME", "9:35.020"), "laps.csv")
        assert grave(sheet) == ["lap_time_mended"]
        assert sheet.findings[0].line == line
        assert sheet.crossings.equals(RACE)


def test_a_lap_time_that_the_sectors_bear_out_is_kept_though_elapsed_does_not() -> None:
    late = RACE.with_columns(
        elapsed_ms=pl.col("elapsed_ms") + pl.when(pl.col("lap") > 9).then(60_000).otherwise(0),
        time_of_day_ms=pl.col("time_of_day_ms")
        + pl.when(pl.col("lap") > 9).then(60_000).otherwise(0),
    ).filter(pl.col("car_number") == "7")
    sheet = parse_laps(write_laps(late), "laps.csv")
    assert grave(sheet) == ["elapsed_not_running_sum"]
    assert sheet.crossings["lap_time_ms"].equals(late["lap_time_ms"])


@pytest.mark.parametrize("number", ["99", "50", "007"])
def test_a_row_under_another_number_goes_back_where_it_fits(number: str) -> None:
    for line in (last_line(RACE, "92"), 2 + 6 * 10, last_line(RACE, "7")):
        own = said(RACE, line, "car_number")
        if own == number:
            continue
        sheet = parse_laps(edited(write_laps(RACE), line, "NUMBER", number), "laps.csv")
        (finding,) = sheet.findings
        assert (finding.kind, finding.line, finding.car_number) == (
            "car_number_mended", line, number,
        )  # fmt: skip
        assert f"NUMBER {number} should be {own}" in finding.message
        assert sheet.crossings.equals(RACE)


def test_a_row_of_a_team_that_the_gap_is_not_of_stays_where_it_is() -> None:
    line = last_line(RACE, "92")
    data = edited(edited(write_laps(RACE), line, "NUMBER", "99"), line, "TEAM", "Another")
    assert grave(parse_laps(data, "laps.csv")) == ["flag_not_taken", "lap_missing"]


def moved(car: str, column: str, by: int, from_lap: int = 1) -> pl.DataFrame:
    late = (pl.col("car_number") == car) & (pl.col("lap") >= from_lap)
    return RACE.with_columns(
        pl.when(late).then(pl.col(column) + by).otherwise(column).alias(column)
    )


@pytest.mark.parametrize("car", ["31", "7"])
@pytest.mark.parametrize(
    ("by_ms", "from_lap"),
    [(-600_000, 15), (600_000, 15), (HOUR_MS, 15), (-600_000, 1), (600_000, 1), (HOUR_MS, 1)],
)
def test_a_car_whose_clock_is_off_is_put_right_by_hour(car: str, by_ms: int, from_lap: int) -> None:
    frame = moved(car, "elapsed_ms", by_ms, from_lap)
    sheet = parse_laps(write_laps(frame), "laps.csv")
    assert "elapsed_mended" in grave(sheet)
    assert order(sheet) == order(parse_laps(write_laps(RACE), "laps.csv"))


@pytest.mark.parametrize("car", ["31", "7"])
def test_a_car_whose_clocks_are_both_off_wins_nothing(car: str) -> None:
    off = moved(car, "elapsed_ms", -1_200_000).with_columns(
        time_of_day_ms=moved(car, "time_of_day_ms", -1_200_000)["time_of_day_ms"]
    )
    with pytest.raises(UnreadableFile, match="rows cannot be used"):
        parse_laps(write_laps(off), "laps.csv")


@pytest.mark.parametrize("from_lap", [1, 2, 15])
@pytest.mark.parametrize("by", [1, 10])
def test_a_car_whose_lap_numbers_are_off_is_counted_by_its_times(from_lap: int, by: int) -> None:
    sheet = parse_laps(write_laps(moved("31", "lap", by, from_lap)), "laps.csv")
    assert grave(sheet) == ["lap_number_mended"]
    assert sheet.crossings.equals(RACE)


@pytest.mark.parametrize("cars", [1, 2, 3])
def test_a_few_cars_numbered_from_0_or_less_lose_no_lap(cars: int) -> None:
    few = pl.col("car_number").is_in(["31", "7", "50"][:cars])
    for by, first in ((-1, 1), (-3, 1), (-1, 2)):
        low = RACE.with_columns(lap=pl.col("lap") + pl.when(few).then(by).otherwise(0))
        if first == 2:  # one cell a car
            low = RACE.with_columns(
                lap=pl.when(few & (pl.col("lap") == 9)).then(0).otherwise("lap").cast(pl.Int32)
            )
        sheet = parse_laps(write_laps(low), "laps.csv")
        if cars < 3 or first == 2:
            assert grave(sheet) == ["lap_number_mended"]
            assert sheet.crossings.equals(RACE)
        else:  # half of the field: the file may mean laps before the race
            assert "bad_lap_number" in grave(sheet)
            assert sheet.set_aside == cars * -by


@pytest.mark.parametrize("cars", [1, 6])
@pytest.mark.parametrize("elapsed_ms", [0, 5000])
@pytest.mark.parametrize("joins", [False, True])
def test_rows_from_before_the_race_are_no_laps(cars: int, elapsed_ms: int, joins: bool) -> None:
    firsts = RACE.filter(pl.col("lap") == 1).head(cars)
    before = firsts.with_columns(
        lap=pl.lit(0, pl.Int32),
        elapsed_ms=pl.lit(elapsed_ms, pl.Int64),
        lap_time_ms=pl.lit(elapsed_ms, pl.Int64),
    )
    on_lap_1 = pl.when(pl.col("lap") == 1).then(elapsed_ms).otherwise(0)
    rest = RACE.with_columns(lap_time_ms=pl.col("lap_time_ms") - on_lap_1)
    frame = pl.concat([before, rest if joins else RACE]).with_columns(line=pl.lit(None, pl.Int32))
    sheet = parse_laps(write_laps(frame), "laps.csv")
    assert grave(sheet)[0] == "bad_lap_number"
    assert sheet.set_aside == cars
    assert order(sheet) == order(parse_laps(write_laps(RACE), "laps.csv"))


def test_lap_numbers_that_begin_again_while_elapsed_runs_on_are_counted_on() -> None:
    restart = RACE.with_columns(
        lap=pl.when(pl.col("lap") > 12).then(pl.col("lap") - 12).otherwise("lap").cast(pl.Int32)
    )
    sheet = parse_laps(write_laps(restart), "laps.csv")
    assert grave(sheet) == ["lap_number_mended"]
    assert sheet.crossings.equals(RACE)


def test_laps_that_nobody_can_have_done_are_set_aside_where_nothing_puts_them_right() -> None:
    line = last_line(RACE, "31")
    bare = without_column(write_laps(RACE), "LAP_TIME")
    sheet = parse_laps(edited(bare, line, "LAP_NUMBER", "962"), "laps.csv")
    (finding,) = [f for f in sheet.findings if f.kind == "lap_impossible"]
    assert (finding.line, finding.car_number, finding.lap) == (line, "31", 962)
    assert sheet.set_aside == 1


def test_a_files_own_habit_is_no_slip() -> None:
    """Where ELAPSED never grows by the lap time, neither is corrected by the other."""
    odd = RACE.with_columns(lap_time_ms=pl.col("lap_time_ms") - 300)
    sheet = parse_laps(without_column(write_laps(odd), "HOUR"), "laps.csv")
    assert set(grave(sheet)) == {"elapsed_not_running_sum", "sectors_do_not_sum"}
    assert sheet.crossings["elapsed_ms"].equals(RACE["elapsed_ms"])


def test_a_flag_that_falls_while_the_others_race_on_is_left_empty() -> None:
    sheet = parse_laps(edited(write_laps(RACE), 90, "FLAG_AT_FL", "FF"), "laps.csv")
    (finding,) = sheet.findings
    assert (finding.kind, finding.line) == ("flag_impossible", 90)
    assert said(sheet.crossings, 90, "flag") is None


def cooled(cars: int) -> pl.DataFrame:
    """The race with a lap behind the flag for so many of its cars."""
    ends = RACE.filter(pl.col("flag") == "chequered").head(cars)
    more = ends.with_columns(
        lap=pl.col("lap") + 1,
        elapsed_ms=pl.col("elapsed_ms") + pl.col("lap_time_ms"),
        time_of_day_ms=pl.col("time_of_day_ms") + pl.col("lap_time_ms"),
        in_pit=pl.lit(value=True),
        line=None,
    )
    return pl.concat([RACE.with_columns(line=pl.lit(None, pl.Int32)), more])


@pytest.mark.parametrize(("cars", "severity"), [(3, "note"), (2, "warning")])
def test_laps_behind_the_flag_are_not_raced(cars: int, severity: str) -> None:
    sheet = parse_laps(write_laps(cooled(cars)), "laps.csv")
    (finding,) = sheet.findings
    assert (finding.kind, finding.rows, finding.severity) == ("after_the_flag", cars, severity)
    assert order(sheet) == order(parse_laps(write_laps(RACE), "laps.csv"))


@pytest.mark.parametrize(("takers", "lost"), [(1, 0), (2, 1)])
def test_a_flag_that_hardly_anybody_took_ends_nobodys_race(takers: int, lost: int) -> None:
    penultimate = pl.col("lap") == pl.col("lap").max().over("car_number") - 1
    few = pl.col("car_number").is_in(["31", "7"][:takers])
    taken = pl.when(few & (penultimate | (pl.col("flag") == "chequered") & (takers == 2)))
    frame = RACE.with_columns(flag=taken.then(pl.lit("chequered")))
    assert parse_laps(write_laps(frame), "laps.csv").set_aside == lost * takers


@pytest.mark.parametrize("cars", [1, 2, 3])
def test_a_last_row_that_is_missing_is_missed(cars: int) -> None:
    lost = RACE.filter(pl.col("flag") == "chequered")["line"].head(cars)
    sheet = parse_laps(write_laps(RACE.filter(~pl.col("line").is_in(lost.implode()))), "laps.csv")
    assert grave(sheet) == (["flag_not_taken"] if cars < 3 else [])


@pytest.mark.parametrize("rows_lost", [1, 2, 3])
@pytest.mark.parametrize("car", ["31", "7", "50"])
def test_a_car_that_stopped_earlier_is_not_missed_at_the_flag(car: str, rows_lost: int) -> None:
    own = RACE.filter(pl.col("car_number") == car).sort("lap")
    frame = RACE.filter(~pl.col("line").is_in(own["line"].tail(rows_lost).implode()))
    finish_ms = frame.filter(pl.col("flag") == "chequered")["elapsed_ms"].min()
    last = own.row(-1 - rows_lost, named=True)
    left = (finish_ms - last["elapsed_ms"]) / max(last["lap_time_ms"], own["lap_time_ms"].median())  # type: ignore[operator, type-var]
    expected = ["flag_not_taken"] if left < 1.5 and not last["in_pit"] else []
    assert grave(parse_laps(write_laps(frame), "laps.csv")) == expected
