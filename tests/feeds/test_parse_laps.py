from __future__ import annotations

import math
import random

import polars as pl
import pytest

from dryline.domain.clock_text import format_ms, parse_ms
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.domain.tables import CROSSINGS
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.lap_sheet import LapSheet
from dryline.feeds.times import read_times
from tests.made_up import timing_files

FILE = "laps.csv"
SOUND = timing_files.lap_file()


def kinds(sheet: LapSheet) -> set[str]:
    return {finding.kind for finding in sheet.findings}


def only(sheet: LapSheet, kind: str):
    (finding,) = [finding for finding in sheet.findings if finding.kind == kind]
    return finding


@pytest.mark.parametrize(
    "dialect", [spec.WEC, spec.WEC_2020, spec.IMSA], ids=["wec", "2020", "imsa"]
)
def test_a_sound_file_in_each_dialect_gives_back_what_was_written(dialect):
    race = timing_files.crossings()
    sheet = parse_laps(timing_files.lap_file(dialect), FILE)
    if "FLAG_AT_FL" not in dialect.names:
        race = race.with_columns(flag=pl.lit(None, pl.String))
    assert sheet.crossings.equals(race)
    assert dict(sheet.crossings.schema) == CROSSINGS
    assert sheet.dialect == dialect
    assert sheet.set_aside == 0
    assert kinds(sheet) <= {"no_flags"}


def test_car_numbers_stay_text():
    cars = set(parse_laps(SOUND, FILE).crossings["car_number"])
    assert cars == {"01", "1", "007", "7", "92"}


def test_known_at_is_the_crossing_itself():
    crossings = parse_laps(SOUND, FILE).crossings
    assert (crossings["known_at_ms"] == crossings["elapsed_ms"]).all()


@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [";", ","])
def test_separators_line_ends_and_marks_make_no_difference(bom, newline, separator):
    text = SOUND.decode("utf-8-sig").replace("\r\n", newline).replace(";", separator)
    data = text.encode("utf-8-sig" if bom else "utf-8")
    sheet = parse_laps(data, FILE)
    assert sheet.crossings.equals(timing_files.crossings())
    assert (sheet.dialect.bom, sheet.dialect.newline, sheet.dialect.separator) == (
        bom,
        newline,
        separator,
    )
    assert not sheet.findings


def test_header_cells_may_lack_their_leading_spaces_and_be_in_lower_case():
    head, _, body = SOUND.partition(b"\n")
    sheet = parse_laps(head.replace(b" ", b"").lower() + b"\n" + body, FILE)
    assert sheet.crossings.equals(timing_files.crossings())


def test_a_file_without_the_trailing_empty_column_reads_the_same():
    data = SOUND.replace(b";\r\n", b"\r\n")
    sheet = parse_laps(data, FILE)
    assert not sheet.dialect.trailing
    assert sheet.crossings.equals(timing_files.crossings())


def test_the_last_column_keeps_no_carriage_return():
    data = timing_files.without_column(SOUND, "S1_SECONDS", "S2_SECONDS", "S3_SECONDS", "")
    sheet = parse_laps(data.replace(b"\n", b"\r\n"), FILE)
    assert set(sheet.crossings["flag"]) == {"green", "fcy", "chequered"}
    assert not sheet.findings


def test_quoted_cells_are_read_as_their_content():
    data = timing_files.lap_file(spec.IMSA).replace(b"Team 007", b'"Team, 007"')
    sheet = parse_laps(data, FILE)
    teams = sheet.crossings.filter(pl.col("car_number") == "007")["team"]
    assert set(teams) == {"Team, 007"}


def test_a_wall_clock_past_midnight_wraps():
    race = timing_files.crossings(laps=200, start_ms=23 * 3_600_000)
    sheet = parse_laps(timing_files.lap_file(laps=200, start_ms=23 * 3_600_000), FILE)
    assert sheet.crossings.equals(race)
    assert sheet.crossings["time_of_day_ms"].min() < 3_600_000
    assert not sheet.findings


