"""Penalties from the command line: what changed, what is owed, what the timing shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import Said


def test_what_the_decisions_change_and_what_is_still_owed_is_said(
    answer: Callable[..., Any], cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    decisions = tmp_path / "stewards.csv"
    decisions.write_text(
        "car_number,kind,seconds,lap,reason\n"
        "7,time_penalty,10,,overtaking under the safety car\n"
        "8,drive_through,,33,track limits\n"
    )
    got = answer("penalties", race_file, "--year", "2024", "--decisions", decisions)
    assert any(line.startswith("#7 ") and "10.000" in line for line in got["changed"])
    assert [(each["car_number"], each["kind"]) for each in got["pending"]] == [
        ("8", "drive_through")
    ]
    assert "speeding" in got["unseen"]
    early = answer(
        "penalties", race_file, "--year", "2024", "--decisions", decisions, "--at", "0:20:00"
    )
    assert early["pending"] == []
    status, out, _ = cli("penalties", race_file, "--year", "2024", "--decisions", decisions)
    assert status == 0
    assert "owes a drive through" in out


def test_a_driver_who_is_not_in_the_car_is_refused(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    decisions = tmp_path / "stewards.csv"
    decisions.write_text("car_number,kind,seconds,driver\n7,time_penalty,10,Ayrton Senna\n")
    status, out, err = cli("classification", race_file, "--decisions", decisions)
    assert (status, out) == (2, "")
    assert "Ayrton Senna" in err
    assert "stewards.csv, line 2" in err


@pytest.mark.needs_data
def test_a_stop_through_a_lane_that_was_not_open_is_told_with_its_likeliest_reason(
    answer: Callable[..., Any], cli: Callable[..., Said], data: Path
) -> None:
    race = next((data / "imsa/2024/12-watkins-glen-international").glob("*laps.csv"))
    asked = ("penalties", race, "--length", "6:00", "--at", "3:00:00")
    lane = answer(*asked)["lane"]
    assert lane == sorted(lane, key=lambda stop: (stop["in_ms"], stop["car_number"]))
    assert {stop["lane"] for stop in lane} == {"closed"}
    for stop in lane:
        early = stop["since_ms"] < 60_000
        assert early == (stop["because"] == "before_the_flag")
    assert "in before the flag" in cli(*asked)[1]


@pytest.mark.needs_data
def test_who_is_queued_ahead_of_the_leader_that_lapped_it_may_ask_to_pass(
    answer: Callable[..., Any], cli: Callable[..., Said], data: Path
) -> None:
    race = data / "wec/2025/imola_6h.csv"
    periods = answer("neutralisations", race)["periods"]
    out = next(each for each in periods if each["kind"] == "safety_car")
    at = f"{out['start_ms'] // 60_000 + 2}m"
    got = answer("queue", race, "--at", at)
    assert got["since_ms"] == out["start_ms"]
    assert [row["place_in_queue"] for row in got["rows"]] == list(range(1, len(got["rows"]) + 1))
    leaders = {row["car_class"]: row for row in got["rows"] if row["why"] == "leads its class"}
    for row in got["rows"]:
        leader = leaders.get(row["car_class"])
        ahead = leader is None or row["place_in_queue"] < leader["place_in_queue"]
        lapped = row["laps_behind_class_leader"] > 0
        assert row["eligible"] == (ahead and lapped and row["why"] != "leads its class")
    assert "safety car since" in cli("queue", race, "--at", at)[1]
    early = answer("queue", race, "--at", "0:10:00")
    assert early["since_ms"] is None
