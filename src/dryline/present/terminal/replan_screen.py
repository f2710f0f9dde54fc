"""The rest of a race on one screen: the next stop, the stops to come, who drives how long."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.replan import DriverToCome, Replanned, StopToCome
from dryline.domain.clock_text import format_clock
from dryline.present.names import class_label
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack


def replanned(answer: Replanned, width: int) -> RenderableType:
    """The next stop and its condition, every stop to come, the stints, who drives how long."""
    head = (
        f"{answer.race}  {format_clock(answer.at_ms)} of {format_clock(answer.length_ms)}  "
        f"#{answer.car_number} {class_label(answer.car_class)}"
    )
    parts: list[RenderableType] = [
        Text(head + ("  simulated" if answer.simulated else ""), style=MUTED),
        Text(f"{answer.words}.", style="bold"),
    ]
    parts += [Text(f"{stop.condition}.") for stop in answer.stops[:1]]
    parts += [Text(_summary(answer))]
    parts += [Text(f"Cannot be kept: {line}.", style="bold") for line in answer.against_rules]
    parts += [Text(_sentence(line)) for line in (*answer.not_kept, *answer.not_used)]
    if answer.stops:
        parts += ["", Text("Stops to come", style="bold"), table(_STOPS, answer.stops, width)]
    parts += ["", Text("Stint by stint", style="bold")]
    parts += [table(_STINTS, answer.frame().to_dicts(), width)]
    parts += ["", Text("At the wheel", style="bold"), table(_DRIVERS, answer.drivers, width), ""]
    parts += [Text(f"Assumes: {'; '.join(answer.assumes)}.", style=MUTED)]
    parts += [Text(f"Note: {line}.", style=MUTED) for line in answer.remarks]
    return stack(*parts)


def _sentence(line: str) -> str:
    return f"{line[:1].upper()}{line[1:]}."


def _summary(answer: Replanned) -> str:
    stops = len(answer.stops)
    before = answer.stops[0].stop - 1 if stops else answer.stops_made
    return (
        f"{stops} more stop{'' if stops == 1 else 's'} after {before}: {answer.laps} "
        f"laps, the last one home at {format_clock(answer.finish_ms)}; proven to within "
        f"{answer.proven_within_ms / 1000:.1f} s of the best"
    )


def _window(row: StopToCome) -> str:
    return f"{row.first_lap}-{row.latest_lap}"


def _work(row: StopToCome) -> str:
    return f"{row.fuel_laps} laps, {'new' if row.tyres == 'new' else 'kept'}"


def _limits(row: DriverToCome) -> str:
    least, most = (
        "-" if each is None else format_clock(each) for each in (row.least_ms, row.most_ms)
    )
    return f"{least} to {most}"


_STOPS = [
    Column("Stop", 4, lambda row: str(row.stop)),
    Column("In-lap", 6, lambda row: str(row.lap)),
    Column("At", 8, lambda row: format_clock(row.at_ms)),
    Column("Window", 9, _window),
    Column("Fuel, tyres", 13, _work, justify="left"),
    Column("Driver", 22, lambda row: row.driver, justify="left"),
    Column("Stands", 7, lambda row: f"{row.standing_ms / 1000:.0f} s", 2),
]
_STINTS = [
    Column("Stint", 5, lambda row: str(row["stint"])),
    Column("Driver", 22, lambda row: row["driver"], justify="left"),
    Column("Laps", 9, lambda row: f"{row['first_lap']}-{row['last_lap']}"),
    Column("In all", 6, lambda row: str(row["laps"]), 2),
    Column("From", 8, lambda row: format_clock(row["start_ms"])),
    Column("To", 8, lambda row: format_clock(row["end_ms"])),
    Column("", 7, lambda row: row["state"], justify="left"),
]
_DRIVERS = [
    Column("Driver", 22, lambda row: row.driver, justify="left"),
    Column("So far", 8, lambda row: format_clock(row.driven_ms)),
    Column("To come", 8, lambda row: format_clock(row.planned_ms)),
    Column("In all", 8, lambda row: format_clock(row.total_ms)),
    Column("Least to most", 20, _limits, 1),
]
