"""The tables of a debrief: the account, stints, neutralisations, stops, calls."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.answers.debrief import CallThen, DebriefedStop, Debriefing
from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.names import person, safe
from dryline.present.report.arrange import ReportTable
from dryline.present.report.debrief_prose import PARTS, SERVICES
from dryline.present.report.prose_race import KINDS
from dryline.present.report.template import signed


def account(answer: Debriefing) -> ReportTable:
    """Every heading with both cars' time and the difference; the last row is the gap."""
    rows = [
        (
            PARTS[row.part].capitalize(), format_ms(row.own_ms), format_ms(row.other_ms),
            signed(row.ms),
        )
        for row in answer.by_heading()
    ]  # fmt: skip
    rows.append(("Gap", "", "", signed(answer.gap_ms)))
    columns = (
        "Heading", f"#{safe(answer.car_number)}", f"#{safe(answer.against)}", "Lost (+) or gained",
    )  # fmt: skip
    return ReportTable("account", "Where the time went", columns, tuple(rows), (1, 2, 3))


def stints(answer: Debriefing) -> ReportTable:
    """The car's stints: driver, pace, and what it came to against the other on the same laps."""
    rows = [
        (
            person(row.driver or "?"), f"{row.first_lap}–{row.last_lap}",
            str(row.clean_laps), format_ms(row.pace_ms) if row.own else "",
            _against(row.other_drivers), signed(row.ms) if row.own else "",
        )
        for row in answer.stints
    ]  # fmt: skip
    columns = ("Driver", "Laps", "Clean", "Free lap", "Against", "Lost (+) or gained")
    return ReportTable("debrief-stints", "Pace by stint", columns, tuple(rows), (1, 2, 3, 5))


def _against(names: str) -> str:
    return ", ".join(person(name) for name in names.split(" / "))


def periods(answer: Debriefing) -> ReportTable:
    """The neutralisations that touched either car: who stopped, and what each moved."""
    rows = [
        (
            KINDS.get(row.kind, safe(row.kind)), format_clock(row.start_ms),
            "end" if row.end_ms is None else format_clock(row.end_ms),
            _stops(row.stopped), _stops(row.other_stopped), signed(row.ms),
            safe(row.source),
        )
        for row in answer.neutralisations
    ]  # fmt: skip
    columns = (
        "Kind", "From", "To", f"Stops #{safe(answer.car_number)}", f"#{safe(answer.against)}",
        "Lost (+) or gained", "Known by",
    )  # fmt: skip
    return ReportTable("debrief-periods", "Neutralisations", columns, tuple(rows), (1, 2, 3, 4, 5))


def _stops(number: int) -> str:
    return str(number) if number else "–"


def stops(answer: Debriefing) -> ReportTable:
    """Both cars' stops: lane, standing, cost, service, driver."""
    rows = [
        (
            safe(row.car_number), str(row.lap), format_clock(row.in_ms),
            "green" if row.under == "green" else KINDS.get(row.under, safe(row.under)),
            _ms(row.pit_lane_ms), _ms(row.stood_ms), _ms(row.loss_ms),
            _service(row), _drivers(row),
        )
        for row in answer.stops
    ]  # fmt: skip
    columns = ("No", "Lap", "Time", "Under", "Lane", "Stood", "Cost", "Service (inferred)",
               "Driver")  # fmt: skip
    return ReportTable("debrief-stops", "Stops", columns, tuple(rows), (0, 1, 2, 4, 5, 6))


def _service(row: DebriefedStop) -> str:
    if row.service in (None, "unknown"):
        return "?"
    if row.service == "repair" and row.under != "green":
        return "held or repaired"
    return f"{SERVICES[row.service]} ({row.confidence:.0%})"


def _drivers(row: DebriefedStop) -> str:
    one, two = row.driver_in, row.driver_out
    if two is None or one == two:
        return person(one or "?")
    return f"{person(one or '?')} → {person(two)}"


def _ms(value: int | None) -> str:
    return "" if value is None else format_ms(value)


def calls(answer: Debriefing) -> Iterator[ReportTable]:
    """The advice at each stop, where it was asked."""
    if not answer.calls:
        return
    rows = [
        (
            str(row.lap), format_clock(row.at_ms), advised(row),
            "yes" if row.agrees else "" if row.refused else "no", _worse(row),
        )
        for row in answer.calls
    ]  # fmt: skip
    columns = ("Stop on lap", "Asked at", "Advice then", "Agrees", "Done was worse by")
    caption = "The stops against the advice then (simulated)"
    yield ReportTable("debrief-calls", caption, columns, tuple(rows), (0, 1))


def advised(row: CallThen) -> str:
    """What was advised, in a few words."""
    if row.refused:
        return safe(row.refused)
    tyres = f", {row.tyres}s" if row.tyres else ""
    if row.advised_lap is not None:
        return f"stop on lap {row.advised_lap}{tyres}"
    return "stay out" if row.until_lap is None else f"stay out until about {row.until_lap}"


def _worse(row: CallThen) -> str:
    if row.behind is None:
        return ""
    return f"{row.behind:.2f} ± {row.se:.2f} {safe(row.unit)}"
