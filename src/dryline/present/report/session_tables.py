"""The tables of a page about practice or qualifying."""

from __future__ import annotations

from collections.abc import Sequence

from dryline.answers.timed_session import (
    LapOfRun,
    LostTime,
    SessionRun,
    TimedCar,
    TimedClass,
    TimedDriver,
    TimedSession,
)
from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.names import class_label, listed, person, safe
from dryline.present.report.arrange import ReportTable

LONG_RUNS, LOST = 6, 12
FEWEST_CARS, OLDEST = 3, 12


def best_laps(answer: TimedSession, name: str) -> ReportTable:
    """The cars of a class in their order: best lap, gap, sum of sectors, when, by whom."""
    rows = [_best(row) for row in answer.cars if row.car_class == name]
    columns = (
        "PIC", "No", "Team", "Driver", "Best lap", "Gap", "Best sectors", "Lap", "At", "Laps",
    )  # fmt: skip
    caption = f"{class_label(name)} by best lap"
    return ReportTable(f"best-{name}", caption, columns, tuple(rows), (0, 1, 4, 5, 6, 7, 8, 9))


def _best(row: TimedCar) -> tuple[str, ...]:
    best = row.best
    lap = ("", "", "", "")
    if best is not None:
        lap = (
            person(best.driver or ""), format_ms(best.lap_time_ms), str(best.lap),
            format_clock(best.at_ms),
        )  # fmt: skip
    return (
        str(row.position_in_class), safe(row.car_number), safe(row.team or ""), lap[0], lap[1],
        f"+{format_ms(row.gap_ms)}" if row.gap_ms else "",
        "" if row.theoretical_ms is None else format_ms(row.theoretical_ms),
        lap[2], lap[3], str(row.laps),
    )  # fmt: skip


def long_runs(answer: TimedSession) -> ReportTable | None:
    """The quickest long runs of every class with their change by lap; nothing without one."""
    rows = []
    for each in answer.classes:
        own = [
            (run.average_ms, run)
            for run in answer.runs
            if run.car_class == each.car_class and run.average_ms is not None
        ]
        rows += [
            _long_run(run, average)
            for average, run in sorted(own, key=lambda pair: pair[0])[:LONG_RUNS]
        ]
    columns = ("Class", "No", "Driver", "Run", "Steady laps", "Average", "Per lap", "80 %")
    caption = "Long runs: the average of their steady laps, and the change by lap in seconds"
    if not rows:
        return None
    return ReportTable("long-runs", caption, columns, tuple(rows), (1, 3, 4, 5, 6, 7))


def _long_run(run: SessionRun, average_ms: int) -> tuple[str, ...]:
    slope = run.slope
    change = ("", "") if slope is None else (
        f"{slope.value_ms / 1000:+.2f}", f"± {(slope.hi_ms - slope.lo_ms) / 2000:.2f}"
    )  # fmt: skip
    return (
        class_label(run.car_class), safe(run.car_number), person(run.driver or ""), str(run.run),
        str(run.steady_laps), format_ms(average_ms), *change,
    )  # fmt: skip


def by_lap_of_run(classes: Sequence[TimedClass]) -> ReportTable | None:
    """How far each class was behind its own best laps on each lap of a run."""
    known = {each.car_class: _ages(each) for each in classes}
    ages = sorted({age for found in known.values() for age in found})
    if not ages:
        return None
    rows = [
        (class_label(name), *(_behind(found.get(age)) for age in ages))
        for name, found in known.items()
        if found
    ]
    caption = "Behind the own best lap, in seconds, by lap of the run: median over the cars"
    columns = ("Class", *(f"Lap {age}" for age in ages))
    numeric = tuple(range(1, len(columns)))
    return ReportTable("by-lap-of-run", caption, columns, tuple(rows), numeric)


def _ages(each: TimedClass) -> dict[int, LapOfRun]:
    return {
        row.lap_of_run: row
        for row in each.by_lap_of_run
        if row.cars >= FEWEST_CARS and row.lap_of_run <= OLDEST
    }


def _behind(row: LapOfRun | None) -> str:
    return "" if row is None else f"+{row.behind_best_ms / 1000:.1f}"


def programmes(answer: TimedSession) -> ReportTable:
    """What each car did: laps, runs, the longest of them, share of the session, laps by driver."""
    crews: dict[str, list[TimedDriver]] = {}
    for each in answer.drivers:
        crews.setdefault(each.car_number, []).append(each)
    rows = [
        (
            safe(row.car_number), class_label(row.car_class), str(row.laps), str(row.runs),
            str(row.longest_run_laps),
            "" if row.on_track_share is None else f"{row.on_track_share:.0%}",
            listed([f"{person(d.driver or '?')} {d.laps}" for d in crews[row.car_number]]),
        )
        for row in answer.cars
    ]  # fmt: skip
    columns = ("No", "Class", "Laps", "Runs", "Longest run", "On track", "Laps by driver")
    caption = "Programme of each car; the longest run in laps, with the laps out and in"
    return ReportTable("programme", caption, columns, tuple(rows), (0, 2, 3, 4, 5))


def lost(laps: Sequence[LostTime]) -> ReportTable | None:
    """Laps that lost most in one sector alone."""
    worst = sorted(laps, key=lambda lap: (-lap.lost_ms, lap.at_ms))[:LOST]
    rows = tuple(
        (
            safe(lap.car_number), class_label(lap.car_class), person(lap.driver or ""),
            str(lap.lap), format_clock(lap.at_ms), f"S{lap.sector}",
            format_ms(lap.lost_ms, places=1),
        )
        for lap in worst
    )  # fmt: skip
    if not rows:
        return None
    columns = ("No", "Class", "Driver", "Lap", "At", "Sector", "Lost, s")
    caption = (
        f"{len(laps)} laps lost over 3 % in one sector alone, against the median of the run; "
        "why is not known"
        + ("" if len(rows) == len(laps) else f" (the {len(rows)} that lost most)")
    )
    return ReportTable("lost", caption, columns, rows, (0, 3, 4, 6))
