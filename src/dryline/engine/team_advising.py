"""Advice for a whole team, and cards for the whole field, over one reading of a race."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from dryline.analysis.track.reading import TrackEstimate
from dryline.domain.errors import BadOption, NotKnown
from dryline.engine.advice_parts import (
    action_object,
    card_object,
    difference_object,
    outlook_object,
    rain_object,
)
from dryline.engine.advising import (
    REPLICATES,
    advice_object,
    budget_of,
    is_hurried,
    length_at,
    on_track,
    utility_of,
)
from dryline.engine.championship import known_book
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.rules.scoring import name_key
from dryline.strategy.candidates import Candidate
from dryline.strategy.field_cards import CarCards, field_cards, running_cars
from dryline.strategy.outlook import CarOutlook, field_outlook
from dryline.strategy.setting import futures_of, own_car, read_setting
from dryline.strategy.team_call import JOINED, TeamAdvice, team_call

MOST_CARS = 3
CARD_REPLICATES = 64


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
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    budget_s: float | None = None,
    utility: str = "position",
    threads: int | None = None,
    track: TrackEstimate | None = None,
    tell: Callable[[float], None] = lambda _: None,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[TeamAdvice, tuple[str, ...]]:
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
    length, book = length_at(moment), known_book(moment.race)
    setting = read_setting(moment, running, length, book, track=track, hurried=is_hurried(budget_s))
    spend = budget_of(replicates, seed, budget_s, threads, tell, lambda: clock() - begun)
    found = team_call(setting, running, utility_of(utility, book, length), spend)
    return found, tuple(away)


def team_advice_object(
    found: TeamAdvice, name: str, away: tuple[str, ...], *, seed: int, simulated: bool
) -> dict[str, Any]:
    """The joint advice, and each car's own."""
    ranking, second = found.ranking, found.ranking.runner_up
    stack = found.stack
    first = found.cars[0]
    return {
        "team": name,
        "at_ms": first.at_ms,
        "length_ms": first.length_ms,
        "simulated": simulated,
        "seed": seed,
        "utility": ranking.utility.name,
        "not_on_track": list(away),
        "call": _joint(found, ranking.call),
        "split": found.is_split(ranking.call),
        "margin": {
            "over": "runner_up",
            "runner_up": None if second is None else second.key,
            **difference_object(None if second is None else ranking.margin(ranking.call, second)),
            "unit": ranking.utility.unit,
        },
        "margin_s": difference_object(
            None if second is None else ranking.margin_s(ranking.call, second)
        ),
        "candidates": [_joint_candidate(found, each) for each in ranking.order],
        "stopped": ranking.stopped,
        "double_stack": None
        if stack is None
        else {
            "key": stack.key,
            "shared_box": True,
            "waits_s": difference_object(stack.waits),
            "costs": {**difference_object(stack.worth), "unit": ranking.utility.unit},
        },
        "cars": [
            advice_object(each, None, seed=seed, simulated=simulated) for each in found.cars
        ],
    }  # fmt: skip


def _joint(found: TeamAdvice, which: Candidate) -> list[dict[str, Any]]:
    """What each car does, under its own key, with its mean place."""
    keys = [key.split(" ", 1)[1] for key in which.key.split(JOINED)]
    return [
        {
            "car_number": advice.car_number,
            **action_object(part, advice.situation.on_wets),
            "key": keys[at],
            "place": found.place(which, at),
        }
        for at, (advice, part) in enumerate(zip(found.cars, found.parts(which), strict=True))
    ]


def _joint_candidate(found: TeamAdvice, which: Candidate) -> dict[str, Any]:
    ranking = found.ranking
    worth = ranking.worth(which)
    best = found.best_place(which)
    return {
        "key": which.key,
        "cars": _joint(found, which),
        "split": found.is_split(which),
        "value": ranking.utility.shown(worth.value),
        "se": worth.se,
        "best_place": difference_object(best),
        "behind_call": difference_object(ranking.margin(ranking.call, which)),
        "behind_call_s": difference_object(ranking.margin_s(ranking.call, which)),
        "replicates": len(ranking.finishes[which.key].place),
    }


def cards_for_all(
    moment: Moment,
    *,
    replicates: int = CARD_REPLICATES,
    seed: int = 1,
    utility: str = "position",
    threads: int | None = None,
    track: TrackEstimate | None = None,
) -> dict[str, dict[str, Any]]:
    """Every running car's cards, by number: neutralised now, rain, window, laps.

    Raises as ``advice_for``.
    """
    length, book = length_at(moment), known_book(moment.race)
    running = running_cars(moment)
    setting = read_setting(moment, running, length, book, track=track)
    cars = [own_car(setting, number) for number in running if number in setting.fit.cars]
    if not cars:
        return {}
    many = (os.cpu_count() or 1) if threads is None else threads
    worth = utility_of(utility, book, length)
    cards = field_cards(
        setting, cars, worth, seed=seed, threads=many, replicates=replicates
    )  # fmt: skip
    outlook = field_outlook(
        futures_of(setting, cars[0], seed, cars[1:]), [car.car for car in cars], seed=seed,
        threads=many,
    )  # fmt: skip
    return {
        mine.number: _cards_object(each, ahead, mine.on_wets)
        for mine, each, ahead in zip(cars, cards, outlook, strict=True)
    }


def _cards_object(cards: CarCards, ahead: CarOutlook, on_wets: bool) -> dict[str, Any]:
    return {
        **outlook_object(ahead),
        "car_class": cards.car_class,
        "neutralised_now": [card_object(card, on_wets) for card in cards.neutralised],
        "rain": [rain_object(card, on_wets) for card in cards.rain],
    }
