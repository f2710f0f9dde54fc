"""Plans for a race on one screen: the list, then the best one stint by stint."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.plan import PlanRisk, Plans, RacePlan, TimedStint
from dryline.answers.quantities import Quantiles
from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack


def plans(answer: Plans, shown: int, width: int) -> RenderableType:
    """Every plan in a line, the ``shown``-th in full, who drives how long, what it rests on."""
    found = answer.plans
    plan = found[shown - 1]
    length = answer.length_ms
    how_long = f"{answer.laps} laps" if length is None else format_clock(length)
    head = f"{answer.race}  {how_long}  #{answer.car_number} {answer.car_class}"
    risk = found[0].risk
    parts: list[RenderableType] = [
        Text(head, style=MUTED),
        Text(_summary(plan, length), style="bold"),
        "",
        table(_plan_columns(risk is not None), found, width),
    ]
    if risk is not None:
        parts.append(Text(_simulated(answer.replicates, risk), style=MUTED))
    parts += ["", Text(f"Plan {shown}, stint by stint", style="bold")]
    parts.append(table(_stint_columns(plan), plan.stints, width))
    parts += ["", Text("At the wheel", style="bold"), table(_DRIVERS, plan.drivers, width), ""]
    parts += [Text(f"Assumes: {'; '.join(plan.assumes)}.", style=MUTED)]
    parts += [Text(f"Note: {line}.", style=MUTED) for line in answer.remarks]
    return stack(*parts)


def _summary(plan: RacePlan, length_ms: int | None) -> str:
    laps = plan.laps if length_ms is None else plan.laps_by_flag
    return (
        f"{plan.stops} stops, {plan.tyre_sets} sets of tyres: {laps} laps, "
        f"the last one home at {format_clock(plan.finish_ms)}"
    )


def _simulated(replicates: int, risk: PlanRisk) -> str:
    return (
        f"Simulated: each plan raced {replicates:,} times as written, on the same luck; "
        f"{risk.neutralised_min:.0f} min neutralised on average."
    )


def _plan_columns(risky: bool) -> list[Column]:
    columns = [
        Column("Plan", 4, lambda row: str(row.rank)),
        Column("Stops", 5, lambda row: str(row.stops)),
        Column("Sets", 4, lambda row: str(row.tyre_sets)),
        Column("Laps", 4, lambda row: str(row.laps_by_flag)),
        Column("Behind", 9, lambda row: _behind(row.behind_best_ms)),
        Column("Saved laps", 10, lambda row: str(sum(s.saved_laps for s in row.stints)), 3),
        Column("Proven to", 9, lambda row: f"{row.proven_within_ms / 1000:.1f} s", 4),
    ]
    if not risky:
        return columns
    return [
        *columns,
        Column("Best", 11, lambda row: _share(row.risk), 1),
        Column("Laps 10-90 %", 12, lambda row: _range(row.risk.laps), 2),
    ]


def _behind(ms: int) -> str:
    return "best" if ms == 0 else f"+{format_ms(ms, places=1)}"


def _share(risk: PlanRisk) -> str:
    return f"{risk.p_best:.0%} ±{2 * risk.p_best_se:.0%}"


def _range(laps: Quantiles) -> str:
    return f"{laps.p10} to {laps.p90}"


def _stint_columns(plan: RacePlan) -> list[Column]:
    of_day = plan.stints[0].start_of_day is not None
    columns = [
        Column("Stint", 5, lambda row: str(row.stint)),
        Column("Driver", 22, lambda row: row.driver, justify="left"),
        Column("Laps", 9, lambda row: f"{row.first_lap}-{row.last_lap}"),
        Column("In all", 6, lambda row: str(row.laps), 2),
        Column("From", 8, lambda row: format_clock(row.start_ms)),
        Column("To", 8, lambda row: format_clock(row.end_ms)),
        Column("Tyres", 12, _tyres, 1, justify="left"),
        Column("Fuel laps", 9, _fuel, 1),
        Column("Stop before", 11, _stop, 2),
    ]
    if of_day:
        columns.insert(6, Column("Box at", 8, lambda row: row.box_of_day, 1))
    return columns


def _tyres(row: TimedStint) -> str:
    return "new" if row.tyres == "new" else f"kept, {row.tyre_age_laps} old"


def _fuel(row: TimedStint) -> str:
    return f"{row.fuel_laps}{'+' + str(row.saved_laps) if row.saved_laps else ''}"


def _stop(row: TimedStint) -> str:
    return "" if not row.pit_ms else f"{row.pit_ms / 1000:.1f} s"


def _limit(ms: int | None) -> str:
    return "-" if ms is None else format_clock(ms)


_DRIVERS = [
    Column("Driver", 22, lambda row: row.driver, justify="left"),
    Column("Drives", 8, lambda row: format_clock(row.driven_ms)),
    Column("Least", 8, lambda row: _limit(row.least_ms)),
    Column("Most", 8, lambda row: _limit(row.most_ms)),
]
