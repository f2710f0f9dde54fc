"""``advise`` and ``cards``: the call for a car or a team, and what all would do if."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm, emit, say
from dryline.apps.cli.options import CarClass, Seed, option

if TYPE_CHECKING:
    from dryline.domain.event import TeamInput

TeamInputs = Annotated[
    Path | None, option("--team-inputs", "FILE", "What the pit wall said: '3:52:10 Ana: hose 34'.")
]
Rules = Annotated[
    Path | None, option("--rules", "FILE", "Your own rule file over the shipped one.")
]
UtilityName = Annotated[
    str, option("--utility", "position|win|podium|points|seconds", "What is maximised.")
]


def advise(
    source: RaceSource,
    form: OutputForm,
    car: Annotated[str | None, option("--car", "N", "The car that asks.")] = None,
    team: Annotated[str | None, option("--team", "NAME", "All cars of a team at once.")] = None,
    team_inputs: TeamInputs = None,
    replicates: Annotated[int, option("--replicates", "N", "Most futures per candidate.")] = 500,
    seed: Seed = 1,
    budget: Annotated[str | None, option("--budget", "2s", "Stop comparing after so long.")] = None,
    utility: UtilityName = "position",
    rules: Rules = None,
) -> None:
    """Stay or box, when, on what: the call, and how much better it is than the runner-up.

    Every candidate is driven to the flag in the same simulated futures. Uses only what was known
    at --at. Nothing is offered through a closed pit entry.

    Example: dryline advise 23_Analysis_Race.CSV --car 50 --at 3:53:00 --length 6:00
    """
    from dryline.apps.cli.opening import refuse_finished
    from dryline.apps.cli.progress import share
    from dryline.domain.errors import BadOption
    from dryline.engine.advising import parse_budget
    from dryline.engine.questions import Aid, AskAdvice, AskTeamAdvice, ask
    from dryline.engine.session_files import read_override
    from dryline.present.terminal import advice_screen, team_advice_screen

    if (car is None) == (team is None):
        raise BadOption("say which car", remedy="Give --car N, or --team NAME, not both.")
    budget_s = parse_budget(budget)
    inputs = () if team_inputs is None else said_in(team_inputs)
    race = source.open()
    moment = race.moment(source.at, inputs)
    refuse_finished(moment)
    spend: dict[str, Any] = {
        "replicates": replicates,
        "seed": seed,
        "budget_s": budget_s,
        "utility": utility,
        "rules": read_override(rules),
    }
    with share("racing every call to the flag", quiet=form.json) as tell:
        aid = Aid(tell=tell)
        if team is not None:
            joint = ask(moment, AskTeamAdvice(team=team, **spend), aid)
        else:
            answer = ask(moment, AskAdvice(car_number=car or "", **spend), aid)
    name = race.info.name
    if team is not None:
        emit(form, joint, lambda width: team_advice_screen.team_advice(joint, name, width))
    else:
        emit(form, answer, lambda width: advice_screen.advice(answer, name, width))


def cards(
    source: RaceSource,
    form: OutputForm,
    replicates: Annotated[int, option("--replicates", "N", "Futures for each card.")] = 64,
    seed: Seed = 1,
    utility: UtilityName = "position",
    car_class: CarClass = None,
    rules: Rules = None,
) -> None:
    """For every car: what to do if it is neutralised now, if it rains, and when it must stop.

    The rivals' cards as well as ours: who would come in under a safety car, and who cannot.

    Example: dryline cards 23_Analysis_Race.CSV --at 3:53:00 --length 6:00
    """
    from dryline.apps.cli.opening import refuse_finished
    from dryline.engine.questions import AskCards, ask
    from dryline.engine.session_files import read_override
    from dryline.present.terminal import cards_screen

    race = source.open()
    moment = race.moment(source.at)
    refuse_finished(moment)
    only = None if car_class is None else race.known_class(car_class)
    asked = AskCards(replicates=replicates, seed=seed, utility=utility, rules=read_override(rules))
    answer = ask(moment, asked)
    if only is not None:
        answer = answer.of_class(only)
    emit(form, answer, lambda width: cards_screen.cards(answer, race.info.name, width))


def said_in(path: Path) -> tuple[TeamInput, ...]:
    """What the pit wall said, from its file; what is odd in the file is said aloud."""
    from dryline.feeds.remarks import Remarks
    from dryline.feeds.team_file import read_team_file

    remarks = Remarks(path.name)
    inputs = read_team_file(path, remarks)
    for finding in remarks.findings:
        say(str(finding), stderr=True)
    return inputs


PANEL = "Look ahead"
COMMANDS = {"advise": advise, "cards": cards}
"""In the order in which the help lists them."""
