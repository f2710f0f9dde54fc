"""Any bytes: a race with findings, or one clear error. Never anything else."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryline.domain.errors import DrylineError
from dryline.domain.tables import CROSSINGS, RESULTS
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.align_weather import align_weather
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.feeds.alkamel.parse_weather import parse_weather
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.decisions import parse_decisions
from dryline.feeds.detect import detect
from dryline.feeds.events import events
from dryline.feeds.generic import parse_generic
from dryline.feeds.mapping import read_mapping
from dryline.feeds.messages import parse_messages
from tests.conftest import DATA
from tests.feeds import made_tables
from tests.made_up import timing_files

LAPS = [timing_files.lap_file(d) for d in (spec.WEC, spec.WEC_2020, spec.IMSA)]
RESULT_FILES = [made_tables.result_file(d) for d in (spec.WEC_RESULTS, spec.IMSA_RESULTS)]
WEATHER = [made_tables.weather_file()]
CELLS = [
    "", "0", "-1", "99999999999999999999", "1:99.000", "-5:00.000", "NaN", "1e309", "é", "\x00",
    '"', "B", "FF", "999:59:59.999", " ", ";;;;", ",", "\r", "\n", "00:00:00.000", "1:35.02",
    "x" * 300, "\ufeff", "\u202e", "=cmd", "0x10", "１２", "1_000", "true",
]  # fmt: skip


def or_one_clear_error(parse):
    """What ``parse`` gives, or ``None`` where it refuses in one line; any other error escapes."""
    refused = None
    try:
        return parse()
    except DrylineError as error:
        refused = error
    assert "\n" not in str(refused)
    assert len(str(refused)) < 2000
    return None


def check_laps(data: bytes) -> None:
    sheet = or_one_clear_error(lambda: parse_laps(data, "x.csv"))
    if sheet is None:
        return
    rows = sheet.crossings
    assert dict(rows.schema) == CROSSINGS
    assert len(rows) > 0
    assert rows.select("car_number", "lap").is_duplicated().sum() == 0
    assert rows["elapsed_ms"].is_sorted()
    for needed in ("car_number", "lap", "lap_time_ms", "elapsed_ms", "in_pit", "line"):
        assert rows[needed].null_count() == 0
    assert rows["elapsed_ms"].min() > 0
    assert rows["lap_time_ms"].min() > 0
    assert len(sheet.findings) < 60
    assert len(list(events(sheet))) == len(rows)
    assert write_laps(rows, sheet.extras, sheet.dialect)
    again = parse_laps(write_laps(rows, sheet.extras, spec.WEC), "x.csv")
    assert len(again.crossings) == len(rows)


@st.composite
def mutated(draw, files):
    """A sound file with a few cells, lines or bytes changed."""
    data = draw(st.sampled_from(files))
    for _ in range(draw(st.integers(1, 4))):
        data = draw(st.sampled_from([_cell, _line, _bytes]))(draw, data)
    return data


def _cell(draw, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at = draw(st.integers(0, len(lines) - 1))
    separator = b";" if b";" in lines[0] else b","
    cells = lines[at].split(separator)
    value = draw(st.sampled_from(CELLS) | st.text(max_size=12))
    cells[draw(st.integers(0, len(cells) - 1))] = value.encode(errors="replace")
    lines[at] = separator.join(cells)
    return b"\n".join(lines)


def _line(draw, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at, to = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    what = draw(st.sampled_from(["drop", "double", "swap", "cut", "append"]))
    if what == "drop":
        del lines[at]
    elif what == "double":
        lines.insert(to, lines[at])
    elif what == "swap":
        lines[at], lines[to] = lines[to], lines[at]
    elif what == "cut":
        lines = [*lines[:at], lines[at][: draw(st.integers(0, 40))]]
    else:
        lines += lines[at:]
    return b"\n".join(lines)


def _bytes(draw, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.binary(max_size=6)) + data[at + draw(st.integers(0, 6)) :]


FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(mutated(LAPS))
def test_mutated_lap_files_are_races_with_findings_or_one_clear_error(data):
    check_laps(data)


@FUZZ
@given(st.binary(max_size=400) | st.text(max_size=300).map(str.encode))
def test_arbitrary_bytes_never_break_any_parser(data):
    check_laps(data)
    assert detect(data).kind
    for parse in (parse_results, parse_weather, parse_messages, parse_decisions, read_mapping):
        or_one_clear_error(lambda parse=parse: parse(data, "x"))


@FUZZ
@given(mutated(RESULT_FILES))
def test_mutated_classifications_never_break_the_parser(data):
    sheet = or_one_clear_error(lambda: parse_results(data, "x"))
    if sheet is None:
        return
    results = sheet.results
    assert results.columns == list(RESULTS)
    assert results["car_number"].is_unique().all()


@FUZZ
@given(mutated(WEATHER))
def test_mutated_weather_never_breaks_the_parser_or_the_alignment(data):
    crossings = timing_files.crossings()
    sheet = or_one_clear_error(lambda: parse_weather(data, "x"))
    if sheet is None:
        return
    aligned = align_weather(sheet, crossings, "x").weather
    assert len(aligned) == len(sheet.samples)


@FUZZ
@given(mutated([made_tables.MESSAGES]))
def test_mutated_messages_are_messages_or_one_clear_error(data):
    messages = or_one_clear_error(lambda: parse_messages(data, "m.csv"))
    known = [message.known_at.ms for message in messages or ()]
    assert known == sorted(known)


@FUZZ
@given(mutated([made_tables.DECISIONS]))
def test_mutated_decisions_are_decisions_or_one_clear_error(data):
    decisions = or_one_clear_error(lambda: parse_decisions(data, "d.csv"))
    assert all(decision.car_number for decision in decisions or ())


@FUZZ
@given(mutated([made_tables.MAPPING]), mutated([made_tables.FOREIGN]))
def test_mutated_mappings_and_foreign_files_never_break_the_reader(mapping, data):
    for toml in (mapping, made_tables.MAPPING):
        or_one_clear_error(
            lambda toml=toml: parse_generic(data, "g.csv", read_mapping(toml, "m.toml"))
        )


@pytest.mark.needs_data
def test_mutated_real_rows_are_races_with_findings_or_one_clear_error():
    assert DATA is not None
    rng = random.Random(7)
    for file in ("wec/2025/spa_6h.csv", "wec/2020/spa_6h.csv"):
        lines = (DATA / file).read_bytes().split(b"\n")
        for _ in range(40):
            start = rng.randrange(1, len(lines) - 60)
            part = [lines[0], *lines[start : start + rng.randrange(1, 60)]]
            for _ in range(rng.randrange(1, 6)):
                row = rng.randrange(len(part))
                cells = part[row].split(b";")
                cells[rng.randrange(len(cells))] = rng.choice(CELLS).encode()
                part[row] = b";".join(cells)
            if rng.random() < 0.3:
                part.insert(rng.randrange(len(part)), os.fsencode(rng.choice(CELLS)))
            check_laps(b"\n".join(part))
