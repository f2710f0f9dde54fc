"""Qualifying in parts: found beside one another, and the order that they give together."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dryline
from dryline.domain.errors import BadOption
from dryline.domain.qualifying_part import PartLap, part_rank
from dryline.engine.combined_order import combined_order
from dryline.engine.library import add_race
from dryline.engine.qualifying_parts import part_laps, parts_beside
from dryline.race.race import Race
from dryline.store.library import Library
from tests.made_up.practice import FEW, HYPERPOLE, Q1, qualified_in_parts


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Qualifying LMGT3", "Hyperpole LMGT3"), ("Q1", "Q2"), ("qualifying 1", "Qualifying 2"),
        ("Hyperpole 1 HYPERCAR", "Hyperpole 2 HYPERCAR"), ("Q3", "Superpole"), ("H1", "H2"),
    ],
)  # fmt: skip
def test_the_name_tells_which_part_came_later(earlier: str, later: str) -> None:
    assert part_rank(earlier) < part_rank(later)


def test_a_class_is_no_number_of_a_part() -> None:
    assert part_rank("Qualifying LMGT3") == part_rank("Qualifying LMP2") == (0, 0)


times = st.one_of(st.none(), st.integers(90_000, 90_009))


@st.composite
def parted(draw: st.DrawFn) -> list[PartLap]:
    """Cars of two classes in up to three parts; who is in a later one was in those before."""
    laps = []
    for number in range(draw(st.integers(1, 12))):
        for part in range(draw(st.integers(1, 3))):
            time = draw(times)
            laps.append(
                PartLap(
                    part=f"Q{part + 1}", later=(0, part + 1), car_number=str(number),
                    car_class="AB"[number % 2], team=None, lap_time_ms=time,
                    at_ms=None if time is None else draw(st.integers(0, 9)),
                )
            )  # fmt: skip
    return laps


@given(parted(), st.integers())
def test_who_was_in_the_later_part_stands_before_who_was_not(
    laps: list[PartLap], seed: int
) -> None:
    told = combined_order(laps)
    assert sorted(each.car_number for each in told) == sorted({lap.car_number for lap in laps})
    assert [each.position for each in told] == [*range(1, len(told) + 1)]
    names = [each.car_class for each in told]
    assert names == sorted(names, key=names.index), "class by class"
    latest = {lap.car_number: lap for lap in laps}
    for name in set(names):
        own = [each for each in told if each.car_class == name]
        assert [each.position_in_class for each in own] == [*range(1, len(own) + 1)]
        ranked = [latest[each.car_number] for each in own]
        assert [lap.later for lap in ranked] == sorted((lap.later for lap in ranked), reverse=True)
        for one, next_one in itertools.pairwise(ranked):
            if one.later == next_one.later and next_one.lap_time_ms is not None:
                assert one.lap_time_ms is not None
                assert (one.lap_time_ms, one.at_ms) <= (next_one.lap_time_ms, next_one.at_ms)
    shuffled = random.Random(seed).sample(laps, len(laps))
    assert combined_order(shuffled) == told


@pytest.fixture
def event(tmp_path: Path) -> Path:
    qualified_in_parts(tmp_path)
    return tmp_path


def order(race: Race) -> list[str]:
    return race.at(race.end).table["car_number"].to_list()


@pytest.mark.parametrize(("asked", "other"), [(Q1, HYPERPOLE), (HYPERPOLE, Q1)])
def test_either_part_tells_the_order_of_both(event: Path, asked: str, other: str) -> None:
    race, beside = dryline.open_race(event / asked), dryline.open_race(event / other)
    told = race.moment().session(parts=[beside]).combined
    q1, hyperpole = (race, beside) if asked == Q1 else (beside, race)
    through = order(hyperpole)
    rest = [car for car in order(q1) if car not in through]
    assert [each.car_number for each in told] == [*through, *rest]
    assert [each.part for each in told] == ["hyperpole gt3"] * FEW + ["qualifying gt3"] * 4
    assert combined_order(parts_beside(str(event / asked), race)) == told


def test_parts_in_one_event_of_the_library_are_put_together(event: Path, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    for name, session in ((Q1, "qualifying-gt3"), (HYPERPOLE, "hyperpole-gt3")):
        add_race(
            library, event / name, now="2026-01-01T00:00:00Z", race_id=f"wec/2025/spa/{session}"
        )
    race = dryline.open_race("wec/2025/spa/hyperpole-gt3", library=library)
    laps = parts_beside("wec/2025/spa/hyperpole-gt3", race, library)
    assert len(combined_order(laps)) == 8


def test_what_is_no_later_part_is_not_put_together(event: Path) -> None:
    (event / HYPERPOLE).rename(event / "23_Analysis_Qualifying GT3 points.CSV")
    race = dryline.open_race(event / Q1)
    assert parts_beside(str(event / Q1), race) == ()
    with pytest.raises(BadOption, match="which came first"):
        part_laps(race, dryline.open_race(event / "23_Analysis_Qualifying GT3 points.CSV"))


def test_a_practice_is_no_part_of_a_qualifying(event: Path) -> None:
    (event / HYPERPOLE).rename(event / "23_Analysis_Free Practice 1.CSV")
    race = dryline.open_race(event / Q1)
    assert parts_beside(str(event / Q1), race) == ()
    with pytest.raises(BadOption, match="no part of a qualifying"):
        part_laps(race, dryline.open_race(event / "23_Analysis_Free Practice 1.CSV"))
