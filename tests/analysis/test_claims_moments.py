"""Claims about moments: tyre changes, passes, the forecast along the race, overlapping periods."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.analysis.claims.claim import Certainty
from dryline.analysis.claims.forecast import events_of, forecasts, weighed
from dryline.analysis.claims.of_race import race_claims, race_tables
from dryline.analysis.claims.pits import neutralised
from dryline.analysis.claims.tables import Tables
from dryline.analysis.claims.tyres import tyre_calls, tyre_waves, waves
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.classify import classify
from dryline.engine.report_worm import win_tables
from dryline.present.report.prose import say
from dryline.race.race import Race
from tests.made_up.field import crossings

NO_WET = pl.DataFrame(schema={"start_ms": pl.Int64, "end_ms": pl.Int64})


@pytest.fixture(scope="module")
def race() -> Race:
    info = RaceInfo(name="made up", series="wec", year=2024, length=RaceLength(ms=3_600_000))
    return Race(info=info, crossings=crossings(hours=1.0))


@pytest.fixture(scope="module")
def tables(race: Race) -> Tables:
    official, _ = classify(race.moment())
    return race_tables(race, official)


def stints(*p_wet: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One car's stints of an hour each, and how likely each was on wets."""
    numbers = list(range(1, len(p_wet) + 1))
    hour = 3_600_000
    frame = pl.DataFrame(
        {
            "car_number": ["7"] * len(p_wet),
            "car_class": ["HYPERCAR"] * len(p_wet),
            "stint": pl.Series(numbers, dtype=pl.Int32),
            "start_ms": [hour * (number - 1) for number in numbers],
            "first_lap": pl.Series([20 * number for number in numbers], dtype=pl.Int32),
        }
    )
    return frame, frame.select("car_number", "stint", p_wet=pl.Series(p_wet))


def wet(start: int, end: int | None) -> pl.DataFrame:
    return pl.DataFrame([(start, end)], schema=NO_WET.schema, orient="row")


def test_a_change_of_tyre_needs_two_stints_that_are_both_likely() -> None:
    found = tyre_calls(*stints(0.02, 0.97, 0.5, 0.03, 0.96), wet(3_600_000, None))
    assert found["at_ms"].to_list() == [3_600_000, 14_400_000]
    assert found["tyre"].to_list() == ["wet", "wet"]
    assert found["p"][0] == pytest.approx(0.98 * 0.97)


def test_a_stint_that_began_on_a_dry_track_is_no_change_to_wets() -> None:
    late = wet(3_600_000 + 300_001, None)
    assert tyre_calls(*stints(0.02, 0.97), late).is_empty()
    assert tyre_calls(*stints(0.02, 0.97), wet(3_600_000 + 300_000, None)).height == 1
    assert tyre_calls(*stints(0.97, 0.02), NO_WET)["tyre"].to_list() == ["slick"]


def test_a_wave_is_three_cars_and_a_quarter_of_the_class_within_twenty_minutes() -> None:
    def row(at_ms: int, car: str, tyre: str = "wet") -> dict[str, object]:
        return {"at_ms": at_ms, "car_number": car, "tyre": tyre}

    three = (row(0, "1"), row(60_000, "2"), row(1_199_999, "3"))
    assert waves(three, 12) == [("wet", 0, 1_199_999)]
    assert waves(three, 13) == []
    assert waves((row(0, "1"), row(60_000, "2"), row(1_200_000, "3")), 4) == []
    assert waves((row(0, "1"), row(1, "1"), row(2, "1")), 3) == []


def test_the_first_of_a_wave_and_the_late_ones_of_the_front_are_told(tables: Tables) -> None:
    order = tables.ask(
        "select car_number, car_class from classification where car_class = 'HYPERCAR' "
        "order by position"
    ).rows
    cars = [row["car_number"] for row in order]
    changes = pl.DataFrame(
        [
            (600_000 + 100_000 * (len(cars) - at), car, "HYPERCAR", "wet", 0.9)
            for at, car in enumerate(cars)
        ],
        schema=["at_ms", "car_number", "car_class", "tyre", "p"],
        orient="row",
    ).sort("at_ms")
    with_them = Tables({**tables.frames, "tyre_changes": changes})
    found = {claim.id: claim for claim in tyre_waves(with_them)}
    wave = found["tyres-hypercar-1"]
    assert wave.values["first"] == [cars[-1]]
    assert wave.certainty is Certainty.INFERRED
    assert [row["car_number"] for row in wave.values["front"]] == cars[:3]
    assert f"#{cars[-1]} first" in say(wave).text


