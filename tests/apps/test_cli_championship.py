"""Standings, points and the ledger from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import Said, refused

DRIVERS = "FIA Hypercar World Endurance Drivers' Championship"
LMGT3_DRIVERS = "FIA Endurance Trophy for LMGT3 Drivers"


def table(answered: Any, title: str) -> list[dict[str, Any]]:
    return next(each["rows"] for each in answered["tables"] if each["title"] == title)


def test_standings_have_the_contracts_fields_and_the_published_leaders(
    answer: Callable[..., Any],
) -> None:
    rows = table(answer("standings", "wec/2024", "--after", "2"), DRIVERS)
    assert set(rows[0]) >= {"position", "car_number", "names", "points", "wins"}
    assert (rows[0]["car_number"], rows[0]["points"], rows[0]["wins"]) == ("6", 56, 1)
    assert isinstance(rows[0]["points"], int)
    assert rows[0]["names"] == ["Kévin Estre", "André Lotterer", "Laurens Vanthoor"]


def test_what_a_round_changed_is_said_in_words(answer: Callable[..., Any]) -> None:
    said = answer("standings", "wec/2024", "--after", "2", "--changes")["changes"]
    assert "#6 keeps the lead" in said[DRIVERS][0]
    assert "#92 keeps the lead" in said[LMGT3_DRIVERS][0]
    assert "extends it" in said[LMGT3_DRIVERS][0]
    assert not [line for lines in said.values() for line in lines if "+-" in line]


def test_who_can_still_win_is_said_for_every_table(answer: Callable[..., Any]) -> None:
    titles = answer("standings", "wec/2024", "--title")["titles"]
    assert len(titles) == 5
    assert all(each["rounds_left"] == 6 for each in titles)


def test_if_it_ended_at_an_instant_scores_the_order_of_that_instant(
    answer: Callable[..., Any], race_file: Path
) -> None:
    early = answer("standings", "wec/2024", "--if-it-ended-at", f"{race_file}@0:20:00")
    late = answer("standings", "wec/2024", "--if-it-ended-at", f"{race_file}@1:00:00")
    assert table(early, DRIVERS) != table(late, DRIVERS)
    order = answer("classification", race_file, "--at", "0:20:00")["rows"]
    first = next(r["car_number"] for r in order if r["car_number"] in ("7", "8", "50"))
    scored = {row["names"][0]: row["points"] for row in table(early, DRIVERS)}
    assert scored[f"Driver {first} 0"] == 25


def test_a_race_is_scored_alone(answer: Callable[..., Any], race_file: Path) -> None:
    asked = ("points", race_file, "--year", "2024", "--length", "6:00")
    assert table(answer(*asked, "--at", "0:50:00"), DRIVERS)[0]["points"] == 25
    assert table(answer(*asked), DRIVERS)[0]["points"] == 12.5, "over after one hour of six"


def test_a_race_of_the_endurance_cup_says_what_each_mark_paid(
    answer: Callable[..., Any], race_file: Path, tmp_path: Path
) -> None:
    cup_race = tmp_path / "watkins_glen_6h.csv"
    cup_race.write_bytes(race_file.read_bytes())
    asked = ("points", cup_race, "--series", "imsa", "--year", "2024", "--length", "6:00")
    cup = answer(*asked)["endurance_cup"][0]
    assert cup["marks_h"] == [3, 6]
    assert [row["points"] for row in cup["rows"]][:2] == [10, 8]
    assert all(sum(row["by_mark"]) == row["points"] for row in cup["rows"])
    assert answer(*asked, "--at", "0:20:00")["endurance_cup"] == []


def test_the_ledger_adds_up_to_the_laps(answer: Callable[..., Any], race_file: Path) -> None:
    got = answer("ledger", race_file, "--year", "2024", "--length", "6:00", "--car", "7")
    laps = answer("laps", race_file, "--car", "7")["laps"]
    driven = sum(lap["lap_time_ms"] - (lap["pit_lane_ms"] or 0) for lap in laps)
    assert sum(row["total_ms"] for row in got["rows"]) == driven


def test_the_ledger_says_what_a_driver_owes_to_score(
    answer: Callable[..., Any], race_file: Path
) -> None:
    got = answer("ledger", race_file, "--year", "2024", "--length", "6:00")
    owed = {row["owed_to_score_ms"] - max(3_600_000 - row["total_ms"], 0) for row in got["rows"]}
    assert owed == {0}
    assert got["crews_not_allowed"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("standings", "wec/1999"), "no season 'wec/1999'"),
        (("standings", "wec/2024", "--after", "5"), "no result"),
        (("standings", "wec/2024", "--after", "99"), "no round 99"),
        (("standings", "wec/2024", "--if-it-ended-at", "imola"), "RACE@H:MM:SS"),
        (("ledger", "{race}", "--series", "wec"), "--year"),
        (("ledger", "{race}", "--year", "1950"), "no rule book"),
        (("points", "{race}", "--year", "2024", "--rules", "nowhere.toml"), "cannot read"),
    ],
)
def test_unusable_questions_are_one_clear_line(
    cli: Callable[..., Said], race_file: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused(cli, race_file, arguments)


def test_a_decisions_file_changes_the_classification_and_says_so(
    answer: Callable[..., Any], cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    decisions = tmp_path / "stewards.csv"
    decisions.write_text("car_number,kind,seconds\n7,time_penalty,10\n")
    road = answer("classification", race_file)["rows"]
    final = answer("classification", race_file, "--decisions", decisions)["rows"]
    assert [row["car_number"] for row in road][:2] == ["7", "8"]
    assert [row["car_number"] for row in final][:2] == ["8", "7"]
    assert final[1]["gap"]["ms"] == 10_000 - road[1]["gap"]["ms"]
    assert [row["penalty_ms"] for row in final[:2]] == [0, 10_000]
    assert {row["penalty_ms"] for row in road} == {None}
    both = answer("classification", race_file, "--decisions", decisions, "--on-the-road")["rows"]
    assert both == road
    decisions.write_text("car_number,kind,seconds\n404,time_penalty,10\n")
    status, _, err = cli("classification", race_file, "--decisions", decisions)
    assert status == 2
    assert "404" in err
    assert "line 2" in err


def test_a_race_of_another_season_is_no_what_if_of_this_one(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "imsa" / "2022" / "sebring"
    folder.mkdir(parents=True)
    (folder / "23_Time Cards_Race.CSV").write_bytes(race_file.read_bytes())
    library = ("library", "add", str(folder), "--series", "imsa", "--year", "2022")
    assert cli(*library, "--as", "imsa/2022/sebring")[0] == 0
    ended = "imsa/2022/sebring@0:20:00"
    status, _, err = cli("standings", "wec/2024", "--if-it-ended-at", ended)
    assert status == 2
    assert "imsa 2022" in err
