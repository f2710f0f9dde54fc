"""Four real races replayed: what the wall says of cars between two crossings is true."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from dryline.engine.opening import open_race
from dryline.race.whereabouts import Doing
from dryline.studies.wall_states import states_shown
from tests.engine.live_races import made_up

RACES = (
    "wec/2025/spa_6h.csv",
    "wec/2025/imola_6h.csv",
    "imsa/2024/12-watkins-glen-international",
    "imsa/2024/19-road-atlanta",
)
EVERY_MS = 97_000
"""No multiple of a lap, so that the looks fall everywhere on it."""


def file_of(data: Path, name: str) -> Path:
    path = data / name
    return path if path.is_file() else next(iter(path.glob("*-race-laps.csv")))


@pytest.mark.needs_data
@pytest.mark.parametrize("name", RACES)
def test_where_loops_are_known_pit_and_unseen_are_never_wrong(data: Path, name: str) -> None:
    said = states_shown(open_race(file_of(data, name)), loops=True, every_ms=EVERY_MS)
    assert said.shown[Doing.PIT] > 50
    assert said.wrong[Doing.PIT] == said.wrong[Doing.UNSEEN] == said.wrong[Doing.OUT_LAP] == 0


@pytest.mark.needs_data
@pytest.mark.parametrize("name", RACES)
def test_where_nothing_tells_the_lane_pit_is_not_said_and_out_about_is_near(
    data: Path, name: str
) -> None:
    said = states_shown(open_race(file_of(data, name)), loops=False, every_ms=EVERY_MS)
    assert said.shown[Doing.PIT] == 0
    looks = sum(said.shown.values())
    assert said.wrong[Doing.UNSEEN] + said.wrong[Doing.GARAGE] < 0.001 * looks
    assert statistics.median(abs(ms) for ms in said.out_errors_ms) < 15_000


def test_a_wrong_word_is_counted() -> None:
    said = states_shown(made_up(), loops=False, every_ms=5_000)
    assert said.shown[Doing.OUT_ABOUT] > 0
    assert 0 < said.wrong[Doing.OUT_ABOUT] < said.shown[Doing.OUT_ABOUT]
    assert said.minutes(Doing.OUT_ABOUT)[0] == said.shown[Doing.OUT_ABOUT] * 5 / 60
