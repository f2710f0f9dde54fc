from __future__ import annotations

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.domain.clock_text import format_ms, parse_ms
from dryline.domain.event import decode_event, encode_event
from dryline.domain.tables import CROSSINGS
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.feeds.alkamel.parse_weather import parse_weather
from dryline.feeds.alkamel.write import (
    large_text,
    long_text,
    short_text,
    speed_text,
    write_laps,
)
from dryline.feeds.events import crossings_from_events, events, sheet_from_events
from tests.feeds.write_results import write_results, write_weather
from tests.made_up import timing_files

DIALECTS = [spec.WEC, spec.WEC_2020, spec.IMSA]


def test_events_come_in_the_order_in_which_they_became_known():
    known = [event.known_at.ms for event in events(parse_laps(timing_files.lap_file(), "x"))]
    assert known == sorted(known)
    assert len(known) == 30


def test_events_give_back_the_same_crossings_through_the_journal():
    sheet = parse_laps(timing_files.lap_file(), "x")
    journal = [encode_event(event) for event in events(sheet)]
    back = crossings_from_events(decode_event(line) for line in journal)
    assert back.equals(sheet.crossings)
    assert back.schema == sheet.crossings.schema


def test_unknown_columns_survive_events_and_writing():
    rows = timing_files.lap_file().decode("utf-8-sig").splitlines()
    text = "".join(row + ("ENERGY;" if i == 0 else f"{i}%;") + "\r\n" for i, row in enumerate(rows))
    data = text.encode("utf-8-sig")
    sheet = parse_laps(data, "x")
    back = sheet_from_events(events(sheet), sheet.dialect)
    assert sheet.extras is not None
    assert_frame_equal(back.extras, sheet.extras)
    assert write_laps(back.crossings, back.extras, back.dialect) == data


def test_events_of_a_live_feed_without_lines_are_counted_in_their_order():
    sheet = parse_laps(timing_files.lap_file(), "x")
    live = sheet_from_events(msgspec.structs.replace(event, line=None) for event in events(sheet))
    assert live.crossings["line"].to_list() == list(range(2, 32))
    assert live.crossings.drop("line").equals(sheet.crossings.drop("line"))


@pytest.mark.parametrize("dialect", DIALECTS, ids=["wec", "2020", "imsa"])
def test_a_written_file_is_written_the_same_again(dialect):
    data = timing_files.lap_file(dialect, laps=9)
    sheet = parse_laps(data, "x")
    assert write_laps(sheet.crossings, sheet.extras, sheet.dialect) == data


def test_rows_without_lines_are_written_in_order_of_car_and_lap():
    race = timing_files.crossings().with_columns(line=pl.lit(None, pl.Int32))
    back = parse_laps(write_laps(race), "x")
    assert not back.findings
    in_file = back.crossings.sort("line").select("car_number", "lap")
    assert in_file.equals(in_file.sort("car_number", "lap"))


def test_texts_with_separators_quotes_and_line_breaks_survive_as_one_cell():
    race = timing_files.crossings().with_columns(team=pl.lit('A; "B", C\nD'))
    back = parse_laps(write_laps(race), "x")
    assert set(back.crossings["team"]) == {'A; "B", C D'}
    assert back.set_aside == 0


def test_every_flag_that_can_be_simulated_is_read_back():
    flags = list(spec.FLAG_CODES)
    race = timing_files.crossings(laps=len(flags))
    race = race.with_columns(flag=pl.Series([flags[lap - 1] for lap in race["lap"]]))
    assert parse_laps(write_laps(race), "x").crossings["flag"].equals(race["flag"])


def test_times_of_many_hours_survive():
    race = timing_files.crossings(laps=2, lap_ms=62_000_000)
    assert parse_laps(write_laps(race), "x").crossings.equals(race)


@given(st.floats(0, 599, allow_nan=False))
def test_speeds_are_written_so_that_they_read_back_exactly(speed):
    assert float(speed_text(speed)) == speed


@given(st.integers(0, 400_000_000))
def test_times_are_written_as_the_paddock_writes_them(ms):
    assert short_text(ms) == format_ms(ms)
    assert parse_ms(large_text(ms)) == parse_ms(long_text(ms)) == ms


