"""What is no lap file is called what it is, with a remedy that fits."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.errors import UnreadableFile
from dryline.engine.session_files import find_session
from dryline.feeds.what_it_is import binary, no_laps, page
from tests.feeds import made_tables
from tests.made_up import timing_files


def zipped(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100)
    return held.getvalue()


def database(tmp_path) -> bytes:
    path = tmp_path / "laps.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table laps (car text)")
    connection.close()
    return path.read_bytes()


PAGE = b"<!DOCTYPE html>\n<html><body><a href='23_Analysis.CSV'>laps</a></body></html>"
POINTS = b"Pos;Team;Driver;Round 1;Round 2;Points\n1;Team 7;Ana;25;18;43\n"
CASES = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document", "give the CSV file"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook", "as CSV"),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), "a Word document", "CSV"),
    "pptx": (zipped("[Content_Types].xml", "ppt/a.xml"), "an Office document", "as CSV"),
    "zip": (zipped("23_Analysis_Race.CSV"), "a ZIP archive", "Unpack it"),
    "cut zip": (zipped("laps.csv")[:60], "a ZIP archive", "Unpack it"),
    "gzip": (gzip.compress(b"laps"), "a gzip archive", "Unpack it"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "a RAR archive", "Unpack it"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel", "as CSV"),
    "photo": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a photo", "ask the organiser"),
    "phone": (b"\x00\x00\x00\x18ftypheic\x00", "a photo (HEIC)", "ask the organiser"),
    "film": (b"\x00\x00\x00\x18ftypmp42\x00", "a film", "ask the organiser"),
    "png": (b"\x89PNG\r\n\x1a\n", "a picture", "ask the organiser"),
    "webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a picture", "ask the organiser"),
    "parquet": (b"PAR1\x15\x04", "a Parquet file", "as CSV"),
    "page": (PAGE, "a web page (HTML)", "Download the CSV file itself"),
    "page utf-16": (PAGE.decode().encode("utf-16"), "a web page (HTML)", "Download the CSV"),
    "iracing": (
        json.dumps({"subsession_id": 1, "session_results": []}).encode(),
        "results without laps (iRacing)",
        "--mapping",
    ),
    "points": (POINTS, "a table of championship points", "lap file of a race"),
    "points json": (b'{"standings": [{"driver": "A"}]}', "championship points", "lap file"),
    "json": (b'{"name": "dryline"}', "JSON that is no results log", "laps as CSV"),
    "xml": (b'<?xml version="1.0"?><gpx/>', "XML that is no results log", "laps as CSV"),
    "results": (made_tables.result_file(), "a results file, not a lap file", "23_Analysis"),
    "weather": (made_tables.weather_file(), "a weather file, not a lap file", "23_Analysis"),
}


@pytest.mark.parametrize(("data", "what", "remedy"), CASES.values(), ids=CASES)
def test_a_file_that_holds_no_laps_is_called_what_it_is_with_its_remedy(
    tmp_path, data, what, remedy
):
    path = tmp_path / "laps.csv"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile) as raised:
        find_session(path)
    assert f"this is {what}" in str(raised.value)
    assert remedy in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_database_is_called_one(tmp_path):
    assert binary(database(tmp_path)).what == "an SQLite database"


@pytest.mark.parametrize(
    "text",
    [
        timing_files.lap_file(),
        b"name,age\nAna,7\n",
        b"Pos;Driver;Laps;Gap;Points\n1;Ana;30;;25\n",  # a result that states points too
        b"points of interest\n",
        b"Points;Colour\n3;red\n",
        b"",
    ],
)
def test_what_nothing_names_is_left_to_the_parser(text):
    assert binary(text) is page(text) is no_laps(text) is None


@given(st.binary(max_size=200), st.sampled_from([data for data, _, _ in CASES.values()]))
def test_any_bytes_behind_any_beginning_are_named_or_not_and_never_break(more, beginning):
    for data in (more, beginning[: len(more)] + more, beginning + more):
        for named in (binary(data), page(data), no_laps(data)):
            assert named is None or (named.what and named.remedy)
