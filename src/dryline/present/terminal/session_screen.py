"""Practice and qualifying for people: best laps, drivers, runs, and what is to be known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.timed_session import (
    LapOfRun,
    PartPlace,
    SessionRun,
    TakenAwayLap,
    TimedCar,
    TimedClass,
    TimedDriver,
    TimedSession,
)
from dryline.domain.clock_text import format_clock, format_ms
from dryline.domain.session_kind import SessionKind
from dryline.present.names import class_label, listed
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack

LONG_RUNS, LINES = 3, 4
FEWEST_CARS = 3
"""A median over fewer cars says little of their class: not shown, though the answer has it."""


def screen(answer: TimedSession, width: int) -> RenderableType:
    """The table asked for, and below it what belongs to it."""
    if answer.by == "driver":
        return table(list(_driver_columns()), answer.drivers, width)
    if answer.by == "run":
        return stack(table(list(_run_columns()), answer.runs, width), *_ages(answer.classes, width))
    return stack(
        table(list(_car_columns()), answer.cars, width), *_long_runs(answer, width),
        *_combined(answer.combined, width), "",
        *(Text(line) for line in remarks(answer)),
    )  # fmt: skip


def remarks(answer: TimedSession) -> Iterator[str]:
    """Lines on the session: segments, last improvements, laps taken away, laps lost."""
    if len(answer.segments) > 1:
        parts = (
            f"{listed([class_label(name) for name in part.classes])} "
            f"{format_clock(part.from_ms)}-{format_clock(part.to_ms)}"
            for part in answer.segments
        )
        yield f"Out in turn: {'; '.join(parts)}."
    last = [
        f"{class_label(each.car_class)} #{each.last_improved} "
        f"at {format_clock(each.last_improved_ms)}"
        for each in answer.classes
        if each.last_improved_ms is not None
    ]
    if last:
        yield f"Improved last: {', '.join(last)}."
    quickest = {lap.car_number: lap for lap in sorted(answer.taken_away, key=_slowest_first)}
    moved = [lap for lap in quickest.values() if lap.would_be < lap.position_in_class]
    if answer.taken_away:
        yield f"Times taken away: {_counted(len(answer.taken_away), 'lap')}."
    yield from (_gone(lap) for lap in moved[:LINES])
    if answer.lost:
        worst = sorted(answer.lost, key=lambda lap: -lap.lost_ms)[:LINES]
        told = ", ".join(
            f"#{lap.car_number} lap {lap.lap} (S{lap.sector}, {format_ms(lap.lost_ms, places=1)} s)"
            for lap in worst
        )
        yield f"Time lost in one sector alone: {_counted(len(answer.lost), 'lap')}; most {told}."


def _combined(places: tuple[PartPlace, ...], width: int) -> Iterator[RenderableType]:
    """The order by all parts of a qualifying, where it had several."""
    if places:
        yield ""
        yield Text("All parts together, before penalties")
        yield table(list(_part_columns()), places, width)


def _part_columns() -> Iterator[Column]:
    yield Column("Pos", 3, lambda row: str(row.position))
    yield Column("PIC", 3, words.place_in_class)
    yield Column("No", 4, words.number_of)
    yield Column("Class", 9, words.class_of, 1, "left")
    yield Column("Part", 18, lambda row: row.part, 0, "left")
    yield Column("Best", 9, lambda row: words.lap_time(row.lap_time_ms))


def _slowest_first(lap: TakenAwayLap) -> int:
    return -lap.lap_time_ms


def _gone(lap: TakenAwayLap) -> str:
    return (
        f"  #{lap.car_number} lap {lap.lap}, {format_ms(lap.lap_time_ms)}: would be "
        f"P{lap.would_be} in {class_label(lap.car_class)}, is P{lap.position_in_class}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _gap(row: TimedCar | TimedDriver) -> Cell:
    return f"+{format_ms(row.gap_ms)}" if row.gap_ms else ""


def _best(row: TimedCar | TimedDriver) -> Cell:
    return words.lap_time(None if row.best is None else row.best.lap_time_ms)


def _set(row: TimedCar | TimedDriver) -> Cell:
    return Text("" if row.best is None else format_clock(row.best.at_ms), style=MUTED)


def _set_on(row: TimedCar | TimedDriver) -> Cell:
    return Text("" if row.best is None else str(row.best.lap), style=MUTED)


def _theoretical(row: TimedCar | TimedDriver) -> Cell:
    return words.lap_time(row.theoretical_ms, MUTED)


def _share(row: TimedCar) -> Cell:
    return "" if row.on_track_share is None else f"{row.on_track_share:.0%}"


def _car_columns() -> Iterator[Column]:
    yield Column("Pos", 3, lambda row: str(row.position))
    yield Column("PIC", 3, words.place_in_class)
    yield Column("No", 4, words.number_of)
    yield Column("Class", 9, words.class_of, 1, "left")
    yield Column("Driver", 18, _fastest_driver, 1, "left")
    yield Column("Best", 9, _best)
    yield Column("In class", 9, _gap)
    yield Column("Theory", 9, _theoretical, 2)
    yield Column("At", 8, _set, 4)
    yield Column("Lap", 3, _set_on, 5)
    yield Column("Laps", 4, lambda row: str(row.laps), 1)
    yield Column("Runs", 4, lambda row: str(row.runs), 3)
    yield Column("Longest", 7, lambda row: str(row.longest_run_laps), 3)
    yield Column("On track", 8, _share, 3)


def _fastest_driver(row: TimedCar) -> Cell:
    return "" if row.best is None else words.short_name(row.best.driver)


def _driver_columns() -> Iterator[Column]:
    yield Column("No", 4, words.number_of)
    yield Column("Class", 9, words.class_of, 1, "left")
    yield Column("Driver", 22, lambda row: words.short_name(row.driver), 0, "left")
    yield Column("Laps", 4, lambda row: str(row.laps))
    yield Column("Best", 9, _best)
    yield Column("In class", 9, _gap)
    yield Column("Theory", 9, _theoretical, 1)
    yield Column("At", 8, _set, 2)
    yield Column("Lap", 3, _set_on, 3)


def _run_columns() -> Iterator[Column]:
    yield Column("No", 4, words.number_of)
    yield Column("Class", 9, words.class_of, 3, "left")
    yield Column("Run", 3, lambda row: str(row.run))
    yield Column("Driver", 20, lambda row: words.short_name(row.driver), 0, "left")
    yield Column("From", 8, lambda row: words.clock(row.start_ms), 4)
    yield Column("Laps", 4, lambda row: str(row.laps))
    yield Column("Flying", 6, lambda row: str(row.flying_laps), 2)
    yield Column("Steady", 6, lambda row: str(row.steady_laps), 3)
    yield Column("Best", 9, lambda row: words.lap_time(row.best_ms))
    yield Column("", 4, lambda row: Text(row.kind or "", style=MUTED), 0, "left")
    yield from _of_long_runs()


def _of_long_runs() -> Iterator[Column]:
    yield Column("Average", 9, lambda row: words.lap_time(row.average_ms))
    yield Column("Per lap", 7, _slope)
    yield Column("80 %", 7, _slope_doubt, 1)


def _slope(row: SessionRun) -> Cell:
    return "" if row.slope is None else f"{row.slope.value_ms / 1000:+.2f}"


def _slope_doubt(row: SessionRun) -> Cell:
    if row.slope is None:
        return ""
    return Text(f"± {(row.slope.hi_ms - row.slope.lo_ms) / 2000:.2f}", style=MUTED)


def long_runs(answer: TimedSession) -> list[SessionRun]:
    """The quickest long runs of each class; none in qualifying, where nobody makes one."""
    if answer.session_kind is SessionKind.QUALIFYING:
        return []
    found: list[SessionRun] = []
    for each in answer.classes:
        own = [run for run in answer.runs if run.car_class == each.car_class]
        told = [(run.average_ms, run) for run in own if run.average_ms is not None]
        found += [run for _, run in sorted(told, key=lambda pair: pair[0])[:LONG_RUNS]]
    return found


def _long_runs(answer: TimedSession, width: int) -> Iterator[RenderableType]:
    runs = long_runs(answer)
    if not runs:
        return
    columns = [
        Column("Class", 9, words.class_of, 0, "left"),
        Column("No", 4, words.number_of),
        Column("Driver", 20, lambda row: words.short_name(row.driver), 0, "left"),
        Column("Run", 3, lambda row: str(row.run), 1),
        Column("Steady", 6, lambda row: str(row.steady_laps)),
        *_of_long_runs(),
    ]
    yield ""
    yield Text("Long runs: average of the steady laps, and how much slower each lap")
    yield table(columns, runs, width)


def _ages(classes: Iterable[TimedClass], width: int) -> Iterator[RenderableType]:
    shown = [
        (each, {age.lap_of_run: age for age in each.by_lap_of_run if age.cars >= FEWEST_CARS})
        for each in classes
    ]
    ages = sorted({lap for _, found in shown for lap in found})
    if not ages:
        return

    def behind(lap: int) -> Column:
        def cell(row: tuple[TimedClass, dict[int, LapOfRun]]) -> Cell:
            age = row[1].get(lap)
            return "" if age is None else f"+{age.behind_best_ms / 1000:.1f}"

        return Column(str(lap), 5, cell, lap)

    columns = [
        Column("Class", 9, lambda row: words.class_of(row[0]), 0, "left"),
        *map(behind, ages),
    ]
    yield ""
    yield Text("Behind the own best lap by lap of the run, s: median over the cars")
    yield table(columns, [row for row in shown if row[1]], width)
