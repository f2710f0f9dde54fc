"""What-ifs over a race: what is asked, in the contract's words, and the answer as an object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from dryline.analysis.track.reading import TrackEstimate
from dryline.domain.errors import BadOption
from dryline.engine.advising import length_at, on_track
from dryline.engine.championship import known_book
from dryline.race.moment import Moment
from dryline.race.status import Status
from dryline.strategy.setting import own_car, read_setting
from dryline.strategy.what_if import Changed, Compare, Question, what_if

REPLICATES = 512


def read_question(asked: Mapping[str, Any]) -> Question:
    """A what-if from its object: ``kind`` and what belongs to it.

    Raises:
        BadOption: where it is none.
    """
    try:
        question: Question = msgspec.convert(asked, Question)
    except msgspec.ValidationError as error:
        raise BadOption(
            f"no such what-if: {error}",
            remedy="Kinds: rival_stop, neutralisation, rain, compare.",
        ) from error
    return question


def answer_what_if(
    moment: Moment,
    car_number: str,
    question: Question,
    track: TrackEstimate,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
) -> dict[str, Any]:
    """What a change does to our car and to the top of its class.

    Raises:
        UnknownCar: where our car is not in the race.
        UnknownLength: where nobody has said how long the race is.
        NotKnown: where the race is over, or our car is not on the track.
        BadOption: where the question makes no sense now.
    """
    race, length = moment.race, length_at(moment)
    number = race.known_car(car_number)
    if isinstance(question, Compare) or race.at(moment.at)[number].status is not Status.IN_PIT:
        number = on_track(moment, car_number)
    setting = read_setting(moment, (number,), length, known_book(race), track=track)
    found = what_if(
        setting, own_car(setting, number), question, replicates=replicates, seed=seed,
        threads=os.cpu_count() or 1,
    )  # fmt: skip
    return {
        "question": msgspec.to_builtins(question),
        "car_number": number,
        "at_ms": found.at_ms,
        "simulated": True,
        "replicates": found.replicates,
        "seed": found.seed,
        "note": found.note,
        "cars": [
            {
                "car_number": each.car_number,
                "car_class": each.car_class,
                "p_win_class": _object(each.win),
                "place": _object(each.place),
                "gap_s": _object(each.gap_s),
            }
            for each in found.cars
        ],
    }


def _object(changed: Changed) -> dict[str, float]:
    return {
        "without": round(changed.without, 4),
        "with": round(changed.with_it, 4),
        "change": round(changed.by.value, 4),
        "se": round(changed.by.se, 4),
    }
