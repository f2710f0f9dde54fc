"""``plan``: stints, drivers, fuel and tyres of a race to come, or of what is left of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dryline.apps.cli.advise import TeamInputs, said_in
from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm, emit, emit_as, say
from dryline.apps.cli.options import Seed, flag, option


@dataclass(frozen=True, slots=True)
class Planned(RaceSource):
    """The race to come as a setup, or one that is on as every other command takes it."""

    race: Annotated[
        str,
        typer.Argument(
            metavar="RACE-SETUP.toml|RACE",
            help="The race, the car, the crew (TOML); with --car a race that is on.",
            show_default=False,
        ),
    ] = ""


def plan(
    source: Planned,
    form: OutputForm,
    car: Annotated[str | None, option("--car", "N", "Plan the rest of RACE for this car.")] = None,
    team_inputs: TeamInputs = None,
    setup: Annotated[
        Path | None, option("--setup", "FILE", "With --car: your own car and crew (TOML).")
    ] = None,
    example: Annotated[bool, flag("--example", "Print a setup to begin from, and end.")] = False,
    plans: Annotated[int, option("--plans", "N", "So many plans, fastest first.")] = 4,
    show: Annotated[int, option("--show", "N", "Which of them in full (and as CSV).")] = 1,
    replicates: Annotated[
        int, option("--replicates", "N", "Race each plan so often; 0: not at all.")
    ] = 1000,
    seed: Seed = 1,
    rules: Annotated[
        Path | None, option("--rules", "FILE", "Your own rule file over the shipped one.")
    ] = None,
) -> None:
    """The best few plans for a whole race: who drives when, on how much fuel, on which tyres.

    Keeps the drive-time rules of the season and every limit of the setup, or says which cannot be
    kept and by how much. --csv writes the stints of the plan that --show names. With --car the
    rest of a race from --at on: what has been driven is fixed, the rest is solved anew.

    Example: dryline plan --example > imola.toml; dryline plan imola.toml
    Example: dryline plan 23_Analysis_Race.CSV --car 50 --at 3:53:00 --length 6:00
    """
    if example:
        from dryline.engine.planning import example_setup

        say_example(example_setup())
    elif car is not None:
        _rest(source, form, car, team_inputs, setup, rules)
    else:
        _whole(source, form, plans, show, replicates, seed, rules)


def _rest(
    source: Planned,
    form: OutputForm,
    car: str,
    team_inputs: Path | None,
    setup: Path | None,
    rules: Path | None,
) -> None:
    """The rest of a race for one car."""
    from dryline.apps.cli.opening import refuse_finished
    from dryline.apps.cli.progress import doing
    from dryline.domain.errors import BadOption
    from dryline.engine.planning import team_setup
    from dryline.engine.questions import AskReplan, ask
    from dryline.engine.session_files import read_override
    from dryline.engine.solver_words import solver_words_aside
    from dryline.present.terminal import replan_screen

    if not source.race:
        raise BadOption("name a race", remedy="dryline plan RACE --car 50 --at 3:53:00.")
    inputs = () if team_inputs is None else said_in(team_inputs)
    asked = AskReplan(
        car_number=car,
        setup=None if setup is None else team_setup(setup),
        rules=read_override(rules),
    )
    race = source.open()
    moment = race.moment(source.at, inputs)
    refuse_finished(moment)
    with doing("planning", quiet=form.json), solver_words_aside():
        answer = ask(moment, asked)
    emit(form, answer, lambda width: replan_screen.replanned(answer, width))


def _whole(
    source: Planned,
    form: OutputForm,
    plans: int,
    show: int,
    replicates: int,
    seed: int,
    rules: Path | None,
) -> None:
    """The best few plans for a race that has not begun."""
    from dryline.apps.cli.progress import doing
    from dryline.domain.errors import BadOption
    from dryline.engine import planning
    from dryline.engine.solver_words import solver_words_aside
    from dryline.present.terminal import plan_screen

    if not source.race:
        raise BadOption("name a race setup", remedy="dryline plan --example prints one.")
    if source.at is not None:
        raise BadOption("say which car", remedy="Give --car N: the rest of a race is one car's.")
    with doing("planning", quiet=form.json) as tell, solver_words_aside():
        answer = planning.plan_race(
            Path(source.race), rules=rules, most=plans, replicates=replicates, seed=seed, tell=tell
        )
    if not 1 <= show <= len(answer.plans):
        raise BadOption(f"--show must be from 1 to {len(answer.plans)}: so many plans were found")
    emit_as(
        form,
        json=lambda: answer,
        table=answer.plans[show - 1].frame,
        screen=lambda width: plan_screen.plans(answer, show, width),
    )


def say_example(text: str) -> None:
    """The example line by line, as it stands."""
    for line in text.splitlines():
        say(line)


PANEL = "Look ahead"
COMMANDS = {"plan": plan}
