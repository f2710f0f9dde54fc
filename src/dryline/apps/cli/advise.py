"""``advise``: the call for one car, with the runner-up, the margin and what would flip it."""

from __future__ import annotations

from typing import Annotated

import typer

from dryline.apps.cli.bundles import RaceSource, bundled
from dryline.apps.cli.emit import Form, emit
from dryline.apps.cli.forecast import Seed


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Look ahead")(bundled(advise))


def advise(
    source: RaceSource,
    form: Form,
    car: Annotated[str, typer.Option("--car", metavar="N", help="The car that asks.")],
    replicates: Annotated[
        int, typer.Option("--replicates", metavar="N", help="Most futures per candidate.")
    ] = 500,
    seed: Seed = 1,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="2s", help="Stop comparing after so long."),
    ] = None,
    utility: Annotated[
        str,
        typer.Option(
            "--utility", metavar="position|win|podium|points|seconds", help="What is maximised."
        ),
    ] = "position",
) -> None:
    """Stay or box, when, on what: the call, and how much better it is than the runner-up.

    Every candidate is driven to the flag in the same simulated futures. Uses only what was known
    at --at. Nothing is offered through a closed pit entry.

    Example: dryline advise 23_Analysis_Race.CSV --car 50 --at 3:53:00 --length 6:00
    """
    import polars as pl

    from dryline.apps.cli.progress import share
    from dryline.engine import advising
    from dryline.present.terminal import advice_screen

    seconds = advising.parse_budget(budget)
    race = source.open()
    now = race.end if source.at is None else race.instant(source.at)
    with share("racing every call to the flag", quiet=form.json) as tell:
        found = advising.advice_for(
            race, car, now, replicates=replicates, seed=seed, budget_s=seconds, utility=utility,
            tell=tell,
        )  # fmt: skip
        rejoin = advising.rejoin_of(race, found, seed)
    answer = advising.advice_object(found, rejoin, seed=seed, simulated=race.info.simulated)
    rows = [
        {name: each[name] for name in ("key", "action", "lap", "fuel", "value", "se", "replicates")}
        | {
            "behind_call": each["behind_call"]["value"],
            "behind_call_se": each["behind_call"]["se"],
            "behind_call_s": each["behind_call_s"]["value"],
        }
        for each in answer["candidates"]
    ]
    emit(
        form,
        json=lambda: answer,
        table=lambda: pl.DataFrame(rows),
        screen=lambda width: advice_screen.advice(answer, race.info.name, width),
    )
