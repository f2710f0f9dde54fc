"""The commands answer in the contract's words, and never with a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.apps.conftest import Said, refused

TABLES = ("laps", "stints", "stops", "neutralisations")


def test_a_classification_has_the_contracts_fields(
    answer: Callable[..., Any], race_file: Path
) -> None:
    got = answer("classification", race_file)
    assert set(got) >= {"race", "at_ms", "simulated", "rows", "findings"}
    assert got["simulated"] is False
    first, second = got["rows"][:2]
    assert set(first) >= {
        "position", "position_in_class", "car_number", "car_class", "team", "drivers", "laps",
        "elapsed_ms", "gap", "status",
    }  # fmt: skip
    assert (first["position"], first["gap"]) == (1, {"laps": 0, "ms": None})
    assert second["gap"]["ms"] == second["elapsed_ms"] - first["elapsed_ms"]
    assert first["drivers"][0].startswith("Driver")


def test_stops_stints_and_neutralisations_have_the_contracts_fields(
    answer: Callable[..., Any], race_file: Path
) -> None:
    stop = answer("stops", race_file)["stops"][0]
    assert set(stop) >= {
        "car_number", "lap", "in_ms", "out_ms", "pit_lane_ms", "driver_in", "driver_out",
        "service", "wet_before", "wet_after", "under",
    }  # fmt: skip
    assert set(stop["service"]) == {"kind", "confidence"}
    stint = answer("stints", race_file)["stints"][0]
    assert set(stint) >= {
        "car_number", "driver", "start_ms", "end_ms", "laps", "green_laps", "pace_ms",
    }  # fmt: skip
    period = answer("neutralisations", race_file)["periods"][0]
    assert set(period) == {"kind", "start_ms", "end_ms", "source", "confidence", "sector"}
    assert (period["kind"], period["source"]) == ("safety_car", "flag")


@pytest.mark.parametrize("command", ["classification", *TABLES])
@pytest.mark.parametrize("at", ["0:02:30", "0:29:00", "0:59:59.999"])
def test_at_answers_as_on_a_file_cut_there(
    answer: Callable[..., Any], race_file: Path, tmp_path: Path, command: str, at: str
) -> None:
    from dryline.domain.clock_text import parse_race_clock
    from dryline.feeds.alkamel.parse_laps import parse_laps
    from dryline.feeds.alkamel.write import write_laps

    frame = parse_laps(race_file.read_bytes(), "x").crossings
    rows = frame.filter(pl.col("elapsed_ms") <= parse_race_clock(at))
    cut = tmp_path / "made_up_1h.csv"
    cut.write_bytes(write_laps(rows))
    whole, shorter = answer(command, race_file, "--at", at), answer(command, cut)
    for answered in (whole, shorter):
        answered.pop("at_ms", None)
        for row in [*answered.get("rows", []), *answered.get("laps", [])]:
            row.pop("line", None)
    assert whole == shorter


@pytest.mark.parametrize("command", TABLES)
def test_csv_and_parquet_hold_the_same_rows_as_json(
    cli: Callable[..., Said],
    answer: Callable[..., Any],
    race_file: Path,
    tmp_path: Path,
    command: str,
) -> None:
    key = {"neutralisations": "periods"}.get(command, command)
    rows = len(answer(command, race_file)[key])
    status, out, _ = cli(command, race_file, "--csv")
    assert status == 0
    assert pl.read_csv(out.encode(), infer_schema=False).height == rows
    target = tmp_path / "table.parquet"
    status, out, _ = cli(command, race_file, "--parquet", target)
    assert (status, out) == (0, "")
    assert pl.read_parquet(target).height == rows


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "no-such-race"), "not in the library"),
        (("show", "missing.csv"), "no file or folder"),
        (("laps", "{race}", "--car", "999"), "no car '999'"),
        (("laps", "{race}", "--class", "KARTS"), "Classes: HYPERCAR, LMGT3"),
        (("show", "{race}", "--at", "noon"), "is not a time"),
        (("show", "{race}", "--length", "soon"), "is no length"),
        (("laps", "{race}", "--json", "--csv"), "choose one of"),
        (("verify", "{race}"), "--results"),
        (("verify", "imola-2024"), "nothing to verify"),
        (("classification", "{race}", "--decisions", "nowhere.csv"), "cannot read it"),
        (("show", "."), "no lap file"),
    ],
)
def test_unusable_input_is_one_clear_line_and_status_2(
    cli: Callable[..., Said], race_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    arguments: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    err = refused(cli, race_file, arguments)
    assert said in err
    assert "Traceback" not in err


def test_an_unknown_option_is_status_2(cli: Callable[..., Said], race_file: Path) -> None:
    status, out, err = cli("laps", race_file, "--colour", "blue")
    assert (status, out) == (2, "")
    assert "--colour" in err


def test_the_embedded_event_answers_from_facts(answer: Callable[..., Any]) -> None:
    official = answer("classification", "imola-2024")
    road = answer("classification", "imola-2024", "--on-the-road")
    assert official["simulated"] is False
    assert [row["car_number"] for row in official["rows"][:5]] == ["7", "6", "5", "50", "8"]
    assert official["rows"][1]["gap"]["ms"] == 7081
    assert road["rows"][1]["gap"]["ms"] == 2081
    unknown = [row for row in official["rows"] if row["car_number"] is None]
    assert len(unknown) == 6
    assert len(answer("demo")["event"]["entry_facts"]) == 37


def test_colour_is_off_where_it_was_turned_off_and_on_where_it_was_forced(
    race_file: Path,
) -> None:
    for extra, coloured in (({"NO_COLOR": "1"}, False), ({"FORCE_COLOR": "1"}, True)):
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
        shown = subprocess.run(
            [sys.executable, "-m", "dryline", "show", str(race_file)],
            capture_output=True, check=True, env={**environment, **extra},
        )  # fmt: skip
        assert (b"\x1b[" in shown.stdout) is coloured


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_screens_fit_the_terminal(
    cli: Callable[..., Said], race_file: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for command in ("show", "classification", *TABLES):
        _, out, _ = cli(command, race_file)
        assert max(len(line) for line in out.splitlines()) <= width, command


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    heavy = "{'numba', 'scipy', 'polars', 'fastapi', 'duckdb', 'numpy'}"
    code = (
        "import sys; from dryline.apps.cli.run import run; status = run(['--help']); "
        f"print(status, sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert shown.stderr.strip() == "0 []"


def test_every_command_has_help_with_an_example(cli: Callable[..., Said]) -> None:
    from typer.main import get_command

    from dryline.apps.cli.app import app

    def commands(tree: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        inner = getattr(tree, "commands", None)
        if not inner:
            return [path]
        return [found for name, sub in inner.items() for found in commands(sub, (*path, name))]

    for path in commands(get_command(app)):
        status, out, _ = cli(*path, "--help")
        assert status == 0
        assert "Example: dryline" in " ".join(out.split()), path


def test_json_is_silent_on_standard_error_and_one_object_on_standard_output(
    cli: Callable[..., Said], race_file: Path
) -> None:
    for command in ("show", "classification", *TABLES):
        status, out, err = cli(command, race_file, "--json")
        assert (status, err) == (0, "")
        assert isinstance(json.loads(out), dict)
        assert out.count("\n") == 1
