from __future__ import annotations

import pytest

from dryline.domain.errors import InputError, RaceNotFound
from dryline.feeds.alkamel import spec
from dryline.feeds.detect import FileKind, detect
from dryline.feeds.folder import read_folder
from tests.feeds import made_tables
from tests.made_up import timing_files


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (timing_files.lap_file(), FileKind.LAPS),
        (timing_files.lap_file(spec.IMSA), FileKind.LAPS),
        (timing_files.lap_file().decode("utf-8-sig").encode("utf-16"), FileKind.LAPS),
        (made_tables.result_file(), FileKind.RESULTS),
        (made_tables.result_file(spec.IMSA_RESULTS), FileKind.RESULTS),
        (made_tables.weather_file(), FileKind.WEATHER),
        (made_tables.MESSAGES, FileKind.MESSAGES),
        (made_tables.DECISIONS, FileKind.DECISIONS),
        (b"", FileKind.UNKNOWN),
        (b"<html></html>", FileKind.UNKNOWN),
        (b"name,age\nAna,7\n", FileKind.UNKNOWN),
        (bytes(range(256)) * 10, FileKind.UNKNOWN),
    ],
)
def test_kinds_are_told_by_content(data, kind):
    assert detect(data).kind is kind


@pytest.mark.parametrize("dialect", [spec.WEC, spec.WEC_2020, spec.IMSA])
def test_the_dialect_is_told_by_content(dialect):
    assert detect(timing_files.lap_file(dialect)).dialect == dialect


def fill(folder, **files: bytes):
    for name, data in files.items():
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def test_a_folder_is_sorted_by_content_and_not_by_names(tmp_path):
    fill(
        tmp_path,
        a=made_tables.weather_file(),
        b=made_tables.result_file(),
        c=timing_files.lap_file(),
        d=made_tables.DECISIONS,
        e=made_tables.MESSAGES,
        f=b"name,age\n",
    )
    folder = read_folder(tmp_path)
    assert [
        path and path.stem
        for path in (
            folder.laps, folder.results, folder.weather, folder.messages, folder.decisions,
        )
    ] == ["c", "b", "a", "e", "d"]  # fmt: skip
    assert [path.stem for path in folder.others] == ["f"]
    assert folder.findings == ()


def test_an_empty_weather_file_is_known_by_its_name_alone(tmp_path):
    fill(tmp_path, laps=timing_files.lap_file(), race_weather=b"")
    weather = read_folder(tmp_path).weather
    assert weather is not None
    assert weather.stem == "race_weather"


def test_lap_files_of_two_sessions_are_listed_and_one_must_be_named(tmp_path):
    fill(tmp_path, practice=timing_files.lap_file(), race=timing_files.lap_file(seed=2))
    with pytest.raises(InputError, match=r"practice\.csv, race\.csv") as raised:
        read_folder(tmp_path)
    assert "Name one of them" in str(raised.value)


def test_a_folder_without_lap_file_is_no_race(tmp_path):
    fill(tmp_path, results=made_tables.result_file())
    with pytest.raises(RaceNotFound, match="no lap file"):
        read_folder(tmp_path)


def test_a_folder_that_is_not_there_is_no_race(tmp_path):
    with pytest.raises(RaceNotFound, match="no such folder"):
        read_folder(tmp_path / "nowhere")


def test_of_several_classifications_the_one_named_like_the_laps_is_used_and_found(tmp_path):
    fill(
        tmp_path,
        race_laps=timing_files.lap_file(),
        practice_results=made_tables.result_file(),
        race_results=made_tables.result_file(),
    )
    folder = read_folder(tmp_path)
    assert folder.results is not None
    assert folder.results.stem == "race_results"
    assert [finding.kind for finding in folder.findings] == ["several_files"]


def test_two_files_of_decisions_are_refused(tmp_path):
    fill(tmp_path, laps=timing_files.lap_file(), a=made_tables.DECISIONS, b=made_tables.DECISIONS)
    with pytest.raises(InputError, match="--decisions"):
        read_folder(tmp_path)


@pytest.mark.needs_data
def test_every_real_folder_is_sorted(data):
    for path in sorted({file.parent for file in data.glob("imsa/*/*/*.csv")}):
        folder = read_folder(path)
        assert folder.laps.name.endswith("laps.csv")
        assert folder.results is not None
        assert folder.results.name.endswith("results.csv")
        assert folder.weather is not None
        assert folder.weather.name.endswith("weather.csv")
        assert not folder.findings
