"""``report``: the race told on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.options import DecisionsToTell, flag, option


def report(
    source: RaceSource,
    out: Annotated[Path, option("--out", "FOLDER", "Where report.html and report.md go.")],
    decisions: DecisionsToTell = None,
    trace: Annotated[
        bool, flag("--trace", "Write trace.json too: claim, sentence, query, rows.")
    ] = False,
    interactive: Annotated[
        bool, flag("--interactive", "Write charts.html too: values under the pointer.")
    ] = False,
    track: Annotated[
        bool, flag("--track/--no-track", "Read the weather from the lap times.")
    ] = True,
) -> None:
    """The race as one page that works offline, and as Markdown; every sentence from a claim.

    Headline, story, classes, how it was won and lost, penalties, weather, tables and charts. What
    is inferred or simulated says so; what the data do not hold is left out and named at the end.
    Forecasts along the way say who was going to win, and what each pass moved. imola-2024 is told
    from its facts. Practice and qualifying have a page of their own: the fastest of every class,
    best laps, long runs, programmes.

    Example: dryline report wec/2024/le_mans_24h.csv --out report --trace
    """
    from dryline.apps.cli.embedded import is_facts
    from dryline.apps.cli.emit import say
    from dryline.apps.cli.show import read_decisions
    from dryline.engine.reporting import (
        report_of_embedded,
        report_of_race,
        results_beside,
        write_report,
    )

    def tell(doing: str) -> None:
        say(f"{doing}...", stderr=True)

    if is_facts(source):
        told = report_of_embedded(source.race, tell=tell)
    else:
        given = tuple(read_decisions(decisions, source.race))
        race = source.open()
        whole = source.at is None
        results = results_beside(source.race) if whole else None
        told = report_of_race(race, given, results=results, whole=whole, track=track, tell=tell)
    for path in write_report(told, out, trace=trace, interactive=interactive):
        say(f"wrote {path}", stderr=True)
    say(told.report.headline)


PANEL = "Read a race"
COMMANDS = {"report": report}
