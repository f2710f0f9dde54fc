"""Advice for a whole team, and cards for the whole field, over one reading of a race."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from dryline.answers.cards import CarCards, Cards
from dryline.answers.team_advice import TeamAdvice
from dryline.domain.errors import BadOption, NotKnown
from dryline.engine.advising import (
    budget_of,
    is_hurried,
    length_at,
    on_track,
    utility_of,
)
from dryline.engine.championship import known_book
from dryline.engine.questions import Aid, AskCards, AskTeamAdvice
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.rules.scoring import name_key
from dryline.strategy.field_cards import field_cards, running_cars
from dryline.strategy.outlook import field_outlook
from dryline.strategy.setting import futures_of, own_car, read_setting
from dryline.strategy.team_call import JointCall, team_call

MOST_CARS = 3


def cars_of_team(race: Race, name: str) -> list[str]:
    """The cars that a team entered, by its name or a part of it that only it bears.

    Raises:
        NotKnown: where there is no such team, or several.
    """
    wanted = name_key(name)
    teams = sorted({entry.team for entry in race.entries.values() if entry.team})
    exact = [team for team in teams if name_key(team) == wanted]
    found = exact or [team for team in teams if wanted and wanted in name_key(team)]
    if len(found) != 1:
        which = "fits several teams" if found else "is no team here"
        raise NotKnown(
            f"--team {name[:40]!r} {which}",
            remedy=f"Name one of {', '.join(found or teams)[:300]}.",
        )
    return sorted(
        (number for number, entry in race.entries.items() if entry.team == found[0]),
        key=lambda number: (len(number), number),
    )


def team_advice_for(
    moment: Moment,
    cars: list[str],
    question: AskTeamAdvice,
    aid: Aid = Aid(),
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[JointCall, tuple[str, ...]]:
    """The joint call for those of the cars that are on the track, and a line on each other.

    Raises:
        NotKnown: where fewer than two of them are, or the race is over; and as ``advice_for``.
    """
    begun = clock()
    running, away = [], []
    for number in cars:
        try:
            running.append(on_track(moment, number))
        except NotKnown as error:
            away.append(error.message)
    if len(running) < 2:
        raise NotKnown(
            "; ".join([f"{len(running)} car of the team is on the track", *away]),
            remedy=f"Ask for it alone: --car {running[0]}." if running else "Ask earlier.",
        )
    if len(running) > MOST_CARS:
        raise BadOption(f"{len(running)} cars at once are too many", remedy=f"At most {MOST_CARS}.")
    length, book = length_at(moment), known_book(moment.race, question.rules)
    hurried = is_hurried(question.budget_s)
    setting = read_setting(moment, running, length, book, track=aid.track, hurried=hurried)
    spend = budget_of(question, aid, lambda: clock() - begun)
    found = team_call(setting, running, utility_of(question.utility, book, length), spend)
    return found, tuple(away)


def answer_team_advice(moment: Moment, question: AskTeamAdvice, aid: Aid) -> TeamAdvice:
    """The joint call for a team's cars."""
    race = moment.race
    cars = cars_of_team(race, question.team)
    found, away = team_advice_for(moment, cars, question, aid)
    name = race.entries[cars[0]].team
    return TeamAdvice.of(found, name, away, seed=question.seed, simulated=race.info.simulated)


def answer_cards(moment: Moment, question: AskCards, aid: Aid) -> Cards:
    """Every running car's cards: neutralised now, rain, window, laps.

    Raises as ``advice_for``.
    """
    return Cards(
        at_ms=moment.at_ms,
        length_ms=length_at(moment),
        simulated=moment.race.info.simulated,
        seed=question.seed,
        replicates=question.replicates,
        utility=question.utility,
        cars=_cards_of_all(moment, question, aid),
    )


def _cards_of_all(moment: Moment, question: AskCards, aid: Aid) -> tuple[CarCards, ...]:
    length, book = length_at(moment), known_book(moment.race, question.rules)
    running = running_cars(moment)
    if not running:
        return ()
    setting = read_setting(moment, running, length, book, track=aid.track)
    cars = [own_car(setting, number) for number in running if number in setting.fit.cars]
    if not cars:
        return ()
    threads = (os.cpu_count() or 1) if aid.threads is None else aid.threads
    cards = field_cards(
        setting,
        cars,
        utility_of(question.utility, book, length),
        seed=question.seed,
        threads=threads,
        replicates=question.replicates,
    )
    outlook = field_outlook(
        futures_of(setting, cars[0], question.seed, cars[1:]),
        [car.car for car in cars],
        setting.flag,
        seed=question.seed,
        threads=threads,
    )
    return tuple(
        CarCards.with_outlook(each, ahead, mine.now)
        for mine, each, ahead in zip(cars, cards, outlook, strict=True)
    )
