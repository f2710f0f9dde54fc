"""A field that ends all at once while others race on is a cut file, one car is a retirement."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.clock_text import format_clock
from dryline.domain.finding import Finding, Severity
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings

FIELD = crossings(cars=10, hours=0.8, classes={"GT3": 100.0})
CARS = FIELD["car_number"].unique(maintain_order=True).to_list()
MINUTE_MS = 60_000


def early(frame: pl.DataFrame) -> list[Finding]:
    data = write_laps(frame.sort("elapsed_ms").with_columns(line=pl.lit(None, pl.Int32)))
    return [f for f in parse_laps(data, "laps.csv").findings if f.kind == "field_ends_early"]


def cut(frame: pl.DataFrame, cars: list[str], at_ms: int) -> pl.DataFrame:
    """The race without what ``cars`` did from ``at_ms`` on."""
    frame = frame.with_columns(in_pit=pl.col("in_pit") & ~pl.col("car_number").is_in(cars))
    return frame.filter((pl.col("elapsed_ms") < at_ms) | ~pl.col("car_number").is_in(cars))


@settings(deadline=None, max_examples=40)
@given(field=st.integers(3, 10), ended=st.integers(0, 9), minutes=st.integers(8, 36))
def test_a_large_part_that_ends_together_is_said(field: int, ended: int, minutes: int) -> None:
    ended = min(ended, field - 1)
    race = FIELD.filter(pl.col("car_number").is_in(CARS[:field]))
    frame = cut(race, CARS[:ended], minutes * MINUTE_MS)
    found = early(frame)
    assert bool(found) == (ended >= 3 and ended >= 0.4 * field)
    for finding in found:
        ends = frame.filter(pl.col("car_number").is_in(CARS[:ended]))["elapsed_ms"].max()
        assert finding.severity == Severity.WARNING
        assert finding.rows == ended
        assert f"{ended} of {field} cars end at about {format_clock(ends)}" in finding.message  # type: ignore[arg-type]


@pytest.mark.parametrize(("more", "said"), [(3, False), (4, True)])
def test_others_must_race_on_for_more_than_a_finish_and_a_cool_down(more: int, said: bool) -> None:
    frame = cut(FIELD, CARS[:9], 30 * MINUTE_MS)
    end = frame.filter(pl.col("car_number").is_in(CARS[:9]))["elapsed_ms"].max()
    on = pl.col("elapsed_ms") > end
    frame = frame.filter(~on | (on.cum_sum() <= more)).with_columns(flag=pl.lit("green"))
    assert bool(early(frame)) == said


@pytest.mark.parametrize(("laps", "said"), [(1, True), (2, False)])
def test_cars_that_end_one_after_another_retired(laps: int, said: bool) -> None:
    frame = FIELD
    for place, car in enumerate(CARS[:5]):
        frame = cut(frame, [car], (10 + place * (2 * laps if laps > 1 else 0)) * MINUTE_MS)
    assert bool(early(frame)) == said


@pytest.mark.parametrize("how", ["flag", "in_pit"])
def test_cars_that_took_the_flag_or_stand_in_the_pits_are_not_cut(how: str) -> None:
    frame = cut(FIELD, CARS[:6], 20 * MINUTE_MS)
    last = pl.col("lap") == pl.col("lap").max().over("car_number")
    ended = last & pl.col("car_number").is_in(CARS[:6])
    assert early(frame)
    if how == "in_pit":
        frame = frame.with_columns(in_pit=pl.col("in_pit") | ended)
    else:  # and the others cool down for long
        flag = pl.when(ended).then(pl.lit("chequered")).otherwise(pl.lit("green"))
        frame = frame.with_columns(flag=flag)
    assert early(frame) == []


def test_a_session_whose_cars_begin_apart_is_no_race() -> None:
    late = pl.when(pl.col("car_number").is_in(CARS[:4])).then(0).otherwise(15 * MINUTE_MS)
    frame = cut(FIELD, CARS[:4], 12 * MINUTE_MS)
    assert early(frame)
    assert early(frame.with_columns(elapsed_ms=pl.col("elapsed_ms") + late)) == []
