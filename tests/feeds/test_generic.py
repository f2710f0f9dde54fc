from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.errors import InputError, UnreadableFile
from dryline.feeds.generic import parse_generic
from dryline.feeds.mapping import read_mapping
from tests.feeds import made_tables
from tests.made_up import timing_files

MAPPING = read_mapping(made_tables.MAPPING, "m.toml")


def test_a_foreign_file_is_read_through_its_mapping():
    sheet = parse_generic(made_tables.FOREIGN, "g.csv", MAPPING)
    rows = sheet.crossings.sort("line").select(
        "car_number", "lap", "lap_time_ms", "s1_ms", "elapsed_ms", "flag", "in_pit", "pit_lane_ms"
    )
    assert rows.rows() == [
        ("007", 1, 95_020, 31_500, 95_020, "green", False, None),
        ("007", 2, 96_100, 32_100, 191_120, "fcy", True, None),
        ("007", 3, 140_250, 31_000, 331_370, "green", False, 61_432),
        ("7", 1, 97_000, 32_000, 97_000, "green", True, None),
    ]
    assert set(sheet.crossings["car_class"]) == {"GT3"}
    assert sheet.extras is not None
    assert sheet.extras["FUEL"].to_list() == ["50", "48", "95", "51"]
    kinds = {finding.kind for finding in sheet.findings}
    assert kinds == {"lap_number_derived", "elapsed_derived", "sector_missing", "unknown_columns"}


def test_the_lap_format_itself_can_be_described_by_a_mapping():
    names = {
        "car_number": "NUMBER", "lap": "LAP_NUMBER", "lap_time": "LAP_TIME", "s1": "S1", "s2": "S2",
        "s3": "S3", "elapsed": "ELAPSED", "time_of_day": "HOUR", "pit_lane": "PIT_TIME",
        "driver": "DRIVER_NAME", "driver_seat": "DRIVER_NUMBER", "car_class": "CLASS",
        "team": "TEAM", "manufacturer": "MANUFACTURER", "group": "GROUP", "top_speed": "TOP_SPEED",
        "speed": "KPH", "in_pit": "CROSSING_FINISH_LINE_IN_PIT", "flag": "FLAG_AT_FL",
    }  # fmt: skip
    toml = "[columns]\n" + "".join(f'{key} = "{value}"\n' for key, value in names.items())
    sheet = parse_generic(timing_files.lap_file(), "g.csv", read_mapping(toml.encode(), "m.toml"))
    assert sheet.crossings.equals(timing_files.crossings())


def test_a_code_that_the_mapping_does_not_name_is_no_flag():
    data = made_tables.FOREIGN.replace(b",G,", b",GF,")
    sheet = parse_generic(data, "g.csv", MAPPING)
    assert sheet.crossings.filter(pl.col("flag").is_null()).height == 3
    assert "unknown_flag" in {finding.kind for finding in sheet.findings}


def test_a_mapped_column_that_the_file_lacks_names_the_key():
    data = made_tables.FOREIGN.replace(b"Driver", b"Pilot")
    with pytest.raises(InputError, match=r"columns\.driver") as raised:
        parse_generic(data, "g.csv", MAPPING)
    assert "Pilot" in str(raised.value)


def test_a_file_without_the_car_column_names_the_key():
    with pytest.raises(UnreadableFile, match=r"columns\.car_number"):
        parse_generic(b"a,b\n1,2\n", "g.csv", MAPPING)


def test_decimal_commas_and_semicolons_are_read():
    toml = b'separator = ";"\n[columns]\ncar_number="No"\nelapsed="T"\n[times]\nelapsed="seconds"\n'
    sheet = parse_generic(b"No;T\n1;93,5\n1;190,25\n", "g.csv", read_mapping(toml, "m.toml"))
    assert sheet.crossings["lap_time_ms"].to_list() == [93_500, 96_750]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (b"[columns", "no TOML"),
        (b"\xff", "no TOML"),
        (b"", "columns.car_number"),
        (b'[columns]\ncar_number = "C"\n', "neither lap_time nor elapsed"),
        (b'[columns]\ncar_nomber = "C"\n', "Did you mean car_number"),
        (b"[columns]\ncar_number = 7\n", "is no text"),
        (b'[columns]\ncar_number = "C"\nlap_time = "c"\n', "columns.lap_time"),
        (b'columns = "C"\n', r"Begin it with \[columns\]"),
        (b'separator = ";;"\n', "not one character"),
        (b"colums = 1\n", "Did you mean columns"),
        (b'[columns]\ncar_number="C"\nlap_time="T"\n[times]\nlap_time="minutes"\n', "seconds"),
        (b'[columns]\ncar_number="C"\nlap_time="T"\n[flags]\nG="verde"\n', "flags.G"),
        (b'[columns]\ncar_number="C"\nlap_time="T"\n[in_pit]\nmarks="P"\n', "in_pit.marks"),
        (b'[columns]\ncar_number="C"\nlap_time="T"\n[defaults]\nspeed="P"\n', "defaults.speed"),
    ],
)
def test_a_bad_mapping_names_the_key_and_the_remedy(toml, said):
    with pytest.raises(InputError, match=said) as raised:
        read_mapping(toml, "m.toml")
    assert str(raised.value).startswith("m.toml")
