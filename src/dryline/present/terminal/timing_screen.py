"""The timing screen: who is where, how far apart, and doing what."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from dryline.domain.clock_text import format_clock
from dryline.present.terminal import words
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import (
    CLASS_BEST,
    ERROR,
    GOOD,
    MUTED,
    OVERALL_BEST,
    WARNING,
)
from dryline.race.race import Race
from dryline.race.snapshot import CarState, Snapshot

STATUS_STYLES = {
    "in_pit": WARNING,
    "garage": ERROR,
    "retired": ERROR,
    "finished": MUTED,
    "running": GOOD,
}
STATUS_WORDS = {
    "in_pit": "pit",
    "garage": "garage",
    "retired": "retired",
    "finished": "finished",
    "running": "",
}


def context_line(name: str, at_ms: int, flag: str, note: str = "") -> Text:
    """One line above every screen: race, time, flag."""
    line = Text(name, style="bold")
    line.append(f"  {format_clock(at_ms)}  ", style="bold")
    line.append_text(words.flag(flag))
    if note:
        line.append(f"  {note}", style=MUTED)
    return line


@dataclass(frozen=True, slots=True)
class NextCommands:
    """Commands on one line: as many as fit whole, the first of them in any case."""

    commands: tuple[str, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The line, for Rich."""
        if not self.commands:
            return
        line = "next: "
        for index, command in enumerate(self.commands):
            longer = line + command if index == 0 else f"{line}  ·  {command}"
            if index and cell_len(longer) > options.max_width:
                break
            line = longer
        yield Text(line, style=MUTED, overflow="ellipsis", no_wrap=True)


def next_commands(*commands: str) -> NextCommands:
    """One line below every screen: where to look next; nothing where there is nowhere."""
    return NextCommands(tuple(command for command in commands if command))


def timing_screen(
    snapshot: Snapshot,
    *,
    width: int,
    car_class: str | None = None,
    hero: str | None = None,
    raced: bool = True,
) -> RenderableType:
    """The order at an instant; a class filter shows that class alone, with class gaps.

    Where it is not ``raced`` for, the best laps stand before the gaps between them.
    """
    cars = [car for car in snapshot.cars if car_class is None or car.car_class == car_class]
    best = _class_bests(snapshot)
    columns = _columns(best, in_class=car_class is not None)
    if not raced:
        place = [column.header for column in columns].index("Gap")
        lap = next(column for column in columns if column.header == "Best")
        columns.remove(lap)
        columns.insert(place, replace(lap, need=0))
    return table(
        columns,
        cars,
        width,
        row_style=lambda car: "reverse" if car.car_number == hero else "",
    )


def _class_bests(snapshot: Snapshot) -> dict[str, int]:
    best: dict[str, int] = {}
    for car in snapshot.cars:
        if car.best_lap is not None:
            best[car.car_class] = min(best.get(car.car_class, car.best_lap.ms), car.best_lap.ms)
    return best


def _columns(best: dict[str, int], *, in_class: bool) -> list[Column]:
    overall = min(best.values(), default=0)

    def best_cell(car: CarState) -> Text:
        ms = None if car.best_lap is None else car.best_lap.ms
        if ms is None:
            return Text("")
        style = OVERALL_BEST if ms == overall else ""
        return words.lap_time(ms, style or (CLASS_BEST if ms == best[car.car_class] else ""))

    def status(car: CarState) -> Text:
        return Text(STATUS_WORDS[car.status], style=STATUS_STYLES[car.status])

    def sector(index: int) -> Column:
        return Column(
            f"S{index + 1}",
            8,
            lambda car: words.lap_of(car.sectors[index], MUTED),
            need=6,
            group="sectors",
        )

    return [
        Column("Pos", 3, lambda car: str(car.position)),
        Column("PIC", 3, words.place_in_class),
        Column("No", 4, words.number_of),
        Column("Class", 9, words.class_of, 9 if in_class else 1, "left"),
        Column("State", 8, status, 1, "left"),
        Column("Driver", 16, lambda car: words.short_name(car.driver), 1, "left"),
        Column("Team", 22, lambda car: Text(car.team, style=MUTED), 7, "left"),
        Column("Laps", 4, lambda car: str(car.laps)),
        Column("Gap", 9, lambda car: words.gap(car.class_gap if in_class else car.gap)),
        Column("C.Gap", 9, lambda car: words.gap(car.class_gap), 9 if in_class else 4),
        Column("Int", 9, lambda car: words.gap(car.class_interval if in_class else car.interval)),
        Column("C.Int", 9, lambda car: words.gap(car.class_interval), 9 if in_class else 5),
        *(sector(index) for index in range(3)),
        Column("Last", 9, lambda car: words.lap_of(car.last_lap), 2),
        Column("Best", 9, best_cell, 2),
        Column("Age", 3, lambda car: Text(str(car.stint_laps), style=MUTED), 3),
        Column("Stops", 5, lambda car: str(car.stops), 1),
    ]


def framed(race: Race, body: RenderableType, *commands: str) -> RenderableType:
    """A table with its context above (race, time, flag) and the next commands below."""
    snapshot = race.at(race.end)
    note = "SIMULATED" if race.info.simulated else ""
    return stack(
        context_line(race.info.name, race.end.ms, snapshot.flag, note),
        "",
        body,
        "",
        next_commands(*commands),
    )


def stack(*parts: RenderableType | None) -> Group:
    """Renderables one under another; what is missing is left out."""
    return Group(*(part for part in parts if part is not None))
