"""Races replayed: what is known by hand is found, and nobody sees what is still to come."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.kernels.replay_road import CLOSED_S, lap_end
from dryline.kernels.replay_run import ReplayStart
from dryline.race.race import Race
from dryline.strategy.plain_rule import YELLOW_USED
from dryline.studies.advice.replay import Replay, replay_of
from dryline.studies.advice.replay_decisions import YellowDecision, decisions_of, regret_s, regrets
from dryline.studies.advice.replay_fidelity import is_faithful, yellow_errors_s
from dryline.studies.advice.replay_follow import (
    as_crewed,
    follow,
    in_hindsight,
    passage,
    room_for,
)
from dryline.studies.advice.replay_hazards import (
    HazardOracle,
    Hazards,
    YellowFacts,
    learn_hazards,
)
from dryline.studies.advice.replay_policies import (
    EndOfRange,
    Passage,
    Policy,
    RandomLaps,
    SeriesRule,
    YellowRule,
)
from dryline.studies.advice.replay_scores import contenders, replay_rows
from dryline.studies.advice.replay_summary import decided, replayed
from dryline.studies.advice.yellow import MOST, yellow_figures, yellow_rows
from dryline.studies.study import opened, scheduled_ms
from tests.made_up.field import crossings
from tests.made_up.replays import DRIVEN_S, LAP_S, RANGE, STOP_S, Yellow, replay_with

MIDDLE = Yellow(2_350.0, 3_150.0, opens=2_360.0)
"""It begins on lap 24; the lane opens at once, and from then on a full tank reaches the flag."""
UNDER = range(24, 29)
GREEN_PRICE_S = STOP_S - DRIVEN_S


@dataclass(frozen=True)
class Listening:
    """A rule that keeps what it was told."""

    rule: Policy
    name: str = "listening"
    heard: list[tuple[Passage, bool]] = field(default_factory=list)

    def boxes(self, now: Passage) -> bool:
        """As the rule says."""
        said = self.rule.boxes(now)
        self.heard.append((now, said))
        return said


def test_on_a_green_road_a_stop_costs_what_the_lane_takes_beyond_the_track() -> None:
    replay = replay_with()
    crew = replay.crews[0]
    run = as_crewed(replay, crew)
    never_stopped = crew.laps + (crew.car.flag_s - crew.end_s) / LAP_S
    assert (never_stopped - run.distance) * LAP_S == pytest.approx(GREEN_PRICE_S)
    assert run.stops == (25,)


def test_without_a_yellow_no_lap_is_better_than_another_that_needs_as_few_stops() -> None:
    replay = replay_with(boxes=(22,))
    crew = replay.crews[0]
    best = in_hindsight(replay, crew, room_for(replay))
    assert len(best.stops) == 1
    assert best.distance == pytest.approx(as_crewed(replay, crew).distance, abs=1e-6)
    assert follow(replay, crew, EndOfRange()).stops == (RANGE,)
    assert follow(replay, crew, YellowRule()).stops == (RANGE,)


def test_a_car_that_may_stop_under_yellow_is_found_to_stop_there_or_just_before() -> None:
    """Just before is as good, for who knows: the train waits while the car is in the lane."""
    replay = replay_with(MIDDLE, boxes=(22,))
    crew = replay.crews[0]
    crewed = as_crewed(replay, crew).distance
    best = in_hindsight(replay, crew, room_for(replay))
    assert len(best.stops) == 1
    assert best.stops[0] in range(UNDER[0] - 1, UNDER[-1])
    rule = follow(replay, crew, YellowRule())
    assert rule.stops[0] in UNDER
    for run in (best, rule):
        assert 0.6 * GREEN_PRICE_S < (run.distance - crewed) * LAP_S <= GREEN_PRICE_S


def test_a_closed_lane_gives_nothing() -> None:
    replay = replay_with(Yellow(MIDDLE.begin, MIDDLE.end), boxes=(22,))
    crew = replay.crews[0]
    assert follow(replay, crew, YellowRule()).stops == follow(replay, crew, EndOfRange()).stops
    assert list(decisions_of(replay, room_for(replay))) == []

    class Stubborn:
        name = "stubborn"

        def boxes(self, now: Passage) -> bool:
            return now.lap == 25

    through = follow(replay, crew, Stubborn())
    opened_then = replay_with(MIDDLE, boxes=(22,))
    lawful = follow(opened_then, opened_then.crews[0], Stubborn())
    assert (lawful.distance - through.distance) * LAP_S > 0.3 * CLOSED_S


@pytest.mark.parametrize("row", [1, 2, 5])
def test_nobody_passes_behind_the_train(row: int) -> None:
    replay = replay_with(MIDDLE, row=row)
    crew = replay.crews[0]
    ahead = replay.field.end[row - 1]
    for lap in range(24, 27):
        end = lap_end(lap, float(ahead[lap - 1]) + 0.2, 0.0, replay.field, crew.car)
        assert end >= ahead[lap]
        assert end <= ahead[lap] + 2.0


def test_the_first_car_goes_no_faster_than_the_train_behind_it() -> None:
    """All who were ahead have gone: what is behind drives at the safety car's speed."""
    replay = replay_with(MIDDLE, row=0)
    crew = replay.crews[0]
    start = float(replay.field.end[0, 24])
    behind = replay.field.end[1, 25] - replay.field.end[1, 24]
    end = lap_end(25, start, 0.0, replay.field, crew.car)
    assert end - start == pytest.approx(behind, abs=1.0)


