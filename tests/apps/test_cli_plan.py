"""``dryline plan`` from the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dryline.engine import planning
from tests.apps.conftest import Said

FEW = ("--replicates", "50", "--plans", "2")


@pytest.fixture
def setup_file(tmp_path: Path) -> Path:
    path = tmp_path / "setup.toml"
    whole = planning.example_setup()
    path.write_text(whole.replace('length = "6:00"', 'length = "2:00"').replace("2:30", "1:30"))
    return path


def test_the_printed_example_can_be_planned(cli: Callable[..., Said], tmp_path: Path) -> None:
    status, out, _ = cli("plan", "--example")
    assert status == 0
    path = tmp_path / "mine.toml"
    path.write_text(out)
    status, out, err = cli("plan", path, *FEW)
    assert status == 0, err
    assert out.splitlines()[0].startswith("A six-hour race  6:00:00  #92 LMGT3")
    assert "Simulated: each plan raced 50 times" in out
    assert "Bronze" in out
    assert all(len(line) <= 100 for line in out.splitlines())


def test_plans_as_json_are_one_object(answer: Callable[..., Any], setup_file: Path) -> None:
    got = answer("plan", setup_file, *FEW)
    assert [plan["rank"] for plan in got["plans"]] == [1, 2]
    assert got["plans"][0]["behind_best_ms"] == 0 < got["plans"][1]["behind_best_ms"]
    assert got == answer("plan", setup_file, *FEW)


def test_the_stints_of_the_plan_that_is_shown_are_written_as_csv(
    cli: Callable[..., Said], setup_file: Path
) -> None:
    status, out, err = cli("plan", setup_file, *FEW, "--show", "2", "--csv")
    assert status == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows[0]["first_lap"] == "1"
    assert {row["driver"] for row in rows} == {"Bronze", "Silver", "Platinum"} & {
        row["driver"] for row in rows
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("starts = true", 'starts = true\nleast = "1:40"', "Bronze is needed after leaving"),
        ("sets = 6", "sets = 0", "tyres.sets must be at least 1"),
        ("pace_s = 0.8", "pays_s = 0.8", "unknown field"),
    ],
)
def test_a_plan_that_cannot_be_driven_is_one_clear_line(
    cli: Callable[..., Said], setup_file: Path, old: str, new: str, said: str
) -> None:
    setup_file.write_text(setup_file.read_text().replace(old, new, 1))
    status, out, err = cli("plan", setup_file, *FEW)
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) <= 2


def test_a_plan_needs_a_setup_that_is_there(cli: Callable[..., Said], tmp_path: Path) -> None:
    assert cli("plan")[0] == 2
    assert cli("plan", tmp_path / "nothing.toml")[0] == 2
    assert cli("plan", "--example", "--json")[0] == 0


NOW = ("imola-2024", "--car", "92", "--at", "4:50:00")


def test_the_rest_of_a_race_is_planned_from_now(
    cli: Callable[..., Said], answer: Callable[..., Any], tmp_path: Path
) -> None:
    got = answer("plan", *NOW)
    assert got["driven"][-1]["last_lap"] + 1 == got["stints"][0]["first_lap"]
    assert got["stints"][-1]["last_lap"] == got["laps"]
    assert got["stops"][0]["words"].startswith("Stop 6 at the end of lap")
    typed = tmp_path / "said.txt"
    typed.write_text("4:49:59 Ana: 92 no stop between laps 151 and 154\n")
    told = answer("plan", *NOW, "--team-inputs", typed)
    assert told["stops"][0]["lap"] > 154
    assert told["driven"] == got["driven"]
    status, out, err = cli("plan", *NOW, "--csv")
    assert status == 0, err
    states = [row["state"] for row in csv.DictReader(io.StringIO(out))]
    assert states == ["driven"] * len(got["driven"]) + ["planned"] * len(got["stints"])


def test_the_rest_of_a_race_takes_the_teams_own_setup(
    cli: Callable[..., Said], answer: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    text = planning.example_setup().replace('until = "2:30"', "")
    for old, new in (
        ("Bronze", "Aliaksandr Malykhin"),
        ("Silver", "Joel Sturm"),
        ("Platinum", "Klaus Bachler"),
    ):
        text = text.replace(f'name = "{old}"', f'name = "{new}"')
    path.write_text(text)
    got = answer("plan", *NOW, "--setup", path)
    assert got["laps"] >= 188
    assert any("the setup's" in line for line in got["assumes"])
    path.write_text(planning.example_setup())
    status, _, err = cli("plan", *NOW, "--setup", path)
    assert status == 2
    assert "has driven car 92 and is not in the setup" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("imola-2024", "--car", "999", "--at", "1:00:00"), "no car '999'"),
        (("imola-2024", "--at", "1:00:00"), "say which car"),
        (("--car", "92"), "name a race"),
        (("imola-2024", "--car", "92"), "is over"),
        (("imola-2024", "--car", "59", "--at", "5:50:00", "--length", "0:30"), "is over by then"),
    ],
)
def test_a_rest_that_cannot_be_planned_is_one_clear_line(
    cli: Callable[..., Said], arguments: tuple[str, ...], said: str
) -> None:
    status, out, err = cli("plan", *arguments)
    assert status in (1, 2)
    assert out == ""
    assert said in err
    assert len(err.strip().splitlines()) <= 2


def test_a_car_that_is_out_has_nothing_left_to_plan(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    typed = tmp_path / "said.txt"
    typed.write_text("4:49:59 Ana: 92 retired\n")
    status, _, err = cli("plan", *NOW, "--team-inputs", typed)
    assert status in (1, 2)
    assert "car 92 is out of the race: Ana said so" in err
