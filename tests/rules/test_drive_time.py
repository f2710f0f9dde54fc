"""The drive-time ledger."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.entry import Driver, Entry, Rating
from dryline.domain.instant import Instant
from dryline.rules.book import Override, RuleBook, rule_book
from dryline.rules.drive_alarms import BREACHES, AlarmKind
from dryline.rules.drive_time import Ledger, drive_time_ledger, ledgers
from tests.made_up.field import crossings

MINUTE = 60_000
HOUR = 60 * MINUTE
LIMITS = """
[[drive_time.limits]]
classes = ["LMGT3"]
from_h = 5
to_h = 7
ratings = ["bronze"]
minimum_min = 105
[[drive_time.limits]]
classes = ["LMGT3"]
from_h = 5
to_h = 7
maximum_min = 210
continuous_max_min = 150
rest_min = 30
[[drive_time.limits]]
classes = ["LMGT3"]
from_h = 5
to_h = 7
maximum_min = 180
window_h = 4
"""
BOOK = rule_book("wec", 2024, Override("mine.toml", LIMITS))
CREW = (Driver("Ada", Rating.BRONZE), Driver("Ben", Rating.SILVER), Driver("Cid", Rating.GOLD))
ENTRIES = {"31": Entry("31", "LMGT3", "Team", drivers=CREW)}


def laps(*turns: tuple[str, int], lap_min: int = 2, stop_s: int = 80) -> pl.DataFrame:
    """Laps of two minutes by driver and number; the first lap of each later turn has a stop."""
    rows, elapsed, lap = [], 0, 0
    for index, (driver, count) in enumerate(turns):
        for first in range(count):
            stop = stop_s * 1000 if first == 0 and index else 0
            elapsed, lap = elapsed + lap_min * MINUTE + stop, lap + 1
            lap_ms = lap_min * MINUTE + stop
            rows.append(("31", "LMGT3", driver, lap, lap_ms, elapsed, stop or None))
    schema = {
        "car_number": pl.String,
        "car_class": pl.String,
        "driver": pl.String,
        "lap": pl.Int32,
        "lap_time_ms": pl.Int64,
        "elapsed_ms": pl.Int64,
        "pit_lane_ms": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def ledger(table: pl.DataFrame, at: int, book: RuleBook = BOOK) -> Ledger:
    return drive_time_ledger(book, table, ENTRIES, instant=Instant(at), length_ms=6 * HOUR)


def kinds(found: Ledger) -> set[AlarmKind]:
    return {alarm.kind for alarm in found.alarms}


def test_time_at_the_wheel_is_the_laps_less_the_pit_time() -> None:
    found = ledger(laps(("Ada", 30), ("Ben", 20)), 2 * HOUR)
    assert found.row_of("31", "Ada").total_ms == 60 * MINUTE  # type: ignore[union-attr]
    assert found.row_of("31", "Ben").total_ms == 40 * MINUTE  # type: ignore[union-attr]
    assert sum(row.share for row in found.rows) == pytest.approx(1)


def test_pit_time_counts_where_the_season_says_so() -> None:
    book = rule_book("wec", 2024, Override("m", "[drive_time]\nwithout_pit_time = false\n"))
    found = ledger(laps(("Ada", 30), ("Ben", 20)), 2 * HOUR, book)
    assert found.row_of("31", "Ben").total_ms == 40 * MINUTE + 80_000  # type: ignore[union-attr]


def test_a_driver_who_has_not_driven_stands_in_the_ledger_with_nothing() -> None:
    row = ledger(laps(("Ada", 30)), HOUR).row_of("31", "Cid")
    assert row is not None
    assert (row.total_ms, row.at_wheel, row.rest_ms) == (0, False, None)


def test_only_laps_completed_by_the_instant_count() -> None:
    table = laps(("Ada", 60), ("Ben", 60))
    whole, cut = ledger(table, HOUR), ledger(table.filter(pl.col("elapsed_ms") <= HOUR), HOUR)
    assert whole == cut


def test_the_latest_moment_to_get_in_leaves_just_the_minimum() -> None:
    row = ledger(laps(("Ben", 60)), 2 * HOUR).row_of("31", "Ada")
    assert row is not None
    assert row.owed_ms == 105 * MINUTE
    assert row.latest_in_ms == 6 * HOUR - 105 * MINUTE


def test_an_alarm_is_raised_a_quarter_of_an_hour_before_and_not_earlier() -> None:
    latest = 6 * HOUR - 105 * MINUTE
    table = laps(("Ben", 60), ("Cid", 100))
    assert AlarmKind.MINIMUM_DUE not in kinds(ledger(table, latest - 16 * MINUTE))
    due = ledger(table, latest - 14 * MINUTE)
    alarm = next(alarm for alarm in due.alarms if alarm.kind is AlarmKind.MINIMUM_DUE)
    assert alarm.by_ms == latest
    assert alarm.words == "#31 Ada: still owes 1:45:00 of 1:45:00, must get in by 4:15:00"


def test_a_minimum_that_can_no_longer_be_met_is_a_breach() -> None:
    found = ledger(laps(("Ben", 60), ("Cid", 80)), 5 * HOUR)
    missed = [alarm for alarm in found.alarms if alarm.kind is AlarmKind.MINIMUM_MISSED]
    assert [alarm.driver for alarm in missed] == ["Ada"]
    assert AlarmKind.MINIMUM_MISSED in BREACHES


def test_a_made_up_breach_of_each_limit_is_caught() -> None:
    long_turn = ledger(laps(("Ben", 106)), 4 * HOUR)
    assert {
        AlarmKind.MAXIMUM_EXCEEDED,
        AlarmKind.WINDOW_EXCEEDED,
        AlarmKind.CONTINUOUS_EXCEEDED,
    } <= kinds(long_turn)
    short_rest = ledger(laps(("Ben", 20), ("Ada", 10), ("Ben", 10)), 2 * HOUR)
    assert AlarmKind.REST_TOO_SHORT in kinds(short_rest)


def test_a_lawful_race_raises_nothing() -> None:
    lawful = laps(("Ada", 55), ("Ben", 60), ("Cid", 60))
    assert not kinds(ledger(lawful, 6 * HOUR))


def test_the_window_slides_and_forgets() -> None:
    turns = laps(("Ben", 70), ("Ada", 60), ("Ben", 10))
    row = ledger(turns, 6 * HOUR).row_of("31", "Ben")
    assert row is not None
    assert row.total_ms == 160 * MINUTE
    assert row.window_peak_ms == pytest.approx(140 * MINUTE, abs=2)
    assert row.window_ms is not None
    assert row.window_ms < row.window_peak_ms  # type: ignore[operator]


def test_a_crew_that_owes_more_than_is_left_is_told() -> None:
    text = LIMITS.replace('ratings = ["bronze"]', 'ratings = ["bronze", "silver"]')
    book = rule_book("wec", 2024, Override("mine.toml", text))
    found = ledger(laps(("Cid", 95)), 3 * HOUR + 10 * MINUTE, book)
    assert AlarmKind.CREW_MINIMA_CLASH in kinds(found)
    assert AlarmKind.MINIMUM_MISSED not in kinds(found)


def test_a_crew_that_may_not_drive_for_all_that_is_left_is_told() -> None:
    pair = {"31": Entry("31", "LMGT3", "Team", drivers=CREW[:2])}
    text = LIMITS.replace("maximum_min = 210", "maximum_min = 150")
    book = rule_book("wec", 2024, Override("mine.toml", text))
    table = laps(("Ben", 60))
    found = drive_time_ledger(book, table, pair, instant=Instant(2 * HOUR), length_ms=6 * HOUR)
    assert AlarmKind.CREW_TOO_SHORT in kinds(found)
    seen = {"31": Entry("31", "LMGT3", "Team", drivers=(Driver("Ben"),))}
    found = drive_time_ledger(book, table, seen, instant=Instant(2 * HOUR), length_ms=6 * HOUR)
    assert AlarmKind.CREW_TOO_SHORT not in kinds(found), "another driver may yet appear"


def test_red_flag_time_is_left_out_where_drive_time_stops() -> None:
    red = pl.DataFrame(
        {"kind": ["red"], "start_ms": [HOUR], "end_ms": [HOUR + 30 * MINUTE], "confidence": [1.0]}
    )
    table = laps(("Ada", 30), ("Ada", 1), lap_min=2)
    long_lap = table.with_columns(
        pl.when(pl.col("lap") == 31)
        .then(32 * MINUTE)
        .otherwise("lap_time_ms")
        .alias("lap_time_ms"),
        pl.when(pl.col("lap") == 31)
        .then(HOUR + 32 * MINUTE)
        .otherwise("elapsed_ms")
        .alias("elapsed_ms"),
        pl.lit(None, pl.Int64).alias("pit_lane_ms"),
    )
    found = drive_time_ledger(
        BOOK, long_lap, ENTRIES, instant=Instant(2 * HOUR), length_ms=6 * HOUR, neutralisations=red
    )
    assert found.row_of("31", "Ada").total_ms == 62 * MINUTE  # type: ignore[union-attr]


def test_without_ratings_the_limits_by_rating_are_said_not_to_apply() -> None:
    bare = {"31": Entry("31", "LMGT3", "Team", drivers=(Driver("Ada"), Driver("Ben")))}
    found = drive_time_ledger(
        BOOK, laps(("Ben", 60)), bare, instant=Instant(2 * HOUR), length_ms=6 * HOUR
    )
    assert found.row_of("31", "Ada").minimum_ms is None  # type: ignore[union-attr]
    assert any("no stated rating" in str(finding) for finding in found.findings)


def test_ratings_can_be_stated_in_the_rule_file() -> None:
    bare = {"31": Entry("31", "LMGT3", "Team", drivers=(Driver("Ada"), Driver("Ben")))}
    text = LIMITS.replace("[[drive", '[drive_time.ratings]\n"ADA" = "bronze"\n[[drive', 1)
    book = rule_book("wec", 2024, Override("mine.toml", text))
    found = drive_time_ledger(
        book, laps(("Ben", 60)), bare, instant=Instant(2 * HOUR), length_ms=6 * HOUR
    )
    assert found.row_of("31", "Ada").minimum_ms == 105 * MINUTE  # type: ignore[union-attr]


def test_without_a_length_no_limit_by_length_is_guessed() -> None:
    found = drive_time_ledger(
        BOOK, laps(("Ben", 60)), ENTRIES, instant=Instant(2 * HOUR), length_ms=None
    )
    assert all(row.latest_in_ms is None and row.minimum_ms is None for row in found.rows)
    assert any("length is not known" in str(finding) for finding in found.findings)


def test_limits_that_nobody_knows_are_called_not_known_for_this_season() -> None:
    found = drive_time_ledger(
        rule_book("imsa", 2024),
        laps(("Ben", 60)),
        ENTRIES,
        instant=Instant(2 * HOUR),
        length_ms=6 * HOUR,
    )
    assert any("not known for this season (IMSA 2024)" in str(each) for each in found.findings)


def test_the_ledger_as_the_race_goes_only_grows() -> None:
    table = crossings(hours=1.0, seed=3)
    instants = [Instant(minutes * MINUTE) for minutes in range(0, 80, 10)]
    found = ledgers(BOOK, table, {}, instants=instants, length_ms=HOUR)
    totals = [sum(row.total_ms for row in each.rows) for each in found]
    assert totals == sorted(totals)
    assert totals[-1] == int(
        (table["lap_time_ms"].sum() or 0) - (table["pit_lane_ms"].fill_null(0).sum() or 0)
    )