def test_a_car_that_boxes_rejoins_where_its_time_puts_it() -> None:
    """Six cars a second apart go by within the stop: it comes out behind all of them."""
    replay = replay_with(MIDDLE, row=0, boxes=(25,))
    crew = replay.crews[0]
    start = ReplayStart(24, float(replay.field.end[0, 23]), 0.0, 7.0)
    heard = Listening(YellowRule())
    run = follow(replay, crew, heard, start)
    assert run.stops[0] == 25
    after = next(now for now, _ in heard.heard if now.lap == 26)
    last = replay.field.end[1:, 25].max()
    assert after.at_s + DRIVEN_S > last


def test_a_car_does_not_stop_for_fuel_that_it_does_not_need() -> None:
    late = Yellow(3_350.0, 3_950.0, opens=3_360.0)
    replay = replay_with(late, boxes=(26,))
    assert all(
        lap <= RANGE for lap in follow(replay, replay.crews[0], YellowRule(otherwise=0.0)).stops
    )


@pytest.mark.parametrize("begin", [700.0, 1_450.0, 2_120.0, 2_880.0])
@pytest.mark.parametrize("row", [0, 3, 5])
def test_no_policy_beats_hindsight(begin: float, row: int) -> None:
    replay = replay_with(Yellow(begin, begin + 800.0, begin + 230.0), row=row)
    crew = replay.crews[0]
    best = in_hindsight(replay, crew, room_for(replay))
    hazards = Hazards(0.8, 900.0, 0.7, 0.3)
    for policy in (*contenders(1, hazards), YellowRule("always", otherwise=0.0)):
        assert follow(replay, crew, policy).distance <= best.distance + 1e-3, policy.name
    assert as_crewed(replay, crew).distance <= best.distance + 1e-3


@pytest.mark.parametrize("rule", [YellowRule(), SeriesRule(), RandomLaps(3), EndOfRange()])
def test_what_is_decided_depends_on_nothing_still_to_come(rule: Policy) -> None:
    """The same answers where the yellow lasts longer and everybody behind it runs otherwise."""
    now, later = replay_with(MIDDLE), replay_with(MIDDLE._replace(end=3_950.0))
    told = [Listening(rule), Listening(rule)]
    for replay, listening in zip((now, later), told, strict=True):
        follow(replay, replay.crews[0], listening)
    until = MIDDLE.end - 2 * LAP_S
    first, second = (
        [(n.lap, n.at_s, n.kind, n.lane_open, n.fuel_laps, said)
         for n, said in each.heard if n.at_s < until]
        for each in told
    )  # fmt: skip
    assert first == second
    assert any(kind == "safety_car" for _, _, kind, *_ in first)


def _decision(by_rule_s: float, at_best_s: float, *, used: float, boxed: bool) -> YellowDecision:
    replay = replay_with(MIDDLE)
    now = passage(replay, replay.crews[0], 25, (0, 2_500.0, RANGE * (1 - used), 1, 0, 40, 10, 0))
    return YellowDecision(now, 2_350.0, boxed, by_rule_s, at_best_s, 5.0)


def test_a_decision_regrets_the_better_of_the_two() -> None:
    decision = _decision(12.0, -3.0, used=0.5, boxed=True)
    assert regret_s(decision, boxes=True) == 0.0
    assert regret_s(decision, boxes=False) == 12.0
    assert regret_s(decision, boxes=True, at_best=True) == 3.0


def test_a_sheet_of_answers_is_scored_where_it_has_one() -> None:
    decisions = [_decision(12.0, 4.0, used=0.5, boxed=True)] * 2
    key = decisions[0].at.race, decisions[0].at.car_number, decisions[0].at_ms
    assert decisions[0].at_ms < decisions[0].at.at_s * 1000
    scored = regrets(decisions, {key: False})
    assert scored == {"decisions": 2, "by_rule_s": 12.0, "at_best_s": 4.0}
    assert regrets(decisions, {}) == {"decisions": 0, "by_rule_s": None, "at_best_s": None}


