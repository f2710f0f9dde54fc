"""Drive-time limits to the millisecond: what is just allowed, and what is just too much."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from dryline.domain.entry import Driver, Entry, Rating
from dryline.domain.instant import Instant
from dryline.rules.book import Override, rule_book
from dryline.rules.drive_alarms import AlarmKind
from dryline.rules.drive_time import Ledger, drive_time_ledger

MINUTE = 60_000
HOUR = 60 * MINUTE
CREW = tuple(Driver(name, Rating.GOLD) for name in ("Ada", "Ben"))


def turns(*driven: tuple[str, int]) -> pl.DataFrame:
    """One lap by each named driver, of so many ms, one after another and without a stop."""
    ends = [sum(ms for _, ms in driven[: place + 1]) for place in range(len(driven))]
    count = len(driven)
    return pl.DataFrame(
        {
            "car_number": ["31"] * count,
            "car_class": ["LMGT3"] * count,
            "driver": [name for name, _ in driven],
            "lap_time_ms": [ms for _, ms in driven],
            "elapsed_ms": ends,
            "pit_lane_ms": pl.Series([None] * count, dtype=pl.Int64),
        },
        schema_overrides={"elapsed_ms": pl.Int64, "lap_time_ms": pl.Int64},
    )


def ledger(
    limit: str,
    driven: Sequence[tuple[str, int]],
    *,
    at: int | None = None,
    hours: float = 6,
    crew: tuple[Driver, ...] = CREW,
) -> Ledger:
    """The ledger under one limit of LMGT3 for races of five to seven hours."""
    head = '[[drive_time.limits]]\nclasses = ["LMGT3"]\nfrom_h = 5\nto_h = 7\n'
    book = rule_book("wec", 2024, Override("mine.toml", head + limit))
    instant = sum(ms for _, ms in driven) if at is None else at
    entries = {"31": Entry("31", "LMGT3", "Team", drivers=crew)}
    return drive_time_ledger(
        book, turns(*driven), entries, instant=Instant(instant), length_ms=round(hours * HOUR)
    )


def alarms(limit: str, *driven: tuple[str, int], **more: object) -> set[str]:
    return {each.kind.value for each in ledger(limit, driven, **more).alarms}  # type: ignore[arg-type]


MAXIMUM = "maximum_min = 210"


def test_the_maximum_may_be_driven_and_not_a_millisecond_more() -> None:
    most = 210 * MINUTE
    assert AlarmKind.MAXIMUM_EXCEEDED not in alarms(MAXIMUM, ("Ada", most))
    assert AlarmKind.MAXIMUM_EXCEEDED in alarms(MAXIMUM, ("Ada", most + 1))


def test_the_maximum_is_near_from_a_quarter_of_an_hour_before() -> None:
    near = 195 * MINUTE
    assert AlarmKind.MAXIMUM_NEAR not in alarms(MAXIMUM, ("Ada", near - 1))
    assert AlarmKind.MAXIMUM_NEAR in alarms(MAXIMUM, ("Ada", near))
    assert alarms(MAXIMUM, ("Ada", near), ("Ben", 1000)) == set(), "he has left the wheel"


WINDOW = "maximum_min = 180\nwindow_h = 4"


def test_within_the_window_three_hours_may_be_driven_and_no_more() -> None:
    most = 180 * MINUTE
    assert AlarmKind.WINDOW_EXCEEDED not in alarms(WINDOW, ("Ada", most))
    assert AlarmKind.WINDOW_EXCEEDED in alarms(WINDOW, ("Ada", most + 1))
    assert AlarmKind.WINDOW_NEAR in alarms(WINDOW, ("Ada", most - 15 * MINUTE))
    assert AlarmKind.WINDOW_NEAR not in alarms(WINDOW, ("Ada", most - 15 * MINUTE - 1))


def test_a_turn_may_last_as_long_as_stated_and_no_longer() -> None:
    limit = "continuous_max_min = 150"
    assert alarms(limit, ("Ada", 150 * MINUTE)) == set()
    assert alarms(limit, ("Ada", 150 * MINUTE + 1)) == {AlarmKind.CONTINUOUS_EXCEEDED}


def test_a_rest_of_just_the_stated_length_is_enough() -> None:
    limit = "rest_min = 30"
    rested = [("Ada", HOUR), ("Ben", 30 * MINUTE), ("Ada", HOUR)]
    assert alarms(limit, *rested) == set()
    rested[1] = ("Ben", 30 * MINUTE - 1)
    assert alarms(limit, *rested) == {AlarmKind.REST_TOO_SHORT}


MINIMUM = "minimum_min = 105"


def test_who_owes_just_what_is_left_can_still_make_the_minimum() -> None:
    one = CREW[:1]
    left = 105 * MINUTE
    enough = alarms(MINIMUM, ("Ben", 6 * HOUR - left), crew=one)
    assert AlarmKind.MINIMUM_MISSED not in enough
    late = alarms(MINIMUM, ("Ben", 6 * HOUR - left + 1), crew=one)
    assert AlarmKind.MINIMUM_MISSED in late


def test_the_minimum_is_due_from_a_quarter_of_an_hour_before_the_latest_moment() -> None:
    latest = 6 * HOUR - 105 * MINUTE
    driven = ("Ben", 3 * HOUR)
    due = {at: alarms(MINIMUM, driven, at=at) for at in (latest - 900_000, latest - 900_001)}
    assert AlarmKind.MINIMUM_DUE in due[latest - 900_000]
    assert AlarmKind.MINIMUM_DUE not in due[latest - 900_001]


def test_a_crew_whose_minima_just_fit_is_not_told_that_they_clash() -> None:
    fits = 6 * HOUR - 210 * MINUTE
    three = (*CREW, Driver("Cid", Rating.GOLD))
    driven = ("Cid", fits)
    assert AlarmKind.CREW_MINIMA_CLASH not in alarms(MINIMUM, driven, crew=three)
    assert AlarmKind.CREW_MINIMA_CLASH in alarms(MINIMUM, ("Cid", fits + 1), crew=three)


def test_minima_clash_while_each_alone_could_still_be_met() -> None:
    three = (*CREW, Driver("Cid", Rating.GOLD))
    driven = ("Cid", 6 * HOUR - 105 * MINUTE)
    assert AlarmKind.CREW_MINIMA_CLASH in alarms(MINIMUM, driven, crew=three)
    later = ("Cid", 6 * HOUR - 105 * MINUTE + 1)
    assert AlarmKind.CREW_MINIMA_CLASH not in alarms(MINIMUM, later, crew=three)


def test_a_crew_that_may_drive_just_what_is_left_is_not_too_short() -> None:
    limit = "maximum_min = 180"
    rated = tuple(Driver(name, Rating.GOLD, "FRA") for name in ("Ada", "Ben"))
    driven = ("Ada", HOUR)
    assert AlarmKind.CREW_TOO_SHORT not in alarms(limit, driven, crew=rated)
    longer = alarms(limit, driven, crew=rated, hours=6 + 1 / HOUR)
    assert AlarmKind.CREW_TOO_SHORT in longer


@pytest.mark.parametrize(("hours", "covered"), [(4.99, False), (5, True), (7, True), (7.01, False)])
def test_a_limit_covers_the_lengths_that_it_names(hours: float, covered: bool) -> None:
    found = ledger(MAXIMUM, [("Ada", HOUR)], hours=hours).row_of("31", "Ada")
    assert found is not None
    assert (found.maximum_ms is not None) is covered


def test_a_red_flag_shown_at_this_instant_has_taken_nothing_yet() -> None:
    red = pl.DataFrame({"kind": ["red"], "start_ms": [HOUR], "end_ms": [2 * HOUR]})
    book = rule_book("wec", 2024)
    found = drive_time_ledger(
        book, turns(("Ada", HOUR)), {}, instant=Instant(HOUR), length_ms=6 * HOUR,
        neutralisations=red,
    )  # fmt: skip
    assert found.rows[0].total_ms == HOUR


def test_an_hour_at_the_wheel_scores_and_a_millisecond_less_does_not() -> None:
    book = rule_book("wec", 2024)  # S63: sixty minutes
    for driven, owed in ((HOUR, 0), (HOUR - 1, 1)):
        found = drive_time_ledger(
            book, turns(("A 1", 2 * HOUR), ("B 1", driven)).with_columns(car_number=pl.lit("1")),
            {}, instant=Instant(4 * HOUR), length_ms=6 * HOUR,
        )  # fmt: skip
        assert [row.owed_to_score_ms for row in found.rows] == [0, owed]
