"""A race in several files: the same as the whole, or refused where nothing tells for sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.errors import InputError, UnreadableFile
from dryline.domain.race_info import RaceInfo
from dryline.engine.opening import open_race
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.part_files import parse_parts, parts_in_order, whole_name
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.dialect import Dialect
from dryline.feeds.folder import read_folder
from dryline.race.race import Race
from tests.conftest import DATA
from tests.made_up.field import crossings

CASES = None if DATA is None else DATA.parent / "cases"

WHOLE = parse_laps(write_laps(crossings(cars=6, hours=0.5)), "laps.csv").crossings
ENDS = WHOLE.filter(pl.col("flag") != "chequered")["elapsed_ms"].sort()
"""Before the first car takes the chequered flag."""
COMPARED = ("car_number", "lap", "lap_time_ms", "elapsed_ms", "time_of_day_ms", "driver", "flag")


def cut(
    at_ms: Sequence[int],
    halt_ms: int,
    *,
    laps_anew: bool = True,
    clock_anew: bool = True,
    dialect: Dialect = spec.WEC,
) -> tuple[list[tuple[str, bytes]], pl.DataFrame]:
    """The race as files that end at these instants, each halt as long; and the race that it was."""
    files, whole = [], []
    for number, (since, until) in enumerate(pairwise([0, *at_ms, 86_400_000]), 1):
        part = WHOLE.filter(pl.col("elapsed_ms").is_between(since, until, closed="right"))
        done = WHOLE.filter(pl.col("elapsed_ms") <= since).group_by("car_number")
        laps = done.agg(done=pl.col("lap").max())
        later = halt_ms * (number - 1)
        part = part.with_columns(time_of_day_ms=pl.col("time_of_day_ms") + later)
        whole.append(part.with_columns(elapsed_ms=pl.col("elapsed_ms") + later))
        begun = since + later if clock_anew else 0
        anew = part.join(laps, on="car_number", how="left").with_columns(
            elapsed_ms=pl.col("elapsed_ms") + later - begun,
            lap=(pl.col("lap") - (pl.col("done").fill_null(0) if laps_anew else 0)).cast(pl.Int32),
        )
        written = write_laps(anew.select(WHOLE.columns), dialect=dialect)
        files.append((f"23_Analysis_Race Part {number}.CSV", written))
    return files, pl.concat(whole).sort("car_number", "lap")


def rows(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.sort("car_number", "lap").select(COMPARED).rows()


def order(table: pl.DataFrame) -> list[tuple[object, ...]]:
    race = Race(RaceInfo(name="race"), table.sort("elapsed_ms", "line"))
    snapshot = race.at(race.end).table.sort("position")
    return snapshot.select("car_number", "laps", "elapsed_ms", "status").rows()


FIRST_MS = int(WHOLE.filter(pl.col("lap") == 1)["elapsed_ms"].max())  # type: ignore[arg-type]
LONGEST_MS = int(WHOLE["lap_time_ms"].max())  # type: ignore[arg-type]
cuts = (
    st.lists(st.integers(FIRST_MS, int(ENDS[-1])), min_size=1, max_size=2)
    .map(sorted)
    .filter(lambda at: len(at) == 1 or at[1] - at[0] > LONGEST_MS)
)
"""Instants between which every car that runs completes a lap, once or twice in a race."""


@settings(max_examples=60, deadline=None)
@given(cuts, st.sampled_from([0, 600_000, 2 * 3_600_000, 11 * 3_600_000]), st.booleans())
def test_a_race_cut_at_any_lap_is_the_same_race(
    at_ms: list[int], halt_ms: int, laps_anew: bool
) -> None:
    files, whole = cut(at_ms, halt_ms, laps_anew=laps_anew)
    sheet = parse_parts(files)
    assert rows(sheet.crossings) == rows(whole)
    assert sheet.crossings["car_number", "lap"].is_unique().all()
    assert sheet.set_aside == 0
    assert order(sheet.crossings) == order(whole)
    assert (sheet.findings[0].kind, sheet.findings[0].rows) == ("parts_joined", len(files))
    said = [found.file for found in sheet.findings if found.kind == "clock_begins_again"]
    assert said == [name for name, _ in files[1:]]


@settings(max_examples=20, deadline=None)
@given(cuts, st.booleans())
def test_parts_on_one_clock_are_only_put_together(at_ms: list[int], laps_anew: bool) -> None:
    files, whole = cut(at_ms, 0, laps_anew=laps_anew, clock_anew=False)
    sheet = parse_parts(files)
    assert rows(sheet.crossings) == rows(whole)
    assert "clock_begins_again" not in {finding.kind for finding in sheet.findings}


def put(folder: Path, files: Sequence[tuple[str, bytes]]) -> Path:
    for name, data in files:
        (folder / name).write_bytes(data)
    return folder


def test_a_folder_with_the_parts_is_the_race_also_at_a_moment(tmp_path: Path) -> None:
    files, whole = cut([900_000], 3_600_000)
    race = open_race(put(tmp_path, files))
    assert rows(race.crossings) == rows(whole)
    assert race.info.sources == tuple(name for name, _ in files)
    early = open_race(tmp_path, at="0:10:00")
    assert rows(early.crossings) == rows(whole.filter(pl.col("elapsed_ms") <= 600_000))
    alone = open_race(tmp_path / files[0][0])
    assert alone.crossings.height < race.crossings.height


@pytest.mark.skipif(CASES is None, reason="the cases are not beside the project")
@pytest.mark.parametrize("case", ["16_two_parts", "suspended-and-resumed/two_files"])
def test_the_folders_of_the_cases_are_one_race(case: str) -> None:
    assert CASES is not None
    race = open_race(CASES / case)
    expected = "8 50 7 12 51 46 92 31 77 95" if "16" in case else "92 7 50 046 007 31"
    assert [car.car_number for car in race.at(race.end).cars] == expected.split()
    alone = [open_race(path) for path in sorted((CASES / case).glob("*Part*"))]
    assert len(race.crossings) == sum(len(part.crossings) for part in alone)


def test_a_finding_names_the_part_and_its_line() -> None:
    (first, second), _ = cut([900_000], 0)
    name, data = second
    lines = data.split(b"\n")
    lines[3] = lines[3].replace(b":", b"", 1).replace(b":", b"", 1)
    found = parse_parts([first, (name, b"\n".join(lines))]).findings
    assert any(finding.line == 4 and finding.file == name for finding in found)
    assert all(finding.file in (first[0], name) for finding in found)


def refused(files: Sequence[tuple[str, bytes]], why: str) -> None:
    with pytest.raises(UnreadableFile, match=why) as raised:
        parse_parts(files)
    assert "Name one of" in str(raised.value)


def test_parts_that_nothing_tells_for_sure_are_refused() -> None:
    (first, second), _ = cut([900_000], 0)
    without = Dialect(columns=tuple(c for c in spec.WEC.columns if "HOUR" not in c))
    no_hour, _ = cut([900_000], 0, dialect=without)
    refused(no_hour, "not every row has an HOUR")
    refused([second, first], "overlap, or are in another order")
    refused([first, first], "overlap")
    other = Dialect(columns=spec.WEC.columns[:25])
    refused([first, cut([900_000], 0, dialect=other)[0][1]], "columns")
    strange = WHOLE.filter(pl.col("elapsed_ms") > 900_000).with_columns(
        car_number=pl.lit("x") + pl.col("car_number"), elapsed_ms=pl.col("elapsed_ms") - 900_000
    )
    refused([first, (second[0], write_laps(strange))], "other cars")


@pytest.mark.parametrize(("laps_anew", "is_refused"), [(True, True), (False, False)])
def test_a_chequered_flag_ends_a_race_unless_its_laps_go_on(
    laps_anew: bool, is_refused: bool
) -> None:
    files, _ = cut([900_000], 3_600_000, laps_anew=laps_anew)
    lines = files[0][1].split(b"\n")
    lines[-3] = re.sub(rb";[A-Z]{2};", b";FF;", lines[-3])
    flagged = [(files[0][0], b"\n".join(lines))]
    assert flagged[0][1] != files[0][1]
    if is_refused:
        refused([*flagged, files[1]], "chequered flag")
    else:
        assert parse_parts([*flagged, files[1]]).set_aside == 0


@pytest.mark.parametrize(
    ("names", "are_parts"),
    [
        (("Race Part 1.CSV", "Race Part 2.CSV"), True),
        (("Race Part 2.CSV", "Race Part 10.CSV", "Race Part 1.CSV"), False),
        (("race_part3.csv", "race_part1.csv", "race_part2.csv"), True),
        (("Race Part 2.CSV", "Race Part 3.CSV"), False),
        (("Race Part 1.CSV", "Warm Up Part 2.CSV"), False),
        (("Race Part 1.CSV", "Race.CSV"), False),
        (("Race 1.CSV", "Race 2.CSV"), False),
        (("Department 1.CSV", "Department 2.CSV"), False),
    ],
)
def test_only_names_that_count_the_parts_of_one_session_are_parts(
    names: Sequence[str], are_parts: bool, tmp_path: Path
) -> None:
    paths = [tmp_path / name for name in names]
    assert (parts_in_order(paths) is not None) is are_parts
    if are_parts:
        assert len({whole_name(name) for name in names}) == 1
    put(tmp_path, [(name, write_laps(WHOLE)) for name in names])
    if not are_parts:
        with pytest.raises(InputError, match="lap files of"):
            read_folder(tmp_path)
    else:
        folder = read_folder(tmp_path)
        assert (folder.laps, *folder.more_laps) == parts_in_order(paths)
