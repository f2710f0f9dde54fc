"""Whether a car stops, for what, how long that takes, and how it leaves the box again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from dryline.kernels import race_columns as col
from dryline.kernels.race_state import FAR, G_FLAG_MS, GIVEN_UP_MS, RaceRun
from dryline.kernels.race_stops import SAVING
from dryline.kernels.race_tables import RaceTables
from dryline.kernels.random import bits, normal, normal_of, uniform
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_control, a_race, a_sky, neutralised, wetted


@pytest.mark.parametrize(
    ("length_ms", "laps", "left"),
    [(1e6, 1e9, 900_000 / 101_000 + 1), (1e15, 12.0, 6.0), (1e5, 1e9, 1.0), (1e15, 6.0, 0.0)],
)
def test_a_crew_reckons_the_laps_left_by_time_or_by_laps(
    length_ms: float, laps: float, left: float
) -> None:
    race, run = a_race(0, length_ms=length_ms, laps=laps)
    run.cars[0, col.W_LAPS] = 5.0
    assert called.laps_left(0, 100_000.0, 100_000.0, race, run) == pytest.approx(left)


def test_no_laps_are_left_when_the_time_is_well_up() -> None:
    race, run = a_race(0)
    assert called.laps_left(0, 9e6, 100_000.0, race, run) == 0.0


def test_the_wish_for_wets_is_what_a_lap_would_gain_and_turns_over_on_wets() -> None:
    race, run = a_race(0)
    wetted(run, 0.5)
    gain = 0.5 * 0.5**2 - (0.06 * 0.25 + 0.2 * 0.5)
    assert called.tyre_wish(0, 0, 0.0, race, run) == pytest.approx(gain)
    run.cars[0, col.W_TYRE] = 1.0
    assert called.tyre_wish(0, 0, 0.0, race, run) == pytest.approx(-gain)


@pytest.mark.parametrize(("declared", "waits"), [(0.5, False), (0.51, True)])
def test_nobody_wishes_for_wets_before_they_are_declared(declared: float, waits: bool) -> None:
    race, run = a_race(0, sky=a_sky(declared=declared))
    assert (called.tyre_wish(0, 0, 0.0, race, wetted(run, 0.5)) == -1.0) == waits


@dataclass(frozen=True)
class Lap:
    """What a crew knows on lap 6 of 36 with fuel for 14 more; each test changes one thing."""

    left: float = 30.0
    fuel: float = 15.0
    kind: int = col.GREEN
    period: int = -1
    lane_open: bool = True
    wish: float = -1.0

    def boxes(self, race: RaceTables, run: RaceRun) -> bool:
        run.cars[0, [col.W_LAPS, col.W_FUEL]] = 5.0, self.fuel
        return bool(
            called.box_now(
                0, self.kind, self.period, self.lane_open, self.wish, self.left, race, run, KEY
            )
        )


def test_without_a_reason_a_car_stays_out() -> None:
    assert not Lap().boxes(*a_race(0))


@pytest.mark.parametrize(("in_lap", "comes"), [(5.0, True), (6.0, True), (7.0, False)])
def test_a_planned_stop_is_made_on_its_lap_or_when_it_is_overdue(
    in_lap: float, comes: bool
) -> None:
    assert Lap().boxes(*a_race(0, stops=((in_lap, -1, -1, -1, -1),))) == comes


def test_nobody_enters_a_closed_lane_nor_stops_on_the_last_lap() -> None:
    plan = ((6.0, -1.0, -1.0, -1.0, -1.0),)
    assert not Lap(lane_open=False).boxes(*a_race(0, stops=plan))
    assert not Lap(left=0.49).boxes(*a_race(0, stops=plan))
    assert Lap(left=0.5).boxes(*a_race(0, stops=plan))


@pytest.mark.parametrize(("kind", "comes"), [(col.GREEN, True), (col.FCY, False)])
def test_a_penalty_is_served_under_green_without_service(kind: int, comes: bool) -> None:
    race, run = a_race(0)
    run.cars[0, col.W_PENALTY] = 1.0
    assert Lap(kind=kind, period=0).boxes(race, run) == comes
    assert run.cars[0, col.W_SERVICE] == (0.0 if comes else 1.0)


REACH = 0.9 * SAVING + 0.5


@pytest.mark.parametrize(
    ("fuel", "left", "comes"),
    [(1.9, REACH + 0.01, True), (1.9, REACH - 0.01, False), (2.01, 30.0, False)],
)
def test_a_car_about_to_run_dry_comes_in_unless_it_can_save_its_way_home(
    fuel: float, left: float, comes: bool
) -> None:
    race, run = a_race(0)
    race.plans.allowed[0] = 99.0
    run.cars[0, [col.W_ALLOWED_LAP, col.W_RESERVE]] = 99.0, 5.0
    assert Lap(fuel=fuel, left=left).boxes(race, run) == comes


@pytest.mark.parametrize(("allowed", "comes"), [(6.0, True), (7.0, False)])
def test_no_stop_of_choice_before_the_lap_that_allows_it(allowed: float, comes: bool) -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_ALLOWED_LAP, col.W_RESERVE]] = allowed, 5.0
    assert Lap(fuel=5.0).boxes(race, run) == comes


@pytest.mark.parametrize(
    ("fuel", "left", "comes"),
    [
        (6.0, 30.0, True),
        (6.01, 30.0, False),  # more than the reserve
        (6.0, 46.2, False),  # a stop now would cost one more: 41.2 laps, and 20.6 to a tank
        (6.0, 41.2, True),
    ],
)
def test_the_reserve_brings_a_car_in_where_that_costs_no_further_stop(
    fuel: float, left: float, comes: bool
) -> None:
    race, run = a_race(0)
    run.cars[0, col.W_RESERVE] = 5.0
    assert Lap(fuel=fuel, left=left).boxes(race, run) == comes


@pytest.mark.parametrize(("tyre", "wish"), [(0.0, 0.04), (1.0, 0.01)])
def test_a_wish_above_the_crews_threshold_brings_it_in_after_its_delay(
    tyre: float, wish: float
) -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_TYRE, col.W_DELAY]] = tyre, 1.0
    assert not Lap(wish=wish).boxes(race, run)
    more = Lap(wish=wish + 1e-6)
    assert not more.boxes(race, run)
    assert not replace(more, wish=-1.0).boxes(race, run)  # begins to wait anew
    assert not more.boxes(race, run)
    assert more.boxes(race, run)


@pytest.mark.parametrize(("left", "comes"), [(3.0, False), (3.01, True)])
def test_with_three_laps_left_nobody_changes_tyres(left: float, comes: bool) -> None:
    assert Lap(wish=1.0, left=left).boxes(*a_race(0)) == comes


LUCK = float(np.log(uniform(KEY, 6, col.S_NEUTRAL) / (1.0 - uniform(KEY, 6, col.S_NEUTRAL))))
"""The logit from which on the draw of lap 6 says: stop under this neutralisation."""


@pytest.mark.parametrize(
    ("left", "fuel", "terms"),
    [
        (30.0, 11.0, (0.0, 0.5, 0.0)),  # half the range used
        (20.0, 11.0, (0.0, 0.5, 1.0)),  # a full tank would last
        (20.01, 11.0, (0.0, 0.5, 0.0)),
        (10.0, 11.0, (-5.0, 0.5, 0.0)),  # this one lasts
    ],
)
@pytest.mark.parametrize("more", [-1e-6, 1e-6])
def test_a_neutralisation_tempts_by_share_used_and_by_what_would_last(
    left: float, fuel: float, terms: tuple[float, float, float], more: float
) -> None:
    used, could_finish = 0.3, 0.7
    race, run = a_race(0)
    fixed = terms[0] + used * terms[1] + could_finish * terms[2]
    constant = LUCK - fixed + more
    race.control.stop_under[col.FCY, 0] = [constant, used, could_finish, -5.0]
    run.cars[0, col.W_RESERVE] = -10.0
    lap = Lap(kind=col.FCY, period=0, left=left, fuel=fuel)
    assert lap.boxes(race, run) == (more > 0.0)


def test_each_neutralisation_tempts_a_car_once() -> None:
    race, run = a_race(0)
    lap = Lap(kind=col.FCY, period=0)
    assert not lap.boxes(race, run)
    race.control.stop_under[:] = 1000.0
    assert not lap.boxes(race, run)
    assert replace(lap, period=1).boxes(race, run)


def test_a_car_that_came_in_for_fuel_is_not_tempted_again_by_the_same_neutralisation() -> None:
    race, run = a_race(0)
    neutralised(run, (0.0, 9e5, col.FCY))
    run.cars[0, [col.W_LAPS, col.W_FUEL]] = 5.0, 1.0
    called.maybe_box(0, 0.0, 100_000.0, 0.0, race, run, KEY)
    assert run.cars[0, col.W_INLAP] == 1.0
    race.control.stop_under[:] = 1000.0
    assert not Lap(kind=col.FCY, period=0).boxes(race, run)
    assert Lap(kind=col.FCY, period=1).boxes(race, run)


@pytest.mark.parametrize(("kind", "comes", "kept"), [(col.FCY, True, 0.0), (col.GREEN, False, 1.0)])
def test_a_stop_planned_for_a_neutralisation_is_dropped_under_green(
    kind: int, comes: bool, kept: float
) -> None:
    race, run = a_race(0, stops=((5.0, -1.0, -1.0, -1.0, -1.0, 1.0),))
    assert Lap(kind=kind, period=0).boxes(race, run) == comes
    assert run.cars[0, col.W_PLAN] == kept
    closed = Lap(kind=col.FCY, period=0, lane_open=False)
    assert not closed.boxes(race, run)
    assert run.cars[0, col.W_PLAN] == kept


@pytest.mark.parametrize(
    ("reacts", "begins", "comes"), [(1.0, 1.0, True), (1.0, 0.0, False), (0.0, 1.0, False)]
)
def test_a_car_that_stays_may_take_a_neutralisation_yet_to_come(
    reacts: float, begins: float, comes: bool
) -> None:
    race, run = a_race(0, now_ms=0.5, stops=((20.0, -1.0, -1.0, -1.0, -1.0, -1.0),))
    neutralised(run, (begins, 9e5, col.FCY))
    race.plans.reacts[0] = reacts
    race.control.stop_under[:] = 1000.0
    run.cars[0, col.W_ALLOWED_LAP] = 20.0
    assert Lap(kind=col.FCY, period=0).boxes(race, run) == comes
    if comes:
        _stop(race, run)
        assert run.cars[0, col.W_PLAN] == 1.0  # it stands for the planned one


def _stop(race: RaceTables, run: RaceRun, *, wish: float = -1.0, left: float = 30.0) -> float:
    """The loss of a service on lap 6 with fuel for five laps at its end."""
    run.cars[0, [col.W_LAPS, col.W_FUEL, col.W_SERVICE]] = 5.0, 6.0, 1.0
    return float(called.prepare_stop(0, 600_000.0, wish, left, race, run, KEY))


def test_a_stop_lasts_as_long_as_it_takes_to_fill_the_tank() -> None:
    race, run = a_race(0)
    assert _stop(race, run) == 30_000.0 + 5_000.0 + 15 * 1_000.0
    assert run.cars[0, [col.W_NEW_FUEL, col.W_CHANGES]].tolist() == [20.0, 0.0]


def test_before_the_end_no_more_is_filled_than_needed() -> None:
    race, run = a_race(0)
    assert _stop(race, run, left=9.0) == 30_000.0 + 5_000.0 + 5 * 1_000.0
    assert run.cars[0, col.W_NEW_FUEL] == 10.0


def test_a_drive_through_costs_the_lane_and_the_penalty() -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_SERVICE, col.W_PENALTY]] = 0.0, 10_000.0
    assert called.prepare_stop(0, 0.0, -1.0, 30.0, race, run, KEY) == 40_000.0
    assert run.cars[0, [col.W_NEW_FUEL, col.W_NEW_TYRE]].tolist() == [19.0, 0.0]


def test_a_crew_has_its_own_offset_and_no_stop_stands_less_than_a_second() -> None:
    race, run = a_race(0)
    run.cars[0, col.W_PIT_MS] = 700.0
    assert _stop(race, run) == 50_700.0
    run.cars[0, col.W_PIT_MS] = -50_000.0
    assert _stop(race, run) == 31_000.0


def test_standing_time_varies_and_some_stops_are_long() -> None:
    race, run = a_race(0, stand_sd=0.1)
    assert _stop(race, run) == pytest.approx(
        30_000.0 + 20_000.0 * np.exp(0.1 * normal_of(bits(KEY, 0, col.S_STOP)))
    )
    u, tail = uniform(KEY, 0, col.S_STAND), uniform(KEY, 0, col.S_GONE)
    assert _stop(*a_race(0, long_p=u - 1e-9, long_ms=8_000.0)) == 50_000.0
    slow = _stop(*a_race(0, long_p=u + 1e-9, long_ms=8_000.0))
    assert slow == pytest.approx(50_000.0 - 8_000.0 * np.log(tail))


@pytest.mark.parametrize(("more", "fresh"), [(-1e-9, 0.0), (1e-9, 1.0)])
def test_a_full_stop_changes_tyres_as_often_as_told(more: float, fresh: float) -> None:
    race, run = a_race(0, tyres_p=uniform(KEY, 0, col.S_TYRE) + more)
    assert _stop(race, run) == 50_000.0 + 10_000.0 * fresh
    assert run.cars[0, [col.W_CHANGES, col.W_NEW_TYRE]].tolist() == [fresh, 0.0]


@pytest.mark.parametrize(("left", "fresh"), [(10.99, 0.0), (11.0, 1.0)])
def test_a_splash_of_under_a_third_of_a_tank_leaves_the_tyres_on(left: float, fresh: float) -> None:
    race, run = a_race(0, tyres_p=1.0)
    _stop(race, run, left=left)
    assert run.cars[0, col.W_CHANGES] == fresh


@pytest.mark.parametrize(("wish", "tyre"), [(0.3 * 0.04, 0.0), (0.3 * 0.04 + 1e-9, 1.0)])
def test_who_stops_anyway_changes_the_kind_of_tyre_for_less(wish: float, tyre: float) -> None:
    race, run = a_race(0)
    _stop(race, run, wish=wish)
    assert run.cars[0, col.W_NEW_TYRE] == tyre


@pytest.mark.parametrize(
    ("told", "on", "tyre", "changed"),
    [(0, 0.0, 0.0, 1.0), (1, 0.0, 1.0, 1.0), (2, 0.0, 0.0, 0.0), (2, 1.0, 1.0, 0.0)],
)
def test_a_plan_names_the_tyre_or_keeps_it(
    told: float, on: float, tyre: float, changed: float
) -> None:
    race, run = a_race(0, stops=((6.0, told, -1.0, 99.0, -1.0),), tyres_p=1.0)
    run.cars[0, col.W_TYRE] = on
    _stop(race, run, wish=1.0)
    assert run.cars[0, [col.W_NEW_TYRE, col.W_CHANGES]].tolist() == [tyre, changed]


def test_a_plan_names_fuel_driver_and_standing_time_and_is_done_with() -> None:
    race, run = a_race(0, stops=((6.0, 2.0, 0.5, 1.0, 12_345.0),))
    assert _stop(race, run) == 42_345.0
    assert run.cars[0, [col.W_NEW_FUEL, col.W_NEW_DRIVER]].tolist() == [10.0, 1.0]
    assert run.cars[0, col.W_PLAN] == 1.0


def _driver(left: float = 30.0, **changes: Any) -> float:
    """Who drives after the stop: by default the driver's share is even and the tank filled."""
    drive, most = changes.pop("drive", 0.0), changes.pop("most", 1.0e12)
    race, run = a_race(0, **{"driver_p": 0.0, **changes})
    run.drive[0], race.field.most[0] = drive, most
    _stop(race, run, left=left)
    return float(run.cars[0, col.W_NEW_DRIVER])


