"""The first flying lap on other tyres: who has driven one, and what is done on what it shows."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.kernels import race_columns as col
from dryline.kernels.race_lap import simulate_chunk
from dryline.kernels.race_state import FLYING, RaceRun, room_for
from dryline.kernels.race_stops import HELD, ONE_LAP_SD
from dryline.kernels.race_tables import RaceTables
from dryline.kernels.random import car_key, replicate_key
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_race, a_sheet, a_sky, neutralised, wetted

PATIENCE = 6.0
TO_WETS = (6.0, 1.0, -1.0, -1.0, -1.0, -1.0, PATIENCE)
"""On to wets from lap 6 on, once a first lap on them looks quicker."""
SLICK, WET = 0, 1


def waiting(*, shown_ms: float = 0.0, water: float = 1.0) -> tuple[RaceTables, RaceRun]:
    """A car on slicks that waits for a lap on wets, which gain 30 % in standing water."""
    race, run = a_race(0, 0, stops=(TO_WETS,))
    run.cars[0, [col.W_FUEL, col.W_TO_WET]] = 15.0, 9.0
    run.shown[0, WET] = shown_ms
    return race, wetted(run, water)


def boxes(race: RaceTables, run: RaceRun, lap: float = 6.0, kind: int = col.GREEN) -> bool:
    run.cars[0, col.W_LAPS] = lap - 1.0
    return bool(called.box_now(0, kind, -1, True, -1.0, 30.0, race, run, KEY))


@pytest.mark.parametrize(
    ("slicks", "wets", "known"), [(1.0, 1.0, True), (1.0, 0.0, False), (0.0, 1.0, False)]
)
def test_what_nobody_knows_of_wets_is_no_crews_reason_before_both_kinds_have_been_driven(
    slicks: float, wets: float, known: bool
) -> None:
    race, run = a_race(0, wet_doubt=0.04)
    wetted(run, 0.5)
    run.shown[0] = slicks, wets
    expected = 0.5 * 0.5**2 - (0.06 * 0.25 + 0.2 * 0.5)
    doubt = 0.04 * (0.25 + 0.5)
    wish = called.tyre_wish(0, 0, 0.0, race, run)
    assert wish == pytest.approx(expected - (doubt if known else 0.0))
    lost = called.lap_loss(0, 1, 0.0, race.field.cls, run.surface.wet, np.zeros(3))
    assert lost == pytest.approx(0.06 * 0.25 + 0.2 * 0.5 + doubt)


@pytest.mark.parametrize(
    ("before", "in_lap", "yellow", "counts"),
    [
        (FLYING - 1.0, 0.0, False, True),
        (FLYING - 2.0, 0.0, False, False),
        (FLYING - 1.0, 1.0, False, False),
        (FLYING - 1.0, 0.0, True, False),
    ],
)
def test_a_flying_lap_is_the_second_after_the_stop_under_green_and_no_in_lap(
    before: float, in_lap: float, yellow: bool, counts: bool
) -> None:
    race, run = a_race(0)
    if yellow:
        neutralised(run, (0.0, 9e5, col.FCY))
    run.cars[0, [col.W_TYRE, col.W_STINT_LAPS, col.W_INLAP]] = 1.0, before, in_lap
    called.cross_line(0, 1000.0, race, run)
    assert run.shown[0].tolist() == [0.0, 1000.0 if counts else 0.0]
    called.cross_line(0, 2000.0, race, run)
    assert run.shown[0, WET] == (1000.0 if counts else 0.0 if in_lap or yellow else 2000.0)


def test_laps_count_for_the_classes_of_the_same_kin() -> None:
    race, run = a_race(0, 1)
    race.field.cls[1, col.CLASS_KIN] = 1.0
    run.cars[1, col.W_STINT_LAPS] = FLYING
    called.cross_line(1, 1000.0, race, run)
    assert run.shown.tolist() == [[0.0, 0.0], [1000.0, 0.0]]


@given(
    tyres=st.lists(st.integers(0, 1), min_size=6, max_size=6),
    laps=st.lists(st.integers(0, 4), min_size=6, max_size=6),
    out=st.lists(st.booleans(), min_size=6, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_at_the_start_a_kind_is_known_on_which_two_cars_have_driven_a_flying_lap(
    tyres: list[int], laps: list[int], out: list[bool]
) -> None:
    race, run = a_race(0, 0, 0, 0, 0, 0)
    run.shown[:] = 5.0
    state = race.start.state
    state[:, col.STATE_TYRE], state[:, col.STATE_STINT_LAPS] = tyres, laps
    state[:, col.STATE_OUT] = out
    called.start_cars(race, run, KEY)
    for kind in (SLICK, WET):
        cars = zip(tyres, laps, out, strict=True)
        seen = sum(tyre == kind and many >= 2 and not gone for tyre, many, gone in cars)
        assert (run.shown[0, kind] > 0.0) == (seen >= 2)


@pytest.mark.parametrize(
    ("shown_ms", "kind", "comes"),
    [
        (called.ENTRY_MS, col.GREEN, True),
        (called.ENTRY_MS + 1.0, col.GREEN, False),
        (0.0, col.GREEN, False),
        (1.0, col.VSC, False),
    ],
)
def test_a_car_that_waits_comes_in_once_a_lap_has_been_driven_and_nothing_slows_the_race(
    shown_ms: float, kind: int, comes: bool
) -> None:
    race, run = waiting(shown_ms=shown_ms)
    assert boxes(race, run, kind=kind) == comes
    assert run.cars[0, col.W_PLAN] == 0.0


@pytest.mark.parametrize(("lap", "given_up"), [(6.0 + PATIENCE - 1.0, 0.0), (6.0 + PATIENCE, 1.0)])
def test_nobody_waits_longer_than_the_plan_says(lap: float, given_up: float) -> None:
    race, run = waiting()
    assert not boxes(race, run, lap)
    assert run.cars[0, col.W_PLAN] == given_up


def test_a_lap_that_shows_nothing_to_be_gained_ends_the_plan_and_holds_the_car_out() -> None:
    race, run = waiting(shown_ms=1.0, water=0.0)
    assert not boxes(race, run)
    assert run.cars[0, [col.W_PLAN, col.W_ALLOWED_LAP]].tolist() == [1.0, 6.0 + HELD]


def test_a_stop_that_fuel_asks_for_while_it_waits_is_not_the_planned_one() -> None:
    race, run = waiting(water=0.0)
    run.cars[0, [col.W_LAPS, col.W_FUEL, col.W_SERVICE]] = 5.0, 1.5, 1.0
    assert called.box_now(0, col.GREEN, -1, True, -1.0, 30.0, race, run, KEY)
    called.prepare_stop(0, 0.0, -1.0, 30.0, race, run, KEY)
    assert run.cars[0, [col.W_NEW_TYRE, col.W_PLAN]].tolist() == [0.0, 0.0]
    race, run = waiting(shown_ms=1.0)
    assert boxes(race, run)
    run.cars[0, col.W_SERVICE] = 1.0
    called.prepare_stop(0, 0.0, -1.0, 30.0, race, run, KEY)
    assert run.cars[0, [col.W_NEW_TYRE, col.W_PLAN, col.W_SHOWN]].tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("sds", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("own", [SLICK, WET])
def test_what_is_seen_is_one_lap_and_not_the_truth(sds: float, own: int) -> None:
    """A gap of so many standard deviations of a lap looks like a gain as often as luck has it."""
    gain = sds * ONE_LAP_SD * (1.0 if own == SLICK else -1.0)
    came = 0
    for number in range(600):
        race, run = a_race(0, stops=((6.0, 1.0 - own, -1.0, -1.0, -1.0, -1.0, PATIENCE),),
                           slick_gain=gain, slick_power=1.0, wet_dry=0.0, wet_wet=0.0)  # fmt: skip
        run.cars[0, [col.W_LAPS, col.W_FUEL, col.W_TYRE]] = 5.0, 15.0, own
        run.cars[0, [col.W_TO_WET, col.W_TO_SLICK]] = 9.0
        run.shown[0] = 1.0
        wetted(run, 1.0)
        key = np.uint64(car_key(np.uint64(replicate_key(3, number)), 0))
        came += called.box_now(0, col.GREEN, -1, True, -1.0, 30.0, race, run, key)
    share = 0.5 * (1.0 + erf(sds / sqrt(2.0)))
    assert came / 600 == pytest.approx(share, abs=4.0 * sqrt(share * (1.0 - share) / 600))


@given(st.integers(0, 2**31), st.integers(3, 12))
@settings(max_examples=25, deadline=None)
def test_nobody_acts_on_a_lap_that_has_not_been_driven(seed: int, first: int) -> None:
    """One car goes to wets on a lap; another that waits comes in for them two laps later."""
    sky = a_sky(particles=np.array([[1.0, 1.0, 1.0, 0.0]]), dry_per_min=0.0)
    race = a_race(0, 0, sky=sky, stops=((1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 30.0),), to_wet=9.0,
                  to_slick=9.0, noise=0.01)[0]  # fmt: skip
    race.plans.stops[1, 0, [col.PLAN_LAP, col.PLAN_TYRE]] = float(first), 1.0
    race.plans.allowed[0] = race.plans.reacts[0] = 0.0
    sheet = a_sheet(race, 1, 200)
    rows = simulate_chunk(race, seed, 0, room_for(race), sheet)
    path = sheet.path[:rows]
    stop, other = (path[path[:, col.PATH_CAR] == c] for c in (0, 1))
    in_laps = stop[stop[:, col.PATH_IN_PIT] > 0.0]
    shown_ms = other[other[:, col.PATH_LAP] == first + 2][0, col.PATH_T_MS]
    assert in_laps[0, col.PATH_T_MS] > shown_ms
    assert in_laps[0, col.PATH_LAP] <= (stop[:, col.PATH_T_MS] <= shown_ms).sum() + 2
    assert stop[stop[:, col.PATH_TYRE] > 0.0][0, col.PATH_T_MS] > shown_ms
