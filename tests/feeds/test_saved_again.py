"""Files that another program saved, races in parts, and numbers that lost their zero."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from dryline.domain.clock_text import format_ms
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.lap_sheet import LapSheet
from dryline.race.race import Race
from tests.conftest import DATA
from tests.made_up.field import crossings
from tests.made_up.timing_files import edited, without_column

RACE = crossings(cars=6, hours=1.6)
TIMES = re.compile(rb"(?<=[;,])(\d{1,2}:)?(\d{1,2}:)?\d{1,2}\.\d{3}(?=[;,])")
CASES = None if DATA is None else DATA.parent / "cases"


def order(sheet: LapSheet) -> list[tuple[str, int]]:
    race = Race(RaceInfo(name="x"), sheet.crossings)
    return [(car.car_number, car.laps) for car in race.at(race.end).cars]


def kinds(sheet: LapSheet) -> list[str]:
    return [finding.kind for finding in sheet.findings]


def every_time(data: bytes, how) -> bytes:  # type: ignore[no-untyped-def]
    return TIMES.sub(lambda found: how(found[0].decode()).encode(), data)


def minutes_only(text: str) -> str:
    """As a spreadsheet shows a time: ``mm:ss.0``, hours gone."""
    *rest, seconds = text.split(":")
    return f"{int(rest[-1]) if rest else 0:02d}:{float(seconds):04.1f}"


def test_hours_lost_are_named_with_the_car_whose_laps_sum_to_more() -> None:
    data = every_time(write_laps(RACE, None, spec.IMSA), minutes_only)
    with pytest.raises(UnreadableFile, match=r"never passes 60 minutes while the laps of car \w+"):
        parse_laps(data, "laps.csv")


def test_a_race_of_less_than_an_hour_has_no_hours_to_lose() -> None:
    short = crossings(cars=6, hours=0.9)
    data = every_time(write_laps(short, None, spec.IMSA), minutes_only)
    sheet = parse_laps(data, "laps.csv")
    assert kinds(sheet)[0] == "times_rounded"
    assert "tenths of a second" in sheet.findings[0].message


@pytest.mark.parametrize(
    ("places", "words"), [(0, "whole seconds"), (1, "tenths of a second"), (2, "hundredths")]
)
def test_times_without_all_their_decimals_are_read_and_said(places: int, words: str) -> None:
    data = write_laps(RACE)
    if places == 0:
        coarse = every_time(data, lambda text: text.rpartition(".")[0])
    else:
        coarse = every_time(data, lambda text: text[: len(text) - 3 + places])
    sheet = parse_laps(coarse, "laps.csv")
    (finding,) = sheet.findings
    assert (finding.kind, finding.severity) == ("times_rounded", Severity.WARNING)
    assert words in finding.message
    assert order(sheet) == order(parse_laps(data, "laps.csv"))


def test_one_time_to_the_millisecond_shows_that_none_was_rounded() -> None:
    data = every_time(write_laps(RACE), lambda text: text.rpartition(".")[0] + ".000")
    last = RACE["line"].max()
    text = format_ms(RACE["elapsed_ms"].max() // 1000 * 1000 + 1)  # type: ignore[operator]
    assert "times_rounded" in kinds(parse_laps(data, "laps.csv"))
    assert "times_rounded" not in kinds(parse_laps(edited(data, last, "ELAPSED", text), "laps.csv"))


def test_decimal_commas_are_read_like_points() -> None:
    comma = every_time(write_laps(RACE), lambda text: text.replace(".", ","))
    assert comma != write_laps(RACE)
    sheet = parse_laps(comma, "laps.csv")
    assert not sheet.findings
    assert sheet.crossings.equals(RACE)


def test_decimal_commas_that_part_the_cells_are_named() -> None:
    comma = every_time(write_laps(RACE, None, spec.IMSA), lambda text: text.replace(".", ","))
    with pytest.raises(UnreadableFile, match="a decimal comma stands in a file that commas"):
        parse_laps(comma, "laps.csv")


def test_numbers_written_as_decimals_are_the_numbers() -> None:
    plain = RACE.filter(~pl.col("car_number").str.starts_with("0"))
    lines = write_laps(plain).decode("utf-8-sig").split("\r\n")
    rows = [re.sub(r"^(\d+);(\d+);(\d+);", r"\1.0;\2.0;\3.0;", line) for line in lines]
    sheet = parse_laps("\r\n".join(rows).encode(), "laps.csv")
    assert kinds(sheet) == ["numbers_as_decimals"]
    assert sheet.crossings.drop("line").equals(
        parse_laps(write_laps(plain), "laps.csv").crossings.drop("line")
    )


def test_one_number_among_others_is_no_decimal() -> None:
    data = edited(write_laps(RACE), 3, "NUMBER", "12.0")
    assert "numbers_as_decimals" not in kinds(parse_laps(data, "laps.csv"))


def test_columns_by_the_names_of_2019_are_read() -> None:
    old = write_laps(RACE).replace(b" LAP_NUMBER", b"LAPNUMBER").replace(b" LAP_TIME", b"LAPTIME")
    sheet = parse_laps(old, "laps.csv")
    assert not sheet.findings
    assert sheet.crossings.equals(RACE)


@pytest.mark.parametrize(("share", "refused"), [(0.095, False), (0.105, True)])
@pytest.mark.parametrize(
    ("column", "cause"), [("ELAPSED", "no usable ELAPSED"), ("NUMBER", "no car number")]
)
def test_above_a_tenth_of_unusable_rows_a_file_is_refused(
    share: float, refused: bool, column: str, cause: str
) -> None:
    lines = write_laps(RACE).decode("utf-8-sig").split("\n")
    place = [name.strip() for name in lines[0].split(";")].index(column)
    for at in range(1, 1 + round(share * len(RACE))):
        cells = lines[at].split(";")
        cells[place] = ""
        lines[at] = ";".join(cells)
    data = "\n".join(lines).encode()
    if refused:
        with pytest.raises(UnreadableFile, match=rf"of {len(RACE)} rows cannot be used.*{cause}"):
            parse_laps(data, "laps.csv")
    else:
        assert parse_laps(data, "laps.csv").set_aside == round(share * len(RACE))


@pytest.mark.parametrize(
    ("column", "cell", "shown"),
    [
        ("ELAPSED", "########", "'########'"),
        ("ELAPSED", "0.0011408912037037036", "'0.0011408912037037036'"),
        ("ELAPSED", "0 days 00:01:38.573000", "'0 days 00:01:38.573000'"),
        ("ELAPSED", "98573123", "'98573123'"),
        ("ELAPSED", "x" * 40, f"'{'x' * 40}'"),
        ("ELAPSED", "x" * 41, f"'{'x' * 40}'"),
        ("ELAPSED", "", None),
        ("LAP_NUMBER", "first", "'first'"),
    ],
)
@pytest.mark.parametrize("first", [2, 9])
def test_a_refusal_quotes_the_first_cell_that_cannot_be_used(
    column: str, cell: str, shown: str | None, first: int
) -> None:
    data = write_laps(RACE)
    lines = data.decode("utf-8-sig").split("\n")
    place = [name.strip() for name in lines[0].split(";")].index(column)
    for at in range(first - 1, len(RACE) + 1):
        cells = lines[at].split(";")
        cells[place] = cell
        lines[at] = ";".join(cells)
    with pytest.raises(UnreadableFile) as refusal:
        parse_laps("\n".join(lines).encode(), "laps.csv")
    said = str(refusal.value)
    assert f"line {first}" in said
    assert "\n" not in said
    assert ("the first says" in said) == (shown is not None)
    assert shown is None or f"; the first says {shown}" in said


@pytest.mark.parametrize(("tail", "read"), [("000", True), ("0", True), ("001", False)])
def test_decimals_beyond_milliseconds_are_read_where_they_are_zeros(tail: str, read: bool) -> None:
    data = every_time(write_laps(RACE), lambda text: text + tail)
    if read:
        sheet = parse_laps(data, "laps.csv")
        assert not sheet.findings
        assert sheet.crossings.equals(RACE)
    else:
        with pytest.raises(UnreadableFile, match=rf"the first says '[0-9:.]+{tail}'"):
            parse_laps(data, "laps.csv")


def renumbered(old: str, new: str) -> pl.DataFrame:
    number = pl.when(pl.col("car_number") == old).then(pl.lit(new)).otherwise("car_number")
    return RACE.with_columns(car_number=number)


@pytest.mark.parametrize("old", ["007", "50"])
@pytest.mark.parametrize(
    "bare", [(), ("TEAM",), ("TEAM", "CLASS", "MANUFACTURER"), ("HOUR",)], ids=str
)
def test_two_cars_that_share_a_number_are_kept_apart(old: str, bare: tuple[str, ...]) -> None:
    data = write_laps(renumbered(old, "7"))
    sheet = parse_laps(without_column(data, *bare) if bare else data, "laps.csv")
    (finding,) = [f for f in sheet.findings if f.severity is not Severity.NOTE]
    assert finding.kind == "number_shared"
    assert finding.message.startswith("two cars share number 7: ")
    assert len(sheet.crossings) == len(RACE)
    first = "7" if RACE["car_number"][0] != old else old
    names = {"7": "7" if first == "7" else "7b", old: "7b" if first == "7" else "7"}
    clean = order(parse_laps(write_laps(RACE), "laps.csv"))
    assert order(sheet) == [(names.get(car, car), laps) for car, laps in clean]


def test_a_number_that_is_taken_is_not_given_to_another_car() -> None:
    frame = renumbered("007", "7").with_columns(
        car_number=pl.when(pl.col("car_number") == "50").then(pl.lit("7b")).otherwise("car_number")
    ).with_columns(
        car_number=pl.when((pl.col("car_number") == "7") & (pl.col("team") == "Team 007"))
        .then(pl.lit("7")).otherwise("car_number")
    )  # fmt: skip
    cars = set(parse_laps(write_laps(frame), "laps.csv").crossings["car_number"])
    assert {"7", "7b", "7c"} <= cars


def test_two_cars_that_nothing_tells_apart_are_refused_by_their_number() -> None:
    frame = renumbered("50", "7").with_columns(team=pl.lit("One"), lap_time_ms=None)
    data = without_column(write_laps(frame.with_columns(lap_time_ms=pl.col("s1_ms"))), "LAP_TIME")
    with pytest.raises(UnreadableFile, match="two cars share number 7"):
        parse_laps(data, "laps.csv")


def in_parts(*, laps_restart: bool, at_ms: int = 3_000_000, halt_ms: int = 0) -> pl.DataFrame:
    """The race suspended at ``at_ms`` and resumed ``halt_ms`` later with a clock from 0."""
    later = pl.col("elapsed_ms") > at_ms
    done = pl.when(~later).then("lap").max().over("car_number")
    return RACE.with_columns(
        elapsed_ms=pl.when(later).then(pl.col("elapsed_ms") - at_ms).otherwise("elapsed_ms"),
        time_of_day_ms=pl.col("time_of_day_ms") + pl.when(later).then(halt_ms).otherwise(0),
        lap=(pl.col("lap") - pl.when(later & laps_restart).then(done).otherwise(0)).cast(pl.Int32),
    )


@pytest.mark.parametrize("laps_restart", [True, False])
@pytest.mark.parametrize("halt_ms", [0, 2 * 3_600_000, 11 * 3_600_000])
def test_a_race_in_parts_is_put_on_one_clock(laps_restart: bool, halt_ms: int) -> None:
    frame = in_parts(laps_restart=laps_restart, halt_ms=halt_ms)
    sheet = parse_laps(write_laps(frame), "laps.csv")
    assert kinds(sheet)[0] == "clock_begins_again"
    right = RACE.with_columns(
        elapsed_ms=pl.col("elapsed_ms")
        + pl.when(pl.col("elapsed_ms") > 3_000_000).then(halt_ms).otherwise(0)
    )
    assert sheet.crossings.select("line", "car_number", "lap", "elapsed_ms").equals(
        right.select("line", "car_number", "lap", "elapsed_ms")
    )


def test_parts_without_flags_that_begin_from_lap_1_are_refused() -> None:
    data = without_column(write_laps(in_parts(laps_restart=True)), "FLAG_AT_FL")
    with pytest.raises(UnreadableFile, match=r"two races, or two parts of one\. Give"):
        parse_laps(data, "laps.csv")


def test_a_flagged_race_and_another_are_no_parts() -> None:
    frame = in_parts(laps_restart=True, halt_ms=7_200_000).with_columns(
        flag=pl.when(pl.col("lap") == pl.col("lap").max().over("car_number"))
        .then(pl.lit("chequered"))
        .otherwise("flag")
    )
    assert kinds(parse_laps(write_laps(frame), "laps.csv"))[0] == "two_races"


@pytest.mark.skipif(CASES is None, reason="the cases are not beside the project")
@pytest.mark.parametrize(
    ("file", "kind", "expected"),
    [
        ("excel-resaved/libreoffice_2h.csv", "times_rounded", "92 7 50 046 007 31"),
        ("excel-resaved/decimal_comma_2h.csv", "", "92 7 50 046 007 31"),
        ("one-lap-number/last_row_of_last_car_2h.csv", "lap_number_mended", "92 7 50 046 007 31"),
        ("leading-zero-lost/cars_01_and_1_both_1_2h.csv", "number_shared", "92 1 50 1b 007 31"),
        ("suspended-and-resumed/both_parts_one_file_2h.csv", "clock_begins_again",
         "92 7 50 046 007 31"),
        ("02_zero_lost/23_Analysis_Race.CSV", "number_shared", "8 50 7b 12 7 46 92 31 77 95"),
        ("03_pandas_floats/23_Analysis_Race.csv", "", "8 50 7 12 51 46 92 31 77 95"),
        ("06_decimal_comma/23_Analysis_Race.csv", "", "8 50 7 12 51 46 92 31 77 95"),
        ("07_cooldown_lap/23_Analysis_Race.CSV", "", "8 50 7 12 51 46 92 31 77 95"),
        ("24_lap_numbers_restart/23_Analysis_Race.CSV", "lap_number_mended",
         "8 50 7 12 51 46 92 31 77 95"),
        ("28_lapnumber_laptime/23_Time Cards_Race.CSV", "", "8 50 7 12 51 46 92 31 77 95"),
    ],
)  # fmt: skip
def test_files_that_were_read_wrongly_are_read(file: str, kind: str, expected: str) -> None:
    assert CASES is not None
    path = CASES / file
    if not path.is_file():
        pytest.skip("this case is not there")
    sheet = parse_laps(path.read_bytes(), path.name)
    assert [car for car, _ in order(sheet)] == expected.split()
    said = [f.kind for f in sheet.findings if f.severity is not Severity.NOTE]
    assert said == ([kind] if kind else [])


@pytest.mark.skipif(CASES is None, reason="the cases are not beside the project")
def test_the_parts_of_a_race_put_into_one_file_are_one_race() -> None:
    assert CASES is not None
    for case in ("16_two_parts", "suspended-and-resumed/two_files"):
        parts = sorted(Path(CASES / case).glob("*Part*"))
        sheet = parse_laps(b"".join(part.read_bytes() for part in parts), "both.csv")
        assert "clock_begins_again" in kinds(sheet)
        expected = "8 50 7 12 51 46 92 31 77 95" if "16" in case else "92 7 50 046 007 31"
        assert [car for car, _ in order(sheet)] == expected.split()
