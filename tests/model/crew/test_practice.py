"""Practice tells who is in a crew and what he is worth, before he has driven in the race."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.entry import Driver
from dryline.domain.weekend import PracticePace
from dryline.model.crew.history import NO_HISTORY
from dryline.model.crew.practice import with_practice
from dryline.model.crew.to_come import crew_columns
from dryline.model.crew.wheel import Crews, Wheel, wheel_of
from dryline.model.running import running_at
from tests.made_up.steady import steady_race

RACE = steady_race({"GTD": ["7", "9", "11"]}, fcy_s=None)
AT = 1_500_000  # each car's first driver is at the wheel


def _wheel(crews: Crews | None = None) -> Wheel:
    return wheel_of(running_at(RACE, AT), 7200.0, crews or {})


def _pace(
    number: str, driver: str, worth: float, laps: int = 20, session: str = "p"
) -> PracticePace:
    return PracticePace(session, "GTD", number, driver, laps, math.log(95.0) + worth)


def _crew(wheel: Wheel, number: str) -> list[str]:
    car = next(c for c in wheel.cars if c.car_number == number)
    return [wheel.drivers[d][1] for d in car.crew]


def _columns(wheel: Wheel) -> dict[str, list[float]]:
    found = crew_columns(wheel, NO_HISTORY, "imsa", 2024)["GTD"].tolist()
    return dict(zip((c.car_number for c in wheel.cars), found, strict=True))


FIRST = [_pace(number, f"Driver {number}A", 0.0) for number in ("7", "9", "11")]


@settings(max_examples=25, deadline=None)
@given(worth=st.floats(-0.02, 0.02), sessions=st.integers(1, 4))
def test_who_takes_over_is_known_by_his_practice(worth: float, sessions: int) -> None:
    told = FIRST + [
        _pace(m, f"Driver {m}B", worth if m == "7" else 0.0, session=f"p{n}")
        for n in range(sessions)
        for m in ("7", "9", "11")
    ]
    wheel = with_practice(_wheel(), told)
    assert _crew(wheel, "7") == ["driver7a", "driver7b"]
    columns = _columns(wheel)
    _, to_come, change, *_ = (np.array(columns["7"]) - np.array(columns["9"])).tolist()
    before = _columns(_wheel())
    was = before["7"][1] - before["9"][1]
    if abs(worth) > 0.003:
        assert np.sign(to_come - was) == np.sign(worth)
        assert np.sign(change) == np.sign(worth)
    assert abs(to_come - was) < abs(worth) + 0.002


def test_a_listed_crew_is_not_joined_by_who_drove_its_car_in_practice() -> None:
    listed = {"7": [Driver("Driver 7A"), Driver("Driver 7B")]}
    wheel = with_practice(_wheel(listed), [*FIRST, _pace("7", "Reserve", 0.0)])
    assert _crew(wheel, "7") == ["driver7a", "driver7b"]
    assert _crew(wheel, "9") == ["driver9a"]


def test_a_car_that_does_not_race_or_in_another_class_tells_nothing() -> None:
    wheel = _wheel()
    stranger = PracticePace("p", "GTP", "7", "Driver 7A", 20, 4.5)
    assert with_practice(wheel, [_pace("99", "X", 0.0), stranger]) is wheel
    assert with_practice(wheel, ()) is wheel


def test_the_more_laps_were_driven_the_more_they_count() -> None:
    """And a session tells less of a driver than as many laps of the race."""

    def car(laps: int) -> float:
        told = [_pace(n, f"Driver {n}A", 0.01 * (n == "7"), laps) for n in ("7", "9", "11")]
        return _columns(with_practice(_wheel(), told))["7"][0]

    few, some, many = (car(laps) for laps in (1, 5, 50))
    none = _columns(_wheel())["7"][0]
    assert none < few < some < many
    assert many - none == pytest.approx(0.0, abs=0.01)
