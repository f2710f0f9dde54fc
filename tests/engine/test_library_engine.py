"""Races go into the library from files and come out as the same races."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import dryline
from dryline.domain.errors import BadOption, RaceNotFound, UnreadableFile
from dryline.domain.race_info import RaceLength
from dryline.engine.claims import claims_in
from dryline.engine.library import add_race, export_race, sessions_below
from dryline.engine.opening import open_race
from dryline.engine.stored import rebuild_race
from dryline.feeds.alkamel.write import write_laps
from dryline.store.library import Library
from tests.made_up.field import crossings

NOW = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def timing(tmp_path: Path) -> Path:
    folder = tmp_path / "wec" / "2024"
    folder.mkdir(parents=True)
    for name, seed in (("imola_6h", 1), ("spa_6h", 2)):
        (folder / f"{name}.csv").write_bytes(write_laps(crossings(seed=seed, hours=0.4)))
    return folder


def test_a_race_from_the_library_is_the_race_from_its_file(library: Library, timing: Path) -> None:
    added = add_race(library, timing / "imola_6h.csv", now=NOW)
    assert (added.id, added.outcome) == ("wec/2024/imola-6h", "added")
    direct, stored = open_race(timing / "imola_6h.csv"), open_race("imola", library=library)
    assert_frame_equal(stored.laps, direct.laps)
    assert stored.info.length == RaceLength(ms=21_600_000, source="inferred from the name")
    assert (stored.info.series, stored.info.year) == ("wec", 2024)


def test_adding_the_same_race_twice_changes_nothing(library: Library, timing: Path) -> None:
    outcomes = [add_race(library, timing / "spa_6h.csv", now=NOW).outcome for _ in range(3)]
    assert outcomes == ["added", "unchanged", "unchanged"]
    assert library.list().height == 1


def test_a_folder_of_lap_files_is_as_many_sessions(timing: Path) -> None:
    assert [path.name for path in sessions_below(timing.parent.parent)] == [
        "imola_6h.csv",
        "spa_6h.csv",
    ]


def test_the_parts_of_one_race_are_one_session_with_both_originals(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "2024" / "spa"
    folder.mkdir(parents=True)
    whole = crossings(hours=0.5)
    later = pl.col("elapsed_ms") > 900_000
    (folder / "23_Analysis_Race Part 1.CSV").write_bytes(write_laps(whole.filter(~later)))
    second = whole.filter(later).with_columns(elapsed_ms=pl.col("elapsed_ms") - 900_000)
    (folder / "23_Analysis_Race Part 2.CSV").write_bytes(write_laps(second))
    assert sessions_below(tmp_path) == [folder]
    (claim,) = claims_in([tmp_path])
    added = add_race(library, claim.laps, now=NOW, beside=claim.beside)
    assert added.id == "wec/2024/spa"
    stored = library.open(added.id)
    assert sorted(stored.sources) == sorted(path.name for path in folder.iterdir())
    assert stored.crossings.height == whole.height
    rebuild_race(library, added.id)
    assert library.open(added.id).crossings.equals(stored.crossings)
    assert add_race(library, claim.laps, now=NOW, beside=True).outcome == "unchanged"


def test_series_and_year_can_be_said_and_must_be_where_nothing_tells(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "thursday.csv"
    frame = crossings(hours=0.3).with_columns(car_class=pl.lit("CUP"))
    path.write_bytes(write_laps(frame))
    with pytest.raises(BadOption, match="--series and --year"):
        add_race(library, path, now=NOW)
    assert add_race(library, path, now=NOW, series="club", year=2023).id == "club/2023/thursday"
    assert add_race(library, path, now=NOW, race_id="club/2022/cup").id == "club/2022/cup"


def test_get_session_feels_at_home_and_downloads_nothing(library: Library, timing: Path) -> None:
    add_race(library, timing / "imola_6h.csv", now=NOW)
    race = dryline.get_session("wec", 2024, "imola", "race", library=library)
    assert race.laps.to_pandas().shape[0] == race.laps.height
    with pytest.raises(RaceNotFound, match="not in the library"):
        dryline.get_session("wec", 2024, "qatar", library=library)


def test_a_damaged_table_is_rebuilt_from_its_source_and_said_so(
    library: Library, timing: Path
) -> None:
    add_race(library, timing / "imola_6h.csv", now=NOW)
    table = next(library.path.rglob("crossings*.parquet"))
    table.write_bytes(table.read_bytes()[:-200])
    race = open_race("imola", library=library)
    assert_frame_equal(race.laps, open_race(timing / "imola_6h.csv").laps)
    assert "library_rebuilt" in [finding.kind for finding in race.findings]
    assert open_race("imola", library=library).findings != race.findings


def test_a_stored_race_can_be_written_out_as_its_timing_file(
    library: Library, timing: Path, tmp_path: Path
) -> None:
    add_race(library, timing / "imola_6h.csv", now=NOW)
    (written,) = export_race(library, "imola", tmp_path / "out", "timing")
    assert_frame_equal(open_race(written).laps, open_race(timing / "imola_6h.csv").laps)


@pytest.mark.parametrize(("path", "error"), [("nowhere", RaceNotFound), ("empty", UnreadableFile)])
def test_nothing_to_add_is_said(tmp_path: Path, path: str, error: type[Exception]) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(error):
        sessions_below(tmp_path / path)
