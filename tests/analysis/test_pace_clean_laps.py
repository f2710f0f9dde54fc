"""Which laps count, and that each refused one says why."""

from __future__ import annotations

import polars as pl

from dryline.analysis.pace.clean_laps import REFUSALS, clean_laps, refusal_counts
from dryline.analysis.pace.customary import best_fifth, best_three_of_last_five
from tests.made_up.paces import pace_world


def test_every_refused_lap_names_a_reason_and_no_lap_is_lost() -> None:
    laps = pace_world(4).laps
    judged = clean_laps(laps)
    assert judged.height == laps.height
    assert set(judged["refused"].drop_nulls().unique()) <= set(REFUSALS)
    counts = refusal_counts(judged)
    assert counts["laps"].sum() == laps.height
    by = dict(counts.group_by("verdict").agg(pl.col("laps").sum()).iter_rows())
    assert by["in_lap"] == by["out_lap"] == 14 * 5
    assert by["lap_one"] == 14


def test_a_neutralised_lap_and_the_one_after_it_are_refused() -> None:
    laps = pace_world(4).laps.with_columns(
        neutralised_ms=pl.when((pl.col("car_number") == "3") & (pl.col("lap") == 12))
        .then(40_000)
        .otherwise(0)
    )
    judged = clean_laps(laps).filter(pl.col("car_number") == "3").sort("lap")
    assert judged["refused"][11] == "neutralised"
    assert judged["refused"][12] == "restart"
    assert judged["refused"][13] in (None, "slow")


def test_a_spin_is_slow_and_its_ratio_is_shown() -> None:
    laps = _slower(pace_world(4).laps, "3", [15], 1.2)
    spin = clean_laps(laps).filter((pl.col("car_number") == "3") & (pl.col("lap") == 15))
    assert spin["refused"][0] == "slow"
    assert 1.15 < spin["ratio"][0] < 1.25


def test_when_the_whole_field_slows_its_laps_are_wet() -> None:
    laps = pace_world(4).laps
    wet = laps.with_columns(
        lap_time_ms=pl.when(pl.col("elapsed_ms") > 6_000_000)
        .then((pl.col("lap_time_ms") * 1.15).cast(pl.Int64))
        .otherwise(pl.col("lap_time_ms"))
    )
    judged = clean_laps(wet).filter(
        (pl.col("elapsed_ms") > 6_500_000) & ~pl.col("in_lap") & ~pl.col("out_lap")
    )
    assert (judged["refused"] == "wet").mean() > 0.95


def test_verdicts_never_change_when_later_laps_arrive() -> None:
    laps = _slower(pace_world(4).laps, "5", [20, 21], 1.1)
    whole = clean_laps(laps).filter(pl.col("elapsed_ms") <= 4_000_000)
    cut = clean_laps(laps.filter(pl.col("elapsed_ms") <= 4_000_000))
    columns = ["car_number", "lap", "refused", "ratio", "field_ratio"]
    assert whole.select(columns).equals(cut.select(columns))


def test_the_customary_measures_use_only_clean_laps() -> None:
    judged = clean_laps(_slower(pace_world(4).laps, "2", [150, 152], 0.5))
    times = judged.filter((pl.col("car_number") == "2") & pl.col("refused").is_null()).sort("lap")
    recent = best_three_of_last_five(judged).filter(pl.col("car_number") == "2")
    expected = sorted(times["lap_time_ms"].to_list()[-5:])[:3]
    assert recent["recent_ms"][0] == round(sum(expected) / 3)
    fifth = best_fifth(judged).filter(pl.col("car_number") == "2")
    quickest = sorted(times["lap_time_ms"].to_list())[: -(-times.height // 5)]
    assert fifth["best_fifth_ms"][0] == round(sum(quickest) / len(quickest))


def _slower(laps: pl.DataFrame, car: str, which: list[int], factor: float) -> pl.DataFrame:
    hit = (pl.col("car_number") == car) & pl.col("lap").is_in(which)
    return laps.with_columns(
        lap_time_ms=pl.when(hit)
        .then((pl.col("lap_time_ms") * factor).cast(pl.Int64))
        .otherwise(pl.col("lap_time_ms"))
    )