def test_all_five_published_flag_codes_are_known():
    codes = {code: spec.FLAGS[code].value for code in ("GF", "FCY", "SF", "RF", "FF")}
    assert codes == {
        "GF": "green",
        "FCY": "fcy",
        "SF": "safety_car",
        "RF": "red",
        "FF": "chequered",
    }
    edited = timing_files.edited
    data = edited(edited(SOUND, 2, "FLAG_AT_FL", "SF"), 3, "FLAG_AT_FL", "RF")
    by_line = dict(parse_laps(data, FILE).crossings.select("line", "flag").iter_rows())
    assert (by_line[2], by_line[3]) == ("safety_car", "red")


def test_one_row_is_a_race():
    data = b"".join(SOUND.splitlines(keepends=True)[:2])
    assert len(parse_laps(data, FILE).crossings) == 1


def test_five_hundred_cars_are_read():
    cars = tuple(str(n) for n in range(500))
    sheet = parse_laps(timing_files.lap_file(cars=cars, laps=3), FILE)
    assert sheet.crossings["car_number"].n_unique() == 500
    assert not sheet.findings


def test_improvement_columns_are_never_read():
    data = SOUND
    for column in spec.IMPROVEMENTS:
        data = timing_files.edited(data, 4, column, "leak")
    sheet = parse_laps(data, FILE)
    assert sheet.crossings.equals(timing_files.crossings())
    assert sheet.extras is None
    assert "leak" not in str(sheet)


# One test per quirk of docs/data-quirks.md ------------------------------------------------


def test_missing_sectors_are_left_empty():
    data = timing_files.edited(timing_files.edited(SOUND, 3, "S1", "0"), 3, "S2", "")
    sheet = parse_laps(data, FILE)
    finding = only(sheet, "sector_missing")
    assert (finding.line, finding.car_number, finding.lap, finding.rows) == (3, "01", 2, 1)
    row = sheet.crossings.filter(pl.col("line") == 3)
    assert row["s1_ms"][0] is None
    assert row["s2_ms"][0] is None
    assert "sectors_do_not_sum" not in kinds(sheet)


def test_a_file_without_sector_columns_is_remarked_on_once():
    columns = ("S1", "S2", "S3", *spec.REPEATED)
    sheet = parse_laps(timing_files.without_column(SOUND, *columns), FILE)
    assert kinds(sheet) == {"no_sectors"}


@pytest.mark.parametrize("form", ["_LARGE", "_SECONDS"])
def test_sectors_are_taken_from_their_other_forms_where_the_first_is_missing(form):
    gone = {"S1", "S2", "S3", *spec.REPEATED} - {f"S{i}{form}" for i in (1, 2, 3)}
    sheet = parse_laps(timing_files.without_column(SOUND, *gone), FILE)
    assert sheet.crossings.equals(timing_files.crossings())


def test_sectors_that_do_not_sum_to_the_lap_are_kept_and_found():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "S2", "59.999"), FILE)
    assert only(sheet, "sectors_do_not_sum").line == 5
    assert sheet.crossings.filter(pl.col("line") == 5)["s2_ms"][0] == 59_999
    assert sheet.set_aside == 0


def test_elapsed_that_is_not_the_running_sum_is_kept_and_found():
    bare = timing_files.without_column(SOUND, "HOUR", "S1", "S1_LARGE", "S1_SECONDS")
    row = timing_files.crossings().filter((pl.col("car_number") == "92") & (pl.col("lap") == 6))
    late = row["elapsed_ms"][0] + 500
    sheet = parse_laps(timing_files.edited(bare, row["line"][0], "ELAPSED", format_ms(late)), FILE)
    finding = only(sheet, "elapsed_not_running_sum")
    assert (finding.line, finding.rows) == (row["line"][0], 1)
    assert sheet.crossings.filter(pl.col("line") == finding.line)["elapsed_ms"][0] == late


def test_a_crossing_whose_elapsed_runs_backwards_is_set_aside():
    bare = timing_files.without_column(timing_files.lap_file(cars=("01", "1")), "LAP_TIME")
    sheet = parse_laps(timing_files.edited(bare, 5, "ELAPSED", "1:01.000"), FILE)
    finding = only(sheet, "elapsed_backwards")
    assert (finding.line, finding.car_number, finding.lap, finding.rows) == (5, "01", 4, 1)
    assert 5 not in sheet.crossings["line"]


