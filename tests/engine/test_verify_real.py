"""The rebuilt order against the official one, over every IMSA race beside the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dryline.engine.opening import official_results, open_decisions, open_race
from dryline.engine.verify import Verification, verify
from tests.conftest import DATA

pytestmark = pytest.mark.needs_data

IMSA = [] if DATA is None else sorted(p.parent for p in DATA.glob("imsa/*/*/*-laps.csv"))
WEC = [] if DATA is None else sorted(DATA.glob("wec/*/*.csv"))

DIFFER = {
    # race: (starters, agreeing without decisions, explained, unexplained)
    "2021/22-road-atlanta": (43, 41, 2, 0),
    "2022/11-watkins-glen-international": (48, 17, 0, 31),
    "2022/15-lime-rock-park": (15, 12, 3, 0),
    "2022/19-road-atlanta": (43, 33, 0, 10),
    "2024/05-sebring-international-raceway": (58, 51, 7, 0),
    "2024/08-weathertech-raceway-laguna-seca": (34, 29, 5, 0),
    "2024/12-watkins-glen-international": (56, 51, 5, 0),
    "2025/11-detroit-street-course": (22, 18, 4, 0),
}
"""Races in which the stewards moved somebody; in all others every position agrees."""


def race_id(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


@cache
def compared(folder: Path, *, decided: bool) -> Verification:
    assert DATA is not None
    decisions = ()
    if decided:
        path = DATA / "imsa-steward-decisions.csv"
        decisions = tuple(open_decisions(path, f"imsa/{race_id(folder)}"))
    return verify(open_race(folder), official_results(folder, None), decisions)


@pytest.mark.parametrize("folder", IMSA, ids=race_id)
def test_laps_agree_and_every_difference_is_explained_or_called_unexplained(folder: Path) -> None:
    found = compared(folder, decided=False)
    starters, agree, explained, unexplained = DIFFER.get(
        race_id(folder), (found.starters, found.starters, 0, 0)
    )
    assert found.laps_disagree == ()
    assert (found.starters, found.agree) == (starters, agree)
    reasons = [difference.reason for difference in found.differences]
    assert reasons.count("unexplained") == unexplained
    assert len(reasons) - unexplained == explained
    assert all("time penalty" in reason or reason == "unexplained" for reason in reasons)


@pytest.mark.parametrize("folder", IMSA, ids=race_id)
def test_the_official_order_is_reached_with_the_stewards_decisions(folder: Path) -> None:
    found = compared(folder, decided=True)
    assert found.differences == ()
    assert found.agree == found.starters


def test_there_are_36_races_and_1296_starters() -> None:
    total = [compared(folder, decided=False) for folder in IMSA]
    assert len(total) == 36
    assert sum(found.starters for found in total) == 1296
    assert sum(found.agree for found in total) == 1229


@pytest.mark.parametrize("path", WEC, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_wec_race_opens_and_has_a_winner(path: Path) -> None:
    race = open_race(path)
    assert race.finish is not None
    assert race.at(race.end).cars[0].status == "finished"
    assert race.stops.height > 100
    assert race.info.series == "wec"
