"""Which calls are offered, and who must get in, at each limit and just beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dryline.domain.entry import Driver, Rating
from dryline.kernels import race_columns as col
from dryline.rules.drive_alarms import LedgerRow
from dryline.rules.drive_time import Ledger
from dryline.strategy.candidates import Candidate, Situation, added_share, candidates
from dryline.strategy.own_stop import ServiceTimes, with_wear
from dryline.strategy.team_said import NOTHING
from dryline.strategy.turns import Turn, crew_of, turns_now
from dryline.strategy.utility import SimulatedFinishes, Utility
from tests.made_up.simulated import a_race
from tests.strategy.ledger_rows import ANA, BEN, CY, HOUR, MINUTE, NOW, row

MID = Situation(
    lap=40, fuel_laps=18.0, range_laps=30.0, laps_to_go=90.0, may_stop=True, tyres=("usual",)
)
WET = replace(MID, tyres=("slick", "wet"))


def found(now: Situation) -> dict[str, Candidate]:
    return {each.key: each for each in candidates(now)}


def boxes(now: Situation) -> list[int]:
    """On how many laps from now a stop is offered."""
    return [each.laps_ahead for each in candidates(now) if each.laps_ahead is not None]


def test_a_stop_is_weighed_on_the_lap_under_way_and_on_the_three_after_it() -> None:
    assert boxes(MID) == [0, 1, 2, 3]
    assert found(WET)["stay"].lap == 40 + 4, "and staying means longer than that"


@pytest.mark.parametrize(("fuel", "latest"), [(3.25, 2), (3.24, 1), (4.25, 3)])
def test_a_stop_is_not_put_off_beyond_the_fuel_less_a_quarter_of_a_lap(
    fuel: float, latest: int
) -> None:
    assert max(boxes(replace(MID, fuel_laps=fuel))) == latest


def test_a_driver_who_is_due_stays_for_as_long_as_the_fuel_less_a_quarter_of_a_lap() -> None:
    due = Turn("driver-ben", 1, "Ben", True, "owes", forced=True)
    for fuel, lap in ((6.25, 45), (6.24, 44)):
        now = replace(MID, fuel_laps=fuel, change_by=20, turns=(due,))
        assert found(now)["stay"].lap == lap


def test_no_stop_is_made_on_the_last_lap() -> None:
    assert boxes(replace(MID, laps_to_go=3.01)) == [0, 1, 2]
    assert boxes(replace(MID, laps_to_go=3.0)) == [0, 1]
    assert boxes(replace(MID, laps_to_go=1.0)) == []


def test_with_less_than_two_laps_of_fuel_staying_out_is_no_choice() -> None:
    assert "stay" in found(replace(MID, fuel_laps=2.0))
    assert "stay" not in found(replace(MID, fuel_laps=1.99))


def test_half_a_lap_beyond_the_range_is_reached_by_luck_and_more_takes_saving() -> None:
    lucky, saving = found(replace(MID, laps_to_go=18.5)), found(replace(MID, laps_to_go=18.51))
    assert lucky["stay"].until == "flag"
    assert saving["stay"].until == "range_end"
    assert "save" not in lucky
    assert "save" in saving


def test_saving_stretches_a_tank_by_eight_percent_and_no_more() -> None:
    most = 18.0 * 1.08 + 0.5
    assert "save" in found(replace(MID, laps_to_go=most - 0.01))
    assert "save" not in found(replace(MID, laps_to_go=most + 0.01))


def test_a_stop_takes_a_full_tank_unless_it_reaches_the_flag_with_less() -> None:
    assert MID.fill(60) == ("to_the_end", 1.0)
    assert MID.fill(59) == ("full", 1.0)
    assert MID.fill(75) == ("to_the_end", 0.5)


def test_a_splash_fills_less_than_half_of_the_range() -> None:
    low = replace(MID, fuel_laps=3.0)
    assert "box+0:usual:splash" in found(replace(low, laps_to_go=74.9))
    assert "box+0:usual:splash" not in found(replace(low, laps_to_go=75.1))
    share = found(replace(low, laps_to_go=74.9))["box+0:usual:splash"].fill
    assert share == pytest.approx((74.9 - 1.0 - 60.0 + 1.0) / 30.0)


def test_wets_without_fuel_are_offered_with_more_than_two_laps_left() -> None:
    assert "box+0:wet:dry_hose" in found(replace(WET, fuel_laps=2.1))
    assert "box+0:wet:dry_hose" not in found(replace(WET, fuel_laps=2.0))


def test_what_is_left_in_the_tank_at_the_stop_is_not_filled_again() -> None:
    full = Candidate("box+2:usual", "box", 42, "usual", "full", 2)
    assert added_share(MID, full, 2) == pytest.approx(1.0 - (18.0 - 3.0) / 30.0)
    assert added_share(MID, replace(full, fuel="none"), 2) == 0.0
    assert added_share(replace(MID, fuel_laps=2.0), full, 2) == 1.0


def test_two_tyres_take_three_fifths_of_the_time_of_four() -> None:
    told = ServiceTimes(hose_ms=36_000.0, tyres_ms=10_000.0, together=False)
    assert [told.standing_ms(0.0, count) for count in (0, 2, 4, None)] == [
        0.0, 6_000.0, 10_000.0, 10_000.0,
    ]  # fmt: skip
    assert replace(told, beside_ms=40_000.0).standing_ms(1.0, 0) == 0.0


def test_a_percent_of_fuel_saved_costs_fifteen_hundredths_of_a_percent_of_the_lap() -> None:
    params, state = a_race()
    save = Candidate("save", "save", 10, save=0.01)
    assert (save.applied(params, state, 2)[0].pace[2] - params.pace[2]).mean() == pytest.approx(
        0.0015
    )


def test_where_the_fit_knows_no_wear_a_lap_of_age_costs_a_ten_thousandth() -> None:
    params, _ = a_race()
    cls = params.cls.copy()
    cls[:, col.CLASS_WEAR] = (0.0, 3.0e-4)
    worn = with_wear(replace(params, cls=cls)).cls[:, col.CLASS_WEAR]
    assert worn.tolist() == [1.0e-4, 3.0e-4]


def test_third_is_a_podium_and_fourth_is_none() -> None:
    places = SimulatedFinishes(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4), np.zeros(4, np.bool_))
    assert Utility("podium").of(places).tolist() == [1, 1, 1, 0]
    assert Utility("win").of(places).tolist() == [1, 0, 0, 0]
    assert Utility("points", (25.0, 18.0, 15.0)).of(places).tolist() == [25, 18, 15, 0]


STINT_MS = 60 * MINUTE


def turns(*rows: LedgerRow, left_ms: float = 3.0 * HOUR) -> tuple[Turn, ...]:
    """Who may get in, of a crew of three whose full stint takes an hour."""
    entered = [Driver(ANA, Rating.BRONZE), Driver(BEN, Rating.GOLD), Driver(CY)]
    crew = crew_of("50", (ANA, BEN), entered, ANA, 3, float(STINT_MS))
    ledger = Ledger(at_ms=NOW, length_ms=6 * HOUR, rows=rows, crew_alarms=(), findings=())
    return turns_now(crew, ledger, NOTHING, NOW, left_ms)[0]


def test_a_driver_is_due_whose_latest_moment_comes_before_the_stop_after_this_one() -> None:
    last = NOW + 69 * MINUTE  # a stint and fifteen hundredths of one
    for latest, forced in ((last, True), (last + 1, False)):
        due = row(CY, owed_ms=HOUR, latest_in_ms=latest)
        assert turns(row(ANA), row(BEN), due)[0].forced is forced


def test_of_two_who_are_due_the_one_with_the_earlier_moment_gets_in() -> None:
    early = row(CY, owed_ms=HOUR, latest_in_ms=NOW + 10 * MINUTE)
    later = row(BEN, owed_ms=HOUR, latest_in_ms=NOW + 20 * MINUTE)
    assert turns(row(ANA), later, early)[0].driver == CY


@pytest.mark.parametrize(("left_ms", "stays"), [(30 * MINUTE, True), (30 * MINUTE - 1, False)])
def test_a_driver_with_time_for_half_a_stint_may_go_on(left_ms: int, stays: bool) -> None:
    found = turns(row(ANA, left_ms=left_ms), row(BEN), row(CY))
    assert (ANA in {each.driver for each in found}) is stays
    assert found[0].forced is not stays


def test_before_the_flag_half_of_what_is_left_of_the_race_is_enough() -> None:
    for left, stays in ((20.0 * MINUTE, True), (20.0 * MINUTE + 2, False)):
        found = turns(row(ANA, left_ms=10 * MINUTE), row(BEN), row(CY), left_ms=left)
        assert (ANA in {each.driver for each in found}) is stays


def test_the_time_of_the_one_driving_is_a_deadline_where_it_ends_within_the_stint() -> None:
    for left, by_ms in ((STINT_MS - 1, NOW + STINT_MS - 1), (STINT_MS, None)):
        assert turns(row(ANA, left_ms=left), row(BEN), row(CY))[0].by_ms == by_ms


def test_two_are_offered_at_the_most_whoever_else_could_drive() -> None:
    due = row(CY, owed_ms=HOUR, latest_in_ms=NOW + 10 * MINUTE)
    assert [each.driver for each in turns(row(ANA), row(BEN), due)] == [CY, ANA]