def test_one_elapsed_far_too_high_costs_one_row_and_not_the_rest_of_the_race():
    bare = timing_files.without_column(SOUND, "LAP_TIME")
    sheet = parse_laps(timing_files.edited(bare, 3, "ELAPSED", "9:59:59.000"), FILE)
    assert only(sheet, "elapsed_backwards").rows == 1


def test_equal_rows_are_counted_once():
    rows = SOUND.splitlines(keepends=True)
    sheet = parse_laps(b"".join([*rows[:5], *rows[2:5], *rows[5:]]), FILE)
    assert only(sheet, "duplicate_row").rows == 3
    assert sheet.set_aside == 3
    assert sheet.crossings.drop("line").equals(timing_files.crossings().drop("line"))


def test_of_two_rows_for_one_lap_the_later_line_is_the_correction():
    rows = SOUND.splitlines(keepends=True)
    changed = timing_files.edited(SOUND, 4, "DRIVER_NAME", "Corrected").splitlines(keepends=True)[3]
    sheet = parse_laps(b"".join([*rows, changed]), FILE)
    finding = only(sheet, "lap_corrected")
    assert (finding.line, finding.rows) == (4, 1)
    lap = sheet.crossings.filter((pl.col("car_number") == "01") & (pl.col("lap") == 3))
    assert lap["driver"].to_list() == ["Corrected"]


def test_a_missing_lap_number_is_found():
    rows = SOUND.splitlines(keepends=True)
    sheet = parse_laps(b"".join(rows[:3] + rows[4:]), FILE)
    finding = only(sheet, "lap_missing")
    assert (finding.car_number, finding.lap) == ("01", 4)
    assert "elapsed_not_running_sum" not in kinds(sheet)


@pytest.mark.parametrize("line", [2, 5, 7])
def test_a_car_that_changes_class_keeps_that_of_most_laps(line):
    sheet = parse_laps(timing_files.edited(SOUND, line, "CLASS", "LMGT3"), FILE)
    finding = only(sheet, "class_change")
    assert (finding.line, finding.car_number, finding.rows) == (line, "01", 1)
    assert set(sheet.crossings.filter(pl.col("car_number") == "01")["car_class"]) == {"HYPERCAR"}


def two_races(newline: bytes = b"") -> bytes:
    other = timing_files.lap_file(laps=9, seed=5, start_ms=9 * 3_600_000, lap_ms=110_000)
    return SOUND + newline + other.removeprefix(b"\xef\xbb\xbf")


def test_of_two_races_in_one_file_the_longest_is_kept():
    sheet = parse_laps(two_races(), FILE)
    finding = only(sheet, "two_races")
    assert finding.severity is Severity.WARNING
    assert finding.rows == 30
    assert finding.line == 2
    other = timing_files.crossings(laps=9, seed=5, start_ms=9 * 3_600_000, lap_ms=110_000)
    assert sheet.crossings.drop("line").equals(other.drop("line"))
    assert only(sheet, "repeated_header").line == 32


def test_two_races_without_a_wall_clock_are_told_apart_by_their_order():
    data = timing_files.without_column(two_races(), "HOUR")
    sheet = parse_laps(data, FILE)
    assert only(sheet, "two_races").rows == 30
    assert len(sheet.crossings) == 45


def test_two_races_with_their_rows_mixed_are_told_apart_by_the_wall_clock():
    rows = two_races().splitlines(keepends=True)
    body = rows[1:31] + rows[32:]
    random.Random(4).shuffle(body)
    sheet = parse_laps(b"".join([rows[0], *body]), FILE)
    assert only(sheet, "two_races").rows == 30
    assert len(sheet.crossings) == 45


@pytest.mark.parametrize(("others", "kept"), [(3, True), (4, False)])
def test_races_of_which_the_longest_would_be_less_than_a_quarter_are_refused(others, kept):
    races = [
        timing_files.lap_file(seed=at, start_ms=at * 4_000_000, lap_ms=95_000 + 5000 * at)
        for at in range(others + 1)
    ]
    data = races[0] + b"".join(race.split(b"\n", 1)[1] for race in races[1:])
    if kept:
        assert only(parse_laps(data, FILE), "two_races").rows == 30 * others
        return
    with pytest.raises(
        UnreadableFile, match=r"5 races would .* 30 of 150 rows.* laps\. Give a file"
    ):
        parse_laps(data, FILE)


