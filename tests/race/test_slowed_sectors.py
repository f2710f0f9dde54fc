"""One sector slowed at once, on any circuit: a slow zone, and no other neutralisation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.race.neutralisations import neutralisations

from .test_neutralisations_inferred import LONG, MINUTE, SHORT, Speed, field

FROM_MIN = 45.0


def zone(sector: int, minutes: float, share: float, ramp_min: float = 0.0) -> Speed:
    """``sector`` at a share of its pace for some minutes; reached, and left, over ``ramp_min``."""

    def speed(at: float, here: int) -> float:
        inside = min(at / MINUTE - FROM_MIN, FROM_MIN + minutes - at / MINUTE)
        if here != sector or inside <= 0:
            return 1.0
        part = 1.0 if ramp_min == 0 else min(1.0, inside / ramp_min)
        return 1 - part * (1 - share)

    return speed


def kinds(speed: Speed, *, cars: int = 20, long: bool = False) -> list[tuple[str, int | None]]:
    frame = field(speed, minutes=90, cars=cars, sectors=LONG if long else SHORT)
    return neutralisations(frame).select("kind", "sector").rows()


@settings(deadline=None, max_examples=12)
@given(
    sector=st.integers(0, 2),
    laps=st.floats(4, 8),
    share=st.floats(0.55, 0.79),
    cars=st.integers(10, 25),
    long=st.booleans(),
)
def test_a_sector_slowed_at_once_is_a_slow_zone_and_nothing_else(
    sector: int, laps: float, share: float, cars: int, long: bool
) -> None:
    lap_min = 1.12 * sum(LONG if long else SHORT) / MINUTE
    minutes = laps * lap_min
    frame = field(
        zone(sector, minutes, share), minutes=90, cars=cars, sectors=LONG if long else SHORT
    )
    (found,) = neutralisations(frame).iter_rows(named=True)
    assert (found["kind"], found["sector"]) == ("slow_zone", sector + 1)
    assert found["source"] == "inferred"
    assert abs(found["start_ms"] / 60_000 - FROM_MIN) <= 1.5 * lap_min
    assert abs(found["end_ms"] / 60_000 - FROM_MIN - minutes) <= 1.5 * lap_min


@pytest.mark.parametrize("long", [False, True])
def test_a_sector_that_rain_slows_over_minutes_is_none(long: bool) -> None:
    assert kinds(zone(1, 30, 0.78, ramp_min=12), long=long) == []


@pytest.mark.parametrize(("share", "told"), [(0.81, True), (0.87, False)])
def test_a_slow_zone_costs_a_sixth_of_a_sector(share: float, told: bool) -> None:
    assert kinds(zone(2, 12, share)) == ([("slow_zone", 3)] if told else [])


@pytest.mark.parametrize(("minutes", "told"), [(5.5, True), (2.5, False)])
def test_a_slow_zone_lasts_for_four_minutes(minutes: float, told: bool) -> None:
    assert (("slow_zone", 3) in kinds(zone(2, minutes, 0.7))) is told


def test_a_full_course_yellow_beside_a_slow_zone_is_still_seen() -> None:
    slow = zone(0, 12, 0.75)

    def speed(at: float, sector: int) -> float:
        return 0.45 if 70 * MINUTE <= at < 76 * MINUTE else slow(at, sector)

    assert kinds(speed) == [("slow_zone", 1), ("fcy", None)]


def test_series_without_slow_zones_have_none() -> None:
    frame = field(zone(2, 12, 0.75), minutes=90)
    assert "slow_zone" not in neutralisations(frame, series="imsa")["kind"].to_list()
