"""``report``, ``debrief`` and the demonstration's report from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made_up_1h.csv"
    path.write_bytes(write_laps(crossings(hours=1.0)))
    return path


def test_a_debrief_answers_on_the_screen_as_json_and_as_files(
    file: Path, tmp_path: Path, cli, answer
) -> None:  # type: ignore[no-untyped-def]
    told = answer("debrief", str(file), "--car", "50", "--no-track")
    assert told["car_number"] == "50"
    assert sum(part["ms"] for part in told["parts"]) == told["gap_ms"]
    status, out, _ = cli("debrief", str(file), "--car", "50", "--no-track")
    assert status == 0
    assert "what is left over" in out
    assert f"against #{told['against']}" in out or f"#{told['against']}" in out
    folder = tmp_path / "out"
    status, _, err = cli("debrief", str(file), "--car", "50", "--no-track", "--out", str(folder))
    assert status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["debrief.html", "debrief.md"]
    assert "wrote" in err


def test_a_debrief_of_nobody_is_refused_in_one_line(file: Path, cli) -> None:  # type: ignore[no-untyped-def]
    status, out, err = cli("debrief", str(file), "--car", "999")
    assert status == 2
    assert not out
    assert "999" in err
    assert "Traceback" not in err
    status, _, err = cli("debrief", str(file), "--car", "50", "--against", "50", "--no-track")
    assert status == 2
    assert "itself" in err


def test_the_interactive_charts_fetch_nothing(file: Path, tmp_path: Path, cli) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "report"
    status, _, _ = cli("report", str(file), "--out", str(out), "--no-track", "--interactive")
    assert status == 0
    charts = (out / "charts.html").read_text(encoding="utf-8")
    assert 'src="http' not in charts
    assert "vegaEmbed(" in charts
    assert (out / "charts.html").stat().st_size < 3_000_000


def test_the_demonstration_ends_with_the_report(tmp_path: Path, cli) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "told"
    status, _, err = cli("demo", "--replicates", "10", "--report", str(folder))
    assert status == 0
    assert err.strip().endswith(str(folder / "report.html"))
    assert "wins the 6 Hours of Imola" in (folder / "report.md").read_text(encoding="utf-8")


def test_a_debrief_of_a_simulated_race_says_so_first(cli) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = cli("debrief", "imola-2024", "--car", "50", "--no-track")
    assert status == 0
    assert out.splitlines()[1].startswith("SIMULATED")
