"""Lines that sum a race up: who won, what was neutralised, who led, what is odd in the data."""

from __future__ import annotations

from collections import Counter

import polars as pl
from rich.text import Text

from dryline.domain.clock_text import format_clock
from dryline.domain.finding import Finding, Severity
from dryline.present.names import NO_CLASS
from dryline.present.terminal.theme import ERROR, FLAG_WORDS, MUTED, WARNING
from dryline.race.lead import laps_led, lead_changes
from dryline.race.race import Race
from dryline.race.snapshot import CarState

SHOWN = 3  # remarks in words on one screen


def headline(race: Race) -> str:
    """How many cars and laps, and how long it is meant to last."""
    cars, laps = len(race.entries), race.crossings.height
    parts = [f"{cars} car{'' if cars == 1 else 's'}", f"{laps:,} lap{'' if laps == 1 else 's'}"]
    length = race.info.length
    if length is not None and length.ms is not None:
        parts.append(f"scheduled {format_clock(length.ms)}")
    if not race.is_race:
        parts.insert(0, race.info.session_kind.name_in_words)
    if race.info.simulated:
        parts.append("SIMULATED")
    return ", ".join(parts)


def neutralised(race: Race) -> Text:
    """How often and how long each kind neutralised the race."""
    periods = race.neutralisations
    if periods.is_empty():
        return Text("No neutralisation.", style=MUTED)
    kinds = (
        periods.with_columns(ms=pl.col("end_ms").fill_null(race.end.ms) - pl.col("start_ms"))
        .group_by("kind", maintain_order=True)
        .agg(pl.len(), pl.col("ms").sum(), (pl.col("source") == "inferred").sum().alias("guessed"))
    )
    parts = []
    for kind, count, ms, guessed in kinds.iter_rows():
        inferred = f", {guessed} inferred" if guessed else ""
        parts.append(f"{count} × {FLAG_WORDS[kind].lower()} ({ms / 60_000:.0f} min{inferred})")
    return Text("Neutralised: " + "; ".join(parts))


def led(race: Race, car_class: str | None = None) -> Text:
    """Lead changes and laps led, overall or in the class shown."""
    counts = laps_led(race.laps, car_class)
    if counts.is_empty():
        return Text("Nobody has completed a lap.", style=MUTED)
    changes = lead_changes(race.laps, car_class).height
    most = ", ".join(f"#{number} {laps}" for number, laps in counts.head(5).iter_rows())
    more = "" if counts.height <= 5 else f" and {counts.height - 5} more"
    times = "once" if changes == 1 else f"{changes} times"
    return Text(f"The lead changed {times} at the line. Laps led: {most}{more}.")


def fastest(race: Race, car_class: str | None = None) -> Text:
    """The fastest car of each class, or of the class shown, and the laps that did not count."""
    first: dict[str, CarState] = {}
    for car in race.at(race.end).cars:
        if car.best_lap is not None and car_class in (None, car.car_class):
            first.setdefault(car.car_class or NO_CLASS, car)
    if not first:
        return Text("Nobody has set a time.", style=MUTED)
    told = (f"{name} #{car.car_number} {car.best_lap}" for name, car in first.items())
    gone = len(race.taken_away)
    laps = "" if not gone else f" Times taken away: {gone} lap{'' if gone == 1 else 's'}."
    return Text(f"Fastest: {', '.join(told)}.{laps}")


def found(race: Race) -> Text:
    """How many remarks there are on the data, and those graver than a note in words, gravest first.

    ``SHOWN`` of them at most; the others are counted.
    """
    if not race.findings:
        return Text("Nothing odd in the data.", style=MUTED)
    count = Counter(finding.severity for finding in race.findings)
    parts = [
        f"{count[grade]} {grade}{'' if count[grade] == 1 else 's'}"
        for grade in reversed(Severity)
        if count[grade]
    ]
    grave = [finding for finding in race.findings if finding.severity is not Severity.NOTE]
    grave.sort(key=_gravity, reverse=True)
    lines = [f"Data: {', '.join(parts)}.", *(_in_words(finding) for finding in grave[:SHOWN])]
    if len(grave) > SHOWN:
        lines.append(f"And {len(grave) - SHOWN} more.")
    style = ERROR if count[Severity.ERROR] else WARNING if grave else MUTED
    return Text("\n".join(lines), style=style)


def _gravity(finding: Finding) -> tuple[int, bool]:
    """By severity; among equals what names a car before what is said of the whole file."""
    return list(Severity).index(finding.severity), finding.car_number is not None


def _in_words(finding: Finding) -> str:
    rows = "" if finding.rows == 1 else f" ({finding.rows:,} rows)"
    return f"{finding.severity.capitalize()}: {finding}{rows}"
