"""The rules against the real races: official orders, points, ledgers, pit lanes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dryline.domain.instant import Instant
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.feeds.decisions import parse_decisions
from dryline.rules.book import Override, rule_book
from dryline.rules.decisions import apply_decisions
from dryline.rules.drive_alarms import AlarmKind
from dryline.rules.drive_time import drive_time_ledger
from dryline.rules.endurance_cup import endurance_awards, endurance_table
from dryline.rules.lane_exceptions import LaneException, lane_exceptions
from dryline.rules.penalties import penalty_candidates
from dryline.rules.pit_lane import stops_and_the_lane
from dryline.rules.scoring import RoundResult, pays_as_qualifying
from dryline.rules.season import finishes_of
from dryline.rules.standings import StandingsTable, championship_tables

from .real_races import catalogue, real_race, results_file

pytestmark = pytest.mark.needs_data
HOUR = 3_600_000
COLUMNS = (
    "position", "position_in_class", "car_number", "car_class", "team", "laps", "elapsed_ms",
    "status",
)  # fmt: skip


def on_the_road(data: Path, race_id: str) -> pl.DataFrame:
    race = real_race(data, race_id)
    return race.at(race.end).table.select(COLUMNS)


def final(data: Path, race_id: str) -> pl.DataFrame:
    file = data / "imsa-steward-decisions.csv"
    decisions = parse_decisions(file.read_bytes(), file.name, race_id)
    return apply_decisions(on_the_road(data, race_id), decisions)[0]


def official(data: Path, race_id: str) -> list[str]:
    file = results_file(data, race_id)
    return parse_results(file.read_bytes(), file.name).results["car_number"].to_list()


def test_the_stewards_decisions_lead_to_the_official_order_in_every_imsa_race(data: Path) -> None:
    races = [race_id for race_id in catalogue(data) if race_id.startswith("imsa/")]
    assert len(races) == 36
    for race_id in races:
        ours = final(data, race_id)["car_number"].to_list()
        theirs = [number for number in official(data, race_id) if number in set(ours)]
        assert ours == theirs, race_id


def test_without_the_decisions_some_orders_differ(data: Path) -> None:
    race_id = "imsa/2022/11-watkins-glen-international"
    ours = on_the_road(data, race_id)["car_number"].to_list()
    assert ours != [number for number in official(data, race_id) if number in set(ours)]


def imsa_tables(data: Path, race_id: str, hours: float) -> dict[str, StandingsTable]:
    race = real_race(data, race_id)
    book = rule_book("imsa", int(race_id.split("/")[1]))
    finishes = finishes_of(final(data, race_id), book, entries=race.entries)
    result = RoundResult(
        round=1,
        name=race_id,
        hours=hours,
        finishes=finishes,
        qualifying_race=pays_as_qualifying(book, race_id),
    )
    return {table.title: table for table in championship_tables(book, [result])}


def top(table: StandingsTable, count: int) -> list[tuple[str, float]]:
    return [(row.car_number or row.names[0], row.points) for row in table.rows[:count]]


def test_watkins_glen_2024_is_scored_per_class_as_counted_by_hand(data: Path) -> None:
    tables = imsa_tables(data, "imsa/2024/12-watkins-glen-international", 6)
    assert top(tables["IMSA GTP Teams"], 5) == [
        ("7", 350), ("01", 320), ("6", 300), ("40", 280), ("24", 260),
    ]  # fmt: skip
    assert top(tables["IMSA GTP Manufacturers"], 5) == [
        ("Porsche", 350), ("Cadillac", 320), ("Acura", 300), ("BMW", 280), ("Lamborghini", 260),
    ]  # fmt: skip
    assert top(tables["IMSA GTD PRO Teams"], 3) == [("23", 350), ("9", 320), ("3", 300)]
    drivers = tables["IMSA LMP2 Drivers"]
    assert drivers.rows[0].car_number == "88"
    assert all(row.points in (350, 320) for row in drivers.rows[:2])
    # 70 fell from 11th to 14th in class by its penalty: 170 points, not 200.
    assert tables["IMSA GTD Teams"].row_of("70").points == 170  # type: ignore[union-attr]
    assert tables["IMSA GTD Teams"].row_of("023").points == 200  # type: ignore[union-attr]


def test_lime_rock_2022_counts_the_penalty_of_its_third_car(data: Path) -> None:
    tables = imsa_tables(data, "imsa/2022/15-lime-rock-park", 2.6667)
    assert top(tables["IMSA GTD PRO Teams"], 5) == [
        ("9", 350), ("23", 320), ("14", 300), ("3", 280), ("25", 260),
    ]  # fmt: skip
    assert tables["IMSA GTD Teams"].row_of("79").points == 240  # type: ignore[union-attr]


def test_petit_le_mans_2021_is_scored_by_class_with_one_car_for_each_make(data: Path) -> None:
    tables = imsa_tables(data, "imsa/2021/22-road-atlanta", 10)
    assert top(tables["IMSA DPi Manufacturers"], 3) == [
        ("Mazda", 350), ("Cadillac", 320), ("Acura", 300),
    ]  # fmt: skip
    assert top(tables["IMSA GTLM Teams"], 6) == [
        ("79", 350), ("97", 320), ("24", 300), ("4", 280), ("25", 260), ("3", 250),
    ]  # fmt: skip


def test_every_imsa_race_is_scored_and_no_class_pays_more_than_its_scale(data: Path) -> None:
    for race_id in catalogue(data):
        if not race_id.startswith("imsa/"):
            continue
        tables = imsa_tables(data, race_id, 2.6667)
        points = rule_book("imsa", int(race_id.split("/")[1])).text.points
        roar = "roar" in race_id
        scale = (points.qualifying if roar else points.scales[0].points).value  # type: ignore[union-attr]
        for table in tables.values():
            if table.by == "teams":
                assert sum(row.points for row in table.rows) == sum(scale[: len(table.rows)])
                assert not table.confirmed


def test_the_endurance_cup_pays_at_its_marks(data: Path) -> None:
    race_id = "imsa/2024/12-watkins-glen-international"
    book = rule_book("imsa", 2024)
    laps = real_race(data, race_id).crossings
    awards = endurance_awards(book, race_id, laps, final(data, race_id))
    assert {award.mark_h for award in awards} == {3, 6}
    last = {a.car_number: a.points for a in awards if a.mark_h == 6 and a.car_class == "GTP"}
    assert [last["7"], last["01"], last["6"], last["40"]] == [5, 4, 3, 2]
    assert endurance_table(awards, "GTP")[0][1] <= 10
    for at_ms, marks in ((3 * 3_600_000 - 1, set()), (3 * 3_600_000, {3}), (6 * 3_600_000, {3})):
        so_far = endurance_awards(book, race_id, laps, final(data, race_id), so_far_ms=at_ms)
        assert {award.mark_h for award in so_far} == marks
    assert endurance_awards(book, "imsa/2024/14-road-america", laps, final(data, race_id)) == []


OVERRIDE = Override(
    "le-mans.toml",
    """
