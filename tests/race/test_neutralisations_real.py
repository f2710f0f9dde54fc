"""Neutralisations of the real races: exact flags, inference against them, no look-ahead."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.race.neutralisations import neutralisations
from dryline.studies.neutralisation_scores import InferenceScore, combined, score_inference
from tests.conftest import DATA

pytestmark = pytest.mark.needs_data

PERIODS = {"fcy": "n_FCY", "safety_car": "n_SF", "red": "n_RF"}


@cache
def catalogue() -> list[dict[str, str]]:
    assert DATA is not None
    with (DATA / "catalogue.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@cache
def crossings(race: str) -> pl.DataFrame:
    assert DATA is not None
    row = next(one for one in catalogue() if one["race"] == race)
    path = Path(DATA, row["file"])
    return parse_laps(path.read_bytes(), path.name).crossings


def series(race: str) -> str:
    return race.split("/", maxsplit=1)[0]


def found(race: str) -> pl.DataFrame:
    return neutralisations(crossings(race), series=series(race))


@cache
def scores() -> dict[str, tuple[InferenceScore, ...]]:
    """Per race with a flag column."""
    return {
        row["race"]: score_inference(crossings(row["race"]), series(row["race"]))
        for row in catalogue()
        if crossings(row["race"])["flag"].null_count() == 0
    }


def score(kind: str, races: str) -> InferenceScore:
    chosen = [one for race, all_ in scores().items() if races in race for one in all_]
    return next(one for one in combined(chosen) if one.kind == kind)


def minutes(kind: str, race: str) -> list[tuple[float, float]]:
    rows = found(race).filter((pl.col("kind") == kind) & (pl.col("source") == "inferred"))
    return [
        (start / 60_000, end / 60_000) for start, end in rows.select("start_ms", "end_ms").rows()
    ]


def test_coded_periods_of_every_race_are_as_many_as_the_catalogue_counts() -> None:
    for row in catalogue():
        coded = found(row["race"]).filter(pl.col("source") == "flag")
        counted = {kind: int(row[column]) for kind, column in PERIODS.items()}
        assert {kind: coded["kind"].to_list().count(kind) for kind in PERIODS} == counted, row


def test_every_crossing_lies_in_a_period_of_its_own_flag_or_in_none() -> None:
    for row in catalogue():
        rows = crossings(row["race"]).select("elapsed_ms", "flag")
        coded = found(row["race"]).filter(pl.col("source") == "flag")
        expected = np.full(rows.height, "green", dtype="<U12")
        at = rows["elapsed_ms"].to_numpy()
        for kind, start, end in coded.select("kind", "start_ms", "end_ms").rows():
            expected[(at >= start) & (at < (end or 1 << 60))] = kind
        stated = rows["flag"].fill_null("green").replace("chequered", "green").to_numpy()
        assert (expected == stated).all(), row


@pytest.mark.parametrize("kind", ["neutralised", "fcy"])
def test_inference_in_imsa_keeps_its_marks(kind: str) -> None:
    result = score(kind, "imsa/")
    assert result.precision > 0.985
    assert result.recall > 0.985


@pytest.mark.parametrize(
    ("kind", "mark"), [("neutralised", 0.98), ("fcy", 0.95), ("safety_car", 0.97)]
)
def test_inference_in_the_wec_keeps_its_marks(kind: str, mark: float) -> None:
    result = score(kind, "wec/")
    assert result.precision > mark
    assert result.recall > mark


def test_no_race_with_enough_of_it_falls_under_nine_tenths() -> None:
    for race, (whole, *_) in scores().items():
        if whole.hit_ms + whole.missed_ms > 5 * 60_000:
            assert min(whole.precision or 0, whole.recall or 0) > 0.9, (race, whole)


def test_virtual_safety_cars_of_fuji_and_bahrain_2024_are_found() -> None:
    assert minutes("vsc", "wec/2024/fuji_6h") == [
        (pytest.approx(81.5, abs=0.5), pytest.approx(88.5, abs=0.2)),
        (pytest.approx(252.9, abs=0.5), pytest.approx(260.2, abs=0.2)),
    ]
    assert len(minutes("vsc", "wec/2024/bahrain_8h")) == 2


def test_red_flags_of_watkins_glen_are_found_and_no_others_in_imsa() -> None:
    reds = {
        row["race"]: minutes("red", row["race"]) for row in catalogue() if "imsa" in row["race"]
    }
    found_at = {race: [(int(a), int(b)) for a, b in one] for race, one in reds.items() if one}
    assert found_at == {
        "imsa/2021/13-weathertech-240---wgi": [(63, 113)],
        "imsa/2022/11-watkins-glen-international": [(273, 337)],
        "imsa/2024/12-watkins-glen-international": [(277, 324)],
    }


@pytest.mark.parametrize(
    ("race", "known"),
    [("wec/2021/le_mans_24h", 140), ("wec/2024/le_mans_24h", 70), ("wec/2025/le_mans_24h", 35)],
)
def test_slow_zones_of_le_mans_cover_about_the_minutes_known(race: str, known: float) -> None:
    total = sum(end - start for start, end in minutes("slow_zone", race))
    assert 0.75 * known < total < 1.5 * known


def test_only_le_mans_has_slow_zones() -> None:
    short = [row["race"] for row in catalogue() if "le_mans" not in row["race"]]
    assert not any(minutes("slow_zone", race) for race in short)


def test_safety_cars_of_spa_2020_are_found_and_its_rain_is_not() -> None:
    known = [(0, 14), (65, 78), (145, 178), (280, 297)]
    inferred = minutes("safety_car", "wec/2020/spa_6h")
    for (start, end), (first, last) in zip(inferred, known, strict=True):
        assert min(end, last) - max(start, first) > 0.55 * (last - first)
        assert end - start < 1.5 * (last - first)


@cache
def sample() -> tuple[str, ...]:
    return (
        "wec/2020/spa_6h",
        "wec/2024/fuji_6h",
        "wec/2025/le_mans_24h",
        "imsa/2024/12-watkins-glen-international",
    )


@given(st.integers(0, 3), st.floats(0.02, 0.98), st.integers(0, 1 << 30), st.booleans())
@settings(deadline=None, max_examples=20)
def test_corrupting_later_rows_changes_nothing_before_the_cut(
    index: int, share: float, seed: int, use_flags: bool
) -> None:
    race = sample()[index]
    whole = crossings(race)
    at = int(whole["elapsed_ms"][-1] * share)
    chance = np.random.default_rng(seed)
    later = pl.col("elapsed_ms") > at
    noise = pl.Series(chance.integers(1, 10**6, whole.height))
    spoilt = whole.with_columns(
        flag=pl.when(later).then(pl.lit("red")).otherwise("flag"),
        elapsed_ms=pl.when(later).then(pl.col("elapsed_ms") + noise).otherwise("elapsed_ms"),
        s1_ms=pl.when(later).then(noise).otherwise("s1_ms"),
        lap_time_ms=pl.when(later).then(noise).otherwise("lap_time_ms"),
    )
    answers = [
        neutralisations(
            one.filter(pl.col("elapsed_ms") <= at), series=series(race), use_flags=use_flags
        )
        for one in (whole, spoilt.sort("elapsed_ms"))
    ]
    assert_frame_equal(answers[0], answers[1])
    ends = answers[0]["end_ms"].drop_nulls()
    assert ends.is_empty() or ends.max() <= at  # type: ignore[operator]


@given(st.floats(0.05, 0.95))
@settings(deadline=None, max_examples=10)
def test_coded_periods_at_a_cut_are_the_final_ones_begun_by_then(share: float) -> None:
    race = "wec/2025/fuji_6h"
    at = int(crossings(race)["elapsed_ms"][-1] * share)
    cut = crossings(race).filter(pl.col("elapsed_ms") <= at)
    coded = pl.col("source") == "flag"
    final = found(race).filter(coded & (pl.col("start_ms") <= at))
    final = final.with_columns(end_ms=pl.when(pl.col("end_ms") <= at).then("end_ms"))
    assert_frame_equal(neutralisations(cut, series="wec").filter(coded), final)
