"""The plan for the rest of a race, as the question asks it."""

from __future__ import annotations

from dryline.answers.replan import Replanned
from dryline.domain.clock_text import format_clock
from dryline.domain.errors import NotKnown
from dryline.engine.advising import length_at
from dryline.engine.championship import known_book
from dryline.engine.questions import Aid, AskReplan
from dryline.race.moment import Moment
from dryline.race.status import Status
from dryline.strategy.replan import replan
from dryline.strategy.rest_of_race import rest_of_race
from dryline.strategy.setting import own_car, read_setting
from dryline.strategy.team_said import said_at

OVER = {
    Status.GARAGE: "is in its garage",
    Status.RETIRED: "is out of the race",
    Status.FINISHED: "has finished",
}


def answer_replan(moment: Moment, question: AskReplan, aid: Aid) -> Replanned:
    """The plan for the rest of the race.

    Raises:
        UnknownCar: where the car is not in the race.
        UnknownLength: where nobody has said how long the race is.
        NotKnown: where the car or the race has ended, or has not begun.
    """
    number = _racing(moment, question.car_number)
    length, book = length_at(moment), known_book(moment.race, question.rules)
    setting = read_setting(moment, (number,), length, book, track=aid.track, hurried=True)
    mine = own_car(setting, number)
    rest = rest_of_race(setting, mine, question.setup)
    found = replan(rest.setup)
    return Replanned.of(moment, mine, rest, found)


def _racing(moment: Moment, car_number: str) -> str:
    """The number of a car that still has laps to drive.

    Raises:
        UnknownCar: where it is not in the race.
        NotKnown: where it is in its garage, out, or has finished.
    """
    race, at = moment.race, moment.at
    number = race.known_car(car_number)
    out = said_at(moment).own(number).retired
    if out is not None:
        raise NotKnown(
            f"car {number} is out of the race: {out.author} said so at {format_clock(out.at.ms)}",
            remedy=f"Undo input {out.number} if it goes on.",
        )
    state = race.at(at)[number]
    if state.status in OVER:
        raise NotKnown(
            f"car {number} {OVER[state.status]} at {format_clock(at.ms)}: nothing is left to plan",
            remedy="Ask about a car that races on, or about an earlier moment with --at.",
        )
    return number
