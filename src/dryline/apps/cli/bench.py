"""``dryline bench``: any program's forecasts, scored by one frozen protocol."""

from __future__ import annotations

from typing import Annotated

from dryline.apps.cli.backtest import Runner, emit_study, named_races, told_study
from dryline.apps.cli.emit import OutputForm
from dryline.apps.cli.options import option


def bench(
    runner: Runner,
    form: OutputForm,
    run: Annotated[
        str,
        option(
            "--run", "COMMAND", "The forecaster, with {request} or {file}, {at}, {length}, {out}…"
        ),
    ],
    limit: Annotated[float, option("--limit", "SECONDS", "It may take so long an answer.")] = 60.0,
    name: Annotated[str, option("--name", "NAME", "What it is called in the table.")] = "",
) -> None:
    """Score any program that forecasts a race from a timing file cut at an instant.

    It is asked at 25, 50 and 75 % of every race and stands beside naive and a statistical
    control. The races of the protocol are known by the hash of their files; others are scored
    apart.

    Example: dryline bench timing/ --run 'python mine.py {request} {out}' --resume scores/
    """
    from dryline.present.terminal import bench_screen
    from dryline.studies.bench.bench import bench as scored
    from dryline.studies.bench.entrant import Entrant

    entrant = Entrant.of(run, limit)
    with told_study(form, runner) as study:
        answer = scored(named_races(runner), entrant, study, name)
    emit_study(form, answer, bench_screen.bench)


PANEL = "Look ahead"
COMMANDS = {"bench": bench}
