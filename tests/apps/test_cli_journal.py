"""``dryline journal``: the answers, the refusals, the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dryline.apps.cli import journal as command
from dryline.domain.errors import InputError
from dryline.engine.live.replay_feed import race_events
from dryline.feeds.alkamel.parse_laps import parse_laps
from tests.engine.live_races import lines, made_up, session

RACE = made_up(cars=4, hours=0.3)
Asked = Callable[..., tuple[int, str]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "race.journal"
    live = session(path)
    live.receive([lines(event) for event in race_events(RACE)])
    live.tell("Ana", "31 two tyres")
    live.close()
    return path


@pytest.fixture
def asked(capfd: pytest.CaptureFixture[str]) -> Asked:
    def run(*arguments: object) -> tuple[int, str]:
        status = command.app(args=[str(a) for a in arguments], standalone_mode=False)
        return status or 0, capfd.readouterr().out

    return run


def test_a_sound_journal_is_said_to_be_sound(journal: Path, asked: Asked) -> None:
    status, out = asked("verify", journal)
    assert status == 0
    assert "sound; " in out
    status, out = asked("verify", journal, "--json")
    report = json.loads(out)
    assert (report["sound"], report["race"], report["fault"]) == (True, "made up", "")
    assert report["bytes"] == report["sound_bytes"] == journal.stat().st_size


def test_a_torn_journal_ends_with_status_2_and_says_how_far_it_is_sound(
    journal: Path, asked: Asked
) -> None:
    journal.write_bytes(journal.read_bytes()[:-5])
    status, out = asked("verify", journal)
    assert status == 2
    assert "NOT SOUND, the last record is cut off" in " ".join(out.split())


def test_a_replay_shows_what_was_known_then_and_that_the_marks_agree(
    journal: Path, asked: Asked
) -> None:
    status, out = asked("replay", journal, "--at", "0:10:00", "--json")
    answer = json.loads(out)
    assert status == 0
    assert [car["car_number"] for car in answer["cars"]] == RACE.at("0:10:00").order
    assert answer["marks_that_differ"] == []
    _, out = asked("replay", journal)
    assert "1 of 1 marks agree" in out


def test_a_journal_is_exported_as_a_timing_file(
    journal: Path, asked: Asked, tmp_path: Path
) -> None:
    out = tmp_path / "laps.csv"
    status, said = asked("export", journal, out, "--format", "timing")
    assert status == 0
    assert f"{RACE.crossings.height} rows" in " ".join(said.split())
    assert parse_laps(out.read_bytes(), "laps").crossings.height == RACE.crossings.height


def test_what_is_no_journal_is_refused_with_a_remedy(tmp_path: Path, asked: Asked) -> None:
    other = tmp_path / "laps.csv"
    other.write_text("hello")
    for arguments in (("verify", other), ("replay", tmp_path / "none"), ("verify", tmp_path)):
        with pytest.raises(InputError):
            asked(*arguments)
