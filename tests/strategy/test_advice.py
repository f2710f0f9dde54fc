"""Advice over whole races: what it must say, must not offer, and must not have seen."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import polars as pl
import pytest

import dryline
from dryline.analysis.track.reading import TrackEstimate
from dryline.answers.action import Tyres
from dryline.answers.advice import Advice
from dryline.answers.call import FirstLap
from dryline.domain.errors import InputError, NotKnown, UnknownCar, UnknownLength
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.advising import advice_for, parse_budget
from dryline.engine.championship import known_book
from dryline.engine.questions import Aid, AskAdvice, ask
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.strategy.call import Budget, ReasonedCall, call_for
from dryline.strategy.setting import own_car, read_setting
from dryline.strategy.track_reading import read_track
from dryline.strategy.utility import Utility
from tests.made_up.field import crossings

HOUR = 3_600_000


def made(frame: pl.DataFrame, *, length_ms: int | None = HOUR, year: int | None = 2024) -> Race:
    length = None if length_ms is None else RaceLength(ms=length_ms, source="said")
    info = RaceInfo(name="made up", series="wec", year=year, length=length)
    return Race(info=info, crossings=frame)


def asked(race: Race, car: str, clock: str, **more: Any) -> dict[str, Any]:
    question = AskAdvice(car_number=car, **{"replicates": 64, **more})
    return ask(race.moment(clock), question, Aid(threads=1)).to_dict()


@lru_cache(maxsize=4)
def imola(clock: str) -> tuple[Moment, TrackEstimate]:
    moment = dryline.open_race("imola-2024").moment(clock)
    return moment, read_track(moment)


@lru_cache(maxsize=16)
def at_imola(car: str, clock: str) -> ReasonedCall:
    """The call at Imola, the track read once for all cars; few futures for the cards."""
    moment, track = imola(clock)
    setting = read_setting(moment, (car,), 6 * HOUR, known_book(moment.race), track=track)
    spend = Budget(replicates=128, card_replicates=16, extras=False)
    return call_for(setting, own_car(setting, car), Utility(), spend)


def test_the_same_seed_gives_the_same_advice_and_another_seed_other_figures() -> None:
    race = made(crossings(cars=8))
    one, again = asked(race, "50", "0:20:00", seed=4), asked(race, "50", "0:20:00", seed=4)
    assert one == again
    assert asked(race, "50", "0:20:00", seed=5)["candidates"] != one["candidates"]


def test_nothing_after_the_instant_is_seen() -> None:
    frame = crossings(cars=8)
    later = pl.col("elapsed_ms") > 1_200_000
    spoilt = frame.with_columns(
        lap_time_ms=pl.when(later).then(pl.col("lap_time_ms") * 3).otherwise("lap_time_ms"),
        s1_ms=pl.when(later).then(1).otherwise("s1_ms"),
        flag=pl.when(later).then(pl.lit("red")).otherwise("flag"),
        in_pit=pl.when(later).then(~pl.col("in_pit")).otherwise("in_pit"),
        driver=pl.when(later).then(pl.lit("Nobody")).otherwise("driver"),
    )
    assert asked(made(spoilt), "50", "0:20:00") == asked(made(frame), "50", "0:20:00")


@pytest.mark.parametrize("flag", ["safety_car", "fcy", "red"])
def test_no_stop_is_offered_while_the_entry_is_closed(flag: str) -> None:
    frame = crossings(cars=8).with_columns(flag=pl.col("flag").replace("safety_car", flag))
    got = asked(made(frame), "50", "0:29:00")
    assert got["pit_lane"]["state"] in ("closed", "emergency_only")
    assert got["call"]["action"] in ("stay", "save")
    assert all(each["action"] != "box" for each in got["candidates"])
    assert got["rejoin"] is None
    assert got["value_of_waiting"]["value"] is None


def test_without_a_rule_book_a_neutralised_lane_is_unknown_and_nothing_is_offered() -> None:
    got = asked(made(crossings(cars=8), year=None), "50", "0:29:00")
    assert got["pit_lane"]["state"] == "unknown"
    assert all(each["action"] != "box" for each in got["candidates"])
    assert [card["pit_lane"] for card in got["neutralised_now"]] == ["unknown"]


def test_cards_say_stay_wherever_the_rule_book_closes_the_entry() -> None:
    got = asked(made(crossings(cars=8)), "50", "0:20:00")
    lanes = {card["kind"]: card for card in got["neutralised_now"]}
    assert set(lanes) == {"fcy", "vsc", "safety_car", "red"}
    assert lanes["vsc"]["pit_lane"] == "open"
    for kind in ("fcy", "safety_car", "red"):
        assert lanes[kind]["pit_lane"] in ("closed", "emergency_only")
        assert lanes[kind]["call"]["action"] in ("stay", "save")


def test_dry_and_in_the_middle_of_a_stint_staying_beats_boxing() -> None:
    found = at_imola("7", "2:30:00")
    assert found.ranking.call.action == "stay"
    assert not found.wet
    assert found.waiting is not None
    assert found.waiting.value > 2.0 * found.waiting.se


def test_at_the_end_of_the_range_the_call_is_to_box() -> None:
    race = made(
        crossings(cars=8, hours=3.0, stint_laps=38, flags=False), length_ms=3 * HOUR + 60_000
    )
    laps = race.laps.filter((pl.col("car_number") == "50") & pl.col("in_lap"))
    last = laps.row(-1, named=True)
    boxed = []
    for before in (0, 20):
        started = race.laps.filter(
            (pl.col("car_number") == "50") & (pl.col("lap") == last["lap"] - 1 - before)
        ).row(0, named=True)
        at = Instant(started["elapsed_ms"] + 1000)
        found = advice_for(
            race.moment(at), AskAdvice(car_number="50", replicates=64), Aid(threads=1)
        )
        boxed.append(found.ranking.call.laps_ahead is not None)
    assert boxed == [True, False]


@pytest.mark.parametrize(
    ("car", "clock"),
    [("7", "3:50:00"), ("6", "3:53:00"), ("50", "3:53:00"), ("51", "3:57:00")],
)
def test_at_imola_hypercars_are_called_in_for_wets_no_later_than_the_toyotas(
    car: str, clock: str
) -> None:
    found = at_imola(car, clock)
    ranking = found.ranking
    assert found.contrast is not None
    assert 0.5 < found.contrast.p_wet_faster < 0.9
    assert (ranking.call.action, ranking.call.tyres) == ("box", "wet")
    other = ranking.other_kind
    assert other is not None
    gap = ranking.margin(ranking.call, other)
    assert gap.value > 2.0 * gap.se > 0.0


@pytest.mark.parametrize("car", ["31", "46", "92"])
def test_at_imola_lmgt3_is_not_called_in_for_wets_with_a_margin_that_can_be_told(car: str) -> None:
    ranking = at_imola(car, "4:01:00").ranking
    stay = {each.key: each for each in ranking.order}["stay"]
    wets = next(each for each in ranking.order if each.tyres == "wet" and each.action == "box")
    assert not ranking.clearly(wets, stay)


@pytest.mark.parametrize(
    ("car", "clock", "waits"),
    [("31", "4:01:00", True), ("51", "4:01:00", False), ("51", "3:53:00", False)],
)
def test_at_imola_only_the_class_without_a_car_on_wets_waits_for_a_first_lap_on_them(
    car: str, clock: str, waits: bool
) -> None:
    found = at_imola(car, clock)
    told = FirstLap.of(found)
    assert found.situation.gap_unknown == waits
    assert (told is not None) == waits
    if told is not None:
        ranking = found.ranking
        wait, now = (
            next(e for e in ranking.order if e.key == key) for key in (told.key, told.over)
        )
        assert (ranking.call, found.rule) == (wait, wait)
        assert (now.laps_ahead, now.tyres, told.tyres) == (0, "wet", "wet")
        assert told.worth.value == ranking.margin(wait, now).value
        assert told.p_better == ranking.p_better(wait, now)


def test_the_explanation_uses_one_unit_and_ranks_by_it() -> None:
    got = asked(made(crossings(cars=8)), "50", "0:20:00", utility="podium")
    assert got["margin"]["unit"] == got["value_of_waiting"]["unit"]
    for each in got["candidates"]:
        assert 0.0 <= each["value"] <= 1.0
    behind = [each["behind_call"]["value"] for each in got["candidates"]]
    assert behind[0] == 0.0
    assert got["margin"]["value"] == behind[1]
    assert got["evidence"] in "ABC"
    assert got["cannot_tell"]


@pytest.mark.parametrize("utility", ["win", "points", "seconds"])
def test_every_utility_gives_a_call(utility: str) -> None:
    race = made(crossings(cars=8, hours=6.0, stint_laps=30), length_ms=6 * HOUR)
    got = asked(race, "50", "3:00:00", utility=utility)
    assert got["utility"] == utility
    assert got["call"]["key"] == got["candidates"][0]["key"]


def test_bad_questions_are_refused_with_a_remedy() -> None:
    race = made(crossings(cars=8))
    for car, clock, wrong, says in (
        ("999", "0:20:00", UnknownCar, "no car"),
        ("50", "1:05:00", NotKnown, "no call"),
    ):
        with pytest.raises(wrong, match=says):
            asked(race, car, clock)
    with pytest.raises(UnknownLength, match="--length"):
        asked(made(crossings(cars=8), length_ms=None), "50", "0:20:00")
    with pytest.raises(InputError, match="--budget"):
        parse_budget("soon")
    assert (parse_budget("2s"), parse_budget("500ms"), parse_budget(None)) == (2.0, 0.5, None)


def test_a_car_in_the_pits_or_out_of_the_race_has_no_call_to_make() -> None:
    frame = crossings(cars=8)
    row = frame.filter((pl.col("car_number") == "50") & pl.col("in_pit")).row(0, named=True)
    race = made(frame)
    at = Instant(row["elapsed_ms"] + 1000)
    with pytest.raises(NotKnown, match="is in the pits"):
        advice_for(race.moment(at), AskAdvice(car_number="50"))
    gone = made(frame.filter((pl.col("car_number") != "50") | (pl.col("elapsed_ms") < 600_000)))
    with pytest.raises(NotKnown, match="out of the race"):
        advice_for(gone.moment("0:50:00"), AskAdvice(car_number="50"))


def test_a_budget_that_is_gone_still_gives_a_call_and_says_so() -> None:
    got = asked(made(crossings(cars=8)), "50", "0:20:00", replicates=4000, budget_s=0.001)
    assert got["stopped"] == "budget gone"
    assert got["call"]["key"] == got["candidates"][0]["key"]
    assert max(each["replicates"] for each in got["candidates"]) < 4000


def test_calls_at_imola_name_four_wets_and_say_what_the_data_cannot_tell() -> None:
    found = at_imola("50", "3:57:00")
    got = Advice.of(found, None, seed=1, simulated=True)
    assert got.call.tyres == Tyres(kind="wet", count=4)
    assert "four wets" in got.call.words.exact
    assert not any("declared the track wet" in line for line in got.cannot_tell)
    assert any("rain" in line for line in got.cannot_tell)
    *others, tank = got.flips_if
    assert tank.condition.startswith("a full tank holds")
    for flip in others:
        assert 0.0 < flip.now <= 1.0
        assert flip.instead != got.call.key


def test_race_control_declaring_the_track_dry_takes_wets_off_the_list() -> None:
    moment, track = imola("3:57:00")
    at = moment.at
    said = RaceControlMessage(
        happened_at=Instant(at.ms - 60_000), known_at=Instant(at.ms - 60_000),
        kind="track_declared_dry", text="",
    )  # fmt: skip
    told = replace(moment.race, messages=(said,)).moment(at)
    question = AskAdvice(car_number="50", replicates=32)
    found = advice_for(told, question, Aid(threads=2, track=track))
    assert all(each.tyres != "wet" for each in found.ranking.order)
    assert any("wets are not offered" in line for line in found.cannot_tell)
