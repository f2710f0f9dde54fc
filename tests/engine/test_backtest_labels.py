"""The rain gauge against the tyre of every lap: the reading of labels, the figures, the command."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dryline.domain.errors import UnreadableFile
from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.write import write_laps
from dryline.race.race import Race
from dryline.studies import Study
from dryline.studies.tasks import LocalEngine
from dryline.studies.track_labels import (
    TOLD,
    _auc,
    _calibration,
    _crossings_of_waves,
    _held,
    backtest_labels,
    score_labels,
    summarise,
    with_flags,
)
from tests.apps.conftest import Said, cli
from tests.conftest import DATA
from tests.made_up.field import crossings
from tests.made_up.showers import drive, shower

__all__ = ["cli"]
ALONE = Study(engine=LocalEngine(1))
LABELLED = None if DATA is None else DATA.parent / "labelled" / "f1"
PLAIN = TOLD[0]


def _laps() -> pl.DataFrame:
    return Race(RaceInfo(name="made-up"), crossings(cars=6, hours=1.0)).laps


def _labels(laps: pl.DataFrame, wet: Callable[[str, int], int]) -> pl.DataFrame:
    rows = [(car, lap, wet(car, lap)) for car, lap in laps.select("car_number", "lap").iter_rows()]
    return pl.DataFrame(rows, schema=["car", "lap", "wet"], orient="row")


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder with one dry race, whose laps are all on slicks."""
    folder = tmp_path / "labels"
    (folder / "A-RACE").mkdir(parents=True)
    frame = crossings(cars=6, hours=1.0)
    (folder / "A-RACE" / "laps.csv").write_bytes(write_laps(frame))
    _labels(frame, lambda _, __: 0).write_csv(folder / "A-RACE" / "labels.csv")
    return folder


def test_a_dry_race_is_scored_lap_by_lap() -> None:
    laps = _laps()
    row = score_labels("a", laps, _labels(laps, lambda _, __: 0), (), PLAIN)
    assert (row["start"], row["wet_laps"], row["laps"]) == ("dry", 0, laps.height)
    assert (row["alarm_min"], row["half_wet_min"], row["waves"]) == (0.0, 0.0, [])
    assert sum(row["on_slicks"].values()) == laps.height
    said = np.array([int(place) for place in row["on_slicks"]]) / 1000
    counts = np.array(list(row["on_slicks"].values()))
    assert row["log_loss"] == pytest.approx(-(counts * np.log1p(-said)).sum(), rel=0.1)


def test_laps_without_a_label_do_not_count() -> None:
    laps = _laps()
    labels = _labels(laps, lambda _, __: 0).filter(pl.col("lap") != 3)
    row = score_labels("a", laps, labels, (), PLAIN)
    assert row["laps"] == laps.filter(pl.col("lap") != 3).height


def test_a_race_begun_on_wets_is_a_wet_start() -> None:
    laps = _laps()
    row = score_labels("a", laps, _labels(laps, lambda _, lap: int(lap < 8)), (), PLAIN)
    assert row["start"] == "wet"
    assert row["half_wet_min"] > 5.0


@pytest.mark.parametrize(("cars", "waves"), [(4, 0), (5, 1)])
def test_five_cars_that_change_together_are_a_wave(cars: int, waves: int) -> None:
    laps = _laps()
    numbers = sorted(laps["car_number"].unique())[:cars]
    labels = _labels(laps, lambda car, lap: int(car in numbers and lap >= 10))
    joined = laps.join(
        labels.select(car_number="car", lap=pl.col("lap").cast(laps["lap"].dtype), on_wets="wet"),
        on=("car_number", "lap"),
    )
    said = pl.DataFrame({"at_ms": [0], "direction": ["to_wet"]})
    found = _crossings_of_waves(joined, said)
    assert [(each["direction"], each["cars"]) for each in found] == [("to_wet", cars)] * waves
    begun = joined.filter((pl.col("lap") == 10) & pl.col("car_number").is_in(numbers))
    median = (begun["elapsed_ms"] - begun["lap_time_ms"]).median()
    for each in found:
        assert each["at_min"] == pytest.approx(median / 60_000)  # type: ignore[operator]
        assert each["crossover_off_min"] == pytest.approx(-each["at_min"])


def test_flags_are_shown_as_a_poorer_feed_would_have_them() -> None:
    flags = pl.DataFrame({"flag": ["green", "fcy", "vsc", "safety_car", None]})
    shown = {told: with_flags(flags, told)["flag"].to_list() for told in ("vsc hidden", "none")}
    assert shown["vsc hidden"] == ["green", "green", "green", "safety_car", None]
    assert shown["none"] == [None] * 5
    assert with_flags(flags, "coded").equals(flags)


