"""What turns a call round and when a comparison ends: at each limit and just beside it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dryline.analysis.track.doubt import OTHER_RACES, Reference
from dryline.analysis.track.state import TrackState
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.domain.tables import NEUTRALISATIONS, empty
from dryline.kernels import race_columns as col
from dryline.race.race import Race
from dryline.rules.pit_lane import LaneState, PitLane
from dryline.strategy.candidates import Candidate
from dryline.strategy.cards import Card, lane_now, with_lane, with_period
from dryline.strategy.evaluate import PairedDifference, Ranking, mean_se, rank
from dryline.strategy.flips import flips
from dryline.strategy.forecast_blend import simulated_places
from dryline.strategy.futures import Future, Futures, is_wet
from dryline.strategy.outlook import pit_window, rain_candidates
from dryline.strategy.utility import Utility
from tests.made_up.by_hand import crossed
from tests.made_up.simulated import a_race
from tests.strategy.scenario_checks import Check
from tests.strategy.test_choice_limits import MID
from tests.strategy.test_flips import BLOCKS, BOX, FLAT, NOW, SLOPE, STAY, ranking, there

LANE = PitLane(LaneState.OPEN, None, 0.9, "open")


def card(value: float, se: float = 1.0) -> Card:
    return Card("vsc", LANE, STAY, PairedDifference(value, se), "s")


def boxing() -> Ranking:
    """Boxing is three seconds better in every future."""
    return ranking(FLAT + 3.0, FLAT, FLAT)


def test_a_card_flips_a_call_from_two_standard_errors_on() -> None:
    assert flips(boxing(), there(), (card(2.0),), 95_000.0, NOW) == ()
    assert len(flips(boxing(), there(), (card(2.01),), 95_000.0, NOW)) == 1


def test_a_condition_less_likely_than_half_a_percent_is_not_told() -> None:
    rate = float(a_race()[0].neu[col.VSC, col.NEU_RATE])
    just_ms = -math.log(1.0 - 0.005) / rate * 3.6e6
    for lap_ms, told in ((just_ms * 1.001, 1), (just_ms * 0.999, 0)):
        found = flips(boxing(), there(), (card(9.0),), lap_ms, NOW)
        assert len(found) == told
        assert all(each.now == pytest.approx(0.005, rel=0.01) for each in found)


@pytest.mark.parametrize(("futures", "told"), [(3, 0), (4, 1)])
def test_four_futures_say_something_of_the_rain_and_three_do_not(futures: int, told: int) -> None:
    rain = np.array([2.0] * futures + [30.0] * (BLOCKS - futures))
    gain = np.where(rain < 5.0, -6.0, 9.0) + np.linspace(0.0, 0.5, BLOCKS)
    found = flips(ranking(gain, FLAT, rain), there(), (), 95_000.0, NOW)
    assert [each.threshold for each in found] == [20.0] * told


def sloped(errors: float) -> Ranking:
    """A gain that falls with the contrast by so many of its own standard errors."""
    x = SLOPE
    design = np.stack([np.ones(BLOCKS), x], axis=1)
    noise = np.random.default_rng(4).normal(size=BLOCKS)
    noise -= design @ np.linalg.lstsq(design, noise, rcond=None)[0]
    noise /= noise.std(ddof=2)
    slope = 1.0e-3
    scale = slope * x.std() * math.sqrt(BLOCKS) / errors
    return ranking(1.0 - slope * x + scale * noise, x, FLAT)


def test_a_gain_follows_the_contrast_from_two_standard_errors_on() -> None:
    assert flips(sloped(1.95), there(), (), 95_000.0, NOW) == ()
    (found,) = flips(sloped(2.05), there(), (), 95_000.0, NOW)
    assert found.threshold == pytest.approx(1000.0, abs=1)


def seen(at_ms: int) -> str:
    """What is said of the lane under a yellow, so long after the last of four laps of 100 s."""
    race = Race(RaceInfo(name="x"), crossed(*(("7", n, n * 100_000) for n in range(1, 5))))
    at = Instant(400_000 + at_ms)
    frame = with_period(empty(NEUTRALISATIONS), "fcy", Instant(350_000))
    return lane_now(race.moment(at), None, "GT", frame).why


def test_a_line_silent_for_a_lap_and_a_half_may_mean_a_stopped_race() -> None:
    assert "no rule book" in seen(150_000)
    assert "may be stopped" in seen(150_001)


def test_the_lane_of_a_period_holds_from_its_first_instant_to_its_last() -> None:
    race = Race(RaceInfo(name="x"), crossed(*(("7", n, n * 100_000) for n in range(1, 5))))
    frame = with_period(empty(NEUTRALISATIONS), "fcy", Instant(350_000)).with_columns(
        end_ms=390_000
    )
    states = [
        lane_now(race.moment(Instant(at)), None, "GT", frame).state
        for at in (349_999, 350_000, 389_999, 390_000)
    ]
    assert states == [LaneState.OPEN, LaneState.UNKNOWN, LaneState.UNKNOWN, LaneState.OPEN]


def test_a_closed_lane_opens_when_expected_and_one_without_a_time_does_not() -> None:
    params, _ = a_race()
    later = PitLane(LaneState.CLOSED, Instant(700_000), 0.9, "closed")
    assert with_lane(params, col.SAFETY_CAR, 0, 100_000.0, later).opens[col.SAFETY_CAR, 0] == 6e5
    never = PitLane(LaneState.CLOSED, None, 0.9, "closed")
    closed = with_lane(params, col.SAFETY_CAR, 0, 100_000.0, never).opens[col.SAFETY_CAR, 0]
    assert closed > params.length_ms
    assert with_lane(params, col.FCY, 0, 0.0, LANE).opens[col.FCY, 0] == 0.0


def track(p_wet: float, p_rain: float) -> TrackState:
    zero, levels = np.zeros(3), np.zeros((3, 8))
    return TrackState(
        0, zero, zero, np.array([p_wet, 0, 0]), np.array([0, p_rain, 0]), levels, levels,
        zero + 1 / 3, ("GT",), np.zeros((1, 8)), zero, {}, Reference(True, OTHER_RACES, 0.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("p_wet", "p_rain", "wet"),
    [(0.1, 0.15, False), (0.101, 0.0, True), (0.0, 0.151, True), (0.0, 0.0, False)],
)
def test_water_counts_above_one_in_ten_and_rain_above_three_in_twenty(
    p_wet: float, p_rain: float, wet: bool
) -> None:
    assert is_wet(track(p_wet, p_rain)) is wet


def test_a_card_for_rain_weighs_wets_now_next_lap_and_in_two() -> None:
    assert [each.key for each in rain_candidates(MID)][-1] == "box+2:wet"


@pytest.mark.parametrize(("togo", "opens"), [(48.5, 58), (48.51, 59), (20.2, 40)])
def test_the_window_opens_where_half_a_lap_of_luck_spares_a_stop(togo: float, opens: int) -> None:
    now = replace(MID, laps_to_go=togo, fuel_laps=19.6)
    assert pit_window(now, 0.5).opens_lap == min(opens, 40 + 18)


def race_of(*, retire_per_h: float = 0.0) -> Futures:
    params, state = a_race(retire_per_h=retire_per_h)
    names = tuple(str(c) for c in range(params.cars))
    return Futures(params, state, ("HYPERCAR", "LMGT3"), names, 2, None, False, 1)


CALLS = (
    Candidate("stay", "stay", 20, until="range_end"),
    Candidate("box+0:usual", "box", 1, "usual", "full", 0),
)


def spent(replicates: int, **more: object) -> int:
    found = rank(race_of(), CALLS, Utility("seconds"), replicates=replicates, seed=5, **more)  # type: ignore[arg-type]
    return len(found.finishes[found.call.key].place)


def test_a_comparison_that_runs_out_of_time_has_made_its_first_round_of_64() -> None:
    assert spent(512, out_of_time=lambda: True) == 64


def test_no_margin_is_clear_over_fewer_than_128_pairs() -> None:
    assert spent(512) >= 128


def test_futures_count_by_block_from_four_blocks_on() -> None:
    values = np.repeat([0.0, 1.0, 0.0, 1.0], 8)
    by_block = mean_se(values, 8)
    assert by_block.se == pytest.approx(np.std([0, 1, 0, 1], ddof=1) / 2)
    assert mean_se(values[:31], 8).se < by_block.se


def test_half_a_count_is_added_to_every_place() -> None:
    drawn = {"cars": ["1", "2"], "classes": ["GT", "GT"], "class_position": [[1, 2]] * 9}
    places = simulated_places(drawn)["GT"].p_place
    assert places.tolist() == [[0.95, 0.05], [0.05, 0.95]]


def test_a_future_that_did_not_differ_tells_nothing_of_the_contrast() -> None:
    params, state = a_race()
    found = boxing()
    same = {b: Future(params, state, 100.0 + 0.5 * (b % 2), 0.0) for b in range(BLOCKS)}
    assert flips(replace(found, futures=same), there(), (), 95_000.0, NOW) == ()
    assert found.call == BOX


@pytest.mark.parametrize(("known", "holds"), [(9, False), (10, True), (30, True), (31, False)])
def test_what_is_known_holds_between_ten_and_ninety_percent_of_what_is_simulated(
    known: float, holds: bool
) -> None:
    assert Check("laps", known, 10.0, 20.0, 30.0, "S00").holds is holds
