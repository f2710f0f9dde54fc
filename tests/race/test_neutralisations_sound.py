"""Whatever flags and messages say: no period without length, none beside another, one order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import NEUTRALISED, Flag
from dryline.domain.instant import Instant
from dryline.domain.tables import CROSSINGS, NEUTRALISATIONS
from dryline.race.inferred_periods import apart
from dryline.race.neutral_kinds import NeutralStretch
from dryline.race.neutralisation_overlap import without
from dryline.race.neutralisations import _up_to_flags, neutralisations
from tests.race.sound import FOREVER, MAY_LIE_INSIDE, assert_sound

States = Sequence[tuple[int, str]]

# Few instants, so that several crossings or messages often share one.
instants = st.integers(0, 9).map(lambda step: 400 * step) | st.integers(0, 9_000_000)
flag_states = st.lists(st.tuples(instants, st.sampled_from(list(Flag))), max_size=25)
messages = st.lists(
    st.builds(
        lambda at, flag, sector: RaceControlMessage(
            happened_at=Instant(at), known_at=Instant(at), kind="flag", flag=flag, sector=sector
        ),
        instants,
        st.sampled_from(list(Flag)),
        st.none() | st.integers(1, 3),
    ),
    max_size=12,
)


def crossings(states: States) -> pl.DataFrame:
    """Crossings at these instants, in ms, under these flags, in this order of rows."""
    rows = {"elapsed_ms": [at for at, _ in states], "flag": [str(flag) for _, flag in states]}
    frame = pl.DataFrame(rows, schema={name: CROSSINGS[name] for name in rows})
    return frame.select(
        name if name in rows else pl.lit(None, dtype=kind).alias(name)
        for name, kind in CROSSINGS.items()
    )


@given(flag_states, messages, st.sampled_from([None, "wec", "imsa"]), st.booleans())
@settings(deadline=None, max_examples=150)
def test_every_period_lasts_and_none_lies_where_it_may_not(
    states: States, said: Sequence[RaceControlMessage], series: str | None, use_flags: bool
) -> None:
    table = neutralisations(crossings(states), said, series=series, use_flags=use_flags)
    assert_sound(table)
    assert table["start_ms"].is_sorted()


@given(flag_states, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rows_changes_nothing_also_where_several_cross_at_once(
    states: States, chance: Random
) -> None:
    shuffled = list(states)
    chance.shuffle(shuffled)
    assert_frame_equal(neutralisations(crossings(states)), neutralisations(crossings(shuffled)))


@given(flag_states)
@settings(deadline=None)
def test_a_period_begins_at_a_crossing_under_its_flag_and_ends_at_one_under_another(
    states: States,
) -> None:
    flags = neutralisations(crossings(states)).filter(pl.col("source") == "flag")
    for kind, start, end in flags.select("kind", "start_ms", "end_ms").iter_rows():
        assert (start, kind) in states
        assert end is None or any(at == end and flag != kind for at, flag in states)


@pytest.mark.parametrize("kind", sorted(NEUTRALISED))
@pytest.mark.parametrize(
    ("before", "at_once", "after", "expected"),
    [
        ("green", ("{}", "green"), "green", []),
        ("green", ("{}", "green"), "{}", [(5_000, None)]),
        ("{}", ("{}", "green"), "green", [(1_000, 5_000)]),
        ("{}", ("{}", "green"), "{}", [(1_000, None)]),
        ("green", ("{}", "green"), "yellow", []),
        ("green", ("{}", "chequered"), "chequered", []),
    ],
)
def test_flags_that_differ_at_one_instant_are_judged_by_what_follows(
    kind: str,
    before: str,
    at_once: tuple[str, str],
    after: str,
    expected: list[tuple[int, int | None]],
) -> None:
    states = [
        (at, flag.format(kind))
        for at, flag in ((1_000, before), *((5_000, flag) for flag in at_once), (9_000, after))
    ]
    found = neutralisations(crossings(states))
    assert found.select("kind", "start_ms", "end_ms").rows() == [(kind, *span) for span in expected]


def test_flags_that_differ_at_the_last_instant_leave_the_gravest() -> None:
    states = [(1_000, "green"), (5_000, "green"), (5_000, "fcy"), (5_000, "red")]
    found = neutralisations(crossings(states))
    assert found.select("kind", "start_ms", "end_ms").rows() == [("red", 5_000, None)]


@given(messages)
@example(
    [
        RaceControlMessage(
            happened_at=Instant(100), known_at=Instant(100), kind="flag", flag=flag, sector=2
        )
        for flag in (Flag.SLOW_ZONE, Flag.GREEN)
    ]
)
@settings(deadline=None)
def test_what_messages_begin_and_end_at_once_is_no_period(
    said: Sequence[RaceControlMessage],
) -> None:
    assert_sound(neutralisations(crossings(()), said))


spans = st.lists(
    st.tuples(
        st.sampled_from([*sorted(NEUTRALISED), "slow_zone"]),
        st.integers(0, 300),
        st.none() | st.integers(1, 120),
    ),
    max_size=6,
)


@given(spans, spans, st.integers(0, 50))
@settings(deadline=None)
def test_what_is_left_of_a_period_has_a_length(
    ours: list[tuple[str, int, int | None]],
    theirs: list[tuple[str, int, int | None]],
    shortest_ms: int,
) -> None:
    left = without(periods(ours), periods(theirs), shortest_ms, tuple(MAY_LIE_INSIDE))
    assert (left["end_ms"].fill_null(FOREVER) > left["start_ms"]).all()


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), max_size=6).map(sorted))
@settings(deadline=None)
def test_edges_that_cars_sharpened_leave_the_parts_apart(spans: list[tuple[int, int]]) -> None:
    parts = apart([NeutralStretch("fcy", start, start + length, 0.9) for start, length in spans])
    assert all(part.start_ms <= part.end_ms for part in parts)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(parts))


@given(
    st.lists(st.integers(1, 200_000), min_size=2, max_size=8),
    st.lists(st.integers(0, 1_000_000), max_size=4),
)
@settings(deadline=None)
def test_a_virtual_safety_car_reaches_on_to_a_flag_but_never_over_the_next(
    steps: list[int], flags: list[int]
) -> None:
    edges = list(accumulate(steps))
    guessed = periods([("vsc", a, b - a) for a, b in batches(edges)])
    coded = periods([("safety_car", start, 1_000) for start in flags])
    assert_sound(_up_to_flags(guessed, coded))


def batches(edges: list[int]) -> list[tuple[int, int]]:
    return list(zip(edges[::2], edges[1::2], strict=False))


def periods(rows: list[tuple[str, int, int | None]]) -> pl.DataFrame:
    full = [
        (kind, start, None if length is None else start + length, "flag", 1.0, None)
        for kind, start, length in rows
    ]
    return pl.DataFrame(full, schema=dict(NEUTRALISATIONS), orient="row")


@pytest.mark.needs_data
def test_the_case_of_two_flags_at_the_same_instant(data: Path) -> None:
    rows = pl.read_csv(data.parent / "cases" / "same-instant-two-flags" / "rows.csv")
    assert neutralisations(crossings(rows.select("elapsed_ms", "flag").rows())).is_empty()