@pytest.mark.parametrize("column", [sorted, lambda numbers: [numbers[0]] * len(numbers)])
def test_car_numbers_sorted_or_filled_down_alone_are_refused(column):
    header, *rows = timing_files.lap_file(laps=20).splitlines(keepends=True)
    cells = [row.split(b";", 1) for row in sorted(rows, key=lambda row: row.split(b";")[2])]
    numbers = column([number for number, _ in cells])
    data = header + b"".join(
        number + b";" + rest for number, (_, rest) in zip(numbers, cells, strict=True)
    )
    with pytest.raises(UnreadableFile, match="NUMBER, LAP_NUMBER or ELAPSED is not that of"):
        parse_laps(data, FILE)


def test_rows_out_of_order_are_sorted():
    rows = SOUND.splitlines(keepends=True)
    body = rows[1:]
    random.Random(3).shuffle(body)
    sheet = parse_laps(b"".join([rows[0], *body]), FILE)
    assert kinds(sheet) == {"rows_out_of_order"}
    assert sheet.crossings.drop("line").equals(timing_files.crossings().drop("line"))


def test_rows_in_order_of_time_are_no_quirk():
    rows = SOUND.splitlines(keepends=True)
    order = timing_files.crossings()["line"].to_list()
    sheet = parse_laps(b"".join([rows[0], *(rows[line - 1] for line in order)]), FILE)
    assert not sheet.findings
    assert sheet.crossings.drop("line").equals(timing_files.crossings().drop("line"))


@pytest.mark.parametrize("text", ["-1:35.020", "999:00:00.000"])
def test_a_negative_or_absurd_lap_time_is_replaced_by_the_difference_in_elapsed(text):
    sheet = parse_laps(timing_files.edited(SOUND, 4, "LAP_TIME", text), FILE)
    assert only(sheet, "absurd_time").line == 4
    assert only(sheet, "lap_time_derived").line == 4
    assert sheet.crossings.equals(timing_files.crossings())


@pytest.mark.parametrize("text", ["", "-1:00.000", "yesterday", "0"])
def test_a_crossing_without_a_usable_elapsed_is_set_aside(text):
    sheet = parse_laps(timing_files.edited(SOUND, 4, "ELAPSED", text), FILE)
    assert only(sheet, "no_elapsed").line == 4
    assert sheet.set_aside == 1
    assert only(sheet, "lap_missing").lap == 4


def test_a_lap_without_time_after_a_missing_lap_is_set_aside():
    rows = SOUND.splitlines(keepends=True)
    data = timing_files.edited(b"".join(rows[:3] + rows[4:]), 4, "LAP_TIME", "")
    sheet = parse_laps(data, FILE)
    assert only(sheet, "no_lap_time").rows == 1
    assert sheet.set_aside == 1


def test_a_time_that_is_none_is_left_empty():
    sheet = parse_laps(timing_files.edited(SOUND, 4, "PIT_TIME", "long"), FILE)
    assert only(sheet, "bad_time").line == 4
    assert sheet.set_aside == 0


def test_a_truncated_last_row_is_set_aside_with_a_warning():
    sheet = parse_laps(SOUND[:-40], FILE)
    finding = only(sheet, "truncated_last_row")
    assert (finding.severity, finding.line) == (Severity.WARNING, 31)
    assert len(sheet.crossings) == 29
    assert sheet.set_aside == 1


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_last_row_cut_anywhere_never_gives_a_wrong_crossing(cut):
    crossings = parse_laps(SOUND[:-cut], FILE).crossings
    whole = timing_files.crossings()
    assert whole.join(crossings, on=whole.columns, nulls_equal=True, how="semi").height == len(
        crossings
    )
    assert len(crossings) >= 29


def test_a_last_row_without_line_end_is_used_with_a_note():
    data = SOUND.replace(b";\r\n", b"\r\n").rstrip(b"\r\n")
    sheet = parse_laps(data, FILE)
    assert only(sheet, "last_row_open").line == 31
    assert sheet.crossings.equals(timing_files.crossings())


