"""Claims about one car against another: the gap, its parts, the stops, the calls."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.tables import Ground, Row, Tables, quoted
from dryline.analysis.debrief.account import Debrief

TOLD_MS = 1_000
"""Parts below this stand in the table only."""
MOST_PERIODS, MOST_STINTS, MOST_SLOW = 8, 6, 8
DEAR_MS = 5_000
SURE = 0.9
BEFORE_MS, AFTER_MS = 300_000, 600_000
CALLS: dict[str, type[pl.DataType]] = {
    "number": pl.Int32,  # of the car's stop
    "lap": pl.Int32,
    "at_ms": pl.Int64,  # when the in-lap began, and the advice was asked
    "action": pl.String,
    "advised_lap": pl.Int32,  # of the stop advised; null where it was to stay out
    "until_lap": pl.Int32,
    "tyres": pl.String,
    "agrees": pl.Boolean,
    "behind": pl.Float64,  # what the call made was thought worth less, in ``unit``
    "se": pl.Float64,
    "unit": pl.String,
    "behind_s": pl.Float64,
    "refused": pl.String,  # why nobody could be asked
}
"""The advice at each stop, simulated on what was known then."""


def debrief_tables(name: str, found: Debrief, calls: pl.DataFrame | None = None) -> Tables:
    """The tables that the claims of a debrief are read from."""
    frames = {
        "race": pl.DataFrame({"name": [name]}),
        "gap": found.gap,
        "parts": found.parts,
        "ledger": found.ledger,
        "turns": found.turns,
        "stops": found.stops,
        "periods": found.periods,
        "wet": found.wet,
        "tyres": found.tyres,
    }
    return Tables(frames if calls is None else {**frames, "calls": calls})


def debrief_claims(tables: Tables) -> Iterator[Claim]:
    """Everything that is said of a debrief, from its tables alone."""
    gap = tables.ask("select * from gap")
    for tell in (
        _gap, _balance, _start, _stops, _hindsight, _calls, _periods, _traffic, _pace, _weather,
        _tyres, _slow, _penalties, _drive_throughs, _limits,
    ):  # fmt: skip
        yield from tell(tables, gap)


def _claim(
    name: str, section: Section, values: Row, *grounds: Ground,
    worth: float = 0.5, known: Certainty = Certainty.MEASURED, at_ms: int | None = None,
) -> Claim:  # fmt: skip
    kind = f"debrief_{name.split('/', maxsplit=1)[0].replace('-', '_')}"
    return Claim(
        f"debrief-{name.replace('/', '-')}", kind, section, values, grounds,
        importance=worth, certainty=known, at_ms=at_ms,
    )  # fmt: skip


def _cars(gap: Ground) -> Row:
    return {name: gap.rows[0][name] for name in ("car_number", "against")}


def _part(tables: Tables, *parts: str) -> Ground:
    names = ", ".join(quoted(part) for part in parts)
    return tables.ask(
        "select part, sum(own_ms) as own_ms, sum(other_ms) as other_ms, sum(ms) as ms "
        f"from parts where part in ({names}) group by part order by part"
    )


def _gap(tables: Tables, gap: Ground) -> Iterator[Claim]:
    yield _claim("gap", Section.RESULT, dict(gap.rows[0]), gap, worth=1.0)


def _balance(tables: Tables, gap: Ground) -> Iterator[Claim]:
    sums = tables.ask("select part, sum(ms) as ms from parts group by part order by ms desc")
    values = {
        **_cars(gap),
        "gap_ms": gap.rows[0]["gap_ms"],
        "lost": [dict(row) for row in sums.rows if row["ms"] >= TOLD_MS][:3],
        "gained": [dict(row) for row in reversed(sums.rows) if row["ms"] <= -TOLD_MS][:3],
    }
    yield _claim("balance", Section.RESULT, values, sums, gap, worth=0.95)


def _start(tables: Tables, gap: Ground) -> Iterator[Claim]:
    part = _part(tables, "start")
    if part.rows and abs(part.rows[0]["ms"]) >= TOLD_MS:
        yield _claim("start", Section.RESULT, {**_cars(gap), **part.rows[0]}, part, gap)


def _stops(tables: Tables, gap: Ground) -> Iterator[Claim]:
    parts = _part(tables, "stops_number", "stops_standing", "stops_around")
    counts = tables.ask(
        "select car_number, count(*) as stops, sum(pit_lane_ms) as lane_ms, "
        "sum(stood_ms) as stood_ms from stops where pit_lane_ms is not null and under <> 'red' "
        "group by car_number"
    )
    if not counts.rows or not parts.rows:
        return
    by_car = {row["car_number"]: dict(row) for row in counts.rows}
    none = {"stops": 0, "lane_ms": 0, "stood_ms": 0}
    cars = _cars(gap)
    values = {
        **cars,
        "own": by_car.get(cars["car_number"], none),
        "other": by_car.get(cars["against"], none),
        "parts": {row["part"]: row["ms"] for row in parts.rows},
    }
    yield _claim("stops", Section.PITS, values, counts, parts, gap, worth=0.8)


def _hindsight(tables: Tables, gap: Ground) -> Iterator[Claim]:
    """Green stops that were dear, or before a neutralisation the car could have reached."""
    car = quoted(gap.rows[0]["car_number"])
    dear = tables.ask(
        f"select * from stops where car_number = {car} and under = 'green' and loss_ms is not null "
        "and (next_loss_ms is not null or loss_ms - class_loss_ms >= "
        f"{DEAR_MS}) order by lap"
    )
    for row in dear.rows:
        one = tables.ask(f"select * from stops where car_number = {car} and lap = {row['lap']}")
        yield _claim(
            f"hindsight/{row['lap']}", Section.CALLS, {**row, **_cars(gap)}, one, gap,
            known=Certainty.INFERRED, at_ms=row["in_ms"],
        )  # fmt: skip


def _drive_throughs(tables: Tables, gap: Ground) -> Iterator[Claim]:
    car = quoted(gap.rows[0]["car_number"])
    if "penalty_served" in tables.frames["parts"]["part"]:
        return
    seen = tables.ask(
        f"select lap from stops where car_number = {car} and service = 'drive_through' "
        f"and confidence >= {SURE} and under = 'green' order by lap"
    )
    for row in seen.rows:
        one = tables.ask(f"select * from stops where car_number = {car} and lap = {row['lap']}")
        yield _claim(f"drive-through/{row['lap']}", Section.PENALTIES,
                     {**one.rows[0], **_cars(gap)}, one, gap, known=Certainty.INFERRED,
                     at_ms=one.rows[0]["in_ms"])  # fmt: skip


def _calls(tables: Tables, gap: Ground) -> Iterator[Claim]:
    if "calls" not in tables:
        return
    counted = tables.ask(
        "select count(*) as asked, sum(case when agrees then 1 else 0 end) as agreed from calls "
        "where refused is null"
    )
    if counted.rows[0]["asked"]:
        yield _claim("called", Section.CALLS, {**_cars(gap), **counted.rows[0]}, counted, gap,
                     known=Certainty.SIMULATED, worth=0.7)  # fmt: skip
    for row in tables.ask("select lap from calls order by at_ms").rows:
        one = tables.ask(f"select * from calls where lap = {row['lap']}")
        known = Certainty.MEASURED if one.rows[0]["refused"] else Certainty.SIMULATED
        yield _claim(f"call/{row['lap']}", Section.CALLS, {**_cars(gap), **one.rows[0]}, one, gap,
                     known=known, at_ms=one.rows[0]["at_ms"])  # fmt: skip


def _periods(tables: Tables, gap: Ground) -> Iterator[Claim]:
    total = _part(tables, "neutralised")
    if not total.rows:
        return
    counted = tables.ask("select count(*) as periods, min(confidence) as confidence from periods")
    known = _known(counted.rows[0]["confidence"])
    yield _claim("luck", Section.NEUTRALISATIONS,
                 {**_cars(gap), **total.rows[0], **counted.rows[0]}, total, counted, gap,
                 known=known, worth=0.7)  # fmt: skip
    moved = tables.ask(
        f"select number from periods where abs(ms) >= {TOLD_MS} order by abs(ms) desc "
        f"limit {MOST_PERIODS}"
    )
    for number in sorted(row["number"] for row in moved.rows):
        one = tables.ask(f"select * from periods where number = {number}")
        row = one.rows[0]
        yield _claim(f"period/{number}", Section.NEUTRALISATIONS, {**_cars(gap), **row}, one, gap,
                     known=_known(row["confidence"]), at_ms=row["start_ms"])  # fmt: skip


def _known(confidence: float | None) -> Certainty:
    return Certainty.MEASURED if (confidence or 0) >= 1 else Certainty.INFERRED


def _traffic(tables: Tables, gap: Ground) -> Iterator[Claim]:
    part = _part(tables, "traffic")
    counts = tables.ask(
        "select car_number, count(*) as laps from ledger where part = 'traffic' group by car_number"
    )
    if not part.rows:
        return
    cars, by_car = _cars(gap), {row["car_number"]: row["laps"] for row in counts.rows}
    values = {
        **cars,
        **part.rows[0],
        "own_laps": by_car.get(cars["car_number"], 0),
        "other_laps": by_car.get(cars["against"], 0),
    }
    yield _claim("traffic", Section.TRAFFIC, values, part, counts, gap, worth=0.6)


def _pace(tables: Tables, gap: Ground) -> Iterator[Claim]:
    part = _part(tables, "pace")
    drivers = tables.ask(
        "select driver, sum(ms) as ms, sum(laps) as laps from turns where own group by driver "
        "order by ms desc"
    )
    yield _claim("pace", Section.PACE,
                 {**_cars(gap), **part.rows[0], "drivers": [dict(row) for row in drivers.rows]},
                 part, drivers, gap, worth=0.8)  # fmt: skip
    moved = tables.ask(
        f"select turn from turns where own and abs(ms) >= {TOLD_MS} order by abs(ms) desc "
        f"limit {MOST_STINTS}"
    )
    for turn in sorted(row["turn"] for row in moved.rows):
        one = tables.ask(f"select * from turns where turn = {turn}")
        yield _claim(f"stint/{turn}", Section.PACE, {**_cars(gap), **one.rows[0]}, one, gap)


def _weather(tables: Tables, gap: Ground) -> Iterator[Claim]:
    found = tables.ask("select key, own_ms, other_ms, ms from parts where part = 'weather'")
    for row in found.rows:
        spell = row["key"]
        where = "key is null" if spell is None else f"key = {spell}"
        one = tables.ask(
            f"select own_ms, other_ms, ms from parts where part = 'weather' and {where}"
        )
        span = tables.ask(f"select start_ms, end_ms from wet where number = {spell or 0}")
        if abs(row["ms"]) < TOLD_MS:
            continue
        values = {**_cars(gap), **one.rows[0], "start_ms": None, "end_ms": None}
        values |= span.rows[0] if span.rows else {}
        yield _claim(f"weather/{spell or 0}", Section.WEATHER, values, one, span, gap,
                     known=Certainty.INFERRED, worth=0.6)  # fmt: skip


def _tyres(tables: Tables, gap: Ground) -> Iterator[Claim]:
    """In each wet spell, when either car changed tyres; five minutes before and ten after count."""
    if "tyres" not in tables:
        return
    for spell in tables.ask("select number, start_ms, end_ms from wet order by number").rows:
        changes = tables.ask(
            "select car_number, at_ms, lap, tyre, p from tyres where "
            f"at_ms >= {spell['start_ms'] - BEFORE_MS} and at_ms < {spell['end_ms'] + AFTER_MS} "
            "order by at_ms"
        )
        if changes.rows:
            one = tables.ask(f"select start_ms, end_ms from wet where number = {spell['number']}")
            values = {**_cars(gap), **one.rows[0], "changes": [dict(row) for row in changes.rows]}
            yield _claim(f"tyres/{spell['number']}", Section.WEATHER, values, changes, one, gap,
                         known=Certainty.INFERRED, at_ms=spell["start_ms"])  # fmt: skip


def _slow(tables: Tables, gap: Ground) -> Iterator[Claim]:
    part = _part(tables, "slow")
    if not part.rows or abs(part.rows[0]["ms"]) < TOLD_MS:
        return
    laps = tables.ask(
        "select car_number, lap, ms from ledger where part = 'slow' order by ms desc "
        f"limit {MOST_SLOW}"
    )
    yield _claim("slow", Section.TRAFFIC,
                 {**_cars(gap), **part.rows[0], "laps": [dict(row) for row in laps.rows]},
                 part, laps, gap)  # fmt: skip


def _penalties(tables: Tables, gap: Ground) -> Iterator[Claim]:
    for part in ("penalty_served", "penalty_added"):
        found = _part(tables, part)
        if found.rows:
            yield _claim(part.replace("_", "-"), Section.PENALTIES,
                         {**_cars(gap), **found.rows[0]}, found, gap, worth=0.7)  # fmt: skip
    if gap.rows[0]["laps_taken"]:
        yield _claim("laps-taken", Section.PENALTIES, dict(gap.rows[0]), gap)


def _limits(tables: Tables, gap: Ground) -> Iterator[Claim]:
    remainder = _part(tables, "remainder")
    if remainder.rows:
        yield _claim("remainder", Section.LIMITS, {**_cars(gap), **remainder.rows[0]}, remainder,
                     gap, worth=0.3)  # fmt: skip
    borrowed = tables.ask("select turn, first_lap, last_lap, laps, ms from turns where not own")
    if borrowed.rows:
        values = {"stints": [dict(row) for row in borrowed.rows], **_cars(gap)}
        yield _claim("borrowed", Section.LIMITS, values, borrowed, gap, worth=0.2)
    yield _claim("how", Section.LIMITS, dict(gap.rows[0]), gap, worth=0.1)
