"""``demo``: the main job on the embedded race."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from dryline.apps.cli.emit import OutputForm, emit
from dryline.apps.cli.options import Seed, option

if TYPE_CHECKING:
    import polars as pl

    from dryline.rules.embedded import EmbeddedEvent
    from dryline.strategy.replayed import Replayed

EVENT = "imola-2024"


def demo(
    form: OutputForm,
    replicates: Annotated[int, option("--replicates", "N", "How often the race is raced.")] = 2000,
    seed: Seed = 1,
    out: Annotated[
        Path | None, option("--out", "FILE", "Where to write one simulated running.")
    ] = None,
    report: Annotated[
        Path | None,
        option("--report", "FOLDER", "Where its report goes; the user's cache by default."),
    ] = None,
) -> None:
    """The 6 Hours of Imola 2024: its facts, its last hours raced again with other calls, a report.

    One simulated running can be written as a timing file, which every other command opens.
    Everything simulated says so. With --json a report is only written where --report says.

    Example: dryline demo --out imola-2024-simulated.csv
    """
    from dryline.answers.demonstration import Demonstration
    from dryline.domain.errors import BadOption
    from dryline.engine.embedded_race import replayed, simulated_race
    from dryline.present.terminal import demo_screen
    from dryline.rules.embedded import embedded_event

    if replicates < 2:
        raise BadOption("--replicates must be at least 2")
    facts = embedded_event(EVENT)
    with _telling(quiet=form.json) as tell:
        found = replayed(EVENT, replicates=replicates, seed=seed, tell=tell)
        running = simulated_race(EVENT, seed)
    if out is not None:
        _write(running.crossings, out)
    answer = Demonstration(race=facts.info.name, simulated=False, event=facts, replay=found)
    emit(form, answer, lambda width: demo_screen.screen(facts, running, found, out, width))
    if report is not None or not form.json:
        _report(facts, found, report)


def _report(facts: EmbeddedEvent, found: Replayed, folder: Path | None) -> None:
    """The race report, from the facts and the what-ifs just raced; its path is said last."""
    from platformdirs import user_cache_path

    from dryline.apps.cli.emit import say
    from dryline.engine.reporting import report_of_event, write_report

    told = report_of_event(facts, found=found, tell=lambda _: None)
    target = user_cache_path("dryline") / "demo" if folder is None else folder
    paths = write_report(told, target, trace=True)
    say(f"The report of the race: {paths[0]}", stderr=True)


def _write(crossings: pl.DataFrame, path: Path) -> None:
    from dryline.domain.errors import writing
    from dryline.feeds.alkamel.write import write_laps

    with writing(path):
        path.write_bytes(write_laps(crossings))


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """One bar that names what is being raced; a line of plain text where nobody can see a bar."""
    from dryline.apps.cli.emit import console

    if quiet:
        yield lambda *_: None
        return
    if not sys.stderr.isatty():
        console(stderr=True).print(
            "racing the last hours again (the first time compiles the simulator)..."
        )
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<54}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("compiling the simulator (the first time only)", total=None)

        def told(name: str, share: float) -> None:
            progress.update(task, description=f"racing: {name}", completed=share, total=1.0)

        yield told


PANEL = None
COMMANDS = {"demo": demo}