def test_a_complete_last_row_needs_no_line_end():
    sheet = parse_laps(SOUND.rstrip(b"\r\n"), FILE)
    assert not sheet.findings
    assert sheet.crossings.equals(timing_files.crossings())


@pytest.mark.parametrize("rows", [slice(1, 2), slice(3, 5), slice(1, 6)])
def test_a_row_without_a_class_is_found_and_takes_its_car_s(rows):
    lines = SOUND.split(b"\n")
    lines[rows] = [line.replace(b";HYPERCAR;", b";;") for line in lines[rows]]
    sheet = parse_laps(b"\n".join(lines), FILE)
    assert sheet.crossings.equals(timing_files.crossings())
    found = only(sheet, "class_missing")
    assert (found.line, found.rows) == (rows.start + 1, rows.stop - rows.start)
    assert (found.severity, found.car_number) == (Severity.WARNING, "01")


def test_a_car_without_any_class_has_none():
    lines = SOUND.split(b"\n")
    lines[1:7] = [line.replace(b";HYPERCAR;", b";;") for line in lines[1:7]]
    sheet = parse_laps(b"\n".join(lines), FILE)
    classes = dict(sheet.crossings.select("car_number", "car_class").iter_rows())
    assert classes == {"01": "", "1": "LMGT3", "007": "HYPERCAR", "7": "LMGT3", "92": "HYPERCAR"}
    assert only(sheet, "class_missing").rows == 6


def test_nul_bytes_are_removed():
    data = SOUND.replace(b"Team 007", b"Te\x00am 007", 2)
    sheet = parse_laps(data, FILE)
    assert only(sheet, "nul_bytes").rows == 2
    assert sheet.crossings.equals(timing_files.crossings())


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_decoded_and_found(encoding):
    text = SOUND.decode("utf-8-sig")
    sheet = parse_laps(text.encode(encoding), FILE)
    assert only(sheet, "encoding").file == FILE
    assert sheet.crossings.equals(timing_files.crossings())


def test_a_byte_of_no_windows_encoding_leaves_the_other_letters_as_they_are():
    data = SOUND.replace("Ana Ågren".encode(), b"Ana \x81gren \x96 \xc5")
    sheet = parse_laps(data, FILE)
    assert "Ana \ufffdgren – Å" in set(sheet.crossings["driver"])
    assert only(sheet, "encoding").line == data[: data.index(b"\x81")].count(b"\n") + 1


def test_carriage_returns_alone_end_lines_too():
    data = SOUND.replace(b"\r\n", b"\r")
    assert parse_laps(data, FILE).crossings.equals(timing_files.crossings())


def test_lines_before_the_header_are_left_out():
    sheet = parse_laps(b"FIA WEC\nRace - Final\n" + SOUND.removeprefix(b"\xef\xbb\xbf"), FILE)
    assert only(sheet, "lines_before_header").rows == 2
    assert sheet.crossings["line"].min() == 4


def test_blank_lines_are_left_out():
    sheet = parse_laps(SOUND.replace(b"\r\n", b"\r\n\r\n"), FILE)
    assert kinds(sheet) == {"blank_lines"}
    assert sheet.set_aside == 0
    assert sheet.crossings.drop("line").equals(timing_files.crossings().drop("line"))


def test_a_row_with_too_many_or_too_few_cells_is_set_aside():
    rows = SOUND.splitlines(keepends=True)
    rows[5] = b"1;2;3\r\n"
    rows[9] = rows[9].replace(b";", b";x;")
    sheet = parse_laps(b"".join(rows), FILE)
    finding = only(sheet, "row_width")
    assert (finding.line, finding.rows) == (6, 2)
    assert sheet.set_aside == 2


def test_a_line_of_ten_megabytes_is_set_aside():
    rows = SOUND.splitlines(keepends=True)
    rows[5] = b"7;" * 5_000_000 + b"\r\n"
    sheet = parse_laps(b"".join(rows), FILE)
    assert only(sheet, "line_too_long").line == 6
    assert len(sheet.crossings) == 29


def test_a_ten_megabyte_cell_in_a_row_of_the_right_width_is_set_aside():
    data = timing_files.edited(SOUND, 5, "TEAM", "x" * 10_000_000)
    assert only(parse_laps(data, FILE), "line_too_long").line == 5


