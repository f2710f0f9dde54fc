"""What-ifs over a race: what is asked, and of whom."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from dryline.answers.what_if import WhatIf
from dryline.domain.errors import BadOption
from dryline.engine.advising import length_at, on_track
from dryline.engine.championship import known_book
from dryline.engine.questions import Aid, AskWhatIf
from dryline.race.moment import Moment
from dryline.race.status import Status
from dryline.strategy.changes import Change, Compare
from dryline.strategy.setting import own_car, read_setting
from dryline.strategy.what_if import what_if


def read_change(asked: Mapping[str, Any]) -> Change:
    """A what-if from its object: ``kind`` and what belongs to it.

    Raises:
        BadOption: where it is none.
    """
    try:
        change: Change = msgspec.convert(asked, Change)
    except msgspec.ValidationError as error:
        raise BadOption(
            f"no such what-if: {error}",
            remedy="Kinds: rival_stop, neutralisation, rain, compare.",
        ) from error
    return change


def answer_what_if(moment: Moment, question: AskWhatIf, aid: Aid) -> WhatIf:
    """What a change does to our car and to the top of its class.

    Raises:
        UnknownCar: where our car is not in the race.
        UnknownLength: where nobody has said how long the race is.
        NotKnown: where the race is over, or our car is not on the track.
        BadOption: where the question makes no sense now.
    """
    race, length = moment.race, length_at(moment)
    number = race.known_car(question.car_number)
    change = question.change
    if isinstance(change, Compare) or race.at(moment.at)[number].status is not Status.IN_PIT:
        number = on_track(moment, number)
    setting = read_setting(moment, (number,), length, known_book(race), track=aid.track)
    found = what_if(
        setting,
        own_car(setting, number),
        change,
        replicates=question.replicates,
        seed=question.seed,
        threads=(os.cpu_count() or 1) if aid.threads is None else aid.threads,
    )
    return WhatIf.of(found, change, number)
