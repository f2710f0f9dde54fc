"""``debrief``: where one car's time went."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm, emit, say
from dryline.apps.cli.options import DecisionsToTell, Seed, flag, option

Car = Annotated[str, option("--car", "N", "The car to debrief.")]
Against = Annotated[str | None, option("--against", "N", "Not its class's winner but this car.")]
Out = Annotated[
    Path | None, option("--out", "FOLDER", "Write debrief.html (with charts) and debrief.md there.")
]
Calls = Annotated[bool, flag("--calls", "Ask the advice at every stop as of then; seconds a stop.")]
Replicates = Annotated[int, option("--replicates", "N", "Futures per candidate, with --calls.")]
Track = Annotated[bool, flag("--track/--no-track", "Read the wet spells from the lap times.")]
Interactive = Annotated[
    bool, flag("--interactive", "With --out, charts.html too: values on pointing.")
]
Trace = Annotated[bool, flag("--trace", "With --out, trace.json too: claim, query and rows.")]


def debrief(
    source: RaceSource,
    form: OutputForm,
    car: Car,
    against: Against = None,
    decisions: DecisionsToTell = None,
    out: Out = None,
    calls: Calls = False,
    replicates: Replicates = 200,
    seed: Seed = 1,
    track: Track = True,
    interactive: Interactive = False,
    trace: Trace = False,
) -> None:
    """Where the time went against the class's winner: parts that add up to the gap exactly.

    Start, stops, neutralisations, traffic, pace by stint, rain, penalties, remainder. Positive is
    lost. For the winner itself, the second car is the other one.

    Example: dryline debrief wec/2024/le_mans_24h.csv --car 7 --out debrief
    """
    from dryline.apps.cli.progress import share
    from dryline.apps.cli.show import read_decisions
    from dryline.engine.debriefing import debrief_of
    from dryline.engine.questions import Aid, AskDebrief
    from dryline.engine.reporting import write_report
    from dryline.present.terminal import debrief_screen

    asked = AskDebrief(
        car_number=car,
        against=against,
        decisions=tuple(read_decisions(decisions, source.race)),
        calls=calls,
        track=track,
        replicates=replicates,
        seed=seed,
    )
    moment = source.open().moment()
    with share("asking the advice of each stop", quiet=form.json or not calls) as tell:
        done = debrief_of(moment, asked, Aid(tell=tell), charts=out is not None)
    if out is not None:
        pages = write_report(done.told, out, trace=trace, interactive=interactive, name="debrief")
        for path in pages:
            say(f"wrote {path}", stderr=True)
    more = "--out debrief" if calls else "--calls"
    again = f"dryline debrief {source.quoted} --car {car} {more}"
    emit(form, done.answer, lambda width: debrief_screen.debrief(done.answer, again, width))


PANEL = "Read a race"
COMMANDS = {"debrief": debrief}