def test_an_unbalanced_quote_costs_its_own_line_at_most():
    data = timing_files.edited(SOUND, 5, "TEAM", '"never closed')
    sheet = parse_laps(data, FILE)
    assert len(sheet.crossings) >= 29


def test_an_unknown_flag_code_is_left_empty():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "FLAG_AT_FL", "PURPLE"), FILE)
    finding = only(sheet, "unknown_flag")
    assert "PURPLE" in finding.message
    assert sheet.crossings.filter(pl.col("line") == 5)["flag"][0] is None


def test_a_missing_flag_is_found():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "FLAG_AT_FL", ""), FILE)
    assert only(sheet, "flag_missing").line == 5


def test_a_file_without_flag_column_says_so_once():
    sheet = parse_laps(timing_files.without_column(SOUND, "FLAG_AT_FL"), FILE)
    assert only(sheet, "no_flags").severity is Severity.NOTE
    assert sheet.crossings["flag"].null_count() == 30


def test_an_unknown_pit_marker_is_found():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "CROSSING_FINISH_LINE_IN_PIT", "X"), FILE)
    assert only(sheet, "unknown_pit_marker").line == 5


def test_a_file_without_pit_marker_says_so():
    sheet = parse_laps(timing_files.without_column(SOUND, "CROSSING_FINISH_LINE_IN_PIT"), FILE)
    assert "no_pit_marker" in kinds(sheet)
    assert not sheet.crossings["in_pit"].any()


@pytest.mark.parametrize(
    ("column", "value"), [("KPH", "fast"), ("TOP_SPEED", "1e999"), ("KPH", "-5")]
)
def test_a_speed_that_is_none_is_left_empty(column, value):
    sheet = parse_laps(timing_files.edited(SOUND, 5, column, value), FILE)
    assert only(sheet, "bad_number").line == 5


def test_a_decimal_comma_is_read():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "KPH", "188,1"), FILE)
    assert sheet.crossings.filter(pl.col("line") == 5)["speed_kmh"][0] == 188.1


def test_a_seat_that_is_no_number_is_left_empty():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "DRIVER_NUMBER", "two"), FILE)
    assert only(sheet, "bad_number").line == 5


def test_rows_without_car_number_are_set_aside():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "NUMBER", ""), FILE)
    assert only(sheet, "no_car_number").line == 5
    assert sheet.set_aside == 1


@pytest.mark.parametrize("value", ["", "x", "99999999999"])
def test_rows_without_lap_number_are_set_aside(value):
    sheet = parse_laps(timing_files.edited(SOUND, 5, "LAP_NUMBER", value), FILE)
    assert only(sheet, "bad_lap_number").line == 5
    assert sheet.set_aside == 1


def test_laps_are_counted_where_the_column_is_missing():
    sheet = parse_laps(timing_files.without_column(SOUND, "LAP_NUMBER"), FILE)
    assert kinds(sheet) == {"lap_number_derived"}
    assert sheet.crossings.equals(timing_files.crossings())


def test_elapsed_is_summed_where_the_column_is_missing():
    sheet = parse_laps(timing_files.without_column(SOUND, "ELAPSED"), FILE)
    assert kinds(sheet) == {"elapsed_derived"}
    assert sheet.crossings.equals(timing_files.crossings())


def test_lap_times_are_derived_where_the_column_is_missing():
    sheet = parse_laps(timing_files.without_column(SOUND, "LAP_TIME"), FILE)
    assert kinds(sheet) == {"lap_time_derived"}
    assert sheet.crossings.equals(timing_files.crossings())


def test_a_wall_clock_that_jumps_is_found():
    sheet = parse_laps(timing_files.edited(SOUND, 5, "HOUR", "01:02:03.004"), FILE)
    assert only(sheet, "clock_jump").line == 5