def test_boxing_under_an_open_yellow_is_worth_most_of_a_green_stop() -> None:
    replay = replay_with(MIDDLE, boxes=(25,))
    (found,) = decisions_of(replay, room_for(replay))
    assert found.boxed
    assert found.at.kind == "safety_car"
    assert found.at.used == pytest.approx(0.8, abs=0.05)
    assert found.by_rule_s == pytest.approx(GREEN_PRICE_S, abs=25.0)
    assert found.at_best_s <= found.by_rule_s + 1e-6
    assert found.price_s < 0.4 * GREEN_PRICE_S


def test_hazards_are_those_of_the_series_in_other_races() -> None:
    facts = [
        YellowFacts("imsa", 2.0, 3, 1_800.0, 6, 3, 20.0, 100.0),
        YellowFacts("imsa", 4.0, 3, 1_200.0, 6, 6, 40.0, 100.0),
        YellowFacts("wec", 6.0, 60, 600.0, 60, 0, 0.0, 0.0),
    ]
    assert learn_hazards(facts, "imsa") == Hazards(1.0, 500.0, 0.75, 0.3)
    assert learn_hazards(facts, "elms").per_hour == pytest.approx(5.5)


def _asked(used: float, kind: str, to_go: float = 40.0) -> Passage:
    replay = replay_with(MIDDLE)
    now = passage(
        replay, replay.crews[0], 25,
        (0, 2_500.0 if kind != "green" else 900.0, RANGE * (1 - used), 1, -1, to_go, 10, 0),
    )  # fmt: skip
    assert now.kind == kind
    return now


def test_who_knows_hazards_only_waits_on_a_green_road_for_a_yellow_to_come() -> None:
    oracle = HazardOracle(Hazards(1.0, 900.0, 0.8, 0.2))
    assert not any(oracle.boxes(_asked(used, "green")) for used in (0.2, 0.5, 0.9))


def test_who_knows_hazards_only_boxes_under_yellow_where_it_spares_a_green_stop() -> None:
    cheap = HazardOracle(Hazards(1.0, 900.0, 0.8, 0.2))
    assert cheap.boxes(_asked(0.6, "safety_car"))
    assert not cheap.boxes(_asked(0.02, "safety_car"))
    dear = HazardOracle(Hazards(1.0, 900.0, 0.8, 1.0))
    assert not dear.boxes(_asked(0.2, "safety_car", to_go=55.0))


@pytest.fixture(scope="module")
def made_up() -> Replay:
    frame = crossings(cars=12, hours=2.0, seed=4, stint_laps=14)
    info = RaceInfo(name="x", series="wec", year=2024, length=RaceLength(ms=7_200_000))
    replay = replay_of("x", Race(info, frame))
    assert replay is not None
    return replay


def test_the_crews_own_stops_give_the_crews_own_races(made_up: Replay) -> None:
    assert len(made_up.crews) >= 8
    for crew in made_up.crews:
        run = as_crewed(made_up, crew)
        assert run.laps == crew.laps
        assert run.end_s == pytest.approx(crew.end_s, abs=5.0)
        assert made_up.place(crew, crew.laps, crew.end_s) <= 6


def test_the_way_through_a_yellow_is_the_real_one(made_up: Replay) -> None:
    errors = [each for crew in made_up.crews for each in yellow_errors_s(made_up, crew)]
    assert len(errors) >= 6
    assert np.median(np.abs(errors)) < 25.0
    assert is_faithful(made_up.crews[0], as_crewed(made_up, made_up.crews[0]))


def test_a_car_whose_own_stops_give_another_race_is_no_witness() -> None:
    replay = replay_with(boxes=(25,))
    crew = replay.crews[0]
    run = as_crewed(replay, crew)
    assert not is_faithful(replace(crew, laps=crew.laps + 1), run)
    assert is_faithful(replace(crew, laps=run.laps, end_s=run.end_s + 30.0), run)
    assert not is_faithful(replace(crew, laps=run.laps, end_s=run.end_s + 30.1), run)


def test_a_race_without_an_end_is_not_replayed() -> None:
    frame = crossings(cars=6, hours=1.0, flags=False)
    assert replay_of("x", Race(RaceInfo(name="x", series="wec", year=2024), frame)) is None


