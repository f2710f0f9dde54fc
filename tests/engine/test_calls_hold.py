"""The backtest of advice on itself: is the tank as good as said, and do calls hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dryline.answers.advice import Advice
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.questions import Aid, AskAdvice, ask
from dryline.feeds.alkamel.write import write_laps
from dryline.model.race_priors import shipped_priors
from dryline.race.race import Race
from dryline.strategy.candidates import Candidate
from dryline.studies.advice.calls import (
    CROSSINGS,
    INSTANTS,
    STINTS,
    Called,
    call_rows,
    quiet_stints,
    steadiness,
)
from dryline.studies.advice.range import SPRINT_SHARES, range_rows, reached
from dryline.studies.flag import laps_taken
from tests.apps.conftest import cli
from tests.made_up.field import crossings

__all__ = ["cli"]
HOUR_MS, LENGTH_MS = 3_600_000, 5_400_000


@pytest.fixture(scope="module")
def sprint() -> Race:
    """An hour and a half of IMSA, with a safety car in the middle."""
    length = RaceLength(ms=LENGTH_MS, source="said")
    info = RaceInfo(name="made up", series="imsa", year=2024, length=length)
    frame = crossings(cars=6, hours=1.5, classes={"GTP": 80.0, "GTD": 90.0}, stint_laps=22)
    return Race(info=info, crossings=frame)


@pytest.fixture(scope="module")
def told(sprint: Race) -> list[dict[str, Any]]:
    return range_rows("made up", sprint, LENGTH_MS, shipped_priors(), 1)


def test_what_the_study_says_of_a_tank_is_what_advice_says(
    sprint: Race, told: list[dict[str, Any]]
) -> None:
    assert {row["share"] for row in told} == set(SPRINT_SHARES)
    between = [row for row in told if 0.02 < row["p_reach"] < 0.98]
    assert between
    for row in between[:3]:
        moment = sprint.moment(round(row["share"] * LENGTH_MS / 1000))
        car = AskAdvice(car_number=row["car_number"], replicates=1)
        advice = ask(moment, car, Aid(threads=1))
        assert isinstance(advice, Advice)
        assert advice.range.p_reach == pytest.approx(row["p_reach"], abs=0.0006)
        assert advice.range.laps_to_go == max(1, row["laps_to_go"])


def test_a_car_stopped_again_where_it_came_in_before_the_lap_of_its_flag(
    sprint: Race, told: list[dict[str, Any]]
) -> None:
    took = laps_taken(sprint)
    for row in told:
        came_in = sprint.laps.filter(
            (pl.col("car_number") == row["car_number"])
            & pl.col("in_lap")
            & (pl.col("elapsed_ms") > row["share"] * LENGTH_MS)
            & (pl.col("lap") < took[row["car_number"]])
        )
        assert row["stopped_again"] is not came_in.is_empty()
        assert row["stopped_again"] or not row["for_fuel"]
    assert {row["stopped_again"] for row in told} == {True, False}


def _tank(p: float, *, stopped: bool, fuel: bool = False, share: float = 0.5) -> dict[str, Any]:
    return {
        "race": "x", "sprint": True, "share": share, "p_reach": p, "stopped_again": stopped,
        "for_fuel": fuel,
    }  # fmt: skip


def test_told_is_above_95_percent_and_every_car_is_in_one_tenth() -> None:
    rows = [
        _tank(1.0, stopped=False),
        _tank(0.951, stopped=True, fuel=True),
        _tank(0.95, stopped=True),
        _tank(0.5, stopped=False),
        _tank(0.1, stopped=False, share=0.7),
    ]
    found = reached(rows)
    half, later = found["sprints"]
    assert (half["told"], half["stopped_again"], half["for_fuel"]) == (2, 1, 1)
    assert (half["got_home"], half["likely_of_those"]) == (2, 0.5)
    assert (later["share"], later["told"]) == (0.7, 0)
    assert {(each["from"], each["count"]) for each in found["reliability"]} == {
        (0.9, 3),
        (0.5, 1),
        (0.1, 1),
    }
    last = found["reliability"][-1]
    assert (last["observed"], last["observed_fuel"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert found["longer"] == []


def _call(action: str, lap: int, until: str | None = None, ahead: int | None = None) -> Called:
    return Called.of(
        Candidate("x", action, lap, laps_ahead=ahead, until=until), offers_wets=False
    )  # fmt: skip


STAY = _call("stay", 60, "range_end")


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        (STAY, True),
        (_call("stay", 61, "range_end"), True),
        (_call("stay", 59, "range_end"), True),
        (_call("stay", 62, "range_end"), False),
        (_call("stay", 60, "flag"), False),
        (_call("save", 60, "range_end"), False),
        (_call("stay", 60, "lane_opens"), False),
        (_call("box", 60, ahead=0), True),
        (_call("box", 61, ahead=0), True),
        (_call("box", 58, ahead=0), False),
    ],
)
def test_a_call_holds_while_it_says_the_same_or_its_lap_has_come(
    after: Called, holds: bool
) -> None:
    assert after.follows(STAY) is holds


def test_a_stop_called_and_taken_back_is_a_change() -> None:
    assert not STAY.follows(_call("box", 60, ahead=0))
    assert _call("box", 61, ahead=0).follows(_call("box", 61, ahead=1))
    assert not _call("box", 61, ahead=0).follows(_call("stay", 61, "flag"))


def _stint(laps: int, slow: int | None = None, begin: int = 0, stint: int = 1) -> pl.DataFrame:
    """A stint that ends in the pits; ``slow``: which of its laps is neutralised."""
    return pl.DataFrame(
        {
            "car_number": ["7"] * laps,
            "stint": [stint] * laps,
            "elapsed_ms": [begin + 90_000 * (lap + 1) for lap in range(laps)],
            "neutralised_ms": [5_000 if lap == slow else 0 for lap in range(laps)],
            "in_lap": [lap == laps - 1 for lap in range(laps)],
        }
    )


def test_a_quiet_stint_is_ten_crossings_without_a_neutralisation_or_a_stop() -> None:
    assert quiet_stints(_stint(10), HOUR_MS) == []
    ((car, at),) = quiet_stints(_stint(11), HOUR_MS)
    assert (car, len(at), at[0], at[-1]) == ("7", CROSSINGS, 90_000, 900_000)
    assert quiet_stints(_stint(11), 900_000) == []
    assert quiet_stints(_stint(20, slow=9), HOUR_MS) == []
    assert quiet_stints(_stint(21, slow=9), HOUR_MS)[0][1][0] == 990_000
    assert len(quiet_stints(_stint(21), HOUR_MS)) == 2
    two = pl.concat([_stint(6), _stint(6, begin=540_000, stint=2)])
    assert quiet_stints(two, HOUR_MS) == []


@pytest.fixture(scope="module")
def asked(sprint: Race) -> list[dict[str, Any]]:
    return call_rows("made up", sprint, LENGTH_MS, [], 1)


def test_a_race_is_asked_at_instants_along_stints_and_in_its_neutralisations(
    sprint: Race, asked: list[dict[str, Any]]
) -> None:
    kinds = [row["asked"] for row in asked]
    quiet = quiet_stints(sprint.laps, LENGTH_MS)
    assert kinds.count("instant") == INSTANTS
    assert kinds.count("stint") == min(STINTS, len(quiet)) > 0
    assert kinds.count("neutralisation") == 1
    assert all(len(row["calls"]) == CROSSINGS for row in asked if row["asked"] == "stint")
    found = steadiness(asked)
    assert found["offered_wets"] == found["offered_wets_neutralised"] == 0
    assert found["same_for_two_seeds"] >= 0.8


def test_the_same_seed_asks_the_same(sprint: Race, asked: list[dict[str, Any]]) -> None:
    assert call_rows("made up", sprint, LENGTH_MS, [], 1) == asked


def test_changes_are_counted_by_ten_laps_and_wets_apart() -> None:
    rows: list[dict[str, Any]] = [
        {"asked": "stint", "laps": 9, "changes": 1, "offers_wets": False},
        {"asked": "stint", "laps": 9, "changes": 0, "offers_wets": True},
        {"asked": "instant", "same": True, "same_lap": False, "offers_wets": True},
        {"asked": "instant", "same": False, "same_lap": True, "offers_wets": False},
        {"asked": "neutralisation", "offers_wets": True},
    ]
    found = steadiness([{"race": "x", **row} for row in rows])
    assert found["changes_per_ten_laps"] == pytest.approx(10 / 18)
    assert (found["steady_stints"], found["same_for_two_seeds"], found["and_lap"]) == (0.5, 0.5, 0)
    assert (found["dry_instants"], found["offered_wets"]) == (22, 2)
    assert found["offered_wets_neutralised"] == found["neutralisations"] == 1
    assert found["races_offered_wets"] == ["x"]


def test_the_command_prints_both_parts(cli: Callable[..., Any], tmp_path: Path) -> None:
    race = tmp_path / "imsa" / "2024" / "race.csv"
    race.parent.mkdir(parents=True)
    race.write_bytes(write_laps(crossings(cars=4, classes={"GTP": 71.0}, stint_laps=13)))
    (tmp_path / "catalogue.csv").write_text(
        "race,file,scheduled_h,condition\nimsa/2024/race,imsa/2024/race.csv,1.0,dry\n"
    )
    command = ("backtest", "advice", race, "--part", "range", "--part", "calls", "--workers", "1")
    status, out, err = cli(*command)
    assert status == 0, err
    said = " ".join(out.split())
    assert "Does the tank reach the flag: 1 races" in said
    assert "Two seeds make the same kind of call" in said
    assert "Wets offered: at 0 of" in said
    status, out, err = cli(*command, "--json")
    assert status == 0, err
    answer = json.loads(out)
    assert set(answer["summary"]) == {"range", "calls"}
    assert {row["part"] for row in answer["rows"]} == {"range", "calls"}
