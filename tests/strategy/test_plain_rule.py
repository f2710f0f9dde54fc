"""The plain rule: what it does, what it leaves to comparison, and when a call is clear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dryline.analysis.stops.reach import Reach, told_reach
from dryline.answers.cards import NeutralisedNow
from dryline.domain.instant import Instant
from dryline.domain.series import Series
from dryline.rules.pit_lane import LaneState, PitLane
from dryline.strategy.candidates import Candidate, Situation, candidates
from dryline.strategy.cards import Card, card_by_rule, last_chance_ms
from dryline.strategy.evaluate import Ranking
from dryline.strategy.plain_rule import by_rule, led_by_rule, takes_yellow
from dryline.strategy.utility import SimulatedFinishes, Utility

NOW = Situation(
    40, 20.0, 30.0, 60.0, may_stop=True, tyres=("usual",), reach=told_reach(30.0, 0.5, 20.0)
)


@pytest.mark.parametrize(
    ("used", "lane_open", "needs_stop", "comes"),
    [
        (0.25, True, True, True),
        (0.249, True, True, False),
        (0.9, False, True, False),
        (0.9, True, False, False),
    ],
)
def test_an_open_lane_under_a_neutralisation_is_taken_from_a_quarter_of_the_range(
    used: float, lane_open: bool, needs_stop: bool, comes: bool
) -> None:
    assert takes_yellow(used=used, lane_open=lane_open, needs_stop=needs_stop) == comes


def rule(now: Situation, *, yellow: bool) -> Candidate:
    return by_rule(now, candidates(now), yellow=yellow)[0]


def test_under_green_it_goes_to_the_end_of_the_range_and_boxes_there() -> None:
    assert rule(NOW, yellow=False).until == "range_end"
    assert rule(replace(NOW, fuel_laps=1.9), yellow=False).laps_ahead == 0


def test_under_a_yellow_it_boxes_or_waits_for_the_lane_or_stays_where_little_is_used() -> None:
    assert rule(NOW, yellow=True).key == "box+0:usual"
    assert rule(replace(NOW, may_stop=False), yellow=True).until == "lane_opens"
    assert rule(replace(NOW, may_stop=False), yellow=False).until == "range_end"
    fresh = replace(NOW, fuel_laps=28.0, reach=told_reach(30.0, 0.5, 28.0))
    assert rule(fresh, yellow=True).until == "range_end"


def test_a_tank_that_surely_reaches_the_flag_stays_out_under_a_yellow() -> None:
    sure = Reach(np.array([50.0, 51.0]), np.array([0.0, 1.0]), 25.0)
    now = replace(NOW, fuel_laps=25.0, laps_to_go=24.0, reach=sure)
    assert rule(now, yellow=True).until == "flag"


STAY = Candidate("stay", "stay", 60, until="range_end")
SAVE = Candidate("save", "save", 60, until="range_end", save=0.05)
BOX = Candidate("box+0:usual", "box", 40, "usual", "full", 0)


def ranked(**gain_s: float) -> Ranking:
    """Every candidate so many seconds better than the first in every future but one in ten."""
    luck = np.where(np.arange(200) % 10 == 0, -1.0, 1.0)
    order = [STAY, SAVE, BOX]
    finishes = {
        each.key: SimulatedFinishes(
            np.ones(200), -gain_s.get(each.action, 0.0) * luck, np.zeros(200, np.bool_)
        )
        for each in order
    }
    best = sorted(order, key=lambda each: finishes[each.key].seconds.mean())
    return Ranking(tuple(best), finishes, "margin clear", 1, Utility("seconds"), {})


def test_simulated_worth_does_not_turn_the_rule_but_chooses_how_it_is_done() -> None:
    asked = (STAY, SAVE, BOX)
    assert ranked(box=9.0).call == BOX
    assert led_by_rule(ranked(box=9.0), asked, NOW, yellow=False).call == STAY
    assert led_by_rule(ranked(save=9.0), asked, NOW, yellow=False).call == SAVE
    assert led_by_rule(ranked(save=9.0), asked, NOW, yellow=True).call == BOX
    led = led_by_rule(ranked(box=9.0), asked, NOW, yellow=False)
    assert led.runner_up == BOX
    assert led.margin(led.call, BOX).value < 0.0
    assert not led.is_clear


@pytest.mark.parametrize(("wins", "call"), [(139, STAY), (142, BOX)])
def test_where_tyres_are_the_question_what_is_better_in_most_futures_turns_it(
    wins: int, call: Candidate
) -> None:
    now = replace(NOW, tyres=("slick", "wet"))
    gain = np.where(np.arange(200) < wins, -3.0, 3.0)
    gone = np.zeros(200, np.bool_)
    finishes = {
        "stay": SimulatedFinishes(np.ones(200), np.zeros(200), gone),
        "box+0:usual": SimulatedFinishes(np.ones(200), gain, gone),
    }
    found = Ranking((BOX, STAY), finishes, "margin clear", 1, Utility("seconds"), {})
    assert led_by_rule(found, (STAY, BOX), now, yellow=False).call == call


WAIT = Candidate("wait:wet", "stay", 46, "wet", until="first_lap")


@pytest.mark.parametrize(
    ("stay_s", "box_s", "box_wins", "call"),
    [
        (0.0, 0.0, 100, WAIT),  # on this lap both stay out: the one that says what for
        (-0.9, 0.0, 100, WAIT),
        (-1.1, 0.0, 100, STAY),
        (0.0, 3.0, 139, WAIT),
        (0.0, 3.0, 142, BOX),
    ],
)
def test_where_nobody_knows_the_gap_the_rule_waits_for_a_first_lap(
    stay_s: float, box_s: float, box_wins: int, call: Candidate
) -> None:
    """Staying is better by so many halves of the standard error; boxing in so many futures."""
    now = replace(NOW, tyres=("slick", "wet"), gap_unknown=True)
    luck = np.where(np.arange(200) % 2 == 0, -1.0, 1.0)
    se = float(luck.std(ddof=1)) / 200**0.5
    gone = np.zeros(200, np.bool_)
    policy = replace(STAY, until="policy")
    finishes = {
        "wait:wet": np.zeros(200),
        "stay": 2.0 * stay_s * se + luck,
        "box+0:usual": np.where(np.arange(200) < box_wins, -box_s, box_s),
    }
    found = Ranking(
        tuple(sorted((WAIT, policy, BOX), key=lambda each: finishes[each.key].mean())),
        {key: SimulatedFinishes(np.ones(200), s, gone) for key, s in finishes.items()},
        "margin clear", 1, Utility("seconds"), {},
    )  # fmt: skip
    asked = (policy, BOX, WAIT)
    assert by_rule(now, asked, yellow=False)[0] == WAIT
    assert led_by_rule(found, asked, now, yellow=False).call.key == call.key


@pytest.mark.parametrize(("wins", "clear"), [(158, False), (162, True)])
def test_a_call_is_clear_from_four_futures_of_five_on(wins: int, clear: bool) -> None:
    gain = np.where(np.arange(200) < wins, -3.0, 3.0)
    gone = np.zeros(200, np.bool_)
    finishes = {
        "stay": SimulatedFinishes(np.ones(200), gain, gone),
        "box+0:usual": SimulatedFinishes(np.ones(200), np.zeros(200), gone),
    }
    found = Ranking((STAY, BOX), finishes, "margin clear", 1, Utility("seconds"), {})
    assert found.p_better(STAY, BOX) == pytest.approx(wins / 200)
    assert found.is_clear == clear


def test_a_card_says_what_a_stop_then_has_cost_where_that_was_measured() -> None:
    now = replace(
        NOW,
        green_stop_s=61.25,
        yellow_price=Series.of("wec").neutralisations.stop_price,
    )
    lane = PitLane(LaneState.OPEN, None, 0.9, "open")
    vsc = NeutralisedNow.of(Card("vsc", lane, BOX, None, "s"), now)
    assert (vsc.stop_s, vsc.stop_p90_s, vsc.green_stop_s) == (3.2, 85.8, 61.2)
    assert vsc.margin.value is None
    yellow = NeutralisedNow.of(Card("fcy", lane, STAY, None, "s"), now)
    assert yellow.stop_s is None


@pytest.mark.parametrize(("wins", "call"), [(158, "lane_opens"), (162, "flag_likely")])
def test_a_tank_that_probably_reaches_the_flag_goes_on_under_yellow_where_that_is_clearly_better(
    wins: int, call: str
) -> None:
    likely = told_reach(30.0, 2.0, 22.0)
    now = replace(NOW, fuel_laps=19.0, laps_to_go=20.0, reach=likely, may_stop=False)
    assert 0.5 < now.p_reach <= 0.95
    asked = candidates(now)
    gain = np.where(np.arange(200) < wins, -3.0, 3.0)
    gone = np.zeros(200, np.bool_)
    finishes = {
        each.key: SimulatedFinishes(
            np.ones(200), gain if each.until == "flag_likely" else np.zeros(200), gone
        )
        for each in asked
    }
    found = Ranking(asked, finishes, "margin clear", 1, Utility("seconds"), {})
    assert by_rule(now, asked, yellow=True)[0].until == "lane_opens"
    assert led_by_rule(found, asked, now, yellow=True).call.until == call


@pytest.mark.parametrize(("opens_s", "until"), [(1_899, "lane_opens"), (1_901, "flag_likely")])
def test_a_lane_that_opens_only_on_the_last_lap_is_not_waited_for(opens_s: int, until: str) -> None:
    likely = told_reach(30.0, 2.0, 22.0)
    now = replace(NOW, fuel_laps=19.0, laps_to_go=20.0, reach=likely, may_stop=False)
    lane = PitLane(LaneState.CLOSED, Instant(1_000 * opens_s), 0.9, "closed")
    latest = last_chance_ms(now, Instant(0), 100_000.0)
    assert card_by_rule(now, candidates(now), "fcy", lane, latest).until == until
