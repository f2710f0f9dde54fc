"""The backtest of advice: what came of a call is read from the cars, and the contract is kept."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.domain.tables import CROSSINGS
from dryline.feeds.alkamel.write import write_laps
from dryline.model.race_priors import shipped_priors
from dryline.race.race import Race
from dryline.studies import Study, backtest_advice, races_of
from dryline.studies.advice.lane import lane_rows
from dryline.studies.advice.replay_hazards import Hazards
from dryline.studies.advice.replay_scores import contenders
from dryline.studies.advice.summary import summarise, why_wrong
from dryline.studies.advice.wet import wet_rows
from dryline.studies.tasks import LocalEngine
from tests.apps.conftest import cli
from tests.made_up.field import crossings
from tests.made_up.showers import WetRace, drive, shower

__all__ = ["cli"]
ALONE = Study(engine=LocalEngine(1), replicates=32)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dry made-up races with a catalogue above them."""
    folder = tmp_path_factory.mktemp("season")
    with (folder / "catalogue.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["race", "file", "scheduled_h", "condition"])
        writer.writeheader()
        for number in range(2):
            name = f"wec/2024/race_{number}.csv"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            frame = crossings(cars=12, hours=1.2, seed=number, stint_laps=9)
            (folder / name).write_bytes(write_laps(frame))
            writer.writerow(
                {"race": name[:-4], "file": name, "scheduled_h": 1.2, "condition": "dry"}
            )
    return folder


@pytest.fixture(scope="module")
def found(season: Path) -> dict[str, Any]:
    return backtest_advice(races_of([season]), ALONE, parts=["replay", "yellow", "cards", "lane"])


def test_every_neutralisation_has_a_card_for_some_cars_of_each_class(found: dict[str, Any]) -> None:
    cards = [row for row in found["rows"] if row["part"] == "card"]
    assert {row["race"] for row in cards} == {"wec/2024/race_0", "wec/2024/race_1"}
    assert {row["car_class"] for row in cards} == {"HYPERCAR", "LMGT3"}
    assert all(row["kind"] == "safety_car" for row in cards)
    assert found["summary"]["cards"]["neutralisations"] == 2


def test_every_race_is_replayed_with_what_the_other_tells_of_neutralisations(
    found: dict[str, Any],
) -> None:
    cars = [row for row in found["rows"] if row["part"] == "replay"]
    assert {row["race"] for row in cars} == {"wec/2024/race_0", "wec/2024/race_1"}
    policies = [each["policy"] for each in found["summary"]["replay"]["policies"]]
    assert policies == [*contenders_named(), "oracle"]
    assert all(row["oracle_s"] >= row["yellow_rule_s"] for row in cars)


def contenders_named() -> list[str]:
    return [each.name for each in contenders(1, Hazards(1.0, 600.0, 0.5, 0.3))]


def test_no_stop_is_offered_through_a_closed_entry(found: dict[str, Any]) -> None:
    lane = found["summary"]["lane"]
    assert lane["asked"] > 8
    assert lane["lane_closed"] > 0
    assert lane["illegal_offers"] == lane["illegal_cards"] == 0


def test_a_lane_that_closed_before_it_could_be_known_is_counted_apart() -> None:
    """A safety car that no flag codes is inferred only once the field has slowed."""
    frame = crossings(cars=12, hours=1.0).with_columns(flag=pl.lit(None, pl.String))
    info = RaceInfo(name="x", series="wec", year=2024, length=RaceLength(ms=3_600_000))
    rows = lane_rows("x", Race(info, frame))
    assert rows
    assert sum(row["offered_before_seen"] for row in rows) > 0
    assert sum(row["offered_closed"] for row in rows) == 0


def test_the_numbers_do_not_depend_on_the_workers_or_on_being_resumed(
    season: Path, found: dict[str, Any], tmp_path: Path
) -> None:
    again = Study(engine=LocalEngine(1), replicates=32, resume=tmp_path / "study")
    cards = [row for row in found["rows"] if row["part"] in ("card", "lane")]
    for _ in range(2):
        assert backtest_advice(races_of([season]), again, parts=["cards", "lane"])["rows"] == cards


def test_the_command_prints_the_contract_and_a_screen(
    cli: Callable[..., Any], season: Path
) -> None:
    asked = ("backtest", "advice", season, "--part", "cards", "--part", "lane", "--part", "replay",
             "--workers", "1", "--replicates", "8")  # fmt: skip
    status, out, err = cli(*asked, "--json")
    assert status == 0, err
    assert {"protocol", "rows", "summary"} <= set(json.loads(out))
    status, out, err = cli(*asked)
    assert status == 0, err
    said = " ".join(out.split())
    assert "0 stops offered through a closed entry" in said
    assert "Whole races replayed" in said
    assert "hazard oracle" in said


def test_a_part_that_does_not_exist_is_refused_in_one_line(
    cli: Callable[..., Any], season: Path
) -> None:
    status, out, err = cli("backtest", "advice", season, "--part", "snow")
    assert (status, out) == (2, "")
    assert "snow" in err
    assert "wet, replay, yellow, cards, lane, range, calls" in err


def _race(made: WetRace, minutes: float) -> Race:
    frame = made.laps.with_columns(
        known_at_ms="elapsed_ms", time_of_day_ms="elapsed_ms", driver_seat=1, team="car_number",
        manufacturer=pl.lit("Maker"), group=pl.lit(""), top_speed_kmh=pl.lit(280.0),
    )  # fmt: skip
    frame = frame.select(pl.col(name).cast(kind) for name, kind in CROSSINGS.items())
    length = RaceLength(ms=round(minutes * 60_000))
    return Race(RaceInfo(name="wet", series="imsa", year=2024, length=length), frame)


@pytest.fixture(scope="module")
def wet() -> list[dict[str, Any]]:
    """A generated shower: crews change one to three laps after the other tyre is the faster."""
    made = drive(shower(30, 0.24, 42), 70, seed=2)
    return wet_rows("wet", _race(made, 70), 70 * 60_000, [], [], shipped_priors(), 1, 16)


def test_in_a_generated_shower_those_who_changed_first_gained(wet: list[dict[str, Any]]) -> None:
    scored = [row for row in wet if row["scored"]]
    assert len(scored) >= 4
    gains = np.array([row["realised_s"] for row in scored])
    assert np.median(gains) > 0.0
    assert {row["source"] for row in wet} == {"inferred"}


def test_what_is_said_of_a_generated_shower_is_mostly_right(wet: list[dict[str, Any]]) -> None:
    summary = summarise([row | {"series": "imsa"} for row in wet], seed=1)["wet"]
    assert summary["calls"] >= 4
    assert summary["all_calls_right"] >= 0.6
    assert len(summary["misses"]) == summary["beyond_two_se"] - summary["right"]


def test_the_call_uses_nothing_later_than_its_instant(wet: list[dict[str, Any]]) -> None:
    made = drive(shower(30, 0.24, 42), 70, seed=2)
    race = _race(made, 70)
    for row in [row for row in wet if row["scored"]][:2]:
        stop = race.stops.filter(
            (pl.col("car_number") == row["car_number"]) & (pl.col("lap") == row["lap"])
        )
        assert row["at_ms"] < stop["in_ms"][0]


def test_a_miss_says_why() -> None:
    row = {"change_to": "wet", "p_wets_faster": 0.01, "p_rain": 0.02, "realised_s": 30.0,
           "matches": 4}  # fmt: skip
    assert why_wrong(row) == "the rain was not yet in any lap time"
    row |= {"change_to": "slick", "p_wets_faster": 0.9, "p_rain": 0.9}
    assert why_wrong(row) == "the old tyre was believed still faster"
