"""``plan``: stints, drivers, fuel and tyres for a race that has not begun."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dryline.apps.cli.emit import OutputForm, emit_as, say
from dryline.apps.cli.options import Seed, flag, option


def plan(
    form: OutputForm,
    setup: Annotated[
        Path | None,
        typer.Argument(metavar="RACE-SETUP.toml", help="The race, the car, the crew (TOML)."),
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
    kept and by how much. --csv writes the stints of the plan that --show names.

    Example: dryline plan --example > imola.toml; dryline plan imola.toml
    """
    from dryline.apps.cli.progress import doing
    from dryline.domain.errors import BadOption
    from dryline.engine import planning
    from dryline.present.terminal import plan_screen

    if example:
        say_example(planning.example_setup())
        return
    if setup is None:
        raise BadOption("name a race setup", remedy="dryline plan --example prints one.")
    with doing("planning", quiet=form.json) as tell, solver_words_aside():
        answer = planning.plan_race(
            setup, rules=rules, most=plans, replicates=replicates, seed=seed, tell=tell
        )
    if not 1 <= show <= len(answer.plans):
        raise BadOption(f"--show must be from 1 to {len(answer.plans)}: so many plans were found")
    emit_as(
        form,
        json=lambda: answer,
        table=answer.plans[show - 1].frame,
        screen=lambda width: plan_screen.plans(answer, show, width),
    )


@contextmanager
def solver_words_aside() -> Iterator[None]:
    """What the solver's own library prints goes to standard error: standard output is ours."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def say_example(text: str) -> None:
    """The example line by line, as it stands."""
    for line in text.splitlines():
        say(line)


PANEL = "Look ahead"
COMMANDS = {"plan": plan}
