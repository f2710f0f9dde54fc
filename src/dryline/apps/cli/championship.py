"""``standings``, ``points``, ``ledger``, ``penalties``, ``queue``: what the rules make of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm, emit
from dryline.apps.cli.options import Car, CarClass, Decisions, Everybody, flag, option
from dryline.apps.cli.show import read_decisions

if TYPE_CHECKING:
    from dryline.engine.championship import Ended

Rules = Annotated[
    Path | None, option("--rules", "FILE", "Your own rule values over the shipped (TOML).")
]


def standings(
    season: Annotated[
        str, typer.Argument(metavar="SEASON", help="A shipped season (wec/2024), or a season file.")
    ],
    form: OutputForm,
    after: Annotated[int | None, option("--after", "ROUND", "After this round.")] = None,
    if_it_ended_at: Annotated[
        str | None, option("--if-it-ended-at", "RACE@T", "As if this race ended then.")
    ] = None,
    changes: Annotated[bool, flag("--changes", "What the round changed, in words.")] = False,
    title: Annotated[bool, flag("--title", "Who can still win each table, exactly.")] = False,
    everybody: Everybody = False,
    decisions: Decisions = None,
    rules: Rules = None,
) -> None:
    """The championship tables, as the federation publishes them.

    Example: dryline standings wec/2024 --after 2
    """
    from dryline.engine import championship as engine
    from dryline.present.terminal import championship_screen

    opened = engine.open_season(season, rules)
    ended = None if if_it_ended_at is None else _ended(if_it_ended_at, decisions)
    if changes:
        changed = engine.season_changes(opened, after, ended)
        emit(form, changed, lambda _: championship_screen.changes(changed))
    elif title:
        chances = engine.season_titles(opened, after)
        emit(form, chances, lambda width: championship_screen.title(chances, width))
    else:
        answer = engine.season_standings(opened, after, ended)
        emit(
            form,
            answer,
            lambda width: championship_screen.standings(
                answer, answer.heading(), width, None if everybody else 10
            ),
        )


def _ended(text: str, decisions: Path | None) -> Ended:
    from dryline.engine.championship import Ended, split_what_if

    source, at = split_what_if(text)
    moment = RaceSource(race=source, at=at).open().moment(at)
    return Ended(moment, tuple(read_decisions(decisions, source)))


def points(
    source: RaceSource,
    form: OutputForm,
    decisions: Decisions = None,
    rules: Rules = None,
    everybody: Everybody = False,
) -> None:
    """What one race alone pays, per class and table; pole and qualifying are not in the timing.

    Example: dryline points imsa/2024/12-watkins-glen-international --decisions stewards.csv
    """
    from dryline.engine.questions import AskPoints, ask
    from dryline.engine.session_files import read_override
    from dryline.present.terminal import championship_screen, words

    race = source.open()
    given = tuple(read_decisions(decisions, source.race))
    answer = ask(race.moment(), AskPoints(decisions=given, rules=read_override(rules)))
    heading = f"{words.race_name(race.info)}: what this race pays"
    emit(
        form,
        answer,
        lambda width: championship_screen.standings(
            answer, heading, width, None if everybody else 10
        ),
    )


def ledger(
    source: RaceSource,
    form: OutputForm,
    car: Car = None,
    car_class: CarClass = None,
    rules: Rules = None,
) -> None:
    """Who has driven how long, who must still get in and by when, who may no longer.

    Limits that need a rating which nobody has stated, or that are not sourced for the season,
    are said to be unknown; --rules gives your own.

    Example: dryline ledger wec/2025/imola_6h.csv --at 4:00:00 --car 31
    """
    from dryline.engine.questions import AskLedger, ask
    from dryline.engine.session_files import read_override
    from dryline.present.terminal import championship_screen, words

    race = source.open()
    found = ask(race.moment(source.at), AskLedger(rules=read_override(rules)))
    answer = found.only(
        car_class=None if car_class is None else race.known_class(car_class),
        car_number=None if car is None else race.known_car(car),
    )
    emit(
        form,
        answer,
        lambda width: championship_screen.ledger(answer, words.race_name(race.info), width),
    )


def penalties(
    source: RaceSource, form: OutputForm, decisions: Decisions = None, rules: Rules = None
) -> None:
    """What the stewards' decisions change, what is still to be served, what the timing shows.

    Speeding in the pit lane and overtaking under yellow cannot be seen in timing.

    Example: dryline penalties 23_Analysis_Race.CSV --decisions stewards.csv
    """
    from dryline.engine.questions import AskPenalties, ask
    from dryline.engine.session_files import read_override
    from dryline.present.terminal import penalties_screen, words

    race = source.open()
    given = tuple(read_decisions(decisions, source.race))
    asked = AskPenalties(decisions=given, rules=read_override(rules))
    answer = ask(race.moment(source.at), asked)
    emit(
        form,
        answer,
        lambda width: penalties_screen.screen(answer, words.race_name(race.info), width),
    )


def queue(source: RaceSource, form: OutputForm, rules: Rules = None) -> None:
    """The queue behind the safety car, and who may be waved past: ahead of a leader who lapped it.

    Where no safety car is out, as if it came now. The team judges its own eligibility.

    Example: dryline queue wec/2025/imola_6h.csv --at 2:00:00
    """
    from dryline.engine.questions import AskQueue, ask
    from dryline.engine.session_files import read_override
    from dryline.present.terminal import queue_screen, words

    race = source.open()
    answer = ask(race.moment(source.at), AskQueue(rules=read_override(rules)))
    emit(form, answer, lambda width: queue_screen.screen(answer, words.race_name(race.info), width))


PANEL = "Championship and rules"
COMMANDS = {
    "standings": standings,
    "points": points,
    "ledger": ledger,
    "penalties": penalties,
    "queue": queue,
}
"""In the order in which the help lists them."""
