from __future__ import annotations

import pytest

from dryline.domain.errors import UnreadableFile
from dryline.domain.tables import RESULTS
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_results import ResultSheet, parse_results
from tests.feeds import made_tables
from tests.feeds.write_results import write_results

FILE = "results.csv"


def only(sheet: ResultSheet, kind: str):
    (finding,) = [finding for finding in sheet.findings if finding.kind == kind]
    return finding


def test_imsa_results_survive_with_ratings_and_countries():
    sheet = parse_results(made_tables.result_file(spec.IMSA_RESULTS), FILE)
    assert sheet.results.equals(made_tables.results())
    assert dict(sheet.results.schema) == RESULTS
    assert not sheet.findings


def test_wec_results_survive_without_what_wec_does_not_state():
    sheet = parse_results(made_tables.result_file(spec.WEC_RESULTS), FILE)
    drivers = sheet.results["drivers"].to_list()
    assert [[d["name"] for d in crew] for crew in drivers] == [
        ["Ana Ågren", "Bo de la Cruz"],
        ["Ana Ågren"],
        [],
    ]
    assert sheet.results.drop("drivers").equals(made_tables.results().drop("drivers"))


def test_a_car_that_did_not_start_has_no_position_and_no_time():
    row = parse_results(made_tables.result_file(), FILE).results.row(2, named=True)
    assert (row["car_number"], row["position"], row["total_time_ms"]) == ("01", None, None)


def test_gaps_stay_as_they_are_written():
    gaps = parse_results(made_tables.result_file(), FILE).results["gap_first"].to_list()
    assert gaps == ["-", "2 Laps", ""]


def test_rows_shorter_than_the_header_are_filled_up():
    lines = made_tables.result_file(spec.IMSA_RESULTS).decode().splitlines()
    short = "\n".join([lines[0], *(line.rstrip(",") + "," for line in lines[1:])]) + "\n"
    sheet = parse_results(short.encode(), FILE)
    assert sheet.results.equals(made_tables.results())
    assert not sheet.findings


def test_a_second_line_of_one_car_is_set_aside():
    data = made_tables.result_file()
    sheet = parse_results(data + data.splitlines(keepends=True)[1], FILE)
    assert only(sheet, "duplicate_result").car_number == "007"
    assert (len(sheet.results), sheet.set_aside) == (3, 1)


def test_an_unknown_licence_is_left_empty():
    data = made_tables.result_file(spec.IMSA_RESULTS).replace(b"Gold", b"Platinium", 1)
    sheet = parse_results(data, FILE)
    assert only(sheet, "unknown_rating").line == 2
    assert sheet.results["drivers"][0][0]["rating"] is None


def test_numbers_and_times_that_are_none_are_found():
    data = made_tables.result_file().replace(b"6:01:10.521", b"6h").replace(b";205;", b";many;")
    sheet = parse_results(data, FILE)
    assert only(sheet, "bad_time").car_number == "007"
    assert only(sheet, "bad_number").car_number == "007"


def test_a_lap_file_is_refused_as_classification():
    with pytest.raises(UnreadableFile, match="no classification"):
        parse_results(b"NUMBER;LAP_NUMBER;LAP_TIME\n1;1;1:30.000\n", FILE)


def test_a_classification_without_cars_is_refused():
    header = write_results(made_tables.results().clear())
    with pytest.raises(UnreadableFile, match="no car"):
        parse_results(header, FILE)


@pytest.mark.needs_data
def test_every_real_classification_reads_without_loss(data):
    files = sorted(data.glob("imsa/*/*/*results.csv"))
    assert len(files) == 36
    cars, found = 0, []
    for file in files:
        sheet = parse_results(file.read_bytes(), file.name)
        cars += len(sheet.results)
        found += [finding.kind for finding in sheet.findings]
        assert sheet.set_aside == 0
        placed = sheet.results.drop_nulls("position")["position"].to_list()
        assert placed == list(range(1, len(placed) + 1))
    assert cars == 1305
    assert found == ["unknown_rating"]
