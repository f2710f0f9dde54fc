"""``dryline advise`` from the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import Said

ASKED = ("--car", "7", "--at", "0:17:00", "--length", "1:00", "--replicates", "64")


def test_advice_has_the_contracts_fields(answer: Callable[..., Any], race_file: Path) -> None:
    got = answer("advise", race_file, *ASKED, "--series", "wec", "--year", "2024")
    assert set(got) >= {
        "car_number", "at_ms", "call", "margin", "margin_s", "candidates", "flips_if",
        "value_of_waiting", "rejoin", "evidence", "neutralised_now",
    }  # fmt: skip
    assert (got["car_number"], got["at_ms"]) == ("7", 1_020_000)
    assert set(got["call"]) >= {"action", "lap", "tyres", "fuel", "energy_pct", "driver"}
    assert got["call"]["action"] in ("stay", "box", "save")
    assert set(got["margin"]) >= {"over", "value", "se", "unit"}
    assert got["margin"]["over"] == "runner_up"
    assert got["rejoin"]["car_number"] == "7"
    for each in got["candidates"]:
        assert each["action"] in ("stay", "box", "save")
        assert each["se"] >= 0.0
        assert each["tyres"] is None or each["tyres"]["kind"] in ("keep", "slick", "wet", "inter")
    for card in got["neutralised_now"]:
        assert set(card) >= {"kind", "pit_lane", "call"}
    assert [card["sector"] for card in got["cards"]["rain"]] == [1, 2, 3]
    assert {"opens_lap", "closes_lap", "sd_laps"} <= set(got["cards"]["window"])
    assert "7" in [each["car_number"] for each in got["cards"]["cars"]]
    assert 0.0 <= got["cards"]["p_one_more_lap"] <= 1.0


def test_the_screen_fits_and_says_the_call_first(cli: Callable[..., Said], race_file: Path) -> None:
    status, out, err = cli("advise", race_file, *ASKED, "--series", "wec", "--year", "2024")
    assert status == 0, err
    lines = out.splitlines()
    assert len(lines) <= 45
    assert all(len(line) <= 100 for line in lines)
    assert lines[1].startswith(("Box ", "Stay out"))
    assert "Evidence: " in out
    assert "Neutralised now" in out


def test_advice_as_csv_is_one_row_a_candidate(cli: Callable[..., Said], race_file: Path) -> None:
    status, out, _ = cli("advise", race_file, *ASKED, "--csv")
    assert status == 0
    assert out.splitlines()[0].startswith("key,action,lap")
    assert len(out.splitlines()) > 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--car", "999", "--at", "0:17:00", "--length", "1:00"), "no car '999'"),
        (("--car", "7", "--at", "1:01:00", "--length", "1:00"), "is over at"),
        ((*ASKED, "--budget", "soon"), "--budget"),
        ((*ASKED, "--utility", "glory"), "--utility"),
        ((*ASKED[:-1], "0"), "--replicates"),
        ((*ASKED, "--utility", "points"), "--year"),
    ],
)
def test_what_cannot_be_advised_is_one_clear_line(
    cli: Callable[..., Said], race_file: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, out, err = cli("advise", race_file, *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_advice_without_a_length_says_what_to_say(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    nameless = tmp_path / "nameless.csv"
    nameless.write_bytes(race_file.read_bytes())
    status, out, err = cli("advise", nameless, "--car", "7", "--at", "0:17:00")
    assert (status, out) == (2, "")
    assert "--length" in err


def said(folder: Path, *lines: str) -> Path:
    file = folder / "said.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_what_the_team_said_reaches_the_call_and_is_marked_as_seen(
    answer: Callable[..., Any], race_file: Path, tmp_path: Path
) -> None:
    told = said(tmp_path, "0:16:30 Ana: energy 40 use 4", "0:16:40 Ben: hose 31")
    got = answer("advise", race_file, *ASKED, "--team-inputs", told)
    assert got["range"]["seen"]
    assert got["range"]["range_laps"] == 25.0
    assert [(each["author"], each["seen"]) for each in got["team"]] == [
        ("Ana", True), ("Ben", True),
    ]  # fmt: skip
    boxes = [each for each in got["candidates"] if each["action"] == "box"]
    assert boxes
    plain = answer("advise", race_file, *ASKED)
    assert not plain["range"]["seen"]
    assert set(got) == set(plain)


@pytest.mark.parametrize(
    ("line", "says"),
    [("0:16:00 Ana: go faster", "no team input"), ("hello", "no time and author")],
)
def test_a_bad_team_input_names_file_line_and_remedy(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path, line: str, says: str
) -> None:
    file = said(tmp_path, "# first", line)
    status, out, err = cli("advise", race_file, *ASKED, "--team-inputs", file)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert f"{file}, line 2" in err
    assert says in err


def test_a_car_or_a_team_must_be_named_and_the_team_must_exist(
    cli: Callable[..., Said], race_file: Path
) -> None:
    at = ("--at", "0:17:00", "--length", "1:00")
    for arguments, says in (
        (at, "say which car"),
        ((*at, "--car", "7", "--team", "Team 7"), "say which car"),
        ((*at, "--team", "Nobody"), "is no team here"),
        ((*at, "--team", "Team 7"), "1 car of the team"),
    ):
        status, out, err = cli("advise", race_file, *arguments)
        assert (status, out) == (2, "")
        assert says in err
        assert len(err.splitlines()) == 1


def test_a_retired_car_a_car_in_the_pits_and_an_unknown_one_are_one_line_with_a_remedy(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    out_said = said(tmp_path, "0:10:00 Ana: retired")
    status, _, err = cli("advise", race_file, *ASKED, "--team-inputs", out_said)
    assert status == 2
    assert "Ana said so at 0:10:00" in err
    assert len(err.splitlines()) == 1


def test_a_team_is_advised_in_one_screen(cli: Callable[..., Said]) -> None:
    status, out, err = cli(
        "advise", "imola-2024", "--team", "Ferrari AF Corse", "--at", "3:53:00",
        "--replicates", "16", "--budget", "2s",
    )  # fmt: skip
    assert status == 0, err
    lines = out.splitlines()
    assert len(lines) <= 32
    assert all(len(line) <= 100 for line in lines)
    assert lines[1].startswith("#50: ")
    assert lines[2].startswith("#51: ")
    assert "in one box: " in out
    assert "Alone: #50" in out


def test_the_cards_of_every_car_are_one_object_and_one_screen(
    answer: Callable[..., Any], cli: Callable[..., Said], race_file: Path
) -> None:
    asked = ("--at", "0:17:00", "--length", "1:00", "--replicates", "8", "--year", "2024")
    got = answer("cards", race_file, *asked)
    assert {"at_ms", "length_ms", "cars", "seed", "replicates"} <= set(got)
    assert len(got["cars"]) > 2
    for car in got["cars"]:
        assert {card["kind"] for card in car["neutralised_now"]} >= {"fcy", "safety_car"}
        assert all(card["call"]["words"]["short"] for card in car["neutralised_now"])
    status, out, err = cli("cards", race_file, *asked)
    assert status == 0, err
    assert all(len(line) <= 100 for line in out.splitlines())
    assert all(re.search(rf"^ *{car['car_number']} ", out, re.MULTILINE) for car in got["cars"])
    some_class = got["cars"][0]["car_class"]
    alone = answer("cards", race_file, *asked, "--class", some_class)
    assert alone["cars"] == [car for car in got["cars"] if car["car_class"] == some_class]


def test_a_rule_file_that_no_rule_book_stands_under_is_refused(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[drive_time]\n", encoding="utf-8")
    elms = ("--series", "elms", "--year", "2025")
    for command, less in (("advise", ASKED), ("plan", ASKED[:-2])):
        status, _, err = cli(command, race_file, *less, *elms, "--rules", own)
        assert status != 0
        assert "there is no rule book for elms 2025" in err