@pytest.mark.parametrize(("more", "driver"), [(-1e-9, 0.0), (1e-9, 1.0)])
def test_a_full_stop_changes_the_driver_as_often_as_told(more: float, driver: float) -> None:
    assert _driver(driver_p=uniform(KEY, 0, col.S_DRIVER) + more) == driver


@pytest.mark.parametrize(("left", "driver"), [(11.0, 0.0), (11.01, 1.0)])
def test_a_splash_leaves_the_driver_in(left: float, driver: float) -> None:
    assert _driver(left, driver_p=1.0) == driver


@pytest.mark.parametrize(("drive", "driver"), [(2e6, 0.0), (2e6 + 1.0, 1.0)])
def test_a_driver_who_could_not_finish_the_stint_gets_out(drive: float, driver: float) -> None:
    assert _driver(most=4e6, drive=[drive, 0.0]) == driver


@pytest.mark.parametrize(("other", "driver"), [(3.4e6 - 1.0, 1.0), (3.4e6, 0.0)])
def test_a_driver_with_too_little_time_left_does_not_get_in(other: float, driver: float) -> None:
    assert _driver(driver_p=1.0, most=4e6, drive=[0.0, other]) == driver


def test_a_crew_of_one_stays_and_a_plan_can_keep_the_driver() -> None:
    assert _driver(car={"drivers": 1.0}, driver_p=1.0) == 0.0
    assert _driver(driver_p=1.0, stops=((6.0, 2.0, -1.0, 99.0, -1.0),)) == 0.0


