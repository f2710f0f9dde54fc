"""The entry list tells who may still drive: crews and licences, in a result's columns."""

from __future__ import annotations

from pathlib import Path

import pytest

import dryline
from dryline.domain.entry import Rating
from dryline.domain.errors import UnreadableFile
from dryline.engine.opening import entered_crews, parse_entries
from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings

LIST = (
    "POS,NUMBER,LAP,TIME,LAPS,TEAM,CLASS,DRIVER1_FIRSTNAME,DRIVER1_SECONDNAME,DRIVER1_LICENSE,"
    "DRIVER2_FIRSTNAME,DRIVER2_SECONDNAME,DRIVER2_LICENSE\n"
    "1,7,3,1:35.000,9,Team 7,HYPERCAR,Ada,Lovelace,Platinum,Grace,Hopper,Bronze\n"
    "2,50,4,1:36.000,8,Team 50,HYPERCAR,Alan,Turing,,,,\n"
)


def listed(folder: Path, text: str = LIST) -> Path:
    path = folder / "entries.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_names_and_licences_are_read(tmp_path: Path) -> None:
    crews = entered_crews(parse_entries(listed(tmp_path)))
    assert [(each.name, each.rating) for each in crews["7"]] == [
        ("Ada Lovelace", Rating.PLATINUM), ("Grace Hopper", Rating.BRONZE),
    ]  # fmt: skip
    assert [(each.name, each.rating) for each in crews["50"]] == [("Alan Turing", None)]


def test_a_race_opened_with_it_has_the_crews_and_one_without_has_those_seen(
    tmp_path: Path,
) -> None:
    laps = tmp_path / "23_Analysis_Race.CSV"
    laps.write_bytes(write_laps(crossings(cars=4, hours=0.5)))
    with_list = dryline.open_race(laps, entries=listed(tmp_path))
    assert [each.name for each in with_list.entries["7"].drivers] == [
        "Ada Lovelace",
        "Grace Hopper",
    ]
    alone = dryline.open_race(laps)
    seen = alone.crossings.filter(alone.crossings["car_number"] == "7")["driver"].unique().to_list()
    assert sorted(each.name for each in alone.entries["7"].drivers) == sorted(seen)
    early = with_list.cut("0:10:00")
    assert early.crews == with_list.crews, "it is known before the race"


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"entries\.csv"):
        parse_entries(listed(tmp_path, "a,b\n1,2\n"))
