"""Advice that knows what the team knows: its word beats inference, and is never early."""

from __future__ import annotations

from functools import lru_cache

import polars as pl
import pytest

import dryline
from dryline.analysis.track.reading import TrackEstimate
from dryline.answers.advice import Advice
from dryline.domain.errors import NotKnown
from dryline.domain.event import TeamInput
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.advising import advice_for
from dryline.engine.questions import Aid, AskAdvice
from dryline.feeds.live.team_lines import read_team_line
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.strategy.call import ReasonedCall
from dryline.strategy.team_said import said_at
from dryline.strategy.track_reading import read_track
from tests.made_up.field import crossings

DRY, RAIN = "2:35:00", "3:57:00"

HOUR = 3_600_000


@lru_cache(maxsize=2)
def opened(clock: str) -> tuple[Moment, TrackEstimate]:
    """A dry race of eight cars, or rain at Imola."""
    if clock == RAIN:
        moment = dryline.open_race("imola-2024").moment(clock)
    else:
        length = RaceLength(ms=6 * HOUR, source="said")
        info = RaceInfo(name="made up", series="wec", year=2024, length=length)
        frame = crossings(cars=8, hours=3.2, stint_laps=30, flags=False)
        moment = Race(info=info, crossings=frame).moment(clock)
    return moment, read_track(moment, hurried=True)


def told(clock: str, *lines: tuple[str, str]) -> Moment:
    moment, _ = opened(clock)
    race = moment.race
    inputs = [
        read_team_line(
            TeamInput(
                happened_at=race.instant(at), known_at=race.instant(at), author="Ana",
                text=text, number=number,
            )
        )
        for number, (at, text) in enumerate(lines, 1)
    ]  # fmt: skip
    return moment.as_told(inputs)


@lru_cache(maxsize=8)
def asked(car: str, clock: str, *lines: tuple[str, str]) -> ReasonedCall:
    track = opened(clock)[1]
    question = AskAdvice(car_number=car, replicates=16)
    return advice_for(told(clock, *lines), question, Aid(threads=1, track=track))


def test_told_energy_beats_the_inferred_range_and_is_told_back_as_energy() -> None:
    plain = asked("50", DRY)
    found = asked("50", DRY, ("2:34:30", "energy 5 use 2.9"))
    assert plain.situation.fuel_laps > 3
    assert found.situation.fuel_laps == pytest.approx(5 / 2.9)
    assert found.situation.range_laps == pytest.approx(100 / 2.9)
    assert found.ranking.call.action == "box"
    got = Advice.of(found, None, seed=1, simulated=True)
    assert got.call.energy_pct == 100.0
    assert "energy to 100 %" in got.call.words.exact
    assert got.range.seen
    assert got.team[0].author == "Ana"
    assert Advice.of(plain, None, seed=1, simulated=True).call.energy_pct is None


def test_a_level_read_laps_ago_has_been_used_since_and_one_from_before_the_stop_is_void() -> None:
    laps_ago = asked("50", DRY, ("2:30:00", "fuel 20 laps")).situation.fuel_laps
    now = asked("50", DRY, ("2:34:59", "fuel 20 laps")).situation.fuel_laps
    laps = opened(DRY)[0].race.laps.filter(pl.col("car_number") == "50")["elapsed_ms"]
    since = (laps > 150 * 60_000).sum()
    assert now == 20.0
    assert now - laps_ago == since > 0
    plain = asked("50", DRY).situation.fuel_laps
    void = asked("50", DRY, ("0:10:00", "fuel 2 laps"))
    assert void.situation.fuel_laps == plain
    assert not Advice.of(void, None, seed=1, simulated=True).range.seen
    assert void.cannot_tell[-1].startswith("the car's own fuel")


def test_the_hose_sets_the_stop_now_and_the_later_ones_alike() -> None:
    found = asked("50", DRY, ("2:00:00", "splits hose 30 tyres 12"))
    stops = {each.key: each for each in found.ranking.order}
    assert stops["box+0:none"].standing_ms < stops["box+0:two"].standing_ms
    assert stops["box+0:two"].standing_ms < stops["box+0:four"].standing_ms
    assert {stops[f"box+0:{how}"].count for how in ("none", "two", "four")} == {0, 2, 4}
    slow = asked("50", DRY, ("2:00:00", "splits hose 60 tyres 12"))
    ahead, behind = (
        each.ranking.worth(each.ranking.order[0]).value for each in (found, slow)
    )  # fmt: skip
    assert ahead > behind