PUSHES, SHARES = (
    next(n for n in range(50) if (normal(KEY, n, col.S_PACE) < 0.7) == told)
    for told in (True, False)
)
"""The numbers of a stop at which a crew would think of speed before the end, and would not."""


@pytest.mark.parametrize(
    ("pace", "stop", "length_ms", "driver"),
    [
        (99_000.0, PUSHES, 3.59e6, 1.0),
        (101_000.0, PUSHES, 3.59e6, 0.0),
        (101_000.0, PUSHES, 3.61e6, 1.0),  # more than one and a half stints to go
        (101_000.0, SHARES, 3.59e6, 1.0),
    ],
)
def test_for_the_last_stint_the_quicker_driver_gets_in_or_stays(
    pace: float, stop: int, length_ms: float, driver: float
) -> None:
    race, run = a_race(0, driver_p=1.0, length_ms=length_ms)
    run.pace[0, 1], run.cars[0, col.W_STOPS] = pace, stop
    _stop(race, run)
    assert run.cars[0, col.W_NEW_DRIVER] == driver


def _decided(race: RaceTables, run: RaceRun, t_end: float = 100_000.0) -> float:
    return float(called.maybe_box(0, 0.0, t_end, 0.0, race, run, KEY))


def _forced(**changes: Any) -> tuple[RaceTables, RaceRun]:
    return a_race(0, stops=((1.0, 2.0, 1.0, 99.0, 20_000.0),), **changes)


