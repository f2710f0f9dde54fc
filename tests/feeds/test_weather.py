from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.domain.tables import WEATHER
from dryline.feeds.alkamel.align_weather import align_weather
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.parse_weather import SAMPLES, parse_weather
from tests.feeds import made_tables
from tests.made_up import timing_files

FILE = "weather.csv"
SOUND = made_tables.weather_file()


def found(sheet) -> dict:
    return {finding.kind: finding for finding in sheet.findings}


def test_samples_survive_in_celsius_hectopascal_and_metres_a_second():
    sheet = parse_weather(SOUND, FILE)
    assert dict(sheet.samples.schema) == SAMPLES
    row = sheet.samples.row(0, named=True)
    assert row["air_c"] == pytest.approx(20.2778, abs=1e-4)
    assert row["pressure_hpa"] == pytest.approx(1012.53, abs=0.01)
    assert row["wind_ms"] == pytest.approx(1.7435, abs=1e-4)
    assert set(found(sheet)) == {"weather_units", "useless_rain"}


def test_metric_files_are_left_as_they_are():
    head = SOUND.splitlines(keepends=True)[0]
    sheet = parse_weather(head + b"1713697227,x,21.5,30.1,55,1013.2,2.5,180,0,\n", FILE)
    row = sheet.samples.row(0, named=True)
    assert (row["air_c"], row["pressure_hpa"], row["wind_ms"]) == (21.5, 1013.2, 2.5)
    assert "°C" in found(sheet)["weather_units"].message
    assert not sheet.imperial


@pytest.mark.parametrize("style", ["%d-%b-%y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"])
def test_both_date_styles_give_the_same_instants_without_the_seconds_column(style):
    lines = made_tables.weather_file(style=style).decode().splitlines(keepends=True)
    blank = [line.split(",", 1) for line in lines[1:]]
    data = lines[0] + "".join(f",{rest}" for _, rest in blank)
    sheet = parse_weather(data.encode(), FILE)
    assert sheet.samples["at_utc_ms"].equals(parse_weather(SOUND, FILE).samples["at_utc_ms"])
    assert sheet.date_style == style


def test_an_empty_weather_file_is_a_finding_and_no_error():
    sheet = parse_weather(b"", FILE)
    assert found(sheet)["weather_empty"].severity is Severity.WARNING
    assert sheet.samples.is_empty()
    aligned = align_weather(sheet, timing_files.crossings(), FILE)
    assert aligned.weather.is_empty()
    assert dict(aligned.weather.schema) == WEATHER


def test_a_sensor_that_never_moves_is_found():
    sheet = parse_weather(SOUND.replace(b"29.9", b"29.9").replace(b",68.5,", b",68.5,"), FILE)
    assert "stuck_sensor" not in found(sheet)
    lines = SOUND.decode().splitlines()
    stuck = [line.split(",") for line in lines[1:]]
    text = "\n".join([lines[0], *(",".join([*c[:3], "163.99994", *c[4:]]) for c in stuck)]) + "\n"
    finding = found(parse_weather(text.encode(), FILE))["stuck_sensor"]
    assert "TRACK_TEMP" in finding.message
    assert finding.rows == 40


def test_a_rain_column_that_never_changes_is_called_useless():
    assert "-1" in found(parse_weather(SOUND, FILE))["useless_rain"].message


def test_a_gap_in_the_samples_is_found():
    lines = SOUND.splitlines(keepends=True)
    finding = found(parse_weather(b"".join(lines[:5] + lines[12:]), FILE))["weather_gap"]
    assert finding.rows == 1
    assert "8 min" in finding.message


def test_absurd_values_are_left_empty():
    data = SOUND.replace(b",68.5,", b",999,", 1)
    sheet = parse_weather(data, FILE)
    assert found(sheet)["absurd_weather"].line == 2
    assert sheet.samples["air_c"][0] is None


def test_rows_without_time_are_set_aside():
    data = SOUND.replace(b"\n1713697287,21-Apr-24 11:01:27", b"\nsoon,later", 1)
    sheet = parse_weather(data, FILE)
    assert found(sheet)["bad_time"].line == 3
    assert sheet.set_aside == 1


def test_a_lap_file_is_refused_as_weather():
    with pytest.raises(UnreadableFile, match="no weather file"):
        parse_weather(timing_files.lap_file(), FILE)


@pytest.mark.parametrize("offset_h", [-7, -4, 0, 2, 5.5, 9])
def test_the_offset_of_the_race_clock_from_utc_is_found(offset_h):
    crossings = timing_files.crossings(laps=25)
    start_of_day = timing_files.START_OF_DAY_MS
    midnight = datetime(2024, 4, 21, tzinfo=UTC).timestamp()
    start_utc_s = int(midnight + start_of_day / 1000 - offset_h * 3600)
    weather = made_tables.weather_file(start_utc_s=start_utc_s + 30)
    aligned = align_weather(parse_weather(weather, FILE), crossings, FILE)
    assert aligned.offset_ms == offset_h * 3_600_000
    assert abs(aligned.weather["at_ms"][0] - 30_000) < 1000
    (finding,) = aligned.findings
    assert finding.kind == "weather_offset"
    assert finding.severity is Severity.NOTE


def test_laps_without_wall_clock_take_the_first_sample_as_the_start():
    crossings = timing_files.crossings().with_columns(time_of_day_ms=pl.lit(None, pl.Int64))
    aligned = align_weather(parse_weather(SOUND, FILE), crossings, FILE)
    assert aligned.weather["at_ms"][0] == 0
    assert aligned.offset_ms is None
    assert aligned.findings[0].severity is Severity.WARNING


def test_weather_of_another_hour_is_called_unsure():
    crossings = timing_files.crossings()
    weather = made_tables.weather_file(start_utc_s=1_713_697_227 + 1_200, minutes=2)
    aligned = align_weather(parse_weather(weather, FILE), crossings, FILE)
    assert aligned.findings[0].severity is Severity.WARNING


@pytest.mark.needs_data
def test_every_real_weather_file_falls_on_its_race(data):
    summer = {"-4.0", "-5.0", "-7.0"}
    for folder in sorted(path.parent for path in data.glob("imsa/*/*/*weather.csv")):
        (weather_file,) = folder.glob("*weather.csv")
        (laps_file,) = folder.glob("*laps.csv")
        sheet = parse_weather(weather_file.read_bytes(), weather_file.name)
        if sheet.samples.is_empty():
            continue
        crossings = parse_laps(laps_file.read_bytes(), laps_file.name).crossings
        aligned = align_weather(sheet, crossings, weather_file.name)
        assert str(aligned.offset_ms / 3_600_000) in summer
        assert 0 < aligned.weather["at_ms"][0] < 90_000
        assert aligned.findings[0].severity is Severity.NOTE