TIMES = st.integers(1, 90_000_000)
TEXTS = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="\x00"), min_size=1, max_size=12
)


RACED_UNDER = [flag for flag in spec.FLAG_CODES if flag != "chequered"]


@st.composite
def races(draw):
    """Any race that can be: crossings that follow from lap times."""
    rows, line = [], 1
    cars = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    for car in cars:
        elapsed = 0
        car_class = draw(TEXTS)
        for lap in range(1, draw(st.integers(1, 5)) + 1):
            sectors = [draw(TIMES) for _ in range(3)]
            elapsed += sum(sectors)
            line += 1
            rows.append(
                {
                    "car_number": car,
                    "lap": lap,
                    "driver": draw(TEXTS),
                    "driver_seat": draw(st.none() | st.integers(1, 9)),
                    "car_class": car_class,
                    "team": draw(st.just("") | TEXTS),
                    "manufacturer": draw(TEXTS),
                    "group": draw(st.just("") | TEXTS),
                    "lap_time_ms": sum(sectors),
                    "s1_ms": sectors[0],
                    "s2_ms": draw(st.none() | st.just(sectors[1])),
                    "s3_ms": sectors[2],
                    "elapsed_ms": elapsed,
                    "known_at_ms": elapsed,
                    "time_of_day_ms": draw(st.none() | st.integers(0, 86_399_999)),
                    "flag": draw(st.sampled_from(RACED_UNDER)),
                    "in_pit": draw(st.booleans()),
                    "pit_lane_ms": draw(st.none() | TIMES),
                    "top_speed_kmh": draw(st.none() | st.floats(0, 400)),
                    "speed_kmh": draw(st.none() | st.floats(0, 400)),
                    "line": line,
                }
            )
    return pl.DataFrame(rows, schema=CROSSINGS).sort("elapsed_ms", "line")


@settings(max_examples=60, deadline=None)
@given(races(), st.sampled_from([spec.WEC, spec.IMSA]))
def test_any_race_survives_events_writing_and_parsing(race, dialect):
    data = write_laps(race, None, dialect)
    sheet = parse_laps(data, "x")
    assert_frame_equal(sheet.crossings, race)
    back = sheet_from_events(events(sheet), sheet.dialect)
    assert back.crossings.equals(sheet.crossings)
    assert write_laps(back.crossings, back.extras, back.dialect) == data


@pytest.mark.needs_data
def test_every_real_file_survives_events_writing_and_parsing(data):
    files = sorted([*data.glob("imsa/*/*/*laps.csv"), *data.glob("wec/*/*.csv")])
    same_bytes, rows_that_differ = 0, 0
    for file in files:
        raw = file.read_bytes()
        sheet = parse_laps(raw, file.name)
        back = sheet_from_events(events(sheet), sheet.dialect)
        assert back.crossings.equals(sheet.crossings)
        written = write_laps(back.crossings, back.extras, back.dialect)
        assert parse_laps(written, file.name).crossings.equals(sheet.crossings)
        same_bytes += written == raw
        old, new = raw.split(b"\n"), written.split(b"\n")
        assert len(old) == len(new)
        rows_that_differ += sum(a != b for a, b in zip(old, new, strict=True))
    assert len(files) == 48
    assert same_bytes >= 30
    assert rows_that_differ <= 223


@pytest.mark.needs_data
def test_every_real_classification_and_weather_file_survives_writing(data):
    folders = sorted(path.parent for path in data.glob("imsa/*/*/*results.csv"))
    for folder in folders:
        (file,) = folder.glob("*results.csv")
        sheet = parse_results(file.read_bytes(), file.name)
        for dialect in (sheet.dialect, spec.IMSA_RESULTS):
            back = parse_results(write_results(sheet.results, dialect), "x")
            assert back.results.equals(sheet.results)
        (file,) = folder.glob("*weather.csv")
        raw = file.read_bytes()
        if raw:
            assert write_weather(parse_weather(raw, file.name)) == raw
