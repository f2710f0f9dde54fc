"""Late crossings and corrections: afterwards the race is as if they had been right at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from dryline.domain.event import Correction, Evidence, LineCrossing, TeamInput
from dryline.domain.instant import Duration, Instant
from dryline.domain.race_info import RaceInfo
from dryline.race.fold import fold, step
from dryline.race.race import Race
from tests.made_up.field import crossings, events

INFO = RaceInfo(name="made up", series="wec")


def same_race(folded: Race, batch: Race) -> None:
    assert_frame_equal(folded.crossings, batch.crossings)
    assert_frame_equal(folded.laps, batch.laps)
    assert_frame_equal(folded.stops, batch.stops)
    assert_frame_equal(folded.stints, batch.stints)
    assert folded.at(batch.end) == batch.at(batch.end)


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 0.6))
def test_crossings_in_any_order_fold_to_the_race_in_order(seed: int, share: float) -> None:
    frame = crossings(cars=5, hours=0.4, seed=seed)
    facts, chance = list(events(frame)), np.random.default_rng(seed)
    for index in chance.permutation(len(facts) - 8)[: round(share * len(facts))]:
        facts.insert(index + int(chance.integers(1, 8)), facts.pop(index))
    same_race(fold(INFO, facts).race(), Race(INFO, frame))


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 6))
def test_a_corrected_race_is_the_batch_over_corrected_rows(seed: int, count: int) -> None:
    frame = crossings(cars=5, hours=0.4, seed=seed)
    facts, chance = list(events(frame)), np.random.default_rng(seed)
    known = facts[-1].known_at + Duration(1)
    state, held = fold(INFO, facts), {(e.car_number, e.lap): e for e in facts}
    for index in chance.choice(len(facts), count, replace=False):
        wrong = facts[index]
        right = _altered(wrong, chance, known)
        correction = Correction(
            happened_at=known,
            known_at=known,
            car_number=wrong.car_number,
            lap=wrong.lap,
            crossing=right,
        )
        state = step(state, correction)
        held.pop((wrong.car_number, wrong.lap))
        if right is not None:
            held[right.car_number, right.lap] = right
    same_race(state.race(), Race(INFO, _frame(held.values())))
    assert state.now == known


def _altered(
    event: LineCrossing, chance: np.random.Generator, known: Instant
) -> LineCrossing | None:
    """Another time, driver or pit mark; or the lap never was."""
    how = int(chance.integers(0, 4))
    if how == 0:
        return None
    changed = {
        1: {"happened_at": event.happened_at + Duration(int(chance.integers(-3000, 3000)))},
        2: {"driver": "Somebody Else"},
        3: {"in_pit": not event.in_pit},
    }[how]
    return replace(event, known_at=known, **changed)  # type: ignore[arg-type]


def _frame(held: Iterable[LineCrossing]) -> pl.DataFrame:
    state = fold(INFO, sorted(held, key=lambda e: (e.happened_at.ms, e.line or 0)))
    return state.race().crossings


def test_a_correction_of_a_lap_that_nobody_stated_adds_it() -> None:
    facts = list(events(crossings(cars=3, hours=0.3)))
    missing = facts.pop(10)
    correction = Correction(
        happened_at=missing.happened_at,
        known_at=missing.known_at,
        car_number=missing.car_number,
        lap=missing.lap,
        crossing=missing,
    )
    whole = Race(INFO, crossings(cars=3, hours=0.3))
    same_race(fold(INFO, [*facts, correction]).race(), whole)


def test_a_correction_does_not_change_the_states_before_it() -> None:
    facts = list(events(crossings(cars=3, hours=0.3)))
    before = fold(INFO, facts)
    seen = before.race()
    gone = Correction(
        happened_at=facts[-1].known_at,
        known_at=facts[-1].known_at,
        car_number=facts[5].car_number,
        lap=facts[5].lap,
    )
    after = step(before, gone)
    assert len(after.rows) == len(before.rows) - 1
    same_race(before.race(), seen)


def test_what_the_team_has_seen_is_evidence_until_it_is_undone() -> None:
    seen = TeamInput(
        happened_at=Instant(5), known_at=Instant(5), author="Ana", kind="tyres", text="31 wets",
        number=1, car_number="31", tyre="wet",
    )  # fmt: skip
    undo = TeamInput(
        happened_at=Instant(9), known_at=Instant(9), author="Ana", kind="undo", number=2, undoes=1
    )
    redo = TeamInput(
        happened_at=Instant(9), known_at=Instant(9), author="Ana", kind="undo", number=3, undoes=2
    )
    (evidence,) = fold(INFO, [seen]).race().messages
    assert isinstance(evidence, Evidence)
    assert (evidence.kind, evidence.car_number, evidence.tyre) == ("tyre", "31", "wet")
    assert fold(INFO, [seen, undo]).race().messages == ()
    assert fold(INFO, [seen, undo, redo]).race().messages == (evidence,)