def test_no_wets_left_means_that_none_are_offered_and_who_said_so() -> None:
    found = asked("50", RAIN, ("3:50:00", "no wets left"))
    assert all(each.tyres != "wet" for each in found.ranking.order)
    assert any("Ana said none is left" in line for line in found.cannot_tell)
    assert any(each.tyres == "wet" for each in asked("50", RAIN).ranking.order)
    later = told(RAIN, ("3:58:00", "no wets left"))
    question = AskAdvice(car_number="50", replicates=16)
    unseen = advice_for(later, question, Aid(track=opened(RAIN)[1]))
    assert any(each.tyres == "wet" for each in unseen.ranking.order)


def drivers_of(found: ReasonedCall) -> set[str | None]:
    return {each.turn.driver for each in found.ranking.order if each.laps_ahead == 0}


def test_a_pinned_driver_stays_and_one_who_is_away_does_not_get_in() -> None:
    at_wheel = asked("50", DRY).at_wheel
    pin = asked("50", DRY, ("2:00:00", f"{at_wheel} until 3:00"))
    assert drivers_of(pin) == {at_wheel}
    assert all(each.turn.changes is False for each in pin.ranking.order if each.laps_ahead == 0)
    crew = set(opened(DRY)[0].race.laps.filter(pl.col("car_number") == "50")["driver"])
    assert len(crew) > 1
    away = drivers_of(asked("50", DRY, ("2:00:00", f"without {at_wheel}")))
    assert len(away) == 1
    assert away <= crew - {at_wheel}


def test_a_pin_that_breaks_a_maximum_is_not_kept_and_says_by_how_much() -> None:
    at_wheel = asked("50", DRY).at_wheel
    found = asked("50", DRY, ("2:00:00", f"{at_wheel} until 11:00"))
    assert any("breaks the maximum of 4:30:00" in line for line in found.against)
    assert any("the pin is not kept" in line for line in found.against)
    assert not any(each.turn.forced for each in found.ranking.order)


def test_a_car_that_the_team_says_is_out_has_no_call_and_damage_costs_places() -> None:
    with pytest.raises(NotKnown, match="Ana said so at 2:10:00"):
        asked("50", DRY, ("2:10:00", "retired"))
    plain, hurt = asked("50", DRY), asked("50", DRY, ("2:20:00", "damage 3 s"))
    for one, other in ((plain, hurt),):
        worse = other.ranking.worth(other.ranking.call).value
        assert worse < one.ranking.worth(one.ranking.call).value - 1.0


def test_a_rivals_announced_stop_and_retirement_reach_the_futures() -> None:
    rival = ("2:20:00", "7 retired")
    gone = asked("8", DRY, rival)
    plain = asked("8", DRY)
    assert "7" not in {each.car_number for each in gone.rivals}
    assert "7" in {each.car_number for each in plain.rivals}
    assert (
        gone.ranking.worth(gone.ranking.call).value > plain.ranking.worth(plain.ranking.call).value
    )


def test_the_driver_is_named_where_the_rules_or_a_comparison_name_one() -> None:
    found = asked("50", DRY, ("2:34:30", "energy 5 use 2.9"))
    got = Advice.of(found, None, seed=1, simulated=True)
    crew = set(opened(DRY)[0].race.laps.filter(pl.col("car_number") == "50")["driver"])
    assert got.call.driver in crew
    assert got.call.driver_why
    if got.drivers:
        assert got.drivers[0].driver == got.call.driver
        assert (got.drivers[1].behind.value or 0.0) >= -0.01


def test_an_input_that_comes_later_is_not_heard() -> None:
    team = said_at(told(DRY, ("2:29:00", "energy 40 use 2"), ("2:36:00", "energy 2 use 2")))
    energy = team.own("50").energy
    assert energy is not None
    assert energy.value.left == 40.0
    assert energy.at == Instant(149 * 60_000)
