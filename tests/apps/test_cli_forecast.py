"""Forecast, rejoin and the demonstration from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import Said, refused


def test_a_forecast_has_the_contracts_fields_and_its_probabilities_sum_to_one(
    answer: Callable[..., Any], race_file: Path
) -> None:
    got = answer("forecast", race_file, "--at", "0:30:00", "--length", "1:00", "--seed", "3")
    assert (got["at_ms"], got["length_ms"], got["seed"]) == (1_800_000, 3_600_000, 3)
    assert set(got) >= {"replicates", "cars", "elapsed_s"}
    assert len(got["cars"]) == 8
    for car in got["cars"]:
        assert sum(car["p_position_in_class"]) == pytest.approx(1.0)
        assert car["p_win_class"] == pytest.approx(car["p_position_in_class"][0])
        assert car["p_podium_class"] == pytest.approx(sum(car["p_position_in_class"][:3]))
        assert 0 <= car["p_retire"] <= 1
        for name in ("laps", "stops_left"):
            assert car[name]["p10"] <= car[name]["p50"] <= car[name]["p90"]
    assert sum(car["p_win"] for car in got["cars"]) == pytest.approx(1.0)
    for car_class in {car["car_class"] for car in got["cars"]}:
        mine = [car for car in got["cars"] if car["car_class"] == car_class]
        for place in range(len(mine)):
            total = sum(car["p_position_in_class"][place] for car in mine)
            assert total == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_forecast_and_nothing_later_matters(
    answer: Callable[..., Any], race_file: Path, tmp_path: Path
) -> None:
    import polars as pl

    from dryline.feeds.alkamel.parse_laps import parse_laps
    from dryline.feeds.alkamel.write import write_laps

    asked = ("--at", "0:31:00", "--length", "1:00")
    whole = answer("forecast", race_file, *asked)
    frame = parse_laps(race_file.read_bytes(), "x").crossings
    cut = tmp_path / "cut.csv"
    cut.write_bytes(write_laps(frame.filter(pl.col("elapsed_ms") <= 1_860_000)))
    assert answer("forecast", cut, *asked)["cars"] == whole["cars"]
    assert answer("forecast", race_file, *asked)["cars"] == whole["cars"]


def test_a_rejoin_names_the_neighbours_with_probabilities(
    answer: Callable[..., Any], race_file: Path
) -> None:
    got = answer("rejoin", race_file, "--car", "7", "--at", "0:30:00")
    assert got["car_number"] == "7"
    for name in ("out_ms", "pit_lane_ms"):
        assert got[name]["p10"] <= got[name]["p50"] <= got[name]["p90"]
    assert got["out_ms"]["p50"] > 1_800_000
    for ranks in (got["full"], got["ghost"]):
        assert sum(ranks["p_position_in_class"]) == pytest.approx(1.0)
    for side in ("ahead", "behind"):
        assert sum(pair["p"] for pair in got["ghost"][side]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("forecast", "{race}", "--at", "0:00:05", "--length", "1:00"), "no car of"),
        (("forecast", "{race}", "--at", "0:30:00", "--replicates", "0"), "--replicates"),
        (("forecast", "{race}", "--at", "0:30:00", "--forecaster", "oracle"), "no forecaster"),
        (("rejoin", "{race}", "--at", "0:30:00", "--car", "999"), "no car '999'"),
        (("rejoin", "{race}", "--at", "0:20:00", "--car", "7"), "cannot box now"),
    ],
)
def test_what_cannot_be_answered_is_one_clear_line(
    cli: Callable[..., Said], race_file: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused(cli, race_file, arguments)


def test_a_forecast_without_a_length_says_what_to_say(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    nameless = tmp_path / "nameless.csv"
    nameless.write_bytes(race_file.read_bytes())
    status, out, err = cli("forecast", nameless, "--at", "0:30:00")
    assert (status, out) == (2, "")
    assert "--length" in err


@pytest.mark.parametrize("at", [(), ("--at", "1:01:00")])
@pytest.mark.parametrize("command", ["forecast", "rejoin", "advise"])
def test_a_race_that_is_over_is_neither_forecast_nor_advised_on(
    cli: Callable[..., Said], race_file: Path, command: str, at: tuple[str, ...]
) -> None:
    car = () if command == "forecast" else ("--car", "7")
    status, out, err = cli(command, race_file, "--length", "1:00", *car, *at)
    assert (status, out) == (2, "")
    assert "is over at 1:0" in err
    assert "--at" in err
    assert len(err.splitlines()) == 1


def test_just_before_the_winner_s_flag_there_is_still_a_forecast(
    answer: Callable[..., Any], race_file: Path
) -> None:
    from dryline.domain.clock_text import format_ms
    from dryline.engine.opening import open_race

    finish = open_race(race_file).finish
    assert finish is not None
    asked = ("--length", "1:00", "--replicates", "20")
    got = answer("forecast", race_file, "--at", format_ms(finish.ms - 1), *asked)
    assert len(got["cars"]) == 8


def test_the_demonstration_races_the_last_hours_again_and_says_what_is_simulated(
    answer: Callable[..., Any], cli: Callable[..., Said], tmp_path: Path
) -> None:
    got = answer("demo", "--replicates", "40")["replay"]
    assert got["simulated"] is True
    assert sum(got["p_win"].values()) == pytest.approx(1.0)
    swings = {what["id"]: what["swings"] for what in got["what_ifs"]}
    assert swings["ferrari-lap-135"][0]["seconds"] > 20
    assert swings["31-takes-wets"][0]["seconds"] < -10
    target = tmp_path / "simulated.csv"
    status, out, _ = cli("demo", "--replicates", "10", "--out", target)
    assert status == 0
    assert out.count("SIMULATED") >= 2
    assert len(answer("classification", target)["rows"]) == 37


@pytest.mark.parametrize("command", ["stops", "stints", "neutralisations", "track"])
def test_the_embedded_race_answers_whatever_needs_laps_as_simulated(
    answer: Callable[..., Any], command: str
) -> None:
    assert answer(command, "imola-2024", "--at", "1:00:00")["simulated"] is True


def test_an_instant_of_the_embedded_race_is_simulated_and_its_facts_are_not(
    answer: Callable[..., Any],
) -> None:
    assert answer("classification", "imola-2024")["simulated"] is False
    got = answer("classification", "imola-2024", "--at", "4:00:00")
    assert got["simulated"] is True
    assert len(got["rows"]) == 37