def test_a_stoppage_is_no_green_minute_though_the_next_crossing_is_green() -> None:
    flags = ["green", "red", "green", "green"]
    labelled = pl.DataFrame({"elapsed_ms": [100, 200, 9_000, 9_100], "flag": flags})
    assert _held(labelled, np.array([50, 150, 201, 8_999, 9_050, 9_999])).tolist() == [
        False, True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(("slick_from", "dry_phase"), [(25, True), (40, False)])
def test_a_wet_race_has_a_dry_phase_where_it_was_driven_freely_on_slicks(
    slick_from: int, dry_phase: bool
) -> None:
    laps = _laps()
    wets = _labels(laps, lambda _, lap: int(lap < slick_from))
    assert score_labels("a", laps, wets, (), PLAIN)["dry_phase"] is dry_phase
    held = laps.with_columns(flag=pl.lit("safety_car"))
    assert score_labels("a", held, wets, (), PLAIN)["dry_phase"] is False


def test_after_the_race_a_wet_start_that_dried_is_known() -> None:
    race = drive(shower(-5, 0.22, 25), 100, seed=9, start_on_wets=True)
    middle = {
        (car, lap): end - time // 2
        for car, lap, end, time in race.laps.select(
            "car_number", "lap", "elapsed_ms", "lap_time_ms"
        ).iter_rows()
    }
    labels = _labels(race.laps, lambda car, lap: int(race.on_wets(car, middle[car, lap])))
    told = {each.name: each for each in TOLD}
    after = score_labels("a", race.laps, labels, (), told["after the race"])
    assert (after["start"], after["dry_phase"]) == ("wet", True)
    assert after["log_loss"] / after["laps"] < 0.1
    parts = summarise([after])["after the race"]
    assert "never dry" not in parts
    assert parts["dry phase"]["auc"] > 0.98


def _places(**counts: int) -> np.ndarray:
    out = np.zeros(1001, dtype=np.int64)
    for place, count in counts.items():
        out[int(place[1:])] = count
    return out


def test_the_area_counts_pairs_in_the_right_order_and_ties_half() -> None:
    assert _auc(_places(_900=2), _places(_100=3)) == 1.0
    assert _auc(_places(_100=2), _places(_900=3)) == 0.0
    assert _auc(_places(_500=2), _places(_500=3)) == 0.5
    assert _auc(_places(_500=1, _900=1), _places(_500=1, _100=1)) == 7 / 8
    assert _auc(_places(), _places(_500=1)) is None


def test_calibration_is_told_by_tenths() -> None:
    told = _calibration(_places(_950=9, _50=1), _places(_950=1, _50=19))
    assert [(row["stated"], row["observed"], row["count"]) for row in told] == [
        (pytest.approx(0.05), pytest.approx(0.05), 20),
        (pytest.approx(0.95), pytest.approx(0.9), 10),
    ]


def test_every_setting_is_summed_up_by_kind_of_race(labelled: Path) -> None:
    answer = backtest_labels(labelled, ALONE)
    assert [row["setting"] for row in answer["rows"]] == [each.name for each in TOLD]
    assert list(answer["summary"]) == [each.name for each in TOLD]
    for parts in answer["summary"].values():
        assert set(parts) == {"all", "dry"}
        assert parts["dry"]["laps"] > 50
        assert parts["dry"]["log_loss"] < -math.log(0.9)
        assert (parts["dry"]["auc"], parts["dry"]["base"]) == (None, 0.0)


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no labelled race in this folder"):
        backtest_labels(tmp_path, ALONE)


@pytest.mark.parametrize("written", ["car;lap;wet\n1;1;0\n", "car,lap\n1,1\n", ""])
def test_labels_without_their_columns_are_refused_by_name(labelled: Path, written: str) -> None:
    (labelled / "A-RACE" / "labels.csv").write_text(written)
    with pytest.raises(UnreadableFile, match="Its columns are car, lap, wet") as refused:
        backtest_labels(labelled, ALONE)
    assert "labels.csv" in str(refused.value)


def test_what_is_kept_for_going_on_is_of_the_same_labels(labelled: Path, tmp_path: Path) -> None:
    study = Study(engine=LocalEngine(1), resume=tmp_path / "kept")
    file = labelled / "A-RACE" / "labels.csv"
    laps = backtest_labels(labelled, study)["summary"]["no reference"]["all"]["laps"]
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-5]))
    os.utime(file, ns=(file.stat().st_mtime_ns + 10**9,) * 2)
    again = backtest_labels(labelled, study)["summary"]["no reference"]["all"]["laps"]
    assert again == laps - 5


def test_the_command_prints_one_object_or_a_table(labelled: Path, cli: Callable[..., Said]) -> None:
    asked = ("backtest", "track", "--labels", str(labelled), "--workers", "1")
    status, out, _ = cli(*asked, "--json")
    answer: dict[str, Any] = json.loads(out)
    assert (status, set(answer)) == (0, {"protocol", "rows", "summary"})
    status, out, _ = cli(*asked)
    assert status == 0
    assert "Tyre log-loss" in out
    assert "no flags" in out


def test_a_backtest_of_nothing_says_what_to_name(cli: Callable[..., Said]) -> None:
    status, out, said = cli("backtest", "track")
    assert (status, out) == (2, "")
    assert "no race is named" in said


@pytest.mark.needs_data
@pytest.mark.skipif(LABELLED is None or not LABELLED.is_dir(), reason="no labelled races")
def test_a_real_race_that_dried_is_read_with_a_reference_and_not_without() -> None:
    """Montreal 2024: begun on intermediates, slicks from minute 69 on."""
    assert LABELLED is not None
    from dryline.studies.track_labels import _priors, _score

    rows = _score((LABELLED / "2024-MONTREAL", _priors(LABELLED / "dry_priors.csv")))
    by = {row["setting"]: row for row in rows}
    known = by["reference"]
    assert (known["start"], known["wet_laps"]) == ("wet", 845)
    assert known["log_loss"] / known["laps"] < 0.3
    assert known["half_wet_alarmed_min"] / known["half_wet_min"] > 0.9
    after = by["after the race"]
    assert after["dry_phase"]
    assert after["log_loss"] / after["laps"] < 0.1