def test_the_figures_are_means_over_cars_and_paired() -> None:
    rows = [
        {"race": race, "series": "imsa", "neutralised": n, "crew_off_laps": 0, "crew_off_s": off,
         "faithful": race != "c", "yellow_errors_s": [off, -70.0],
         "crew_stops": 3, "yellow_rule_s": rule, "yellow_rule_places": 1, "yellow_rule_stops": 2,
         "oracle_s": 20.0, "oracle_places": 2, "oracle_stops": 3}
        for race, n, off, rule in (("a", 1, 1.0, 4.0), ("b", 0, 9.0, 8.0), ("c", 1, 2.0, 99.0))
    ]  # fmt: skip
    found = replayed(rows, seed=1)
    rule, oracle = found["policies"]
    assert (rule["gain_s"], rule["more_stops"], rule["over_yellow_rule_s"]) == (6.0, -1.0, 0.0)
    assert (oracle["over_yellow_rule_s"], oracle["gain_places"]) == (14.0, 2.0)
    assert found["without_neutralisations"][0]["gain_s"] == 8.0
    assert found["crews_replayed"] == {
        "cars": 3, "faithful": pytest.approx(2 / 3), "same_laps": 1.0, "median_off_s": 2.0,
        "yellows": 6, "yellow_median_off_s": pytest.approx(39.5), "yellow_lap_off": 0.5,
    }  # fmt: skip


def test_a_choice_at_random_regrets_half() -> None:
    rows = [
        {"race": "a", "series": "imsa", "kind": "fcy", "start_ms": 1, "boxed": boxed, "used": used,
         "by_rule_s": worth, "at_best_s": worth, "price_s": 4.0, "mine_boxes": True}
        for boxed, used, worth in ((True, 0.6, 10.0), (False, 0.1, -6.0))
    ]  # fmt: skip
    summary = decided(rows, seed=1)
    assert [(each["from"], each["box_worth_by_rule_s"]) for each in summary["by_used"]] == [
        (-10.0, -6.0), (0.6, 10.0)
    ]  # fmt: skip
    found = {each["choice"]: each["by_rule_s"] for each in summary["choices"]}
    assert found == {"crews": 0.0, "always_box": 3.0, "from_20": 0.0, "from_50": 0.0,
                     "never": 5.0, "random": 4.0, "mine": 3.0}  # fmt: skip


@pytest.mark.needs_data
def test_a_real_race_is_replayed_and_stopping_under_its_yellows_pays(data: Path) -> None:
    name, race = opened(data / "imsa/2024/05-sebring-international-raceway")
    rows = replay_rows(name, race, contenders(1, Hazards(0.8, 1_000.0, 0.6, 0.25)))
    cars = [row for row in rows if row["part"] == "replay"]
    assert len(cars) > 25
    assert np.mean([row["crew_off_laps"] == 0 for row in cars]) > 0.9
    errors = np.concatenate([row["yellow_errors_s"] for row in cars])
    assert np.median(np.abs(errors)) < 5.0
    assert np.mean(np.abs(errors) > 60.0) < 0.15
    gains = {p: np.mean([row[f"{p}_s"] for row in cars]) for p in ("random", "end_of_range",
             "yellow_rule", "oracle")}  # fmt: skip
    assert gains["random"] < gains["end_of_range"] < gains["yellow_rule"] < gains["oracle"]
    assert all(row["oracle_s"] >= row["yellow_rule_s"] for row in cars)
    worth = np.mean([row["by_rule_s"] for row in rows if row["part"] == "decision"])
    assert 5.0 < worth < 40.0


def asked(series: str, regret: float, **more: object) -> dict[str, object]:
    return {
        "race": "one", "series": series, "flag_known": True, "lane_known": True, "boxes": True,
        "regret_s": regret, "crew_regret_s": 9.0, "rule_regret_s": 1.0, **more,
    }  # fmt: skip


def test_what_could_not_be_known_is_counted_and_left_out_of_the_regret() -> None:
    rows = [
        asked("imsa", 2.0), asked("imsa", 4.0), asked("wec", 6.0),
        asked("wec", 99.0, flag_known=False), asked("wec", 99.0, lane_known=False),
    ]  # fmt: skip
    found = yellow_figures(rows, 1)
    assert (found["asked"], found["flag_not_known"], found["lane_not_known"]) == (5, 1, 1)
    assert [each["regret_s"] for each in found["series"]] == [3.0, 6.0]


@pytest.mark.needs_data
def test_asked_under_the_yellows_of_a_real_race_it_does_what_the_rule_does(data: Path) -> None:
    """The range that a car has shown by then serves as well as that of its whole race."""
    name, race = opened(data / "imsa/2023/10-weathertech-raceway-laguna-seca")
    rows = yellow_rows(name, race, scheduled_ms(race), 1)
    assert 0 < len(rows) <= MOST
    assert all(row["flag_known"] and row["lane_known"] for row in rows)
    alike = [row["boxes"] == (row["used"] >= YELLOW_USED) for row in rows]
    assert np.mean(alike) > 0.9
    assert np.mean([abs(row["used_said"] - row["used"]) for row in rows]) < 0.1
