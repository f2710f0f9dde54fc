"""What became of each car, beside what was known: the truth that forecasts are held against."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.studies.cases import Case, LearningRace, Taught, race_cases
from tests.made_up.steady import steady_race

CROSSINGS = steady_race(
    {"GTP": ["1", "2", "3"], "GTD": ["7", "8"]}, retire_s={"1": 5000.0}, fcy_s=None
)


def _cases(fractions: tuple[float, ...] = (0.5,), length_s: float = 7200.0) -> list[Case]:
    race = LearningRace("made up", "imsa", 2024, length_s, False, CROSSINGS)
    return race_cases(race, {}, fractions)[0]


def test_races_are_before_one_another_by_season_and_number_of_the_event() -> None:
    def taught(race: str, series: str, year: int | None) -> Taught:
        lesson = race_cases(LearningRace(race, series, year, 7200.0, False, CROSSINGS), {}, ())[1]
        assert (lesson.race, lesson.crews.race) == (race, race)
        return lesson

    first, next_, wec, later, undated = (
        taught("imsa/2024/05-sebring", "imsa", 2024), taught("imsa/2024/10-laguna", "imsa", 2024),
        taught("wec/2024/fuji_6h", "wec", 2024), taught("wec/2025/fuji_6h", "wec", 2025),
        taught("here/race", "imsa", None),
    )  # fmt: skip
    assert first.is_before(next_)
    assert not next_.is_before(first)
    assert not first.is_before(first)
    assert not first.is_before(wec)
    assert wec.is_before(later)
    assert first.is_before(later)
    assert not later.is_before(wec)
    assert not undated.is_before(later)
    assert not first.is_before(undated)


def test_the_final_places_are_in_the_order_of_the_state() -> None:
    gtp = next(c for c in _cases() if c.state.car_class == "GTP")
    final = dict(zip(gtp.state.cars, gtp.truth.place, strict=True))
    assert final == {"2": 0, "3": 1, "1": 2}
    assert gtp.state.cars[0] == "1"


def test_a_car_without_a_crossing_after_the_flag_has_retired() -> None:
    gtp = next(c for c in _cases() if c.state.car_class == "GTP")
    retired = dict(zip(gtp.state.cars, gtp.truth.retired, strict=True))
    assert retired["1"]
    assert not retired["2"]


def test_laps_and_stops_to_come_are_counted_from_the_file() -> None:
    for case in _cases():
        for i, number in enumerate(case.state.cars):
            rows = CROSSINGS.filter(pl.col("car_number") == number)
            later = rows.filter((pl.col("elapsed_ms") > 3_600_000) & pl.col("in_pit"))
            assert case.truth.laps[i] == rows["lap"].max()
            assert case.truth.stops[i] == later.height


def test_overall_places_of_all_classes_are_one_order() -> None:
    places = np.concatenate([c.truth.overall for c in _cases()])
    assert sorted(places.tolist()) == list(range(5))


def test_fractions_after_the_end_drop_out() -> None:
    assert {c.fraction for c in _cases((0.5, 0.9), length_s=10_000.0)} == {0.5}
