"""Neutralisations as flags and messages state them, and what periods say about intervals."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import NEUTRALISED, Flag
from dryline.domain.instant import Instant
from dryline.domain.tables import CROSSINGS, NEUTRALISATIONS, empty
from dryline.race.neutralisation_overlap import flag_at, gravest_under, overlap_ms
from dryline.race.neutralisations import neutralisations
from tests.race.sound import assert_sound

KINDS = [flag.value for flag in NEUTRALISED] + ["slow_zone"]


def crossings(*states: tuple[int, str | None]) -> pl.DataFrame:
    """Crossings of as many cars, each at an instant in seconds under a flag."""
    rows = [
        {"car_number": str(i), "lap": 2, "elapsed_ms": at * 1000, "flag": flag}
        for i, (at, flag) in enumerate(states)
    ]
    return pl.DataFrame(rows, schema={k: CROSSINGS[k] for k in rows[0]}).select(
        *(pl.lit(None, dtype=t).alias(k) if k not in rows[0] else k for k, t in CROSSINGS.items())
    )


def periods(*rows: tuple[str, int, int | None]) -> pl.DataFrame:
    full = [(kind, start, end, "flag", 1.0, None) for kind, start, end in rows]
    return pl.DataFrame(full, schema=dict(NEUTRALISATIONS), orient="row")


def message(
    at_s: int, flag: Flag | None, kind: str = "flag", sector: int | None = None
) -> RaceControlMessage:
    at = Instant(at_s * 1000)
    return RaceControlMessage(happened_at=at, known_at=at, kind=kind, flag=flag, sector=sector)


def shown(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.select("kind", "start_ms", "end_ms", "source", "sector").rows()


def test_a_flag_period_runs_from_its_first_crossing_to_the_first_green_one() -> None:
    seen = crossings((10, "green"), (20, "fcy"), (30, "fcy"), (45, "green"), (50, "green"))
    assert shown(neutralisations(seen)) == [("fcy", 20_000, 45_000, "flag", None)]


def test_full_course_yellow_and_safety_car_in_a_row_are_two_periods() -> None:
    seen = crossings((10, "green"), (20, "fcy"), (30, "safety_car"), (45, "green"))
    assert shown(neutralisations(seen)) == [
        ("fcy", 20_000, 30_000, "flag", None),
        ("safety_car", 30_000, 45_000, "flag", None),
    ]


def test_the_chequered_flag_ends_a_period() -> None:
    seen = crossings((10, "green"), (20, "safety_car"), (45, "chequered"), (50, "chequered"))
    assert shown(neutralisations(seen)) == [("safety_car", 20_000, 45_000, "flag", None)]


def test_a_period_that_lasts_has_no_end() -> None:
    seen = crossings((10, "green"), (20, "red"), (45, "red"))
    assert shown(neutralisations(seen)) == [("red", 20_000, None, "flag", None)]


def test_a_race_can_begin_under_the_safety_car() -> None:
    seen = crossings((200, "safety_car"), (210, "safety_car"), (400, "green"))
    assert shown(neutralisations(seen)) == [("safety_car", 200_000, 400_000, "flag", None)]


def test_the_order_of_rows_does_not_matter() -> None:
    seen = crossings((45, "green"), (20, "fcy"), (10, "green"), (30, "fcy"))
    assert shown(neutralisations(seen)) == [("fcy", 20_000, 45_000, "flag", None)]


def test_a_local_yellow_neutralises_nobody() -> None:
    assert neutralisations(crossings((10, "green"), (20, "yellow"), (30, "green"))).is_empty()


def test_a_crossing_without_a_flag_says_nothing() -> None:
    seen = crossings((10, "green"), (20, "fcy"), (30, None), (40, "fcy"), (45, "green"))
    assert shown(neutralisations(seen)) == [("fcy", 20_000, 45_000, "flag", None)]


def test_one_odd_crossing_within_a_second_of_its_neighbours_is_overruled() -> None:
    seen = crossings((10, "green"), (20, "fcy"), (21, "green"), (21, "fcy"), (45, "green"))
    odd = seen.with_columns(
        elapsed_ms=pl.when(pl.int_range(pl.len()) == 2).then(20_400).otherwise("elapsed_ms")
    ).with_columns(
        elapsed_ms=pl.when(pl.int_range(pl.len()) == 3).then(20_800).otherwise("elapsed_ms")
    )
    assert shown(neutralisations(odd)) == [("fcy", 20_000, 45_000, "flag", None)]


def test_no_crossings_make_no_periods() -> None:
    assert_frame_equal(neutralisations(empty(CROSSINGS)), empty(NEUTRALISATIONS))


def test_a_message_states_a_virtual_safety_car_until_green() -> None:
    seen = crossings((10, "green"), (900, "green"))
    said = [message(100, None, kind="vsc"), message(400, Flag.GREEN)]
    assert shown(neutralisations(seen, said)) == [("vsc", 100_000, 400_000, "message", None)]


def test_a_message_of_the_same_state_as_the_flags_adds_nothing() -> None:
    seen = crossings((10, "green"), (120, "fcy"), (300, "fcy"), (330, "green"))
    said = [message(112, Flag.FCY), message(326, Flag.GREEN)]
    assert shown(neutralisations(seen, said)) == [("fcy", 120_000, 330_000, "flag", None)]


def test_a_virtual_safety_car_by_message_gives_way_to_the_coded_safety_car() -> None:
    seen = crossings((10, "green"), (500, "safety_car"), (900, "green"))
    said = [message(100, Flag.VSC), message(490, Flag.SAFETY_CAR), message(880, Flag.GREEN)]
    assert shown(neutralisations(seen, said)) == [
        ("vsc", 100_000, 490_000, "message", None),
        ("safety_car", 500_000, 900_000, "flag", None),
    ]


def test_a_message_that_nobody_ended_does_not_outlast_the_flags() -> None:
    seen = crossings((10, "green"), (500, "safety_car"), (900, "green"), (950, "green"))
    said = [message(100, Flag.VSC)]
    assert [row[:3] for row in shown(neutralisations(seen, said))] == [
        ("vsc", 100_000, 500_000),
        ("safety_car", 500_000, 900_000),
    ]


def test_without_flags_messages_say_it_all() -> None:
    seen = crossings((10, None), (900, None))
    said = [message(100, Flag.FCY), message(300, Flag.SAFETY_CAR), message(700, Flag.GREEN)]
    assert shown(neutralisations(seen, said)) == [
        ("fcy", 100_000, 300_000, "message", None),
        ("safety_car", 300_000, 700_000, "message", None),
    ]


def test_a_red_flag_by_message_lies_inside_the_coded_full_course_yellow() -> None:
    seen = crossings((10, "green"), (100, "fcy"), (800, "fcy"), (900, "green"))
    said = [message(150, Flag.RED), message(700, Flag.FCY)]
    assert shown(neutralisations(seen, said)) == [
        ("fcy", 100_000, 900_000, "flag", None),
        ("red", 150_000, 700_000, "message", None),
    ]


def test_slow_zones_by_message_begin_and_end_by_their_sector() -> None:
    said = [
        message(100, Flag.SLOW_ZONE, sector=1),
        message(200, Flag.SLOW_ZONE, sector=3),
        message(300, Flag.GREEN, sector=1),
        message(500, Flag.GREEN),
    ]
    assert shown(neutralisations(crossings((10, "green"), (900, "green")), said)) == [
        ("slow_zone", 100_000, 300_000, "message", 1),
        ("slow_zone", 200_000, 500_000, "message", 3),
    ]


def test_the_flag_at_an_instant_is_the_gravest_and_ends_are_open() -> None:
    table = periods(("fcy", 100, 900), ("red", 200, 300), ("safety_car", 950, None))
    asked = (99, 100, 200, 299, 300, 900, 950, 10**9)
    assert [flag_at(table, at) for at in asked] == [
        *("green", "fcy", "red", "red", "fcy", "green", "safety_car", "safety_car")
    ]


def test_common_time_of_two_periods_counts_once() -> None:
    table = periods(("fcy", 100, 900), ("red", 200, 300))
    assert overlap_ms(table, np.array([0, 250]), np.array([1_000, 260])).tolist() == [800, 10]


def test_only_the_kinds_asked_for_overlap() -> None:
    table = periods(("fcy", 100, 900), ("red", 200, 300))
    assert overlap_ms(table, np.array([0]), np.array([1_000]), kinds=("red",)).tolist() == [100]


def test_an_interval_that_ends_where_a_period_starts_is_green() -> None:
    table = periods(("fcy", 100, 900))
    ends = gravest_under(table, np.array([0, 0, 899, 900]), np.array([100, 101, 950, 950]))
    assert ends.tolist() == ["green", "fcy", "fcy", "green"]


spans = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 300), st.none() | st.integers(1, 120)),
    max_size=8,
)


@given(spans, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 90)), min_size=1, max_size=20))
@settings(deadline=None, max_examples=25)
def test_overlaps_agree_with_counting_every_instant(
    drawn: list[tuple[str, int, int | None]], asked: list[tuple[int, int]]
) -> None:
    table = periods(*((k, s, None if n is None else s + n) for k, s, n in drawn))
    start = np.array([a for a, _ in asked])
    end = start + np.array([n for _, n in asked])
    states = [flag_at(table, at) for at in range(500)]
    gravity = ["red", "safety_car", "vsc", "code_60", "fcy", "slow_zone", "green"]
    under = [
        min([*states[a:b], "green"], key=gravity.index) for a, b in zip(start, end, strict=True)
    ]
    held = [sum(s != "green" for s in states[a:b]) for a, b in zip(start, end, strict=True)]
    assert gravest_under(table, start, end).tolist() == under
    assert overlap_ms(table, start, end).tolist() == held


odd_ms = st.none() | st.integers(-5, 10) | st.integers(0, 400_000) | st.just(10**12)
odd_rows = st.lists(
    st.fixed_dictionaries(
        {
            "car_number": st.none() | st.sampled_from(["7", "007", "8"]),
            "car_class": st.none() | st.sampled_from(["GT", "P"]),
            "lap": st.none() | st.integers(-1, 40),
            "lap_time_ms": odd_ms,
            "s1_ms": odd_ms,
            "s2_ms": odd_ms,
            "s3_ms": odd_ms,
            "elapsed_ms": st.none() | st.integers(0, 40_000_000) | st.integers(-(10**6), 10**15),
            "in_pit": st.none() | st.booleans(),
            "pit_lane_ms": odd_ms,
            "flag": st.none() | st.sampled_from([flag.value for flag in Flag]),
            "top_speed_kmh": st.none() | st.sampled_from([0.0, 80.0, 300.0, float("nan")]),
        }
    ),
    max_size=30,
)


TWO_FLAGS_AT_ONCE: list[dict[str, object]] = [
    {"elapsed_ms": at, "flag": flag}
    for at, flag in ((1000, "green"), (5000, "fcy"), (5000, "green"), (9000, "green"))
]


@given(odd_rows, st.sampled_from([None, "wec", "imsa"]), st.booleans())
@example(rows=TWO_FLAGS_AT_ONCE, series=None, use_flags=True)
@settings(deadline=None, max_examples=80)
def test_odd_rows_never_break_it_and_periods_are_always_sound(
    rows: list[dict[str, object]], series: str | None, use_flags: bool
) -> None:
    names = rows[0].keys() if rows else []
    frame = pl.DataFrame(rows, schema={k: CROSSINGS[k] for k in names})
    frame = frame.with_columns(
        pl.lit(None, dtype=t).alias(k) for k, t in CROSSINGS.items() if k not in frame.columns
    ).select(*CROSSINGS)
    table = neutralisations(frame, series=series, use_flags=use_flags)
    assert table.schema == empty(NEUTRALISATIONS).schema
    assert table["start_ms"].is_sorted()
    assert_sound(table)
    assert table["confidence"].is_between(0, 1).all()


@pytest.mark.parametrize("flag", sorted(NEUTRALISED))
def test_every_neutralising_flag_makes_its_own_kind(flag: Flag) -> None:
    seen = crossings((10, "green"), (20, flag.value), (45, "green"))
    assert neutralisations(seen)["kind"].to_list() == [flag.value]
