"""What-ifs: one thing changed, on the same luck."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from dryline.analysis.track.reading import TrackEstimate
from dryline.domain.errors import BadOption, NotKnown, UnknownCar
from dryline.domain.instant import Instant
from dryline.engine.embedded_race import simulated_race
from dryline.engine.questions import Aid, AskWhatIf, ask
from dryline.engine.what_ifs import read_change
from dryline.race.moment import Moment
from dryline.strategy.track_reading import read_track

GREEN, IN_PIT, SAFETY_CAR = Instant(2_520_000), Instant(3_600_000), Instant(400_000)


@cache
def seen(at: Instant) -> tuple[Moment, TrackEstimate]:
    moment = simulated_race("imola-2024").moment(at)
    return moment, read_track(moment)


def answer(
    question: dict[str, Any], car: str = "50", at: Instant = GREEN, **how: Any
) -> dict[str, Any]:
    moment, track = seen(at)
    asked = AskWhatIf(
        car_number=car, change=read_change(question), **{"replicates": 128, **how}
    )  # fmt: skip
    return ask(moment, asked, Aid(track=track)).to_dict()


def test_a_rival_that_must_stop_at_once_loses_more_than_anybody_gains() -> None:
    lap = seen(GREEN)[0].race.at(GREEN)["7"].laps + 1
    found = answer({"kind": "rival_stop", "car_number": "7", "lap": lap}, replicates=512)
    ours, rival = found["cars"][:2]
    assert (ours["car_number"], rival["car_number"]) == ("50", "7")
    assert rival["gap_s"]["change"] > 2 * rival["gap_s"]["se"] > 0
    assert abs(ours["gap_s"]["change"]) < rival["gap_s"]["change"]
    assert found["simulated"]
    assert found["replicates"] == 512
    for each in found["cars"]:
        for quantity in ("p_win_class", "place"):
            told = each[quantity]
            assert told["change"] == pytest.approx(told["with"] - told["without"], abs=2e-4)


def test_a_plan_compared_with_itself_differs_by_nothing_and_swapped_by_the_opposite() -> None:
    one = {"kind": "compare", "a": "stay", "b": "box+0:usual"}
    found, turned = answer(one), answer({"kind": "compare", "a": "box+0:usual", "b": "stay"})
    same = answer({"kind": "compare", "a": "stay", "b": "stay"})
    for each in same["cars"]:
        for quantity in ("p_win_class", "place", "gap_s"):
            assert (each[quantity]["change"], each[quantity]["se"]) == (0.0, 0.0)
    ours, back = found["cars"][0], turned["cars"][0]
    assert ours["gap_s"]["change"] != 0.0
    assert ours["gap_s"]["change"] == pytest.approx(-back["gap_s"]["change"], abs=1e-3)
    assert ours["gap_s"]["se"] == pytest.approx(back["gap_s"]["se"], abs=1e-3)


def test_a_neutralisation_tells_the_pit_lane_of_every_class_and_moves_everybody() -> None:
    found = answer({"kind": "neutralisation", "neutralisation": "safety_car"})
    assert "HYPERCAR: closed" in found["note"]
    assert "LMGT3: closed" in found["note"]
    assert all(each["gap_s"]["change"] != 0.0 != each["gap_s"]["se"] for each in found["cars"])


def test_the_race_is_neutralised_once_only() -> None:
    with pytest.raises(NotKnown, match="neutralised already"):
        answer({"kind": "neutralisation", "neutralisation": "fcy"}, at=SAFETY_CAR)


def test_rain_on_a_dry_track_changes_the_race_and_a_longer_one_more() -> None:
    short = answer({"kind": "rain", "sector": 2, "minutes": 1}, replicates=256)
    longer = answer({"kind": "rain", "sector": 2, "minutes": 60}, replicates=256)
    assert longer["cars"] != short["cars"]
    first, second = (
        sum(abs(each["gap_s"]["change"]) for each in found["cars"]) for found in (short, longer)
    )
    assert second > first


def test_the_same_question_has_the_same_answer_on_any_seed_its_own() -> None:
    question = {"kind": "rain", "sector": 1, "minutes": 10}
    one, again, other = (answer(question, replicates=32, seed=seed) for seed in (3, 3, 4))
    assert one == again
    assert one["cars"] != other["cars"]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"kind": "earthquake"}, "no such what-if"),
        ({"kind": "rain", "sector": 4, "minutes": 10}, "no such what-if"),
        ({"kind": "rain", "sector": 1, "minutes": 0}, "0 minutes of rain"),
        ({"kind": "rival_stop", "car_number": "4711", "lap": 60}, "no car '4711'"),
        ({"kind": "rival_stop", "car_number": "7", "lap": 2}, "car 7 is on lap"),
        ({"kind": "compare", "a": "stay", "b": "fly"}, "'fly' is no candidate now"),
    ],
)
def test_a_question_without_sense_is_refused_with_a_remedy(
    question: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadOption, match=says) as refused:
        answer(question)
    assert refused.value.remedy


def test_a_car_in_the_pits_may_ask_but_has_no_plans_to_compare() -> None:
    found = answer({"kind": "rain", "sector": 1, "minutes": 5}, at=IN_PIT, replicates=16)
    assert found["cars"][0]["car_number"] == "50"
    with pytest.raises(NotKnown, match="car 50 is in the pits"):
        answer({"kind": "compare", "a": "stay", "b": "box+0:usual"}, at=IN_PIT)


def test_nobody_can_ask_for_a_car_that_is_not_there() -> None:
    with pytest.raises(UnknownCar):
        answer({"kind": "rain", "sector": 1, "minutes": 5}, car="4711")
