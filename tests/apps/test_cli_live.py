"""``live`` follows a race to its end, and a journal takes a second start where the first ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dryline.engine.live.reading import replay
from dryline.engine.live.works import our_car
from tests.apps.conftest import Said


def test_a_replay_at_full_speed_ends_with_the_final_order(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "session.journal"
    status, out, _ = cli("live", race_file, "--speed", "0", "--journal", journal)
    assert status == 0
    _, final, _ = cli("show", race_file)
    rows = [line.split()[:4] for line in final.splitlines() if line.strip()[:1].isdigit()]
    shown = [line.split()[:4] for line in out.splitlines() if line.strip()[:1].isdigit()]
    assert shown == rows
    again = cli("live", race_file, "--speed", "0", "--journal", journal)
    assert again[1].splitlines()[2:] == out.splitlines()[2:]
    assert cli("journal", "verify", journal)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a race"),
        (("{race}", "--feed", "-"), "not both"),
        (("{race}", "--speed", "-1"), "speed"),
        (("{race}", "--team-feed", "-"), "not both"),
        (("--team-feed", "{race}"), "no team lines"),
        (("--feed", "-", "--team-feed", "-"), "twice"),
        (("--team-feed", "api", "--no-server"), "--feed api"),
    ],
)
def test_a_race_or_a_feed_must_be_named(
    cli: Callable[..., Said], race_file: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, out, err = cli("live", *(part.replace("{race}", str(race_file)) for part in arguments))
    assert (status, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(("option", "car"), [("--feed", None), ("--team-feed", "31")])
def test_a_feed_speaks_for_the_team_only_where_it_is_named_so(
    tmp_path: Path, option: str, car: str | None
) -> None:
    journal = tmp_path / "race.journal"
    line = b'{"event":"team","author":"Ana","text":"our car 31","happened_at":1}\n'
    command = [sys.executable, "-m", "dryline", "live", option, "-", "--no-server"]
    subprocess.run([*command, "--journal", journal], input=line, check=True, capture_output=True)
    assert our_car(replay(journal).state) == car
