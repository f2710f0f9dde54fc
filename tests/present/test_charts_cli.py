"""``dryline chart``: the right file, or one line that says what to mend."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.apps.conftest import Said, cli, race_file

__all__ = ["cli", "race_file"]


@pytest.mark.parametrize("kind", ["gap", "pace", "positions", "stints", "pits"])
def test_a_chart_is_written_as_svg_and_nothing_goes_to_standard_output(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "chart.svg"
    status, said, note = cli("chart", kind, race_file, "--car", "50", "--out", out)
    assert (status, said) == (0, ""), note
    assert ElementTree.parse(out).getroot().tag.endswith("svg")
    assert "wrote" in note


def test_each_ending_gives_its_own_form(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    starts = {".png": b"\x89PNG", ".json": b"{", ".html": b"<!doctype html>"}
    for ending, start in starts.items():
        out = tmp_path / f"chart{ending}"
        assert cli("chart", "trace", race_file, "--theme", "light", "--out", out)[0] == 0
        assert out.read_bytes().startswith(start)


def test_at_and_window_bound_what_is_drawn(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "chart.json"
    window = ("--from", "0:10:00", "--to", "0:50:00", "--at", "0:40:00")
    assert cli("chart", "gap", race_file, "--car", "50", "--out", out, *window)[0] == 0
    rows = json.loads(out.read_text())["datasets"]["heroes"]
    assert rows
    assert all(600_000 <= row["at_ms"] <= 2_400_000 for row in rows)


def test_a_table_of_one_s_own_is_drawn_and_keeps_car_numbers_as_text(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    chances = tmp_path / "chances.csv"
    rows = [(60_000 * i, car, 0.5) for i in range(5) for car in ("007", "50")]
    pl.DataFrame(rows, schema=["at_ms", "car_number", "p_win_class"], orient="row").write_csv(
        chances
    )
    out = tmp_path / "chart.json"
    given = f"win_probability={chances}"
    assert cli("chart", "win", race_file, "--table", given, "--out", out)[0] == 0
    shown = json.loads(out.read_text())["datasets"]["heroes"]
    assert {row["car_number"] for row in shown} == {"007", "50"}


def test_a_championship_is_drawn_from_its_season(cli: Callable[..., Said], tmp_path: Path) -> None:
    out = tmp_path / "table.json"
    status, _, note = cli("chart", "championship", "wec/2024", "--after", "2", "--out", out)
    assert status == 0, note
    rows = json.loads(out.read_text())["datasets"]["movement"]
    assert rows[0]["after_position"] == 1
    assert rows[0]["before_points"] < rows[0]["after_points"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pie", "{race}", "--out", "x.svg"), "no chart 'pie'"),
        (("gap", "{race}", "--out", "x.pdf"), "cannot draw to 'x.pdf'"),
        (("gap", "{race}", "--car", "999", "--out", "x.svg"), "no car '999'"),
        (("gap", "{race}", "--class", "LMP1", "--out", "x.svg"), "no class 'LMP1'"),
        (("gap", "{race}", "--theme", "pink", "--out", "x.svg"), "no theme 'pink'"),
        (("pace", "{race}", "--by", "team", "--out", "x.svg"), "no pace by 'team'"),
        (("win", "{race}", "--out", "x.svg"), "needs the table win_probability"),
        (("win", "{race}", "--table", "chances", "--out", "x.svg"), "is no NAME=FILE"),
        (("win", "{race}", "--table", "wet=no.csv", "--out", "x.svg"), "cannot read the wet table"),
        (("gap", "{race}", "--from", "0:30", "--to", "0:20", "--out", "x.svg"), "end before"),
        (("gap", "{race}", "--from", "9:00:00", "--out", "x.svg"), "after the last crossing"),
        (("gap", "{race}", "--out", "no/such/folder/x.svg"), "cannot write it"),
        (("championship", "wec/2024", "--after", "1", "--out", "x.svg"), "round"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    cli: Callable[..., Said],
    race_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = cli("chart", *(each.replace("{race}", str(race_file)) for each in arguments))
    assert status == 2, err
    assert out == ""
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert not list(tmp_path.glob("x.*"))
