"""Every sentence of a timed race follows the facts it rests on, and no other."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.claims.claim import Claim
from dryline.analysis.claims.forecast import BEFORE_MS, forecasts, weighed
from dryline.analysis.claims.of_race import race_claims, race_tables
from dryline.analysis.claims.tables import Tables
from dryline.analysis.debrief.costs import COSTS, SEEN
from dryline.domain.clock_text import format_clock, format_ms
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.classify import classify
from dryline.engine.report_worm import win_tables
from dryline.present.names import crew, person
from dryline.present.report.prose import WORDS, say_all
from dryline.race.race import Race
from tests.made_up.field import crossings


def race_of(frame: pl.DataFrame) -> Race:
    info = RaceInfo(name="made_up_1h", series="wec", year=2024, length=RaceLength(ms=3_600_000))
    return Race(info=info, crossings=frame)


def decided(race: Race, seconds: float = 5.0) -> tuple[Decision, ...]:
    second = race.at(race.end).cars[1].car_number
    return (
        Decision(
            car_number=second, kind=DecisionKind.TIME_PENALTY, seconds=seconds, reason="contact"
        ),
    )


def tables_of(race: Race, decisions: tuple[Decision, ...]) -> Tables:
    """The tables of a race with rain that nobody measured, so that those words are said too."""
    official, _ = classify(race.moment(), decisions)
    rows = [(car, entry.car_class) for car, entry in race.entries.items()]
    extra = {
        "wet": pl.DataFrame({"start_ms": [1_200_000], "end_ms": [2_400_000]}),
        "tyre_changes": pl.DataFrame(
            [
                (1_300_000 + 170_000 * at, 13, car, name, "wet", 0.9)
                for at, (car, name) in enumerate(rows)
            ],
            schema=["at_ms", "lap", "car_number", "car_class", "tyre", "p"],
            orient="row",
        ),
        "official": official.select("car_number", official="position"),
        "costs": _costs(official),
        "seen": pl.DataFrame(
            [(row["car_number"], row["car_class"], 7 + at, 700_123 + 9_000 * at, 790_123, 25_456,
              21_789, "Ann Other", 0.7) for at, row in enumerate(official.head(2).to_dicts())],
            schema=SEEN, orient="row",
        ),
    }  # fmt: skip
    tables = race_tables(race, official, decisions, extra)
    return Tables({**tables.frames, **win_tables(race, list(race_claims(tables)))})


def claims_of(tables: Tables) -> list[Claim]:
    return [*weighed(list(race_claims(tables)), tables), *forecasts(tables)]


def texts(tables: Tables) -> dict[str, tuple[str, object]]:
    return {each.claim.id: (each.text, each.claim.grounds) for each in say_all(claims_of(tables))}


def _costs(official: pl.DataFrame) -> pl.DataFrame:
    """One event of every kind for the second of the first class, against the first."""
    first, second = official.filter(pl.col("car_class") == "HYPERCAR").head(2)["car_number"]
    rows = [
        {
            "car_class": "HYPERCAR", "car_number": second, "against": first, "kind": kind,
            "lap": 5 + at, "last_lap": 6 + at, "at_ms": 500_321 + 95_000 * at,
            "end_ms": 590_321 + 95_000 * at, "ms": 30_400 + 1_100 * at, "lane_ms": 27_300,
            "usual_ms": 60_000, "under": "fcy", "gap_ms": 4_321,
        }
        for at, kind in enumerate(("penalty", "stop", "slow", "neutralised", "weather", "out"))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=COSTS)


RACE = race_of(crossings(hours=1.0))
TABLES = tables_of(RACE, decided(RACE))
BEFORE = texts(TABLES)
COLUMNS = {
    "laps": ("driver", "lap_time_ms", "elapsed_ms", "start_ms", "s2_ms", "under"),
    "classification": ("team", "crew", "manufacturer", "laps", "gap_ms", "class_gap_ms",
                       "position_in_class"),
    "stops": ("pit_lane_ms", "car_number"),
    "decisions": ("seconds", "reason", "car_number"),
    "leaders": ("car_number", "driver", "at_ms", "lap"),
    "neutralisations": ("kind", "start_ms", "end_ms"),
    "win": ("p_win_class", "car_number"),
    "tyre_changes": ("at_ms", "car_number", "tyre"),
    "wet": ("start_ms", "end_ms"),
    "official": ("official",),
    "costs": ("ms", "lane_ms", "gap_ms", "end_ms", "under"),
    "seen": ("lane_ms", "cost_ms", "car_number"),
    "race": ("name", "end_ms"),
}  # fmt: skip
CELLS = [
    (name, column, row)
    for name, columns in COLUMNS.items()
    for column in columns
    for row in range(TABLES.frames[name].height)
    if TABLES.frames[name][column][row] is not None
]


def _other(value: object) -> object:
    if isinstance(value, str):
        return f"{value}x"
    return value + 61_007 if isinstance(value, int) else value / 2 + 0.013  # type: ignore[operator]


def _cited(value: object, column: str, text: str) -> bool:
    """Whether a sentence plainly shows this value of that column."""
    if isinstance(value, str):
        return len(value) > 4 and any(way in text for way in (value, person(value), crew(value)))
    if isinstance(value, int) and column.endswith("_ms"):
        return any(way in text.split() for way in (format_ms(value), format_clock(value)))
    return False


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(COLUMNS)), st.integers(0, 1_000_000))
def test_a_sentence_rests_on_its_grounds_and_on_nothing_else(table: str, pick: int) -> None:
    mine = [cell for cell in CELLS if cell[0] == table]
    name, column, row = mine[pick % len(mine)]
    here = pl.int_range(pl.len()) == row
    after = texts(TABLES.replaced(name, _changed(TABLES.frames[name], column, here)))
    for key, (text, grounds) in BEFORE.items():
        if key in after and after[key][1] == grounds:
            assert after[key][0] == text, f"{key} rests on more than its grounds"


def _changed(frame: pl.DataFrame, column: str, where: pl.Expr) -> pl.DataFrame:
    kind = frame.schema[column]
    new = [_other(value) if value is not None else None for value in frame[column]]
    other = pl.Series(column, new, dtype=kind)
    return frame.with_columns(pl.when(where).then(other).otherwise(column).alias(column))


SHOWN = sorted(
    {
        (column, value)
        for text, grounds in BEFORE.values()
        for ground in grounds  # type: ignore[attr-defined]
        for row in ground.rows
        for column, value in row.items()
        if _cited(value, column, text)
    },
    key=str,
)
"""Every name and time that some sentence plainly shows, as its grounds hold it."""
INSTANTS = {value for _, value in SHOWN}
SHOWN = [
    (column, value)
    for column, value in SHOWN
    if not isinstance(value, int) or value + BEFORE_MS not in INSTANTS
]
"""The instant just before an event reads as the same second, and is not what is shown."""


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.sampled_from(SHOWN))
def test_a_fact_changed_wherever_it_stands_changes_every_sentence_that_shows_it(
    shown: tuple[str, object],
) -> None:
    column, value = shown
    frames = {name: _everywhere(frame, value) for name, frame in TABLES.frames.items()}
    after = texts(Tables(frames))
    showing = [
        key
        for key, (text, grounds) in BEFORE.items()
        if _cited(value, column, text)
        and any(value in row.values() for ground in grounds for row in ground.rows)  # type: ignore[attr-defined]
    ]
    assert showing
    for key in showing:
        assert key not in after or after[key][0] != BEFORE[key][0], f"{key} still says {value}"


def _everywhere(frame: pl.DataFrame, value: object) -> pl.DataFrame:
    for column, kind in frame.schema.items():
        times = isinstance(value, int) and column.endswith("_ms") and kind.is_integer()
        if times or (isinstance(value, str) and kind == pl.String):
            frame = _changed(frame, column, pl.col(column) == pl.lit(value, kind))
    return frame


def test_no_sentence_rests_on_nothing() -> None:
    assert len(BEFORE) > 30
    for key, (_, grounds) in BEFORE.items():
        assert any(ground.rows and ground.query for ground in grounds), key  # type: ignore[attr-defined]


def test_every_query_gives_its_rows_again() -> None:
    for claim in claims_of(TABLES):
        for ground in claim.grounds:
            assert TABLES.ask(ground.query) == ground, claim.id


def test_every_kind_that_is_claimed_has_words() -> None:
    assert {claim.kind for claim in claims_of(TABLES)} <= set(WORDS)


def test_a_driver_of_another_name_is_another_name_in_every_sentence() -> None:
    winner = RACE.at(RACE.end).cars[0].car_number
    old = RACE.laps.filter(pl.col("car_number") == winner)["driver"][-1]
    assert any(old in text for text, _ in BEFORE.values())
    frame = RACE.crossings.with_columns(driver=pl.col("driver").str.replace_all(old, "Ann OTHER"))
    race = race_of(frame)
    after = texts(tables_of(race, decided(race)))
    assert set(after) == set(BEFORE)
    for key, (text, _) in BEFORE.items():
        assert old not in after[key][0]
        assert after[key][0] == text.replace(old, "Ann Other")


def test_a_second_at_the_last_crossing_is_a_second_in_the_margin() -> None:
    second = RACE.at(RACE.end).cars[1]
    last = (pl.col("car_number") == second.car_number) & (pl.col("lap") == second.laps)
    later = [
        pl.when(last).then(pl.col(name) + 1_000).otherwise(name).alias(name)
        for name in ("elapsed_ms", "known_at_ms", "lap_time_ms")
    ]
    race = race_of(RACE.crossings.with_columns(later).sort("elapsed_ms", "line"))
    after = texts(tables_of(race, decided(race)))
    assert after["margin"][0] != BEFORE["margin"][0]
    behind = decided(race)[0].car_number
    assert f"ahead of #{behind} Team {behind}" in after["won"][0]
    assert after["won"][0] != BEFORE["won"][0]


def test_a_crossing_that_decides_the_race_turns_the_result_round() -> None:
    first, second = RACE.at(RACE.end).cars[:2]
    assert first.laps == second.laps
    last = (pl.col("car_number") == first.car_number) & (pl.col("lap") == first.laps)
    later = [
        pl.when(last).then(pl.col(name) + 60_000).otherwise(name).alias(name)
        for name in ("elapsed_ms", "known_at_ms", "lap_time_ms")
    ]
    race = race_of(RACE.crossings.with_columns(later).sort("elapsed_ms", "line"))
    after = texts(tables_of(race, ()))
    assert race.at(race.end).cars[0].car_number == second.car_number
    for key in ("won", "flag-driver-first", "flag-driver-second", "margin"):
        assert after[key][0] != BEFORE[key][0]


@pytest.mark.parametrize("seconds", [5.0, 7.5])
def test_the_seconds_of_a_decision_stand_in_its_sentence(seconds: float) -> None:
    told = texts(tables_of(RACE, decided(RACE, seconds)))
    car = decided(RACE)[0].car_number
    assert f"{seconds:g} seconds were added" in told[f"penalty-{car}-1"][0]