def test_a_fifth_of_a_stop_falls_before_the_line() -> None:
    race, run = _forced()
    assert _decided(race, run) == 100_000.0 + 0.2 * 50_000.0
    mine = run.cars[0, [col.W_INLAP, col.W_LANE_MS, col.W_PITTED_MS]]
    assert mine.tolist() == [1.0, 40_000.0, 50_000.0]


@pytest.mark.parametrize(("opens", "comes"), [(43_000.0, True), (43_001.0, False)])
def test_the_lane_must_be_open_when_the_car_reaches_it(opens: float, comes: bool) -> None:
    race, run = _forced()
    neutralised(run, (50_000.0, 900_000.0, col.FCY))
    race.control.opens[col.FCY, 0] = opens  # the entry is reached at 93 s
    assert (_decided(race, run) > 100_000.0) == comes
    assert run.cars[0, col.W_INLAP] == float(comes)


def test_a_stop_under_a_neutralisation_skips_a_share_of_the_slow_lap() -> None:
    race, run = _forced(lane_share=0.1)
    neutralised(run, (0.0, 900_000.0, col.FCY))
    loss = 50_000.0 - 0.1 * 100_000.0
    assert _decided(race, run, 200_000.0) == pytest.approx(200_000.0 + 0.2 * loss)
    race, run = _forced(lane_share=0.5)
    neutralised(run, (0.0, 900_000.0, col.FCY))
    assert _decided(race, run, 200_000.0) == pytest.approx(200_000.0 + 0.2 * 25_000.0)