[drive_time]
without_pit_time = true
[[drive_time.limits]]
classes = ["HYPERCAR", "LMP2", "LMGT3"]
from_h = 23
to_h = 25
minimum_min = 360
maximum_min = 840
[[drive_time.limits]]
classes = ["HYPERCAR", "LMP2", "LMGT3"]
from_h = 23
to_h = 25
maximum_min = 240
window_h = 6
[[drive_time.limits]]
classes = ["HYPERCAR", "LMGT3"]
from_h = 5.5
to_h = 6.5
minimum_min = 75
maximum_min = 195
""",
)


@pytest.mark.parametrize(
    ("race_id", "hours"), [("wec/2024/le_mans_24h", 24), ("wec/2025/imola_6h", 6)]
)
def test_the_ledgers_totals_are_the_laps_less_the_pit_time(
    data: Path, race_id: str, hours: int
) -> None:
    race = real_race(data, race_id)
    book = rule_book("wec", int(race_id.split("/")[1]), OVERRIDE)
    found = drive_time_ledger(
        book, race.laps, race.entries, instant=race.end, length_ms=hours * HOUR
    )
    own = race.crossings.group_by("car_number", "driver").agg(
        (pl.col("lap_time_ms").sum() - pl.col("pit_lane_ms").fill_null(0).sum()).alias("ms")
    )
    expected = {(number, driver): ms for number, driver, ms in own.iter_rows()}
    assert {(row.car_number, row.driver): row.total_ms for row in found.rows} == expected
    assert len(expected) > 100


def test_alarms_at_chosen_instants_under_a_stated_override(data: Path) -> None:
    race = real_race(data, "wec/2025/imola_6h")
    book = rule_book("wec", 2025, OVERRIDE)

    def at(minutes: int) -> dict[AlarmKind, int]:
        found = drive_time_ledger(
            book, race.laps, race.entries, instant=Instant(minutes * 60_000), length_ms=6 * HOUR
        )
        counts: dict[AlarmKind, int] = {}
        for alarm in found.alarms:
            assert alarm.confirmed, "what the user states is taken at its word"
            counts[alarm.kind] = counts.get(alarm.kind, 0) + 1
        return counts

    assert at(60) == {}, "after one hour everybody still has time"
    owing = [
        row
        for row in drive_time_ledger(
            book, race.laps, race.entries, instant=Instant(275 * 60_000), length_ms=6 * HOUR
        ).rows
        if not row.at_wheel and 70 * 60_000 <= 75 * 60_000 - row.total_ms <= 85 * 60_000
    ]
    assert at(275).get(AlarmKind.MINIMUM_DUE, 0) == len(owing) > 0
    end = at(362)
    short = {
        (row.car_number, row.driver)
        for row in drive_time_ledger(
            book, race.laps, race.entries, instant=race.end, length_ms=6 * HOUR
        ).rows
        if row.total_ms < 75 * 60_000
    }
    assert end.get(AlarmKind.MINIMUM_MISSED, 0) == len(short)


def test_who_drove_more_than_four_hours_in_six_at_le_mans_is_named(data: Path) -> None:
    race = real_race(data, "wec/2024/le_mans_24h")
    found = drive_time_ledger(
        rule_book("wec", 2024, OVERRIDE),
        race.laps,
        race.entries,
        instant=race.end,
        length_ms=24 * HOUR,
    )
    window = [alarm for alarm in found.alarms if alarm.kind is AlarmKind.WINDOW_EXCEEDED]
    by_hand = [row for row in found.rows if (row.window_peak_ms or 0) > 4 * HOUR]
    assert sorted(alarm.driver or "" for alarm in window) == sorted(row.driver for row in by_hand)
    candidates = penalty_candidates(rule_book("wec", 2024), race.stops, ledger=found)
    assert {each.driver for each in candidates if each.kind == "drive_time"} >= {
        alarm.driver for alarm in window
    }


def test_the_share_of_real_stops_called_illegal_is_small_and_looked_at(data: Path) -> None:
    judged, exceptions = [], []
    for race_id in catalogue(data):
        race = real_race(data, race_id)
        book = rule_book(race_id.split("/")[0], int(race_id.split("/")[1]))
        lanes = stops_and_the_lane(
            book, race.neutralisations, race.messages, race.stops, event=race_id
        )
        series = pl.lit(race_id.split("/")[0]).alias("series")
        judged.append(lanes.select("lane", series))
        exceptions.append(lane_exceptions(lanes, race.neutralisations).select("because", series))
    stops, closed = pl.concat(judged), pl.concat(exceptions)
    for series, most in (("wec", 0.01), ("imsa", 0.055)):
        mine = stops.filter(pl.col("series") == series)
        assert mine.height > 7000
        assert closed.filter(pl.col("series") == series).height / mine.height < most
    unexplained = closed.filter(pl.col("because") == LaneException.UNEXPLAINED.value)
    assert unexplained.filter(pl.col("series") == "wec").height == 0
    assert unexplained.height / stops.height < 0.001
