"""Several cars at once: the team's joint call, and the cards of the whole field."""

from __future__ import annotations

from functools import lru_cache

import pytest

from dryline.analysis.track.reading import TrackEstimate
from dryline.answers.team_advice import TeamAdvice
from dryline.domain.errors import NotKnown
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.questions import Aid, AskCards, AskTeamAdvice, ask
from dryline.engine.team_advising import cars_of_team, team_advice_for
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.strategy.team_call import JointCall
from dryline.strategy.track_reading import read_track
from tests.made_up.field import crossings

HOUR = 3_600_000
CLOCK = "0:22:00"


@lru_cache(maxsize=1)
def opened() -> tuple[Moment, TrackEstimate]:
    info = RaceInfo(
        name="made up", series="wec", year=2024, length=RaceLength(ms=HOUR, source="said")
    )
    moment = Race(info=info, crossings=crossings(cars=8)).moment(CLOCK)
    return moment, read_track(moment)


def asking(replicates: int) -> AskTeamAdvice:
    return AskTeamAdvice(team="made up", replicates=replicates)


@lru_cache(maxsize=1)
def joint() -> JointCall:
    moment, track = opened()
    found, away = team_advice_for(moment, ["50", "8"], asking(64), Aid(threads=1, track=track))
    assert away == ()
    return found


def test_a_joint_call_says_what_each_car_does_and_is_worth_their_places_together() -> None:
    found = joint()
    ranking = found.ranking
    assert {len(found.parts(each)) for each in ranking.order} == {2}
    places = [found.place(ranking.call, at) for at in (0, 1)]
    assert -sum(places) == pytest.approx(ranking.worth(ranking.call).value, abs=1e-9)
    assert found.best_place(ranking.call).value <= min(places) + 1e-9
    assert len({each.key for each in ranking.order}) == len(ranking.order) > 4
    assert any(found.is_split(each) for each in ranking.order)


def test_a_double_stack_in_one_box_costs_about_a_stop_of_the_second_car() -> None:
    stack = joint().stack
    assert stack is not None
    assert stack.waits.value > 2.0 * stack.waits.se
    assert 2.0 < stack.waits.value < 90.0
    assert stack.worth.value >= -2.0 * stack.worth.se


def test_the_joint_object_names_the_cars_the_split_and_the_stack() -> None:
    got = TeamAdvice.of(joint(), "Team", ("#7 is in the pits",), seed=1, simulated=False)
    assert [each.car_number for each in got.call] == ["50", "8"]
    assert [each.car_number for each in got.cars] == ["50", "8"]
    for each in got.candidates:
        assert each.key == " + ".join(f"{car.car_number} {car.key}" for car in each.cars)
    assert got.not_on_track == ("#7 is in the pits",)
    assert got.double_stack is not None
    assert got.double_stack.shared_box
    assert got.margin.runner_up == got.candidates[1].key


def test_cars_that_are_not_on_the_track_are_named_and_one_car_is_no_team() -> None:
    moment, track = opened()
    _, away = team_advice_for(moment, ["50", "31", "8"], asking(8), Aid(threads=1, track=track))
    assert len(away) == 1
    assert "car 31 is in the pits" in away[0]
    with pytest.raises(NotKnown, match="1 car of the team"):
        team_advice_for(moment, ["50"], asking(8), Aid(track=track))


def test_a_team_is_found_by_its_name_or_the_part_that_only_it_bears() -> None:
    race = opened()[0].race
    name = race.entries["50"].team
    assert "50" in cars_of_team(race, name.upper())
    with pytest.raises(NotKnown, match="is no team here"):
        cars_of_team(race, "Nobody")
    with pytest.raises(NotKnown, match="several teams"):
        cars_of_team(race, "Team")


def test_every_running_car_has_cards_of_each_kind_with_the_lane_of_its_class() -> None:
    moment, track = opened()
    found = ask(moment, AskCards(replicates=16), Aid(threads=1, track=track))
    running = {each.car_number for each in moment.race.at(moment.at) if each.status == "running"}
    assert {car.car_number for car in found.cars} == running
    assert found.frame().height == 7 * len(running)
    for car in found.cars:
        kinds = {card.kind: card for card in car.neutralised_now}
        assert set(kinds) == {"fcy", "vsc", "safety_car", "red"}
        for kind in ("fcy", "safety_car", "red"):
            assert kinds[kind].call.action != "box"
        assert [card.sector for card in car.rain] == [1, 2, 3]
        assert 0.0 <= car.p_one_more_lap <= 1.0
        assert car.stops_left.p10 <= car.stops_left.p90
        assert car.planned_laps > 20


def test_while_a_neutralisation_is_in_force_its_card_alone_is_given_and_no_stop() -> None:
    info = RaceInfo(
        name="made up", series="wec", year=2024, length=RaceLength(ms=HOUR, source="said")
    )
    race = Race(info=info, crossings=crossings(cars=8))
    found = ask(race.moment("0:29:00"), AskCards(replicates=8), Aid(threads=1))
    assert found.cars
    for car in found.cars:
        (only,) = car.neutralised_now
        assert only.kind == "safety_car"
        assert only.call.action != "box"


def test_the_cards_of_the_field_are_the_same_for_the_same_seed_and_any_threads() -> None:
    moment, track = opened()
    one, two = (
        ask(moment, AskCards(replicates=16), Aid(threads=threads, track=track))
        for threads in (1, 2)
    )
    assert one == two