def test_a_red_flag_inside_another_period_is_counted_once_and_said() -> None:
    periods = pl.DataFrame(
        {
            "number": [1, 2], "kind": ["fcy", "red"], "start_ms": [0, 600_000],
            "end_ms": [3_600_000, 1_200_000], "source": ["flag", "inferred"],
            "confidence": [1.0, 0.9], "graver_ms": [600_000, 0],
        }
    )  # fmt: skip
    race = pl.DataFrame({"simulated": [False]})
    order = pl.DataFrame({"car_number": ["7"], "position": [1]})
    stops = pl.DataFrame(schema={"car_number": pl.String, "in_ms": pl.Int64})
    tables = Tables(
        {"neutralisations": periods, "race": race, "classification": order, "stops": stops,
         "timeline": pl.DataFrame()}
    )  # fmt: skip
    text = say(next(iter(neutralised(tables)))).text
    assert "one full course yellow (1 hour, 10 minutes of it under a red flag)" in text
    assert "one red flag (10 minutes)" in text


def test_what_the_table_of_a_race_says_of_the_red_flag_is_the_overlap(race: Race) -> None:
    official, _ = classify(race.moment())
    frame = race_tables(race, official).frames["neutralisations"]
    assert frame["graver_ms"].to_list() == [0] * frame.height


def test_a_forecast_of_the_report_has_seen_nothing_later(race: Race, tables: Tables) -> None:
    whole = win_tables(race, list(race_claims(tables)))["win"]
    at = int(whole["at_ms"].unique().sort()[8])
    early = race.cut(Instant(at))
    assert early.crossings.height < race.crossings.height
    again = win_tables(early, [])["win"]
    same = whole.filter(pl.col("at_ms") == at)
    moments = again["at_ms"].unique().to_list()
    assert max(moments) <= at
    from dryline.engine.report_worm import _row

    fresh = {row[1]: row[3] for row in _row(early, at, 3_600_000, 1)}
    assert dict(same.select("car_number", "p_win_class").iter_rows()) == fresh


def test_chances_of_a_class_add_up_and_weigh_the_change_of_the_lead(
    race: Race, tables: Tables
) -> None:
    claims = list(race_claims(tables))
    found = win_tables(race, claims)
    sums = found["win"].group_by("at_ms", "car_class").agg(pl.col("p_win_class").sum())
    assert sums["p_win_class"].to_list() == pytest.approx([1.0] * sums.height)
    more = Tables({**tables.frames, **found})
    told = {claim.id: claim for claim in weighed(claims, more)}
    before = {claim.id: claim for claim in claims}
    for name in found["events"]["claim"]:
        assert told[name].importance != before[name].importance
        assert len(told[name].grounds) == len(before[name].grounds) + 1
        assert 0 < told[name].importance <= 0.93
    kinds = {claim.kind for claim in forecasts(more)}
    assert "worm" in kinds
    assert {claim.certainty for claim in forecasts(more)} == {Certainty.FORECAST}


def test_an_event_is_forecast_just_before_it_and_a_lap_after(race: Race, tables: Tables) -> None:
    claims = list(race_claims(tables))
    events = events_of(claims, 95_000, 3_599_999)
    by_id = {claim.id: claim for claim in claims}
    assert events.height
    for row in events.iter_rows(named=True):
        assert row["before_ms"] == by_id[row["claim"]].at_ms - 1
        assert row["before_ms"] < row["after_ms"] <= 3_599_999


def test_where_the_length_is_not_known_nothing_is_forecast(race: Race) -> None:
    unknown = Race(info=RaceInfo(name="no length"), crossings=race.crossings)
    assert win_tables(unknown, []) == {}
