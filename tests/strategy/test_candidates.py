"""Which calls are offered: over any lane, range, stock and crew, nothing that may not be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dryline.analysis.stops.reach import Reach
from dryline.kernels import race_columns as col
from dryline.strategy.candidates import (
    FIRST_LAP,
    LATEST,
    SAVING,
    SPLASH_SHARE,
    WAITS,
    Situation,
    candidates,
    core,
    driver_choices,
)
from dryline.strategy.cards import asked_under
from dryline.strategy.outlook import pit_window, rain_candidates
from dryline.strategy.own_stop import SAVING_PRICE, ServiceTimes
from dryline.strategy.turns import STAYS_IN, Turn
from tests.made_up.simulated import a_race

MID = Situation(
    lap=40, fuel_laps=18.0, range_laps=30.0, laps_to_go=90.0, may_stop=True, tyres=("usual",)
)
ANA = Turn("stays_in", STAYS_IN, "Ana", False, "stays in")
BEN = Turn("driver-ben", 1, "Ben", True, "takes over")
TOLD = ServiceTimes(hose_ms=36_000.0, tyres_ms=12_000.0, together=False)


@given(
    fuel=some.floats(1, 40),
    togo=some.floats(1, 300),
    may_stop=some.booleans(),
    tyres=some.sampled_from([("usual",), ("slick", "wet"), ("wet", "slick"), ("slick",)]),
    held=some.sampled_from(["slick", "wet", "inter"]),
    service=some.sampled_from([None, TOLD, replace(TOLD, tyres_ms=None)]),
    turns=some.sampled_from([(), (ANA, BEN), (replace(BEN, forced=True),)]),
    wave=some.sampled_from([None, 1, 3]),
    by=some.sampled_from([None, 0, 2, 40]),
    unknown=some.booleans(),
    keeps_out=some.sampled_from([(), ((43, 44),)]),
)
def test_whatever_the_situation_no_call_breaks_the_lane_the_range_or_the_crews_rules(
    fuel: float, togo: float, may_stop: bool, tyres: tuple[str, ...], held: str,
    service: ServiceTimes | None, turns: tuple[Turn, ...], wave: int | None, by: int | None,
    unknown: bool, keeps_out: tuple[tuple[int, int], ...],
) -> None:  # fmt: skip
    now = Situation(
        40,
        fuel,
        32.0,
        togo,
        may_stop,
        tyres,
        held,
        turns=turns,
        service=service,
        wave_by=wave,
        change_by=by,
        gap_unknown=unknown,
        no_stop=keeps_out,
    )
    found = candidates(now)
    assert found
    for each in (every for every in found if every.until == FIRST_LAP):
        assert unknown
        assert may_stop
        assert by is None
        assert now.tyres_in_question
        assert each.tyres != held
        assert not any(now.forbids(each.lap - ahead) for ahead in range(WAITS + 1))
        (stop,) = each.planned
        assert (stop.lap, stop.shown) == (now.lap, WAITS)
    assert len({each.key for each in found}) == len(found)
    forced = {each.driver for each in turns if each.forced}
    for each in found:
        if each.laps_ahead is not None:
            assert may_stop
            assert 0 <= each.laps_ahead <= min(LATEST, max(0.0, fuel - 1.0))
            assert each.fuel in ("full", "to_the_end", "splash", "none")
        if not may_stop:
            assert each.action in ("stay", "save")
            assert not each.planned or each.until in ("lane_opens", "driver_due")
        assert each.fill <= 1.0
        assert 0.0 <= each.save <= 1.0 - 1.0 / SAVING
        assert each.count in (None, 0, 2, 4)
        assert each.count != 2 or service is not None
        assert (each.fuel == "splash") == (0.0 < each.fill < SPLASH_SHARE)
        if each.planned and forced:
            assert {each.turn.driver} == forced
        for stop in each.planned:
            assert (stop.standing_ms >= 0.0) == (service is not None)
    assert set(core(found)) <= set(found)
    assert len(core(found)) >= 1


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, ["wait:wet"]),
        ({"held": "wet", "tyres": ("wet", "slick")}, ["wait:slick"]),
        ({"gap_unknown": False}, []),
        ({"tyres": ("usual",)}, []),
        ({"tyres": ("slick",)}, []),
        ({"may_stop": False}, []),
        ({"change_by": 30}, []),
        ({"fuel_laps": LATEST + 1.2}, []),
        ({"fuel_laps": LATEST + 1.3}, ["wait:wet"]),
        ({"no_stop": ((46, 50),)}, []),
        ({"no_stop": ((47, 50),)}, ["wait:wet"]),
    ],
)
def test_a_first_lap_is_waited_for_where_nobody_knows_the_gap_between_the_tyres(
    changes: dict[str, Any], offered: list[str]
) -> None:
    now = replace(MID, tyres=("slick", "wet"), gap_unknown=True)
    found = candidates(replace(now, **changes))
    assert [each.key for each in found if each.until == FIRST_LAP] == offered
    under = asked_under(replace(now, **changes))
    assert all(each.until != FIRST_LAP for each in under)  # nobody drives a flying lap then


@pytest.mark.parametrize(
    ("tyres", "until"),
    [(("usual",), "range_end"), (("slick",), "range_end"), (("slick", "wet"), "policy")],
)
def test_only_another_tyre_in_question_ends_a_stay_before_the_range_does(
    tyres: tuple[str, ...], until: str
) -> None:
    stay = next(each for each in candidates(replace(MID, tyres=tyres)) if each.key == "stay")
    assert stay.until == until


@given(by=some.integers(0, 30), fuel=some.floats(1, 30), togo=some.floats(3, 60))
def test_a_driver_who_is_due_is_in_by_his_latest_lap_whatever_is_called(
    by: int, fuel: float, togo: float
) -> None:
    due = replace(BEN, forced=True, by_ms=1)
    for tyres in (("usual",), ("slick", "wet")):
        now = replace(MID, fuel_laps=fuel, laps_to_go=togo, change_by=by, turns=(due,), tyres=tyres)
        for each in candidates(now):
            (stop,) = each.planned
            assert stop.driver == due.index
            assert stop.lap <= now.lap + by
            assert each.until in (None, "driver_due")


def test_a_splash_is_offered_where_later_stops_can_then_be_full() -> None:
    now = replace(MID, fuel_laps=3.0, laps_to_go=67.0)
    splash = next(each for each in candidates(now) if each.fuel == "splash")
    after = splash.fill * 30.0
    assert 67.0 - 1.0 - after <= 2 * 30.0
    assert after >= 3.0 - 1.0
    assert all(each.fuel != "splash" for each in candidates(replace(MID, laps_to_go=88.0)))


def test_saving_drops_the_last_stop_or_one_of_several_and_only_where_it_can() -> None:
    last = next(c for c in candidates(replace(MID, laps_to_go=19.2)) if c.action == "save")
    assert last.until == "flag"
    assert 0.0 < last.save < 0.08
    several = replace(MID, fuel_laps=28.0, laps_to_go=60.5)
    one_fewer = next(c for c in candidates(several) if c.action == "save")
    assert one_fewer.until == "range_end"
    assert one_fewer.save == pytest.approx(1.0 - 58.0 / 60.0)
    assert all(c.action != "save" for c in candidates(MID))


def test_saving_makes_fuel_last_and_every_lap_dearer_and_two_tyres_halve_the_age() -> None:
    params, state = a_race()
    state.cars[2, col.STATE_TYRE_AGE] = 20.0
    save = next(c for c in candidates(replace(MID, laps_to_go=19.2)) if c.action == "save")
    cheap, kept = save.applied(params, state, 2)
    share = 1.0 - save.save
    assert cheap.car[2, col.CAR_RANGE] == pytest.approx(params.car[2, col.CAR_RANGE] / share)
    assert kept.cars[2, col.STATE_FUEL] == pytest.approx(state.cars[2, col.STATE_FUEL] / share)
    dearer = cheap.pace[2] - params.pace[2]
    assert np.allclose(dearer, SAVING_PRICE * save.save)
    assert np.array_equal(cheap.pace[3], params.pace[3])
    told = candidates(replace(MID, service=TOLD))
    two = next(each for each in told if each.count == 2)
    assert two.applied(params, state, 2)[1].cars[2, col.STATE_TYRE_AGE] == 10.0
    assert state.cars[2, col.STATE_TYRE_AGE] == 20.0


def test_the_teams_own_times_make_the_hose_and_the_tyres_last_as_long_as_told() -> None:
    stops = {each.key: each for each in candidates(replace(MID, service=TOLD))}
    full = 36_000.0 * (1.0 - 17.0 / 30.0)
    assert stops["box+0:none"].standing_ms == pytest.approx(full)
    assert stops["box+0:four"].standing_ms == pytest.approx(full + 12_000.0)
    assert stops["box+0:two"].standing_ms == pytest.approx(full + 7_200.0)
    together = replace(TOLD, together=True)
    at_once = {each.key: each for each in candidates(replace(MID, service=together))}
    assert at_once["box+0:four"].standing_ms == pytest.approx(full)


def test_behind_the_safety_car_a_car_may_wait_for_the_wave_by() -> None:
    wave = next(each for each in candidates(replace(MID, wave_by=2)) if each.until == "wave_by")
    assert wave.action == "stay"
    assert [stop.lap for stop in wave.planned] == [42]
    assert all(each.until != "wave_by" for each in candidates(MID))


def test_drivers_are_compared_among_themselves_and_only_where_there_is_a_choice() -> None:
    now = replace(MID, turns=(ANA, BEN))
    stop = next(each for each in candidates(now) if each.laps_ahead == 0)
    assert [each.turn.driver for each in driver_choices(now, stop)] == ["Ana", "Ben"]
    assert driver_choices(replace(MID, turns=(ANA,)), stop) == ()
    assert driver_choices(now, candidates(now)[0]) == ()


def test_in_the_wet_a_stop_may_keep_its_tyres() -> None:
    wet = candidates(replace(MID, tyres=("slick", "wet")))
    keep = next(each for each in wet if each.tyres == "keep")
    assert keep.planned[0].tyre == 2
    assert keep.count == 0


@given(fuel=some.floats(1, 30), togo=some.floats(1, 200))
def test_the_window_opens_no_later_than_it_closes_and_a_stop_within_it_spares_one(
    fuel: float, togo: float
) -> None:
    now = replace(MID, fuel_laps=fuel, laps_to_go=togo)
    window = pit_window(now, 0.5)
    if now.stops_needed == 0:
        assert window.opens_lap is None
        return
    assert window.opens_lap is not None
    assert window.closes_lap is not None
    assert 40 <= window.opens_lap <= window.closes_lap <= 40 + fuel
    later = now.laps_to_go - (window.closes_lap - 40) - now.range_laps * now.stops_needed
    assert window.opens_lap == window.closes_lap or later <= 1.0


def test_rain_asks_for_staying_or_wets_soon_and_nothing_else() -> None:
    found = rain_candidates(MID)
    assert [each.key for each in found] == ["stay", "box+0:wet", "box+1:wet", "box+2:wet"]


@pytest.mark.parametrize(
    ("to_go", "until", "stops"),
    [
        (30.4, "flag", 0),  # 96 % sure
        (30.6, "flag_likely", 1),  # 94 %
        (34.9, "flag_likely", 1),  # 51 %
        (35.1, "range_end", 1),
    ],
)
def test_only_a_sure_tank_needs_no_further_stop(to_go: float, until: str, stops: int) -> None:
    tank = Reach(np.array([30.0, 40.0]), np.array([0.0, 1.0]), 0.0)
    now = replace(MID, fuel_laps=31.0, laps_to_go=to_go, reach=tank)
    stay = next(each for each in candidates(now) if each.key == "stay")
    assert (stay.until, now.stops_needed) == (until, stops)


def test_the_tank_must_hold_each_number_of_laps_that_may_come() -> None:
    """One lap more than the middle is rare, and is what the tank does not hold."""
    tank = Reach(np.array([30.0, 30.5]), np.array([0.0, 1.0]), 0.0)
    now = replace(MID, fuel_laps=30.0, laps_to_go=30.0, reach=tank)
    assert now.reaches_flag
    for more, sure in ((0.04, True), (0.06, False)):
        doubtful = replace(now, chances=((29.0, 0.3), (30.0, 0.7 - more), (31.0, more)))
        assert doubtful.p_reach == pytest.approx(1.0 - more)
        assert doubtful.reaches_flag is sure


@pytest.mark.parametrize(
    ("no_stop", "first", "last"),
    [((), 45, 59), (((58, 70),), 45, 57), (((44, 46),), 47, 59), (((50, 52),), 53, 59)],
)
def test_the_pit_window_has_no_lap_on_which_the_team_wants_no_stop(
    no_stop: tuple[tuple[int, int], ...], first: int, last: int
) -> None:
    now = Situation(40, 20.0, 30.0, 65.0, may_stop=True, tyres=("usual",), no_stop=no_stop)
    window = pit_window(now, 0.5)
    assert (window.opens_lap, window.closes_lap) == (first, last)
