"""What is doubtful in a file stands on the first screen, and on its first line where it must."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.made_up.field import crossings
from tests.made_up.timing_files import edited

RACE = crossings(cars=6, hours=0.5)
LAST = int(RACE.filter(RACE["car_number"] == "31").sort("lap")["line"][-1])


@pytest.fixture
def whole_seconds(tmp_path: Path) -> Path:
    path = tmp_path / "saved_again.csv"
    path.write_bytes(re.sub(rb"(:\d\d)\.\d{3}(?=;)", rb"\1", write_laps(RACE)))
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("show",), ("classification",), ("laps",), ("stints",), ("stops",), ("neutralisations",),
        ("gaps", "--car", "7"), ("track",), ("forecast", "--at", "0:15:00", "--length", "0:30"),
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_whole_seconds_stand_on_the_first_line(
    cli: Callable[..., Said], whole_seconds: Path, command: tuple[str, ...]
) -> None:
    name, *options = command
    status, out, _ = cli(name, str(whole_seconds), *options)
    assert status == 0
    assert out.splitlines()[0].startswith("saved_again (all times are whole seconds)")


def test_whole_seconds_stand_in_json(cli: Callable[..., Said], whole_seconds: Path) -> None:
    for command in ("show", "classification"):
        answer = json.loads(cli(command, str(whole_seconds), "--json")[1])
        assert answer["race"] == "saved_again (all times are whole seconds)"
        assert [f["kind"] for f in answer["findings"]] == ["times_rounded"]


@pytest.mark.parametrize(("wrong", "more"), [(1, ""), (3, ""), (4, "And 1 more.")])
def test_three_warnings_are_named_on_the_first_screen_and_the_others_counted(
    cli: Callable[..., Said],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wrong: int,
    more: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "race.csv"
    data = edited(write_laps(RACE), LAST, "LAP_NUMBER", "962")
    slips = [("CLASS", ""), ("CROSSING_FINISH_LINE_IN_PIT", "X"), ("S1", "9.999")]
    for column, value in slips[: wrong - 1]:
        data = edited(data, 30, column, value)
    path.write_bytes(data)
    out = cli("show", str(path))[1]
    lines = [line.strip() for line in out.splitlines()]
    assert f"Data: {wrong} warning{'s' if wrong > 1 else ''}." in lines
    assert sum(line.startswith("Warning: race.csv, line ") for line in lines) == min(wrong, 3)
    assert ("And 1 more." in lines) == bool(more)
    if wrong <= 3:
        assert f"Warning: race.csv, line {LAST}, car 31, lap 962: LAP_NUMBER 962 should be" in out


def test_a_note_is_counted_and_not_named(cli: Callable[..., Said], tmp_path: Path) -> None:
    path = tmp_path / "race.csv"
    path.write_bytes(edited(write_laps(RACE), 3, "DRIVER_NUMBER", "two"))
    lines = [line.strip() for line in cli("show", str(path))[1].splitlines()]
    assert "Data: 1 note." in lines
    assert not [line for line in lines if line.startswith(("Note", "Warning"))]


def test_hours_lost_by_a_spreadsheet_are_one_line_and_status_2(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    path = tmp_path / "race.csv"
    long = write_laps(crossings(cars=3, hours=1.5))
    path.write_bytes(re.sub(rb"(?<=;)\d+:(\d\d:\d\d\.\d)\d\d(?=;)", rb"\1", long))
    status, out, err = cli("show", str(path))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "ELAPSED never passes 60 minutes while the laps of car" in err
    assert "Give the file as downloaded." in err
