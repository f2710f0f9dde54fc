"""Kinds of rain tyre are scored where a series has several and the labels say the compound."""

from __future__ import annotations

import math

import polars as pl
import pytest

from dryline.domain.tyre_kind import TWO_KINDS
from dryline.studies.track_kinds import kind_of, kinds_figures
from dryline.studies.track_labels import TOLD, score_labels, summarise
from tests.made_up.driving import green_laps
from tests.made_up.three_tyres import KINDS, KindsRace, drive, dry_elsewhere, on_wets_first, shower

SETTINGS = {each.name: each for each in TOLD}
COMPOUND = {"slick": "SOFT", "inter": "INTERMEDIATE", "wet": "WET"}


@pytest.fixture(scope="module")
def race() -> KindsRace:
    """Up to where the track is about to dry: six of twenty cars on full wets in the shower."""
    made = drive(shower, 32, on_wets_first(6), seed=3)
    return KindsRace(green_laps(made.laps), made.kinds)


def labels(race: KindsRace) -> pl.DataFrame:
    rows = [
        (car, lap, int(race.kinds[car, lap] != "slick"), COMPOUND[race.kinds[car, lap]])
        for car, lap in race.laps.select("car_number", "lap").iter_rows()
    ]
    return pl.DataFrame(rows, schema=["car", "lap", "wet", "compound"], orient="row")


@pytest.mark.parametrize("setting", ["reference", "after it, with a reference"])
def test_the_kinds_of_a_race_are_better_known_than_by_their_shares(
    race: KindsRace, setting: str
) -> None:
    row = score_labels("a", race.laps, labels(race), dry_elsewhere(), SETTINGS[setting], KINDS)
    driven = [race.kinds[key] for key in race.laps.select("car_number", "lap").iter_rows()]
    assert row["rain_kinds"] == {name: driven.count(name) for name in ("inter", "wet")}
    figures = summarise([row])[setting]["wet"]
    assert figures["laps_by_rain_kind"] == row["rain_kinds"]
    assert figures["rain_kind_log_loss"] < figures["rain_kind_base"]
    assert figures["all_kinds_log_loss"] < figures["all_kinds_base"]


def test_without_compounds_or_with_two_kinds_there_is_nothing_to_score(race: KindsRace) -> None:
    told, plain = labels(race), SETTINGS["reference"]
    assert "rain_kinds" not in score_labels("a", race.laps, told, (), plain, TWO_KINDS)
    assert "rain_kinds" not in score_labels("a", race.laps, told.drop("compound"), (), plain, KINDS)
    assert kinds_figures([{"laps": 3, "log_loss": 0.1}]) == {}


def test_a_compound_is_the_kind_with_whose_name_it_begins() -> None:
    compounds = ["INTERMEDIATE", "Inter", "WET", "wets", "SOFT", "", None]
    named = pl.DataFrame({"compound": compounds}, {"compound": pl.String}).select(kind_of(KINDS))
    assert named.to_series().to_list() == ["inter", "inter", "wet", "wet", None, None, None]


def test_the_base_is_the_score_of_saying_the_shares_themselves() -> None:
    rows = [
        {"laps": 5, "log_loss": 0.7, "rain_kinds": {"inter": 3}, "rain_kind_loss": 0.3},
        {"laps": 2, "log_loss": 0.2, "rain_kinds": {"wet": 1}, "rain_kind_loss": 0.5},
        {"laps": 9, "log_loss": 0.1},
    ]
    found = kinds_figures(rows)
    assert found["laps_by_rain_kind"] == {"inter": 3, "wet": 1}
    assert found["rain_kind_log_loss"] == pytest.approx(0.2)
    assert found["rain_kind_base"] == pytest.approx((3 * math.log(4 / 3) + math.log(4)) / 4)
    assert found["all_kinds_log_loss"] == pytest.approx(1.8 / 16)
    base = 12 * math.log(16 / 12) + 3 * math.log(16 / 3) + math.log(16)
    assert found["all_kinds_base"] == pytest.approx(base / 16)