def test_unknown_future_columns_are_kept_and_reported():
    rows = SOUND.decode("utf-8-sig").splitlines()
    text = "\r\n".join(
        row + ("ENERGY;S1;" if i == 0 else f"{i};{i}%;") for i, row in enumerate(rows)
    )
    sheet = parse_laps((text + "\r\n").encode(), FILE)
    assert only(sheet, "unknown_columns").rows == 2
    assert sheet.extras is not None
    assert sheet.extras.columns == ["ENERGY", "S1#2", "line"]
    assert sheet.extras.row(3, named=True) == {"ENERGY": "4", "S1#2": "4%", "line": 5}
    assert sheet.crossings.equals(timing_files.crossings())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"\n\n<HTML><head></head>", "web page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        (b"PK\x03\x04" + bytes(100), "ZIP"),
        (bytes(range(256)) * 40, "binary"),
        (b"name,age\nAna,7\n", "no lap file"),
        (b"x" * 10_000_000, "no lap file"),
        (SOUND.splitlines(keepends=True)[0], "no usable row"),
        (b"{" * 1000, "no lap file"),
    ],
)
def test_what_is_no_lap_file_is_refused_in_one_line_with_a_remedy(data, said):
    with pytest.raises(UnreadableFile, match=said) as raised:
        parse_laps(data, FILE)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith(FILE)
    assert raised.value.remedy


def test_a_file_of_more_than_32_megabytes_is_refused():
    with pytest.raises(UnreadableFile, match="MB"):
        parse_laps(b"x" * (32 * 1024 * 1024 + 1), FILE)


def test_a_file_of_more_than_a_million_lines_is_refused():
    with pytest.raises(UnreadableFile, match="lines"):
        parse_laps(SOUND + b"\n" * 1_000_000, FILE)


def test_vectorised_times_agree_with_the_careful_way():
    texts = [
        "52.588", "1:35.020", "1:02:03.4", "17:31:33.055", "0", "", "9.5", "-3.2", "x", "1:60.000",
        "1:60:00.000", "59.9999", "103:00:00.000", "1.5", " 1:00.000 ", "12345.678", "é",
        "0:28.083", "60.000", "99.999", "100.000", "00:00:01.000", "1:2:3.004", "1:02:60.000",
        "1:38.573000", "1:02:03.004000", "12.345600", "9.0000000000",
    ]  # fmt: skip
    read = read_times([pl.Series(texts, dtype=pl.String)])[0]
    for i, text in enumerate(texts):
        try:
            careful = parse_ms(text)
        except Exception:
            careful = None
        assert (int(read.ms[i]) if read.known[i] else None) == careful, text
        assert read.bad[i] == (careful is None and text.strip() != ""), text


@pytest.mark.needs_data
def test_real_files_agree_with_a_plain_reading_of_them(data):
    import csv
    import io

    for file in ("wec/2025/spa_6h.csv", "wec/2020/spa_6h.csv"):
        raw = (data / file).read_bytes()
        sheet = parse_laps(raw, file)
        by_line = {row["line"]: row for row in sheet.crossings.to_dicts()}
        plain = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";")
        rows = [{k.strip(): v for k, v in row.items() if k} for row in plain]
        assert len(rows) == len(by_line)
        for line, row in enumerate(rows, 2):
            read = by_line[line]
            assert read["car_number"] == row["NUMBER"]
            assert read["lap"] == int(row["LAP_NUMBER"])
            for name, column in spec.TIMES.items():
                text = row[column]
                assert read[name] == (parse_ms(text) if text not in ("", "0") else None)
            assert read["driver"] == row["DRIVER_NAME"]
            assert read["in_pit"] == (row["CROSSING_FINISH_LINE_IN_PIT"] == "B")
            assert math.isclose(read["speed_kmh"], float(row["KPH"]))


@pytest.mark.needs_data
def test_every_real_file_opens_and_nothing_is_set_aside(data):
    files = sorted([*data.glob("imsa/*/*/*laps.csv"), *data.glob("wec/*/*.csv")])
    assert len(files) == 48
    laps, found, usual = 0, [], {"sector_missing", "no_flags"}
    for file in files:
        sheet = parse_laps(file.read_bytes(), file.name)
        laps += len(sheet.crossings)
        assert sheet.set_aside == 0
        found += [finding for finding in sheet.findings if finding.kind not in usual]
    assert laps == 316_074
    assert [(f.kind, f.car_number, f.rows) for f in found] == [("flag_not_taken", "77", 2)]