def test_after_the_flag_nobody_stops() -> None:
    race, run = _forced()
    run.whole[G_FLAG_MS] = FAR / 2.0
    assert _decided(race, run) == 100_000.0


@pytest.mark.parametrize(("laps", "saves"), [(20.0, False), (21.0, True), (23.0, False)])
def test_fuel_is_saved_where_that_spares_a_stop(laps: float, saves: bool) -> None:
    race, run = a_race(0, length_ms=1e15, laps=laps)
    _decided(race, run)
    assert run.cars[0, col.W_BURN] == (1.0 / SAVING if saves else 1.0)


def _in_box(c: int, t: float, race: RaceTables, run: RaceRun, service: float = 1.0) -> np.ndarray:
    run.cars[c, [col.W_INLAP, col.W_LANE_MS, col.W_SERVICE]] = 1.0, 40_000.0, service
    run.cars[c, [col.W_NEW_TYRE, col.W_NEW_FUEL, col.W_NEW_DRIVER, col.W_CHANGES]] = 1, 17, 1, 1
    run.cars[c, [col.W_AGE, col.W_STINT_LAPS, col.W_PENALTY]] = 9.0, 9.0, 5.0
    called.enter_box(c, t, race.field, run, KEY)
    return run.cars[c]


def test_service_is_done_and_the_release_set() -> None:
    race, run = a_race(0, stint_sd=0.01)
    w = _in_box(0, 1_000.0, race, run)
    assert w[[col.W_NEXT, col.W_LANE, col.W_INLAP]].tolist() == [41_000.0, 1.0, 0.0]
    assert w[[col.W_TYRE, col.W_FUEL, col.W_DRIVER, col.W_AGE]].tolist() == [1.0, 17.0, 1.0, 0.0]
    assert w[[col.W_STOPS, col.W_STINT_LAPS, col.W_PENALTY]].tolist() == [1.0, 0.0, 5.0]
    assert w[col.W_STINT] == 0.01 * normal(KEY, 1, col.S_STINT)
    assert run.box[0] == 41_000.0 - 0.4 * 30_000.0


