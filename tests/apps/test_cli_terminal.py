"""The command line in the terminals, locales and pipes that people have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.made_up.field import crossings

COMMAND = [sys.executable, "-c", "from dryline.apps.cli import main; main()"]


def in_shell(*arguments: object, **settings: str) -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **settings})


@pytest.fixture(scope="module")
def odd_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A race whose teams and drivers have the names that break terminals."""
    made = crossings(cars=4, hours=0.3)
    teams = ["[bold]x[/]", "[/red] \x1b[31m", "Équipe שלום 🏁", "T" * 3000]
    cars = made["car_number"].unique(maintain_order=True).to_list()
    named = made.with_columns(
        team=pl.col("car_number").replace_strict(dict(zip(cars, teams, strict=True))),
        driver=pl.lit("Zoë [/] \x1b[2JØRSTED"),
    )
    path = tmp_path_factory.mktemp("odd") / "odd names.csv"
    path.write_bytes(write_laps(named))
    return path


@pytest.mark.parametrize("command", ["show", "classification", "stints", "stops", "laps"])
def test_any_name_is_shown_as_text_and_sends_no_control_codes(
    cli: Callable[..., Said], odd_file: Path, command: str
) -> None:
    status, out, err = cli(command, odd_file)
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_an_ascii_terminal_gets_its_nearest_letters(odd_file: Path) -> None:
    for command in ("show", "stints"):
        said = in_shell(command, odd_file, PYTHONIOENCODING="ascii")
        assert (said.returncode, said.stderr) == (0, b"")
        assert said.stdout.isascii()
        assert b"rsted" in said.stdout


def test_json_is_utf8_whatever_the_locale(odd_file: Path) -> None:
    said = in_shell("classification", odd_file, "--json", PYTHONIOENCODING="ascii")
    assert "Zoë" in json.loads(said.stdout)["rows"][0]["drivers"][0]


def test_a_reader_that_leaves_early_is_no_error(odd_file: Path) -> None:
    started = subprocess.Popen(
        [*COMMAND, "laps", str(odd_file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert started.stdout is not None
    assert started.stderr is not None
    started.stdout.close()
    assert (started.stderr.read(), started.wait()) == (b"", 0)
    started.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_one_line_without_a_traceback(odd_file: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run(
            [*COMMAND, "show", str(odd_file)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        b"dryline: cannot write the answer: No space left on device"
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are always text")
def test_a_file_whose_name_is_not_text_is_read(odd_file: Path, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 1h.csv")
    path.write_bytes(odd_file.read_bytes())
    for form in ((), ("--json",)):
        said = in_shell("show", path, *form)
        assert (said.returncode, said.stderr) == (0, b"")
        assert "caf? 1h" in said.stdout.decode()


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("-1:00:00", "is before the start"),
        ("nonsense", "is not a time"),
        ("", "is not a time"),
        ("3:61:00", "is not a time"),
    ],
)
def test_an_instant_that_is_none_is_refused_with_the_form_to_write(
    cli: Callable[..., Said], race_file: Path, at: str, why: str
) -> None:
    status, out, err = cli("classification", race_file, "--at", at)
    assert (status, out) == (2, "")
    assert why in err
    assert "H:MM:SS" in err


def test_before_the_first_crossing_there_is_an_empty_order(
    cli: Callable[..., Said], race_file: Path
) -> None:
    status, out, _ = cli("show", race_file, "--at", "0:00:01")
    assert status == 0
    assert "Nobody has completed a lap." in out
    status, _, err = cli("gaps", race_file, "--car", "7", "--at", "0:00:01")
    assert status == 2
    assert "No car has crossed the line by then." in err


def test_the_next_command_can_be_copied_where_the_path_has_spaces(
    cli: Callable[..., Said], odd_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(odd_file.parent)
    assert "next: dryline stops 'odd names.csv'" in cli("stints", odd_file.name)[1]


def test_a_path_that_was_written_is_said_whole_on_one_line(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / ("a long folder [red] " * 8) / "out"
    assert cli("library", "add", race_file, "--as", "wec/2025/made-up")[0] == 0
    status, out, _ = cli("library", "export", "wec/2025/made-up", target, "--format", "timing")
    assert status == 0
    assert out == f"wrote {target / 'wec_2025_made-up.csv'}\n"


def test_results_of_another_race_with_the_same_numbers_are_refused(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    numbers = crossings(cars=8, hours=1.0)["car_number"].unique(maintain_order=True)
    rows = [f"{place};{n};Classified;{200 - place};X" for place, n in enumerate(numbers, 1)]
    other = tmp_path / "03_Classification.CSV"
    other.write_text("\n".join(["POSITION;NUMBER;STATUS;LAPS;TEAM", *rows]) + "\n")
    status, out, err = cli("verify", race_file, "--results", other)
    assert (status, out) == (2, "")
    assert "another race" in err
