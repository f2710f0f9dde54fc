"""Classes of a user's own: who is in them, and what in their file is refused."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.errors import InputError
from dryline.feeds.own_classes import OwnClass, read_own_classes, with_own_classes
from tests.made_up.field import NUMBERS, crossings

ROWS = crossings(cars=8, hours=0.3)
OFFICIAL = dict(ROWS.group_by("car_number").agg(pl.col("car_class").first()).iter_rows())


@given(
    pro=st.sets(st.sampled_from(NUMBERS), min_size=1),
    within=st.sampled_from([None, "HYPERCAR", "lm gt3"]),
)
def test_the_cars_that_are_named_are_in_it_and_all_others_stay(
    pro: set[str], within: str | None
) -> None:
    own = OwnClass("Pro-Am", within, tuple(sorted(pro)))
    rows = with_own_classes(ROWS, (own,), "own.toml", whole=True)
    official = None if within is None else within.upper().replace(" ", "")
    for car, car_class in OFFICIAL.items():
        inside = car in pro and official in (None, car_class)
        found = rows.filter(pl.col("car_number") == car)["car_class"].unique().to_list()
        assert found == ["Pro-Am" if inside else car_class]
    assert rows.drop("car_class").equals(ROWS.drop("car_class"))


def test_a_group_of_the_timing_and_a_whole_class_may_be_named() -> None:
    grouped = ROWS.with_columns(group=pl.when(pl.col("car_number") == "7").then(pl.lit("Am")))
    text = b'[Amateurs]\ngroups = ["am"]\n[GT]\nwithin = "LMGT3"\n'
    rows = with_own_classes(grouped, read_own_classes(text, "own.toml"), "own.toml", whole=True)
    assert set(rows.filter(pl.col("car_number") == "7")["car_class"]) == {"Amateurs"}
    assert set(rows["car_class"]) == {"Amateurs", "GT", "HYPERCAR"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no class"),
        ("Pro = [", "no TOML"),
        ('Pro = "7"', "is no table"),
        ('[Pro]\ncar = ["7"]', "Did you mean cars"),
        ("[Pro]\ncars = [7]", "no list of texts"),
        ("[Pro]\ncars = []", "has no car"),
        ("[Pro]\nwithin = 3", "within is no text"),
        ('[Pro]\ncars = ["70"]', "no car '70'"),
        ('[Pro]\nwithin = "LMP2"\ncars = ["7"]', "within no class"),
        ('[Pro]\ncars = ["7"]\n[Am]\ncars = ["7", "8"]', "car 7 is in two classes, Pro and Am"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        with_own_classes(ROWS, read_own_classes(text.encode(), "own.toml"), "own.toml", whole=True)
    assert "own.toml" in str(refused.value)


def test_a_car_that_has_not_crossed_the_line_yet_is_no_error() -> None:
    early = ROWS.filter(pl.col("car_number") != "7")
    own = (OwnClass("Pro", cars=("7", "8")),)
    with pytest.raises(InputError, match="no car '7'"):
        with_own_classes(early, own, "own.toml", whole=True)
    rows = with_own_classes(early, own, "own.toml", whole=False)
    assert set(rows.filter(pl.col("car_class") == "Pro")["car_number"]) == {"8"}