def test_a_drive_through_serves_the_penalty_and_nothing_else() -> None:
    race, run = a_race(0)
    w = _in_box(0, 1_000.0, race, run, service=0.0)
    assert w[[col.W_PENALTY, col.W_STOPS, col.W_AGE, col.W_FUEL]].tolist() == [0.0, 0.0, 9.0, 20.0]
    assert w[col.W_NEXT] == 41_000.0


@pytest.mark.parametrize(("t", "waits"), [(20_000.0, 9_000.0), (29_000.0, 0.0), (40_000.0, 0.0)])
def test_the_second_car_waits_until_the_first_has_left_their_box(t: float, waits: float) -> None:
    race, run = a_race(0, 0, car={"box": 0.0})
    race.field.car[:, col.CAR_BOX] = 0.0
    _in_box(0, 1_000.0, race, run)
    w = _in_box(1, t, race, run)
    assert w[col.W_NEXT] == t + 40_000.0 + waits


def test_a_car_that_drives_through_does_not_wait() -> None:
    race, run = a_race(0, 0)
    race.field.car[:, col.CAR_BOX] = 0.0
    _in_box(0, 1_000.0, race, run)
    assert _in_box(1, 2_000.0, race, run, service=0.0)[col.W_NEXT] == 42_000.0


@pytest.mark.parametrize(("more", "out"), [(0.0, 0.0), (1.0, 1.0)])
def test_a_stop_beyond_all_measure_is_a_retirement(more: float, out: float) -> None:
    race, run = a_race(0)
    run.cars[0, [col.W_INLAP, col.W_LANE_MS]] = 1.0, GIVEN_UP_MS + more
    called.enter_box(0, 0.0, race.field, run, KEY)
    assert run.cars[0, [col.W_OUT, col.W_LANE]].tolist() == [out, 1.0 - out]


def test_reserve_and_delay_are_exponential_draws_of_the_next_stop() -> None:
    race, run = a_race(0, early=0.05, delay=3.0)
    w = _in_box(0, 0.0, race, run)
    assert w[col.W_RESERVE] == pytest.approx(0.5 - np.log(uniform(KEY, 1, col.S_STINT)))
    assert w[col.W_DELAY] == np.floor(-3.0 * np.log(uniform(KEY, 513, col.S_STINT)))


def test_control_can_close_the_lane_for_one_class_only() -> None:
    control = a_control()
    control.opens[col.FCY] = [0.0, 1e12]
    for k, comes in ((0, True), (1, False)):
        race, run = a_race(k, control=control, stops=((1.0, 2.0, 1.0, 99.0, 20_000.0),))
        neutralised(run, (0.0, 900_000.0, col.FCY))
        assert (_decided(race, run, 200_000.0) > 200_000.0) == comes
