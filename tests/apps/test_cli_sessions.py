"""Practice and qualifying at the command line: asked, reported, charted and replayed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.conftest import SESSIONS
from tests.made_up.practice import HYPERPOLE, Q1, practised, qualified_in_parts

OF_RACES = re.compile(r"\b(race|Pos|PIC|Stint|won|wins)\b")


@pytest.fixture
def practice_file(tmp_path: Path) -> Path:
    path = tmp_path / "23_Analysis_Practice 1.CSV"
    path.write_bytes(write_laps(practised(cars=8)))
    return path


def rows(text: str) -> list[list[str]]:
    """Places and cars of a timing screen."""
    return [line.split()[:3] for line in text.splitlines() if line.strip()[:1].isdigit()]


@pytest.mark.parametrize("command", ["laps", "stints", "pace --by stint", "session --by run"])
def test_the_screens_of_a_practice_have_runs_and_no_places(
    cli: Callable[..., Said], practice_file: Path, command: str
) -> None:
    name, *more = command.split()
    status, out, err = cli(name, practice_file, *more)
    assert status == 0, err
    body = out.split("next:")[0]
    assert OF_RACES.search(body) is None, OF_RACES.search(body)
    assert "Run" in body or name == "laps"


def test_what_to_do_next_can_be_done_there(cli: Callable[..., Said], practice_file: Path) -> None:
    for name in ("show", "classification", "session", "laps", "stints", "pace"):
        _, out, _ = cli(name, practice_file)
        offered = re.findall(r"dryline (\w+) ", out.split("next:")[1])
        assert offered
        for command in offered:
            if command != "verify":
                assert cli(command, practice_file)[0] == 0, f"{name} offers {command}"


def test_a_practice_is_told_on_a_page_of_its_own(
    cli: Callable[..., Said], practice_file: Path, tmp_path: Path
) -> None:
    status, out, err = cli("report", practice_file, "--out", tmp_path / "page", "--trace")
    assert status == 0, err
    assert "fastest in" in out
    assert {path.name for path in (tmp_path / "page").iterdir()} == {
        "report.html", "report.md", "trace.json",
    }  # fmt: skip
    assert "<svg" in (tmp_path / "page" / "report.html").read_text(encoding="utf-8")


def test_models_of_the_track_are_not_asked_of_a_practice(
    cli: Callable[..., Said], practice_file: Path, tmp_path: Path
) -> None:
    for kind, words in (("gap", "is one of races"), ("wetness", "is one of races")):
        status, out, err = cli("chart", kind, practice_file, "--out", tmp_path / "x.svg")
        assert (status, out) == (2, "")
        assert words in err
    status, _, err = cli("chart", "laps", practice_file, "--model", "--out", tmp_path / "x.svg")
    assert status == 2
    assert "not a race" in err
    assert cli("chart", "best-laps", practice_file, "--out", tmp_path / "x.svg")[0] == 0


def test_a_practice_replayed_ends_in_the_order_of_the_best_laps(
    cli: Callable[..., Said], practice_file: Path
) -> None:
    status, out, err = cli("live", practice_file, "--speed", "0")
    assert status == 0, err
    assert rows(out) == rows(cli("show", practice_file)[1])
    assert "%" not in out


@pytest.mark.needs_data
def test_a_real_practice_replayed_ends_in_the_order_of_the_best_laps(
    cli: Callable[..., Said],
) -> None:
    assert SESSIONS is not None
    path = next(SESSIONS.rglob("202403141005-practice-1-laps.csv"))
    status, out, err = cli("live", path, "--speed", "0")
    assert status == 0, err
    assert rows(out) == rows(cli("show", path)[1])


def test_the_parts_of_a_qualifying_are_put_together(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    qualified_in_parts(tmp_path)
    status, out, err = cli("session", tmp_path / HYPERPOLE)
    assert status == 0, err
    assert "All parts together" in out
    _, out, _ = cli("session", tmp_path / HYPERPOLE, "--at", "0:15:00")
    assert "All parts together" not in out, "the other part may lie ahead"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / Q1).rename(elsewhere / Q1)
    assert "All parts together" not in cli("session", tmp_path / HYPERPOLE)[1]
    assert "All parts together" in cli("session", tmp_path / HYPERPOLE, "--with", elsewhere / Q1)[1]
