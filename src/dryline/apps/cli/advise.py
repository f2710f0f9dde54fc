"""``advise``: the call for one car or a team, its margin, and what would flip it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dryline.apps.cli.bundles import RaceSource, bundled
from dryline.apps.cli.emit import Form, emit, say
from dryline.apps.cli.forecast import Seed

if TYPE_CHECKING:
    from dryline.domain.event import TeamInput
    from dryline.race.moment import Moment
    from dryline.race.race import Race

TeamInputs = Annotated[
    Path | None,
    typer.Option(
        "--team-inputs", metavar="FILE", help="What the pit wall said: '3:52:10 Ana: hose 34'."
    ),
]
UtilityName = Annotated[
    str,
    typer.Option(
        "--utility", metavar="position|win|podium|points|seconds", help="What is maximised."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Look ahead")(bundled(advise))


def advise(
    source: RaceSource,
    form: Form,
    car: Annotated[
        str | None, typer.Option("--car", metavar="N", help="The car that asks.")
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", metavar="NAME", help="All cars of a team at once.")
    ] = None,
    team_inputs: TeamInputs = None,
    replicates: Annotated[
        int, typer.Option("--replicates", metavar="N", help="Most futures per candidate.")
    ] = 500,
    seed: Seed = 1,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="2s", help="Stop comparing after so long."),
    ] = None,
    utility: UtilityName = "position",
) -> None:
    """Stay or box, when, on what: the call, and how much better it is than the runner-up.

    Every candidate is driven to the flag in the same simulated futures. Uses only what was known
    at --at. Nothing is offered through a closed pit entry.

    Example: dryline advise 23_Analysis_Race.CSV --car 50 --at 3:53:00 --length 6:00
    """
    from dryline.apps.cli.opening import refuse_finished
    from dryline.apps.cli.progress import share
    from dryline.domain.errors import BadOption
    from dryline.engine import advising

    if (car is None) == (team is None):
        raise BadOption("say which car", remedy="Give --car N, or --team NAME, not both.")
    seconds = advising.parse_budget(budget)
    inputs = () if team_inputs is None else _said_in(team_inputs)
    race = source.open()
    moment = race.moment(source.at, inputs)
    refuse_finished(moment)
    with share("racing every call to the flag", quiet=form.json) as tell:
        spend: dict[str, Any] = {
            "replicates": replicates,
            "seed": seed,
            "budget_s": seconds,
            "utility": utility,
            "tell": tell,
        }
        if team is not None:
            answer = _for_team(moment, team, spend)
        else:
            answer = _for_car(moment, car or "", spend)
    _show(form, answer, race)


def _said_in(path: Path) -> tuple[TeamInput, ...]:
    """What the pit wall said, from its file; what is odd in the file is said aloud."""
    from dryline.feeds.remarks import Remarks
    from dryline.feeds.team_file import read_team_file

    remarks = Remarks(path.name)
    inputs = read_team_file(path, remarks)
    for finding in remarks.findings:
        say(str(finding), stderr=True)
    return inputs


def _for_car(moment: Moment, car: str, spend: dict[str, Any]) -> dict[str, Any]:
    from dryline.engine import advising

    found = advising.advice_for(moment, car, **spend)
    rejoin = advising.rejoin_of(moment, found, spend["seed"])
    return advising.advice_object(
        found, rejoin, seed=spend["seed"], simulated=moment.race.info.simulated
    )  # fmt: skip


def _for_team(moment: Moment, team: str, spend: dict[str, Any]) -> dict[str, Any]:
    from dryline.engine import team_advising

    race = moment.race
    cars = team_advising.cars_of_team(race, team)
    found, away = team_advising.team_advice_for(moment, cars, **spend)
    name = race.entries[cars[0]].team
    return team_advising.team_advice_object(
        found, name, away, seed=spend["seed"], simulated=race.info.simulated
    )  # fmt: skip


def _show(form: Form, answer: dict[str, Any], race: Race) -> None:
    import polars as pl

    from dryline.present.terminal import advice_screen, team_advice_screen

    screen: Callable[..., Any] = advice_screen.advice
    if "team" in answer and isinstance(answer["team"], str):
        screen = team_advice_screen.team_advice
    rows = [_row(each) for each in answer["candidates"]]
    emit(
        form,
        json=lambda: answer,
        table=lambda: pl.DataFrame(rows),
        screen=lambda width: screen(answer, race.info.name, width),
    )


def _row(each: dict[str, Any]) -> dict[str, Any]:
    names = ("key", "action", "lap", "fuel", "value", "se", "replicates")
    return {name: each[name] for name in names if name in each} | {
        "behind_call": each["behind_call"]["value"],
        "behind_call_se": each["behind_call"]["se"],
        "behind_call_s": each["behind_call_s"]["value"],
    }
