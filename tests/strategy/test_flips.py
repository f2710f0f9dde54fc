"""What would turn a call round: also where two calls are level, or nothing tells them apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dryline.analysis.stops.reach import told_reach
from dryline.strategy.candidates import Candidate, Situation
from dryline.strategy.cards import Card
from dryline.strategy.evaluate import PairedDifference, Ranking
from dryline.strategy.flips import flips, value_of_waiting
from dryline.strategy.futures import WET_BLOCK, Future, Futures
from dryline.strategy.utility import SimulatedFinishes, Utility
from tests.made_up.simulated import a_race

BLOCKS = 16
NOW = Situation(40, 20.0, 30.0, 60.0, may_stop=True, tyres=("usual",))
STAY = Candidate("stay", "stay", 44, until="policy")
BOX = Candidate("box+0:wet", "box", 40, "wet", "full", 0)


class Wet(Futures):
    """Futures that count as wet without a rain gauge."""

    @property
    def wet(self) -> bool:
        return True


def there() -> Wet:
    params, state = a_race()
    names = tuple(str(c) for c in range(params.cars))
    return Wet(params, state, ("HYPERCAR", "LMGT3"), names, 2, None, False, 1)


def ranking(gain_s: np.ndarray, contrast: np.ndarray, rain: np.ndarray) -> Ranking:
    """Boxing gains ``gain_s`` seconds by future, (BLOCKS,)."""
    size = BLOCKS * WET_BLOCK
    slow = np.repeat(gain_s, WET_BLOCK).astype(np.float64)
    running = np.zeros(size, np.bool_)
    finishes = {
        "box+0:wet": SimulatedFinishes(np.ones(size), np.zeros(size), running),
        "stay": SimulatedFinishes(np.ones(size), slow, running),
    }
    params, state = a_race()
    drawn = {
        b: Future(params, state, float(contrast[b]), float(rain[b])) for b in range(BLOCKS)
    }  # fmt: skip
    return Ranking((BOX, STAY), finishes, "margin clear", WET_BLOCK, Utility("seconds"), drawn)


FLAT = np.zeros(BLOCKS)
SLOPE = np.linspace(-4000.0, 4000.0, BLOCKS)


def test_two_calls_that_are_level_everywhere_flip_on_nothing() -> None:
    for contrast in (FLAT, SLOPE):
        for gain in (FLAT, FLAT + 3.0):
            assert flips(ranking(gain, contrast, FLAT), there(), (), 95_000.0, NOW) == ()


def test_no_weather_turns_a_call_that_the_comparison_would_not_make() -> None:
    noise = np.random.default_rng(2).normal(0.0, 0.2, BLOCKS)
    gain = -1.0 - 2.0 * SLOPE / 1000.0 + noise
    assert flips(ranking(gain, SLOPE, FLAT), there(), (), 95_000.0, NOW) == ()


def test_futures_that_do_not_differ_tell_no_threshold() -> None:
    noise = np.random.default_rng(1).normal(5.0, 1.0, BLOCKS)
    assert flips(ranking(noise, FLAT, FLAT), there(), (), 95_000.0, NOW) == ()


def test_a_gain_that_falls_with_the_contrast_flips_where_it_is_nought() -> None:
    noise = np.random.default_rng(2).normal(0.0, 0.2, BLOCKS)
    gain = 4.0 - 2.0 * SLOPE / 1000.0 + noise
    (found,) = flips(ranking(gain, SLOPE, FLAT), there(), (), 95_000.0, NOW)
    assert found.unit == "ms"
    assert abs(found.threshold - 2000.0) < 200.0
    assert found.instead == "stay"
    assert found.now == np.mean(found.threshold < SLOPE)


def test_rain_that_stops_soon_flips_a_call_for_wets() -> None:
    rain = np.repeat([2.0, 30.0], BLOCKS // 2)
    gain = np.where(rain < 5.0, -6.0, 9.0) + np.random.default_rng(3).normal(0.0, 0.5, BLOCKS)
    found = flips(ranking(gain, FLAT, rain), there(), (), 95_000.0, NOW)
    assert [each.unit for each in found] == ["min"]
    assert found[0].now == 0.5


def test_a_card_that_says_otherwise_flips_the_call_with_its_probability() -> None:
    from dryline.rules.pit_lane import LaneState, PitLane

    lane = PitLane(LaneState.OPEN, None, 0.9, "open")
    card = Card("vsc", lane, STAY, PairedDifference(3.0, 0.5), "s")
    found = flips(ranking(FLAT + 3.0, FLAT, FLAT), there(), (card,), 95_000.0, NOW)
    assert [each.instead for each in found] == ["stay"]
    assert 0.0 < found[0].now < 0.1
    close = replace(card, margin=PairedDifference(0.5, 0.5))
    assert flips(ranking(FLAT + 3.0, FLAT, FLAT), there(), (close,), 95_000.0, NOW) == ()


def test_waiting_is_the_best_call_that_does_not_box_now_less_the_best_that_does() -> None:
    wait = value_of_waiting(ranking(FLAT + 3.0, FLAT, FLAT))
    assert wait is not None
    assert wait.value == -3.0


@pytest.mark.parametrize(
    ("to_go", "left", "tank", "p", "words"),
    [
        (60.0, 20.0, 34, 0.0, "which spares a stop"),  # (7 used + 60) / 2 stops
        (18.0, 17.0, 28, 0.02, "no stop is needed"),
        (15.0, 17.0, 25, 0.0, "holds less than 25 laps"),
    ],
)
def test_the_last_flip_says_what_the_tank_must_hold(
    to_go: float, left: float, tank: int, p: float, words: str
) -> None:
    reach = told_reach(27.0, 0.5, left)
    now = Situation(40, left, 27.0, to_go, may_stop=True, tyres=("usual",), reach=reach)
    found = flips(ranking(FLAT, FLAT, FLAT), there(), (), 95_000.0, now)[-1]
    assert (found.threshold, found.unit) == (tank, "laps")
    assert words in found.condition
    assert found.now == pytest.approx(p, abs=0.01)
